"""Inspections of Wealdshire's schools since September 2005, their key issues, and readiness for the next: as an administrator
imports them and SIPs record them. Made to agree with what the notes say of each situation; seeded by URN."""

from __future__ import annotations

import csv
import datetime as dt
import random
import tempfile
from collections.abc import Iterable, Sequence
from typing import IO, TYPE_CHECKING, Any, cast

from core.tabular import services as imports
from core.tabular.imports import IMPORTS
from schools import services as schools

from . import material

if TYPE_CHECKING:
    from .seed import Place, Seed

MONTHS = {"March 2007": dt.date(2007, 3, 14), "June 2007": dt.date(2007, 6, 6), "November 2007": dt.date(2007, 11, 21)}
THEMES = {"more_able": "more-able", "matched_work": "challenge", "leaders_monitoring": "monitoring"}
GRADES = {
    # situation: overall, capacity
    "outstanding_sharing": (1, 1),
    "steady_good": (2, 2),
    "small_rural": (2, 2),
    "special_small_steps": (2, 2),
    "boys_writing": (2, 2),
    "eal_rising": (2, 2),
    "infant_junior_dispute": (2, 2),
    "coasting_leafy": (2, 3),
    "middle_attainers_stuck": (2, 3),
    "falling_roll_deficit": (2, 2),
    "high_mobility_coastal": (3, 2),
    "pru_reintegration": (3, 2),
    "low_attaining_improving": (3, 3),
    "reserves_high_declining": (3, 3),
    "national_challenge": (3, 3),
    "new_head_after_sm": (3, 2),
}
COLUMNS = (
    "URN", "First day", "Last day", "Published", "Kind", "Overall", "Capacity", "Achievement", "Personal", "Teaching", "Curriculum", "Care",
    "Leadership", "Category", "Category left", "Progress",
)  # fmt: skip


def make(seed: Seed) -> None:
    at = dt.datetime(2008, 9, 2, 10, tzinfo=dt.UTC)
    rows: list[list[Any]] = []
    issues: list[list[Any]] = []
    for place in seed.places.values():
        found = list(inspections_of(place))
        rows += found
        issues += issues_of(place, found)
    seed.inspect(rows, issues)
    load(seed, "administrator", "inspections", "inspections-since-2005.csv", COLUMNS, rows, at)
    load(seed, "administrator", "key-issues", "key-issues.csv", ("URN", "Inspection date", "Number", "Key issue", "Theme"), issues, at)
    _prepare(seed)


def load(seed: Seed, who: str, kind: str, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], at: dt.datetime) -> None:
    """Import rows as the person would: from a file, through the same service."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_headers(kind, columns))
        writer.writerows(rows)
        file.flush()
        batch = imports.run(
            actor=seed.users[who],
            kind=kind,
            authority_code=seed.authority.code,
            file=cast("IO[bytes]", file.buffer),
            file_name=name,
            at=at,
            on=at.date(),
            should_commit=True,
        )
    if batch.summary["error_count"] or batch.summary["held"]:
        raise ValueError(f"{name}: {batch.summary['errors'][:3]} {batch.held[:3]}")


def _headers(kind: str, columns: Sequence[str]) -> list[str]:
    known = {name.casefold() for column in IMPORTS[kind].format.columns for name in column.names}
    unknown = [name for name in columns if name.casefold() not in known]
    if unknown:
        raise ValueError(f"{kind} has no column {unknown}")
    return list(columns)


def _day(on: dt.date | None) -> str:
    return f"{on:%d/%m/%Y}" if on else ""


def inspections_of(place: Place) -> Iterable[list[Any]]:
    """Two in the cycle for a school that was in special measures; one for most; for a few none since 2005."""
    draw = random.Random(place.school.urn * 7)  # noqa: S311 - dates and grades, not secrets
    urn, (overall, capacity) = place.school.urn, GRADES[place.family]
    story = {entry["school"]: entry for entry in material.toml("inspections")["school"]}.get(urn)
    if story is not None and story.get("none"):
        return
    if place.family == "new_head_after_sm":
        out = MONTHS[str(place.figures["inspection_month"])]
        entered = dt.date(2005, 11, 8) + dt.timedelta(draw.randrange(3) * 7)
        yield row_of(urn, entered, 4, 4, draw, category="special measures", left=out)
        yield [urn, _day(entered + dt.timedelta(330)), "", "", "monitoring", *[""] * 10, "satisfactory"]
        yield [urn, _day(entered + dt.timedelta(450)), "", "", "monitoring", *[""] * 10, "good"]
        yield row_of(urn, out, 3, 2, draw)
        return
    if story is not None:
        yield row_of(urn, story["on"], story["overall"], story["capacity"], draw, category=story.get("category", ""))
        return
    first = dt.date(2005, 9, 20)
    on = first + dt.timedelta(draw.randrange(30, 990))
    while on.weekday() > 2 or on.month in (8,) or (on.month, on.day) > (12, 14) or (on.month, on.day) < (1, 8):
        on += dt.timedelta(1)
    yield row_of(urn, on, overall, capacity, draw)


def row_of(
    urn: int, on: dt.date, overall: int, capacity: int, draw: random.Random, *, category: str = "", left: dt.date | None = None
) -> list[Any]:
    areas = [max(1, min(4, overall + draw.choice((0, 0, 0, -1)))) for _ in range(5)]
    achievement, teaching = overall, areas[1] if overall < 4 else 4
    return [
        urn, _day(on), _day(on + dt.timedelta(1)), _day(on + dt.timedelta(23)), "full", overall, capacity, achievement, max(1, areas[0] - 1) if overall > 2 else areas[0],
        teaching, areas[2], areas[3], min(overall, capacity + 1) if overall < 4 else 4, category, _day(left), "",
    ]  # fmt: skip


def issues_of(place: Place, found: Sequence[list[Any]]) -> Iterable[list[Any]]:
    """The situation's key issues, in words; those of an earlier special-measures report first among them."""
    words = material.toml("inspections")["issue"]
    codes = material.toml("situations")[place.family]["key_issues"]
    draw = random.Random(place.school.urn * 11)  # noqa: S311 - words, not secrets
    for row in found:
        if row[4] != "full":
            continue
        count = len(codes) if int(row[5]) >= 3 else min(2, len(codes))
        for number, code in enumerate(codes[:count], start=1):
            theme = THEMES.get(code, code)
            yield [place.school.urn, row[1], number, draw.choice(words[theme]), theme]


def _prepare(seed: Seed) -> None:
    """What SIPs found in place by mid-October, at two schools in three."""
    from people.packs import require_pack
    from schools.pack import inspection_of

    part = inspection_of(require_pack(seed.authority, dt.date(2008, 10, 14)).content)
    for place in seed.places.values():
        draw = random.Random(place.school.urn * 13)  # noqa: S311 - states, not secrets
        if draw.random() > 0.66:
            continue
        answers = {}
        for item in part.readiness_for(place.school.phase):
            share = {"section-3": 0.45, "section-3-secondary": 0.4, "sef-cohesion": 0.5}.get(item.code, 0.7)
            roll = draw.random()
            answers[item.code] = ("yes" if roll < share else "partly" if roll < share + 0.2 else "no", "")
        day = dt.datetime(2008, 10, 6 + draw.randrange(5), 15, tzinfo=dt.UTC)
        schools.record_readiness(actor=place.sip, school=place.school, answers=answers, at=day)
