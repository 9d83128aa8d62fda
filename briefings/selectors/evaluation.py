"""The summary of an evaluation: after it is closed and from enough answers, question by question, never sheet by sheet."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from briefings.models import Evaluation, EvaluationBox


@dataclass(frozen=True)
class Rated:
    """One question on the scale: how often each value, in the order of the scale, and the mean (1 is the best)."""

    text: str
    counts: tuple[int, ...]
    mean: Decimal | None

    @property
    def answered(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class Summary:
    """``scale``: the words of each value. ``said``: per open question its answers, by the alphabet."""

    answered: int
    asked: int
    scale: tuple[str, ...]
    rated: tuple[Rated, ...]
    said: tuple[tuple[str, tuple[str, ...]], ...]


def why_not(evaluation: Evaluation, answered: int, on: dt.date) -> str:
    """Why nobody reads it: it is open, or too few have answered. Empty where it may be read."""
    if evaluation.is_open(on):
        return "It is open until then: nobody reads an answer before."
    if answered < evaluation.least:
        return f"Fewer than {evaluation.least} have answered, so the answers are not shown: they could be guessed at."
    return ""


def answered_of(evaluations: Sequence[Evaluation]) -> dict[int, int]:
    """Evaluation id → how many sheets lie in its box. One query."""
    boxes = EvaluationBox.objects.filter(evaluation__in=evaluations)
    return {box.evaluation_id: len(box.sheets) for box in boxes}


def summary_of(evaluation: Evaluation, asked: int, on: dt.date) -> Summary | None:
    """What was answered, or ``None`` while nobody may read it. One query."""
    sheets = EvaluationBox.objects.get(evaluation=evaluation).sheets
    if why_not(evaluation, len(sheets), on):
        return None
    values = [value for value, _ in evaluation.form["scale"]]
    rated = []
    for code, text in evaluation.form["items"]:
        found = Counter(sheet["ratings"][code] for sheet in sheets if code in sheet["ratings"])
        counts = tuple(found[value] for value in values)
        total = sum(value * number for value, number in found.items())
        mean = (Decimal(total) / sum(counts)).quantize(Decimal("0.1"), ROUND_HALF_UP) if sum(counts) else None
        rated.append(Rated(text, counts, mean))
    said = tuple(
        (text, tuple(sorted(sheet["words"][code] for sheet in sheets if sheet["words"].get(code))))
        for code, text in evaluation.form["open"]
    )
    return Summary(len(sheets), asked, tuple(label for _, label in evaluation.form["scale"]), tuple(rated), said)


def training_asked_for(evaluations: Sequence[Evaluation], on: dt.date) -> list[str]:
    """What people asked to be trained in, over evaluations that may be read, by the alphabet. One query."""
    found: list[str] = []
    by_id = {row.pk: row for row in evaluations}
    for box in EvaluationBox.objects.filter(evaluation__in=by_id):
        if not why_not(by_id[box.evaluation_id], len(box.sheets), on):
            found += [sheet["words"]["cpd"] for sheet in box.sheets if sheet["words"].get("cpd")]
    return sorted(found)
