"""The library asks the same for one row as for many (architecture.md rule 11)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from briefings import services
from tests.factories.library import PDF, make_resource
from tests.factories.people import NOW
from tests.factories.schools import World
from tests.factories.stage import undone

pytestmark = pytest.mark.django_db

SESSION_USER_HATS = 7
PAGES = [
    ("briefings:resource-list", "sip", 6),
    ("briefings:resource-list", "manager", 6),
    ("briefings:question-list", "sip", 6),
    ("briefings:practice-list", "officer", 6),
    ("briefings:suggestion-list", "manager", 6),
    ("briefings:sample-list", "dpo", 6),
    ("briefings:category-list", "manager", 6),
    ("briefings:visit-year", "sip", 6),
]


def grow(world: World, number: int) -> None:
    sip, manager = world.fresh("sip"), world.fresh("manager")
    for count in range(number):
        row = make_resource(world, f"Guide {number} {count}", file=("guide.pdf", PDF))
        services.write_resource(actor=manager, resource=row, content=services.Content(text="Next"), at=NOW)
        offer = services.offer_question(actor=sip, authority=world.authority, theme="targets", text="Which?", at=NOW)
        services.decide_question(actor=manager, offer=offer, accept=True, at=NOW)
        services.mark_question(actor=sip, authority=world.authority, code=offer.public_id, at=NOW)
        services.record_practice(actor=sip, authority=world.authority, place="Northmere", title="A", what="B", source="C", at=NOW)
        services.make_suggestion(actor=sip, authority=world.authority, text="More", at=NOW)


def asked(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_queries(world: World) -> None:
    with undone():
        grow(world, 1)
        few, clients = {}, {name: Client() for _, name, _ in PAGES}
        for name, client in clients.items():
            client.force_login(world.fresh(name))
        for page, name, _ in PAGES:
            clients[name].get(reverse(page))  # the pack is parsed once a process
            few[page, name] = asked(clients[name], reverse(page))
        grow(world, 4)
        for page, name, most in PAGES:
            many = asked(clients[name], reverse(page))
            assert few[page, name] == many <= most + SESSION_USER_HATS, (page, name, few[page, name], many)
