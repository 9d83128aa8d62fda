"""One world for the tests of a module; each test undoes what it did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.factories.schools import World
from tests.factories.stage import stage, undone


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with stage(django_db_blocker) as world:
        yield world


@pytest.fixture
def briefed(standing: World) -> Iterator[World]:
    with undone():
        for user in standing.people.values():
            user.forget_hats()
        yield standing
