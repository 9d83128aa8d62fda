"""Every write is a service, and every service is audited, called by a test, and asked by keyword (rules 5 and 10)."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from core import audit
from people.models import Authority
from tests import audited
from tests.factories.people import NOW

TESTS = Path(settings.BASE_DIR) / "tests"

WITHOUT_ACTOR: dict[str, str] = {
    "people.services.accept_invitation": "the token says who",
    "people.services.end_sessions": "part of a deactivation, which has an actor",
    "people.services.facts_of": "reads",
    "people.services.open_invitation": "reads",
    "people.services.people_with": "reads",
    "quality.services.form_of_token": "reads",
    "quality.services.release_due_feedback": "the clock releases",
    "schools.services.account_for": "reads",
    "visits.services.reminded_today": "reads",
    "visits.services.send_reminders": "the portal by itself, by the clock",
    "support.services.publish_due_categories": "the clock publishes on the day that the letter named",
    "support.services.watch_schools": "the portal asks the rules, after an import or by the command",
    "visits.services.escalate_alerts": "the clock sends them on",
}
"""Functions of services modules that nobody does: reads, and what the portal does by itself."""


def test_the_list_of_services_is_found() -> None:
    found = audited.services(strict=True)
    assert {"targets.services.set_target", "support.services.open_concern"} <= set(found)
    unknown = (set(WITHOUT_ACTOR) | set(audited.WITHOUT_EVENT)) - set(found)
    assert not unknown, f"Exempted, but no service any more: {sorted(unknown)}"


def test_a_service_takes_keywords_the_actor_among_them_and_a_time() -> None:
    faults = []
    for name, service in audited.services(strict=True).items():
        parameters = inspect.signature(service).parameters
        if name in WITHOUT_ACTOR:
            continue
        if "actor" not in parameters:
            faults.append(f"{name} takes no actor")
        if not {"at", "on"} & set(parameters):
            faults.append(f"{name} takes neither a time nor a day")
        by_keyword = {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD}
        faults += [f"{name}: {p.name} is not keyword-only" for p in parameters.values() if p.kind not in by_keyword]
    assert faults == []


def test_every_service_is_called_by_a_test() -> None:
    """So that the watch on its events has something to watch: the name is used, not merely imported, in some test."""
    used: set[str] = set()
    for path in TESTS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Name | ast.Attribute):
                used.add(node.id if isinstance(node, ast.Name) else node.attr)
    writing = [name for name in audited.services(strict=True) if WITHOUT_ACTOR.get(name) != "reads"]
    untested = [name for name in writing if name.rpartition(".")[2] not in used]
    assert untested == []


# ---------------------------------------------------------------- the watch itself


def silent(*, authority: Authority) -> None:
    Authority.objects.filter(pk=authority.pk).update(name="Elsewhere")


def told(*, authority: Authority) -> None:
    silent(authority=authority)
    audit.record("authority.changed", actor=None, at=NOW, subject=authority, authority=authority)


@pytest.fixture
def authority(db: None) -> Authority:
    return Authority.objects.create(code="999", name="Wealdshire", created_at=NOW)


@pytest.mark.both
class TestWatch:
    def test_a_write_without_an_event_fails(self, authority: Authority) -> None:
        with pytest.raises(AssertionError, match=r"tests\.silent wrote people_authority and left no audit event"):
            audited.watched("tests.silent", silent)(authority=authority)

    def test_a_write_with_one_passes(self, authority: Authority) -> None:
        audited.watched("tests.told", told)(authority=authority)

    def test_a_caller_answers_for_what_it_calls(self, authority: Authority) -> None:
        inner = audited.watched("tests.silent", silent)

        def outer() -> None:
            inner(authority=authority)
            audit.record("authority.changed", actor=None, at=NOW, subject=authority, authority=authority)

        audited.watched("tests.outer", outer)()
        with pytest.raises(AssertionError, match=r"tests\.careless wrote people_authority"):
            audited.watched("tests.careless", lambda: inner(authority=authority))()

    def test_an_inner_event_does_not_cover_an_outer_write(self, authority: Authority) -> None:
        inner = audited.watched("tests.told", told)

        def outer() -> None:
            inner(authority=authority)
            Authority.objects.filter(pk=authority.pk).update(code="998")

        with pytest.raises(AssertionError, match=r"tests\.outer wrote people_authority"):
            audited.watched("tests.outer", outer)()

    def test_reading_and_failing_need_no_event(self, authority: Authority) -> None:
        assert audited.watched("tests.read", Authority.objects.count)() == 1

        def refuse() -> None:
            silent(authority=authority)
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            audited.watched("tests.refuse", refuse)()

    @pytest.mark.parametrize(
        "statement",
        [
            'INSERT INTO "people_authority" ("code") VALUES (%s)',
            'INSERT OR IGNORE INTO "people_authority" VALUES (1)',
            "REPLACE INTO people_authority VALUES (1)",
            'UPDATE "people_authority" SET "code" = 1',
            '  delete from "people_authority"',
        ],
    )
    def test_every_way_of_writing_counts(self, statement: str) -> None:
        account = audited.Account()
        account.take(statement)
        assert account.tables == {"people_authority"}

    def test_tables_that_need_no_event_exist(self, db: None) -> None:
        assert set(audited.NO_EVENT_NEEDED) - set(connection.introspection.table_names()) == set()

    def test_services_are_under_watch_in_this_run(self) -> None:
        import support.services
        from support.services import open_concern

        assert open_concern is support.services.open_concern
        assert open_concern.__wrapped__ is not open_concern
        assert "audited.py" in open_concern.__code__.co_filename
