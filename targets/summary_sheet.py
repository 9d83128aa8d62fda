"""The summary sheet (P4, "start here"): one school on one sheet, from what every app holds of it.

Results, value added, absence, estimates and targets are this app's; category, concern, inspection, roll, people and visits come
with the school's header, flags with the preparation pack. Each app answers in the scope of whoever asks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from schools.models import School
from schools.registries import Act, HeaderPart, flags_of

from . import school_charts as charts
from .key_figures import key_figures, main_measure
from .selectors.school import SchoolFigures
from .speaking import Speaking, stages_for


def act(user: Any, schools: Sequence[School], on: dt.date) -> Mapping[int, Sequence[HeaderPart]]:
    """The sheet, from every page of the school. No query."""
    return {
        school.pk: [Act("Summary sheet", reverse("targets:summary-sheet", args=[school.authority.code, school.urn]))] for school in schools
    }


def summary_sheet(user: Any, school: School, on: dt.date) -> Mapping[str, Any]:
    figures = SchoolFigures(user, school, on)
    main = main_measure(figures)
    stages = [Speaking(figures, stage) for stage in stages_for(figures)]
    drawn = [charts.trend(figures, main, ahead=True), charts.distribution(figures, main)] if main is not None else []
    return {
        "key": {**key_figures(figures), "lead": ""},
        "sentences": [sentence for stage in reversed(stages) for sentence in stage.summary[:1]],
        "flags": flags_of(user, [school], on)[school.pk],
        "drawn": [chart for chart in drawn if chart is not None],
        "ahead": [line for stage in stages for line in stage.ahead],
        "exempt": figures.is_exempt,
    }
