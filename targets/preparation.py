"""What targets contributes to the preparation pack: the results that are held, each data set with its source and release."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from schools.models import School
from schools.registries import DataHeld, PreparationPart

from .choices import Release
from .models import Result

RESULTS = ("fsp", "ks1", "ks2", "ks3", "ks4", "absence", "exclusions")
"""Data sets of results, which are also what stands before the first dot of their measures' codes."""


def results_held(user: Any, schools: Sequence[School], on: dt.date) -> Mapping[int, Sequence[PreparationPart]]:
    """The latest release of the latest summer of each data set. One query."""
    rows = (
        Result.objects.visible_to(user)
        .filter(school__in=[school.pk for school in schools], is_current=True, pupil_group="all", source__dated__lte=on)
        .order_by("academic_year", "source__dated", "pk")
        .values_list("school_id", "measure", "academic_year", "release", "source__title", "source__dated")
    )
    found: dict[int, dict[str, PreparationPart]] = {}
    for school_id, measure, year, release, title, dated in rows:
        code = measure.partition(".")[0]
        if code in RESULTS:
            words = f"summer {year + 1}, {Release(release).label}"
            found.setdefault(school_id, {})[code] = DataHeld(code, source=title, release=words, on=dated)
    return {school_id: list(held.values()) for school_id, held in found.items()}
