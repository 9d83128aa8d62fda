"""Stored bytes: kept whole, read only when asked for, noticed when altered."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import triggers
from core.files import FileDamaged, StoredFile, download_response, read, store

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 made up \x00\xff"
AT = dt.datetime(2008, 10, 23, 15, 4, tzinfo=dt.UTC)


def test_bytes_come_back_as_they_went_in() -> None:
    file = store(PDF, "application/pdf", at=AT)
    found = StoredFile.objects.get(public_id=file.public_id)
    assert read(found) == PDF
    assert (found.size, found.sha256, found.created_at) == (len(PDF), hashlib.sha256(PDF).hexdigest(), AT)


def test_a_list_of_files_leaves_the_bytes_in_the_database() -> None:
    store(PDF, "application/pdf")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        (file,) = StoredFile.objects.all()
    assert '"content"' not in queries[0]["sql"]
    assert file.get_deferred_fields() == {"content"}


def test_no_bytes_are_no_file() -> None:
    with pytest.raises(ValueError, match="at least one byte"):
        store(b"", "application/pdf")


def test_a_file_is_never_saved_again() -> None:
    file = store(PDF, "application/pdf")
    file.media_type = "text/html"
    with pytest.raises(TypeError, match="never changed"):
        file.save()


def test_bytes_altered_below_the_portal_are_noticed() -> None:
    file = store(PDF, "application/pdf")
    with triggers.unlocked("a test alters bytes"):
        StoredFile.objects.filter(pk=file.pk).update(content=PDF[:-1] + b"\xfe")
    with pytest.raises(FileDamaged, match=file.public_id):
        read(StoredFile.objects.get(pk=file.pk))


def test_a_download_is_an_attachment_that_nobody_caches_or_guesses_at() -> None:
    response = download_response(store(PDF, "application/pdf"), 'Note "Marlpit" – 9 October.pdf')
    assert response.content == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''Note%20%22Marlpit%22%20%E2%80%93")
    assert response["Cache-Control"] == "no-store, private"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Length"] == str(len(PDF))
