"""What a SIP says they would like to learn this year; beside it stands what shadowing and SIP reviews say (S14)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from core.access import ScopedQuerySet
from core.calendar import AcademicYearField
from core.ids import PublicIdField
from people.models import Sip
from people.roles import Permission as P


class NeedQuerySet(ScopedQuerySet["TrainingNeed"]):
    def visible_to(self, user: Any) -> NeedQuerySet:
        """One's own; all, to whoever plans the workshops."""
        return self.filter(Q(sip__user_id=user.pk) | Q(sip__authority_id__in=user.hats.authorities_granting(P.NEED_READ)))


class TrainingNeed(models.Model):
    """One wish of a SIP: a workshop of the pack, something else in words, or both."""

    public_id = PublicIdField()
    sip = models.ForeignKey(Sip, models.PROTECT, related_name="training_needs")
    academic_year = AcademicYearField()
    topic = models.CharField(max_length=60, blank=True, help_text="Code of the pack's workshop.")
    text = models.CharField("what you would like to learn", max_length=300, blank=True)
    at = models.DateTimeField()

    objects = NeedQuerySet.as_manager()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["sip", "academic_year", "topic"], condition=~Q(topic=""), name="briefings_need_once"),
            models.CheckConstraint(condition=~Q(topic="", text=""), name="briefings_need_says_something"),
        ]

    def __str__(self) -> str:
        return self.topic or self.text
