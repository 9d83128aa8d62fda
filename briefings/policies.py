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


for _permission in (P.BRIEFING_VIEW, P.BRIEFING_MANAGE):
    _in_authority(_permission)
