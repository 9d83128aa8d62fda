"""Who may do what to results and targets: pure functions of hats. The row scopes are ``visible_to`` beside each model."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.access import policy
from people.hats import Hats
from people.roles import Permission as P


@policy(P.TARGET_SET)
def may_set_target(hats: Hats, school: Any, on: dt.date) -> bool:
    """Whoever serves the school today, and the manager."""
    return hats.may_somewhere(P.TARGET_SET) if school is None else hats.may(P.TARGET_SET, school)


@policy(P.TARGET_APPLY)
def may_apply_target(hats: Hats, school: Any, on: dt.date) -> bool:
    """The same; and a former adviser in the days of grace, by the note that they finish and in no other way (domain.md §3)."""
    return may_set_target(hats, school, on) or (school is not None and hats.may_finish_at(school.pk))


def _in_authority(permission: P) -> None:
    @policy(permission)
    def answer(hats: Hats, obj: Any, on: dt.date) -> bool:
        """By a role in the authority; ``None``: in any."""
        if obj is None:
            return hats.may_somewhere(permission)
        authority_id = obj.pk if obj._meta.label == "people.Authority" else obj.authority_id
        return authority_id in hats.authorities_granting(permission)


for _permission in (P.RESULT_IMPORT, P.RESULTS_VIEW):
    _in_authority(_permission)
