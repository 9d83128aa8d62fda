"""Making Figures Speak and the SIP summary sheet as PDFs: the pages' own markup, tagged, in the print style."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from core.components.formats import day
from core.documents import Document
from core.documents.assets import emblem_url
from schools.models import School


def figures_document(*, school: School, title: str, body: str, context: Mapping[str, Any], prepared_for: str, at: dt.datetime) -> Document:
    """``body`` is the template that the page shows too, given ``context`` and ``printed``."""
    authority = school.authority
    return Document(
        template="documents/figures.html",
        context={
            **context,
            "printed": True,
            "body": body,
            "kind": title,
            "school": school,
            "authority": authority,
            "emblem": emblem_url(authority.code),
            "prepared_for": prepared_for,
            "at": at,
        },
        title=f"{title}: {school.name}",
        author=authority.service or authority.name,
        subject=f"As the portal held it on {day(at.date())}",
        created=at,
        brand=authority.brand_colour,
    )
