"""The first administrator of an authority, made at the machine."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from core import clock
from core.audit import AuditEvent
from people.models import Authority, RoleAssignment, User
from people.roles import Hat
from tests.factories.people import make_authority, make_user

pytestmark = pytest.mark.django_db


def add(**options: str) -> str:
    said = io.StringIO()
    call_command("add_administrator", stdout=said, **options)
    return said.getvalue()


def test_authority_account_and_role() -> None:
    said = add(authority="999", authority_name="Wealdshire", email="ada@wealdshire.example", name="Ada Minton")
    assert said.startswith("Ada Minton is an administrator of Wealdshire from today.")
    assert "no password yet" in said
    user = User.objects.get()
    assert (user.email, user.home_authority, user.is_staff) == ("ada@wealdshire.example", Authority.objects.get(code="999"), True)
    role = RoleAssignment.objects.get()
    assert (role.role, role.starts_on, role.ends_on) == (Hat.ADMINISTRATOR, clock.today(), None)
    events = set(AuditEvent.objects.values_list("event", "actor_id"))
    assert events == {("authority.created", ""), ("account.created", ""), ("role.granted", "")}


def test_what_is_there_is_taken() -> None:
    authority = make_authority("999", "Wealdshire")
    user = make_user("Ada Minton", email="ada@wealdshire.example", authority=authority)
    user.set_password("correct horse battery")
    user.save()
    said = add(authority="999", email="ADA@wealdshire.example")
    assert said == "Ada Minton is an administrator of Wealdshire from today.\n"
    assert (User.objects.count(), Authority.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"authority": "999", "email": "ada@wealdshire.example", "name": "Ada"}, "no authority 999 yet"),
        ({"authority": "888", "email": "ada@wealdshire.example"}, "no account ada@wealdshire.example yet"),
        ({"authority": "888", "email": "not an address", "name": "Ada"}, "email"),
    ],
)
def test_what_is_missing_is_one_sentence_and_nothing_is_made(options: dict[str, str], says: str) -> None:
    make_authority("888", "Marchwold")
    with pytest.raises(CommandError, match=says):
        add(**options)
    assert (User.objects.count(), Authority.objects.count()) == (0, 1)


def test_twice_is_refused() -> None:
    add(authority="999", authority_name="Wealdshire", email="ada@wealdshire.example", name="Ada Minton")
    with pytest.raises(CommandError, match="Administrator on some of these days already"):
        add(authority="999", email="ada@wealdshire.example")
