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


for _permission in (P.PROGRAMME_REPORT, P.FEEDBACK_VIEW):
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
