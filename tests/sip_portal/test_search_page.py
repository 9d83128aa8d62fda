"""The page of search."""

from __future__ import annotations

import html

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import visits as make
from tests.factories.schools import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("cursor", ["x", "99999999-1", "20081014-", "20081014-1' OR 1"])
def test_a_mangled_link_shows_the_first_page(world: World, cursor: str) -> None:
    client = Client()
    client.force_login(world.sip)
    assert client.get(reverse("search"), {"q": "school", "after": cursor}).status_code == 200


def test_a_search_is_narrowed_in_the_address_and_tells_nothing_of_what_is_not_seen(world: World) -> None:
    make.load_england_2008(world.authority)
    make.bring_to("final", author=world.sip, school=world.oak, manager=world.manager, head=world.head)

    def found(name: str, **params: str) -> str:
        client = Client()
        client.force_login(world.people[name])
        response = client.get(reverse("search"), params)
        assert response.status_code == 200
        return html.unescape(response.content.decode())

    words = {"q": "tracking"}
    assert "Notes of Visit (1)" in found("manager", **words)
    narrowed = {
        "school": world.oak.name,
        "sip": world.sip.public_id,
        "visit": "autumn",
        "since_day": "1",
        "since_month": "10",
        "since_year": "2008",
    }
    page = found("manager", **words, **narrowed)
    assert "Notes of Visit (1)" in page and "<mark>tracking</mark>" in page and world.oak.name in page
    for other in ({"visit": "spring"}, {"school": world.ash.name}, {"until_day": "1", "until_month": "9", "until_year": "2008"}):
        assert "Nothing matches both the words and the filters" in found("manager", **words, **other)
    for name in ("officer_south", "other_manager", "office"):  # outside the scope, whatever stands in the address
        page = found(name, **words, school=world.oak.name, kind="record")
        assert "0 things found" in page and "Notes of Visit (" not in page and "<mark>" not in page
    assert "Notes of Visit (1)" in found("manager", q='"68% in two years"')
    assert "Nothing was found" in found("manager", q='"two years in 68"')
    assert "There is no word to look for" in found("manager", q="!?")
