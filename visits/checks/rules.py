"""What a check may ask of the policy: the pack's parts, the authority's switches, and the two shapes of an answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from core.packs import PackContent, Raw
from support.pack import CategoryOption, support_of
from targets.pack import MeasuresPart, TargetsPart, measures_of, targets_of

from ..pack import SEVERITIES, Check, ChecksPart, VisitsPart, VisitType, checks_of, cohesion_of, visits_of
from .snapshot import NoteSnapshot, SectionSnapshot

ALL, REQUIRED, TEXT, ROWS, JUDGEMENT = "*", "*required", "*text", "*rows", "*judgement"
_GROUPS: Final[Mapping[str, Callable[[SectionSnapshot], bool]]] = {
    ALL: lambda section: True,
    REQUIRED: lambda section: section.is_required,
    TEXT: lambda section: section.has_text_input,
    ROWS: lambda section: section.has_row_input,
    JUDGEMENT: lambda section: "judgement" in section.inputs,
}


@dataclass(frozen=True)
class Rules:
    """The policy that one note is checked by. ``checks`` are those switched on, worst first."""

    checks: tuple[Check, ...]
    part: ChecksPart
    visits: VisitsPart
    visit_type: VisitType
    measures: MeasuresPart
    targets: TargetsPart
    levels: Mapping[str, CategoryOption]
    dimensions: Mapping[str, str]
    grades_apart: int

    @classmethod
    def of(cls, content: PackContent, visit_type: str, on: dt.date, overrides: Raw | None = None) -> Rules:
        """The rules of a pack for a visit of this type on that day; ``overrides`` are the authority's own settings.

        ``checks_switched_on`` and ``checks_switched_off`` name checks; off wins. A check that blocks can be switched off
        like any other: the authority answers for it (domain.md §4). Raises KeyError for a visit type that the pack lacks.
        """
        part, visits = checks_of(content), visits_of(content)
        on_, off = (_codes(content.setting(name, overrides)) for name in ("checks_switched_on", "checks_switched_off"))
        switched = [check for check in part.checks if (check.is_on or check.code in on_) and check.code not in off]
        found = visits.visit_type(visit_type)
        return cls(
            checks=tuple(
                sorted(
                    (check for check in switched if not check.visit_types or visit_type in check.visit_types),
                    key=lambda check: SEVERITIES.index(check.severity),
                )
            ),
            part=part,
            visits=visits,
            visit_type=found,
            measures=measures_of(content),
            targets=targets_of(content),
            levels={level.code: level for level in support_of(content).categories_on(on)},
            dimensions={dimension.code: dimension.label for dimension in cohesion_of(content).dimensions},
            grades_apart=content.setting_int("grades_apart", overrides),
        )

    def terms(self, name: str) -> tuple[str, ...]:
        """A word list of the pack."""
        return self.part.lists[name]

    def grade(self, grade: int | None) -> str:
        """The grade in words, in small letters: "satisfactory"."""
        return self.visits.grades.get(grade, "").lower() if grade is not None else ""

    @cached_property
    def kinds_of(self) -> Mapping[str, tuple[Check, ...]]:
        """The checks in force by the kind of their test: a general check leaves to a special one what that one says better."""
        found: dict[str, list[Check]] = {}
        for check in self.checks:
            found.setdefault(check.kind, []).append(check)
        return {kind: tuple(checks) for kind, checks in found.items()}


def _codes(value: object) -> tuple[str, ...]:
    return tuple(str(code) for code in value) if isinstance(value, (list, tuple)) else ()


def covers(check: Check, section: SectionSnapshot) -> bool:
    """Whether a check looks at a section: by its code or its kind, and by the phase of the schools that it speaks of."""
    if check.phases and not any(phase in check.phases for phase in section.phases):
        return False
    return any(section.code == name or (name in _GROUPS and _GROUPS[name](section)) for name in check.sections)


@dataclass(frozen=True)
class Hit:
    """What a test found: the section (none for the whole note), the row within it, and the words of the message."""

    section: SectionSnapshot | None
    row: str = ""
    says: Mapping[str, object] = field(default_factory=dict)
    quote: str = ""
    severity: str = ""
    message: str = ""


@dataclass(frozen=True)
class Scope:
    """One check, about to look at one note. ``sections`` are those that it covers."""

    check: Check
    note: NoteSnapshot
    rules: Rules
    sections: tuple[SectionSnapshot, ...]

    def get(self, name: str, default: Any = None) -> Any:
        """A parameter of the test."""
        return self.check.test.get(name, default)

    def whole(self, name: str, default: int = 0) -> int:
        return int(self.get(name, default))

    def terms(self, name: str) -> tuple[str, ...]:
        """The word list that a parameter names; empty where the test has no such parameter."""
        found = self.get(name)
        return self.rules.terms(str(found)) if found is not None else ()


Run = Callable[[Scope], Iterator[Hit]]


@dataclass(frozen=True)
class Kind:
    """A kind of test: what it must and may be told, what its message may say, and what must be loaded for it.

    ``is_across``: what it finds in one section may come from looking at another that the check covers.
    """

    name: str
    run: Run
    needs: frozenset[str]
    takes: frozenset[str]
    says: frozenset[str]
    wants: frozenset[str]
    is_across: bool


KINDS: dict[str, Kind] = {}
"""Every kind that a pack may name, by name. Filled when ``visits.checks.kinds`` is imported, and then left alone."""


def kind(
    name: str,
    *,
    needs: Iterable[str] = (),
    takes: Iterable[str] = (),
    says: Iterable[str] = (),
    wants: Iterable[str] = (),
    is_across: bool = False,
) -> Callable[[Run], Run]:
    """Add a kind of test. ``needs`` and ``takes`` are parameters; ``wants`` what ``load`` must bring beyond the sections."""

    def add(run: Run) -> Run:
        if name in KINDS:
            raise ValueError(f"Two kinds of test are called {name!r}.")
        KINDS[name] = Kind(name, run, frozenset(needs), frozenset(needs) | frozenset(takes), frozenset(says), frozenset(wants), is_across)
        return run

    return add


def listed(words: Sequence[str]) -> str:
    """ "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
