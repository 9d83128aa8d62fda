"""The alert to the authority (domain.md §4, P16): who is told, who reads it, who answers, and what when nobody does."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from core.access import Conflict, Refused
from core.audit import AuditEvent
from core.due import due_to
from core.jobs import SCHEDULES
from core.outbox import OutboxEmail
from people.models import RoleAssignment
from people.roles import Hat
from schools.registries import timeline_of
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World
from visits import services
from visits.models import Alert, NoteRecord

pytestmark = pytest.mark.django_db

SECRET = "The deputy has resigned and the chair with her."


@pytest.fixture
def world(world: World) -> World:
    make.load_england_2008(world.authority)
    world.authority.settings = {"gate_lot_one_in": 0, "safeguarding_contacts": ["Duty team, 01632 960001"]}
    world.authority.save()
    return world


def client_of(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name])
    return client


def told(alert: Alert) -> set[str]:
    return set(alert.recipients.values_list("user__name", flat=True))


def name_officer(world: World) -> None:
    RoleAssignment.objects.filter(user=world.officer, role=Hat.OFFICER).update(is_named_officer=True)


def test_it_goes_to_the_schools_officers_by_a_link_alone(world: World) -> None:
    alert = make.alert(world.sip, world.oak)
    assert told(alert) == {world.officer.name, world.officer_chair.name}  # none is named: all of the cluster
    emails = OutboxEmail.objects.filter(context_kind="alert")
    assert {email.to_address for email in emails} == {world.officer.email, world.officer_chair.email}
    for email in emails:
        assert "Oakfield Primary School" in email.subject and alert.get_absolute_url() in email.body
        assert SECRET not in email.body + email.subject and "today" not in email.body.lower()
    event = AuditEvent.objects.get(event="alert.raised")
    assert event.changes["what"] == "changed, 9 words" and SECRET not in str(event.changes)
    assert alert.escalates_at == NOW + dt.timedelta(hours=4)


def test_a_named_officer_alone_is_told_and_one_walled_never(world: World) -> None:
    name_officer(world)
    assert told(make.alert(world.sip, world.oak)) == {world.officer.name}
    RoleAssignment.objects.filter(user=world.officer).update(is_named_officer=False)
    world.fresh("officer_chair")
    assert told(make.alert(world.consultant, world.elm)) == {world.officer_south.name}  # the other chairs Elmwood


def test_who_reads_it(world: World) -> None:
    name_officer(world)
    alert = make.alert(world.sip, world.oak)
    readers = {name for name in world.people if Alert.objects.visible_to(world.fresh(name)).filter(pk=alert.pk).exists()}
    assert readers == {"sip", "officer", "manager", "manager_sip"}
    for name in readers | {"head", "chair", "clerk", "consultant", "dpo", "head_of_improvement", "officer_chair"}:
        events = timeline_of(world.fresh(name), [world.oak.pk], TODAY, TODAY)[world.oak.pk]
        assert any("Alert to the authority" in event.title for event in events) == (name in readers), name
        page = client_of(world, name).get(alert.get_absolute_url())
        assert page.status_code == (200 if name in readers else 404), name


def test_nobody_acknowledges_and_it_goes_on_within_office_hours(world: World) -> None:
    """Raised on Tuesday at 15:30 it goes on on Wednesday at 11:30, then again four office hours later."""
    name_officer(world)
    raised = NOW.replace(hour=14, minute=30)  # 15:30 by the clock of the country
    alert = make.alert(world.sip, world.oak, raised)
    run = SCHEDULES["visits.escalate_alerts"].run
    run(raised + dt.timedelta(hours=4))
    assert told(alert) == {world.officer.name} and OutboxEmail.objects.filter(context_kind="alert").count() == 1
    next_day = (raised + dt.timedelta(days=1)).replace(hour=10, minute=30)
    run(next_day)
    run(next_day)  # once
    assert told(alert) == {world.officer.name, world.manager.name, world.manager_sip.name}
    assert OutboxEmail.objects.filter(context_kind="alert", to_address=world.manager.email).count() == 1
    assert OutboxEmail.objects.filter(context_kind="alert", to_address=world.officer.email).count() == 2
    alert.refresh_from_db()
    assert (alert.escalations, alert.state) == (1, "sent")
    services.acknowledge_alert(actor=world.fresh("officer"), alert=alert, at=next_day)
    assert services.escalate_alerts(at=next_day + dt.timedelta(days=3)) == 0
    assert OutboxEmail.objects.filter(context_kind="alert").count() == 4
    assert [e.event for e in AuditEvent.objects.about("alert", alert.public_id).order_by("id")] == [
        "alert.raised",
        "alert.escalated",
        "alert.acknowledged",
    ]


def test_without_an_officer_the_managers_have_it_first(world: World) -> None:
    RoleAssignment.objects.filter(role=Hat.OFFICER).update(ends_on=TODAY - dt.timedelta(days=1))
    assert told(make.alert(world.sip, world.oak)) == {world.manager.name, world.manager_sip.name}


def test_a_person_acknowledges_once_and_the_outcome_is_logged(world: World) -> None:
    alert = make.alert(world.sip, world.oak)
    stale = Alert.objects.get(pk=alert.pk)
    with pytest.raises(PermissionDenied):
        services.acknowledge_alert(actor=world.sip, alert=alert, at=NOW)
    with pytest.raises(Conflict):
        services.close_alert(actor=world.fresh("officer"), alert=alert, outcome="acted", text="Rang.", at=NOW)
    services.acknowledge_alert(actor=world.fresh("officer"), alert=alert, at=NOW)
    with pytest.raises(Conflict):
        services.acknowledge_alert(actor=world.fresh("manager"), alert=stale, at=NOW)
    with pytest.raises(Refused, match="few words"):
        services.close_alert(actor=world.fresh("officer"), alert=alert, outcome="acted", text=" ", at=NOW)
    assert any("Log what came" in item.title for item in due_to(world.fresh("officer"), TODAY))
    services.close_alert(actor=world.fresh("officer"), alert=alert, outcome="acted", text="An adviser is there tomorrow.", at=NOW)
    assert not any("lert" in item.title for name in ("officer", "manager", "sip") for item in due_to(world.fresh(name), TODAY))


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"what": "  "}, "Enter what"),
        ({"what": "x" * 2001}, "at most"),
        ({"urgency": "whenever"}, "how urgent"),
        ({"ask": ""}, "what you ask"),
        ({"head_told": ""}, "has been told"),
        ({"head_told": "will"}, "Enter the day"),
        ({"head_told": "will", "head_told_on": TODAY - dt.timedelta(days=1)}, "is past"),
        ({"head_told": "no"}, "Say why"),
    ],
)
def test_what_it_asks_for(world: World, values: dict[str, object], says: str) -> None:
    with pytest.raises(Refused, match=says):
        make.alert(world.sip, world.oak, **values)
    assert not Alert.objects.exists()


def test_only_whoever_serves_the_school_raises_one(world: World) -> None:
    for name in ("consultant", "former_sip", "officer", "manager", "head"):
        with pytest.raises(PermissionDenied):
            make.alert(world.fresh(name), world.oak)
    visit = make.hold(world.sip, world.ash)
    with pytest.raises(Refused, match="not to this school"):
        make.alert(world.sip, world.oak, visit=visit)


def test_raised_on_the_page_of_a_visit_and_answered_from_the_list(world: World) -> None:
    visit = make.hold(world.sip, world.oak)
    sip, officer = client_of(world, "sip"), client_of(world, "officer")
    link = f"{reverse('visits:alert-raise')}?school={world.oak.public_id}&visit={visit.public_id}"
    assert link.replace("&", "&amp;") in sip.get(visit.get_absolute_url()).content.decode()
    assert f"{reverse('visits:alert-raise')}?school={world.oak.public_id}" in sip.get(world.oak.get_absolute_url()).content.decode()
    page = sip.get(link).content.decode()
    assert page.index("Duty team, 01632 960001") < page.index("What must the authority know?")
    assert "may have to be disclosed" in page and world.officer.name in page
    data = {"what": SECRET, "urgency": "today", "ask": "call_me", "head_told": "no", "head_told_reason": ""}
    refused = sip.post(link, data)
    assert refused.status_code == 422 and SECRET in refused.content.decode() and "Say why" in refused.content.decode()
    answer = sip.post(link, {**data, "head_told_reason": "She is the one who is ill."})
    alert = Alert.objects.get()
    assert answer["Location"] == alert.get_absolute_url() and alert.visit == visit
    assert f"Alert: {world.oak.name}" in officer.get("/").content.decode()
    assert world.oak.name in officer.get(reverse("visits:alert-list")).content.decode()
    assert "Acknowledge" in officer.get(alert.get_absolute_url()).content.decode()
    officer.post(reverse("visits:alert-acknowledge", args=[alert.public_id]))
    officer.post(reverse("visits:alert-close", args=[alert.public_id]), {"outcome": "acted", "text": "Seen the same day."})
    alert.refresh_from_db()
    assert (alert.state, alert.outcome_text, alert.closed_by_name) == ("closed", "Seen the same day.", world.officer.name)
    assert "Seen the same day." in sip.get(alert.get_absolute_url()).content.decode()


def test_no_record_of_the_school_holds_it(world: World) -> None:
    note = make.bring_to("final", author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    make.alert(world.sip, world.oak, visit=note.visit)
    assert SECRET not in NoteRecord.objects.get(note=note, kind="final").payload
    page = client_of(world, "head").get(note.visit.get_absolute_url()).content.decode()
    assert "lert" not in page
