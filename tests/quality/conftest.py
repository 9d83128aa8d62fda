"""One world for the tests of shadowing and moderation; each test undoes what it did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from people.models import Sip
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World
from tests.factories.shadowing import again
from tests.factories.stage import person, stage, undone
from visits import services as visits


@pytest.fixture(scope="module")
def observed(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """A SIP whose line manager is the head of improvement, one visit booked, one final note in a closed round."""
    with stage(django_db_blocker) as world:
        Sip.objects.filter(pk=world.sips["sip"].pk).update(kind="adviser", line_manager=world.head_of_improvement)
        Sip.objects.filter(pk=world.sips["consultant"].pk).update(assigned_person=world.head_of_improvement)
        plan = visits.RoundPlan("Autumn 2008", "autumn", ["primary", "secondary"], dt.date(2008, 9, 8), dt.date(2008, 12, 12))
        round_ = visits.open_round(actor=world.manager, authority=world.authority, plan=plan, at=NOW)
        for author, school, head in ((world.sip, world.oak, world.head), (world.sip, world.ash, None), (world.consultant, world.elm, None)):
            make.bring_to("final", author=person(author), school=school, manager=person(world.manager), head=head)
        world.__dict__["round"] = visits.close_round(actor=world.manager, round=again(round_), at=NOW)
        yield world


@pytest.fixture
def observed_world(observed: World) -> Iterator[World]:
    with undone():
        for user in observed.people.values():
            user.forget_hats()
        yield observed
