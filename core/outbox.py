"""Email goes out by way of a table: written in the transaction that causes it, sent by the worker, once.

**An email holds no content.** It names a school and a person and carries a link; what a note says, a judgement, a
category or a comment is never in it (architecture.md, assurance.md §3 "Jobs/email"). That is the callers' duty: this
module sends what it is given.

What has been sent keeps no body: a link in it may open something once.

Sending is at least once. A worker that is killed between the mail server's yes and our row leaves a lease that runs
out, and the email goes again with the same Message-ID. Each email is tried eight times, with growing pauses, then
parked. Whoever recorded the delivery hears of it through :data:`email_delivered` and :data:`email_failed`, in one
transaction with the row, again and again until its receivers succeed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import logging
import random
import smtplib
from dataclasses import dataclass
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.db import models, transaction
from django.db.models import F, Q
from django.dispatch import Signal

from . import clock

logger = logging.getLogger(__name__)

TRIES = 8
LEASE = dt.timedelta(minutes=5)
FIRST_PAUSE = dt.timedelta(minutes=1)
GROWTH = 3  # 1, 3, 9, 27, 81, 243, 729 minutes: a night without a mail server parks nothing
TELL_AGAIN = dt.timedelta(minutes=1)

_JITTER = random.SystemRandom()

email_delivered = Signal()
"""Sent with ``email`` (the row) and ``at`` (the portal's moment) when the mail server has taken an email."""

email_failed = Signal()
"""Sent with ``email``, ``at`` and ``reason`` ("bounced" or "parked") when an email has not arrived and will not."""


class State(models.TextChoices):
    QUEUED = "queued", "Queued"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "To be tried again"
    BOUNCED = "bounced", "Bounced"
    PARKED = "parked", "Given up after repeated faults"


class OutboxEmail(models.Model):
    """One email to one person. Write with :func:`enqueue_email`; everything else here moves its state."""

    dedupe_key = models.CharField(max_length=200, unique=True)
    to_name = models.CharField(max_length=200, blank=True)
    to_address = models.EmailField(max_length=254)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    context_kind = models.CharField(max_length=50, blank=True)
    context_reference = models.CharField(max_length=100, blank=True)
    message_id = models.CharField(max_length=255, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Leases and pauses are on the machine's own clock; created, sent and settled on the portal's.
    next_attempt_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=100, blank=True)  # the class of the fault, never its text: it may quote an address
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    is_told = models.BooleanField(default=True)  # false while the receivers of the outcome have still to hear of it

    class Meta:
        indexes = (
            models.Index(fields=["next_attempt_at"], condition=Q(state__in=["queued", "failed"]), name="outbox_due"),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="outbox_leased"),
            models.Index(fields=["next_attempt_at"], condition=Q(is_told=False), name="outbox_untold"),
            models.Index(fields=["context_kind", "context_reference"], name="outbox_context"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state="sending", lease_until__isnull=False) | (~Q(state="sending") & Q(lease_until__isnull=True)),
                name="outbox_leased_while_sending",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | Q(state="bounced")
                | Q(state__in=["queued", "sending", "failed", "parked"], sent_at__isnull=True),
                name="outbox_sent_has_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.subject} ({self.get_state_display()})"


def message_id_for(dedupe_key: str) -> str:
    """The Message-ID of an email, the same for each try: a keyed digest, which says nothing of what it is about."""
    digest = hmac.new(str(settings.SECRET_KEY).encode(), f"message-id:{dedupe_key}".encode(), hashlib.sha256).hexdigest()[:40]
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{digest}@{host}>"


def enqueue_email(
    *,
    dedupe_key: str,
    to_name: str,
    to_address: str,
    subject: str,
    body: str,
    context_kind: str = "",
    context_reference: str = "",
    at: dt.datetime,
) -> OutboxEmail:
    """Put an email into the outbox, inside the caller's transaction: rolled back, it was never there.

    A second call with the same ``dedupe_key`` changes nothing and answers the first row, whatever else it says. Make
    the key from what happened and to whom: "note.released:0417:1:head:83". ``body`` is plain text with a link and no
    content (see above). ``context_kind`` and ``context_reference`` are for the caller to find its delivery by. Raises
    ValueError on an address that is none, or an empty subject, body or key.
    """
    subject = " ".join(subject.split())
    if not (dedupe_key and subject and body.strip()):
        raise ValueError("An email needs a key, a subject and a body.")
    try:
        validate_email(to_address)
    except ValidationError:
        raise ValueError("The email address is not complete, like name@example.org.") from None
    email, _ = OutboxEmail.objects.get_or_create(
        dedupe_key=dedupe_key,
        defaults={
            "to_name": " ".join(to_name.split()),
            "to_address": to_address,
            "subject": subject,
            "body": body,
            "context_kind": context_kind,
            "context_reference": context_reference,
            "message_id": message_id_for(dedupe_key),
            "next_attempt_at": clock.machine_now(),
            "created_at": at,
        },
    )
    return email


@dataclass(slots=True)
class Sending:
    """What one round of :func:`send_due` did."""

    sent: int = 0
    failed: int = 0
    bounced: int = 0
    parked: int = 0

    def __bool__(self) -> bool:
        return bool(self.sent or self.failed or self.bounced or self.parked)


def send_due(at: dt.datetime, *, limit: int = 50) -> Sending:
    """Send what is due, at most ``limit`` emails. ``at`` is the portal's moment, written as ``sent_at``.

    Any number of workers may call it at once: each email is claimed with one conditional update and a lease, and no
    transaction is open while the mail server is spoken to. When that server cannot be reached, the round ends.
    """
    done = Sending()
    connection: BaseEmailBackend | None = None
    try:
        for _ in range(limit):
            email = _claim()
            if email is None:
                break
            if email.attempts > TRIES:  # its last try took a worker down with it
                done.parked += _settle(email, State.PARKED, at, error="LeaseLost")
                continue
            try:
                if connection is None:
                    connection = get_connection()
                    connection.open()
                _message(email, connection).send()
            except smtplib.SMTPRecipientsRefused as fault:
                if _is_final(fault):
                    done.bounced += _settle(email, State.BOUNCED, at, error=type(fault).__name__)
                else:
                    _try_later(email, fault, at, done)
            except Exception as fault:  # whatever the mail server does, the other emails go on
                logger.warning("outbox: try %d of email %d failed: %s", email.attempts, email.pk, type(fault).__name__)
                _try_later(email, fault, at, done)
                _close(connection)
                connection = None
                if isinstance(fault, OSError) and not isinstance(fault, smtplib.SMTPException):
                    break
            else:
                done.sent += _settle(email, State.SENT, at)
    finally:
        _close(connection)
    _tell_untold(at)
    return done


def _message(email: OutboxEmail, connection: BaseEmailBackend) -> EmailMessage:
    return EmailMessage(
        subject=email.subject,
        body=email.body,
        to=[formataddr((email.to_name, email.to_address)) if email.to_name else email.to_address],
        headers={"Message-ID": email.message_id, "Auto-Submitted": "auto-generated"},
        connection=connection,
    )


def _close(connection: BaseEmailBackend | None) -> None:
    if connection is not None:
        try:
            connection.close()
        except Exception as fault:  # the emails are sent; only the good-bye went wrong
            logger.warning("outbox: closing the connection failed: %s", type(fault).__name__)


def _claim() -> OutboxEmail | None:
    """Take the email that has waited longest, with a lease and one more attempt; None where nothing is due."""
    now = clock.machine_now()
    due = Q(state__in=[State.QUEUED, State.FAILED], next_attempt_at__lte=now) | Q(state=State.SENDING, lease_until__lt=now)
    while True:
        email = OutboxEmail.objects.filter(due).order_by("next_attempt_at", "pk").first()
        if email is None:
            return None
        claimed = OutboxEmail.objects.filter(due, pk=email.pk, attempts=email.attempts).update(
            state=State.SENDING, lease_until=now + LEASE, attempts=F("attempts") + 1
        )
        if claimed:
            email.state, email.lease_until, email.attempts = State.SENDING, now + LEASE, email.attempts + 1
            return email


def _is_final(fault: smtplib.SMTPRecipientsRefused) -> bool:
    """Whether the server has refused the recipient for good (5xx), not for now (4xx)."""
    return bool(fault.recipients) and all(code >= 500 for code, _ in fault.recipients.values())


def _try_later(email: OutboxEmail, fault: Exception, at: dt.datetime, done: Sending) -> None:
    name = type(fault).__name__
    if email.attempts >= TRIES:
        done.parked += _settle(email, State.PARKED, at, error=name)
        return
    pause = FIRST_PAUSE * GROWTH ** (email.attempts - 1) * _JITTER.uniform(0.8, 1.2)
    done.failed += _mine(email).update(
        state=State.FAILED, lease_until=None, last_error=name[:100], next_attempt_at=clock.machine_now() + pause
    )


def _mine(email: OutboxEmail) -> models.QuerySet[OutboxEmail]:
    """The row as this claim left it: another worker that took it over in between is left alone."""
    return OutboxEmail.objects.filter(pk=email.pk, state=State.SENDING, attempts=email.attempts)


def _settle(email: OutboxEmail, state: State, at: dt.datetime, error: str = "") -> int:
    """Write an outcome, then tell its receivers. Answers 1, or 0 where the claim was lost."""
    settled = _mine(email).update(
        state=state,
        lease_until=None,
        last_error=error[:100],
        sent_at=at if state is State.SENT else None,
        is_told=False,
        next_attempt_at=clock.machine_now(),
        **({"body": ""} if state is State.SENT else {}),
    )
    if settled:
        _tell(email.pk, at)
    return settled


def _tell(pk: int, at: dt.datetime) -> None:
    """Tell the outcome of an email in one transaction with its mark. A receiver that raises is told again later."""
    try:
        with transaction.atomic():
            if not OutboxEmail.objects.filter(pk=pk, is_told=False).update(is_told=True):
                return
            email = OutboxEmail.objects.get(pk=pk)
            if email.state == State.SENT:
                email_delivered.send(OutboxEmail, email=email, at=email.sent_at)
            else:
                email_failed.send(OutboxEmail, email=email, at=at, reason=str(email.state))
    except Exception:
        logger.exception("outbox: a receiver of email %d failed; it will be told again", pk)
        OutboxEmail.objects.filter(pk=pk, is_told=False).update(next_attempt_at=clock.machine_now() + TELL_AGAIN)


def _tell_untold(at: dt.datetime) -> None:
    untold = OutboxEmail.objects.filter(is_told=False, next_attempt_at__lte=clock.machine_now())
    for pk in list(untold.order_by("pk").values_list("pk", flat=True)[:50]):
        _tell(pk, at)


def mark_bounced(message_id: str, *, at: dt.datetime) -> bool:
    """A mail server has said later on that an email did not arrive (domain.md §4: it "has not happened").

    ``message_id`` with or without its angle brackets. True where this call marked it; False for an id that is not
    ours, or an email that has bounced already.
    """
    message_id = f"<{message_id.strip().strip('<>')}>"
    email = OutboxEmail.objects.filter(message_id=message_id).first()
    if email is None:
        return False
    bounced = OutboxEmail.objects.filter(pk=email.pk, state__in=[State.SENT, State.SENDING]).update(
        state=State.BOUNCED, lease_until=None, last_error="Bounced", is_told=False, next_attempt_at=clock.machine_now()
    )
    if bounced:
        _tell(email.pk, at)
    return bool(bounced)


def requeue(email: OutboxEmail) -> bool:
    """Try a parked email again from the start, once the fault is mended. True where it was parked."""
    return bool(
        OutboxEmail.objects.filter(pk=email.pk, state=State.PARKED).update(
            state=State.QUEUED, attempts=0, last_error="", is_told=True, next_attempt_at=clock.machine_now()
        )
    )
