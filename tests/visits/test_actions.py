"""Agreed actions between visits: who reports, how old they are, what is overdue, and to whom that is shown (domain.md §4)."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from core.audit import AuditEvent
from core.due import due_to
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World
from visits import services
from visits.models import AgreedAction, NoteOfVisit

pytestmark = pytest.mark.django_db

LONG_AGO = dt.date(2007, 10, 9)


@pytest.fixture
def world(world: World) -> World:
    make.load_england_2008(world.authority)
    return world


def agree(world: World, note: NoteOfVisit, text: str, due_on: dt.date, **values: object) -> AgreedAction:
    row = {"school": world.oak, "note": note, "owner": "head", "state": "open", "agreed_on": LONG_AGO, **values}
    return AgreedAction.objects.create(text=text, due_on=due_on, **row)


@pytest.fixture
def actions(world: World) -> dict[str, AgreedAction]:
    note = make.start(world.sip, world.oak, on=dt.date(2008, 10, 8))
    for on in (dt.date(2008, 10, 6), dt.date(2008, 10, 7)):
        make.hold(world.sip, world.oak, on=on)
    return {
        "old": agree(world, note, "Moderate writing", dt.date(2008, 9, 30)),
        "new": agree(world, note, "Meet each half-term", dt.date(2008, 12, 12), agreed_on=dt.date(2008, 10, 7)),
        "met": agree(world, note, "Set targets", dt.date(2008, 3, 1), state="met", closed_on=dt.date(2008, 10, 6)),
        "ours": agree(world, note, "Fund the project", dt.date(2008, 12, 1), owner="authority", agreed_on=dt.date(2008, 10, 8)),
    }


def test_age_is_counted_in_visits_until_it_is_closed(world: World, actions: dict[str, AgreedAction]) -> None:
    ages = dict(AgreedAction.objects.with_age().values_list("text", "age"))  # type: ignore[attr-defined]
    assert ages == {"Moderate writing": 3, "Meet each half-term": 1, "Set targets": 1, "Fund the project": 0}


def test_what_is_overdue_and_what_is_carried_stands_on_the_homes(world: World, actions: dict[str, AgreedAction]) -> None:
    def due(name: str) -> list[str]:
        return [item.title for item in due_to(world.fresh(name), TODAY) if "action" in item.title]

    assert due("sip") == ["1 agreed action overdue"]
    assert sorted(due("officer")) == ["1 action carried from visit to visit", "1 agreed action overdue"]
    assert due("officer_south") == []
    assert due("head") == ["Agreed action: Moderate writing"]
    assert due("elm_head") == []


def rows(client: Client, **query: str) -> list[str]:
    found = client.get(reverse("visits:action-export", args=["csv"]), query)
    return [row["Action"] for row in csv.DictReader(io.StringIO(found.content.decode("utf-8-sig")))]


def test_the_list_and_its_export_under_the_same_filters_in_scope(world: World, actions: dict[str, AgreedAction]) -> None:
    officer = Client()
    officer.force_login(world.officer)
    for query, wanted in (
        ({}, ["Moderate writing", "Fund the project", "Meet each half-term"]),
        ({"state": "overdue"}, ["Moderate writing"]),
        ({"state": "carried"}, ["Moderate writing"]),
        ({"state": "all", "owner": "authority"}, ["Fund the project"]),
        ({"state": "all", "sip": world.sip.public_id}, ["Set targets", "Moderate writing", "Fund the project", "Meet each half-term"]),
    ):
        assert rows(officer, **query) == wanted, query
        page = officer.get(reverse("visits:action-list"), query).content.decode()
        assert [text for text in ("Moderate writing", "Fund the project", "Meet each half-term") if text in page] == [
            text for text in ("Moderate writing", "Fund the project", "Meet each half-term") if text in wanted
        ], query
    services.report_progress(actor=world.head, action=actions["old"], text="Two meetings.", role="Headteacher", at=NOW)
    assert rows(officer, state="silent") == []
    assert officer.get(reverse("visits:action-export", args=["xlsx"])).content[:2] == b"PK"
    assert AuditEvent.objects.filter(event="actions.exported").count() >= 6
    south = Client()
    south.force_login(world.people["officer_south"])
    assert rows(south, state="all") == []


def test_an_officer_reports_on_what_the_authority_undertook(world: World, actions: dict[str, AgreedAction]) -> None:
    services.report_progress(actor=world.fresh("officer"), action=actions["ours"], text="The bid is in.", role="Officer", at=NOW)
    for name, action in (("officer", "old"), ("officer_south", "ours"), ("clerk", "old"), ("manager", "old")):
        with pytest.raises(PermissionDenied):
            services.report_progress(actor=world.fresh(name), action=actions[action], text="Done.", role="", at=NOW)


def test_the_note_says_how_many_visits_ago_it_was_agreed(world: World, actions: dict[str, AgreedAction]) -> None:
    note = make.start(world.sip, world.oak, on=dt.date(2008, 10, 13))
    client = Client()
    client.force_login(world.sip)
    page = client.get(reverse("visits:note-edit", args=[note.public_id, "actions_review"])).content.decode()
    assert "4 visits ago" in page and page.count("visits ago") == 2
