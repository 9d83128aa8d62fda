"""The full-size demonstration authority, made once for this module and rolled back after it: every figure of the two briefings.

Slides are named P 1 to 35 (primary, autumn 2008) and S 1 to 17 (secondary, July 2008). Figures come through the commands that an
authority's people use; what no command prints is counted from the rows.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from core.audit import AuditEvent
from core.outbox import OutboxEmail
from people.models import Sip, User
from quality.models import Shadowing
from schools.choices import AssignmentKind, ContactKind
from schools.models import Assignment, Contact, Group, Inspection, School
from sip_portal.demo import county, seed
from support.models import Concern, Enrolment, SchoolCategory
from targets.models import Result
from tests.factories.source_briefings import PRIMARY, SECONDARY, missing
from visits.models import HeadReviewVisit, NoteRecord, Visit

pytestmark = pytest.mark.django_db

TODAY = seed.TODAY


@pytest.fixture(scope="module", autouse=True)
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        assert seed.make(county.County)
        yield
        transaction.set_rollback(True)


def told(command: str, *more: str) -> Any:
    out = io.StringIO()
    call_command(command, "--authority", "999", *more, "--format", "json", stdout=out)
    return json.loads(out.getvalue())


# ---------------------------------------------------------------- its size (domain.md §9)


def test_the_county_at_its_size() -> None:
    assert Counter(School.objects.values_list("phase", flat=True)) == {
        "primary": 380, "infant": 35, "junior": 35, "secondary": 100, "special": 17, "pru": 7, "nursery": 1,
    }  # fmt: skip
    assert School.objects.exclude(cluster=None).exclude(roll=None).exclude(easting=None).count() == 575
    assert Counter(group.memberships.count() for group in Group.objects.all()) == {2: 2}
    assert Counter(Sip.objects.values_list("kind", flat=True)) == {"serving_head": 25, "recent_head": 9, "consultant": 18, "adviser": 20}
    new = [sip for sip in Sip.objects.all() if sip.is_new_on(TODAY)]
    assert len(new) >= 11 and all(sip.mentorships.exists() for sip in new)
    offices = Contact.objects.values_list("school", "kind").distinct()
    heads = (ContactKind.HEAD, ContactKind.TEACHER_IN_CHARGE)
    assert offices.filter(kind__in=heads).count() == 575
    assert Contact.objects.filter(kind=ContactKind.CHAIR).values("school").distinct().count() >= 568


def test_every_school_is_served_by_one_sip_of_its_phase_and_classed() -> None:
    served = Assignment.objects.on(TODAY).filter(kind=AssignmentKind.SIP)
    assert served.count() == 575 and served.values("adviser").distinct().count() == 72
    loads = Counter(served.values_list("adviser", flat=True))
    assert max(loads.values()) <= 20
    assert Assignment.objects.filter(kind=AssignmentKind.SIP, starts_on=dt.date(2006, 9, 1)).exists()
    assert SchoolCategory.objects.filter(ends_on=None).count() == 575
    led = Contact.objects.filter(kind=ContactKind.HEAD, user__in=Sip.objects.filter(kind="serving_head").values("user"))
    clusters = dict(led.values_list("user", "school__cluster"))
    assert len(clusters) == 25
    allocated = served.filter(adviser__in=clusters).exclude(reason__gt="")
    assert not [row for row in allocated.select_related("school") if row.school.cluster_id == clusters[row.adviser_id]]


def test_only_the_printed_accounts_have_a_password() -> None:
    assert sum(user.has_usable_password() for user in User.objects.all()) == 10


# ---------------------------------------------------------------- results (P5 to P7, S6)


def test_the_headlines_of_the_autumn_briefing() -> None:
    page = told("headlines", "--year", "2008")
    said = {sentence["code"]: sentence["text"] for sentence in page["sentences"]}
    assert said["fsp-aspects"] == "Improved for the second year in succession in 12 out of 13 aspects of learning."
    assert said["fsp-target"].startswith("LA target met, and exceeded by 3.9 points, for children achieving at least 78 points")
    assert said["fsp-gap"].startswith("The gap between the lowest achieving 20% of children and the remainder has narrowed")
    assert said["fsp-gap"].endswith("but is still wider than the target.")
    assert said["ks1-best"].startswith("Best ever results")
    assert said["ks1-standing"] == "Now at the national standard for level 2 and above, and now above it for level 3 and above."
    assert said["ks2-best"].startswith("Best ever results at level 4 and above in English (") and " and mathematics (" in said["ks2-best"]
    for level in ("l4", "l5"):
        assert " in English and " in said[f"ks2-closing-{level}"] and said[f"ks2-closing-{level}"].endswith(" in mathematics.")
    assert said["ks2-floor-en"] == "Another 21 schools achieved the floor target in English."
    assert said["ks2-floor-ma"] == "Another 30 schools achieved the floor target in mathematics."
    assert page["schools"] > 530


def test_thirty_one_secondaries_are_below_thirty_per_cent_and_have_a_national_challenge_adviser() -> None:
    results = Result.objects.filter(measure="ks4.ac5_en_ma", pupil_group="all", academic_year=2007, is_current=True, value__lt=30)
    below = School.objects.filter(phase="secondary", pk__in=results.values("school"))
    assert below.count() == 31
    on = Assignment.objects.on(dt.date(2008, 11, 1)).filter(kind=AssignmentKind.NC_ADVISER)
    assert set(on.values_list("school", flat=True)) == set(below.values_list("pk", flat=True))
    enrolled = Enrolment.objects.filter(programme__code="national-challenge")
    assert set(enrolled.values_list("school", flat=True)) == set(below.values_list("pk", flat=True))
    assert all(20 <= quarters <= 80 for quarters in enrolled.values_list("days_quarters", flat=True))  # 5 to 20 days


# ---------------------------------------------------------------- inspection (P21 to P25)


def test_the_top_ten_key_issues_are_the_briefing_s() -> None:
    rows = told("top_key_issues", "--phase", "primary")
    assert [row["schools"] for row in rows] == [136, 126, 98, 87, 67, 64, 64, 55, 55, 51]
    assert [row["theme"] for row in rows] == [
        "marking", "writing", "mathematics", "teaching", "more-able", "science", "challenge", "monitoring", "assessment", "tracking",
    ]  # fmt: skip


def test_inspection_outcomes_of_the_cycle() -> None:
    primary = Inspection.objects.filter(kind="full", school__phase__in=("primary", "infant", "junior"))
    assert not primary.filter(starts_on__lt=dt.date(2005, 9, 1)).exists()
    grades = Counter(primary.values_list("overall", flat=True))
    assert set(grades) == {1, 2, 3, 4} and grades[2] > grades[3] > grades[1] > grades[4]
    assert set(Inspection.objects.exclude(category="").values_list("category", flat=True)) == {"special-measures", "notice-to-improve"}


def test_the_priority_list_has_every_rule_of_the_briefing() -> None:
    found = told("priority_list")
    counts = {rule["rule"]: rule["schools"] for rule in found["rules"]}
    assert found["schools_open"] == 575
    assert all(counts.values()) and set(counts) == {
        "not-inspected", "early-inspection", "satisfactory-capacity", "was-in-category", "low-or-declining", "below-floor-and",
    }  # fmt: skip


# ---------------------------------------------------------------- criteria for support (S7)


@pytest.mark.parametrize("scheme", ["current", "draft-july-2008"])
def test_both_schemes_place_most_schools(scheme: str) -> None:
    out = io.StringIO()
    call_command("evaluate_scheme", "--authority", "999", scheme, "--format", "json", stdout=out)
    counts = json.loads(out.getvalue())["counts"]
    assert all(counts[level] for level in ("intensive", "additional", "standard", "light-touch"))
    assert counts["person"] < 230


# ---------------------------------------------------------------- finance (S8 to S10)


def test_the_finance_summary_gives_the_briefing_s_totals() -> None:
    found = told("finance_summary", "--year", "2008")
    reserves = found["reserves"]
    assert (reserves["total"], reserves["change_percent"], reserves["uncommitted"]) == ("£67.6m", "7.2", "£28.1m")
    assert found["large_balance"] == {"schools": 92, "of": 575, "percent": 16}
    assert found["persistently_high"] == 60
    assert found["static_or_falling_rolls"] == {"schools": 294, "of": 575, "percent": 51}
    assert [(line["financial_year"], line["schools"], line["total"]) for line in found["deficits"]] == [
        ("2008/09", 10, "£0.6m"),
        ("2009/10", 42, "£2.9m"),
        ("2010/11", 64, "£7.8m"),
    ]
    assert found["closed_year"] == "2007/08 (to 31 March 2008)"


# ---------------------------------------------------------------- concern, rounds, quality assurance (P13, P28 to P30)


def test_a_school_in_each_class_of_concern() -> None:
    classes = Counter(Concern.objects.filter(state="open").values_list("concern_class", flat=True))
    assert set(classes) == {"low-attaining", "underperforming", "low-attaining-underperforming", "inadequate", "other-vulnerable"}
    in_category = Inspection.objects.exclude(category="").filter(category_left_on=None).values("school")
    assert set(Concern.objects.filter(concern_class="inadequate").values_list("school", flat=True)) >= set(
        in_category.values_list("school", flat=True)
    )


def test_three_years_of_notes_and_a_round_under_way() -> None:
    assert set(Visit.objects.values_list("academic_year", flat=True)) == {2006, 2007, 2008}
    assert not NoteRecord.objects.filter(is_imported=True).exclude(pdf=None).exists()
    this_year = Visit.objects.filter(visit_type="autumn", academic_year=2008)
    assert this_year.filter(state="held").count() > 150 and this_year.filter(state="booked").count() > 250
    assert not this_year.filter(state="held", on__gt=TODAY).exists()
    assert not this_year.exclude(state="cancelled").filter(round=None).exists()
    assert HeadReviewVisit.objects.count() > 60


def test_every_sip_is_shadowed_or_will_be_by_the_end_of_march_and_what_is_common() -> None:
    found = told("qa_summary", "--year", "2008")
    shadowing = found["shadowing"]
    assert (shadowing["due"], shadowing["done"] + shadowing["planned"], shadowing["without_plan"], shadowing["no_visit_due"]) == (
        72,
        72,
        [],
        [],
    )
    assert shadowing["done"] > 30
    assert Shadowing.objects.exclude(visit__on__gt=dt.date(2009, 3, 31)).count() == Shadowing.objects.count()
    assert [common["code"] for common in found["strengths"][:5]] == [
        "relationships", "prepared", "knowledge", "actions-followed-up", "purposeful",
    ]  # fmt: skip
    assert [common["code"] for common in found["areas"][:3]] == ["interventions-unexplored", "balance", "note-off-guidance"]


def test_nothing_happens_after_today() -> None:
    assert AuditEvent.objects.latest("occurred_at").occurred_at.date() <= TODAY
    assert not OutboxEmail.objects.exclude(state__in=("sent", "bounced")).exists()


# ---------------------------------------------------------------- the briefings themselves


def test_both_source_briefings_are_there_line_by_line() -> None:
    """Each figure with its source rows, each statement in the pack or the library."""
    assert missing(told("build_briefing", "--phase", "primary", "--term", "autumn-2008"), PRIMARY, counted=False) == []
    assert missing(told("build_briefing", "--phase", "secondary", "--term", "summer-2008"), SECONDARY, counted=False) == []
