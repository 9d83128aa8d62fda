"""What the manager writes under the headings of a report that no figure can fill."""

from __future__ import annotations

from typing import Any

from django.db import models

from core.access import ScopedQuerySet
from people.models import Authority, User
from people.roles import Permission as P


class ReportTextQuerySet(ScopedQuerySet["ReportText"]):
    def visible_to(self, user: Any) -> ReportTextQuerySet:
        return self.filter(authority_id__in=user.hats.authorities_granting(P.PROGRAMME_REPORT))


class ReportText(models.Model):
    """The words of an authority under one heading of a period's report; as last saved. Without words the heading is left out."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="report_texts")
    period = models.CharField(max_length=20, help_text="As in 2008, or 2008-autumn.")
    heading = models.SlugField(max_length=40, help_text="Code of the pack's heading.")
    text = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=1, help_text="One more with each save: who saves over another is told.")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = ReportTextQuerySet.as_manager()

    class Meta:
        ordering = ["period", "heading"]
        constraints = [models.UniqueConstraint(fields=["authority", "period", "heading"], name="quality_report_text_once")]

    def __str__(self) -> str:
        return f"{self.heading}, {self.period}"
