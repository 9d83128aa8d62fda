"""Who may do what in briefings: pure functions of hats."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.access import policy
from people.hats import Hats
from people.roles import Permission as P


def _in_authority(permission: P) -> None:
    @policy(permission)
    def answer(hats: Hats, obj: Any, on: dt.date) -> bool:
        """Which rows of the authority, the row scope has said."""
        if obj is None:
            return hats.may_somewhere(permission)
        return hats.may_in(permission, obj.pk if obj._meta.label == "people.Authority" else obj.authority_id)


for _permission in (P.BRIEFING_VIEW, P.BRIEFING_MANAGE, P.BRIEFING_BUILD):
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
