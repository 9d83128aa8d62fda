"""The slides of the autumn's primary briefing, as the manager has them in hand; and the joint area review that they quote (S3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from briefings import services
from quality import services as quality
from schools.slides import Slide

if TYPE_CHECKING:
    from .seed import Seed

REVIEW = (
    "Schools and early years settings are watched, challenged and helped very well. They are compared with schools like them, advised "
    "plainly, trained, and asked about their data; advisers and SIPs look hard at pupils with learning difficulties and disabilities, "
    "down to the progress of one pupil."
)


def build(seed: Seed, moment: Callable[..., dt.datetime]) -> None:
    """After the briefings: the deck belongs to the one of its term. Two sentences are joined, one page waits for its words."""
    manager, at = seed.users["manager"], moment(dt.date(2008, 10, 13), 16)
    quality.record_judgement(
        actor=manager,
        authority=seed.authority,
        body="joint_area",
        title="Joint area review, May 2008",
        on=dt.date(2008, 5, 30),
        words=REVIEW,
        grade="Very good",
        at=moment(dt.date(2008, 6, 4), 10),
    )
    deck = services.begin_deck(actor=manager, authority=seed.authority, phase="primary", term="autumn-2008", at=at)
    slide = deck.slides.filter(code="headlines-ks2").first()
    if slide is not None:
        lines = {line.key: line.text for line in Slide.of_json(slide.made).lines}
        floors = [lines.get(f"ks2-floor-{subject}", "") for subject in ("en", "ma")]
        if all(floors):
            other = floors[1][:1].lower() + floors[1][1:]
            lines |= {"ks2-floor-en": f"{floors[0]}, and {other}", "ks2-floor-ma": ""}
        services.edit_slide(
            actor=manager,
            slide=slide,
            title="Key Stage 2 headlines",
            lines=lines,
            notes="The schools below the new floor are on the priority list: open it from slide “Schools that may be a priority”.",
            at=moment(dt.date(2008, 10, 14), 8),
        )
    services.add_page(
        actor=manager, deck=deck, title="Partnership managers", text="Who looks after which cluster: to be told on the day", at=at
    )  # fmt: skip
