"""The parts of a pack that ``schools`` owns: inspection (frameworks, themes of key issues, readiness) and finance (thresholds, flags).

Grades belong to a framework and a framework to its dates; those of two frameworks are never set against each other.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, cast

from core.packs import PackContent, PackSection, Problems, Table

NEEDED_SETTINGS: Final = {"static_roll_percent": "decimal", "priority_recent_days": "whole", "priority_falls_running": "whole"}

# ---------------------------------------------------------------- inspection


@dataclass(frozen=True)
class Framework:
    """Under which inspectors judged between two days. ``grades`` by number, ``categories`` and ``judgements`` by code."""

    code: str
    label: str
    starts_on: dt.date
    ends_on: dt.date | None
    grades: Mapping[int, str]
    categories: Mapping[str, str] = field(default_factory=dict)
    judgements: Mapping[str, str] = field(default_factory=dict)
    overall: str = "Overall effectiveness"

    def grade(self, grade: int | None) -> str:
        """A grade in this framework's own word; "not judged" where there is none."""
        return "not judged" if grade is None else self.grades.get(grade, f"grade {grade}")

    def area(self, code: str) -> str:
        return self.judgements.get(code) or AREAS.get(code) or code.replace("_", " ").capitalize()

    def number(self, word: str) -> int | None:
        """The grade that a word means in this framework."""
        wanted = word.strip().casefold()
        return next((number for number, label in self.grades.items() if label.casefold() == wanted), None)


FOUR: Final = {1: "Outstanding", 2: "Good", 3: "Satisfactory", 4: "Inadequate"}
IMPROVE: Final = FOUR | {3: "Requires improvement"}
AREAS: Final = {
    "capacity": "Capacity to make further improvement",
    "early_years": "Early years",
    "achievement": "Achievement and standards",
    "personal": "Personal development and well-being",
    "teaching": "Teaching and learning",
    "curriculum": "Curriculum and other activities",
    "care": "Care, guidance and support",
    "leadership": "Leadership and management",
    "quality": "Quality of education",
    "behaviour": "Behaviour and attitudes",
    "development": "Personal development",
    "safeguarding": "Safeguarding is effective",
    "sixth_form": "Sixth form",
}
_SECTION_5: Final = {"special-measures": "Special measures", "notice-to-improve": "Notice to improve"}
_SINCE_2012: Final = {"special-measures": "Special measures", "serious-weaknesses": "Serious weaknesses"}

NATIONAL: Final[tuple[Framework, ...]] = (
    Framework("2005", "Section 5 inspection, framework of September 2005", dt.date(2005, 9, 1), dt.date(2009, 8, 31), FOUR, _SECTION_5),
    Framework("2009", "Section 5 inspection, framework of September 2009", dt.date(2009, 9, 1), dt.date(2012, 8, 31), FOUR, _SECTION_5),
    Framework("2012", "Section 5 inspection, framework of September 2012", dt.date(2012, 9, 1), dt.date(2015, 8, 31), IMPROVE, _SINCE_2012),
    Framework("2015", "Common inspection framework, September 2015", dt.date(2015, 9, 1), dt.date(2019, 8, 31), IMPROVE, _SINCE_2012),
    Framework("2019", "Education inspection framework, September 2019", dt.date(2019, 9, 1), None, IMPROVE, _SINCE_2012),
)
"""What holds where a pack says nothing of a day: published files reach beyond the years of any one pack. 3 was
*satisfactory* until August 2012 and is *requires improvement* since."""


@dataclass(frozen=True)
class Frameworks:
    """The frameworks of a pack, and the national ones for the days that it leaves open."""

    rows: tuple[Framework, ...] = NATIONAL

    def on(self, day: dt.date) -> Framework:
        """The framework of that day; for a day before all of them the first."""
        for row in self.rows:
            if row.starts_on <= day and (row.ends_on is None or day <= row.ends_on):
                return row
        return self.rows[0] if day < self.rows[0].starts_on else self.rows[-1]

    def of(self, code: str, day: dt.date) -> Framework:
        """By its code, as a row names it; by the day where nobody knows the code."""
        return next((row for row in self.rows if row.code == code), None) or self.on(day)


@dataclass(frozen=True)
class Theme:
    """What key issues are coded to (P22, P23). ``words`` help the person who codes."""

    code: str
    rank: int
    label: str
    short_label: str
    words: tuple[str, ...]
    area: str

    def fits(self, text: str) -> bool:
        return any(word in text.casefold() for word in self.words)


@dataclass(frozen=True)
class ReadinessItem:
    """One thing that inspectors will ask for (P25). ``phases`` empty: every school."""

    code: str
    text: str
    evidence: str
    phases: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class InspectionPart:
    cycle_starts_on: dt.date
    report_to: dt.date
    cycle_label: str
    frameworks: Frameworks
    themes: tuple[Theme, ...]
    readiness: tuple[ReadinessItem, ...]

    def theme(self, code: str) -> Theme | None:
        return next((theme for theme in self.themes if theme.code == code), None)

    def readiness_for(self, phase: str) -> tuple[ReadinessItem, ...]:
        return tuple(item for item in self.readiness if not item.phases or phase in item.phases)

    def suggest(self, text: str) -> str:
        """The theme whose words the text uses first, in the order of the pack; a person decides. Empty where none fits."""
        return next((theme.code for theme in self.themes if theme.fits(text)), "")


def inspection_of(content: PackContent) -> InspectionPart:
    return cast(InspectionPart, content.section("inspection"))


def parse_inspection(table: Table) -> InspectionPart:
    cycle = table.table("cycle")
    rows = [_framework(entry) for entry in table.tables("framework", least=1)]
    for entry in table.tables("monitoring"):
        entry.text("label")
        entry.texts("outcomes")
        entry.ignore("code")
    themes = tuple(
        Theme(
            entry.text("code"),
            entry.whole("rank", least=1),
            entry.text("label"),
            entry.text("short_label"),
            entry.texts("words", ()),
            entry.text("area", ""),
        )
        for entry in _themes(table)
    )
    readiness = tuple(
        ReadinessItem(entry.text("code"), entry.text("text"), entry.text("evidence"), entry.texts("phases", ()), entry.text("source"))
        for entry in table.tables("readiness")
    )
    rows.sort(key=lambda row: row.starts_on)
    last = max((row.ends_on or dt.date.max for row in rows), default=dt.date.min)
    later = [row for row in NATIONAL if row.starts_on > last]
    return InspectionPart(
        cycle.date("starts_on"),
        cycle.date("report_to"),
        cycle.text("label"),
        Frameworks((*rows, *later)),
        tuple(sorted(themes, key=lambda theme: theme.rank)),
        readiness,
    )


def _themes(table: Table) -> Sequence[Table]:
    entries = table.tables("theme", least=1)
    for entry in entries:
        entry.ignore("kent_2008")
    return entries


def _framework(entry: Table) -> Framework:
    entry.ignore("changes")
    overall = entry.table("overall")
    overall.ignore("code")
    return Framework(
        code=entry.text("code"),
        label=entry.text("label"),
        starts_on=entry.date("from"),
        ends_on=entry.optional_date("to"),
        grades={row.whole("grade", least=0, most=9): row.text("label") for row in entry.tables("grades", name=None, least=2)},
        categories=dict(_category(row) for row in entry.tables("categories")),
        judgements={row.text("code"): row.text("label") for row in entry.tables("judgements")},
        overall=overall.text("label"),
    )


def _category(row: Table) -> tuple[str, str]:
    row.ignore("from")
    return row.text("code"), row.text("label")


def validate_inspection(part: InspectionPart, content: PackContent, problems: Problems) -> None:
    rows = part.frameworks.rows
    for before, after in itertools.pairwise(rows):
        if before.ends_on is None or before.ends_on >= after.starts_on:
            problems.add(
                f"framework {before.code!r}", f"reaches into the framework {after.code!r}. Give it a 'to' before {after.starts_on}."
            )
    if part.theme("other") is None:
        problems.add("theme", "has no entry 'other', for what fits nowhere else. Add it.")


# ---------------------------------------------------------------- finance


@dataclass(frozen=True)
class Threshold:
    """Above which share of income a balance, net of commitments, is an excess for schools of these phases."""

    code: str
    phases: tuple[str, ...]
    percent: Decimal


@dataclass(frozen=True)
class FinanceFlag:
    """A rule over a school's money (S8 to S11), and what a SIP asks when it fires."""

    code: str
    label: str
    severity: str
    rule: Mapping[str, Any]
    ask: str
    source: str


@dataclass(frozen=True)
class FinancePart:
    """Sums in pence."""

    thresholds: tuple[Threshold, ...]
    large_balance: int
    minimum_excess: int
    persistent_years: int
    persistent_at_least: int
    plan_years: int
    plan_due: tuple[int, int]
    flags: tuple[FinanceFlag, ...]
    lines: Mapping[str, str]
    falling_years: int = 2
    """After so many falls running results are said to be falling, beside reserves (S11)."""
    standards: Mapping[str, str] = field(default_factory=dict)
    """The measure that stands for a phase's results beside its reserves; ``other`` for every phase that is not named."""

    def standard_of(self, phase: str) -> str:
        return self.standards.get(phase) or self.standards.get("other", "")

    def percent_for(self, phase: str) -> Decimal | None:
        return next((threshold.percent for threshold in self.thresholds if phase in threshold.phases), None)

    def excess(self, phase: str, *, uncommitted: int, income: int, percent: Decimal | None = None) -> int | None:
        """By how much an uncommitted balance is above the threshold, in pence; 0 where it is not, None where none applies.

        The threshold is the percentage of income, or the least sum if that is greater. ``percent`` tries another.
        """
        share = percent if percent is not None else self.percent_for(phase)
        if share is None:
            return None
        return max(0, uncommitted - max(int(share * income / 100), self.minimum_excess))

    def flag(self, code: str) -> FinanceFlag:
        """Raises KeyError."""
        for flag in self.flags:
            if flag.code == code:
                return flag
        raise KeyError(code)


def finance_of(content: PackContent) -> FinancePart:
    return cast(FinancePart, content.section("finance"))


def parse_finance(table: Table) -> FinancePart:
    settings = table.table("settings")
    settings.ignore("recovery_years", "levy_proposed_percent")
    due = settings.table("plan_due")
    thresholds = []
    for entry in table.tables("threshold", least=1):
        entry.ignore("measured_on")
        thresholds.append(Threshold(entry.text("code"), entry.texts("phases"), entry.decimal("percent_of_income")))
    flags = []
    for entry in table.tables("flag", least=1):
        entry.ignore("bars_levels")
        flags.append(
            FinanceFlag(
                entry.text("code"),
                entry.text("label"),
                entry.choice("severity", ("blocks", "warns", "advises")),
                entry.mapping("rule"),
                entry.text("ask"),
                entry.text("source"),
            )
        )
    return FinancePart(
        thresholds=tuple(thresholds),
        large_balance=settings.whole("large_balance_pounds", least=0) * 100,
        minimum_excess=settings.whole("minimum_excess_pounds", least=0) * 100,
        persistent_years=settings.whole("persistent_years", least=1),
        persistent_at_least=settings.whole("persistent_at_least", least=1),
        plan_years=settings.whole("plan_years", least=1, most=5),
        plan_due=(due.whole("month", least=1, most=12), due.whole("day", least=1, most=31)),
        flags=tuple(flags),
        lines={entry.text("code"): entry.text("line") for entry in table.tables("summary")},
        falling_years=settings.whole("falling_years", least=1),
        standards={phase: str(code) for phase, code in settings.mapping("standard_measures").items()},
    )


INSPECTION: Final = PackSection("inspection", parse_inspection, validate_inspection)
FINANCE: Final = PackSection("finance", parse_finance)
