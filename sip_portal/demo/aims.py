"""What schools aimed at before the portal, and what the authority aims at now: targets of summer 2008 and FFT B for it, the authority's
targets of 2010, and how many pupils convert from each prior level. Through the imports that users have.

Schools that aimed higher above their estimate gained more, on the whole (P10); the gains themselves are those of the results.
The conversion rates are made up for the demonstration.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils import timezone

from people.models import User
from schools.models import School

from .results import HEAD, JUNIORS, LOADED_ON, _run

CODE: Final = "999"
MAIN: Final = "ks2.l4_en_ma"
LA_TARGETS: Final = (("ks2.l4_en_ma", 78), ("ks2.prog2_en", 88), ("ks2.prog2_ma", 84), ("ks4.ac5_en_ma", 54), ("absence.total", "5.4"))
CONVERSION: Final = {
    "ks1-ks2-en": {"W": 3, "1": 22, "2C": 61, "2B": 84, "2A": 95, "3": 99},
    "ks1-ks2-ma": {"W": 2, "1": 20, "2C": 56, "2B": 79, "2A": 93, "3": 99},
}


def load_aims(administrator: User, places: Iterable[tuple[School, Mapping[str, Any]]]) -> None:
    at = dt.datetime.combine(LOADED_ON, dt.time(10), tzinfo=timezone.get_default_timezone())
    targets, estimates = [], []
    for school, figures in places:
        if school.phase not in JUNIORS or "main_2008" not in figures:
            continue
        draw = random.Random(f"aims {school.urn}")  # noqa: S311 - figures, not secrets
        before, after, cohort = (int(figures[name]) for name in ("main_2006", "main_2008", "cohort_2008"))
        estimate = max(1, min(95, before + draw.randint(1, 4)))
        target = max(1, min(98, estimate + (after - before) // 2 + draw.randint(-3, 5)))
        estimates.append((school.urn, MAIN, 2007, "B", estimate, cohort))
        targets.append((school.urn, MAIN, 2008, target, cohort, "agreed"))
    _run(administrator, CODE, "estimates", estimates, "fft-2008.csv", at, head=("URN", "Measure", "Year", "Type", "Value", "Cohort"))
    _run(administrator, CODE, "targets", targets, "targets-2008.csv", at, head=("URN", "Measure", "Summer", "Target", "Cohort", "Standing"))
    aims = [("", "LA target", measure, 2009, "all", value, "", "", "", "") for measure, value in LA_TARGETS]
    rates = [
        ("", "England", matrix, 2007, level, share, "", "", "", "")
        for matrix, levels in CONVERSION.items()
        for level, share in levels.items()
    ]
    _run(administrator, CODE, "results", [*aims, *rates], "la-targets-and-conversion.csv", at, head=HEAD, release="final")
