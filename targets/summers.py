"""Results of many schools as columns: one a measure, group of pupils and summer, in ten-thousandths of the measure's unit."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import numpy as np
from django.db.models import Exists, Q, QuerySet

from core.calendar import AcademicYear
from core.columns import NOTHING, Bits, Ints, Whole, half_up, whole_numbers
from core.facts import FactQuestion
from people.models import Authority

from .choices import Release
from .facts import DEPTH, Asked
from .models import DataSource, Result

UNIT: Final = 10_000
"""A result has four decimal places: its column holds so many parts of one."""
PLACES: Final = 4
TOGETHER: Final = 3
"""Summers that are judged together where a cohort is small."""
SIZE: Final = 20_000
MANY: Final = 200
_PICKED: Final = itemgetter(0, 4, 5, 6, 7)


@dataclass(slots=True)
class Summer:
    """Results of one measure, group and summer by place. ``is_held`` where there is a row, ``is_known`` where it has a value;
    ``why`` by place the special value and its reason where it has none."""

    value: Ints
    numerator: Ints
    cohort: Ints
    source: Ints
    is_held: Bits
    is_known: Bits
    why: dict[int, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def empty(cls, number: int) -> Summer:
        def none() -> Ints:
            return np.full(number, NOTHING, dtype=np.int64)

        return cls(none(), none(), none(), none(), np.zeros(number, dtype=np.bool_), np.zeros(number, dtype=np.bool_))

    def is_below(self, cohort: int) -> Bits:
        """Where so few pupils are in it."""
        return self.is_known & (self.cohort != NOTHING) & (self.cohort < cohort)


@dataclass
class Summers:
    """What one question reads: the summers that its codes look at, of its schools."""

    question: FactQuestion
    asked: Sequence[Asked]
    held: dict[tuple[str, str, int], Summer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._nothing = Summer.empty(len(self.question.keys))
        self._read()

    def of(self, measure: str, group: str, year: int) -> Summer:
        return self.held.get((measure, group, year), self._nothing)

    def any_of(self, measure: str, group: str) -> Bits:
        """Where any summer that was read has a row."""
        found = self._nothing.is_held
        for key, summer in self.held.items():
            if key[:2] == (measure, group):
                found = found | summer.is_held
        return found

    @cached_property
    def codes(self) -> set[str]:
        return {one.measure.code for one in self.asked}

    @cached_property
    def this_year(self) -> int:
        return AcademicYear.from_date(self.question.on).first

    @cached_property
    def latest(self) -> dict[str, int]:
        """By measure, the academic year of the latest results that the authority holds: last year's, or the one before. One query."""
        years = (self.this_year - 1, self.this_year - 2)
        codes = sorted(self.codes)
        scope = self.question.scope.pk
        named = {
            f"held_{year}_{place}": Exists(
                Result.objects.filter(school__authority=scope, measure=code, academic_year=year, is_current=True)
            )
            for year in years
            for place, code in enumerate(codes)
        }
        row = Authority.objects.filter(pk=scope).values(**named).first() or {}
        return {
            code: next(year for year in years if row.get(f"held_{year}_{place}"))
            for place, code in enumerate(codes)
            if any(row.get(f"held_{year}_{place}") for year in years)
        }

    @cached_property
    def sources(self) -> dict[int, tuple[str, dt.date, str]]:
        """By key: title, day, and how finished the figures are where they are not final."""
        rows = DataSource.objects.filter(authority=self.question.scope).values_list("pk", "title", "dated", "release")
        return {pk: (title, dated, "" if release == Release.FINAL else release) for pk, title, dated, release in rows}

    # ------------------------------------------------------------ reading

    def _read(self) -> None:
        """What the codes look at, the latest summer alone or all that any looks at: one query, of many schools two, and as many more
        where some measure's latest summer is late. Where small cohorts are pooled, the summers before of those schools: one more."""
        groups = {group for one in self.asked for group in one.groups}
        looks_back = {one.measure.code for one in self.asked if DEPTH.get(one.suffix)}
        spans: dict[tuple[int, int], set[str]] = defaultdict(set)
        for code, latest in self.latest.items():
            spans[latest - (max(DEPTH.values()) if code in looks_back else 0), latest].add(code)
        if self.is_of_many:
            for (first, latest), codes in spans.items():
                self._keep(self.of_subjects(self._rows(codes, first, latest, groups)))
        else:
            either = Q(pk__in=[])
            for (first, latest), codes in spans.items():
                either |= Q(measure__in=codes, academic_year__gte=first, academic_year__lte=latest)
            self._keep(self.of_subjects(Result.objects.filter(either, pupil_group__in=groups, is_current=True)))
        small = self._small() - looks_back
        if small:
            last = min(self.latest[code] for code in small)
            now = self._rows(small, last, max(self.latest.values()), groups).filter(cohort__lt=self.question.pooled_below)
            before = self._rows(small, last - TOGETHER + 1, max(self.latest.values()) - 1, groups)
            self._keep(self.of_subjects(before.filter(school_id__in=now.order_by().values("school_id"))))

    def _small(self) -> set[str]:
        """The measures of which any cohort is too small to be judged alone."""
        below = self.question.pooled_below
        return {
            code
            for (code, _, year), summer in self.held.items()
            if below and year == self.latest.get(code) and summer.is_below(below).any()
        }

    @staticmethod
    def _rows(codes: Collection[str], first: int, last: int, groups: Collection[str]) -> QuerySet[Result]:
        years: dict[str, int] = {"academic_year": last} if first == last else {"academic_year__gte": first, "academic_year__lte": last}
        rows = Result.objects.filter(measure__in=codes, pupil_group__in=groups, is_current=True, **years)
        return rows.order_by("measure", "academic_year", "pupil_group")

    @property
    def is_of_many(self) -> bool:
        return len(self.question.keys) > MANY

    def of_subjects(self, rows: QuerySet[Result]) -> QuerySet[Result]:
        """Of a few schools, theirs; of many, all between the first and the last of them, of which the others are dropped on arrival:
        what stands in an index together is read sooner than it is looked up school by school."""
        keys = self.question.keys
        if self.is_of_many:
            return rows.filter(school_id__gte=min(keys), school_id__lte=max(keys))
        return rows.filter(school_id__in=keys)

    def _keep(self, rows: QuerySet[Result]) -> None:
        """Answered from one index of ``Result`` alone, in its order: it holds every column that is named here."""
        values = (Whole("value", PLACES), Whole("numerator"), Whole("cohort"), "source_id", "reason", "code")
        found = rows.values_list("school_id", "measure", "pupil_group", "academic_year", *values)
        for key, run in groupby(found.iterator(chunk_size=SIZE), itemgetter(1, 2, 3)):
            self._keep_run(key, list(run))

    def _keep_run(self, key: tuple[str, str, int], run: Sequence[Sequence[Any]]) -> None:
        summer = self.held.get(key)
        if summer is None:
            summer = self.held[key] = Summer.empty(self._nothing.is_held.size)
        numbers = whole_numbers(map(_PICKED, run), 5)
        at = self.question.places.of(numbers[:, 0])
        if (at < 0).any():
            run = [row for row, place in zip(run, at.tolist(), strict=True) if place >= 0]
            numbers, at = numbers[at >= 0], at[at >= 0]
        summer.value[at], summer.numerator[at], summer.cohort[at], summer.source[at] = numbers[:, 1:].T
        summer.is_held[at] = True
        is_known = numbers[:, 1] != NOTHING
        summer.is_known[at] = is_known
        for row in np.flatnonzero(~is_known).tolist():
            summer.why[int(at[row])] = (run[row][9], run[row][8])


# ---------------------------------------------------------------- several summers as one


def pooled(summers: Iterable[Summer]) -> tuple[Ints, Bits]:
    """Several summers as one cohort, and where that can be said: the integers are summed where they are known, else values
    weighted by cohort. Only summers with a value count; each must say its cohort."""
    reached, weighted, cohort, known = (np.zeros(1, dtype=np.int64) for _ in range(4))
    is_exact, is_sure = np.ones(1, dtype=np.bool_), np.ones(1, dtype=np.bool_)
    for summer in summers:
        counts = summer.is_known
        pupils = np.where(counts, summer.cohort, 0)
        reached = reached + np.where(counts, summer.numerator, 0)
        weighted = weighted + np.where(counts, summer.value, 0) * pupils
        cohort, known = cohort + pupils, known + counts
        is_exact = is_exact & (~counts | (summer.numerator != NOTHING))
        is_sure = is_sure & (~counts | (summer.cohort > 0))
    is_sure = is_sure & (known > 0)
    under = np.where(is_sure, cohort, 1)
    share = half_up(np.where(is_sure & is_exact, 100 * UNIT * reached, 0), under)
    return np.where(is_exact, share, half_up(np.where(is_sure, weighted, 0), under)), is_sure


def years_of(latest: int, number: int = TOGETHER) -> Iterator[int]:
    """So many summers, the latest last."""
    return iter(range(latest - number + 1, latest + 1))
