"""A map of the authority without a base map: schools by easting and northing, clusters as tints, cases as numbers (SVG)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.charts.base import Chart
from core.charts.drawing import BAND, BRAND, EDGE, INK, MIDDLE, PAPER, SOFT, Canvas, text_width

MARGIN: Final = 26
FOOT: Final = 62
APART: Final = 24
SCALE_METRES: Final = 5000

Point = tuple[int, int]


@dataclass(frozen=True)
class Spot:
    """A school: ``number`` of its case on the map, 0 for none; ``level`` of support, 0 where none is published."""

    name: str
    easting: int
    northing: int
    cluster: str
    level: int
    number: int = 0


def hull(points: Iterable[Point]) -> list[Point]:
    """The convex hull, anticlockwise; the points themselves where there are fewer than three."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return ordered

    def half(run: Sequence[Point]) -> list[Point]:
        kept: list[Point] = []
        for p in run:
            while len(kept) > 1 and (kept[-1][0] - kept[-2][0]) * (p[1] - kept[-2][1]) <= (kept[-1][1] - kept[-2][1]) * (
                p[0] - kept[-2][0]
            ):
                kept.pop()
            kept.append(p)
        return kept[:-1]

    return half(ordered) + half(ordered[::-1])


@dataclass(frozen=True, kw_only=True)
class BoardMap(Chart):
    """``levels`` are the names of the levels of support by rank, for the key."""

    spots: Sequence[Spot]
    levels: Mapping[int, str]
    unit: str = ""

    @property
    def title(self) -> str:
        cases = [spot for spot in self.spots if spot.number]
        return f"{self.heading}: {len(cases)} of {len(self.spots)} schools, by cluster"

    @property
    def desc(self) -> str:
        found: dict[str, list[str]] = defaultdict(list)
        for spot in self.spots:
            if spot.number:
                found[spot.cluster or "no cluster"].append(f"{spot.number} {spot.name}")
        return ". ".join(f"{cluster}: {', '.join(names)}" for cluster, names in found.items()) or "No school."

    @property
    def head(self) -> Sequence[str]:
        return ["Number", "School", "Cluster"]

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        return [[str(spot.number), spot.name, spot.cluster] for spot in self.spots if spot.number]

    def draw(self, width: int) -> Canvas:
        if not self.spots:
            canvas = Canvas(width, 40)
            canvas.text(0, 24, "No school of yours has a place on the map.")
            return canvas
        west, east = min(s.easting for s in self.spots), max(s.easting for s in self.spots)
        south, north = min(s.northing for s in self.spots), max(s.northing for s in self.spots)
        across, up = max(east - west, 1000), max(north - south, 1000)
        unit = min(Decimal(width - 2 * MARGIN) / across, Decimal(width) / up)
        height = up * unit + 2 * MARGIN
        canvas = Canvas(width, height + FOOT)

        def at(easting: int, northing: int) -> tuple[Decimal, Decimal]:
            return MARGIN + (easting - west) * unit, MARGIN + (north - northing) * unit

        clusters: dict[str, list[Spot]] = defaultdict(list)
        for spot in self.spots:
            if spot.cluster:
                clusters[spot.cluster].append(spot)
        middles = []
        for name, members in clusters.items():
            corners = [at(*point) for point in hull((s.easting, s.northing) for s in members)]
            if len(corners) > 2:
                shape = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
                canvas.shape("polygon", points=shape, fill=BAND, stroke=BAND, stroke_width="14", stroke_linejoin="round")
            elif len(corners) == 2:
                (x1, y1), (x2, y2) = corners
                canvas.line(x1, y1, x2, y2, stroke=BAND, stroke_width=16, stroke_linecap="round")
            places = [at(s.easting, s.northing) for s in members]
            half = text_width(name, 12) / 2
            middle = sum((x for x, _ in places), Decimal(0)) / len(places)
            middles.append((name, min(max(middle, half), width - half), max(min(y for _, y in places) - 15, Decimal(12))))
        for spot in self.spots:
            if not spot.number:
                _mark(canvas, *at(spot.easting, spot.northing), spot.level)
        for name, x, y in middles:
            canvas.haloed(x, y, name, size=12, fill=SOFT)
        taken: list[tuple[Decimal, Decimal]] = []
        for spot in self.spots:
            if spot.number:
                x, y = at(spot.easting, spot.northing)
                while any(abs(x - left) < APART and abs(y - top) < APART for left, top in taken):
                    x += APART  # neighbours stand side by side
                taken.append((x, y))
                canvas.circle(x, y, "11", fill=INK, stroke=PAPER, stroke_width="2")
                canvas.text(x, y + Decimal("4.5"), str(spot.number), size=12, fill=PAPER, anchor="middle", weight=700)
        self._key(canvas, width, height, unit)
        return canvas

    def _key(self, canvas: Canvas, width: int, height: Decimal, unit: Decimal) -> None:
        x, y = Decimal(6), height + 16
        for level, label in sorted(self.levels.items()):
            count = sum(1 for spot in self.spots if spot.level == level)
            words = f"{label} {count}"
            _mark(canvas, x, y, level)
            canvas.text(x + 12, y + 4, words, fill=INK)
            x += Decimal(len(words) * 7 + 34)
            if x > width - 120:
                x, y = Decimal(6), y + 22
        bar = SCALE_METRES * unit
        foot = height + FOOT - 8
        canvas.text(width - bar - 8, foot + 4, "5 km", anchor="end")
        canvas.line(width - bar, foot, width, foot, stroke=INK, stroke_width=2)


def _mark(canvas: Canvas, x: Decimal, y: Decimal, level: int) -> None:
    """A school by its level of support: the forms differ, not the colours alone."""
    if level >= 4:
        canvas.diamond(x, y, 6, fill=INK)
    elif level == 3:
        shape = f"{x:.1f},{y - 5:.1f} {x + 5:.1f},{y + 4:.1f} {x - 5:.1f},{y + 4:.1f}"
        canvas.shape("polygon", points=shape, fill=BRAND)
    elif level == 2:
        canvas.circle(x, y, "3.5", fill=MIDDLE)
    else:
        canvas.circle(x, y, "3", fill=PAPER, stroke=MIDDLE if level else EDGE, stroke_width="1.5")
