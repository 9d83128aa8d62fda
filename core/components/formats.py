"""Dates, days, money and counts as people here write them.

Dates may come as :class:`~datetime.date`, :class:`~datetime.datetime` (shown in the portal's time zone) or an ISO string,
as the JSON of a record holds them. ``None`` and the empty string give the empty string: what is missing is said in words
by the page, never by a dash. Nothing here goes through Django's translation, so that a table of a hundred dates costs a
hundred tuple look-ups.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TypeAlias

from django.utils import timezone

from core.clock import today as clock_today
from core.numbers import MINUS, format_days, format_pounds, format_quarters

DateLike: TypeAlias = "dt.date | dt.datetime | str | None"
ClockLike: TypeAlias = "dt.time | dt.datetime | str | None"

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def as_moment(value: DateLike) -> dt.date | None:
    """The value as a local ``datetime`` if it has a time of day, as a ``date`` if not, ``None`` if there is none.

    Raises ``ValueError`` for a string that is no ISO date.
    """
    if not value:
        return None
    if isinstance(value, str):
        value = dt.date.fromisoformat(value) if len(value) == 10 else dt.datetime.fromisoformat(value)
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return timezone.localtime(value)
    return value


def day(value: DateLike) -> str:
    """9 October 2008"""
    on = as_moment(value)
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}" if on else ""


def weekday(value: DateLike) -> str:
    """Thursday 9 October 2008"""
    on = as_moment(value)
    return f"{WEEKDAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1]} {on.year}" if on else ""


def short_day(value: DateLike, today: dt.date | None = None) -> str:
    """9 October, with the year where it is not this one. ``today`` is the portal's clock unless given."""
    on = as_moment(value)
    if on is None:
        return ""
    today = today or clock_today()
    text = f"{on.day} {MONTHS[on.month - 1]}"
    return text if on.year == today.year else f"{text} {on.year}"


def short_weekday(value: DateLike, today: dt.date | None = None) -> str:
    """Thu 9 October, with the year where it is not this one."""
    on = as_moment(value)
    return f"{WEEKDAYS[on.weekday()][:3]} {short_day(value, today)}" if on else ""


def month_year(value: DateLike) -> str:
    """October 2008"""
    on = as_moment(value)
    return f"{MONTHS[on.month - 1]} {on.year}" if on else ""


def iso(value: DateLike) -> str:
    """2008-10-09, for the ``datetime`` attribute of ``<time>``."""
    on = as_moment(value)
    if on is None:
        return ""
    return on.isoformat(timespec="minutes") if isinstance(on, dt.datetime) else on.isoformat()


def clock(value: ClockLike) -> str:
    """2:05pm. Also from "14:05" or an ISO moment."""
    if not value:
        return ""
    at: dt.time
    if isinstance(value, dt.time):
        at = value
    elif isinstance(value, str) and len(value) <= 8:
        at = dt.time.fromisoformat(value)
    else:
        moment_ = as_moment(value)
        if not isinstance(moment_, dt.datetime):
            return ""
        at = moment_.time()
    return f"{at.hour % 12 or 12}:{at.minute:02d}{'am' if at.hour < 12 else 'pm'}"


def moment(value: DateLike) -> str:
    """7 October 2008, 10:12am"""
    at = as_moment(value)
    if at is None:
        return ""
    return f"{day(at)}, {clock(at)}" if isinstance(at, dt.datetime) else day(at)


def number(value: int | Decimal | float | None) -> str:
    """15,900. Negative numbers have a minus sign, not a hyphen."""
    if value is None:
        return ""
    text = f"{value:,}"
    return f"{MINUS}{text[1:]}" if text.startswith("-") else text


def days_quarters(quarters: int | None) -> str:
    """Quarter days as days: 6 is 1½, 4 is 1, 1 is ¼, 0 is 0."""
    return "" if quarters is None else format_quarters(quarters)


def days_words(quarters: int | None) -> str:
    """Quarter days with the word: "1½ days", "1 day", "½ day", "0 days"."""
    return "" if quarters is None else format_days(quarters)


def money_pence(pence: int | None) -> str:
    """Pence as pounds: 320000 is £3,200; pence are shown only where there are any."""
    return "" if pence is None else format_pounds(pence)


def plural(count: int, words: str) -> str:
    """The count with its noun: ``plural(1, "school")`` is "1 school", ``plural(2, "child,children")`` is "2 children"."""
    singular, _, several = words.partition(",")
    return f"{number(count)} {singular if count == 1 else several or singular + 's'}"


def lower_first(text: str) -> str:
    """The text as it stands inside a sentence: "Visit date" is "visit date", "URN", "SIP’s name" and "I agree" stay."""
    return text if text[1:2].isupper() or text.startswith("I ") else text[:1].lower() + text[1:]


def in_textarea(text: str) -> str:
    """The text as a text area holds it: HTML drops one line break at its beginning, so that a text's own would be lost."""
    return f"\n{text}"
