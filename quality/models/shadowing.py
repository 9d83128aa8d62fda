"""Shadowing: an observer joins a SIP's visit and records strengths and areas for development (P28 to P30, domain.md §7)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from core.access import ScopedQuerySet
from core.ids import PublicIdField
from people.models import Authority, Sip, User
from people.roles import Hat
from people.roles import Permission as P
from schools.models import School
from visits.models import Visit, VisitSchool

from ..choices import DONE, FindingKind, ShadowingState

TOLD = (ShadowingState.TOLD, *DONE)
"""Where the headteacher knows of it."""


class ShadowingQuerySet(ScopedQuerySet["Shadowing"]):
    def visible_to(self, user: Any) -> ShadowingQuerySet:
        """The SIP, the observer, the managers and the head of school improvement; the SIP's reviewer and mentor where the pack
        said so when it was planned; of one that they have been told of, the headteacher, its facts alone.

        The wall over a school of the visit takes away every authority side.
        """
        hats = user.hats
        at = VisitSchool.objects.filter(visit=OuterRef("visit_id"))
        found = Q(sip__user_id=user.pk) | (Q(observer_id=user.pk) & ~Q(state=ShadowingState.CANCELLED))
        found |= Q(authority_id__in=hats.authorities_granting(P.SHADOWING_VIEW))
        reviewer = Q(sip__kind="adviser", sip__line_manager_id=user.pk) | (~Q(sip__kind="adviser") & Q(sip__assigned_person_id=user.pk))
        found |= Q(is_read_by_reviewer=True) & reviewer
        if hats.mentees:
            found |= Q(is_read_by_mentor=True) & hats.among_mentees("sip__user_id")
        if hats.walled:
            found &= ~Q(Exists(at.filter(school_id__in=hats.walled)))
        headed = [contact.school_id for contact in hats.contacts if contact.hat == Hat.HEAD]
        if headed:
            found |= Q(state__in=TOLD) & Q(Exists(at.filter(school_id__in=headed)))
        return self.filter(found)

    def done(self) -> ShadowingQuerySet:
        return self.filter(state__in=DONE)

    def with_visit(self) -> ShadowingQuerySet:
        """What its pages show, set-based."""
        rows = self.select_related("authority", "sip__user", "observer", "visit__lead")
        schools = VisitSchool.objects.select_related("school__authority", "school__cluster")
        return rows.prefetch_related(models.Prefetch("visit__visit_schools", schools))


class Shadowing(models.Model):
    """One shadowing of one SIP. Its day is the visit's; a visit that moves takes it along. Who reads it is the pack's of that day."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="shadowings")
    sip = models.ForeignKey(Sip, models.PROTECT, related_name="shadowings")
    observer = models.ForeignKey(User, models.PROTECT, related_name="shadowings_observed")
    is_outside_line = models.BooleanField("outside the SIP's line", default=False)
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="shadowings")
    academic_year = models.PositiveSmallIntegerField()
    by_on = models.DateField("to be done by")
    state = models.CharField(max_length=10, choices=ShadowingState, default=ShadowingState.PLANNED)
    lock_version = models.PositiveIntegerField(default=0)
    is_read_by_reviewer = models.BooleanField(default=False)
    is_read_by_mentor = models.BooleanField(default=False)
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    told_at = models.DateTimeField(null=True, blank=True)
    told_name = models.CharField(max_length=200, blank=True, help_text="The headteacher who was told, by name.")
    reason = models.TextField(blank=True, help_text="Why it was moved or cancelled, or why the headteacher asked for another date.")
    # the form
    done_on = models.DateField("observed on", null=True, blank=True)
    next_step = models.TextField("agreed next step", blank=True)
    next_step_on = models.DateField(null=True, blank=True)
    written_at = models.DateTimeField(null=True, blank=True)
    respond_by = models.DateField(null=True, blank=True)
    response = models.TextField("the SIP's response", blank=True)
    responded_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = ShadowingQuerySet.as_manager()

    class Meta:
        ordering = ["-planned_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="quality_shadowing_written",
                condition=~Q(state__in=("done", "responded", "closed")) | Q(done_on__isnull=False, written_at__isnull=False),
            ),
            models.CheckConstraint(
                name="quality_shadowing_told",
                condition=Q(state__in=("planned", "cancelled")) | Q(told_at__isnull=False, visit__isnull=False),
            ),
            models.UniqueConstraint(fields=["visit"], condition=~Q(state="cancelled"), name="quality_shadowing_of_visit_once"),
        ]
        indexes = [
            models.Index(fields=["authority", "academic_year", "state"], name="quality_shadowing_year"),
            models.Index(fields=["observer", "state"], name="quality_shadowing_observer"),
        ]

    def __str__(self) -> str:
        return f"Shadowing of {self.sip.user.name}"

    def get_absolute_url(self) -> str:
        return reverse("quality:shadowing-detail", args=[self.public_id])

    @property
    def covered(self) -> list[School]:
        return self.visit.covered if self.visit is not None else []

    @property
    def place(self) -> str:
        return ", ".join(school.name for school in self.covered)


class ShadowingFinding(models.Model):
    """One coded strength or area for development with what was seen. The label is the pack's of that day."""

    shadowing = models.ForeignKey(Shadowing, models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=12, choices=FindingKind)
    code = models.CharField(max_length=40, help_text="Code of the pack.")
    label = models.CharField(max_length=240)
    position = models.PositiveSmallIntegerField(default=0)
    evidence = models.TextField()

    class Meta:
        ordering = ["kind", "position"]
        constraints = [
            models.UniqueConstraint(fields=["shadowing", "kind", "code"], name="quality_finding_once"),
            models.CheckConstraint(name="quality_finding_evidence", condition=~Q(evidence="")),
        ]

    def __str__(self) -> str:
        return self.label
