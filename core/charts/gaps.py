"""Groups of pupils beside all the others: a filled dot for the group, an open one for the rest, the gap in figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.numbers import format_change

from .base import Chart
from .drawing import BRAND, INK, PAPER, Canvas, Scale, ticks


@dataclass(frozen=True)
class Gap:
    """A group's figure and that of the pupils it is compared with; None where either is not known."""

    label: str
    group: Decimal | None
    others: Decimal | None

    @property
    def size(self) -> Decimal | None:
        return None if self.group is None or self.others is None else self.group - self.others


@dataclass(frozen=True, kw_only=True)
class Gaps(Chart):
    gaps: Sequence[Gap]
    group_name: str = "the group"
    others_name: str = "all other pupils"

    @property
    def title(self) -> str:
        known = [gap for gap in self.gaps if gap.size is not None]
        said = "; ".join(f"{gap.label} {self.figure(gap.group)} against {self.figure(gap.others)}" for gap in known)
        return f"{self.heading}: {said or 'no figures'}"

    @property
    def head(self) -> Sequence[str]:
        return ["", self.group_name[:1].upper() + self.group_name[1:], self.others_name[:1].upper() + self.others_name[1:], "Gap, points"]

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        return [[gap.label, self.figure(gap.group), self.figure(gap.others), self._size(gap)] for gap in self.gaps]

    def _size(self, gap: Gap) -> str:
        return "" if gap.size is None else format_change(gap.size, self.decimals)

    def draw(self, width: int) -> Canvas:
        bottom = 30 + 50 * len(self.gaps) + 6
        canvas = Canvas(width, bottom + 24)
        canvas.circle(7, 10, 6, fill=BRAND)
        canvas.text(18, 15, self.group_name, fill=INK)
        second = 34 + len(self.group_name) * 7
        canvas.circle(second, 10, 5, fill=PAPER, stroke=INK, stroke_width=2)
        canvas.text(second + 11, 15, self.others_name, fill=INK)
        canvas.text(width, 15, "gap, points", anchor="end")
        values = [value for gap in self.gaps for value in (gap.group, gap.others) if value is not None]
        if not values:
            canvas.text(0, 48, "No figures yet")
            return canvas
        marks = ticks(min(values), max(values))
        x = Scale(marks[0], marks[-1], 28, width - 62)
        for mark in marks:
            canvas.line(x(mark), 30, x(mark), bottom, stroke="#dbe2e3")
            canvas.text(x(mark), bottom + 16, f"{mark:,.0f}{self.unit if self.unit == '%' else ''}", anchor="middle")
        for index, gap in enumerate(self.gaps):
            y = 65 + 50 * index
            canvas.text(0, y - 17, gap.label, size=15, fill=INK, weight=600)
            if gap.group is None or gap.others is None:
                canvas.text(28, y + 5, "no figure")
                continue
            group, others = x(gap.group), x(gap.others)
            canvas.line(group, y, others, y, stroke="#8aa9ad", stroke_width=5)
            canvas.circle(others, y, "5.5", fill=PAPER, stroke=INK, stroke_width=2)
            canvas.circle(group, y, "6.5", fill=BRAND)
            right = gap.group >= gap.others
            canvas.haloed(group + (11 if right else -11), y + 5, self.number(gap.group), anchor="start" if right else "end")
            canvas.text(
                others + (-11 if right else 11), y + 5, self.number(gap.others), size=14, fill=INK, anchor="end" if right else "start"
            )
            canvas.text(width, y + 5, self._size(gap), size=16, fill=INK, weight=700, anchor="end")
        return canvas
