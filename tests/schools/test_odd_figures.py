"""“²” is a digit and no number: whoever types it is answered, not shown the error page."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.schools import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "args", "query"),
    [
        ("schools:school-suggest", (), {"q": "²²"}),
        ("schools:assignment-assign", (), {"school": "²"}),
        ("schools:school-list", (), {"q": "²²²"}),
    ],
)
def test_a_digit_that_is_no_number(world: World, name: str, args: tuple[str, ...], query: dict[str, str]) -> None:
    client = Client()
    client.force_login(world.manager)
    assert client.get(reverse(name, args=args), query).status_code == 200
