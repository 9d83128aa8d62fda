"""Who is at a school: contacts in force, those reported and waiting, and whom a message to a role would reach."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from core.spans import on_day
from schools.choices import CHAIRS, HEADS, ContactKind, ContactState
from schools.models import Contact

OFFICES: dict[ContactKind, tuple[ContactKind, ...]] = {
    ContactKind.HEAD: (ContactKind.HEAD, ContactKind.ACTING_HEAD),
    ContactKind.ACTING_HEAD: (ContactKind.HEAD, ContactKind.ACTING_HEAD),
    ContactKind.EXECUTIVE_HEAD: (ContactKind.EXECUTIVE_HEAD,),
    ContactKind.CO_HEAD: (ContactKind.HEAD, ContactKind.ACTING_HEAD),
    ContactKind.TEACHER_IN_CHARGE: (ContactKind.TEACHER_IN_CHARGE, ContactKind.HEAD, ContactKind.ACTING_HEAD),
    ContactKind.CHAIR: CHAIRS,
    ContactKind.IEB_CHAIR: CHAIRS,
    ContactKind.COMMITTEE_CHAIR: CHAIRS,
    ContactKind.CLERK: (ContactKind.CLERK,),
    ContactKind.OFFICE: (ContactKind.OFFICE,),
    ContactKind.STAFF: (),
    ContactKind.GOVERNOR: (),
    ContactKind.DIOCESE: (ContactKind.DIOCESE,),
    ContactKind.TRUST: (ContactKind.TRUST,),
}
"""Whose row ends when a row of this kind is confirmed: an office has one holder, but co-heads share theirs."""


def contacts_on(school_ids: Iterable[int], on: dt.date) -> dict[int, list[Contact]]:
    """School id → confirmed contacts in force on a day, in the order of the kinds."""
    order = [str(kind) for kind in ContactKind]
    found: dict[int, list[Contact]] = defaultdict(list)
    for row in Contact.objects.filter(on_day(on), school_id__in=list(school_ids), state=ContactState.CONFIRMED):
        found[row.school_id].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: (order.index(row.kind), row.name))
    return dict(found)


def first_of(contacts: Iterable[Contact], kinds: Iterable[str]) -> Contact | None:
    """The contact of the first of these kinds that anybody holds."""
    wanted = list(kinds)
    return min((row for row in contacts if row.kind in wanted), key=lambda row: wanted.index(row.kind), default=None)


def head_of(contacts: Iterable[Contact]) -> Contact | None:
    """Head, acting head, executive head, co-head or teacher in charge: who answers for the school."""
    return first_of(contacts, HEADS)


def chair_of(contacts: Iterable[Contact]) -> Contact | None:
    return first_of(contacts, CHAIRS)


def predecessors(contact: Contact) -> QuerySet[Contact]:
    """The confirmed rows of the same office that end when this one is confirmed."""
    return Contact.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=contact.starts_on),
        school_id=contact.school_id,
        kind__in=OFFICES[ContactKind(contact.kind)],
        state=ContactState.CONFIRMED,
    ).exclude(pk=contact.pk)


def reported_contacts(user: Any) -> QuerySet[Contact]:
    """Reported changes that wait for an administrator, in the user's scope, oldest first."""
    return (
        Contact.objects.visible_to(user)
        .filter(state=ContactState.REPORTED)
        .select_related("school__authority", "reported_by", "user")
        .order_by("reported_at", "pk")
    )
