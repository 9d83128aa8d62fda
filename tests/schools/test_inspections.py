"""What people say of inspections, and the facts that rest on them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from core.access import Refused
from core.audit import AuditEvent
from core.facts import FactQuestion, Standing, gather
from schools.models import Inspection, InspectionGrade, KeyIssue, Readiness, School
from schools.services import code_key_issues, record_readiness
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build_world()


def inspected(school: School, on: dt.date, overall: int | None, **values: object) -> Inspection:
    return Inspection.objects.create(authority=school.authority, school=school, framework="2005", starts_on=on, overall=overall, **values)


def facts_of(world: World, school: School, *codes: str) -> list[object]:
    table = gather(codes, FactQuestion(School.objects.filter(authority=world.authority), TODAY, world.authority))
    return [value.value if value.is_figure else value.standing for value in (table.value(code, school.pk) for code in codes)]


def test_what_is_published_is_a_fact_and_what_is_not_held_is_unknown(world: World) -> None:
    codes = ("inspection.overall", "inspection.capacity", "inspection.category", "inspection.count_since_2005", "inspection.latest_on")
    assert facts_of(world, world.oak, *codes) == [Standing.UNKNOWN] * 5, "nothing is loaded"
    inspected(world.oak, dt.date(2004, 5, 4), 4)
    row = inspected(world.oak, dt.date(2007, 3, 14), 3)
    InspectionGrade.objects.create(inspection=row, area="capacity", grade=3)
    inspected(world.ash, dt.date(2004, 5, 4), 4, category="serious-weaknesses")
    elm = inspected(world.elm, dt.date(2006, 5, 2), 4, category="special-measures", category_left_on=dt.date(2008, 6, 10))
    Inspection.objects.create(
        authority=world.authority, school=world.elm, kind="monitoring", framework="2005", starts_on=dt.date(2007, 5, 2), progress="good"
    )
    KeyIssue.objects.create(inspection=elm, school=world.elm, text="Marking", theme="marking")
    assert facts_of(world, world.oak, *codes) == [3, 3, "none", 1, dt.date(2007, 3, 14)]
    assert facts_of(world, world.ash, *codes) == [Standing.UNKNOWN, Standing.UNKNOWN, "serious-weaknesses", 0, dt.date(2004, 5, 4)]
    rest = ("inspection.in_category_since_2005", "inspection.key_issues", "inspection.monitoring", "inspection.age_days")
    assert facts_of(world, world.elm, *rest) == [True, frozenset({"marking"}), "good", Decimal((TODAY - dt.date(2006, 5, 2)).days)]
    assert facts_of(world, world.elm, "inspection.category") == ["none"], "left in June 2008"
    assert facts_of(world, world.yew, *rest) == [False, Standing.UNKNOWN, Standing.UNKNOWN, Standing.UNKNOWN]


def test_who_leads_is_read_from_dated_contacts(world: World) -> None:
    codes = ("leadership.head_status", "leadership.heads_3y", "governance.chair_days", "staffing.turnover")
    status, heads, chair, turnover = facts_of(world, world.oak, *codes)
    assert (status, turnover) == ("substantive", Standing.UNKNOWN)
    assert isinstance(heads, Decimal)
    assert heads >= 1
    assert isinstance(chair, Decimal)
    assert facts_of(world, world.birch, "school.phase") == [Standing.UNKNOWN], "of another authority"


def test_key_issues_are_coded_by_whoever_watches_the_school(world: World) -> None:
    issue = KeyIssue.objects.create(inspection=inspected(world.oak, dt.date(2007, 3, 14), 3), school=world.oak, text="Mark better")
    with pytest.raises(PermissionDenied):
        code_key_issues(actor=world.sip, school=world.oak, themes={issue.public_id: "marking"}, at=NOW)
    with pytest.raises(Refused):
        code_key_issues(actor=world.officer, school=world.oak, themes={issue.public_id: "splendour"}, at=NOW)
    assert code_key_issues(actor=world.officer, school=world.oak, themes={issue.public_id: "marking"}, at=NOW) == 1
    assert code_key_issues(actor=world.officer, school=world.oak, themes={issue.public_id: "marking"}, at=NOW) == 0
    issue.refresh_from_db()
    assert (issue.theme, issue.coded_by) == ("marking", world.officer)
    assert AuditEvent.objects.get(event="key_issue.coded").changes == {issue.public_id: ["", "marking"]}


def test_readiness_is_recorded_by_the_school_or_its_sip_and_read_by_those_who_prepare_it(world: World) -> None:
    answers = {"sef-template": ("yes", "Version of September, with governors"), "schedule": ("partly", ""), "section-3": ("", "")}
    assert record_readiness(actor=world.sip, school=world.oak, answers=answers, at=NOW) == 2
    assert record_readiness(actor=world.head, school=world.oak, answers={"schedule": ("yes", "Seen")}, at=NOW) == 1
    assert record_readiness(actor=world.head, school=world.oak, answers={"schedule": ("yes", "Seen")}, at=NOW) == 0
    for answers, fault in (({"section-3-secondary": ("yes", "")}, "not asked"), ({"schedule": ("perhaps", "")}, "Choose")):
        with pytest.raises(Refused, match=fault):
            record_readiness(actor=world.sip, school=world.oak, answers=answers, at=NOW)
    for actor in (world.manager, world.officer, world.finance_officer):
        with pytest.raises(PermissionDenied):
            record_readiness(actor=actor, school=world.oak, answers={}, at=NOW)
    for actor, rows in ((world.sip, 2), (world.head, 2), (world.officer, 2), (world.finance_officer, 0), (world.officer_south, 0)):
        assert Readiness.objects.visible_to(actor).count() == rows, actor
