"""How a scheme comes out for all its schools at once: the columns of its rules, and the few different verdicts that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.columns import NOT_KNOWN, TRUE, Bits

from .evaluation import CONCERN_OPEN, FEW_FACTS, HEAVIER_UNKNOWN, OUTSIDE, Evaluation, Verdict, Way
from .pack import CategoryOption, Scheme


def decide(evaluation: Evaluation) -> tuple[Sequence[Verdict], Sequence[int]]:
    """The different verdicts, and which of them each school has. What decides is put into one number a school: the truth of each
    level's rule, whether a lighter level is barred, how many facts are known."""
    compiled, table = evaluation.compiled, evaluation.table
    levels = evaluation.levels_with_rule
    number = len(table.keys)
    known = np.zeros(number, dtype=np.int64)
    for code in compiled.asked:
        known += table.column(code).is_figure
    bar = compiled.barred_below
    concern = table.column(CONCERN_OPEN) if bar else None
    barred = concern.compared(lambda one, other: one is other, True) & concern.is_figure if concern else np.zeros(number, dtype=np.bool_)
    key = known * 2 + barred
    for level in levels:
        key = key * 4 + compiled.level_rules[level.code].column(table)
    key[~_inside(evaluation)] = -1
    keys, index = np.unique(key, return_inverse=True)
    return [_verdict(compiled.scheme, levels, bar, one) for one in keys.tolist()], index.tolist()


def fires_for(evaluation: Evaluation) -> Mapping[str, int]:
    inside = _inside(evaluation)
    return {
        code: int(np.count_nonzero((rule.column(evaluation.table) == TRUE) & inside)) for code, rule in evaluation.compiled.rules.items()
    }


def _inside(evaluation: Evaluation) -> Bits:
    outside = set(evaluation.compiled.scheme.outside_phases)
    return np.fromiter((phase not in outside for phase in evaluation.phases), dtype=np.bool_, count=len(evaluation.phases))


def _verdict(scheme: Scheme, levels: Sequence[CategoryOption], bar: CategoryOption | None, key: int) -> Verdict:
    if key < 0:
        return OUTSIDE
    truths: list[int] = []
    for _ in levels:
        key, truth = divmod(key, 4)
        truths.insert(0, truth)
    known, is_barred = divmod(key, 2)
    level = next((level for level, truth in zip(levels, truths, strict=True) if truth == TRUE), scheme.level(scheme.otherwise))
    barred = bool(is_barred) and bar is not None and level.rank < bar.rank
    if barred and bar is not None:
        level = bar
    if known < scheme.minimum_facts:
        return Verdict(Way.PERSON, level, FEW_FACTS, barred, known)
    if any(truth == NOT_KNOWN and other.rank > level.rank for other, truth in zip(levels, truths, strict=True)):
        return Verdict(Way.PERSON, level, HEAVIER_UNKNOWN, barred, known)
    return Verdict(Way.SUGGESTED, level, "", barred, known)
