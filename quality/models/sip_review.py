"""The SIP review: performance management of a SIP, seen by three people (domain.md §7; on no screen "PM")."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.access import ScopedQuerySet
from core.calendar import AcademicYearField
from core.ids import PublicIdField
from people.models import Authority, Sip, User
from people.roles import Hat

from ..choices import REVIEW_TONES, SipReviewState
from .feedback import reviewed_by


class SipReviewQuerySet(ScopedQuerySet["SipReview"]):
    def visible_to(self, user: Any) -> SipReviewQuerySet:
        """The SIP, the SIP reviewer of today, the head of school improvement; for everybody else it does not exist."""
        heads = user.hats.authorities_granting_role(Hat.HEAD_OF_IMPROVEMENT)
        return self.filter(Q(sip__user=user) | reviewed_by(user, "sip__") | Q(authority_id__in=heads))


class SipReview(models.Model):
    """One SIP's year: objectives, mid-year, the SIP's own account, review and outcome. Closed, it is locked."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    sip = models.ForeignKey(Sip, models.PROTECT, related_name="reviews")
    academic_year = AcademicYearField()
    state = models.CharField(max_length=10, choices=SipReviewState, default=SipReviewState.SETTING)
    lock_version = models.PositiveIntegerField(default=0)
    agreed_on = models.DateField(null=True, blank=True)
    mid_year = models.TextField(blank=True)
    mid_year_on = models.DateField(null=True, blank=True)
    account = models.TextField("the SIP's own account", blank=True)
    review = models.TextField(blank=True)
    outcome = models.CharField(max_length=60, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    objects = SipReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-academic_year", "sip__user__name"]
        constraints = [
            models.UniqueConstraint(fields=["sip", "academic_year"], name="quality_sip_review_once"),
            models.CheckConstraint(
                condition=~Q(state=SipReviewState.CLOSED) | Q(closed_at__isnull=False), name="quality_sip_review_closed"
            ),
        ]

    def __str__(self) -> str:
        return f"SIP review of {self.sip}, {self.academic_year}"

    @property
    def tag(self) -> tuple[str, str]:
        return str(self.get_state_display()).capitalize(), REVIEW_TONES[SipReviewState(self.state)]

    def get_absolute_url(self) -> str:
        return reverse("quality:sip-review-detail", args=[self.public_id])


class ReviewObjective(models.Model):
    review = models.ForeignKey(SipReview, models.PROTECT, related_name="objectives")
    text = models.TextField("objective")
    success = models.TextField("how we shall know")
    by_on = models.DateField("by", null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text


class CpdNeed(models.Model):
    """What the SIP should learn next; it flows to the planning of workshops."""

    review = models.ForeignKey(SipReview, models.PROTECT, related_name="needs")
    text = models.CharField("what is needed", max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text
