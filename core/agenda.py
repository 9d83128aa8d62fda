"""What stands in a person's diary: contributed by each app, read by the calendar page and by the feed that their own calendar fetches.

An entry names a school and what happens, never a word of a note: the feed is fetched by machines of others.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .registry import Registry


@dataclass(frozen=True)
class Entry:
    """One thing on one day. ``key`` stays the same when it moves; without ``starts_at`` it is the day's. ``kind``: visit, deadline."""

    key: str
    on: dt.date
    title: str
    url: str
    kind: str
    starts_at: dt.time | None = None
    ends_at: dt.time | None = None
    is_tentative: bool = False


Diary = Callable[[Any, dt.date, dt.date], Sequence[Entry]]
"""``(user, first, last)``: their entries of these days, both included, in at most one query."""

AGENDA: Registry[Diary] = Registry("agenda")


def agenda(user: Any, first: dt.date, last: dt.date) -> list[Entry]:
    """Everything in a person's diary between two days, in order."""
    found = [entry for contribution in AGENDA for entry in contribution(user, first, last)]
    return sorted(found, key=lambda entry: (entry.on, entry.starts_at or dt.time.min, entry.title))
