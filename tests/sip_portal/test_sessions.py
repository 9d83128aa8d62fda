"""How long a session lives: an hour without use, twelve hours at most; use is written down seldom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people.models import User
from sip_portal.middleware import BACKGROUND_HEADER, SIGNED_IN_AT, TOUCHED_AT
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db

PAGE = "/accounts/password/change/"
MINUTE, HOUR = 60, 3600


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC), tick=False) as machine:
        yield machine


@pytest.fixture
def user() -> User:
    user = make_user("Susan Marlow")
    user.set_password("correct horse battery")
    user.save()
    return user


@pytest.fixture
def signed_in(clock: time_machine.Coordinates, client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def is_in(client: Client, **headers: Any) -> bool:
    """Asks for a page and says whether the session still lives."""
    response = client.get(PAGE, headers=headers)
    if response.status_code == 302:
        assert response["Location"] == f"/accounts/login/?next={PAGE}"
        return False
    assert response.status_code == 200
    return True


def writes_of(client: Client, **headers: Any) -> int:
    """How many statements of one request write to the table of sessions."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert is_in(client, **headers)
    return sum("django_session" in q["sql"] and q["sql"].startswith(("UPDATE", "INSERT", "DELETE")) for q in queries)


def test_use_is_written_at_most_once_in_five_minutes(signed_in: Client, clock: time_machine.Coordinates) -> None:
    assert [writes_of(signed_in) for _ in range(3)] == [0, 0, 0]
    clock.shift(5 * MINUTE - 1)
    assert writes_of(signed_in) == 0
    clock.shift(1)
    assert writes_of(signed_in) == 1
    assert writes_of(signed_in) == 0
    assert signed_in.session[TOUCHED_AT] - signed_in.session[SIGNED_IN_AT] == 5 * MINUTE


def test_an_hour_without_use_ends_it(signed_in: Client, clock: time_machine.Coordinates) -> None:
    clock.shift(HOUR - 1)
    assert is_in(signed_in)
    clock.shift(HOUR - 1)
    assert is_in(signed_in)
    clock.shift(HOUR)
    assert not is_in(signed_in)
    assert not is_in(signed_in)


def test_twelve_hours_end_it_however_busy(signed_in: Client, clock: time_machine.Coordinates) -> None:
    for _ in range(23):
        clock.shift(30 * MINUTE)
        assert is_in(signed_in)
    clock.shift(30 * MINUTE - 1)
    assert is_in(signed_in)
    clock.shift(1)
    assert not is_in(signed_in)
    assert not Session.objects.exists()


def test_a_timer_of_the_page_is_no_use(signed_in: Client, clock: time_machine.Coordinates) -> None:
    for _ in range(11):
        clock.shift(5 * MINUTE)
        assert writes_of(signed_in, **{BACKGROUND_HEADER: "1"}) == 0
    clock.shift(5 * MINUTE)
    assert not is_in(signed_in, **{BACKGROUND_HEADER: "1"})


def test_a_session_without_the_times_is_ended(signed_in: Client) -> None:
    session = signed_in.session
    del session[SIGNED_IN_AT]
    session.save()
    assert not is_in(signed_in)


def test_a_new_sign_in_begins_a_new_life(clock: time_machine.Coordinates, client: Client, user: User) -> None:
    def sign_in() -> None:
        answer = client.post("/accounts/login/", {"login": user.email, "password": "correct horse battery", "next": PAGE})
        assert (answer.status_code, answer["Location"]) == (302, PAGE)

    sign_in()
    before = client.session.session_key
    clock.shift(13 * HOUR)
    assert not is_in(client)
    sign_in()
    assert client.session.session_key != before
    assert is_in(client)


def test_nobody_in_particular_gets_no_session(client: Client) -> None:
    assert client.get("/accounts/login/").status_code == 200
    assert client.get("/nowhere/").status_code == 404
    assert set(client.cookies) <= {"csrftoken"}
    assert not Session.objects.exists()


def test_the_cookie_is_for_this_browser_session_only(client: Client, user: User) -> None:
    client.post("/accounts/login/", {"login": user.email, "password": "correct horse battery"})
    cookie = client.cookies["sid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"], cookie["expires"]) == (True, "Lax", "/", "", "")


def test_a_deactivated_person_is_out_at_the_next_request(signed_in: Client, user: User, clock: time_machine.Coordinates) -> None:
    assert is_in(signed_in)
    user.is_active, user.deactivated_at = False, dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    user.save()
    assert not is_in(signed_in)
