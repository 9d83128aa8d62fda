"""The world that the tests stand on: what its people are, seen through the hats that every policy reads."""

from __future__ import annotations

import pytest

from people.roles import Hat
from schools.models import School
from tests.factories.schools import World

pytestmark = pytest.mark.django_db


def seen(world: World, name: str) -> set[str]:
    found = set(School.objects.visible_to(world.fresh(name)).values_list("pk", flat=True))
    return {key for key, school in world.schools.items() if school.pk in found}


HOME = {"oak", "ash", "elm", "yew", "rowan", "fir", "pru", "gorse"}


@pytest.mark.parametrize(
    ("name", "schools"),
    [
        ("manager", HOME),
        ("administrator", HOME),
        ("head_of_improvement", HOME),
        ("dpo", HOME),
        ("finance_officer", HOME - {"fir"}),
        ("officer", {"oak", "ash", "pru", "gorse"}),
        ("officer_south", {"elm", "yew", "rowan", "fir"}),
        ("officer_chair", HOME),
        ("sip", {"oak", "ash"}),
        ("former_sip", {"oak"}),
        ("consultant", {"elm"}),
        ("nc_adviser", {"elm"}),
        ("sip_head", {"ash", "pru"}),
        ("manager_sip", HOME),
        ("mentor", {"rowan"}),
        ("head", {"oak"}),
        ("chair", {"oak"}),
        ("clerk", {"oak"}),
        ("office", {"oak"}),
        ("former_head", set()),
        ("outsider", set()),
        ("regional_coordinator", set()),
        ("other_manager", {"birch", "beech"}),
        ("other_sip", {"birch"}),
        ("other_head", {"birch"}),
    ],
)
def test_who_sees_which_schools(world: World, name: str, schools: set[str]) -> None:
    assert seen(world, name) == schools


def test_two_hats(world: World) -> None:
    chair = world.fresh("officer_chair").hats
    assert chair.at(world.elm) == {Hat.CHAIR}  # the wall takes the officer's hat off
    assert chair.at(world.oak) == {Hat.OFFICER}
    assert world.fresh("sip_head").hats.at(world.ash) == {Hat.HEAD}
    assert world.fresh("manager_sip").hats.at(world.yew) == {Hat.SIP_MANAGER, Hat.ADVISER}
    assert world.fresh("former_sip").hats.at(world.oak) == {Hat.FORMER_ADVISER}
