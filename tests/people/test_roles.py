"""Roles: granted and ended by an administrator, never on themselves; clusters; two authorities."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from core.access import Refused
from people.hats import load
from people.models import RoleAssignment, User
from people.roles import Hat
from people.selectors import managers_of, officers_of
from people.services import end_role, grant_role
from tests.factories.people import NOW, TODAY, make_cluster
from tests.factories.schools import World

pytestmark = pytest.mark.django_db


def grant(world: World, user: str = "outsider", role: Hat = Hat.OFFICER, actor: str = "administrator", **values: Any) -> RoleAssignment:
    given = {"authority": world.authority, "starts_on": TODAY, "at": NOW, **values}
    return grant_role(actor=world.people[actor], user=world.people[user], role=role, **given)


def test_a_role_gives_its_rights_while_it_holds(world: World) -> None:
    row = grant(world, clusters=[world.south], post="Education officer", is_named_officer=True, ends_on=dt.date(2009, 8, 31))
    hats = world.fresh("outsider").hats
    assert hats.at(world.elm) == {Hat.OFFICER}
    assert hats.at(world.oak) == frozenset()
    assert load(world.outsider, dt.date(2009, 9, 1)).worn == frozenset()
    end_role(actor=world.administrator, role=row, ends_on=TODAY - dt.timedelta(days=0), at=NOW)
    assert load(world.outsider, TODAY + dt.timedelta(days=1)).worn == frozenset()


def test_never_to_oneself_nor_across_authorities(world: World) -> None:
    with pytest.raises(PermissionDenied):
        grant(world, "administrator", Hat.SIP_MANAGER)
    with pytest.raises(PermissionDenied):
        grant(world, authority=world.other)
    with pytest.raises(PermissionDenied):
        grant(world, actor="manager")
    own = RoleAssignment.objects.get(user=world.administrator)
    with pytest.raises(PermissionDenied):
        end_role(actor=world.administrator, role=own, ends_on=TODAY, at=NOW)
    theirs = RoleAssignment.objects.get(user=world.other_manager)
    with pytest.raises(PermissionDenied):
        end_role(actor=world.administrator, role=theirs, ends_on=TODAY, at=NOW)
    with pytest.raises(Refused, match="different authorities"):
        grant(world, clusters=[make_cluster(world.other)])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"role": Hat.HEAD}, "comes from a profile, an assignment or a contact"),
        ({"role": Hat.SIP}, "comes from a profile"),
        ({"role": Hat.FINANCE_OFFICER, "clusters": True}, "for the whole authority"),
        ({"clusters": []}, "Choose the clusters"),
        ({"ends_on": dt.date(2008, 10, 1)}, "before the first"),
        ({"user": "officer"}, "some of these days already"),
    ],
)
def test_what_is_refused(world: World, values: dict[str, Any], words: str) -> None:
    if values.get("clusters") is True:
        values = {**values, "clusters": [world.north]}
    with pytest.raises(Refused, match=words):
        grant(world, **values)


def test_one_person_with_roles_in_two_authorities(world: World) -> None:
    """A consortium: one account, and what each authority's role shows never mixes."""
    grant(world, "other_sip", Hat.SIP_MANAGER)
    hats = world.fresh("other_sip").hats
    assert hats.authority_ids == {world.authority.pk, world.other.pk}
    assert hats.at(world.birch) == {Hat.ADVISER}
    assert hats.at(world.oak) == {Hat.SIP_MANAGER}
    assert hats.at(world.beech) == frozenset()


def test_who_is_listed_to_whom(world: World) -> None:
    def seen(name: str) -> set[str]:
        found = set(User.objects.visible_to(world.fresh(name)).values_list("pk", flat=True))
        return {key for key, person in world.people.items() if person.pk in found}

    assert seen("outsider") == {"outsider"}
    assert seen("head") == {"head"}
    assert "sip" in seen("manager")
    assert "head" not in seen("manager")
    assert {"head", "sip", "officer"} <= seen("administrator")
    for name in ("manager", "administrator", "officer"):
        assert not {key for key in seen(name) if key.startswith("other_")}
    assert seen("other_manager") == {"other_manager", "other_administrator", "other_sip"}


def test_officers_of_a_cluster(world: World) -> None:
    names = [row.user.name for row in officers_of(world.authority, world.north.pk, TODAY)]
    assert names == ["Olive Northcote", "Oscar Chertsey"]
    RoleAssignment.objects.filter(user=world.officer_chair).update(is_named_officer=True)
    assert officers_of(world.authority, world.north.pk, TODAY)[0].user == world.officer_chair
    assert {person.name for person in managers_of(world.authority, TODAY)} == {"Marian Holt", "Mavis Sipthorp"}
