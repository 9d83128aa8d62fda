"""A deck as it is shown now, and made ready to be issued."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.canonical import digest
from schools.slides import Slide

from ..models import Deck
from .deck import Shown, document, edited
from .layout import pages_of
from .pdf import write_pdf
from .pptx import write_pptx


def shown_of(deck: Deck) -> list[Shown]:
    """Every slide with its edits, left out or not. One query."""
    rows = deck.slides.order_by("position", "pk")
    return [edited(row.code, Slide.of_json(row.made), row.edits, by=row.edited_by_name, is_out=row.is_out) for row in rows]


@dataclass(frozen=True)
class Rendered:
    """What an issue holds, from one ``lock_version`` of the deck."""

    lock_version: int
    number: int
    content: Mapping[str, Any]
    digest: str
    pages: int
    pdf: bytes
    pptx: bytes


def render(deck: Deck, *, number: int, by: str, at: dt.datetime) -> Rendered:
    """Never call it inside a transaction. Raises ``core.documents.DocumentFailed``."""
    shown = shown_of(deck)
    content = document(
        deck.title,
        deck.about,
        shown,
        deck.left_out,
        authority=deck.authority.code,
        phase=deck.phase,
        term=f"{deck.term} {deck.academic_year}",
        figures_at=deck.made_at.isoformat(),
        issued_at=at.isoformat(),
        issued_by=by,
        issue=str(number),
    )
    sealed = digest(content)
    seal = {"number": number, "digest": sealed, "by": by, "at": at}
    pdf = write_pdf(deck.authority, deck.title, deck.about, shown, at=at, seal=seal)
    pptx = write_pptx(deck.authority, deck.title, deck.about, shown, at=at)
    return Rendered(deck.lock_version, number, content, sealed, len(pages_of(shown)) + 1, pdf, pptx)
