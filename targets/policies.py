"""Who may do what to results and targets: pure functions of hats. The row scopes are ``visible_to`` beside each model."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.access import policy
from people.hats import Hats
from people.roles import Hat
from people.roles import Permission as P


@policy(P.TARGET_SET)
def may_set_target(hats: Hats, school: Any, on: dt.date) -> bool:
    """Whoever serves the school today, and the manager."""
    return hats.may_somewhere(P.TARGET_SET) if school is None else hats.may(P.TARGET_SET, school)


@policy(P.TARGET_APPLY)
def may_apply_target(hats: Hats, school: Any, on: dt.date) -> bool:
    """The same; and a former adviser in the days of grace, by the note that they finish and in no other way (domain.md §3)."""
    school = school.school if school is not None and school._meta.label == "targets.Target" else school
    return may_set_target(hats, school, on) or (school is not None and hats.may_finish_at(school.pk))


def _of_school(permission: P) -> None:
    @policy(permission)
    def answer(hats: Hats, obj: Any, on: dt.date) -> bool:
        """Of a school or one of its targets, by the hats worn there; ``None``: of any."""
        if obj is None:
            return hats.may_somewhere(permission)
        return hats.may(permission, obj.school if obj._meta.label == "targets.Target" else obj)


for _permission in (
    P.TARGET_VIEW,
    P.TARGET_PROPOSE,
    P.TARGET_CHALLENGE,
    P.TARGET_DECIDE,
    P.TARGET_SIGN,
    P.TARGET_RECORD_SIGNATURE,
    P.TARGET_SETTLE,
    P.TARGET_REMIND,
    P.PUPIL_WRITE,
    P.PUPIL_SUMS,
):
    _of_school(_permission)


@policy(P.TARGET_INDICATE, P.TARGET_SUBMIT)
def may_act_for_authority(hats: Hats, obj: Any, on: dt.date) -> bool:
    """The manager, for the authority; of one target, where the wall lets them (obj: authority, target or ``None``)."""
    if obj is None:
        return hats.may_somewhere(P.TARGET_SUBMIT)
    if obj._meta.label == "targets.Target":
        return hats.may(P.TARGET_SUBMIT, obj.school)
    return obj.pk in hats.authorities_granting(P.TARGET_SUBMIT)


@policy(P.PUPIL_READ)
def may_read_pupils(hats: Hats, sheet: Any, on: dt.date) -> bool:
    """The head always; an adviser of the school while the round is open (domain.md §5)."""
    if sheet is None:
        return hats.may_somewhere(P.PUPIL_READ)
    worn = hats.at(sheet.school)
    is_open = sheet.closed_on is None or on < sheet.closed_on
    return Hat.HEAD in worn or (Hat.ADVISER in worn and is_open)


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
