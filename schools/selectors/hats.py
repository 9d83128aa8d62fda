"""What a person is at schools on one day: their assignments, their contact rows and the wall."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import CharField, F, Q, Value

from core.spans import on_day
from people.hats import AssignmentHat, ContactHat, SchoolSide
from people.models import User
from people.roles import Hat
from schools.choices import CONTACT_HATS, ContactState
from schools.models import Assignment, Contact, Interest


def school_side(user: User, on: dt.date) -> SchoolSide:
    """Assignments, contacts and the wall of one person on one day, in one query of three parts.

    domain.md §3: after its end an assignment still lets notes be finished until ``finish_by`` and one's own be read until
    ``read_until``; the service that ends it counts both days, since only it knows the pack's clocks.
    """
    where = ("school__urn", "school__authority__code")
    held = Q(ends_on__isnull=True) | Q(ends_on__gte=on) | Q(read_until__gte=on)
    assignments = (
        Assignment.objects.filter(held, adviser=user, starts_on__lte=on)
        .order_by()
        .annotate(part=Value("a", CharField()), grace=F("finish_by"))
        .values_list("part", "school_id", "school__authority_id", "kind", "starts_on", "ends_on", "grace", *where)
    )
    contacts = (
        Contact.objects.filter(on_day(on), user=user, state=ContactState.CONFIRMED)
        .order_by()
        .annotate(part=Value("c", CharField()), grace=F("ends_on"))
        .values_list("part", "school_id", "school__authority_id", "kind", "starts_on", "ends_on", "grace", *where)
    )
    interests = (
        Interest.objects.filter(on_day(on), user=user)
        .order_by()
        .annotate(part=Value("i", CharField()), grace=F("ends_on"))
        .values_list("part", "school_id", "school__authority_id", "kind", "starts_on", "ends_on", "grace", *where)
    )
    found_assignments: list[AssignmentHat] = []
    found_contacts: list[ContactHat] = []
    found_receives: list[ContactHat] = []
    walled: set[int] = set()
    walled_urns: set[tuple[str, int]] = set()
    for part, school_id, authority_id, kind, starts_on, ends_on, grace, urn, code in assignments.union(contacts, interests, all=True):
        if part != "a":
            walled.add(school_id)
            walled_urns.add((code, urn))
        if part == "a":
            current = ends_on is None or ends_on >= on
            may_finish = current or (grace is not None and grace >= on)
            found_assignments.append(AssignmentHat(school_id, authority_id, kind, starts_on, ends_on, current, may_finish))
        elif part == "c" and kind in CONTACT_HATS:
            hat = ContactHat(CONTACT_HATS[kind], school_id, authority_id, kind)
            (found_receives if hat.hat == Hat.RECIPIENT else found_contacts).append(hat)
    return SchoolSide(tuple(found_assignments), tuple(found_contacts), tuple(found_receives), frozenset(walled), frozenset(walled_urns))


def walls_of(people: Iterable[User], on: dt.date) -> set[tuple[int, int]]:
    """The wall of many people in one query: (person, school), as :func:`school_side` has it of one."""
    ids = [person.pk for person in people]
    contacts = Contact.objects.filter(on_day(on), user__in=ids, state=ContactState.CONFIRMED).order_by().values_list("user_id", "school_id")
    interests = Interest.objects.filter(on_day(on), user__in=ids).order_by().values_list("user_id", "school_id")
    return set(contacts.union(interests))
