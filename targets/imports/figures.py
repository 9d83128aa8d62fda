"""What a file changes in the figures that are held, and writing it: the same for schools, estimates and comparators.

A figure is found by its natural key and its release. The same release again changes it where it says something else; a more
finished release becomes the current one and leaves the earlier in place; a less finished one is kept beside it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from django.db import models

from core.numbers import round_half_up
from core.tabular import bulk
from core.tabular.columns import Coded, Reason
from core.tabular.imports import Plan, plain
from people.models import Authority
from targets.choices import RELEASE_ORDER
from targets.models import Comparator, DataSource, Estimate, Result

VALUES: Final = ("value", "numerator", "cohort", "code", "reason")
INTERVAL: Final = ("lower", "upper")
PLACES: Final = 4
LICENCE: Final = "Open Government Licence v3.0"

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A figure as a file tells it: a value, or a code with its reason."""

    value: Decimal | None = None
    numerator: int | None = None
    cohort: int | None = None
    code: str = ""
    reason: str = ""
    lower: Decimal | None = None
    upper: Decimal | None = None

    @classmethod
    def coded(cls, cell: Coded | None, **rest: Any) -> Told | None:
        """From a cell; None for one that is blank or not there. ``rest`` is left out where there is no value, but the cohort."""
        if cell is None or cell.reason is Reason.BLANK:
            return None
        if cell.value is None:
            assert cell.reason is not None
            return cls(code=cell.code[:12], reason=cell.reason.value, cohort=rest.get("cohort"))
        return cls(value=round_half_up(Decimal(cell.value), PLACES), **rest)

    def row(self, names: Sequence[str]) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in names)


def integers(percent: Decimal, cohort: int | None, numerator: int | None = None) -> tuple[int | None, int | None]:
    """The pupils behind a published percentage, where they are certain.

    A percentage that was rounded to its last place is that of one number of pupils only while the cohort is small enough: 65% of
    26 is 17, but 65% of 400 may be 258 to 261, and then the numerator is not known. A numerator that the file gives is kept
    where it agrees with the percentage; else neither is, since the cohort must be another.
    """
    if not cohort:
        return None, cohort
    exponent = percent.normalize().as_tuple().exponent  # "63.00%" of 2017/18 is 63% in whole figures
    half = Decimal(1).scaleb(exponent if isinstance(exponent, int) and exponent < 0 else 0) / 2
    if numerator is not None:
        agrees = numerator <= cohort and abs(Decimal(100 * numerator) / cohort - percent) <= half
        return (numerator, cohort) if agrees else (None, None)
    least = ((percent - half) * cohort / 100).to_integral_value(ROUND_CEILING)
    most = ((percent + half) * cohort / 100).to_integral_value(ROUND_FLOOR)
    if (percent + half) * cohort == most * 100 and most > least:
        most -= 1  # exactly a half is rounded up, to the next percentage
    return (int(least), cohort) if least == most and 0 <= least <= cohort else (None, cohort)


@dataclass
class Book:
    """The figures of one kind that are held and concern a file, and what the file changes in them."""

    model: type[models.Model]
    keys: tuple[str, ...]
    release: str
    values: tuple[str, ...] = (*VALUES, *INTERVAL)
    held: dict[Key, tuple[Any, ...]] = field(default_factory=dict)
    current: dict[Key, tuple[int, str]] = field(default_factory=dict)
    new: list[tuple[Any, ...]] = field(default_factory=list)
    changed: list[tuple[Any, ...]] = field(default_factory=list)
    demoted: list[tuple[int, bool]] = field(default_factory=list)
    seen: set[Key] = field(default_factory=set)
    suppressed: int = 0
    told: int = 0

    @property
    def has_releases(self) -> bool:
        return self.model is not Estimate

    def load(self, rows: models.QuerySet[Any]) -> Book:
        columns = ("pk", *(("release", "is_current") if self.has_releases else ()), *self.keys, *self.values)
        for row in rows.values_list(*columns).iterator(chunk_size=5_000):
            pk, rest = row[0], row[1:]
            if self.has_releases:
                release, is_current, rest = rest[0], rest[1], rest[2:]
            else:
                release, is_current = self.release, False
            key, values = tuple(rest[: len(self.keys)]), rest[len(self.keys) :]
            if is_current:
                self.current[key] = (pk, release)
            if release == self.release:
                self.held[key] = (pk, values)
        return self

    def tell(self, key: Key, told: Told) -> list[Any] | None:
        """Note a figure of the file. Returns ``[old, new]`` where it would change what is held, ``[None, new]`` where it is new."""
        self.seen.add(key)
        self.told += 1
        self.suppressed += told.reason == Reason.SUPPRESSED
        values = told.row(self.values)
        before = self.held.get(key)
        if before is None:
            self.new.append((*key, *values, *self._standing(key)))
            return [None, self._said(told)]
        if before[1] == values:
            return None
        self.changed.append((before[0], *values))
        return [self._said(Told(**dict(zip(self.values, before[1], strict=True)))), self._said(told)]

    def _standing(self, key: Key) -> tuple[Any, ...]:
        if not self.has_releases:
            return ()
        now = self.current.get(key)
        is_current = now is None or RELEASE_ORDER[self.release] > RELEASE_ORDER[now[1]]
        if is_current and now is not None:
            self.demoted.append((now[0], False))
        return (self.release, is_current)

    @staticmethod
    def _said(told: Told) -> Any:
        return plain(told.value.normalize() + 0 if told.value is not None else told.code)

    def write(self, source: DataSource, *, constant: Sequence[tuple[str, Any]] = ()) -> None:
        """Inside the transaction: earlier releases step back before the new ones take their place."""
        if self.has_releases:
            bulk.update(self.model, ("is_current",), self.demoted)
        more = [*constant, ("source_id", source.pk)]
        names = (*self.keys, *self.values, *(("release", "is_current") if self.has_releases else ()), *(name for name, _ in more))
        rest = tuple(value for _, value in more)
        bulk.insert(self.model, names, [(*row, *rest) for row in self.new])
        bulk.update(self.model, (*self.values, "source_id"), [(*row, source.pk) for row in self.changed])


RESULT_KEYS: Final = ("school_id", "measure", "pupil_group", "academic_year")
COMPARATOR_KEYS: Final = ("level", "place", "phase", "measure", "pupil_group", "academic_year", "basis")
ESTIMATE_KEYS: Final = (*RESULT_KEYS, "kind")


@dataclass
class Books:
    """All that one file changes, and what it was."""

    code: str
    kind: str
    title: str
    file_name: str
    release: str
    dated: dt.date
    year: int | None
    books: list[Book] = field(default_factory=list)
    licence: str = ""

    def results(self, years: Iterable[int], measures: Iterable[str]) -> Book:
        rows = Result.objects.filter(school__authority__code=self.code, academic_year__in=set(years), measure__in=set(measures))
        return self._add(Book(Result, RESULT_KEYS, self.release).load(rows))

    def comparators(self, years: Iterable[int], measures: Iterable[str]) -> Book:
        rows = Comparator.objects.filter(authority__code=self.code, academic_year__in=set(years), measure__in=set(measures))
        return self._add(Book(Comparator, COMPARATOR_KEYS, self.release).load(rows))

    def estimates(self, years: Iterable[int], measures: Iterable[str]) -> Book:
        rows = Estimate.objects.filter(school__authority__code=self.code, academic_year__in=set(years), measure__in=set(measures))
        return self._add(Book(Estimate, ESTIMATE_KEYS, self.release, VALUES).load(rows))

    def _add(self, book: Book) -> Book:
        self.books.append(book)
        return book

    @property
    def note(self) -> str:
        told, hidden = sum(book.told for book in self.books), sum(book.suppressed for book in self.books)
        return f"{told:,} figures, of which {hidden:,} suppressed."

    @property
    def is_idle(self) -> bool:
        return not any(book.new or book.changed for book in self.books)


def apply(plan: Plan, *, actor: Any, at: dt.datetime) -> Authority:
    """Write the plan: its source, then the figures. Inside the harness's transaction."""
    books: Books = plan.payload
    authority = Authority.objects.get(code=books.code)
    if books.is_idle:
        return authority
    source = DataSource.objects.create(
        authority=authority,
        kind=books.kind,
        title=books.title[:200],
        file_name=books.file_name[:200],
        academic_year=books.year,
        release=books.release,
        dated=books.dated,
        licence=books.licence,
        imported_at=at,
    )
    for book in books.books:
        book.write(source, constant=[("authority_id", authority.pk)] if book.model is Comparator else ())
    return authority
