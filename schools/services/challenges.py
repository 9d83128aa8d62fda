"""Writes of finance challenges: each step with its date, in the order of the table. Texts are content and never copied to the audit."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from core import audit
from core.access import Refused, require
from people.models import User
from people.packs import require_pack
from people.roles import Permission as P
from schools.indexing import index_challenge
from schools.models import FinanceChallenge, School
from schools.pack import finance_of
from schools.workflow import CHALLENGE_WORKFLOW


@transaction.atomic
def open_challenge(*, actor: User, school: School, flag: str, why: str, at: dt.datetime) -> FinanceChallenge:
    """Ask a school to account for what a flag says. One of a flag at a time."""
    require(actor, P.FINANCE_CHALLENGE, school, on=at.date())
    if not why.strip():
        raise Refused("Say what the school is asked.", field="why")
    try:
        found = finance_of(require_pack(school.authority, at.date()).content).flag(flag)
    except KeyError:
        raise Refused("Choose a flag from the list.", field="flag") from None
    if FinanceChallenge.objects.filter(school=school, flag=flag).exclude(state__in=["closed", "withdrawn"]).exists():
        raise Refused("A challenge on this flag is open at the school already.", field="flag")
    row = FinanceChallenge.objects.create(
        authority=school.authority, school=school, flag=flag, label=found.label, why=why.strip(), opened_on=at.date(), opened_by=actor
    )
    index_challenge(row)
    audit.record("challenge.opened", actor=actor, at=at, subject=row, school=school, changes={"flag": flag, "why": audit.content(why)})
    return row


def _step(actor: User, row: FinanceChallenge, action: str, event: str, at: dt.datetime, **values: Any) -> FinanceChallenge:
    CHALLENGE_WORKFLOW.move(actor, row, action, at.date(), **values)
    index_challenge(row)
    told = {name: audit.content(value) if isinstance(value, str) else value.isoformat() for name, value in values.items() if value}
    audit.record(event, actor=actor, at=at, subject=row, school=row.school, changes=told)
    return row


def _day(day: dt.date, earliest: dt.date, at: dt.datetime, field: str) -> None:
    if day < earliest:
        raise Refused(f"It lies before {earliest.day} {earliest:%B %Y}, when the step before it was taken.", field=field)
    if day > at.date():
        raise Refused("It lies ahead. Record it once it has happened.", field=field)


@transaction.atomic
def send_challenge_letter(*, actor: User, challenge: FinanceChallenge, letter_on: dt.date, at: dt.datetime) -> FinanceChallenge:
    _day(letter_on, challenge.opened_on, at, "letter_on")
    return _step(actor, challenge, "letter", "challenge.letter_sent", at, letter_on=letter_on)


@transaction.atomic
def meet_challenge(
    *, actor: User, challenge: FinanceChallenge, panel_on: dt.date, came: str, explanation: str, at: dt.datetime
) -> FinanceChallenge:
    """The panel met head and governors: who came, and how they explained it."""
    _day(panel_on, challenge.letter_on or challenge.opened_on, at, "panel_on")
    for field, value, what in (("came", came, "who came"), ("explanation", explanation, "the school's explanation")):
        if not value.strip():
            raise Refused(f"Enter {what}.", field=field)
    values = {"panel_on": panel_on, "came": came.strip(), "explanation": explanation.strip()}
    return _step(actor, challenge, "meet", "challenge.met", at, **values)


@transaction.atomic
def decide_challenge(
    *, actor: User, challenge: FinanceChallenge, decided_on: dt.date, decision: str, review_on: dt.date, at: dt.datetime
) -> FinanceChallenge:
    """What was decided, and when it is looked at again."""
    _day(decided_on, challenge.panel_on or challenge.opened_on, at, "decided_on")
    if not decision.strip():
        raise Refused("Enter the decision.", field="decision")
    if review_on < decided_on:
        raise Refused("The review lies before the decision.", field="review_on")
    values = {"decided_on": decided_on, "decision": decision.strip(), "review_on": review_on}
    return _step(actor, challenge, "decide", "challenge.decided", at, **values)


@transaction.atomic
def close_challenge(*, actor: User, challenge: FinanceChallenge, outcome: str, at: dt.datetime) -> FinanceChallenge:
    """The review was held: what it found."""
    if not outcome.strip():
        raise Refused("Say what the review found.", field="outcome")
    return _step(actor, challenge, "close", "challenge.closed", at, outcome=outcome.strip(), closed_on=at.date())


@transaction.atomic
def withdraw_challenge(*, actor: User, challenge: FinanceChallenge, outcome: str, at: dt.datetime) -> FinanceChallenge:
    """The school need not come after all, and why."""
    if not outcome.strip():
        raise Refused("Say why it is withdrawn.", field="outcome")
    return _step(actor, challenge, "withdraw", "challenge.withdrawn", at, outcome=outcome.strip(), closed_on=at.date())
