"""Dates of briefings: the pack's year, whose they are, moving and calling off (S16, domain.md §8)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from briefings import services
from briefings.models import AgendaItem, Briefing
from briefings.pack import briefings_of
from core.access import Conflict, Refused
from core.audit import AuditEvent
from core.calendar import AcademicYear
from people.models import Sip, User
from tests.factories.briefings import SOON, facts, make_briefing
from tests.factories.people import NOW, england_2008
from tests.factories.schools import World

pytestmark = pytest.mark.django_db

YEAR = AcademicYear(2008)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_dates_of_s16_are_taken_over_for_each_audience_once(briefed: World) -> None:
    manager = briefed.fresh("manager")
    rows = services.plan_year(actor=manager, authority=briefed.authority, year=YEAR, venue="Sessions House", at=NOW)
    days = [dt.date(2008, 9, 22), dt.date(2009, 1, 12), dt.date(2009, 5, 11), dt.date(2009, 7, 6)]
    assert [row.on for row in rows if row.audience == "primary"] == days == [row.on for row in rows if row.audience == "secondary-pru"]
    assert str(rows[0]) == "Primary SIP briefing, autumn 2008" and rows[0].venue == "Sessions House"
    assert [item.title for item in rows[0].items.all()][:3] == [
        "Introduction",
        "SIP manager's update",
        "Preparation for the autumn visit",
    ]
    with pytest.raises(Refused, match="does not stand already"):
        services.plan_year(actor=manager, authority=briefed.authority, year=YEAR, at=NOW)
    assert AuditEvent.objects.filter(event="briefing.planned").count() == 8


def test_the_agendas_of_the_pack_are_those_of_the_slides() -> None:
    part = briefings_of(england_2008())
    primary, secondary = part.template("primary-autumn"), part.template("secondary-july")
    assert primary is not None and len(primary.agenda) == 8 and secondary is not None and len(secondary.agenda) == 9  # P3, S2
    for template in (primary, secondary):
        assert [code for line in template.agenda for code in line.pages] == [page.code for page in template.pages]


def test_a_sip_sees_the_briefings_of_the_phases_that_they_serve_and_of_their_authority(briefed: World) -> None:
    primary, secondary = make_briefing(briefed), make_briefing(briefed, audience="secondary-pru")
    everybody = make_briefing(briefed, audience="all")
    Sip.objects.filter(pk=briefed.sips["sip"].pk).update(phases=["primary"])
    Sip.objects.filter(pk=briefed.sips["consultant"].pk).update(phases=["pru"])
    for name, seen in (
        ("sip", {primary, everybody}),
        ("consultant", {secondary, everybody}),
        ("officer", {primary, secondary, everybody}),
        ("head", set()),
        ("former_sip", set()),
        ("other_sip", set()),
        ("other_manager", set()),
        ("administrator", set()),
    ):
        assert set(Briefing.objects.visible_to(briefed.fresh(name))) == seen, name
    page = signed_in(briefed.fresh("sip")).get(reverse("briefings:briefing-list"))
    assert primary.title in page.content.decode() and secondary.title not in page.content.decode()


def test_a_date_is_moved_and_called_off_by_the_manager_alone(briefed: World) -> None:
    row = make_briefing(briefed)
    with pytest.raises(PermissionDenied):
        services.change_briefing(actor=briefed.fresh("officer"), briefing=row, facts=facts(), at=NOW)
    later = SOON + dt.timedelta(days=7)
    services.change_briefing(actor=briefed.fresh("manager"), briefing=row, facts=facts(later, venue="Elsewhere"), at=NOW)
    assert (Briefing.objects.get(pk=row.pk).on, Briefing.objects.get(pk=row.pk).venue) == (later, "Elsewhere")
    with pytest.raises(Conflict, match="that day already"):
        make_briefing(briefed, later)
    with pytest.raises(Refused, match="Say why"):
        services.cancel_briefing(actor=briefed.fresh("manager"), briefing=row, reason=" ", at=NOW)
    services.cancel_briefing(actor=briefed.fresh("manager"), briefing=row, reason="Snow.", at=NOW)
    with pytest.raises(Conflict):
        services.change_briefing(actor=briefed.fresh("manager"), briefing=row, facts=facts(), at=NOW)
    make_briefing(briefed, later)  # the day is free again


def test_the_manager_sets_a_year_and_one_more_date_on_the_page(briefed: World) -> None:
    client = signed_in(briefed.fresh("manager"))
    empty = client.get(reverse("briefings:briefing-list"))
    assert "Take over the dates of the pack" in empty.content.decode()
    client.post(reverse("briefings:briefing-year", args=[2008]))
    assert Briefing.objects.filter(academic_year=YEAR).count() == 8
    sent = {"audience": "primary", "name": "theme day", "template": "", "on_day": "4", "on_month": "11", "on_year": "2008"}
    sent |= {"starts_at": "9:30am", "ends_at": "12:30pm", "venue": "Marlbridge", "quarters": "0.5"}
    answer = client.post(reverse("briefings:briefing-plan"), sent)
    row = Briefing.objects.get(on=dt.date(2008, 11, 4))
    assert answer.headers["Location"] == row.get_absolute_url() and row.title == "Primary SIP briefing, theme day"
    assert not AgendaItem.objects.filter(briefing=row).exists()
    wrong = client.post(reverse("briefings:briefing-change", args=[row.public_id]), {**sent, "ends_at": "8am"})
    assert wrong.status_code == 422 and "It ends before it begins." in wrong.content.decode()
    assert client.get(row.get_absolute_url()).status_code == 200
    assert client.get(reverse("briefings:briefing-cancel", args=[row.public_id])).status_code == 200
