"""The ledger of days: entries are added and never changed; a slip is put right by a correction."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from core import audit
from core.access import Refused, require, same_authority
from people.models import User
from people.roles import Permission as P
from schools.choices import DaysKind, DaysSource
from schools.models import DaysEntry, School
from schools.selectors.days import days_of_adviser_at


@transaction.atomic
def allocate_days(
    *,
    actor: User | None,
    school: School,
    adviser: User,
    academic_year: int,
    quarters: int,
    source: str = DaysSource.CORE,
    reason: str = "",
    at: dt.datetime,
) -> DaysEntry:
    """Give an adviser quarter days at a school for a year, from one source. A negative number takes days back, with a reason.
    ``actor`` is nobody where the clock carries out on its day what people decided before."""
    if actor is not None:
        require(actor, P.ASSIGNMENT_MANAGE, school, on=at.date())
        _not_oneself(actor, adviser)
    if quarters == 0:
        raise Refused("Enter the days to allocate.", field="quarters")
    if quarters < 0 and not reason.strip():
        raise Refused("Say why days are taken back.", field="reason")
    return _enter(actor, school, adviser, academic_year, source, DaysKind.ALLOCATED, quarters, "", reason, at, "days.allocated")


@transaction.atomic
def charge_days(
    *,
    actor: User,
    school: School,
    adviser: User,
    academic_year: int,
    source: str,
    kind: str,
    quarters: int,
    reference: str,
    reason: str = "",
    at: dt.datetime,
) -> DaysEntry:
    """Charge quarter days that a visit used. Called by the services of visits, whose deed has asked its own permission;
    the person behind it (SIP, manager, or head who cancelled late) at least sees the school. A correction may be negative."""
    require(actor, P.SCHOOL_VIEW, school, on=at.date())
    if kind == DaysKind.ALLOCATED:
        raise ValueError("Days are allocated with allocate_days.")
    if quarters == 0 or (quarters < 0 and kind != DaysKind.CORRECTION):
        raise Refused("Days that are charged are more than nought.")
    return _enter(actor, school, adviser, academic_year, source, kind, quarters, reference, reason, at, "days.charged")


def move_days_left(*, actor: User, school: School, frm: User, to: User, academic_year: int, at: dt.datetime) -> None:
    """What one adviser has left at a school becomes the next one's, source by source. Part of handing over."""
    days = days_of_adviser_at(frm, [school.pk], academic_year).get(school.pk)
    for source, balance in (days.by_source if days else {}).items():
        if balance.left > 0:
            reason = f"Handed over from {frm.name} to {to.name}"
            for adviser, quarters in ((frm, -balance.left), (to, balance.left)):
                _enter(actor, school, adviser, academic_year, source, DaysKind.ALLOCATED, quarters, "", reason, at, "days.allocated")


def _enter(
    actor: User | None,
    school: School,
    adviser: User,
    academic_year: int,
    source: str,
    kind: str,
    quarters: int,
    reference: str,
    reason: str,
    at: dt.datetime,
    event: str,
) -> DaysEntry:
    entry = DaysEntry.objects.create(
        authority_id=school.authority_id,
        school=school,
        adviser=adviser,
        academic_year=academic_year,
        source=DaysSource(source),
        kind=DaysKind(kind),
        quarters=quarters,
        reference=reference,
        reason=reason[:200],
        entered_on=at.date(),
    )
    same_authority(entry, school)
    changes = {"adviser": adviser.name, "year": academic_year, "source": source, "kind": str(kind), "quarters": quarters}
    audit.record(event, actor=actor, at=at, subject=entry, school=school, changes=changes, reason=reason)
    return entry


def _not_oneself(actor: User, adviser: User) -> None:
    if actor.pk == adviser.pk:
        raise Refused("Nobody allocates to themselves: another manager does that.", field="adviser")
