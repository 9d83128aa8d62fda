"""What every response carries, and what nobody who has not signed in may see."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path

from core import request_id
from people.models import User
from sip_portal import urls
from tests.access import expected
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db

ANONYMOUS = {*expected.ANONYMOUS, "admin:login"}
"""Everything that answers somebody who has not signed in with anything but the way to sign in."""


@pytest.fixture
def user() -> User:
    return make_user("Susan Marlow")


# ---------------------------------------------------------------- the anonymous surface


def entries(resolver: URLResolver | None = None, namespace: str = "", prefix: str = "") -> Iterator[tuple[str, str, Any]]:
    """(name, route, view) of every address."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from entries(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace, route)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", route, entry.callback


def test_the_anonymous_surface_is_this_list() -> None:
    """LoginRequiredMiddleware asks of each view whether it says that signing in is not required."""
    open_views = {name for name, _, view in entries() if not getattr(view, "login_required", True)}
    assert open_views == ANONYMOUS


SAMPLES = [
    (re.compile(r"<pid:\w+>"), "0" * 20),
    (re.compile(r"<int:\w+>"), "1"),
    (re.compile(r"<uuid:\w+>"), "00000000-0000-0000-0000-000000000000"),
    (re.compile(r"<(?:str:|slug:|path:)?\w+>"), "x"),
    (re.compile(r"\(\?P<uidb36>[^)]*\)"), "1"),
    (re.compile(r"\(\?P<key>[^)]*\)"), "set-password"),
    (re.compile(r"\(\?P<app_label>[^)]*\)"), "people"),
    (re.compile(r"\(\?P<url>[^)]*\)"), "x"),
]


def sample(route: str) -> str:
    """An address that the route takes."""
    for pattern, value in SAMPLES:
        route = pattern.sub(value, route)
    return "/" + re.sub(r"\\([/.\-])", r"\1", route.replace("^", "").replace("$", "").replace("\\Z", ""))


def test_every_other_address_asks_to_sign_in_first(client: Client) -> None:
    asked = 0
    for name, route, _ in entries():
        if name in ANONYMOUS:
            continue
        address = sample(route)
        for method in (client.get, client.post):
            answer = method(address)
            assert answer.status_code == 302, f"{name} at {address} answered {answer.status_code}"
            assert answer["Location"].startswith(("/accounts/login/", "/admin/login/")), (
                f"{name} at {address} leads to {answer['Location']}"
            )
        asked += 1
    assert asked > 10


def test_an_address_that_is_nowhere_is_not_found(client: Client) -> None:
    assert client.get("/nowhere/").status_code == 404


# ---------------------------------------------------------------- headers


def addresses() -> list[str]:
    return ["/accounts/login/", "/accounts/password/change/", "/gallery/", "/nowhere/", "/admin/", "/healthz", "/readyz"]


@pytest.mark.parametrize("is_signed_in", [True, False])
@pytest.mark.parametrize("address", addresses())
def test_nothing_is_kept_by_a_browser_or_a_proxy(client: Client, user: User, address: str, is_signed_in: bool) -> None:
    if is_signed_in:
        client.force_login(user)
    assert client.get(address)["Cache-Control"] == "no-store"


def test_the_redirect_to_a_second_factor_is_not_kept_either(client: Client, world: Any, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    client.force_login(world.manager)
    answer = client.get("/gallery/")
    assert (answer.status_code, answer["Cache-Control"]) == (302, "no-store")


@pytest.mark.parametrize("address", [*addresses()[:5], "/accounts/password/reset/"])
def test_the_policy_for_content_lets_only_our_own_files_in(client: Client, user: User, address: str) -> None:
    client.force_login(user)
    policy = client.get(address)["Content-Security-Policy"]
    rules = {name: sources for name, *sources in (rule.split() for rule in policy.split(";"))}
    assert rules["default-src"] == ["'none'"]
    for kind in ("script-src", "style-src", "img-src", "font-src", "connect-src", "form-action"):
        assert rules[kind] == ["'self'"]
    for kind in ("base-uri", "frame-ancestors", "object-src"):
        assert rules[kind] == ["'none'"]
    assert "unsafe" not in policy
    assert "*" not in policy


def test_other_headers_of_a_page(client: Client) -> None:
    answer = client.get("/accounts/login/")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


# ---------------------------------------------------------------- the request's id, and its line in the log


class TestRequestId:
    def test_each_request_has_its_own(self, client: Client) -> None:
        found = [client.get("/healthz")["X-Request-ID"] for _ in range(3)]
        assert len(set(found)) == 3
        assert all(re.fullmatch(r"[0-9a-f]{16}", one) for one in found)

    def test_one_that_the_client_sends_is_not_taken_over(self, client: Client) -> None:
        sent = "0123456789abcdef"
        assert client.get("/healthz", headers={"X-Request-ID": sent})["X-Request-ID"] != sent

    def test_it_is_bound_while_the_request_lasts(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        seen = []

        @login_not_required
        def view(request: HttpRequest) -> HttpResponse:
            seen.append(request_id.get())
            return HttpResponse("ok")

        with extra_url(monkeypatch, view):
            assert client.get("/extra/")["X-Request-ID"] == seen[0] != ""
        assert request_id.get() == ""

    def test_the_line_names_the_route_and_not_the_path(self, client: Client, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO, "sip_portal.request")
        answer = client.get("/accounts/password/reset/key/1-secret-key/?token=secret")
        line = next(record for record in caplog.records if record.getMessage() == "request")
        assert vars(line)["route"].startswith("accounts/password/reset/key/(")
        assert (vars(line)["method"], vars(line)["status"]) == ("GET", answer.status_code)
        assert "secret" not in json.dumps({key: str(value) for key, value in vars(line).items() if key != "request"})


class extra_url:
    """``with extra_url(monkeypatch, view)``: the view at /extra/ for a while."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, view: Any) -> None:
        self.monkeypatch, self.view = monkeypatch, view

    def __enter__(self) -> None:
        self.monkeypatch.setattr(urls, "urlpatterns", [path("extra/", self.view), *urls.urlpatterns])
        self.forget()

    def __exit__(self, *error: object) -> None:
        self.monkeypatch.undo()
        self.forget()

    @staticmethod
    def forget() -> None:
        resolver = get_resolver()
        resolver.__dict__.pop("url_patterns", None)
        resolver._populated = False


# ---------------------------------------------------------------- error pages


class TestErrorPages:
    def ask(self, monkeypatch: pytest.MonkeyPatch, error: Exception, user: User | None = None) -> Any:
        @login_not_required
        def view(request: HttpRequest) -> HttpResponse:
            raise error

        client = Client(raise_request_exception=False)
        if user:
            client.force_login(user)
        with extra_url(monkeypatch, view):
            return client.get("/extra/")

    def test_a_fault_is_told_in_plain_words_and_without_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        answer = self.ask(monkeypatch, RuntimeError("the secret of row 17"))
        text = answer.content.decode()
        assert answer.status_code == 500
        assert "Something went wrong" in text
        assert "row 17" not in text
        assert "Traceback" not in text
        assert answer["Cache-Control"] == "no-store"

    def test_where_its_template_fails_a_sentence_is_left(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*args: object) -> str:
            raise ValueError("no such file in the list")

        monkeypatch.setattr("sip_portal.views.render_to_string", fail)
        from sip_portal.views import server_error

        answer = server_error(HttpRequest())
        assert (answer.status_code, answer["Content-Type"]) == (500, "text/plain")
        assert b"What was saved is kept" in answer.content

    def test_what_may_not_be_done_is_403(self, monkeypatch: pytest.MonkeyPatch, user: User) -> None:
        answer = self.ask(monkeypatch, PermissionDenied("Not allowed: note.release."), user)
        assert answer.status_code == 403
        assert "note.release" not in answer.content.decode()

    def test_not_found_looks_the_same_for_everybody(self, client: Client, user: User) -> None:
        client.force_login(user)
        token = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
        first, second = (token.sub("", client.get(address).content.decode()) for address in ("/nowhere/", "/elsewhere/"))
        assert first == second

    def test_a_form_that_came_from_elsewhere(self, user: User) -> None:
        client = Client(enforce_csrf_checks=True)
        answer = client.post("/accounts/login/", {"login": user.email, "password": "x"})
        assert answer.status_code == 403
        assert "<h1" in answer.content.decode()
