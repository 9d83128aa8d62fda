"""From the agenda to its outcome: items and leads, questions beforehand (S2), invitations, who came, what is come back to (P3)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from briefings import services
from briefings.models import AgendaItem, Attendance, Briefing
from briefings.selectors.briefings import development_days, to_come_back_to
from briefings.services import ItemFacts, Outcome
from core.access import Conflict, Refused
from core.agenda import agenda
from core.audit import AuditEvent
from core.calendar import AcademicYear
from core.due import due_to
from core.outbox import OutboxEmail
from people.models import Sip, User
from tests.factories.briefings import SOON, make_briefing
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World
from tests.factories.shadowing import again

pytestmark = pytest.mark.django_db

ON = TODAY + dt.timedelta(days=20)
AFTER = NOW + dt.timedelta(days=21)
QUESTION = "How do the visitors read our notes?"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def called(world: World, on: dt.date = SOON) -> Briefing:
    return services.call_briefing(actor=world.fresh("manager"), briefing=make_briefing(world, on), at=NOW)


def test_an_agenda_is_built_moved_and_asked_about(briefed: World) -> None:
    manager, row = briefed.fresh("manager"), make_briefing(briefed, template="")
    visitor = services.add_item(
        actor=manager, briefing=row, facts=ItemFacts("Questions for our visitor", lead_name="Jean Ford, regional coordinator"), at=NOW
    )
    finance = services.add_item(actor=manager, briefing=row, facts=ItemFacts("Finance", lead=briefed.finance_officer, minutes=25), at=NOW)
    assert [item.led_by for item in row.items.all()] == ["Jean Ford, regional coordinator", "Fay Tilling"]
    services.move_item(actor=manager, item=finance, is_up=True, at=NOW)
    services.move_item(actor=manager, item=finance, is_up=True, at=NOW)  # at the top it stays
    assert [item.title for item in row.items.all()] == ["Finance", "Questions for our visitor"]
    with pytest.raises(Refused, match="one lead"):
        services.change_item(actor=manager, item=finance, facts=ItemFacts("Money", lead=manager, lead_name="Somebody"), at=NOW)
    with pytest.raises(Refused, match="neither a SIP here"):
        services.change_item(
            actor=manager, item=AgendaItem.objects.get(pk=finance.pk), facts=ItemFacts("Money", lead=briefed.fresh("head")), at=NOW
        )
    services.ask_question(actor=briefed.fresh("sip"), item=visitor, text=QUESTION, at=NOW)
    with pytest.raises(PermissionDenied):
        services.ask_question(actor=briefed.fresh("head"), item=visitor, text=QUESTION, at=NOW)
    with pytest.raises(Refused, match="have asked questions"):
        services.remove_item(actor=manager, item=AgendaItem.objects.get(pk=visitor.pk), at=NOW)
    services.remove_item(actor=manager, item=AgendaItem.objects.get(pk=finance.pk), at=NOW)
    page = signed_in(briefed.fresh("consultant")).get(row.get_absolute_url()).content.decode()
    assert QUESTION in page and "Susan Marlow" in page and "Take off" not in page
    assert not AuditEvent.objects.filter(changes__icontains="read our notes").exists()


def test_the_audience_and_the_leads_are_invited_by_an_email_without_content(briefed: World) -> None:
    manager, row = briefed.fresh("manager"), make_briefing(briefed)
    Sip.objects.filter(pk=briefed.sips["consultant"].pk).update(phases=["secondary"])
    services.add_item(actor=manager, briefing=row, facts=ItemFacts("Finance", lead=briefed.finance_officer), at=NOW)
    services.call_briefing(actor=manager, briefing=row, at=NOW)
    invited = {row.user.name for row in Attendance.objects.filter(briefing=row)}
    assert "Susan Marlow" in invited and "Fay Tilling" in invited and "Conrad Vale" not in invited and "Olive Northcote" not in invited
    emails = OutboxEmail.objects.filter(context_kind="briefing")
    assert emails.count() == len(invited)
    for email in emails:
        assert row.get_absolute_url() in email.body and "Finance" not in email.body and "SIP manager" not in email.body
    with pytest.raises(Conflict, match="already"):
        services.call_briefing(actor=manager, briefing=row, at=NOW)
    with pytest.raises(Refused, match="Everybody"):
        services.invite_others(actor=manager, briefing=row, at=NOW)
    row = again(row)
    services.add_item(actor=manager, briefing=row, facts=ItemFacts("Clusters", lead=briefed.officer), at=NOW)
    assert services.invite_others(actor=manager, briefing=row, at=NOW) == 1 and emails.all().count() == len(invited) + 1


def test_a_venue_is_wanted_before_anybody_is_invited(briefed: World) -> None:
    row = make_briefing(briefed, venue="")
    with pytest.raises(Refused, match="where it is"):
        services.call_briefing(actor=briefed.fresh("manager"), briefing=row, at=NOW)
    assert not Attendance.objects.filter(briefing=row).exists()


def test_a_reply_is_due_until_it_is_given_and_stands_in_the_diary(briefed: World) -> None:
    row = called(briefed)

    def due(name: str) -> list[str]:
        return [item.title for item in due_to(briefed.fresh(name), TODAY) if item.url == row.get_absolute_url()]

    def diary(name: str) -> list[bool]:
        found = agenda(briefed.fresh(name), SOON, SOON)
        return [entry.is_tentative for entry in found if entry.key == f"briefing-{row.public_id}"]

    assert due("sip") == [f"Say whether you come: {row.title}"] and due("officer") == [] and diary("sip") == [True]
    client = signed_in(briefed.fresh("sip"))
    assert "Send your reply" in client.get(row.get_absolute_url()).content.decode()
    client.post(reverse("briefings:briefing-reply", args=[row.public_id]), {"reply": "coming"})
    assert due("sip") == [] and diary("sip") == [False] and diary("officer") == []
    client.post(reverse("briefings:briefing-reply", args=[row.public_id]), {"reply": "not_coming"})
    assert diary("sip") == []
    with pytest.raises(Refused, match="not on the list"):
        services.reply_to_briefing(actor=briefed.fresh("officer"), briefing=row, reply="coming", at=NOW)
    file = client.get(reverse("briefings:briefing-calendar", args=[row.public_id]))
    assert file["Content-Type"].startswith("text/calendar") and b"UID:briefing-" in file.content


@pytest.fixture
def later(settings: Any) -> None:
    settings.SIP_TODAY = ON + dt.timedelta(days=1)


def test_who_came_is_charged_to_their_development_days(briefed: World) -> None:
    manager, row = briefed.fresh("manager"), called(briefed)
    with pytest.raises(Refused, match="still to come"):
        services.record_attendance(actor=manager, briefing=row, came=[], at=NOW)
    services.record_attendance(actor=manager, briefing=row, came=[briefed.sip, briefed.consultant], at=AFTER)
    with pytest.raises(Refused, match="not on the list"):
        services.record_attendance(actor=manager, briefing=row, came=[briefed.head], at=AFTER)
    services.record_attendance(actor=manager, briefing=again(row), came=[briefed.sip], at=AFTER)  # put right
    days = {used.sip.user.name: used for used in development_days(briefed.authority, AcademicYear(2008), 4, AFTER.date())}
    assert (days["Susan Marlow"].used, days["Susan Marlow"].left, days["Susan Marlow"].missed) == (2, 14, 0)
    assert (days["Conrad Vale"].used, days["Conrad Vale"].missed) == (0, 1)


def test_an_outcome_is_come_back_to_on_the_next_agenda(briefed: World) -> None:
    manager, row = briefed.fresh("manager"), called(briefed)
    item = AgendaItem.objects.filter(briefing=row, code="concern").get()
    question = services.ask_question(actor=briefed.fresh("sip"), item=item, text=QUESTION, at=NOW)
    with pytest.raises(Conflict, match="who came first"):
        services.record_outcomes(actor=manager, briefing=row, outcomes=[], at=AFTER)
    row = services.record_attendance(actor=manager, briefing=again(row), came=[briefed.sip], at=AFTER)
    with pytest.raises(Refused, match="say what came of it"):
        services.record_outcomes(actor=manager, briefing=row, outcomes=[Outcome(item, " ", True)], at=AFTER)
    told = Outcome(item, "A theme day in November.", True, {question: "With care."})
    services.record_outcomes(actor=manager, briefing=again(row), outcomes=[told], at=AFTER)
    then = make_briefing(briefed, ON + dt.timedelta(days=60), template="")
    assert to_come_back_to(then) == [item] and to_come_back_to(make_briefing(briefed, ON + dt.timedelta(days=61), audience="all")) == []
    item = AgendaItem.objects.select_related("briefing", "lead").get(pk=item.pk)
    services.draw_on(actor=manager, briefing=then, earlier=item, at=AFTER)
    assert to_come_back_to(then) == [] and then.items.get().draws_on == item
    with pytest.raises(Refused, match="already"):
        services.draw_on(actor=manager, briefing=then, earlier=item, at=AFTER)
    page = signed_in(briefed.fresh("sip")).get(then.get_absolute_url()).content.decode()
    assert "A theme day in November." in page


def test_the_manager_runs_a_briefing_on_the_pages(briefed: World, later: None) -> None:
    client = signed_in(briefed.fresh("manager"))
    row = make_briefing(briefed, ON)
    item = row.items.first()
    assert item is not None
    added = {"title": "Finance", "about": "Reserves", "lead": briefed.finance_officer.public_id, "lead_name": "", "minutes": "20"}
    assert client.post(reverse("briefings:item-add", args=[row.public_id]), added).status_code == 302
    assert client.post(reverse("briefings:item-change", args=[item.public_id]), {**added, "title": "Welcome"}).status_code == 302
    client.post(reverse("briefings:item-move", args=[item.public_id]))
    assert [each.title for each in row.items.all()][1] == "Welcome"
    assert "Everybody" not in client.get(reverse("briefings:briefing-invite", args=[row.public_id])).content.decode()
    people = client.get(reverse("briefings:briefing-attend", args=[row.public_id]))
    assert "Susan Marlow" in people.content.decode()
    client.post(reverse("briefings:briefing-attend", args=[row.public_id]), {"came": [briefed.sip.public_id]})
    assert Briefing.objects.get(pk=row.pk).state == "held"
    form = client.get(reverse("briefings:briefing-outcomes", args=[row.public_id]))
    assert form.status_code == 200
    client.post(reverse("briefings:briefing-outcomes", args=[row.public_id]), {f"outcome-{item.public_id}": "Fifteen came."})
    assert AgendaItem.objects.get(pk=item.pk).outcome == "Fifteen came."
    days = client.get(reverse("briefings:development-days")).content.decode()
    assert "Susan Marlow" in days and row.title in days
    own = signed_in(briefed.fresh("sip")).get(reverse("briefings:briefing-list")).content.decode()
    assert "development days used" in own
