"""The one audit: what was done, by whom, when, to what; written in the transaction of the deed.

Events hold plain values and no foreign keys, so that nothing that is deleted, renamed or restored changes them.
Text that people wrote is never copied here: a field declared as content is recorded as "changed, n words". Triggers
refuse UPDATE and DELETE.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils import timezone

from . import clock, request_id
from .ids import PublicIdField
from .registry import Registry


@dataclass(frozen=True)
class EventKind:
    """``code`` is ``subject.verb``; ``sentence`` is what a reader of the audit sees, after the actor's name.

    A *sealed* event (feedback, evaluation) names no actor and holds only the day.
    """

    code: str
    sentence: str
    sealed: bool = False


AUDIT_EVENTS: Registry[EventKind] = Registry("audit_events")


def declare(*kinds: tuple[str, str]) -> None:
    for code, sentence in kinds:
        AUDIT_EVENTS.add(code, EventKind(code, sentence))


class AuditQuerySet(models.QuerySet["AuditEvent"]):
    def about(self, subject_kind: str, subject_id: str) -> AuditQuerySet:
        return self.filter(subject_kind=subject_kind, subject_id=subject_id)

    def visible_to(self, user: Any) -> AuditQuerySet:
        """Whoever may read an authority's audit (:meth:`in_charge_of`); what one did oneself, always."""
        return self.filter(models.Q(actor_id=user.public_id) | self._kept_by(user.hats))

    def in_charge_of(self, user: Any) -> AuditQuerySet:
        """The audit of the authorities whose audit this person reads, without what was done at a school behind the wall."""
        return self.filter(self._kept_by(user.hats))

    @staticmethod
    def _kept_by(hats: Any) -> models.Q:
        kept = models.Q(authority_code__in=hats.audit_authority_codes)
        for code, urn in sorted(hats.walled_urns):
            kept &= ~models.Q(authority_code=code, school_urn=urn, school_urn__isnull=False)
        return kept


class AuditEvent(models.Model):
    public_id = PublicIdField()
    event = models.CharField(max_length=60)
    occurred_at = models.DateTimeField(help_text="When it happened, by the portal's clock.")
    recorded_at = models.DateTimeField(default=timezone.now, help_text="When it was written, by the machine's clock.")
    actor_id = models.CharField(max_length=20, blank=True)
    actor_name = models.CharField(max_length=200, blank=True)
    actor_role = models.CharField(max_length=80, blank=True)
    authority_code = models.CharField(max_length=12, blank=True)
    school_urn = models.PositiveIntegerField(null=True)
    school_name = models.CharField(max_length=200, blank=True)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=40)
    subject_label = models.CharField(max_length=240, blank=True)
    changes = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=40, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="audit_subject"),
            models.Index(fields=["authority_code", "-id"], name="audit_authority"),
            models.Index(fields=["authority_code", "school_urn", "-id"], name="audit_school"),
            models.Index(fields=["actor_id", "event", "-id"], name="audit_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.subject_id}"

    @property
    def sentence(self) -> str:
        return AUDIT_EVENTS[self.event].sentence if self.event in AUDIT_EVENTS else self.event


def content(text: str) -> str:
    """What the audit says of a text that people wrote."""
    return f"changed, {len(text.split())} words"


def record(
    event: str,
    *,
    actor: Any,
    at: dt.datetime,
    subject: Any,
    authority: Any = None,
    school: Any = None,
    changes: dict[str, Any] | None = None,
    reason: str = "",
    role: str = "",
) -> AuditEvent:
    """Write one event. ``actor`` is a user, or ``None`` for the portal itself; ``subject`` any saved row, named by
    its ``audit_label`` where its own name is text that people wrote.

    ``changes`` maps a field to its new plain value, or to ``[old, new]``; content fields go through :func:`content`.
    """
    kind = AUDIT_EVENTS[event]
    subject_id = getattr(subject, "public_id", None) or str(subject.pk)
    if school is not None and authority is None:
        authority = school.authority
    if kind.sealed:
        actor, at, reason, request = None, at.replace(hour=0, minute=0, second=0, microsecond=0), "", ""
    else:
        request = request_id.get()
    return AuditEvent.objects.create(
        event=event,
        occurred_at=at,
        actor_id=actor.public_id if actor is not None else "",
        actor_name=actor.name if actor is not None else "",
        actor_role=role,
        authority_code=authority.code if authority is not None else "",
        school_urn=school.urn if school is not None else None,
        school_name=school.name if school is not None else "",
        subject_kind=subject._meta.model_name,
        subject_id=subject_id,
        subject_label=str(getattr(subject, "audit_label", None) or subject)[:240],
        changes=changes or {},
        reason=reason,
        request_id=request,
        recorded_at=at if kind.sealed else clock.machine_now(),
    )
