"""Evaluation of a briefing or a workshop (P33): anonymous in fact (ADR 0042).

Who may answer, and that they have, is a row made for each of them when the form is opened. What was answered lies in one box
for the whole form, as a list of sheets to which each answer is added at a place drawn by lot: no sheet has a row, an id, a
time, a day or an order of its own, so nothing in the database leads from a person to a sheet.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.access import ScopedQuerySet
from core.ids import PublicIdField
from people.models import Authority, User
from people.roles import Permission as P

from .briefing import Briefing
from .workshop import Workshop


class EvaluationQuerySet(ScopedQuerySet["Evaluation"]):
    def visible_to(self, user: Any) -> EvaluationQuerySet:
        """Whoever may answer it; its summary, to whoever keeps briefings or answers for the programme."""
        asked = Evaluator.objects.filter(user_id=user.pk).values("evaluation_id")
        return self.filter(Q(authority_id__in=user.hats.authorities_granting(P.EVALUATION_READ)) | Q(pk__in=asked))


class Evaluation(models.Model):
    """One form: its questions as they were when it was opened, until when it takes answers, and from how many it is read."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    briefing = models.OneToOneField(Briefing, models.PROTECT, null=True, blank=True, related_name="evaluation")
    workshop = models.OneToOneField(Workshop, models.PROTECT, null=True, blank=True, related_name="evaluation")
    form = models.JSONField(help_text="scale: [value, words]; items and open: [code, text].")
    least = models.PositiveSmallIntegerField("so many answers before anybody reads them")
    closes_on = models.DateField("last day for answers")
    opened_on = models.DateField()

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(briefing__isnull=False, workshop__isnull=True) | Q(briefing__isnull=True, workshop__isnull=False),
                name="briefings_evaluation_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"Evaluation: {self.of}"

    @property
    def of(self) -> Briefing | Workshop:
        of = self.briefing or self.workshop
        assert of is not None  # the constraint
        return of

    def is_open(self, on: dt.date) -> bool:
        return on <= self.closes_on

    def get_absolute_url(self) -> str:
        return reverse("briefings:evaluation-detail", args=[self.public_id])


class Evaluator(models.Model):
    """One who may answer, and whether they have. Made for everybody at once; answering changes this one word of it."""

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="evaluators")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    has_answered = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["evaluation", "user"], name="briefings_evaluator_once")]

    def __str__(self) -> str:
        return f"One who may answer {self.evaluation_id}"


class EvaluationBox(models.Model):
    """All the answers of one form: ``sheets`` are ``{"ratings": {code: value}, "words": {code: text}}``, in no order."""

    evaluation = models.OneToOneField(Evaluation, models.PROTECT, primary_key=True, related_name="box")
    sheets = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"Answers to {self.evaluation_id}"
