"""The world of the journeys: written for good, since the server reads it from another thread."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import visits as make
from tests.factories.people import TODAY
from tests.factories.schools import World, build_world


@pytest.fixture
def world(settings: Any, transactional_db: None) -> World:
    settings.SIP_TODAY = TODAY
    world = build_world()
    make.load_england_2008(world.authority)
    return world
