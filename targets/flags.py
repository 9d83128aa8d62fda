"""Facts of one target while it is judged (``target.*`` of the pack's facts.toml), and the flags that they raise (P10).

A rule is written as for a measure where higher is better; for one where lower is better every figure is turned round, so that
"below" means worse for absence too.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from core.calendar import AcademicYear
from core.facts import NOT_HELD, FactQuestion, FactValue, does_not_apply, figure, gather, suppressed, unknown
from core.numbers import round_half_up
from core.packs import PackContent
from core.rules import RuleBook, Truth
from schools.models import School

from .choices import STANDING
from .models import Estimate, Result, Target, TargetSignature
from .pack import Measure, TargetFlag, TargetSet, measures_of, targets_of

TURNED: Final = (
    "value",
    "previous_result",
    "previous_target",
    "indicative",
    "estimate_b",
    "estimate_d",
    "pupil_sum",
    "floor",
    "similar",
    "la",
)


@dataclass
class Held:
    """What is held beside the targets of some schools in one round, read at once: see :func:`held_beside`."""

    results: dict[tuple[int, str], Result] = field(default_factory=dict)
    outcomes: dict[tuple[int, str, int], Result] = field(default_factory=dict)
    estimates: dict[tuple[int, str, int, str], Estimate] = field(default_factory=dict)
    earlier: dict[tuple[int, str, int], Target] = field(default_factory=dict)
    signatures: dict[int, list[TargetSignature]] = field(default_factory=lambda: defaultdict(list))
    compared: Callable[[str, int], FactValue] = lambda code, school: NOT_HELD
    sums: dict[tuple[int, str, int], Decimal] = field(default_factory=dict)
    cohorts: dict[tuple[int, int], int] = field(default_factory=dict)
    withheld: set[tuple[int, str, int]] = field(default_factory=set)
    """Sums that are not shown to whoever asks, since a small number could be worked out from them (``targets.released``). Nor is
    a flag that compares them, raised or not: beside the target it would tell the sum to within half a point."""


def held_beside(content: PackContent, schools: Sequence[School], academic_year: int, on: dt.date, *, with_comparators: bool = True) -> Held:
    """Latest results and outcomes, estimates of the summers aimed at, targets of the summer before, signatures; and, of one school
    or a few, the authority's and similar schools' figures. Four queries and those of the facts."""
    found = Held()
    ids = [school.pk for school in schools]
    sets = [one for one in targets_of(content).sets if one.set_in_academic_year == academic_year]
    codes = {code for one in sets for code in one.measures}
    summers = {one.summer for one in sets}
    years = {summer - 1 for summer in summers}
    rows = Result.objects.filter(school_id__in=ids, measure__in=codes, pupil_group="all", is_current=True).select_related("source")
    for row in rows.filter(academic_year__gte=academic_year - 2).order_by("academic_year"):
        if row.academic_year < academic_year:
            found.results[row.school_id, row.measure] = row
        if row.academic_year in years:
            found.outcomes[row.school_id, row.measure, row.academic_year + 1] = row
    for estimate in Estimate.objects.filter(school_id__in=ids, measure__in=codes, pupil_group="all", academic_year__in=years):
        found.estimates[estimate.school_id, estimate.measure, estimate.academic_year + 1, estimate.kind] = estimate
    before = {summer - 1 for summer in summers}
    earlier = Target.objects.filter(school_id__in=ids, measure__in=codes, pupil_group="all", summer__in=before, state__in=STANDING)
    found.earlier = {(row.school_id, row.measure, row.summer): row for row in earlier}
    for signature in TargetSignature.objects.filter(school_id__in=ids, academic_year=academic_year, voided_at__isnull=True):
        found.signatures[signature.school_id].append(signature)
    if with_comparators and schools:
        asked = [f"{code}.{suffix}" for code in codes for suffix in ("la", "similar")]
        question = FactQuestion(School.objects.filter(pk__in=ids), on, schools[0].authority)
        question.kept.update(keys=ids, phases=[school.phase for school in schools])
        found.compared = gather(asked, question).value
    return found


@dataclass(frozen=True)
class Judge:
    """The flags of one pack."""

    content: PackContent
    held: Held
    on: dt.date

    def facts(self, target: Target, measure: Measure, of_set: TargetSet | None) -> Mapping[str, FactValue]:
        held, school = self.held, target.school_id
        result = held.results.get((school, measure.code))
        before = held.earlier.get((school, measure.code, target.summer - 1))
        floor = measure.floor(target.summer)
        exempt = target.school.phase in measures_of(self.content).floors_do_not_apply_to
        cohort = self.cohort(target)

        def number(value: Decimal | int | None, why: str) -> FactValue:
            return unknown(why) if value is None else figure(value)

        def estimated(kind: str) -> FactValue:
            row = held.estimates.get((school, measure.code, target.summer, kind))
            return number(row.value if row else None, f"No FFT {kind} estimate for summer {target.summer} is held.")

        deadline = of_set.deadline_on if of_set else None
        found = {
            "value": number(target.value, "Nothing is proposed yet."),
            "previous_result": number(result.value if result else target.previous, "No result is held."),
            "previous_target": number(before.value if before else None, "No target for the summer before is held."),
            "indicative": number(target.indicative, "No indicative figure is set."),
            "estimate_b": estimated("B"),
            "estimate_d": estimated("D"),
            "pupil_sum": suppressed("A small number could be worked out from it.")
            if self.is_withheld(target)
            else number(held.sums.get((school, measure.code, target.summer)), "There is no pupil-level sheet."),
            "floor": figure(floor.value, source=floor.source) if floor and not exempt else does_not_apply("There is no floor."),
            "similar": held.compared(f"{measure.code}.similar", school),
            "la": held.compared(f"{measure.code}.la", school),
            "cohort": number(cohort, "The cohort is not known."),
            "one_pupil": number(one_pupil(cohort), "The cohort is not known."),
            "higher_is_better": figure(measure.is_higher_better),
            "statutory": figure(bool(of_set and of_set.is_statutory)),
            "days_to_deadline": number((deadline - self.on).days if deadline else None, "There is no date."),
            "signatures": figure(len(held.signatures.get(school, ()))),
        }
        if not measure.is_higher_better:
            for name in TURNED:
                if found[name].is_figure:
                    found[name] = figure(-found[name].value)
        return {f"target.{name}": value for name, value in found.items()}

    def is_withheld(self, target: Target) -> bool:
        return (target.school_id, target.measure, target.summer) in self.held.withheld

    def cohort(self, target: Target) -> int | None:
        """Pupils expected: of the sheet, of the target itself, else of the estimate."""
        sheet = self.held.cohorts.get((target.school_id, target.summer))
        if sheet or target.cohort:
            return sheet or target.cohort
        for kind in ("D", "B"):
            row = self.held.estimates.get((target.school_id, target.measure, target.summer, kind))
            if row is not None and row.cohort:
                return row.cohort
        return None

    def raised(self, target: Target, measure: Measure, of_set: TargetSet | None) -> list[TargetFlag]:
        """The flags on the figure that stands, worst first. None where there is no figure, nor any that tells of a withheld sum."""
        if target.value is None:
            return []
        facts = self.facts(target, measure, of_set)
        is_withheld = self.is_withheld(target)
        book = RuleBook()
        found = [
            flag
            for flag in targets_of(self.content).flags
            if (not flag.measures or measure.code in flag.measures)
            and measure.code not in flag.except_measures
            and not (is_withheld and tells_sum(flag))
            and book.compile(flag.rule).truth(lambda code: facts.get(code, NOT_HELD)) is Truth.TRUE
        ]
        return sorted(found, key=lambda flag: ("blocks", "warns", "advises").index(flag.severity))


def tells_sum(flag: TargetFlag) -> bool:
    """Whether the flag's rule asks for the sum of the pupils' targets."""
    return "target.pupil_sum" in RuleBook().compile(flag.rule).codes()


def one_pupil(cohort: int | None) -> Decimal | None:
    """What one pupil is worth, in percentage points: 100 over the cohort."""
    return round_half_up(Decimal(100) / cohort, 1) if cohort else None


def pupils_of(value: Decimal | None, cohort: int | None) -> int | None:
    """A percentage of the cohort as pupils, to the nearest."""
    return int(round_half_up(value * cohort / 100)) if value is not None and cohort else None


def words_owed(flags: Iterable[TargetFlag]) -> int:
    """How many words the school's reason needs: the most that any flag asks for."""
    return max((flag.rationale_words for flag in flags if flag.needs_rationale), default=0)


def sets_of_round(content: PackContent, school: School, academic_year: int) -> list[TargetSet]:
    """What a school of this phase sets in the year, withdrawn sets included (they are kept, and marked)."""
    return list(targets_of(content).sets_for(school.phase, academic_year))


def autumn(academic_year: int) -> str:
    return f"autumn {AcademicYear(academic_year).first}"


def measure_by_code(content: PackContent) -> Mapping[str, Measure]:
    return {measure.code: measure for measure in measures_of(content).measures}


Rows = Mapping[str, Mapping[str, Any]]
