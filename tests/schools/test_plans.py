"""Next year's plan: drafted from this year's, checked, published all at once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.access import Conflict, Refused
from core.audit import AuditEvent
from people.models import Sip, User
from people.roles import Hat
from schools.choices import PlanState
from schools.models import AllocationPlan, Assignment, DaysEntry, PlannedAllocation
from schools.selectors import days_left, review_plan
from schools.services import PlanChange, change_plan, draft_plan, end_assignments, publish_plan
from tests.factories.people import give_role, make_user
from tests.factories.schools import World, make_assignment, make_days, make_interest, make_school

pytestmark = pytest.mark.django_db

JUNE = dt.date(2009, 6, 15)
AT = dt.datetime(2009, 6, 15, 9, tzinfo=dt.UTC)
SEPTEMBER = dt.date(2009, 9, 1)


@pytest.fixture
def plan(world: World) -> AllocationPlan:
    make_days(world.sip, world.oak, 28)
    return draft_plan(actor=world.manager, authority=world.authority, academic_year=2009, at=AT)


def change(
    world: World, plan: AllocationPlan, school: str, adviser: str | None, quarters: int = 20, reason: str = "", actor: str = "manager"
) -> None:
    row = PlanChange(world.schools[school], world.people[adviser] if adviser else None, quarters, reason)
    change_plan(actor=world.people[actor], plan=plan, changes=[row], lock_version=plan.lock_version, at=AT)


def ready(world: World, plan: AllocationPlan) -> None:
    """No warning without a reason."""
    for line in review_plan(plan, on=JUNE).unanswered:
        PlannedAllocation.objects.filter(pk=line.row.pk).update(reason="Agreed with the school")


def test_the_draft_is_this_year_s(world: World, plan: AllocationPlan) -> None:
    rows = {row.school.name: row for row in plan.rows.select_related("school", "adviser")}
    assert {name: row.adviser.name if row.adviser else None for name, row in rows.items()} == {
        "Oakfield Primary School": "Susan Marlow",
        "Ashdown Primary School": "Susan Marlow",
        "Elmwood High School": "Conrad Vale",
        "Yew Tree Primary School": "Mavis Sipthorp",
        "Rowan Lane Primary School": "Nora Fresh",
        "Northside Centre": "Ruth Ashby",
        "Firbank School": None,
    }  # Gorse Hill is closed
    assert rows["Oakfield Primary School"].quarters == 28
    assert plan.state == PlanState.DRAFT


def test_one_plan_a_year(world: World, plan: AllocationPlan) -> None:
    with pytest.raises(Conflict, match="There is a plan for 2009/10 already"):
        draft_plan(actor=world.manager, authority=world.authority, academic_year=2009, at=AT)
    with pytest.raises(PermissionDenied):
        draft_plan(actor=world.officer, authority=world.authority, academic_year=2010, at=AT)
    with pytest.raises(PermissionDenied):
        draft_plan(actor=world.manager, authority=world.other, academic_year=2009, at=AT)


def test_the_review_shows_what_stands_in_the_way(world: World, plan: AllocationPlan) -> None:
    Sip.objects.filter(user=world.sip).update(days_available=47)
    make_interest(world.consultant, world.elm, starts_on=dt.date(2009, 6, 1))
    review = review_plan(plan, on=JUNE)
    assert [line.row.school.name for line in review.without_sip] == ["Firbank School"]
    assert [(load.adviser.name, load.quarters, load.available) for load in review.over] == [("Susan Marlow", 48, 47)]
    assert [line.row.school.name for line in review.conflicts] == ["Elmwood High School"]
    assert review.loads[0].is_over


def test_the_review_costs_the_same_whatever_its_size(world: World, plan: AllocationPlan) -> None:
    counts = []
    review_plan(plan, on=JUNE)  # the pack is parsed once a process
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            review_plan(plan, on=JUNE)
        counts.append(len(asked))
        schools = [make_school(world.authority) for _ in range(8)]
        PlannedAllocation.objects.bulk_create(PlannedAllocation(plan=plan, school=school, adviser=world.sip) for school in schools)
    assert counts[0] == counts[1] <= 9


def test_a_change_is_kept_and_told(world: World, plan: AllocationPlan) -> None:
    change(world, plan, "fir", "cover_adviser", 16)
    row = plan.rows.get(school=world.fir)
    assert (row.adviser, row.quarters) == (world.cover_adviser, 16)
    assert AuditEvent.objects.get(event="plan.changed").changes == {str(world.fir.urn): [None, "Celia Cover"]}


def test_two_managers_never_overwrite_each_other(world: World, plan: AllocationPlan) -> None:
    seen_before = AllocationPlan.objects.get(pk=plan.pk)
    change(world, plan, "fir", "cover_adviser")
    with pytest.raises(Conflict):
        change(world, seen_before, "fir", "consultant", actor="manager_sip")
    assert plan.rows.get(school=world.fir).adviser == world.cover_adviser


def test_nobody_plans_their_own_schools(world: World, plan: AllocationPlan) -> None:
    for school, adviser in (("fir", "manager_sip"), ("yew", "sip"), ("yew", None)):
        with pytest.raises(Refused, match="Nobody"):
            change(world, plan, school, adviser, actor="manager_sip")


def test_publishing_puts_everything_into_force_at_once(world: World, plan: AllocationPlan) -> None:
    change(world, plan, "fir", "cover_adviser", 16)
    change(world, plan, "ash", "cover_adviser", 20, "Moves from the SIP of many years")
    change(world, plan, "rowan", None)
    ready(world, plan)
    publish_plan(actor=world.manager, plan=plan, lock_version=plan.lock_version, at=AT)
    held = {row.school_id: row for row in Assignment.objects.on(SEPTEMBER).filter(kind="sip", authority=world.authority)}
    assert {key: held[world.schools[key].pk].adviser.name for key in ("oak", "ash", "fir", "elm")} == {
        "oak": "Susan Marlow",
        "ash": "Celia Cover",
        "fir": "Celia Cover",
        "elm": "Conrad Vale",
    }
    assert world.rowan.pk not in held
    ash = Assignment.objects.get(pk=world.assignments["ash"].pk)
    assert (ash.ends_on, ash.end_reason) == (dt.date(2009, 8, 31), "Allocation plan for 2009/10")
    assert ash.finish_by == dt.date(2009, 9, 21)
    assert held[world.ash.pk].reason == "Moves from the SIP of many years"
    assert held[world.oak.pk].pk == world.assignments["oak"].pk  # who goes on, goes on
    assert Assignment.objects.on(dt.date(2009, 8, 31)).get(school=world.ash).adviser == world.sip
    assert days_left(world.fir, 2009).total.left == 16
    assert days_left(world.oak, 2009).total.left == 28
    told = AuditEvent.objects.get(event="plan.published")
    assert told.changes == {"schools": 7, "changed": 2, "without_sip": 1}


@pytest.mark.both
def test_publishing_twice_changes_nothing(world: World, plan: AllocationPlan) -> None:
    ready(world, plan)
    seen_before = AllocationPlan.objects.get(pk=plan.pk)
    publish_plan(actor=world.manager, plan=plan, lock_version=plan.lock_version, at=AT)
    rows, entries = Assignment.objects.count(), DaysEntry.objects.count()
    publish_plan(actor=world.manager, plan=plan, lock_version=plan.lock_version, at=AT)
    with pytest.raises(Conflict):  # the other window, opened before
        publish_plan(actor=world.manager, plan=seen_before, lock_version=seen_before.lock_version, at=AT)
    assert (Assignment.objects.count(), DaysEntry.objects.count()) == (rows, entries)
    with pytest.raises(Conflict):
        change(world, plan, "fir", "cover_adviser")


def test_one_row_that_breaks_a_rule_holds_up_all(world: World, plan: AllocationPlan) -> None:
    make_interest(world.consultant, world.elm, starts_on=dt.date(2009, 6, 1))
    ready(world, plan)
    rows = Assignment.objects.count()
    with pytest.raises(Refused, match=r"1 of the plan's rows break a rule\. The first: Conrad Vale has declared an interest"):
        publish_plan(actor=world.manager, plan=plan, lock_version=plan.lock_version, at=AT)
    assert Assignment.objects.count() == rows
    assert AllocationPlan.objects.get(pk=plan.pk).state == PlanState.DRAFT


def test_a_warning_without_a_reason_holds_up_all(world: World, plan: AllocationPlan) -> None:
    make_assignment(world.sip, world.oak, starts_on=dt.date(2005, 9, 1), ends_on=dt.date(2007, 8, 31))
    change(world, plan, "oak", "sip_head")
    with pytest.raises(Refused, match=r"have no reason\. The first: A serving headteacher of Ashdown"):
        publish_plan(actor=world.manager, plan=plan, lock_version=plan.lock_version, at=AT)


def test_nobody_publishes_a_plan_that_gives_them_schools(world: World, plan: AllocationPlan) -> None:
    ready(world, plan)
    with pytest.raises(Refused, match="another manager publishes it"):
        publish_plan(actor=world.manager_sip, plan=plan, lock_version=plan.lock_version, at=AT)


def test_whose_assignment_ends_with_the_year_and_who_is_planned_again(world: World, plan: AllocationPlan) -> None:
    end_assignments(
        actor=world.manager, assignments=[world.assignments["elm"]], ends_on=dt.date(2009, 8, 31), reason="A year at a time", at=AT
    )
    ready(world, plan)
    publish_plan(actor=world.manager, plan=plan, lock_version=plan.lock_version, at=AT)
    rows = list(Assignment.objects.filter(school=world.elm, kind="sip").order_by("starts_on").values_list("starts_on", "ends_on"))
    assert rows == [(dt.date(2007, 9, 1), dt.date(2009, 8, 31)), (SEPTEMBER, None)]


def test_published_late_it_holds_from_that_day(world: World, plan: AllocationPlan) -> None:
    late = dt.datetime(2009, 9, 14, 9, tzinfo=dt.UTC)
    change(world, plan, "ash", "cover_adviser", 20, "Load")
    for line in review_plan(plan, on=late.date()).unanswered:
        PlannedAllocation.objects.filter(pk=line.row.pk).update(reason="Agreed")
    publish_plan(actor=world.manager, plan=plan, lock_version=plan.lock_version, at=late)
    assert Assignment.objects.get(pk=world.assignments["ash"].pk).ends_on == dt.date(2009, 9, 13)
    assert Assignment.objects.on(late.date()).get(school=world.ash, kind="sip").adviser == world.cover_adviser


def test_a_school_of_another_authority_is_not_in_the_plan(world: World, plan: AllocationPlan) -> None:
    with pytest.raises(Refused, match="different authorities"):
        change(world, plan, "birch", "sip")


def test_the_wall_stands_round_a_plan_too(world: World, plan: AllocationPlan) -> None:
    """A manager plans nothing for a school that they have an interest in, and does not see its row."""
    make_interest(world.manager, world.oak)
    manager = world.fresh("manager")
    row = PlanChange(world.oak, world.cover_adviser, 20, "A friend.")
    with pytest.raises(Refused, match="You have an interest in this school"):
        change_plan(actor=manager, plan=plan, changes=[row], lock_version=plan.lock_version, at=AT)
    client = Client()
    client.force_login(manager)
    shown = client.get(reverse("schools:plan-detail", args=["999", 2009])).content.decode()
    assert world.ash.name in shown and world.oak.name not in shown
    assert client.get(reverse("schools:plan-row", args=["999", 2009, world.oak.urn])).status_code == 404


def test_the_wall_stands_round_publishing_too(world: World, plan: AllocationPlan) -> None:
    """Publishing decides on every row: whoever is walled from one leaves it to another manager, and reads nothing of it."""
    change(world, plan, "oak", "cover_adviser", 20, "Moves")
    ready(world, plan)
    make_interest(world.manager, world.oak)
    manager = world.fresh("manager")
    rows = Assignment.objects.count()
    with pytest.raises(Refused, match="another manager publishes it"):
        publish_plan(actor=manager, plan=plan, lock_version=plan.lock_version, at=AT)
    assert Assignment.objects.count() == rows
    client = Client()
    client.force_login(manager)
    url = reverse("schools:plan-publish", args=["999", 2009])
    for response in (client.get(url), client.post(url, {"lock_version": plan.lock_version})):
        shown = response.content.decode()
        assert "another manager publishes it" in shown and world.oak.name not in shown
    assert AllocationPlan.objects.get(pk=plan.pk).state == PlanState.DRAFT
    publish_plan(actor=_second_manager(world), plan=plan, lock_version=plan.lock_version, at=AT)
    assert Assignment.objects.on(SEPTEMBER).get(school=world.oak, kind="sip").adviser == world.cover_adviser


def _second_manager(world: World) -> User:
    user = make_user("Second Manager", authority=world.authority)
    give_role(user, Hat.SIP_MANAGER, world.authority)
    return user
