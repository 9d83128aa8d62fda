"""What every chart has besides its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

from django.utils.safestring import SafeString

from core.numbers import format_number

from .drawing import WIDTH, Canvas

NO_FIGURE: Final = "no figure"


@dataclass(frozen=True, kw_only=True)
class Chart:
    """``key`` is unique on the page. ``say`` is the finding as a sentence; ``source`` names source, release and date.

    A page shows ``heading``, ``say``, the picture, the table twin (``head`` and ``rows``, texts) and the source.
    """

    key: str
    heading: str
    say: str = ""
    source: str = ""
    unit: str = "%"
    decimals: int = 0

    @property
    def title(self) -> str:
        """The finding for those who hear the picture: what is shown, then the figures that matter."""
        raise NotImplementedError

    @property
    def desc(self) -> str:
        """All the figures, in the order of the table."""
        head = self.head
        return ". ".join(
            f"{row[0]}: " + ", ".join(f"{column} {cell or NO_FIGURE}" for column, cell in zip(head[1:], row[1:], strict=True))
            for row in self.rows
        )

    @property
    def head(self) -> Sequence[str]:
        raise NotImplementedError

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        raise NotImplementedError

    def draw(self, width: int) -> Canvas:
        raise NotImplementedError

    @property
    def has_wide_cut(self) -> bool:
        return False

    @cached_property
    def svg(self) -> SafeString:
        return self.draw(WIDTH).svg(key=self.key, title=self.title, desc=self.desc)

    @cached_property
    def wide_svg(self) -> SafeString:
        """The same drawn for a wide column, where width helps (``has_wide_cut``)."""
        from .drawing import WIDE

        return self.draw(WIDE).svg(key=f"{self.key}-w", title=self.title, desc=self.desc)

    def number(self, value: Decimal | int | None) -> str:
        return "" if value is None else format_number(Decimal(value), self.decimals)

    def figure(self, value: Decimal | int | None) -> str:
        """With its unit: "52%"."""
        text = self.number(value)
        return f"{text}%" if text and self.unit == "%" else text
