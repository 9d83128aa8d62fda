"""One school's figures: results, what they are set beside, estimates, targets, and how the authority's schools are spread.

One query for all of them, asked when something first needs it; everything that shows a school's figures reads them here.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from django.db.models import CharField, DateField, DecimalField, F, IntegerField, QuerySet, Value

from core.calendar import AcademicYear
from core.numbers import format_change, format_number
from core.tabular.columns import Reason
from people.packs import AuthorityPack, pack_for, packs_for
from schools.models import School
from targets.choices import Level, TargetState
from targets.models import Comparator, Estimate, Result, Target
from targets.pack import Measure, MeasuresPart, measures_of
from targets.published import MEASURES as PUBLISHED
from targets.wording import source_words

from .rollup import of_pack

YEARS: Final = 5
ALL: Final = "all"
TEXT: Final = CharField()
COUNT: Final = IntegerField()
DECIMAL: Final = DecimalField(max_digits=14, decimal_places=4)
DAY: Final = DateField()
WHY_NONE: Final[Mapping[str, str]] = {
    Reason.SUPPRESSED: "suppressed",
    Reason.NO_ENTRIES: "nobody entered",
    Reason.NOT_APPLICABLE: "does not apply",
    Reason.NOT_PUBLISHED: "not published",
    Reason.NEW_SCHOOL: "new school",
    Reason.LOW_COVERAGE: "too few covered",
    Reason.SMALL: "nearly nought",
    Reason.REDACTED: "redacted",
    Reason.NOT_SUPPLIED: "not supplied",
    Reason.NOT_JUDGED: "not judged",
}
"""Why a cell of a table has no figure, in words short enough for it. A figure that nobody holds says so too: never nought."""


@dataclass(frozen=True, slots=True)
class Held:
    """A result, estimate or target of the school, or a figure to set beside it. ``key``: release, level, kind or state.

    ``title`` and ``dated`` are those of the import that brought it; a target has none.
    """

    key: str
    value: Decimal | None
    numerator: int | None
    cohort: int | None
    reason: str
    lower: Decimal | None
    upper: Decimal | None
    title: str
    dated: dt.date | None

    @property
    def source(self) -> str:
        """Source, release and date in words."""
        return source_words(self.title, self.key, self.dated)


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure with its unit, or in words why there is none."""

    text: str = ""
    why: str = ""
    row: Held | None = None

    @property
    def value(self) -> Decimal | None:
        return self.row.value if self.row else None


@dataclass
class _Parts:
    results: dict[tuple[str, str], dict[int, Held]] = field(default_factory=lambda: defaultdict(dict))
    beside: dict[tuple[str, str, int], Held] = field(default_factory=dict)
    estimates: dict[tuple[str, int, str], Held] = field(default_factory=dict)
    targets: dict[tuple[str, int], Held] = field(default_factory=dict)


@dataclass
class SchoolFigures:
    """What ``user`` may see of one school's figures on a day; ``school`` is already in their scope."""

    user: Any
    school: School
    on: dt.date

    # ------------------------------------------------------------ reading

    @cached_property
    def pack(self) -> AuthorityPack | None:
        """None too where the person's hats are in another authority: then they do not see the school."""
        own = packs_for(self.user, self.on).get(self.school.authority_id)  # a mentor has no hat in the authority itself
        return own or pack_for(self.school.authority, self.on)

    @cached_property
    def part(self) -> MeasuresPart | None:
        return measures_of(self.pack.content) if self.pack else None

    @cached_property
    def _parts(self) -> _Parts:
        """One query of four parts."""
        here = {"school": self.school}
        results = Result.objects.visible_to(self.user).filter(**here, is_current=True, academic_year__lte=self.this_year)
        beside = Comparator.objects.filter(
            authority_id=self.school.authority_id,
            level__in=[Level.AUTHORITY, Level.NATIONAL],
            measure__in=Result.objects.filter(**here).order_by().values("measure"),
            pupil_group=ALL, place="", phase="", basis="", is_current=True, value__isnull=False,
        )  # fmt: skip
        estimates = Estimate.objects.visible_to(self.user).filter(**here, pupil_group=ALL)
        targets = (
            Target.objects.visible_to(self.user).filter(**here, pupil_group=ALL, value__isnull=False).exclude(state=TargetState.WITHDRAWN)
        )
        no_interval = {"low": Value(None, DECIMAL), "high": Value(None, DECIMAL)}
        of_import = {"title": F("source__title"), "on": F("source__dated")}
        rows = _columns(results, "result", key=F("release"), year=F("academic_year"), low=F("lower"), high=F("upper"), **of_import).union(
            _columns(beside, "beside", key=F("level"), year=F("academic_year"), **no_interval, **of_import),
            _columns(estimates, "estimate", key=F("kind"), year=F("academic_year"), **no_interval, **of_import),
            _columns(
                targets, "target", key=F("state"), year=F("summer"), **no_interval, title=Value("", TEXT), on=Value(None, DAY),
                of=Value(None, COUNT), why=Value("", TEXT),
            ),
            all=True,
        )  # fmt: skip
        found = _Parts()
        for part, key, measure, group, year, value, of, cohort, why, low, high, title, on in rows:
            held = Held(key, value, of, cohort, why, low, high, title, on)
            if part == "result":
                found.results[measure, group][year] = held
            elif part == "beside":
                found.beside[key, measure, year] = held
            elif part == "estimate":
                found.estimates[measure, year, key] = held
            else:
                found.targets[measure, year] = held
        return found

    @property
    def results(self) -> Mapping[tuple[str, str], Mapping[int, Held]]:
        """By measure and group of pupils, the current result of each academic year."""
        return self._parts.results

    @property
    def estimates(self) -> Mapping[tuple[str, int, str], Held]:
        """By measure, academic year and kind."""
        return self._parts.estimates

    @property
    def targets(self) -> Mapping[tuple[str, int], Held]:
        """By measure and summer; those withdrawn are no targets."""
        return self._parts.targets

    def spread(self, measure: Measure) -> list[Decimal]:
        """The figures of all the authority's schools of this phase in the latest year, without their names: what is published
        of each, put together. None where so few schools have one that a band would name them."""
        if self.part is None or not self.years:
            return []
        phases = [phase for group in self.part.phase_groups.values() if self.school.phase in group for phase in group]
        rows = Result.objects.filter(
            school__authority=self.school.authority,
            school__phase__in=phases,
            measure=measure.code,
            pupil_group=ALL,
            academic_year=self.years[-1],
            is_current=True,
            value__isnull=False,
        )
        found = sorted(rows.values_list("value", flat=True))
        return found if len(found) >= self.part.smallest_cohort else []

    # ------------------------------------------------------------ what there is

    @cached_property
    def this_year(self) -> int:
        return AcademicYear.from_date(self.on).first

    @cached_property
    def years(self) -> list[int]:
        """The latest five academic years that have any result, earliest first."""
        return sorted({year for years in self.results.values() for year in years})[-YEARS:]

    @cached_property
    def measures(self) -> list[Measure]:
        """In the pack's order, then those published; only where something is held for all pupils."""
        held = {code for code, group in self.results if group == ALL}
        known = [measure for measure in self.measures_for_phase if measure.code in held]
        return known + [measure for code, measure in PUBLISHED.items() if code in held]

    @cached_property
    def measures_for_phase(self) -> Sequence[Measure]:
        return self.part.for_phase(self.school.phase) if self.part else ()

    @property
    def is_exempt(self) -> bool:
        """Floors do not apply to special schools and pupil referral units (S1)."""
        return self.part is not None and self.school.phase in self.part.floors_do_not_apply_to

    @cached_property
    def sources(self) -> list[str]:
        """Source, release and date of the results of the years shown, latest first."""
        rows = [row for held in self.results.values() for year, row in held.items() if year in self.years]
        dated = {row.source: (row.dated or self.on, row.title) for row in rows}
        return sorted(dated, key=lambda words: dated[words], reverse=True)

    # ------------------------------------------------------------ one figure

    def row(self, measure: Measure, year: int, group: str = ALL) -> Held | None:
        return self.results.get((measure.code, group), {}).get(year)

    def value(self, measure: Measure, year: int, group: str = ALL) -> Decimal | None:
        row = self.row(measure, year, group)
        return row.value if row else None

    def cell(self, measure: Measure, year: int, group: str = ALL) -> Cell:
        row = self.row(measure, year, group)
        if row is not None:
            return Cell(shown(measure, row.value), "" if row.value is not None else WHY_NONE.get(row.reason, "no figure"), row)
        if measure.from_summer is not None and year + 1 < measure.from_summer:
            return Cell(why="not measured then")
        return Cell(why="not yet" if year == self.years[-1] and self.results.get((measure.code, group)) else "not held")

    def published(self, level: str, measure: Measure, year: int) -> Decimal | None:
        """As it was published or supplied; else, of England, as the pack knows it."""
        held = self._parts.beside.get((level, measure.code, year))
        if held is not None:
            return held.value
        known = of_pack([measure], [year]).get((level, measure.code, year))
        return known.value if known else None

    def is_published(self, level: str, measure: Measure, year: int) -> bool:
        """Whether the figure was published or supplied, and is not the pack's."""
        return (level, measure.code, year) in self._parts.beside

    def latest(self, measure: Measure) -> int | None:
        """The last year shown for which there is a row, be it a figure or why there is none."""
        return max((year for year in self.results.get((measure.code, ALL), {}) if year in self.years), default=None)

    def floor(self, measure: Measure, summer: int) -> Decimal | None:
        found = None if self.is_exempt else measure.floor(summer)
        return found.value if found else None

    def change(self, measure: Measure, year: int) -> Decimal | None:
        now, before = self.value(measure, year), self.value(measure, year - 1)
        return now - before if now is not None and before is not None else None

    def estimate(self, measure: Measure, kind: str) -> Held | None:
        """For the latest cohort that there is an estimate of."""
        years = [year for code, year, _ in self.estimates if code == measure.code]
        return self.estimates.get((measure.code, max(years), kind)) if years else None


def _columns(rows: QuerySet[Any], part: str, **named: Any) -> QuerySet[Any, tuple[Any, ...]]:
    """One part of the union; ``of`` and ``why`` are the numerator and the reason unless named."""
    named = {"of": F("numerator"), "why": F("reason"), **named}
    names = ("part", "key", "measure", "pupil_group", "year", "value", "of", "cohort", "why", "low", "high", "title", "on")
    found: QuerySet[Any, tuple[Any, ...]] = rows.order_by().annotate(part=Value(part, TEXT), **named).values_list(*names)
    return found


def shown(measure: Measure, value: Decimal | None) -> str:
    return "" if value is None else format_number(value, measure.decimals) + ("%" if measure.unit == "%" else "")


def changed(measure: Measure, change: Decimal | None) -> str:
    return "" if change is None else format_change(change, measure.decimals)
