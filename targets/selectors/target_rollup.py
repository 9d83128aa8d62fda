"""Targets of schools together: by cluster, by phase, the whole authority; from pupils, divided once (domain.md §5).

A target is a percentage of the pupils expected: it stands for that many pupils, so targets of several schools are those pupils over
the cohorts. What stands beside it (the last result, FFT D) is put together over the same schools, each over its own cohort.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from core.packs import PackContent
from schools.models import School
from targets.choices import ASIDE, DECIDED, EstimateKind, TargetState
from targets.models import Estimate, Result, Target
from targets.pack import Measure, measures_of, targets_of

from .rollup import By, Together
from .targets import SchoolLine

SUBMITTED: Final = TargetState.SUBMITTED
WHOLE_SCHOOL: Final = ("absence", "all")
"""Key stages of measures that count every pupil: weighed by the roll where no cohort is held."""


@dataclass
class TargetLine:
    """Some schools and one target. ``schools`` set it; of those, how far they are, and what their figures come to."""

    key: str
    label: str
    is_share: bool
    schools: int = 0
    decided: int = 0
    apart: int = 0
    late: int = 0
    aside: int = 0
    targets: Together = field(default_factory=Together)
    result: Together = field(default_factory=Together)
    estimate: Together = field(default_factory=Together)

    def __post_init__(self) -> None:
        for one in (self.targets, self.result, self.estimate):
            one.is_share = self.is_share

    @property
    def agreed(self) -> int:
        return self.decided - self.apart

    @property
    def without(self) -> int:
        """Schools whose figure is not in the sum: none proposed yet, or no cohort known."""
        return self.schools - self.targets.schools


@dataclass(frozen=True)
class Aim:
    """One measure by one summer, as the round has it."""

    measure: Measure
    summer: int
    is_statutory: bool

    @property
    def key(self) -> str:
        return f"{self.measure.code}.{self.summer}"


def aims_of(content: PackContent, year: int, on: dt.date) -> dict[str, Aim]:
    """What schools set in the round of an academic year, by key: statutory first, in the pack's order; what is withdrawn left out."""
    measures = {measure.code: measure for measure in measures_of(content).measures}
    found: dict[str, Aim] = {}
    sets = [one for one in targets_of(content).sets if one.set_in_academic_year == year and one.level == "school"]
    for one in sorted(sets, key=lambda one: not one.is_statutory):
        if one.withdrawn_on is None or one.withdrawn_on > on:
            for code in one.measures:
                aim = Aim(measures[code], one.summer, one.is_statutory)
                found.setdefault(aim.key, aim)
    return found


def phases_of(content: PackContent, year: int, aim: Aim) -> set[str]:
    """The phases of schools that set it in that round."""
    sets = [one for one in targets_of(content).sets if one.set_in_academic_year == year and one.summer == aim.summer]
    return {phase for one in sets if aim.measure.code in one.measures for phase in one.phases}


def rolled_targets(
    lines: Sequence[SchoolLine], aim: Aim, wanted: Mapping[int, bool], by: By, phases: Mapping[str, str]
) -> tuple[TargetLine, list[TargetLine]]:
    """The whole, and its parts in alphabetical order. Two queries besides those of ``lines`` (``selectors.targets.round_list``).

    ``wanted``: by school id, whether the school sets this target; ``phases`` their labels.
    """
    mine = [line for line in lines if wanted.get(line.school.pk)]
    ids = [line.school.pk for line in mine]
    results, estimates = _latest_results(ids, aim), _estimates(ids, aim)
    is_share = aim.measure.unit == "%"
    whole = TargetLine("", "All of them", is_share)
    parts: dict[tuple[str, str], TargetLine] = {}
    for line in mine:
        school = line.school
        key = _part(school, by, phases)
        part = parts.setdefault(key, TargetLine(*key, is_share))
        target = next((row for row in line.rows if row.key == aim.key), None)
        for one in (whole, part):
            _add(one, line, target, aim, results.get(school.pk), estimates.get(school.pk))
    return whole, [] if by is By.AUTHORITY else sorted(parts.values(), key=lambda one: one.label)


def _part(school: School, by: By, phases: Mapping[str, str]) -> tuple[str, str]:
    if by is By.PHASE:
        return school.phase, phases.get(school.phase, school.phase)
    return (str(school.cluster_id), school.cluster.name) if school.cluster else ("none", "No cluster")


def _add(one: TargetLine, line: SchoolLine, target: Target | None, aim: Aim, result: Any, estimate: Any) -> None:
    school = line.school
    one.schools += 1
    if target is not None and target.state in ASIDE:
        one.aside += 1
        one.schools -= 1
        return
    state = target.state if target is not None else TargetState.INDICATIVE
    one.decided += state in (*DECIDED, SUBMITTED)
    one.apart += target is not None and target.agreed is False
    one.late += aim.is_statutory and line.is_late and state not in (*DECIDED, SUBMITTED)
    cohort = target.cohort if target is not None and target.cohort else estimate.cohort if estimate is not None else None
    roll = school.roll if aim.measure.key_stage in WHOLE_SCHOOL else None
    if target is None or target.value is None or not (cohort or roll):
        return
    one.targets.add(target.value, None, cohort or roll)
    if result is not None:
        one.result.add(result.value, result.numerator, result.cohort or roll)
    if estimate is not None:
        one.estimate.add(estimate.value, estimate.numerator, estimate.cohort)


def _latest_results(ids: Sequence[int], aim: Aim) -> dict[int, Result]:
    rows = Result.objects.filter(
        school_id__in=ids, measure=aim.measure.code, pupil_group="all", is_current=True, academic_year__lt=aim.summer - 1
    )
    newest = rows.order_by("-academic_year").values_list("academic_year", flat=True)[:1]
    return {row.school_id: row for row in rows.filter(academic_year__in=newest)}


def _estimates(ids: Sequence[int], aim: Aim) -> dict[int, Estimate]:
    rows = Estimate.objects.filter(
        school_id__in=ids, measure=aim.measure.code, pupil_group="all", academic_year=aim.summer - 1, kind=EstimateKind.D
    )
    return {row.school_id: row for row in rows}


# ---------------------------------------------------------------- ambition against outcome (P10)


@dataclass(frozen=True)
class Ambition:
    """A school that set a target, had an estimate, and has its result: all in the measure's own unit."""

    school_id: int
    above_estimate: Decimal
    gain: Decimal
    is_met: bool


@dataclass
class Band:
    """Schools whose target lay so far above the estimate. ``gain`` is None where the band is too small to be told."""

    label: str
    schools: int = 0
    total: Decimal = Decimal(0)
    met: int = 0
    is_small: bool = False

    @property
    def gain(self) -> Decimal | None:
        return None if self.is_small or not self.schools else self.total / self.schools


@dataclass
class AmbitionPage:
    """``bands`` from the least ambitious; ``left_out`` lacked the target's estimate, the result before or the result after."""

    bands: list[Band]
    compared: int
    left_out: int
    is_small: bool

    @property
    def met(self) -> int:
        return sum(band.met for band in self.bands)

    @property
    def is_told(self) -> bool:
        return sum(1 for band in self.bands if band.gain is not None) > 1


def ambition(schools: Any, measure: Measure, summer: int, *, set_in: int, points: Decimal, smallest: int) -> AmbitionPage:
    """Do schools that aimed higher gain more? By how far each target lay above FFT B (else A), the mean gain from the result known when it
    was set (summer ``set_in``) to the result it was set for. Three queries.

    Ambition is measured from the estimate and not from the earlier result, since gain is: else the same number would stand on both
    sides and a low result would look like ambition. A band of fewer than ``smallest`` schools is joined with its neighbour; where
    fewer than two bands are left nothing is told.
    """
    turn = 1 if measure.is_higher_better else -1
    ids = schools.order_by().values("pk")
    targets = {
        row.school_id: row.value
        for row in Target.objects.filter(
            school_id__in=ids, measure=measure.code, summer=summer, pupil_group="all", value__isnull=False
        ).exclude(state__in=ASIDE)
        if row.value is not None
    }
    results: dict[int, dict[int, Decimal]] = defaultdict(dict)
    rows = Result.objects.filter(
        school_id__in=list(targets), measure=measure.code, pupil_group="all", is_current=True,
        academic_year__in=[summer - 1, set_in - 1], value__isnull=False,
    )  # fmt: skip
    for pk, year, value in rows.values_list("school_id", "academic_year", "value"):
        if value is not None:
            results[pk][year] = value
    estimates: dict[int, Decimal] = {}
    for pk, _, value in (
        Estimate.objects.filter(
            school_id__in=list(targets), measure=measure.code, pupil_group="all", academic_year=summer - 1,
            kind__in=[EstimateKind.A, EstimateKind.B], value__isnull=False,
        )
        .order_by("kind")
        .values_list("school_id", "kind", "value")
    ):  # fmt: skip
        assert value is not None
        estimates[pk] = value  # B after A
    found = [
        Ambition(
            pk,
            turn * (target - estimates[pk]),
            turn * (results[pk][summer - 1] - results[pk][set_in - 1]),
            turn * (results[pk][summer - 1] - target) >= 0,
        )
        for pk, target in targets.items()
        if pk in estimates and len(results[pk]) == 2
    ]
    bands = _bands(found, points)
    while len(bands) > 1 and (small := next((index for index, band in enumerate(bands) if band.schools < smallest), None)) is not None:
        other = small + 1 if small == 0 else small - 1
        low, high = sorted((small, other))
        bands[low : high + 1] = [_joined(bands[low], bands[high])]
    for band in bands:
        band.is_small = band.schools < smallest
    return AmbitionPage(bands, len(found), len(targets) - len(found), len(found) < smallest)


def _bands(found: Sequence[Ambition], points: Decimal) -> list[Band]:
    bands = [Band("Below the estimate"), Band(f"Up to {points} points above"), Band(f"More than {points} points above")]
    for one in found:
        band = bands[0 if one.above_estimate < 0 else 1 if one.above_estimate <= points else 2]
        band.schools += 1
        band.total += one.gain
        band.met += one.is_met
    return [band for band in bands if band.schools]


def _joined(low: Band, high: Band) -> Band:
    def lower(text: str) -> str:
        return text[:1].lower() + text[1:]

    return Band(f"{low.label}, or {lower(high.label)}", low.schools + high.schools, low.total + high.total, low.met + high.met)


__all__ = ["Aim", "Ambition", "AmbitionPage", "Band", "TargetLine", "aims_of", "ambition", "phases_of", "rolled_targets"]
