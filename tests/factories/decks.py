"""What stands behind the two source briefings besides ``tests.factories.briefing``: results (P5 to P7), judgements (P2, S3), forms of
shadowing (P28 to P30), cases of concern (P13)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from people.models import Authority
from quality.models import OutsideJudgement, Shadowing, ShadowingFinding
from quality.pack import observation_of
from schools.choices import Phase
from schools.models import School
from support.models import Concern, Enrolment, Programme
from support.pack import support_of
from support.programme_pack import programmes_of
from targets.choices import Level
from targets.models import Result
from visits.models import Visit

from .people import NOW, england_2008, make_sip, make_user
from .targets import make_comparator, make_source

SCHOOLS = 100
ASPECTS = ("da6", "sd6", "ed6", "lct6", "lsl6", "re6", "wr6", "nlc6", "ca6", "ssm6", "kuw6", "pd6", "cd6")
FORMS = 6


def make_results(authority: Authority, schools: Sequence[School]) -> None:
    """A hundred primary schools whose sums are the county's: 15,900 children, 8,093 of them at 78 points with 6 in PSE and CLL."""
    source = make_source(authority)
    rows: list[Result] = []

    def add(school: School, measure: str, year: int, reached: int, cohort: int) -> None:
        value = round(Decimal(100 * reached) / cohort, 4)
        rows.append(
            Result(
                school=school,
                measure=measure,
                academic_year=year,
                value=value,
                numerator=reached,
                cohort=cohort,
                release="final",
                source=source,
            )
        )

    for number, school in enumerate(schools):
        for aspect in ASPECTS:
            for step, year in enumerate((2005, 2006, 2007)):
                rise = step if aspect != "cd6" else (0, 2, 1)[step]
                add(school, f"fsp.{aspect}", year, 110 + 3 * rise, 159)
        add(school, "fsp.gld", 2007, 80 + (number < 93), 159)
        add(school, "fsp.gld", 2006, 76, 159)
        for measure, before, now in (
            ("l2_re", 126, 126),
            ("l2_wr", 118, 120),
            ("l2_ma", 134, 135),
            ("l3_re", 36, 39),
            ("l3_wr", 18, 21),
            ("l3_ma", 30, 33),
        ):
            add(school, f"ks1.{measure}", 2006, before, 150)
            add(school, f"ks1.{measure}", 2007, now, 150)
        for measure, risen, fallen in (("en", 34, 13), ("ma", 45, 15)):
            before, now = (60, 70) if number < risen else (70, 60) if number < risen + fallen else (80, 81)
            add(school, f"ks2.l4_{measure}", 2006, before, 100)
            add(school, f"ks2.l4_{measure}", 2007, now, 100)
        add(school, "ks2.l4_en_ma", 2006, 50 if number < 61 else 60, 100)
        add(school, "ks2.l4_en_ma", 2007, 50 if number < 47 else 60, 100)
    Result.objects.bulk_create(rows)
    make_comparator(authority, "fsp.gld", "47.0", level=Level.TARGET, source=source)


def make_earlier(authority: Authority, schools: Sequence[School]) -> None:
    """What P5, P6 and P7 say besides: the gap narrows, the best results ever, the higher level 5 closes on England."""
    source, rows = make_source(authority, title="Earlier years"), []
    for school in schools:
        for year, low in ((2003, 0), (2004, 1), (2005, 2)):
            for measure, cohort in (("ks1.l2_re", 150), ("ks1.l2_wr", 150), ("ks1.l2_ma", 150), ("ks2.l4_en", 100), ("ks2.l4_ma", 100)):
                reached = cohort // 2 + low
                rows.append(
                    Result(
                        school=school, measure=measure, academic_year=year, value=Decimal(100 * reached) / cohort, numerator=reached,
                        cohort=cohort, release="final", source=source,
                    )
                )  # fmt: skip
        for measure in ("ks2.l5_en", "ks2.l5_ma"):
            for year, reached in ((2006, 20), (2007, 27)):
                rows.append(
                    Result(
                        school=school, measure=measure, academic_year=year, value=Decimal(reached), numerator=reached, cohort=100,
                        release="final", source=source,
                    )
                )  # fmt: skip
    Result.objects.bulk_create(rows)
    for year, gap in ((2006, "39.4"), (2007, "37.8")):
        make_comparator(authority, "ks2.l5_en", "34" if year == 2006 else "30", level=Level.NATIONAL, year=year, source=source)
        make_comparator(authority, "ks2.l5_ma", "32" if year == 2006 else "31", level=Level.NATIONAL, year=year, source=source)
        make_comparator(authority, "fsp.gap20", gap, level=Level.AUTHORITY, year=year, source=source)


def make_judgements(authority: Authority) -> None:
    """In words of our own: the coordinator's note of July 2008 (P2), the joint area review of May 2008 (S3)."""
    for body, title, on, words, grade in (
        (
            "joint_area",
            "Joint area review, May 2008",
            dt.date(2008, 5, 30),
            (
                "Schools and early years settings are watched, pressed and helped very well: by comparison with one another, plain advice, "
                "training, sound use of data, and SIPs who ask after pupils with learning difficulties, down to the single pupil."
            ),
            "Very good",
        ),
        (
            "regional",
            "Note of the regional coordinator's visit, July 2008",
            dt.date(2008, 7, 16),
            (
                "The programme is still good, and some of it outstanding. It is run outstandingly: quality assurance is in place throughout, "
                "and headteachers speak very well of it."
            ),
            "Outstanding",
        ),
    ):
        OutsideJudgement.objects.create(authority=authority, body=body, title=title, on=on, words=words, grade=grade, recorded_at=NOW)


def make_shadowings(authority: Authority) -> None:
    """Six forms of this autumn that name the five strengths of P29 and the three areas of P30, the commonest first."""
    part, manager = observation_of(england_2008()), make_user("Olga Server", authority=authority)
    for number in range(FORMS):
        sip = make_sip(make_user(authority=authority), authority)
        visit = Visit.objects.create(
            authority=authority, visit_type="autumn", academic_year=2008, on=dt.date(2008, 10, 1), lead=sip.user, state="held",
            held_logged_at=NOW, created_at=NOW,
        )  # fmt: skip
        row = Shadowing.objects.create(
            authority=authority, sip=sip, observer=manager, visit=visit, academic_year=2008, by_on=dt.date(2009, 4, 3), state="done",
            planned_at=NOW, planned_by=manager, told_at=NOW, told_name="A Head", done_on=dt.date(2008, 10, 1), written_at=NOW,
        )  # fmt: skip
        for kind, coded in (("strength", part.strengths[:5]), ("development", part.developments[:3])):
            for place, each in enumerate(coded):
                if number < FORMS - place:
                    ShadowingFinding.objects.create(
                        shadowing=row, kind=kind, code=each.code, label=each.label, position=place, evidence="Seen."
                    )  # fmt: skip


def make_concerns(schools: Sequence[School]) -> None:
    """One case of each class (P13)."""
    for school, each in zip(schools, support_of(england_2008()).concern_classes, strict=False):
        Concern.objects.create(school=school, concern_class=each.code, label=each.label, starts_on=dt.date(2008, 9, 8))


def make_challenge(authority: Authority, schools: Sequence[School]) -> None:
    """31 secondary schools in the National Challenge, with 5 to 20 days by risk (S6)."""
    policy = programmes_of(england_2008()).programme("national-challenge")
    assert policy is not None
    programme = Programme.objects.create(
        authority=authority,
        code=policy.code,
        label=policy.label,
        adviser_role=policy.adviser_role,
        allocated_on=policy.allocated_on,
        least_quarters=policy.least,
        most_quarters=policy.most,
        opened_on=dt.date(2008, 7, 1),
    )
    secondary = [school for school in schools if school.phase == Phase.SECONDARY][:31]
    for place, school in enumerate(secondary):
        band = policy.bands[min(place // 10, 2)]
        Enrolment.objects.create(
            programme=programme,
            school=school,
            risk=band.code,
            risk_label=band.label,
            risk_rank=policy.rank(band.code),
            risk_on=dt.date(2008, 10, 1),
            risk_by="The panel",
            days_quarters=band.days,
            most_quarters=policy.most,
            starts_on=dt.date(2008, 11, 1),
        )
