"""Who may do what in briefings: pure functions of hats. Which rows of the authority, the row scope has said."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.access import policy
from people.hats import Hats
from people.roles import Permission as P


def _in_authority(permission: P) -> None:
    @policy(permission)
    def answer(hats: Hats, obj: Any, on: dt.date) -> bool:
        if obj is None:
            return hats.may_somewhere(permission)
        return hats.may_in(permission, obj.pk if obj._meta.label == "people.Authority" else obj.authority_id)


for _permission in (
    P.BRIEFING_VIEW,
    P.BRIEFING_MANAGE,
    P.BRIEFING_BUILD,
    P.BRIEFING_TAKE_PART,
    P.BULLETIN_VIEW,
    P.BULLETIN_WRITE,
    P.WORKSHOP_VIEW,
    P.WORKSHOP_MANAGE,
    P.NEED_READ,
    P.EVALUATION_OPEN,
    P.EVALUATION_READ,
):
    _in_authority(_permission)


# ---------------------------------------------------------------- the library: what belongs to an authority and to no school


def _by_any_hat(permission: P) -> None:
    @policy(permission)
    def answer(hats: Hats, obj: Any, on: dt.date) -> bool:
        """``obj``: an authority, or a row of one; which rows, the row scope has said."""
        if obj is None:
            return bool(hats.authorities_wearing(permission))
        return (obj.pk if obj._meta.label == "people.Authority" else obj.authority_id) in hats.authorities_wearing(permission)


for _permission in (
    P.RESOURCE_LIST,
    P.RESOURCE_PUBLISH,
    P.QUESTION_VIEW,
    P.QUESTION_OFFER,
    P.QUESTION_DECIDE,
    P.PRACTICE_VIEW,
    P.PRACTICE_RECORD,
    P.SUGGESTION_MAKE,
    P.SUGGESTION_ANSWER,
):
    _by_any_hat(_permission)


@policy(P.SAMPLE_OFFER)
def may_offer_sample(hats: Hats, obj: Any, on: dt.date) -> bool:
    """Whoever answers requests for information (``obj``: an authority, or a redacted copy)."""
    if obj is None:
        return hats.may_somewhere(P.SAMPLE_OFFER)
    return hats.may_in(P.SAMPLE_OFFER, obj.pk if obj._meta.label == "people.Authority" else obj.item.request.authority_id)


# ---------------------------------------------------------------- workshops, needs, evaluation


@policy(P.WORKSHOP_BOOK)
def may_book(hats: Hats, obj: Any, on: dt.date) -> bool:
    """A SIP of the authority books a workshop; a booking is its holder's, or the manager's."""
    if obj is None:
        return hats.may_somewhere(P.WORKSHOP_BOOK)
    if obj._meta.label == "briefings.Booking":
        return obj.user_id == hats.user_id or hats.may_in(P.WORKSHOP_MANAGE, obj.workshop.authority_id)
    return hats.may_in(P.WORKSHOP_BOOK, obj.authority_id)


@policy(P.NEED_RECORD)
def may_record_need(hats: Hats, obj: Any, on: dt.date) -> bool:
    """One's own alone (``obj``: the SIP)."""
    if obj is None:
        return hats.may_somewhere(P.NEED_RECORD)
    return obj.user_id == hats.user_id and hats.may_in(P.NEED_RECORD, obj.authority_id)


@policy(P.EVALUATION_ANSWER)
def may_evaluate(hats: Hats, obj: Any, on: dt.date) -> bool:
    """Whoever came (``obj``: their place among those who may answer)."""
    return obj is not None and obj.user_id == hats.user_id
