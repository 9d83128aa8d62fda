"""Building the slides of a briefing, and issuing them (domain.md §8). Figures that change never change what a person wrote."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max

from briefings.builder.compose import Composed, Occasion, compose, occasion_of, term_of
from briefings.builder.issue import Rendered
from briefings.builder.pptx import MEDIA_TYPE
from briefings.models import Briefing, Deck, DeckSlide, IssuedDeck
from core import audit, files
from core.access import Conflict, Refused, require
from core.canonical import canonical_json
from core.ids import new_public_id
from people.models import Authority, User
from people.roles import Permission as P
from schools.slides import Slide

OWN = "own-"


@transaction.atomic
def begin_deck(*, actor: User, authority: Authority, phase: str, term: str, briefing: Briefing | None = None, at: dt.datetime) -> Deck:
    """Fill the slides of a phase and a term ("autumn-2008") in the actor's scope; of that briefing, else of the term's last."""
    require(actor, P.BRIEFING_BUILD, authority, on=at.date())
    if briefing is not None and briefing.authority_id != authority.pk:
        raise Refused("The briefing belongs to another authority.", field="briefing")
    occasion = occasion_of(authority, phase=phase, term=term_of(term, authority), on=at.date(), briefing=briefing)
    made = compose(occasion, actor)
    try:
        with transaction.atomic():
            deck = Deck.objects.create(
                authority=authority,
                phase=phase,
                academic_year=occasion.term.year,
                term=occasion.term.season.value,
                briefing=occasion.briefing,
                title=made.title,
                about=made.about,
                left_out=_left_out(made),
                made_by=actor,
                made_at=at,
            )
    except IntegrityError:
        raise Conflict("There are slides for that briefing already. Open them, and ask for fresh figures there.", field="term") from None
    DeckSlide.objects.bulk_create(
        DeckSlide(deck=deck, code=each.code, position=place, made=each.slide.as_json()) for place, each in enumerate(made.slides, start=1)
    )
    changes = {"phase": phase, "term": term, "slides": len(made.slides)}
    audit.record("deck.begun", actor=actor, at=at, subject=deck, authority=authority, changes=changes)
    return deck


@transaction.atomic
def refresh_deck(*, actor: User, deck: Deck, at: dt.datetime) -> list[str]:
    """Ask for every figure again. Edits, order and what was left out stay; the titles of slides whose figures moved are answered."""
    require(actor, P.BRIEFING_BUILD, deck, on=at.date())
    made = compose(_occasion(deck, at), actor)
    held = {row.code: row for row in deck.slides.all()}
    changed: list[str] = []
    for place, each in enumerate(made.slides, start=1):
        row = held.pop(each.code, None)
        fresh = each.slide.as_json()
        if row is None:
            DeckSlide.objects.create(deck=deck, code=each.code, position=place, made=fresh)
            changed.append(each.slide.title)
        elif row.made != fresh:
            row.made = fresh
            row.save(update_fields=["made"])
            changed.append(str(row))
    for row in held.values():
        if not row.is_own and not row.edits:
            changed.append(str(row))
            row.delete()
    Deck.objects.filter(pk=deck.pk).update(
        title=made.title, about=made.about, left_out=_left_out(made), made_at=at, made_by=actor, lock_version=F("lock_version") + 1
    )
    changes = {"slides": len(changed)}
    audit.record("deck.refreshed", actor=actor, at=at, subject=deck, authority=deck.authority, changes=changes)
    return changed


def _occasion(deck: Deck, at: dt.datetime) -> Occasion:
    term = term_of(f"{deck.term}-{deck.academic_year.first + (deck.term != 'autumn')}", deck.authority)
    return occasion_of(deck.authority, phase=deck.phase, term=term, on=at.date(), briefing=deck.briefing)


def _left_out(made: Composed) -> list[dict[str, str]]:
    return [{"label": each.label, "why": each.why} for each in made.left_out]


# ---------------------------------------------------------------- a slide


@transaction.atomic
def edit_slide(
    *,
    actor: User,
    slide: DeckSlide,
    title: str,
    lines: Mapping[str, str],
    rows: Sequence[str] | None = None,
    own: Sequence[str] = (),
    notes: str = "",
    at: dt.datetime,
) -> DeckSlide:
    """A person's words over a slide. ``lines`` by key: the text, empty to leave the sentence out; ``rows`` are those shown."""
    require(actor, P.BRIEFING_BUILD, slide, on=at.date())
    if not title.strip():
        raise Refused("Give the slide a title.", field="title")
    made = Slide.of_json(slide.made)
    kept: dict[str, Any] = {}
    for line in made.lines:
        text = lines.get(line.key, line.text).strip()
        if not text:
            kept[line.key] = {"out": True}
        elif text != line.text:
            kept[line.key] = {"text": text, "was": line.text}
    for row in made.table.rows if made.table and rows is not None else ():
        if row.key not in (rows or ()):
            kept[row.key] = {"out": True}
    edits: dict[str, Any] = {}
    if title.strip() != made.title:
        edits["title"] = title.strip()
    if kept:
        edits["lines"] = kept
    if typed := [text.strip() for text in own if text.strip()]:
        edits["own"] = typed
    if notes.strip() != made.notes.strip():
        edits["notes"] = notes.strip()
    _keep(actor, slide, at, edits=edits, edited_by_name=actor.name if edits else "", edited_at=at if edits else None)
    words = " ".join([title, *lines.values(), *own, notes])
    audit.record(
        "deck.slide_edited", actor=actor, at=at, subject=slide.deck, authority=slide.deck.authority, changes={"text": audit.content(words)}
    )
    return slide


@transaction.atomic
def restore_slide(*, actor: User, slide: DeckSlide, at: dt.datetime) -> DeckSlide:
    """Put the generated text back."""
    require(actor, P.BRIEFING_BUILD, slide, on=at.date())
    _keep(actor, slide, at, edits={}, edited_by_name="", edited_at=None)
    audit.record("deck.slide_restored", actor=actor, at=at, subject=slide.deck, authority=slide.deck.authority)
    return slide


@transaction.atomic
def leave_out_slide(*, actor: User, slide: DeckSlide, is_out: bool, at: dt.datetime) -> DeckSlide:
    """Leave a slide out, or take it in again."""
    require(actor, P.BRIEFING_BUILD, slide, on=at.date())
    _keep(actor, slide, at, is_out=is_out)
    changes = {"slide": str(slide), "out": is_out}
    audit.record("deck.slide_left_out", actor=actor, at=at, subject=slide.deck, authority=slide.deck.authority, changes=changes)
    return slide


@transaction.atomic
def move_slide(*, actor: User, slide: DeckSlide, by: int, at: dt.datetime) -> DeckSlide:
    """Earlier (``by`` below nought) or later by so many places."""
    require(actor, P.BRIEFING_BUILD, slide, on=at.date())
    rows = list(slide.deck.slides.all())
    here = next(place for place, row in enumerate(rows) if row.pk == slide.pk)
    there = min(max(here + by, 0), len(rows) - 1)
    rows.insert(there, rows.pop(here))
    for place, row in enumerate(rows, start=1):
        row.position = place
    DeckSlide.objects.bulk_update(rows, ["position"])
    _touch(slide.deck)
    changes = {"slide": str(slide), "place": there + 1}
    audit.record("deck.slide_moved", actor=actor, at=at, subject=slide.deck, authority=slide.deck.authority, changes=changes)
    return slide


@transaction.atomic
def add_page(*, actor: User, deck: Deck, title: str, text: str, at: dt.datetime) -> DeckSlide:
    """A page of one's own at the end, one line of ``text`` a sentence."""
    require(actor, P.BRIEFING_BUILD, deck, on=at.date())
    if not title.strip():
        raise Refused("Give the page a title.", field="title")
    own = [line.strip() for line in text.splitlines() if line.strip()]
    last = deck.slides.aggregate(last=Max("position"))["last"] or 0
    row = DeckSlide.objects.create(
        deck=deck,
        code=f"{OWN}{new_public_id()}",
        position=last + 1,
        made=Slide(title=title.strip(), about="a page of your own").as_json(),
        edits={"own": own} if own else {},
        is_own=True,
        edited_by_name=actor.name,
        edited_at=at,
    )
    _touch(deck)
    changes = {"text": audit.content(f"{title} {text}")}
    audit.record("deck.page_added", actor=actor, at=at, subject=deck, authority=deck.authority, changes=changes)
    return row


def _keep(actor: User, slide: DeckSlide, at: dt.datetime, **values: Any) -> None:
    for name, value in values.items():
        setattr(slide, name, value)
    slide.save(update_fields=list(values))
    _touch(slide.deck)


def _touch(deck: Deck) -> None:
    Deck.objects.filter(pk=deck.pk).update(lock_version=F("lock_version") + 1)


# ---------------------------------------------------------------- issued


@transaction.atomic
def issue_deck(*, actor: User, deck: Deck, rendered: Rendered, at: dt.datetime) -> IssuedDeck:
    """Keep the deck as it is for ever, for its briefing's audience. Raises ``Conflict`` where it was changed meanwhile."""
    require(actor, P.BRIEFING_BUILD, deck, on=at.date())
    if deck.briefing is None:
        raise Refused("No briefing is planned for these slides, so nobody would read them. Plan it, then ask for fresh figures here.")
    if not Deck.objects.filter(pk=deck.pk, lock_version=rendered.lock_version).update(lock_version=F("lock_version") + 1):
        raise Conflict("The slides were changed while the pack was made. Look at them, and publish again.")
    row = IssuedDeck.objects.create(
        authority=deck.authority,
        deck=deck,
        briefing=deck.briefing,
        number=rendered.number,
        title=deck.title,
        digest=rendered.digest,
        pages=rendered.pages,
        content=files.store(canonical_json(dict(rendered.content)), "application/json", at=at),
        pdf=files.store(rendered.pdf, "application/pdf", at=at),
        pptx=files.store(rendered.pptx, MEDIA_TYPE, at=at),
        issued_by=actor,
        issued_by_name=actor.name,
        issued_at=at,
    )
    changes = {"issue": rendered.number, "pages": rendered.pages, "digest": rendered.digest}
    audit.record("deck.issued", actor=actor, at=at, subject=deck, authority=deck.authority, changes=changes)
    return row


def note_deck_exported(*, actor: User, deck: Deck, kind: str, at: dt.datetime) -> None:
    """That the working slides left the portal as a file."""
    require(actor, P.BRIEFING_BUILD, deck, on=at.date())
    audit.record("deck.exported", actor=actor, at=at, subject=deck, authority=deck.authority, changes={"kind": kind})
