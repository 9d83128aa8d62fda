"""Rows of ``briefings``, made through the services that people use."""

from __future__ import annotations

import datetime as dt
from typing import Any

from briefings import services
from briefings.builder.issue import Rendered, shown_of
from briefings.models import Briefing, Deck, IssuedDeck
from briefings.services import BriefingFacts
from core.canonical import digest

from .people import NOW, TODAY
from .schools import World

SOON = TODAY + dt.timedelta(days=20)


def facts(on: dt.date = SOON, **values: Any) -> BriefingFacts:
    return BriefingFacts(
        on=on, starts_at=dt.time(9, 30), ends_at=dt.time(12, 30), venue=values.pop("venue", "Weald Teachers’ Centre"), **values
    )


def make_briefing(world: World, on: dt.date = SOON, *, audience: str = "primary", template: str = "termly", **values: Any) -> Briefing:
    """A date with the pack's agenda, of Wealdshire."""
    return services.plan_briefing(
        actor=world.fresh("manager"),
        authority=world.authority,
        audience=audience,
        facts=facts(on, **values),
        name=f"of {on.day} {on:%B}",
        template=template,
        at=NOW,
    )


def make_deck(world: World, **values: Any) -> Deck:
    """The slides of the primary briefing of autumn 2008."""
    return services.begin_deck(
        actor=world.fresh("manager"), authority=world.authority, phase="primary", term="autumn-2008", at=NOW, **values
    )  # fmt: skip


def rendered_of(deck: Deck) -> Rendered:
    """As ``briefings.builder.issue.render`` makes it, with a file in place of a rendering."""
    deck.refresh_from_db()
    content = {"title": deck.title, "slides": [each.slide.as_json() for each in shown_of(deck)]}
    return Rendered(deck.lock_version, deck.issues.count() + 1, content, digest(content), 3, b"%PDF-1.7", b"PK")


def issue_made(deck: Deck, world: World) -> IssuedDeck:
    return services.issue_deck(actor=world.fresh("manager"), deck=deck, rendered=rendered_of(deck), at=NOW)
