"""Inviting, answering, and recording who came, which is charged to the development days of the year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction

from briefings.choices import Reply
from briefings.mail import invitation
from briefings.models import Attendance, Briefing
from briefings.selectors.audience import people_of
from briefings.workflow import BRIEFING_WORKFLOW
from core import audit
from core.access import Refused
from core.outbox import enqueue_email
from people.models import User
from people.packs import require_pack


def _invite(briefing: Briefing, people: Collection[User], at: dt.datetime, *, by_email: bool = True) -> None:
    Attendance.objects.bulk_create(Attendance(briefing=briefing, user=user, invited_at=at) for user in people)
    if not by_email:
        return
    labels = require_pack(briefing.authority, at.date()).labels()
    for user in people:
        subject, body = invitation(briefing, user, labels)
        enqueue_email(
            dedupe_key=f"briefing.called:{briefing.public_id}:{user.public_id}",
            to_name=user.name,
            to_address=user.email,
            subject=subject,
            body=body,
            context_kind="briefing",
            context_reference=briefing.public_id,
            at=at,
        )


def _missing(briefing: Briefing) -> list[User]:
    """Those who belong to it and are not on its list: SIPs of its audience, and whoever leads an item."""
    there = set(Attendance.objects.filter(briefing=briefing).values_list("user_id", flat=True))
    return [user for user in people_of(briefing) if user.pk not in there]


@transaction.atomic
def call_briefing(*, actor: User, briefing: Briefing, at: dt.datetime) -> Briefing:
    """Invite the SIPs of the audience and the leads, by an email that holds a date and a link, and nothing of the agenda."""
    if not briefing.venue.strip():
        raise Refused("Say where it is before people are invited.", field="venue")
    BRIEFING_WORKFLOW.move(actor, briefing, "call", at.date(), called_at=at)
    people = _missing(briefing)
    if not people:
        raise Refused("There is nobody to invite: no SIP of the authority serves a phase of this audience.")
    _invite(briefing, people, at)
    audit.record("briefing.called", actor=actor, at=at, subject=briefing, authority=briefing.authority, changes={"invited": len(people)})
    return briefing


@transaction.atomic
def invite_others(*, actor: User, briefing: Briefing, at: dt.datetime) -> int:
    """Invite those who have come to belong to it since: new SIPs, leads of items that were added. Answers how many."""
    BRIEFING_WORKFLOW.move(actor, briefing, "invite", at.date())
    people = _missing(briefing)
    if not people:
        raise Refused("Everybody who belongs to it is invited already.")
    _invite(briefing, people, at)
    audit.record("briefing.called", actor=actor, at=at, subject=briefing, authority=briefing.authority, changes={"invited": len(people)})
    return len(people)


@transaction.atomic
def reply_to_briefing(*, actor: User, briefing: Briefing, reply: str, at: dt.datetime) -> Attendance:
    """Say whether one comes; until the day it may be changed."""
    if reply not in (Reply.COMING, Reply.NOT_COMING):
        raise Refused("Say whether you come.", field="reply")
    row: Attendance | None = Attendance.objects.filter(briefing=briefing, user=actor).first()
    if row is None:
        raise Refused("You are not on the list of those invited. Ask the manager to put you there.")
    BRIEFING_WORKFLOW.move(actor, briefing, "reply", at.date())
    row.reply, row.replied_at = reply, at
    row.save(update_fields=["reply", "replied_at"])
    audit.record("briefing.replied", actor=actor, at=at, subject=briefing, authority=briefing.authority, changes={"reply": reply})
    return row


@transaction.atomic
def record_attendance(*, actor: User, briefing: Briefing, came: Collection[User], at: dt.datetime) -> Briefing:
    """Who came, of those who belong to it; it may be put right later. What it took of the day is charged to whoever came."""
    BRIEFING_WORKFLOW.move(actor, briefing, "attend", at.date())
    _invite(briefing, _missing(briefing), at, by_email=False)
    rows, ids = list(Attendance.objects.filter(briefing=briefing)), {user.pk for user in came}
    if unknown := ids - {row.user_id for row in rows}:
        raise Refused(f"{len(unknown)} of those who came are not on the list of this briefing.")
    for row in rows:
        row.came = row.user_id in ids
    Attendance.objects.bulk_update(rows, ["came"])
    changes = {"came": len(ids), "of": len(rows)}
    audit.record("briefing.attended", actor=actor, at=at, subject=briefing, authority=briefing.authority, changes=changes)
    return briefing
