"""What an adviser prepared for a visit, school by school: data sets studied, questions chosen. It flows into the note."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from people.models import User
from schools.models import School

from .visit import Visit


class StudiedDataset(models.Model):
    """A data set of the preparation list that was studied before the visit, in the version that it then had (P4)."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="studied")
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    version = models.CharField("version or release", max_length=120)
    on = models.DateField("studied on")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["visit", "school", "code"], name="visits_studied_once")]

    def __str__(self) -> str:
        return f"{self.code}, {self.version}"


class ChosenQuestion(models.Model):
    """A question chosen for a visit (P18): of the bank, with the figure that called it up as it then was, or one's own."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="questions")
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    code = models.CharField(max_length=40, blank=True, help_text="Of the pack's bank; empty for one's own.")
    theme = models.CharField(max_length=60, blank=True)
    text = models.TextField()
    follow_up = models.TextField(blank=True)
    figure = models.CharField(max_length=80, blank=True)
    why = models.TextField("called up by", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["visit", "school", "code"], condition=~Q(code=""), name="visits_question_once")]

    def __str__(self) -> str:
        return self.text[:80]
