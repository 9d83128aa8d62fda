"""Figures over years: a solid line for the subject, broken for the authority, dotted for England, a band below the floor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from .base import Chart
from .drawing import AUTHORITY, BAND, BRAND, GRID, INK, LEADER, PAPER, SOFT, Canvas, Scale, spread, ticks

LEFT: Final = 34
TOP: Final = 16
PLOT: Final = 206
PLOT_HEIGHT: Final = 224
LABEL_GAP: Final = 17


class Role(StrEnum):
    """Whose line it is; it decides the line's form."""

    SUBJECT = "subject"
    AUTHORITY = "authority"
    NATIONAL = "national"
    TARGET = "target"


@dataclass(frozen=True)
class Series:
    """``values`` answer to the chart's points, None where there is no figure. ``short`` labels the line's end."""

    label: str
    role: Role
    values: Sequence[Decimal | None]
    short: str = ""

    @property
    def last(self) -> Decimal | None:
        return next((value for value in reversed(self.values) if value is not None), None)

    def runs(self) -> Iterator[list[tuple[int, Decimal]]]:
        """Stretches without a missing figure: a line is never drawn across one."""
        run: list[tuple[int, Decimal]] = []
        for index, value in enumerate(self.values):
            if value is not None:
                run.append((index, value))
            elif run:
                yield run
                run = []
        if run:
            yield run


@dataclass(frozen=True, kw_only=True)
class Trend(Chart):
    """``points`` are the years as written; ``floor`` the minimum in the last of them. The first subject's figures are printed."""

    points: Sequence[str]
    series: Sequence[Series]
    floor: Decimal | None = None
    floor_label: str = "Floor"

    @property
    def title(self) -> str:
        said = [f"{line.label} {self.figure(line.last)}" for line in self.series if line.last is not None]
        if self.floor is not None:
            said.append(f"{self.floor_label.lower()} {self.figure(self.floor)}")
        return f"{self.heading}, {self.points[0]} to {self.points[-1]}: {', '.join(said) or 'no figures'}"

    @property
    def head(self) -> Sequence[str]:
        return ["", *self.points]

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        rows = [[line.label, *(self.figure(value) for value in line.values)] for line in self.series]
        if self.floor is not None:
            rows.append([self.floor_label, *([""] * (len(self.points) - 1)), self.figure(self.floor)])
        return rows

    @property
    def has_wide_cut(self) -> bool:
        return len(self.points) > 3

    def draw(self, width: int) -> Canvas:
        canvas = Canvas(width, TOP + PLOT_HEIGHT + 30)
        right = width - (WIDTH_OF_LABELS if width < 500 else WIDTH_OF_LABELS + 20)
        bottom = TOP + PLOT_HEIGHT
        values = [value for line in self.series for value in line.values if value is not None]
        if self.floor is not None:
            values.append(self.floor)
        if not values:
            canvas.text(LEFT, TOP + 20, "No figures yet")
            return canvas
        marks = ticks(min(values), max(values))
        if self.unit == "%":
            marks = [mark for mark in marks if 0 <= mark <= 100]
        y = Scale(marks[0], marks[-1], bottom, TOP)
        x = Scale(Decimal(0), Decimal(max(len(self.points) - 1, 1)), LEFT + 8, right - 8)
        if self.floor is not None:
            canvas.rect(LEFT, y(self.floor), right - LEFT, bottom - y(self.floor), fill=BAND)
        places = 0 if all(mark == mark.to_integral_value() for mark in marks) else 1
        for mark in marks:
            canvas.line(LEFT, y(mark), right, y(mark), stroke=SOFT if mark == marks[0] else GRID)
            canvas.text(LEFT - 6, y(mark) + Decimal("4.5"), f"{mark:,.{places}f}".replace("-", "\u2212"), anchor="end")
        canvas.text(0, 12, self.unit if len(self.unit) < 4 else "")
        short = len(self.points) > 5 and width < 500
        for index, point in enumerate(self.points):
            canvas.line(x(index), bottom, x(index), bottom + 4, stroke=SOFT)
            canvas.text(x(index), bottom + 19, f"\u2019{point[2:4]}" if short and point[:4].isdigit() else point, anchor="middle")
        if self.floor is not None:
            canvas.line(LEFT, y(self.floor), right, y(self.floor), stroke=SOFT, stroke_width="1.5", stroke_dasharray="2 3")
        for line in sorted(self.series, key=lambda line: line.role is Role.SUBJECT):
            self._line(canvas, line, x, y, bottom)
        self._labels(canvas, x, y, right, bottom)
        return canvas

    def _line(self, canvas: Canvas, line: Series, x: Scale, y: Scale, bottom: int) -> None:
        for run in line.runs():
            points = [(x(index), y(value)) for index, value in run]
            if len(points) > 1:
                canvas.polyline(points, **FORMS[line.role])
            at_x, at_y = points[-1]
            if line.role is Role.AUTHORITY:
                canvas.rect(at_x - 4, at_y - 4, 8, 8, fill=PAPER, stroke=AUTHORITY, stroke_width=2)
            elif line.role is Role.NATIONAL:
                canvas.circle(at_x, at_y, 3, fill=INK)
            elif line.role is Role.TARGET:
                canvas.diamond(at_x, at_y, 6, fill=PAPER, stroke=INK, stroke_width=2)
            else:
                for spot in points:
                    canvas.circle(*spot, "4.5", fill=BRAND, stroke=PAPER, stroke_width="1.5")
        if line.role is Role.SUBJECT:
            known = [(index, value) for run in line.runs() for index, value in run]
            for index, value in known[:-1]:
                below = y(value) + 19
                canvas.haloed(x(index), below if below < bottom - 2 else y(value) - 9, self.number(value))

    def _labels(self, canvas: Canvas, x: Scale, y: Scale, right: int, bottom: int) -> None:
        ends: list[tuple[Decimal, str, str, int]] = []
        for line in self.series:
            if line.last is not None:
                fill, weight = LABELS[line.role]
                ends.append((y(line.last), f"{line.short or line.label} {self.number(line.last)}", fill, weight))
        if self.floor is not None:
            ends.append((y(self.floor), f"{self.floor_label} {self.number(self.floor)}", INK, 400))
        places = spread([end[0] for end in ends], apart=LABEL_GAP, low=TOP, high=bottom)
        for (wanted, words, fill, weight), at in zip(ends, places, strict=True):
            if abs(wanted - at) > 2:
                canvas.line(right + 1, wanted, right + 8, at, stroke=LEADER)
            canvas.text(right + 10, at + 5, words, size=14, fill=fill, weight=weight)


WIDTH_OF_LABELS: Final = 100

FORMS: Final[dict[Role, dict[str, Any]]] = {
    Role.SUBJECT: {"stroke": BRAND, "stroke_width": "3.5", "stroke_linecap": "round"},
    Role.AUTHORITY: {"stroke": AUTHORITY, "stroke_width": "2.25", "stroke_linecap": "butt", "stroke_dasharray": "7 5"},
    Role.NATIONAL: {"stroke": INK, "stroke_width": "2.25", "stroke_linecap": "round", "stroke_dasharray": "0.1 5"},
    Role.TARGET: {"stroke": INK, "stroke_width": "1.5", "stroke_linecap": "butt", "stroke_dasharray": "2 3"},
}
LABELS: Final[dict[Role, tuple[str, int]]] = {
    Role.SUBJECT: (BRAND, 700),
    Role.AUTHORITY: (AUTHORITY, 600),
    Role.NATIONAL: (INK, 400),
    Role.TARGET: (INK, 400),
}
