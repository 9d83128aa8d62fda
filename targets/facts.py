"""Facts of measures: ``CODE``, ``CODE.GROUP`` and ``CODE.SUFFIX`` of a pack's measures, for many schools at once (facts.toml).

*Latest* is the latest summer, before the day that is asked about, for which the authority holds any result of the measure; one
summer may be late, and then nobody's figure is newer than the last. A school without a figure in that summer is *unknown* and says
so; one too few to show is *suppressed*; one whose pupils are not of that age, or a floor where there is none, *does not apply*.

What is read stands in ``targets.summers``, what is told of it in ``targets.measured``, what a school is set against in
``targets.against``: columns of numbers (decisions/0056).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.facts import Answer, FactQuestion, Pooled
from people.packs import pack_for

from .pack import Measure, measures_of
from .wording import FactWords

if TYPE_CHECKING:
    from core.columns import Column

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


@dataclass(frozen=True, slots=True)
class Asked:
    """One code: its measure, its group of pupils, and what of it is asked."""

    code: str
    measure: Measure
    group: str
    suffix: str

    @property
    def groups(self) -> tuple[str, ...]:
        return GAPS.get(self.suffix, (self.group,))


def measure_facts(codes: Collection[str], question: FactQuestion) -> Mapping[str, Answer | Column | Pooled]:
    """The source ``"*"``: a code that names no measure of the pack is left out. Seven queries at most, whatever is asked."""
    pack = question.policy or pack_for(question.scope, question.on)
    if pack is None:
        return {}
    words = FactWords(pack.content)
    asked = []
    for code in codes:
        measure, group, suffix = words.split(code)
        if measure is not None:
            asked.append(Asked(code, measure, group or "all", suffix))
    if not asked:
        return {}
    from .measured import MeasureFacts

    return MeasureFacts(question, measures_of(pack.content), asked).answers()
