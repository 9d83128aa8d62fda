"""What others say of the programme: the regional coordinator (P2), a joint area review (S3), peers."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse

from core.access import ScopedQuerySet
from core.ids import PublicIdField
from people.models import Authority, User
from people.roles import Permission as P

from ..choices import JudgingBody


class JudgementQuerySet(ScopedQuerySet["OutsideJudgement"]):
    def visible_to(self, user: Any) -> JudgementQuerySet:
        return self.filter(authority_id__in=user.hats.authorities_granting(P.JUDGEMENT_VIEW))


class OutsideJudgement(models.Model):
    """Body, day, words, grade, where the document is; and our answer."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="judgements")
    body = models.CharField(max_length=12, choices=JudgingBody)
    title = models.CharField("what it was", max_length=160, help_text="As in “Note of the visit of July 2008”.")
    on = models.DateField("date")
    words = models.TextField("what it says", help_text="In its own words.")
    grade = models.CharField(max_length=60, blank=True)
    reference = models.CharField("where the document is", max_length=200, blank=True)
    answer = models.TextField("our answer", blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    objects = JudgementQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("quality:judgement-detail", args=[self.public_id])


class JudgementAction(models.Model):
    """What we do about it: who, by when."""

    judgement = models.ForeignKey(OutsideJudgement, models.PROTECT, related_name="actions")
    text = models.CharField("action", max_length=300)
    owner = models.CharField(max_length=120)
    due_on = models.DateField("by")

    class Meta:
        ordering = ["due_on", "id"]

    def __str__(self) -> str:
        return self.text
