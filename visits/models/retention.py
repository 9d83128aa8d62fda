"""How long the authority keeps each kind of record, what stops the clock, and lists of what is to be destroyed (§10)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.access import ScopedQuerySet
from core.ids import PublicIdField
from people.models import Authority, User
from people.roles import Permission as P
from schools.models import School

from ..choices import DisposalState


class RetentionPeriod(models.Model):
    """The authority's own period for one kind, from its own schedule."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="retention_periods")
    kind = models.CharField(max_length=40, help_text="Key in core.retention.RETENTION.")
    months = models.PositiveSmallIntegerField()
    schedule = models.CharField("from the authority's schedule", max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "kind"], name="visits_period_once"),
            models.CheckConstraint(name="visits_period_months", condition=Q(months__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.months} months"


class OfAuthority(ScopedQuerySet[Any]):
    permission = P.RETENTION_DECIDE

    def visible_to(self, user: Any) -> OfAuthority:
        """Of the authorities in which a role grants it; a hold of one school not behind the wall."""
        rows = self.filter(authority_id__in=user.hats.authorities_granting(self.permission))
        if self.model is LegalHold and user.hats.walled:
            rows = rows.exclude(school_id__in=user.hats.walled)
        return rows


class LegalHold(models.Model):
    """Stops the clock: nothing of this school (none: of any) and this kind (none: of any) is destroyed until it is lifted."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="holds")
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=40, blank=True)
    reason = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_reason = models.TextField(blank=True)

    objects = OfAuthority.as_manager()

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(name="visits_hold_lifted", condition=Q(lifted_at__isnull=True) | Q(lifted_by__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"Hold: {self.school.name if self.school else 'every school'}"

    def holds(self, kind: str, school_id: int | None) -> bool:
        return (not self.kind or self.kind == kind) and (self.school_id is None or school_id is None or self.school_id == school_id)


class DisposalList(models.Model):
    """What the portal proposes to destroy of one kind. Once carried out its rows are gone; count and digest stay."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="disposals")
    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=DisposalState, default=DisposalState.PROPOSED)
    rows = models.JSONField(default=list, help_text="id, label, on, digest, school; emptied when it is carried out.")
    count = models.PositiveIntegerField(help_text="Proposed; once carried out, destroyed.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the canonical JSON of the rows.")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    objects = OfAuthority.as_manager()

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "kind"], condition=Q(state="proposed"), name="visits_one_proposal"),
            models.CheckConstraint(name="visits_disposal_decided", condition=Q(state="proposed") | Q(decided_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"Disposal of {self.proposed_at:%d/%m/%Y}"

    def get_absolute_url(self) -> str:
        return reverse("visits:disposal-detail", args=[self.public_id])
