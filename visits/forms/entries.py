"""Fields for the tables of a note: narrow, and forgiving of how people write a date, an amount or a number of days."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.components.fields import MoneyField, QuartersField
from core.components.formats import MONTHS, day


def line(**attrs: Any) -> forms.TextInput:
    """A box of one line."""
    return forms.TextInput({"class": "portal-input", "autocomplete": "off", **attrs})


def box(rows: int = 2, **attrs: Any) -> forms.Textarea:
    """A box of a few lines, which grows as one writes."""
    return forms.Textarea({"class": "portal-input", "rows": str(rows), "spellcheck": "true", **attrs})


def select(**attrs: Any) -> forms.Select:
    return forms.Select({"class": "portal-input", **attrs})


class DayField(forms.Field):
    """A date in one box: "12 December 2008", "12 Dec 08", "12/12/2008", or ISO. Shown in words again."""

    widget = forms.TextInput
    _WORDS = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s./-]+([a-z]{3,9}|\d{1,2})[\s./-]+(\d{4}|\d{2})", re.IGNORECASE)
    default_error_messages = {"invalid": "%(label)s must be a real date, like 12 December 2008"}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", line(placeholder="", inputmode="text"))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return day(value) if isinstance(value, dt.date) else value

    def to_python(self, value: Any) -> dt.date | None:
        if value in self.empty_values or isinstance(value, dt.date):
            return value or None
        text = str(value).strip()
        if not text:
            return None
        fault = ValidationError(self.error_messages["invalid"], code="invalid", params={"label": self.label or "The date"})
        try:
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
                found = dt.date.fromisoformat(text)
            else:
                match = self._WORDS.fullmatch(text)
                if match is None:
                    raise fault
                month = match[2].lower()
                number = (
                    int(month) if month.isdecimal() else next((i for i, name in enumerate(MONTHS, 1) if name.lower().startswith(month)), 0)
                )
                year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
                found = dt.date(year, number, int(match[1]))
        except ValueError:
            raise fault from None
        if not 1990 <= found.year <= 2100:
            raise fault
        return found


class FigureField(forms.Field):
    """A figure in the measure's own unit, with or without the sign: "68", "68.5", "68%"."""

    widget = forms.TextInput
    default_error_messages = {"invalid": "%(label)s must be a number, like 68 or 28.4"}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", line(inputmode="decimal"))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            return str(int(value)) if value == value.to_integral_value() else format(value.normalize(), "f")
        return value

    def to_python(self, value: Any) -> Decimal | None:
        if value in self.empty_values or isinstance(value, Decimal):
            return None if value in self.empty_values else value
        text = str(value).strip().rstrip("%").replace(",", "").strip()
        if not text:
            return None
        fault = ValidationError(self.error_messages["invalid"], code="invalid", params={"label": self.label or "The figure"})
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise fault from None
        if not number.is_finite() or not 0 <= number < 100_000:
            raise fault
        return number.quantize(Decimal("0.01"))


class CostField(MoneyField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=line(inputmode="decimal"), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        shown = super().prepare_value(value)
        return f"£{shown}" if isinstance(value, int) else shown


class DaysField(QuartersField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=line(inputmode="decimal"), **kwargs)


class WordsField(forms.CharField):
    """Plain text; line ends are kept as ``\\n``."""

    def __init__(self, *, most: int = 4000, **kwargs: Any) -> None:
        kwargs.setdefault("widget", box())
        super().__init__(max_length=most, **kwargs)
        self.widget.attrs.pop("maxlength", None)  # said after typing, never cut off while pasting
        self.error_messages["max_length"] = f"{self.label or 'This'} must be {most:,} characters or fewer"

    def to_python(self, value: Any) -> Any:
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")


class LineField(WordsField):
    def __init__(self, *, most: int = 200, **kwargs: Any) -> None:
        kwargs.setdefault("widget", line())
        super().__init__(most=most, **kwargs)
