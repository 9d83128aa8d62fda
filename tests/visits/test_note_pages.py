"""The note's pages: what each person sees by state, release, the school's answers, final, recall, amendment."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.audit import AuditEvent
from core.documents import DocumentFailed
from people.models import Mentorship
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World
from tests.reading import flat
from visits import services
from visits.choices import DeliveryState, NoteState
from visits.forms.visits import MoveForm
from visits.models import Delivery, NoteOfVisit, NoteRecord, SchoolComment
from visits.payload import RenderedRecord
from visits.selectors import next_step, notes_with_visits
from visits.views import notes as note_views

pytestmark = pytest.mark.django_db

TEXT = "tracking in Years 3 and 4"
"""Words of every section that ``make.fill`` writes."""


@pytest.fixture(autouse=True)
def _quick_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """The renderer is replaced by a few bytes; the real one has tests of its own."""

    def quick(note: NoteOfVisit, *, kind: str, at: dt.datetime, actor: Any, goes_to_chair: bool | None = None) -> list[RenderedRecord]:
        from visits import documents

        made = documents.compose_records(note, kind=kind, at=at, actor=actor, goes_to_chair=goes_to_chair)
        return [item.with_pdf(b"%PDF-" + item.digest.encode()) for item in made]

    monkeypatch.setattr(note_views, "render_records", quick)


@pytest.fixture
def world(world: World) -> World:
    make.load_england_2008(world.authority)
    make.load_england_2008(world.other)
    return world


def client_of(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name])
    return client


def page(world: World, name: str, url: str) -> str:
    response = client_of(world, name).get(url)
    assert response.status_code == 200, (name, response.status_code, url)
    return html.unescape(response.content.decode())


def url(name: str, note: NoteOfVisit, *more: str) -> str:
    return reverse(f"visits:note-{name}", args=[note.public_id, *more])


def at_oak(world: World, state: str, **values: Any) -> NoteOfVisit:
    return make.bring_to(state, author=world.sip, school=world.oak, manager=world.manager, **values)


# ---------------------------------------------------------------- who sees what


def statuses(world: World, note: NoteOfVisit) -> dict[str, int]:
    return {name: client_of(world, name).get(note.get_absolute_url()).status_code for name in world.people}


def test_a_draft_is_its_authors_and_shows_others_its_facts(world: World) -> None:
    note = make.fill(world.sip, at_oak(world, NoteState.DRAFT))
    shown = page(world, "sip", note.get_absolute_url())
    assert "Continue writing" in shown and "<strong>You</strong>" in shown
    for name in ("manager", "officer", "head_of_improvement", "dpo"):
        shown = page(world, name, note.get_absolute_url())
        assert TEXT not in shown, name
        assert "Draft" in shown and "16 October 2008" in shown and "Susan Marlow" in shown, name
    seen = statuses(world, note)
    assert {name for name, status in seen.items() if status == 200} == {
        "sip", "manager", "manager_sip", "officer", "officer_chair", "head_of_improvement", "dpo",
    }  # fmt: skip
    assert {status for name, status in seen.items() if status != 200} <= {404, 403}
    assert seen["head"] == seen["chair"] == seen["consultant"] == seen["other_manager"] == 404


def test_a_mentor_reads_what_was_shared(world: World) -> None:
    note = make.fill(world.new_sip, make.start(world.new_sip, world.rowan))
    assert client_of(world, "mentor").get(note.get_absolute_url()).status_code == 404
    services.share_note(actor=world.new_sip, note=note, mentor=world.fresh("mentor"), at=NOW)
    assert TEXT in page(world, "mentor", note.get_absolute_url())
    assert Mentorship.objects.filter(mentor=world.mentor).exists()


def test_a_second_adviser_reads_the_draft(world: World) -> None:
    note = make.start(world.consultant, world.elm, second_adviser=world.nc_adviser, second_sections=["leadership"])
    make.fill(world.consultant, note)
    shown = page(world, "nc_adviser", note.get_absolute_url())
    assert TEXT in shown and "Write your sections" in shown


def test_in_review_the_reviewer_and_the_manager_read_the_text(world: World) -> None:
    note = at_oak(world, NoteState.IN_REVIEW)
    for name in ("manager", "sip", "manager_sip"):
        assert TEXT in page(world, name, note.get_absolute_url()), name
    assert "Review it" in page(world, "manager", note.get_absolute_url())
    assert "Review it" not in page(world, "sip", note.get_absolute_url())
    assert TEXT not in page(world, "officer", note.get_absolute_url())


def test_with_the_school_the_head_reads_the_record_and_that_is_noted(world: World) -> None:
    note = at_oak(world, NoteState.WITH_SCHOOL)
    shown = page(world, "head", note.get_absolute_url())
    assert TEXT in shown and "Answer the note" in shown and "21 October 2008" in shown
    page(world, "head", note.get_absolute_url())
    opened = AuditEvent.objects.filter(event="record.opened")
    assert [(event.actor_name, event.actor_role) for event in opened] == [("Anwen Price", "Headteacher")]
    shown = page(world, "sip", note.get_absolute_url())
    assert re.search(r"Anwen Price.*?delivered 14 October 2008.*?; opened 14 October 2008", shown, re.DOTALL)
    assert "Anwen Price has it now" not in shown and "Oakfield Primary School has it now" in shown
    for name in ("chair", "clerk", "office"):
        assert client_of(world, name).get(note.get_absolute_url()).status_code == 404, name
    assert TEXT not in page(world, "officer", note.get_absolute_url())


def test_final_is_for_all_who_are_sent_it(world: World) -> None:
    note = at_oak(world, NoteState.FINAL, head=world.head)
    for name in ("head", "chair", "clerk", "officer", "head_of_improvement", "sip", "manager"):
        shown = page(world, name, note.get_absolute_url())
        assert TEXT in shown and "Download PDF" in shown, name
        assert "Held by Wealdshire to support and challenge the school" in shown, name
    shown = flat(page(world, "dpo", note.get_absolute_url()))
    assert TEXT not in shown and "Withdraw version 1" in shown
    assert client_of(world, "former_head").get(note.get_absolute_url()).status_code == 404


def test_while_an_amendment_is_written_the_school_reads_the_version_that_stands(world: World) -> None:
    note = at_oak(world, NoteState.FINAL, head=world.head)
    services.amend_note(actor=world.sip, note=note, reason="The figure was last year's.", at=NOW)
    note = make.fresh(note)
    base = make.revisions(note)["standards"]
    services.save_section(actor=world.sip, note=note, key="standards", base_revision=base, body="Second thoughts", at=NOW)
    shown = page(world, "chair", note.get_absolute_url())
    assert TEXT in shown and "Second thoughts" not in shown
    assert "A new version is being written. Version 1 stands until it is final." in shown
    assert "Continue writing" in page(world, "sip", note.get_absolute_url())


def test_two_versions_are_compared(world: World) -> None:
    note = at_oak(world, NoteState.WITH_SCHOOL)
    services.recall_note(actor=world.sip, note=note, reason="Two figures were exchanged.", at=NOW)
    note = make.fresh(note)
    base = make.revisions(note)["standards"]
    services.save_section(actor=world.sip, note=note, key="standards", base_revision=base, body="Entirely different words", at=NOW)
    note = make.submit(world.sip, note)
    if note.state == NoteState.IN_REVIEW:
        services.approve_note(actor=world.manager, note=note, at=NOW)
    note = make.release(world.sip, note)
    shown = page(world, "sip", note.get_absolute_url())
    assert "Version 1 beside version 2" in shown and re.search(r"<ins><span[^>]*>added: </span>Entirely different", shown)
    assert "Two figures were exchanged." in shown
    assert "Version 1 beside version 2" not in page(world, "head", note.get_absolute_url())


# ---------------------------------------------------------------- what happens next, in words


def test_who_has_it_and_by_when(world: World) -> None:
    on = NOW.date()

    def step(note: NoteOfVisit, name: str, day: dt.date = on) -> Any:
        found = notes_with_visits(NoteOfVisit.objects.filter(pk=note.pk)).get()
        return next_step(
            found, world.fresh(name).hats, day, deliveries=list(Delivery.objects.filter(dispatch__note=note).select_related("dispatch"))
        )

    note = at_oak(world, NoteState.DRAFT)
    assert step(note, "sip").sentence == "Write it, then submit it. By 16 October 2008."
    late = step(note, "manager", dt.date(2008, 10, 20))
    assert (late.who, late.is_late) == ("Susan Marlow", True) and "It was due 16 October 2008." in late.sentence
    note = make.submit(world.sip, make.fill(world.sip, note), asks_review=True)
    assert step(note, "sip").who == "The SIP manager"
    services.open_review(actor=world.manager, note=note, at=NOW)
    assert step(note, "manager").who == "You"
    services.approve_note(actor=world.manager, note=make.fresh(note), at=NOW)
    assert step(note, "sip").what == "Release it to the school."
    note = make.release(world.sip, note, deliver=False)
    assert "on its way" in step(note, "sip").what
    make.deliver_mail()
    assert step(note, "head").sentence == "Say whether it is accurate and, apart from that, whether you agree. By 21 October 2008."
    assert step(note, "sip").who == "Oakfield Primary School"
    passed = step(note, "sip", dt.date(2008, 10, 22))
    assert passed.what == "Oakfield Primary School did not comment by 21 October 2008. Make it final." and passed.by == dt.date(
        2008, 10, 28
    )
    services.comment_on_note(
        actor=world.head, note=make.fresh(note), school=world.oak, section_code="standards", kind="inaccurate", text="69%", at=NOW
    )
    services.answer_note(actor=world.head, note=make.fresh(note), school=world.oak, accuracy="inaccurate", at=NOW)
    assert step(note, "sip").what == "Answer an inaccuracy, then make it final."
    assert step(note, "head").who == "Susan Marlow"


def test_a_bounce_and_a_held_address_are_said(world: World) -> None:
    note = at_oak(world, NoteState.WITH_SCHOOL)
    from core.outbox import OutboxEmail, mark_bounced

    mark_bounced(OutboxEmail.objects.get().message_id, at=NOW)
    shown = page(world, "sip", note.get_absolute_url())
    assert "The draft has not reached the school: the email came back." in shown
    assert Delivery.objects.get().state == DeliveryState.BOUNCED


# ---------------------------------------------------------------- release


def test_release_shows_who_gets_it_then_sends(world: World) -> None:
    note = at_oak(world, NoteState.READY)
    client = client_of(world, "sip")
    shown = client.get(url("release", note)).content.decode()
    assert "Anwen Price" in shown and "Headteacher" in shown and "Clement Board" not in shown and "Tuesday 21 October 2008" in shown
    response = client.post(url("release", note), {}, follow=True)
    assert "Released. On its way to: Anwen Price, headteacher" in html.unescape(response.content.decode())
    assert make.fresh(note).state == NoteState.WITH_SCHOOL
    again = client.post(url("release", note), {})
    assert again.status_code == 422 and "Only a note that is ready can be released" in again.content.decode()
    assert NoteRecord.objects.count() == 1


def test_a_pdf_that_fails_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    note = at_oak(world, NoteState.READY)

    def fails(*args: Any, **kwargs: Any) -> Any:
        raise DocumentFailed("time", "The document took too long.")

    monkeypatch.setattr(note_views, "render_records", fails)
    response = client_of(world, "sip").post(url("release", note), {})
    assert response.status_code == 422 and "nothing was sent and nothing has changed" in response.content.decode()
    assert make.fresh(note).state == NoteState.READY and not NoteRecord.objects.exists()


def test_a_held_recipient_says_so(world: World) -> None:
    note = at_oak(world, NoteState.READY)
    world.oak.contacts.filter(kind="head").update(state="reported", decided_at=None)
    assert "Held: not yet confirmed" in page(world, "sip", url("release", note))


def test_the_manager_gives_the_draft_to_the_chair_with_a_reason(world: World) -> None:
    note = at_oak(world, NoteState.READY)
    assert "to the chair as well" not in page(world, "sip", url("release", note))
    assert "to the chair as well" in page(world, "manager", url("release", note))
    client_of(world, "manager").post(url("release", note), {"to_chair_reason": "It is about the headteacher’s own leadership."})
    note = make.fresh(note)
    assert note.goes_to_chair
    record = NoteRecord.objects.get(note=note)
    assert "Clement Board" in record.payload  # the record's own list of recipients names the chair
    assert TEXT in page(world, "chair", note.get_absolute_url())


def test_the_end_of_term_offers_the_next(world: World) -> None:
    at = NOW.replace(month=12, day=18)
    note = make.start(world.sip, world.oak, on=dt.date(2008, 12, 11), at=at)
    note = make.submit(world.sip, make.fill(world.sip, note, at), at)
    if note.state == NoteState.IN_REVIEW:
        services.approve_note(actor=world.manager, note=note, at=at)
    with time_machine.travel(at):
        from django.test import override_settings

        with override_settings(SIP_TODAY=dt.date(2008, 12, 18)):
            shown = page(world, "sip", url("release", note))
            assert "Term is ending." in shown and "Monday 12 January 2009" in shown
            client_of(world, "sip").post(url("release", note), {"opens_on": "2009-01-05"})
    assert make.fresh(note).window_opens_on == dt.date(2009, 1, 5)


def test_only_author_and_manager_release(world: World) -> None:
    note = at_oak(world, NoteState.READY)
    assert client_of(world, "officer").get(url("release", note)).status_code == 403
    assert client_of(world, "head").get(url("release", note)).status_code == 404
    assert client_of(world, "officer").post(url("release", note)).status_code == 403
    assert make.fresh(note).state == NoteState.READY


# ---------------------------------------------------------------- the school's answers


def comment(client: Client, note: NoteOfVisit, **values: str) -> Any:
    section = values.get("section", "standards")
    sent = {"section": section, **{f"c-{section}-{key}": value for key, value in values.items() if key != "section"}}
    return client.post(url("comment", note), sent)


def test_the_head_comments_answers_and_changes_the_answer(world: World) -> None:
    note = at_oak(world, NoteState.WITH_SCHOOL)
    client = client_of(world, "head")
    shown = client.get(url("answer", note)).content.decode()
    assert TEXT in shown and 'name="c-standards-text"' in shown
    response = comment(client, note, kind="inaccurate", text="It was 69%.")
    assert response.status_code == 302 and "#n" in response.url
    said = client.post(url("answer", note), {"a-accuracy": "accurate", "a-agreement": "agree"})
    assert said.status_code == 422 and "You have marked a section as inaccurate" in said.content.decode()
    client.post(url("answer", note), {"a-accuracy": "inaccurate", "a-agreement": "agree", "a-words": "Fair."})
    client.post(url("answer", note), {"a-accuracy": "inaccurate", "a-agreement": "differ", "a-words": "Fair, but."})
    answer = note.responses.get()
    assert (answer.accuracy, answer.agreement, answer.words, answer.by_role) == ("inaccurate", "differ", "Fair, but.", "Headteacher")
    shown = client.get(url("answer", note)).content.decode()
    assert "Your answer is with the SIP." in shown and "Fair, but." in shown
    assert "It was 69%." in page(world, "sip", note.get_absolute_url())


def test_a_comment_made_by_mistake_is_taken_back_until_it_is_answered(world: World) -> None:
    note = at_oak(world, NoteState.WITH_SCHOOL)
    client = client_of(world, "head")
    comment(client, note, kind="inaccurate", text="Wrong section.")
    mistaken = SchoolComment.objects.get()
    assert client_of(world, "sip").post(url("comment-remove", note, mistaken.public_id)).status_code == 403
    client.post(url("comment-remove", note, mistaken.public_id))
    assert not SchoolComment.objects.exists()
    comment(client, note, kind="inaccurate", text="It was 69%.")
    kept = SchoolComment.objects.get()
    client_of(world, "sip").post(url("reply", note, kept.public_id), {"text": "So it was."})
    response = client.post(url("comment-remove", note, kept.public_id))
    assert response.status_code == 409 and "kept with its answer" in response.content.decode()
    assert SchoolComment.objects.get().answer == "So it was."


def test_what_a_comment_lacks_is_said_at_its_section(world: World) -> None:
    note = at_oak(world, NoteState.WITH_SCHOOL)
    response = comment(client_of(world, "head"), note, kind="inaccurate", text="")
    shown = html.unescape(response.content.decode())
    assert response.status_code == 422 and 'href="#id_c-standards-text"' in shown and "enter what is inaccurate, or your comment" in shown
    assert "<title>Error:" in shown


def test_differences_of_view(world: World) -> None:
    note = at_oak(world, NoteState.WITH_SCHOOL)
    client = client_of(world, "head")
    response = client.post(url("difference", note), {"d-new-topic": "", "d-new-view": ""})
    assert response.status_code == 422 and "Enter how the school sees it" in response.content.decode()
    client.post(
        url("difference", note), {"d-new-topic": "Are the most able doing well?", "d-new-view": "Yes.", "d-new-evidence": "Tracking"}
    )
    difference = note.differences.get()
    assert (difference.topic, difference.school_view, difference.school_by) == (
        "Are the most able doing well?",
        "Yes.",
        "Anwen Price, Headteacher",
    )
    client.post(url("difference", note), {"difference": str(difference.pk), f"d-{difference.pk}-view": "Yes, given who they are."})
    difference.refresh_from_db()
    assert difference.school_view == "Yes, given who they are."
    assert client.post(url("difference", note), {"difference": "999999"}).status_code == 404


def test_only_the_school_answers(world: World) -> None:
    note = at_oak(world, NoteState.WITH_SCHOOL)
    assert client_of(world, "sip").get(url("answer", note)).status_code == 403
    assert client_of(world, "manager").post(url("answer", note), {"a-accuracy": "accurate"}).status_code == 403
    for name in ("chair", "clerk", "other_head", "elm_head"):
        assert client_of(world, name).get(url("answer", note)).status_code == 404, name
    assert not note.responses.exists()


def test_each_head_of_a_group_answers_for_their_own_school(world: World) -> None:
    note = make.submit(world.sip, make.fill(world.sip, make.start(world.sip, world.oak, world.ash)), asks_review=True)
    services.approve_note(actor=world.manager, note=note, at=NOW)
    note = make.release(world.sip, note)
    assert "Answer the note" in page(world, "sip_head", url("answer", note))
    client_of(world, "sip_head").post(url("answer", note), {"school": world.oak.public_id, "a-accuracy": "accurate"})
    assert [answer.school for answer in note.responses.all()] == [world.ash]
    shown = page(world, "head", note.get_absolute_url())
    assert "Ruth Ashby" not in shown  # of the other school's recipients a head learns nothing


def test_an_answered_comment_is_on_the_page_of_the_school(world: World) -> None:
    note = at_oak(world, NoteState.WITH_SCHOOL)
    comment(client_of(world, "head"), note, kind="inaccurate", text="It was 69%.")
    kept = SchoolComment.objects.get()
    assert url("reply", note, kept.public_id) in page(world, "sip", note.get_absolute_url())
    response = client_of(world, "sip").post(url("reply", note, kept.public_id), {"text": ""})
    assert response.status_code == 422 and "Enter your answer" in response.content.decode()
    client_of(world, "sip").post(url("reply", note, kept.public_id), {"text": "So it was: 69%."})
    assert "So it was: 69%." in page(world, "head", note.get_absolute_url())
    assert client_of(world, "manager").post(url("reply", note, kept.public_id), {"text": "Not mine"}).status_code == 403


# ---------------------------------------------------------------- time, recall, final, amendment


def test_the_manager_gives_more_time(world: World) -> None:
    note = at_oak(world, NoteState.WITH_SCHOOL)
    until = {"until_day": "4", "until_month": "11", "until_year": "2008"}
    response = client_of(world, "manager").post(url("extend", note), until)
    assert response.status_code == 422 and "Enter why the school has more time" in response.content.decode()
    client_of(world, "manager").post(url("extend", note), {**until, "reason": "The head is away."})
    assert make.fresh(note).school_due_on == dt.date(2008, 11, 4)
    assert client_of(world, "sip").get(url("extend", note)).status_code == 403


def test_recall_ends_the_schools_access(world: World) -> None:
    note = at_oak(world, NoteState.WITH_SCHOOL)
    client_of(world, "sip").post(url("recall", note), {"reason": "Two figures were exchanged."})
    assert make.fresh(note).version == 2
    assert client_of(world, "head").get(note.get_absolute_url()).status_code == 404


def test_final_waits_for_the_school_and_then_shows_who_gets_it(world: World) -> None:
    note = at_oak(world, NoteState.WITH_SCHOOL)
    client = client_of(world, "sip")
    shown = html.unescape(client.get(url("finalise", note)).content.decode())
    assert "Oakfield Primary School has until 21 October 2008 to answer." in shown and "Make it final and send it" not in shown
    assert client.post(url("finalise", note)).status_code == 422
    client_of(world, "head").post(url("answer", note), {"a-accuracy": "accurate", "a-agreement": "agree"})
    shown = client.get(url("finalise", note)).content.decode()
    for name in ("Anwen Price", "Clement Board", "Clara Minutes"):
        assert name in shown
    client.post(url("finalise", note))
    assert make.fresh(note).state == NoteState.FINAL
    assert client_of(world, "officer").post(url("finalise", note)).status_code == 403


def test_amendment_by_the_author_or_whom_the_manager_names(world: World) -> None:
    note = at_oak(world, NoteState.FINAL, head=world.head)
    assert client_of(world, "head").get(url("amend", note)).status_code == 403
    client = client_of(world, "manager")
    response = client.post(url("amend", note), {"reason": "Last year's figure."})
    assert response.status_code == 422 and "Select who writes the amendment" in response.content.decode()
    client.post(url("amend", note), {"reason": "Last year's figure.", "author": world.sip.public_id})
    assert (make.fresh(note).state, make.fresh(note).version) == (NoteState.DRAFT, 2)
    client_of(world, "sip").post(url("amend-abandon", note), {"reason": "Nothing to change."})
    assert make.fresh(note).state == NoteState.FINAL
    client_of(world, "sip").post(url("amend", note), {"reason": "Once more."})
    assert make.fresh(note).version == 3


def test_a_step_opened_too_late_says_so_and_asks_nothing(world: World) -> None:
    note = make.bring_to(NoteState.FINAL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    over = {
        "note-recall": "Only a note that is with the school can be recalled.",
        "note-reopen": "Only a note that is ready can be opened again.",
        "note-abandon": "Only a draft can be abandoned.",
        "note-restore": "Only an abandoned note can be restored.",
        "note-amend-abandon": "No amendment is being written.",
        "note-finalise": "It is final already.",
    }
    for name, words in over.items():
        shown = page(world, "sip", reverse(f"visits:{name}", args=[note.public_id]))
        assert words in shown and "<textarea" not in shown, name
    shown = page(world, "sip", reverse("visits:visit-hold", args=[note.visit.public_id]))
    assert "Only a booked visit can be logged as held." in shown and "Whom did you meet?" not in shown
    answer = client_of(world, "head").get(reverse("visits:note-answer", args=[note.public_id]))
    assert (answer.status_code, answer["Location"]) == (302, note.get_absolute_url())
    alert = make.alert(world.sip, world.oak)
    pressed = client_of(world, "manager").get(reverse("visits:alert-acknowledge", args=[alert.public_id]))
    assert pressed.status_code == 405 and "Nothing was done" in pressed.content.decode()


def test_nobody_visits_on_a_weekend() -> None:
    form = MoveForm({"on_day": "25", "on_month": "10", "on_year": "2008", "reason": "The head is away."})
    assert form.errors["on"] == ["Saturday 25 October 2008 is not a school day. Choose another"]
