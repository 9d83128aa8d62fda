"""Sending a version of a note or of an annual commentary: who gets it, held and failed deliveries, the school's window."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from core.access import Conflict, Refused, require
from core.outbox import OutboxEmail, enqueue_email
from people.models import User
from people.roles import Permission as P
from schools.choices import ContactState
from schools.models import Contact

from ..choices import DeliveryState, RecordKind
from ..clocks import clock_days
from ..mail import dispatch_email
from ..models import Commentary, Delivery, Dispatch, Dispatched
from ..recipients import Recipient
from .gate import event, pack_of

WHAT_WAS_SENT = (
    "dispatch__note__authority",
    "dispatch__note__pack",
    "dispatch__note__visit",
    "dispatch__commentary__authority",
    "dispatch__commentary__pack",
    "dispatch__commentary__school",
)
"""What is needed of a delivery to say what it was of."""


def is_with_school(dispatch: Dispatch) -> bool:
    """Whether the school has this very version before it."""
    return dispatch.about.state == "with_school" and dispatch.about.version == dispatch.version


def dispatch_to(actor: User, about: Dispatched, kind: str, people: Sequence[Recipient], at: dt.datetime) -> Dispatch:
    """Record who gets it, and put one email each into the outbox: a link and names, never a word of the note."""
    which = {"commentary": about} if isinstance(about, Commentary) else {"note": about}
    dispatch = Dispatch.objects.create(**which, version=about.version, kind=kind, at=at, by=actor)
    for person in people:
        delivery = Delivery.objects.create(
            dispatch=dispatch,
            school=person.school,
            contact=person.contact,
            user=person.user,
            name=person.name,
            role=person.role,
            organisation=person.organisation,
            email=person.email,
            starts_window=person.starts_window,
            state=DeliveryState.QUEUED if person.email and not person.is_held else DeliveryState.HELD,
            at=at,
        )
        if delivery.state == DeliveryState.QUEUED:
            _queue(about, delivery, at)
    return dispatch


def _queue(about: Dispatched, delivery: Delivery, at: dt.datetime, again: int = 0) -> None:
    """``again``: how many emails of this delivery went before, which have not arrived."""
    subject, body = dispatch_email(about, delivery)
    kind, version = delivery.dispatch.kind, delivery.dispatch.version
    email = enqueue_email(
        dedupe_key=f"{kind}:{about.public_id}:{version}:{delivery.email.lower()}:{delivery.school_id or 0}"
        + (f":{again}" if again else ""),
        to_name=delivery.name,
        to_address=delivery.email,
        subject=subject,
        body=body,
        context_kind="delivery",
        context_reference=delivery.public_id,
        at=at,
    )
    Delivery.objects.filter(pk=delivery.pk).update(message_id=email.message_id, state=DeliveryState.QUEUED)


def send_held(contact: Contact, at: dt.datetime) -> None:
    """Send what was held until this contact was confirmed: the draft that the school has, and final notes."""
    held = Delivery.objects.filter(contact=contact, state=DeliveryState.HELD).select_related(*WHAT_WAS_SENT, "school")
    for delivery in held:
        about = delivery.dispatch.about
        if delivery.dispatch.kind == RecordKind.RELEASE and not is_with_school(delivery.dispatch):
            continue
        email = contact.email or (contact.user.email if contact.user else "")
        if not email:
            continue
        Delivery.objects.filter(pk=delivery.pk).update(email=email, user=contact.user, name=contact.name)
        delivery.email, delivery.name = email, contact.name
        _queue(about, delivery, at)


@transaction.atomic
def resend_delivery(*, actor: User, delivery: Delivery, at: dt.datetime) -> Delivery:
    """Send once more what came back or failed, to the address that the contact has now: it has not happened until it
    arrives. The window of the school begins with that arrival, where it had not begun."""
    about = delivery.dispatch.about
    require(actor, P.COMMENTARY_RELEASE if isinstance(about, Commentary) else P.NOTE_RELEASE, about, on=at.date())
    if delivery.dispatch.kind == RecordKind.RELEASE and not is_with_school(delivery.dispatch):
        raise Refused("That draft is no longer with the school.")
    contact = delivery.contact
    email, name = delivery.email, delivery.name
    if contact is not None:
        if contact.state != ContactState.CONFIRMED or (contact.ends_on is not None and contact.ends_on < at.date()):
            raise Refused(f"{contact.name} is no longer a confirmed contact of the school. Report who is, then recall and release again.")
        email, name = contact.email or (contact.user.email if contact.user else ""), contact.name
    if not email:
        raise Refused(f"No address of {name} is known. Report it first.")
    before = OutboxEmail.objects.filter(context_kind="delivery", context_reference=delivery.public_id).count()
    moved = Delivery.objects.filter(pk=delivery.pk, state__in=(DeliveryState.BOUNCED, DeliveryState.FAILED)).update(
        state=DeliveryState.QUEUED, email=email, name=name, settled_at=None
    )
    if moved != 1:
        raise Conflict("This has not come back: there is nothing to send again.")
    delivery.state, delivery.email, delivery.name, delivery.settled_at = DeliveryState.QUEUED, email, name, None
    _queue(about, delivery, at, again=before)
    event("delivery.resent", actor, about, at, changes={"to": f"{name}, {delivery.role}", "version": delivery.dispatch.version})
    return delivery


def open_window(about: Dispatched, delivered_at: dt.datetime) -> None:
    """The first delivery to the head begins the school's window and, after it, the author's days to make a note final."""
    pack = pack_of(about)
    if isinstance(about, Commentary):
        due = pack.school_days.add(delivered_at.date(), pack.whole("school_window_school_days"))
        _now_with_school(about).filter(school_due_on__isnull=True).update(school_due_on=due)
        about.school_due_on = due
        return
    begins = max(delivered_at.date(), about.window_opens_on or delivered_at.date())
    school_due = pack.school_days.add(begins, clock_days(about.visit, pack, "school_window_school_days"))
    final_due = pack.office_days.add(school_due, clock_days(about.visit, pack, "final_office_days"))
    _now_with_school(about).filter(school_due_on__isnull=True).update(school_due_on=school_due, final_due_on=final_due)
    about.school_due_on, about.final_due_on = school_due, final_due


def close_window(dispatch: Dispatch) -> None:
    """What began it came back: the window has not begun."""
    about = dispatch.about
    dates = {"school_due_on": None} if isinstance(about, Commentary) else {"school_due_on": None, "final_due_on": None}
    _now_with_school(about).filter(version=dispatch.version).update(**dates)


def _now_with_school(about: Dispatched) -> QuerySet[Any]:
    return type(about)._base_manager.filter(pk=about.pk, version=about.version, state="with_school")


def forget_unsent(about: Dispatched, version: int, at: dt.datetime) -> None:
    """What of a recalled version has not gone yet does not go."""
    which = {"dispatch__commentary": about} if isinstance(about, Commentary) else {"dispatch__note": about}
    Delivery.objects.filter(**which, dispatch__version=version, state=DeliveryState.QUEUED).update(
        state=DeliveryState.FAILED, settled_at=at
    )
