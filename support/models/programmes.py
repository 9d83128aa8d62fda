"""Programmes a school is enrolled in (S6, P31): risk, adviser, days, the fund with its ledger, training, reports to the department."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from core.access import ScopedQuerySet
from core.calendar import FinancialYear
from core.ids import PublicIdField
from core.spans import Span
from people.models import Authority, User
from people.roles import Permission as P
from schools.models import Assignment, School

from ..choices import DrawdownStage


class ProgrammeQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> ProgrammeQuerySet:
        """The authority's, to whoever follows its programmes by role; to others those in which a school of theirs is."""
        mine = Enrolment.objects.visible_to(user).filter(programme=OuterRef("pk"))
        return self.filter(Q(authority_id__in=user.hats.authorities_granting(P.PROGRAMMES_VIEW)) | Exists(mine))


class Programme(models.Model):
    """National Challenge, the Improving Schools Programme and their like, as the authority opened it from its pack. Days in quarters."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="programmes")
    code = models.CharField(max_length=40, help_text="Code of the pack's programme.")
    label = models.CharField(max_length=120)
    aim = models.TextField(blank=True)
    adviser_role = models.CharField(max_length=80)
    is_assignment = models.BooleanField(default=False, help_text="Its adviser holds an assignment at the school.")
    replaces_sip = models.BooleanField(default=False)
    allocated_on = models.DateField(null=True, blank=True, help_text="The day from which advisers are allocated.")
    least_quarters = models.PositiveIntegerField()
    most_quarters = models.PositiveIntegerField()
    opened_on = models.DateField()

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ["label"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "code"], name="support_programme_once"),
            models.CheckConstraint(name="support_programme_days", condition=Q(most_quarters__gte=F("least_quarters"))),
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("support:programme-detail", args=[self.public_id])


class EnrolmentQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> EnrolmentQuerySet:
        return self.filter(school_id__in=School.objects.granting(user, P.PROGRAMMES_VIEW).values("pk"))


class Enrolment(Span):
    """A school in a programme. The risk is suggested by the pack's rules and decided by a person; ``days_quarters`` a year are by need
    and never more than the programme's most: the database says so first."""

    public_id = PublicIdField()
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="enrolments")
    school = models.ForeignKey(School, models.PROTECT, related_name="enrolments")
    risk = models.CharField(max_length=20, blank=True, help_text="Code of the pack's band.")
    risk_label = models.CharField(max_length=60, blank=True)
    risk_rank = models.PositiveSmallIntegerField(default=0, help_text="The highest risk first: 1.")
    risk_by = models.CharField(max_length=300, blank=True)
    risk_on = models.DateField(null=True, blank=True)
    risk_reason = models.TextField(blank=True)
    suggested = models.CharField(max_length=20, blank=True, help_text="The band that the rules suggested when it was decided.")
    figures = models.JSONField(default=list, help_text="On which it was decided: label, figure, source.")
    days_quarters = models.PositiveIntegerField(default=0)
    most_quarters = models.PositiveIntegerField(help_text="The programme's, on the day of enrolment.")
    lock_version = models.PositiveIntegerField(default=0)
    end_reason = models.TextField(blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta(Span.Meta):
        ordering = ["risk_rank", "school__name"]
        constraints = [
            *Span.Meta.constraints,
            models.CheckConstraint(name="support_days_within_most", condition=Q(days_quarters__lte=F("most_quarters"))),
        ]
        indexes = [models.Index(fields=["school", "ends_on"], name="support_enrolment_school")]

    def __str__(self) -> str:
        return f"{self.school} in {self.programme}"

    def get_absolute_url(self) -> str:
        return reverse("support:enrolment-detail", args=[self.public_id])

    @property
    def authority_id(self) -> int:
        return self.programme.authority_id


class OfEnrolmentQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> OfEnrolmentQuerySet:
        return self.filter(enrolment__in=Enrolment.objects.visible_to(user))


class AdviserAllocation(Span):
    """Who advises the school for the programme, from a day on (S6). ``assignment`` where the programme's adviser holds one."""

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="advisers")
    adviser = models.ForeignKey(User, models.PROTECT, related_name="+")
    assignment = models.ForeignKey(Assignment, models.PROTECT, null=True, blank=True, related_name="+")

    objects = OfEnrolmentQuerySet.as_manager()

    class Meta(Span.Meta):
        ordering = ["-starts_on"]

    def __str__(self) -> str:
        return f"{self.adviser.name} for {self.enrolment}"


class ProgrammeReport(models.Model):
    """That a report was made to the department, by date and reference; its text is not copied (S6). Never changed."""

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="reports")
    sent_on = models.DateField()
    reference = models.CharField(max_length=60)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    objects = OfEnrolmentQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_on", "-id"]
        constraints = [models.UniqueConstraint(fields=["enrolment", "reference"], name="support_report_once")]

    def __str__(self) -> str:
        return self.reference


class TrainingQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> TrainingQuerySet:
        return self.filter(programme__authority_id__in=user.hats.authorities_granting(P.PROGRAMMES_VIEW))


class ProgrammeTraining(models.Model):
    """Training of a programme's advisers (S6: regional, in London), counted in days and charged to no school."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="training")
    on = models.DateField()
    title = models.CharField(max_length=160)
    place = models.CharField(max_length=120, blank=True)
    quarters = models.PositiveIntegerField()
    who = models.ManyToManyField(User, related_name="+")

    objects = TrainingQuerySet.as_manager()

    class Meta:
        ordering = ["-on"]
        constraints = [models.UniqueConstraint(fields=["programme", "on", "title"], name="support_training_once")]

    def __str__(self) -> str:
        return self.title


# ---------------------------------------------------------------- money


class FundQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> FundQuerySet:
        return self.filter(authority_id__in=user.hats.authorities_granting(P.FUND_VIEW))


class Fund(models.Model):
    """Money of one financial year, in pence. ``drawn_pence`` is the sum of its ledger and never more than the fund: the database says so."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="funds")
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, blank=True, related_name="funds")
    code = models.CharField(max_length=20)
    label = models.CharField(max_length=120)
    financial_year = models.PositiveSmallIntegerField()
    amount_pence = models.PositiveBigIntegerField()
    drawn_pence = models.PositiveBigIntegerField(default=0)

    objects = FundQuerySet.as_manager()

    class Meta:
        ordering = ["-financial_year", "label"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "code", "financial_year"], name="support_fund_once"),
            models.CheckConstraint(name="support_fund_not_overdrawn", condition=Q(drawn_pence__lte=F("amount_pence"))),
        ]

    def __str__(self) -> str:
        return f"{self.label} {FinancialYear(self.financial_year)}"

    def get_absolute_url(self) -> str:
        return reverse("support:fund-detail", args=[self.public_id])

    @property
    def left_pence(self) -> int:
        return self.amount_pence - self.drawn_pence


class OfFundQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> OfFundQuerySet:
        return self.filter(fund__in=Fund.objects.visible_to(user)).exclude(school_id__in=user.hats.walled)


class Drawdown(models.Model):
    """One entry of a fund's ledger: drawn, or (negative) given back, once, by an entry of its own that names it. Never changed."""

    public_id = PublicIdField()
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="drawdowns")
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    intervention = models.ForeignKey("support.Intervention", models.PROTECT, null=True, blank=True, related_name="drawdowns")
    pence = models.BigIntegerField()
    gives_back = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="given_back")
    what = models.CharField(max_length=200)
    reference = models.CharField(max_length=60, blank=True)
    on = models.DateField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    objects = OfFundQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="support_drawdown_sign", condition=Q(pence__gt=0, gives_back__isnull=True) | Q(pence__lt=0, gives_back__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.what


class DrawdownStep(models.Model):
    """How far the money has come: committed, claimed, paid, each once. Never changed."""

    drawdown = models.ForeignKey(Drawdown, models.PROTECT, related_name="steps")
    stage = models.CharField(max_length=10, choices=DrawdownStage)
    on = models.DateField()
    reference = models.CharField(max_length=60, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)

    class Meta:
        ordering = ["on", "id"]
        constraints = [models.UniqueConstraint(fields=["drawdown", "stage"], name="support_step_once")]

    def __str__(self) -> str:
        return self.get_stage_display()
