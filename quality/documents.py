"""The programme report and the evidence pack as PDFs."""

from __future__ import annotations

import datetime as dt

from core.documents import Document, make
from people.models import Authority

from .report import Made


def report_pdf(authority: Authority, report: Made, *, at: dt.datetime) -> bytes:
    """Never call it inside a transaction. Raises ``core.documents.DocumentFailed``."""
    return make(
        Document(
            template="documents/programme_report.html",
            stylesheet="letter_print.css",
            context={"report": report, "authority": authority},
            title=report.title,
            author=authority.service or authority.name,
            created=at,
            brand=authority.brand_colour,
        )
    ).pdf
