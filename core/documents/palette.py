"""The few colours of a document, mixed from the one that an authority sets, each readable on the other."""

from __future__ import annotations

import re
from dataclasses import dataclass

DEFAULT_BRAND = "#14505c"
INK = "#0f1b1e"


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mix(colour: str, other: str, share: float) -> str:
    """``share`` of ``colour`` and the rest of ``other``, channel by channel."""
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in zip(_rgb(colour), _rgb(other), strict=True))


def luminance(colour: str) -> float:
    """Relative luminance of sRGB (WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _rgb(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@dataclass(frozen=True)
class Palette:
    """``brand`` fills the masthead with ``on_brand`` (quieter: ``on_brand_soft``) upon it; ``text`` is the brand where it
    must be read on white, ``deep`` the same for headings, ``tint`` a pale ground."""

    brand: str
    on_brand: str
    on_brand_soft: str
    text: str
    deep: str
    tint: str

    @classmethod
    def from_brand(cls, brand: str) -> Palette:
        """From ``#rrggbb``; anything else gives the portal's own. A pale brand bears dark letters, and is darkened for text."""
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", brand or ""):
            brand = DEFAULT_BRAND
        brand = brand.lower()
        on_brand = "#ffffff" if contrast(brand, "#ffffff") >= 4.5 else INK
        if contrast(brand, on_brand) < 4.5:  # a middling colour on which neither reads well
            brand = _mix(brand, "#000000", 0.8)
            on_brand = "#ffffff"
        text = brand
        while contrast(text, "#ffffff") < 6:
            text = _mix(text, "#000000", 0.9)
        soft = _mix(on_brand, brand, 0.84)
        if contrast(soft, brand) < 4.5:
            soft = on_brand
        return cls(brand, on_brand, soft, text, _mix(text, "#000000", 0.7), _mix(brand, "#ffffff", 0.09))
