"""Rows of ``briefings``, made through the services that people use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from briefings import services
from briefings.builder.issue import Rendered, shown_of
from briefings.models import Briefing, BriefingDocument, Bulletin, Deck, Evaluation, IssuedDeck, Workshop
from briefings.services import BriefingFacts, BulletinItemFacts, WorkshopFacts
from briefings.uploads import recognise
from core.canonical import digest
from people.models import User

from .library import PDF
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


def make_document(world: World, briefing: Briefing, title: str = "Slides of the day", *, at: dt.datetime = NOW) -> BriefingDocument:
    upload = recognise("slides.pdf", PDF, most_mb=1)
    return services.add_document(actor=world.fresh("manager"), briefing=briefing, title=title, upload=upload, at=at)


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


def make_workshop(world: World, on: dt.date = SOON, *, places: int = 20, topic: str = "finance", **values: Any) -> Workshop:
    facts_ = WorkshopFacts(
        title=values.pop("title", "Finance"),
        on=on,
        starts_at=dt.time(13, 30),
        ends_at=dt.time(15, 30),
        venue="Weald Teachers’ Centre",
        places=places,
        **values,
    )
    return services.offer_workshop(actor=world.fresh("manager"), authority=world.authority, facts=facts_, topic=topic, at=NOW)


def make_bulletin(world: World, title: str = "Half term", *, audience: str = "all", at: dt.datetime = NOW) -> Bulletin:
    """One that is published, with an item for action and one for information."""
    manager = world.fresh("manager")
    row = services.begin_bulletin(actor=manager, authority=world.authority, title=title, audience=audience, at=at)
    action = BulletinItemFacts("action", "Return the list of targets", "**All** of them.", (at + dt.timedelta(days=10)).date())
    services.add_bulletin_item(actor=manager, bulletin=row, facts=action, at=at)
    services.add_bulletin_item(actor=manager, bulletin=row, facts=BulletinItemFacts("information", "RAISEonline is out"), at=at)
    return services.publish_bulletin(actor=manager, bulletin=row, at=at)


def make_evaluation(world: World, came: Sequence[User], *, at: dt.datetime = NOW) -> Evaluation:
    """The form of a briefing held on the day, opened for those who came."""
    manager = world.fresh("manager")
    row = make_briefing(world, at.date(), audience="all")
    row = services.record_attendance(actor=manager, briefing=row, came=came, at=at)
    return services.open_evaluation(actor=manager, of=row, at=at)
