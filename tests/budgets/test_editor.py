"""The editor asks the database as often for twenty sections as for two: at most 14 beyond session, user and hats
(architecture.md rule 11), and the queue of reviews as often for many notes as for one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from people.models import User
from tests.factories import visits as make
from tests.factories.people import TODAY
from tests.factories.schools import World, make_assignment, make_school
from visits.choices import NoteState
from visits.models import NoteOfVisit

pytestmark = pytest.mark.django_db

SESSION_USER_HATS = 7
"""Session and user; roles and their clusters; SIP profiles; mentorships; the school side."""


@pytest.fixture
def world(world: World, settings: Any) -> World:
    settings.SIP_TODAY = TODAY
    make.load_england_2008(world.authority)
    return world


def queries(client: Client, method: str, address: str, *, status: int, **data: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = getattr(client, method)(address, **data)
    assert response.status_code == status, response.content.decode()[:400]
    return len([query for query in captured if "SAVEPOINT" not in query["sql"]]) - SESSION_USER_HATS


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.get(reverse("visits:note-write", args=["0" * 20]))  # the session is touched once
    return client


def cut(note: NoteOfVisit, *codes: str) -> None:
    """Leave only these sections."""
    for section in note.sections.exclude(code__in=codes):
        section.actions.all().delete()
        section.delete()


@pytest.mark.parametrize(
    ("code", "at_most"),
    [("groups", 10), ("standards", 12), ("interventions", 12), ("actions_review", 12), ("targets_next", 12), ("category", 12)],
)
def test_a_section_costs_the_same_in_a_short_note_and_a_long_one(world: World, code: str, at_most: int) -> None:
    note = make.fill(world.sip, make.start(world.sip, world.oak))
    client = client_of(world.sip)
    address = reverse("visits:note-edit", args=[note.public_id, code])
    many = queries(client, "get", address, status=200)
    cut(note, code, "summary")
    assert note.sections.count() == 2
    assert queries(client, "get", address, status=200) == many
    assert many <= at_most


def test_a_save_asks_little(world: World) -> None:
    note = make.fill(world.sip, make.start(world.sip, world.oak))
    client = client_of(world.sip)
    address = reverse("visits:note-section-save", args=[note.public_id, "groups"])
    revision = note.sections.get(code="groups").revision
    first = queries(client, "post", address, status=200, data={"base": str(revision), "body": "Words"})
    next_one = queries(client, "post", address, status=200, data={"base": str(revision + 1), "body": "Words more"})
    assert first <= 14
    assert next_one <= 10


def test_the_check_page(world: World) -> None:
    note = make.fill(world.sip, make.start(world.sip, world.oak))
    client = client_of(world.sip)
    address = reverse("visits:note-check", args=[note.public_id])
    many = queries(client, "get", address, status=200)
    cut(note, "standards", "summary")
    assert queries(client, "get", address, status=200) == many <= 10


def test_the_queue_of_reviews(world: World) -> None:
    client = client_of(world.manager)
    address = reverse("visits:review-list")
    make.bring_to(NoteState.IN_REVIEW, author=world.sip, school=world.oak, manager=world.manager)
    one = queries(client, "get", address, status=200)
    for _ in range(4):
        school = make_school(world.authority, cluster=world.north)
        make_assignment(world.sip, school)
        make.bring_to(NoteState.IN_REVIEW, author=world.fresh("sip"), school=school, manager=world.manager)
    assert queries(client, "get", address, status=200) == one <= 6
