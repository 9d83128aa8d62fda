"""A whole note pasted at once, split at its headings: what stands under which section, and what has no place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"^\s*(?:section\s+)?(?:\d{1,2}|[a-z]|[ivx]{1,4})(?:[.):]|\s*[-–—]|\s)\s*", re.IGNORECASE)
_MARKS = re.compile(r"^[#*_\s]+|[*_\s:.–—-]+$")
LONGEST_HEADING = 120


@dataclass(frozen=True)
class Heading:
    """A section that a pasted text may have: its key and the titles under which it is known."""

    key: str
    titles: tuple[str, ...]


@dataclass(frozen=True)
class Split:
    """``found`` maps a section's key to its text; ``rest`` is what stood under no heading that is known."""

    found: dict[str, str]
    rest: str


def _plain(text: str) -> str:
    text = _MARKS.sub("", text.strip())
    return re.sub(r"[^a-z0-9]+", " ", text.lower().replace("&", "and").replace("’", "'")).strip()


def _matches(line: str, headings: Iterable[Heading]) -> str | None:
    """The section whose title this line is: alone on its line, with or without a number before it."""
    if not line.strip() or len(line) > LONGEST_HEADING:
        return None
    forms = {_plain(line), _plain(_NUMBER.sub("", line, count=1))} - {""}
    for heading in headings:
        if any(_plain(title) in forms for title in heading.titles):
            return heading.key
    return None


def split_note(text: str, headings: Sequence[Heading]) -> Split:
    """Split at lines that are a section's title. A heading that comes twice adds to what stood under it first."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").split("\n")
    return split_lines([(line, False) for line in lines], headings)


def split_lines(lines: Iterable[tuple[str, bool]], headings: Sequence[Heading]) -> Split:
    """The same for lines of which it is known whether they are headings: what stands under one that is no section's title
    has no place."""
    found: dict[str, list[str]] = {}
    rest: list[str] = []
    into = rest
    for row, is_heading in lines:
        key = _matches(row, headings)
        if key is None:
            if is_heading and row.strip():
                into = rest
            into.append(row)
            continue
        into = found.setdefault(key, [])
        if into:
            into.append("")
    return Split({key: "\n".join(rows).strip() for key, rows in found.items() if "\n".join(rows).strip()}, "\n".join(rest).strip())
