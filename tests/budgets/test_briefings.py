"""The same number of queries for one row as for many, on the pages of briefings, bulletins, workshops and evaluation."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from briefings import services
from briefings.models import AgendaItem, Briefing, Workshop
from tests.factories import visits as make
from tests.factories.briefings import SOON, make_briefing, make_bulletin, make_document, make_evaluation, make_workshop
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World

pytestmark = pytest.mark.django_db

SESSION_USER_HATS = 7
PAGES = (
    ("briefings:briefing-list", "sip", 8),  # with one's own development days
    ("briefings:briefing-list", "manager", 6),
    ("briefings:development-days", "manager", 6),
    ("briefings:bulletin-list", "sip", 6),
    ("briefings:workshop-list", "sip", 6),
    ("briefings:need-list", "manager", 9),
    ("briefings:evaluation-list", "manager", 6),
    ("briefing", "sip", 14),
    ("briefing", "manager", 14),
    ("workshop", "manager", 14),
    ("bulletin", "manager", 14),
)


def grow(world: World, days: int) -> None:
    """One more of everything, and one more on the agenda, the list and the waiting list of the first."""
    manager, sip = world.fresh("manager"), world.fresh("sip")
    row = services.call_briefing(actor=manager, briefing=make_briefing(world, SOON + dt.timedelta(days=days)), at=NOW)
    make_bulletin(world, f"Number {days}")
    services.book_workshop(actor=sip, workshop=make_workshop(world, SOON + dt.timedelta(days=days)), at=NOW)
    services.record_need(actor=sip, sip=world.sips["sip"], text=f"Something {days}", at=NOW)
    first, item = Workshop.objects.earliest("pk"), AgendaItem.objects.filter(briefing=Briefing.objects.earliest("pk")).latest("pk")
    name = ("consultant", "new_sip", "sip_head")[days % 3]
    make_document(world, item.briefing, f"Paper {days}")
    services.book_workshop(actor=world.fresh(name), workshop=first, is_waiting=True, at=NOW)
    services.ask_question(actor=world.fresh(name), item=item, text=f"Why {days}?", at=NOW)
    made = make_evaluation(
        world,
        [world.people[each] for each in ("sip", "consultant", "new_sip", "sip_head", "cover_adviser")],
        at=NOW - dt.timedelta(days=days),
    )
    services.answer_evaluation(actor=world.fresh("consultant"), evaluation=made, ratings={"purpose": 1}, words={}, at=NOW)
    assert row.on > TODAY


def queries(world: World) -> dict[tuple[str, str], int]:
    rows = {"briefing": Briefing.objects.earliest("pk"), "workshop": Workshop.objects.earliest("pk")}
    found = {}
    for name, person, _ in PAGES:
        if name == "bulletin":
            from briefings.models import Bulletin

            address = Bulletin.objects.earliest("pk").get_absolute_url()
        else:
            address = rows[name].get_absolute_url() if name in rows else reverse(name)
        client = Client()
        client.force_login(world.people[person])
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(address).status_code == 200
        found[name, person] = len(asked) - SESSION_USER_HATS
    return found


def test_pages_ask_the_same_for_one_as_for_many(world: World) -> None:
    make.load_england_2008(world.authority)
    grow(world, 0)
    one = queries(world)
    for days in (1, 2):
        grow(world, days)
    many = queries(world)
    assert one == many
    over = {key: (many[key], most) for key, most in {(name, who): most for name, who, most in PAGES}.items() if many[key] > most}
    assert over == {}
