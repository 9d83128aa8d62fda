"""Who may do what in quality assurance: pure functions of hats. Nobody asks, reads or decides about themselves."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.access import policy
from people.hats import Hats
from people.roles import Hat
from people.roles import Permission as P


def _in_authority(permission: P) -> None:
    @policy(permission)
    def answer(hats: Hats, obj: Any, on: dt.date) -> bool:
        if obj is None:
            return hats.may_somewhere(permission)
        return hats.may_in(permission, obj.pk if obj._meta.label == "people.Authority" else obj.authority_id)


for _permission in (P.PROGRAMME_REPORT, P.FEEDBACK_VIEW, P.JUDGEMENT_VIEW, P.JUDGEMENT_RECORD):
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
    sip = obj if obj._meta.label == "people.Sip" else obj.sip
    reviewer = sip.sip_reviewer
    return reviewer is not None and reviewer.pk == hats.user_id and sip.user_id != hats.user_id


@policy(P.SIP_REVIEW_VIEW)
def may_view_sip_review(hats: Hats, obj: Any, on: dt.date) -> bool:
    """Three people. Whose row scope it is in is asked first: for others there is no such page."""
    if obj is None:
        return hats.may_somewhere(P.SIP_REVIEW_VIEW)
    heads = hats.authorities_granting_role(Hat.HEAD_OF_IMPROVEMENT)
    return obj.sip.user_id == hats.user_id or _reviewer_of(hats, obj) or obj.authority_id in heads


@policy(P.SIP_REVIEW_WRITE)
def may_write_sip_review(hats: Hats, obj: Any, on: dt.date) -> bool:
    return obj is not None and _reviewer_of(hats, obj)


@policy(P.SIP_REVIEW_ACCOUNT)
def may_write_account(hats: Hats, obj: Any, on: dt.date) -> bool:
    return obj is not None and obj.sip.user_id == hats.user_id
