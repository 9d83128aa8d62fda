"""SIP profiles and mentors: the rules of P28, each with the sentence that names it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from core.access import Conflict, Refused
from core.audit import AuditEvent
from people.choices import SipKind
from people.hats import load
from people.models import Mentorship, Sip
from people.selectors import sips_without_mentor, sips_without_reviewer
from people.services import SipFacts, assign_mentor, create_sip, end_mentor, facts_of, update_sip
from tests.factories.people import NOW, TODAY, make_sip, make_user
from tests.factories.schools import World

pytestmark = pytest.mark.django_db


def make(world: World, actor: str = "manager", user: str = "outsider", **values: Any) -> Sip:
    facts = SipFacts(**{"kind": SipKind.CONSULTANT, "phases": ["primary"], "starts_on": TODAY, **values})
    return create_sip(actor=world.people[actor], user=world.people[user], authority=world.authority, facts=facts, at=NOW)


def change(world: World, sip: str, actor: str = "manager", **values: Any) -> Sip:
    row = Sip.objects.get(pk=world.sips[sip].pk)
    return update_sip(actor=world.people[actor], sip=row, facts=replace(facts_of(row), **values), at=NOW)


def test_the_assigned_person_is_mentor_and_reviewer_in_one(world: World) -> None:
    sip = make(world, assigned_person=world.mentor)
    row = Mentorship.objects.get(sip=sip)
    assert (row.mentor, row.is_reviewer, row.starts_on) == (world.mentor, True, TODAY)
    assert sip.sip_reviewer == world.mentor
    world.sips["made"] = sip
    on = TODAY + dt.timedelta(days=1)
    update_sip(actor=world.manager, sip=sip, facts=replace(facts_of(sip), assigned_person=world.consultant), at=NOW + dt.timedelta(days=1))
    assert [(m.mentor, m.starts_on, m.ends_on) for m in sip.mentorships.all()] == [
        (world.mentor, TODAY, TODAY),
        (world.consultant, on, None),
    ]
    assert sip.user_id in load(world.consultant, on).reviewees
    assert sip.user_id not in load(world.mentor, on).mentees


@pytest.mark.parametrize(
    ("values", "words", "field"),
    [
        ({"kind": SipKind.ADVISER, "assigned_person": "mentor"}, "reviewed by their line manager", "assigned_person"),
        ({"kind": SipKind.SERVING_HEAD, "line_manager": "manager"}, "has an assigned person", "line_manager"),
        ({"assigned_person": "outsider"}, "Nobody is their own SIP reviewer", "assigned_person"),
        ({"phases": []}, "Choose the phases", "phases"),
        ({"kind": "friend"}, "what kind of SIP", "kind"),
        ({"accredited_on": TODAY}, "accreditation reference", "accreditation"),
        ({"ends_on": dt.date(2008, 1, 1)}, "before the first", "ends_on"),
    ],
)
def test_the_rules_say_which(world: World, values: dict[str, Any], words: str, field: str) -> None:
    values = {key: world.people.get(value, value) if isinstance(value, str) else value for key, value in values.items()}
    with pytest.raises(Refused, match=words) as caught:
        make(world, **values)
    assert caught.value.field == field


def test_only_a_manager_and_never_for_themselves(world: World) -> None:
    for name in ("officer", "administrator", "sip", "other_manager"):
        with pytest.raises(PermissionDenied):
            make(world, actor=name)
    with pytest.raises(Refused, match="Nobody decides on themselves"):
        make(world, user="manager")
    with pytest.raises(Refused, match="Nobody decides on themselves"):
        change(world, "manager_sip", actor="manager_sip", is_on_review=False, days_available=400)
    assert change(world, "manager_sip", days_available=400).days_available == 400


@pytest.mark.both
def test_one_profile_at_a_time(world: World) -> None:
    with pytest.raises(Conflict, match="is a SIP of Wealdshire on some of these days already"):
        make(world, user="sip")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_sip(world.sip, world.authority, starts_on=TODAY)
    make_sip(world.sip, world.other, starts_on=TODAY)  # a consultant may be SIP in two authorities
    make(world, user="former_sip")


def test_a_change_that_assignments_rest_on_is_refused(world: World) -> None:
    """The app above is asked, and refuses for its own reasons."""
    for values, words in (
        ({"accredited_on": dt.date(2008, 10, 2)}, "no assignment may start before accreditation"),
        ({"accredited_on": None, "accreditation": ""}, "no assignment may start before accreditation"),
        ({"ends_on": dt.date(2008, 12, 31)}, "goes beyond that day"),
        ({"phases": ["secondary"]}, "end or hand over that assignment first"),
    ):
        with pytest.raises(Refused, match=words):
            change(world, "sip", **values)
    assert Sip.objects.get(pk=world.sips["sip"].pk).phases == world.sips["sip"].phases
    assert not AuditEvent.objects.filter(event="sip.changed").exists()
    change(world, "cover_adviser", ends_on=dt.date(2008, 12, 31), phases=["secondary"])


def test_the_audit_tells_what_changed_and_no_more(world: World) -> None:
    change(world, "sip", is_on_review=True)
    change(world, "sip", is_on_review=True)
    assert AuditEvent.objects.get(event="sip.changed").changes == {"is_on_review": [False, True]}


def test_mentors(world: World) -> None:
    sip = world.sips["sip"]
    row = assign_mentor(actor=world.manager, sip=sip, mentor=world.consultant, starts_on=TODAY, at=NOW)
    assert world.sip.pk in world.fresh("consultant").hats.mentees
    assert world.sip.pk not in world.fresh("consultant").hats.reviewees
    for mentor, words in ((world.consultant, "mentor on some of these days"), (world.sip, "their own mentor")):
        with pytest.raises(Refused, match=words):
            assign_mentor(actor=world.manager, sip=sip, mentor=mentor, starts_on=TODAY, at=NOW)
    end_mentor(actor=world.manager, mentorship=row, ends_on=TODAY, at=NOW)
    assert load(world.consultant, TODAY + dt.timedelta(days=1)).mentees == frozenset()
    reviewing = Mentorship.objects.get(mentor=world.mentor)
    with pytest.raises(Refused, match="change the profile instead"):
        end_mentor(actor=world.manager, mentorship=reviewing, ends_on=TODAY, at=NOW)


def test_the_lists_of_what_is_missing(world: World) -> None:
    assert list(sips_without_mentor(world.manager, TODAY)) == []
    person = make_user("Nell New", authority=world.authority)
    sip = make_sip(person, world.authority, starts_on=TODAY, kind=SipKind.CONSULTANT)
    assert list(sips_without_mentor(world.manager, TODAY)) == [sip]
    assert list(sips_without_mentor(world.manager, dt.date(2009, 10, 14))) == []  # the first year is over
    assert {row.user.name for row in sips_without_reviewer(world.manager, TODAY)} == {"Nell New", "Conrad Vale", "Ruth Ashby"}
    assert list(sips_without_mentor(world.other_manager, TODAY)) == []
