"""Whom a school's targets wait for, and who can be written to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from people.models import User
from schools.choices import CHAIRS, HEADS
from schools.models import Contact
from schools.selectors import contacts_on


def recipients(school_ids: Iterable[int], on: dt.date) -> dict[int, list[Contact]]:
    """By school, its headteacher and its chair, with an address and emails of reminders switched on. One query and one of contacts."""
    found: dict[int, list[Contact]] = {}
    for pk, contacts in contacts_on(school_ids, on).items():
        rows = [row for row in contacts if row.kind in (*HEADS, *CHAIRS) and (row.email or row.user_id)]
        found[pk] = rows
    users = {user.pk: user for user in User.objects.filter(pk__in={row.user_id for rows in found.values() for row in rows if row.user_id})}
    for rows in found.values():
        for row in rows:
            if row.user_id:
                row.user = users[row.user_id]
        rows[:] = [row for row in rows if row.user is None or (row.user.is_active and row.user.has_reminders)]
    return found
