"""The service navigation: few sections for every hat, none that leads to a refusal, and the pages of a section beneath it."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from people.models import Pack
from people.navigation import NAVIGATION, SECTIONS, navigation_of
from people.pack import PLAIN_LABELS
from people.roles import Permission as P
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World

pytestmark = pytest.mark.django_db


def test_every_page_stands_in_a_section_and_asks_a_permission() -> None:
    sections = {section.key for section in SECTIONS}
    for key, page in NAVIGATION.items():
        assert page.section in sections, key
        assert page.permission in set(P), key
        assert reverse(page.url_name).startswith("/"), key
    assert len({page.url_name for page in NAVIGATION}) == len(NAVIGATION)


def test_nobody_has_more_than_a_row_of_sections_and_each_leads_to_a_page(world: World) -> None:
    make.load_england_2008(world.authority)
    for name, user in world.people.items():
        client = Client()
        client.force_login(user)
        items, _, _ = navigation_of(user, PLAIN_LABELS, "home")
        assert items[0]["current"], name
        assert len(items) <= 11, name
        for item in items[1:]:
            assert client.get(item["url"]).status_code in (200, 409), (name, item["url"])


def test_without_a_pack_a_page_says_so(world: World) -> None:
    Pack.objects.filter(authority=world.authority).update(superseded_at=NOW)
    client = Client()
    client.force_login(world.people["manager"])
    response = client.get(reverse("schools:inspection-overview"))
    assert response.status_code == 409
    assert "has no pack for 2008/09" in response.content.decode()


def test_the_pages_of_a_section_stand_on_each_of_them_and_the_current_is_marked(world: World) -> None:
    client = Client()
    client.force_login(world.people["manager"])
    html = client.get(reverse("visits:round-list")).content.decode()
    below = re.search(r'<nav class="portal-tabs" aria-label="Visits and [^"]*">.*?</nav>', html, re.DOTALL)
    assert below is not None
    assert f'<a href="{reverse("visits:round-list")}" aria-current="page">Rounds</a>' in below[0]
    assert below[0].count("aria-current") == 1
    assert f'href="{reverse("visits:visit-list")}" aria-current="true"' in html
    inside = client.get(reverse("visits:visit-book")).content.decode()
    assert 'class="portal-subnav"' not in inside
    assert f'href="{reverse("visits:visit-list")}" aria-current="true"' in inside
