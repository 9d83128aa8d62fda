"""The two questions that a load balancer asks."""

from __future__ import annotations

import shutil
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

FIT = {"database": "ok", "disk": "ok", "migrations": "ok", "triggers": "ok"}


def test_the_process_answers_without_asking_anything(client: Client) -> None:
    """Without the mark that gives a test its database, a query would fail it."""
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"ok", "text/plain")


def ready(client: Client) -> tuple[int, Any]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


@pytest.mark.both
@pytest.mark.django_db
class TestReady:
    def test_all_is_well(self, client: Client) -> None:
        assert ready(client) == (200, FIT)

    def test_a_migration_is_not_applied(self, client: Client, settings: Any) -> None:
        """With ``--no-migrations`` none is, as soon as the portal is told that it has some."""
        settings.MIGRATION_MODULES = {}
        recorder = MigrationRecorder(connection)
        if recorder.has_table():
            recorder.migration_qs.filter(app="visits").delete()
        assert ready(client) == (503, {**FIT, "migrations": "failed"})

    def test_a_trigger_is_gone(self, client: Client) -> None:
        with connection.cursor() as cursor:
            suffix = " ON core_auditevent" if connection.vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER "keep_core_auditevent_update"{suffix}')
        assert ready(client) == (503, {**FIT, "triggers": "failed"})

    def test_the_disk_is_nearly_full(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1000))
        assert ready(client) == (503, {**FIT, "disk": "failed"})

    def test_the_database_does_not_answer_and_no_detail_is_told(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*args: object) -> None:
            raise OperationalError("could not connect to server 10.0.0.7 as portal")

        monkeypatch.setattr(connection, "cursor", fail)
        assert ready(client) == (503, {"database": "failed", "disk": "ok", "migrations": "failed", "triggers": "failed"})


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_they_are_only_read(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405
