"""Schools together: by cluster, by phase, the whole authority; from the integers, divided once, at the very end.

A percentage of several schools is pupils who reached it over pupils in the measure. Where a school's integers are not known but
its percentage and cohort are, they stand in for them and the figure says that it is not exact; a school without a figure
(suppressed, no result) is counted as left out and named in the export.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from django.db.models import QuerySet

from core.numbers import round_half_up
from people.models import Authority
from schools.models import School
from targets.choices import Level
from targets.models import Comparator, Result
from targets.pack import Measure, MeasuresPart

SPARE: Final = 4  # decimals in which a figure is kept until it is shown


class By(StrEnum):
    AUTHORITY = "authority"
    CLUSTER = "cluster"
    PHASE = "phase"


@dataclass(slots=True)
class Together:
    """Some schools in one year. ``reached`` of ``pupils`` for shares; for points, the sum of value times cohort in ``weighed``."""

    is_share: bool = True
    reached: Decimal = Decimal(0)
    pupils: int = 0
    schools: int = 0
    left_out: int = 0
    is_exact: bool = True

    def add(self, value: Decimal | None, numerator: int | None, cohort: int | None) -> None:
        if value is None or not cohort:
            self.left_out += 1
            return
        self.schools += 1
        self.pupils += cohort
        if self.is_share and numerator is not None:
            self.reached += numerator
        else:
            self.is_exact = self.is_exact and not self.is_share
            self.reached += value * cohort / (100 if self.is_share else 1)

    @property
    def figure(self) -> Decimal | None:
        if not self.pupils:
            return None
        return round_half_up((100 if self.is_share else 1) * self.reached / self.pupils, SPARE)


@dataclass(slots=True)
class FloorMoves:
    """domain.md §2: newly at or above the floor, less newly below, over schools with both years; all the numbers are kept."""

    risen: list[int] = field(default_factory=list)
    fallen: list[int] = field(default_factory=list)
    above_before: int = 0
    above_now: int = 0
    compared: int = 0
    left_out: int = 0

    @property
    def net(self) -> int:
        return len(self.risen) - len(self.fallen)


@dataclass
class Line:
    """One cluster, phase or the authority: its years, and what its schools did about the floor."""

    key: str
    label: str
    years: dict[int, Together] = field(default_factory=dict)
    floor: FloorMoves | None = None

    def figure(self, year: int) -> Decimal | None:
        return self.years[year].figure if year in self.years else None


@dataclass(frozen=True, slots=True)
class Row:
    """A school's figure in one year, as roll-ups read it."""

    school_id: int
    year: int
    value: Decimal | None
    numerator: int | None
    cohort: int | None
    reason: str


def rows_of(schools: QuerySet[School], measures: Collection[str], years: Collection[int], group: str = "all") -> dict[str, list[Row]]:
    """The current results of some schools, by measure. One query."""
    found: dict[str, list[Row]] = defaultdict(list)
    rows = Result.objects.filter(
        measure__in=measures, academic_year__in=years, pupil_group=group, is_current=True, school__in=schools.order_by().values("pk")
    )
    columns = ("measure", "school_id", "academic_year", "value", "numerator", "cohort", "reason")
    for measure, *rest in rows.order_by().values_list(*columns).iterator(chunk_size=10_000):
        found[measure].append(Row(*rest))
    return found


def together(rows: Iterable[Row], measure: Measure) -> dict[int, Together]:
    """All of them, by year."""
    found: dict[int, Together] = {}
    for row in rows:
        found.setdefault(row.year, Together(is_share=measure.unit == "%")).add(row.value, row.numerator, row.cohort)
    return found


def floor_moves(rows: Iterable[Row], year: int, floor_now: Decimal, floor_before: Decimal, exempt: Collection[int] = ()) -> FloorMoves:
    """Each year against its own floor. A school that had none of the two years is not compared."""
    by_school: dict[int, dict[int, Row]] = defaultdict(dict)
    for row in rows:
        if row.school_id not in exempt:
            by_school[row.school_id][row.year] = row
    moves = FloorMoves()
    for pk, years in by_school.items():
        now, before = years.get(year), years.get(year - 1)
        if now is None or before is None or now.value is None or before.value is None:
            moves.left_out += 1
            continue
        moves.compared += 1
        is_now, was = now.value >= floor_now, before.value >= floor_before
        moves.above_now += is_now
        moves.above_before += was
        if is_now and not was:
            moves.risen.append(pk)
        elif was and not is_now:
            moves.fallen.append(pk)
    return moves


def roll_up(
    schools: QuerySet[School], part: MeasuresPart, measure: Measure, *, year: int, by: By, group: str = "all", back: int = 2
) -> tuple[Line, list[Line]]:
    """The whole, and its parts in alphabetical order. Two queries whatever the number of schools.

    ``schools`` are those that the person may see and the measure is for. Years ``year - back`` to ``year``.
    """
    places = {
        pk: (str(cluster or ""), name or "No cluster", phase)
        for pk, cluster, name, phase in schools.order_by().values_list("pk", "cluster_id", "cluster__name", "phase")
    }
    years = range(year - back, year + 1)
    rows = rows_of(schools, [measure.code], years, group)[measure.code]
    exempt = {pk for pk, place in places.items() if place[2] in part.floors_do_not_apply_to}
    labels = {phase.code: phase.label for phase in part.phases}

    def key_of(pk: int) -> tuple[str, str]:
        cluster, name, phase = places[pk]
        return (phase, labels.get(phase, phase)) if by is By.PHASE else (cluster, name)

    grouped: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        grouped[key_of(row.school_id)].append(row)
    floors = [measure.floor(summer) for summer in (year, year + 1)]

    def line(key: str, label: str, its: Sequence[Row]) -> Line:
        moves = floor_moves(its, year, floors[1].value, floors[0].value, exempt) if floors[0] and floors[1] and group == "all" else None
        return Line(key, label, together(its, measure), moves)

    parts = [line(key, label, its) for (key, label), its in sorted(grouped.items(), key=lambda item: item[0][1])]
    return line("", "All of them", rows), [] if by is By.AUTHORITY else parts


@dataclass(frozen=True, slots=True)
class Published:
    """A figure to set others against, and whether it was published, is the pack's, or was computed here from schools' rows."""

    value: Decimal
    origin: str
    release: str = ""


def published(
    authority: Authority, measures: Collection[Measure], years: Collection[int], group: str = "all"
) -> Mapping[tuple[str, str, int], Published]:
    """By level, measure and year: England, the authority and its targets, as published or supplied; else as the pack knows. One query."""
    found = of_pack(measures, years, group)
    rows = Comparator.objects.filter(
        authority=authority,
        measure__in=[measure.code for measure in measures],
        academic_year__in=years,
        pupil_group=group,
        place="",
        phase="",
        basis="",
        is_current=True,
        value__isnull=False,
    )
    for level, code, year, value, release in rows.values_list("level", "measure", "academic_year", "value", "release"):
        assert value is not None
        found[level, code, year] = Published(value, "published", release)
    return found


def of_pack(measures: Collection[Measure], years: Collection[int], group: str = "all") -> dict[tuple[str, str, int], Published]:
    """England's figures as the pack knows them, where nothing was imported. No query."""
    return {
        (Level.NATIONAL, measure.code, figure.summer - 1): Published(figure.value, f"pack, {figure.basis}")
        for measure in measures
        for figure in measure.national
        if figure.group == group and figure.summer - 1 in years
    }


def result_years(schools: QuerySet[School], measures: Collection[str]) -> list[int]:
    """The academic years for which any of these schools has a result of these measures, latest first."""
    rows = Result.objects.filter(school__in=schools.order_by().values("pk"), measure__in=measures, is_current=True)
    return sorted(rows.order_by().values_list("academic_year", flat=True).distinct(), reverse=True)


def for_measure(schools: QuerySet[Any], measure: Measure) -> QuerySet[Any]:
    return schools.filter(phase__in=measure.phases)
