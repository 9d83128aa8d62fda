"""A school's money as it returns it: the closed year, the three-year plan by version; and its January counts (S8 to S11).

Money is integer pence. A financial year is its first calendar year: 2007/08 is 2007.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core.calendar import FinancialYear
from core.ids import PublicIdField
from people.models import Authority, User
from schools.choices import CHALLENGE_TONES, ChallengeState, ReturnState

from .register import AtSchoolQuerySet, FinanceQuerySet, School


class FinanceReturn(models.Model):
    """The return of one closed year. ``reserve_pence`` is the whole revenue balance carried forward (B01 + B02 + B06)."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    school = models.ForeignKey(School, models.PROTECT, related_name="finance_returns")
    financial_year = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=ReturnState, default=ReturnState.SUPPLIED)
    lead_urn = models.PositiveIntegerField("URN of the federation's lead school", null=True, blank=True)
    months = models.PositiveSmallIntegerField(default=12, help_text="Under 12: part of a year.")
    income_pence = models.BigIntegerField(null=True, blank=True)
    expenditure_pence = models.BigIntegerField(null=True, blank=True)
    committed_pence = models.BigIntegerField("committed balance (B01)", null=True, blank=True)
    uncommitted_pence = models.BigIntegerField("uncommitted balance (B02)", null=True, blank=True)
    community_pence = models.BigIntegerField("community-focused balance (B06)", null=True, blank=True)
    reserve_pence = models.BigIntegerField("revenue reserve", null=True, blank=True)
    to_capital_pence = models.BigIntegerField("revenue moved to capital", null=True, blank=True)
    source = models.CharField(max_length=200, blank=True)
    source_on = models.DateField(null=True, blank=True)

    objects = FinanceQuerySet.as_manager()

    class Meta:
        ordering = ["-financial_year"]
        constraints = [models.UniqueConstraint(fields=["school", "financial_year"], name="schools_return_once")]
        indexes = [models.Index(fields=["authority", "financial_year"], name="schools_return_year")]

    def __str__(self) -> str:
        return f"{self.school}, {self.year}"

    @property
    def year(self) -> FinancialYear:
        return FinancialYear(self.financial_year)


class BudgetPlan(models.Model):
    """A three-year budget plan as received. A later version stands beside the earlier ones; the highest is the one in force."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    school = models.ForeignKey(School, models.PROTECT, related_name="budget_plans")
    first_year = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField()
    received_on = models.DateField()
    source = models.CharField(max_length=200, blank=True)

    objects = FinanceQuerySet.as_manager()

    class Meta:
        ordering = ["-first_year", "-version"]
        constraints = [models.UniqueConstraint(fields=["school", "first_year", "version"], name="schools_budget_plan_version")]
        indexes = [models.Index(fields=["authority", "first_year", "version"], name="schools_budget_plan_year")]

    def __str__(self) -> str:
        return f"{self.school}, plan from {FinancialYear(self.first_year)}, version {self.version}"


class BudgetPlanYear(models.Model):
    """One year of a plan: the revenue balance at its end, below nought for a deficit, and what is to go into capital."""

    plan = models.ForeignKey(BudgetPlan, models.CASCADE, related_name="years")
    financial_year = models.PositiveSmallIntegerField()
    balance_pence = models.BigIntegerField()
    to_capital_pence = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["financial_year"]
        constraints = [models.UniqueConstraint(fields=["plan", "financial_year"], name="schools_budget_plan_once")]

    def __str__(self) -> str:
        return f"{self.plan}, {FinancialYear(self.financial_year)}"


class RollCount(models.Model):
    """Pupils on roll at a January count; shares in per cent, as the count publishes them."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    school = models.ForeignKey(School, models.PROTECT, related_name="roll_counts")
    year = models.PositiveSmallIntegerField(help_text="The calendar year of the January.")
    pupils = models.PositiveIntegerField()
    fsm = models.DecimalField("eligible for free school meals", max_digits=5, decimal_places=2, null=True, blank=True)
    sen = models.DecimalField("special educational needs", max_digits=5, decimal_places=2, null=True, blank=True)
    eal = models.DecimalField("English as an additional language", max_digits=5, decimal_places=2, null=True, blank=True)
    mobility = models.DecimalField("joined or left at other times", max_digits=5, decimal_places=2, null=True, blank=True)
    lac = models.PositiveIntegerField("looked-after children", null=True, blank=True)
    source = models.CharField(max_length=200, blank=True)
    source_on = models.DateField(null=True, blank=True)

    objects = AtSchoolQuerySet.as_manager()

    class Meta:
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(fields=["school", "year"], name="schools_roll_once"),
            models.CheckConstraint(name="schools_roll_year", condition=Q(year__gte=1990)),
        ]

    def __str__(self) -> str:
        return f"{self.school}, January {self.year}"


class FinanceChallenge(models.Model):
    """A school asked to account for its balance or its plan (S10, S11): letter, panel, explanation, decision, review."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    school = models.ForeignKey(School, models.PROTECT, related_name="finance_challenges")
    flag = models.CharField(max_length=40, help_text="Code of the pack's flag.")
    label = models.CharField(max_length=120, help_text="The flag in the pack's words, as it was.")
    why = models.TextField("what is asked")
    state = models.CharField(max_length=12, choices=ChallengeState, default=ChallengeState.OPENED)
    lock_version = models.PositiveIntegerField(default=0)
    opened_on = models.DateField()
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    letter_on = models.DateField(null=True, blank=True)
    panel_on = models.DateField(null=True, blank=True)
    came = models.CharField("who came", max_length=300, blank=True)
    explanation = models.TextField("the school's explanation", blank=True)
    decision = models.TextField(blank=True)
    decided_on = models.DateField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    outcome = models.TextField(blank=True, help_text="What the review found; or why it was withdrawn.")
    closed_on = models.DateField(null=True, blank=True)

    objects = FinanceQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="schools_challenge_dates",
                condition=(Q(letter_on__isnull=True) | Q(letter_on__gte=F("opened_on")))
                & (Q(panel_on__isnull=True) | Q(panel_on__gte=F("opened_on")))
                & (Q(review_on__isnull=True) | Q(review_on__gte=F("decided_on"))),
            ),
        ]
        indexes = [models.Index(fields=["authority", "state"], name="schools_challenge_state")]

    def __str__(self) -> str:
        return f"{self.label}: {self.school}"

    @property
    def tag(self) -> tuple[str, str]:
        words = self.get_state_display()
        return words[:1].upper() + words[1:], CHALLENGE_TONES[ChallengeState(self.state)]
