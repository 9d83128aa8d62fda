"""Who may do what about facts, schemes, categories, interventions, the directory and programmes: pure functions of hats."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.access import policy
from people.hats import Hats
from people.roles import GRANTS, Hat
from people.roles import Permission as P

from .scope import directory_authorities


def _school(obj: Any) -> Any:
    return obj if obj._meta.label == "schools.School" else obj.school


DECIDING = (P.CATEGORY_DECIDE, P.CATEGORY_MANAGE, P.CONCERN_DECIDE)
"""Nobody decides on the level of a school that they serve as its SIP: another manager or officer does (domain.md §3)."""


def _in(hats: Hats, permission: P, authority_id: int) -> bool:
    """By a role in the authority or, where the caseload gives the permission, by a school of it that one serves."""
    serves = permission in GRANTS[Hat.ADVISER] and any(
        assignment.current and assignment.authority_id == authority_id and assignment.school_id not in hats.walled
        for assignment in hats.assignments
    )
    return serves or hats.may_in(permission, authority_id)


def _at_school(permission: P) -> None:
    """By a hat at the school, the wall applied; of what belongs to no school, in the authority; of nothing, anywhere."""

    @policy(permission)
    def answer(hats: Hats, obj: Any, on: dt.date) -> bool:
        if obj is None:
            return hats.may_somewhere(permission)
        if obj._meta.label == "people.Authority":
            return _in(hats, permission, obj.pk)
        if obj._meta.label != "schools.School" and not hasattr(obj, "school_id"):
            return _in(hats, permission, obj.authority_id)
        school = _school(obj)
        if permission in DECIDING and hats.is_adviser_of(school.pk):
            return False
        return hats.may(permission, school)


for _permission in (
    P.FACT_LIST,
    P.CATEGORY_VIEW,
    P.CATEGORY_DECIDE,
    P.CATEGORY_MANAGE,
    P.CATEGORY_REPRESENT,
    P.SCHEME_PLACE,
    P.INTERVENTION_VIEW,
    P.INTERVENTION_RECORD,
    P.CONCERN_LIST,
    P.CONCERN_VIEW,
    P.CONCERN_MANAGE,
    P.CONCERN_DECIDE,
    P.CONCERN_PLAN,
    P.CONCERN_LOG,
    P.SUPPORT_ASK,
    P.SUPPORT_MATCH,
    P.SUPPORT_AGREE,
    P.PROGRAMMES_VIEW,
    P.PROGRAMMES_MANAGE,
    P.PROGRAMMES_LOG,
):
    _at_school(_permission)


def _in_authority(permission: P) -> None:
    @policy(permission)
    def answer(hats: Hats, obj: Any, on: dt.date) -> bool:
        if obj is None:
            return hats.may_somewhere(permission)
        return hats.may_in(permission, obj.pk if obj._meta.label == "people.Authority" else obj.authority_id)


for _permission in (
    P.CATEGORY_COUNTS, P.SCHEME_COMPARE, P.SCHEME_EDIT, P.SCHEME_PUBLISH, P.SPEND_VIEW, P.FUND_VIEW, P.FUND_MANAGE,
):  # fmt: skip
    _in_authority(_permission)


@policy(P.SERVICE_VIEW)
def may_read_directory(hats: Hats, obj: Any, on: dt.date) -> bool:
    if obj is None:
        return hats.may_somewhere(P.SERVICE_VIEW)
    return (obj.pk if obj._meta.label == "people.Authority" else obj.authority_id) in directory_authorities(hats)


@policy(P.SERVICE_MANAGE)
def may_keep_directory(hats: Hats, obj: Any, on: dt.date) -> bool:
    """Whoever keeps the directory; of an entry its owner too, while they have a part in the authority."""
    if obj is None:
        return hats.may_somewhere(P.SERVICE_MANAGE)
    if obj._meta.label == "people.Authority":
        return hats.may_in(P.SERVICE_MANAGE, obj.pk)
    owns = obj.owner_id == hats.user_id and hats.may_in(P.SERVICE_VIEW, obj.authority_id)
    return owns or hats.may_in(P.SERVICE_MANAGE, obj.authority_id)


@policy(P.INTERVENTION_APPLY)
def may_apply_intervention(hats: Hats, obj: Any, on: dt.date) -> bool:
    """Who may record one; and a former adviser in the days of grace, by the note that they finish and in no other way (domain.md §3)."""
    if obj is None:
        return hats.may_somewhere(P.INTERVENTION_RECORD)
    school = _school(obj)
    return hats.may(P.INTERVENTION_RECORD, school) or hats.may_finish_at(school.pk)


@policy(P.CONCERN_INTELLIGENCE)
def may_read_intelligence(hats: Hats, obj: Any, on: dt.date) -> bool:
    """The named officers of the school, and the case's own contact where an officer; the manager is none (domain.md §3, §6)."""
    if obj is None:
        return hats.may_somewhere(P.CONCERN_INTELLIGENCE)
    school = _school(obj)
    if school.pk in hats.walled:
        return False
    covering = [
        role
        for role in hats.roles_granting(P.CONCERN_INTELLIGENCE)
        if role.authority_id == school.authority_id and (role.cluster_ids is None or school.cluster_id in role.cluster_ids)
    ]
    return any(role.is_named for role in covering) or (bool(covering) and getattr(obj, "contact_id", None) == hats.user_id)
