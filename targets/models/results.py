"""What was achieved, what a model suggests, and what both are set against: figures as they were published or supplied.

A figure is a value in the measure's own unit, or a *code* with its *reason* (suppressed, no entries, not applicable …) and then
no value: it is never nought. Years are academic years by their first calendar year: the results of summer 2008 are 2007.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q

from core.access import ScopedQuerySet
from core.calendar import AcademicYear
from core.tabular.columns import Reason
from people.models import Authority
from schools.models import School
from targets.choices import EstimateKind, Level, Release

REASONS = [(reason.value, reason.value.replace("_", " ")) for reason in Reason]


class DataSource(models.Model):
    """One import that brought figures: what it was, of which year, how finished, and on what terms it may be used."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="data_sources")
    kind = models.CharField(max_length=40, help_text="Kind of the import.")
    title = models.CharField(max_length=200, help_text="As shown under a figure.")
    file_name = models.CharField(max_length=200, blank=True)
    academic_year = models.PositiveSmallIntegerField(null=True, blank=True)
    release = models.CharField(max_length=12, choices=Release, default=Release.FINAL)
    dated = models.DateField(help_text="The day that the file bears, else the day of the import.")
    licence = models.CharField(max_length=120, blank=True)
    imported_at = models.DateTimeField()

    class Meta:
        ordering = ["-imported_at", "-pk"]

    def __str__(self) -> str:
        return self.title


class Figure(models.Model):
    """A value, or why there is none. ``numerator`` of ``cohort`` where known: roll-ups sum these two, never percentages."""

    value = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    numerator = models.PositiveIntegerField(null=True, blank=True)
    cohort = models.PositiveIntegerField(null=True, blank=True)
    code = models.CharField(max_length=12, blank=True, help_text="The special value as it stood.")
    reason = models.CharField(max_length=16, choices=REASONS, blank=True)
    source = models.ForeignKey(DataSource, models.PROTECT, related_name="+")

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_value_or_why",
                condition=Q(value__isnull=False, reason="") | (Q(value__isnull=True, numerator__isnull=True) & ~Q(reason="")),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_part_of_cohort",
                condition=Q(numerator__isnull=True) | Q(cohort__isnull=False, numerator__lte=models.F("cohort")),
            ),
        ]

    @property
    def is_figure(self) -> bool:
        return self.value is not None

    @property
    def is_suppressed(self) -> bool:
        return self.reason == Reason.SUPPRESSED

    @property
    def is_exact(self) -> bool:
        """Whether the integers behind the value are known."""
        return self.numerator is not None and self.cohort is not None


class OfSchoolQuerySet(ScopedQuerySet[Any]):
    """Figures of a school are seen by whoever sees the school, the wall included."""

    def visible_to(self, user: Any) -> OfSchoolQuerySet:
        return self.filter(school_id__in=School.objects.visible_to(user).values("pk"))


class Result(Figure):
    """What the pupils of a school achieved on one measure in one year, as one release has it.

    Of the releases of a figure the most finished one is *current* and is what pages and facts show; the others are kept.
    ``lower`` and ``upper`` bound the 95% interval of value-added measures.
    """

    school = models.ForeignKey(School, models.PROTECT, related_name="results")
    measure = models.CharField(max_length=40, help_text="Code of the pack's measure, or of a published one (dfe.…).")
    pupil_group = models.CharField(max_length=12, default="all")
    academic_year = models.PositiveSmallIntegerField()
    release = models.CharField(max_length=12, choices=Release)
    is_current = models.BooleanField(default=True)
    lower = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    upper = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)

    objects = OfSchoolQuerySet.as_manager()

    class Meta(Figure.Meta):
        ordering = ["school", "measure", "pupil_group", "academic_year"]
        constraints = [
            *Figure.Meta.constraints,
            models.UniqueConstraint(fields=["school", "measure", "pupil_group", "academic_year", "release"], name="targets_result_once"),
            models.UniqueConstraint(
                fields=["school", "measure", "pupil_group", "academic_year"], condition=Q(is_current=True), name="targets_result_current"
            ),
            models.CheckConstraint(
                name="targets_result_interval",
                condition=Q(lower__isnull=True, upper__isnull=True)
                | Q(lower__isnull=False, upper__isnull=False, lower__lte=models.F("upper")),
            ),
        ]
        indexes = [
            # facts of a whole authority are read from this index alone, in its order (decisions/0056)
            models.Index(
                fields=["measure", "academic_year", "pupil_group", "school", "value", "numerator", "cohort", "source", "reason", "code"],
                condition=Q(is_current=True),
                name="targets_result_facts",
            )
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.year}, {self.school}"

    @property
    def year(self) -> AcademicYear:
        return AcademicYear(self.academic_year)

    @property
    def summer(self) -> int:
        """The calendar year in which pupils were assessed, as packs count."""
        return self.academic_year + 1

    def rounded(self, places: int) -> Decimal | None:
        from core.numbers import round_half_up

        return None if self.value is None else round_half_up(self.value, places)


class Estimate(Figure):
    """What a model expects of a cohort (FFT A, B or D) by the summer of the year; ``cohort`` pupils."""

    school = models.ForeignKey(School, models.PROTECT, related_name="estimates")
    measure = models.CharField(max_length=40)
    pupil_group = models.CharField(max_length=12, default="all")
    academic_year = models.PositiveSmallIntegerField(help_text="Of the assessment that is estimated.")
    kind = models.CharField(max_length=1, choices=EstimateKind)

    objects = OfSchoolQuerySet.as_manager()

    class Meta(Figure.Meta):
        ordering = ["school", "measure", "academic_year", "kind"]
        constraints = [
            *Figure.Meta.constraints,
            models.UniqueConstraint(fields=["school", "measure", "pupil_group", "academic_year", "kind"], name="targets_estimate_once"),
        ]
        indexes = [models.Index(fields=["measure", "academic_year", "kind", "school"], name="targets_estimate_read")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.measure} {AcademicYear(self.academic_year)}, {self.school}"


class ComparatorQuerySet(ScopedQuerySet["Comparator"]):
    def visible_to(self, user: Any) -> ComparatorQuerySet:
        """Published figures of England and of an authority, to whoever belongs to the authority; a cluster's to its authority side."""
        hats = user.hats
        return self.filter(authority_id__in=hats.authority_ids)


class Comparator(Figure):
    """A figure that schools are set against, as it was published: the total rows of the department's files, or supplied.

    ``place`` says which cluster or band of similar schools (their code), "" for England and the authority; ``phase`` which
    schools it is of ("" all of them together). What the portal computes from schools' rows is no row here: see
    ``targets.selectors.comparison``, which marks each figure as published or computed.
    """

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="comparators")
    level = models.CharField(max_length=10, choices=Level)
    place = models.CharField(max_length=20, blank=True)
    phase = models.CharField(max_length=20, blank=True, help_text="Group of phases, as packs name them.")
    measure = models.CharField(max_length=40)
    pupil_group = models.CharField(max_length=12, default="all")
    academic_year = models.PositiveSmallIntegerField()
    basis = models.CharField(max_length=40, blank=True, help_text="Whom it counts, where there are two: all schools, state-funded.")
    release = models.CharField(max_length=12, choices=Release)
    is_current = models.BooleanField(default=True)
    lower = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    upper = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)

    objects = ComparatorQuerySet.as_manager()

    class Meta(Figure.Meta):
        ordering = ["measure", "pupil_group", "academic_year", "level"]
        constraints = [
            *Figure.Meta.constraints,
            models.UniqueConstraint(
                fields=["authority", "level", "place", "phase", "measure", "pupil_group", "academic_year", "basis", "release"],
                name="targets_comparator_once",
            ),
            models.UniqueConstraint(
                fields=["authority", "measure", "academic_year", "pupil_group", "level", "place", "phase", "basis"],
                condition=Q(is_current=True),
                name="targets_comparator_current",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()}, {self.measure} {AcademicYear(self.academic_year)}"

    @property
    def year(self) -> AcademicYear:
        return AcademicYear(self.academic_year)
