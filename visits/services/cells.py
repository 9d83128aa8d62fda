"""Reading what was typed into the tables of a note: each cell as its kind, or a refusal that says what is wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from django.db import models

from core.access import Refused

M = TypeVar("M", bound=models.Model)


def clean(body: str) -> str:
    return body.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").rstrip()


def day(value: Any) -> dt.date | None:
    if value in (None, ""):
        return None
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise Refused(f"{value} is not a date.") from None


def words(row: Mapping[str, Any], name: str, most: int = 4000) -> str:
    text = clean(str(row.get(name) or "")).strip()
    if len(text) > most:
        raise Refused(f"That is longer than {most} characters.")
    return text


def gone(known: Mapping[str, M], rows: Sequence[Mapping[str, Any]]) -> list[M]:
    """The rows that are no longer sent, and so go."""
    sent = {str(row.get("id") or "") for row in rows}
    return [row for key, row in known.items() if key not in sent]


def urn(row: Mapping[str, Any]) -> int:
    """The school of a group that a row names; 0 for none."""
    text = str(row.get("school") or "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def figure(value: Any) -> Decimal | None:
    text = str(value if value is not None else "").strip().rstrip("%").strip()
    if not text:
        return None
    try:
        number = Decimal(text)
    except ArithmeticError:
        raise Refused(f"{value} is not a number.") from None
    if not number.is_finite() or abs(number) >= 100_000:
        raise Refused(f"{value} is not a number that a target can be.")
    return number.quantize(Decimal("0.01"))
