"""The support of schools: interventions, the category a school is in, and the concern that a school is."""

from __future__ import annotations

from typing import Any

from django.db import models

from core.access import ScopedQuerySet
from core.ids import PublicIdField
from core.spans import Span
from people.models import Authority, User
from schools.models import School

from .choices import InterventionOrigin, ValueForMoney
from .scope import categories_seen_by


class AtSchoolQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> AtSchoolQuerySet:
        return self.filter(school_id__in=School.objects.visible_to(user).values("pk"))


class Intervention(models.Model):
    """Any support that a school has or had: brokered, a national strategy, a programme, or its own (P30, S6)."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    school = models.ForeignKey(School, models.PROTECT, related_name="interventions")
    name = models.CharField(max_length=200)
    origin = models.CharField(max_length=10, choices=InterventionOrigin)
    provider = models.CharField(max_length=200, blank=True)
    area_of_need = models.CharField(max_length=40, blank=True, help_text="Code of the pack's area of need.")
    purpose = models.TextField(blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    quarters = models.PositiveIntegerField("days, in quarters", null=True, blank=True)
    cost_pence = models.PositiveBigIntegerField(null=True, blank=True)
    fund = models.CharField(max_length=120, blank=True)
    impact = models.TextField("impact on pupils", blank=True)
    value_for_money = models.CharField(max_length=10, choices=ValueForMoney, blank=True)
    value_reason = models.TextField("why", blank=True)
    known_on = models.DateField("when the impact will be known", null=True, blank=True)
    would_buy_again = models.BooleanField(null=True, blank=True)
    evaluated_on = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    objects = AtSchoolQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "name"]
        indexes = [models.Index(fields=["school", "-starts_on"], name="support_intervention_school")]

    def __str__(self) -> str:
        return self.name


class CategoryQuerySet(ScopedQuerySet[Any]):
    """Rows about the category of a school, or of what follows from it."""

    def visible_to(self, user: Any) -> CategoryQuerySet:
        return self.filter(categories_seen_by(user))


class SchoolCategory(Span):
    """The category that a school is in, by decision: its history names the scheme it was made under."""

    school = models.ForeignKey(School, models.PROTECT, related_name="categories")
    scheme = models.CharField(max_length=60, help_text="Code of the pack's scheme.")
    category = models.CharField(max_length=40, help_text="Code of a level in the scheme.")
    label = models.CharField(max_length=80)
    level = models.PositiveSmallIntegerField(help_text="1 is the lightest.")
    decided_on = models.DateField()
    decided_by = models.CharField(max_length=200, help_text="Panel or person, as text.")
    reason = models.TextField(blank=True)

    objects = CategoryQuerySet.as_manager()

    class Meta(Span.Meta):
        ordering = ["-starts_on"]
        indexes = [models.Index(fields=["school", "-starts_on"], name="support_category_school")]

    def __str__(self) -> str:
        return f"{self.label}: {self.school}"


class Concern(Span):
    """That a school is causing concern: one national class (P13), from its opening to its close."""

    public_id = PublicIdField()
    school = models.ForeignKey(School, models.PROTECT, related_name="concerns")
    concern_class = models.CharField(max_length=40, help_text="Code of the pack's class.")
    label = models.CharField(max_length=120)
    issue = models.TextField(blank=True)
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = AtSchoolQuerySet.as_manager()

    class Meta(Span.Meta):
        ordering = ["-starts_on"]
        indexes = [models.Index(fields=["school", "ends_on"], name="support_concern_school")]

    def __str__(self) -> str:
        return f"{self.label}: {self.school}"


class WarningNotice(Span):
    """A formal warning notice to a school (EIA 2006 s.60), from the day it is given to the day it is lifted."""

    public_id = PublicIdField()
    school = models.ForeignKey(School, models.PROTECT, related_name="warning_notices")
    grounds = models.TextField()
    given_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = CategoryQuerySet.as_manager()

    class Meta(Span.Meta):
        ordering = ["-starts_on"]
        indexes = [models.Index(fields=["school", "ends_on"], name="support_notice_school")]

    def __str__(self) -> str:
        return f"Warning notice: {self.school}"
