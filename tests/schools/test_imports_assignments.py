"""Who serves which school, from the authority's own list, by the portal's own rules."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from core.audit import AuditEvent
from core.tabular.services import run
from schools.choices import AssignmentKind, DaysSource
from schools.models import Assignment, DaysEntry
from tests.factories.people import NOW, TODAY, YEAR
from tests.factories.schools import World, make_days, make_interest, make_school
from tests.factories.tables import csv_bytes, written

pytestmark = [pytest.mark.django_db, pytest.mark.both]

COLUMNS = ("URN", "DfE number", "School", "Adviser's email", "Kind", "From", "Until", "Days", "Days from", "Reason")


@pytest.fixture
def load(tmp_path: Path, world: World):
    def import_rows(*rows: dict[str, Any], actor: Any = None, should_commit: bool = True) -> dict[str, Any]:
        path = written(tmp_path, "caseloads.csv", csv_bytes(COLUMNS, rows, "utf-8"))
        with path.open("rb") as file:
            batch = run(
                actor=actor,
                kind="assignments",
                authority_code="999",
                file=file,
                file_name="caseloads.csv",
                at=NOW,
                on=TODAY,
                should_commit=should_commit,
            )
        return batch.summary

    return import_rows


def row(school: Any, adviser: Any, starts: str = "01/11/2008", **values: Any) -> dict[str, Any]:
    return {"URN": school.urn, "School": "as they call it", "Adviser's email": adviser.email.upper(), "From": starts, **values}


def test_a_school_without_a_sip_gets_one_with_days_of_their_source(load, world):
    report = load(row(world.fir, world.consultant, Days="4.5", **{"Days from": "bought by the school or trust"}), actor=world.manager)
    assert (report["created"], report["created_by"]) == (1, {"SIP": 1})
    made = world.fir.assignments.get()
    assert (made.adviser, made.kind, made.starts_on, made.ends_on, made.created_at) == (
        world.consultant,
        AssignmentKind.SIP,
        dt.date(2008, 11, 1),
        None,
        NOW,
    )
    days = DaysEntry.objects.get(school=world.fir)
    assert (days.quarters, days.source, days.academic_year, days.adviser) == (18, DaysSource.BOUGHT, YEAR, world.consultant)
    event = AuditEvent.objects.get(event="assignments.imported")
    assert (event.actor_name, event.changes["created"]) == ("Marian Holt", 1)


def test_an_adviser_who_serves_the_school_already_is_left_as_they_are(load, world):
    before = list(Assignment.objects.values())
    report = load(row(world.ash, world.sip, "01/09/2008"), row(world.elm, world.consultant, "01/09/2006"), actor=world.manager)
    assert (report["unchanged"], report["created"]) == (2, 0)
    assert list(Assignment.objects.values()) == before


def test_a_reason_hands_a_school_over_and_takes_the_days_that_are_left_along(load, world):
    make_days(world.sip, world.ash, 20)
    make_days(world.sip, world.ash, 8, kind="in_school", reference="v")
    report = load(row(world.ash, world.consultant, "03/11/2008", Reason="Susan Marlow is going on leave."), actor=world.manager)
    assert (report["created"], report["closed"]) == (1, 1)
    old = world.assignments["ash"]
    old.refresh_from_db()
    assert (old.ends_on, old.end_reason) == (dt.date(2008, 11, 2), "Susan Marlow is going on leave.")
    assert old.finish_by > old.ends_on, "the first keeps the days of grace"
    assert world.ash.assignments.get(ends_on=None).adviser == world.consultant
    assert sum(entry.quarters for entry in DaysEntry.objects.filter(adviser=world.consultant, school=world.ash)) == 12


def test_without_a_reason_a_school_that_is_served_is_an_error(load, world):
    report = load(row(world.ash, world.consultant), actor=world.manager)
    assert report["errors"][0]["message"].endswith("Give a reason in the row to hand the school over.")
    assert "Ashdown Primary School has Susan Marlow as SIP" in report["errors"][0]["message"]


def test_the_rules_of_the_portal_refuse(load, world):
    make_interest(world.consultant, world.fir)
    Assignment.objects.filter(adviser=world.former_sip).delete()
    cases = (
        (row(world.fir, world.outsider), "Una Nobody is not a SIP of this authority on 1 November 2008."),
        (row(world.fir, world.consultant), "Conrad Vale has declared an interest in Firbank School"),
        (row(world.ash, world.sip_head, Reason="x"), "a serving headteacher is never assigned to their own school"),
        (row(world.fir, world.new_sip, "01/01/2008"), "Nora Fresh is not a SIP of this authority on 1 January 2008."),
        (
            {"URN": world.fir.urn, "Adviser's email": "nobody@portal.example", "From": "01/11/2008"},
            "Nobody here has an account with this address. Make the account, and the SIP's profile, first.",
        ),
    )
    for given, sentence in cases:
        report = load(given, actor=world.manager)
        assert sentence in report["errors"][0]["message"]
        assert (report["errors"][0]["row"], report["committed"]) == (2, False)
    assert not world.fir.assignments.exists()


def test_a_warning_needs_the_row_s_reason(load, world):
    """Ruth Ashby heads Ashdown, in the same cluster as this school."""
    hazel = make_school(world.authority, "Hazel Bank School", cluster=world.north)
    report = load(row(hazel, world.sip_head), actor=world.manager)
    assert report["errors"][0]["message"].endswith("Give a reason in the row to go on.")
    assert load(row(hazel, world.sip_head, Reason="No other SIP for the phase."), actor=world.manager)["created"] == 1
    assert hazel.assignments.get().reason == "No other SIP for the phase."


def test_one_school_twice_in_the_file_is_an_error(load, world):
    report = load(row(world.fir, world.consultant), row(world.fir, world.sip), actor=world.manager)
    assert report["errors"][0]["message"] == "Firbank School is given twice, to Conrad Vale and Susan Marlow."


def test_a_national_challenge_adviser_stands_beside_the_sip(load, world):
    Assignment.objects.filter(pk=world.assignments["nc"].pk).update(
        ends_on=dt.date(2008, 9, 30), finish_by=dt.date(2008, 10, 1), read_until=dt.date(2008, 12, 1)
    )
    report = load(row(world.elm, world.nc_adviser, Kind="National Challenge adviser"), actor=world.manager)
    assert report["created_by"] == {"National Challenge adviser": 1}


def test_nobody_allocates_to_themselves_nor_at_a_school_they_are_walled_from(load, world):
    report = load(row(world.fir, world.manager_sip), actor=world.manager_sip)
    assert "Nobody allocates to themselves" in report["errors"][0]["message"]
    make_interest(world.manager, world.fir)
    report = load(row(world.fir, world.consultant), actor=world.fresh("manager"))
    assert report["errors"][0]["message"] == "You may not decide who serves Firbank School."


def test_wrong_cells_and_unknown_schools(load, world):
    report = load(
        row(world.fir, world.consultant, Days="4.1"),
        row(world.fir, world.consultant, Kind="cover"),
        row(world.fir, world.consultant, Until="01/01/2008"),
        actor=world.manager,
    )
    assert [(error["row"], error["column"]) for error in report["errors"]] == [(2, "Days"), (3, "Kind"), (4, "Until")]
    report = load({"URN": 5, "Adviser's email": world.sip.email, "From": "01/11/2008"}, row(world.gorse, world.sip), actor=world.manager)
    assert (report["held"], report["created"]) == (2, 0)


def test_an_end_is_entered_in_the_portal(load, world):
    report = load(row(world.ash, world.sip, "01/09/2007", Until="31/12/2008"), actor=world.manager)
    assert "End that assignment in the portal" in report["errors"][0]["message"]


def test_the_same_file_again_changes_nothing(load, world):
    rows = [row(world.fir, world.consultant, Days="5")]
    load(*rows, actor=world.manager)
    report = load(*rows, actor=world.manager)
    assert (report["created"], report["unchanged"]) == (0, 1)
    assert DaysEntry.objects.filter(school=world.fir).count() == 1
