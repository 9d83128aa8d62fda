"""The annual commentary to governors: assembled from final records, edited by section, sent, answered, final, amended."""

from __future__ import annotations

import datetime as dt
import html
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from core import search
from core.access import Conflict, Refused
from core.audit import AuditEvent
from core.outbox import OutboxEmail, mark_bounced, send_due
from tests.factories import commentaries as made
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World
from tests.factories.stage import person, stage, undone
from visits import documents, services
from visits.choices import CommentaryState, NoteState, RecordKind
from visits.commentary import commentary_document, references_in
from visits.models import Commentary, CommentaryRecord, Delivery, Dispatch, NoteRecord
from visits.record import PayloadError, validate_commentary

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Two final notes of the year at Oakfield: in the autumn something is satisfactory, in the spring it is good."""
    with stage(django_db_blocker) as world:
        make.load_england_2008(world.authority)
        make.bring_to(NoteState.FINAL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)
        yield world


@pytest.fixture
def world(built: World) -> Iterator[World]:
    with undone():
        yield built


def text(commentary: Commentary, code: str) -> str:
    return str(commentary.sections.get(code=code).body)


def reference(world: World) -> str:
    return NoteRecord.objects.get(kind="final", school=world.oak).note.reference


def client_of(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name])
    return client


def page(world: World, name: str, url: str, status: int = 200) -> str:
    response = client_of(world, name).get(url)
    assert response.status_code == status, (name, response.status_code, url)
    return html.unescape(response.content.decode())


# ---------------------------------------------------------------- assembled


def test_it_is_assembled_from_the_years_final_records_each_passage_with_its_note(world: World) -> None:
    commentary, note = made.begun(world.sip, world.oak), reference(world)
    assert [section.code for section in commentary.sections.all()] == [
        "looked_at", "strengths", "concerns", "judgements", "actions", "targets", "questions"
    ]  # fmt: skip
    for code in ("looked_at", "strengths", "judgements", "actions", "questions"):
        passages = text(commentary, code).split("\n\n")
        assert passages[-1].endswith(f"({note})"), code
        assert references_in(passages) == {note}, code
    assert "9 October 2008, by" in text(commentary, "looked_at")
    assert "2 Good. 68% in 2008, from 61%; 24 books seen." in text(commentary, "strengths")
    assert "Hold pupil progress meetings each half-term" in text(commentary, "actions")
    assert "What stands in its way" in text(commentary, "questions")
    assert [row.kind for row in commentary.sources.all()] == ["final"]
    # nothing of a working copy: what is written after final is not in it
    other = make.start(world.sip, world.oak)
    make.fill(world.sip, other)
    services.gather_commentary(actor=world.sip, commentary=made.fresh(commentary), at=NOW)
    assert other.reference not in "".join(section.body for section in commentary.sections.all())


def test_one_a_school_and_year_begun_by_whoever_serves_it_where_there_is_a_final_note(world: World) -> None:
    made.begun(world.sip, world.oak)
    for year, says in ((2008, "begun already"), (2006, "no final note of that year")):
        with pytest.raises(Refused, match=says):
            services.start_commentary(actor=world.sip, school=world.oak, academic_year=year, at=NOW)
    shown = page(world, "sip", reverse("visits:commentary-start", args=[world.oak.authority.code, world.oak.urn]))
    assert "There is nothing to make it from." in shown


def test_gathering_again_writes_anew_what_nobody_edited_and_adds_to_what_was(world: World) -> None:
    commentary = made.begun(world.sip, world.oak)
    save(world, commentary, "strengths", "My own words.")
    later = make.bring_to(NoteState.FINAL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    assert services.gather_commentary(actor=world.sip, commentary=made.fresh(commentary), at=NOW) > 2
    assert text(commentary, "strengths").startswith("My own words.\n\n")
    assert references_in([text(commentary, "strengths")]) == {later.reference}
    assert references_in([text(commentary, "judgements")]) == {reference_of(r) for r in commentary.sources.all()}
    assert ": unchanged. (" in text(commentary, "judgements")
    assert services.gather_commentary(actor=world.sip, commentary=made.fresh(commentary), at=NOW) == 0


def reference_of(record: NoteRecord) -> str:
    return record.note.reference


def save(world: World, commentary: Commentary, code: str, body: str, base: int | None = None) -> services.Saved:
    revision = commentary.sections.get(code=code).revision if base is None else base
    return services.save_commentary_section(
        actor=world.sip, commentary=made.fresh(commentary), code=code, base_revision=revision, body=body, at=NOW
    )


def test_two_windows_never_silently_overwrite(world: World) -> None:
    commentary = made.begun(world.sip, world.oak)
    url = reverse("visits:commentary-edit", args=[commentary.public_id, "strengths"])
    client = client_of(world, "sip")
    assert client.post(url, {"base": "0", "body": "From this window."}).status_code == 302
    late = client.post(url, {"base": "0", "body": "From the other."})
    shown = html.unescape(late.content.decode())
    assert late.status_code == 409 and "From this window." in shown and "From the other." in shown
    assert text(commentary, "strengths") == "From this window."
    with pytest.raises(services.SectionConflict):
        save(world, commentary, "strengths", "From a third.", base=0)
    assert client.post(url, {"base": "1", "body": "From the other.", "resolve": "both"}).status_code == 302
    assert text(commentary, "strengths") == "From this window.\n\nFrom the other."
    words = AuditEvent.objects.filter(event="commentary.written").latest("pk").changes
    assert words == {"strengths": "changed, 3 words"}  # one event an hour: that of the first save


# ---------------------------------------------------------------- sent


def test_the_draft_goes_to_the_head_then_the_final_to_head_chair_clerk_and_authority(world: World) -> None:
    commentary = made.released(made.begun(world.sip, world.oak), world.sip)
    assert [d.role for d in Delivery.objects.filter(dispatch__commentary=commentary)] == ["Headteacher"]
    assert commentary.school_due_on is None
    with pytest.raises(Refused, match="has not been delivered"):
        finalise(world, commentary)
    send_due(NOW)
    commentary = made.fresh(commentary)
    assert commentary.school_due_on is not None and commentary.school_due_on > TODAY
    with pytest.raises(Refused, match="has until"):
        finalise(world, commentary)
    services.answer_commentary(actor=person(world.head), commentary=commentary, accuracy="inaccurate", words="Not 24 books: 42.", at=NOW)
    with pytest.raises(Refused, match="Answer what the school says"):
        finalise(world, made.fresh(commentary))
    finalise(world, made.fresh(commentary), reply="42 it is; see the amendment to come.")
    final = CommentaryRecord.objects.get(kind="final")
    response = json.loads(final.payload)["response"]
    assert response["words"] == "Not 24 books: 42." and response["answer"]["text"].startswith("42 it is")
    sent = Delivery.objects.filter(dispatch__commentary=commentary, dispatch__kind="final")
    assert [d.role for d in sent] == ["Headteacher", "Chair of governors", "Clerk to the governors", "For the authority's file"]
    mail = OutboxEmail.objects.filter(context_reference__in=sent.values("public_id")).first()
    assert mail is not None and commentary.get_absolute_url() in mail.body and "books" not in mail.body


def finalise(world: World, commentary: Commentary, reply: str = "") -> None:
    rendered = made.rendered(commentary, RecordKind.FINAL, world.sip, reply=reply)
    services.finalise_commentary(actor=world.sip, commentary=commentary, rendered=rendered, at=NOW, reply=reply)


def test_without_an_answer_it_is_final_after_the_window_and_says_so(world: World) -> None:
    commentary = made.released(made.begun(world.sip, world.oak), world.sip)
    send_due(NOW)
    commentary = made.fresh(commentary)
    at = NOW + dt.timedelta(days=30)
    rendered = made.rendered(commentary, RecordKind.FINAL, world.sip, at)
    services.finalise_commentary(actor=world.sip, commentary=commentary, rendered=rendered, at=at)
    assert json.loads(CommentaryRecord.objects.get(kind="final").payload)["response"]["silence"].startswith("The school did not comment by")


def test_a_delivery_that_comes_back_has_not_happened(world: World) -> None:
    commentary = made.released(made.begun(world.sip, world.oak), world.sip)
    send_due(NOW)
    delivery = Delivery.objects.get(dispatch__commentary=commentary)
    mark_bounced(delivery.message_id, at=NOW)
    assert made.fresh(commentary).school_due_on is None
    shown = page(world, "sip", commentary.get_absolute_url())
    assert "An email came back." in shown
    again = reverse("visits:commentary-resend", args=[commentary.public_id, delivery.public_id])
    assert client_of(world, "sip").post(again).status_code == 302
    send_due(NOW)
    assert made.fresh(commentary).school_due_on is not None


def test_what_changed_while_the_pdf_was_made_is_not_sent(world: World) -> None:
    commentary = made.begun(world.sip, world.oak)
    stale = made.rendered(commentary, RecordKind.RELEASE, world.sip)
    services.gather_commentary(actor=world.sip, commentary=commentary, at=NOW)
    with pytest.raises(Conflict):
        services.release_commentary(actor=world.sip, commentary=made.fresh(commentary), rendered=stale, at=NOW)
    assert not Dispatch.objects.filter(commentary=commentary).exists()


def test_a_dispatch_is_of_one_thing(world: World) -> None:
    commentary = made.begun(world.sip, world.oak)
    note = NoteRecord.objects.get(kind="final", school=world.oak).note
    for values in ({}, {"note": note, "commentary": commentary}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Dispatch.objects.create(version=9, kind="final", at=NOW, by=world.sip, **values)


# ---------------------------------------------------------------- read


def test_the_pages_by_state_and_the_search(world: World) -> None:
    commentary = made.begun(world.sip, world.oak)
    url, note = commentary.get_absolute_url(), reference(world)
    assert f">{note}</a>" in page(world, "sip", url) and "Gather the notes again" in page(world, "sip", url)
    assert "not yours to read" in page(world, "manager", url)
    page(world, "head", url, 404)
    commentary = made.released(commentary, world.sip)
    assert "Answer on accuracy" in page(world, "head", url)
    answer = reverse("visits:commentary-answer", args=[commentary.public_id])
    assert "68% in 2008" in page(world, "head", answer)
    assert client_of(world, "head").post(answer, {"accuracy": "inaccurate", "words": ""}).status_code == 422
    assert client_of(world, "head").post(answer, {"accuracy": "accurate", "words": ""}).status_code == 302
    page(world, "chair", url, 404)
    finalise(world, made.fresh(commentary))
    for name in ("chair", "clerk", "officer", "head_of_improvement", "manager", "sip"):
        shown = page(world, name, url)
        assert "Download PDF" in shown and "accepts this commentary as accurate" in shown, name
    page(world, "officer_south", url, 404)
    assert "opened" in page(world, "head", url)
    assert {hit.kind.key for hit in search.search(person(world.chair), "commentary governors")} == {"commentary"}
    assert not search.search(person(world.officer_south), "commentary governors").hits
    tab = page(world, "chair", reverse("schools:school-tab", args=[world.oak.authority.code, world.oak.urn, "visits"]))
    assert "Annual commentary to governors" in tab and url in tab


def test_the_withdrawal_of_a_note_seals_what_quotes_it_until_it_is_amended(world: World) -> None:
    commentary = made.in_state("final", world.sip, world.oak, world.head)
    url, note = commentary.get_absolute_url(), NoteRecord.objects.get(kind="final", school=world.oak)
    asked = services.ask_withdrawal(actor=world.manager, record=note, reason="A pupil can be identified.", at=NOW)
    assert url in page(world, "manager", asked.incident.get_absolute_url()), "what quotes it stands beside what was done"
    assert "A note that it quotes is withdrawn" in page(world, "head", url)
    record = commentary.records.get(kind="final")
    for name in ("head", "chair", "sip"):
        assert not CommentaryRecord.objects.visible_to(person(world.people[name])).filter(pk=record.pk).exists(), name
    assert "A note that it quotes is withdrawn." in page(world, "manager", url)
    assert not search.search(person(world.chair), "commentary governors").hits
    services.amend_commentary(actor=world.sip, commentary=commentary, reason="A note was withdrawn.", at=NOW)
    commentary = made.fresh(commentary)
    with pytest.raises(Refused, match=f"Note {note.note.reference} has been withdrawn"):
        made.released(commentary, world.sip)
    for section in commentary.sections.all():
        save(world, commentary, section.code, "Nothing of that note." if section.code == "strengths" else "")
    services.gather_commentary(actor=world.sip, commentary=made.fresh(commentary), at=NOW)
    assert made.released(made.fresh(commentary), world.sip).state == CommentaryState.WITH_SCHOOL


def test_an_amendment_takes_the_place_of_the_final_one_or_is_given_up(world: World) -> None:
    commentary = made.in_state("final", world.sip, world.oak, world.head)
    first = commentary.records.get(kind="final")
    before = text(commentary, "strengths")
    services.amend_commentary(actor=world.sip, commentary=commentary, reason="A figure.", at=NOW)
    save(world, commentary, "strengths", "Something else.")
    services.abandon_commentary_amendment(actor=world.sip, commentary=made.fresh(commentary), reason="It was right.", at=NOW)
    assert text(commentary, "strengths").strip() == before.strip() and made.fresh(commentary).state == "final"
    services.amend_commentary(actor=world.sip, commentary=made.fresh(commentary), reason="A figure.", at=NOW)
    assert made.fresh(commentary).version == 3, "a number never used before"
    save(world, commentary, "strengths", "Something else again.")
    commentary = made.released(made.fresh(commentary), world.sip)
    made.finalised(commentary, world.sip, world.head)
    second = commentary.records.get(kind="final", version=3)
    shown = page(world, "chair", commentary.get_absolute_url())
    assert "Something else again." in shown and "beside version 3" in shown
    assert "A later version has taken its place." in page(world, "chair", first.get_absolute_url())
    assert [hit.subject for hit in search.search(person(world.chair), "commentary governors")] == [second.public_id]


def test_recall_and_hand_on(world: World) -> None:
    commentary = made.released(made.begun(world.sip, world.oak), world.sip)
    services.recall_commentary(actor=world.sip, commentary=commentary, reason="A figure.", at=NOW)
    commentary = made.fresh(commentary)
    assert (commentary.state, commentary.version) == ("draft", 2)
    page(world, "head", commentary.get_absolute_url(), 404)
    with pytest.raises(Refused, match="another adviser of the school"):
        services.hand_on_commentary(actor=world.manager, commentary=commentary, author=world.consultant, reason="Away.", at=NOW)


# ---------------------------------------------------------------- of record


def test_a_record_is_never_changed_and_its_pdf_is_made_of_its_payload(world: World) -> None:
    commentary = made.in_state("final", world.sip, world.oak, world.head)
    record = commentary.records.get(kind="final")
    for change in (record.sources.clear, lambda: CommentaryRecord.objects.filter(pk=record.pk).update(digest="0" * 64)):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()  # type: ignore[operator]
    payload = json.loads(record.payload)
    validate_commentary(payload)
    with pytest.raises(PayloadError, match="numbered"):
        validate_commentary({**payload, "sections": [{**payload["sections"][0], "number": 7}]})
    pdf = documents.make(commentary_document(payload, record.digest)).pdf
    assert pdf.startswith(b"%PDF") and pdf == documents.make(commentary_document(payload, record.digest)).pdf
    client = client_of(world, "chair")
    answer = client.get(reverse("visits:commentary-pdf", args=[record.public_id]))
    assert answer.content == b"%PDF" and "annual-commentary-2008-09-oakfield" in answer["Content-Disposition"]
    assert AuditEvent.objects.filter(event="record.downloaded", subject_id=record.public_id).count() == 1
    checked = client.post(reverse("visits:record-verify"), {"digest": record.digest[:12]}).content.decode()
    assert "Annual commentary 2008/09, Oakfield" in html.unescape(checked)


def test_it_saves_itself_as_a_note_does_with_one_event_an_hour(world: World) -> None:
    commentary = made.begun(world.sip, world.oak)
    section = commentary.sections.first()
    client = Client()
    client.force_login(world.fresh("sip"))
    url = reverse("visits:commentary-edit", args=[commentary.public_id, section.code])
    assert f'data-editor="{url}"' in client.get(url).content.decode()
    asks = {"Accept": "application/json"}
    before = AuditEvent.objects.filter(event="commentary.written").count()
    first = client.post(url, {"base": section.revision, "body": "Attendance rose."}, headers=asks)
    assert first.status_code == 200 and first.json()["status"] == "saved"
    again = client.post(url, {"base": first.json()["revision"], "body": "Attendance rose again."}, headers=asks)
    assert again.json()["revision"] == first.json()["revision"] + 1
    assert AuditEvent.objects.filter(event="commentary.written").count() == before + 1
    stale = client.post(url, {"base": section.revision, "body": "Mine."}, headers=asks)
    assert stale.status_code == 409 and "Attendance rose again." in stale.json()["html"] and "Mine." in stale.json()["html"]
    listed = client.get(reverse("visits:commentary-list"), {"state": "draft"}).content.decode()
    assert world.oak.name in listed
    client.force_login(world.fresh("head"))
    assert world.oak.name not in client.get(reverse("visits:commentary-list"), {"state": "draft"}).content.decode().partition("<main")[2]
