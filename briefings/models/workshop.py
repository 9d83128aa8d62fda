"""Optional workshops (S14): places, bookings, and a waiting list in the order in which people asked."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from core.access import ScopedQuerySet
from core.calendar import AcademicYearField
from core.ids import PublicIdField
from people.models import Authority, User
from people.roles import Permission as P

from ..choices import BOOKING_TONES, WORKSHOP_TONES, BookingState, WorkshopState
from .audience import Audienced, for_sip


class WorkshopQuerySet(ScopedQuerySet["Workshop"]):
    def visible_to(self, user: Any) -> WorkshopQuerySet:
        """As with briefings: those who work with the SIPs, and each SIP those for a phase that they serve."""
        return self.filter(Q(authority_id__in=user.hats.authorities_granting(P.WORKSHOP_VIEW)) | for_sip(user))


class Workshop(Audienced):
    """One date of a workshop. ``taken`` counts the places booked: raised by one conditional UPDATE, so it never passes ``places``."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="workshops")
    academic_year = AcademicYearField()
    topic = models.CharField(max_length=60, blank=True, help_text="Code of the pack's workshop; its dates are alternatives.")
    title = models.CharField(max_length=160)
    about = models.TextField(blank=True)
    suits = models.CharField("for whom", max_length=120, blank=True, help_text="As in “new SIPs”: advice, no rule.")
    on = models.DateField("date")
    starts_at = models.TimeField("from")
    ends_at = models.TimeField("until")
    venue = models.CharField(max_length=200, blank=True)
    lead = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    lead_name = models.CharField("a lead without an account", max_length=120, blank=True)
    quarters = models.PositiveSmallIntegerField("development time, in quarter days")
    places = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=WorkshopState, default=WorkshopState.OPEN)
    lock_version = models.PositiveIntegerField(default=0)
    cancelled_reason = models.CharField("why it was called off", max_length=300, blank=True)
    created_at = models.DateTimeField()

    objects = WorkshopQuerySet.as_manager()

    class Meta:
        ordering = ["on", "starts_at", "title"]
        constraints = [
            models.CheckConstraint(condition=Q(taken__lte=F("places")), name="briefings_places_not_exceeded"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="briefings_workshop_times_in_order"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def tag(self) -> tuple[str, str]:
        if self.state == WorkshopState.OPEN and self.left == 0:
            return "Full", "due"
        return str(self.get_state_display()), WORKSHOP_TONES[WorkshopState(self.state)]

    @property
    def left(self) -> int:
        return self.places - self.taken

    @property
    def led_by(self) -> str:
        return self.lead.name if self.lead is not None else self.lead_name

    def get_absolute_url(self) -> str:
        return reverse("briefings:workshop-detail", args=[self.public_id])


class BookingQuerySet(ScopedQuerySet["Booking"]):
    def visible_to(self, user: Any) -> BookingQuerySet:
        """One's own; all, to whoever keeps the workshops."""
        kept = Q(workshop__authority_id__in=user.hats.authorities_granting(P.WORKSHOP_MANAGE))
        return self.filter(Q(user_id=user.pk) | kept)


class Booking(models.Model):
    """One person's place, or turn on the waiting list (by ``at``, then by id). What is cancelled is kept."""

    public_id = PublicIdField()
    workshop = models.ForeignKey(Workshop, models.PROTECT, related_name="bookings")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=BookingState)
    lock_version = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    came = models.BooleanField(null=True, blank=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["workshop", "user"], condition=~Q(state=BookingState.CANCELLED), name="briefings_booked_once"),
        ]
        indexes = [models.Index(fields=["user", "state"], name="briefings_booking_user")]

    def __str__(self) -> str:
        return f"{self.user.name}: {self.workshop.title}"

    @property
    def tag(self) -> tuple[str, str]:
        return str(self.get_state_display()), BOOKING_TONES[BookingState(self.state)]
