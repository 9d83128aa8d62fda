"""A deck as it is shown and issued: the slides that the portal filled, under what people made of them.

People's work on a slide (``edits``) is plain JSON: ``title``; ``lines``, by key, each perhaps ``text`` with the text that stood there
(``was``), or ``out``; ``own``, sentences of one's own; ``notes``. Figures that change leave it as it is: where the text beneath an edit
is no longer what it was, the slide says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from schools.slides import Line, Origin, Slide, Source

Edits = Mapping[str, Any]


@dataclass(frozen=True)
class Shown:
    """One slide of the deck as it is projected. ``moved`` are generated texts that have changed beneath somebody's edit."""

    code: str
    slide: Slide
    is_out: bool = False
    moved: tuple[str, ...] = ()
    edited_by: str = ""

    @property
    def needs(self) -> str:
        """What a person must still do, "" once it is edited or left out."""
        return "" if self.is_out or self.edited_by else self.slide.needs


def edited(code: str, slide: Slide, edits: Edits, *, by: str = "", is_out: bool = False) -> Shown:
    """``slide`` with a person's edits over it. A sentence whose words were changed keeps its source, and names who changed it."""
    changes: Mapping[str, Any] = edits.get("lines", {})
    lines, moved = [], []
    for line in slide.lines:
        change = changes.get(line.key, {})
        if change.get("out"):
            continue
        if "text" in change:
            if change.get("was") != line.text:
                moved.append(line.text)
            lines.append(replace(line, text=change["text"], source=replace(line.source, said=_said(line.source.said, f"edited by {by}"))))
        else:
            lines.append(line)
    typed = Source(Origin.TYPED, 1, said=f"typed by {by}" if by else "typed")
    held = {line.key for line in slide.lines}
    for key, change in changes.items():
        if "text" in change and key not in held and not change.get("out"):  # what it rested on is no longer held
            lines.append(Line(key, change["text"], typed))
            moved.append("")
    lines += [Line(f"own-{place}", text, typed) for place, text in enumerate(edits.get("own", ()), start=1)]
    table = slide.table
    if table is not None and any(changes.get(row.key, {}).get("out") for row in table.rows):
        table = replace(table, rows=tuple(row for row in table.rows if not changes.get(row.key, {}).get("out")))
    shown = replace(
        slide,
        title=edits.get("title") or slide.title,
        lines=tuple(lines),
        table=table if table and table.rows else None,
        notes=edits.get("notes", slide.notes),
    )
    return Shown(code, shown, is_out, tuple(moved), by if edits else "")


def _said(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def document(title: str, about: str, shown: Sequence[Shown], left_out: Sequence[Mapping[str, str]] = (), **head: str) -> dict[str, Any]:
    """The deck as canonical JSON may hold it: what ``--format json`` prints and what an issued deck's digest is taken over."""
    slides = [each for each in shown if not each.is_out]
    return {
        **head,
        "title": title,
        "about": about,
        "slides": [{"number": number, "code": each.code, **each.slide.as_json()} for number, each in enumerate(slides, start=1)],
        "left_out": [dict(each) for each in left_out],
    }
