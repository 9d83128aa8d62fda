"""Who may do what in quality assurance: pure functions of hats. Nobody asks, reads or decides about themselves."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.access import policy
from people.choices import SipKind
from people.hats import Hats
from people.models import Sip
from people.roles import Hat
from people.roles import Permission as P

from .models import Moderation, SampledNote, Shadowing


def _in_authority(permission: P) -> None:
    @policy(permission)
    def answer(hats: Hats, obj: Any, on: dt.date) -> bool:
        if obj is None:
            return hats.may_somewhere(permission)
        return hats.may_in(permission, obj.pk if obj._meta.label == "people.Authority" else obj.authority_id)


for _permission in (P.PROGRAMME_REPORT, P.REPORT_WRITE, P.FEEDBACK_VIEW, P.JUDGEMENT_VIEW, P.JUDGEMENT_RECORD):
    _in_authority(_permission)


@policy(P.FEEDBACK_ASK)
def may_ask_feedback(hats: Hats, obj: Any, on: dt.date) -> bool:
    """The manager, but of a form about themselves."""
    if obj is None:
        return hats.may_somewhere(P.FEEDBACK_ASK)
    if obj._meta.label == "people.Authority":
        return hats.may_in(P.FEEDBACK_ASK, obj.pk)
    return obj.sip.user_id != hats.user_id and obj.school_id not in hats.walled and hats.may_in(P.FEEDBACK_ASK, obj.authority_id)


@policy(P.FEEDBACK_READ)
def may_read_feedback(hats: Hats, obj: Any, on: dt.date) -> bool:
    """The SIP's reviewer (``obj``: the SIP), who is named on the form; nobody about themselves."""
    reviewer = obj.sip_reviewer if obj is not None else None
    return reviewer is not None and reviewer.pk == hats.user_id and obj.user_id != hats.user_id


@policy(P.FEEDBACK_ANSWER)
def may_answer_feedback(hats: Hats, obj: Any, on: dt.date) -> bool:
    """The head or chair whom the form was sent to, while they are in post (``obj``: the form)."""
    if obj is None:
        return hats.may_somewhere(P.FEEDBACK_ANSWER)
    return obj.contact.user_id == hats.user_id and Hat(obj.role) in hats.contact_hats(obj.school_id)


# ---------------------------------------------------------------- mentoring (``obj``: the SIP)


def _mentors(hats: Hats, sip: Any) -> bool:
    return hats.mentors_in(sip.user_id, sip.authority_id)


@policy(P.MENTORING_VIEW)
def may_view_mentoring(hats: Hats, obj: Any, on: dt.date) -> bool:
    if obj is None:
        return hats.may_somewhere(P.MENTORING_VIEW)
    by_role = obj.authority_id in hats.authorities_granting(P.MENTORING_VIEW)
    return obj.user_id == hats.user_id or _mentors(hats, obj) or by_role


@policy(P.MENTORING_LOG)
def may_log_mentoring(hats: Hats, obj: Any, on: dt.date) -> bool:
    return obj is not None and (obj.user_id == hats.user_id or _mentors(hats, obj))


@policy(P.MENTORING_SIGN_OFF)
def may_sign_off(hats: Hats, obj: Any, on: dt.date) -> bool:
    return obj is not None and obj.user_id != hats.user_id and _mentors(hats, obj)


# ---------------------------------------------------------------- the SIP review (``obj``: the review or, to begin it, the SIP)


def _reviewer_of(hats: Hats, obj: Any) -> bool:
    sip = obj if isinstance(obj, Sip) else obj.sip
    reviewer = sip.sip_reviewer
    return reviewer is not None and reviewer.pk == hats.user_id and sip.user_id != hats.user_id


@policy(P.SIP_REVIEW_VIEW)
def may_view_sip_review(hats: Hats, obj: Any, on: dt.date) -> bool:
    """Three people. Whose row scope it is in is asked first: for others there is no such page."""
    if obj is None:
        return hats.may_somewhere(P.SIP_REVIEW_VIEW)
    heads = hats.authorities_granting_role(Hat.HEAD_OF_IMPROVEMENT)
    sip = obj if isinstance(obj, Sip) else obj.sip
    return sip.user_id == hats.user_id or _reviewer_of(hats, obj) or obj.authority_id in heads


@policy(P.SIP_REVIEW_WRITE)
def may_write_sip_review(hats: Hats, obj: Any, on: dt.date) -> bool:
    return obj is not None and _reviewer_of(hats, obj)


@policy(P.SIP_REVIEW_ACCOUNT)
def may_write_account(hats: Hats, obj: Any, on: dt.date) -> bool:
    return obj is not None and obj.sip.user_id == hats.user_id


# ---------------------------------------------------------------- shadowing and moderation


def walled(hats: Hats, row: Shadowing | Moderation) -> bool:
    return any(school.pk in hats.walled for school in row.covered)


def is_own(hats: Hats, row: Shadowing) -> bool:
    return row.sip.user_id == hats.user_id


def authority_of(obj: Any) -> int:
    return int(obj.pk if obj._meta.label == "people.Authority" else obj.authority_id)


@policy(P.QUALITY_OVERVIEW)
def may_overview(hats: Hats, obj: Any, on: dt.date) -> bool:
    return hats.may_somewhere(P.QUALITY_OVERVIEW) if obj is None else hats.may_in(P.QUALITY_OVERVIEW, authority_of(obj))


# ---------------------------------------------------------------- shadowing


@policy(P.SHADOWING_LIST)
def may_list(hats: Hats, obj: Any, on: dt.date) -> bool:
    return hats.may_somewhere(P.SHADOWING_LIST)


@policy(P.SHADOWING_VIEW)
def may_view(hats: Hats, row: Any, on: dt.date) -> bool:
    """The row scope has decided (``Shadowing.objects.visible_to``)."""
    return row is not None or hats.may_somewhere(P.SHADOWING_VIEW)


@policy(P.SHADOWING_READ)
def may_read(hats: Hats, row: Any, on: dt.date) -> bool:
    """What the observer wrote: SIP, observer, manager, head of improvement; reviewer and mentor by the pack. Never the school."""
    if row is None:
        return hats.may_somewhere(P.SHADOWING_LIST)
    if walled(hats, row):
        return False
    if is_own(hats, row) or row.observer_id == hats.user_id or hats.may_in(P.SHADOWING_VIEW, row.authority_id):
        return True
    sip = row.sip
    reviewer = sip.line_manager_id if sip.kind == SipKind.ADVISER else sip.assigned_person_id
    if row.is_read_by_reviewer and reviewer == hats.user_id:
        return True
    return bool(row.is_read_by_mentor and hats.mentors_in(sip.user_id, row.authority_id))


@policy(P.SHADOWING_PLAN)
def may_plan(hats: Hats, obj: Any, on: dt.date) -> bool:
    """The manager (``obj``: a shadowing, a SIP, an authority); never of themselves as SIP."""
    if obj is None:
        return hats.may_somewhere(P.SHADOWING_PLAN)
    if not hats.may_in(P.SHADOWING_PLAN, authority_of(obj)):
        return False
    if isinstance(obj, Sip):
        return bool(obj.user_id != hats.user_id)
    return not isinstance(obj, Shadowing) or not (is_own(hats, obj) or walled(hats, obj))


@policy(P.SHADOWING_OBSERVE)
def may_observe(hats: Hats, row: Any, on: dt.date) -> bool:
    if row is None:
        return hats.may_somewhere(P.SHADOWING_LIST)
    return row.observer_id == hats.user_id and not is_own(hats, row) and not walled(hats, row)


@policy(P.SHADOWING_RESPOND)
def may_respond(hats: Hats, row: Any, on: dt.date) -> bool:
    return hats.may_somewhere(P.SHADOWING_LIST) if row is None else is_own(hats, row) and not walled(hats, row)


@policy(P.SHADOWING_CLOSE)
def may_close(hats: Hats, row: Any, on: dt.date) -> bool:
    return may_observe(hats, row, on) or may_plan(hats, row, on)


@policy(P.SHADOWING_ASK)
def may_ask(hats: Hats, row: Any, on: dt.date) -> bool:
    """The headteacher of a school of the visit."""
    if row is None:
        return hats.may_somewhere(P.SHADOWING_ASK)
    return any(Hat.HEAD in hats.contact_hats(school.pk) for school in row.covered)


# ---------------------------------------------------------------- moderation


@policy(P.MODERATION_LIST)
def may_list_moderations(hats: Hats, obj: Any, on: dt.date) -> bool:
    return hats.may_somewhere(P.MODERATION_LIST)


def is_authors(hats: Hats, row: Moderation) -> bool:
    return hats.user_id in (row.note.author_id, row.note.visit.second_adviser_id)


@policy(P.MODERATION_VIEW)
def may_view_moderation(hats: Hats, row: Any, on: dt.date) -> bool:
    """The row scope has decided (``Moderation.objects.visible_to``)."""
    return row is not None or hats.may_somewhere(P.MODERATION_LIST)


@policy(P.MODERATION_MANAGE)
def may_manage(hats: Hats, obj: Any, on: dt.date) -> bool:
    """The manager (``obj``: an authority, a round, a sampled note, a rating); never over a note of their own, or the wall."""
    if obj is None:
        return hats.may_somewhere(P.MODERATION_MANAGE)
    if not isinstance(obj, SampledNote | Moderation):
        return hats.may_in(P.MODERATION_MANAGE, authority_of(obj))
    note = obj.note
    own = hats.user_id in (note.author_id, note.visit.second_adviser_id)
    return hats.may_in(P.MODERATION_MANAGE, note.authority_id) and not own and not any(s.pk in hats.walled for s in note.covered)


@policy(P.MODERATION_RATE)
def may_rate(hats: Hats, row: Any, on: dt.date) -> bool:
    """The moderator, while the rating is open; never of their own note or a mentee's, nor over the wall, whatever was granted."""
    if row is None:
        return hats.may_somewhere(P.MODERATION_LIST)
    if row.moderator_id != hats.user_id or is_authors(hats, row) or walled(hats, row):
        return False
    return row.note.author_id not in hats.mentees
