"""What a school is set against (facts.toml): the floor, England, the authority, similar schools. One value for many schools each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np
from django.db.models import Sum

from core.columns import Bits, Ints, Making, Places, Whole, whole_numbers
from core.facts import FactQuestion, FactValue, does_not_apply, figure, unknown
from core.numbers import round_half_up
from schools.models import RollCount

from .choices import Level
from .facts import Asked
from .models import Comparator, Result
from .pack import MeasuresPart
from .summers import PLACES, UNIT, Summers


@dataclass
class Against:
    question: FactQuestion
    part: MeasuresPart
    summers: Summers
    phases: Sequence[str]

    def of(self, one: Asked, latest: int) -> Callable[[Making, Bits], None]:
        say = {"floor": self._floor, "national": self._national, "la": self._authority, "similar": self._similar}[one.suffix]
        return lambda making, here: say(making, here, one, latest)

    @cached_property
    def is_exempt(self) -> Bits:
        """Schools to whose phase no floor applies."""
        return self._of_phases(self.part.floors_do_not_apply_to)

    def _of_phases(self, phases: Sequence[str]) -> Bits:
        return np.isin(np.array(self.phases, dtype=object), list(phases))

    def _by_phase(self, making: Making, here: Bits, value_of: Callable[[str], FactValue]) -> None:
        for phase in sorted(set(self.phases)):
            of_phase = here & self._of_phases([phase])
            if of_phase.any():
                making.say(of_phase, value_of(phase))

    def _floor(self, making: Making, here: Bits, one: Asked, latest: int) -> None:
        floor = one.measure.floor(latest + 1)
        none = does_not_apply("There is no floor for this measure in that summer.")
        making.say(here, figure(floor.value, source=floor.source) if floor else none)
        making.say(here & self.is_exempt, does_not_apply("Floors do not apply to this kind of school."))

    # ------------------------------------------------------------ England, the authority

    @cached_property
    def comparators(self) -> dict[tuple[str, str, str, int], dict[str, tuple[Decimal, int]]]:
        """Published figures by level, measure, group and year; then by group of phases."""
        found: dict[tuple[str, str, str, int], dict[str, tuple[Decimal, int]]] = defaultdict(dict)
        rows = Comparator.objects.filter(
            authority=self.question.scope,
            level__in=[Level.NATIONAL, Level.AUTHORITY],
            measure__in=self.summers.codes,
            academic_year__in=set(self.summers.latest.values()),
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

    def _published(self, level: str, one: Asked, latest: int, phase: str) -> FactValue | None:
        held = self.comparators.get((level, one.measure.code, one.group, latest), {})
        for group in (*self._groups_of(phase), ""):
            if group in held:
                value, source = held[group]
                title, dated, _ = self.summers.sources.get(source, ("", self.question.on, ""))
                return figure(value, source=title, on=dated, mark="published")
        return None

    def _groups_of(self, phase: str) -> list[str]:
        return [name for name, members in self.part.phase_groups.items() if phase in members]

    def _national(self, making: Making, here: Bits, one: Asked, latest: int) -> None:
        of_pack = next((found for found in one.measure.national if found.summer == latest + 1 and found.group == one.group), None)
        last = (
            figure(of_pack.value, source=of_pack.source, mark=of_pack.basis)
            if of_pack
            else unknown("No national figure is held for that summer.")
        )
        self._by_phase(making, here, lambda phase: self._published(Level.NATIONAL, one, latest, phase) or last)

    @cached_property
    def sums(self) -> dict[tuple[str, str, int, str], tuple[int, int]]:
        """Of the whole authority: pupils who reached it and pupils in it, by measure, group, year and phase of school."""
        rows = Result.objects.filter(
            school__authority=self.question.scope,
            measure__in=self.summers.codes,
            pupil_group__in={one.group for one in self.summers.asked},
            academic_year__in=set(self.summers.latest.values()),
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

    def _authority(self, making: Making, here: Bits, one: Asked, latest: int) -> None:
        self._by_phase(making, here, lambda phase: self._of_authority(one, latest, phase))

    def _of_authority(self, one: Asked, latest: int, phase: str) -> FactValue:
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
        return self._published(Level.AUTHORITY, one, latest, phase) or unknown("No figure of the authority is held for that summer.")

    # ------------------------------------------------------------ similar schools

    @cached_property
    def bands(self) -> tuple[Places, Ints]:
        """Schools of the whole authority with a January count, and the band of each: those of its group of phases in the same fifth by
        free school meals at the latest count. One query."""
        counts = RollCount.objects.filter(authority=self.question.scope, year__lte=self.question.on.year, fsm__isnull=False)
        latest: dict[int, tuple[str, int]] = {}
        for pk, phase, share in counts.order_by("year").values_list("school_id", "school__phase", Whole("fsm", 2)):
            latest[pk] = (phase, share)
        schools = sorted(latest)
        everybody, groups = Places(schools), dict[str, int]()
        group_of = {phase: (self._groups_of(phase) or [phase])[0] for phase in {phase for phase, _ in latest.values()}}
        group = np.array([groups.setdefault(group_of[latest[pk][0]], len(groups)) for pk in schools], dtype=np.int64)
        share = np.array([latest[pk][1] for pk in schools], dtype=np.int64)
        band = np.full(len(schools), -1, dtype=np.int64)
        order = np.lexsort((np.arange(len(schools)), share, group))
        fifths = self.part.similar_bands
        for number in range(len(groups)):
            members = order[group[order] == number]
            band[members] = number * fifths + np.arange(len(members)) * fifths // max(len(members), 1)
        return everybody, band

    @cached_property
    def of_everybody(self) -> dict[tuple[str, str], Ints]:
        """School and value in the latest summer, over the whole authority, of the measures that are held against similar schools."""
        similar = [one for one in self.summers.asked if one.suffix == "similar"]
        rows = Result.objects.filter(
            school__authority=self.question.scope,
            measure__in={one.measure.code for one in similar},
            pupil_group__in={one.group for one in similar},
            academic_year__in=set(self.summers.latest.values()),
            is_current=True,
            value__isnull=False,
        )
        found: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
        for measure, group, year, pk, value in rows.order_by().values_list(
            "measure", "pupil_group", "academic_year", "school_id", Whole("value", PLACES)
        ):
            if year == self.summers.latest.get(measure):
                found[measure, group].append((pk, value))
        return {key: whole_numbers(pairs, 2) for key, pairs in found.items()}

    def _similar(self, making: Making, here: Bits, one: Asked, latest: int) -> None:
        everybody, band = self.bands
        making.say(here, unknown("No January count says how many of its pupils are eligible for free school meals."))
        at = everybody.of(np.asarray(self.question.keys, dtype=np.int64))
        own = np.where(at >= 0, band[at], -1) if len(band) else np.full(here.size, -1)
        making.say(here & (own >= 0), unknown("Too few similar schools have a result."))
        pairs = self.of_everybody.get((one.measure.code, one.group), np.zeros((0, 2), dtype=np.int64))
        places = everybody.of(pairs[:, 0])
        of_pair = np.where(places >= 0, band[places], -1) if len(band) else places
        for which in np.unique(of_pair[of_pair >= 0]).tolist():
            values = np.sort(pairs[of_pair == which, 1])
            if len(values) >= self.part.similar_least:
                middle = int(values[(len(values) - 1) // 2]) + int(values[len(values) // 2])
                said = figure(Decimal(middle) / (2 * UNIT), source=f"median of {len(values)} similar schools", mark="computed")
                making.say(here & (own == which), said)
