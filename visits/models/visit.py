"""Visits: one event at a school, or at the schools of one group, with one lead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.access import ScopedQuerySet
from core.ids import PublicIdField
from core.spans import on_day
from people.models import Authority, User
from people.roles import Permission
from schools.models import Assignment, School

from ..choices import VisitState
from .round import Round


class VisitQuerySet(ScopedQuerySet["Visit"]):
    def visible_to(self, user: Any) -> VisitQuerySet:
        """Visits to a school that the user serves or belongs to; a former adviser's own, while they may look back.

        By the roles that view visits, not by those that list schools: a finance officer sees the one and not the other,
        even where another hat lists visits elsewhere.

        The wall over one school of a group hides the whole visit, but from a contact of another of its schools.
        """
        hats = user.hats
        whole, clusters = [], set()
        for role in hats.roles_granting(Permission.VISIT_VIEW):
            if role.cluster_ids is None:
                whole.append(role.authority_id)
            else:
                clusters |= role.cluster_ids
        served = Q(school_id__in=[a.school_id for a in hats.assignments if a.current])
        served |= Q(school__authority_id__in=whole) | Q(school__cluster_id__in=clusters)
        if hats.mentees:
            of_mentees = Assignment.objects.filter(hats.among_mentees("adviser_id"), on_day(hats.on))
            served |= Q(school_id__in=of_mentees.values("school_id"))
        at_school = VisitSchool.objects.filter(served)
        looked_back_on = VisitSchool.objects.filter(school_id__in=[a.school_id for a in hats.assignments])
        own_school = VisitSchool.objects.filter(school_id__in=[c.school_id for c in hats.contacts])
        walled = VisitSchool.objects.filter(school_id__in=hats.walled)
        led = Q(lead_id=user.pk) | Q(second_adviser_id=user.pk)
        authority_side = Q(pk__in=at_school.values("visit_id")) | (led & Q(pk__in=looked_back_on.values("visit_id")))
        return self.filter((authority_side & ~Q(pk__in=walled.values("visit_id"))) | Q(pk__in=own_school.values("visit_id")))


class Visit(models.Model):
    """One event. Booked days and times are local; what it cost is in quarter days, charged to the lead's ledger."""

    if TYPE_CHECKING:
        has_live_note: bool  # set by ``coverage``

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="visits")
    visit_type = models.CharField(max_length=40, help_text="Code of the pack's visit type.")
    visit_type_label = models.CharField(max_length=120)
    academic_year = models.PositiveSmallIntegerField()
    round = models.ForeignKey(Round, models.PROTECT, null=True, blank=True, related_name="visits")
    schools = models.ManyToManyField(School, through="VisitSchool", related_name="visits")
    lead = models.ForeignKey(User, models.PROTECT, related_name="visits_led")
    second_adviser = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="visits_joined")
    second_sections = models.JSONField(default=list, blank=True, help_text="Codes of the sections that the second adviser writes.")
    observers = models.JSONField(default=list, blank=True, help_text="Names and roles, as text. An observer reads nothing.")
    state = models.CharField(max_length=10, choices=VisitState, default=VisitState.BOOKED)
    lock_version = models.PositiveIntegerField(default=0)
    on = models.DateField("day", null=True, blank=True)
    starts_at = models.TimeField(null=True, blank=True)
    ends_at = models.TimeField(null=True, blank=True)
    place_of = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", help_text="The cancelled visit it replaces."
    )
    # the facts of a held visit
    met = models.JSONField(default=list, blank=True, help_text="Roles of those met, as text; never pupils' names.")
    preparation_quarters = models.PositiveSmallIntegerField(default=0)
    in_school_quarters = models.PositiveSmallIntegerField(default=0)
    writing_quarters = models.PositiveSmallIntegerField(default=0)
    second_quarters = models.PositiveSmallIntegerField(default=0, help_text="The second adviser's own days.")
    days_source = models.CharField(max_length=10, default="core")
    held_logged_at = models.DateTimeField(null=True, blank=True)
    next_visit = models.CharField(max_length=120, blank=True)
    # endings
    ended_reason = models.TextField(blank=True, help_text="Why cancelled or not held.")
    ended_by_side = models.CharField(max_length=10, blank=True, help_text="Who asked: sip or school.")
    no_note_reason = models.TextField(blank=True)
    note_waived_at = models.DateTimeField(null=True, blank=True)
    note_waived_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    is_imported = models.BooleanField(default=False, help_text="Before the portal's time: its note is an imported record without a PDF.")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="visits_visit_second_is_other", condition=Q(second_adviser__isnull=True) | ~Q(second_adviser=models.F("lead"))
            ),
            models.CheckConstraint(
                name="visits_visit_day", condition=Q(state=VisitState.PROPOSED) | Q(on__isnull=False) | Q(state=VisitState.CANCELLED)
            ),
            models.CheckConstraint(
                name="visits_visit_times",
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=models.F("starts_at")),
            ),
            models.CheckConstraint(name="visits_visit_waived", condition=Q(note_waived_at__isnull=True) | Q(note_waived_by__isnull=False)),
        ]
        indexes = [
            models.Index(fields=["authority", "-on", "-id"], name="visits_by_day"),
            models.Index(fields=["lead", "state", "on"], name="visits_by_lead"),
        ]

    def __str__(self) -> str:
        names = ", ".join(school.name for school in self.covered)
        return f"{self.visit_type_label}, {names}" if names else self.visit_type_label

    def get_absolute_url(self) -> str:
        return reverse("visits:visit-detail", args=[self.public_id])

    @cached_property
    def covered(self) -> list[School]:
        """The schools of the visit, by name."""
        rows = self.visit_schools.all()
        return [row.school for row in sorted(rows, key=lambda row: (row.position, row.school.name))]

    @property
    def school(self) -> School:
        """The school; of a group, the first."""
        return self.covered[0]

    @property
    def is_group(self) -> bool:
        return len(self.covered) > 1

    def half_pages(self, school_ids: Collection[int] | None = None) -> list[VisitSchool]:
        """The half pages that schools wrote, of all or of these, in the order of the schools."""
        rows = [row for row in self.visit_schools.all() if row.half_page and (school_ids is None or row.school_id in school_ids)]
        return sorted(rows, key=lambda row: (row.position, row.school.name))

    @property
    def has_note(self) -> bool:
        return hasattr(self, "note")

    @property
    def day(self) -> dt.date | None:
        return self.on


class VisitSchool(models.Model):
    """One school of a visit. The half page that it writes beforehand, if it likes, is its own: of a group each writes one."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="visit_schools")
    school = models.ForeignKey(School, models.PROTECT, related_name="visit_rows")
    position = models.PositiveSmallIntegerField(default=0)
    half_page = models.TextField(blank=True)
    half_page_by = models.CharField(max_length=200, blank=True)
    half_page_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["visit", "school"], name="visits_school_once")]
        indexes = [models.Index(fields=["school", "visit"], name="visits_of_school")]

    def __str__(self) -> str:
        return f"{self.school}"


class VisitDate(models.Model):
    """A day proposed to the school."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="dates")
    on = models.DateField("day")
    starts_at = models.TimeField(null=True, blank=True)

    class Meta:
        ordering = ["on", "starts_at"]
        constraints = [models.UniqueConstraint(fields=["visit", "on", "starts_at"], name="visits_date_once")]

    def __str__(self) -> str:
        return f"{self.on}"
