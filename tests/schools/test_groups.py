"""Groups of schools and clusters: kept by whoever keeps the register."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from core.access import Refused
from schools.models import GroupMembership, School
from schools.services import create_group, join_group, leave_group, place_in_cluster
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World

pytestmark = pytest.mark.django_db


def test_a_group_with_dates(world: World) -> None:
    given = {"actor": world.administrator, "authority": world.authority, "kind": "trust", "starts_on": TODAY, "at": NOW}
    group = create_group(name="South Trust", schools=[world.elm, world.yew], **given)
    with pytest.raises(Refused, match="called south trust already"):
        create_group(name="south trust", schools=[], **given)
    with pytest.raises(Refused, match="is in South Trust already"):
        join_group(actor=world.administrator, group=group, school=world.elm, starts_on=TODAY, at=NOW)
    membership = GroupMembership.objects.get(group=group, school=world.elm)
    leave_group(actor=world.administrator, membership=membership, ends_on=dt.date(2008, 12, 31), at=NOW)
    join_group(actor=world.administrator, group=group, school=world.elm, starts_on=dt.date(2009, 1, 1), at=NOW)
    with pytest.raises(Refused, match="different authorities"):
        join_group(actor=world.administrator, group=group, school=world.birch, starts_on=TODAY, at=NOW)
    with pytest.raises(PermissionDenied):
        create_group(**{**given, "actor": world.manager}, name="Other", schools=[])


def test_a_cluster_decides_which_officer_sees_the_school(world: World) -> None:
    assert place_in_cluster(actor=world.administrator, schools=[world.oak, world.elm], cluster=world.south, at=NOW) == 1
    assert world.oak not in School.objects.visible_to(world.fresh("officer"))
    assert world.oak in School.objects.visible_to(world.fresh("officer_south"))
    with pytest.raises(PermissionDenied):
        place_in_cluster(actor=world.other_administrator, schools=[world.oak], cluster=world.north, at=NOW)
