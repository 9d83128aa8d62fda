"""A canvas of SVG shapes. Coordinates are exact decimals, written with at most one place; 1 unit is 1 CSS pixel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Number = int | Decimal

INK: Final = "#0b0c0c"
SOFT: Final = "#505a5f"
BRAND: Final = "#14505c"
MIDDLE: Final = "#4f8790"
PALE: Final = "#b7cfd0"
AUTHORITY: Final = "#44676f"
GRID: Final = "#cfd8d9"
EDGE: Final = "#b1bfc1"
BAND: Final = "#eceff0"
LEADER: Final = "#9aa7a9"
PAPER: Final = "#fff"
FONT: Final = "Source Sans 3, Arial, sans-serif"

WIDTH: Final = 340
WIDE: Final = 760


def place(value: Number) -> str:
    """A coordinate: at most one decimal, no trailing nought."""
    text = f"{Decimal(value).quantize(Decimal('0.1')):f}"
    return text.removesuffix(".0") if text != "-0.0" else "0"


def text_width(text: str, size: int) -> Decimal:
    """About how wide a text is, in units: the font's mean letter is half as wide as it is high."""
    return Decimal(len(text) * size) * Decimal("0.52")


class Canvas:
    """Shapes in the order in which they are drawn."""

    def __init__(self, width: Number, height: Number) -> None:
        self.width = width
        self.height = height
        self._shapes: list[SafeString] = []

    def shape(self, name: str, **attributes: Any) -> None:
        """An empty element; ``stroke_width`` is written ``stroke-width``, None is left out."""
        self._shapes.append(format_html("<{}{}/>", name, _attributes(attributes)))

    def rect(self, x: Number, y: Number, width: Number, height: Number, **attributes: Any) -> None:
        self.shape("rect", x=x, y=y, width=width, height=height, **attributes)

    def line(self, x1: Number, y1: Number, x2: Number, y2: Number, *, stroke: str, stroke_width: Any = 1, **attributes: Any) -> None:
        self.shape("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=str(stroke_width), **attributes)

    def circle(self, x: Number, y: Number, r: Any, **attributes: Any) -> None:
        self.shape("circle", cx=x, cy=y, r=str(r), **attributes)

    def diamond(self, x: Number, y: Number, r: int, **attributes: Any) -> None:
        corners = [(x, y - r), (x + r, y), (x, y + r), (x - r, y)]
        self.shape("polygon", points=_points(corners), **attributes)

    def polyline(self, points: Iterable[tuple[Number, Number]], **attributes: Any) -> None:
        self.shape("polyline", points=_points(points), fill="none", stroke_linejoin="round", **attributes)

    def text(self, x: Number, y: Number, words: str, *, size: int = 13, fill: str = SOFT, anchor: str = "", weight: int = 0) -> None:
        self._text(words, x=x, y=y, font_size=size, fill=fill, text_anchor=anchor or None, font_weight=weight or None)

    def haloed(self, x: Number, y: Number, words: str, *, size: int = 14, fill: str = BRAND, anchor: str = "middle") -> None:
        """A figure that stays readable where lines run behind it."""
        same: dict[str, Any] = {"x": x, "y": y, "font_size": size, "text_anchor": anchor, "font_weight": 700}
        self._text(words, **same, fill=PAPER, stroke=PAPER, stroke_width=4, stroke_linejoin="round", aria_hidden="true")
        self._text(words, **same, fill=fill)

    def _text(self, words: str, **attributes: Any) -> None:
        self._shapes.append(format_html("<text{}>{}</text>", _attributes(attributes), words))

    def svg(self, *, key: str, title: str, desc: str) -> SafeString:
        """The whole picture. ``key`` is unique on the page; WeasyPrint takes the title for the PDF's alternative text."""
        shapes = format_html_join("", "{}", ((shape,) for shape in self._shapes))
        return format_html(
            '<svg class="sip-chart" xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{0}-t {0}-d" viewBox="0 0 {1} {2}" '
            'width="{1}" height="{2}" font-family="{3}" focusable="false"><title id="{0}-t">{4}</title><desc id="{0}-d">{5}</desc>{6}</svg>',
            key,
            place(self.width),
            place(self.height),
            FONT,
            title,
            desc,
            shapes,
        )


def _points(points: Iterable[tuple[Number, Number]]) -> str:
    return " ".join(f"{place(x)},{place(y)}" for x, y in points)


def _attributes(attributes: dict[str, Any]) -> SafeString:
    shown = (
        (name.replace("_", "-"), place(value) if isinstance(value, int | Decimal) else value)
        for name, value in attributes.items()
        if value is not None
    )
    return format_html_join("", ' {}="{}"', shown)


# ---------------------------------------------------------------- scales

STEPS: Final[Sequence[Decimal]] = tuple(
    Decimal(step) for step in ("0.1", "0.2", "0.5", "1", "2", "5", "10", "20", "25", "50", "100", "200", "500", "1000", "2000", "5000")
)


def ticks(low: Decimal, high: Decimal, *, most: int = 6) -> list[Decimal]:
    """Round numbers from one at or below ``low`` to one at or above ``high``, at most ``most`` of them."""
    for step in STEPS:
        first = (low / step).to_integral_value(ROUND_FLOOR)
        last = (high / step).to_integral_value(ROUND_CEILING)
        if first == last:
            last += 1
        if last - first < most:
            return [step * number for number in range(int(first), int(last) + 1)]
    return [low, high]


class Scale:
    """From figures to places: ``low`` lies at ``start``, ``high`` at ``end``."""

    def __init__(self, low: Decimal, high: Decimal, start: Number, end: Number) -> None:
        self.low, self.span = low, (high - low) or Decimal(1)
        self.start, self.length = Decimal(start), Decimal(end) - Decimal(start)

    def __call__(self, value: Number) -> Decimal:
        return self.start + (Decimal(value) - self.low) * self.length / self.span


def spread(wanted: Sequence[Decimal], *, apart: int, low: Number, high: Number) -> list[Decimal]:
    """Places near the wanted ones, in their order, at least ``apart`` from one another and within the two ends."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    found = [Decimal(0)] * len(wanted)
    at = Decimal(low) - apart
    for index in order:
        at = max(wanted[index], at + apart)
        found[index] = at
    at = Decimal(high) + apart
    for index in reversed(order):
        at = min(found[index], at - apart)
        found[index] = at
    return found
