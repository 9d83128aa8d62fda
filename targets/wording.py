"""Facts and rules in words: the label of a fact, its figure with its unit, a comparison as a sentence.

"Level 4 in English and mathematics: 48%, below the floor of 55%." Facts are defined in the pack; codes such as
``ks2.l4_en_ma.change_3y`` are a measure, perhaps a group of pupils, perhaps a suffix.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from core.components.formats import day
from core.facts import FactValue, Standing
from core.numbers import format_change, format_number
from core.packs import PackContent
from core.rules import Compared

from .choices import Release
from .pack import Measure, facts_of, measures_of


def source_words(title: str, release: str, dated: dt.date | None) -> str:
    """Source, release and day of a figure; the release is said once, also where the title names it."""
    said = Release(release).label if release in Release.values else ""
    return ", ".join(filter(None, (title, "" if said in title.lower() else said, day(dated))))


SUFFIXES: Final[Mapping[str, str]] = {
    "previous": "the summer before",
    "change_1y": "change on the summer before",
    "change_3y": "change over three summers",
    "mean_3y": "three summers together",
    "falls_running": "summers running that it has fallen",
    "rises_running": "summers running that it has risen",
    "years_below_floor": "summers below the floor, of the latest five",
    "floor": "the floor",
    "national": "national",
    "la": "authority",
    "similar": "similar schools",
    "estimate_b": "FFT type B estimate",
    "estimate_d": "FFT type D estimate",
    "target": "target",
    "target_missed_by": "target missed by",
    "current": "the school's own tracking",
    "cohort": "pupils",
    "lower": "lower end of the interval",
    "upper": "upper end of the interval",
    "gap.girls_boys": "girls less boys",
    "gap.nonfsm_fsm": "gap, free school meals",
    "gap.noneal_eal": "gap, English as an additional language",
    "gap.nonsen_sen": "gap, special educational needs",
}
AGAINST: Final[Mapping[str, str]] = {"la": "the authority’s figure", "national": "the national figure"}
"""What a figure is held against, in the middle of a sentence, where it is not the suffix's own words."""
COUNTS: Final = ("falls_running", "rises_running", "years_below_floor", "cohort")
CHANGES: Final = ("change_1y", "change_3y", "target_missed_by")
IN_WORDS: Final[Mapping[str, str]] = {
    "<": "below",
    "<=": "at or below",
    ">": "above",
    ">=": "at or above",
    "==": "is",
    "!=": "is not",
    "in": "is one of",
    "not in": "is none of",
    "has": "includes",
    "known": "is known",
    "unknown": "is not known",
}


@dataclass(frozen=True)
class FactWords:
    """The words of one pack's facts."""

    content: PackContent

    @cached_property
    def _measures(self) -> Mapping[str, Measure]:
        return {measure.code: measure for measure in measures_of(self.content).measures}

    @cached_property
    def _groups(self) -> Mapping[str, str]:
        return {group.code: group.label for group in measures_of(self.content).groups}

    def split(self, code: str) -> tuple[Measure | None, str, str]:
        """A code as measure, group of pupils and suffix; no measure for a fact of a school."""
        parts = code.split(".")
        for size in range(len(parts), 1, -1):
            measure = self._measures.get(".".join(parts[:size]))
            if measure is not None:
                rest = parts[size:]
                group = rest.pop(0) if rest and rest[0] in self._groups else ""
                return measure, group, ".".join(rest)
        return None, "", ""

    def label(self, code: str) -> str:
        """What a person calls it; the code itself where nothing defines it."""
        measure, group, suffix = self.split(code)
        if measure is None:
            facts = facts_of(self.content)
            entry = facts.school.get(code) or facts.target.get(code)
            return entry.definition if entry else code
        words = [measure.label, self._groups.get(group, ""), SUFFIXES.get(suffix, suffix)]
        return ", ".join(word for word in words if word)

    def figure(self, code: str, value: FactValue | Any) -> str:
        """A value with its unit, or in words why there is none."""
        if isinstance(value, FactValue):
            if not value.is_figure:
                named = {Standing.UNKNOWN: "not known", Standing.SUPPRESSED: "suppressed"}.get(value.standing, "does not apply")
                return f"{named} ({value.why})" if value.why else named
            shown = self.figure(code, value.value)
            return f"{shown} ({value.mark})" if value.mark else shown
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, dt.date):
            return day(value)
        if isinstance(value, frozenset | set | tuple | list):
            return ", ".join(self.figure(code, part) for part in (sorted(value) if isinstance(value, frozenset | set) else value)) or "none"
        if isinstance(value, int | Decimal):
            return self._number(code, Decimal(value))
        return str(value).replace("-", " ") if code.startswith("inspection.") else str(value)  # a code in words

    def _number(self, code: str, value: Decimal, finer: int = 0) -> str:
        measure, _, suffix = self.split(code)
        if measure is not None:
            if suffix in COUNTS:
                return format_number(value)
            show = format_change if suffix in CHANGES or suffix.startswith("gap.") else format_number
            places = max(measure.decimals, 1) if show is format_change and value != value.to_integral_value() else measure.decimals
            places += finer
            unit = " points" if show is format_change else "%" if measure.unit == "%" else ""
            return f"{show(value, places)}{unit}"
        facts = facts_of(self.content)
        entry = facts.school.get(code) or facts.target.get(code)
        places = 0 if value == value.to_integral_value() else 1
        kind = entry.type if entry else "number"
        if kind == "pounds":
            return f"£{format_number(value)}" if value >= 0 else f"−£{format_number(-value)}"
        return f"{format_number(value, places)}%" if kind == "percent" else format_number(value, places)

    def compared(self, found: Compared) -> str:
        """One comparison as a sentence without its stop: what the figure is, and what it was held against."""
        leaf = found.leaf
        said = f"{self.label(leaf.fact)}: {self.figure(leaf.fact, found.left)}"
        if leaf.op in ("known", "unknown") or not found.left.is_figure:
            return said
        if found.right is not None:
            suffix = self.split(leaf.than)[2]
            named = AGAINST.get(suffix) or SUFFIXES.get(suffix) or self.label(leaf.than)
            mark = f", {found.right.mark}" if found.right.mark else ""
            shown, other = self.figure(leaf.fact, found.left.value), self.figure(leaf.than, found.right.value)
            if shown == other and isinstance(found.left.value, Decimal) and found.left.value != found.right.value:
                # alike once rounded, and yet held one against the other: a decimal more says which is which
                finer = self._number(leaf.fact, found.left.value, 1)
                said, other = said.replace(shown, finer, 1), self._number(leaf.than, Decimal(found.right.value), 1)
            against = f"{named}, {other}{mark}"
            if leaf.plus:
                against += f" {format_change(leaf.plus, 0 if leaf.plus == leaf.plus.to_integral_value() else 1)}"
            return f"{said} ({self._held(leaf.op)} {against})"
        return f"{said} ({self._held(leaf.op)} {self.figure(leaf.fact, leaf.value)})"

    @staticmethod
    def _held(op: str) -> str:
        return f"the rule asks: {IN_WORDS[op]}"
