"""What a report of the programme is made of: a period, sections with words and tables, and how numbers are shown or hidden."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from core.calendar import AcademicYear
from core.numbers import hidden_below
from core.spans import on_day
from people.models import Authority, Sip
from people.packs import AuthorityPack

TOO_FEW = "too few to show"


@dataclass(frozen=True)
class Period:
    """A year or a term, with the address by which it is asked for."""

    key: str
    label: str
    starts_on: dt.date
    ends_on: dt.date
    year: AcademicYear

    def moments(self) -> tuple[dt.datetime, dt.datetime]:
        return (
            dt.datetime.combine(self.starts_on, dt.time.min, dt.UTC),
            dt.datetime.combine(self.ends_on, dt.time.max, dt.UTC),
        )


@dataclass(frozen=True)
class Figures:
    """One table of a section; every cell is a text."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass
class Section:
    code: str
    heading: str
    words: list[str] = field(default_factory=list)
    tables: list[Figures] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.words or self.tables)


@dataclass(frozen=True)
class Made:
    title: str
    period: Period
    on: dt.date
    sections: tuple[Section, ...]


def of(part: int, whole: int) -> str:
    """ "19 of 20 (95%)", halves up; nothing to divide by says so."""
    return f"{part} of {whole} ({(200 * part + whole) // (2 * whole)}%)" if whole else "none"


@dataclass(frozen=True)
class Asked:
    authority: Authority
    pack: AuthorityPack
    period: Period
    on: dt.date
    least: int

    def counts(self, numbers: dict[str, int]) -> tuple[tuple[str, ...], ...]:
        return tuple((key, TOO_FEW if number is None else str(number)) for key, number in hidden_below(numbers, self.least).items())

    def part(self, part: int, whole: int) -> str:
        """ "19 of 20 (95%)", unless it or the rest of it is too few."""
        return TOO_FEW if hidden_below({"part": part, "rest": whole - part}, self.least)["part"] is None else of(part, whole)

    @cached_property
    def sips(self) -> list[Sip]:
        """Of the authority on the day."""
        return list(Sip.objects.filter(on_day(self.on), authority=self.authority))

    @property
    def last(self) -> dt.date:
        """The last day of the period that has come."""
        return min(self.on, self.period.ends_on)


Maker = Callable[[Asked, Section], None]
