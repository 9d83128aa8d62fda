"""Stored bytes: documents of record live in the database, so that a backup holds them and nothing outside can alter them.

Insert-only: a row is written once and read many times. ``core.triggers`` refuses UPDATE and DELETE in the database;
the digest is checked at every reading, so that bytes altered below the database are noticed before anybody sees them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.db import models
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from core import clock
from core.ids import PublicIdField


class FileDamaged(Exception):
    """The stored bytes are not those that were written: their digest differs."""


class StoredFileManager(models.Manager["StoredFile"]):
    """Leaves the bytes in the database until somebody asks for them: lists need names and sizes only."""

    def get_queryset(self) -> models.QuerySet[StoredFile]:
        return super().get_queryset().defer("content")


class StoredFile(models.Model):
    """One file's bytes with their digest. Written by :func:`store`, never changed."""

    public_id = PublicIdField()
    sha256 = models.CharField(max_length=64, db_index=True, editable=False)
    size = models.PositiveIntegerField(editable=False)
    media_type = models.CharField(max_length=100, editable=False)
    content = models.BinaryField()
    created_at = models.DateTimeField(editable=False)

    objects = StoredFileManager()

    class Meta:
        app_label = "core"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(size__gt=0), name="storedfile_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.media_type}, {self.size} bytes, {self.sha256[:12]}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A stored file is never changed. Store the new bytes as a new file.")
        super().save(*args, **kwargs)


def store(content: bytes, media_type: str, *, at: dt.datetime | None = None) -> StoredFile:
    """Keep ``content`` as a file of ``media_type``. Raises ``ValueError`` for no bytes at all."""
    if not content:
        raise ValueError("A stored file must hold at least one byte.")
    return StoredFile.objects.create(
        sha256=hashlib.sha256(content).hexdigest(), size=len(content), media_type=media_type, content=content, created_at=at or clock.now()
    )


def read(file: StoredFile) -> bytes:
    """The bytes exactly as stored. Raises :class:`FileDamaged` where their digest or length says otherwise."""
    content = bytes(file.content)
    if len(content) != file.size or hashlib.sha256(content).hexdigest() != file.sha256:
        raise FileDamaged(f"File {file.public_id} is not what was stored: its SHA-256 differs. Restore it from a backup.")
    return content


def download_response(file: StoredFile, filename: str) -> HttpResponse:
    """The file as a download: never shown inline, never cached, never guessed at. Scope is the caller's to check."""
    response = HttpResponse(read(file), content_type=file.media_type)
    response["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    response["Content-Length"] = str(file.size)
    response["Cache-Control"] = "no-store, private"
    response["X-Content-Type-Options"] = "nosniff"
    return response
