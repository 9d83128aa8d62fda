"""A consultant may be a SIP of two authorities: what a mentor of one sees ends where the other begins."""

from __future__ import annotations

import pytest

from core.access import Refused, can
from people.models import Sip
from people.roles import Permission as P
from schools.models import School
from tests.factories import visits as make
from tests.factories.people import NOW, make_sip
from tests.factories.schools import World, make_assignment
from visits import services
from visits.models import NoteOfVisit, NoteShare, Visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def away(world: World) -> NoteOfVisit:
    """A draft of ``new_sip``, whom ``mentor`` mentors in Wealdshire, as a SIP of Marchwold."""
    make.load_england_2008(world.authority)
    make.load_england_2008(world.other)
    make_sip(world.new_sip, world.other)
    make_assignment(world.new_sip, world.birch_free)
    return make.start(world.fresh("new_sip"), world.birch_free)


@pytest.fixture
def world(world: World) -> World:
    world.schools["birch_free"] = world.beech
    world.beech.phase = world.birch.phase
    world.beech.save()
    return world


def test_a_mentor_sees_the_mentee_in_the_authority_of_the_profile_alone(world: World, away: NoteOfVisit) -> None:
    mentor = world.fresh("mentor")
    assert world.rowan in School.objects.visible_to(mentor)
    assert world.beech not in School.objects.visible_to(mentor)
    assert away.visit not in Visit.objects.visible_to(mentor)
    assert set(Sip.objects.visible_to(mentor).values_list("authority__code", flat=True)) == {world.authority.code}
    assert not can(mentor, P.SCHOOL_VIEW, world.beech)


def test_a_draft_of_the_other_authority_is_not_shared_with_them(world: World, away: NoteOfVisit) -> None:
    with pytest.raises(Refused, match="is not your mentor"):
        services.share_note(actor=world.fresh("new_sip"), note=away, mentor=world.fresh("mentor"), at=NOW)
    NoteShare.objects.create(note=away, mentor=world.mentor, at=NOW)  # however it came about
    mentor = world.fresh("mentor")
    assert away not in NoteOfVisit.objects.visible_to(mentor)
    assert not can(mentor, P.NOTE_READ, make.fresh(away))
