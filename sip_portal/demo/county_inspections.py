"""Inspections of the full-size Wealdshire since September 2005; key issues of its primary schools to the counts of P22 and P23."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from . import material
from .inspections import THEMES, inspections_of, issues_of, row_of

if TYPE_CHECKING:
    from .seed import Place

KEY_ISSUES = {
    "marking": 136, "writing": 126, "mathematics": 98, "teaching": 87, "more-able": 67, "science": 64, "challenge": 64, "monitoring": 55,
    "assessment": 55, "tracking": 51,
}  # fmt: skip
PRIMARY = ("primary", "infant", "junior")
ROOM = {1: 1, 2: 2, 3: 4, 4: 4}
"""How many key issues a report has, by its overall grade."""

INADEQUATE = {"national_challenge": 7, "low_attaining_improving": 8, "high_mobility_coastal": 9}
"""One in so many of these is in a category."""

NONE_EVERY = 21


def inspect(places: Sequence[Place], primaries: Iterable[int], rows: list[list[Any]], issues: list[list[Any]]) -> None:
    """Add to the story's rows, of whose schools ``primaries`` are primary."""
    story = set(primaries)
    told = {(urn, theme) for urn, _, _, _, theme in issues if urn in story}
    found: dict[int, list[list[Any]]] = {}
    for number, place in enumerate(places):
        if number % NONE_EVERY != NONE_EVERY // 2:
            found[place.school.urn] = list(_of(place, number))
            rows += found[place.school.urn]
    for place in places:
        if place.school.phase not in PRIMARY and place.school.urn in found:
            issues += issues_of(place, found[place.school.urn])
    issues += _primary_issues([place for place in places if place.school.phase in PRIMARY and found.get(place.school.urn)], found, told)


def _of(place: Place, number: int) -> Iterator[list[Any]]:
    every = INADEQUATE.get(place.family)
    if every and number % every == 1:
        draw = random.Random(place.school.urn * 7)  # noqa: S311 - dates and grades, not secrets
        on = dt.date(2007, 9, 25) + dt.timedelta(7 * draw.choice((0, 1, 2, 6, 7, 8, 16, 17, 18, 24, 25, 33, 34)))
        yield row_of(
            place.school.urn,
            on,
            4,
            draw.choice((3, 4)),
            draw,
            category=draw.choice(("special measures", "notice to improve", "notice to improve")),
        )
        return
    yield from inspections_of(place)


def _primary_issues(places: Sequence[Place], found: dict[int, list[list[Any]]], told: set[tuple[int, str]]) -> Iterator[list[Any]]:
    """Each theme to as many schools as are left of its count: first to those whose situation has it, then to others with room."""
    words = material.toml("inspections")["issue"]
    latest = {place.school.urn: [row for row in found[place.school.urn] if row[4] == "full"][-1] for place in places}
    room = {urn: ROOM[int(row[5])] for urn, row in latest.items()}
    themes: dict[int, list[str]] = {urn: [] for urn in latest}
    order = list(places)
    random.Random("key issues").shuffle(order)  # noqa: S311 - an order, not secrets
    for theme, count in KEY_ISSUES.items():
        left = count - sum(1 for _, code in told if code == theme)
        fitting = [place for place in order if theme in _own(place)] + [place for place in order if theme not in _own(place)]
        for place in fitting:
            urn = place.school.urn
            if left and len(themes[urn]) < room[urn]:
                themes[urn].append(theme)
                left -= 1
        if left:
            raise ValueError(f"{theme}: {left} schools are lacking")
    for place in places:
        urn = place.school.urn
        draw = random.Random(urn * 11)  # noqa: S311 - words, not secrets
        for number, theme in enumerate(themes[urn] or ["other"], start=1):
            yield [urn, latest[urn][1], number, draw.choice(words[theme]), theme]


def _own(place: Place) -> list[str]:
    return [THEMES.get(code, code) for code in material.toml("situations")[place.family]["key_issues"]]
