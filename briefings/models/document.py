"""What goes with a briefing: the papers for it, and what was shown there."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.access import ScopedQuerySet
from core.files import StoredFile
from core.ids import PublicIdField
from people.models import User

from .briefing import Briefing
from .files import NamedFile


class DocumentQuerySet(ScopedQuerySet["BriefingDocument"]):
    def visible_to(self, user: Any) -> DocumentQuerySet:
        """Those that stand, to whoever sees the briefing; what was taken off nobody opens any more."""
        return self.standing().filter(briefing__in=Briefing.objects.visible_to(user).values("pk"))

    def standing(self) -> DocumentQuerySet:
        return self.filter(removed_at__isnull=True)


class BriefingDocument(NamedFile):
    """One file under a title. It is never changed: taken off it keeps its row, with who did so and when, and another is added."""

    public_id = PublicIdField()
    briefing = models.ForeignKey(Briefing, models.PROTECT, related_name="documents")
    title = models.CharField(max_length=160)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=160)
    file_words = models.TextField(blank=True, help_text="What the file says, as far as it can be read: requests for information search it.")
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    removed_at = models.DateTimeField("taken off", null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["added_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="briefings_document_removed_by",
                condition=Q(removed_at__isnull=True, removed_by__isnull=True) | Q(removed_at__isnull=False, removed_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("briefings:document-file", args=[self.public_id])
