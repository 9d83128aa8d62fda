"""Targets of schools. Measures and target sets are the pack's; a target names its measure by code."""

from __future__ import annotations

from typing import Any

from django.db import models

from core.access import ScopedQuerySet
from schools.models import School
from targets.choices import TargetState


class TargetQuerySet(ScopedQuerySet["Target"]):
    def visible_to(self, user: Any) -> TargetQuerySet:
        return self.filter(school_id__in=School.objects.visible_to(user).values("pk"))


class Target(models.Model):
    """What a school and its SIP agree to reach on one measure, for one group of pupils, by one summer.

    ``value``, ``previous`` and ``estimate`` are in the measure's own unit (percent, points); never floats.
    """

    school = models.ForeignKey(School, models.PROTECT, related_name="targets")
    measure = models.CharField(max_length=60, help_text="Code of the pack's measure.")
    pupil_group = models.CharField(max_length=20, default="all")
    summer = models.PositiveSmallIntegerField(help_text="The summer by which it is to be reached: 2010 is academic year 2009/10.")
    state = models.CharField(max_length=12, choices=TargetState, default=TargetState.PROPOSED)
    value = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    previous = models.DecimalField("last result", max_digits=8, decimal_places=2, null=True, blank=True)
    estimate = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    estimate_kind = models.CharField(max_length=20, blank=True, help_text="As in FFT D.")
    cohort = models.PositiveSmallIntegerField(null=True, blank=True)
    changed_at = models.DateTimeField()

    objects = TargetQuerySet.as_manager()

    class Meta:
        ordering = ["summer", "measure"]
        constraints = [models.UniqueConstraint(fields=["school", "measure", "pupil_group", "summer"], name="targets_target_once")]

    def __str__(self) -> str:
        return f"{self.measure} {self.summer}, {self.school}"

    @property
    def agreed(self) -> bool | None:
        """Agreed, set without agreement, or still open (``None``)."""
        return {TargetState.AGREED: True, TargetState.NOT_AGREED: False}.get(TargetState(self.state))
