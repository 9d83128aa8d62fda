"""Contacts: reported by those at hand, confirmed in one click; and what a change of head does to access."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from core.access import Conflict, Refused
from core.audit import AuditEvent
from people.hats import load
from people.roles import Hat
from schools.choices import ContactKind, ContactState
from schools.models import Contact
from schools.selectors import chair_of, contacts_on, head_of, reported_contacts
from schools.services import confirm_contact, confirm_contacts, end_contact, join_account, record_contact, refuse_contact, report_contact
from tests.factories.people import NOW, TODAY, make_user
from tests.factories.schools import World, make_contact

pytestmark = pytest.mark.django_db

NOVEMBER = dt.date(2008, 11, 3)


def report(world: World, actor: str = "office", school: str = "oak", kind: str = "head", **values: object) -> Contact:
    given = {"name": "Nia Newhead", "email": "nia@oak.example", "starts_on": NOVEMBER, **values}
    return report_contact(actor=world.people[actor], school=world.schools[school], kind=kind, at=NOW, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["office", "clerk", "sip", "manager", "officer", "head", "chair", "administrator"])
def test_those_at_hand_may_report(world: World, name: str) -> None:
    assert report(world, name).state == ContactState.REPORTED


@pytest.mark.parametrize("name", ["consultant", "officer_south", "former_sip", "other_administrator", "elm_head", "dpo", "mentor"])
def test_others_may_not(world: World, name: str) -> None:
    with pytest.raises(PermissionDenied):
        report(world, name)


def test_a_report_gives_no_right(world: World) -> None:
    account = make_user("Nia Newhead", email="nia@oak.example")
    report(world, starts_on=TODAY)
    assert account.hats.worn == frozenset()


def test_one_click_puts_the_successor_in_and_the_predecessor_out(world: World) -> None:
    account = make_user("Nia Newhead", email="Nia@OAK.example")
    row = confirm_contact(actor=world.administrator, contact=report(world), at=NOW)
    assert (row.state, row.user, row.decided_by) == (ContactState.CONFIRMED, account, world.administrator)
    before = Contact.objects.get(user=world.head)
    assert before.ends_on == dt.date(2008, 11, 2)
    seen = [(load(world.head, day).at(world.oak), load(account, day).at(world.oak)) for day in (dt.date(2008, 11, 2), NOVEMBER)]
    assert seen == [({Hat.HEAD}, frozenset()), (frozenset(), {Hat.HEAD})]
    ended = AuditEvent.objects.get(event="contact.ended")
    assert ended.reason == "Nia Newhead is headteacher from 3 November 2008"
    assert AuditEvent.objects.filter(event="contact.confirmed", school_urn=world.oak.urn).count() == 1


@pytest.mark.parametrize(
    ("held", "new", "ends"),
    [
        ("head", "acting_head", True),
        ("acting_head", "head", True),
        ("head", "executive_head", False),  # may lead several schools beside a head of each
        ("head", "co_head", True),
        ("co_head", "co_head", False),  # they share the office
        ("chair", "ieb_chair", True),
        ("clerk", "clerk", True),
        ("staff", "staff", False),
        ("chair", "head", False),
    ],
)
def test_whose_row_a_confirmation_ends(world: World, held: str, new: str, ends: bool) -> None:
    row = make_contact(world.fir, ContactKind(held))
    confirm_contact(actor=world.administrator, contact=report(world, "manager", "fir", new), at=NOW)
    row.refresh_from_db()
    assert (row.ends_on is not None) is ends


def test_only_an_administrator_confirms_and_never_themselves(world: World) -> None:
    row = report(world)
    for name in ("manager", "office", "head", "other_administrator"):
        with pytest.raises(PermissionDenied):
            confirm_contact(actor=world.people[name], contact=row, at=NOW)
    own = report(world, name="Ada Minton", email=world.administrator.email, kind="clerk")
    with pytest.raises(Refused, match="another administrator"):
        confirm_contact(actor=world.administrator, contact=own, at=NOW)
    own.refresh_from_db()
    assert own.state == ContactState.REPORTED


def test_a_report_is_decided_once(world: World) -> None:
    row = report(world)
    seen_before = Contact.objects.get(pk=row.pk)
    with pytest.raises(Refused, match="Say why"):
        refuse_contact(actor=world.administrator, contact=row, reason=" ", at=NOW)
    refuse_contact(actor=world.administrator, contact=row, reason="The governors have not appointed yet.", at=NOW)
    with pytest.raises(Conflict):
        confirm_contact(actor=world.administrator, contact=seen_before, at=NOW)
    assert Contact.objects.get(user=world.head).ends_on is None


def test_a_predecessor_who_began_later_stops_the_confirmation(world: World) -> None:
    make_contact(world.fir, ContactKind.HEAD, name="Later One", starts_on=dt.date(2008, 12, 1))
    row = report(world, "manager", "fir")
    with pytest.raises(Refused, match="Later One is headteacher from 1 December 2008"):
        confirm_contact(actor=world.administrator, contact=row, at=NOW)
    row.refresh_from_db()
    assert row.state == ContactState.REPORTED


def test_reported_twice_is_refused(world: World) -> None:
    report(world)
    with pytest.raises(Refused, match="already"):
        report(world, name="nia newhead")


def test_many_are_confirmed_each_by_itself(world: World) -> None:
    one, two = report(world), report(world, kind="clerk", name="Cleo Clerk", email="")
    refuse_contact(actor=world.administrator, contact=Contact.objects.get(pk=one.pk), reason="Not so", at=NOW)
    answers = confirm_contacts(actor=world.administrator, contacts=[one, two], at=NOW)
    assert [(row.pk, bool(why)) for row, why in answers] == [(one.pk, True), (two.pk, False)]


def test_an_end_date_ends_access_with_that_day(world: World) -> None:
    row = Contact.objects.get(user=world.head)
    end_contact(actor=world.administrator, contact=row, ends_on=TODAY, reason="Retires", at=NOW)
    assert load(world.head, TODAY).at(world.oak) == {Hat.HEAD}
    assert load(world.head, TODAY + dt.timedelta(days=1)).worn == frozenset()
    with pytest.raises(Refused, match="Only a confirmed contact"):
        end_contact(actor=world.administrator, contact=report(world), ends_on=NOVEMBER, at=NOW)


def test_an_account_made_afterwards_is_joined(world: World) -> None:
    row = record_contact(
        actor=world.administrator, school=world.fir, kind="head", name="Fern Hill", email="fern@fir.example", starts_on=TODAY, at=NOW
    )
    assert row.state == ContactState.CONFIRMED
    with pytest.raises(Refused, match="not the contact's"):
        join_account(actor=world.administrator, contact=row, user=make_user("Fern Hill"), at=NOW)
    account = make_user("Fern Hill", email="fern@fir.example")
    join_account(actor=world.administrator, contact=row, user=account, at=NOW)
    assert account.hats.at(world.fir) == {Hat.HEAD}


def test_who_leads_and_who_chairs(world: World) -> None:
    found = contacts_on([world.oak.pk, world.pru.pk, world.yew.pk], TODAY)
    assert [head_of(found[school.pk]).name for school in (world.oak, world.pru, world.yew)] == [
        "Anwen Price",
        "Tess Centre",
        "Actaea Current",
    ]  # type: ignore[union-attr]
    assert chair_of(found[world.oak.pk]).name == "Clement Board"  # type: ignore[union-attr]
    assert chair_of(found[world.pru.pk]) is None


def test_reports_wait_in_the_scope_of_the_administrator(world: World) -> None:
    row = report(world)
    make_contact(world.birch, state=ContactState.REPORTED)
    assert list(reported_contacts(world.administrator)) == [row]
    assert list(reported_contacts(world.officer_south)) == []
