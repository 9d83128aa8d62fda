"""An intervention: any support that a school asked for, has or had. A request, an agreement, a package and an evaluation are views of it."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse

from core.access import ScopedQuerySet
from core.ids import PublicIdField
from people.models import Authority, User
from schools.models import School
from targets.models import Target

from ..choices import Commissioner, InterventionOrigin, NeedFrom, SupportState, ValueForMoney

WANTED: Final = (SupportState.REQUESTED, SupportState.MATCHED, SupportState.DECLINED, SupportState.WITHDRAWN)
"""Asked for, and not agreed: none of this is support that the school has or had."""


class AtSchoolQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> AtSchoolQuerySet:
        return self.filter(school_id__in=School.objects.visible_to(user).values("pk"))


class InterventionQuerySet(AtSchoolQuerySet):
    def had(self) -> InterventionQuerySet:
        """Support that the school has, had or is to have: what was only asked for is left out."""
        return self.exclude(state__in=WANTED)

    def brokered(self) -> InterventionQuerySet:
        """What went, or goes, by request and agreement (domain.md §6, "Brokering"); the package of a programme is agreed by its adviser."""
        return self.exclude(state=SupportState.RECORDED).filter(enrolment__isnull=True)

    def unevaluated(self, on: dt.date) -> InterventionQuerySet:
        """Those whose impact and worth should be told by ``on``: their end, or the day given, has come (P30)."""
        return self.had().annotate(until=Coalesce("known_on", "ends_on")).filter(Q(until__lte=on), evaluated_on__isnull=True)


class Intervention(models.Model):
    """Any support of a school: brokered, a national strategy, a programme, or its own (P30, S6). ``state`` is *recorded* where
    nobody asked for it through the portal; else it moves by the table of ``support.workflow`` from a need to an evaluation."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    school = models.ForeignKey(School, models.PROTECT, related_name="interventions")
    state = models.CharField(max_length=10, choices=SupportState, default=SupportState.RECORDED)
    lock_version = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=200)
    origin = models.CharField(max_length=10, choices=InterventionOrigin)
    provider = models.CharField(max_length=200, blank=True)
    service = models.ForeignKey("support.Service", models.PROTECT, null=True, blank=True, related_name="interventions")
    enrolment = models.ForeignKey("support.Enrolment", models.PROTECT, null=True, blank=True, related_name="package")
    area_of_need = models.CharField(max_length=40, blank=True, help_text="Code of the pack's area of need.")
    purpose = models.TextField(blank=True)
    # the need
    need_from = models.CharField(max_length=10, choices=NeedFrom, blank=True)
    need_reference = models.CharField(max_length=40, blank=True, help_text="Of the note that names it.")
    target = models.ForeignKey(Target, models.SET_NULL, null=True, blank=True, related_name="+", help_text="That asked for support.")
    # what was agreed, and by whom
    commissioner = models.CharField("who commissions it", max_length=10, choices=Commissioner, blank=True)
    plan = models.CharField("against which plan", max_length=160, blank=True)
    decided_by = models.CharField(max_length=300, blank=True, help_text="For the school, as text: who agreed, or declined.")
    decided_on = models.DateField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    quarters = models.PositiveIntegerField("days, in quarters", null=True, blank=True)
    cost_pence = models.PositiveBigIntegerField(null=True, blank=True)
    fund = models.CharField(max_length=120, blank=True)
    # a package of a programme (S6)
    must_achieve = models.TextField("what it must achieve", blank=True)
    achieve_by = models.DateField("by when", null=True, blank=True)
    pupils = models.CharField("pupils concerned", max_length=200, blank=True)
    remains = models.TextField("what remains afterwards", blank=True)
    # the evaluation
    impact = models.TextField("impact on pupils", blank=True)
    impact_grade = models.PositiveSmallIntegerField(null=True, blank=True, help_text="4 is the most.")
    value_for_money = models.CharField(max_length=10, choices=ValueForMoney, blank=True)
    value_reason = models.TextField("why", blank=True)
    known_on = models.DateField("when the impact will be known", null=True, blank=True)
    would_buy_again = models.BooleanField(null=True, blank=True)
    evaluated_on = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    objects = InterventionQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "name"]
        constraints = [
            models.CheckConstraint(
                name="support_impact_of_four", condition=Q(impact_grade__isnull=True) | Q(impact_grade__gte=1, impact_grade__lte=4)
            ),
            models.CheckConstraint(
                name="support_agreed_by_school",
                condition=~Q(state__in=["agreed", "delivering", "delivered", "evaluated", "declined"])
                | (~Q(decided_by="") & Q(decided_on__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["school", "-starts_on"], name="support_intervention_school"),
            models.Index(fields=["authority", "state"], name="support_intervention_state"),
            models.Index(fields=["service", "evaluated_on"], name="support_intervention_service"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("support:intervention-detail", args=[self.public_id])

    def is_due(self, on: dt.date) -> bool:
        """P30: its impact and worth should be told by now, and are not."""
        until = self.known_on or self.ends_on
        return self.state not in WANTED and self.evaluated_on is None and until is not None and until <= on

    @property
    def is_wanted(self) -> bool:
        """Asked for, and not agreed."""
        return self.state in WANTED

    @property
    def tag(self) -> tuple[str, str]:
        tones = {
            SupportState.REQUESTED: "due",
            SupportState.MATCHED: "due",
            SupportState.AGREED: "work",
            SupportState.DELIVERING: "work",
            SupportState.DELIVERED: "due",
            SupportState.EVALUATED: "done",
        }
        return self.get_state_display(), tones.get(SupportState(self.state), "rest")
