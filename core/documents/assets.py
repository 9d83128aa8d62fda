"""What a document may use besides its own words: fonts, emblems and print styles that the portal brings along.

A document names them ``portal:font/…`` and ``portal:emblem/…``; only the names listed here are ever answered.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

FAMILY = "Source Sans 3"
FAMILY_EXTENDED = "Source Sans 3 Extended"
_FACES = [("400", "normal"), ("400", "italic"), ("600", "normal"), ("700", "normal")]


class MissingFonts(Exception):
    """The fonts that documents are set in are not installed."""


def documents_folder() -> Path:
    """``templates/documents``: templates, print styles and emblems lie together."""
    return Path(settings.BASE_DIR) / "templates" / "documents"


@cache
def font_file(name: str) -> Path | None:
    """A published font file, from the installed package or from the collected static files, whichever is there."""
    installed = Path(settings.BASE_DIR) / "node_modules" / "@fontsource" / "source-sans-3" / "files" / name
    if installed.is_file():
        return installed
    collected = Path(settings.STATIC_ROOT)
    if collected.is_dir():
        return next((path for path in sorted(collected.rglob(name)) if path.is_file()), None)
    return None


def faces() -> tuple[list[dict[str, str]], dict[str, str]]:
    """The font faces and, by address, their files. The extended Latin letters (Łukasz, Şener) are taken where installed."""
    found: list[dict[str, str]] = []
    files: dict[str, str] = {}
    for family, part in ((FAMILY, "latin"), (FAMILY_EXTENDED, "latin-ext")):
        for weight, style in _FACES:
            name = f"source-sans-3-{part}-{weight}-{style}.woff2"
            path = font_file(name)
            if path is None:
                if part == "latin":
                    raise MissingFonts(f"The font {name} is not installed. Run: make setup")
                continue
            url = f"portal:font/{name}"
            found.append({"family": family, "weight": weight, "style": style, "url": url})
            files[url] = str(path)
    return found, files


def emblems() -> dict[str, str]:
    """Emblem files by address. ``templates/documents/emblems/CODE.svg`` is the emblem of the authority with that code."""
    return {f"portal:emblem/{path.stem}": str(path) for path in sorted((documents_folder() / "emblems").glob("*.svg"))}


def emblem_url(code: str) -> str | None:
    """The address of an authority's emblem, or ``None`` where it has given none."""
    url = f"portal:emblem/{code}"
    return url if url in emblems() else None


def stylesheets() -> dict[str, str]:
    """The print styles by name."""
    return {path.name: path.read_text("utf-8") for path in sorted(documents_folder().glob("*.css"))}
