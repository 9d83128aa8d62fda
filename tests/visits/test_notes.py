"""A note from start to final, and the awkward days, through the services."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied

from core.access import Conflict, Refused
from core.audit import AuditEvent
from people.models import Sip
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World
from visits import services
from visits.choices import DeliveryState, NoteState, VisitState
from visits.models import AgreedAction, Delivery, NoteOfVisit, NoteRecord, SectionBody, Visit
from visits.services.visits import VisitPlan

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world: World) -> World:
    make.load_england_2008(world.authority)
    make.load_england_2008(world.other)
    return world


def later(days: int) -> dt.datetime:
    return NOW + dt.timedelta(days=days)


def test_the_whole_way(world: World) -> None:
    note = make.start(world.sip, world.oak)
    assert note.reference == "2008/0001"
    assert note.draft_due_on == dt.date(2008, 10, 16)  # five office days after 9 October
    note = make.fill(world.sip, note)
    note = make.submit(world.sip, note, asks_review=True)
    assert (note.state, note.review_due_on) == (NoteState.IN_REVIEW, dt.date(2008, 10, 17))
    services.open_review(actor=world.fresh("manager"), note=note, at=NOW)
    services.approve_note(actor=world.fresh("manager"), note=make.fresh(note), at=NOW)
    note = make.release(world.sip, note)
    assert note.state == NoteState.WITH_SCHOOL
    assert note.school_due_on == dt.date(2008, 10, 21)  # five school days from delivery
    assert [message.to for message in mail.outbox] == [[f"Anwen Price <{world.head.email}>"]]
    assert "Standards" not in mail.outbox[0].body
    comment = services.comment_on_note(
        actor=world.head, note=note, school=world.oak, section_code="standards", kind="inaccurate", text="It was 69%.", at=later(1)
    )
    services.answer_note(
        actor=world.head, note=make.fresh(note), school=world.oak, accuracy="inaccurate", agreement="agree", words="Fair.", at=later(1)
    )
    with pytest.raises(Refused, match="no answer yet"):
        make.finalise(world.sip, note, later(1))
    services.reply_to_comment(actor=world.sip, comment=comment, text="So it was: 69%.", at=later(2))
    note = make.finalise(world.sip, note, later(2))
    assert (note.state, note.final_version) == (NoteState.FINAL, 1)
    record = NoteRecord.objects.get(note=note, kind="final")
    payload = json.loads(record.payload)
    assert payload["response"]["words"] == "Fair."
    assert {row["name"] for row in payload["distribution"]} >= {"Anwen Price", "Clement Board", "Clara Minutes"}
    action = AgreedAction.objects.get(note=note)
    assert (action.state, action.agreed_on) == ("open", dt.date(2008, 10, 9))
    assert not SectionBody.objects.filter(section__note=note).exists()
    events = list(AuditEvent.objects.filter(subject_id=note.public_id).order_by("id").values_list("event", flat=True))
    assert events[0] == "note.started" and events[-1] == "note.finalised"


def test_the_draft_is_not_the_schools_until_it_is_released(world: World) -> None:
    note = make.bring_to(NoteState.READY, author=world.sip, school=world.oak, manager=world.manager)
    for person in ("head", "chair", "clerk", "office", "consultant", "other_manager", "other_sip"):
        assert not NoteOfVisit.objects.visible_to(world.fresh(person)).filter(pk=note.pk).exists(), person
    note = make.release(world.sip, note)
    seen = {name for name in world.people if NoteOfVisit.objects.visible_to(world.fresh(name)).filter(pk=note.pk).exists()}
    assert "head" in seen and "chair" not in seen and "clerk" not in seen
    reads = {name for name in world.people if NoteRecord.objects.visible_to(world.fresh(name)).filter(note=note).exists()}
    assert reads == {"head", "sip", "manager", "manager_sip"}
    note = make.finalise(world.sip, note, later(30))
    reads = {name for name in world.people if NoteRecord.objects.visible_to(world.fresh(name)).filter(note=note, kind="final").exists()}
    assert reads == {"head", "chair", "clerk", "sip", "manager", "manager_sip", "officer", "officer_chair", "head_of_improvement"}


def test_submission_sees_what_the_author_saw(world: World) -> None:
    note = make.fill(world.sip, make.start(world.sip, world.oak))
    seen = make.revisions(note)
    services.save_section(actor=world.sip, note=note, key="standards", base_revision=seen["standards"], body="Other words", at=NOW)
    with pytest.raises(Conflict, match="another window"):
        services.submit_note(actor=world.sip, note=make.fresh(note), revisions=seen, at=NOW)
    assert make.fresh(note).state == NoteState.DRAFT


def test_autosave_is_one_event_a_person_note_and_hour(world: World) -> None:
    note = make.start(world.sip, world.oak)
    for minutes, base in ((0, 0), (5, 1), (29, 2), (31, 3)):  # 10:30, 10:35, 10:59, 11:01
        at = NOW + dt.timedelta(minutes=minutes)
        services.save_section(actor=world.sip, note=note, key="standards", base_revision=base, body=f"Words {minutes}", at=at)
    events = AuditEvent.objects.filter(event="note.written", subject_id=note.public_id)
    assert [event.occurred_at.minute for event in events.order_by("id")] == [30, 1]
    assert "Words" not in str([event.changes for event in events])


def test_two_windows_never_lose_either_text(world: World) -> None:
    note = make.start(world.sip, world.oak)
    services.save_section(actor=world.sip, note=note, key="standards", base_revision=0, body="From the laptop", at=NOW)
    with pytest.raises(services.SectionConflict) as caught:
        services.save_section(actor=world.sip, note=note, key="standards", base_revision=0, body="From the phone", at=NOW)
    assert (caught.value.current, caught.value.yours, caught.value.revision) == ("From the laptop", "From the phone", 1)


def test_no_save_lands_after_submission(world: World) -> None:
    note = make.fill(world.sip, make.start(world.sip, world.oak))
    base = make.revisions(note)["standards"]
    make.submit(world.sip, note)
    with pytest.raises(Conflict, match="submitted"):
        services.save_section(actor=world.sip, note=note, key="standards", base_revision=base, body="Late", at=NOW)
    assert note.sections.get(code="standards").body != "Late"


def test_the_school_never_answers(world: World) -> None:
    note = make.bring_to(NoteState.WITH_SCHOOL, author=world.sip, school=world.oak, manager=world.manager)
    with pytest.raises(Refused, match="until 21 October 2008"):
        make.finalise(world.sip, note, later(7))
    note = make.finalise(world.sip, note, later(8))
    record = NoteRecord.objects.get(note=note, kind="final")
    assert record.silence == "The school did not comment by 21 October 2008."
    assert json.loads(record.payload)["response"]["silence"] == record.silence


def test_the_sip_leaves_in_the_middle_of_a_note(world: World) -> None:
    note = make.start(world.sip, world.oak)
    services.save_section(actor=world.sip, note=note, key="standards", base_revision=0, body="Begun by one", at=NOW)
    world.assignments["oak"].ends_on = dt.date(2008, 10, 13)
    world.assignments["oak"].is_removal = True
    world.assignments["oak"].save()
    with pytest.raises(PermissionDenied):
        services.save_section(actor=world.fresh("sip"), note=note, key="standards", base_revision=1, body="Too late", at=NOW)
    from tests.factories.schools import make_assignment

    make_assignment(world.cover_adviser, world.oak, starts_on=dt.date(2008, 10, 14))
    cover = world.fresh("cover_adviser")
    services.hand_on_note(actor=world.manager, note=make.fresh(note), author=cover, reason="Left the service", at=NOW)
    services.save_section(actor=cover, note=make.fresh(note), key="standards", base_revision=1, body="Ended by another", at=NOW)
    assert list(SectionBody.objects.values_list("body", "saved_by__name")) == [("Begun by one", "Susan Marlow")]


def test_the_reviewer_is_on_leave(world: World) -> None:
    note = make.bring_to(NoteState.IN_REVIEW, author=world.sip, school=world.oak, manager=world.manager)
    with pytest.raises(PermissionDenied):
        services.approve_note(actor=world.fresh("consultant"), note=note, at=NOW)
    services.reassign_review(actor=world.manager, note=note, reviewer=world.fresh("consultant"), at=NOW)
    services.approve_note(actor=world.fresh("consultant"), note=make.fresh(note), at=NOW)
    assert make.fresh(note).state == NoteState.READY


def test_nobody_reviews_their_own_or_their_mentees_or_from_behind_the_wall(world: World) -> None:
    note = make.bring_to(NoteState.IN_REVIEW, author=world.new_sip, school=world.rowan, manager=world.manager)
    for name, why in (("new_sip", "their own"), ("mentor", "mentors the author")):
        with pytest.raises(Refused, match=why):
            services.reassign_review(actor=world.manager, note=make.fresh(note), reviewer=world.fresh(name), at=NOW)
    at_ash = make.bring_to(NoteState.IN_REVIEW, author=world.sip, school=world.ash, manager=world.manager)
    with pytest.raises(Refused, match="has an interest"):
        services.reassign_review(actor=world.manager, note=at_ash, reviewer=world.fresh("sip_head"), at=NOW)


def test_a_note_begun_at_the_wrong_school(world: World) -> None:
    note = make.start(world.sip, world.ash)
    services.abandon_note(actor=world.sip, note=note, reason="The visit was to Oakfield.", at=NOW)
    assert Visit.objects.get(pk=note.visit_id).no_note_reason == "The visit was to Oakfield."
    services.restore_note(actor=world.sip, note=make.fresh(note), at=later(29))
    services.abandon_note(actor=world.sip, note=make.fresh(note), reason="Again.", at=later(29))
    with pytest.raises(Refused, match="more than 30 days"):
        services.restore_note(actor=world.sip, note=make.fresh(note), at=later(60))


def test_the_head_changes_in_the_middle_of_the_window(world: World) -> None:
    note = make.bring_to(NoteState.WITH_SCHOOL, author=world.sip, school=world.oak, manager=world.manager)
    from tests.factories.people import make_user
    from tests.factories.schools import make_contact

    world.oak.contacts.filter(kind="head").update(ends_on=dt.date(2008, 10, 13))
    newcomer = make_user("Nia Newhead", authority=world.authority)
    make_contact(world.oak, "head", user=newcomer, starts_on=dt.date(2008, 10, 14))
    assert not NoteRecord.objects.visible_to(world.fresh("head")).filter(note=note).exists()
    assert NoteRecord.objects.visible_to(newcomer).filter(note=note).exists()
    with pytest.raises(PermissionDenied):
        services.answer_note(actor=world.fresh("head"), note=note, school=world.oak, accuracy="accurate", at=NOW)
    services.answer_note(actor=newcomer, note=note, school=world.oak, accuracy="accurate", at=NOW)


def test_no_headteacher_in_post(world: World) -> None:
    world.oak.contacts.filter(kind="head").update(ends_on=dt.date(2008, 10, 1))
    note = make.bring_to(NoteState.WITH_SCHOOL, author=world.sip, school=world.oak, manager=world.manager)
    assert note.goes_to_chair and note.goes_to_chair_reason == "there is no headteacher in post"
    assert [d.role for d in Delivery.objects.filter(dispatch__note=note)] == ["Chair of governors"]
    assert note.school_due_on is not None


def test_bounced_mail_has_not_happened(world: World) -> None:
    note = make.bring_to(NoteState.WITH_SCHOOL, author=world.sip, school=world.oak, manager=world.manager)
    from core.outbox import OutboxEmail, mark_bounced

    mark_bounced(OutboxEmail.objects.get().message_id, at=NOW)
    note = make.fresh(note)
    assert note.school_due_on is None
    assert Delivery.objects.get(dispatch__note=note).state == DeliveryState.BOUNCED
    with pytest.raises(Refused, match="has not been delivered"):
        make.finalise(world.sip, note, later(60))


def test_a_reported_head_is_held_until_confirmed(world: World) -> None:
    world.oak.contacts.filter(kind="head").update(state="reported", decided_at=None)
    note = make.bring_to(NoteState.WITH_SCHOOL, author=world.sip, school=world.oak, manager=world.manager)
    assert Delivery.objects.get(dispatch__note=note).state == DeliveryState.HELD
    assert note.school_due_on is None


def test_inaccuracy_raised_after_final(world: World) -> None:
    note = make.bring_to(NoteState.FINAL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    record = NoteRecord.objects.get(note=note, kind="final")
    request = services.ask_correction(actor=world.chair, record=record, place="Section 3", why="The figure is last year's.", at=later(3))
    assert request.due_on == dt.date(2008, 10, 31)
    services.amend_note(actor=world.sip, note=make.fresh(note), reason="The figure was last year's.", at=later(4))
    note = make.fresh(note)
    assert (note.state, note.version, note.final_version) == (NoteState.DRAFT, 2, 1)
    assert NoteRecord.objects.visible_to(world.fresh("chair")).filter(note=note).count() == 1
    note = make.submit(world.sip, note, later(4))
    if note.state == NoteState.IN_REVIEW:
        services.approve_note(actor=world.manager, note=note, at=later(4))
    note = make.release(world.sip, note, later(4))
    services.answer_note(actor=world.fresh("head"), note=note, school=world.oak, accuracy="accurate", at=later(5))
    note = make.finalise(world.sip, note, later(5))
    request.refresh_from_db()
    assert (note.final_version, request.state) == (2, "taken_up")
    standing = {r.version: r.is_superseded for r in NoteRecord.objects.with_standing().filter(note=note, kind="final")}
    assert standing == {1: True, 2: False}


def test_a_given_up_amendment_leaves_the_final_version(world: World) -> None:
    note = make.bring_to(NoteState.FINAL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    before = note.sections.get(code="standards").body
    services.amend_note(actor=world.sip, note=note, reason="To look again.", at=later(1))
    base = make.revisions(note)["standards"]
    services.save_section(actor=world.sip, note=make.fresh(note), key="standards", base_revision=base, body="Second thoughts", at=later(1))
    services.abandon_amendment(actor=world.sip, note=make.fresh(note), reason="Nothing to change.", at=later(2))
    note = make.fresh(note)
    assert (note.state, note.final_version, note.version) == (NoteState.FINAL, 1, 2)
    assert note.sections.get(code="standards").body == before
    services.amend_note(actor=world.sip, note=note, reason="Once more.", at=later(3))
    assert make.fresh(note).version == 3  # a number never used before


def test_recall(world: World) -> None:
    note = make.bring_to(NoteState.WITH_SCHOOL, author=world.sip, school=world.oak, manager=world.manager)
    services.comment_on_note(
        actor=world.head, note=note, school=world.oak, section_code="standards", kind="comment", text="Thank you.", at=NOW
    )
    services.recall_note(actor=world.sip, note=make.fresh(note), reason="Two figures were exchanged.", at=NOW)
    note = make.fresh(note)
    assert (note.state, note.version) == (NoteState.DRAFT, 2)
    assert not NoteRecord.objects.visible_to(world.fresh("head")).filter(note=note).exists()
    assert note.comments.count() == 1


def test_withdrawal_takes_two(world: World) -> None:
    note = make.bring_to(NoteState.FINAL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    record = NoteRecord.objects.get(note=note, kind="final")
    services.note_record_opened(actor=world.fresh("chair"), record=record, role="Chair of governors", at=later(1))
    withdrawal = services.ask_withdrawal(actor=world.manager, record=record, reason="A pupil can be recognised.", at=later(1))
    assert withdrawal.readers == ["Clement Board, Chair of governors, 15 October 2008"]
    readers = {name for name in world.people if NoteRecord.objects.visible_to(world.fresh(name)).filter(pk=record.pk).exists()}
    assert readers == {"manager", "manager_sip", "dpo"}
    with pytest.raises(Refused, match="One asks"):
        services.confirm_withdrawal(actor=world.manager, withdrawal=withdrawal, at=later(1))
    with pytest.raises(Refused, match="It takes"):
        services.confirm_withdrawal(actor=world.manager_sip, withdrawal=withdrawal, at=later(1))
    services.confirm_withdrawal(actor=world.dpo, withdrawal=withdrawal, at=later(2))
    assert make.fresh(note).state == NoteState.WITHDRAWN
    services.amend_note(actor=world.sip, note=make.fresh(note), reason="Without the pupil.", at=later(3))
    assert make.fresh(note).version == 2


def test_cancelled_and_aborted_visits(world: World) -> None:
    plan = services.visits.VisitPlan(visit_type="autumn", schools=[world.oak], lead=world.sip)
    visit = services.book_visit(actor=world.sip, plan=plan, on=dt.date(2008, 10, 15), at=NOW)
    services.cancel_visit(actor=world.head, visit=visit, reason="The boiler failed.", at=NOW)
    assert (visit.state, visit.ended_by_side) == (VisitState.CANCELLED, "school")
    assert [(d.kind, d.quarters) for d in world.oak.days.all()] == [("cancellation", 2)]  # one day's notice
    second = services.book_visit(
        actor=world.sip,
        plan=services.visits.VisitPlan(visit_type="autumn", schools=[world.oak], lead=world.sip, place_of=visit),
        on=dt.date(2008, 10, 14),
        at=NOW,
    )
    services.abort_visit(actor=world.sip, visit=second, reason="Inspectors came the same morning.", at=NOW)
    assert second.state == VisitState.ABORTED
    with pytest.raises(Refused, match="once the visit is logged as held"):
        services.start_note(actor=world.sip, visit=second, at=NOW)


def test_a_joint_visit(world: World) -> None:
    visit = make.hold(world.consultant, world.elm, second_adviser=world.nc_adviser, second_sections=["leadership"])
    note = services.start_note(actor=world.consultant, visit=visit, at=NOW)
    services.save_section(
        actor=world.nc_adviser, note=make.fresh(note), key="leadership", base_revision=0, body="From the second adviser", at=NOW
    )
    with pytest.raises(PermissionDenied):
        services.save_section(actor=world.nc_adviser, note=make.fresh(note), key="standards", base_revision=0, body="Not theirs", at=NOW)


def test_a_group_of_schools(world: World) -> None:
    world.people["head2"] = world.sip_head
    note = make.start(world.sip, world.oak, world.ash)
    keys = {section.key for section in note.sections.select_related("school")}
    assert f"standards.{world.oak.urn}" in keys and f"standards.{world.ash.urn}" in keys and "standards" not in keys
    note = make.submit(world.sip, make.fill(world.sip, note), asks_review=True)
    services.approve_note(actor=world.manager, note=note, at=NOW)
    note = make.release(world.sip, note)
    assert NoteRecord.objects.filter(note=note, kind="release").count() == 2
    services.answer_note(actor=world.fresh("head"), note=make.fresh(note), school=world.oak, accuracy="accurate", at=NOW)
    with pytest.raises(Refused, match="Ashdown"):
        make.finalise(world.sip, note, NOW)
    services.answer_note(actor=world.fresh("sip_head"), note=make.fresh(note), school=world.ash, accuracy="accurate", at=NOW)
    note = make.finalise(world.sip, note, NOW)
    records = NoteRecord.objects.filter(note=note, kind="final")
    assert {r.school_id for r in records} == {world.oak.pk, world.ash.pk}
    heads = {r.school_id for r in NoteRecord.objects.visible_to(world.fresh("head")).filter(note=note, kind="final")}
    assert heads == {world.oak.pk}


def test_an_urgent_note_at_a_concern_school(world: World) -> None:
    from support.models import Concern

    Concern.objects.create(school=world.oak, concern_class="inadequate", label="Inadequate", starts_on=dt.date(2008, 9, 1))
    note = make.fill(world.sip, make.start(world.sip, world.oak))
    note = make.submit(world.sip, note)
    assert (note.state, note.review_due_on) == (NoteState.IN_REVIEW, dt.date(2008, 10, 15))
    assert note.open_review is not None and note.open_review.is_concern
    services.approve_note(actor=world.manager, note=note, at=NOW)
    note = make.release(world.sip, note)
    readers = {name for name in world.people if NoteRecord.objects.visible_to(world.fresh(name)).filter(note=note).exists()}
    assert {"officer", "officer_chair"} <= readers and "officer_south" not in readers


def test_the_last_day_of_term(world: World) -> None:
    at = NOW.replace(month=12, day=18)
    note = make.start(world.sip, world.oak, on=dt.date(2008, 12, 11), at=at)
    note = make.submit(world.sip, make.fill(world.sip, note, at), at, asks_review=True)
    services.approve_note(actor=world.manager, note=note, at=at)
    note = make.release(world.sip, note, at, opens_on=dt.date(2009, 1, 5))
    assert note.school_due_on == dt.date(2009, 1, 12)


def test_a_new_sips_notes_are_reviewed_and_the_lot_is_drawn_from_a_recorded_seed(world: World) -> None:
    note = make.submit(world.new_sip, make.fill(world.new_sip, make.start(world.new_sip, world.rowan)))
    assert note.open_review is not None and note.open_review.reasons[:1] == ["first_year"]
    from visits.services.gate import drawn_by_lot

    drawn = [drawn_by_lot(NoteOfVisit(authority=world.authority, public_id=f"{i:020d}"), 10) for i in range(2000)]
    assert 150 < sum(drawn) < 250
    assert drawn == [drawn_by_lot(NoteOfVisit(authority=world.authority, public_id=f"{i:020d}"), 10) for i in range(2000)]


def test_a_sip_put_on_review(world: World) -> None:
    Sip.objects.filter(user=world.sip).update(is_on_review=True)
    note = make.submit(world.sip, make.fill(world.sip, make.start(world.sip, world.oak)))
    assert note.open_review is not None and "on_review" in note.open_review.reasons


def test_a_draft_gets_the_actions_that_another_note_agreed_meanwhile(world: World) -> None:
    first = make.bring_to(NoteState.WITH_SCHOOL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    second = make.start(world.sip, world.oak, on=dt.date(2008, 10, 13), visit_type="additional-concern")
    review = second.sections.get(code="actions_review")
    assert not review.reviews.exists()
    services.answer_note(actor=world.head, note=make.fresh(first), school=world.oak, accuracy="accurate", at=NOW)
    make.finalise(world.sip, first)
    assert [r.action.text for r in review.reviews.all()] == ["Hold pupil progress meetings each half-term in Years 3 to 6"]


def test_the_audit_holds_no_word_of_a_reviewers_reasons(world: World) -> None:
    note = make.bring_to(NoteState.IN_REVIEW, author=world.sip, school=world.oak, manager=world.manager)
    key = note.sections.first().key
    services.return_note(actor=world.manager, note=note, reason="Canary on the whole.", section_reasons={key: "Canary here."}, at=NOW)
    event = AuditEvent.objects.get(event="note.returned")
    assert "anary" not in f"{event.reason} {event.changes}"
    assert event.changes == {"reasons": "changed, 6 words"}


def test_the_school_takes_back_a_comment_and_writes_its_half_page(world: World) -> None:
    note = make.bring_to(NoteState.WITH_SCHOOL, author=world.sip, school=world.oak, manager=world.manager)
    comment = services.comment_on_note(
        actor=world.head, note=note, school=world.oak, section_code="standards", kind="inaccurate", text="Wrong place.", at=NOW
    )
    with pytest.raises(PermissionDenied):
        services.remove_comment(actor=world.fresh("sip"), comment=comment, at=NOW)
    services.remove_comment(actor=world.fresh("head"), comment=comment, at=NOW)
    assert not note.comments.exists()
    visit = make.hold(world.sip, world.ash)
    services.write_half_page(actor=world.fresh("sip_head"), visit=visit, school=world.ash, text="We moved to weekly writing.", at=NOW)
    assert visit.visit_schools.get().half_page_by == "Ruth Ashby"
    with pytest.raises(Refused, match="has been submitted"):
        services.write_half_page(actor=world.fresh("head"), visit=make.fresh(note).visit, school=world.oak, text="Too late", at=NOW)


def test_an_amendment_leaves_agreed_actions_alone(world: World) -> None:
    note = make.bring_to(NoteState.FINAL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    services.amend_note(actor=world.sip, note=note, reason="To look again.", at=later(1))
    note, agreed = make.fresh(note), AgreedAction.objects.get(note=note)
    row = {
        "id": agreed.public_id,
        "text": agreed.text,
        "owner": agreed.owner,
        "due_on": "2008-12-12",
        "success_measure": agreed.success_measure,
    }
    base = make.revisions(note)["actions_new"]
    for rows in ([{**row, "text": "Something else"}], []):
        with pytest.raises(Refused, match="has been agreed"):
            services.save_section(actor=world.sip, note=note, key="actions_new", base_revision=base, rows={"actions": rows}, at=later(1))
    another = {"text": "A second one", "owner": "sip", "due_on": "2008-12-19", "success_measure": "3 of 5"}
    services.save_section(actor=world.sip, note=note, key="actions_new", base_revision=base, rows={"actions": [row, another]}, at=later(1))
    assert list(AgreedAction.objects.visible_to(world.fresh("head")).values_list("text", flat=True)) == [agreed.text]
    services.abandon_amendment(actor=world.sip, note=make.fresh(note), reason="Nothing to change.", at=later(2))
    assert AgreedAction.objects.filter(note=note).count() == 1


def test_giving_an_amendment_up_puts_back_its_tables(world: World) -> None:
    note = make.bring_to(NoteState.FINAL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    services.amend_note(actor=world.sip, note=note, reason="To look again.", at=later(1))
    note = make.fresh(note)
    section = note.sections.get(code="standards")
    judgement = section.judgements.get()
    rows = {"judgement": [{"area": judgement.area, "sip_grade": 4, "school_grade": 1, "evidence": "Second thoughts."}]}
    services.save_section(actor=world.sip, note=note, key="standards", base_revision=section.revision, rows=rows, at=later(1))
    services.abandon_amendment(actor=world.sip, note=make.fresh(note), reason="Nothing to change.", at=later(2))
    judgement.refresh_from_db()
    assert (judgement.sip_grade, judgement.evidence) == (2, "68% in 2008, from 61%; 24 books seen.")


def test_what_was_held_goes_when_the_head_is_confirmed(world: World) -> None:
    from schools.services import confirm_contact

    world.oak.contacts.filter(kind="head").update(state="reported", decided_at=None, user=None)
    note = make.bring_to(NoteState.WITH_SCHOOL, author=world.sip, school=world.oak, manager=world.manager)
    confirm_contact(actor=world.fresh("administrator"), contact=world.oak.contacts.get(kind="head"), at=later(1))
    assert Delivery.objects.get(dispatch__note=note).state == DeliveryState.QUEUED
    make.deliver_mail(later(1))
    assert make.fresh(note).school_due_on == dt.date(2008, 10, 22)


def test_in_the_days_of_grace_a_note_is_finished_and_not_begun(world: World) -> None:
    visit = make.hold(world.sip, world.oak)
    world.assignments["oak"].ends_on = dt.date(2008, 10, 13)
    world.assignments["oak"].finish_by = dt.date(2008, 11, 3)
    world.assignments["oak"].save()
    with pytest.raises(PermissionDenied):
        services.start_note(actor=world.fresh("sip"), visit=visit, at=NOW)


def test_nobody_hands_a_draft_to_themselves(world: World) -> None:
    from tests.factories.schools import make_assignment

    note = make.start(world.sip, world.oak)
    make_assignment(world.manager_sip, world.oak, "nc_adviser", starts_on=dt.date(2008, 9, 1))
    with pytest.raises(Refused, match="nobody gives a draft to themselves"):
        services.hand_on_note(actor=world.fresh("manager_sip"), note=note, author=world.fresh("manager_sip"), reason="Mine now", at=NOW)


def test_each_school_of_a_group_writes_its_own_half_page(world: World) -> None:
    visit = make.hold(world.sip, world.oak, world.ash)
    head = world.fresh("head")
    with pytest.raises(PermissionDenied):
        services.write_half_page(actor=head, visit=visit, school=world.ash, text="Theirs", at=NOW)
    services.write_half_page(actor=head, visit=visit, school=world.oak, text="Ours alone", at=NOW)
    with pytest.raises(PermissionDenied):
        services.write_half_page(actor=head, visit=make.hold(world.sip, world.ash), school=world.oak, text="Elsewhere", at=NOW)
    note = make.fill(world.sip, services.start_note(actor=world.sip, visit=Visit.objects.get(pk=visit.pk), at=NOW))
    payloads = [json.loads(made.text) for made in make.rendered(note, "release", world.sip)]
    printed = {payload["school"]["urn"]: payload["school_half_page"] for payload in payloads}
    assert printed[world.oak.urn]["text"] == "Ours alone" and printed[world.ash.urn] is None


def test_a_correction_of_the_facts_makes_a_rendered_pdf_stale(world: World) -> None:
    note = make.bring_to(NoteState.READY, author=world.sip, school=world.oak, manager=world.manager)
    made = make.rendered(note, "release", world.sip)
    services.correct_facts(actor=world.sip, visit=Visit.objects.get(pk=note.visit_id), facts=make.facts(dt.date(2008, 10, 8)), at=NOW)
    with pytest.raises(Conflict, match="changed while its PDF was made"):
        services.release_note(actor=world.sip, note=make.fresh(note), rendered=made, at=NOW)


def test_a_visit_is_planned_with_its_own_schools_people_and_sections(world: World) -> None:
    """What the form offers the service asks again: nothing comes in from another school, another authority, another note."""
    plan = VisitPlan(visit_type="autumn", schools=[world.oak], lead=world.sip)
    elsewhere = services.book_visit(actor=world.sip, plan=replace(plan, schools=[world.ash]), on=dt.date(2008, 11, 20), at=NOW)
    services.cancel_visit(actor=world.sip, visit=elsewhere, reason="An inspection was announced.", at=NOW)
    elsewhere = Visit.objects.get(pk=elsewhere.pk)
    refused = {
        "place_of": replace(plan, place_of=elsewhere),
        "second_adviser": replace(plan, second_adviser=world.fresh("other_sip")),
        "second_sections": replace(plan, second_adviser=world.fresh("consultant"), second_sections=["nothing"]),
        "covers": replace(plan, schools=[world.oak, world.yew]),
    }
    for field, wrong in refused.items():
        with pytest.raises(Refused) as refusal:
            services.book_visit(actor=world.manager, plan=wrong, on=dt.date(2008, 11, 20), at=NOW)
        assert refusal.value.field == field
    visit = services.book_visit(
        actor=world.sip, plan=replace(plan, schools=[world.ash], place_of=elsewhere), on=dt.date(2008, 11, 20), at=NOW
    )
    assert visit.place_of == elsewhere
