"""What the server keeps so that a note can be written without a network: keys, and which sealed pieces were taken in."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q

from core.ids import PublicIdField
from people.models import User

from ..choices import OfflineEnd
from .note import NoteOfVisit


class OfflineKeyQuerySet(models.QuerySet["OfflineKey"]):
    def live(self, at: dt.datetime) -> OfflineKeyQuerySet:
        return self.filter(ended_at__isnull=True, expires_at__gt=at)

    def end(self, why: OfflineEnd, at: dt.datetime) -> int:
        """Delete the private halves: from now on nobody opens what was sealed to these keys."""
        return self.filter(ended_at__isnull=True).update(private_key="", ended_at=at, end_reason=why)


class OfflineKey(models.Model):
    """To what one person's one device seals the text of one note. The private half is never sent, and is sealed at rest.

    The row outlives the key, so that the writer can be told why the pieces on the device can no longer be read.
    """

    public_id = PublicIdField()
    note = models.ForeignKey(NoteOfVisit, models.CASCADE, related_name="offline_keys")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    device = models.CharField(max_length=40, help_text="A random name that the browser gave itself.")
    public_key = models.CharField(max_length=120)
    private_key = models.CharField(max_length=160, blank=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=12, choices=OfflineEnd, blank=True)

    objects = OfflineKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["note", "user", "device"], condition=Q(ended_at__isnull=True), name="visits_one_offline_key"),
            models.CheckConstraint(
                name="visits_offline_key_gone",
                condition=(Q(ended_at__isnull=True) & ~Q(private_key="")) | (Q(ended_at__isnull=False) & Q(private_key="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.note}: {self.user}"


class OfflinePiece(models.Model):
    """A sealed piece that was taken in, or set aside by its writer. Sent again, it is not taken again. Holds no text."""

    key = models.ForeignKey(OfflineKey, models.CASCADE, related_name="pieces")
    name = models.CharField(max_length=40, help_text="The name that the device gave it.")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "name"], name="visits_offline_piece_once")]

    def __str__(self) -> str:
        return self.name
