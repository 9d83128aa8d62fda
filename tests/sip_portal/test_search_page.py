"""The page of search."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.schools import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("cursor", ["x", "99999999-1", "20081014-", "20081014-1' OR 1"])
def test_a_mangled_link_shows_the_first_page(world: World, cursor: str) -> None:
    client = Client()
    client.force_login(world.sip)
    assert client.get(reverse("search"), {"q": "school", "after": cursor}).status_code == 200
