"""Targets of schools. Measures and target sets are the pack's; a target names its measure by code."""

from __future__ import annotations

from typing import Any

from django.db import models

from core.access import ScopedQuerySet
from people.models import User
from schools.models import School
from targets.choices import STANDING, Signer, TargetState

from .results import OfSchoolQuerySet


class TargetQuerySet(ScopedQuerySet["Target"]):
    def visible_to(self, user: Any) -> TargetQuerySet:
        return self.filter(school_id__in=School.objects.visible_to(user).values("pk"))


class OfTargetQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> OfTargetQuerySet:
        return self.filter(target__school_id__in=School.objects.visible_to(user).values("pk"))


class Target(models.Model):
    """What a school aims to reach on one measure, for one group of pupils, by one summer.

    ``value`` is the figure that stands today: proposed, then agreed or set. ``indicative`` is the authority's, ``proposed`` the
    school's, ``challenge`` the SIP's last word. All figures are in the measure's own unit (percent, points); never floats.
    ``flags`` are the codes of the pack's flags that the last deed raised (pages work them out anew); ``kept_flags`` those besides
    that tell of a sum of pupils which is withheld (``targets.released``): only readers of the pupils' rows are told of them.
    """

    school = models.ForeignKey(School, models.PROTECT, related_name="targets")
    measure = models.CharField(max_length=60, help_text="Code of the pack's measure.")
    pupil_group = models.CharField(max_length=20, default="all")
    summer = models.PositiveSmallIntegerField(help_text="The summer by which it is to be reached: 2010 is academic year 2009/10.")
    state = models.CharField(max_length=16, choices=TargetState, default=TargetState.INDICATIVE)
    lock_version = models.PositiveIntegerField(default=0)
    indicative = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    proposed = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    challenge = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    value = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    previous = models.DecimalField("last result", max_digits=8, decimal_places=2, null=True, blank=True)
    estimate = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    estimate_kind = models.CharField(max_length=20, blank=True, help_text="As in FFT D.")
    cohort = models.PositiveSmallIntegerField(null=True, blank=True)
    rationale = models.TextField(blank=True, help_text="The school's reason where a flag asks for one.")
    needs_support = models.BooleanField(default=False, help_text="The school asks for support to reach it.")
    was_agreed = models.BooleanField(null=True, blank=True, help_text="Once submitted: agreed, or set without agreement.")
    flags = models.JSONField(default=list, blank=True)
    kept_flags = models.JSONField(default=list, blank=True)
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
        return {TargetState.AGREED: True, TargetState.NOT_AGREED: False, TargetState.SUBMITTED: self.was_agreed}.get(
            TargetState(self.state)
        )

    @property
    def is_standing(self) -> bool:
        return self.state in STANDING

    @property
    def key(self) -> str:
        """How a page of the round names it."""
        return f"{self.measure}.{self.summer}"

    @property
    def authority_id(self) -> int:
        return self.school.authority_id


class TargetStep(models.Model):
    """One deed on one target, with the figure and the words of whoever did it. Never changed: both sides' reasons are kept."""

    target = models.ForeignKey(Target, models.CASCADE, related_name="steps")
    action = models.CharField(max_length=20)
    figure = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    reason = models.TextField(blank=True)
    evidence = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    by_role = models.CharField(max_length=80, blank=True)

    objects = OfTargetQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.action}, {self.by_name}"


class TargetSignature(models.Model):
    """Head, chair and SIP, each named and dated (domain.md §2). A revision of a target voids the signatures before it."""

    school = models.ForeignKey(School, models.PROTECT, related_name="target_signatures")
    academic_year = models.PositiveSmallIntegerField(help_text="In which the targets are set.")
    role = models.CharField(max_length=12, choices=Signer)
    name = models.CharField(max_length=200)
    signed_on = models.DateField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", help_text="Who signed, or recorded what was signed on paper.")
    recorded_by = models.CharField(max_length=200, blank=True, help_text="On paper: the name of whoever recorded it.")
    at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True, blank=True)

    objects = OfSchoolQuerySet.as_manager()

    class Meta:
        ordering = ["signed_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "academic_year", "role"], condition=models.Q(voided_at__isnull=True), name="targets_signature_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.name}"

    @property
    def words(self) -> str:
        """ "signed on paper on DATE, recorded by NAME", or the name and the day."""
        from core.components.formats import day

        return (
            f"Signed on paper on {day(self.signed_on)}, recorded by {self.recorded_by}"
            if self.recorded_by
            else f"Signed {day(self.signed_on)}"
        )
