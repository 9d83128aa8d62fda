"""Retention (domain.md §10): no period is shipped but two, holds stop the clock, and a person confirms what is destroyed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from core.access import Conflict, Refused
from core.audit import AuditEvent
from core.files import StoredFile
from core.retention import RETENTION
from core.search import Entry, SearchDocument, put_many
from core.triggers import TriggerSwitch
from tests.factories import visits as factory
from tests.factories.people import NOW
from tests.factories.schools import World, make_interest
from tests.factories.stage import person, stage, undone
from visits import services
from visits.models import AgreedAction, Alert, DisposalList, LegalHold, NoteOfVisit, NoteRecord, NoteSection, Visit

pytestmark = [pytest.mark.django_db, pytest.mark.both]

LATER = NOW + dt.timedelta(days=32)
YEARS_ON = NOW + dt.timedelta(days=3 * 366)


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with stage(django_db_blocker) as made:
        factory.bring_to("final", author=made.sip, school=made.oak, manager=made.manager, head=made.head)
        factory.bring_to("abandoned", author=made.sip, school=made.ash, manager=made.manager)
        alert = factory.alert(made.sip, made.oak)
        services.acknowledge_alert(actor=person(made.officer), alert=alert, at=NOW)
        services.close_alert(actor=person(made.officer), alert=alert, outcome="acted", text="Rang the head.", at=NOW)
        yield made


@pytest.fixture
def world(staged: World) -> Iterator[World]:
    with undone():
        yield staged


def word_is_held(word: str) -> bool:
    """Whether the blocks of SQLite's search index hold a word, found or not; its beginning may be told by the word before."""
    if connection.vendor != "sqlite":
        return SearchDocument.objects.filter(body__contains=word).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT block FROM core_search_words_data")
        return any(word[2:].encode() in bytes(block) for (block,) in cursor.fetchall())


def proposed(world: World, at: dt.datetime) -> dict[str, DisposalList]:
    services.propose_every_disposal(actor=None, at=at)
    return {row.kind: row for row in DisposalList.objects.filter(state="proposed").select_related("authority")}


def set_period(world: World, kind: str, months: int | None = 24) -> None:
    services.set_period(actor=person(world.administrator), authority=world.authority, kind=kind, months=months, schedule="Row 12", at=NOW)


def test_a_kind_without_a_period_is_never_disposed_of(world: World) -> None:
    assert set(RETENTION["note"].__dict__) and proposed(world, NOW) == {}
    assert set(proposed(world, YEARS_ON)) == {"abandoned_draft"}


def test_an_abandoned_draft_is_destroyed_after_thirty_days_when_a_person_confirms(world: World) -> None:
    note = NoteOfVisit.objects.get(state="abandoned")
    assert proposed(world, NOW + dt.timedelta(days=30)) == {}  # it can be restored that day
    disposal = proposed(world, LATER)["abandoned_draft"]
    assert disposal.count == 1 and note.reference in disposal.rows[0]["label"]
    with pytest.raises(PermissionDenied):
        services.confirm_disposal(actor=person(world.administrator), disposal=disposal, at=LATER)
    done = services.confirm_disposal(actor=person(world.dpo), disposal=disposal, at=LATER)
    assert not NoteOfVisit.objects.filter(pk=note.pk).exists() and not NoteSection.objects.filter(note_id=note.pk).exists()
    assert Visit.objects.filter(pk=note.visit_id, no_note_reason__gt="").exists()
    assert (done.state, done.count, done.rows) == ("done", 1, [])
    event = AuditEvent.objects.get(event="disposal.done")
    assert event.changes["count"] == 1 and event.changes["digest"] == done.digest and note.reference not in str(event.changes)
    assert not TriggerSwitch.objects.exists()
    with pytest.raises(Conflict):
        services.confirm_disposal(actor=person(world.dpo), disposal=disposal, at=LATER)


def test_a_note_goes_whole_with_its_records_and_no_other(world: World, django_capture_on_commit_callbacks: Any) -> None:
    """Past the triggers that keep records, which keep them again at once."""
    record = NoteRecord.objects.get(kind="final")
    set_period(world, "note")
    assert "note" not in proposed(world, YEARS_ON)  # an agreed action is open
    AgreedAction.objects.filter(note=record.note).update(state="met", closed_on=NOW.date())
    kept = factory.bring_to("final", author=world.sip, school=world.ash, manager=world.manager)
    disposal = proposed(world, YEARS_ON)["note"]
    assert {row["school"] for row in disposal.rows} == {world.oak.pk}
    put_many([Entry(kind="record", subject=record.public_id, title="A note", body="zqdestroyedzq", authority_id=world.authority.pk)])
    assert word_is_held("zqdestroyedzq")
    with django_capture_on_commit_callbacks(execute=True):
        services.confirm_disposal(actor=person(world.dpo), disposal=disposal, at=YEARS_ON)
    assert not word_is_held("zqdestroyedzq")
    assert not NoteRecord.objects.filter(note=record.note_id).exists()
    assert not StoredFile.objects.filter(pk=record.pdf_id).exists()
    assert not SearchDocument.objects.filter(subject=record.public_id).exists()
    assert NoteRecord.objects.filter(note=kept).exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        NoteRecord.objects.filter(note=kept).delete()


def test_a_hold_and_an_open_request_stop_the_clock(world: World) -> None:
    set_period(world, "alert")
    dpo = person(world.dpo)
    hold = services.place_hold(actor=dpo, authority=world.authority, school=world.oak, kind="alert", reason="A claim", at=NOW)
    assert "alert" not in proposed(world, YEARS_ON)
    services.lift_hold(actor=dpo, hold=hold, reason="Settled", at=NOW)
    with pytest.raises(Conflict):
        services.lift_hold(actor=dpo, hold=hold, reason="Again", at=NOW)
    disposal = proposed(world, YEARS_ON)["alert"]
    words = services.RequestWords("foi", NOW.date(), "The Gazette", "All alerts", schools=[world.oak])
    services.open_request(actor=dpo, authority=world.authority, words=words, at=NOW)
    done = services.confirm_disposal(actor=dpo, disposal=disposal, at=YEARS_ON)
    assert done.count == 0 and Alert.objects.count() == 1  # held since it was proposed


@pytest.mark.parametrize("kind", ["alert", "audit", "request"])
def test_each_kind_is_destroyed_as_it_says(world: World, kind: str) -> None:
    set_period(world, kind)
    item, _ = factory.request_about(world, NoteRecord.objects.get(kind="final"))
    item.request.refresh_from_db()
    services.take_back_request(actor=person(world.dpo), request=item.request, reason="By letter", at=NOW)
    services.propose_disposal(actor=person(world.dpo), authority=world.authority, at=YEARS_ON)
    disposal = DisposalList.objects.get(kind=kind)
    before = AuditEvent.objects.filter(authority_code="999", occurred_at__lte=NOW).count()
    services.confirm_disposal(actor=person(world.dpo), disposal=disposal, at=YEARS_ON)
    left = AuditEvent.objects.filter(authority_code="999", occurred_at__lte=NOW).count()
    assert (left == 0) == (kind == "audit") and before
    assert Alert.objects.exists() == (kind != "alert")


def test_what_is_refused(world: World) -> None:
    admin, dpo = person(world.administrator), person(world.dpo)
    for months, schedule in ((0, "Row"), (1300, "Row"), (12, " ")):
        with pytest.raises(Refused):
            services.set_period(actor=admin, authority=world.authority, kind="note", months=months, schedule=schedule, at=NOW)
    with pytest.raises(Refused, match="30 days"):
        set_period(world, "abandoned_draft")
    with pytest.raises(Refused, match="why nothing"):
        services.place_hold(actor=dpo, authority=world.authority, reason=" ", at=NOW)
    disposal = proposed(world, LATER)["abandoned_draft"]
    with pytest.raises(Refused, match="why nothing is destroyed"):
        services.set_disposal_aside(actor=dpo, disposal=disposal, reason="", at=LATER)
    make_interest(world.dpo, world.ash)
    with pytest.raises(Refused, match="walled"):
        services.confirm_disposal(actor=person(world.dpo), disposal=disposal, at=LATER)
    services.set_disposal_aside(actor=dpo, disposal=disposal, reason="Wait for the inspector", at=LATER)
    assert NoteOfVisit.objects.filter(state="abandoned").exists() and proposed(world, LATER)


def test_the_pages(world: World) -> None:
    client = Client()
    client.force_login(world.dpo)
    looked = client.post(reverse("visits:retention-list"))
    assert looked.status_code == 302 and not DisposalList.objects.exists()
    services.propose_every_disposal(actor=None, at=LATER)
    period = client.post(reverse("visits:retention-set", args=["note"]), {"has_period": "yes", "months": "72", "schedule": "Row 4"})
    assert period.status_code == 302
    placed = client.post(reverse("visits:hold-place"), {"school": str(world.oak.urn), "kind": "", "reason": "A claim is expected"})
    assert placed.status_code == 302
    page = client.get(reverse("visits:retention-list")).content.decode()
    assert "72 months" in page and "A claim is expected" in page and "Abandoned drafts" in page and "9 kinds" in page
    disposal = DisposalList.objects.get()
    assert client.get(disposal.get_absolute_url()).status_code == 200
    assert client.post(reverse("visits:hold-lift", args=[LegalHold.objects.get().public_id]), {"words": "Settled"}).status_code == 302
    assert client.post(reverse("visits:disposal-set-aside", args=[disposal.public_id]), {"words": "Not yet"}).status_code == 302
    home = client.get("/").content.decode()
    assert "Who read what" in home


def test_who_read_what_by_person_and_note_as_page_and_file(world: World) -> None:
    record = NoteRecord.objects.get(kind="final")
    for name in ("head", "chair"):
        services.note_record_opened(actor=person(world.people[name]), record=record, role=name, at=NOW, downloaded=name == "chair")
    client = Client()
    client.force_login(world.dpo)
    url = reverse("visits:reading-list")
    both = client.get(url).content.decode()
    assert world.head.name in both and world.people["chair"].name in both
    one = client.get(url, {"person": world.head.name, "note": record.note.reference}).content.decode()
    assert world.head.name in one and f">{world.people['chair'].name}<" not in one
    downloads = client.get(reverse("visits:reading-export", args=["csv"]), {"what": "record.downloaded"})
    text = downloads.content.decode("utf-8-sig")
    assert world.people["chair"].name in text and world.head.name not in text
    assert AuditEvent.objects.filter(event="readings.exported").count() == 1
    make_interest(world.dpo, world.oak)
    assert world.head.name not in client.get(url).content.decode()
