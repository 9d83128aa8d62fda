"""Accounts, invitations, deactivation."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from core import clock, outbox
from core.access import Conflict, Refused
from core.audit import AuditEvent
from core.outbox import OutboxEmail
from people.models import Invitation, User
from people.services import accept_invitation, create_account, deactivate, end_sessions, invite, open_invitation, reactivate, update_account
from tests.factories.people import NOW, make_invitation, make_user
from tests.factories.schools import World

pytestmark = pytest.mark.django_db

GOOD = "correct horse battery staple"


def make(world: World, email: str = "new@wealdshire.example", name: str = "Newt Newman", actor: str = "administrator") -> User:
    return create_account(actor=world.people[actor], authority=world.authority, name=name, email=email, at=NOW)


def test_an_account_is_one_a_person_by_email(world: World) -> None:
    user = make(world)
    assert (user.home_authority, user.has_usable_password(), user.hats.worn) == (world.authority, False, frozenset())
    with pytest.raises(Conflict, match="has an account already"):
        make(world, email="NEW@wealdshire.example")
    with pytest.raises(Refused, match="correct format"):
        make(world, email="no address")
    with pytest.raises(Refused, match="name"):
        make(world, email="other@wealdshire.example", name=" ")


@pytest.mark.parametrize("name", ["manager", "sip", "head", "other_administrator", "dpo"])
def test_only_the_authority_s_administrator_makes_accounts(world: World, name: str) -> None:
    with pytest.raises(PermissionDenied):
        make(world, actor=name)


def test_an_invitation_sets_a_password_once(world: World) -> None:
    user = make(world)
    row, token = invite(actor=world.administrator, user=user, authority=world.authority, at=NOW)
    email = OutboxEmail.objects.get()
    assert (email.to_address, token in email.body, row.token_digest in email.body) == (user.email, True, False)
    assert row.expires_at == NOW + dt.timedelta(days=7)
    with pytest.raises(Refused) as weak:
        accept_invitation(token=token, password="password", at=NOW)
    assert weak.value.field == "password"
    accept_invitation(token=token, password=GOOD, at=NOW + dt.timedelta(days=6, hours=23))
    user.refresh_from_db()
    assert user.check_password(GOOD)
    with pytest.raises(Refused, match="no longer valid"):
        accept_invitation(token=token, password=GOOD + " again", at=NOW)
    assert AuditEvent.objects.get(event="invitation.accepted").actor_id == user.public_id


def test_an_invitation_ends_with_its_week_the_next_one_and_the_account(world: World) -> None:
    user = make(world)
    _, first = invite(actor=world.administrator, user=user, authority=world.authority, at=NOW)
    _, second = invite(actor=world.administrator, user=user, authority=world.authority, at=NOW)
    assert open_invitation(first, NOW) is None
    assert open_invitation(second, NOW + dt.timedelta(days=7)) is None
    assert open_invitation("0" * 40, NOW) is None
    assert open_invitation(second, NOW) is not None
    deactivate(actor=world.administrator, user=user, reason="Left", at=NOW)
    assert open_invitation(second, NOW) is None
    reactivate(actor=world.administrator, user=user, reason="Back", at=NOW)
    assert open_invitation(second, NOW) is None  # a new one is sent


def test_who_has_a_password_is_not_invited(world: World) -> None:
    user = make(world)
    user.set_password(GOOD)
    user.save()
    with pytest.raises(Refused, match="has a password already"):
        invite(actor=world.administrator, user=user, authority=world.authority, at=NOW)
    with pytest.raises(PermissionDenied):
        invite(actor=world.administrator, user=world.other_head, authority=world.authority, at=NOW)
    with pytest.raises(PermissionDenied):
        invite(actor=world.administrator, user=world.administrator, authority=world.authority, at=NOW)


def test_the_token_is_forgotten_once_its_email_has_gone(world: World) -> None:
    user = make(world)
    _, token = invite(actor=world.administrator, user=user, authority=world.authority, at=NOW)
    outbox.send_due(clock.now())
    assert token not in OutboxEmail.objects.get().body


def test_the_page_behind_an_invitation(world: World, client: Client) -> None:
    user = make_user("Newt Newman", authority=world.authority)
    _, token = make_invitation(user, world.authority, world.administrator, sent_at=clock.now())
    url = reverse("people:invitation-accept", args=[token])
    page = client.get(url)
    assert page.status_code == 200
    assert user.email in page.content.decode()
    assert token not in page.content.decode()
    assert client.post(url, {"password": GOOD, "again": "something else"}).status_code == 422
    assert not Invitation.objects.get().accepted_at
    answer = client.post(url, {"password": GOOD, "again": GOOD})
    assert (answer.status_code, answer["Location"]) == (302, reverse("account_login"))
    again = client.get(url)
    assert again.status_code == 404
    assert "no longer valid" in again.content.decode()
    assert user.name not in again.content.decode()
    assert client.get(reverse("people:invitation-accept", args=["0" * 40])).status_code == 404


def test_deactivation_ends_access_with_the_next_request(world: World, client: Client) -> None:
    client.force_login(world.sip)
    other = Client()
    other.force_login(world.consultant)
    assert client.get(reverse("people:account")).status_code == 200
    deactivate(actor=world.administrator, user=world.sip, reason="Left", at=NOW)
    assert client.get(reverse("people:account")).status_code == 302
    assert Session.objects.count() == 1
    assert other.get(reverse("people:account")).status_code == 200
    with pytest.raises(Conflict):
        deactivate(actor=world.administrator, user=world.sip, reason="Left", at=NOW)
    reactivate(actor=world.administrator, user=world.sip, reason="Came back", at=NOW)
    assert world.fresh("sip").is_active


def test_sessions_of_one_person_are_ended(world: World) -> None:
    for person in (world.sip, world.sip, world.consultant):
        Client().force_login(person)
    assert end_sessions(world.sip) == 2
    assert Session.objects.count() == 1


def test_a_session_that_outlives_its_account_is_nobody_s(world: World, client: Client) -> None:
    client.force_login(world.sip)
    User.objects.filter(pk=world.sip.pk).update(is_active=False, deactivated_at=NOW)
    assert client.get(reverse("people:account")).status_code == 302


def test_nobody_deactivates_themselves_or_another_authority_s(world: World) -> None:
    for user in (world.administrator, world.other_head):
        with pytest.raises(PermissionDenied):
            deactivate(actor=world.administrator, user=user, reason="Left", at=NOW)
    with pytest.raises(Refused, match="Say why"):
        deactivate(actor=world.administrator, user=world.sip, reason=" ", at=NOW)


def test_own_details_are_one_s_own(world: World, client: Client) -> None:
    client.force_login(world.head)
    answer = client.post(reverse("people:account"), {"name": "Anwen  Price-Jones", "telephone": "01632 960001"})
    assert answer.status_code == 302
    world.head.refresh_from_db()
    assert (world.head.name, world.head.telephone) == ("Anwen Price-Jones", "01632 960001")
    assert client.post(reverse("people:account"), {"name": " ", "telephone": ""}).status_code == 422
    with pytest.raises(PermissionDenied):
        update_account(actor=world.manager, user=world.head, name="Other", at=NOW)


def test_signing_in_out_and_failing_are_audited(world: World, client: Client) -> None:
    world.sip.set_password(GOOD)
    world.sip.save()
    url = f"{reverse('account_login')}?next={reverse('people:account')}"
    client.post(url, {"login": world.sip.email, "password": "wrong"})
    client.post(url, {"login": "nobody@portal.example", "password": "wrong"})
    client.post(url, {"login": world.sip.email.upper(), "password": GOOD})
    client.post(reverse("account_logout"))
    events = (
        AuditEvent.objects.filter(event__startswith="session.")
        .order_by("pk")
        .values_list("event", "actor_id", "subject_id", "authority_code")
    )
    mine = world.sip.public_id
    assert list(events) == [
        ("session.failed", "", mine, "999"),
        ("session.signed_in", mine, mine, "999"),
        ("session.signed_out", mine, mine, "999"),
    ]


def test_a_changed_password_is_audited(world: World, client: Client) -> None:
    world.sip.set_password(GOOD)
    world.sip.save()
    client.force_login(world.sip)
    data = {"oldpassword": GOOD, "password1": GOOD + " again", "password2": GOOD + " again"}
    client.post(reverse("account_change_password"), data)
    assert AuditEvent.objects.filter(event="password.changed", actor_id=world.sip.public_id).count() == 1
