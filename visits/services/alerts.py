"""The alert to the authority: raised, acknowledged by a person, sent on when nobody does, its outcome logged (P16)."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from core import audit
from core.access import Refused, require, same_authority
from core.outbox import enqueue_email
from people.models import User
from people.packs import AuthorityPack, require_pack
from people.roles import HAT_NAMES, Hat
from people.roles import Permission as P
from people.selectors import managers_of, officers_of
from schools.models import School

from ..choices import AlertState
from ..mail import alert_email
from ..models import Alert, AlertRecipient, Visit
from ..pack import AlertChoice, alerts_of
from ..workflow import ALERT_WORKFLOW

logger = logging.getLogger(__name__)

LONGEST = 2000
"""Characters of an alert: it is written standing up."""


@dataclass(frozen=True)
class AlertWords:
    """What a SIP says: codes are the pack's."""

    what: str
    urgency: str
    ask: str
    head_told: str
    head_told_on: dt.date | None = None
    head_told_reason: str = ""


def first_readers(school: School, on: dt.date, raised_by: User) -> list[tuple[User, str]]:
    """The school's named officers, all its officers where none is named; the manager where there is none at all."""
    officers = [row for row in officers_of(school.authority, school.cluster_id, on) if _may_be_told(row.user, school, raised_by)]
    named = [row for row in officers if row.is_named_officer] or officers
    if named:
        return [(row.user, row.post or HAT_NAMES[Hat.OFFICER]) for row in named]
    return next_readers(school, on, raised_by)


def next_readers(school: School, on: dt.date, raised_by: User) -> list[tuple[User, str]]:
    """To whom an alert goes that nobody has acknowledged: the SIP managers."""
    managers = managers_of(school.authority, on)
    return [(user, HAT_NAMES[Hat.SIP_MANAGER]) for user in managers if _may_be_told(user, school, raised_by)]


def _may_be_told(user: User, school: School, raised_by: User) -> bool:
    return user.pk != raised_by.pk and school.pk not in user.hats.walled


def _escalates_at(pack: AuthorityPack, at: dt.datetime) -> dt.datetime:
    return pack.office_hours.add(at, dt.timedelta(hours=pack.whole("alert_hours")))


def _choice(choices: Sequence[AlertChoice], code: str, field: str, says: str) -> AlertChoice:
    found = next((choice for choice in choices if choice.code == code), None)
    if found is None:
        raise Refused(says, field=field)
    return found


@transaction.atomic
def raise_alert(*, actor: User, school: School, words: AlertWords, at: dt.datetime, visit: Visit | None = None) -> Alert:
    """Tell the school's named officers something urgent, the same day. It is not part of any note, and the school is not sent it."""
    on = at.date()
    require(actor, P.ALERT_RAISE, school, on=on)
    pack = require_pack(school.authority, on)
    part = alerts_of(pack.content)
    what = words.what.strip()
    if not what:
        raise Refused("Enter what the authority must know.", field="what")
    if len(what) > LONGEST:
        raise Refused(f"An alert holds at most {LONGEST:,} characters. Say the rest when you are rung.", field="what")
    _choice(part.urgencies, words.urgency, "urgency", "Select how urgent it is.")
    _choice(part.asks, words.ask, "ask", "Select what you ask for.")
    told = _choice(part.head_told, words.head_told, "head_told", "Select whether the headteacher has been told.")
    if told.needs_date and words.head_told_on is None:
        raise Refused("Enter the day on which you will tell the headteacher.", field="head_told_on")
    if told.needs_date and words.head_told_on is not None and words.head_told_on < on:
        raise Refused("The day on which you will tell the headteacher is past.", field="head_told_on")
    if told.needs_text and not words.head_told_reason.strip():
        raise Refused("Say why the headteacher has not been told.", field="head_told_reason")
    if visit is not None:
        same_authority(visit, school)
        if all(covered.pk != school.pk for covered in visit.covered):
            raise Refused("That visit was not to this school.")
    people = first_readers(school, on, actor)
    if not people:
        raise Refused("The authority has no officer and no manager to whom this can go. Ring the authority now.")
    alert = Alert.objects.create(
        authority=school.authority,
        school=school,
        visit=visit,
        what=what,
        urgency=words.urgency,
        ask=words.ask,
        head_told=words.head_told,
        head_told_on=words.head_told_on if told.needs_date else None,
        head_told_reason=words.head_told_reason.strip() if told.needs_text else "",
        raised_by=actor,
        raised_by_name=actor.name,
        raised_at=at,
        escalates_at=_escalates_at(pack, at),
    )
    _send(alert, people, at, pack=pack)
    audit.record(
        "alert.raised",
        actor=actor,
        at=at,
        subject=alert,
        school=school,
        changes={"what": audit.content(what), "urgency": words.urgency, "to": [f"{user.name}, {role}" for user, role in people]},
    )
    return alert


def _send(alert: Alert, people: Iterable[tuple[User, str]], at: dt.datetime, *, pack: AuthorityPack) -> None:
    for user, role in people:
        AlertRecipient.objects.get_or_create(
            alert=alert, user=user, defaults={"name": user.name, "role": role, "is_escalation": alert.escalations > 0, "at": at}
        )
        if not user.email:
            continue
        subject, body = alert_email(alert, user, pack.labels(alert.school.phase))
        enqueue_email(
            dedupe_key=f"alert:{alert.public_id}:{alert.escalations}:{user.pk}",
            to_name=user.name,
            to_address=user.email,
            subject=subject,
            body=body,
            context_kind="alert",
            context_reference=alert.public_id,
            at=at,
        )


@transaction.atomic
def acknowledge_alert(*, actor: User, alert: Alert, at: dt.datetime) -> Alert:
    """An officer or the manager takes it up; from now on it goes to nobody else."""
    ALERT_WORKFLOW.move(actor, alert, "acknowledge", at.date(), acknowledged_by=actor, acknowledged_by_name=actor.name, acknowledged_at=at)
    audit.record("alert.acknowledged", actor=actor, at=at, subject=alert, school=alert.school)
    return alert


@transaction.atomic
def close_alert(*, actor: User, alert: Alert, outcome: str, text: str, at: dt.datetime) -> Alert:
    """Log what came of it."""
    part = alerts_of(require_pack(alert.authority, at.date()).content)
    chosen = _choice(part.outcomes, outcome, "outcome", "Select what came of it.")
    if chosen.needs_text and not text.strip():
        raise Refused("Say in a few words what was done, or why nothing was.", field="text")
    ALERT_WORKFLOW.move(
        actor,
        alert,
        "close",
        at.date(),
        outcome=outcome,
        outcome_text=text.strip(),
        closed_by=actor,
        closed_by_name=actor.name,
        closed_at=at,
    )
    audit.record(
        "alert.closed", actor=actor, at=at, subject=alert, school=alert.school, changes={"outcome": outcome, "text": audit.content(text)}
    )
    return alert


def escalate_alerts(*, at: dt.datetime) -> int:
    """Send on every alert whose time has passed unacknowledged: to the managers, and again to all who have it. Answers how many.

    Each in a transaction of its own, so that one that cannot be sent holds up no other.
    """
    waiting = Alert.objects.filter(state=AlertState.SENT, escalates_at__lte=at).select_related(
        "school__authority", "authority", "raised_by"
    )
    done = 0
    for alert in waiting.order_by("raised_at", "pk"):
        try:
            done += _escalate(alert, at)
        except Refused:
            logger.exception("an alert could not be sent on")
    return done


@transaction.atomic
def _escalate(alert: Alert, at: dt.datetime) -> bool:
    """With one conditional UPDATE: of two workers, or a worker and an officer, one is first."""
    pack = require_pack(alert.authority, at.date())
    due, until = alert.escalates_at, _escalates_at(pack, at)
    rows = Alert.objects.filter(pk=alert.pk, state=AlertState.SENT, escalates_at=due)
    if rows.update(escalates_at=until, escalations=alert.escalations + 1) != 1:
        return False
    alert.escalations, alert.escalates_at = alert.escalations + 1, until
    before = [(row.user, row.role) for row in alert.recipients.select_related("user")]
    told = {user.pk for user, _ in before}
    more = [pair for pair in next_readers(alert.school, at.date(), alert.raised_by) if pair[0].pk not in told]
    _send(alert, [*before, *more], at, pack=pack)
    audit.record(
        "alert.escalated",
        actor=None,
        at=at,
        subject=alert,
        school=alert.school,
        changes={"time": alert.escalations, "to": [f"{user.name}, {role}" for user, role in more or before]},
    )
    return True
