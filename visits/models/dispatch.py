"""Two dispatches: the draft to the school for accuracy, the final to head, chair, clerk and LA (P17)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.ids import PublicIdField
from people.models import User
from schools.models import Contact, School

from ..choices import DeliveryState, RecordKind
from .commentary import Commentary
from .note import NoteOfVisit

Dispatched = NoteOfVisit | Commentary
"""What is released to a school and made final. Both have a state, a version, an authority, a school and a window."""


class Dispatch(models.Model):
    """One sending of one version of a note or of an annual commentary; its recipients were resolved at that moment."""

    public_id = PublicIdField()
    note = models.ForeignKey(NoteOfVisit, models.PROTECT, null=True, blank=True, related_name="dispatches")
    commentary = models.ForeignKey(Commentary, models.PROTECT, null=True, blank=True, related_name="dispatches")
    version = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=RecordKind)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["note", "version", "kind"], name="visits_dispatch_once"),
            models.UniqueConstraint(fields=["commentary", "version", "kind"], name="visits_dispatch_commentary_once"),
            models.CheckConstraint(name="visits_dispatch_of_one", condition=Q(note__isnull=True) ^ Q(commentary__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.about}"

    @property
    def about(self) -> Dispatched:
        """What was sent."""
        found = self.note or self.commentary
        assert found is not None
        return found


class Delivery(models.Model):
    """One recipient of one dispatch. A delivery that bounces has not happened: the window has not begun."""

    public_id = PublicIdField()
    dispatch = models.ForeignKey(Dispatch, models.PROTECT, related_name="deliveries")
    school = models.ForeignKey(School, models.PROTECT, null=True, related_name="+")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=80)
    organisation = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    starts_window = models.BooleanField(default=False, help_text="The head's own: its delivery begins the school's window.")
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.QUEUED)
    message_id = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["message_id"], name="visits_delivery_message")]

    def __str__(self) -> str:
        return f"{self.name}, {self.role}"
