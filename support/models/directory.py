"""The directory of services, and the policy for brokering on its first page (S12)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse

from core.access import ScopedQuerySet
from core.ids import PublicIdField
from people.models import Authority, User
from people.roles import Permission as P

from ..choices import ProviderKind
from ..scope import directory_authorities


class OfDirectoryQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> OfDirectoryQuerySet:
        """Whoever works with the schools of the authority, and the heads and chairs of its schools: a directory hides nothing."""
        return self.filter(authority_id__in=directory_authorities(user.hats))


class ServiceQuerySet(OfDirectoryQuerySet):
    def visible_to(self, user: Any) -> ServiceQuerySet:
        """The listed ones; those taken off the list too for whoever keeps the directory, or the entry."""
        keeps = Q(authority_id__in=user.hats.authorities_granting(P.SERVICE_MANAGE)) | Q(owner=user)
        return self.filter(Q(authority_id__in=directory_authorities(user.hats)) & (Q(is_listed=True) | keeps))

    def out_of_date(self, on: dt.date) -> ServiceQuerySet:
        return self.filter(is_listed=True, review_due_on__lt=on)


class Service(models.Model):
    """One entry: what it offers, for which needs and phases, by whom, at what price, how much of it there is, and whether that is
    still so. ``areas`` and ``phases`` are codes of the pack; ``day_rate_pence`` is 0 where schools pay nothing, empty where one asks."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="services")
    name = models.CharField(max_length=160)
    provider = models.CharField(max_length=160)
    provider_kind = models.CharField(max_length=12, choices=ProviderKind)
    what = models.TextField("what it does", blank=True)
    areas = models.JSONField("areas of need", default=list)
    phases = models.JSONField(default=list)
    day_rate_pence = models.PositiveBigIntegerField("cost of a day", null=True, blank=True)
    usual_quarters = models.PositiveIntegerField("usual days, in quarters", null=True, blank=True)
    capacity_quarters = models.PositiveIntegerField("days a year, in quarters", null=True, blank=True)
    contact_name = models.CharField(max_length=120, blank=True)
    contact_email = models.EmailField(blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", help_text="Who keeps the entry up to date.")
    reviewed_on = models.DateField()
    review_due_on = models.DateField()
    is_listed = models.BooleanField(default=True)
    lock_version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    objects = ServiceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint("authority", Lower("name"), Lower("provider"), name="support_service_once"),
            models.CheckConstraint(name="support_service_review", condition=Q(review_due_on__gt=F("reviewed_on"))),
        ]
        indexes = [models.Index(fields=["owner", "review_due_on"], name="support_service_owner")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("support:service-detail", args=[self.public_id])

    def is_out_of_date(self, on: dt.date) -> bool:
        return self.is_listed and self.review_due_on < on

    @property
    def usual_cost_pence(self) -> int | None:
        """Of its usual days, to the penny down."""
        if self.day_rate_pence is None or self.usual_quarters is None:
            return None
        return self.day_rate_pence * self.usual_quarters // 4


class BrokeringPolicy(models.Model):
    """The authority's own words for brokering, in the place of the pack's. The latest stands; none is ever changed."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="brokering_policies")
    text = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    objects = OfDirectoryQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name_plural = "brokering policies"

    def __str__(self) -> str:
        return f"Policy for brokering of {self.authority}"
