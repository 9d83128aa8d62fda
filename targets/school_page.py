"""The tab "Targets and results" of a school: each measure's years beside authority, England and estimates, and three charts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse

from core.access import can
from core.calendar import AcademicYear
from core.charts import Chart
from people.roles import Permission as P
from schools.models import School
from targets import school_charts as charts
from targets.choices import TargetState
from targets.models import Estimate, Result
from targets.pack import Measure
from targets.school_rows import FigureRow
from targets.selectors.school import SchoolFigures, changed, shown
from targets.selectors.targets import TONES
from targets.speaking import address, stages_for

CHARTED: Final = ("ks2.l4_en_ma", "ks2.l4_en", "ks2.l4_ma", "ks4.ac5_en_ma", "ks4.ac5", "ks1.l2_re", "ks1.l2_wr", "ks1.l2_ma", "fsp.gld")
STAGES: Final = {
    "FS": "Foundation Stage",
    "KS1": "Key Stage 1",
    "KS2": "Key Stage 2",
    "KS3": "Key Stage 3",
    "KS4": "Key Stage 4",
    "P": "Performance scales",
    "all": "Attendance and context",
}


def results_tab(user: Any, school: School, on: dt.date) -> dict[str, Any]:
    """One query besides the pack, and nothing a row."""
    figures = SchoolFigures(user, school, on)
    years = figures.years
    summer = max((year for _, year, _ in figures.estimates), default=figures.this_year) + 1
    return {
        "groups": [
            (STAGES.get(stage, stage), [FigureRow(figures, measure, years) for measure in its])
            for stage, its in _by_stage(figures.measures).items()
        ],
        "charts": _charts(figures) if len(years) > 1 else [],
        "targets": _targets(figures),
        "round_url": reverse("targets:target-round", args=[school.authority.code, school.urn]) if can(user, P.TARGET_VIEW, school) else "",
        "sources": figures.sources,
        "small": _small(figures),
        "columns": _columns(years, summer),
        "packs": [(stage.label, address(school, stage)) for stage in stages_for(figures)],
        "export_url": {
            kind: reverse("targets:school-results-export", args=[school.authority.code, school.urn, kind]) for kind in ("csv", "xlsx")
        },
    }


@dataclass(frozen=True)
class TargetRow:
    """A target of the school, with what it is set against and what came of it."""

    measure: Measure
    summer: int
    target: str
    state: tuple[str, str]
    last: str
    fft_b: str
    fft_d: str
    outcome: str
    against: str


def _targets(figures: SchoolFigures) -> list[TargetRow]:
    """Every target that the school has, latest summer first: on published measures and on the performance scales alike."""
    by_code = {measure.code: measure for measure in figures.measures_for_phase}
    order = {code: place for place, code in enumerate(by_code)}
    found = []
    for (code, summer), held in sorted(figures.targets.items(), key=lambda item: (-item[0][1], order.get(item[0][0], 0))):
        measure = by_code.get(code)
        if measure is None or held.value is None:
            continue
        outcome = figures.value(measure, summer - 1)
        last = next(
            (cell.text for year in range(summer - 2, summer - 5, -1) if (cell := figures.cell(measure, year)).value is not None), ""
        )
        b, d = (figures.estimates.get((code, summer - 1, kind)) for kind in ("B", "D"))
        found.append(
            TargetRow(
                measure,
                summer,
                shown(measure, held.value),
                (TargetState(held.key).label, TONES[held.key]),
                last,
                shown(measure, b.value) if b else "",
                shown(measure, d.value) if d else "",
                shown(measure, outcome),
                changed(measure, outcome - held.value) if outcome is not None else "",
            )
        )
    return found


def _columns(years: Sequence[int], summer: int) -> str:
    heads = [
        "Measure",
        *(f"{year + 1}:num" for year in years),
        "Change:num",
        "LA:num",
        "England:num",
        f"FFT B {summer}:num:wide",
        f"FFT D {summer}:num:wide",
        "Pupils:num:wide",
    ]
    return "|".join(heads)


def _by_stage(measures: Sequence[Measure]) -> dict[str, list[Measure]]:
    found: dict[str, list[Measure]] = defaultdict(list)
    for measure in measures:
        found[measure.key_stage].append(measure)
    return {stage: found[stage] for stage in STAGES if stage in found}


def _small(figures: SchoolFigures) -> str:
    """What one pupil is worth, by the largest of the latest cohorts."""
    years = figures.years
    cohorts = [row.cohort for measure in figures.measures if years and (row := figures.row(measure, years[-1])) and row.cohort]
    return charts.pupil_worth(max(cohorts, default=0))


def charted(figures: SchoolFigures) -> list[Measure]:
    """The measures that matter most at this school, as far as they are held."""
    by_code = {measure.code: measure for measure in figures.measures}
    return [by_code[code] for code in CHARTED if code in by_code]


def _charts(figures: SchoolFigures) -> list[Chart]:
    """Three measures over the years, and the gaps of the first that has any."""
    named = charted(figures)
    found: list[Chart] = [chart for measure in named[:3] if (chart := charts.trend(figures, measure)) is not None]
    gaps = next((of for measure in named if (of := charts.gaps(figures, measure)) is not None), None)
    return [*found, gaps] if gaps else found


def results_table(user: Any, school: School) -> tuple[Sequence[str], list[Sequence[Any]]]:
    """Every result and estimate of the school that the person may see, superseded releases included, for an export."""
    columns = (
        "Kind",
        "Measure",
        "Pupils",
        "Year",
        "Figure",
        "Why none",
        "Lower",
        "Upper",
        "Reached",
        "Cohort",
        "Release",
        "Current",
        "Source",
        "Dated",
    )
    rows: list[Sequence[Any]] = []
    for row in (
        Result.objects.visible_to(user)
        .filter(school=school)
        .select_related("source")
        .order_by("measure", "pupil_group", "academic_year", "release")
    ):
        rows.append(
            ("result", row.measure, row.pupil_group, str(row.year), row.value, row.code or row.get_reason_display(), row.lower, row.upper,
             row.numerator, row.cohort, row.release, row.is_current, row.source.title, row.source.dated)
        )  # fmt: skip
    for estimate in (
        Estimate.objects.visible_to(user).filter(school=school).select_related("source").order_by("measure", "academic_year", "kind")
    ):
        rows.append(
            (estimate.get_kind_display(), estimate.measure, estimate.pupil_group, str(AcademicYear(estimate.academic_year)), estimate.value,
             estimate.code, None, None, None, estimate.cohort, "", True, estimate.source.title, estimate.source.dated)
        )  # fmt: skip
    return columns, rows
