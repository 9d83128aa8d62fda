"""Briefings of the SIPs (P1, S1, S16): a date for an audience, its agenda, and what came of each item (P3)."""

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

from ..choices import BRIEFING_TONES, BriefingState
from .audience import Audienced, for_sip


class BriefingQuerySet(ScopedQuerySet["Briefing"]):
    def visible_to(self, user: Any) -> BriefingQuerySet:
        """Those who work with the SIPs see every briefing of their authority; a SIP those for a phase that they serve."""
        return self.filter(Q(authority_id__in=user.hats.authorities_granting(P.BRIEFING_VIEW)) | for_sip(user))


class Briefing(Audienced):
    """One termly meeting of an audience. Whoever came has ``quarters`` quarter days of the development days charged."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="briefings")
    academic_year = AcademicYearField()
    term = models.CharField(max_length=20, help_text="autumn, spring or summer.")
    title = models.CharField(max_length=160, help_text="As in “Primary SIP briefing, autumn 2008”.")
    template = models.CharField(max_length=60, blank=True, help_text="Code of the pack's template that its agenda began with.")
    on = models.DateField("date")
    starts_at = models.TimeField("from")
    ends_at = models.TimeField("until")
    venue = models.CharField(max_length=200, blank=True)
    quarters = models.PositiveSmallIntegerField("development time, in quarter days")
    state = models.CharField(max_length=10, choices=BriefingState, default=BriefingState.PLANNED)
    lock_version = models.PositiveIntegerField(default=0)
    called_at = models.DateTimeField(null=True, blank=True)
    cancelled_reason = models.CharField("why it was called off", max_length=300, blank=True)
    created_at = models.DateTimeField()

    objects = BriefingQuerySet.as_manager()

    class Meta:
        ordering = ["on", "audience"]
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "audience", "on"], condition=~Q(state=BriefingState.CANCELLED), name="briefings_briefing_once_a_day"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="briefings_briefing_times_in_order"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def tag(self) -> tuple[str, str]:
        return str(self.get_state_display()), BRIEFING_TONES[BriefingState(self.state)]

    def get_absolute_url(self) -> str:
        return reverse("briefings:briefing-detail", args=[self.public_id])


class AgendaItem(models.Model):
    """One line of an agenda. ``code`` is the line of the pack's template that it came from, by which the builder finds its pages."""

    public_id = PublicIdField()
    briefing = models.ForeignKey(Briefing, models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=200)
    about = models.TextField("what it is about", blank=True)
    lead = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="agenda_items")
    lead_name = models.CharField("a lead without an account", max_length=120, blank=True, help_text="A visitor, with their office.")
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    is_activity = models.BooleanField("an activity", default=False)
    outcome = models.TextField("what came of it", blank=True)
    carries_on = models.BooleanField("the next agenda comes back to it", default=False)
    draws_on = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="followed_by", help_text="The item of an earlier agenda (P3)."
    )

    class Meta:
        ordering = ["briefing", "position", "id"]

    def __str__(self) -> str:
        return self.title

    @property
    def led_by(self) -> str:
        return self.lead.name if self.lead is not None else self.lead_name
