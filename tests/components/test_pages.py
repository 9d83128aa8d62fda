"""The frame, the gallery, the error pages and those of sign-in: whole, valid and without anything inline."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import add_message, constants
from django.contrib.messages.storage.base import BaseStorage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse

from core.outbox import send_due
from sip_portal.gallery import SampleForm
from tests.components.markup import check_page, check_references
from tests.factories.people import NOW, make_user

NAV = [{"label": "Home", "url": "/", "current": False}, {"label": "Schools", "url": "/schools/", "current": True}]
AUTHORITY = {"name": "Wealdshire", "service": "School Improvement", "telephone": "01632 960001", "email": "sip@portal.example"}


class Messages(BaseStorage):
    def _get(self, *args: Any, **kwargs: Any) -> tuple[list[Any], bool]:
        return [], True

    def _store(self, messages: Any, response: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return []


@pytest.fixture
def request_of(db: None) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = make_user("Ruth Ashdown")
    request._messages = Messages(request)  # type: ignore[attr-defined]
    return request


def page(request: HttpRequest, template: str = "base.html", **context: Any) -> str:
    return render_to_string(template, context, request)


# ---------------------------------------------------------------- the frame


def test_the_frame_names_who_is_signed_in_where_and_as_what(request_of: HttpRequest) -> None:
    html = page(
        request_of, authority=AUTHORITY, nav=NAV, capacity="SIP", account_url="/account/", search_url="/search/", academic_year="2008/09"
    )
    check_page(html)
    assert "<title>SIP Portal – SIP Portal, Wealdshire</title>" in html
    assert '<a href="/account/">Ruth Ashdown<span class="govuk-visually-hidden">, your account</span></a><span>SIP</span>' in html
    assert re.search(r'<a class="govuk-service-navigation__link" href="/schools/" aria-current="true"><strong[^>]*>Schools', html)
    assert html.count('aria-current="true"') == 1
    assert 'role="search" action="/search/"' in html
    assert "Telephone 01632 960001" in html
    assert "Demonstration." in html
    assert "Today is Tuesday 14 October 2008." in html


def test_the_frame_stands_without_any_of_its_context() -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    html = page(request)
    check_page(html)
    assert "Sign out" not in html
    assert "<nav" not in html
    assert 'role="search"' not in html


def test_signing_out_is_a_post(request_of: HttpRequest) -> None:
    html = page(request_of)
    form = html[html.index('<form class="portal-signout"') :].split("</form>")[0]
    assert 'method="post"' in form
    assert 'name="csrfmiddlewaretoken"' in form


def test_a_page_with_errors_says_so_in_its_title_and_on_top(request_of: HttpRequest) -> None:
    html = page(request_of, form=SampleForm({}), refused="The school has a SIP already.")
    assert "<title>Error: SIP Portal" in html
    assert "Enter the visit date" in html
    assert "<li>The school has a SIP already.</li>" in html
    assert html.index("govuk-error-summary") > html.index("<main")


@pytest.mark.parametrize(
    ("level", "css", "role"),
    [
        (constants.SUCCESS, "done", "alert"),
        (constants.ERROR, "late", "alert"),
        (constants.WARNING, "due", "status"),
        (constants.INFO, "info", "status"),
    ],
)
def test_a_message_has_its_tone_and_is_escaped(request_of: HttpRequest, level: int, css: str, role: str) -> None:
    add_message(request_of, level, "Released to <Daniel Hale>.")
    html = page(request_of)
    assert f'portal-notice--{css} portal-message" role="{role}"' in html
    assert "Released to &lt;Daniel Hale&gt;." in html


def test_the_editors_frame_has_a_bar_in_place_of_the_navigation(request_of: HttpRequest) -> None:
    html = page(request_of, "base_editor.html", nav=NAV)
    check_page(html)
    assert 'class="portal-notebar"' in html
    assert "govuk-service-navigation" not in html
    assert "portal-body--writing" in html
    assert "<footer" not in html


def test_the_bar_of_a_note_says_what_state_it_is_in_and_by_when(request_of: HttpRequest) -> None:
    bar = {
        "school": "Tanners Lane Primary School",
        "url": "/s/",
        "what": "autumn pupil review",
        "state": ("Draft", "work"),
        "due_on": "2008-10-16",
    }
    html = render_to_string("components/notebar.html", {"bar": {**bar, "left": "2 office days left", "saved": "Saved 2:02pm"}}, request_of)
    assert "Due <strong>Thu 16 October</strong>" in html
    assert '<span class="portal-tag portal-tag--work">Draft</span>' in html
    assert 'role="status" data-saved>Saved 2:02pm</span>' in html


# ---------------------------------------------------------------- the gallery


def test_the_gallery_shows_every_component_and_asks_nothing_of_the_database(client: Client, db: None) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from core.components.templatetags import components

    client.force_login(make_user())
    with CaptureQueriesContext(connection) as queries:
        response = client.get("/gallery/")
    html = response.content.decode()
    check_page(html)
    about_people = [q["sql"] for q in queries if not re.search(r"session|people_|schools_|visits_", q["sql"])]
    assert about_people == []
    source = (settings.BASE_DIR / "templates" / "gallery.html").read_text()
    missing = {name for name in components.register.tags if f"{{% {name}" not in source and f"{{% end{name}" not in source}
    assert missing == {"asset", "due_date", "has_errors"}  # parts of the frame and of the due list


def test_the_gallery_is_for_whoever_has_signed_in(client: Client, db: None) -> None:
    response = client.get("/gallery/")
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_the_sample_picker_is_answered(client: Client, db: None) -> None:
    client.force_login(make_user())
    found = client.get("/gallery/?schools=1&q=infant").json()["results"]
    assert [row["label"] for row in found] == ["Beacon Hill Infant School"]


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize("name", ["400", "500"])
def test_the_pages_for_when_nothing_works_need_nothing(name: str) -> None:
    # No request, no context processor, no database: a query would fail this test.
    html = render_to_string(f"errors/{name}.html")
    check_page(html)
    assert "What to do:" in html
    assert "What was kept:" in html
    assert 'href="/static/portal/portal.css"' in html


def test_the_pages_for_when_nothing_works_come_without_the_list_of_static_files(settings: Any, tmp_path: Any) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}}
    with pytest.raises(ValueError, match="Missing staticfiles manifest entry"):
        render_to_string("base.html")
    assert 'href="/static/portal/portal.css"' in render_to_string("errors/500.html")


@pytest.mark.parametrize("name", ["403", "404", "csrf"])
def test_the_other_error_pages_say_what_happened_and_what_to_do(request_of: HttpRequest, name: str) -> None:
    html = page(request_of, f"errors/{name}.html", authority=AUTHORITY)
    check_page(html)
    assert "What to do:" in html
    anonymous = RequestFactory().get("/")
    anonymous.user = AnonymousUser()
    check_page(page(anonymous, f"errors/{name}.html"))


# ---------------------------------------------------------------- sign-in


@pytest.mark.parametrize(
    ("url_name", "title"),
    [
        ("account_login", "Sign in"),
        ("account_reset_password", "Reset your password"),
        ("account_reset_password_done", "Look in your email"),
        ("account_reset_password_from_key_done", "Your password is changed"),
        ("account_inactive", "This account has been closed"),
    ],
)
def test_pages_before_sign_in_are_ours_and_offer_no_sign_up(client: Client, db: None, url_name: str, title: str) -> None:
    html = client.get(reverse(url_name)).content.decode()
    check_page(html)
    assert f"<title>{title} – SIP Portal" in html
    assert not re.search(r"sign[ -]?up|register", html, re.IGNORECASE)


def test_a_link_of_a_reset_that_no_longer_works_says_so(client: Client, db: None) -> None:
    html = client.get("/accounts/password/reset/key/1-gone/").content.decode()
    check_page(html)
    assert "The link no longer works" in html


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"login": "", "password": ""}, ["Enter your email address", "Enter your password"]),
        ({"login": "ruth", "password": "x"}, ["Enter an email address in the correct format, like name@example.com"]),
        ({"login": "nobody@portal.example", "password": "x"}, ["The email address and the password do not belong together"]),
    ],
)
def test_a_sign_in_that_fails_says_what_to_enter(client: Client, db: None, data: dict[str, str], said: list[str]) -> None:
    html = client.post(reverse("account_login"), data).content.decode()
    check_page(html)
    assert "<title>Error: Sign in" in html
    for message in said:
        assert message in html


@pytest.mark.parametrize(
    ("url_name", "title"),
    [("account_change_password", "Change your password"), ("mfa_index", "The second step of signing in"), ("account_logout", "Sign out")],
)
def test_pages_of_ones_own_account_are_ours(client: Client, db: None, url_name: str, title: str) -> None:
    user = make_user()
    user.set_password("three words together")
    user.save()
    client.force_login(user)
    html = client.get(reverse(url_name)).content.decode()
    check_page(html)
    assert f"<title>{title} – SIP Portal" in html


def test_the_second_step_is_turned_on_and_off_with_our_words(client: Client, db: None) -> None:
    import time

    from allauth.mfa.totp.internal import auth

    user = make_user("Ruth Ashdown")
    user.set_password("three words together")
    user.save()
    client.force_login(user)
    ask = client.get(reverse("mfa_activate_totp"), follow=True)
    assert "Confirm that it is you" in ask.content.decode()
    check_page(ask.content.decode())
    on = client.post(ask.redirect_chain[-1][0], {"password": "three words together"}, follow=True).content.decode()
    check_page(on)
    assert re.search(r'<path d="M\d+ \d+h1v1h-1z', on)
    assert "data:" not in on
    secret = re.search(r'portal-break">(\w+)<', on)
    assert secret
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "000"}).content.decode()
    assert "The code is not right. Enter the newest one that your app shows" in wrong
    check_references(wrong)
    code = auth.format_hotp_value(auth.hotp_value(secret[1], int(time.time()) // 30))
    codes = client.post(reverse("mfa_activate_totp"), {"code": code}, follow=True).content.decode()
    check_page(codes)
    assert "<strong>10 of 10</strong> are left." in codes
    assert codes.count('<li><code class="portal-hash">') == 10
    for url_name in ("mfa_index", "mfa_generate_recovery_codes", "mfa_deactivate_totp"):
        check_page(client.get(reverse(url_name)).content.decode())


def test_the_email_of_a_reset_holds_the_link_and_how_long_it_lasts(client: Client, db: None, mailoutbox: list[Any]) -> None:
    user = make_user("Ruth Ashdown")
    client.post(reverse("account_reset_password"), {"email": user.email})
    assert not mailoutbox  # by the outbox: who is known is answered as fast as who is not
    send_due(NOW)
    (message,) = mailoutbox
    assert message.subject == "Choose a new password for the SIP Portal"
    assert "within one hour" in message.body
    assert "/accounts/password/reset/key/" in message.body
