"""Years, terms and the three clocks (domain.md §1 and §4).

Years of two kinds never mix: :class:`AcademicYear` (September to August) and :class:`FinancialYear` (April to March for
maintained schools, September to August for academies). Comparing or subtracting across the kinds raises ``TypeError``.

The three clocks never mix either, and each deadline names its own: :class:`OfficeDays` for the authority's people,
:class:`SchoolDays` for heads and chairs, :class:`StatutoryDays` for notices. All three count in the same way: the day
from which one counts is day nought.

Everything here is a pure function of plain data: term dates, bank holidays, closures. Nothing asks the clock, the
database or the network.
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
import itertools
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

ONE_DAY = dt.timedelta(days=1)
_LABEL = re.compile(r"(?P<first>\d{4})(?:[/-](?P<second>\d{4}|\d{2}))?")


class CalendarGap(ValueError):
    """A deadline was asked for beyond the term dates that are held. The message says which year's are missing."""


# ---------------------------------------------------------------- years


class _Year:
    """What the two kinds of year share: a first calendar year, a label such as "2008/09", steps and an order."""

    first: int
    __slots__ = ()

    def _like(self, first: int) -> Self:
        raise NotImplementedError

    def _comparable(self, other: object) -> Self | None:
        """``other`` as one of my kind; None where it is no year at all. A year of another kind raises TypeError."""
        if not isinstance(other, _Year):
            return None
        if type(other) is not type(self):
            raise TypeError(f"{type(self).__name__} {self} and {type(other).__name__} {other} are different kinds of year.")
        return other

    def _order(self, other: object, test: Callable[[int, int], bool]) -> bool:
        like = self._comparable(other)
        return NotImplemented if like is None else test(self.first, like.first)

    def __lt__(self, other: object) -> bool:
        return self._order(other, lambda a, b: a < b)

    def __le__(self, other: object) -> bool:
        return self._order(other, lambda a, b: a <= b)

    def __gt__(self, other: object) -> bool:
        return self._order(other, lambda a, b: a > b)

    def __ge__(self, other: object) -> bool:
        return self._order(other, lambda a, b: a >= b)

    def __add__(self, years: object) -> Self:
        if isinstance(years, bool) or not isinstance(years, int):
            return NotImplemented
        return self._like(self.first + years)

    def __sub__(self, other: object) -> Any:
        """A year less a number of years is a year; less a year of the same kind, a number of years."""
        if isinstance(other, int) and not isinstance(other, bool):
            return self._like(self.first - other)
        like = self._comparable(other)
        return NotImplemented if like is None else self.first - like.first

    @property
    def next(self) -> Self:
        return self._like(self.first + 1)

    @property
    def previous(self) -> Self:
        return self._like(self.first - 1)

    @property
    def label(self) -> str:
        """ "2008/09"; the turn of a century is "1999/00"."""
        return f"{self.first}/{(self.first + 1) % 100:02d}"

    def __str__(self) -> str:
        return self.label

    def __int__(self) -> int:
        """The first calendar year: what is stored, and what addresses and commands carry."""
        return self.first

    @property
    def starts_on(self) -> dt.date:
        raise NotImplementedError

    @property
    def ends_on(self) -> dt.date:
        raise NotImplementedError

    def contains(self, day: dt.date) -> bool:
        return self.starts_on <= _date(day) <= self.ends_on

    def __contains__(self, day: dt.date) -> bool:
        return self.contains(day)


def _date(day: dt.date) -> dt.date:
    if isinstance(day, dt.datetime):
        raise TypeError("A date is needed here, not a time: take the local date first.")
    return day


def _first_of(text: str) -> int:
    """The first calendar year of "2008/09", "2008-09", "2008/2009" or "2008". Raises ValueError, saying what to write."""
    match = _LABEL.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a year such as 2008/09.")
    first = int(match["first"])
    second = match["second"]
    if second is not None and int(second) != (first + 1 if len(second) == 4 else (first + 1) % 100):
        raise ValueError(f"{text!r} is not a year such as 2008/09: the second part must be the year after the first.")
    return first


def _check_first(first: int) -> None:
    if isinstance(first, bool) or not isinstance(first, int):
        raise TypeError("A year is made from its first calendar year, a whole number.")
    if not 1900 <= first <= 2199:
        raise ValueError(f"{first} is not a calendar year between 1900 and 2199.")


@dataclass(frozen=True, slots=True, eq=False)
class AcademicYear(_Year):
    """September to August, stored as its first calendar year: ``AcademicYear(2008)`` is "2008/09" (domain.md §1)."""

    first: int

    def __post_init__(self) -> None:
        _check_first(self.first)

    def _like(self, first: int) -> AcademicYear:
        return AcademicYear(first)

    def __eq__(self, other: object) -> bool:
        like = self._comparable(other)
        return NotImplemented if like is None else self.first == like.first

    def __hash__(self) -> int:
        return hash(("academic", self.first))

    @classmethod
    def from_date(cls, day: dt.date) -> AcademicYear:
        """The year that a day lies in: 31 August 2008 is in 2007/08, 1 September 2008 in 2008/09."""
        day = _date(day)
        return cls(day.year if day.month >= 9 else day.year - 1)

    @classmethod
    def parse(cls, value: str) -> AcademicYear:
        """From "2008/09", "2008-09", "2008/2009" or "2008". Raises ValueError."""
        return cls(_first_of(value))

    @classmethod
    def of(cls, value: AcademicYear | int | str) -> AcademicYear:
        """From itself, its first calendar year, or its label. A financial year raises TypeError."""
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            return cls.parse(value)
        if isinstance(value, _Year):
            raise TypeError(f"{type(value).__name__} {value} is no academic year.")
        return cls(value)

    @property
    def starts_on(self) -> dt.date:
        return dt.date(self.first, 9, 1)

    @property
    def ends_on(self) -> dt.date:
        return dt.date(self.first + 1, 8, 31)


class FinancialBasis(enum.StrEnum):
    """Whose financial year: a maintained school's ends on 31 March, an academy's on 31 August (domain.md §1)."""

    MAINTAINED = "maintained"
    ACADEMY = "academy"


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return dt.date(year, month + 1, min(day.day, (following - dt.timedelta(days=1)).day))


@dataclass(frozen=True, slots=True, eq=False)
class FinancialYear(_Year):
    """April to March for maintained schools, September to August for academies; shown "2008/09" with its end date.

    The two bases have no order between them and no difference: order such rows by ``ends_on``.
    """

    first: int
    basis: FinancialBasis = FinancialBasis.MAINTAINED

    def __post_init__(self) -> None:
        _check_first(self.first)
        object.__setattr__(self, "basis", FinancialBasis(self.basis))

    def _like(self, first: int) -> FinancialYear:
        return FinancialYear(first, self.basis)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FinancialYear):
            return (self.first, self.basis) == (other.first, other.basis)
        return NotImplemented if self._comparable(other) is None else False

    def __hash__(self) -> int:
        return hash(("financial", self.first, self.basis))

    def _comparable(self, other: object) -> FinancialYear | None:
        like = _Year._comparable(self, other)
        if isinstance(like, FinancialYear) and like.basis is not self.basis:
            raise TypeError(f"Financial years of {self.basis} and {like.basis} schools have no order: compare their end dates.")
        return like

    @classmethod
    def from_date(cls, day: dt.date, basis: FinancialBasis = FinancialBasis.MAINTAINED) -> FinancialYear:
        day = _date(day)
        first_month = cls._FIRST_MONTH[FinancialBasis(basis)]
        return cls(day.year if day.month >= first_month else day.year - 1, basis)

    @classmethod
    def parse(cls, value: str, basis: FinancialBasis = FinancialBasis.MAINTAINED) -> FinancialYear:
        return cls(_first_of(value), basis)

    @property
    def starts_on(self) -> dt.date:
        return dt.date(self.first, self._FIRST_MONTH[self.basis], 1)

    @property
    def ends_on(self) -> dt.date:
        return dt.date(self.first + 1, self._FIRST_MONTH[self.basis], 1) - ONE_DAY

    @property
    def long_label(self) -> str:
        """ "2008/09 (to 31 March 2009)"."""
        end = self.ends_on
        return f"{self.label} (to {end.day} {end:%B %Y})"

    _FIRST_MONTH: ClassVar[Mapping[FinancialBasis, int]] = {FinancialBasis.MAINTAINED: 4, FinancialBasis.ACADEMY: 9}


class _AcademicYearAttribute(DeferredAttribute):
    """Whatever is assigned is an :class:`AcademicYear` at once, not only after the row is read again."""

    field: AcademicYearField

    def __set__(self, instance: models.Model, value: Any) -> None:
        if value is not None and not hasattr(value, "resolve_expression"):
            value = None if value == "" else AcademicYear.of(value)
        instance.__dict__[self.field.attname] = value


class AcademicYearFormField(forms.CharField):
    """Takes "2008/09", or "2008" from an address; gives an :class:`AcademicYear`, or None where left empty."""

    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": "Enter an academic year, such as 2008/09"}

    def to_python(self, value: Any) -> AcademicYear | None:  # type: ignore[override]
        if value in self.empty_values:
            return None
        try:
            return AcademicYear.of(value)
        except (TypeError, ValueError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def prepare_value(self, value: Any) -> Any:
        return AcademicYear(value).label if isinstance(value, int) else value


if TYPE_CHECKING:

    class _YearField(models.Field[AcademicYear | int | str, AcademicYear]):
        pass
else:
    _YearField = models.SmallIntegerField


class AcademicYearField(_YearField):
    """An :class:`AcademicYear`, stored as its first calendar year.

    Look-ups take an ``AcademicYear`` or its first calendar year; a ``FinancialYear`` raises TypeError.
    """

    description = "Academic year"
    descriptor_class = _AcademicYearAttribute

    @functools.cached_property
    def validators(self) -> list[Any]:
        return list(self._validators)  # type: ignore[attr-defined]  # the whole-number range of the parent does not compare with years

    def from_db_value(self, value: int | None, expression: Any, connection: Any) -> AcademicYear | None:
        return None if value is None else AcademicYear(value)

    def to_python(self, value: Any) -> AcademicYear | None:
        if value is None or value == "":
            return None
        try:
            return AcademicYear.of(value)
        except (TypeError, ValueError):
            raise ValidationError("Enter an academic year, such as 2008/09", code="invalid") from None

    def get_prep_value(self, value: Any) -> int | None:
        if isinstance(value, _Year) and not isinstance(value, AcademicYear):
            raise TypeError(f"{type(value).__name__} {value} is no academic year.")
        if isinstance(value, str):
            value = AcademicYear.parse(value)
        prepared: int | None = super().get_prep_value(value)
        return prepared

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else str(int(value))

    def formfield(self, **kwargs: Any) -> Any:
        return models.Field.formfield(self, **{"form_class": AcademicYearFormField, **kwargs})


# ---------------------------------------------------------------- bank holidays


def easter_sunday(year: int) -> dt.date:
    """Western Easter, by the Gregorian computus."""
    golden, century, of_century = year % 19, year // 100, year % 100
    skipped_leaps, century_rest = divmod(century, 4)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - skipped_leaps - moon_shift + 15) % 30
    leaps, rest = divmod(of_century, 4)
    to_sunday = (32 + 2 * century_rest + 2 * leaps - epact - rest) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return dt.date(year, month, day + 1)


# Days by proclamation that no rule gives, up to where the bundled data begin: year → (days added, days taken away).
_PROCLAIMED: Mapping[int, tuple[frozenset[dt.date], frozenset[dt.date]]] = {
    1981: (frozenset({dt.date(1981, 7, 29)}), frozenset()),
    1995: (frozenset({dt.date(1995, 5, 8)}), frozenset({dt.date(1995, 5, 1)})),
    1999: (frozenset({dt.date(1999, 12, 31)}), frozenset()),
    2002: (frozenset({dt.date(2002, 6, 3), dt.date(2002, 6, 4)}), frozenset({dt.date(2002, 5, 27)})),
    2011: (frozenset({dt.date(2011, 4, 29)}), frozenset()),
}


def computed_bank_holidays(year: int) -> frozenset[dt.date]:
    """England and Wales, by rule (Banking and Financial Dealings Act 1971, with its later proclaimed days).

    The two fixed Mondays in May and the one in August, Good Friday, Easter Monday, and Christmas, Boxing and New
    Year's Day with a substitute weekday where they fall at a weekend.
    """
    days = {_monday_on_or_after(dt.date(year, 5, 1)), _monday_on_or_before(dt.date(year, 5, 31))}
    days.add(_monday_on_or_before(dt.date(year, 8, 31)))
    easter = easter_sunday(year)
    days |= {easter - 2 * ONE_DAY, easter + ONE_DAY}
    for month, day in ((1, 1), (12, 25), (12, 26)):
        holiday = dt.date(year, month, day)
        while holiday.weekday() >= 5 or holiday in days:
            holiday += ONE_DAY
        days.add(holiday)
    added, taken = _PROCLAIMED.get(year, (frozenset(), frozenset()))
    return frozenset(days - taken | added)


def _monday_on_or_after(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=-day.weekday() % 7)


def _monday_on_or_before(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


@functools.cache
def _published() -> Mapping[int, frozenset[dt.date]]:
    """The published days of England and Wales by calendar year, from the data that govuk-bank-holidays ships."""
    from govuk_bank_holidays.bank_holidays import BankHolidays as Published

    days: dict[int, set[dt.date]] = {}
    for holiday in Published(use_cached_holidays=True).get_holidays(Published.ENGLAND_AND_WALES):
        days.setdefault(holiday["date"].year, set()).add(holiday["date"])
    return {year: frozenset(found) for year, found in days.items()}


@functools.cache
def _known_bank_holidays(year: int) -> frozenset[dt.date]:
    return _published().get(year) or computed_bank_holidays(year)


class BankHolidays:
    """Bank holidays of England and Wales: the given ones first, beyond them the published ones, beyond those by rule.

    An academic year is given whole or not at all: in a year of which one day is given, the given days alone count.
    """

    def __init__(self, given: Iterable[dt.date] = ()) -> None:
        self._given = frozenset(_date(day) for day in given)
        self._years = frozenset(AcademicYear.from_date(day) for day in self._given)

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> BankHolidays:
        """From the ``bank_holiday`` rows of a pack's calendar, each with a ``date``."""
        return cls(row["date"] for row in rows)

    def __contains__(self, day: dt.date) -> bool:
        if AcademicYear.from_date(day) in self._years:
            return day in self._given
        return day in _known_bank_holidays(day.year)

    def in_year(self, year: AcademicYear) -> tuple[dt.date, ...]:
        """The bank holidays of an academic year, in order."""
        known = _known_bank_holidays(year.first) | _known_bank_holidays(year.first + 1) | self._given
        return tuple(sorted(day for day in known if year.contains(day) and day in self))


# ---------------------------------------------------------------- terms


class Season(enum.StrEnum):
    AUTUMN = "autumn"
    SPRING = "spring"
    SUMMER = "summer"

    @property
    def place(self) -> int:
        """0, 1, 2 in the academic year."""
        return list(Season).index(self)


@dataclass(frozen=True, slots=True)
class HalfTerm:
    """The first or second half of a term, both days included; before and after the half-term break."""

    year: AcademicYear
    season: Season
    half: int
    starts_on: dt.date
    ends_on: dt.date

    def __post_init__(self) -> None:
        name = f"{self.season} {self.year}, half {self.half}"
        if self.half not in (1, 2):
            raise ValueError(f"{name}: a term has half 1 and half 2.")
        if _date(self.starts_on) > _date(self.ends_on):
            raise ValueError(f"{name}: it ends ({self.ends_on}) before it starts ({self.starts_on}).")
        if self.starts_on not in self.year or self.ends_on not in self.year:
            raise ValueError(f"{name}: {self.starts_on} to {self.ends_on} does not lie in the academic year.")

    def contains(self, day: dt.date) -> bool:
        return self.starts_on <= _date(day) <= self.ends_on


@dataclass(frozen=True, slots=True)
class Term:
    """A term, of one or two halves; its span takes in the half-term break."""

    year: AcademicYear
    season: Season
    halves: tuple[HalfTerm, ...]

    @property
    def starts_on(self) -> dt.date:
        return self.halves[0].starts_on

    @property
    def ends_on(self) -> dt.date:
        return self.halves[-1].ends_on

    @property
    def label(self) -> str:
        """By the calendar year it lies in: autumn of 2008/09 is "autumn 2008", spring of 2008/09 "spring 2009"."""
        return f"{self.season} {self.starts_on.year}"

    def __str__(self) -> str:
        return self.label

    def contains(self, day: dt.date) -> bool:
        """From first day to last, the half-term break included."""
        return self.starts_on <= _date(day) <= self.ends_on

    def in_session(self, day: dt.date) -> bool:
        """In one of the halves: the half-term break is left out, weekends are not."""
        return any(half.contains(day) for half in self.halves)


class TermDates:
    """A school's own terms, or its authority's: half-terms in order that do not overlap. Raises ValueError otherwise."""

    def __init__(self, halves: Iterable[HalfTerm]) -> None:
        ordered = sorted(halves, key=lambda half: half.starts_on)
        for before, after in itertools.pairwise(ordered):
            if after.starts_on <= before.ends_on:
                raise ValueError(f"Half-terms overlap: one ends on {before.ends_on}, the next starts on {after.starts_on}.")
            if (before.year.first, before.season.place, before.half) >= (after.year.first, after.season.place, after.half):
                raise ValueError(f"{after.season} {after.year}, half {after.half}, is out of order or twice.")
        grouped: dict[tuple[int, int], list[HalfTerm]] = {}
        for half in ordered:
            grouped.setdefault((half.year.first, half.season.place), []).append(half)
        self.terms = tuple(Term(group[0].year, group[0].season, tuple(group)) for group in grouped.values())

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> TermDates:
        """From the ``term`` rows of a pack's calendar: ``academic_year, term, half, starts, ends``."""
        return cls(
            HalfTerm(AcademicYear.of(row["academic_year"]), Season(row["term"]), int(row["half"]), row["starts"], row["ends"])
            for row in rows
        )

    def __iter__(self) -> Iterator[Term]:
        return iter(self.terms)

    def __len__(self) -> int:
        return len(self.terms)

    @property
    def years(self) -> tuple[AcademicYear, ...]:
        """The academic years of which any term is held, in order."""
        return tuple(AcademicYear(first) for first in sorted({term.year.first for term in self.terms}))

    def term_on(self, day: dt.date) -> Term | None:
        """The term that a day lies in, half-term break included; None in the holidays between terms."""
        return next((term for term in self.terms if term.contains(day)), None)

    def half_term_on(self, day: dt.date) -> HalfTerm | None:
        return next((half for term in self.terms for half in term.halves if half.contains(day)), None)

    def in_session(self, day: dt.date) -> bool:
        return self.half_term_on(day) is not None

    def term_of(self, day: dt.date) -> Term | None:
        """The term that a day counts to: its own, or in the holidays the term just ended. None before the first."""
        _date(day)
        return next((term for term in reversed(self.terms) if term.starts_on <= day), None)

    def next_term(self, day: dt.date) -> Term | None:
        """The first term that starts after a day; None where its dates are not held."""
        _date(day)
        return next((term for term in self.terms if term.starts_on > day), None)

    def missing_on(self, day: dt.date) -> str | None:
        """Which term's dates one would need to count over a day, such as "autumn 2010"; None where none is missing.

        Holidays between two terms that follow each other miss nothing; the time after the last term held does, and the
        time between two held terms that do not follow each other.
        """
        before = self.term_of(day)
        if before is None:
            first = self.terms[0] if self.terms else None
            return f"the term before {first}" if first else "any term"
        if before.contains(day):
            return None
        after = self.next_term(day)
        year, place = (before.year, before.season.place + 1) if before.season is not Season.SUMMER else (before.year.next, 0)
        if after is not None and (after.year, after.season.place) == (year, place):
            return None
        season = list(Season)[place]
        return f"{season} {year.first if season is Season.AUTUMN else year.first + 1}"

    def term(self, year: AcademicYear, season: Season) -> Term | None:
        return next((term for term in self.terms if term.year == year and term.season is season), None)

    def in_year(self, year: AcademicYear) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if term.year == year)


# ---------------------------------------------------------------- the three clocks

Closure = dt.date | tuple[dt.date, dt.date]


def _closed_days(closures: Iterable[Closure]) -> frozenset[dt.date]:
    """Single days, and (first, last) spans with both days included, as one set. Raises ValueError on a span that ends first."""
    days: set[dt.date] = set()
    for closure in closures:
        first, last = closure if isinstance(closure, tuple) else (closure, closure)
        if last < first:
            raise ValueError(f"A closure ends ({last}) before it starts ({first}).")
        days.update(first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    return frozenset(days)


class Clock(ABC):
    """A way of counting days (domain.md §4, "Three clocks, never mixed").

    The day from which one counts is day nought, whether or not it is a day of this clock: ``add(friday, 1)`` is Monday,
    and so is ``add(saturday, 1)``.
    """

    def __init__(self, bank_holidays: BankHolidays) -> None:
        self.bank_holidays = bank_holidays

    def is_day(self, day: dt.date) -> bool:
        """Whether this clock counts the day."""
        return _date(day).weekday() < 5 and day not in self.bank_holidays and self._is_open(day)

    @abstractmethod
    def _is_open(self, day: dt.date) -> bool:
        """Asked for weekdays that are no bank holiday."""

    def _may_look(self, day: dt.date) -> None:  # noqa: B027
        """Raises :class:`CalendarGap` where it cannot be known whether this clock counts the day."""

    def add(self, day: dt.date, days: int) -> dt.date:
        """The n-th day of this clock after a day (before it, where n is negative).

        Nought gives the day itself where this clock counts it, else the next that it counts. ``SchoolDays`` raises
        :class:`CalendarGap` where the answer lies beyond the term dates.
        """
        if days == 0:
            return self.on_or_after(day)
        step = 1 if days > 0 else -1
        left = abs(days)
        found = _date(day)
        while left:
            found += step * ONE_DAY
            self._may_look(found)
            if self.is_day(found):
                left -= 1
        return found

    def on_or_after(self, day: dt.date) -> dt.date:
        """The day itself where this clock counts it, else the next that it counts."""
        return day if self.is_day(day) else self.add(day, 1)

    def on_or_before(self, day: dt.date) -> dt.date:
        return day if self.is_day(day) else self.add(day, -1)

    def between(self, start: dt.date, end: dt.date) -> int:
        """How many days of this clock lie after ``start`` and not after ``end``; negative where ``end`` is the earlier.

        ``between(d, add(d, n)) == n`` for n > 0, and ``between(a, b) + between(b, c) == between(a, c)``.
        """
        if _date(end) < _date(start):
            return -self.between(end, start)
        return sum(self.is_day(start + dt.timedelta(days=n)) for n in range(1, (end - start).days + 1))

    def days_left(self, today: dt.date, due: dt.date) -> int:
        """Days of this clock left until ``due``: 0 on the day itself, negative after it.

        Whether something is late is ``today > due``, not the sign of this: on the Saturday after a Friday due date
        no further day of the clock has passed, and the answer is still 0.
        """
        return self.between(today, due)


class OfficeDays(Clock):
    """Monday to Friday without bank holidays and the authority's closure days: for SIPs, reviewers and officers."""

    def __init__(self, bank_holidays: BankHolidays, closures: Iterable[Closure] = ()) -> None:
        super().__init__(bank_holidays)
        self._closed = _closed_days(closures)

    def _is_open(self, day: dt.date) -> bool:
        return day not in self._closed


class StatutoryDays(Clock):
    """Working days as the law counts them for notices and requests: Monday to Friday without bank holidays.

    An authority's closure does not stop them. "Not later than the twentieth working day following the date of receipt"
    (Freedom of Information Act 2000 s.10) is ``notice(received_on, 20)``.
    """

    def __init__(self, bank_holidays: BankHolidays) -> None:
        super().__init__(bank_holidays)

    def _is_open(self, day: dt.date) -> bool:
        return True

    def notice(self, given_on: dt.date, days: int, *, beginning_with: bool = False) -> dt.date:
        """The last day of a notice of so many working days.

        By default the period follows the day on which notice is given, as Education and Inspections Act 2006 s.60 has
        it. With ``beginning_with`` the day itself is the first, where it is a working day. Raises ValueError below 1.
        """
        if days < 1:
            raise ValueError("A notice runs for at least one working day.")
        return self.add(given_on, days - 1) if beginning_with and self.is_day(given_on) else self.add(given_on, days)


class SchoolDays(Clock):
    """Days in a school's own terms, Monday to Friday without bank holidays: for heads and chairs.

    ``closures`` are the school's own: staff days, snow. Outside the term dates that are held no day is known to be a
    school day: ``is_day`` is False there, ``between`` counts none, and ``add``, which would have to answer with a date,
    raises :class:`CalendarGap` naming the term whose dates are missing.
    """

    def __init__(self, terms: TermDates, bank_holidays: BankHolidays, closures: Iterable[Closure] = ()) -> None:
        super().__init__(bank_holidays)
        self.terms = terms
        self._closed = _closed_days(closures)

    def _is_open(self, day: dt.date) -> bool:
        return day not in self._closed and self.terms.in_session(day)

    def _may_look(self, day: dt.date) -> None:
        missing = self.terms.missing_on(day)
        if missing is not None:
            raise CalendarGap(f"The term dates of {missing} are not held. Enter them in the authority's calendar.")

    def last_days(self, term: Term, count: int) -> tuple[dt.date, ...]:
        """The last ``count`` school days of a term, in order; fewer where the term is shorter."""
        span = (term.ends_on - term.starts_on).days
        days: list[dt.date] = []
        for back in range(span + 1):
            day = term.ends_on - dt.timedelta(days=back)
            if len(days) < count and self.is_day(day):
                days.append(day)
        return tuple(reversed(days))

    def is_in_last_days(self, day: dt.date, count: int) -> bool:
        """Whether a window opening on this day would open in the last ``count`` school days of a term (domain.md §4).

        A weekend between those days counts with them.
        """
        term = self.terms.term_on(day)
        if term is None or count < 1:
            return False
        last = self.last_days(term, count)
        return bool(last) and last[0] <= day

    def first_days_of_next_term(self, day: dt.date, count: int) -> tuple[dt.date, ...]:
        """The first ``count`` school days of the term after this day: what a release at the end of term offers instead.

        Raises :class:`CalendarGap` where the next term's dates are not held.
        """
        following = self.terms.next_term(day)
        if following is None:
            raise CalendarGap("The next term's dates are not held. Enter them in the authority's calendar.")
        days = (following.starts_on + dt.timedelta(days=n) for n in range((following.ends_on - following.starts_on).days + 1))
        return tuple(d for d in days if self.is_day(d))[:count]


# ---------------------------------------------------------------- office hours


class OfficeHours:
    """Time as offices keep it: so many hours within office days (domain.md §4: an alert escalates after 4, "9 to 5").

    Times are aware; the answer is in the time zone given. Offices open and close at the same local time on every
    office day, so no clock change falls inside them.
    """

    def __init__(self, days: OfficeDays, zone: ZoneInfo, opens: dt.time = dt.time(9), closes: dt.time = dt.time(17)) -> None:
        if not opens < closes:
            raise ValueError("An office closes after it opens, on the same day.")
        self.days, self.zone, self.opens, self.closes = days, zone, opens, closes

    def _local(self, at: dt.datetime) -> dt.datetime:
        if at.tzinfo is None:
            raise ValueError("An aware time is needed.")
        return at.astimezone(self.zone)

    def _at(self, day: dt.date, time: dt.time) -> dt.datetime:
        return dt.datetime.combine(day, time, self.zone)

    def is_open(self, at: dt.datetime) -> bool:
        local = self._local(at)
        return self.days.is_day(local.date()) and self.opens <= local.time() < self.closes

    def next_open(self, at: dt.datetime) -> dt.datetime:
        """The moment itself while the office is open, else when it next opens."""
        local = self._local(at)
        if self.is_open(local):
            return local
        day = local.date()
        if self.days.is_day(day) and local.time() < self.opens:
            return self._at(day, self.opens)
        return self._at(self.days.add(day, 1), self.opens)

    def add(self, at: dt.datetime, hours: dt.timedelta) -> dt.datetime:
        """When so much office time has passed after a moment. Raises ValueError on a negative length."""
        if hours < dt.timedelta(0):
            raise ValueError("Office time is counted forwards.")
        reached = self.next_open(at)
        while True:
            closing = self._at(reached.date(), self.closes)
            if reached + hours <= closing:
                return reached + hours
            hours -= closing - reached
            reached = self._at(self.days.add(reached.date(), 1), self.opens)

    def between(self, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
        """Office time from one moment to a later one; nought where ``end`` is not later."""
        first, last = self._local(start), self._local(end)
        total = dt.timedelta(0)
        day = first.date()
        while day <= last.date():
            if self.days.is_day(day):
                opened = max(first, self._at(day, self.opens))
                closed = min(last, self._at(day, self.closes))
                total += max(closed - opened, dt.timedelta(0))
            day += ONE_DAY
        return total
