"""An authority's identity is two colours; the rest is mixed from them in the style sheet.

The contrast asked for is WCAG 2.2's for text (1.4.3, 4.5 to 1): white words stand on the brand colour in the header, and
links in the link colour stand on white and on the tinted surface.
"""

from __future__ import annotations

import re

BRAND = "#14505c"
LINK = "#0f5c8c"
SURFACE = "#f3f7f7"
MINIMUM = 4.5
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two colours written ``#rrggbb``: 1 (none) to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def problems(brand: str, link: str) -> list[str]:
    """What is wrong with the two colours, one sentence each; empty when they may be used."""
    found = [
        f"Write the {name} as # and six hexadecimal digits, as in {BRAND}"
        for name, value in (("header colour", brand), ("link colour", link))
        if not _HEX.fullmatch(value)
    ]
    if found:
        return found
    if contrast(brand, "#ffffff") < MINIMUM:
        found.append(
            f"Choose a darker header colour: white words on {brand} have a contrast of {contrast(brand, '#ffffff'):.1f}, and need 4.5"
        )
    if contrast(link, SURFACE) < MINIMUM:
        found.append(f"Choose a darker link colour: {link} on the page has a contrast of {contrast(link, SURFACE):.1f}, and needs 4.5")
    return found


def style_sheet(brand: str, link: str) -> str:
    """The whole style sheet of an authority, to be served as ``text/css`` after ``portal.css``.

    Raises ``ValueError`` where the colours are not fit: nothing but two checked colours ever reaches the sheet.
    """
    if found := problems(brand, link):
        raise ValueError("; ".join(found))
    return f":root {{ --portal-brand: {brand}; --portal-link: {link}; }}\n"
