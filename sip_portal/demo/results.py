"""Results of the demonstration: summers 2006 to 2008, estimates and the authority's own figures, through the imports that users have.

What the notes quote of a school (``figures``) stands here as quoted; the rest is drawn around it, seeded by the URN. The Foundation
Stage rises in twelve of thirteen aspects in both years, and the authority's target for it was 3.9 points lower than what came (P5).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone

from core.numbers import round_half_up
from core.tabular import services as imports
from people.models import User
from schools.models import School

YEARS: Final = (2005, 2006, 2007)
SMALLEST: Final = 6
"""Pupils: results of fewer are kept as suppressed, and are in no sum (the pack's ``smallest_cohort_shown``)."""

LOADED_ON: Final = dt.date(2008, 9, 2)
HEAD: Final = ("URN", "Level", "Measure", "Year", "Group", "Value", "Numerator", "Cohort", "Lower", "Upper")
ASPECTS: Final = {
    "da6": 88, "sd6": 83, "ed6": 79, "lct6": 80, "lsl6": 70, "re6": 70, "wr6": 58, "nlc6": 87, "ca6": 71, "ssm6": 81, "kuw6": 79,
    "pd6": 89, "cd6": 80,
}  # fmt: skip
KS1: Final = {
    "l2_wr": 82, "l2_ma": 91, "l2_sc": 89, "l2b_re": 71, "l2b_ma": 74, "l3_re": 27, "l3_wr": 15, "l3_ma": 24, "l3_sc": 25,
}  # fmt: skip
YOUNG: Final = ("nursery", "primary", "infant", "first")
INFANTS: Final = ("primary", "infant", "first")
JUNIORS: Final = ("primary", "junior")

Line = tuple[Any, ...]


class Lines:
    """Rows of the file, and the sums from which the authority's own figures follow."""

    def __init__(self) -> None:
        self.by_year: dict[int, list[Line]] = defaultdict(list)
        self.sums: dict[tuple[str, int], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])

    def share(self, urn: int, measure: str, year: int, percent: Decimal | int, cohort: int, group: str = "all") -> None:
        """The pupils nearest to a percentage; the percentage itself comes from them."""
        reached = min(cohort, max(0, int(round_half_up(Decimal(percent) * cohort / 100))))
        self.by_year[year].append((urn, "", measure, year, group, "", reached, cohort, "", ""))
        if group == "all":
            self._sum(measure, year, Decimal(reached), cohort)

    def quoted(self, urn: int, measure: str, year: int, value: Decimal | int, cohort: int | str = "") -> None:
        """A figure as the notes have it; the pupils behind it where they give that percentage."""
        reached: int | str = ""
        if cohort and measure.startswith(("ks", "fsp")) and "cva" not in measure:
            nearest = int(round_half_up(Decimal(value) * int(cohort) / 100))
            reached = nearest if "gap" not in measure and round_half_up(Decimal(100 * nearest) / int(cohort)) == value else ""
            self._sum(measure, year, Decimal(value) * int(cohort) / 100, int(cohort))
        self.by_year[year].append((urn, "", measure, year, "all", value, reached, cohort, "", ""))

    def _sum(self, measure: str, year: int, reached: Decimal, cohort: int) -> None:
        if cohort < SMALLEST:
            return
        self.sums[measure, year][0] += reached
        self.sums[measure, year][1] += cohort

    def whole(self, measure: str, year: int) -> Decimal | None:
        reached, cohort = self.sums[measure, year]
        return round_half_up(100 * reached / cohort, 1) if cohort else None


def load_results(
    administrator: User, places: Iterable[tuple[School, Mapping[str, Any]]], settle: Callable[[Lines], None] = lambda lines: None
) -> None:
    """Import results (earlier summers as final, 2008 as provisional) and estimates. ``settle`` may change them before the sums are told."""
    lines, estimates = Lines(), []
    at = dt.datetime.combine(LOADED_ON, dt.time(9), tzinfo=timezone.get_default_timezone())
    for school, figures in places:
        draw = random.Random(f"results {school.urn}")  # noqa: S311 - figures, not secrets
        _school(lines, school, figures, draw)
        estimates += list(_estimates(school, figures))
    settle(lines)
    for year in YEARS:
        lines.by_year[year] += _of_authority(lines, year)
    lines.by_year[YEARS[0]] += _before(lines)
    code = "999"
    _run(
        administrator,
        code,
        "results",
        [line for year in YEARS[:-1] for line in lines.by_year[year]],
        "results-2006-2007.csv",
        at,
        release="final",
    )
    _run(administrator, code, "results", lines.by_year[YEARS[-1]], "results-2008.csv", at, release="provisional")
    _run(administrator, code, "estimates", estimates, "fft-estimates.csv", at, head=("URN", "Measure", "Year", "Type", "Value", "Cohort"))


def _school(lines: Lines, school: School, figures: Mapping[str, Any], draw: random.Random) -> None:
    urn, phase = school.urn, str(school.phase)
    now = int(figures.get("cohort_2008", 20))
    cohorts = {2005: max(6, now + draw.randint(-2, 2)), 2006: max(6, now + draw.randint(-2, 2)), 2007: now}
    lean = Decimal(int(figures.get("main_2008", 72)) - 72) / 4
    if phase in YOUNG:
        _foundation(lines, urn, figures, cohorts, lean, draw)
    if phase in INFANTS:
        _key_stage_1(lines, urn, figures, cohorts, lean, draw)
    if phase in JUNIORS and "main_2008" in figures:
        _key_stage_2(lines, urn, figures, cohorts, draw)
    if phase == "secondary" and "main_2008" in figures:
        for year, cohort in cohorts.items():
            main = int(figures[f"main_{year + 1}"])
            lines.quoted(urn, "ks4.ac5_en_ma", year, main, cohort)
            lines.share(urn, "ks4.ac5", year, min(97, main + draw.randint(9, 15)), cohort)
        _progress_to_key_stage_4(lines, urn, figures, cohorts[2007])
    if phase == "special":  # few pupils, whose results are not shown
        lines.by_year[2007].append((urn, "", "ks2.l4_en_ma", 2007, "all", "", 1, 5, "", ""))
    if phase != "nursery" and "absence_2008" in figures:
        for back, year in enumerate(reversed(YEARS)):
            lines.quoted(urn, "absence.total", year, figures["absence_2008"] + Decimal(back * draw.randint(0, 2)) / 10)
            lines.quoted(urn, "absence.persistent", year, Decimal(figures["pa_2008"]) + Decimal(back * draw.randint(0, 2)) / 10)


def _foundation(lines: Lines, urn: int, figures: Mapping[str, Any], cohorts: Mapping[int, int], lean: Decimal, draw: random.Random) -> None:
    cohort = cohorts[2007]
    for aspect, start in ASPECTS.items():
        for step, year in enumerate(YEARS):
            rise = Decimal(3 * step) if aspect != "cd6" else Decimal((0, 3, 1)[step])
            lines.share(urn, f"fsp.{aspect}", year, min(Decimal(98), start - 3 + rise + lean), cohort)
    good = int(figures.get("fsp_78_pct", 50))
    for back, year in enumerate(reversed(YEARS)):
        lines.share(urn, "fsp.gld", year, good - 3 * back, cohort)
        lines.quoted(urn, "fsp.gap20", year, Decimal(draw.randint(325, 345)) / 10 + back, cohort)


def _key_stage_1(
    lines: Lines, urn: int, figures: Mapping[str, Any], cohorts: Mapping[int, int], lean: Decimal, draw: random.Random
) -> None:
    for step, year in enumerate(YEARS):
        back = len(YEARS) - 1 - step
        for measure, level in KS1.items():
            lines.share(urn, f"ks1.{measure}", year, min(Decimal(99), level + lean - back), cohorts[year])
        lines.quoted(urn, "ks1.l2_re", year, int(figures["ks1_read_2008"]) - back, cohorts[year])
        lines.quoted(urn, "ks1.l2b_wr", year, int(figures["ks1_wr_2b_2008"]) - back, cohorts[year])
    reading, cohort = int(figures["ks1_read_2008"]), cohorts[2007]
    girls, free = cohort // 2, cohort // 5
    for group, share, number in (
        ("girls", reading + 3, girls),
        ("boys", reading - 3, cohort - girls),
        ("fsm", reading - 15, free),
        ("nonfsm", reading + 4, cohort - free),
    ):
        lines.share(urn, "ks1.l2_re", 2007, max(0, min(100, share)), number, group)


def _key_stage_2(lines: Lines, urn: int, figures: Mapping[str, Any], cohorts: Mapping[int, int], draw: random.Random) -> None:
    english, maths, science = draw.randint(5, 9), draw.randint(3, 7), draw.randint(10, 14)
    upper = draw.randint(38, 46)
    for step, year in enumerate(YEARS):
        both, cohort = int(figures[f"main_{year + 1}"]), cohorts[year]
        lines.quoted(urn, "ks2.l4_en_ma", year, both, cohort)
        for measure, more in (("en", english), ("ma", maths), ("sc", science)):
            lines.share(urn, f"ks2.l4_{measure}", year, min(98, both + more), cohort)
        for measure in ("en", "ma"):
            lines.share(urn, f"ks2.l5_{measure}", year, Decimal(both * (upper + step)) / 100, cohort)
    cohort = cohorts[2007]
    for subject in ("en", "ma"):
        lines.quoted(urn, f"ks2.prog2_{subject}", 2007, figures[f"progress_{subject}_2008"], cohort)
    cva = Decimal(figures["cva_2008"])
    half = round_half_up(Decimal(6) / Decimal(cohort).sqrt(), 1)
    lines.by_year[2007].append((urn, "", "ks2.cva", 2007, "all", cva, "", cohort, cva - half, cva + half))
    both, girls = int(figures["main_2008"]), cohort // 2
    for group, share, number in (
        ("girls", both + 4, girls),
        ("boys", both - 4, cohort - girls),
        ("fsm", both - 18, cohort // 5),
        ("nonfsm", both + 4, cohort - cohort // 5),
    ):
        lines.share(urn, "ks2.l4_en_ma", 2007, max(0, min(100, share)), number, group)


def _progress_to_key_stage_4(lines: Lines, urn: int, figures: Mapping[str, Any], cohort: int) -> None:
    """Three levels' progress, value added with its interval, and how free school meals tell: drawn from figures alone."""
    main = int(figures["main_2008"])
    for subject in ("en", "ma"):
        lines.quoted(urn, f"ks4.prog3_{subject}", 2007, figures[f"progress_{subject}_2008"], cohort)
    cva, half = Decimal(figures["cva_2008"]), round_half_up(Decimal(90) / Decimal(cohort).sqrt(), 1)
    lines.by_year[2007].append((urn, "", "ks4.cva", 2007, "all", cva, "", cohort, cva - half, cva + half))
    poor, gap = max(6, cohort // 7), 14 + urn % 23
    for group, share, number in (("fsm", main - gap, poor), ("nonfsm", main + 2, cohort - poor)):
        lines.share(urn, "ks4.ac5_en_ma", 2007, max(0, min(100, share)), number, group)


def _of_authority(lines: Lines, year: int) -> Iterator[Line]:
    """Its own figures, published from the same pupils; and the targets that it had set for summer 2008."""
    for measure, of_year in sorted(lines.sums):
        if of_year == year and (whole := lines.whole(measure, year)) is not None:
            yield ("", "authority", measure, year, "all", whole, "", int(lines.sums[measure, year][1]), "", "")
    if year == YEARS[-1]:
        good = lines.whole("fsp.gld", year)
        assert good is not None
        yield ("", "LA target", "fsp.gld", year, "all", good - Decimal("3.9"), "", "", "", "")
        yield ("", "LA target", "ks2.l4_en_ma", year, "all", 74, "", "", "", "")
        if (gap := lines.whole("fsp.gap20", year)) is not None:
            yield ("", "LA target", "fsp.gap20", year, "all", gap - 1, "", "", "", "")


def _before(lines: Lines) -> Iterator[Line]:
    """The authority's figures of the three summers before the schools' own, each a little lower; and England's that the pack lacks."""
    for measure in ("ks1.l2_re", "ks1.l2_wr", "ks1.l2_ma", "ks2.l4_en", "ks2.l4_ma", "ks4.ac5_en_ma", "ks4.ac5"):
        whole = lines.whole(measure, YEARS[0])
        for back in (1, 2, 3):
            if whole is not None:
                yield ("", "authority", measure, YEARS[0] - back, "all", whole - Decimal("0.6") * back, "", "", "", "")
    for measure, figure in (("ks2.l5_en", 34), ("ks2.l5_ma", 32)):
        yield ("", "England", measure, 2006, "all", figure, "", "", "", "")


def _estimates(school: School, figures: Mapping[str, Any]) -> Iterator[Line]:
    """For this year's oldest and the year below, as the notes quote them."""
    measure = {"secondary": "ks4.ac5_en_ma"}.get(str(school.phase)) or ("ks2.l4_en_ma" if school.phase in JUNIORS else "")
    if not measure or "fft_b" not in figures:
        return
    for year in (2008, 2009):
        cohort = figures[f"cohort_{year + 1}"]
        for kind, value in (("A", max(1, int(figures["fft_b"]) - 2)), ("B", figures["fft_b"]), ("D", figures["fft_d"])):
            yield (school.urn, measure, year, kind, value, cohort)
        for subject in ("en", "ma"):
            if measure.startswith("ks2") and f"progress_fft_{subject}" in figures:
                yield (school.urn, f"ks2.prog2_{subject}", year, "D", figures[f"progress_fft_{subject}"], cohort)


def _run(
    actor: User, code: str, kind: str, lines: Iterable[Line], name: str, at: dt.datetime, *, head: tuple[str, ...] = HEAD, **options: str
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows(lines)
    with tempfile.TemporaryFile() as file:
        file.write(text.getvalue().encode())
        batch = imports.run(
            actor=actor, kind=kind, authority_code=code, file=file, file_name=name, at=at, on=at.date(), options=options, should_commit=True
        )
    if batch.summary["error_count"] or batch.summary["held"]:
        raise ValueError(f"{name}: {batch.summary['errors'][:5]} {batch.held[:5]}")
