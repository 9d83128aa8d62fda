"""What visits hear from below: an email about a note was delivered, or came back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.dispatch import receiver

from core import audit
from core.outbox import OutboxEmail, email_delivered, email_failed
from people.models import User
from people.signals import account_deactivated
from schools.models import Contact
from schools.signals import contact_confirmed

from .choices import DeliveryState, OfflineEnd, RecordKind
from .models import Delivery, OfflineKey
from .services.dispatching import WHAT_WAS_SENT, close_window, is_with_school, open_window, send_held


def _delivery(email: OutboxEmail) -> Delivery | None:
    if email.context_kind != "delivery":
        return None
    return (
        Delivery.objects.select_related(*WHAT_WAS_SENT, "school__authority")
        .filter(public_id=email.context_reference, message_id=email.message_id)  # of the latest try: an earlier one is over
        .first()
    )


@receiver(email_delivered, dispatch_uid="visits.delivered")
def delivered(sender: Any, email: OutboxEmail, at: dt.datetime, **kwargs: Any) -> None:
    """The first delivery of a draft to the head begins the school's window."""
    delivery = _delivery(email)
    if delivery is None or delivery.state == DeliveryState.DELIVERED:
        return
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.DELIVERED, settled_at=at)
    about = delivery.dispatch.about
    audit.record(
        "delivery.delivered",
        actor=None,
        at=at,
        subject=about,
        authority=about.authority,
        school=delivery.school,
        changes={"to": f"{delivery.name}, {delivery.role}", "version": delivery.dispatch.version},
    )
    current = delivery.dispatch.kind == RecordKind.RELEASE and is_with_school(delivery.dispatch)
    if current and delivery.starts_window and about.school_due_on is None:
        open_window(about, at)


@receiver(account_deactivated, dispatch_uid="visits.account_deactivated")
def lock_devices(sender: Any, user: User, at: dt.datetime, **kwargs: Any) -> None:
    """What the devices of a deactivated account keep can no longer be opened, by anybody."""
    OfflineKey.objects.filter(user=user).end(OfflineEnd.DEACTIVATED, at)


@receiver(contact_confirmed, dispatch_uid="visits.contact_confirmed")
def send_what_was_held(sender: Any, contact: Contact, at: dt.datetime, **kwargs: Any) -> None:
    """A delivery held for a role that was only reported goes when it is confirmed, if its version still stands."""
    send_held(contact, at)


@receiver(email_failed, dispatch_uid="visits.bounced")
def bounced(sender: Any, email: OutboxEmail, at: dt.datetime, reason: str, **kwargs: Any) -> None:
    """A delivery that bounces has not happened: if it began the window, and nobody else did, the window has not begun."""
    delivery = _delivery(email)
    if delivery is None:
        return
    Delivery.objects.filter(pk=delivery.pk).update(
        state=DeliveryState.BOUNCED if reason == "bounced" else DeliveryState.FAILED, settled_at=at
    )
    about = delivery.dispatch.about
    others = delivery.dispatch.deliveries.filter(state=DeliveryState.DELIVERED, starts_window=True).exclude(pk=delivery.pk).exists()
    if delivery.starts_window and not others and delivery.dispatch.kind == RecordKind.RELEASE:
        close_window(delivery.dispatch)
    audit.record(
        "delivery.bounced",
        actor=None,
        at=at,
        subject=about,
        authority=about.authority,
        school=delivery.school,
        changes={"to": f"{delivery.name}, {delivery.role}", "version": delivery.dispatch.version, "why": reason},
    )
