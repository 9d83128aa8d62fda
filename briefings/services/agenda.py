"""The agenda: its items and their leads, questions beforehand (S2), and outcomes that the next agenda draws on (P3)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from briefings.models import AgendaItem, AgendaQuestion, Briefing
from briefings.selectors.audience import leads_of
from briefings.workflow import BRIEFING_WORKFLOW
from core import audit
from core.access import Refused
from people.models import User


@dataclass(frozen=True)
class ItemFacts:
    """One line. A lead is somebody with an account, or a visitor by name."""

    title: str
    about: str = ""
    lead: User | None = None
    lead_name: str = ""
    minutes: int | None = None
    is_activity: bool = False


def _checked(facts: ItemFacts, briefing: Briefing, at: dt.datetime) -> ItemFacts:
    if not facts.title.strip():
        raise Refused("Give the item a title.", field="title")
    if facts.lead is not None and facts.lead_name.strip():
        raise Refused("Name one lead: somebody with an account, or a visitor.", field="lead_name")
    if facts.lead is not None and facts.lead not in leads_of(briefing.authority, at.date()):
        raise Refused(f"{facts.lead.name} is neither a SIP here nor works beside them. Name a visitor by name.", field="lead")
    return facts


def _last(briefing: Briefing) -> int:
    return (AgendaItem.objects.filter(briefing=briefing).aggregate(last=Max("position"))["last"] or 0) + 1


@transaction.atomic
def add_item(*, actor: User, briefing: Briefing, facts: ItemFacts, at: dt.datetime) -> AgendaItem:
    BRIEFING_WORKFLOW.move(actor, briefing, "arrange", at.date())
    row = AgendaItem.objects.create(briefing=briefing, position=_last(briefing), **vars(_checked(facts, briefing, at)))
    audit.record("agenda.changed", actor=actor, at=at, subject=briefing, authority=briefing.authority, changes={"added": row.title})
    return row


@transaction.atomic
def change_item(*, actor: User, item: AgendaItem, facts: ItemFacts, at: dt.datetime) -> AgendaItem:
    briefing = item.briefing
    BRIEFING_WORKFLOW.move(actor, briefing, "arrange", at.date())
    for name, value in vars(_checked(facts, briefing, at)).items():
        setattr(item, name, value)
    item.save()
    audit.record("agenda.changed", actor=actor, at=at, subject=briefing, authority=briefing.authority, changes={"changed": item.title})
    return item


@transaction.atomic
def move_item(*, actor: User, item: AgendaItem, is_up: bool, at: dt.datetime) -> AgendaItem:
    """One place up or down; at the end it stays where it is."""
    briefing = item.briefing
    BRIEFING_WORKFLOW.move(actor, briefing, "arrange", at.date())
    rows = list(AgendaItem.objects.filter(briefing=briefing))
    place = next(number for number, row in enumerate(rows) if row.pk == item.pk)
    other = place + (-1 if is_up else 1)
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
        for number, row in enumerate(rows, start=1):
            row.position = number
        AgendaItem.objects.bulk_update(rows, ["position"])
    audit.record("agenda.changed", actor=actor, at=at, subject=briefing, authority=briefing.authority, changes={"moved": item.title})
    return item


@transaction.atomic
def remove_item(*, actor: User, item: AgendaItem, at: dt.datetime) -> None:
    """Take a line off; one on which people have asked something stays until it is moved into another's words."""
    briefing = item.briefing
    BRIEFING_WORKFLOW.move(actor, briefing, "arrange", at.date())
    if item.questions.exists():
        raise Refused("People have asked questions on this item. Change its title instead, so that they keep their place.")
    title = item.title
    item.delete()
    audit.record("agenda.changed", actor=actor, at=at, subject=briefing, authority=briefing.authority, changes={"removed": title})


@transaction.atomic
def draw_on(*, actor: User, briefing: Briefing, earlier: AgendaItem, at: dt.datetime) -> AgendaItem:
    """Put an item of an earlier agenda, whose outcome is to be come back to, on this one (P3: feedback from the theme day)."""
    if earlier.briefing.authority_id != briefing.authority_id or earlier.briefing.on >= briefing.on:
        raise Refused("Choose an item of an earlier agenda.")
    if AgendaItem.objects.filter(briefing=briefing, draws_on=earlier).exists():
        raise Refused("It is on this agenda already.")
    BRIEFING_WORKFLOW.move(actor, briefing, "arrange", at.date())
    row = AgendaItem.objects.create(
        briefing=briefing,
        position=_last(briefing),
        title=earlier.title,
        lead=earlier.lead,
        lead_name=earlier.lead_name,
        draws_on=earlier,
    )
    audit.record("agenda.changed", actor=actor, at=at, subject=briefing, authority=briefing.authority, changes={"added": row.title})
    return row


@transaction.atomic
def ask_question(*, actor: User, item: AgendaItem, text: str, at: dt.datetime) -> AgendaQuestion:
    """Ask something of an item before the day, under one's name (S2: questions for a visitor)."""
    if not text.strip():
        raise Refused("Write your question.", field="text")
    briefing = item.briefing
    BRIEFING_WORKFLOW.move(actor, briefing, "ask", at.date())
    row = AgendaQuestion.objects.create(item=item, text=text.strip(), by=actor, at=at)
    changes = {"item": item.title, "text": audit.content(text)}
    audit.record("agenda.asked", actor=actor, at=at, subject=briefing, authority=briefing.authority, changes=changes)
    return row


@dataclass(frozen=True)
class Outcome:
    """What came of an item; ``answers``: question → what was answered. ``carries_on``: the next agenda comes back to it."""

    item: AgendaItem
    text: str = ""
    carries_on: bool = False
    answers: dict[AgendaQuestion, str] | None = None


@transaction.atomic
def record_outcomes(*, actor: User, briefing: Briefing, outcomes: list[Outcome], at: dt.datetime) -> Briefing:
    """Afterwards: what came of each item, and the answers to what was asked beforehand."""
    BRIEFING_WORKFLOW.move(actor, briefing, "outcome", at.date())
    items, questions, words = [], [], []
    for outcome in outcomes:
        item = outcome.item
        if item.briefing_id != briefing.pk:
            raise Refused("That item is on another agenda.")
        if outcome.carries_on and not outcome.text.strip():
            raise Refused(
                f"“{item.title}”: say what came of it, since the next agenda comes back to it.", field=f"outcome-{item.public_id}"
            )
        item.outcome, item.carries_on = outcome.text.strip(), outcome.carries_on
        items.append(item)
        words.append(item.outcome)
        for question, answer in (outcome.answers or {}).items():
            if question.item_id != item.pk:
                raise Refused("That question was asked of another item.")
            question.answer = answer.strip()
            questions.append(question)
            words.append(question.answer)
    AgendaItem.objects.bulk_update(items, ["outcome", "carries_on"])
    AgendaQuestion.objects.bulk_update(questions, ["answer"])
    changes = {"outcomes": audit.content(" ".join(words))}
    audit.record("briefing.outcomes", actor=actor, at=at, subject=briefing, authority=briefing.authority, changes=changes)
    return briefing
