"""Bars from nought: counts or shares, one a row; with an earlier or proposed figure, a solid and an outlined bar.

A figure below nought is a bar to the left of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.numbers import format_change

from .base import Chart
from .drawing import BRAND, INK, MIDDLE, PAPER, Canvas, Number, text_width

FIGURES: Final = 54


@dataclass(frozen=True)
class Bar:
    """``other`` is the figure of the second bar; ``is_quiet`` draws the first one lighter."""

    label: str
    value: Number | None
    other: Number | None = None
    is_quiet: bool = False


@dataclass(frozen=True, kw_only=True)
class Bars(Chart):
    """``of`` and ``other_of`` name the two bars; ``is_ranked`` numbers the rows. ``unit`` is "" for counts."""

    bars: Sequence[Bar]
    of: str = "Number"
    other_of: str = ""
    is_ranked: bool = False
    unit: str = ""

    @property
    def title(self) -> str:
        told = [bar for bar in self.bars if bar.value is not None][:3]
        said = "; ".join(f"{bar.label} {self.figure(bar.value)}" for bar in told)
        return f"{self.heading}: {said or 'no figures'}{' and others' if len(self.bars) > 3 else ''}"

    @property
    def head(self) -> Sequence[str]:
        return ["", self.of, *([self.other_of, "Change"] if self.other_of else [])]

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        return [
            [bar.label, self.figure(bar.value), *([self.figure(bar.other), self._change(bar)] if self.other_of else [])]
            for bar in self.bars
        ]

    def _change(self, bar: Bar) -> str:
        if bar.value is None or bar.other is None:
            return ""
        return format_change(Decimal(bar.other) - Decimal(bar.value), self.decimals)

    @property
    def has_wide_cut(self) -> bool:
        return not self.other_of

    def draw(self, width: int) -> Canvas:
        return self._beside(width) if width > 500 else self._below(width)

    def _most(self) -> Decimal:
        return max(
            [Decimal(value) for bar in self.bars for value in (bar.value, bar.other) if value is not None], default=Decimal(1)
        ) or Decimal(1)

    def _span(self, room: Number) -> tuple[Decimal, Decimal]:
        """Units a figure is worth, and how far nought lies from the left where a figure is below it."""
        least = min([Decimal(bar.value) for bar in self.bars if bar.value is not None], default=Decimal(0))
        if least >= 0:
            return room / self._most(), Decimal(0)
        span = room / (max(self._most(), Decimal(0)) - least)
        return span, -least * span

    def _below(self, width: int) -> Canvas:
        """Label, then the bar under it: for a narrow column."""
        top, each = (24, 62) if self.other_of else (0, 44)
        canvas = Canvas(width, top + each * len(self.bars) + 6)
        if self.other_of:
            canvas.rect(0, 3, 14, 12, fill=BRAND)
            canvas.text(20, 14, self.of, fill=INK)
            at = 48 + text_width(self.of, 13)
            canvas.rect(at, Decimal("3.8"), 13, Decimal("10.5"), fill=PAPER, stroke=INK, stroke_width="1.5")
            canvas.text(at + 20, 14, self.other_of, fill=INK)
        span, nought = self._span(width - FIGURES)
        for index, bar in enumerate(self.bars):
            y = top + each * index
            label = f"{index + 1}  {bar.label}" if self.is_ranked else bar.label
            canvas.text(0, y + 16, label, size=15 if len(label) < 44 else 13, fill=INK, weight=600)
            self._bar(canvas, bar, nought, y + 22, 16, span)
            if self.other_of and bar.other is not None:
                length = Decimal(bar.other) * span
                canvas.rect(
                    Decimal("0.8"),
                    y + Decimal("40.8"),
                    max(length - Decimal("1.6"), Decimal(1)),
                    Decimal("12.5"),
                    fill=PAPER,
                    stroke=INK,
                    stroke_width="1.5",
                )
                canvas.text(length + 6, y + 52, self.figure(bar.other), size=14, fill=INK)
                canvas.text(width, y + 16, self._change(bar), size=14, anchor="end")
        return canvas

    def _beside(self, width: int) -> Canvas:
        """Label left of the bar: for a wide column."""
        canvas = Canvas(width, 34 * len(self.bars) + 2)
        left = 404
        span, nought = self._span(width - left - FIGURES)
        canvas.line(left + nought, 0, left + nought, 34 * len(self.bars), stroke=INK, stroke_width=1)
        for index, bar in enumerate(self.bars):
            y = 34 * index
            if self.is_ranked:
                canvas.text(0, y + 20, str(index + 1), size=14)
            canvas.text(22 if self.is_ranked else 0, y + 20, bar.label, size=15, fill=INK)
            self._bar(canvas, bar, left + nought, y + 6, 20, span)
        return canvas

    def _bar(self, canvas: Canvas, bar: Bar, x: Decimal, y: int, height: int, span: Decimal) -> None:
        if bar.value is None:
            canvas.text(x + 6, y + height - 4, "no figure", size=13)
            return
        length = Decimal(bar.value) * span
        canvas.rect(min(x, x + length), y, abs(length), height, fill=MIDDLE if bar.is_quiet else BRAND)
        canvas.text(max(x, x + length) + 6, y + height - 3, self.figure(bar.value), size=15, fill=INK, weight=700)
