"""What visits put on homes, school pages, time lines and into the search, and to whom."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.due import due_to
from core.search import search
from people.packs import packs_for
from schools.registries import header_of, timeline_of
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World
from visits import due, services
from visits.choices import NoteState
from visits.models import NoteRecord
from visits.services.visits import VisitPlan

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def world(world: World) -> World:
    make.load_england_2008(world.authority)
    make.load_england_2008(world.other)
    return world


def titles(world: World, name: str, on: dt.date = TODAY) -> list[str]:
    return [f"{item.hat}: {item.title}" for item in due_to(world.fresh(name), on) if item.hat]


def has(world: World, name: str, words: str, on: dt.date = TODAY) -> bool:
    return any(title.startswith(words) for title in titles(world, name, on))


def test_a_visit_is_due_to_who_must_act(world: World) -> None:
    plan = VisitPlan(visit_type="autumn", schools=[world.oak], lead=world.sip, dates=[(dt.date(2008, 11, 4), None)])
    proposed = services.propose_dates(actor=world.sip, plan=plan, at=NOW)
    assert has(world, "head", "head: Choose a day") and has(world, "office", "school_office: Choose a day")
    assert not has(world, "sip", "sip: Propose other days") and not has(world, "chair", "chair: Choose a day")
    services.ask_other_dates(actor=world.head, visit=proposed, reason="Inspectors are in.", at=NOW)
    assert has(world, "sip", "sip: Propose other days")
    booked = services.book_visit(
        actor=world.sip, plan=VisitPlan(visit_type="autumn", schools=[world.ash], lead=world.sip), on=dt.date(2008, 10, 14), at=NOW
    )
    assert has(world, "sip", "sip: Autumn visit") and has(world, "sip", "sip: Log the visit", dt.date(2008, 10, 15))
    services.hold_visit(actor=world.sip, visit=booked, facts=make.facts(TODAY), at=NOW)
    assert has(world, "sip", "sip: Begin the note")
    assert not titles(world, "consultant")


def test_a_note_is_due_to_who_has_it(world: World) -> None:
    note = make.start(world.sip, world.oak)
    assert has(world, "sip", "sip: Finish the note") and not has(world, "manager", "sip_manager: Late")
    assert has(world, "manager", "sip_manager: Late", dt.date(2008, 10, 24))
    note = make.submit(world.sip, make.fill(world.sip, note), asks_review=True)
    assert has(world, "manager", "sip_manager: Review: Autumn") and not has(world, "sip", "sip: Review")
    services.return_note(actor=world.manager, note=note, reason="Say what it did for pupils.", at=NOW)
    assert has(world, "sip", "sip: Correct the note")
    note = make.submit(world.sip, make.fresh(note))
    if note.state == NoteState.IN_REVIEW:
        services.approve_note(actor=world.manager, note=note, at=NOW)
    assert has(world, "sip", "sip: Release the note")
    note = make.release(world.sip, note, deliver=False)
    assert has(world, "sip", "sip: Not delivered") and not has(world, "head", "head: Answer")
    make.deliver_mail()
    assert has(world, "head", "head: Answer the draft note") and not has(world, "chair", "chair: Answer")
    assert not has(world, "sip", "sip: Make final") and has(world, "sip", "sip: Make final", dt.date(2008, 10, 22))
    comment = services.comment_on_note(
        actor=world.head, note=make.fresh(note), school=world.oak, section_code="standards", kind="inaccurate", text="69%", at=NOW
    )
    services.answer_note(actor=world.head, note=make.fresh(note), school=world.oak, accuracy="inaccurate", at=NOW)
    assert has(world, "sip", "sip: Answer the school") and not has(world, "head", "head: Answer")
    services.reply_to_comment(actor=world.sip, comment=comment, text="So it was.", at=NOW)
    assert has(world, "sip", "sip: Make final")
    make.finalise(world.sip, note)
    assert not has(world, "sip", "sip: Make final")
    assert has(world, "head", "head: Agreed action", dt.date(2008, 12, 1))


def test_a_correction_and_a_withdrawal_are_due(world: World) -> None:
    note = make.bring_to(NoteState.FINAL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    record = NoteRecord.objects.get(note=note, kind="final")
    services.ask_correction(actor=world.fresh("chair"), record=record, place="Section 3", why="Last year's.", at=NOW)
    assert has(world, "sip", "sip: Answer a correction")
    services.ask_withdrawal(actor=world.manager, record=record, reason="Wrong recipient.", at=NOW)
    assert has(world, "dpo", "data_protection_officer: Confirm or refuse") and not has(world, "manager", "sip_manager: Confirm")


@pytest.mark.parametrize(
    "contribution",
    [due.visits_due, due.rounds_due, due.notes_due, due.reviews_due, due.corrections_due, due.withdrawals_due, due.actions_due],
)
@pytest.mark.parametrize("name", ["sip", "manager", "head", "dpo", "outsider"])
def test_at_most_one_query_each(world: World, contribution: Any, name: str) -> None:
    make.bring_to(NoteState.WITH_SCHOOL, author=world.sip, school=world.oak, manager=world.manager)
    make.start(world.sip, world.ash)
    user = world.fresh(name)
    user.hats  # noqa: B018 (loaded once a request, and so are the packs, for their clocks)
    packs_for(user, TODAY)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        contribution(user, TODAY)
    assert len(captured) <= 1


def test_header_tab_and_time_line(world: World) -> None:
    note = make.bring_to(NoteState.FINAL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    services.book_visit(
        actor=world.sip, plan=VisitPlan(visit_type="spring", schools=[world.oak], lead=world.sip), on=dt.date(2009, 2, 3), at=NOW
    )
    parts = header_of(world.fresh("head"), [world.oak], TODAY)[world.oak.pk]
    said = {part.label: part.value for part in parts if hasattr(part, "value")}
    assert (said["Next visit"], said["Last note"]) == ("3 February 2009", "9 October 2008")
    acts = [part.label for part in header_of(world.fresh("sip"), [world.oak], TODAY)[world.oak.pk] if type(part).__name__ == "Act"]
    assert acts == ["Summary sheet", "Alert the authority", "Log a visit", "Book a visit", "Enter a contact"]
    told = {
        event.title for event in timeline_of(world.fresh("chair"), [world.oak.pk], dt.date(2008, 9, 1), dt.date(2009, 8, 31))[world.oak.pk]
    }
    assert {"Autumn visit: pupil review held", "Note final, version 1", "Action due"} <= told
    assert not any(title.startswith("Draft note") for title in told)  # the draft never was the chair's
    client = Client()
    client.force_login(world.people["head"])
    shown = client.get(f"{world.oak.get_absolute_url()}visits/")
    assert shown.status_code == 200 and note.get_absolute_url() in shown.content.decode() and "Open actions" in shown.content.decode()
    client.force_login(world.people["administrator"])
    assert client.get(f"{world.oak.get_absolute_url()}visits/").status_code == 404


def test_actions_are_found_by_whoever_reads_them(world: World) -> None:
    make.bring_to(NoteState.FINAL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    assert [hit.kind.key for hit in search(world.fresh("head"), "pupil progress meetings", ["action"]).hits] == ["action"]
    for name in ("consultant", "office", "dpo", "other_head"):
        assert not search(world.fresh(name), "pupil progress meetings", ["action"]).hits, name
