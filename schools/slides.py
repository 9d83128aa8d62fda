"""Slides that the portal can fill for a briefing, and the registry into which each app puts its own (domain.md §8).

One line in an app's ``contributions.py`` adds a slide::

    SLIDES.add("key-issues", SlideSource("Top ten key issues", key_issues_slide, P.INSPECTION_OVERVIEW))

A source takes a :class:`Brief` (whose briefing, of which phase and term, and who asks) and answers with a :class:`Slide`, or with
``None`` where nothing is held. Every line and every row says where it comes from. A slide counts schools and names none: who
may see which school is asked of the page that its source leads to.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from core.calendar import Term
from core.registry import Registry
from people.models import Authority, User
from people.packs import AuthorityPack
from people.roles import Permission

from .choices import PHASE_FAMILIES
from .models import School


class Origin(StrEnum):
    ROWS = "rows"
    PACK = "pack"
    LIBRARY = "library"
    TYPED = "typed"


@dataclass(frozen=True)
class Source:
    """Where a line comes from: ``count`` rows of ``model`` with their ``ids``, or the page with them (``url``); an entry of a part
    of the pack; a document of the library; a person. ``slide`` is the slide of the briefings that it answers ("P22")."""

    origin: Origin
    count: int = 1
    model: str = ""
    ids: tuple[int, ...] = ()
    url: str = ""
    said: str = ""
    slide: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "origin": self.origin.value, "model": self.model, "count": self.count, "ids": list(self.ids),
            "url": self.url, "said": self.said, "slide": self.slide,
        }  # fmt: skip

    @classmethod
    def of_json(cls, raw: Mapping[str, Any]) -> Source:
        return cls(
            Origin(raw["origin"]), raw["count"], raw["model"], tuple(raw["ids"]), raw["url"], raw["said"], raw["slide"]
        )  # fmt: skip


def from_rows(model: str, ids: Iterable[int] = (), *, count: int | None = None, url: str = "", said: str = "", slide: str = "") -> Source:
    """``count`` where the rows are too many to be listed; then ``url`` leads to them."""
    listed = tuple(ids)
    return Source(Origin.ROWS, len(listed) if count is None else count, model, listed, url, said, slide)


@dataclass(frozen=True)
class Line:
    """A sentence. ``key`` is unique on its slide; ``level`` 1 stands beneath the line before."""

    key: str
    text: str
    source: Source
    level: int = 0

    def as_json(self) -> dict[str, Any]:
        return {"key": self.key, "text": self.text, "level": self.level, "source": self.source.as_json()}

    @classmethod
    def of_json(cls, raw: Mapping[str, Any]) -> Line:
        return cls(raw["key"], raw["text"], Source.of_json(raw["source"]), raw["level"])


@dataclass(frozen=True)
class Row:
    key: str
    cells: tuple[str, ...]
    source: Source


@dataclass(frozen=True)
class Table:
    """``is_ranked``: counts in the second column, drawn as bars, most first."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    is_ranked: bool = False

    def as_json(self) -> dict[str, Any]:
        rows = [{"key": row.key, "cells": list(row.cells), "source": row.source.as_json()} for row in self.rows]
        return {"caption": self.caption, "head": list(self.head), "rows": rows, "is_ranked": self.is_ranked}

    @classmethod
    def of_json(cls, raw: Mapping[str, Any]) -> Table:
        rows = tuple(Row(row["key"], tuple(row["cells"]), Source.of_json(row["source"])) for row in raw["rows"])
        return cls(raw["caption"], tuple(raw["head"]), rows, raw["is_ranked"])


@dataclass(frozen=True)
class Curve:
    """A figure over the years, the authority beside England: ``own`` and ``national`` answer to ``points``, None for no figure."""

    heading: str
    points: tuple[str, ...]
    own: tuple[Decimal | None, ...]
    national: tuple[Decimal | None, ...]
    source: Source

    def as_json(self) -> dict[str, Any]:
        def texts(values: Sequence[Decimal | None]) -> list[str | None]:
            return [None if value is None else str(value) for value in values]

        return {
            "heading": self.heading, "points": list(self.points), "own": texts(self.own), "national": texts(self.national),
            "source": self.source.as_json(),
        }  # fmt: skip

    @classmethod
    def of_json(cls, raw: Mapping[str, Any]) -> Curve:
        def figures(texts: Sequence[str | None]) -> tuple[Decimal | None, ...]:
            return tuple(None if text is None else Decimal(text) for text in texts)

        return cls(
            raw["heading"], tuple(raw["points"]), figures(raw["own"]), figures(raw["national"]), Source.of_json(raw["source"])
        )  # fmt: skip


@dataclass(frozen=True)
class Slide:
    """``about`` says in a few words what it holds ("3 sentences"); ``foot`` names source and date; ``needs`` what a person must do."""

    title: str
    lines: tuple[Line, ...] = ()
    table: Table | None = None
    curves: tuple[Curve, ...] = ()
    about: str = ""
    foot: str = ""
    notes: str = ""
    needs: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "lines": [line.as_json() for line in self.lines],
            "table": self.table.as_json() if self.table else None,
            "curves": [curve.as_json() for curve in self.curves],
            "about": self.about, "foot": self.foot, "notes": self.notes, "needs": self.needs,
        }  # fmt: skip

    @classmethod
    def of_json(cls, raw: Mapping[str, Any]) -> Slide:
        return cls(
            title=raw["title"],
            lines=tuple(Line.of_json(line) for line in raw["lines"]),
            table=Table.of_json(raw["table"]) if raw["table"] else None,
            curves=tuple(Curve.of_json(curve) for curve in raw["curves"]),
            about=raw["about"], foot=raw["foot"], notes=raw["notes"], needs=raw["needs"],
        )  # fmt: skip

    def __bool__(self) -> bool:
        return bool(self.lines or self.table or self.curves)


# ---------------------------------------------------------------- what a source is asked

FAMILIES: dict[str, tuple[str, ...]] = {"primary": ("primary",), "secondary": ("secondary", "pru")}
"""The families of phases that a briefing is for: "secondary" is that of SIPs of secondary schools and pupil referral units (S1)."""


@dataclass(frozen=True)
class Brief:
    """``term`` is the briefing's, ``on`` the day as of which it speaks. Without a ``user`` it is the authority that asks, through a
    command: then nothing is walled. ``extra`` holds what the briefing itself brings (its agenda, say); ``kept`` what several slides share."""

    authority: Authority
    pack: AuthorityPack
    phase: str
    term: Term
    on: dt.date
    user: User | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def phases(self) -> tuple[str, ...]:
        return tuple(phase for family in FAMILIES[self.phase] for phase in PHASE_FAMILIES[family])

    def schools(self, permission: Permission) -> QuerySet[School]:
        """All the authority's schools of which this person may know it, the wall applied."""
        found = School.objects.filter(authority=self.authority)
        return found if self.user is None else found.granting(self.user, permission)

    def of_phase(self, permission: Permission) -> QuerySet[School]:
        return self.schools(permission).filter(phase__in=self.phases)

    def word(self, part: str, entry: str, *, slide: str = "") -> Source:
        """The source of words that a part of the pack holds."""
        said = f"{self.pack.row.code}, version {self.pack.row.version}: {part}.toml, {entry}"
        return Source(Origin.PACK, 1, "people.Pack", (self.pack.row.pk,), said=said, slide=slide)

    def words(self, part: str, entries: Iterable[tuple[str, str]], *, slide: str = "") -> tuple[Line, ...]:
        """Lines of (entry, text)."""
        return tuple(Line(entry, text, self.word(part, entry, slide=slide)) for entry, text in entries)


MakeSlide = Callable[[Brief], Slide | None]


@dataclass(frozen=True)
class SlideSource:
    """``permission`` is asked of the authority: who lacks it gets no such slide, and is told so. Where what is counted are schools,
    the source takes them from :meth:`Brief.schools`."""

    label: str
    make: MakeSlide
    permission: Permission | None = None


SLIDES: Registry[SlideSource] = Registry("slides")
