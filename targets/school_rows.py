"""A measure of one school as a row of a table: its years, and what it is set beside. Pages, documents and panels show the same row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.charts import Strip
from core.numbers import format_number

from .choices import Level
from .pack import Measure
from .school_charts import key_of, pupil_worth
from .selectors.school import Cell, SchoolFigures, changed, shown

STRIP_FROM: Final = Decimal(20)
FEW: Final = 50


@dataclass(frozen=True)
class FigureRow:
    """``years`` are those shown, earliest first; everything else is of the latest among them that the measure has."""

    figures: SchoolFigures
    measure: Measure
    years: Sequence[int]

    @property
    def cells(self) -> list[Cell]:
        return [self.figures.cell(self.measure, year) for year in self.years]

    @property
    def year(self) -> int | None:
        return self.figures.latest(self.measure)

    @property
    def now(self) -> Cell:
        return self.figures.cell(self.measure, self.year) if self.year is not None else Cell(why="not held")

    @property
    def value(self) -> Decimal | None:
        return self.now.value

    @property
    def change(self) -> str:
        return changed(self.measure, self.figures.change(self.measure, self.year)) if self.year is not None else ""

    def _beside(self, level: str) -> Decimal | None:
        return self.figures.published(level, self.measure, self.year) if self.year is not None else None

    @property
    def la(self) -> str:
        return shown(self.measure, self._beside(Level.AUTHORITY))

    @property
    def england(self) -> str:
        return shown(self.measure, self._beside(Level.NATIONAL))

    @property
    def floor_value(self) -> Decimal | None:
        return self.figures.floor(self.measure, self.year + 1) if self.year is not None else None

    @property
    def floor(self) -> str:
        return shown(self.measure, self.floor_value)

    @property
    def is_below_floor(self) -> bool:
        return self.floor_value is not None and self.value is not None and self.value < self.floor_value

    @property
    def interval(self) -> str:
        row = self.now.row
        return f"{shown(self.measure, row.lower)} to {shown(self.measure, row.upper)}" if row and row.lower is not None else ""

    @property
    def significance(self) -> str:
        """Of a value-added score against the middle that the interval does or does not hold: 1,000, 100 or nought by its size."""
        row = self.now.row
        if row is None or row.value is None or row.lower is None or row.upper is None:
            return ""
        middle = next((middle for middle in (Decimal(1000), Decimal(100)) if abs(row.value - middle) < middle / 2), Decimal(0))
        if row.lower <= middle <= row.upper:
            return "not significant"
        return f"significantly {'above' if row.lower > middle else 'below'} {format_number(middle)}"

    @property
    def cohort(self) -> int | None:
        return self.now.row.cohort if self.now.row else None

    @property
    def sub(self) -> str:
        """Whom it counts, under the measure's name: what one pupil is worth where they are few."""
        if self.cohort and self.measure.unit == "%":
            worth = pupil_worth(self.cohort).removesuffix(".") if self.cohort < FEW else ""
            return f"{self.cohort} pupils{f'; {worth[:1].lower()}{worth[1:]}' if worth else ''}"
        return f"interval {self.interval}" if self.interval else ""

    def _estimate(self, kind: str) -> str:
        found = self.figures.estimate(self.measure, kind)
        return shown(self.measure, found.value) if found else ""

    @property
    def fft_b(self) -> str:
        return self._estimate("B")

    @property
    def fft_d(self) -> str:
        return self._estimate("D")

    def target(self, summer: int) -> str:
        found = self.figures.targets.get((self.measure.code, summer))
        return shown(self.measure, found.value) if found else ""

    @property
    def strip(self) -> Strip | None:
        """For shares, where a high figure is a good one; others are told in words (``aside``)."""
        if self.measure.unit != "%" or not self.measure.is_higher_better or self.value is None:
            return None
        said = [f"school {self.now.text}"]
        said += [f"{name} {text}" for name, text in (("LA", self.la), ("national", self.england), ("floor", self.floor)) if text]
        return Strip(
            key=key_of("strip", self.measure),
            title=f"{self.measure.short_label}: {', '.join(said)}",
            own=self.value,
            authority=self._beside(Level.AUTHORITY),
            national=self._beside(Level.NATIONAL),
            floor=self.floor_value,
            low=STRIP_FROM,
        )

    @property
    def aside(self) -> str:
        """What stands in the strip's place."""
        if self.value is None:
            return ""
        if self.significance:
            return self.significance
        if self.measure.is_higher_better:
            return ""
        for name, level in (("the authority", Level.AUTHORITY), ("England", Level.NATIONAL)):
            beside = self._beside(level)
            if beside is not None:
                gap = self.value - beside
                size = format_number(abs(gap), self.measure.decimals)
                return f"as {name}" if Decimal(size) == 0 else f"{size} {'more' if gap > 0 else 'less'} than {name}; less is better"
        return ""
