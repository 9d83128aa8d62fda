"""A process killed in the middle of a submission or an import (SIGKILL): nothing is half-written, and nothing is lost (G7).

A child is forked and kills itself before its n-th writing statement, for every n there is; and once after it has committed.
What stands in the database then is what stood before, or, after the commit, all of it.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import signal
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from core.audit import AuditEvent
from core.outbox import OutboxEmail
from core.search import SearchDocument
from core.tabular.services import run
from schools.models import Contact
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, build_world
from tests.factories.tables import csv_bytes, written
from visits.choices import NoteState
from visits.models import GateReview, NoteOfVisit, NoteSection

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)", re.IGNORECASE)


@pytest.fixture
def world(settings: Any, transactional_db: None) -> World:
    settings.SIP_TODAY = TODAY
    world = build_world()
    make.load_england_2008(world.authority)
    return world


def killed(deed: Callable[[], None], before: int) -> bool:
    """Whether a child that does the deed died before its writing statement of this number (from 1). One that comes to the
    end of its deed first is killed as well, then."""
    connections.close_all()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - ends by SIGKILL
        count = 0

        def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            nonlocal count
            if WRITES.match(sql):
                count += 1
                if count == before:
                    os.kill(os.getpid(), signal.SIGKILL)
            return execute(sql, params, many, context)

        try:
            with connection.execute_wrapper(watch):
                deed()
            os.write(writer, b"done")
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.close(writer)
    status = os.waitpid(child, 0)[1]
    assert os.WTERMSIG(status) == signal.SIGKILL
    said = os.read(reader, 4)
    os.close(reader)
    return said != b"done"


def at_every_statement(deed: Callable[[], None], stands: Callable[[], Any]) -> int:
    """Kill before every writing statement: each time what stood stands. Answers how many there were; the last run is whole."""
    before = stands()
    for number in range(1, 500):
        if not killed(deed, number):
            return number - 1
        assert stands() == before, f"Half of it was written before statement {number}."
    raise AssertionError("It never came to an end.")


def test_a_submission_is_whole_or_not_at_all(world: World) -> None:
    note = make.fill(world.sip, make.start(world.sip, world.oak))
    texts = dict(NoteSection.objects.filter(note=note).values_list("code", "body"))

    def stands() -> Any:
        kept = dict(NoteSection.objects.filter(note=note).values_list("code", "body"))
        assert kept == texts  # no word is lost, whenever it is killed
        row = NoteOfVisit.objects.get(pk=note.pk)
        return (
            row.state,
            row.lock_version,
            row.submitted_at,
            AuditEvent.objects.count(),
            GateReview.objects.count(),
            OutboxEmail.objects.count(),
        )

    state, *_, events, reviews, _ = stands()
    tried = at_every_statement(lambda: _submit(world, note.pk), stands)
    assert (state, reviews) == (NoteState.DRAFT, 0) and tried >= 4
    after = stands()
    assert after[0] == NoteState.IN_REVIEW and after[3] > events and after[4] == 1  # committed, then killed: all of it stands


def _submit(world: World, pk: int) -> None:
    make.submit(world.fresh("sip"), NoteOfVisit.objects.get(pk=pk), asks_review=True)


def test_an_import_is_whole_or_not_at_all(world: World, tmp_path: Any) -> None:
    rows = [
        {"URN": school.urn, "Role": "chair of governors", "Name": f"Perpetua Quill {number}", "From": "01/10/2008"}
        for number, school in enumerate((world.oak, world.ash, world.fir))
    ]
    path = written(tmp_path, "contacts.csv", csv_bytes(("URN", "Role", "Name", "From"), rows, "utf-8"))

    def stands() -> Any:
        contacts = sorted(Contact.objects.values_list("school", "kind", "name", "state", "ends_on"), key=str)
        found = SearchDocument.objects.filter(kind="contact").count()
        return contacts, found, AuditEvent.objects.filter(event="contacts.imported").count()

    def deed() -> None:
        with path.open("rb") as file:
            run(
                actor=world.fresh("administrator"),
                kind="contacts",
                authority_code="999",
                file=file,
                file_name="contacts.csv",
                at=NOW + dt.timedelta(minutes=1),
                on=TODAY,
                should_commit=True,
            )

    before = stands()
    assert at_every_statement(deed, stands) >= 4
    contacts, found, events = stands()
    assert len(contacts) == len(before[0]) + 3 and events == before[2] + 1 and found >= 3
