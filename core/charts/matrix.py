"""From (rows) and to (columns): where schools or pupils moved. Size of the square and its number say how many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from .base import Chart
from .drawing import BRAND, EDGE, INK, PAPER, SOFT, Canvas

LEFT: Final = 96


@dataclass(frozen=True, kw_only=True)
class Matrix(Chart):
    """``counts[row][column]``; None hides a cell (too few to show). With ``is_square``, the diagonal is "the same as before",
    right of it solid and left of it outlined."""

    columns: Sequence[str]
    lines: Sequence[str]
    counts: Sequence[Sequence[int | None]]
    across: str = ""
    down: str = ""
    is_square: bool = True
    unit: str = ""

    @property
    def title(self) -> str:
        total = sum(count or 0 for row in self.counts for count in row)
        said = f"{self.heading}: {total:,} in all"
        if self.is_square:
            same = sum(row[index] or 0 for index, row in enumerate(self.counts))
            right = sum(count or 0 for index, row in enumerate(self.counts) for count in row[index + 1 :])
            said += f", {same:,} the same, {right:,} to the right, {total - same - right:,} to the left"
        return said

    @property
    def head(self) -> Sequence[str]:
        return [self.down, *self.columns]

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        return [
            [name, *("too few to show" if count is None else f"{count:,}" for count in row)]
            for name, row in zip(self.lines, self.counts, strict=True)
        ]

    def draw(self, width: int) -> Canvas:
        size = min((width - LEFT - 3) // max(len(self.columns), 1), 90)
        top = 58
        canvas = Canvas(width, top + size * len(self.lines) + 26)
        canvas.text(LEFT, 14, self.across)
        for index, name in enumerate(self.columns):
            for number, part in enumerate(_parts(name, 10)[:2]):
                canvas.text(LEFT + size * index + size // 2, 36 + 14 * number, part, fill=INK, anchor="middle", weight=600)
        most = max([count or 0 for row in self.counts for count in row], default=1) or 1
        for line, (name, counts) in enumerate(zip(self.lines, self.counts, strict=True)):
            parts = _parts(name, 13)[:2]
            for number, part in enumerate(parts):
                middle = top + size * line + size // 2
                canvas.text(LEFT - 10, middle + 5 + 14 * number - 7 * (len(parts) - 1), part, fill=INK, anchor="end", weight=600)
            for column, count in enumerate(counts):
                self._cell(canvas, LEFT + size * column, top + size * line, size, count, most, line, column)
        if self.is_square:
            canvas.text(LEFT, top + size * len(self.lines) + 18, "Solid: to the right. Outline: to the left.")
        return canvas

    def _cell(self, canvas: Canvas, x: int, y: int, size: int, count: int | None, most: int, line: int, column: int) -> None:
        same = self.is_square and line == column
        canvas.rect(x + 1, y + 1, size - 2, size - 2, fill="#eef2f2" if same else PAPER, stroke=EDGE)
        middle_x, middle_y = x + size // 2, y + size // 2
        if not count:
            canvas.text(middle_x, middle_y + 5, "0" if count == 0 else "\u2013", fill=SOFT, anchor="middle")
            return
        side = max(int((size - 10) * _root(count, most)), 8)
        square = {"x": middle_x - side // 2, "y": middle_y - side // 2, "width": side, "height": side}
        if same:
            canvas.rect(**square, fill="#c9d6d7")
            canvas.text(middle_x, middle_y + 5, f"{count:,}", size=15, fill=INK, anchor="middle", weight=700)
            return
        solid = not self.is_square or column > line
        canvas.rect(**square, fill=BRAND if solid else PAPER, stroke=BRAND if solid else INK, stroke_width="1.75")
        inside = solid and side >= 26
        canvas.text(
            middle_x if inside else x + size - 6,
            middle_y + 5 if inside else y + size - 6,
            f"{count:,}",
            size=15,
            fill=PAPER if inside else INK,
            anchor="middle" if inside else "end",
            weight=700,
        )


def _root(count: int, most: int) -> Decimal:
    """The side of a square whose area is the count's share."""
    return (Decimal(count) / most).sqrt()


def _parts(name: str, longest: int) -> list[str]:
    """A name in lines of about ``longest`` letters."""
    lines = [""]
    for word in name.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > longest:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
