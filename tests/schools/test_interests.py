"""Declaring interests, and the wall that they raise over every authority-side right."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from core.access import Refused, can
from people.hats import load
from people.roles import Hat
from people.roles import Permission as P
from schools.models import Interest, InterestDeclaration, School
from schools.selectors import undeclared
from schools.services import InterestInput, declare_interests
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, make_contact, make_declaration

pytestmark = pytest.mark.django_db


def declare(world: World, name: str, *interests: InterestInput, year: int = 2008, at: dt.datetime = NOW) -> InterestDeclaration:
    return declare_interests(actor=world.fresh(name), authority=world.authority, academic_year=year, interests=interests, at=at)


def walled(world: World, name: str, on: dt.date = TODAY) -> set[str]:
    ids = load(world.fresh(name), on).walled
    return {key for key, school in world.schools.items() if school.pk in ids}


def test_a_declaration_with_none(world: World) -> None:
    made = declare(world, "sip")
    assert made.has_none
    assert "sip" not in {key for key, person in world.people.items() if person in undeclared(world.authority, 2008, TODAY)}


def test_a_relative_raises_the_wall(world: World) -> None:
    declare(world, "officer", InterestInput("relative", world.oak, "Sister teaches there"))
    officer = world.fresh("officer")
    assert walled(world, "officer") == {"oak"}
    assert officer.hats.at(world.oak) == frozenset()
    assert world.oak not in School.objects.visible_to(officer)
    assert world.ash in School.objects.visible_to(officer)
    assert not can(officer, P.SCHOOL_VIEW, world.oak)


def test_a_governor_in_the_group_is_walled_from_the_whole_group(world: World) -> None:
    declare(world, "officer", InterestInput("governor_in_group", world.ash))
    assert walled(world, "officer") == {"oak", "ash"}


def test_having_worked_there_lasts_as_long_as_the_authority_says(world: World) -> None:
    declare(world, "officer", InterestInput("worked_there", world.oak, worked_until=dt.date(2006, 8, 31)))
    assert Interest.objects.get(user=world.officer).ends_on == dt.date(2009, 8, 31)
    assert walled(world, "officer", dt.date(2009, 8, 31)) == {"oak"}
    assert walled(world, "officer", dt.date(2009, 9, 1)) == set()
    with pytest.raises(Refused, match="more than 3 years ago"):
        declare(world, "officer", InterestInput("worked_there", world.oak, worked_until=dt.date(2005, 8, 31)))
    world.authority.settings = {"interest_worked_there_years": 5}
    world.authority.save()
    declare(world, "officer", InterestInput("worked_there", world.oak, worked_until=dt.date(2005, 8, 31)))
    assert Interest.objects.get(user=world.officer).ends_on == dt.date(2010, 8, 31)


@pytest.mark.parametrize(
    ("left", "words"), [(None, "Enter the day on which you left"), (dt.date(2008, 12, 31), "reports you as its staff")]
)
def test_worked_there_needs_its_day(world: World, left: dt.date | None, words: str) -> None:
    with pytest.raises(Refused, match=words):
        declare(world, "officer", InterestInput("worked_there", world.oak, worked_until=left))


def test_what_is_not_declared_again_ends_the_day_before(world: World) -> None:
    declare(world, "officer", InterestInput("relative", world.oak), InterestInput("other", world.pru), at=NOW - dt.timedelta(days=30))
    declare(world, "officer", InterestInput("relative", world.oak))
    assert walled(world, "officer") == {"oak"}
    assert walled(world, "officer", TODAY - dt.timedelta(days=1)) == {"oak", "pru"}
    assert Interest.objects.filter(user=world.officer).count() == 2  # the relative's row goes on, it is not made twice
    assert InterestDeclaration.objects.filter(user=world.officer).count() == 1


def test_the_wall_does_not_fall_by_itself_at_the_end_of_the_year(world: World) -> None:
    declare(world, "officer", InterestInput("relative", world.oak))
    assert walled(world, "officer", dt.date(2009, 9, 1)) == {"oak"}
    assert world.people["officer"] in undeclared(world.authority, 2009, dt.date(2009, 9, 1))


def test_a_slip_is_taken_back_the_same_day(world: World) -> None:
    declare(world, "officer", InterestInput("relative", world.oak))
    assert declare(world, "officer").has_none
    assert walled(world, "officer") == set()


def test_another_authority_s_school_is_refused(world: World) -> None:
    with pytest.raises(Refused, match="different authorities"):
        declare(world, "officer", InterestInput("relative", world.birch))
    with pytest.raises(PermissionDenied):
        declare(world, "head")
    with pytest.raises(Refused, match="this academic year or the next"):
        declare(world, "officer", year=2010)


@pytest.mark.both
def test_the_manager_s_list_of_the_undeclared(world: World) -> None:
    names = {person.name for person in undeclared(world.authority, 2008, TODAY)}
    wanted = ("manager", "manager_sip", "head_of_improvement", "officer", "officer_south", "officer_chair", "nc_adviser")
    sips = ("sip", "consultant", "sip_head", "new_sip", "cover_adviser")
    assert names == {world.people[key].name for key in (*wanted, *sips)}
    make_declaration(world.sip, world.authority)
    make_declaration(world.consultant, world.authority, academic_year=2007)
    assert names - {person.name for person in undeclared(world.authority, 2008, TODAY)} == {"Susan Marlow"}


# ---------------------------------------------------------------- the wall


@pytest.mark.parametrize("kind", ["head", "chair", "clerk", "office", "staff", "governor"])
def test_every_role_at_a_school_walls(world: World, kind: str) -> None:
    make_contact(world.yew, kind, user=world.manager)  # type: ignore[arg-type]
    manager = world.fresh("manager")
    assert Hat.SIP_MANAGER not in manager.hats.at(world.yew)
    assert Hat.SIP_MANAGER in manager.hats.at(world.oak)
    seen = set(School.objects.visible_to(manager))
    assert (world.yew in seen) == (kind in {"head", "chair", "clerk", "office"})  # as one of the school, not of the authority
    assert not can(manager, P.ASSIGNMENT_MANAGE, world.yew)


def test_a_wall_outranks_an_assignment(world: World) -> None:
    declare(world, "sip", InterestInput("relative", world.oak))
    sip = world.fresh("sip")
    assert not sip.hats.is_adviser_of(world.oak.pk)
    assert not sip.hats.may_finish_at(world.oak.pk)
    assert world.oak not in School.objects.visible_to(sip)
