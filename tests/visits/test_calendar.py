"""The calendar: by month and by term, with filters; and the private feed that a person's own calendar fetches."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
from django.test import Client
from django.urls import reverse

from core.audit import AuditEvent
from people.models import CalendarLink, User
from people.services import make_calendar_link, revoke_calendar_link
from sip_portal.logs import masked
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World, make_interest
from visits import services
from visits.services.visits import VisitPlan

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world: World) -> World:
    make.load_england_2008(world.authority)
    plan = VisitPlan(visit_type="autumn", schools=[world.oak], lead=world.sip)
    services.book_visit(actor=world.sip, plan=plan, on=dt.date(2008, 11, 4), starts_at=dt.time(9, 30), at=NOW)
    other = VisitPlan(visit_type="autumn", schools=[world.elm], lead=world.consultant)
    services.book_visit(actor=world.consultant, plan=other, on=dt.date(2008, 11, 6), at=NOW)
    return world


def client_of(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name])
    return client


def page(world: World, name: str, query: str = "?month=2008-11") -> str:
    response = client_of(world, name).get(reverse("visits:calendar") + query)
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def test_a_sip_sees_their_own_and_a_manager_the_whole_with_filters(world: World) -> None:
    mine, all_ = page(world, "sip"), page(world, "manager")
    assert world.oak.name in mine and world.elm.name not in mine and "9:30am" in mine
    assert world.oak.name in all_ and world.elm.name in all_ and "2 visits" in all_
    one = page(world, "manager", f"?month=2008-11&sip={world.consultant.public_id}")
    assert world.elm.name in one and world.oak.name not in one
    assert world.oak.name not in page(world, "manager", f"?month=2008-11&cluster={world.south.code}")
    assert world.elm.name not in page(world, "manager", "?month=2008-11&whose=mine")
    assert world.oak.name in page(world, "head") and world.elm.name not in page(world, "head")
    south = page(world, "officer_south")
    assert world.elm.name in south and world.oak.name not in south
    assert world.oak.name not in page(world, "manager", "?month=2008-10") and "October 2008" in page(world, "manager", "?month=nonsense")


def test_a_term_by_its_weeks_and_the_wall(world: World) -> None:
    term = page(world, "manager", "?month=2008-11&view=term")
    assert "Week of 3 November 2008" in term and "No school this week" in term and world.elm.name in term
    make_interest(world.manager, world.oak)
    assert world.oak.name not in page(world, "manager") and world.elm.name in page(world, "manager")


def fetch(token: str) -> str:
    response = Client().get(reverse("people:calendar-feed", args=[token]))
    assert response.status_code == 200 and response["Content-Type"].startswith("text/calendar") and response["Cache-Control"] == "no-store"
    return re.sub(r"\r\n ", "", response.content.decode())


def test_the_feed_holds_visits_and_deadlines_and_no_word_of_a_note(world: World) -> None:
    note = make.fill(world.sip, make.start(world.sip, world.ash))
    _, token = make_calendar_link(actor=world.sip, at=NOW)
    text = fetch(token)
    assert "DTSTART:20081104T093000Z" in text and "SUMMARY:Autumn visit: pupil review\\, Oakfield Primary School" in text
    assert "Draft note is due: Ashdown Primary School" in text and "20081016" in text
    assert world.elm.name not in text and "tracking" not in text and "Standards rose" not in text
    assert note.get_absolute_url() in text
    days = [(dt.date(2008, 11, 12), dt.time(9)), (dt.date(2008, 11, 14), None)]
    services.propose_dates(actor=world.sip, plan=VisitPlan(visit_type="autumn", schools=[world.oak], lead=world.sip, dates=days), at=NOW)
    assert fetch(token).count("STATUS:TENTATIVE") == 2
    _, theirs = make_calendar_link(actor=world.head, at=NOW)
    assert "Oakfield" in fetch(theirs) and "Ashdown" not in fetch(theirs)


def test_the_link_is_private_renewed_and_taken_back(world: World) -> None:
    client, url = client_of(world, "sip"), reverse("people:calendar-link")
    shown = client.post(url).content.decode()
    match = re.search(r"/calendar/([0-9a-z]{40})\.ics", shown)
    assert match is not None
    token = match[1]
    assert token not in client.get(url).content.decode()  # shown once
    assert not CalendarLink.objects.filter(token_digest__contains=token).exists()
    assert token not in str(list(AuditEvent.objects.values_list("changes", "subject_label", "reason")))
    assert token not in masked(f"Not Found: /calendar/{token}.ics")
    fetch(token)
    second = re.search(r"/calendar/([0-9a-z]{40})\.ics", client.post(url).content.decode())
    assert second is not None and second[1] != token
    gone = reverse("people:calendar-feed", args=[token])
    assert Client().get(gone).status_code == 404 and Client().post(gone).status_code == 405
    client.post(url, {"end": "1"})
    assert Client().get(reverse("people:calendar-feed", args=[second[1]])).status_code == 404
    assert not revoke_calendar_link(actor=world.sip, at=NOW)
    _, third = make_calendar_link(actor=world.sip, at=NOW)
    fetch(third)
    User.objects.filter(pk=world.sip.pk).update(is_active=False, deactivated_at=NOW)
    assert Client().get(reverse("people:calendar-feed", args=[third])).status_code == 404
