"""Who may do what to visits and notes, by the tables of domain.md §4: pure functions of (hats, row, date).

The wall and the separations are asked first: authority-side rights over a school from which the person is walled are
void, and nobody decides on themselves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from core.access import policy
from people.hats import Hats
from people.roles import Hat
from people.roles import Permission as P

from .choices import SUBMITTED, WRITABLE, ActionOwner, CommentaryState, NoteState
from .models import Commentary, Dispatched, NoteOfVisit, Visit

# ---------------------------------------------------------------- relations


def walled(hats: Hats, row: Visit | Dispatched) -> bool:
    return any(school.pk in hats.walled for school in row.covered)


def worn(hats: Hats, row: Visit | Dispatched) -> frozenset[Hat]:
    """The hats worn at every school that the row covers; a school-side hat at any of them. The wall over one is over all."""
    each = [hats.at(school) for school in row.covered]
    if not each:
        return frozenset()
    school_side = frozenset().union(*(hats.contact_hats(school.pk) for school in row.covered))
    if walled(hats, row):
        return school_side
    return frozenset.intersection(*each) | school_side


def is_manager(hats: Hats, row: Visit | NoteOfVisit) -> bool:
    return Hat.SIP_MANAGER in worn(hats, row)


def is_author(hats: Hats, note: NoteOfVisit) -> bool:
    """The author, while they hold an assignment at the school or have the days of grace to finish."""
    return note.author_id == hats.user_id and not walled(hats, note) and _may_finish(hats, note)


def _may_finish(hats: Hats, row: Visit | NoteOfVisit) -> bool:
    return all(hats.may_finish_at(school.pk) for school in row.covered)


def is_second(hats: Hats, note: NoteOfVisit) -> bool:
    """The second adviser, as long as an author: an assignment at the school, or the days of grace after it."""
    return note.visit.second_adviser_id == hats.user_id and not walled(hats, note) and _may_finish(hats, note)


def reads_own(hats: Hats, note: NoteOfVisit) -> bool:
    """What they wrote, author or second adviser: while they serve the school and 90 days after (domain.md §3)."""
    wrote = hats.user_id in (note.author_id, note.visit.second_adviser_id)
    looks = {assignment.school_id for assignment in hats.assignments}
    return wrote and not walled(hats, note) and all(school.pk in looks for school in note.covered)


def is_lead(hats: Hats, visit: Visit) -> bool:
    return visit.lead_id == hats.user_id and not walled(hats, visit)


def leads_now(hats: Hats, visit: Visit) -> bool:
    """The lead who serves the school today. Whose assignment is over finishes notes, and moves or chooses nothing."""
    return is_lead(hats, visit) and all(hats.is_adviser_of(school.pk) for school in visit.covered)


def is_mentor_of_author(hats: Hats, note: NoteOfVisit) -> bool:
    return hats.mentors_in(note.author_id, note.authority_id)


def may_review(hats: Hats, note: NoteOfVisit) -> bool:
    """Who works for the authority today: never the author, the second adviser, the author's mentor, or one walled from the school."""
    if note.author_id == hats.user_id or note.visit.second_adviser_id == hats.user_id:
        return False
    is_mentor = note.author_id in hats.mentees  # in whichever authority: this takes away, and gives nothing
    return hats.reviews_in(note.authority_id) and not is_mentor and not walled(hats, note)


def is_reviewer(hats: Hats, note: NoteOfVisit) -> bool:
    """The reviewer named on the open review; a manager where it names nobody."""
    review = note.open_review
    if review is None or not may_review(hats, note):
        return False
    return review.reviewer_id == hats.user_id or (review.reviewer_id is None and is_manager(hats, note))


def decides_on_other(hats: Hats, note: NoteOfVisit) -> bool:
    return is_manager(hats, note) and note.author_id != hats.user_id


# ---------------------------------------------------------------- rounds


@policy(P.ROUND_VIEW)
def may_view_round(hats: Hats, obj: Any, on: dt.date) -> bool:
    """The round of one's authority; how much of it, the row scope of schools decides."""
    if obj is None:
        return hats.may_somewhere(P.ROUND_VIEW)
    serves = any(a.authority_id == obj.authority_id and a.current for a in hats.assignments)
    return serves or hats.may_in(P.ROUND_VIEW, obj.authority_id)


@policy(P.ROUND_MANAGE)
def may_manage_round(hats: Hats, obj: Any, on: dt.date) -> bool:
    """The manager of the authority (``obj``: a round, or the authority itself)."""
    if obj is None:
        return hats.may_somewhere(P.ROUND_MANAGE)
    authority_id = obj.pk if obj._meta.label == "people.Authority" else obj.authority_id
    return hats.may_in(P.ROUND_MANAGE, authority_id)


# ---------------------------------------------------------------- visits


def by_hat(permission: P) -> Callable[[Hats, Any], bool]:
    def answer(hats: Hats, row: Any) -> bool:
        if row is None:
            return hats.may_somewhere(permission)
        from people.roles import GRANTS

        schools = [row] if row._meta.label == "schools.School" else None
        hats_worn = hats.at(schools[0]) if schools else worn(hats, row)
        return any(permission in GRANTS[hat] for hat in hats_worn)

    return answer


@policy(P.VISIT_LIST)
def may_list_visits(hats: Hats, obj: Any, on: dt.date) -> bool:
    return hats.may_somewhere(P.VISIT_LIST)


@policy(P.VISIT_VIEW)
def may_view_visit(hats: Hats, visit: Any, on: dt.date) -> bool:
    """Facts of a visit in scope: by a hat, by having led it, or by mentoring the lead (the scope has seen to the rest)."""
    if visit is None:
        return hats.may_somewhere(P.VISIT_VIEW)
    return (
        by_hat(P.VISIT_VIEW)(hats, visit)
        or hats.mentors_in(visit.lead_id, visit.authority_id)
        or is_lead(hats, visit)
        or visit.second_adviser_id == hats.user_id
    )


@policy(P.VISIT_BOOK)
def may_book(hats: Hats, school: Any, on: dt.date) -> bool:
    """An adviser of the school, for themselves; the manager, for any adviser."""
    return by_hat(P.VISIT_BOOK)(hats, school)


@policy(P.VISIT_CHOOSE)
def may_choose(hats: Hats, visit: Any, on: dt.date) -> bool:
    return (
        by_hat(P.VISIT_CHOOSE)(hats, visit)
        if visit is None
        else (leads_now(hats, visit) or bool(worn(hats, visit) & {Hat.HEAD, Hat.SCHOOL_OFFICE}))
    )


@policy(P.VISIT_MOVE)
def may_move(hats: Hats, visit: Any, on: dt.date) -> bool:
    """Either side: the lead, the manager, the head."""
    if visit is None:
        return hats.may_somewhere(P.VISIT_MOVE)
    return leads_now(hats, visit) or bool(worn(hats, visit) & {Hat.SIP_MANAGER, Hat.HEAD})


@policy(P.VISIT_HOLD)
def may_hold(hats: Hats, visit: Any, on: dt.date) -> bool:
    """The lead logs what they led."""
    if visit is None:
        return hats.may_somewhere(P.VISIT_HOLD)
    return is_lead(hats, visit) and all(hats.may_finish_at(school.pk) for school in visit.covered)


@policy(P.VISIT_WAIVE)
def may_waive(hats: Hats, visit: Any, on: dt.date) -> bool:
    """The manager, never of a visit that they led."""
    if visit is None:
        return hats.may_somewhere(P.VISIT_WAIVE)
    return is_manager(hats, visit) and visit.lead_id != hats.user_id


@policy(P.VISIT_PREPARE)
def may_prepare(hats: Hats, visit: Any, on: dt.date) -> bool:
    """Who will be there for the authority: the lead, while they serve the school, and the second adviser. Nobody else reads it."""
    if visit is None:
        return hats.may_somewhere(P.VISIT_PREPARE)
    return leads_now(hats, visit) or (visit.second_adviser_id == hats.user_id and not walled(hats, visit))


@policy(P.HALF_PAGE_WRITE)
def may_write_half_page(hats: Hats, visit: Any, on: dt.date) -> bool:
    """The school's, each its own. Of the visit: at any of its schools; the service asks of the one school too."""
    return by_hat(P.HALF_PAGE_WRITE)(hats, visit)


@policy(P.HEAD_REVIEW_LIST)
def may_list_head_reviews(hats: Hats, obj: Any, on: dt.date) -> bool:
    return hats.may_somewhere(P.HEAD_REVIEW_LIST)


@policy(P.HEAD_REVIEW_LOG)
def may_log_head_review(hats: Hats, obj: Any, on: dt.date) -> bool:
    """An adviser of the school; of one that is logged, whoever logged it."""
    if obj is None:
        return hats.may_somewhere(P.HEAD_REVIEW_LOG)
    if obj._meta.label == "schools.School":
        return hats.is_adviser_of(obj.pk)
    return obj.adviser_id == hats.user_id and hats.is_adviser_of(obj.school_id)


@policy(P.CALL_LOG)
def may_log_call(hats: Hats, school: Any, on: dt.date) -> bool:
    return hats.may_somewhere(P.CALL_LOG) if school is None else hats.may(P.CALL_LOG, school)


# ---------------------------------------------------------------- notes


@policy(P.NOTE_START)
def may_start(hats: Hats, visit: Any, on: dt.date) -> bool:
    """The lead, while they hold an assignment: in the days of grace notes are finished, not begun (domain.md §3)."""
    if visit is None:
        return hats.may_somewhere(P.NOTE_START)
    return is_lead(hats, visit) and all(hats.is_adviser_of(school.pk) for school in visit.covered)


@policy(P.NOTE_OPEN)
def may_open(hats: Hats, note: Any, on: dt.date) -> bool:
    """The note's page: the row scope has decided; here only that the person wears a hat at all that opens notes."""
    return note is not None or hats.may_somewhere(P.NOTE_OPEN)


@policy(P.NOTE_READ)
def may_read(hats: Hats, note: Any, on: dt.date) -> bool:
    """Who reads the working text, by state. The school and everybody after it read records, never this; once it is final
    so does everybody, and a record's withdrawal ends access to all that it says."""
    if note is None:
        return hats.may_somewhere(P.NOTE_READ)
    if walled(hats, note) or note.state in (NoteState.FINAL, NoteState.WITHDRAWN):
        return False
    if reads_own(hats, note):
        return True
    if is_mentor_of_author(hats, note) and any(share.mentor_id == hats.user_id for share in note.shares.all()):
        return True
    if note.state in SUBMITTED:
        return is_manager(hats, note) or is_reviewer(hats, note)
    return False


@policy(P.NOTE_WRITE)
def may_write(hats: Hats, note: Any, on: dt.date) -> bool:
    """The author, everywhere; the second adviser, in the sections named for them (``writes_section``); while it is writable."""
    if note is None:
        return hats.may_somewhere(P.NOTE_START)
    if note.state not in WRITABLE:
        return False
    return is_author(hats, note) or (is_second(hats, note) and bool(note.visit.second_sections))


def writes_section(hats: Hats, note: NoteOfVisit, code: str) -> bool:
    return is_author(hats, note) or (is_second(hats, note) and code in note.visit.second_sections)


def _author_only(hats: Hats, note: Any, on: dt.date) -> bool:
    return hats.may_somewhere(P.NOTE_START) if note is None else is_author(hats, note)


policy(P.NOTE_SHARE, P.NOTE_SUBMIT, P.NOTE_REPLY)(_author_only)


def _author_or_manager(hats: Hats, note: Any, on: dt.date) -> bool:
    if note is None:
        return hats.may_somewhere(P.NOTE_START) or hats.may_somewhere(P.NOTE_FINALISE)
    return is_author(hats, note) or decides_on_other(hats, note)


policy(P.NOTE_ABANDON, P.NOTE_RELEASE, P.NOTE_FINALISE, P.NOTE_DECLINE_CORRECTION)(_author_or_manager)


@policy(P.NOTE_HAND_ON)
def may_hand_on(hats: Hats, note: Any, on: dt.date) -> bool:
    return hats.may_somewhere(P.NOTE_HAND_ON) if note is None else is_manager(hats, note)


@policy(P.NOTE_TAKE_BACK)
def may_take_back(hats: Hats, note: Any, on: dt.date) -> bool:
    """The author until the reviewer opens it, then the manager."""
    if note is None:
        return hats.may_somewhere(P.NOTE_START) or hats.may_somewhere(P.NOTE_TAKE_BACK)
    review = note.open_review
    if review is not None and review.opened_at is None:
        return is_author(hats, note)
    return decides_on_other(hats, note)


@policy(P.NOTE_REASSIGN)
def may_reassign(hats: Hats, note: Any, on: dt.date) -> bool:
    """The manager; of their own note, another manager."""
    return hats.may_somewhere(P.NOTE_REASSIGN) if note is None else decides_on_other(hats, note)


@policy(P.NOTE_REVIEW)
def may_decide_review(hats: Hats, note: Any, on: dt.date) -> bool:
    return hats.may_somewhere(P.NOTE_REVIEW) if note is None else is_reviewer(hats, note)


@policy(P.NOTE_EXTEND)
def may_extend(hats: Hats, note: Any, on: dt.date) -> bool:
    return hats.may_somewhere(P.NOTE_EXTEND) if note is None else is_manager(hats, note)


@policy(P.NOTE_ANSWER)
def may_answer(hats: Hats, note: Any, on: dt.date) -> bool:
    """The headteacher; the chair where he or she has the draft."""
    if note is None:
        return hats.may_somewhere(P.NOTE_ANSWER)
    school_side = frozenset().union(*(hats.contact_hats(school.pk) for school in note.covered))
    return Hat.HEAD in school_side or (Hat.CHAIR in school_side and note.goes_to_chair)


@policy(P.NOTE_ASK_CORRECTION)
def may_ask_correction(hats: Hats, note: Any, on: dt.date) -> bool:
    if note is None:
        return hats.may_somewhere(P.NOTE_ASK_CORRECTION)
    school_side = frozenset().union(*(hats.contact_hats(school.pk) for school in note.covered))
    return bool(school_side & {Hat.HEAD, Hat.CHAIR})


@policy(P.NOTE_AMEND)
def may_amend(hats: Hats, note: Any, on: dt.date) -> bool:
    """The author, or the manager, who names the adviser that amends (another manager, where it is their own note)."""
    if note is None:
        return hats.may_somewhere(P.NOTE_START) or hats.may_somewhere(P.NOTE_AMEND)
    return is_author(hats, note) or decides_on_other(hats, note)


@policy(P.RECORD_WITHDRAW)
def may_withdraw(hats: Hats, note: Any, on: dt.date) -> bool:
    """Manager and data protection officer: one asks, the other confirms; never over a note or commentary of one's own. Of an
    incident, which one withdrawal opened, they read and enter what was done."""
    if note is None:
        return hats.may_somewhere(P.RECORD_WITHDRAW)
    if note._meta.label == "visits.Incident":
        note = note.withdrawal.of.about
    return bool(worn(hats, note) & {Hat.SIP_MANAGER, Hat.DATA_PROTECTION_OFFICER}) and note.author_id != hats.user_id


@policy(P.NOTE_OPEN_TO)
def may_open_to(hats: Hats, note: Any, on: dt.date) -> bool:
    """The manager, never of their own note."""
    return hats.may_somewhere(P.NOTE_OPEN_TO) if note is None else decides_on_other(hats, note)


@policy(P.RECORD_READ)
def may_read_record(hats: Hats, record: Any, on: dt.date) -> bool:
    """The row scope of records is the whole answer (``NoteRecord.objects.visible_to``)."""
    return record is not None or hats.may_somewhere(P.RECORD_READ) or hats.may_somewhere(P.RECORD_WITHDRAW)


@policy(P.REVIEW_QUEUE)
def may_see_queue(hats: Hats, obj: Any, on: dt.date) -> bool:
    return hats.may_somewhere(P.REVIEW_QUEUE)


@policy(P.ACTION_REPORT)
def may_report_progress(hats: Hats, action: Any, on: dt.date) -> bool:
    """The school, its advisers; and an officer of the school, of what the authority itself undertook to do."""
    if action is None:
        return hats.may_somewhere(P.ACTION_REPORT) or Hat.OFFICER in hats.worn
    is_ours = action.owner == ActionOwner.AUTHORITY and Hat.OFFICER in hats.at(action.school)
    return is_ours or hats.may(P.ACTION_REPORT, action.school)


# ---------------------------------------------------------------- annual commentaries


def writes_commentary(hats: Hats, commentary: Commentary) -> bool:
    """The author, while they hold an assignment at the school or have the days of grace to finish."""
    return commentary.author_id == hats.user_id and hats.may_finish_at(commentary.school_id)


@policy(P.COMMENTARY_START)
def may_start_commentary(hats: Hats, school: Any, on: dt.date) -> bool:
    """Whoever serves the school today."""
    return hats.may_somewhere(P.COMMENTARY_START) if school is None else hats.is_adviser_of(school.pk)


@policy(P.COMMENTARY_WRITE)
def may_write_commentary(hats: Hats, commentary: Any, on: dt.date) -> bool:
    """The author alone, while it is a draft: nobody else reads the working text."""
    if commentary is None:
        return hats.may_somewhere(P.COMMENTARY_START)
    return commentary.state == CommentaryState.DRAFT and writes_commentary(hats, commentary)


@policy(P.COMMENTARY_HAND_ON)
def may_hand_on_commentary(hats: Hats, commentary: Any, on: dt.date) -> bool:
    if commentary is None:
        return hats.may_somewhere(P.COMMENTARY_HAND_ON)
    return Hat.SIP_MANAGER in hats.at(commentary.school)


def _author_or_manager_of(hats: Hats, commentary: Any, on: dt.date) -> bool:
    """The author, or a manager who is not the author."""
    if commentary is None:
        return hats.may_somewhere(P.COMMENTARY_START) or hats.may_somewhere(P.COMMENTARY_FINALISE)
    if commentary.author_id == hats.user_id:
        return writes_commentary(hats, commentary)
    return Hat.SIP_MANAGER in hats.at(commentary.school)


policy(P.COMMENTARY_RELEASE, P.COMMENTARY_FINALISE, P.COMMENTARY_AMEND)(_author_or_manager_of)


@policy(P.COMMENTARY_ANSWER)
def may_answer_commentary(hats: Hats, commentary: Any, on: dt.date) -> bool:
    """The headteacher; the chair where he or she has the draft."""
    if commentary is None:
        return hats.may_somewhere(P.COMMENTARY_ANSWER)
    worn_there = hats.contact_hats(commentary.school_id)
    return Hat.HEAD in worn_there or (Hat.CHAIR in worn_there and commentary.goes_to_chair)


# ---------------------------------------------------------------- alerts


@policy(P.ALERT_RAISE)
def may_raise_alert(hats: Hats, school: Any, on: dt.date) -> bool:
    """Whoever serves the school today (P16)."""
    return hats.may_somewhere(P.ALERT_RAISE) if school is None else hats.may(P.ALERT_RAISE, school)


@policy(P.ALERT_READ)
def may_read_alert(hats: Hats, alert: Any, on: dt.date) -> bool:
    """The row scope of alerts is the whole answer (``Alert.objects.visible_to``)."""
    return alert is not None or hats.may_somewhere(P.ALERT_READ)


@policy(P.ALERT_ACKNOWLEDGE)
def may_acknowledge_alert(hats: Hats, alert: Any, on: dt.date) -> bool:
    """An officer or the manager, of what they may read; never whoever raised it."""
    if alert is None:
        return hats.may_somewhere(P.ALERT_ACKNOWLEDGE)
    return hats.may(P.ALERT_ACKNOWLEDGE, alert.school) and alert.raised_by_id != hats.user_id


# ---------------------------------------------------------------- requests for information


def _reads_second(hats: Hats, request: Any) -> bool:
    """The second reader of this one, while a data protection officer or SIP manager of its authority."""
    reading = {Hat.SIP_MANAGER, Hat.DATA_PROTECTION_OFFICER}
    return request.reviewer_id == hats.user_id and any(r.authority_id == request.authority_id and r.hat in reading for r in hats.roles)


@policy(P.REQUEST_HANDLE)
def may_handle_request(hats: Hats, obj: Any, on: dt.date) -> bool:
    """The data protection officer of the authority (``obj``: a request, or the authority itself)."""
    if obj is None:
        return hats.may_somewhere(P.REQUEST_HANDLE)
    return hats.may_in(P.REQUEST_HANDLE, obj.pk if obj._meta.label == "people.Authority" else obj.authority_id)


@policy(P.REQUEST_READ)
def may_read_request(hats: Hats, request: Any, on: dt.date) -> bool:
    if request is None:
        return hats.may_somewhere(P.REQUEST_READ)
    return hats.may_in(P.REQUEST_READ, request.authority_id) or _reads_second(hats, request)


@policy(P.REQUEST_REVIEW)
def may_review_request(hats: Hats, request: Any, on: dt.date) -> bool:
    """Nobody decides on what they decided themselves: the service that names the second reader sees to that."""
    return request is not None and _reads_second(hats, request)


# ---------------------------------------------------------------- retention


def _in_authority(permission: P) -> None:
    @policy(permission)
    def answer(hats: Hats, obj: Any, on: dt.date) -> bool:
        """By a role in the authority (``obj``: it, or a row of it)."""
        if obj is None:
            return hats.may_somewhere(permission)
        return hats.may_in(permission, obj.pk if obj._meta.label == "people.Authority" else obj.authority_id)


for _permission in (P.RETENTION_VIEW, P.RETENTION_SET, P.RETENTION_DECIDE):
    _in_authority(_permission)
