"""The tab "Targets and results" of a school: each measure's years beside authority, England and estimates, and three charts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.urls import reverse

from core.calendar import AcademicYear
from core.charts import Chart, Gap, Gaps, Role, Series, Trend
from core.numbers import format_change, format_number
from people.packs import pack_for
from schools.models import School
from targets.choices import Level
from targets.models import Estimate, Result
from targets.pack import Measure, MeasuresPart, measures_of
from targets.published import MEASURES as PUBLISHED
from targets.selectors import published

YEARS: Final = 5
CHARTED: Final = ("ks2.l4_en_ma", "ks2.l4_en", "ks2.l4_ma", "ks4.ac5_en_ma", "ks4.ac5", "ks1.l2_re", "ks1.l2_wr", "ks1.l2_ma", "fsp.gld")
STAGES: Final = {
    "FS": "Foundation Stage",
    "KS1": "Key Stage 1",
    "KS2": "Key Stage 2",
    "KS3": "Key Stage 3",
    "KS4": "Key Stage 4",
    "all": "Attendance and context",
}


def results_tab(user: Any, school: School, on: dt.date) -> dict[str, Any]:
    """Five queries: the pack, results, estimates, comparators, and nothing a row."""
    pack = pack_for(school.authority, on)
    part = measures_of(pack.content) if pack else None
    this_year = AcademicYear.from_date(on).first
    results = _results(user, school)
    years = sorted({year for years in results.values() for year in years if year < this_year + 1}, reverse=True)[:YEARS][::-1]
    measures = _measures(part, school, results)
    beside = published(school.authority, measures, years) if years else {}
    estimates = _estimates(user, school)
    groups = [
        (STAGES.get(stage, stage), [_row(measure, results.get((measure.code, "all"), {}), years, beside, estimates) for measure in its])
        for stage, its in _by_stage(measures).items()
    ]
    charts = [*_trends(measures, results, school, years, beside), *_gaps(part, measures, results, years)] if len(years) > 1 else []
    sources = {(row.source.title, row.source.dated) for found in results.values() for year, row in found.items() if year in years}
    return {
        "groups": groups,
        "years": [str(year + 1) for year in years],
        "charts": charts,
        "sources": sorted(sources),
        "estimate_summer": this_year + 1,
        "small": _small(results, years),
        "columns": _columns(years, this_year),
        "export_url": {
            kind: reverse("targets:school-results-export", args=[school.authority.code, school.urn, kind]) for kind in ("csv", "xlsx")
        },
    }


def _columns(years: Sequence[int], this_year: int) -> str:
    heads = [
        "Measure",
        *(f"{year + 1}:num" for year in years),
        "Change:num",
        "LA:num",
        "England:num",
        f"FFT B {this_year + 1}:num:wide",
        f"FFT D {this_year + 1}:num:wide",
        "Pupils:num:wide",
    ]
    return "|".join(heads)


def _results(user: Any, school: School) -> dict[tuple[str, str], dict[int, Result]]:
    found: dict[tuple[str, str], dict[int, Result]] = defaultdict(dict)
    for row in Result.objects.visible_to(user).filter(school=school, is_current=True).select_related("source"):
        found[row.measure, row.pupil_group][row.academic_year] = row
    return found


def _estimates(user: Any, school: School) -> dict[tuple[str, int, str], Estimate]:
    rows = Estimate.objects.visible_to(user).filter(school=school, pupil_group="all")
    return {(row.measure, row.academic_year, row.kind): row for row in rows}


def _measures(part: MeasuresPart | None, school: School, results: Mapping[tuple[str, str], Any]) -> list[Measure]:
    """In the pack's order, then those published; only where something is held for all pupils."""
    held = {code for code, group in results if group == "all"}
    known = [measure for measure in (part.measures if part else ()) if measure.code in held and school.phase in measure.phases]
    return known + [measure for code, measure in PUBLISHED.items() if code in held]


def _by_stage(measures: Sequence[Measure]) -> dict[str, list[Measure]]:
    found: dict[str, list[Measure]] = defaultdict(list)
    for measure in measures:
        found[measure.key_stage].append(measure)
    return {stage: found[stage] for stage in STAGES if stage in found}


def _shown(measure: Measure, value: Decimal | None) -> str:
    return "" if value is None else format_number(value, measure.decimals) + ("%" if measure.unit == "%" else "")


def _row(
    measure: Measure, years_held: Mapping[int, Result], years: Sequence[int], beside: Mapping[Any, Any], estimates: Mapping[Any, Estimate]
) -> dict[str, Any]:
    cells = []
    for year in years:
        row = years_held.get(year)
        cells.append(
            {
                "row": row,
                "text": _shown(measure, row.value) if row else "",
                "why": row.get_reason_display() if row and row.value is None else "",
            }
        )
    latest = max((year for year in years_held if year in years), default=None)
    now, before = (years_held.get(latest), years_held.get(latest - 1)) if latest is not None else (None, None)
    change = now.value - before.value if now and before and now.value is not None and before.value is not None else None
    floor = measure.floor(latest + 1) if latest is not None else None
    coming = max((year for code, year, _ in estimates if code == measure.code), default=None)

    def compared(level: str) -> str:
        found = beside.get((level, measure.code, latest))
        return _shown(measure, found.value) if found else ""

    def estimated(kind: str) -> str:
        found = estimates.get((measure.code, coming, kind))
        return _shown(measure, found.value) if found else ""

    return {
        "measure": measure,
        "cells": cells,
        "change": "" if change is None else format_change(change, max(measure.decimals, 0)),
        "la": compared(Level.AUTHORITY),
        "england": compared(Level.NATIONAL),
        "fft_b": estimated("B"),
        "fft_d": estimated("D"),
        "cohort": now.cohort if now else None,
        "interval": f"{_shown(measure, now.lower)} to {_shown(measure, now.upper)}" if now and now.lower is not None else "",
        "is_below_floor": bool(floor and now and now.value is not None and now.value < floor.value),
        "floor": _shown(measure, floor.value) if floor else "",
        "release": now.release if now and now.release != "final" else "",
    }


def _small(results: Mapping[tuple[str, str], Mapping[int, Result]], years: Sequence[int]) -> str:
    """What one pupil is worth, where the latest cohort is under fifty (README-data.md, chart rule 8)."""
    cohorts = [
        row.cohort
        for (_, group), held in results.items()
        if group == "all"
        for year, row in held.items()
        if years and year == years[-1] and row.cohort
    ]
    cohort = max(cohorts, default=0)
    return f"One pupil is {format_number(Decimal(100) / cohort, 1)} points." if 0 < cohort < 50 else ""


def _trends(
    measures: Sequence[Measure],
    results: Mapping[tuple[str, str], Mapping[int, Result]],
    school: School,
    years: Sequence[int],
    beside: Mapping[Any, Any],
) -> list[Chart]:
    charted = [measure for code in CHARTED for measure in measures if measure.code == code][:3]
    charts: list[Chart] = []
    short = school.name.split(" ")[0]
    for measure in charted:
        held = results.get((measure.code, "all"), {})
        own = [row.value if (row := held.get(year)) else None for year in years]
        if sum(value is not None for value in own) < 2:
            continue
        series = [Series(school.name, Role.SUBJECT, own, short=short)]
        for level, role, name in ((Level.AUTHORITY, Role.AUTHORITY, "LA"), (Level.NATIONAL, Role.NATIONAL, "National")):
            values = [found.value if (found := beside.get((level, measure.code, year))) else None for year in years]
            if any(value is not None for value in values):
                series.append(Series(school.authority.name if role is Role.AUTHORITY else "England", role, values, short=name))
        floor = measure.floor(years[-1] + 1)
        last = held.get(years[-1])
        charts.append(
            Trend(
                key=f"trend-{measure.code.replace('.', '-').replace('_', '-')}",
                heading=f"{measure.short_label}, %" if measure.unit == "%" else measure.short_label,
                say=_say(measure, short, own, beside.get((Level.NATIONAL, measure.code, years[-1])), floor),
                source=f"{last.source.title}" if last else "",
                points=[str(year + 1) for year in years],
                series=series,
                floor=floor.value if floor else None,
                unit=measure.unit,
                decimals=measure.decimals,
            )
        )
    return charts


def _say(measure: Measure, name: str, own: Sequence[Decimal | None], england: Any, floor: Any) -> str:
    known = [value for value in own if value is not None]
    change = known[-1] - known[0]
    verb = "the same as" if not change else f"{format_number(abs(change))} points {'up on' if change > 0 else 'down on'}"
    said = f"{name} is {verb} the first of these years"
    if own[-1] is not None and floor is not None and own[-1] < floor.value:
        return f"{said} and below the floor."
    if own[-1] is not None and england is not None:
        gap = own[-1] - england.value
        where = "level with England" if abs(gap) < 1 else f"{format_number(abs(gap))} points {'above' if gap > 0 else 'below'} England"
        return f"{said} and {where}."
    return f"{said}."


def _gaps(
    part: MeasuresPart | None, measures: Sequence[Measure], results: Mapping[tuple[str, str], Mapping[int, Result]], years: Sequence[int]
) -> list[Chart]:
    """The latest gaps between groups of pupils on the first measure that has any."""
    if part is None:
        return []
    for measure in (found for code in CHARTED for found in measures if found.code == code):
        gaps = []
        for group in part.groups:
            if group.level != "school" or group.code in ("all", "boys") or group.code.startswith("non"):
                continue
            pair = [results.get((measure.code, code), {}).get(years[-1]) for code in (group.code, group.compared_with)]
            if any(row is not None for row in pair):
                gaps.append(Gap(group.label, *(row.value if row else None for row in pair)))
        if gaps:
            return [
                Gaps(
                    key="gaps",
                    heading=f"Gaps between groups, {measure.short_label}",
                    gaps=gaps,
                    source=f"Summer {years[-1] + 1}. Groups too small to show have no figure.",
                )
            ]
    return []


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
