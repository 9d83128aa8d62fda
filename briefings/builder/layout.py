"""Slides set on pages of 960 by 540 points (a projector's 16 to 9), for both PDF and PowerPoint.

Text is measured in Arial, which PowerPoint uses and which is wider than the PDF's Source Sans: what fits here fits in both. A slide
takes the largest size in which all of it fits; what does not fit in the smallest goes on to a page of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from schools.slides import Curve, Line, Row, Slide, Table

from .deck import Shown

WIDTH, HEIGHT = 960, 540
MARGIN: Final = 48
TITLE_TOP, TITLE_HEIGHT = 30, 56
RULE: Final = 92
TOP, BOTTOM = 112, 492
FOOT: Final = 502
INNER: Final = WIDTH - 2 * MARGIN

TITLE_SIZES: Final = (34, 30, 26, 22)
SIZES: Final = (28, 26, 24, 22, 20, 18)
TABLE_SIZES: Final = (20, 18, 16, 14)
LEADING: Final = 1.22
GAP: Final = 0.42
BULLET: Final = 24
INDENT: Final = 26
CELL: Final = 8
CURVES_HEIGHT: Final = 214
BAR: Final = 35
CAPTION: Final = 28
BESIDE: Final = 14
"""Between lines and the table or curves under them."""
SLACK: Final = 0.97
"""Of a line's width: no two programs break a line quite alike."""

_NARROW: Final = dict.fromkeys("ijl'’‘|", 0.222) | dict.fromkeys(" !,./:;I[]ft\\", 0.278) | dict.fromkeys("()-r`", 0.333)
_WIDE: Final = (
    dict.fromkeys("ABEKPSVXY&", 0.667) | dict.fromkeys("CDHNRU", 0.722) | dict.fromkeys("GOQ", 0.778) | dict.fromkeys("FTZ", 0.611)
    | dict.fromkeys("cksvxyzJ", 0.5) | dict.fromkeys("+<=>", 0.584) | dict.fromkeys("“”", 0.333)
    | {"M": 0.833, "m": 0.833, "w": 0.722, "W": 0.944, "%": 0.889, "@": 1.015, "*": 0.389, "—": 1.0}
)  # fmt: skip
BOLD: Final = 1.08


def width_of(text: str, size: int, *, is_bold: bool = False) -> float:
    """In points, by Arial's own widths."""
    return sum(_NARROW.get(letter) or _WIDE.get(letter, 0.556) for letter in text) * size * (BOLD if is_bold else 1)


def lines_of(text: str, size: int, width: float, *, is_bold: bool = False) -> int:
    """How many lines a text takes when broken at its spaces."""
    room, count, at = width * SLACK, 1, 0.0
    space = width_of(" ", size, is_bold=is_bold)
    for word in text.split():
        wide = width_of(word, size, is_bold=is_bold)
        if at and at + space + wide > room:
            count, at = count + 1, wide
        else:
            at += wide + (space if at else 0)
        while at > room:
            count, at = count + 1, at - room
    return count


def line_height(line: Line, size: int) -> float:
    small = size - 2 if line.level else size
    room = INNER - BULLET - (INDENT if line.level else 0)
    return lines_of(line.text, small, room) * small * LEADING + size * GAP


def height_of(lines: Sequence[Line], size: int) -> float:
    return sum(line_height(line, size) for line in lines)


def columns_of(table: Table) -> tuple[int, ...]:
    """Widths: a column of short cells has what its widest needs, the others share the rest by how much they say."""
    count = len(table.head)
    longest = [
        max(width_of(cell, 16, is_bold=True) for cell in [table.head[at], *(row.cells[at] for row in table.rows)]) for at in range(count)
    ]
    fixed = {at: max(72, int(wide) + 2 * CELL + 12) for at, wide in enumerate(longest) if wide <= 130 and at}
    rest = INNER - sum(fixed.values())
    said = {at: max(longest[at], 60) for at in range(count) if at not in fixed}
    whole = sum(said.values())
    return tuple(fixed[at] if at in fixed else int(rest * said[at] / whole) for at in range(count))


def row_height(cells: Sequence[str], columns: Sequence[int], size: int, *, is_bold: bool = False) -> float:
    most = max(
        lines_of(cell, size, column - 2 * CELL, is_bold=is_bold or not at)
        for at, (cell, column) in enumerate(zip(cells, columns, strict=True))
    )
    return most * size * LEADING + 2 * CELL * 0.75


def table_height(table: Table, rows: Sequence[Row], size: int) -> float:
    if table.is_ranked:
        return len(rows) * BAR + (CAPTION if table.caption else 0)
    columns = columns_of(table)
    caption = CAPTION if table.caption else 0
    head = row_height(table.head, columns, size - 2, is_bold=True)
    return caption + head + sum(row_height(row.cells, columns, size) for row in rows)


@dataclass(frozen=True)
class Page:
    """One page: lines in ``size`` from the top, then the table (``rows`` of it, in ``table_size``) or the curves, each from its own
    ``top``. ``part`` of ``parts`` where a slide takes several."""

    code: str
    title: str
    title_size: int
    lines: tuple[Line, ...]
    size: int
    table: Table | None
    rows: tuple[Row, ...]
    table_size: int
    table_top: int
    curves: tuple[Curve, ...]
    curves_top: int
    foot: str
    notes: str
    is_cover: bool = False
    part: int = 1
    number: int = 0

    @property
    def curves_height(self) -> int:
        """All of a page that has nothing else."""
        return int(CURVES_HEIGHT) if self.lines else BOTTOM - TOP - 20

    @property
    def columns(self) -> tuple[int, ...]:
        return columns_of(self.table) if self.table else ()


def pages_of(shown: Sequence[Shown]) -> list[Page]:
    """Every page of a deck in order. A slide of words alone that opens the deck is its cover."""
    found: list[Page] = []
    for place, each in enumerate(each for each in shown if not each.is_out):
        found += _pages(each, is_cover=place == 0 and not each.slide.table and not each.slide.curves)
    return [replace(page, number=number) for number, page in enumerate(found, start=1)]


def title_size(title: str) -> int:
    return next((size for size in TITLE_SIZES if lines_of(title, size, INNER, is_bold=True) == 1), TITLE_SIZES[-1])


def _pages(each: Shown, *, is_cover: bool) -> Iterator[Page]:
    slide = each.slide
    if is_cover:
        yield _page(each, slide.lines, 24, is_cover=True)
        return
    part, room = 0, BOTTOM - TOP
    lines, rows, curves = list(slide.lines), list(slide.table.rows if slide.table else ()), slide.curves
    while lines or rows or curves or not part:
        part += 1
        taken, size, used = _take_lines(lines, _reserved(slide, rows, curves), room)
        lines = lines[len(taken) :]
        shown_rows: list[Row] = []
        table_size = TABLE_SIZES[-1]
        shown_curves: tuple[Curve, ...] = ()
        left = room - used - (BESIDE if taken else 0)
        if not lines and rows and slide.table is not None:
            shown_rows, table_size = _take_rows(slide.table, rows, left)
            if not shown_rows and not taken:  # a row taller than a page
                shown_rows = rows[:1]
            rows = rows[len(shown_rows) :]
        if not lines and not rows and curves and (left >= CURVES_HEIGHT or not taken):
            shown_curves, curves = curves[:2], curves[2:]
        yield _page(
            each, tuple(taken), size, table=slide.table if shown_rows else None, rows=tuple(shown_rows), table_size=table_size,
            top=TOP + int(used) + (BESIDE if taken else 0), curves=shown_curves, part=part,
        )  # fmt: skip


def _reserved(slide: Slide, rows: Sequence[Row], curves: Sequence[Curve]) -> float:
    """What stands under the lines and should share their page where it can."""
    if curves:
        return CURVES_HEIGHT + BESIDE
    if rows and slide.table is not None:
        return table_height(slide.table, rows, TABLE_SIZES[1]) + BESIDE
    return 0


def _take_lines(lines: Sequence[Line], reserved: float, room: float) -> tuple[list[Line], int, float]:
    """The largest size in which all fit above what is under them; else all without it; else as many as fit in the smallest."""
    for under in (reserved, 0) if reserved else (0,):
        for size in SIZES:
            used = height_of(lines, size)
            if used + under <= room:
                return list(lines), size, used
    size, used = SIZES[-1], 0.0
    taken: list[Line] = []
    for place, line in enumerate(lines):
        tall = line_height(line, size)
        following = line_height(lines[place + 1], size) if not line.level and place + 1 < len(lines) and lines[place + 1].level else 0
        if taken and used + tall + following > room:  # a heading stays with what it heads
            break
        taken.append(line)
        used += tall
    return taken, size, used


def _take_rows(table: Table, rows: Sequence[Row], room: float) -> tuple[list[Row], int]:
    for size in TABLE_SIZES:
        if table_height(table, rows, size) <= room:
            return list(rows), size
    size = TABLE_SIZES[-1]
    taken: list[Row] = []
    for row in rows:
        if table_height(table, [*taken, row], size) > room:
            break
        taken.append(row)
    return taken, size


def _page(
    each: Shown, lines: tuple[Line, ...], size: int, *, table: Table | None = None, rows: tuple[Row, ...] = (), table_size: int = 18,
    top: int = TOP, curves: tuple[Curve, ...] = (), part: int = 1, is_cover: bool = False,
) -> Page:  # fmt: skip
    title = each.slide.title + (" (continued)" if part > 1 else "")
    notes = each.slide.notes if part == 1 else ""
    return Page(
        each.code, title, title_size(title), lines, size, table, rows, table_size, top, curves, top, each.slide.foot, notes, is_cover, part
    )
