"""Who may do what to people: pure functions of hats."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.access import policy

from .hats import Hats
from .roles import Permission as P


def _authority_id(obj: Any) -> int | None:
    if obj is None:
        return None
    if obj._meta.label == "people.Authority":
        return int(obj.pk)
    if obj._meta.label == "people.User":
        return obj.home_authority_id  # type: ignore[no-any-return]
    return int(obj.authority_id)


def _by_role(permission: P) -> None:
    @policy(permission)
    def answer(hats: Hats, obj: Any, on: dt.date) -> bool:
        authority_id = _authority_id(obj)
        if authority_id is None:
            return obj is None and hats.may_somewhere(permission)
        return hats.may_in(permission, authority_id)


for _permission in (P.ADMIN_ENTER, P.AUTHORITY_EDIT, P.PACK_LOAD, P.SIP_LIST, P.AUDIT_READ, P.SIP_MANAGE):
    _by_role(_permission)


@policy(P.ACCOUNT_MANAGE)
def may_manage_account(hats: Hats, obj: Any, on: dt.date) -> bool:
    """An administrator keeps the accounts of the authority; their own only on the account page, like everybody."""
    if obj is not None and obj._meta.label == "people.User" and obj.pk == hats.user_id:
        return False
    authority_id = _authority_id(obj)
    if authority_id is None:
        return obj is None and hats.may_somewhere(P.ACCOUNT_MANAGE)
    return hats.may_in(P.ACCOUNT_MANAGE, authority_id)


@policy(P.ROLE_GRANT)
def may_grant_role(hats: Hats, obj: Any, on: dt.date) -> bool:
    """Nobody decides on themselves: an administrator grants roles to others only (obj: the user, or the authority)."""
    if obj is not None and obj._meta.label == "people.User":
        return obj.pk != hats.user_id and hats.may_somewhere(P.ROLE_GRANT)
    authority_id = _authority_id(obj)
    if authority_id is None:
        return obj is None and hats.may_somewhere(P.ROLE_GRANT)
    return hats.may_in(P.ROLE_GRANT, authority_id)
