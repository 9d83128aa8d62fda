"""Workshops (S14): places that are never given twice, cancelling, and a waiting list that moves up by itself.

Whoever writes touches the workshop's row first, by an UPDATE: that takes its lock, so bookings, cancellations and changes of
the number of places follow one another on SQLite and PostgreSQL alike.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F

from briefings.choices import BookingState, WorkshopState
from briefings.mail import booking_email, called_off_email
from briefings.models import Booking, Workshop
from briefings.models.audience import kept
from briefings.pack import briefings_of
from briefings.selectors.audience import leads_of
from briefings.workflow import BOOKING_WORKFLOW, WORKSHOP_WORKFLOW
from core import audit
from core.access import Conflict, Refused, require
from core.calendar import AcademicYear
from core.components.formats import plural, weekday
from core.outbox import enqueue_email
from people.models import Authority, User
from people.packs import require_pack
from people.roles import Permission as P


@dataclass(frozen=True)
class WorkshopFacts:
    """One date of a workshop. ``quarters`` of a development day, for whoever comes; ``suits`` is advice, as in "new SIPs"."""

    title: str
    on: dt.date
    starts_at: dt.time
    ends_at: dt.time
    venue: str
    places: int
    quarters: int = 1
    about: str = ""
    suits: str = ""
    lead: User | None = None
    lead_name: str = ""


ALREADY = "You have a place already, or a turn on the waiting list."


class Full(Refused):
    """All the places are taken: the page offers the waiting list, and the other dates that have one."""


def _checked(facts: WorkshopFacts, authority: Authority, at: dt.datetime) -> WorkshopFacts:
    if not facts.title.strip():
        raise Refused("Give the workshop a title.", field="title")
    if facts.ends_at <= facts.starts_at:
        raise Refused("It ends before it begins.", field="ends_at")
    if facts.places < 1:
        raise Refused("There must be at least one place.", field="places")
    if not 1 <= facts.quarters <= 4:
        raise Refused("Development time is between a quarter of a day and a day.", field="quarters")
    if facts.lead is not None and facts.lead_name.strip():
        raise Refused("Name one lead: somebody with an account, or a visitor.", field="lead_name")
    if facts.lead is not None and facts.lead not in leads_of(authority, at.date()):
        raise Refused(f"{facts.lead.name} is neither a SIP here nor works beside them. Name a visitor by name.", field="lead")
    return facts


@transaction.atomic
def offer_workshop(
    *, actor: User, authority: Authority, facts: WorkshopFacts, audience: str = "all", topic: str = "", at: dt.datetime
) -> Workshop:
    """Offer a date, for an audience; several dates of one ``topic`` of the pack are alternatives."""
    require(actor, P.WORKSHOP_MANAGE, authority, on=at.date())
    part = briefings_of(require_pack(authority, _checked(facts, authority, at).on).content)
    found = part.audience(audience)
    if found is None:
        raise Refused("Choose for whom it is.", field="audience")
    if topic and part.workshop(topic) is None:
        raise Refused("Choose one of the workshops of the pack.", field="topic")
    row = Workshop.objects.create(
        authority=authority,
        audience=found.code,
        phases=kept(found.phases),
        academic_year=AcademicYear.from_date(facts.on),
        topic=topic,
        created_at=at,
        **vars(facts),
    )
    changes = {"on": facts.on.isoformat(), "places": facts.places, "audience": found.code}
    audit.record("workshop.offered", actor=actor, at=at, subject=row, authority=authority, changes=changes)
    return row


@transaction.atomic
def change_workshop(*, actor: User, workshop: Workshop, facts: WorkshopFacts, at: dt.datetime) -> Workshop:
    """Another day, place or number of places. Fewer than are booked is refused; more go to the waiting list first."""
    old = {name: str(getattr(workshop, name)) for name in vars(_checked(facts, workshop.authority, at))}
    try:
        with transaction.atomic():
            WORKSHOP_WORKFLOW.move(actor, workshop, "change", at.date(), academic_year=AcademicYear.from_date(facts.on), **vars(facts))
    except IntegrityError:
        workshop.refresh_from_db()
        raise Refused(
            f"{plural(workshop.taken, 'place')} are booked already. Cancel bookings before you offer fewer.", field="places"
        ) from None
    _move_up(workshop, at)
    changes = {name: [old[name], str(value)] for name, value in vars(facts).items() if old[name] != str(value)}
    audit.record("workshop.changed", actor=actor, at=at, subject=workshop, authority=workshop.authority, changes=changes)
    return workshop


@transaction.atomic
def book_workshop(*, actor: User, workshop: Workshop, is_waiting: bool = False, at: dt.datetime) -> Booking:
    """Book a place for oneself; with ``is_waiting`` where there is none, a turn on the waiting list.

    Raises :class:`Full` where no place is left, with the other dates that have one. Of any number at one moment exactly as many
    as there are places get one: each is taken by one UPDATE that asks for it (``taken < places``), and the database has a
    constraint beside.
    """
    WORKSHOP_WORKFLOW.check(actor, workshop, "book", at.date())
    open_rows = Workshop.objects.filter(pk=workshop.pk, state=WorkshopState.OPEN)
    got = open_rows.filter(taken__lt=F("places")).update(taken=F("taken") + 1, lock_version=F("lock_version") + 1)
    if not got and is_waiting and not open_rows.update(lock_version=F("lock_version") + 1):
        raise Conflict("The workshop was called off a moment ago.")
    if Booking.objects.filter(workshop=workshop, user=actor).exclude(state=BookingState.CANCELLED).exists():
        raise Conflict(ALREADY)
    if not got and not is_waiting:
        raise Full(_full(workshop, at.date()))
    try:
        with transaction.atomic():
            state = BookingState.BOOKED if got else BookingState.WAITING
            row = Booking.objects.create(workshop=workshop, user=actor, state=state, at=at)
    except IntegrityError:
        raise Conflict(ALREADY) from None
    workshop.refresh_from_db(fields=["taken", "lock_version", "state"])
    if got:
        _confirm(row, at)
    audit.record("workshop.booked", actor=actor, at=at, subject=workshop, authority=workshop.authority, changes={"state": str(state)})
    return row


def _full(workshop: Workshop, on: dt.date) -> str:
    others = (
        Workshop.objects.filter(
            authority_id=workshop.authority_id, topic=workshop.topic, audience=workshop.audience, state=WorkshopState.OPEN
        )
        .filter(on__gte=on, taken__lt=F("places"))
        .exclude(pk=workshop.pk)
    )
    days = [weekday(other.on) for other in others.order_by("on")[:3]] if workshop.topic else []
    more = f", or choose another date: {', '.join(days)}" if days else ""
    taken = "The one place is taken" if workshop.places == 1 else f"All {workshop.places} places are taken"
    return f"{taken}. Join the waiting list{more}."


def _confirm(row: Booking, at: dt.datetime) -> None:
    subject, body = booking_email(row)
    enqueue_email(
        dedupe_key=f"workshop.booked:{row.public_id}:{row.state}",
        to_name=row.user.name,
        to_address=row.user.email,
        subject=subject,
        body=body,
        context_kind="workshop",
        context_reference=row.workshop.public_id,
        at=at,
    )


def _move_up(workshop: Workshop, at: dt.datetime) -> int:
    """Give what is free to those who wait longest. The caller holds the lock of the workshop's row."""
    workshop.refresh_from_db(fields=["taken", "places"])
    waiting = Booking.objects.filter(workshop=workshop, state=BookingState.WAITING).select_related("user").order_by("at", "pk")
    moved = 0
    for row in waiting[: max(workshop.left, 0)]:
        row.workshop = workshop
        BOOKING_WORKFLOW.shift(row, BOOKING_WORKFLOW.find(row, "move_up"))
        _confirm(row, at)
        moved += 1
    if moved:
        Workshop.objects.filter(pk=workshop.pk).update(taken=F("taken") + moved)
        workshop.refresh_from_db(fields=["taken"])
    return moved


@transaction.atomic
def cancel_booking(*, actor: User, booking: Booking, at: dt.datetime) -> Booking:
    """Give a place back, or a turn on the waiting list; whoever waits longest gets the place, and an email that says so."""
    workshop, was = booking.workshop, booking.state
    BOOKING_WORKFLOW.check(actor, booking, "cancel", at.date())
    Workshop.objects.filter(pk=workshop.pk).update(lock_version=F("lock_version") + 1)
    BOOKING_WORKFLOW.move(actor, booking, "cancel", at.date())
    moved = 0
    if was == BookingState.BOOKED:
        Workshop.objects.filter(pk=workshop.pk).update(taken=F("taken") - 1)
        moved = _move_up(workshop, at)
    changes = {"was": str(was), "moved_up": moved}
    audit.record("workshop.booking_cancelled", actor=actor, at=at, subject=workshop, authority=workshop.authority, changes=changes)
    return booking


@transaction.atomic
def cancel_workshop(*, actor: User, workshop: Workshop, reason: str, at: dt.datetime) -> Workshop:
    """Call it off, and tell everybody who has a place or waits for one."""
    if not reason.strip():
        raise Refused("Say why it is called off.", field="reason")
    WORKSHOP_WORKFLOW.move(actor, workshop, "cancel", at.date(), cancelled_reason=reason.strip())
    rows = Booking.objects.filter(workshop=workshop).exclude(state=BookingState.CANCELLED).select_related("user")
    for row in rows:
        subject, body = called_off_email(workshop, row.user)
        enqueue_email(
            dedupe_key=f"workshop.cancelled:{row.public_id}",
            to_name=row.user.name,
            to_address=row.user.email,
            subject=subject,
            body=body,
            context_kind="workshop",
            context_reference=workshop.public_id,
            at=at,
        )
    audit.record("workshop.cancelled", actor=actor, at=at, subject=workshop, authority=workshop.authority, reason=reason.strip())
    return workshop


@transaction.atomic
def record_workshop_attendance(*, actor: User, workshop: Workshop, came: Collection[User], at: dt.datetime) -> Workshop:
    """Who came, of those with a place; what it took is charged to their development days."""
    WORKSHOP_WORKFLOW.move(actor, workshop, "attend", at.date())
    rows, ids = list(Booking.objects.filter(workshop=workshop, state=BookingState.BOOKED)), {user.pk for user in came}
    if ids - {row.user_id for row in rows}:
        raise Refused("Somebody of those who came has no place at this workshop.")
    for row in rows:
        row.came = row.user_id in ids
    Booking.objects.bulk_update(rows, ["came"])
    changes = {"came": len(ids), "of": len(rows)}
    audit.record("workshop.attended", actor=actor, at=at, subject=workshop, authority=workshop.authority, changes=changes)
    return workshop
