"""``ImportBatch``: one import, from the file received to the report of what was committed."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from core.access import ScopedQuerySet
from core.ids import PublicIdField, new_token
from core.tabular.imports import IMPORTS


class ImportState(models.TextChoices):
    RECEIVED = "received", "received"
    READING = "reading", "being read"
    READY = "ready", "ready to commit"
    REFUSED = "refused", "refused"
    COMMITTED = "committed", "committed"
    DISCARDED = "discarded", "discarded"


def private_name(batch: Any, file_name: str) -> str:
    """Where the bytes of an upload lie: a random name, nothing of the sender's, outside the web root."""
    return f"imports/{new_token()}"


class ImportBatchQuerySet(ScopedQuerySet["ImportBatch"]):
    def visible_to(self, user: Any) -> ImportBatchQuerySet:
        """By kind: whoever may import it, in the authorities where they may."""
        scope = Q(pk__in=[])
        for kind in IMPORTS:
            codes = {role.authority_code for role in user.hats.roles_granting(kind.permission)}
            scope |= Q(kind=kind.key, authority_code__in=codes)
        return self.filter(scope)


class ImportBatch(models.Model):
    """One import. Plain values, no foreign keys: the kernel knows neither authorities nor people.

    ``upload`` holds the bytes until the batch is committed or discarded. ``changes`` are those of the preview (at most
    ``MAX_CHANGES``), ``held`` the rows left for a person, ``summary`` the report.
    """

    public_id = PublicIdField()
    kind = models.CharField(max_length=40)
    authority_code = models.CharField(max_length=12)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    options = models.JSONField(default=dict, blank=True, help_text="What the sender said of the file, by the kind's options.")
    file_name = models.CharField(max_length=200)
    file_size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    version = models.PositiveSmallIntegerField(default=1, help_text="Of the kind, when the file was read.")
    upload = models.FileField(upload_to=private_name, blank=True)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.RECEIVED)
    progress = models.PositiveSmallIntegerField(default=0, help_text="Percent of the file read.")
    summary = models.JSONField(default=dict)
    changes = models.JSONField(default=list)
    held = models.JSONField(default=list)
    plan_digest = models.CharField(max_length=64, blank=True)
    by_id = models.CharField(max_length=20, blank=True)
    by_name = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    committed_at = models.DateTimeField(null=True, blank=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "import batches"
        constraints = [
            models.CheckConstraint(name="core_import_committed_when", condition=~Q(state="committed") | Q(committed_at__isnull=False)),
        ]
        indexes = [models.Index(fields=["authority_code", "kind", "-id"], name="core_import_latest")]

    def __str__(self) -> str:
        return f"{self.kind}, {self.file_name}"

    @property
    def is_open(self) -> bool:
        """Whether it can still be previewed, committed or discarded."""
        return self.state not in (ImportState.COMMITTED, ImportState.DISCARDED)
