"""Signing in: email and password, limits that all processes share, a second factor for whoever enters the admin."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from people.models import User
from people.roles import Hat
from tests.factories.people import give_role, make_authority, make_user

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
PAGE = "/accounts/password/change/"
SIGN_IN = "/accounts/login/"


@pytest.fixture
def user() -> User:
    user = make_user("Susan Marlow", email="susan@portal.example")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def manager() -> User:
    user = make_user("Marian Holt")
    give_role(user, Hat.SIP_MANAGER, make_authority())
    return user


def sign_in(client: Client, email: str, password: str) -> Any:
    return client.post(SIGN_IN, {"login": email, "password": password, "next": PAGE})


def test_email_in_any_case_and_password(client: Client, user: User) -> None:
    assert sign_in(client, "SUSAN@portal.example", PASSWORD)["Location"] == PAGE
    assert client.get(PAGE).status_code == 200


def test_what_is_wrong_is_not_told(client: Client, user: User) -> None:
    wrong_password = sign_in(client, user.email, "wrong horse battery")
    nobody = sign_in(client, "nobody@portal.example", PASSWORD)
    assert (wrong_password.status_code, nobody.status_code) == (200, 200)
    said = [response.context["form"].non_field_errors() for response in (wrong_password, nobody)]
    assert said[0]
    assert said[0] == said[1]


def test_after_five_failures_the_right_password_waits_too(user: User) -> None:
    """Each from a client of its own: the count is in the database's cache, which all processes share."""
    for _ in range(5):
        assert sign_in(Client(), user.email, "wrong horse battery").status_code == 200
    blocked = Client()
    answer = sign_in(blocked, user.email, PASSWORD)
    assert answer.status_code in {200, 429}
    assert blocked.get(PAGE).status_code == 302


def test_signing_out_takes_a_post(client: Client, user: User) -> None:
    client.force_login(user)
    client.get("/accounts/logout/")
    assert client.get(PAGE).status_code == 200
    client.post("/accounts/logout/")
    assert client.get(PAGE).status_code == 302


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(client: Client, user: User, elsewhere: str) -> None:
    answer = client.post(SIGN_IN, {"login": user.email, "password": PASSWORD, "next": elsewhere})
    assert "elsewhere" not in answer["Location"]
    assert "javascript" not in answer["Location"]


class TestSignUp:
    def test_it_has_no_address(self, client: Client) -> None:
        assert client.get("/accounts/signup/").status_code == 404
        assert client.post("/accounts/signup/", {"email": "x@portal.example", "password1": PASSWORD}).status_code == 404
        for name in ("account_signup", "account_email", "account_request_login_code", "socialaccount_signup"):
            with pytest.raises(NoReverseMatch):
                reverse(name)
        assert not [key for key in get_resolver().reverse_dict if isinstance(key, str) and "signup" in key]

    def test_no_page_offers_it(self, client: Client) -> None:
        text = client.get(SIGN_IN).content.decode().lower()
        assert not [words for words in ("sign up", "signup", "register", "create an account") if words in text]


class TestSecondFactor:
    @pytest.fixture(autouse=True)
    def required(self, settings: Any) -> None:
        settings.SECOND_FACTOR_REQUIRED = True

    @pytest.fixture
    def inside(self, client: Client, manager: User) -> Client:
        client.force_login(manager)
        return client

    @pytest.mark.parametrize("address", ["/admin/", "/gallery/", "/nowhere/"])
    def test_whoever_may_enter_the_admin_sets_one_up_first(self, inside: Client, address: str) -> None:
        answer = inside.get(address)
        assert (answer.status_code, answer["Location"]) == (302, reverse("mfa_activate_totp"))

    def test_setting_it_up_and_leaving_stay_open(self, inside: Client) -> None:
        for name in ("mfa_activate_totp", "mfa_index", "account_logout"):
            answer = inside.get(reverse(name))
            assert answer.status_code == 200 or answer["Location"].startswith("/accounts/reauthenticate/")
        assert inside.get("/healthz").status_code == 200

    def test_recovery_codes_alone_are_none(self, inside: Client, manager: User) -> None:
        RecoveryCodes.activate(manager)
        assert inside.get("/gallery/").status_code == 302

    def test_with_one_the_way_is_free(self, inside: Client, manager: User) -> None:
        TOTP.activate(manager, generate_totp_secret())
        assert Authenticator.objects.filter(user=manager, type=Authenticator.Type.TOTP).exists()
        assert inside.get("/gallery/").status_code == 200

    def test_others_need_none(self, client: Client, user: User) -> None:
        client.force_login(user)
        assert client.get("/gallery/").status_code == 200

    def test_it_is_asked_for_at_the_next_sign_in(self, client: Client, user: User) -> None:
        TOTP.activate(user, generate_totp_secret())
        answer = sign_in(client, user.email, PASSWORD)
        assert answer["Location"].startswith(reverse("mfa_authenticate"))
        assert client.get(PAGE).status_code == 302

    def test_the_demonstration_is_spared(self, inside: Client, settings: Any) -> None:
        settings.SECOND_FACTOR_REQUIRED = False
        assert inside.get("/gallery/").status_code == 200
