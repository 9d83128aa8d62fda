"""Facts of measures: ``CODE``, ``CODE.GROUP`` and ``CODE.SUFFIX`` of a pack's measures, for many schools at once (facts.toml).

*Latest* is the latest summer, before the day that is asked about, for which the authority holds any result of the measure; one
summer may be late, and then nobody's figure is newer than the last. A school without a figure in that summer is *unknown* and says
so; one too few to show is *suppressed*; one whose pupils are not of that age, or a floor where there is none, *does not apply*.

Set-based: six queries at most, whatever the number of schools and codes, and each reads only the measures and summers that the
codes need (performance.md D: fetching costs more than deciding).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from statistics import median
from typing import Any, Final

from django.db.models import Max, Q, Sum

from core.calendar import AcademicYear
from core.facts import Answer, FactQuestion, FactValue, does_not_apply, figure, suppressed, unknown
from core.numbers import round_half_up
from core.tabular.columns import DFE_CODES, Reason
from people.packs import pack_for
from schools.facts import phases_of
from schools.models import RollCount

from .choices import STANDING, Level
from .models import Comparator, DataSource, Estimate, Result, Target
from .pack import Measure, MeasuresPart, measures_of
from .wording import FactWords

DEPTH: Final[Mapping[str, int]] = {
    "previous": 1,
    "change_1y": 1,
    "change_3y": 3,
    "mean_3y": 2,
    "falls_running": 5,
    "rises_running": 5,
    "years_below_floor": 4,
}
"""How many summers before the latest a suffix looks at."""

GAPS: Final[Mapping[str, tuple[str, str]]] = {
    "gap.girls_boys": ("girls", "boys"),
    "gap.nonfsm_fsm": ("nonfsm", "fsm"),
    "gap.noneal_eal": ("noneal", "eal"),
    "gap.nonsen_sen": ("nonsen", "sen"),
}
ESTIMATES: Final = {"estimate_a": "A", "estimate_b": "B", "estimate_d": "D"}
BANDS: Final = 5
"""Similar schools are those of the same phases in the same fifth by share of pupils eligible for free school meals."""
POOLED: Final = "three years together"


def measure_facts(codes: Collection[str], question: FactQuestion) -> Mapping[str, Answer]:
    """The source ``"*"``: a code that names no measure of the pack is left out."""
    pack = question.policy or pack_for(question.scope, question.on)
    if pack is None:
        return {}
    words = FactWords(pack.content)
    asked = []
    for code in codes:
        measure, group, suffix = words.split(code)
        if measure is not None:
            asked.append(_Asked(code, measure, group or "all", suffix))
    return _Facts(question, measures_of(pack.content), asked).answers() if asked else {}


@dataclass(frozen=True, slots=True)
class _Asked:
    code: str
    measure: Measure
    group: str
    suffix: str

    @property
    def groups(self) -> tuple[str, ...]:
        return GAPS.get(self.suffix, (self.group,))


@dataclass(slots=True)
class _Row:
    """A result as facts need it."""

    value: Decimal | None
    numerator: int | None
    cohort: int | None
    code: str
    reason: str
    lower: Decimal | None
    upper: Decimal | None
    release: str
    source_id: int


History = Mapping[int, _Row]
"""A school's results on one measure and group, by academic year."""


@dataclass
class _Facts:
    question: FactQuestion
    part: MeasuresPart
    asked: Sequence[_Asked]
    results: dict[tuple[str, str], dict[int, dict[int, _Row]]] = field(default_factory=lambda: defaultdict(dict))
    kept: dict[tuple[Any, ...], FactValue] = field(default_factory=dict)

    @cached_property
    def this_year(self) -> int:
        return AcademicYear.from_date(self.question.on).first

    @cached_property
    def phases(self) -> dict[int, str]:
        return phases_of(self.question)

    @cached_property
    def codes(self) -> set[str]:
        return {one.measure.code for one in self.asked}

    @cached_property
    def latest(self) -> dict[str, int]:
        """By measure, the academic year of the latest results that the authority holds: last year's, or the one before."""
        years = [self.this_year - 1, self.this_year - 2]
        rows = Result.objects.filter(
            school__authority=self.question.scope, measure__in=self.codes, academic_year__in=years, is_current=True
        )
        return dict(rows.order_by().values_list("measure").annotate(Max("academic_year")))

    @cached_property
    def sources(self) -> dict[int, tuple[str, dt.date]]:
        rows = DataSource.objects.filter(authority=self.question.scope).values_list("pk", "title", "dated")
        return {pk: (title, dated) for pk, title, dated in rows}

    # ------------------------------------------------------------ reading

    def _read(self) -> None:
        deepest = 2 if self.question.pooled_below else 0
        depth: dict[int, set[str]] = defaultdict(set)
        groups = set()
        for one in self.asked:
            depth[max(DEPTH.get(one.suffix, 0), deepest)].add(one.measure.code)
            groups |= set(one.groups)
        years = Q(pk__in=[])
        for far, codes in depth.items():
            for latest in {self.latest[code] for code in codes if code in self.latest}:
                named = [code for code in codes if self.latest.get(code) == latest]
                years |= Q(measure__in=named, academic_year__gte=latest - far, academic_year__lte=latest)
        rows = Result.objects.filter(years, is_current=True, pupil_group__in=groups)
        if self.question.subjects.query.where:  # "every school there is" needs no list of them
            rows = rows.filter(school_id__in=self.question.subjects.order_by().values("pk"))
        columns = ("school_id", "measure", "pupil_group", "academic_year")
        values = ("value", "numerator", "cohort", "code", "reason", "lower", "upper", "release", "source_id")
        found = self.results
        for school, measure, group, year, *row in rows.order_by().values_list(*columns, *values).iterator(chunk_size=10_000):
            of_school = found[measure, group].setdefault(school, {})
            of_school[year] = _Row(*row)

    # ------------------------------------------------------------ answering

    def answers(self) -> dict[str, Answer]:
        self._read()
        return {one.code: self._answer(one) for one in self.asked}

    def _answer(self, one: _Asked) -> Answer:
        away = does_not_apply(f"{one.measure.short_label} is not for this kind of school.")
        values: dict[int, FactValue] = {pk: away for pk, phase in self.phases.items() if phase not in one.measure.phases}
        here = [pk for pk in self.phases if pk not in values]
        values.update(self._of_suffix(one)(one, here))
        return Answer(values, self._missing(one))

    def _of_suffix(self, one: _Asked) -> Callable[[_Asked, Sequence[int]], Mapping[int, FactValue]]:
        if one.suffix in GAPS:
            return self._gap
        if one.suffix in ESTIMATES:
            return self._estimate
        return {
            "floor": self._floor,
            "years_below_floor": self._below_floor,
            "national": self._national,
            "la": self._authority,
            "similar": self._similar,
            "target": self._target,
            "target_missed_by": self._missed,
            "current": self._tracked,
        }.get(one.suffix, self._history)

    def _missing(self, one: _Asked) -> FactValue:
        latest = self.latest.get(one.measure.code)
        if latest is None:
            return unknown(f"No results of {AcademicYear(self.this_year - 1)} or the year before are held for {one.measure.short_label}.")
        return unknown(f"No result of {AcademicYear(latest)} is held for this school.")

    def _rows(self, one: _Asked, group: str = "") -> Mapping[int, History]:
        return self.results.get((one.measure.code, group or one.group), {})

    def _history(self, one: _Asked, schools: Sequence[int]) -> Mapping[int, FactValue]:
        latest = self.latest.get(one.measure.code)
        rows = self._rows(one)
        if latest is None:
            return {}
        make = HISTORIES[one.suffix]
        found = {}
        for pk in schools:
            history = rows.get(pk)
            if history is not None:
                value = make(self, history, latest)
                if value is not None:
                    found[pk] = value
        return found

    def shown(self, row: _Row, value: Any, *, mark: str = "") -> FactValue:
        """A figure of a row, with its source and release."""
        title, dated = self.sources.get(row.source_id, ("", self.question.on))
        release = "" if row.release == "final" else row.release
        return figure(value, source=title, on=dated, mark=", ".join(part for part in (mark, release) if part))

    def hidden(self, row: _Row) -> FactValue:
        """Why a row has no value: too few to show, or another special value. The same object for the same reason and source."""
        key = (row.code, row.reason, row.source_id)
        if key not in self.kept:
            title, dated = self.sources.get(row.source_id, ("", self.question.on))
            means = DFE_CODES[row.code].meaning if row.code in DFE_CODES else row.reason.replace("_", " ")
            why = f"{means[:1].upper()}{means[1:]}."
            self.kept[key] = suppressed(why, source=title, on=dated) if row.reason == Reason.SUPPRESSED else unknown(why, source=title)
        return self.kept[key]

    # ------------------------------------------------------------ suffixes that look beyond the school's own results

    def _gap(self, one: _Asked, schools: Sequence[int]) -> Mapping[int, FactValue]:
        latest = self.latest.get(one.measure.code, 0)
        first, second = (self._rows(one, group) for group in GAPS[one.suffix])
        found = {}
        for pk in schools:
            pair = [rows.get(pk, {}).get(latest) for rows in (first, second)]
            if pair[0] is not None and pair[1] is not None:
                found[pk] = self._difference(pair[0], pair[1])
        return found

    def _difference(self, row: _Row, less: _Row) -> FactValue:
        for each in (row, less):
            if each.value is None:
                return self.hidden(each)
        assert row.value is not None
        assert less.value is not None
        return self.shown(row, row.value - less.value)

    def _floor(self, one: _Asked, schools: Sequence[int]) -> Mapping[int, FactValue]:
        latest = self.latest.get(one.measure.code)
        if latest is None:
            return {}
        floor = one.measure.floor(latest + 1)
        none = does_not_apply("There is no floor for this measure in that summer.")
        exempt = does_not_apply("Floors do not apply to this kind of school.")
        said = figure(floor.value, source=floor.source) if floor else none
        return {pk: exempt if self.phases[pk] in self.part.floors_do_not_apply_to else said for pk in schools}

    def _below_floor(self, one: _Asked, schools: Sequence[int]) -> Mapping[int, FactValue]:
        latest = self.latest.get(one.measure.code)
        if latest is None:
            return {}
        floors = {floor.summer - 1: floor.value for floor in one.measure.floors if floor.summer - 1 <= latest}
        floors = {year: floors[year] for year in sorted(floors, reverse=True)[:5] if year > latest - 5}
        exempt = does_not_apply("Floors do not apply to this kind of school.")
        if not floors:
            exempt = does_not_apply("There has been no floor for this measure.")
            return dict.fromkeys(schools, exempt)
        rows, found = self._rows(one), {}
        for pk in schools:
            if self.phases[pk] in self.part.floors_do_not_apply_to:
                found[pk] = exempt
                continue
            known = {year: row for year, row in rows.get(pk, {}).items() if year in floors and row.value is not None}
            if known:
                below = sum(1 for year, row in known.items() if row.value is not None and row.value < floors[year])
                mark = "" if len(known) == len(floors) else f"of {len(known)} summers that are known"
                found[pk] = self.shown(known[max(known)], below, mark=mark)
        return found

    @cached_property
    def comparators(self) -> dict[tuple[str, str, str, int], dict[str, tuple[Decimal, int]]]:
        """Published figures by level, measure, group and year; then by group of phases."""
        found: dict[tuple[str, str, str, int], dict[str, tuple[Decimal, int]]] = defaultdict(dict)
        rows = Comparator.objects.filter(
            authority=self.question.scope,
            level__in=[Level.NATIONAL, Level.AUTHORITY],
            measure__in=self.codes,
            academic_year__in=set(self.latest.values()),
            basis="",
            is_current=True,
            value__isnull=False,
        )
        for level, measure, group, year, phase, value, source in rows.values_list(
            "level", "measure", "pupil_group", "academic_year", "phase", "value", "source_id"
        ):
            assert value is not None
            found[level, measure, group, year][phase] = (value, source)
        return found

    def _published(self, level: str, one: _Asked, phase: str) -> FactValue | None:
        latest = self.latest.get(one.measure.code, 0)
        held = self.comparators.get((level, one.measure.code, one.group, latest), {})
        for group in (*self._groups_of(phase), ""):
            if group in held:
                value, source = held[group]
                title, dated = self.sources.get(source, ("", self.question.on))
                return figure(value, source=title, on=dated, mark="published")
        return None

    def _groups_of(self, phase: str) -> list[str]:
        return [name for name, members in self.part.phase_groups.items() if phase in members]

    def _national(self, one: _Asked, schools: Sequence[int]) -> Mapping[int, FactValue]:
        latest = self.latest.get(one.measure.code)
        if latest is None:
            return {}
        of_pack = next((found for found in one.measure.national if found.summer == latest + 1 and found.group == one.group), None)
        last = (
            figure(of_pack.value, source=of_pack.source, mark=of_pack.basis)
            if of_pack
            else unknown("No national figure is held for that summer.")
        )
        by_phase = {phase: self._published(Level.NATIONAL, one, phase) or last for phase in set(self.phases.values())}
        return {pk: by_phase[self.phases[pk]] for pk in schools}

    @cached_property
    def sums(self) -> dict[tuple[str, str, int, str], tuple[int, int]]:
        """Of the whole authority: pupils who reached it and pupils in it, by measure, group, year and phase of school."""
        rows = Result.objects.filter(
            school__authority=self.question.scope,
            measure__in=self.codes,
            pupil_group__in={one.group for one in self.asked},
            academic_year__in=set(self.latest.values()),
            is_current=True,
            numerator__isnull=False,
        )
        columns = ("measure", "pupil_group", "academic_year", "school__phase")
        return {
            (measure, group, year, phase): (reached, cohort)
            for measure, group, year, phase, reached, cohort in rows.order_by()
            .values_list(*columns)
            .annotate(Sum("numerator"), Sum("cohort"))
        }

    def _authority(self, one: _Asked, schools: Sequence[int]) -> Mapping[int, FactValue]:
        latest = self.latest.get(one.measure.code)
        if latest is None:
            return {}
        by_phase = {phase: self._of_authority(one, latest, phase) for phase in set(self.phases.values())}
        return {pk: by_phase[self.phases[pk]] for pk in schools}

    def _of_authority(self, one: _Asked, latest: int, phase: str) -> FactValue:
        groups = self._groups_of(phase)
        alike = {other for group in groups for other in self.part.phase_groups[group]} or {phase}
        parts = [self.sums.get((one.measure.code, one.group, latest, other), (0, 0)) for other in alike]
        reached, cohort = sum(part[0] for part in parts), sum(part[1] for part in parts)
        if cohort and one.measure.unit == "%":
            return figure(
                round_half_up(Decimal(100 * reached) / cohort, 4),
                source=f"computed from {cohort:,} pupils of the authority's schools",
                mark="computed",
            )
        return self._published(Level.AUTHORITY, one, phase) or unknown("No figure of the authority is held for that summer.")

    @cached_property
    def bands(self) -> dict[int, tuple[str, int]]:
        """School → its group of phases and its fifth by free school meals, over the whole authority, at the latest January count."""
        rows = RollCount.objects.filter(school__authority=self.question.scope, year__lte=self.question.on.year, fsm__isnull=False)
        shares: dict[int, tuple[str, Decimal]] = {}
        for pk, phase, share in rows.order_by("year").values_list("school_id", "school__phase", "fsm"):
            shares[pk] = (phase, share)
        grouped: dict[str, list[tuple[Decimal, int]]] = defaultdict(list)
        for pk, (phase, share) in shares.items():
            grouped[(self._groups_of(phase) or [phase])[0]].append((share, pk))
        found = {}
        for group, members in grouped.items():
            members.sort()
            for place, (_, pk) in enumerate(members):
                found[pk] = (group, place * BANDS // len(members))
        return found

    @cached_property
    def of_everybody(self) -> dict[tuple[str, str], list[tuple[int, Decimal]]]:
        rows = Result.objects.filter(
            school__authority=self.question.scope,
            measure__in={one.measure.code for one in self.asked if one.suffix == "similar"},
            pupil_group__in={one.group for one in self.asked},
            academic_year__in=set(self.latest.values()),
            is_current=True,
            value__isnull=False,
        )
        found: dict[tuple[str, str], list[tuple[int, Decimal]]] = defaultdict(list)
        for measure, group, year, pk, value in rows.values_list("measure", "pupil_group", "academic_year", "school_id", "value"):
            if year == self.latest.get(measure):
                found[measure, group].append((pk, value))
        return found

    def _similar(self, one: _Asked, schools: Sequence[int]) -> Mapping[int, FactValue]:
        by_band: dict[tuple[str, int], list[Decimal]] = defaultdict(list)
        for pk, value in self.of_everybody.get((one.measure.code, one.group), ()):
            if pk in self.bands:
                by_band[self.bands[pk]].append(value)
        said = {
            band: figure(Decimal(median(values)), source=f"median of {len(values)} similar schools", mark="computed")
            for band, values in by_band.items()
            if len(values) >= 3
        }
        none = unknown("Too few similar schools have a result.")
        no_count = unknown("No January count says how many of its pupils are eligible for free school meals.")
        return {pk: said.get(self.bands[pk], none) if pk in self.bands else no_count for pk in schools}

    @cached_property
    def estimates(self) -> dict[tuple[str, str, str], dict[int, Any]]:
        rows = Estimate.objects.filter(
            measure__in=self.codes,
            academic_year=self.this_year,
            kind__in={ESTIMATES[one.suffix] for one in self.asked if one.suffix in ESTIMATES},
            pupil_group__in={one.group for one in self.asked},
            school_id__in=self.question.subjects.order_by().values("pk"),
        )
        found: dict[tuple[str, str, str], dict[int, Any]] = defaultdict(dict)
        for measure, group, kind, pk, *rest in rows.order_by().values_list(
            "measure", "pupil_group", "kind", "school_id", "value", "cohort", "code", "reason", "source_id"
        ):
            value, cohort, code, reason, source = rest
            found[measure, group, kind][pk] = _Row(value, None, cohort, code, reason, None, None, "final", source)
        return found

    def _estimate(self, one: _Asked, schools: Sequence[int]) -> Mapping[int, FactValue]:
        rows = self.estimates.get((one.measure.code, one.group, ESTIMATES[one.suffix]), {})
        none = unknown(f"No {one.suffix[-1:].upper()} estimate for summer {self.this_year + 1} is held.")
        return {
            pk: none if (row := rows.get(pk)) is None else self.hidden(row) if row.value is None else self.shown(row, row.value)
            for pk in schools
        }

    @cached_property
    def targets(self) -> dict[tuple[str, str, int], dict[int, Target]]:
        rows = Target.objects.filter(
            measure__in=self.codes,
            summer__in={self.this_year + 1, *(year + 1 for year in self.latest.values())},
            state__in=STANDING,
            value__isnull=False,
            school_id__in=self.question.subjects.order_by().values("pk"),
        )
        found: dict[tuple[str, str, int], dict[int, Target]] = defaultdict(dict)
        for row in rows:
            found[row.measure, row.pupil_group, row.summer][row.school_id] = row
        return found

    def _target(self, one: _Asked, schools: Sequence[int]) -> Mapping[int, FactValue]:
        rows = self.targets.get((one.measure.code, one.group, self.this_year + 1), {})
        none = unknown(f"No target for summer {self.this_year + 1} is agreed.")
        return {pk: figure(rows[pk].value, source=rows[pk].get_state_display()) if pk in rows else none for pk in schools}

    def _missed(self, one: _Asked, schools: Sequence[int]) -> Mapping[int, FactValue]:
        latest = self.latest.get(one.measure.code)
        if latest is None:
            return {}
        targets, results, found = self.targets.get((one.measure.code, one.group, latest + 1), {}), self._rows(one), {}
        none = unknown(f"No target for summer {latest + 1} was agreed.")
        for pk in schools:
            row, target = results.get(pk, {}).get(latest), targets.get(pk)
            if target is None:
                found[pk] = none
            elif row is not None:
                short = None if row.value is None or target.value is None else target.value - row.value
                found[pk] = self.hidden(row) if short is None else self.shown(row, short if one.measure.is_higher_better else -short)
        return found

    def _tracked(self, one: _Asked, schools: Sequence[int]) -> Mapping[int, FactValue]:
        none = unknown("The portal holds no figure of the school's own tracking.")
        return dict.fromkeys(schools, none)


# ---------------------------------------------------------------- suffixes of a school's own results


def _latest(facts: _Facts, history: History, latest: int) -> FactValue | None:
    row = history.get(latest)
    if row is None:
        return None
    if row.value is None:
        return facts.hidden(row)
    if facts.question.pooled_below and row.cohort is not None and row.cohort < facts.question.pooled_below:
        known = [history[year] for year in range(latest - 2, latest + 1) if year in history]
        pooled = pool(known)
        if pooled is not None and len(known) > 1:
            return facts.shown(row, pooled, mark=POOLED)
        return facts.shown(row, row.value, mark=f"a cohort of {row.cohort}")
    return facts.shown(row, row.value)


def pool(rows: Iterable[_Row]) -> Decimal | None:
    """Several summers as one cohort: the integers are summed where they are known, else values weighted by cohort."""
    rows = [row for row in rows if row.value is not None]
    if not rows or any(not row.cohort for row in rows):
        return None
    cohort = sum(row.cohort or 0 for row in rows)
    if all(row.numerator is not None for row in rows):
        return round_half_up(Decimal(100 * sum(row.numerator or 0 for row in rows)) / cohort, 4)
    return round_half_up(sum(((row.value or Decimal(0)) * (row.cohort or 0) for row in rows), Decimal(0)) / cohort, 4)


def _previous(facts: _Facts, history: History, latest: int) -> FactValue | None:
    row = history.get(latest - 1)
    if row is None:
        return unknown(f"No result of {AcademicYear(latest - 1)} is held for this school.")
    return facts.hidden(row) if row.value is None else facts.shown(row, row.value)


def _change(years: int) -> Callable[[_Facts, History, int], FactValue | None]:
    def change(facts: _Facts, history: History, latest: int) -> FactValue | None:
        now, then = history.get(latest), history.get(latest - years)
        if now is None:
            return None
        if then is None:
            return unknown(f"No result of {AcademicYear(latest - years)} is held for this school.")
        found = facts._difference(now, then)
        small = facts.question.pooled_below and now.cohort is not None and now.cohort < facts.question.pooled_below
        return facts.shown(now, found.value, mark=f"a cohort of {now.cohort}") if small and found.is_figure else found

    return change


def _mean(facts: _Facts, history: History, latest: int) -> FactValue | None:
    rows = [row for year in range(latest - 2, latest + 1) if (row := history.get(year)) is not None and row.value is not None]
    if len(rows) < 2:
        return unknown("Fewer than two of the three summers are known.")
    pooled = pool(rows)
    if pooled is not None:
        return facts.shown(rows[-1], pooled)
    mean = round_half_up(sum((row.value or Decimal(0) for row in rows), Decimal(0)) / len(rows), 4)
    return facts.shown(rows[-1], mean, mark="not weighted: a cohort is not known")


def _running(sign: int) -> Callable[[_Facts, History, int], FactValue | None]:
    def count(facts: _Facts, history: History, latest: int) -> FactValue | None:
        now = history.get(latest)
        if now is None:
            return None
        if now.value is None:
            return facts.hidden(now)
        before = history.get(latest - 1)
        if before is None or before.value is None:
            return unknown(f"No result of {AcademicYear(latest - 1)} is held for this school.")
        found, year = 0, latest
        while (after := history.get(year)) and (first := history.get(year - 1)):
            if after.value is None or first.value is None or (after.value - first.value) * sign <= 0:
                break
            found, year = found + 1, year - 1
        return facts.shown(now, found)

    return count


def _part(name: str) -> Callable[[_Facts, History, int], FactValue | None]:
    def part(facts: _Facts, history: History, latest: int) -> FactValue | None:
        row = history.get(latest)
        if row is None:
            return None
        value = getattr(row, name)
        if value is None:
            return facts.hidden(row) if row.value is None else unknown("The source does not say.")
        return facts.shown(row, value)

    return part


HISTORIES: Final[Mapping[str, Callable[[_Facts, History, int], FactValue | None]]] = {
    "": _latest,
    "previous": _previous,
    "change_1y": _change(1),
    "change_3y": _change(3),
    "mean_3y": _mean,
    "falls_running": _running(-1),
    "rises_running": _running(1),
    "cohort": _part("cohort"),
    "lower": _part("lower"),
    "upper": _part("upper"),
}
