"""The key figures of a school: for its Overview, and at the head of the SIP summary sheet (interface.md, "School")."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from django.urls import reverse

from schools.models import School

from . import school_charts as charts
from .pack import Measure
from .school_page import charted
from .school_rows import FigureRow
from .selectors.school import SchoolFigures
from .speaking import address, stages_for

KEY: Final = (
    "ks2.l4_en_ma", "ks2.l4_en", "ks2.l4_ma", "ks2.prog2_en", "ks2.prog2_ma",
    "ks4.ac5_en_ma", "ks4.ac5", "ks4.prog3_en", "ks4.prog3_ma",
    "ks1.l2_re", "ks1.l2_wr", "ks1.l2_ma", "fsp.gld", "ks2.cva", "ks4.cva", "absence.total", "absence.persistent",
)  # fmt: skip
"""In the order shown; those that a pack does not know, or of which nothing is held, are left out."""
SHOWN: Final = 3
MOST: Final = 12


def key_measures(figures: SchoolFigures) -> list[Measure]:
    by_code = {measure.code: measure for measure in figures.measures}
    found = [by_code[code] for code in KEY if code in by_code]
    return (found or [measure for measure in figures.measures if measure.subject != "context"])[:MOST]


def main_measure(figures: SchoolFigures) -> Measure | None:
    return next(iter([*charted(figures), *key_measures(figures)]), None)


def key_figures(figures: SchoolFigures) -> Mapping[str, Any]:
    """The last three years, the strip, what they are beside, and the targets to come; one trend."""
    years = figures.years[-SHOWN:]
    main = main_measure(figures)
    if main is None or not years:
        return {"rows": [], "years": []}
    summers = sorted({summer for _, summer in figures.targets if summer > years[-1] + 1})
    rows = [FigureRow(figures, measure, years) for measure in key_measures(figures)]
    return {
        "rows": [(row, _targets(row, summers)) for row in rows],
        "years": years,
        "columns": "|".join(
            [
                "Measure",
                *(f"{year + 1}:num" for year in years),
                f"{years[-1] + 1} beside the others:strip",
                "LA:num",
                "National:num",
                "Floor:num",
                "Target:num",
            ]
        ),
        "lead": charts.sentence(figures, main),
        "trend": charts.trend(figures, main, ahead=True, heading=f"{main.short_label} since {figures.years[0] + 1}"),
        "sources": figures.sources,
    }


def _targets(row: FigureRow, summers: list[int]) -> str:
    """ "64% in 2010"; of the first summer that has one."""
    return next((f"{text} in {summer}" for summer in summers if (text := row.target(summer))), "")


def overview_panel(user: Any, school: School, on: dt.date) -> Mapping[str, Any]:
    """One query besides the pack."""
    figures = SchoolFigures(user, school, on)
    found = key_figures(figures)
    if not found["rows"]:
        return {}
    code, urn = school.authority.code, school.urn
    return {
        **found,
        "all_url": reverse("schools:school-tab", args=[code, urn, "results"]),
        "packs": [(stage.label, address(school, stage)) for stage in stages_for(figures)],
        "sheet_url": reverse("targets:summary-sheet", args=[code, urn]),
    }
