"""A list opens with the filters that its reader set there last."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from core.components.filters import MOST_KEPT
from people.services import keep_filters
from tests.factories.people import NOW
from tests.factories.schools import World

pytestmark = pytest.mark.django_db


def test_the_last_filter_of_a_list_is_kept_for_its_reader_until_it_is_cleared(world: World) -> None:
    client, other = Client(), Client()
    client.force_login(world.manager)
    other.force_login(world.sip)
    actions, visits = reverse("visits:action-list"), reverse("visits:visit-list")
    keep = "keep=school.state.owner.sip"

    linked = client.get(actions, {"state": "overdue"})
    assert linked.status_code == 200 and client.get(actions).status_code == 200  # a link from elsewhere is not kept
    applied = client.get(f"{actions}?state=overdue&school=&sort=-due&{keep}")
    assert applied.status_code == 302 and applied["Location"] == f"{actions}?state=overdue&sort=-due"

    client.logout()
    client.force_login(world.manager)
    assert client.get(actions)["Location"] == f"{actions}?state=overdue"
    page = client.get(actions, follow=True)
    assert page.status_code == 200 and 'class="portal-chip"' in page.content.decode()
    assert client.get(visits).status_code == 200 and other.get(actions).status_code == 200  # neither another list nor another person

    client.get(f"{actions}?state=met&{keep}", headers={"Sec-Fetch-Site": "cross-site"})  # a link on another site changes nothing
    assert client.get(actions)["Location"] == f"{actions}?state=overdue"

    cleared = client.get(f"{actions}?{keep}")
    assert cleared["Location"] == actions and client.get(actions).status_code == 200


def test_no_more_lists_are_kept_than_a_row_should_hold(world: World) -> None:
    for number in range(MOST_KEPT + 2):
        keep_filters(actor=world.manager, path=f"/{number}/", query="state=late", at=NOW)
    world.manager.refresh_from_db()
    assert len(world.manager.filters) == MOST_KEPT and "/0/" not in world.manager.filters and "/31/" in world.manager.filters
