"""Evaluation (P33): answered once, read only when it is closed and from enough answers, and tied to nobody (ADR 0042)."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from briefings import services
from briefings.models import Evaluation, EvaluationBox, Evaluator
from briefings.selectors.evaluation import summary_of
from core.access import Conflict, Refused
from core.audit import AuditEvent
from core.due import due_to
from people.models import User
from tests.factories.briefings import make_briefing, make_evaluation
from tests.factories.people import NOW, TODAY, make_sip, make_user
from tests.factories.schools import World
from tests.factories.shadowing import again

pytestmark = [pytest.mark.django_db, pytest.mark.both]

CAME = ("sip", "consultant", "new_sip", "sip_head", "cover_adviser")
CLOSED = TODAY + dt.timedelta(days=30)


def opened(world: World) -> Evaluation:
    return make_evaluation(world, [world.people[name] for name in CAME])


def answer(user: User, row: Evaluation, ratings: dict[str, int] | None = None, words: dict[str, str] | None = None, **values: Any) -> None:
    at = values.pop("at", NOW)
    services.answer_evaluation(actor=user, evaluation=row, ratings=ratings or {"purpose": 1}, words=words or {}, at=at)


def test_those_who_came_are_asked_and_answer_once(briefed: World) -> None:
    row = opened(briefed)
    assert [item.title for item in due_to(briefed.fresh("sip"), TODAY) if item.url == row.get_absolute_url()] == [
        f"Evaluate: {row.of.title}"
    ]
    answer(briefed.fresh("sip"), row)
    assert not [item for item in due_to(briefed.fresh("sip"), TODAY) if item.url == row.get_absolute_url()]
    with pytest.raises(Conflict, match="answered already"):
        answer(briefed.fresh("sip"), row)
    assert len(EvaluationBox.objects.get(evaluation=row).sheets) == 1
    with pytest.raises(PermissionDenied):
        answer(briefed.fresh("manager"), row)
    with pytest.raises(Refused, match="not on the form"):
        answer(briefed.fresh("consultant"), row, {"purpose": 9})
    with pytest.raises(Refused, match="at least one"):
        services.answer_evaluation(actor=briefed.fresh("consultant"), evaluation=row, ratings={}, words={"most": " "}, at=NOW)
    with pytest.raises(Refused, match="last day"):
        answer(briefed.fresh("consultant"), row, at=NOW + dt.timedelta(days=30))


def test_few_who_came_are_not_asked_and_nobody_before_who_came_is_known(briefed: World) -> None:
    manager, row = briefed.fresh("manager"), make_briefing(briefed, TODAY)
    with pytest.raises(Refused, match="Record who came"):
        services.open_evaluation(actor=manager, of=row, at=NOW)
    services.record_attendance(actor=manager, briefing=row, came=[briefed.people[name] for name in CAME[:4]], at=NOW)
    with pytest.raises(Refused, match="Fewer than 5 came"):
        services.open_evaluation(actor=manager, of=again(row), at=NOW)


def test_nobody_reads_it_before_it_is_closed_or_from_too_few(briefed: World) -> None:
    row = opened(briefed)
    for number, name in enumerate(CAME[:4]):
        answer(briefed.fresh(name), row, {"purpose": 1 + number % 2}, {"cpd": f"Training {number}"})
    assert summary_of(row, 5, TODAY) is None and summary_of(row, 5, CLOSED) is None  # open; then four of five
    answer(briefed.fresh(CAME[4]), row, {"purpose": 4, "venue": 2}, {"most": "The data"})
    assert summary_of(row, 5, row.closes_on) is None
    found = summary_of(row, 5, CLOSED)
    assert found is not None and found.answered == 5
    assert (found.rated[0].counts, str(found.rated[0].mean)) == ((2, 2, 0, 1), "2.0")
    assert dict(found.said)["What training do you need this year?"] == tuple(f"Training {number}" for number in range(4))


def test_the_form_and_its_summary_on_the_page(briefed: World, settings: Any) -> None:
    row = opened(briefed)
    form = row.form
    for name in CAME:
        client = Client()
        client.force_login(briefed.fresh(name))
        page = client.get(row.get_absolute_url()).content.decode()
        assert "Nobody can tell who gave which answer" in page and "What was rated" not in page
        sent = {f"rate-{code}": "2" for code, _ in form["items"]} | {"say-most": f"Said by one of them {name}"}
        assert client.post(row.get_absolute_url(), sent).status_code == 302
    manager = Client()
    manager.force_login(briefed.fresh("manager"))
    before = manager.get(row.get_absolute_url()).content.decode()
    assert "nobody reads an answer before" in before and "Said by one" not in before
    settings.SIP_TODAY = CLOSED
    after = manager.get(row.get_absolute_url()).content.decode()
    assert "What was rated" in after and "Said by one of them sip" in after
    assert manager.post(row.get_absolute_url(), {}).status_code == 403
    assert "To be read" in manager.get(reverse("briefings:evaluation-list")).content.decode()


# ---------------------------------------------------------------- an attempt to tie answers to people


def dump() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in the order in which the database keeps them, with what it knows of each beside its columns:
    SQLite's hidden row number, PostgreSQL's place on the disk and the transaction that wrote it."""
    hidden = "rowid" if connection.vendor == "sqlite" else "ctid::text, xmin::text"
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            if table in connection.introspection.table_names(cursor):
                cursor.execute(f'SELECT {hidden}, * FROM "{table}"')
                found[table] = [tuple(row) for row in cursor.fetchall()]
    return found


def test_an_attempt_to_tie_answers_to_people_fails(briefed: World) -> None:
    """Sixteen people answer in a known order, each with a word of their own. Whoever reads the whole database afterwards looks for
    a row that holds a word beside a person or a moment, and matches what has an order with the sheets by every order there is."""
    people = []
    for number in range(16):
        people.append(make_user(f"Anonyma {number}", authority=briefed.authority))
        make_sip(people[-1], briefed.authority)
    row = make_evaluation(briefed, people)
    before = dump()
    for number, user in enumerate(people):
        at = NOW + dt.timedelta(minutes=7 * number)
        answer(User.objects.get(pk=user.pk), row, {"purpose": 1 + number % 4}, {"most": f"zqword{number}zq"}, at=at)
    after = dump()

    # every row that the answers wrote
    written = {table: [r for r in rows if r not in before[table]] for table, rows in after.items()}
    changed = {table for table, rows in written.items() if rows}
    assert changed == {"briefings_evaluationbox", "briefings_evaluator", "core_auditevent"}, changed

    # by what stands beside a word: the words lie in one row, which names nobody, no moment and no day
    (box,) = written["briefings_evaluationbox"]
    held = json.dumps(box, default=str)
    assert all(f"zqword{number}zq" in held for number in range(16))
    for user in people:
        assert user.public_id not in held and user.email not in held and user.name not in held
    assert set(EvaluationBox.objects.get(evaluation=row).sheets[0]) == {"ratings", "words"} and "2008" not in held
    elsewhere = json.dumps({table: rows for table, rows in written.items() if table != "briefings_evaluationbox"}, default=str)
    assert "zqword" not in elsewhere

    # by the audit: sixteen equal events of one day, without a person, a request or a content
    events = list(AuditEvent.objects.filter(event="evaluation.answered").order_by("pk"))
    told = {(e.occurred_at, e.recorded_at, e.actor_id, e.actor_name, e.request_id, e.subject_id, json.dumps(e.changes)) for e in events}
    assert (
        len(events) == 16 and len(told) == 1 and events[0].actor_id == "" and timezone.localtime(events[0].occurred_at).time() == dt.time(0)
    )

    # by order: the people in every order that a table gives (ids, hidden numbers, places on the disk), against the sheets' order
    sheets = [int(sheet["words"]["most"][6:-2]) for sheet in EvaluationBox.objects.get(evaluation=row).sheets]
    number_of = {user.pk: number for number, user in enumerate(people)}
    marks = [(mark, number_of[mark[-1]]) for mark in by_mark(row)]
    for column in range(len(marks[0][0])):
        order = [number for _, number in sorted(marks, key=lambda pair: (str(pair[0][column]).zfill(20), pair[1]))]
        for guess in (order, order[::-1]):
            hits = sum(1 for one, other in zip(guess, sheets, strict=True) if one == other)
            assert hits < 9, (column, hits)  # by chance one of sixteen; nine or more once in a million
    assert Counter(Evaluator.objects.filter(evaluation=row).values_list("has_answered", flat=True)) == {True: 16}


def by_mark(row: Evaluation) -> list[tuple[Any, ...]]:
    """The marks that people have answered, as the database keeps them, the person's key last."""
    hidden = "rowid" if connection.vendor == "sqlite" else "ctid::text, xmin::text"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {hidden}, id, user_id FROM briefings_evaluator WHERE evaluation_id = %s", [row.pk])
        return [tuple(each) for each in cursor.fetchall()]
