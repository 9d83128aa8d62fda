"""Pupil-level target setting (P10): rows by reference, never by name, kept until the results have come (domain.md §5)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q

from core.access import ScopedQuerySet
from people.models import User
from people.roles import Hat
from schools.models import School


class PupilSheetQuerySet(ScopedQuerySet["PupilSheet"]):
    def visible_to(self, user: Any) -> PupilSheetQuerySet:
        """That there is one: whoever sees the school. Its rows are another question (``Pupil``)."""
        return self.filter(school_id__in=School.objects.visible_to(user).values("pk"))


class PupilSheet(models.Model):
    """The pupils from whom a school works its targets of one summer. ``academic_year`` is the one in which they are set.

    Its rows are disposed of on ``dispose_on``; that there was a sheet, and of how many pupils, stays.
    """

    school = models.ForeignKey(School, models.PROTECT, related_name="pupil_sheets")
    academic_year = models.PositiveSmallIntegerField()
    summer = models.PositiveSmallIntegerField()
    pupil_count = models.PositiveSmallIntegerField(default=0)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    dispose_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True, help_text="The round is over from this day: the SIP no longer reads it.")
    disposed_at = models.DateTimeField(null=True, blank=True)

    objects = PupilSheetQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "summer"], name="targets_sheet_once")]

    def __str__(self) -> str:
        return f"Pupils of summer {self.summer}"

    @property
    def authority_id(self) -> int:
        return self.school.authority_id


class PupilQuerySet(ScopedQuerySet["Pupil"]):
    def visible_to(self, user: Any) -> PupilQuerySet:
        """Its readers alone: the head; the adviser while the round is open (domain.md §5). Never the authority."""
        hats = user.hats
        heads = [contact.school_id for contact in hats.contacts if contact.hat == Hat.HEAD]
        serves = [row.school_id for row in hats.assignments if row.current and row.school_id not in hats.walled]
        is_open = Q(sheet__closed_on__isnull=True) | Q(sheet__closed_on__gt=hats.on)
        return self.filter(Q(sheet__school_id__in=heads) | (Q(sheet__school_id__in=serves) & is_open))


class Pupil(models.Model):
    """One pupil by the school's own reference, or by a UPN hashed before it is stored. Levels and grades are the pack's.

    An estimate is the chance in per cent of reaching the level that the measure asks for.
    """

    sheet = models.ForeignKey(PupilSheet, models.CASCADE, related_name="pupils")
    reference = models.CharField(max_length=20)
    year_group = models.PositiveSmallIntegerField()
    prior_en = models.CharField(max_length=8, blank=True)
    prior_ma = models.CharField(max_length=8, blank=True)
    estimate_a_en = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    estimate_a_ma = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    estimate_b_en = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    estimate_b_ma = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    estimate_d_en = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    estimate_d_ma = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    target_en = models.CharField(max_length=8, blank=True)
    target_ma = models.CharField(max_length=8, blank=True)
    target_five = models.BooleanField(null=True, blank=True, help_text="Key Stage 4: five or more grades at A* to C are the target.")
    is_girl = models.BooleanField(null=True, blank=True)
    is_fsm = models.BooleanField(null=True, blank=True)
    is_sen = models.BooleanField(null=True, blank=True)
    is_eal = models.BooleanField(null=True, blank=True)

    objects = PupilQuerySet.as_manager()

    class Meta:
        ordering = ["reference"]
        constraints = [models.UniqueConstraint(fields=["sheet", "reference"], name="targets_pupil_once")]

    def __str__(self) -> str:
        return self.reference

    def estimate(self, kind: str, subject: str) -> Decimal | None:
        found: Decimal | None = getattr(self, f"estimate_{kind.lower()}_{subject}")
        return found
