"""Preparing a visit: what is kept, who keeps it, where it flows, and what the page and the pack show of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from core.access import Refused
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World
from tests.factories.stage import stage, undone
from visits import services
from visits.models import ChosenQuestion, StudiedDataset, Visit
from visits.services import Asked
from visits.services.visits import VisitPlan

pytestmark = pytest.mark.django_db

LATER = dt.date(2008, 10, 21)
OWN = Asked("Which six pupils decide the 2010 target?")
FOLLOWED = Asked(
    "Show me a pupil who was falling behind a year ago. What did you do, and where is that pupil now?",
    code="trk-acted",
    figure="2",
    why="Tracking",
)


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with stage(django_db_blocker) as world:
        yield world


@pytest.fixture
def world(standing: World) -> Iterator[World]:
    with undone():
        yield standing


def booked(world: World, *, on: dt.date = LATER, **values: Any) -> Visit:
    plan = VisitPlan(visit_type="autumn", schools=values.pop("schools", [world.oak]), lead=world.sip, **values)
    return services.book_visit(actor=world.sip, plan=plan, on=on, starts_at=dt.time(9), at=NOW)


def prepare(world: World, visit: Visit, **values: Any) -> Visit:
    kept: dict[str, Any] = {"studied": {"ks2-mfs": "Wealdshire, 2008 provisional", "sef": "October 2008"}, "questions": [FOLLOWED, OWN]}
    services.prepare_visit(actor=world.sip, visit=visit, school=values.pop("school", world.oak), at=NOW, **{**kept, **values})
    return Visit.objects.get(pk=visit.pk)


def test_what_was_studied_and_chosen_flows_into_the_note(world: World) -> None:
    visit = prepare(world, booked(world, on=NOW.date()))
    services.hold_visit(actor=world.sip, visit=visit, facts=make.facts(NOW.date()), at=NOW)
    note = services.start_note(actor=world.sip, visit=Visit.objects.get(pk=visit.pk), at=NOW)
    rows = {row.code: row for row in note.sections.get(code="datasets").datasets.all()}
    assert (rows["ks2-mfs"].state, rows["ks2-mfs"].version) == ("studied", "Wealdshire, 2008 provisional")
    assert rows["ks2-mfs"].studied_on == NOW.date() and rows["fsp-mfs"].state == ""
    with pytest.raises(Refused, match="took over what was prepared"):
        prepare(world, Visit.objects.get(pk=visit.pk))


def test_preparing_again_keeps_what_stays_and_removes_what_was_taken_back(world: World) -> None:
    visit = prepare(world, booked(world))
    first = ChosenQuestion.objects.get(code="trk-acted")
    prepare(world, visit, studied={"sef": "October 2008"}, questions=[FOLLOWED])
    assert [row.code for row in StudiedDataset.objects.all()] == ["sef"]
    assert ChosenQuestion.objects.get() == first and first.follow_up


def test_what_is_refused_keeps_nothing(world: World) -> None:
    visit = booked(world)
    wrong: list[dict[str, Any]] = [
        {"studied": {"ks2-mfs": " "}},
        {"studied": {"budget": "2008"}},  # not of an autumn visit
        {"questions": [Asked("Anything", code="no-such")]},
        {"questions": [Asked("Reworded", code="trk-acted")]},
        {"questions": [Asked("x" * 601)]},
        {"school": world.ash},
    ]
    for values in wrong:
        with pytest.raises(Refused):
            prepare(world, visit, **values)
    for name in ("head", "manager", "cover_adviser", "officer"):
        with pytest.raises(PermissionDenied):
            services.prepare_visit(actor=world.fresh(name), visit=visit, school=world.oak, studied={}, questions=[], at=NOW)
    assert not StudiedDataset.objects.exists() and not ChosenQuestion.objects.exists()


def test_preparation_moves_to_the_visit_that_replaces_a_cancelled_one(world: World) -> None:
    visit = prepare(world, booked(world))
    services.write_half_page(actor=world.fresh("head"), visit=visit, school=world.oak, text="Look at Year 5.", at=NOW)
    services.cancel_visit(actor=world.sip, visit=visit, reason="An inspection was announced.", at=NOW)
    again = booked(world, on=dt.date(2008, 11, 12), place_of=Visit.objects.get(pk=visit.pk))
    assert {row.code for row in again.studied.all()} == {"ks2-mfs", "sef"}
    assert again.questions.count() == 2 and not visit.questions.exists()
    assert again.visit_schools.get().half_page == "Look at Year 5."
