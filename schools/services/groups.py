"""Groups of schools, and the cluster that a school lies in: kept by whoever keeps the register."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import IntegrityError, transaction

from core import audit
from core.access import Refused, require, same_authority
from core.spans import overlapping
from people.models import Authority, Cluster, User
from people.roles import Permission as P
from schools.choices import GroupKind
from schools.models import Group, GroupMembership, School


@transaction.atomic
def create_group(
    *, actor: User, authority: Authority, name: str, kind: str, schools: Sequence[School], starts_on: dt.date, at: dt.datetime
) -> Group:
    """Schools under one governing body, headteacher or trust, from a day on."""
    require(actor, P.REGISTER_IMPORT, authority, on=at.date())
    if not name.strip():
        raise Refused("Enter the group's name.", field="name")
    try:
        with transaction.atomic():
            group = Group.objects.create(authority=authority, name=name.strip(), kind=GroupKind(kind))
    except IntegrityError:
        raise Refused(f"There is a group called {name.strip()} already.", field="name") from None
    for school in schools:
        _join(group, school, starts_on)
    changes = {"name": group.name, "kind": str(kind), "schools": [school.urn for school in schools], "from": starts_on.isoformat()}
    audit.record("group.changed", actor=actor, at=at, subject=group, authority=authority, changes=changes)
    return group


@transaction.atomic
def join_group(*, actor: User, group: Group, school: School, starts_on: dt.date, at: dt.datetime) -> GroupMembership:
    require(actor, P.REGISTER_IMPORT, group.authority, on=at.date())
    membership = _join(group, school, starts_on)
    changes = {"joined": starts_on.isoformat()}
    audit.record("group.changed", actor=actor, at=at, subject=group, school=school, changes=changes)
    return membership


@transaction.atomic
def leave_group(*, actor: User, membership: GroupMembership, ends_on: dt.date, at: dt.datetime) -> GroupMembership:
    require(actor, P.REGISTER_IMPORT, membership.group.authority, on=at.date())
    if ends_on < membership.starts_on:
        raise Refused("The last day lies before the first.", field="ends_on")
    membership.ends_on = ends_on
    membership.save(update_fields=["ends_on"])
    audit.record(
        "group.changed", actor=actor, at=at, subject=membership.group, school=membership.school, changes={"left": ends_on.isoformat()}
    )
    return membership


@transaction.atomic
def place_in_cluster(*, actor: User, schools: Sequence[School], cluster: Cluster | None, at: dt.datetime) -> int:
    """Put schools into a cluster, or into none. Answers how many changed place."""
    changed = 0
    for school in schools:
        require(actor, P.REGISTER_IMPORT, school, on=at.date())
        if cluster is not None:
            same_authority(school, cluster)
        if school.cluster_id == (cluster.pk if cluster else None):
            continue
        was, school.cluster = school.cluster, cluster
        school.save(update_fields=["cluster"])
        changes = {"cluster": [was.name if was else None, cluster.name if cluster else None]}
        audit.record("school.changed", actor=actor, at=at, subject=school, school=school, changes=changes)
        changed += 1
    return changed


def _join(group: Group, school: School, starts_on: dt.date) -> GroupMembership:
    same_authority(group, school)
    if GroupMembership.objects.filter(overlapping(starts_on, None), group=group, school=school).exists():
        raise Refused(f"{school.name} is in {group.name} already.", field="schools")
    return GroupMembership.objects.create(group=group, school=school, starts_on=starts_on)
