"""What the register of concern is told from above: who last looked at a school, and what was raised about it.

Both contributions are set-based: they take the asker and ids of schools in the asker's scope, and answer in at most one query.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.registry import Registry


@dataclass(frozen=True, order=True)
class Look:
    """The day on which a person last looked at a school, and as what: "SIP's visit"."""

    on: dt.date
    what: str


@dataclass(frozen=True)
class Raised:
    """Something that waits for an answer: its page, what is said of it in a few words, and since when."""

    school_id: int
    words: str
    url: str
    since: dt.date


Looks = Callable[[Sequence[int], dt.date], Mapping[int, Look]]
"""``(school ids, on)`` → by school, the latest look up to that day."""
LOOKS: Registry[Looks] = Registry("concern_looks")

RaisedBy = Callable[[Any, Sequence[int] | None, dt.date], Sequence[Raised]]
"""``(user, school ids or None for all that the user sees, on)`` → what nobody has taken up yet."""
RAISED: Registry[RaisedBy] = Registry("concern_raised")


def last_looks(school_ids: Sequence[int], on: dt.date) -> dict[int, Look]:
    found: dict[int, Look] = {}
    for contribution in LOOKS:
        for pk, look in contribution(school_ids, on).items():
            found[pk] = max(found.get(pk, look), look)
    return found


def raised_to(user: Any, school_ids: Sequence[int] | None, on: dt.date) -> list[Raised]:
    return sorted((row for contribution in RAISED for row in contribution(user, school_ids, on)), key=lambda row: row.since)
