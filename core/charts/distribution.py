"""How many schools lie in each band: columns from nought, one's own band and the floor marked by form and word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.components.formats import plural

from .base import Chart
from .drawing import BRAND, EDGE, GRID, INK, PALE, SOFT, Canvas, Scale, ticks

LEFT: Final = 30
TOP: Final = 34
PLOT_HEIGHT: Final = 180


@dataclass(frozen=True)
class Band:
    """``is_own`` marks the band in which the subject lies; ``is_below_floor`` one that lies wholly under the minimum."""

    label: str
    count: int
    is_own: bool = False
    is_below_floor: bool = False


@dataclass(frozen=True, kw_only=True)
class Distribution(Chart):
    """``own`` labels the marked band ("Marlpit 52"); ``what`` is what is counted."""

    bands: Sequence[Band]
    own: str = ""
    what: str = "school"
    unit: str = ""

    @property
    def title(self) -> str:
        total = sum(band.count for band in self.bands)
        own = next((band for band in self.bands if band.is_own), None)
        below = sum(band.count for band in self.bands if band.is_below_floor)
        said = [plural(total, self.what)]
        if own is not None:
            said.append(f"{self.own or 'this one'} among the {own.count} in {own.label}")
        if any(band.is_below_floor for band in self.bands):
            said.append(f"{below} below the floor")
        return f"{self.heading}: {', '.join(said)}"

    @property
    def head(self) -> Sequence[str]:
        return ["Band", f"{self.what[:1].upper()}{self.what[1:]}s"]

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        return [
            [
                f"{band.label}{', below the floor' if band.is_below_floor else ''}{f' ({self.own})' if band.is_own and self.own else ''}",
                str(band.count),
            ]
            for band in self.bands
        ]

    def draw(self, width: int) -> Canvas:
        bottom = TOP + PLOT_HEIGHT
        canvas = Canvas(width, bottom + 44)
        marks = ticks(Decimal(0), Decimal(max([band.count for band in self.bands], default=1) or 1), most=5)
        y = Scale(Decimal(0), marks[-1], bottom, TOP)
        for mark in marks:
            canvas.line(LEFT, y(mark), width, y(mark), stroke=SOFT if not mark else GRID)
            if mark == mark.to_integral_value():
                canvas.text(LEFT - 6, y(mark) + Decimal("4.5"), f"{mark:,.0f}", anchor="end")
        each = Decimal(width - LEFT) / max(len(self.bands), 1)
        every = 1 if each >= 34 else 2
        for index, band in enumerate(self.bands):
            x, height = LEFT + each * index, bottom - y(band.count)
            fill = BRAND if band.is_own else PALE
            edge = (
                {"stroke": INK, "stroke_width": "1.5", "stroke_dasharray": "3 2"}
                if band.is_below_floor
                else {"stroke": EDGE, "stroke_width": "1"}
            )
            if band.count:
                canvas.rect(x + 2, y(band.count), each - 4, height, fill=fill, **edge)
                canvas.haloed(x + each / 2, y(band.count) - 5, str(band.count), size=13, fill=BRAND if band.is_own else INK)
            if index % every == 0:
                canvas.text(x + each / 2, bottom + 18, band.label, anchor="middle")
            if band.is_own:
                canvas.shape("path", d=f"M{int(x + each / 2) - 6} {bottom + 38} l6 -12 l6 12 z", fill=BRAND)
                centre = min(max(x + each / 2, LEFT + Decimal(40)), width - Decimal(40))
                canvas.text(
                    centre + (12 if centre < width - 90 else -12),
                    bottom + 38,
                    self.own,
                    size=13,
                    fill=BRAND,
                    weight=700,
                    anchor="" if centre < width - 90 else "end",
                )
        if any(band.is_below_floor for band in self.bands):
            canvas.rect(LEFT, 4, 14, 11, fill=PALE, stroke=INK, stroke_width="1.5", stroke_dasharray="3 2")
            canvas.text(LEFT + 20, 14, "below the floor", fill=INK)
        return canvas
