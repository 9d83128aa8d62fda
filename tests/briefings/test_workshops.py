"""Workshops (S14): places that are never given twice, a waiting list that moves up, and what SIPs need to learn."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from briefings import services
from briefings.models import Booking, Workshop
from briefings.selectors.briefings import development_days
from briefings.selectors.needs import needs_of
from briefings.services import Full, WorkshopFacts
from core.access import Conflict, Refused
from core.agenda import agenda
from core.calendar import AcademicYear
from core.outbox import OutboxEmail
from people.models import User
from people.packs import require_pack
from quality.models import CpdNeed, SipReview
from tests.factories.briefings import SOON, make_workshop
from tests.factories.people import NOW, TODAY, make_sip, make_user
from tests.factories.schools import World
from tests.factories.shadowing import again
from tests.reading import flat

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def book(world: World, name: str, row: Workshop, *, is_waiting: bool = False, minute: int = 0) -> Booking:
    at = NOW + dt.timedelta(minutes=minute)
    return services.book_workshop(actor=world.fresh(name), workshop=again(row), is_waiting=is_waiting, at=at)


def states(row: Workshop) -> dict[str, str]:
    return {booking.user.name: booking.state for booking in row.bookings.exclude(state="cancelled").select_related("user")}


def facts_of(row: Workshop) -> WorkshopFacts:
    return WorkshopFacts(**{name: getattr(row, name) for name in WorkshopFacts.__dataclass_fields__})


def test_a_full_room_refuses_with_a_sentence_and_offers_the_list_or_another_date(briefed: World) -> None:
    row = make_workshop(briefed, places=2)
    other = make_workshop(briefed, SOON + dt.timedelta(days=7))
    book(briefed, "sip", row)
    book(briefed, "consultant", row)
    with pytest.raises(Full, match=r"All 2 places are taken\. Join the waiting list, or choose another date: .*November 2008"):
        book(briefed, "new_sip", row)
    assert again(row).taken == 2 and states(row) == {"Susan Marlow": "booked", "Conrad Vale": "booked"}
    with pytest.raises(Conflict, match="a place already"):
        book(briefed, "sip", row)
    assert again(row).taken == 2
    with pytest.raises(PermissionDenied):
        book(briefed, "officer", row)
    client = signed_in(briefed.fresh("new_sip"))
    answer = client.post(reverse("briefings:workshop-book", args=[row.public_id]), follow=True).content.decode()
    assert "All 2 places are taken." in answer and "Join the waiting list" in answer and other.get_absolute_url() in answer
    client.post(reverse("briefings:workshop-book", args=[row.public_id]), {"wait": "1"})
    assert "number 1 on the waiting list" in flat(client.get(row.get_absolute_url()).content.decode())
    with transaction.atomic(), pytest.raises(IntegrityError):
        Workshop.objects.filter(pk=row.pk).update(taken=3)  # the database would refuse it too


def test_a_place_that_is_given_back_goes_to_whoever_waits_longest(briefed: World) -> None:
    row = make_workshop(briefed, places=1)
    mine = book(briefed, "sip", row)
    book(briefed, "new_sip", row, is_waiting=True, minute=2)
    book(briefed, "consultant", row, is_waiting=True, minute=1)
    with pytest.raises(PermissionDenied):
        services.cancel_booking(actor=briefed.fresh("consultant"), booking=again(mine), at=NOW)
    services.cancel_booking(actor=briefed.fresh("sip"), booking=again(mine), at=NOW)
    assert states(row) == {"Conrad Vale": "booked", "Nora Fresh": "waiting"} and again(row).taken == 1
    told = OutboxEmail.objects.filter(context_kind="workshop").order_by("pk")
    assert [email.to_name for email in told] == ["Susan Marlow", "Conrad Vale"]
    with pytest.raises(Conflict, match="cancelled already"):
        services.cancel_booking(actor=briefed.fresh("sip"), booking=again(mine), at=NOW)
    services.change_workshop(actor=briefed.fresh("manager"), workshop=again(row), facts=replace(facts_of(row), places=3), at=NOW)
    assert states(row) == {"Conrad Vale": "booked", "Nora Fresh": "booked"} and again(row).taken == 2
    with pytest.raises(Refused, match="2 places are booked already"):
        services.change_workshop(actor=briefed.fresh("manager"), workshop=again(row), facts=facts_of(row), at=NOW)
    book(briefed, "sip", row)
    services.cancel_booking(actor=briefed.fresh("manager"), booking=Booking.objects.get(user=briefed.sip, state="booked"), at=NOW)
    assert again(row).taken == 2


def test_a_booking_is_in_the_diary_and_has_a_file_for_the_calendar(briefed: World) -> None:
    row = make_workshop(briefed)
    book(briefed, "sip", row)
    client = signed_in(briefed.fresh("sip"))
    keys = {name: [entry.key for entry in agenda(briefed.fresh(name), SOON, SOON)] for name in ("sip", "consultant")}
    assert f"workshop-{row.public_id}" in keys["sip"] and f"workshop-{row.public_id}" not in keys["consultant"]
    file = client.get(reverse("briefings:workshop-calendar", args=[row.public_id]))
    assert b"BEGIN:VEVENT" in file.content and b"Workshop: Finance" in file.content
    page = client.get(row.get_absolute_url()).content.decode()
    assert "You have a place." in page and "Add it to your calendar" in page and "Places booked" not in page


def test_calling_it_off_tells_everybody_with_a_place_or_a_turn(briefed: World) -> None:
    row = make_workshop(briefed, places=1)
    book(briefed, "sip", row)
    book(briefed, "consultant", row, is_waiting=True)
    with pytest.raises(Refused, match="Say why"):
        services.cancel_workshop(actor=briefed.fresh("manager"), workshop=again(row), reason="", at=NOW)
    services.cancel_workshop(actor=briefed.fresh("manager"), workshop=again(row), reason="The speaker broke a leg.", at=NOW)
    told = OutboxEmail.objects.filter(subject__startswith="Called off")
    assert {email.to_name for email in told} == {"Susan Marlow", "Conrad Vale"} and "leg" not in told[0].body
    with pytest.raises(Conflict, match="over, or called off"):
        book(briefed, "new_sip", row)


def test_who_came_counts_towards_the_development_days(briefed: World) -> None:
    row = make_workshop(briefed, TODAY, quarters=2)
    book(briefed, "sip", row)
    book(briefed, "consultant", row)
    with pytest.raises(Refused, match="no place"):
        services.record_workshop_attendance(actor=briefed.fresh("manager"), workshop=again(row), came=[briefed.new_sip], at=NOW)
    services.record_workshop_attendance(actor=briefed.fresh("manager"), workshop=again(row), came=[briefed.sip], at=NOW)
    days = {used.sip.user.name: used.workshops for used in development_days(briefed.authority, AcademicYear(2008), 4, TODAY)}
    assert days["Susan Marlow"] == 2 and days["Conrad Vale"] == 0


def test_needs_are_gathered_from_all_sides_and_a_review_names_nobody(briefed: World) -> None:
    sip = briefed.sips["sip"]
    review = SipReview.objects.create(authority=briefed.authority, sip=sip, academic_year=2008, created_at=NOW)
    CpdNeed.objects.create(review=review, text="Leading a review of governance", at=NOW)
    own = services.record_need(actor=briefed.fresh("sip"), sip=sip, topic="finance", text="Reserves above all", at=NOW)
    services.record_need(actor=briefed.fresh("consultant"), sip=briefed.sips["consultant"], topic="finance", at=NOW)
    with pytest.raises(Conflict, match="already"):
        services.record_need(actor=briefed.fresh("sip"), sip=sip, topic="finance", at=NOW)
    with pytest.raises(PermissionDenied):
        services.record_need(actor=briefed.fresh("consultant"), sip=sip, text="Something", at=NOW)
    with pytest.raises(Refused, match="Choose a workshop"):
        services.record_need(actor=briefed.fresh("sip"), sip=sip, at=NOW)
    row = make_workshop(briefed)
    found = needs_of(require_pack(briefed.authority, TODAY), AcademicYear(2008), TODAY)
    assert found.reviews == [] and found.reviews_least == 5 and found.others == [own]  # one review's words have a known author
    for n in range(4):
        other = make_sip(make_user(f"Another {n}"), briefed.authority)
        its = SipReview.objects.create(authority=briefed.authority, sip=other, academic_year=2008, created_at=NOW)
        CpdNeed.objects.create(review=its, text="Leading a review of governance", at=NOW)
    found = needs_of(require_pack(briefed.authority, TODAY), AcademicYear(2008), TODAY)
    assert found.reviews == ["Leading a review of governance"] and found.reviews_least == 0
    assert [(wanted.title, wanted.count, list(wanted.offered)) for wanted in found.wanted] == [("Finance", 2, [row])]
    page = signed_in(briefed.fresh("manager")).get(reverse("briefings:need-list")).content.decode()
    assert "Leading a review of governance" in page and "Reserves above all" in page
    client = signed_in(briefed.fresh("sip"))
    assert client.post(reverse("briefings:need-own"), {"topic": "cohesion", "text": ""}).status_code == 302
    client.post(reverse("briefings:need-remove", args=[own.public_id]))
    left = sip.training_needs.get()
    assert left.topic == "cohesion"
    with pytest.raises(PermissionDenied):
        services.remove_need(actor=briefed.fresh("consultant"), need=left, at=NOW)


def test_the_manager_offers_a_workshop_on_the_pages(briefed: World) -> None:
    client = signed_in(briefed.fresh("manager"))
    sent = {"audience": "all", "topic": "htpm", "title": "Headteacher performance management", "about": "", "suits": "new SIPs"}
    sent |= {"on_day": "14", "on_month": "10", "on_year": "2008", "starts_at": "1:30pm", "ends_at": "3:30pm", "venue": "Marlbridge"}
    sent |= {"places": "12", "lead": briefed.officer.public_id, "lead_name": "", "quarters": "0.25"}
    assert client.get(reverse("briefings:workshop-offer") + "?topic=htpm").status_code == 200
    assert client.post(reverse("briefings:workshop-offer"), sent).status_code == 302
    row = Workshop.objects.get()
    client.post(reverse("briefings:workshop-change", args=[row.public_id]), {**sent, "places": "1"})
    book(briefed, "sip", row)
    book(briefed, "new_sip", row, is_waiting=True)
    page = client.get(row.get_absolute_url()).content.decode()
    assert "Susan Marlow" in page and "Nora Fresh" in page and "Record who came" in page
    client.post(reverse("briefings:workshop-attend", args=[row.public_id]), {"came": [briefed.sip.public_id]})
    assert again(row).state == "held"
    assert client.get(reverse("briefings:workshop-list")).status_code == 200
    refused = client.post(reverse("briefings:workshop-evaluate", args=[row.public_id]), follow=True).content.decode()
    assert "so few cannot answer anonymously" in refused
    assert client.get(reverse("briefings:workshop-cancel", args=[row.public_id])).status_code == 200
