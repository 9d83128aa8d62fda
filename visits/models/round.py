"""Rounds: a window of dates for one kind of visit and some phases, expecting one visit to each school in scope (domain.md §4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse

from core.access import ScopedQuerySet
from core.ids import PublicIdField
from people.models import Authority, User
from people.roles import Permission
from schools.choices import Phase
from schools.models import School

from ..choices import ExemptionReason, RoundState


class RoundQuerySet(ScopedQuerySet["Round"]):
    def visible_to(self, user: Any) -> RoundQuerySet:
        """By a role that views rounds, or a caseload in the authority; which of its schools, ``School.served_by`` says."""
        hats = user.hats
        ids = set(hats.authorities_granting(Permission.ROUND_VIEW)) | {s.authority_id for s in hats.sips}
        ids |= {a.authority_id for a in hats.assignments if a.current}
        return self.filter(authority_id__in=ids)

    def fitting(self, visit_type: str, phases: Iterable[str], day: dt.date) -> list[Round]:
        """The open rounds of a kind of visit whose window holds a day and whose phases hold all of these."""
        wanted = set(phases)
        rows = self.filter(visit_type=visit_type, state=RoundState.OPEN, starts_on__lte=day, ends_on__gte=day)
        return [row for row in rows.order_by("starts_on", "pk") if wanted <= set(row.phases)]


class Round(models.Model):
    """One round. Its clocks are the authority's when it was opened, or the manager's own: a change of settings moves none of them."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="rounds")
    name = models.CharField(max_length=120)
    visit_type = models.CharField(max_length=40, help_text="Code of the pack's visit type.")
    visit_type_label = models.CharField(max_length=120)
    phases = models.JSONField(help_text="Codes of the phases whose schools are in scope.")
    academic_year = models.PositiveSmallIntegerField()
    starts_on = models.DateField("first day")
    ends_on = models.DateField("last day")
    state = models.CharField(max_length=8, choices=RoundState, default=RoundState.OPEN)
    lock_version = models.PositiveIntegerField(default=0)
    # the three clocks: office days for the author and reviewer, school days for the school
    draft_office_days = models.PositiveSmallIntegerField()
    review_office_days = models.PositiveSmallIntegerField()
    school_window_school_days = models.PositiveSmallIntegerField()
    final_office_days = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "name"]
        constraints = [
            models.UniqueConstraint("authority", "academic_year", Lower("name"), name="visits_round_name"),
            models.CheckConstraint(name="visits_round_dates_in_order", condition=Q(ends_on__gte=models.F("starts_on"))),
            models.CheckConstraint(name="visits_round_closed_or_when", condition=~Q(state="closed") | Q(closed_at__isnull=False)),
        ]
        indexes = [models.Index(fields=["authority", "state", "starts_on"], name="visits_round_open")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("visits:round-detail", args=[self.public_id])

    @property
    def is_open(self) -> bool:
        return self.state == RoundState.OPEN

    @property
    def phase_words(self) -> str:
        """ "primary, infant and junior"."""
        names = [str(Phase(phase).label) for phase in self.phases]
        return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)

    def day_for_scope(self, on: dt.date) -> dt.date:
        """The day on which it is asked which schools are open: within the window today, else its nearer end."""
        return min(max(on, self.starts_on), self.ends_on)


class RoundExemption(models.Model):
    """A school that the round does not expect a visit to, why, and by whom."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="exemptions")
    school = models.ForeignKey(School, models.PROTECT, related_name="round_exemptions")
    reason = models.CharField(max_length=12, choices=ExemptionReason)
    words = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["school__name"]
        constraints = [models.UniqueConstraint(fields=["round", "school"], name="visits_exempt_once")]

    def __str__(self) -> str:
        return f"{self.school}: {self.get_reason_display()}"
