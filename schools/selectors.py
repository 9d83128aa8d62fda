"""Reads of schools. Set-based; each returns rows already inside the asker's scope or takes ids that are."""

from __future__ import annotations

import datetime as dt

from django.db.models import CharField, IntegerField, Q, Value
from django.db.models.functions import Cast

from core.spans import on_day
from people.hats import AssignmentHat, ContactHat, SchoolSide
from people.models import User

from .choices import CONTACT_HATS, ContactState
from .models import Assignment, Contact, Interest

GRACE_READING_DAYS = 90
"""domain.md §3: a SIP whose assignment ended reads what they wrote for 90 days."""
GRACE_WRITING_DAYS = 21
"""15 office days are at most 21 days and the bank holidays; ``schools.policies`` counts the office days themselves."""


def school_side(user: User, on: dt.date) -> SchoolSide:
    """Assignments, contacts and the wall of one person on one day, in one query of three parts."""
    reading_since = on - dt.timedelta(days=GRACE_READING_DAYS)

    assignments = (
        Assignment.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=reading_since), adviser=user, starts_on__lte=on)
        .order_by()
        .annotate(part=Value("a", CharField()), removal=Cast("is_removal", IntegerField()))
        .values_list("part", "school_id", "school__authority_id", "kind", "starts_on", "ends_on", "removal")
    )
    contacts = (
        Contact.objects.filter(on_day(on), user=user, state=ContactState.CONFIRMED)
        .order_by()
        .annotate(part=Value("c", CharField()), removal=Value(0, IntegerField()))
        .values_list("part", "school_id", "school__authority_id", "kind", "starts_on", "ends_on", "removal")
    )
    interests = (
        Interest.objects.filter(on_day(on), user=user)
        .order_by()
        .annotate(part=Value("i", CharField()), removal=Value(0, IntegerField()))
        .values_list("part", "school_id", "school__authority_id", "kind", "starts_on", "ends_on", "removal")
    )
    found_assignments: list[AssignmentHat] = []
    found_contacts: list[ContactHat] = []
    walled: set[int] = set()
    for part, school_id, authority_id, kind, starts_on, ends_on, removal in assignments.union(contacts, interests, all=True):
        if part == "a":
            current = ends_on is None or ends_on >= on
            found_assignments.append(
                AssignmentHat(school_id, authority_id, kind, starts_on, ends_on, current, may_finish=current or _in_grace(ends_on, on, bool(removal)))
            )
        elif part == "c":
            walled.add(school_id)
            if kind in CONTACT_HATS:
                found_contacts.append(ContactHat(CONTACT_HATS[kind], school_id, authority_id, kind))
        else:
            walled.add(school_id)
    return SchoolSide(tuple(found_assignments), tuple(found_contacts), frozenset(walled))


def _in_grace(ends_on: dt.date, on: dt.date, removal: bool) -> bool:
    """15 office days after the last day (nought on removal): three working weeks, bank holidays apart."""
    if removal:
        return False
    return on <= ends_on + dt.timedelta(days=GRACE_WRITING_DAYS)
