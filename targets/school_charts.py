"""The charts of one school's figures: years beside authority, England and floor; groups of pupils; levels; and the spread of schools."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Final

from core.charts import Band, Bar, Bars, Distribution, Gap, Gaps, Role, Series, Trend
from core.numbers import format_number

from .choices import Level
from .pack import Measure
from .selectors.school import ALL, SchoolFigures, shown

BAND: Final = 10
SHORT: Final = 9


def short_name(figures: SchoolFigures) -> str:
    """For the end of a line, where there is room for nine letters."""
    first = figures.school.name.split(" ")[0]
    return first if len(first) <= SHORT else "School"


def key_of(kind: str, measure: Measure) -> str:
    return f"{kind}-{measure.code.replace('.', '-').replace('_', '-')}"


def heading_of(measure: Measure) -> str:
    return f"{measure.short_label}, %" if measure.unit == "%" else measure.short_label


def source_of(figures: SchoolFigures, measure: Measure) -> str:
    """Source, release and date of the latest figure; what one pupil is worth where they are few."""
    year = figures.latest(measure)
    row = figures.row(measure, year) if year is not None else None
    if row is None:
        return ""
    worth = pupil_worth(row.cohort) if measure.unit == "%" else ""
    return f"{row.source}.{f' {worth}' if worth else ''}"


def pupil_worth(cohort: int | None) -> str:
    """README-data.md, chart rule 8: wherever a cohort is under fifty."""
    return f"One pupil is {format_number(Decimal(100) / cohort, 1)} points." if cohort and cohort < 50 else ""


def trend(figures: SchoolFigures, measure: Measure, *, ahead: bool = False, heading: str = "") -> Trend | None:
    """The years held, where two have a figure; with ``ahead`` also the summers that there is a target or an
    estimate for, which it then speaks of."""
    years = figures.years
    own = [figures.value(measure, year) for year in years]
    if sum(value is not None for value in own) < 2:
        return None
    school = figures.school
    series = [Series(school.name, Role.SUBJECT, own, short=short_name(figures))]
    for level, role, label, short in (
        (Level.AUTHORITY, Role.AUTHORITY, school.authority.name, "LA"),
        (Level.NATIONAL, Role.NATIONAL, "England", "National"),
    ):
        values = [figures.published(level, measure, year) for year in years]
        if any(value is not None for value in values):
            series.append(Series(label, role, values, short=short))
    points, say = [str(year + 1) for year in years], finding(figures, measure)
    if ahead:
        coming = {summer: row.value for (code, summer), row in figures.targets.items() if code == measure.code and summer > years[-1] + 1}
        fft = {
            year + 1: row.value
            for (code, year, kind), row in figures.estimates.items()
            if code == measure.code and kind == "D" and year > years[-1]
        }
        summers = sorted(coming.keys() | fft.keys())
        before: list[Decimal | None] = [None] * len(years)
        series = [Series(one.label, one.role, [*one.values, *([None] * len(summers))], short=one.short) for one in series]
        for label, found in (("Target", coming), ("FFT D", fft)):
            if found:
                series.append(Series(label, Role.TARGET, [*before, *(found.get(summer) for summer in summers)]))
        points += [str(summer) for summer in summers]
        say = "; ".join(
            f"{label} {', '.join(f'{shown(measure, value)} in {summer}' for summer, value in sorted(found.items()))}"
            for label, found in (("Target", coming), ("FFT D estimate", fft))
            if found
        )
        say = f"{say}." if say else "No target and no estimate is held for the summers to come."
    last = figures.latest(measure)
    return Trend(
        key=key_of("trend", measure),
        heading=heading or heading_of(measure),
        say=say,
        source=source_of(figures, measure),
        points=points,
        series=series,
        floor=figures.floor(measure, last + 1) if last is not None else None,
        unit=measure.unit,
        decimals=measure.decimals,
    )


def gaps(figures: SchoolFigures, measure: Measure) -> Gaps | None:
    """The latest gaps between groups of pupils; a group too small to show has no figure."""
    if figures.part is None or not figures.years:
        return None
    year, found = figures.years[-1], []
    for group in figures.part.groups:
        if group.level != "school" or group.code in (ALL, "boys") or group.code.startswith("non") or not group.compared_with:
            continue
        pair = [figures.row(measure, year, code) for code in (group.code, group.compared_with)]
        if any(row is not None for row in pair):
            found.append(Gap(group.label, *(row.value if row else None for row in pair)))
    if not found:
        return None
    known = [gap for gap in found if gap.size is not None]
    widest = max(known, key=lambda gap: abs(gap.size or Decimal(0)), default=None)
    return Gaps(
        key=key_of("gaps", measure),
        heading=f"Gaps between groups, {measure.short_label}",
        say=f"Widest: {widest.label}, {format_number(abs(widest.size or Decimal(0)))} points." if widest else "",
        gaps=found,
        source=f"Summer {year + 1}. Groups too small to show have no figure.",
        decimals=measure.decimals,
    )


def beside_authority(figures: SchoolFigures, measures: Sequence[Measure], *, key: str, heading: str) -> Gaps | None:
    """Several measures of one kind at once, the school's figure beside the authority's."""
    if not figures.years:
        return None
    year = figures.years[-1]
    found = [Gap(one.short_label, figures.value(one, year), figures.published(Level.AUTHORITY, one, year)) for one in measures]
    known = [gap for gap in found if gap.size is not None]
    if not known:
        return None
    above = sum(1 for gap in known if gap.size and gap.size > 0)
    return Gaps(
        key=key,
        heading=heading,
        say=f"Above {figures.school.authority.name} in {above} of {len(known)}.",
        gaps=found,
        group_name=short_name(figures),
        others_name=figures.school.authority.name,
        source=f"Summer {year + 1}.",
    )


def levels(figures: SchoolFigures, measures: Sequence[Measure], *, key: str, heading: str) -> Bars | None:
    """The share at each level and above, subject by subject; the harder levels are drawn lighter."""
    if not figures.years:
        return None
    year = figures.years[-1]
    bars = [
        Bar(measure.short_label, value, is_quiet=not measure.code.partition(".")[2].startswith(("l2_", "l4_")))
        for measure in measures
        if (value := figures.value(measure, year)) is not None
    ]
    return Bars(key=key, heading=heading, bars=bars, of=f"Summer {year + 1}", unit="%", source=f"Summer {year + 1}.") if bars else None


def distribution(figures: SchoolFigures, measure: Measure) -> Distribution | None:
    """How many of the authority's schools lie in each ten points, the floor at the edge of a band, the school's own marked."""
    own = figures.value(measure, figures.years[-1]) if figures.years else None
    values = figures.spread(measure) if own is not None and measure.unit == "%" else []
    if own is None or not values:
        return None
    floor = figures.floor(measure, figures.years[-1] + 1)
    offset = floor % BAND if floor is not None else Decimal(0)

    def start(value: Decimal) -> int:
        return int(((value - offset) / BAND).to_integral_value(ROUND_FLOOR) * BAND + offset)

    first, last = start(min(values)), start(max(values))
    bands = []
    for low in range(first, last + 1, BAND):
        count = sum(1 for value in values if start(value) == low)
        label = f"{max(low, 0)} to {min(low + BAND - 1, 100)}" if low < 100 else "100"
        bands.append(Band(label, count, is_own=start(own) == low, is_below_floor=floor is not None and low + BAND <= floor))
    below = sum(1 for value in values if value < own)
    return Distribution(
        key=key_of("spread", measure),
        heading=f"Where the school lies, {measure.short_label}",
        say=f"{below} of the {len(values)} schools of {figures.school.authority.name} with a figure are lower.",
        bands=bands,
        own=f"{short_name(figures)} {format_number(own, measure.decimals)}",
        source=f"Summer {figures.years[-1] + 1}. Schools are counted, not named.",
    )


def finding(figures: SchoolFigures, measure: Measure) -> str:
    """ "52% in 2008, 4 points up on 2007; 19 points below Wealdshire, 20 below England, and below the floor of 55%." """
    year = figures.latest(measure)
    value = figures.value(measure, year) if year is not None else None
    if year is None or value is None:
        cell = figures.cell(measure, year if year is not None else figures.years[-1]) if figures.years else None
        return f"No figure: {cell.why}." if cell else "No figures are held."
    said = f"{shown(measure, value)} in {year + 1}"
    change = figures.change(measure, year)
    if change is not None:
        said += f", {_points(measure, change, 'up on', 'down on', 'the same as')} {year}"
    beside = [
        _points(measure, value - other, "above", "below", "level with") + f" {name}"
        for name, level in ((figures.school.authority.name, Level.AUTHORITY), ("England", Level.NATIONAL))
        if (other := figures.published(level, measure, year)) is not None
    ]
    if beside:
        said += "; " + " and ".join(beside)
    floor = figures.floor(measure, year + 1)
    if floor is not None and measure.is_higher_better:
        said += f"{', ' if beside else '; '}{'below' if value < floor else 'at or above'} the floor of {shown(measure, floor)}"
    return f"{said}."


def sentence(figures: SchoolFigures, measure: Measure) -> str:
    """The finding with its measure in full: "Key Stage 2, level 4 or above in both English and mathematics: 52% in 2008 …"."""
    return f"{measure.label.replace(': ', ', ')}: {finding(figures, measure)}"


def _points(measure: Measure, size: Decimal, more: str, less: str, same: str) -> str:
    text = format_number(abs(size), measure.decimals)
    if Decimal(text.replace(",", "")) == 0:
        return same
    return f"{text} {'point' if text == '1' else 'points'} {more if size > 0 else less}"
