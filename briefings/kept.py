"""The files that people sent, for requests for information (``visits.held``): papers of briefings, and of the library.

What a Word, Excel or PowerPoint file says was read when it came, and is searched with its name. A PDF or a picture is not
read: it is listed for every request, as not searched, so that a person looks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.utils import timezone

from core import files
from core.access import Refused
from people.models import User
from visits.held import HELD, MOST, Found, Held, HeldFile, Text, holding, within
from visits.models import InformationRequest, RequestItem

from .models import BriefingDocument, ResourceDraft, ResourceVersion


def _unsearched(request: InformationRequest, row: Any) -> str:
    """Why the words of the request were not looked for in the file; nothing where they were, or where there are none."""
    return f"{row.file_kind} file" if request.terms and not row.file_words else ""


def _rows(kind: str, model: Any, authority: str, titled: str, at: str) -> Callable[[InformationRequest, frozenset[int]], list[Found]]:
    """Files of the authority, of the days of the request: they are of no school."""

    def rows(request: InformationRequest, walled: frozenset[int]) -> list[Found]:
        held = holding(request, "file_words", "file_name", titled)
        found = model._default_manager.filter(
            held | Q(file_words="") if held else Q(), within(request, f"{at}__date"), **{authority: request.authority_id}
        ).exclude(file=None)
        what = titled.partition("__")[0]
        return [
            Found(
                kind,
                str(row.pk),
                f"{getattr(row, what)}, {row.file_name}"[:240],
                None,
                timezone.localtime(getattr(row, at)).date(),
                _unsearched(request, row),
            )
            for row in found.select_related(*([what] if "__" in titled else [])).order_by(at, "pk")[:MOST]
        ]

    return rows


def _row(model: Any, item: RequestItem) -> Any:
    row = model._default_manager.select_related("file").filter(pk=item.subject_id).first()
    if row is None:
        raise Refused("It is no longer kept: it was published or given up since it was found.")
    return row


def _text(model: Any) -> Callable[[RequestItem, User, dt.datetime], Text]:
    def text(item: RequestItem, actor: User, at: dt.datetime) -> Text:
        row = _row(model, item)
        words = row.file_words or f"The portal cannot read a {row.file_kind} file. Download it, and look at it."
        return {"title": item.label, "sections": [{"title": row.file_name, "text": words}]}

    return text


def _file(model: Any) -> Callable[[RequestItem], HeldFile]:
    def file(item: RequestItem) -> HeldFile:
        row = _row(model, item)
        return HeldFile(row.file_name, row.file.media_type, files.read(row.file))

    return file


for key, label, model, authority, titled, at in (
    ("document", "Paper of a briefing", BriefingDocument, "briefing__authority", "title", "added_at"),
    ("library", "File of the library", ResourceVersion, "resource__authority", "resource__title", "published_at"),
    ("library_draft", "File of the library, not published", ResourceDraft, "resource__authority", "resource__title", "prepared_at"),
):
    HELD.add(key, Held(key, "files", label, _rows(key, model, authority, titled, at), _text(model), file=_file(model)))
