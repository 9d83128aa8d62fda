"""A school's figure on a line beside others', for a table's cell: the numbers stand in the cells next to it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.safestring import SafeString

from .drawing import BRAND, EDGE, INK, PAPER, SOFT, Canvas, Scale

WIDTH: Final = 184
HEIGHT: Final = 24
MIDDLE: Final = HEIGHT // 2


@dataclass(frozen=True, kw_only=True)
class Strip:
    """``key`` is unique on the page; ``title`` says what is shown. Figures lie between ``low`` and ``high``, or at that end."""

    key: str
    title: str
    own: Decimal
    authority: Decimal | None = None
    national: Decimal | None = None
    floor: Decimal | None = None
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(100)

    @property
    def svg(self) -> SafeString:
        canvas = Canvas(WIDTH, HEIGHT)
        scale = Scale(self.low, self.high, 8, WIDTH - 8)

        def x(value: Decimal) -> Decimal:
            return scale(min(max(value, self.low), self.high))

        canvas.line(8, MIDDLE, WIDTH - 8, MIDDLE, stroke=EDGE, stroke_width=2)
        beside = self.national if self.national is not None else self.authority
        if beside is not None:
            canvas.line(x(self.own), MIDDLE, x(beside), MIDDLE, stroke="#8aa9ad", stroke_width=5)
        if self.floor is not None:
            canvas.line(x(self.floor), 1, x(self.floor), HEIGHT - 1, stroke=SOFT, stroke_width=2, stroke_dasharray="3 2")
        if self.national is not None:
            canvas.circle(x(self.national), MIDDLE, "4.5", fill=PAPER, stroke=INK, stroke_width="1.75")
        if self.authority is not None:
            canvas.line(x(self.authority), 3, x(self.authority), HEIGHT - 3, stroke=INK, stroke_width="2.5")
        canvas.circle(x(self.own), MIDDLE, 6, fill=BRAND, stroke=PAPER, stroke_width="1.5")
        return canvas.svg(key=self.key, title=self.title, desc="")
