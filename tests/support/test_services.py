"""Interventions, categories and concerns, and who sees them on a school's page."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from core.access import Refused
from core.audit import AuditEvent
from support.models import Intervention, SchoolCategory
from support.school_page import marks
from support.services import decide_category, record_intervention, revise_intervention
from support.timeline import events
from tests.factories.concerns import open_case
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World

pytestmark = pytest.mark.django_db


def test_an_intervention_of_any_origin(world: World) -> None:
    one = record_intervention(actor=world.sip, school=world.oak, at=NOW, name="Every Child a Reader", origin="strategy", cost_pence=320_000)
    assert (one.authority, one.cost_pence) == (world.authority, 320_000)
    revise_intervention(actor=world.sip, intervention=one, at=NOW, impact="Six of eight pupils reached level 2.", value_for_money="good")
    one.refresh_from_db()
    assert (one.value_for_money, one.evaluated_on) == ("good", TODAY)
    shown = str([event.changes for event in AuditEvent.objects.filter(event="intervention.changed")])
    assert "changed, 7 words" in shown and "Six of eight" not in shown


def test_nothing_changed_leaves_no_event(world: World) -> None:
    one = record_intervention(actor=world.sip, school=world.oak, at=NOW, name="Reading", origin="school")
    revise_intervention(actor=world.sip, intervention=one, at=NOW, name="Reading")
    assert not AuditEvent.objects.filter(event="intervention.changed").exists()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"name": " "}, "Name the intervention"),
        ({"origin": "moon"}, "where the support came from"),
        ({"value_for_money": "splendid"}, "value for money"),
        ({"starts_on": dt.date(2008, 9, 2), "ends_on": dt.date(2008, 9, 1)}, "ends before it starts"),
    ],
)
def test_what_is_refused(world: World, values: dict[str, object], says: str) -> None:
    with pytest.raises(Refused, match=says):
        record_intervention(actor=world.sip, school=world.oak, at=NOW, **{"name": "Reading", "origin": "school", **values})
    assert not Intervention.objects.exists()


def test_not_at_a_school_that_one_does_not_serve(world: World) -> None:
    with pytest.raises(PermissionDenied):
        record_intervention(actor=world.consultant, school=world.oak, at=NOW, name="Reading", origin="school")


def decide(world: World, level: int, day: dt.date) -> SchoolCategory:
    return decide_category(
        actor=world.manager,
        school=world.oak,
        scheme="current",
        category=f"level-{level}",
        label=f"Level {level}",
        level=level,
        starts_on=day,
        decided_by="Panel of that day",
        at=NOW,
    )


def test_a_category_ends_the_one_before(world: World) -> None:
    first = decide(world, 2, dt.date(2007, 9, 1))
    decide(world, 3, dt.date(2008, 9, 1))
    first.refresh_from_db()
    assert first.ends_on == dt.date(2008, 8, 31)
    with pytest.raises(IntegrityError):
        SchoolCategory.objects.create(
            school=world.oak, scheme="current", category="x", label="X", level=1, starts_on=TODAY, decided_on=TODAY, decided_by="nobody"
        )


def test_who_sees_category_and_concern(world: World) -> None:
    decide(world, 3, dt.date(2008, 9, 1))
    open_case(world)
    seeing = {name for name in world.people if marks(world.fresh(name), [world.oak], TODAY)}
    assert seeing == {"sip", "manager", "manager_sip", "head_of_improvement", "officer", "officer_chair", "head", "chair"}
    assert not any(events(world.fresh("finance_officer"), [world.oak.pk], dt.date(2008, 1, 1), TODAY).values())
    assert [event.title for event in events(world.fresh("head"), [world.oak.pk], dt.date(2008, 1, 1), TODAY)[world.oak.pk]] == [
        "Category: Level 3",
        "Concern opened: Low attaining",
    ]


@pytest.mark.parametrize(("name", "reads"), [("sip", True), ("manager", True), ("officer", True), ("head", False), ("chair", False)])
def test_head_and_chair_see_the_class_of_a_concern_and_not_its_issue(world: World, name: str, reads: bool) -> None:
    open_case(world, concern_class="other-vulnerable", issue="Leadership canary")
    (shown,) = events(world.fresh(name), [world.oak.pk], TODAY, TODAY)[world.oak.pk]
    assert "Other vulnerable" in shown.title
    assert ("Leadership canary" in shown.detail) is reads
