"""Incidents: what opens when a final record is withdrawn, and the seal on what was withdrawn (domain.md §10, "Withdrawal")."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from core.access import ScopedQuerySet
from core.ids import PublicIdField
from people.models import Authority, User
from people.roles import Permission as P

from .commentary import CommentaryRecord
from .record import NoteRecord, RecordWithdrawal
from .visit import VisitSchool

Withdrawable = NoteRecord | CommentaryRecord
"""What was issued and can be withdrawn: a record of a note, or of an annual commentary."""


class IncidentQuerySet(ScopedQuerySet["Incident"]):
    def visible_to(self, user: Any) -> IncidentQuerySet:
        """Of the two who withdraw, in their authorities; of a group's note, one school behind the wall hides it."""
        hats = user.hats
        rows = self.filter(authority_id__in=hats.authorities_granting(P.RECORD_WITHDRAW))
        if hats.walled:
            walled = VisitSchool.objects.filter(visit=OuterRef("withdrawal__record__note__visit"), school_id__in=hats.walled)
            rows = rows.exclude(Exists(walled)).exclude(withdrawal__commentary_record__school_id__in=hats.walled)
        return rows

    def with_records(self) -> IncidentQuerySet:
        """Each with what was withdrawn, of which school, and what it is a record of."""
        return self.select_related(
            "authority",
            "withdrawal__asked_by",
            "withdrawal__record__school__authority",
            "withdrawal__record__note__visit",
            "withdrawal__commentary_record__school__authority",
            "withdrawal__commentary_record__commentary__school",
        )


class Incident(models.Model):
    """One withdrawal, from the moment that access ended: who had read it, what was done about it, and how it was closed."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="incidents")
    withdrawal = models.OneToOneField(RecordWithdrawal, models.PROTECT, related_name="incident")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.TextField(blank=True)
    destroyed_at = models.DateTimeField(null=True, blank=True)
    destroyed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    order = models.TextField("by whose order it was destroyed", blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.CheckConstraint(name="visits_incident_closed", condition=Q(closed_at__isnull=True) | ~Q(outcome="")),
        ]

    def __str__(self) -> str:
        return f"Incident: {self.withdrawal.of}"

    def get_absolute_url(self) -> str:
        return reverse("visits:incident-detail", args=[self.public_id])


class IncidentEntry(models.Model):
    """What was done or learnt: whom one told, what came back. Insert-only."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="entries")
    text = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.by_name}, {self.at:%d/%m/%Y}"


class SealedRecordQuerySet(models.QuerySet["SealedRecord"]):
    def of(self, *records: Withdrawable) -> SealedRecordQuerySet:
        """The seals of these records."""
        found = Q(pk__in=[])
        for record in records:
            found |= Q(**{record.held_as: record})
        return self.filter(found)


class SealedRecord(models.Model):
    """Text and PDF of a withdrawn record, sealed to a key of their own. Without this row nobody can ever read them again."""

    record = models.OneToOneField(NoteRecord, models.PROTECT, null=True, related_name="seal")
    commentary_record = models.OneToOneField(CommentaryRecord, models.PROTECT, null=True, related_name="seal")
    private = models.TextField(help_text="The private key, itself sealed (core.sealing).")
    payload = models.JSONField(help_text="The sealed text: point, nonce, sealed.")
    pdf = models.JSONField(null=True, help_text="The sealed bytes, as base64; empty: there was no PDF.")

    objects = SealedRecordQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="visits_seal_of_one", condition=Q(record__isnull=True) ^ Q(commentary_record__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"Seal of {self.record or self.commentary_record}"
