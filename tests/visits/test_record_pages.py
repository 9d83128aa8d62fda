"""Records: the page, the PDF byte for byte, verification, corrections, withdrawal; agreed actions and their progress."""

from __future__ import annotations

import datetime as dt
import html
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core import files
from core.audit import AuditEvent
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World
from tests.reading import flat
from visits import services
from visits.choices import NoteState
from visits.models import AgreedAction, CorrectionRequest, NoteOfVisit, NoteRecord, RecordWithdrawal

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world: World) -> World:
    make.load_england_2008(world.authority)
    make.load_england_2008(world.other)
    return world


@pytest.fixture
def note(world: World) -> NoteOfVisit:
    return make.bring_to(NoteState.FINAL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)


@pytest.fixture
def record(note: NoteOfVisit) -> NoteRecord:
    return NoteRecord.objects.get(note=note, kind="final")


def client_of(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name])
    return client


def page(world: World, name: str, url: str) -> str:
    response = client_of(world, name).get(url)
    assert response.status_code == 200, (name, response.status_code, url)
    return html.unescape(response.content.decode())


READERS = {"head", "chair", "clerk", "officer", "officer_chair", "head_of_improvement", "sip", "manager", "manager_sip"}


def pdf(record: NoteRecord) -> str:
    return reverse("visits:record-pdf", args=[record.public_id])


def test_page_and_pdf_are_for_the_readers_of_a_final_note(world: World, record: NoteRecord) -> None:
    for address in (record.get_absolute_url(), pdf(record)):
        found = {name for name in world.people if client_of(world, name).get(address).status_code == 200}
        assert found == READERS, address
    assert client_of(world, "consultant").get(pdf(record)).status_code == 404
    assert Client().get(pdf(record)).status_code == 302


def test_the_pdf_is_served_byte_for_byte_and_noted(world: World, record: NoteRecord) -> None:
    client = client_of(world, "chair")
    first, second = client.get(pdf(record)), client.get(pdf(record))
    assert record.pdf is not None
    assert first.content == second.content == files.read(record.pdf)
    assert first["Content-Type"] == "application/pdf"
    assert 'filename="2008-0001-oakfield-primary-school-version-1.pdf"' in first["Content-Disposition"]
    assert [(e.actor_name, e.actor_role) for e in AuditEvent.objects.filter(event="record.downloaded")] == [
        ("Clement Board", "Chair of governors")
    ]
    assert "Clement Board" in page(world, "head", record.get_absolute_url())


def test_an_imported_record_says_that_it_has_no_pdf(world: World, note: NoteOfVisit, record: NoteRecord) -> None:
    old = NoteRecord.objects.create(
        authority=record.authority, note=note, school=record.school, version=2, kind="final", payload=record.payload, digest="0" * 64,
        is_imported=True, at=NOW, by_name="Import", by_role="",
    )  # fmt: skip
    shown = page(world, "head", old.get_absolute_url())
    assert "It has no PDF of record" in shown and "Download PDF" not in shown
    assert client_of(world, "head").get(pdf(old)).status_code == 404
    assert "A later version has taken its place" in page(world, "head", record.get_absolute_url())


# ---------------------------------------------------------------- verification


def test_a_pdf_is_verified_by_its_own_digest_first(world: World, record: NoteRecord) -> None:
    assert record.pdf is not None
    client = client_of(world, "head")
    address = reverse("visits:record-verify")
    good = client.post(address, {"file": SimpleUploadedFile("note.pdf", files.read(record.pdf))})
    assert "It is the PDF of record." in good.content.decode()
    changed = client.post(address, {"file": SimpleUploadedFile("note.pdf", b"%PDF-1.7 changed"), "digest": record.short_digest})
    assert "The file itself is not the PDF of record" in changed.content.decode()
    printed = client.post(address, {"digest": record.short_digest.upper()})
    assert "A digest alone says which record it names" in flat(printed.content.decode())
    nothing = client.post(address, {"digest": "0123 4567 89ab"})
    assert "No record that you may read matches." in nothing.content.decode()


def test_verification_tells_nobody_of_a_record_that_is_not_theirs(world: World, record: NoteRecord) -> None:
    assert record.pdf is not None
    sent = {"file": SimpleUploadedFile("note.pdf", files.read(record.pdf)), "digest": record.digest}
    shown = client_of(world, "consultant").post(reverse("visits:record-verify"), sent).content.decode()
    assert "No record that you may read matches." in shown and "Oakfield" not in shown
    assert client_of(world, "administrator").get(reverse("visits:record-verify")).status_code == 403


@pytest.mark.parametrize(("sent", "says"), [({}, "Choose the PDF, or enter the digest"), ({"digest": "81e5"}, "at least 12 characters")])
def test_what_verification_lacks_is_said(world: World, sent: dict[str, Any], says: str) -> None:
    response = client_of(world, "head").post(reverse("visits:record-verify"), sent)
    assert response.status_code == 422 and says in response.content.decode()


# ---------------------------------------------------------------- corrections


def test_a_correction_is_asked_for_and_declined(world: World, note: NoteOfVisit, record: NoteRecord) -> None:
    address = reverse("visits:correction-ask", args=[record.public_id])
    client = client_of(world, "chair")
    assert "Tuesday 28 October 2008" in client.get(address).content.decode()
    response = client.post(address, {"place": "", "why": ""})
    assert response.status_code == 422 and "Enter where in the note it is" in response.content.decode()
    client.post(address, {"place": "Section 3", "why": "The figure is last year's."})
    request = CorrectionRequest.objects.get()
    shown = page(world, "sip", note.get_absolute_url())
    assert "A correction is asked for." in shown and "Section 3" in shown and "28 October 2008" in shown
    decline = reverse("visits:correction-decline", args=[request.public_id])
    assert client.get(decline).status_code == 403
    assert client_of(world, "consultant").get(decline).status_code == 404
    response = client_of(world, "sip").post(decline, {"reason": ""})
    assert response.status_code == 422 and "Enter why the note is not changed" in response.content.decode()
    client_of(world, "sip").post(decline, {"reason": "It is this year's: see the release date."})
    assert "It is this year's: see the release date." in page(world, "head", note.get_absolute_url())
    again = client_of(world, "sip").post(decline, {"reason": "Twice"})
    assert again.status_code == 422 and "answered already" in again.content.decode()


def test_only_head_and_chair_ask(world: World, record: NoteRecord) -> None:
    address = reverse("visits:correction-ask", args=[record.public_id])
    for name in ("clerk", "sip", "manager", "officer"):
        assert client_of(world, name).get(address).status_code == 403, name
    assert client_of(world, "elm_head").get(address).status_code == 404


# ---------------------------------------------------------------- withdrawal


def test_withdrawal_takes_two_and_ends_access_at_once(world: World, note: NoteOfVisit, record: NoteRecord) -> None:
    client_of(world, "chair").get(record.get_absolute_url())
    ask, decide = (reverse(f"visits:withdrawal-{name}", args=[record.public_id]) for name in ("ask", "decide"))
    client = client_of(world, "dpo")
    assert "Clement Board" in client.get(ask).content.decode()
    assert client.post(ask, {"reason": ""}).status_code == 422
    client.post(ask, {"reason": "A pupil can be recognised."})
    for name in ("head", "chair", "sip", "officer"):
        assert client_of(world, name).get(record.get_absolute_url()).status_code == 404, name
        assert client_of(world, name).get(pdf(record)).status_code == 404, name
    assert "tracking in Years 3 and 4" not in page(world, "head", note.get_absolute_url())
    response = client.post(decide, {"decision": "confirm"})
    assert response.status_code == 422 and "One asks and the other confirms" in response.content.decode()
    manager = client_of(world, "manager")
    assert "A pupil can be recognised." in manager.get(decide).content.decode()
    assert manager.post(decide, {}).status_code == 422
    manager.post(decide, {"decision": "confirm"})
    assert make.fresh(note).state == NoteState.WITHDRAWN
    assert "This version is withdrawn." in page(world, "manager", note.get_absolute_url())
    assert client_of(world, "manager").get(decide).status_code == 404


def test_a_refused_withdrawal_restores_access(world: World, record: NoteRecord) -> None:
    services.ask_withdrawal(actor=world.manager, record=record, reason="Wrong recipient.", at=NOW)
    client_of(world, "dpo").post(reverse("visits:withdrawal-decide", args=[record.public_id]), {"decision": "refuse"})
    assert RecordWithdrawal.objects.get().state == "refused"
    assert client_of(world, "head").get(record.get_absolute_url()).status_code == 200


def test_nobody_else_withdraws(world: World, record: NoteRecord) -> None:
    for name in ("sip", "head", "chair", "officer", "head_of_improvement"):
        assert client_of(world, name).get(reverse("visits:withdrawal-ask", args=[record.public_id])).status_code == 403, name
    assert client_of(world, "other_manager").get(reverse("visits:withdrawal-ask", args=[record.public_id])).status_code == 404


# ---------------------------------------------------------------- actions


@pytest.fixture
def action(note: NoteOfVisit) -> AgreedAction:
    return AgreedAction.objects.get(note=note)


def url(action: AgreedAction) -> str:
    return reverse("visits:action-detail", args=[action.public_id])


def test_actions_are_for_the_readers_of_final_notes(world: World, action: AgreedAction) -> None:
    found = {name for name in world.people if client_of(world, name).get(url(action)).status_code == 200}
    assert found == READERS
    for name in ("dpo", "mentor", "office", "consultant"):
        assert action.text not in client_of(world, name).get(reverse("visits:action-list")).content.decode(), name
    assert client_of(world, "administrator").get(reverse("visits:action-list")).status_code == 403


def test_the_school_and_the_sip_report_progress(world: World, action: AgreedAction) -> None:
    client = client_of(world, "head")
    response = client.post(url(action), {"text": ""})
    assert response.status_code == 422 and "Enter what has been done" in response.content.decode()
    client.post(url(action), {"text": "Two meetings were held.", "evidence": "Minutes"})
    client_of(world, "sip").post(url(action), {"text": "Seen on 14 October."})
    shown = page(world, "officer", url(action))
    assert "Two meetings were held." in shown and "Headteacher, 14 October" in shown and "Seen on 14 October." in shown
    assert client_of(world, "officer").post(url(action), {"text": "Not mine"}).status_code == 403
    assert action.progress.count() == 2


def test_filters_of_actions(world: World, action: AgreedAction) -> None:
    address = reverse("visits:action-list")
    for query, seen in (("", True), ("?state=overdue", False), ("?state=met", False), ("?state=all", True), ("?owner=head", True),
                        ("?owner=governors", False), (f"?school={world.oak.public_id}", True), ("?school=Ashdown", False)):  # fmt: skip
        assert (action.text in page(world, "manager", address + query)) is seen, query
    AgreedAction.objects.update(due_on=dt.date(2008, 10, 1))
    assert "Overdue" in page(world, "manager", address + "?state=overdue")


def test_actions_of_a_withdrawn_version_are_sealed_with_it(world: World, action: AgreedAction, record: NoteRecord) -> None:
    services.ask_withdrawal(actor=world.manager, record=record, reason="A pupil can be recognised.", at=NOW)
    assert client_of(world, "head").get(url(action)).status_code == 404


def test_how_a_later_note_judged_an_action_is_sealed_with_that_note(world: World, action: AgreedAction) -> None:
    later = NOW + dt.timedelta(days=40)
    judging = make.start(world.sip, world.oak, on=later.date(), at=later)
    judging = make.fill(world.sip, judging, later)
    judging = make.submit(world.sip, judging, later)
    if judging.state == NoteState.IN_REVIEW:
        services.approve_note(actor=world.manager, note=judging, at=later)
    make.release(world.sip, judging, later)
    services.answer_note(actor=world.head, note=make.fresh(judging), school=world.oak, accuracy="accurate", at=later)
    make.finalise(world.sip, judging, later)
    words = "Minutes of three meetings were seen."
    assert words in page(world, "head", url(action))
    of_judging = NoteRecord.objects.get(note=judging, kind="final")
    services.ask_withdrawal(actor=world.manager, record=of_judging, reason="A pupil can be recognised.", at=later)
    for name in ("head", "officer", "sip"):
        assert words not in page(world, name, url(action)), name


def test_no_page_shows_the_working_text_of_a_final_note(world: World, note: NoteOfVisit, record: NoteRecord) -> None:
    """A withdrawal ends access with the asking: the author's preview must not go round it."""
    services.ask_withdrawal(actor=world.manager, record=record, reason="A pupil can be recognised.", at=NOW)
    client = client_of(world, "sip")
    preview = client.get(reverse("visits:note-preview", args=[note.public_id]))
    assert preview.status_code == 302 and preview["Location"] == note.get_absolute_url()
    review = note.gate_reviews.create(version=note.version, due_on=NOW.date(), decision="approved", decided_at=NOW)
    assert client.get(reverse("visits:review-detail", args=[review.public_id])).status_code == 302
    assert "Standards rose" not in page(world, "sip", note.get_absolute_url())


def test_the_audit_names_no_action_by_its_words(world: World, action: AgreedAction) -> None:
    client_of(world, "head").post(url(action), {"text": "Two meetings were held."})
    event = AuditEvent.objects.get(event="action.progress")
    assert action.text[:20] not in event.subject_label
    assert event.subject_label.startswith("Action agreed ")


# ---------------------------------------------------------------- two versions beside each other


def test_any_two_versions_are_compared_word_by_word_with_the_reason(world: World, note: NoteOfVisit) -> None:
    only = page(world, "head", reverse("visits:note-compare", args=[note.public_id]))
    assert "There is one version that you can read" in only

    services.amend_note(actor=world.fresh("sip"), note=make.fresh(note), reason="The figures of July were provisional.", at=NOW)
    section = note.sections.get(code="standards")
    body = section.body.replace("Standards rose", "Results fell", 1) + " Eleven pupils moved in."
    services.save_section(
        actor=world.fresh("sip"), note=make.fresh(note), key=section.key, base_revision=section.revision, body=body, rows={}, at=NOW
    )
    again = make.submit(world.fresh("sip"), note)
    if again.state == NoteState.IN_REVIEW:
        services.approve_note(actor=world.fresh("manager"), note=again, at=NOW)
    make.release(world.fresh("sip"), again)
    services.answer_note(actor=world.fresh("head"), note=make.fresh(note), school=world.oak, accuracy="accurate", agreement="agree", at=NOW)
    make.finalise(world.fresh("sip"), note)

    url = reverse("visits:note-compare", args=[note.public_id])
    shown = page(world, "head", url)
    assert "1 of" in shown and "2 words removed, 6 added" in shown
    assert "removed: </span>Standards rose" in shown and "added: </span>Results fell" in shown
    assert "The figures of July were provisional." in shown
    assert "draft for accuracy" not in shown, "the school reads no draft once it is over"
    drafts = NoteRecord.objects.filter(note=note, kind="release", version=1).get()
    first = NoteRecord.objects.get(note=note, kind="final", version=1)
    assert "0 of" in page(world, "sip", f"{url}?from={drafts.public_id}&to={first.public_id}")
    assert page(world, "head", f"{url}?from={drafts.public_id}").count("draft for accuracy") == 0
    opened = AuditEvent.objects.filter(event="record.opened", actor_id=world.head.public_id, subject_id=first.public_id)
    assert opened.count() == 1, "who compares has read both"
