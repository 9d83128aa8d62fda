"""Bundles: many final records as one file, made in the background for the person who asked, and not kept for long."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from core.access import ScopedQuerySet
from core.ids import PublicIdField, new_token
from people.models import Authority, User

from ..choices import BundleForm


def private_name(bundle: Any, file_name: str) -> str:
    """Where the bytes lie: a random name that tells nothing, outside the web root."""
    return f"bundles/{new_token()}"


class BundleQuerySet(ScopedQuerySet["Bundle"]):
    def visible_to(self, user: Any) -> BundleQuerySet:
        """A bundle is its asker's alone: what another may read is another's to ask for."""
        return self.filter(asked_by_id=user.pk)


class Bundle(models.Model):
    """What was asked for, and the file while it is kept. ``records`` are public ids: what the file holds once it is made."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="bundles")
    form = models.CharField(max_length=3, choices=BundleForm)
    title = models.CharField(max_length=200)
    criteria = models.JSONField(default=list, help_text="What was chosen, as pairs of words.")
    records = models.JSONField(default=list)
    job = models.CharField(max_length=20, blank=True, help_text="Public id of the job that makes it.")
    file = models.FileField(upload_to=private_name, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    pages = models.PositiveIntegerField(default=0)
    rendered = models.PositiveIntegerField(default=0, help_text="How many have no PDF of record and were made from their text.")
    left_out = models.PositiveIntegerField(default=0, help_text="How many could no longer be read when it was made.")
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True, help_text="When a note in it was withdrawn, and its file deleted.")

    objects = BundleQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="visits_bundle_expires", condition=Q(expires_at__gt=F("asked_at"))),
        ]
        indexes = [
            models.Index(fields=["asked_by", "-id"], name="visits_bundle_asker"),
            models.Index(fields=["expires_at"], name="visits_bundle_expiry"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("visits:bundle-detail", args=[self.public_id])

    @property
    def is_ready(self) -> bool:
        return bool(self.file)

    @property
    def is_gone(self) -> bool:
        """Made, and its file deleted since."""
        return self.ready_at is not None and not self.file
