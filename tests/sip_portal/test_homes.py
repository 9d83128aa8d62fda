"""The home shows of a school what the person may know of it elsewhere, and no more."""

from __future__ import annotations

import html

import pytest
from django.test import Client

from support.models import Concern, SchoolCategory
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World
from visits import services
from visits.choices import NoteState
from visits.models import AgreedAction, NoteOfVisit, NoteRecord

pytestmark = pytest.mark.django_db

CATEGORY, CONCERN = "Intensive support", "Low attaining canary"


@pytest.fixture
def note(world: World) -> NoteOfVisit:
    make.load_england_2008(world.authority)
    SchoolCategory.objects.create(
        school=world.oak, scheme="x", category="x", label=CATEGORY, level=3, decided_on=TODAY, decided_by="Panel", starts_on=TODAY
    )
    Concern.objects.create(school=world.oak, concern_class="x", label=CONCERN, starts_on=TODAY)
    return make.bring_to(NoteState.FINAL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)


def home(world: World, name: str) -> str:
    client = Client()
    client.force_login(world.people[name])
    return html.unescape(client.get("/").content.decode())


def test_the_school_office_reads_no_action_and_no_category(world: World, note: NoteOfVisit) -> None:
    action = AgreedAction.objects.get(note=note)
    assert action.text in home(world, "head")
    assert CATEGORY in home(world, "head")
    for name in ("office", "clerk"):
        assert CATEGORY not in home(world, name), name
        assert CONCERN not in home(world, name), name
    assert action.text in home(world, "clerk")
    assert action.text not in home(world, "office")


def test_actions_of_a_withdrawn_version_are_not_on_the_home(world: World, note: NoteOfVisit) -> None:
    action = AgreedAction.objects.get(note=note)
    record = NoteRecord.objects.get(note=note, kind="final")
    services.ask_withdrawal(actor=world.manager, record=record, reason="A pupil can be recognised.", at=NOW)
    assert action.text not in home(world, "head")


def test_a_second_adviser_of_the_school_sees_no_draft_of_the_first(world: World) -> None:
    make.load_england_2008(world.authority)
    draft = make.start(world.consultant, world.elm)
    assert draft.get_absolute_url() in home(world, "consultant")
    theirs = home(world, "nc_adviser")
    assert world.elm.name in theirs
    assert draft.get_absolute_url() not in theirs
    assert "Not final" in theirs


def test_a_mentor_finds_what_is_shared_and_whom_they_mentor(world: World) -> None:
    make.load_england_2008(world.authority)
    note = make.fill(world.new_sip, make.start(world.new_sip, world.rowan))
    shared = f"Read the draft that {world.new_sip.name} shares with you: {world.rowan.name}"
    before = home(world, "mentor")
    assert "Whom you mentor" in before and world.rowan.name in before
    assert shared not in before and note.get_absolute_url() not in before
    services.share_note(actor=world.new_sip, note=note, mentor=world.fresh("mentor"), at=NOW)
    assert shared in home(world, "mentor") and shared not in home(world, "sip")
    assert "Whom you mentor" not in home(world, "sip")
