"""Form fields and widgets in the shape that people here know from government services.

Every message says what to enter. The required message of any field is made from its label by
:class:`core.components.forms.PortalForm`; the messages here are those of the value.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from core.components.formats import MONTHS, clock, day
from core.numbers import days, format_pounds, parse_pounds, parse_quarters

Data = Mapping[str, Any]
Files = MultiValueDict[str, UploadedFile[Any]]


# ---------------------------------------------------------------------------------------------------- choices


class Radios(forms.RadioSelect):
    """Radio buttons. ``hints`` gives a choice's value its line of explanation; ``inline`` sets two short ones side by side."""

    def __init__(self, attrs: Any = None, choices: Any = (), *, hints: Mapping[str, str] | None = None, inline: bool = False) -> None:
        super().__init__(attrs, choices)
        self.hints = dict(hints or {})
        self.inline = inline


class Checkboxes(forms.CheckboxSelectMultiple):
    """Checkboxes of which several may be ticked, with ``hints`` as in :class:`Radios`."""

    def __init__(self, attrs: Any = None, choices: Any = (), *, hints: Mapping[str, str] | None = None) -> None:
        super().__init__(attrs, choices)
        self.hints = dict(hints or {})


# ---------------------------------------------------------------------------------------------------- dates and times

BOXES = (("day", "Day", 2), ("month", "Month", 2), ("year", "Year", 4))


class DateBoxes(forms.Widget):
    """Day, month and year, each in a box of its own: ``NAME_day``, ``NAME_month``, ``NAME_year``, with ids likewise."""

    template_name = "govuk/widgets/date_boxes.html"
    use_fieldset = True

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_day" if id_ else id_

    def value_from_datadict(self, data: Data, files: Files, name: str) -> tuple[str, str, str]:
        one, two, three = (str(data.get(f"{name}_{box}") or "").strip() for box, _, _ in BOXES)
        if not (one or two or three) and data.get(name):
            # A whole ISO date under the plain name: links, and filters that were kept, write dates so.
            try:
                on = dt.date.fromisoformat(str(data[name]))
            except ValueError:
                return (str(data[name]), "", "")
            return (str(on.day), str(on.month), str(on.year))
        return (one, two, three)

    def value_omitted_from_data(self, data: Data, files: Files, name: str) -> bool:
        return name not in data and not any(f"{name}_{box}" in data for box, _, _ in BOXES)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        if isinstance(value, dt.date):
            values: tuple[str, ...] = (str(value.day), str(value.month), str(value.year))
        else:
            values = value if isinstance(value, tuple) else ("", "", "")
        wrong = context["widget"]["attrs"].pop("data-wrong", "")
        all_wrong = context["widget"]["attrs"].pop("aria-invalid", None) and not wrong
        id_ = context["widget"]["attrs"].get("id", "")
        context["widget"]["boxes"] = [
            {
                "name": f"{name}_{box}",
                "id": f"{id_}_{box}",
                "label": label,
                "width": width,
                "value": text,
                "is_wrong": bool(all_wrong or box in wrong.split()),
                "is_disabled": bool(context["widget"]["attrs"].get("disabled")),
            }
            for (box, label, width), text in zip(BOXES, values, strict=True)
        ]
        return context


class DateBoxesField(forms.Field):
    """A date in three boxes. The month may be a number or a name; the year has four figures.

    A message names the box that is missing or wrong, and the box is in the error's ``params["boxes"]``, so that the link of
    the error summary lands on it. Years outside ``years`` are refused as slips of the finger.
    """

    widget = DateBoxes
    default_error_messages = {
        "missing": "%(label)s must include a %(parts)s",
        "real": "%(label)s must be a real date",
        "year": "%(label)s must have a year between %(first)s and %(last)s",
        "earliest": "%(label)s must be on or after %(date)s",
        "latest": "%(label)s must be on or before %(date)s",
    }

    def __init__(
        self,
        *,
        earliest: dt.date | Callable[[], dt.date] | None = None,
        latest: dt.date | Callable[[], dt.date] | None = None,
        years: tuple[int, int] = (1900, 2100),
        **kwargs: Any,
    ) -> None:
        self.earliest, self.latest, self.years = earliest, latest, years
        super().__init__(**kwargs)

    def _fault(self, code: str, *boxes: str, **params: Any) -> ValidationError:
        params |= {"label": self.label or "Date", "boxes": boxes}
        return ValidationError(self.error_messages[code], code=code, params=params)

    def to_python(self, value: Any) -> dt.date | None:
        if value in self.empty_values or isinstance(value, dt.date):
            return value or None
        texts = dict(zip(("day", "month", "year"), value, strict=True))
        if not any(texts.values()):
            return None
        if absent := [box for box, text in texts.items() if not text]:
            raise self._fault("missing", *absent, parts=" and ".join(absent))
        month = texts["month"].lower()
        if month.isalpha():
            number = next((i for i, name in enumerate(MONTHS, 1) if len(month) >= 3 and name.lower().startswith(month)), 0)
        else:
            number = int(month) if month.isdecimal() and len(month) <= 2 else 0
        if not 1 <= number <= 12:
            raise self._fault("real", "month")
        if not (texts["day"].isdecimal() and len(texts["day"]) <= 2):
            raise self._fault("real", "day")
        first, last = self.years
        if not (texts["year"].isdecimal() and len(texts["year"]) == 4 and first <= int(texts["year"]) <= last):
            raise self._fault("year", "year", first=first, last=last)
        try:
            return dt.date(int(texts["year"]), number, int(texts["day"]))
        except ValueError:
            raise self._fault("real", "day") from None

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        for code, bound in (("earliest", self.earliest), ("latest", self.latest)):
            limit = bound() if callable(bound) else bound
            if limit and (value < limit if code == "earliest" else value > limit):
                raise self._fault(code, date=day(limit))

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class TimeField(forms.Field):
    """A time of day as people write it: 9am, 9:00am, 2.05pm, 14:05, midday. Gives a :class:`datetime.time`."""

    widget = forms.TextInput
    default_error_messages = {"invalid": "%(label)s must be a time, like 9:30am or 14:05"}
    _PATTERN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?", re.IGNORECASE)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("class", "govuk-input--width-5")

    def prepare_value(self, value: Any) -> Any:
        return clock(value) if isinstance(value, dt.time | dt.datetime) else value

    def to_python(self, value: Any) -> dt.time | None:
        if value in self.empty_values or isinstance(value, dt.time):
            return value or None
        text = str(value).strip().lower()
        if not text:
            return None
        if text in ("midday", "noon"):
            return dt.time(12)
        fault = ValidationError(self.error_messages["invalid"], code="invalid", params={"label": self.label or "The time"})
        if not (match := self._PATTERN.fullmatch(text)):
            raise fault
        hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
        if (half and not 1 <= hour <= 12) or (not half and match[2] is None) or hour > 23 or minute > 59:
            raise fault
        if half:
            hour = hour % 12 + (12 if half == "pm" else 0)
        return dt.time(hour, minute)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


# ---------------------------------------------------------------------------------------------------- money and days


class Affixed(forms.TextInput):
    """A text box with a unit before or after it."""

    def __init__(self, attrs: dict[str, Any] | None = None, *, prefix: str = "", suffix: str = "") -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", "class": "govuk-input--width-5", **(attrs or {})})
        self.prefix, self.suffix = prefix, suffix


class MoneyField(forms.Field):
    """Pounds as typed ("3,200", "£3200.50"); the value is whole pence, as everywhere in the portal (rule 13)."""

    default_error_messages = {
        "invalid": "%(label)s must be an amount of money, like 3,200 or 49.50",
        "min_value": "%(label)s must be %(limit)s or more",
        "max_value": "%(label)s must be %(limit)s or less",
    }

    def __init__(self, *, min_value: int | None = 0, max_value: int | None = 99_999_999_99, **kwargs: Any) -> None:
        self.min_value, self.max_value = min_value, max_value
        kwargs.setdefault("widget", Affixed(prefix="£", attrs={"class": "govuk-input--width-10"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return format_pounds(value).replace("£", "") if isinstance(value, int) else value

    def _fault(self, code: str, **params: Any) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params={"label": self.label or "The amount", **params})

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values or isinstance(value, int):
            return None if value in self.empty_values else int(value)
        try:
            return parse_pounds(str(value))
        except ValueError:
            raise self._fault("invalid") from None

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        for code, limit in (("min_value", self.min_value), ("max_value", self.max_value)):
            if limit is not None and (value < limit if code == "min_value" else value > limit):
                raise self._fault(code, limit=f"£{self.prepare_value(limit)}")

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class QuartersField(MoneyField):
    """Days in quarters ("1.25", "1½", "¾"); the value is the whole number of quarter days (rule 13)."""

    default_error_messages = {
        "invalid": "%(label)s must be in quarter days, like 1, 0.5 or 1.25",
        "min_value": "%(label)s must be %(limit)s or more",
        "max_value": "%(label)s must be %(limit)s or less",
    }

    def __init__(self, *, min_value: int | None = 0, max_value: int | None = 4 * 366, **kwargs: Any) -> None:
        kwargs.setdefault("widget", Affixed(suffix="days"))
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return str(days(value)) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values or isinstance(value, int):
            return None if value in self.empty_values else int(value)
        try:
            return parse_quarters(str(value).strip().lower().removesuffix("days").removesuffix("day"))
        except ValueError:
            raise self._fault("invalid") from None

    def validate(self, value: Any) -> None:
        forms.Field.validate(self, value)
        if value is None:
            return
        for code, limit in (("min_value", self.min_value), ("max_value", self.max_value)):
            if limit is not None and (value < limit if code == "min_value" else value > limit):
                raise self._fault(code, limit=self.prepare_value(limit))


# ---------------------------------------------------------------------------------------------------- text


class Prose(forms.Textarea):
    """A text area with a guide in words, counted below it as one writes. The guide advises; it refuses nothing."""

    def __init__(self, attrs: dict[str, Any] | None = None, *, low: int = 0, high: int = 0, rows: int = 5) -> None:
        super().__init__({"rows": str(rows), "spellcheck": "true", **(attrs or {})})
        self.low, self.high = low, high


class ProseField(forms.CharField):
    """Plain text of some length. ``words=(120, 200)`` shows the guide; line ends are kept as ``\\n``."""

    def __init__(self, *, words: tuple[int, int] = (0, 0), rows: int = 5, **kwargs: Any) -> None:
        kwargs.setdefault("widget", Prose(low=words[0], high=words[1], rows=rows))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")


# ---------------------------------------------------------------------------------------------------- pickers


class Picker(forms.Widget):
    """One school or person out of many: a text box that suggests, and the id of what was chosen.

    ``NAME`` holds the words, ``NAME_id`` the id. With JavaScript (``typeahead.js``) the box asks ``url`` with ``?q=`` for
    ``{"results": [{"id", "label", "detail"}]}``; without it the words alone are sent, and the field finds what they mean.
    """

    template_name = "govuk/widgets/picker.html"

    def __init__(self, attrs: dict[str, Any] | None = None, *, url: Any = "") -> None:
        super().__init__({"autocomplete": "off", **(attrs or {})})
        self.url = url

    def value_from_datadict(self, data: Data, files: Files, name: str) -> tuple[str, str]:
        return (str(data.get(f"{name}_id") or "").strip(), str(data.get(name) or "").strip())

    def value_omitted_from_data(self, data: Data, files: Files, name: str) -> bool:
        return name not in data and f"{name}_id" not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        id_, words = value if isinstance(value, tuple) else ("", str(value or ""))
        context["widget"].update(id_value=id_, words=words, url=str(self.url))
        return context


class PickerField(forms.Field):
    """A field for one object out of many.

    ``find(id, words)`` returns the objects of the asker's own scope that are meant: by id where there is one, else by the
    words; none, or several, is an error that says so. ``describe(obj)`` gives ``(id, words)`` for an initial value. Set
    both on the form's instance, where the asker is known, through :meth:`serve`.
    """

    widget = Picker
    default_error_messages = {
        "unknown": "No %(thing)s matches “%(words)s”. Check the spelling, or enter part of the name",
        "several": "“%(words)s” matches more than one: %(names)s. Enter more of the name",
    }

    def __init__(self, *, url: Any = "", thing: str = "school", **kwargs: Any) -> None:
        self.thing = thing
        self._find: Callable[[str, str], Iterable[Any]] | None = None
        self._describe: Callable[[Any], tuple[str, str]] | None = None
        kwargs.setdefault("widget", Picker(url=url))
        super().__init__(**kwargs)

    def serve(self, *, find: Callable[[str, str], Iterable[Any]], describe: Callable[[Any], tuple[str, str]]) -> None:
        self._find, self._describe = find, describe

    def prepare_value(self, value: Any) -> Any:
        if value in self.empty_values or isinstance(value, tuple) or self._describe is None:
            return value
        return self._describe(value)

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, tuple):
            return value
        id_, words = value
        if not id_ and not words:
            return None
        if self._find is None:
            raise RuntimeError(f"PickerField {self.label!r} was not served: call serve(find=…, describe=…) in the form's __init__.")
        found = list(self._find(id_, words))
        if len(found) == 1:
            return found[0]
        names = "; ".join(self._describe(obj)[1] for obj in found[:4]) if self._describe else ""
        code = "several" if found else "unknown"
        raise ValidationError(self.error_messages[code], code=code, params={"thing": self.thing, "words": words or id_, "names": names})

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = self.prepare_value(initial)
        return bool((before if isinstance(before, tuple) else ("", ""))[0] != (data if isinstance(data, tuple) else ("", ""))[0])
