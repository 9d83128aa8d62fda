"""Mentoring: entries of the log, and the decision on the first year."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction

from core import audit
from core.access import Conflict, Refused, require
from people.models import Sip, User
from people.packs import require_pack
from people.roles import Permission as P
from quality.choices import MentoringDecision
from quality.models import MentoringEntry, MentoringSignOff
from quality.pack import quality_of


@transaction.atomic
def log_mentoring(*, actor: User, sip: Sip, step: str = "", on: dt.date, text: str, next_step: str = "", at: dt.datetime) -> MentoringEntry:
    """By the mentor or the SIP: what was done, and what comes next."""
    require(actor, P.MENTORING_LOG, sip, on=at.date())
    if on > at.date():
        raise Refused("The day lies in the future.", field="on")
    if step and step not in {row.code for row in quality_of(require_pack(sip.authority, at.date()).content).mentoring}:
        raise Refused("Choose a step of the plan.", field="step")
    if not text.strip():
        raise Refused("Say what was done.", field="text")
    row = MentoringEntry.objects.create(sip=sip, step=step, on=on, text=text.strip(), next_step=next_step.strip(), by=actor, at=at)
    changes = {"step": step, "on": on.isoformat(), "text": audit.content(text)}
    audit.record("mentoring.logged", actor=actor, at=at, subject=sip, authority=sip.authority, changes=changes)
    return row


@transaction.atomic
def sign_off_first_year(*, actor: User, sip: Sip, decision: str, reason: str, at: dt.datetime) -> MentoringSignOff:
    """By the mentor, once: mentoring ends, or goes on for a stated reason."""
    require(actor, P.MENTORING_SIGN_OFF, sip, on=at.date())
    if decision not in MentoringDecision.values:
        raise Refused("Choose whether mentoring ends.", field="decision")
    if not reason.strip():
        raise Refused("Give the reason.", field="reason")
    try:
        with transaction.atomic():
            row = MentoringSignOff.objects.create(sip=sip, decision=decision, reason=reason.strip(), on=at.date(), by=actor)
    except IntegrityError:
        raise Conflict("The first year is signed off already.") from None
    changes = {"decision": decision, "reason": audit.content(reason)}
    audit.record("mentoring.signed_off", actor=actor, at=at, subject=sip, authority=sip.authority, changes=changes)
    return row
