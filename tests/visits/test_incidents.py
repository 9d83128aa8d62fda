"""A final note is withdrawn: an incident opens, text and PDF go under seal or are destroyed, a corrected version takes its place."""

from __future__ import annotations

import datetime as dt
import html
import json
import os

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.test import Client, TestCase
from django.urls import reverse

from core import files, retention
from core.access import Refused
from core.audit import AuditEvent
from core.files import StoredFile
from core.sealing import Unopened
from core.search import SearchDocument
from tests.factories import commentaries as made
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World
from visits import seals, services
from visits.choices import NoteState
from visits.held import HELD, in_place
from visits.jobs import make_bundle
from visits.models import (
    Bundle,
    DisposalList,
    Incident,
    NoteOfVisit,
    NoteRecord,
    NoteSection,
    RecordWithdrawal,
    RequestItem,
    SchoolComment,
    SealedRecord,
)

pytestmark = pytest.mark.django_db

SENTENCE = "tracking in Years 3 and 4"


@pytest.fixture
def note(world: World) -> NoteOfVisit:
    make.load_england_2008(world.authority)
    return make.bring_to("final", author=world.sip, school=world.oak, manager=world.manager, head=world.head)


def final(note: NoteOfVisit) -> NoteRecord:
    return NoteRecord.objects.filter(note=note, kind="final").latest("version")


def withdraw(world: World, note: NoteOfVisit) -> Incident:
    asked = services.ask_withdrawal(actor=world.fresh("manager"), record=final(note), reason="A pupil is named.", at=NOW)
    services.confirm_withdrawal(actor=world.fresh("dpo"), withdrawal=asked, at=NOW)
    return Incident.objects.get(withdrawal=asked)


def page(world: World, name: str, url: str, status: int = 200) -> str:
    client = Client()
    client.force_login(world.fresh(name))
    response = client.get(url)
    assert response.status_code == status
    return html.unescape(response.content.decode())


def everywhere() -> str:
    """Every text that the tables of records, files and the index hold."""
    stored = "".join(bytes(row.content).decode("latin-1") for row in StoredFile.objects.defer(None))
    return (
        stored
        + "".join(r.payload for r in NoteRecord.objects.all())
        + "".join(d.body for d in SearchDocument.objects.filter(kind="record"))
    )


@pytest.mark.both
def test_text_and_pdf_go_under_seal_and_the_digests_stay(world: World, note: NoteOfVisit) -> None:
    before = final(note)
    pdf = before.pdf
    assert pdf is not None and SENTENCE in before.payload
    bytes_of_record = files.read(pdf)
    client = Client()
    client.force_login(world.fresh("chair"))
    client.get(before.get_absolute_url())
    incident = withdraw(world, note)
    after = final(note)
    assert incident.withdrawal.readers == ["Clement Board, Chair of governors, 14 October 2008"]
    assert (after.digest, after.pdf_digest, after.at) == (before.digest, before.pdf_digest, before.at)
    assert after.is_sealed and after.pdf is None and not StoredFile.objects.filter(pk=pdf.pk).exists()
    assert SENTENCE not in everywhere() and bytes_of_record[:40].decode("latin-1") not in everywhere()
    release = NoteRecord.objects.get(note=note, kind="release")
    assert release.is_sealed  # it says the same

    manager = page(world, "manager", after.get_absolute_url())
    assert "under seal" in manager and SENTENCE not in manager and incident.get_absolute_url() in manager
    assert "Clement Board" in page(world, "manager", incident.get_absolute_url())
    assert SENTENCE in page(world, "dpo", reverse("visits:incident-text", args=[incident.public_id]))
    assert AuditEvent.objects.filter(event="incident.read", actor_id=world.dpo.public_id).count() == 1
    page(world, "manager", reverse("visits:incident-text", args=[incident.public_id]), 403)
    for name in ("sip", "head", "officer"):
        page(world, name, incident.get_absolute_url(), 404)
    with pytest.raises(IntegrityError), transaction.atomic():  # sealed, it is kept like any other
        NoteRecord.objects.filter(pk=after.pk).update(payload="{}")
    other = SealedRecord.objects.get(record=release)
    SealedRecord.objects.filter(record=after).update(payload=other.payload)
    with pytest.raises(Unopened):
        seals.text_under_seal(after)


def test_a_corrected_version_takes_its_place(world: World, note: NoteOfVisit) -> None:
    withdraw(world, note)
    services.amend_note(actor=world.fresh("sip"), note=make.fresh(note), reason="The pupil is no longer named.", at=NOW)
    services.abandon_amendment(actor=world.fresh("sip"), note=make.fresh(note), reason="Later.", at=NOW)  # puts the sealed text back
    section = NoteSection.objects.get(note=note, code="attendance")
    assert SENTENCE in section.body
    amended = services.amend_note(actor=world.fresh("sip"), note=make.fresh(note), reason="The pupil is no longer named.", at=NOW)
    make.submit(world.fresh("sip"), make.fresh(amended))
    if make.fresh(amended).state == "in_review":
        services.approve_note(actor=world.fresh("manager"), note=make.fresh(amended), at=NOW)
    make.release(world.fresh("manager"), make.fresh(amended))
    services.answer_note(actor=world.fresh("head"), note=make.fresh(amended), school=world.oak, accuracy="accurate", at=NOW)
    make.finalise(world.fresh("manager"), make.fresh(amended))
    current = final(note)
    assert make.fresh(note).state == NoteState.FINAL and current.version == 3 and not current.is_sealed
    assert SENTENCE in page(world, "head", current.get_absolute_url())


def test_what_was_done_is_entered_and_the_incident_closed(world: World, note: NoteOfVisit) -> None:
    asked = services.ask_withdrawal(actor=world.fresh("manager"), record=final(note), reason="A pupil is named.", at=NOW)
    incident = Incident.objects.get(withdrawal=asked)
    with pytest.raises(Refused, match="not decided"):
        services.close_incident(actor=world.fresh("dpo"), incident=incident, outcome="Done.", at=NOW)
    services.confirm_withdrawal(actor=world.fresh("dpo"), withdrawal=asked, at=NOW)
    client = Client()
    client.force_login(world.fresh("manager"))
    assert client.post(incident.get_absolute_url(), {"words": ""}).status_code == 422
    client.post(incident.get_absolute_url(), {"words": "The chair was asked to delete the copy."})
    assert "asked to delete the copy" in page(world, "dpo", incident.get_absolute_url())
    services.close_incident(actor=world.fresh("dpo"), incident=Incident.objects.get(), outcome="No harm. Not reported.", at=NOW)
    assert "No harm" in page(world, "manager", incident.get_absolute_url())
    with pytest.raises(Refused, match="closed"):
        services.enter_incident(actor=world.fresh("manager"), incident=Incident.objects.get(), text="More.", at=NOW)
    told = [e.changes for e in AuditEvent.objects.filter(event__startswith="incident.")]
    assert "copy" not in json.dumps(told) and "harm" not in json.dumps(told)
    assert world.oak.name in page(world, "dpo", reverse("visits:incident-list"))


def test_a_refused_withdrawal_closes_its_incident_and_seals_nothing(world: World, note: NoteOfVisit) -> None:
    asked = services.ask_withdrawal(actor=world.fresh("manager"), record=final(note), reason="Wrong recipient.", at=NOW)
    services.refuse_withdrawal(actor=world.fresh("dpo"), withdrawal=asked, at=NOW)
    assert Incident.objects.get().closed_at and not SealedRecord.objects.exists() and SENTENCE in final(note).payload


@pytest.mark.both
def test_an_annual_commentary_is_withdrawn_by_the_same_two_on_the_same_pages(world: World, note: NoteOfVisit) -> None:
    row = made.in_state("final", world.sip, world.oak, world.head)
    record = row.records.get(kind="final")
    sentence = json.loads(record.payload)["sections"][0]["text"][:80]
    here = row.get_absolute_url()
    pdf = reverse("visits:commentary-pdf", args=[record.public_id])
    asks, decides = (reverse(f"visits:withdrawal-{step}", args=[record.public_id]) for step in ("ask", "decide"))
    assert sentence in page(world, "chair", here) and SearchDocument.objects.filter(subject=record.public_id).exists()
    assert asks in page(world, "dpo", here) and sentence not in page(world, "dpo", here)  # who reads none of it withdraws it

    assert "Clement Board" in page(world, "dpo", asks)
    client = Client()
    client.force_login(world.fresh("dpo"))
    assert client.post(asks, {"reason": "A pupil can be recognised."}).status_code == 302
    incident = Incident.objects.get()
    assert incident.withdrawal.readers == ["Clement Board, Chair of governors, 14 October 2008"]
    for name in ("chair", "head", "sip", "officer"):
        told = page(world, name, here)
        assert sentence not in told and "14 October 2008: A pupil can be recognised." in told, name
        page(world, name, pdf, 404)
    assert sentence in page(world, "manager", here)  # until it is decided
    assert decides in page(world, "manager", reverse("home")) and decides in page(world, "manager", incident.get_absolute_url())
    assert decides not in page(world, "dpo", incident.get_absolute_url())  # who asked for it
    page(world, "dpo", decides)
    client.force_login(world.fresh("manager"))
    client.post(decides, {"decision": "confirm"})

    row, record = made.fresh(row), row.records.get(kind="final")
    assert (row.state, row.is_final_withdrawn, record.is_sealed, record.pdf) == ("withdrawn", True, True, None)
    assert sentence not in record.payload and not SearchDocument.objects.filter(subject=record.public_id).exists()
    assert row.records.get(kind="release").is_sealed and not StoredFile.objects.filter(sha256=record.pdf_digest).exists()
    assert "withdrawn on 14 October 2008: A pupil can be recognised." in page(world, "head", here)
    assert incident.get_absolute_url() in page(world, "manager", here) and "under seal" in page(world, "manager", record.get_absolute_url())
    text = reverse("visits:incident-text", args=[incident.public_id])
    assert sentence in page(world, "dpo", text)
    page(world, "manager", text, 403)
    page(world, "manager", pdf, 404)
    listed = page(world, "dpo", reverse("home"))
    assert "annual commentary 2008/09" in listed and incident.get_absolute_url() in listed

    # a request lists it as not searched, and reads it from under the seal; a corrected version takes its place, or is given up
    words = services.RequestWords("foi", NOW.date(), "The Gazette", "All of it", schools=[world.oak], words=["zebra"])
    asked = services.open_request(actor=world.fresh("dpo"), authority=world.authority, words=words, at=NOW)
    (held,) = in_place(asked, "final_notes", frozenset())
    assert (held.subject_id, held.unsearched) == (record.public_id, "under seal")
    found = RequestItem(kind=held.kind, subject_id=held.subject_id, label=held.label)
    assert sentence in str(HELD[held.kind].text(found, world.dpo, NOW))
    services.take_back_request(actor=world.fresh("dpo"), request=asked, reason="By telephone", at=NOW)
    services.amend_commentary(actor=world.fresh("sip"), commentary=row, reason="Nobody is named.", at=NOW)
    row = made.fresh(row)
    services.abandon_commentary_amendment(actor=world.fresh("sip"), commentary=row, reason="Later.", at=NOW)
    row = made.fresh(row)
    assert row.state == "withdrawn" and sentence in row.sections.get(position=1).body
    services.amend_commentary(actor=world.fresh("sip"), commentary=row, reason="Nobody is named.", at=NOW)
    row = made.finalised(made.released(made.fresh(row), world.sip), world.sip, world.head)
    assert (row.state, row.is_final_withdrawn) == ("final", False) and sentence in page(world, "chair", here)

    # its time under seal has an end, as a note's has
    services.close_incident(actor=world.fresh("dpo"), incident=Incident.objects.get(), outcome="No harm.", at=NOW)
    assert [due.subject_id for due in seals.due(world.authority.pk, NOW.date())] == [incident.public_id]
    destroy = reverse("visits:incident-destroy", args=[incident.public_id])
    client.force_login(world.fresh("dpo"))
    assert client.post(destroy, {"words": "The Commissioner"}).status_code == 302
    assert not SealedRecord.objects.exists() and row.sections.exclude(body="").exists()  # the corrected text stays
    retention.destroy("commentary", world.authority.pk, [row.public_id], reason="Over")
    assert not Incident.objects.exists() and not RecordWithdrawal.objects.exists()


def test_a_withdrawal_is_of_one_record(world: World, note: NoteOfVisit) -> None:
    commentary = made.in_state("final", world.sip, world.oak, world.head).records.get(kind="final")
    for of in ({}, {"record": final(note), "commentary_record": commentary}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RecordWithdrawal.objects.create(**of, reason="x", asked_by=world.dpo, asked_at=NOW)


def test_files_of_many_notes_go_with_a_note_in_them_and_are_made_again_without(world: World, note: NoteOfVisit) -> None:
    other = make.bring_to("final", author=world.sip, school=world.ash, manager=world.manager)
    kept = Bundle.objects.create(
        authority=world.authority, asked_by=world.officer, form="zip", title="Final notes", records=[final(note).public_id, final(other).public_id],
        file=ContentFile(b"zip", "bundle"), size=3, asked_at=NOW, ready_at=NOW, expires_at=NOW + dt.timedelta(days=7),
    )  # fmt: skip
    elsewhere = Bundle.objects.create(
        authority=world.authority, asked_by=world.officer, form="zip", title="Others", records=[final(other).public_id],
        file=ContentFile(b"zip", "bundle"), size=3, asked_at=NOW, ready_at=NOW, expires_at=NOW + dt.timedelta(days=7),
    )  # fmt: skip
    stored = kept.file.path
    with pytest.raises(Refused, match="still kept"):
        services.remake_bundle(actor=world.fresh("officer"), bundle=kept, task=make_bundle, at=NOW)
    with TestCase.captureOnCommitCallbacks(execute=True):
        services.ask_withdrawal(actor=world.fresh("manager"), record=final(note), reason="A pupil is named.", at=NOW)
    assert not os.path.exists(stored) and os.path.exists(elsewhere.file.path)
    told = page(world, "officer", kept.get_absolute_url())
    assert "a note in it was withdrawn" in told and "Make it again without it" in told
    assert Bundle.objects.get(pk=elsewhere.pk).is_ready
    again = services.remake_bundle(actor=world.fresh("officer"), bundle=Bundle.objects.get(pk=kept.pk), task=make_bundle, at=NOW)
    assert again.records == [final(other).public_id] and again.criteria == kept.criteria
    assert AuditEvent.objects.filter(event="bundle.withdrawn", subject_id=kept.public_id).exists()


def test_on_order_what_is_under_seal_is_destroyed_unless_it_is_held(world: World, note: NoteOfVisit) -> None:
    incident = withdraw(world, note)
    destroy = reverse("visits:incident-destroy", args=[incident.public_id])
    hold = services.place_hold(actor=world.fresh("dpo"), authority=world.authority, school=world.oak, reason="A claim", at=NOW)
    client = Client()
    client.force_login(world.fresh("dpo"))
    said = SchoolComment.objects.create(
        note=note, school=world.oak, version=final(note).version, kind="comment", text="It is Tom.", by=world.head, at=NOW
    )
    held = client.post(destroy, {"words": "The Commissioner, 14 October 2008"})
    assert held.status_code == 422 and "legal hold" in held.content.decode()
    services.lift_hold(actor=world.fresh("dpo"), hold=hold, reason="Settled", at=NOW)
    assert client.post(destroy, {"words": "The Commissioner, 14 October 2008"}).status_code == 302
    assert not SealedRecord.objects.exists() and not NoteSection.objects.filter(note=note).exclude(body="").exists()
    assert SchoolComment.objects.get(pk=said.pk).text == "", "what the school said of it goes too"
    assert RecordWithdrawal.objects.get().reason and final(note).digest
    assert DisposalList.objects.get(kind="withdrawn").count == 1
    assert "Destroyed" in page(world, "dpo", incident.get_absolute_url())
    with pytest.raises(Refused, match="nothing under seal"):
        services.destroy_withdrawn(actor=world.fresh("dpo"), incident=Incident.objects.get(), order="Again", at=NOW)
    client.get(reverse("visits:incident-text", args=[incident.public_id]))
    with pytest.raises(Refused, match="no text under seal"):
        services.read_under_seal(actor=world.fresh("dpo"), incident=Incident.objects.get(), at=NOW)


def test_the_schedule_destroys_it_once_its_incident_is_closed(world: World, note: NoteOfVisit) -> None:
    incident = withdraw(world, note)
    assert seals.due(world.authority.pk, NOW.date()) == []
    services.close_incident(actor=world.fresh("dpo"), incident=incident, outcome="No harm.", at=NOW)
    found = seals.due(world.authority.pk, NOW.date())
    assert [due.subject_id for due in found] == [incident.public_id] and found[0].school_id == world.oak.pk
