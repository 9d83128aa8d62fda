"""The alert to the authority (P16, "a sense of urgency"): apart from the note, and read by a few named people alone."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from core.access import ScopedQuerySet
from core.ids import PublicIdField
from people.models import Authority, User
from people.roles import Hat
from people.roles import Permission as P
from schools.models import School

from ..choices import AlertState
from .visit import Visit


class AlertQuerySet(ScopedQuerySet["Alert"]):
    def visible_to(self, user: Any) -> AlertQuerySet:
        """The school's named officers, those officers who were sent it, the manager, and the SIP who raised it; nobody else,
        and never the school (domain.md §4). A SIP who has left reads their own as long as what else they wrote."""
        hats = user.hats
        own = Q(raised_by_id=user.pk, school_id__in=[a.school_id for a in hats.assignments])
        sent = Q(Exists(AlertRecipient.objects.filter(alert=OuterRef("pk"), user_id=user.pk)))
        found = own
        for role in hats.roles_granting(P.ALERT_READ):
            covers = Q(school__authority_id=role.authority_id)
            if role.cluster_ids is not None:
                covers &= Q(school__cluster_id__in=role.cluster_ids)
            found |= covers if role.hat == Hat.SIP_MANAGER or role.is_named else covers & sent
        return self.filter(found).exclude(school_id__in=hats.walled)


class Alert(models.Model):
    """Something urgent that a SIP told the authority. ``escalates_at`` is when it goes on to the next, unless acknowledged."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="alerts")
    school = models.ForeignKey(School, models.PROTECT, related_name="alerts")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="alerts")
    state = models.CharField(max_length=12, choices=AlertState, default=AlertState.SENT)
    lock_version = models.PositiveIntegerField(default=0)
    what = models.TextField()
    urgency = models.CharField(max_length=40, help_text="Code of the pack.")
    ask = models.CharField("what is asked", max_length=40, help_text="Code of the pack.")
    head_told = models.CharField(max_length=40, help_text="Code of the pack.")
    head_told_on = models.DateField(null=True, blank=True)
    head_told_reason = models.TextField(blank=True)
    raised_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    raised_by_name = models.CharField(max_length=200)
    raised_at = models.DateTimeField()
    escalates_at = models.DateTimeField()
    escalations = models.PositiveSmallIntegerField(default=0)
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    acknowledged_by_name = models.CharField(max_length=200, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=40, blank=True, help_text="Code of the pack.")
    outcome_text = models.TextField(blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    closed_by_name = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at"]
        constraints = [
            models.CheckConstraint(
                name="visits_alert_acknowledged",
                condition=Q(state="sent", acknowledged_at__isnull=True)
                | (~Q(state="sent") & Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="visits_alert_acknowledged_by_other",
                condition=Q(acknowledged_by__isnull=True) | ~Q(acknowledged_by=models.F("raised_by")),
            ),
            models.CheckConstraint(
                name="visits_alert_closed",
                condition=(Q(state="closed") & Q(closed_at__isnull=False) & ~Q(outcome=""))
                | (~Q(state="closed") & Q(closed_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "escalates_at"], name="visits_alert_waiting"),
            models.Index(fields=["school", "-raised_at"], name="visits_alert_school"),
        ]

    def __str__(self) -> str:
        return f"Alert, {self.school.name}, {self.raised_at:%d/%m/%Y}"

    def get_absolute_url(self) -> str:
        return reverse("visits:alert-detail", args=[self.public_id])


class AlertRecipient(models.Model):
    """A person to whom an alert was sent: at first, or when it went on (``is_escalation``)."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="recipients")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=80)
    is_escalation = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["alert", "user"], name="visits_alert_recipient_once")]

    def __str__(self) -> str:
        return f"{self.name}, {self.role}"
