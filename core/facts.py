"""Facts: named figures of a subject on one date, which rules, questions, flags and pages may ask for (domain.md §6).

A fact has four values: a figure; *unknown* (it should exist and does not yet, with why); *suppressed*; *does not apply*.
Each app registers the families of facts that it owns; a family is what stands before the first dot of a code
("inspection" of ``inspection.overall``). A source answers for many codes and for all subjects at once, in as many
queries as it has tables, never one a subject.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from django.db import models

from .registry import Registry

if TYPE_CHECKING:
    from .columns import Column, Places, Truths


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

    @property
    def keys(self) -> Sequence[int]:
        """The keys of the subjects, in the order of every column: one query, unless the asker has them."""
        if "keys" not in self.kept:
            self.kept["keys"] = list(self.subjects.order_by().values_list("pk", flat=True))
        found: Sequence[int] = self.kept["keys"]
        return found

    @property
    def places(self) -> Places:
        from .columns import Places

        if "places" not in self.kept:
            self.kept["places"] = Places(self.keys)
        found: Places = self.kept["places"]
        return found


@dataclass(frozen=True)
class Answer:
    """One code's values by subject, made one by one, where few subjects have one; the others have the value ``otherwise``."""

    values: Mapping[int, FactValue]
    otherwise: FactValue = NOT_HELD


@dataclass(frozen=True)
class Pooled:
    """One code's column, and the same with small cohorts judged on three years together."""

    alone: Column
    together: Column


FactSource = Callable[[frozenset[str], FactQuestion], Mapping[str, "Answer | Column | Pooled"]]
"""``(codes, question)`` → by code, the answers for every subject. A code that it does not know it leaves out."""

FACT_SOURCES: Registry[FactSource] = Registry("facts")
"""By family. ``"*"`` answers for the families that nobody registered: the measures, whose codes are the pack's."""

EVERY_OTHER: Final = "*"


def family(code: str) -> str:
    return code.partition(".")[0]


class FactTable:
    """What was asked for, by code, of the subjects that ``keys`` gives. A code that no source knows is unknown for everybody."""

    def __init__(
        self,
        answers: Mapping[str, Answer | Column | Pooled] | None = None,
        keys: Callable[[], Sequence[int]] = tuple,
        *,
        is_pooled: bool = False,
    ) -> None:
        self.answers = answers or {}
        self._keys = keys
        self.is_pooled = is_pooled
        self.asked: dict[int, Truths] = {}
        """The named rules that have been asked already, and how they came out."""
        self._columns: dict[str, Column] = {}

    @property
    def not_pooled(self) -> FactTable:
        """The same figures, each summer for itself."""
        return FactTable(self.answers, self._keys)

    @property
    def keys(self) -> Sequence[int]:
        return self._keys()

    def column(self, code: str) -> Column:
        """One fact of all subjects, in the order of the keys."""
        from .columns import of_answer

        if code not in self._columns:
            answer = self.answers.get(code, _NOBODY)
            if isinstance(answer, Pooled):
                answer = answer.together if self.is_pooled else answer.alone
            self._columns[code] = of_answer(answer, self.keys) if isinstance(answer, Answer) else answer
        return self._columns[code]

    @cached_property
    def _places(self) -> Mapping[int, int]:
        return {key: place for place, key in enumerate(self.keys)}

    def place(self, subject: int) -> int:
        """Where a subject stands. Raises KeyError."""
        return self._places[subject]

    def value(self, code: str, subject: int) -> FactValue:
        answer = self.answers.get(code, _NOBODY)
        if isinstance(answer, Answer):
            return answer.values.get(subject, answer.otherwise)
        place = self._places.get(subject)
        return NOT_HELD if place is None else self.column(code).told(place)

    def of(self, subject: int) -> Callable[[str], FactValue]:
        """The facts of one subject, as rules take them."""
        return lambda code: self.value(code, subject)


_NOBODY: Final = Answer({})


def gather(codes: Iterable[str], question: FactQuestion) -> FactTable:
    """Every asked fact of every subject."""
    asked: dict[str, set[str]] = {}
    for code in codes:
        own = family(code)
        asked.setdefault(own if own in FACT_SOURCES else EVERY_OTHER, set()).add(code)
    found: dict[str, Answer | Column | Pooled] = {}
    for source, of_it in asked.items():
        if source in FACT_SOURCES:
            found.update(FACT_SOURCES[source](frozenset(of_it), question))
    return FactTable(found, lambda: question.keys, is_pooled=question.pooled_below > 0)


def families() -> Iterator[str]:
    """The registered families, without the one for every other."""
    return (key for key, _ in FACT_SOURCES.items() if key != EVERY_OTHER)
