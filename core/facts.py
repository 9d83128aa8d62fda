"""Facts: named figures of a subject on one date, which rules, questions, flags and pages may ask for (domain.md §6).

A fact has four values: a figure; *unknown* (it should exist and does not yet, with why); *suppressed*; *does not apply*.
Each app registers the families of facts that it owns; a family is what stands before the first dot of a code
("inspection" of ``inspection.overall``). A source answers for many codes and for all subjects at once, in as many
queries as it has tables, never one a subject.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from django.db import models

from .registry import Registry


class Standing(StrEnum):
    FIGURE = "figure"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    DOES_NOT_APPLY = "does not apply"


@dataclass(frozen=True, slots=True)
class FactValue:
    """One fact of one subject. ``value`` is an exact number, a text, a date, a boolean or a frozenset of texts, by the
    fact's type; ``why`` says why there is none; ``mark`` says what is special about it ("three years together")."""

    standing: Standing
    value: Any = None
    why: str = ""
    source: str = ""
    on: dt.date | None = None
    mark: str = ""

    @property
    def is_figure(self) -> bool:
        return self.standing is Standing.FIGURE


def figure(value: Any, *, source: str = "", on: dt.date | None = None, mark: str = "") -> FactValue:
    return FactValue(Standing.FIGURE, value, source=source, on=on, mark=mark)


def unknown(why: str, *, source: str = "") -> FactValue:
    return FactValue(Standing.UNKNOWN, why=why, source=source)


def suppressed(why: str, *, source: str = "", on: dt.date | None = None) -> FactValue:
    return FactValue(Standing.SUPPRESSED, why=why, source=source, on=on)


def does_not_apply(why: str = "") -> FactValue:
    return FactValue(Standing.DOES_NOT_APPLY, why=why)


NOT_HELD: Final = unknown("The portal holds no such figure.")

# ---------------------------------------------------------------- asking


@dataclass(frozen=True)
class FactQuestion:
    """Of whom and when. ``subjects`` are rows already in the asker's scope (their keys are what answers are keyed by);
    ``scope`` is whose policy applies (an authority); a figure of a cohort under ``pooled_below`` is to be of three years
    together, and marked."""

    subjects: models.QuerySet[Any]
    on: dt.date
    scope: Any
    pooled_below: int = 0
    policy: Any = None
    """The scope's policy, where the asker has it at hand: saves each source a query."""
    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What a source fetched for its answers and a page may show besides, by a name of the source's own."""


@dataclass(frozen=True)
class Answer:
    """One code's values by subject; a subject that is not there has the value ``otherwise``."""

    values: Mapping[int, FactValue]
    otherwise: FactValue = NOT_HELD

    def of(self, subject: int) -> FactValue:
        return self.values.get(subject, self.otherwise)


FactSource = Callable[[Collection[str], FactQuestion], Mapping[str, Answer]]
"""``(codes, question)`` → by code, the answers for every subject. A code that it does not know it leaves out."""

FACT_SOURCES: Registry[FactSource] = Registry("facts")
"""By family. ``"*"`` answers for the families that nobody registered: the measures, whose codes are the pack's."""

EVERY_OTHER: Final = "*"


def family(code: str) -> str:
    return code.partition(".")[0]


@dataclass(frozen=True)
class FactTable:
    """What was asked for: by code, an answer. A code that no source knows is unknown for everybody."""

    answers: Mapping[str, Answer] = field(default_factory=dict)

    def value(self, code: str, subject: int) -> FactValue:
        answer = self.answers.get(code)
        return answer.of(subject) if answer is not None else NOT_HELD

    def of(self, subject: int) -> Callable[[str], FactValue]:
        """The facts of one subject, as rules take them."""
        return lambda code: self.value(code, subject)


def gather(codes: Iterable[str], question: FactQuestion) -> FactTable:
    """Every asked fact of every subject."""
    asked: dict[str, set[str]] = {}
    for code in codes:
        own = family(code)
        asked.setdefault(own if own in FACT_SOURCES else EVERY_OTHER, set()).add(code)
    found: dict[str, Answer] = {}
    for source, of_it in asked.items():
        if source in FACT_SOURCES:
            found.update(FACT_SOURCES[source](frozenset(of_it), question))
    return FactTable(found)


def families() -> Iterator[str]:
    """The registered families, without the one for every other."""
    return (key for key, _ in FACT_SOURCES.items() if key != EVERY_OTHER)
