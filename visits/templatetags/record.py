"""Filters that show a record's plain values: ISO dates, pence, quarters of a day, digests, plain text."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format

from visits import record

register = template.Library()

_QUARTERS = ("", "¼", "½", "¾")


def _moment(value: str) -> dt.datetime:
    found = dt.datetime.fromisoformat(value)
    return timezone.localtime(found) if found.tzinfo else found


def _day(value: str) -> dt.date:
    return _moment(value).date() if len(value) > 10 else dt.date.fromisoformat(value)


@register.filter
def iso_day(value: str | None) -> str:
    """``2008-10-09`` as "9 October 2008"; nothing as nothing."""
    return date_format(_day(value), "j F Y") if value else ""


@register.filter
def iso_short(value: str | None) -> str:
    """"9 Oct 2008", for narrow columns."""
    return date_format(_day(value), "j M Y") if value else ""


@register.filter
def iso_weekday(value: str | None) -> str:
    """"Thursday 9 October 2008"."""
    return date_format(_day(value), "l j F Y") if value else ""


@register.filter
def iso_moment(value: str | None) -> str:
    """"23 October 2008, 15:04"; a bare date as "23 October 2008"."""
    if not value or len(value) <= 10:
        return iso_day(value)
    return date_format(_moment(value), "j F Y, H:i")


@register.filter
def paragraphs(value: str) -> list[list[str]]:
    return record.paragraphs(value)


@register.filter
def run_on(items: list[str]) -> str:
    """Purposes as one sentence: "To review …; to agree …"."""
    return "; ".join(item if not index or not item.startswith("To ") else f"t{item[1:]}" for index, item in enumerate(items))


@register.filter
def quarter_days(value: int | None) -> str:
    """Quarters of a day as days: 2 is "½", 7 is "1¾", 0 is "0"."""
    if value is None:
        return ""
    whole, rest = divmod(value, 4)
    return (str(whole) if whole else "") + _QUARTERS[rest] or "0"


@register.filter
def total_days(days: dict[str, int]) -> str:
    total = sum(days.values())
    return f"{quarter_days(total)} day{'' if 0 < total <= 4 else 's'}"


@register.filter
def pence(value: int | None) -> str:
    """Pence as "£9,400", with pence only where there are some."""
    if value is None:
        return ""
    sign, (whole, pence) = "−" if value < 0 else "", divmod(abs(value), 100)
    return f"{sign}£{whole:,}" + (f".{pence:02d}" if pence else "")


@register.filter
def in_unit(value: int | str | None, unit: str = "") -> str:
    """A figure with its unit: "70%", "28.4". Words ("Unknown: not yet published") stay as they are."""
    if value is None or value == "":
        return ""
    text = str(value)
    is_number = text.replace(".", "", 1).replace("-", "", 1).replace("−", "", 1).isdigit()
    return f"{text}%" if is_number and unit == "%" else text


@register.filter
def judgements_of(section: dict[str, Any]) -> list[record.Judgement]:
    return record.judgements_of(section)


@register.filter
def remark(section: dict[str, Any]) -> str:
    """What the school said of a section, in a few words: "1 inaccuracy, answered", "2 comments", "1 difference recorded"."""
    wrong = [comment for comment in section["comments"] if comment["kind"] == "inaccurate"]
    words = []
    if wrong:
        state = "answered" if all(comment["answer"] for comment in wrong) else "not yet answered"
        words.append(f"{len(wrong)} {'inaccuracy' if len(wrong) == 1 else 'inaccuracies'}, {state}")
    if other := len(section["comments"]) - len(wrong):
        words.append(f"{other} comment{'' if other == 1 else 's'}")
    if views := sum(len(block["rows"]) for block in section["blocks"] if block["kind"] == "differences"):
        words.append(f"{views} difference{'' if views == 1 else 's'} recorded")
    return "; ".join(words)


@register.filter
def seal(value: str) -> str:
    return record.seal(value)


@register.filter
def grouped(value: str) -> str:
    """A digest in eights, so that two can be compared by eye."""
    return " ".join(value[start : start + 8] for start in range(0, len(value), 8))
