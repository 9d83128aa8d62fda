"""The programme report and the evidence pack: whole figures, the latest judgement first, small numbers hidden."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.audit import AuditEvent
from people.models import Sip
from people.packs import require_pack
from quality import services
from quality.models import OutsideJudgement, Shadowing, ShadowingFinding
from quality.report import TOO_FEW, make_report, periods
from schools.models import FinanceChallenge, Inspection, School
from support.models import Concern, ConcernMilestone, Intervention, SchoolCategory
from targets.choices import EstimateKind
from targets.models import Target, TargetStep
from tests.factories.people import NOW, TODAY, make_sip, make_user
from tests.factories.schools import World, make_assignment, make_school
from tests.factories.stage import stage
from tests.factories.targets import make_estimate, make_result
from visits.models import Visit
from visits.services import RoundPlan, open_round

MAIN = "ks2.l4_en_ma"

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with stage(django_db_blocker) as built:
        for _ in range(12):
            adviser = make_user(authority=built.authority)
            make_sip(adviser, built.authority)
            make_assignment(adviser, make_school(built.authority, cluster=built.north))
        for name, phases in (("Autumn 2008", ["primary"]), ("Units, autumn 2008", ["pru"])):
            plan = RoundPlan(name, "autumn", phases, dt.date(2008, 9, 8), dt.date(2008, 12, 12))
            open_round(actor=built.manager, authority=built.authority, plan=plan, at=NOW)
        for on, words in ((dt.date(2007, 7, 1), "Good."), (dt.date(2008, 7, 8), "Outstanding in every part.")):
            services.record_judgement(
                actor=built.manager, authority=built.authority, body="regional", title="Note of the visit", on=on, words=words, at=NOW
            )
        yield built


def test_it_opens_with_the_latest_judgement_and_shows_no_round_of_one_school(world: World) -> None:
    pack = require_pack(world.authority, TODAY)
    year = periods(pack, TODAY)[0]
    report = make_report(world.authority, pack, "programme", year, TODAY)
    assert report.sections[0].code == "judgement" and "“Outstanding in every part.”" in report.sections[0].words
    found = {section.code: section for section in report.sections}
    rows = {row[0]: row[1:] for row in found["coverage"].tables[0].rows}
    assert rows["Units, autumn 2008"] == (TOO_FEW,) * 6
    assert int(rows["Autumn 2008"][0]) >= 12
    kinds = dict(found["people"].tables[0].rows)
    small = [number for name, number in kinds.items() if name != "All" and number != TOO_FEW]
    assert all(int(number) == 0 or int(number) >= pack.whole("members_smallest_count") for number in small)
    assert "moderation" not in found  # for which there is no figure: the heading is left out whole


def tables_of(world: World, which: str, code: str) -> dict[str, dict[str, tuple[str, ...]]]:
    report = make_report(world.authority, (pack := require_pack(world.authority, TODAY)), which, periods(pack, TODAY)[0], TODAY)
    section = next((section for section in report.sections if section.code == code), None)
    return {table.caption: {row[0]: row[1:] for row in table.rows} for table in section.tables} if section else {}


def furnish(schools: list[School], world: World) -> None:
    """Of every seven schools five aim below their estimate; every second began the year at another level than it has."""
    for place, school in enumerate(schools):
        target = Target.objects.create(
            school=school, measure=MAIN, summer=2010, value=70 if place % 7 < 5 else 80, cohort=30, state="agreed", changed_at=NOW
        )
        for action, figure in (("propose", 65), ("challenge", 70)):
            TargetStep.objects.create(target=target, action=action, figure=figure, at=NOW, by=world.sip, by_name="A SIP")
        make_estimate(school, MAIN, 75, year=2009, kind=EstimateKind.D, cohort=30)
        spans = (
            [(3, None, dt.date(2008, 10, 1)), (2, dt.date(2008, 9, 30), dt.date(2008, 4, 1))]
            if place % 2
            else [(2, None, dt.date(2008, 4, 1))]
        )
        for level, ends_on, starts_on in spans:
            SchoolCategory.objects.create(
                school=school, scheme="s", category=f"c{level}", label=f"Level {level}", level=level, decided_on=starts_on,
                decided_by="Panel", starts_on=starts_on, ends_on=ends_on,
            )  # fmt: skip
        Intervention.objects.create(
            authority=world.authority, school=school, name="Writing", origin="national", area_of_need="english-writing" if place % 7 < 5 else "",
            starts_on=dt.date(2008, 9, 15), quarters=2, cost_pence=10_000, impact_grade=3, created_at=NOW,
        )  # fmt: skip
        case = Concern.objects.create(
            school=school,
            concern_class="c",
            label="Low attaining" if place % 7 < 5 else "Other",
            starts_on=dt.date(2008, 9, 10 + place % 7),
        )
        ConcernMilestone.objects.create(
            concern=case, code="plan", group="core", label="Plan", in_place_when="It is.", due_on=TODAY, state="in_place", evidence="Seen.",
            in_place_on=TODAY,
        )  # fmt: skip
        FinanceChallenge.objects.create(
            authority=world.authority, school=school, flag="excess", label="Excess", why="Why.", opened_on=TODAY, opened_by=world.manager
        )
        Inspection.objects.create(
            authority=world.authority, school=school, framework="2005", starts_on=dt.date(2008, 9, 20), overall=2 if place % 7 < 5 else 3
        )


def test_what_schools_gained_is_counted_and_small_numbers_are_hidden(world: World) -> None:
    """Of seven schools five and two: the two are too few, and so the five are not shown where the whole is."""
    schools = [make_school(world.authority, f"Gain {place}", cluster=world.north) for place in range(7)]
    furnish(schools, world)
    targets = tables_of(world, "programme", "targets")
    together = next(rows for caption, rows in targets.items() if "together" in caption)
    assert list(together.values()) == [("7", "73%", TOO_FEW, "75%")]  # 5 × 21 and 2 × 24 pupils of 210
    assert set(targets["Targets against estimates"].values()) == {(TOO_FEW,)}, "two of seven could be told"
    challenge = tables_of(world, "evidence", "challenge")
    assert list(challenge["Change through challenge of targets"].values()) == [("7 of 7 (100%)",)]
    assert challenge["Schools asked to account for a balance or a plan"] == {"Opened": ("7",), "All": ("7",)}
    moved = next(rows for caption, rows in tables_of(world, "programme", "impact").items() if caption.startswith("Levels"))
    assert moved == {"To less support": ("0",), "The same": (TOO_FEW,), "To more support": (TOO_FEW,), "All": ("7",)}
    concern = tables_of(world, "programme", "concern")
    assert concern["Register of concern"] == {"Opened": ("7",), "Left the register": ("0",), "On the register, 14 October 2008": ("7",)}
    assert "On the register by class" not in concern and concern["Milestones of these cases"] == {
        "Core elements of the plan in place": ("7 of 7 (100%)",)
    }
    support = tables_of(world, "programme", "brokering")["Support begun"]
    assert support == {"All": ("7", "7", "3½", "£700", "3.0")}, "five for writing would tell of the two for another need"
    grades = tables_of(world, "programme", "impact")["Full inspections"]
    assert grades["All"] == ("7",) and {number for name, (number,) in grades.items() if name != "All"} == {TOO_FEW}
    Concern.objects.filter(school=schools[0]).update(state="closed", ends_on=TODAY - dt.timedelta(days=1))
    register = tables_of(world, "programme", "concern")["Register of concern"]
    assert register == {"Opened": (TOO_FEW,), "Left the register": (TOO_FEW,), "On the register, 14 October 2008": ("6",)}


def test_results_stand_by_the_level_before_the_tests(world: World) -> None:
    for level, number in ((1, 6), (2, 7), (3, 2)):
        for place in range(number):
            school = make_school(world.authority, f"Level {level}, {place}", cluster=world.north)
            SchoolCategory.objects.create(
                school=school, scheme="s", category=f"c{level}", label=f"Level {level}", level=level, decided_on=TODAY, decided_by="Panel",
                starts_on=dt.date(2008, 1, 7),
            )  # fmt: skip
            for year, reached in ((2006, 15), (2007, 15 + level)):
                make_result(school, MAIN, year=year, numerator=reached, cohort=30)
    rows = next(rows for caption, rows in tables_of(world, "programme", "impact").items() if "by level" in caption)
    assert rows == {"Level 2": ("7", "50%", "57%", "+7")}, "two at level 3 are too few, and six at level 1 would give them away"


def test_as_many_queries_for_many_schools_as_for_a_few(world: World) -> None:
    pack = require_pack(world.authority, TODAY)
    counts = []
    for batch in range(2):
        furnish([make_school(world.authority, f"Batch {batch}, {place}", cluster=world.north) for place in range(7 * (batch + 1))], world)
        for which in ("programme", "evidence"):
            with CaptureQueriesContext(connection) as found:
                make_report(world.authority, pack, which, periods(pack, TODAY)[0], TODAY)
            counts.append(len(found))
    assert counts[:2] == counts[2:] and max(counts) <= 64


def test_what_a_person_writes_stands_in_the_report_and_an_empty_heading_is_left_out(world: World) -> None:
    client = Client()
    client.force_login(world.manager)
    page = reverse("quality:report") + "?period=2008"
    assert "Summary: what schools gained" in client.get(page).content.decode(), "a link to write it"
    write = reverse("quality:report-write", args=["programme", "summary"]) + "?period=2008"
    assert client.post(write, {"text": "Gained much.\n\nShadow every SIP.", "base": "0"}).status_code == 302
    assert client.post(write, {"text": "Gained more.\n\nShadow every SIP.", "base": "1"}).status_code == 302
    event = AuditEvent.objects.filter(event="report.written").latest("pk")
    assert "Gained" not in str(event.changes)
    assert "Gained more." in client.get(write).content.decode()
    for heading in ("coverage", "self-judgement", "nothing"):
        assert client.get(reverse("quality:report-write", args=["programme", heading])).status_code == 404, heading
    pack = require_pack(world.authority, TODAY)
    year, term = periods(pack, TODAY)[:2]
    section = next(s for s in make_report(world.authority, pack, "programme", year, TODAY).sections if s.code == "summary")
    assert section.words == ["Gained more.", "Shadow every SIP."]
    assert all(s.code != "summary" for s in make_report(world.authority, pack, "programme", term, TODAY).sections), "of another period"
    # another manager has saved since the page was opened: nothing is lost, both stand on the page, and a person chooses
    late = client.post(write, {"text": "Gained little.", "base": "1"})
    assert late.status_code == 409 and all(words in late.content.decode() for words in ("Gained more.", "Gained little.", "Keep both"))
    assert client.post(write, {"text": "Gained little.", "base": "2", "resolve": "theirs"}).status_code == 302
    assert "Gained more." in client.get(write).content.decode() and "Gained little." not in client.get(write).content.decode()
    assert client.post(write, {"text": "Gained little.", "base": "2", "resolve": "both"}).status_code == 302
    assert "Gained more." in (both := client.get(write).content.decode()) and "Gained little." in both
    assert client.post(write, {"text": "As if nothing stood.", "base": "0"}).status_code == 409
    client.post(write, {"text": " ", "base": "3"})
    assert all(s.code != "summary" for s in make_report(world.authority, pack, "programme", year, TODAY).sections)
    client.force_login(world.regional_coordinator)
    assert "Yours to write" not in client.get(page).content.decode()
    with pytest.raises(PermissionDenied):
        services.write_report_text(
            actor=world.regional_coordinator, authority=world.authority, period="2008", heading="next", text="x", base_revision=0, at=NOW
        )


def test_actions_of_the_last_visit_stand_once_in_the_evidence(world: World) -> None:
    row = OutsideJudgement.objects.filter(body="regional").latest("on")
    services.answer_judgement(
        actor=world.manager, judgement=row, answer="We agree.", action="Shadow every SIP", owner="The manager", due_on=TODAY, at=NOW
    )
    last = tables_of(world, "evidence", "last-visit")
    assert list(last.values()) == [{"Shadow every SIP": ("The manager", "14 October 2008")}]
    assert not tables_of(world, "evidence", "judgement") and tables_of(world, "programme", "judgement")


def test_page_and_workbook_name_no_school_and_no_person_and_the_coordinator_sees_them(world: World) -> None:
    client = Client()
    client.force_login(world.regional_coordinator)
    for which in ("report", "evidence"):
        page = client.get(reverse(f"quality:{which}")).content.decode().partition("<main")[2]
        assert "Outstanding in every part." in page
        for name in (world.oak.name, world.elm.name, world.sip.name, world.head.name):
            assert name not in page, (which, name)
    file = client.get(reverse("quality:report-file", args=["programme", "xlsx"]))
    assert file.status_code == 200 and file.content[:2] == b"PK"
    assert AuditEvent.objects.filter(event="report.exported").count() == 1
    services.note_report_exported(actor=world.manager, authority=world.authority, which="evidence", period="2008/09", kind="pdf", at=NOW)
    assert client.get(reverse("quality:report-file", args=["other", "pdf"])).status_code == 404
    assert client.get(reverse("quality:report") + "?period=1999").status_code == 404


def test_shadowing_and_moderation_stand_in_both_reports_and_show_no_small_number(world: World) -> None:
    pack = require_pack(world.authority, TODAY)
    sips = list(Sip.objects.filter(authority=world.authority).order_by("pk"))[:9]
    for place, sip in enumerate(sips):
        visit = Visit.objects.create(
            authority=world.authority, lead=sip.user, visit_type="autumn", visit_type_label="Autumn", state="held", on=TODAY,
            academic_year=2008, created_at=NOW, held_logged_at=NOW,
        )  # fmt: skip
        if place > 6:
            continue
        row = Shadowing.objects.create(
            authority=world.authority, sip=sip, observer=world.manager, visit=visit, academic_year=2008, by_on=TODAY, state="done",
            planned_at=NOW, planned_by=world.manager, told_at=NOW, done_on=TODAY, written_at=NOW,
        )  # fmt: skip
        for kind, code, least in (("strength", "Prepared", 0), ("development", "Balance", 2), ("development", "Rare", 5)):
            if place >= least:
                ShadowingFinding.objects.create(shadowing=row, kind=kind, code=code.lower(), label=code, evidence="Seen.")
    for which, code in (("programme", "shadowing"), ("evidence", "qa")):
        report = make_report(world.authority, pack, which, periods(pack, TODAY)[0], TODAY)
        section = next(section for section in report.sections if section.code == code)
        tables = {table.caption: dict(table.rows) for table in section.tables}
        assert tables["Common strengths"] == {"Prepared": "7 of 7 (100%)"}
        assert tables["Common areas for development"] == {"Balance": "5 of 7 (71%)"}, "two of seven are too few to show"
        assert section.words == [f"SIPs shadowed by 14 October 2008: {TOO_FEW}."], "two of nine without a shadowing could be told"
