"""Retention: periods from the authority's schedule, holds that stop the clock, lists that a person confirms (domain.md §10)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import transaction

from core import audit, canonical
from core.access import Conflict, Refused, require, same_authority
from core.retention import RETENTION, Due, RecordKind, destroy
from people.models import Authority, User
from people.roles import Permission as P
from schools.models import School

from ..choices import REQUEST_OPEN, DisposalState
from ..models import DisposalList, InformationRequest, LegalHold, RetentionPeriod
from .requests import months_after


@transaction.atomic
def set_period(*, actor: User, authority: Authority, kind: str, months: int | None, schedule: str = "", at: dt.datetime) -> None:
    """How long the authority keeps a kind, and where its schedule says so. ``None``: no period, so that none is disposed of."""
    require(actor, P.RETENTION_SET, authority, on=at.date())
    if kind not in RETENTION:
        raise Refused("There is no such kind of record.")
    if RETENTION[kind].shipped is not None:
        raise Refused(f"{RETENTION[kind].label} are kept {RETENTION[kind].shipped_words}, for every authority.")
    if months is None:
        RetentionPeriod.objects.filter(authority=authority, kind=kind).delete()
    else:
        if not 1 <= months <= 1200:
            raise Refused("Enter the months as a whole number from 1 to 1,200.", field="months")
        if not schedule.strip():
            raise Refused("Say where your retention schedule says so.", field="schedule")
        RetentionPeriod.objects.update_or_create(
            authority=authority, kind=kind, defaults={"months": months, "schedule": schedule.strip()[:200], "by": actor, "at": at}
        )
    audit.record(
        "retention.set",
        actor=actor,
        at=at,
        subject=authority,
        authority=authority,
        changes={"kind": kind, "months": months},
        reason=schedule,
    )


@transaction.atomic
def place_hold(
    *, actor: User, authority: Authority, reason: str, school: School | None = None, kind: str = "", at: dt.datetime
) -> LegalHold:
    """Stop the clock, for one school or all, for one kind or all."""
    require(actor, P.RETENTION_DECIDE, authority, on=at.date())
    if not reason.strip():
        raise Refused("Say why nothing may be destroyed.", field="reason")
    if kind and kind not in RETENTION:
        raise Refused("There is no such kind of record.", field="kind")
    if school is not None:
        same_authority(authority, school)
        if school.pk in actor.hats.walled:
            raise Refused("You are walled from this school: another officer places the hold.", field="school")
    hold = LegalHold.objects.create(authority=authority, school=school, kind=kind, reason=reason.strip(), by=actor, at=at)
    audit.record("hold.placed", actor=actor, at=at, subject=hold, authority=authority, school=school, changes={"kind": kind}, reason=reason)
    return hold


@transaction.atomic
def lift_hold(*, actor: User, hold: LegalHold, reason: str, at: dt.datetime) -> LegalHold:
    """The clock goes on, from the trigger as if it had never stopped."""
    require(actor, P.RETENTION_DECIDE, hold, on=at.date())
    if not reason.strip():
        raise Refused("Say why it is lifted.", field="reason")
    lifted = LegalHold.objects.filter(pk=hold.pk, lifted_at__isnull=True).update(
        lifted_by=actor, lifted_at=at, lifted_reason=reason.strip()
    )
    if lifted != 1:
        raise Conflict("This hold has been lifted already.")
    hold.refresh_from_db()
    audit.record("hold.lifted", actor=actor, at=at, subject=hold, authority=hold.authority, school=hold.school, reason=reason)
    return hold


# ---------------------------------------------------------------- what is over, and not held


def last_day(kind: RecordKind, period: RetentionPeriod | None, on: dt.date) -> dt.date | None:
    """The last trigger day whose time is over on this day; ``None`` where there is no period."""
    if kind.shipped is not None:
        return kind.shipped(on)
    return months_after(on, -period.months) if period is not None else None


def holder(authority: Authority) -> Callable[[str, Due], bool]:
    """Whether a thing is held: by a hold, or by a request that is open, which nobody may destroy the answer to (FOIA s.77)."""
    holds = list(LegalHold.objects.filter(authority=authority, lifted_at__isnull=True))
    open_ = InformationRequest.objects.filter(authority=authority, state__in=REQUEST_OPEN)
    asked = list(open_.values_list("schools", flat=True))  # None: every school

    def is_held(kind: str, due: Due) -> bool:
        by_request = bool(asked) and (None in asked or due.school_id is None or due.school_id in asked)
        return by_request or any(hold.holds(kind, due.school_id) for hold in holds)

    return is_held


def due_now(authority: Authority, kind: RecordKind, on: dt.date) -> list[Due]:
    """Everything of a kind whose time is over and that nothing holds."""
    last = last_day(kind, RetentionPeriod.objects.filter(authority=authority, kind=kind.key).first(), on)
    if last is None:
        return []
    found = kind.due(authority.pk, last)
    is_held = holder(authority) if found else None
    return [due for due in found if is_held is not None and not is_held(kind.key, due)]


def disposal_rows(found: list[Due]) -> list[dict[str, object]]:
    return [
        {"id": due.subject_id, "label": due.label, "on": due.on.isoformat(), "digest": due.digest, "school": due.school_id} for due in found
    ]


@transaction.atomic
def propose_disposal(*, actor: User | None, authority: Authority, at: dt.datetime) -> list[DisposalList]:
    """Propose what is over, one list a kind; kinds whose list still waits are left. The clock does it each night, as nobody."""
    if actor is not None:
        require(actor, P.RETENTION_DECIDE, authority, on=at.date())
    waiting = set(DisposalList.objects.filter(authority=authority, state=DisposalState.PROPOSED).values_list("kind", flat=True))
    made = []
    for kind in RETENTION:
        if kind.key in waiting:
            continue
        if rows := disposal_rows(due_now(authority, kind, at.date())):
            proposed = DisposalList.objects.create(
                authority=authority, kind=kind.key, rows=rows, count=len(rows), digest=canonical.digest(rows), proposed_at=at
            )
            audit.record(
                "disposal.proposed",
                actor=actor,
                at=at,
                subject=proposed,
                authority=authority,
                changes={"kind": kind.key, "count": len(rows), "digest": proposed.digest},
            )
            made.append(proposed)
    return made


@transaction.atomic
def confirm_disposal(*, actor: User, disposal: DisposalList, at: dt.datetime) -> DisposalList:
    """Destroy what the list names, but for what is held since or no longer over. Count and digest of what went are logged."""
    require(actor, P.RETENTION_DECIDE, disposal, on=at.date())
    if any(row["school"] in actor.hats.walled for row in disposal.rows):
        raise Refused("The list names a school that you are walled from: another officer decides.")
    kind = RETENTION[disposal.kind]
    named = {(row["id"], row["digest"]) for row in disposal.rows}
    gone = [due for due in due_now(disposal.authority, kind, at.date()) if (due.subject_id, due.digest) in named]
    rows = disposal_rows(gone)
    digest = canonical.digest(rows)
    settled = DisposalList.objects.filter(pk=disposal.pk, state=DisposalState.PROPOSED).update(
        state=DisposalState.DONE, rows=[], count=len(rows), digest=digest, decided_by=actor, decided_at=at
    )
    if settled != 1:
        raise Conflict("This list has been decided on already.")
    if gone:
        destroy(kind.key, disposal.authority_id, [due.subject_id for due in gone], reason=f"Disposal list {disposal.public_id}")
    audit.record(
        "disposal.done",
        actor=actor,
        at=at,
        subject=disposal,
        authority=disposal.authority,
        changes={"kind": kind.key, "count": len(rows), "left": len(named) - len(rows), "digest": digest},
    )
    disposal.refresh_from_db()
    return disposal


@transaction.atomic
def set_disposal_aside(*, actor: User, disposal: DisposalList, reason: str, at: dt.datetime) -> DisposalList:
    """Destroy nothing of this list, for a reason; the next night proposes again what is still over and not held."""
    require(actor, P.RETENTION_DECIDE, disposal, on=at.date())
    if not reason.strip():
        raise Refused("Say why nothing is destroyed.", field="reason")
    settled = DisposalList.objects.filter(pk=disposal.pk, state=DisposalState.PROPOSED).update(
        state=DisposalState.ASIDE, rows=[], decided_by=actor, decided_at=at, reason=reason.strip()
    )
    if settled != 1:
        raise Conflict("This list has been decided on already.")
    disposal.refresh_from_db()
    audit.record("disposal.set_aside", actor=actor, at=at, subject=disposal, authority=disposal.authority, reason=reason)
    return disposal


def propose_every_disposal(*, actor: User | None, at: dt.datetime) -> int:
    """Every authority's lists; the clock calls it, as nobody. Answers how many were made."""
    return sum(len(propose_disposal(actor=actor, authority=authority, at=at)) for authority in Authority.objects.order_by("pk"))
