"""Inspections over schools: the latest of each, outcomes of a period, key issues, readiness. Set-based; scope is the caller's."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from django.db.models import Prefetch, QuerySet

from core.calendar import AcademicYear
from core.numbers import Rate
from schools.choices import PHASE_FAMILIES, InspectionKind, ReadinessState, family_of
from schools.models import Inspection, InspectionGrade, KeyIssue, Readiness, School
from schools.pack import Framework, Frameworks, InspectionPart, ReadinessItem, Theme


class IsInspection(Protocol):
    """What is asked of an inspection here: a row of the register, or what facts read of one."""

    @property
    def kind(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def category_left_on(self) -> dt.date | None: ...


Held = TypeVar("Held", bound=IsInspection)


def inspections_of(schools: QuerySet[School] | Sequence[int], on: dt.date, *, with_grades: bool = False) -> dict[int, list[Inspection]]:
    """By school, every inspection begun by ``on``, latest first. One query, and one for the grades."""
    rows = Inspection.objects.filter(school__in=schools, starts_on__lte=on).order_by("-starts_on", "kind")
    if with_grades:
        rows = rows.prefetch_related(Prefetch("grades", queryset=InspectionGrade.objects.order_by("pk")))
    found: dict[int, list[Inspection]] = defaultdict(list)
    for row in rows:
        found[row.school_id].append(row)
    return found


def latest_full(rows: Iterable[Held]) -> Held | None:
    """Of rows that stand latest first."""
    return next((row for row in rows if row.kind == InspectionKind.FULL), None)


def category_now(rows: Iterable[IsInspection], on: dt.date) -> str:
    """The code of the category in force that day, or nothing: the latest full inspection's, unless it has been left."""
    latest = latest_full(rows)
    if latest is None or not latest.category or (latest.category_left_on is not None and latest.category_left_on <= on):
        return ""
    return latest.category


# ---------------------------------------------------------------- outcomes of a period (P21)


@dataclass(frozen=True)
class OutcomeLine:
    """Inspections of one family of phases by grade; ``schools`` are how many schools they were of."""

    family: str
    counts: Mapping[int | None, int]
    total: int
    schools: int


@dataclass(frozen=True)
class Outcomes:
    """Counts under one framework. Those of two frameworks are never added up."""

    framework: Framework
    lines: tuple[OutcomeLine, ...]
    whole: OutcomeLine

    @property
    def grades(self) -> list[tuple[int | None, str]]:
        """The framework's grades in order, and "not judged" where there is any."""
        named: list[tuple[int | None, str]] = sorted(self.framework.grades.items())
        return [*named, *([(None, "Not judged")] if self.whole.counts.get(None) else [])]

    @property
    def heads(self) -> str:
        """The columns of the table of phases and grades."""
        return "|".join(["Phase", *(f"{label}:num" for _, label in self.grades), "All:num", "Schools:num:wide"])

    @property
    def table(self) -> list[dict[str, Any]]:
        """A row a family of phases, and all of them; each grade's count in the order of :attr:`grades`."""
        lines = [*self.lines, *([self.whole] if len(self.lines) > 1 else [])]
        names = {"": "All phases", "pru": "Pupil referral units"}
        return [
            {
                "label": names.get(line.family, line.family.capitalize()),
                "counts": [line.counts.get(grade, 0) for grade, _ in self.grades],
                "total": line.total,
                "schools": line.schools,
            }
            for line in lines
        ]


def outcomes(schools: QuerySet[School], frameworks: Frameworks, first: dt.date, last: dt.date) -> list[Outcomes]:
    """Full inspections that began between two days, both included, by framework, phase and grade. One query."""
    rows = (
        Inspection.objects.filter(school__in=schools, kind=InspectionKind.FULL, starts_on__range=(first, last))
        .order_by("starts_on")
        .values_list("framework", "starts_on", "school__phase", "overall", "school_id")
    )
    return _counted(((frameworks.of(code, on), phase, grade, school) for code, on, phase, grade, school in rows))


def standing(schools: QuerySet[School], frameworks: Frameworks, on: dt.date) -> list[Outcomes]:
    """Every open school by its latest full inspection; those of which none is held are not judged. Two queries."""
    phases = dict(schools.values_list("pk", "phase"))
    latest = {pk: latest_full(rows) for pk, rows in inspections_of(schools, on).items()}
    current = frameworks.on(on)
    rows = []
    for pk, phase in phases.items():
        row = latest.get(pk)
        rows.append((frameworks.of(row.framework, row.starts_on) if row else current, phase, row.overall if row else None, pk))
    return _counted(rows)


def _counted(rows: Iterable[tuple[Framework, str, int | None, int]]) -> list[Outcomes]:
    by_framework: dict[str, Framework] = {}
    counts: dict[str, dict[str, Counter[int | None]]] = defaultdict(lambda: defaultdict(Counter))
    schools: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for framework, phase, grade, school in rows:
        by_framework[framework.code] = framework
        for family in (family_of(phase), ""):
            counts[framework.code][family][grade] += 1
            schools[framework.code][family].add(school)
    found = []
    for code, framework in sorted(by_framework.items(), key=lambda pair: pair[1].starts_on):
        lines = {
            family: OutcomeLine(family, dict(count), count.total(), len(schools[code][family])) for family, count in counts[code].items()
        }
        ordered = tuple(lines[family] for family in PHASE_FAMILIES if family in lines)
        found.append(Outcomes(framework, ordered, lines[""]))
    return found


# ---------------------------------------------------------------- key issues (P22, P23)


@dataclass(frozen=True)
class ThemeLine:
    """A theme with the schools that were told it, each once, and how many issues they are."""

    theme: Theme
    schools: tuple[School, ...]
    issues: int


@dataclass(frozen=True)
class KeyIssues:
    """``lines`` most schools first. ``inspections`` of the period have issues held; ``without`` have none; ``uncoded`` issues
    belong to no theme yet."""

    lines: tuple[ThemeLine, ...]
    inspections: int
    without: int
    uncoded: int

    @property
    def top_ten(self) -> tuple[ThemeLine, ...]:
        """Without "other", which is no theme."""
        return tuple(line for line in self.lines if line.theme.code != "other")[:10]


def key_issues(schools: QuerySet[School], part: InspectionPart, first: dt.date, last: dt.date, family: str = "") -> KeyIssues:
    """What full inspections of the period told schools of a family of phases to improve. Two queries."""
    inspections = Inspection.objects.filter(school__in=schools, kind=InspectionKind.FULL, starts_on__range=(first, last))
    if family:
        inspections = inspections.filter(school__phase__in=PHASE_FAMILIES[family])
    total = inspections.count()
    by_theme: dict[str, dict[int, School]] = defaultdict(dict)
    issues: Counter[str] = Counter()
    covered = set()
    rows = KeyIssue.objects.filter(inspection__in=inspections).select_related("school__authority").order_by("school__name", "school__urn")
    for row in rows:
        covered.add(row.inspection_id)
        code = row.theme if not row.theme or part.theme(row.theme) else "other"
        issues[code] += 1
        by_theme[code].setdefault(row.school_id, row.school)
    lines = [ThemeLine(theme, tuple(by_theme[theme.code].values()), issues[theme.code]) for theme in part.themes if theme.code in by_theme]
    lines.sort(key=lambda line: (-len(line.schools), line.theme.rank))
    return KeyIssues(tuple(lines), len(covered), total - len(covered), issues[""])


# ---------------------------------------------------------------- readiness (P25)


@dataclass(frozen=True)
class ReadinessLine:
    """One item over schools: how many have it in place, of those that it is for; how many have said nothing."""

    item: ReadinessItem
    in_place: Rate
    partly: int
    not_yet: int
    unsaid: int


@dataclass
class SchoolReadiness:
    school: School
    items: tuple[ReadinessItem, ...]
    said: dict[str, Readiness] = field(default_factory=dict)

    @property
    def in_place(self) -> Rate:
        return Rate(sum(1 for item in self.items if self._is(item, ReadinessState.YES)), len(self.items))

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Each item with what was said of it and the state as a tag."""
        tones = {ReadinessState.YES: "done", ReadinessState.PARTLY: "work", ReadinessState.NO: "due"}
        found = []
        for item in self.items:
            row = self.said.get(item.code)
            words = row.get_state_display() if row else ""
            tag = (words[:1].upper() + words[1:], tones[ReadinessState(row.state)]) if row else None
            found.append({"item": item, "row": row, "tag": tag})
        return found

    @property
    def missing(self) -> list[ReadinessItem]:
        return [item for item in self.items if not self._is(item, ReadinessState.YES)]

    @property
    def missing_words(self) -> str:
        return f"{len(self.missing)} not in place"

    def _is(self, item: ReadinessItem, state: ReadinessState) -> bool:
        row = self.said.get(item.code)
        return row is not None and row.state == state


def readiness(schools: Sequence[School], part: InspectionPart, on: dt.date) -> list[SchoolReadiness]:
    """What each school has in place this academic year. One query."""
    found = {school.pk: SchoolReadiness(school, part.readiness_for(school.phase)) for school in schools}
    rows = Readiness.objects.filter(school__in=list(found), academic_year=AcademicYear.from_date(on).first).select_related("by")
    for row in rows:
        found[row.school_id].said[row.item] = row
    return list(found.values())


def readiness_lines(rows: Sequence[SchoolReadiness], part: InspectionPart) -> list[ReadinessLine]:
    """LA percentages: of the schools that each item is for."""
    found = []
    for item in part.readiness:
        states = Counter(row.said[item.code].state if item.code in row.said else "" for row in rows if item in row.items)
        total = states.total()
        if total:
            rate = Rate(states[ReadinessState.YES], total)
            found.append(ReadinessLine(item, rate, states[ReadinessState.PARTLY], states[ReadinessState.NO], states[""]))
    return found


def described(row: Inspection, frameworks: Frameworks) -> dict[str, Any]:
    """One inspection in words, for pages and exports: every grade under its own framework."""
    framework = frameworks.of(row.framework, row.starts_on)
    return {
        "row": row,
        "framework": framework,
        "overall": framework.grade(row.overall),
        "grades": [
            (framework.area(grade.area), framework.grade(grade.grade)) for grade in row.grades.all() if grade.area != "safeguarding"
        ],
        "category": framework.categories.get(row.category) or row.category.replace("-", " ").capitalize(),
    }
