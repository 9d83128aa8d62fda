"""A deck as a PDF of slides, in the authority's look."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.charts import Role, Series, Trend
from core.documents import Document, make
from people.models import Authority
from schools.slides import Curve, Row

from .deck import Shown
from .layout import Page, pages_of

LOUD = 5
"""Of a ranking the first five are drawn dark, as the mockup has it."""


@dataclass(frozen=True)
class Bar:
    """``length`` in thousandths of the longest."""

    label: str
    figure: str
    length: int
    is_quiet: bool


def bars_of(rows: Sequence[Row]) -> list[Bar]:
    most = max((int(row.cells[1]) for row in rows), default=0) or 1
    return [Bar(row.cells[0], row.cells[1], 1000 * int(row.cells[1]) // most, place >= LOUD) for place, row in enumerate(rows)]


def chart_of(curve: Curve, authority: str, key: str) -> Trend:
    series = [Series(authority, Role.AUTHORITY, curve.own, "LA")]
    if any(value is not None for value in curve.national):
        series.append(Series("England", Role.NATIONAL, curve.national, "England"))
    return Trend(key=key, heading=curve.heading, points=[f"’{point[2:]}" for point in curve.points], series=series)


@dataclass(frozen=True)
class Printed:
    """A page with what only a picture of it needs; the rest is asked of the page."""

    page: Page
    bars: Sequence[Bar]
    charts: Sequence[Trend]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.page, name)


def printed(shown: Sequence[Shown], authority: Authority) -> list[Printed]:
    return [
        Printed(
            page,
            bars_of(page.rows) if page.table is not None and page.table.is_ranked else (),
            [chart_of(curve, authority.name, f"c{page.number}-{place}") for place, curve in enumerate(page.curves)],
        )
        for page in pages_of(shown)
    ]


def write_pdf(
    authority: Authority, title: str, about: str, shown: Sequence[Shown], *, at: dt.datetime, seal: Mapping[str, Any] | None = None
) -> bytes:
    """Never call it inside a transaction. Raises ``core.documents.DocumentFailed``."""
    pages = printed(shown, authority)
    return make(
        Document(
            template="documents/deck.html",
            stylesheet="deck_print.css",
            context={"pages": pages, "authority": authority, "title": title, "about": about, "seal": seal, "last": len(pages) + 1},
            title=title,
            author=authority.service or authority.name,
            created=at,
            identifier=seal["digest"] if seal else "",
            brand=authority.brand_colour,
        )
    ).pdf
