"""What is due to a person: contributed by each app, shown on their home in date order.

A contribution answers for everything of one person at once, in at most one query.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .registry import Registry


@dataclass(frozen=True)
class DueItem:
    """One thing to do. ``hat`` is the value of the hat under whose heading it stands; ``left`` and ``tone`` are as the
    component ``due_list`` takes them ("late", "due", or nothing)."""

    on: dt.date | None
    title: str
    url: str
    why: str = ""
    hat: str = ""
    left: str = ""
    tone: str = ""

    def __post_init__(self) -> None:
        if self.tone and not self.left:
            raise ValueError(f"The tone of a thing to do colours words: {self.title!r} has none.")


DueItems = Callable[[Any, dt.date], Sequence[DueItem]]
"""``(user, on)``: what is due to this user, seen from this day."""

DUE_ITEMS: Registry[DueItems] = Registry("due_items")


def due_to(user: Any, on: dt.date) -> list[DueItem]:
    """Everything due to a person, by date; what has no date stands last."""
    found = [item for contribution in DUE_ITEMS for item in contribution(user, on)]
    return sorted(found, key=lambda item: (item.on is None, item.on or on, item.title))
