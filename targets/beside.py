"""What one school's latest figures are set beside: its cluster, similar schools, the authority, England; each marked whether it was
published, is the pack's, or was computed here from schools' rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.facts import FactQuestion, gather
from schools.models import School

from .choices import Level
from .models import Comparator, Result
from .pack import Measure
from .selectors.rollup import Row, together
from .selectors.school import ALL, SchoolFigures, shown


@dataclass(frozen=True)
class Mark:
    """A figure as it is shown, and where it comes from; ``text`` is "" where there is none, and then ``origin`` says why."""

    text: str
    origin: str


@dataclass(frozen=True)
class BesideRow:
    measure: Measure
    own: str
    cluster: Mark
    similar: Mark
    authority: Mark
    england: Mark

    @property
    def marks(self) -> tuple[Mark, Mark, Mark, Mark]:
        return self.cluster, self.similar, self.authority, self.england


NOT_HELD = Mark("", "not held")


def beside_others(figures: SchoolFigures, measures: Sequence[Measure]) -> list[BesideRow]:
    """Of the latest summer, the measures that have a figure in it. Two queries and those of the facts of similar schools.

    A cluster's figure is put together from its schools of the same kind, and told only where so many have one that no other school's
    could be worked out from it (as for the spread of the authority's schools).
    """
    if not figures.years or figures.part is None:
        return []
    year = figures.years[-1]
    told = [measure for measure in measures if figures.value(measure, year) is not None]
    cluster = _cluster(figures, told, year)
    question = FactQuestion(School.objects.filter(pk=figures.school.pk), figures.on, figures.school.authority)
    codes = {measure.code for measure in figures.measures_for_phase}
    facts = gather([f"{measure.code}.similar" for measure in told if measure.code in codes], question)

    def similar(measure: Measure) -> Mark:
        if measure.code not in codes:
            return NOT_HELD
        found = facts.value(f"{measure.code}.similar", figures.school.pk)
        return Mark(shown(measure, Decimal(found.value)), found.mark or "computed") if found.is_figure else NOT_HELD

    def published(measure: Measure, level: str) -> Mark:
        value = figures.published(level, measure, year)
        origin = "published" if figures.is_published(level, measure, year) else "pack"
        return Mark(shown(measure, value), origin) if value is not None else NOT_HELD

    return [
        BesideRow(
            measure,
            shown(measure, figures.value(measure, year)),
            cluster.get(measure.code, NOT_HELD),
            similar(measure),
            published(measure, Level.AUTHORITY),
            published(measure, Level.NATIONAL),
        )
        for measure in told
    ]


def _cluster(figures: SchoolFigures, measures: Sequence[Measure], year: int) -> dict[str, Mark]:
    school, part = figures.school, figures.part
    if school.cluster_id is None or school.cluster is None or part is None:
        return {}
    codes = [measure.code for measure in measures]
    by_code = {measure.code: measure for measure in measures}
    stored = Comparator.objects.filter(
        authority_id=school.authority_id, level=Level.CLUSTER, place=school.cluster.code, measure__in=codes, academic_year=year,
        pupil_group=ALL, is_current=True, value__isnull=False,
    )  # fmt: skip
    found = {code: Mark(shown(by_code[code], value), "published") for code, value in stored.values_list("measure", "value")}
    phases = [phase for group in part.phase_groups.values() if school.phase in group for phase in group]
    rows: dict[str, list[Row]] = {}
    for code, *rest in Result.objects.filter(
        school__cluster_id=school.cluster_id, school__phase__in=phases, measure__in=codes, academic_year=year, pupil_group=ALL,
        is_current=True, value__isnull=False, cohort__gt=0,
    ).values_list("measure", "school_id", "academic_year", "value", "numerator", "cohort", "reason"):  # fmt: skip
        rows.setdefault(code, []).append(Row(*rest))
    for code, its in rows.items():
        if code in found:
            continue
        if len(its) < part.smallest_cohort:
            found[code] = Mark("", "too few schools")
        elif (figure := together(its, by_code[code])[year].figure) is not None:
            found[code] = Mark(shown(by_code[code], figure), "computed")
    return found


__all__ = ["BesideRow", "Mark", "beside_others"]
