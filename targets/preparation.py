"""What targets contributes to the preparation pack (P4): results, the packs of figures made from them, estimates and
indicative targets; each data set with its source, release and date, and where it can be read."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from django.urls import reverse

from core.numbers import format_number, round_half_up
from schools.models import School
from schools.registries import DataHeld, DataInstead, PreparationPart

from .choices import EstimateKind, Release
from .models import Estimate, Result, Target
from .speaking import STAGES, address

RESULTS: Final = ("fsp", "ks1", "ks2", "ks3", "ks4", "absence", "exclusions")
"""Data sets of results, which are also what stands before the first dot of their measures' codes."""
SHEET: Final = "sip-summary"
FFT: Final[Mapping[str, str]] = {"ks2": "fft-school-y456", "ks3": "fft-secondary", "ks4": "fft-secondary"}
"""Data set of the schools' estimates by the stage of their measures."""
INDICATIVE: Final = "indicative"
"""The data set's code goes on with the summer: ``indicative-2010``."""
STANDS_OUT: Final[Mapping[str, Mapping[str, str]]] = {
    "fsp": {"fsp.gld": "78 points or more with 6 in PSE and CLL"},
    "ks1": {"ks1.l2b_re": "level 2B+ reading", "ks1.l2b_wr": "writing", "ks1.l2b_ma": "mathematics"},
    "ks2": {"ks2.l4_en_ma": "level 4+ in English and mathematics"},
    "ks3": {"ks3.l5_en_ma": "level 5+ in English and mathematics"},
    "ks4": {"ks4.ac5_en_ma": "five A*–C with English and mathematics"},
    "absence": {"absence.total": "total absence", "absence.persistent": "persistent absence"},
}
"""What is said first of a data set of results: measures, all in per cent, with their words in the middle of a sentence."""
ATTAINED: Final = {"fsp": "fsp-mfs", "ks1": "ks1-mfs", "ks2": "ks2-mfs"}


def results_held(user: Any, schools: Sequence[School], on: dt.date) -> Mapping[int, Sequence[PreparationPart]]:
    """The latest release of the latest summer of each data set, Making Figures Speak and the summary sheet. One query."""
    rows = (
        Result.objects.visible_to(user)
        .filter(school__in=[school.pk for school in schools], is_current=True, pupil_group="all", source__dated__lte=on)
        .order_by("academic_year", "source__dated", "pk")
        .values_list("school_id", "measure", "academic_year", "release", "source__title", "source__dated", "value")
    )
    by_id = {school.pk: school for school in schools}
    stages = {stage.dataset: stage for stage in STAGES}
    found: dict[int, dict[str, DataHeld]] = {}
    values: dict[tuple[int, str], dict[int, Decimal]] = defaultdict(dict)
    latest: dict[tuple[int, str], int] = {}
    for school_id, measure, year, release, title, dated, value in rows:
        code, school = measure.partition(".")[0], by_id[school_id]
        if code not in RESULTS:
            continue
        latest[school_id, code] = year
        if value is not None and measure in STANDS_OUT.get(code, {}):
            values[school_id, measure][year] = value
        words = f"summer {year + 1}, {Release(release).label}"
        held = found.setdefault(school_id, {})
        held[code] = DataHeld(code, source=title, release=words, on=dated, url=_results_tab(school))
        sheet = reverse("targets:summary-sheet", args=[school.authority.code, school.urn])
        held[SHEET] = DataHeld(SHEET, source="made by the portal", release=f"results of {words}", on=dated, url=sheet)
        if code in ATTAINED:
            name = ATTAINED[code]
            held[name] = DataHeld(name, source="made by the portal", release=words, on=dated, url=address(school, stages[name]))
    for (school_id, code), year in latest.items():
        said = _stands_out({measure: values[school_id, measure] for measure in STANDS_OUT.get(code, {})}, STANDS_OUT.get(code, {}), year)
        for name in filter(None, (code, ATTAINED.get(code))):
            found[school_id][name] = replace(found[school_id][name], stands_out=said)
    return {school_id: list(held.values()) for school_id, held in found.items()}


def _stands_out(values: Mapping[str, Mapping[int, Decimal]], words: Mapping[str, str], year: int) -> str:
    """ "Level 4+ in English and mathematics 74%, down 5 on the year before"; empty where no figure is held."""
    parts = []
    for measure, named in words.items():
        now, before = values[measure].get(year), values[measure].get(year - 1)
        if now is None:
            continue
        places = 1 if measure.startswith("absence.") else 0
        text = f"{named} {format_number(now, places)}%"
        if before is not None:
            change = round_half_up(now, places) - round_half_up(before, places)
            text += f", {'up' if change > 0 else 'down'} {format_number(abs(change), places)}" if change else ", as the year before"
        parts.append(text)
    said = "; ".join(parts)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def aims_held(user: Any, schools: Sequence[School], on: dt.date) -> Mapping[int, Sequence[PreparationPart]]:
    """FFT estimates and the authority's indicative targets, each by the summers that they are for. Two queries."""
    rows = list(
        Estimate.objects.visible_to(user)
        .filter(school__in=[school.pk for school in schools], pupil_group="all", value__isnull=False, source__dated__lte=on)
        .order_by("source__dated", "pk")
        .values_list("school_id", "measure", "academic_year", "kind", "value", "source__title", "source__dated", named=True)
    )
    found: dict[int, list[PreparationPart]] = defaultdict(list)
    for school_id, part in [*_estimates(rows, schools), *_indicative(user, rows, schools, on)]:
        found[school_id].append(part)
    return found


def _estimates(rows: Sequence[Any], schools: Sequence[School]) -> Iterator[tuple[int, DataHeld]]:
    """What is held of FFT, by data set."""
    kinds: dict[tuple[int, str], set[str]] = defaultdict(set)
    summers: dict[tuple[int, str], set[int]] = defaultdict(set)
    sources: dict[tuple[int, str], tuple[str, dt.date]] = {}
    for row in rows:
        code = FFT.get(row.measure.partition(".")[0])
        if code is not None:
            kinds[row.school_id, code].add(row.kind)
            summers[row.school_id, code].add(row.academic_year + 1)
            sources[row.school_id, code] = (row.source__title, row.source__dated)
    by_id = {school.pk: school for school in schools}
    for (school_id, code), (title, dated) in sources.items():
        named, years = sorted(kinds[school_id, code]), [str(summer) for summer in sorted(summers[school_id, code])]
        of = f"{'types' if len(named) > 1 else 'type'} {_and(named)} for summer {_and(years)}"
        yield school_id, DataHeld(code, source=title, release=of, on=dated, url=_results_tab(by_id[school_id]))


def _indicative(
    user: Any, estimates: Sequence[Any], schools: Sequence[School], on: dt.date
) -> Iterator[tuple[int, DataHeld | DataInstead]]:
    """The authority's indicative targets; where there are none for a summer, the FFT D estimates that can stand in."""
    by_id = {school.pk: school for school in schools}
    rows = Target.objects.visible_to(user).filter(
        school__in=list(by_id), pupil_group="all", indicative__isnull=False, changed_at__date__lte=on
    )
    latest: dict[tuple[int, int], tuple[int, dt.date]] = {}
    for school_id, summer, changed_at in rows.values_list("school_id", "summer", "changed_at"):
        count, day = latest.get((school_id, summer), (0, changed_at.date()))
        latest[school_id, summer] = (count + 1, max(day, changed_at.date()))
    for (school_id, summer), (count, day) in latest.items():
        said = "1 measure" if count == 1 else f"{count} measures"
        held = DataHeld(f"{INDICATIVE}-{summer}", source="the authority", release=said, on=day, url=_results_tab(by_id[school_id]))
        yield school_id, held
    instead: dict[tuple[int, int], list[str]] = defaultdict(list)
    for row in sorted(estimates, key=lambda row: row.measure):
        summer = row.academic_year + 1
        if row.kind == EstimateKind.D and (row.school_id, summer) not in latest and row.measure in HEADLINE:
            instead[row.school_id, summer].append(f"{HEADLINE[row.measure]} {format_number(row.value)}%")
    for (school_id, summer), said_of in instead.items():
        yield school_id, DataInstead(f"{INDICATIVE}-{summer}", f"FFT D estimate instead: {', '.join(said_of)}.")


def _results_tab(school: School) -> str:
    return reverse("schools:school-tab", args=[school.authority.code, school.urn, "results"])


HEADLINE: Final[Mapping[str, str]] = {"ks2.l4_en_ma": "level 4+ in both", "ks4.ac5_en_ma": "five A*-C with English and mathematics"}


def _and(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
