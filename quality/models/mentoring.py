"""Mentoring: the log of a SIP's mentoring, and the decision at the end of the first year (P28, domain.md §7)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from core.access import ScopedQuerySet
from core.ids import PublicIdField
from people.models import Sip, User
from people.roles import Permission as P

from ..choices import MentoringDecision


def mentoring_seen(user: Any, sip: str = "") -> Q:
    """The SIPs whose mentoring a person sees: their own, those they mentor today, and the manager every other's."""
    managed = Q(**{f"{sip}authority_id__in": user.hats.authorities_granting(P.MENTORING_VIEW)})
    return Q(**{f"{sip}user": user}) | user.hats.among_mentees(f"{sip}user_id", f"{sip}authority_id") | managed


class MentoringQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> MentoringQuerySet:
        return self.filter(mentoring_seen(user, "sip__"))


class MentoringEntry(models.Model):
    """One entry of the log, never changed: which step of the year it was, what was talked about, what comes next."""

    public_id = PublicIdField()
    sip = models.ForeignKey(Sip, models.PROTECT, related_name="mentoring")
    step = models.CharField(max_length=40, blank=True, help_text="Code of the pack's step; empty for a talk between.")
    on = models.DateField()
    text = models.TextField("what was done and said")
    next_step = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = MentoringQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"Mentoring of {self.sip}, {self.on}"


class MentoringSignOff(models.Model):
    """The mentor's decision on the first year: mentoring ends, or goes on for a stated reason."""

    sip = models.OneToOneField(Sip, models.PROTECT, related_name="sign_off")
    decision = models.CharField(max_length=8, choices=MentoringDecision)
    reason = models.TextField()
    on = models.DateField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = MentoringQuerySet.as_manager()

    def __str__(self) -> str:
        return f"First year of {self.sip}"
