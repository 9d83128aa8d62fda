"""Who may serve which school: the rules of domain.md §3, each with the sentence that names it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test.utils import CaptureQueriesContext

from core.access import Conflict, Refused
from core.audit import AuditEvent
from schools.choices import AssignmentKind, ContactKind, DaysSource
from schools.models import Assignment, DaysEntry
from schools.selectors import Proposal, check_allocations, days_left, days_of_adviser_at, schools_without_sip
from schools.services import Overlap, ReasonNeeded, RulesBroken, assign, cover, end_assignments, hand_over
from tests.factories.people import NOW, TODAY, make_sip, make_user
from tests.factories.schools import World, make_assignment, make_contact, make_days, make_interest, make_school

pytestmark = pytest.mark.django_db


def rules(
    world: World, school: str, adviser: str, kind: str = "sip", starts_on: dt.date = TODAY, ends_on: dt.date | None = None
) -> set[str]:
    proposal = Proposal(world.schools[school], world.people[adviser], kind, starts_on, ends_on)
    return {finding.rule for finding in check_allocations(world.authority, [proposal], on=TODAY)}


def give(world: World, school: str = "fir", adviser: str = "sip", **values: Any) -> list[Assignment]:
    return assign(
        actor=values.pop("actor", world.manager),
        schools=[world.schools[school]],
        adviser=world.people[adviser],
        starts_on=values.pop("starts_on", TODAY),
        at=NOW,
        **values,
    )


def test_a_school_is_assigned(world: World) -> None:
    (row,) = give(world, quarters=20)
    assert (row.adviser, row.school, row.kind, row.ends_on) == (world.sip, world.fir, "sip", None)
    assert world.fresh("sip").hats.is_adviser_of(world.fir.pk)
    assert days_left(world.fir, 2008).total.left == 20
    event = AuditEvent.objects.get(event="assignment.made")
    assert (event.school_urn, event.actor_name, event.changes["adviser"]) == (world.fir.urn, "Marian Holt", "Susan Marlow")


def test_many_schools_are_assigned_at_once_or_none(world: World) -> None:
    heather, broom = (make_school(world.authority, name, cluster=world.south) for name in ("Heather School", "Broom School"))
    assign(actor=world.manager, schools=[heather, broom], adviser=world.sip, starts_on=TODAY, at=NOW)
    gale = make_school(world.authority, "Gale School")
    with pytest.raises(Overlap, match="Broom School has Susan Marlow as SIP"):
        assign(actor=world.manager, schools=[gale, broom], adviser=world.consultant, starts_on=TODAY, at=NOW)
    assert not Assignment.objects.filter(school=gale).exists()


@pytest.mark.parametrize("name", ["sip", "officer", "head", "administrator", "other_manager", "head_of_improvement"])
def test_only_the_manager_of_the_authority_assigns(world: World, name: str) -> None:
    with pytest.raises(PermissionDenied):
        give(world, actor=world.people[name], adviser="cover_adviser")


def test_nobody_allocates_to_themselves(world: World) -> None:
    with pytest.raises(Refused, match="Nobody allocates to themselves"):
        give(world, actor=world.manager_sip, adviser="manager_sip")
    with pytest.raises(PermissionDenied):
        end_assignments(actor=world.manager_sip, assignments=[world.assignments["yew"]], ends_on=TODAY, reason="Enough", at=NOW)


def test_accreditation_comes_first(world: World) -> None:
    person = make_user("Lena Late", authority=world.authority)
    sip = make_sip(person, world.authority, accredited_on=TODAY + dt.timedelta(days=1))
    world.people["late"] = person
    with pytest.raises(RulesBroken, match="accredited from 15 October 2008: no assignment may start before accreditation"):
        give(world, adviser="late")
    assert rules(world, "fir", "late", starts_on=TODAY + dt.timedelta(days=1)) == set()
    sip.accredited_on = None
    sip.save()
    assert rules(world, "fir", "late") == {"accreditation"}


def test_a_sip_serves_their_phases_in_their_authority_while_they_are_one(world: World) -> None:
    person = world.people["primary"] = make_user("Petra Primary", authority=world.authority)
    make_sip(person, world.authority, phases=["primary"], ends_on=dt.date(2009, 8, 31))
    assert rules(world, "fir", "primary", ends_on=dt.date(2009, 8, 31)) == {"phase"}
    heath = world.schools["heath"] = make_school(world.authority, "Heath School")
    assert rules(world, "heath", "primary", ends_on=dt.date(2009, 8, 31)) == set()
    assert rules(world, "heath", "primary", ends_on=dt.date(2009, 9, 1)) == {"profile"}
    assert rules(world, "heath", "primary") == {"profile"}
    assert rules(world, "heath", "other_sip") == {"profile"}
    assert rules(world, "heath", "officer") == {"profile"}
    assert heath.authority_id == world.authority.pk


def test_a_serving_head_never_has_their_own_school(world: World) -> None:
    end_assignments(actor=world.manager, assignments=[world.assignments["ash"]], ends_on=TODAY, reason="Moves", at=NOW)
    with pytest.raises(RulesBroken, match="a serving headteacher is never assigned to their own school"):
        give(world, school="ash", adviser="sip_head", starts_on=TODAY + dt.timedelta(days=1))


def test_the_same_cluster_asks_for_a_reason_and_keeps_it(world: World) -> None:
    end_assignments(actor=world.manager, assignments=[world.assignments["oak"]], ends_on=TODAY, reason="Moves", at=NOW)
    tomorrow = TODAY + dt.timedelta(days=1)
    with pytest.raises(ReasonNeeded, match="in the same cluster") as caught:
        give(world, school="oak", adviser="sip_head", starts_on=tomorrow)
    assert [finding.rule for finding in caught.value.findings] == ["same_cluster"]
    (row,) = give(world, school="oak", adviser="sip_head", starts_on=tomorrow, reason=" Nobody else is left. ")
    assert row.reason == "Nobody else is left."
    assert rules(world, "fir", "sip_head") == set()  # the south is another cluster


def test_a_person_with_an_interest_is_refused(world: World) -> None:
    make_interest(world.sip, world.fir)
    with pytest.raises(RulesBroken, match="has declared an interest in Firbank School"):
        give(world)
    make_contact(world.fir, ContactKind.GOVERNOR, user=world.consultant)
    assert rules(world, "fir", "consultant") == {"wall"}


def test_an_interest_that_is_over_is_no_wall(world: World) -> None:
    make_interest(world.sip, world.fir, starts_on=dt.date(2007, 9, 1), ends_on=TODAY - dt.timedelta(days=1))
    assert rules(world, "fir", "sip") == set()


def test_a_closed_school_and_a_deactivated_adviser_are_refused(world: World) -> None:
    assert rules(world, "gorse", "consultant") == {"closed"}
    world.sip.is_active, world.sip.deactivated_at = False, NOW
    world.sip.save()
    assert rules(world, "fir", "sip") == {"account"}


def test_a_national_challenge_adviser_needs_the_role_or_a_profile(world: World) -> None:
    assert rules(world, "yew", "nc_adviser", "nc_adviser") == set()
    assert rules(world, "yew", "sip", "nc_adviser") == set()
    assert rules(world, "yew", "officer", "nc_adviser") == {"nc_adviser"}
    (row,) = give(world, school="yew", adviser="nc_adviser", kind="nc_adviser", takes_place_of_sip=True)
    assert row.takes_place_of_sip


def test_from_the_fourth_year_a_reason_is_asked_for(world: World) -> None:
    thorn = world.schools["thorn"] = make_school(world.authority, "Thorn School")
    make_assignment(world.sip, thorn, starts_on=dt.date(2005, 9, 1), ends_on=dt.date(2008, 8, 31))
    with pytest.raises(ReasonNeeded, match="2008/09 would be year 4 of Susan Marlow with Thorn School"):
        give(world, school="thorn")
    assert rules(world, "thorn", "consultant") == set()
    world.authority.settings = {"years_with_school_warning": 5}
    world.authority.save()
    assert rules(world, "thorn", "sip") == set()


def test_a_year_elsewhere_starts_the_count_anew(world: World) -> None:
    thorn = world.schools["thorn"] = make_school(world.authority, "Thorn School")
    make_assignment(world.sip, thorn, starts_on=dt.date(2003, 9, 1), ends_on=dt.date(2007, 8, 31))
    assert rules(world, "thorn", "sip") == set()


def test_the_rules_cost_the_same_for_one_school_and_for_many(world: World) -> None:
    from django.db import connection

    schools = [make_school(world.authority) for _ in range(12)]
    counts = []
    for some in (schools[:1], schools):
        proposals = [Proposal(school, world.sip, AssignmentKind.SIP, TODAY) for school in some]
        with CaptureQueriesContext(connection) as asked:
            assert check_allocations(world.authority, proposals, on=TODAY) == []
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 6


# ---------------------------------------------------------------- overlap


@pytest.mark.both
def test_two_of_a_kind_never_overlap_whoever_writes(world: World) -> None:
    with pytest.raises(Overlap, match="Oakfield Primary School has Susan Marlow as SIP from 1 October 2008 with no end"):
        give(world, school="oak", adviser="consultant")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_assignment(world.consultant, world.oak, starts_on=TODAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.filter(pk=world.assignments["former"].pk).update(ends_on=None)
    make_assignment(world.consultant, world.oak, AssignmentKind.NC_ADVISER, starts_on=TODAY)  # another kind stands beside


@pytest.mark.both
def test_the_database_s_refusal_is_a_sentence(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody was first between the rules and the write."""
    monkeypatch.setattr("schools.services.assignments.check_rules", lambda *args, **kwargs: [])
    with pytest.raises(Conflict, match="Somebody else gave this school an adviser"):
        give(world, school="oak", adviser="consultant")


@pytest.mark.both
def test_days_next_to_each_other_do_not_overlap(world: World) -> None:
    (row,) = give(world, starts_on=dt.date(2008, 11, 1), ends_on=dt.date(2008, 11, 30))
    give(world, adviser="consultant", starts_on=dt.date(2008, 12, 1))
    give(world, adviser="consultant", starts_on=TODAY, ends_on=dt.date(2008, 10, 31))
    assert row.finish_by == dt.date(2008, 12, 19)  # fifteen office days after a Sunday


def test_one_school_given_twice_in_one_go(world: World) -> None:
    proposals = [Proposal(world.fir, person, AssignmentKind.SIP, TODAY) for person in (world.sip, world.consultant)]
    assert [finding.rule for finding in check_allocations(world.authority, proposals, on=TODAY)] == ["overlap"]


# ---------------------------------------------------------------- handing over


def test_handing_over_ends_the_old_the_day_before(world: World) -> None:
    make_days(world.sip, world.oak, 20)
    make_days(world.sip, world.oak, 6, "in_school")
    make_days(world.sip, world.oak, 4, source=DaysSource.PROGRAMME)
    rows = [world.assignments["oak"], world.assignments["ash"]]
    on = dt.date(2008, 11, 3)
    new = hand_over(actor=world.manager, assignments=rows, adviser=world.cover_adviser, on=on, reason="Evens the load.", at=NOW)
    old = Assignment.objects.get(pk=rows[0].pk)
    assert (old.ends_on, old.end_reason, old.is_removal) == (dt.date(2008, 11, 2), "Evens the load.", False)
    assert (old.finish_by, old.read_until) == (dt.date(2008, 11, 21), dt.date(2009, 1, 31))
    assert [(row.adviser, row.starts_on, row.ends_on) for row in new] == [(world.cover_adviser, on, None)] * 2
    assert days_of_adviser_at(world.sip, [world.oak.pk], 2008)[world.oak.pk].total.left == 0
    moved = days_of_adviser_at(world.cover_adviser, [world.oak.pk], 2008)[world.oak.pk].by_source
    assert (moved["core"].left, moved["programme"].left) == (14, 4)
    assert days_left(world.oak, 2008).total.left == 18
    assert AuditEvent.objects.filter(event="assignment.handed_over").count() == 2


def test_handing_over_is_all_or_none(world: World) -> None:
    make_interest(world.cover_adviser, world.ash)
    rows = [world.assignments["oak"], world.assignments["ash"]]
    with pytest.raises(RulesBroken, match="interest in Ashdown"):
        hand_over(actor=world.manager, assignments=rows, adviser=world.cover_adviser, on=dt.date(2008, 11, 3), reason="Load", at=NOW)
    assert Assignment.objects.get(pk=rows[0].pk).ends_on is None


def test_handing_over_asks_for_its_reason_and_a_later_day(world: World) -> None:
    row = world.assignments["oak"]
    for values, words in (
        ({"reason": " "}, "Say why"),
        ({"on": row.starts_on}, "hand over on a later day"),
        ({"adviser": world.sip}, "serves Oakfield Primary School already"),
        ({"actor": world.manager_sip, "adviser": world.manager_sip}, "Nobody allocates"),
    ):
        given = {"actor": world.manager, "adviser": world.cover_adviser, "on": dt.date(2008, 11, 3), "reason": "Load", **values}
        with pytest.raises(Refused, match=words):
            hand_over(assignments=[row], at=NOW, **given)


# ---------------------------------------------------------------- cover


def test_cover_lies_within_the_sip_s_span_and_has_an_end(world: World) -> None:
    row = world.assignments["oak"]
    made = cover(actor=world.manager, assignment=row, adviser=world.cover_adviser, starts_on=TODAY, ends_on=dt.date(2008, 12, 19), at=NOW)
    assert (made.kind, made.covers, made.ends_on) == ("cover", row, dt.date(2008, 12, 19))
    assert world.fresh("cover_adviser").hats.is_adviser_of(world.oak.pk)
    with pytest.raises(Refused, match="within Susan Marlow's own time"):
        cover(actor=world.manager, assignment=row, adviser=world.consultant, starts_on=dt.date(2008, 9, 30), ends_on=TODAY, at=NOW)
    with pytest.raises(Refused, match="whose absence is covered"):
        cover(actor=world.manager, assignment=row, adviser=world.sip, starts_on=TODAY, ends_on=TODAY, at=NOW)
    with pytest.raises(Refused, match="for a SIP's absence"):
        cover(actor=world.manager, assignment=made, adviser=world.consultant, starts_on=TODAY, ends_on=TODAY, at=NOW)


def test_a_sip_does_not_end_before_their_cover(world: World) -> None:
    row = world.assignments["oak"]
    made = cover(actor=world.manager, assignment=row, adviser=world.cover_adviser, starts_on=TODAY, ends_on=dt.date(2008, 12, 19), at=NOW)
    with pytest.raises(Refused, match="Celia Cover covers Oakfield Primary School until 19 December 2008"):
        end_assignments(actor=world.manager, assignments=[row], ends_on=dt.date(2008, 11, 1), reason="Leaves", at=NOW)
    end_assignments(actor=world.manager, assignments=[made], ends_on=TODAY, reason="Back at work", at=NOW)
    end_assignments(actor=world.manager, assignments=[row], ends_on=dt.date(2008, 11, 1), reason="Leaves", at=NOW)


# ---------------------------------------------------------------- ending, and the days of grace


def test_an_end_leaves_fifteen_office_days_to_finish_and_ninety_to_read(world: World) -> None:
    row = world.assignments["ash"]
    end_assignments(actor=world.manager, assignments=[row], ends_on=dt.date(2008, 12, 12), reason="Leaves", at=NOW)
    row.refresh_from_db()
    # the bank holidays of Christmas and New Year are no office days
    assert (row.finish_by, row.read_until) == (dt.date(2009, 1, 7), dt.date(2009, 3, 12))


@pytest.mark.both
def test_grace_by_day(world: World) -> None:
    from people.hats import load

    row = world.assignments["ash"]
    end_assignments(actor=world.manager, assignments=[row], ends_on=dt.date(2008, 10, 20), reason="Leaves", at=NOW)
    row.refresh_from_db()
    assert row.finish_by == dt.date(2008, 11, 10)
    seen = []
    for day in ("2008-10-20", "2008-10-21", "2008-11-10", "2008-11-11", "2009-01-18", "2009-01-19"):
        hats = load(world.sip, dt.date.fromisoformat(day))
        at_ash = any(held.school_id == world.ash.pk for held in hats.assignments)
        seen.append((hats.is_adviser_of(world.ash.pk), hats.may_finish_at(world.ash.pk), at_ash))
    assert seen == [
        (True, True, True),  # the last day
        (False, True, True),
        (False, True, True),  # the fifteenth office day
        (False, False, True),
        (False, False, True),  # the ninetieth day
        (False, False, False),
    ]


def test_a_removal_leaves_nothing_to_finish(world: World) -> None:
    row = world.assignments["ash"]
    end_assignments(actor=world.manager, assignments=[row], ends_on=TODAY - dt.timedelta(days=1), reason="Removed", is_removal=True, at=NOW)
    hats = world.fresh("sip").hats
    assert (hats.is_adviser_of(world.ash.pk), hats.may_finish_at(world.ash.pk)) == (False, False)
    assert any(held.school_id == world.ash.pk for held in hats.assignments)  # what they wrote stays readable


def test_without_a_pack_there_is_no_grace(world: World) -> None:
    row = world.assignments["birch"]
    end_assignments(actor=world.other_manager, assignments=[row], ends_on=TODAY, reason="Leaves", at=NOW)
    row.refresh_from_db()
    assert (row.finish_by, row.read_until) == (TODAY, TODAY)


def test_ending_asks_for_a_reason_and_a_possible_day(world: World) -> None:
    for row, day, reason, words in (
        ("oak", TODAY, "", "Say why"),
        ("oak", dt.date(2008, 9, 30), "Leaves", "begins at Oakfield"),
        ("former", TODAY, "Leaves", "ended on 30 September 2008"),
    ):
        with pytest.raises(Refused, match=words):
            end_assignments(actor=world.manager, assignments=[world.assignments[row]], ends_on=day, reason=reason, at=NOW)


def test_two_managers_end_one_assignment(world: World) -> None:
    seen_before = Assignment.objects.get(pk=world.assignments["ash"].pk)
    end_assignments(actor=world.manager, assignments=[world.assignments["ash"]], ends_on=TODAY, reason="Leaves", at=NOW)
    with pytest.raises(Conflict):
        end_assignments(actor=world.manager_sip, assignments=[seen_before], ends_on=dt.date(2008, 12, 1), reason="Leaves", at=NOW)


def test_schools_without_a_sip(world: World) -> None:
    assert [school.name for school in schools_without_sip(world.manager, TODAY)] == ["Firbank School"]
    end_assignments(actor=world.manager, assignments=[world.assignments["elm"]], ends_on=TODAY, reason="Leaves", at=NOW)
    assert [school.name for school in schools_without_sip(world.manager, TODAY)] == ["Firbank School"]
    tomorrow = TODAY + dt.timedelta(days=1)
    assert {school.name for school in schools_without_sip(world.manager, tomorrow)} == {"Firbank School", "Elmwood High School"}
    assert list(schools_without_sip(world.officer, tomorrow)) == []  # of the north


# ---------------------------------------------------------------- the ledger of days


@pytest.mark.both
def test_the_ledger_is_added_to_and_never_changed(world: World) -> None:
    entry = make_days(world.sip, world.oak, 20)
    for deed in (lambda: DaysEntry.objects.filter(pk=entry.pk).update(quarters=1), entry.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            deed()


@pytest.mark.both
def test_sources_are_kept_apart(world: World) -> None:
    make_days(world.sip, world.oak, 20)
    make_days(world.sip, world.oak, 4, "in_school")
    make_days(world.sip, world.oak, -1, "correction")
    make_days(world.sip, world.oak, 8, source=DaysSource.BOUGHT)
    make_days(world.sip, world.oak, 10, "writing", source=DaysSource.BOUGHT)
    make_days(world.sip, world.oak, 99, academic_year=2007)
    days = days_left(world.oak, 2008)
    assert {code: (b.allocated, b.used, b.left) for code, b in days.by_source.items()} == {"core": (20, 3, 17), "bought": (8, 10, -2)}
    assert [label for label, _ in days.rows] == ["core", "bought by the school or trust"]


def test_a_manager_allocates_days_and_takes_them_back_with_a_reason(world: World) -> None:
    from schools.services import allocate_days, charge_days

    given = {"school": world.oak, "adviser": world.sip, "academic_year": 2008, "at": NOW}
    allocate_days(actor=world.manager, quarters=12, **given)
    with pytest.raises(Refused, match="Say why days are taken back"):
        allocate_days(actor=world.manager, quarters=-2, **given)
    allocate_days(actor=world.manager, quarters=-2, reason="Fewer schools in the programme", **given)
    charge_days(actor=world.sip, source="core", kind="in_school", quarters=4, reference="v1", **given)
    assert days_left(world.oak, 2008).total.left == 6
    with pytest.raises(PermissionDenied):
        allocate_days(actor=world.sip, quarters=12, **given)
    with pytest.raises(PermissionDenied):
        charge_days(actor=world.consultant, source="core", kind="in_school", quarters=4, reference="v1", **given)
    with pytest.raises(Refused, match="Nobody allocates to themselves"):
        allocate_days(actor=world.manager_sip, quarters=4, school=world.yew, adviser=world.manager_sip, academic_year=2008, at=NOW)
