"""Inspections as published, under the grades of their own framework; their key issues; and readiness for the next (P20 to P25)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core.ids import PublicIdField
from people.models import Authority, User
from schools.choices import InspectionKind, MonitoringProgress, ReadinessState

from .register import AtSchoolQuerySet, ReadinessQuerySet, School


class Inspection(models.Model):
    """One inspection of a school. ``overall`` is a grade of ``framework`` (a code of the pack, or of the national list).

    A category is entered with the inspection that gave it and left on ``category_left_on``. Where the inspection was of
    a predecessor, ``urn_then`` is its URN and the grade is shown as inherited.
    """

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    school = models.ForeignKey(School, models.PROTECT, related_name="inspections")
    kind = models.CharField(max_length=10, choices=InspectionKind, default=InspectionKind.FULL)
    framework = models.CharField(max_length=20)
    starts_on = models.DateField("first day")
    ends_on = models.DateField("last day", null=True, blank=True)
    published_on = models.DateField(null=True, blank=True)
    number = models.CharField("inspection number", max_length=20, blank=True)
    overall = models.PositiveSmallIntegerField("overall effectiveness", null=True, blank=True, help_text="Empty: not judged.")
    category = models.CharField(max_length=30, blank=True, help_text="Code of the category that the inspection put the school in.")
    category_left_on = models.DateField(null=True, blank=True)
    progress = models.CharField("progress at monitoring", max_length=12, choices=MonitoringProgress, blank=True)
    outcome = models.CharField(max_length=120, blank=True, help_text="Of a section 8 inspection, as published.")
    urn_then = models.PositiveIntegerField("URN at the time", null=True, blank=True, help_text="Only where it was another school's.")
    source = models.CharField(max_length=200, blank=True)
    source_on = models.DateField(null=True, blank=True)

    objects = AtSchoolQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["school", "kind", "starts_on"], name="schools_inspection_once"),
            models.CheckConstraint(
                name="schools_inspection_dates",
                condition=(Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")))
                & (Q(published_on__isnull=True) | Q(published_on__gte=F("starts_on"))),
            ),
            models.CheckConstraint(
                name="schools_category_left",
                condition=Q(category_left_on__isnull=True) | (~Q(category="") & Q(category_left_on__gte=F("starts_on"))),
            ),
        ]
        indexes = [models.Index(fields=["authority", "kind", "starts_on"], name="schools_inspection_period")]

    def __str__(self) -> str:
        return f"{self.school}, {self.starts_on:%d/%m/%Y}"

    @property
    def is_inherited(self) -> bool:
        return self.urn_then is not None


class InspectionGrade(models.Model):
    """A judgement beside the overall one. ``area`` is a code of the framework; no grade: not judged, with the published code."""

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="grades")
    area = models.CharField(max_length=30)
    grade = models.PositiveSmallIntegerField(null=True, blank=True)
    code = models.CharField(max_length=10, blank=True, help_text="What the file says in place of a grade.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inspection", "area"], name="schools_grade_once")]

    def __str__(self) -> str:
        return f"{self.area}: {self.grade or 'not judged'}"


class KeyIssue(models.Model):
    """What an inspection told a school to improve, coded by a person to a theme of the pack (P22, P23)."""

    public_id = PublicIdField()
    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="key_issues")
    school = models.ForeignKey(School, models.PROTECT, related_name="key_issues")
    place = models.PositiveSmallIntegerField(default=1, help_text="Its place in the report.")
    text = models.TextField()
    theme = models.CharField(max_length=40, blank=True, help_text="Empty: not yet coded.")
    coded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    coded_at = models.DateTimeField(null=True, blank=True)

    objects = AtSchoolQuerySet.as_manager()

    class Meta:
        ordering = ["inspection", "place"]
        constraints = [models.UniqueConstraint(fields=["inspection", "place"], name="schools_key_issue_place")]
        indexes = [models.Index(fields=["school", "theme"], name="schools_key_issue_theme")]

    def __str__(self) -> str:
        return f"Key issue {self.place}, {self.school}"


class Readiness(models.Model):
    """Whether one thing that inspectors will ask for is in place at a school this year (P25)."""

    school = models.ForeignKey(School, models.PROTECT, related_name="readiness")
    academic_year = models.PositiveSmallIntegerField()
    item = models.CharField(max_length=40, help_text="Code of the pack's readiness item.")
    state = models.CharField(max_length=10, choices=ReadinessState)
    evidence = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = ReadinessQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "readiness"
        constraints = [models.UniqueConstraint(fields=["school", "academic_year", "item"], name="schools_readiness_once")]

    def __str__(self) -> str:
        return f"{self.item}: {self.get_state_display()}"
