"""Who is invited to a briefing, who comes, who came; and what people ask beforehand (S2)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from core.access import ScopedQuerySet
from core.ids import PublicIdField
from people.models import User

from ..choices import Reply
from .briefing import AgendaItem, Briefing


class OfBriefing(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> OfBriefing:
        """Whoever sees the briefing sees who comes to it."""
        return self.filter(briefing__in=Briefing.objects.visible_to(user).values("pk"))


class Attendance(models.Model):
    """One person's invitation, their reply, and whether they came (empty until it is recorded)."""

    briefing = models.ForeignKey(Briefing, models.PROTECT, related_name="attendances")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    reply = models.CharField(max_length=10, choices=Reply, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    came = models.BooleanField(null=True, blank=True)

    objects = OfBriefing.as_manager()

    class Meta:
        ordering = ["user__name"]
        constraints = [
            models.UniqueConstraint(fields=["briefing", "user"], name="briefings_invited_once"),
            models.CheckConstraint(condition=Q(reply="") | Q(replied_at__isnull=False), name="briefings_reply_has_a_time"),
        ]
        indexes = [models.Index(fields=["user", "briefing"], name="briefings_attendance_user")]

    def __str__(self) -> str:
        return f"{self.user.name}: {self.briefing.title}"


class QuestionQuerySet(ScopedQuerySet["AgendaQuestion"]):
    def visible_to(self, user: Any) -> QuestionQuerySet:
        return self.filter(item__briefing__in=Briefing.objects.visible_to(user).values("pk"))


class AgendaQuestion(models.Model):
    """What somebody asks of an item before the day, under their name; and what was answered."""

    public_id = PublicIdField()
    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="questions")
    text = models.CharField("question", max_length=400)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    answer = models.TextField(blank=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"A question on {self.item}"
