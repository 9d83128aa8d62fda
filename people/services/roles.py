"""Dated roles in an authority: granted and ended by an administrator, never on themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from core import audit
from core.access import Refused, require, same_authority
from core.spans import overlapping
from people.models import Authority, Cluster, RoleAssignment, User
from people.roles import HAT_NAMES, ROLE_HATS, Hat
from people.roles import Permission as P

CLUSTERED = (Hat.OFFICER,)
"""domain.md §3: officers' roles are optionally limited to clusters."""


@transaction.atomic
def grant_role(
    *,
    actor: User | None,
    user: User,
    role: str,
    authority: Authority,
    clusters: Sequence[Cluster] | None = None,
    post: str = "",
    is_named_officer: bool = False,
    starts_on: dt.date,
    ends_on: dt.date | None = None,
    at: dt.datetime,
) -> RoleAssignment:
    """Give a person a role from a day on; with ``clusters`` (officers only) for those alone. ``actor`` ``None``: a command.

    A role that the person holds on any of these days is not granted a second time.
    """
    if actor is not None:
        require(actor, P.ROLE_GRANT, authority, on=at.date())
        require(actor, P.ROLE_GRANT, user, on=at.date())
    hat = Hat(role)
    if hat not in ROLE_HATS:
        raise Refused(f"{HAT_NAMES[hat]} is not a role: it comes from a profile, an assignment or a contact.", field="role")
    if not user.is_active:
        raise Refused(f"{user.name}'s account is deactivated.", field="user")
    if ends_on is not None and ends_on < starts_on:
        raise Refused("The last day lies before the first.", field="ends_on")
    if clusters is not None:
        if hat not in CLUSTERED:
            raise Refused(f"The role {HAT_NAMES[hat]} is for the whole authority.", field="clusters")
        if not clusters:
            raise Refused("Choose the clusters, or leave the role unlimited.", field="clusters")
        same_authority(authority, *clusters)
    if RoleAssignment.objects.filter(overlapping(starts_on, ends_on), user=user, authority=authority, role=hat).exists():
        raise Refused(f"{user.name} is {HAT_NAMES[hat]} on some of these days already. End that role first.", field="starts_on")
    row = RoleAssignment.objects.create(
        user=user,
        authority=authority,
        role=hat,
        is_limited_to_clusters=clusters is not None,
        post=post.strip(),
        is_named_officer=is_named_officer and hat in CLUSTERED,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    row.clusters.set(clusters or [])
    changes = {
        "user": user.public_id,
        "role": str(hat),
        "clusters": [cluster.code for cluster in clusters] if clusters is not None else None,
        "starts_on": starts_on.isoformat(),
        "ends_on": ends_on.isoformat() if ends_on else None,
    }
    audit.record("role.granted", actor=actor, at=at, subject=row, authority=authority, changes=changes)
    user.forget_hats()
    return row


@transaction.atomic
def end_role(*, actor: User, role: RoleAssignment, ends_on: dt.date, at: dt.datetime) -> RoleAssignment:
    """Give a role a last day. Its rights end with that day, whatever is open in a browser."""
    require(actor, P.ROLE_GRANT, role.authority, on=at.date())
    require(actor, P.ROLE_GRANT, role.user, on=at.date())
    if ends_on < role.starts_on:
        raise Refused("The last day lies before the first.", field="ends_on")
    if role.ends_on is not None and role.ends_on < at.date():
        raise Refused("This role is over.", field="ends_on")
    was, role.ends_on = role.ends_on, ends_on
    role.save(update_fields=["ends_on"])
    changes = {"user": role.user.public_id, "role": role.role, "ends_on": [was.isoformat() if was else None, ends_on.isoformat()]}
    audit.record("role.ended", actor=actor, at=at, subject=role, authority=role.authority, changes=changes)
    role.user.forget_hats()
    return role
