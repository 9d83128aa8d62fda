"""What is told of a measure, by suffix (facts.toml): the school's own results, made of the columns of ``targets.summers``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

import numpy as np

from core.calendar import AcademicYear
from core.columns import NOTHING, Bits, Column, Ints, Making, Whole, half_up, whole_numbers
from core.facts import Answer, FactQuestion, FactValue, Pooled, does_not_apply, figure, suppressed, unknown
from core.tabular.columns import DFE_CODES, Reason
from schools.facts import phases_of

from .against import Against
from .choices import STANDING
from .facts import DEPTH, ESTIMATES, GAPS, Asked
from .models import Estimate, Result, Target
from .pack import MeasuresPart
from .summers import PLACES, UNIT, Summer, Summers, pooled, years_of

POOLED: Final = "three years together"


@dataclass
class MeasureFacts:
    """The answers to one question. Where the question pools small cohorts, the facts that hang on it are told both ways."""

    question: FactQuestion
    part: MeasuresPart
    asked: Sequence[Asked]

    def __post_init__(self) -> None:
        self.summers = Summers(self.question, self.asked)
        self.against = Against(self.question, self.part, self.summers, self.phases)
        self.hidden_values: dict[tuple[str, str, int], FactValue] = {}

    @cached_property
    def phases(self) -> Sequence[str]:
        return phases_of(self.question)

    @cached_property
    def _phase_index(self) -> tuple[list[str], Ints]:
        found, index = np.unique(np.array(self.phases, dtype=object), return_inverse=True)
        return found.tolist(), index

    def answers(self) -> Mapping[str, Answer | Column | Pooled]:
        return {one.code: self._answer(one) for one in self.asked}

    def _answer(self, one: Asked) -> Answer | Column | Pooled:
        latest = self.summers.latest.get(one.measure.code)
        if one.suffix in ESTIMATES or one.suffix in ("target", "current", "target_missed_by"):
            return self._column(one, self._made_one_by_one(one, latest))
        if latest is None:
            return self._column(one, lambda making, here: None)
        if one.suffix in GAPS:
            return self._column(one, self._gap(one, latest))
        if one.suffix == "years_below_floor":
            return self._column(one, self._below_floor(one, latest))
        if one.suffix in ("floor", "national", "la", "similar"):
            return self._column(one, self.against.of(one, latest))
        make = HISTORIES[one.suffix]
        alone = self._column(one, make(self, one, latest, 0))
        if self.question.pooled_below and one.suffix in HANGS_ON_COHORT:
            return Pooled(alone, self._column(one, make(self, one, latest, self.question.pooled_below)))
        return alone

    def _column(self, one: Asked, make: Make) -> Column:
        """Who is not of the measure's phases first; ``make`` answers for the others, and leaves out whom it has nothing of."""
        making = Making(len(self.phases), self._missing(one))
        names, index = self._phase_index
        here = np.array([phase in one.measure.phases for phase in names], dtype=np.bool_)[index] if names else np.zeros(0, dtype=np.bool_)
        making.say(~here, does_not_apply(f"{one.measure.short_label} is not for this kind of school."))
        told = make(making, here)
        return making.column(*told) if told is not None else making.column()

    def _missing(self, one: Asked) -> FactValue:
        latest = self.summers.latest.get(one.measure.code)
        if latest is None:
            last = AcademicYear(self.summers.this_year - 1)
            return unknown(f"No results of {last} or the year before are held for {one.measure.short_label}.")
        return no_result(latest)

    # ------------------------------------------------------------ what is said of a row

    def shown(self, source: int, value: Any, *marks: str) -> FactValue:
        """A figure of a row, with its source and release."""
        title, dated, release = self.summers.sources.get(source, ("", self.question.on, ""))
        return figure(value, source=title, on=dated, mark=", ".join(part for part in (*marks, release) if part))

    def hidden(self, code: str, reason: str, source: int) -> FactValue:
        """Why a row has no value: too few to show, or another special value. The same object for the same reason and source."""
        key = (code, reason, source)
        if key not in self.hidden_values:
            title, dated, _ = self.summers.sources.get(source, ("", self.question.on, ""))
            means = DFE_CODES[code].meaning if code in DFE_CODES else reason.replace("_", " ")
            why = f"{means[:1].upper()}{means[1:]}."
            said = suppressed(why, source=title, on=dated) if reason == Reason.SUPPRESSED else unknown(why, source=title)
            self.hidden_values[key] = said
        return self.hidden_values[key]

    def say_hidden(self, making: Making, summer: Summer, where: Bits) -> None:
        for place in np.flatnonzero(where & summer.is_held & ~summer.is_known).tolist():
            making.say(place, self.hidden(*summer.why[place], int(summer.source[place])))

    # ------------------------------------------------------------ suffixes of two groups, of several summers' floors

    def _gap(self, one: Asked, latest: int) -> Make:
        first, second = (self.summers.of(one.measure.code, group, latest) for group in GAPS[one.suffix])

        def make(making: Making, here: Bits) -> Told:
            both = here & first.is_held & second.is_held
            making.count(both & first.is_known & second.is_known, (first.value - second.value)[both & first.is_known & second.is_known])
            self.say_hidden(making, second, both)
            self.say_hidden(making, first, both)
            return lambda place, value: self.shown(int(first.source[place]), value), UNIT

        return make

    def _below_floor(self, one: Asked, latest: int) -> Make:
        floors = {floor.summer - 1: floor.value for floor in one.measure.floors if floor.summer - 1 <= latest}
        floors = {year: floors[year] for year in sorted(floors, reverse=True)[:5] if year > latest - 5}

        def make(making: Making, here: Bits) -> Told | None:
            if not floors:
                making.say(here, does_not_apply("There has been no floor for this measure."))
                return None
            below, known, last = (np.zeros(here.size, dtype=np.int64) for _ in range(3))
            for year in sorted(floors):
                summer = self.summers.of(one.measure.code, one.group, year)
                over, under = (floors[year] * UNIT).as_integer_ratio()
                below += summer.is_known & (summer.value * under < over)
                known += summer.is_known
                last = np.where(summer.is_known, summer.source, last)
            making.count(here & (known > 0), below[here & (known > 0)])
            making.say(here & self.against.is_exempt, does_not_apply("Floors do not apply to this kind of school."))

            def tell(place: int, value: Any) -> FactValue:
                mark = "" if known[place] == len(floors) else f"of {known[place]} summers that are known"
                return self.shown(int(last[place]), int(value), mark)

            return tell, 1

        return make

    # ------------------------------------------------------------ estimates and targets, made one by one

    def _made_one_by_one(self, one: Asked, latest: int | None) -> Make:
        keys = self.question.keys

        def make(making: Making, here: Bits) -> None:
            for place in np.flatnonzero(here).tolist():
                value = read(place, keys[place])
                if value is not None:
                    making.say(place, value)

        read = {"target": self._target, "target_missed_by": self._missed, "current": self._tracked}.get(one.suffix, self._estimate)(
            one, latest
        )
        return make

    @cached_property
    def estimates(self) -> dict[tuple[str, str, str, int], tuple[Decimal | None, str, str, int]]:
        rows = Estimate.objects.filter(
            measure__in=self.summers.codes,
            academic_year=self.summers.this_year,
            kind__in={ESTIMATES[one.suffix] for one in self.asked if one.suffix in ESTIMATES},
            pupil_group__in={one.group for one in self.asked},
            school_id__in=self.question.subjects.order_by().values("pk"),
        ).order_by()
        names = ("measure", "pupil_group", "kind", "school_id", "value", "code", "reason", "source_id")
        return {(measure, group, kind, pk): (*rest,) for measure, group, kind, pk, *rest in rows.values_list(*names)}

    def _estimate(self, one: Asked, latest: int | None) -> Read:
        none = unknown(f"No {one.suffix[-1:].upper()} estimate for summer {self.summers.this_year + 1} is held.")

        def read(place: int, key: int) -> FactValue:
            row = self.estimates.get((one.measure.code, one.group, ESTIMATES[one.suffix], key))
            if row is None:
                return none
            value, code, reason, source = row
            title, dated, _ = self.summers.sources.get(source, ("", self.question.on, ""))
            return self.hidden(code, reason, source) if value is None else figure(value, source=title, on=dated)

        return read

    @cached_property
    def targets(self) -> dict[tuple[str, str, int, int], tuple[Decimal, str]]:
        rows = Target.objects.filter(
            measure__in=self.summers.codes,
            summer__in={self.summers.this_year + 1, *(year + 1 for year in self.summers.latest.values())},
            state__in=STANDING,
            value__isnull=False,
            school_id__in=self.question.subjects.order_by().values("pk"),
        ).order_by()
        names = ("measure", "pupil_group", "summer", "school_id", "value", "state")
        words = dict(Target._meta.get_field("state").flatchoices)
        return {
            (measure, group, summer, pk): (value, words[state]) for measure, group, summer, pk, value, state in rows.values_list(*names)
        }

    def _target(self, one: Asked, latest: int | None) -> Read:
        summer = self.summers.this_year + 1
        none = unknown(f"No target for summer {summer} is agreed.")

        def read(place: int, key: int) -> FactValue:
            found = self.targets.get((one.measure.code, one.group, summer, key))
            return figure(found[0], source=found[1]) if found else none

        return read

    def _missed(self, one: Asked, latest: int | None) -> Read:
        if latest is None:
            return lambda place, key: None
        results = self.summers.of(one.measure.code, one.group, latest)
        none = unknown(f"No target for summer {latest + 1} was agreed.")

        def read(place: int, key: int) -> FactValue | None:
            target = self.targets.get((one.measure.code, one.group, latest + 1, key))
            if target is None:
                return none
            if not results.is_held[place]:
                return None
            source = int(results.source[place])
            if not results.is_known[place]:
                return self.hidden(*results.why[place], source)
            short = target[0] - Decimal(int(results.value[place])) / UNIT
            return self.shown(source, short if one.measure.is_higher_better else -short)

        return read

    def _tracked(self, one: Asked, latest: int | None) -> Read:
        none = unknown("The portal holds no figure of the school's own tracking.")
        return lambda place, key: none


Told = tuple[Callable[[int, Any], FactValue], Any]
Make = Callable[[Making, Bits], Told | None]
Read = Callable[[int, int], FactValue | None]


def no_result(year: int) -> FactValue:
    return unknown(f"No result of {AcademicYear(year)} is held for this school.")


# ---------------------------------------------------------------- suffixes of a school's own results


def _latest(facts: MeasureFacts, one: Asked, latest: int, small: int) -> Make:
    now = facts.summers.of(one.measure.code, one.group, latest)

    def make(making: Making, here: Bits) -> Told:
        known = here & now.is_known
        making.count(known, now.value[known])
        facts.say_hidden(making, now, here)
        few = now.is_below(small) & here
        together = np.zeros(here.size, dtype=np.bool_)
        if few.any():
            summers = [facts.summers.of(one.measure.code, one.group, year) for year in years_of(latest)]
            value, is_sure = pooled(summers)
            together = few & is_sure & (np.sum([summer.is_held for summer in summers], axis=0) > 1)
            making.over[together] = value[together]

        def tell(place: int, value: Any) -> FactValue:
            mark = POOLED if together[place] else f"a cohort of {now.cohort[place]}" if few[place] else ""
            return facts.shown(int(now.source[place]), value, mark)

        return tell, UNIT

    return make


def _previous(facts: MeasureFacts, one: Asked, latest: int, small: int) -> Make:
    before = facts.summers.of(one.measure.code, one.group, latest - 1)

    def make(making: Making, here: Bits) -> Told:
        making.say(here & facts.summers.any_of(one.measure.code, one.group), no_result(latest - 1))
        known = here & before.is_known
        making.count(known, before.value[known])
        facts.say_hidden(making, before, here)
        return lambda place, value: facts.shown(int(before.source[place]), value), UNIT

    return make


def _change(years: int) -> History:
    def change(facts: MeasureFacts, one: Asked, latest: int, small: int) -> Make:
        now, then = (facts.summers.of(one.measure.code, one.group, year) for year in (latest, latest - years))

        def make(making: Making, here: Bits) -> Told:
            making.say(here & now.is_held, no_result(latest - years))
            known = here & now.is_known & then.is_known
            making.count(known, (now.value - then.value)[known])
            facts.say_hidden(making, then, here & now.is_held)
            facts.say_hidden(making, now, here & then.is_held)
            few = now.is_below(small)

            def tell(place: int, value: Any) -> FactValue:
                return facts.shown(int(now.source[place]), value, f"a cohort of {now.cohort[place]}" if few[place] else "")

            return tell, UNIT

        return make

    return change


def _mean(facts: MeasureFacts, one: Asked, latest: int, small: int) -> Make:
    summers = [facts.summers.of(one.measure.code, one.group, year) for year in years_of(latest)]

    def make(making: Making, here: Bits) -> Told:
        making.say(here & facts.summers.any_of(one.measure.code, one.group), unknown("Fewer than two of the three summers are known."))
        known = np.sum([summer.is_known for summer in summers], axis=0)
        value, is_sure = pooled(summers)
        total = np.sum([np.where(summer.is_known, summer.value, 0) for summer in summers], axis=0)
        value = np.where(is_sure, value, half_up(total, np.maximum(known, 1)))
        enough = here & (known > 1)
        making.count(enough, value[enough])
        source = summers[0].source
        for summer in summers[1:]:
            source = np.where(summer.is_known, summer.source, source)

        def tell(place: int, value: Any) -> FactValue:
            return facts.shown(int(source[place]), value, "" if is_sure[place] else "not weighted: a cohort is not known")

        return tell, UNIT

    return make


def _running(sign: int) -> History:
    def running(facts: MeasureFacts, one: Asked, latest: int, small: int) -> Make:
        summers = [facts.summers.of(one.measure.code, one.group, latest - far) for far in range(DEPTH["falls_running"] + 1)]
        now, before = summers[0], summers[1]

        def make(making: Making, here: Bits) -> Told:
            making.say(here & now.is_known, no_result(latest - 1))
            known = here & now.is_known & before.is_known
            found, goes_on = np.zeros(here.size, dtype=np.int64), known
            for after, first in pairwise(summers):
                goes_on = goes_on & after.is_known & first.is_known & ((after.value - first.value) * sign > 0)
                found += goes_on
            making.count(known, found[known])
            facts.say_hidden(making, now, here)
            return lambda place, value: facts.shown(int(now.source[place]), int(value)), 1

        return make

    return running


def _cohort(facts: MeasureFacts, one: Asked, latest: int, small: int) -> Make:
    now = facts.summers.of(one.measure.code, one.group, latest)

    def make(making: Making, here: Bits) -> Told:
        making.say(here & now.is_known, NOT_SAID)
        facts.say_hidden(making, now, here)
        known = here & now.is_held & (now.cohort != NOTHING)
        making.count(known, now.cohort[known])
        return lambda place, value: facts.shown(int(now.source[place]), int(value)), 1

    return make


def _end(name: str) -> History:
    """One end of the interval: the only figures that are read by a query of their own, of few measures."""

    def end(facts: MeasureFacts, one: Asked, latest: int, small: int) -> Make:
        now = facts.summers.of(one.measure.code, one.group, latest)

        def make(making: Making, here: Bits) -> Told:
            making.say(here & now.is_known, NOT_SAID)
            facts.say_hidden(making, now, here)
            at, value = ends_of(facts, one, latest, name)
            making.count(at[here[at]], value[here[at]])
            return lambda place, value: facts.shown(int(now.source[place]), value), UNIT

        return make

    return end


def ends_of(facts: MeasureFacts, one: Asked, latest: int, name: str) -> tuple[Ints, Ints]:
    """Places and values of one end of the intervals of a measure: one query for all the measures of which an end is asked."""
    kept = facts.question.kept
    if "intervals" not in kept:
        asked = [other for other in facts.asked if other.suffix in ("lower", "upper")]
        rows = Result.objects.filter(
            measure__in={other.measure.code for other in asked},
            academic_year__in=set(facts.summers.latest.values()),
            pupil_group__in={other.group for other in asked},
            is_current=True,
            lower__isnull=False,
        ).order_by()
        names = ("measure", "pupil_group", "academic_year", "school_id")
        found: dict[tuple[str, str, int], list[tuple[int, int, int]]] = {}
        for measure, group, year, *ends in facts.summers.of_subjects(rows).values_list(*names, *ENDS):
            found.setdefault((measure, group, year), []).append(tuple(ends))
        kept["intervals"] = {key: whole_numbers(ends, 3) for key, ends in found.items()}
    ends = kept["intervals"].get((one.measure.code, one.group, latest), np.zeros((0, 3), dtype=np.int64))
    at = facts.question.places.of(ends[:, 0])
    return at[at >= 0], ends[at >= 0][:, 1 if name == "lower" else 2]


ENDS: Final = (Whole("lower", PLACES), Whole("upper", PLACES))
NOT_SAID: Final = unknown("The source does not say.")
History = Callable[[MeasureFacts, Asked, int, int], Make]
HISTORIES: Final[Mapping[str, History]] = {
    "": _latest,
    "previous": _previous,
    "change_1y": _change(1),
    "change_3y": _change(3),
    "mean_3y": _mean,
    "falls_running": _running(-1),
    "rises_running": _running(1),
    "cohort": _cohort,
    "lower": _end("lower"),
    "upper": _end("upper"),
}
HANGS_ON_COHORT: Final = ("", "change_1y", "change_3y")
"""Suffixes whose value or mark is another where a small cohort is judged on three years."""
