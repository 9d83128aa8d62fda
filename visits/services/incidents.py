"""What is done about a withdrawal, once access has ended (domain.md §10): told, read under seal, destroyed on order, closed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from core import audit, canonical
from core.access import Conflict, Refused, require
from core.retention import destroy
from people.models import User
from people.roles import Permission as P

from ..choices import DisposalState, WithdrawalState
from ..models import DisposalList, Incident, IncidentEntry, SealedRecord
from ..seals import KIND, as_due, text_under_seal
from .disposal import disposal_rows, holder


@transaction.atomic
def enter_incident(*, actor: User, incident: Incident, text: str, at: dt.datetime) -> IncidentEntry:
    """Say what was done or learnt: whom one told, which copy came back."""
    require(actor, P.RECORD_WITHDRAW, incident, on=at.date())
    if incident.closed_at is not None:
        raise Refused("This incident is closed.")
    if not text.strip():
        raise Refused("Say what was done.", field="words")
    entry = IncidentEntry.objects.create(incident=incident, text=text.strip(), by=actor, by_name=actor.name, at=at)
    _record("incident.entered", actor, incident, at, changes={"entry": audit.content(text)})
    return entry


@transaction.atomic
def close_incident(*, actor: User, incident: Incident, outcome: str, at: dt.datetime) -> Incident:
    """Say how it ended: what harm there was, whether the Information Commissioner was told, what is done differently."""
    require(actor, P.RETENTION_DECIDE, incident, on=at.date())
    if not outcome.strip():
        raise Refused("Say how it ended.", field="words")
    if incident.withdrawal.state == WithdrawalState.ASKED:
        raise Refused("The withdrawal is not decided on yet.")
    closed = Incident.objects.filter(pk=incident.pk, closed_at=None).update(closed_at=at, closed_by=actor, outcome=outcome.strip())
    if closed != 1:
        raise Conflict("This incident is closed already.")
    incident.refresh_from_db()
    _record("incident.closed", actor, incident, at, changes={"outcome": audit.content(outcome)})
    return incident


@transaction.atomic
def read_under_seal(*, actor: User, incident: Incident, at: dt.datetime) -> dict[str, Any]:
    """The withdrawn text, for the data protection officer alone; each reading is noted down. Refused once it is destroyed."""
    require(actor, P.RETENTION_DECIDE, incident, on=at.date())
    record = incident.withdrawal.of
    record.refresh_from_db()
    text = text_under_seal(record) if record.is_sealed else None
    if text is None:
        raise Refused("There is no text under seal: it is destroyed, or was never sealed.")
    _record("incident.read", actor, incident, at)
    return text


@transaction.atomic
def destroy_withdrawn(*, actor: User, incident: Incident, order: str, at: dt.datetime) -> Incident:
    """Destroy what is under seal before its time, on somebody's order. The retention service does it: a hold or an open
    request stops it, count and digest are logged; the record's own digests, its date and the reason stay."""
    require(actor, P.RETENTION_DECIDE, incident, on=at.date())
    if not order.strip():
        raise Refused("Say who ordered it, and when.", field="words")
    if incident.withdrawal.state != WithdrawalState.CONFIRMED or not SealedRecord.objects.of(incident.withdrawal.of).exists():
        raise Refused("There is nothing under seal to destroy.")
    due = as_due(incident)
    if holder(incident.authority)(KIND, due):
        raise Refused("A legal hold, or an open request for information, keeps it. Nothing is destroyed until that is over.")
    rows = disposal_rows([due])
    ordered = Incident.objects.filter(pk=incident.pk, destroyed_at=None).update(destroyed_at=at, destroyed_by=actor, order=order.strip())
    if ordered != 1:
        raise Conflict("It is destroyed already.")
    destroy(KIND, incident.authority_id, [incident.public_id], reason=f"Order on incident {incident.public_id}")
    DisposalList.objects.create(
        authority=incident.authority,
        kind=KIND,
        state=DisposalState.DONE,
        rows=[],
        count=1,
        digest=canonical.digest(rows),
        proposed_at=at,
        decided_by=actor,
        decided_at=at,
        reason=order.strip(),
    )
    incident.refresh_from_db()
    _record("incident.destroyed", actor, incident, at, reason=order, changes={"count": 1, "digest": canonical.digest(rows)})
    return incident


def _record(event: str, actor: User, incident: Incident, at: dt.datetime, **values: Any) -> None:
    record = incident.withdrawal.of
    audit.record(event, actor=actor, at=at, subject=incident, authority=incident.authority, school=record.school, **values)
