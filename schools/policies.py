"""Who may do what to schools, contacts, assignments and plans: pure functions of hats."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.access import policy
from people.hats import Hats
from people.roles import Hat
from people.roles import Permission as P


def _school(obj: Any) -> Any:
    return obj if obj._meta.label == "schools.School" else obj.school


@policy(P.SCHOOL_LIST)
def may_list_schools(hats: Hats, obj: Any, on: dt.date) -> bool:
    return hats.may_somewhere(P.SCHOOL_LIST)


@policy(P.SCHOOL_VIEW)
def may_view_school(hats: Hats, obj: Any, on: dt.date) -> bool:
    """Whoever has it in scope by any hat; a mentor by the mentee's caseload (the scope has seen to that)."""
    school = _school(obj)
    return hats.may(P.SCHOOL_VIEW, school) or (
        any(authority_id == school.authority_id for _, authority_id in hats.mentored) and school.pk not in hats.walled
    )


@policy(P.CONTACT_REPORT)
def may_report_contact(hats: Hats, obj: Any, on: dt.date) -> bool:
    return hats.may(P.CONTACT_REPORT, _school(obj)) if obj is not None else hats.may_somewhere(P.CONTACT_REPORT)


@policy(P.CONTACT_CONFIRM)
def may_confirm_contact(hats: Hats, obj: Any, on: dt.date) -> bool:
    """The administrator, who is never the person that the row would give a hat to."""
    if obj is None:
        return hats.may_somewhere(P.CONTACT_CONFIRM)
    if obj._meta.label == "people.Authority":
        return obj.pk in hats.authorities_granting(P.CONTACT_CONFIRM)
    if obj._meta.label == "schools.Contact" and obj.user_id == hats.user_id:
        return False
    return hats.may(P.CONTACT_CONFIRM, _school(obj))


@policy(P.INTEREST_DECLARE)
def may_declare_interest(hats: Hats, obj: Any, on: dt.date) -> bool:
    return hats.may_somewhere(P.INTEREST_DECLARE)


def _in_authority(permission: P) -> None:
    @policy(permission)
    def answer(hats: Hats, obj: Any, on: dt.date) -> bool:
        if obj is None:
            return hats.may_somewhere(permission)
        authority_id = obj.pk if obj._meta.label == "people.Authority" else obj.authority_id
        return authority_id in hats.authorities_granting(permission)


for _permission in (P.REGISTER_IMPORT, P.INTEREST_REVIEW, P.PLAN_MANAGE, P.CASELOADS_VIEW, P.INSPECTION_IMPORT, P.FINANCE_IMPORT):
    _in_authority(_permission)


@policy(P.ASSIGNMENT_MANAGE)
def may_manage_assignment(hats: Hats, obj: Any, on: dt.date) -> bool:
    """The manager, over a school that they are not walled from; never over their own assignment: nobody decides on themselves."""
    if obj is None:
        return hats.may_somewhere(P.ASSIGNMENT_MANAGE)
    if obj._meta.label == "people.Authority":
        return obj.pk in hats.authorities_granting(P.ASSIGNMENT_MANAGE)
    if obj._meta.label == "people.User":
        return obj.pk != hats.user_id and hats.may_somewhere(P.ASSIGNMENT_MANAGE)
    if obj._meta.label == "schools.Assignment" and obj.adviser_id == hats.user_id:
        return False
    return hats.may(P.ASSIGNMENT_MANAGE, _school(obj))


@policy(P.DAYS_VIEW)
def may_view_days(hats: Hats, obj: Any, on: dt.date) -> bool:
    if obj is None:
        return hats.may_somewhere(P.DAYS_VIEW)
    if obj._meta.label == "people.User":
        return obj.pk == hats.user_id or bool(hats.authorities_granting(P.DAYS_VIEW))
    return bool(hats.at(_school(obj)) & {Hat.ADVISER, Hat.SIP_MANAGER})


def _at_school(permission: P) -> None:
    """Of a school by the hats worn there; of nothing, anywhere at all."""

    @policy(permission)
    def answer(hats: Hats, obj: Any, on: dt.date) -> bool:
        return hats.may_somewhere(permission) if obj is None else hats.may(permission, _school(obj))


for _permission in (P.KEY_ISSUE_CODE, P.READINESS_VIEW, P.READINESS_RECORD, P.FINANCE_VIEW, P.FINANCE_CHALLENGE):
    _at_school(_permission)


def _over_schools(permission: P) -> None:
    """A page over the schools of one's scope, in one authority: by a role there, or for one's caseload there."""

    @policy(permission)
    def answer(hats: Hats, obj: Any, on: dt.date) -> bool:
        return bool(hats.authorities_where(permission)) if obj is None else obj.pk in hats.authorities_where(permission)


for _permission in (P.INSPECTION_OVERVIEW, P.FINANCE_OVERVIEW):
    _over_schools(_permission)
