"""Who was sent a note, what became of it, who has read it; and sending again what came back."""

from __future__ import annotations

import dataclasses
import datetime as dt
import html

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from core.access import Conflict
from core.audit import AuditEvent
from core.outbox import OutboxEmail, mark_bounced
from people.models import User
from schools.choices import ContactKind
from tests.factories import visits as make
from tests.factories.people import NOW, england_2008, make_pack, make_user
from tests.factories.schools import World, make_contact
from visits import services
from visits.models import Delivery, NoteOfVisit, NoteRecord

pytestmark = pytest.mark.django_db

LATER = NOW + dt.timedelta(days=21)


def client_of(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name])
    return client


def test_what_came_back_is_sent_again_to_the_address_of_today_and_the_window_begins_then(world: World) -> None:
    make.load_england_2008(world.authority)
    note = make.bring_to("with_school", author=world.sip, school=world.oak, manager=world.manager)
    delivery = Delivery.objects.get(dispatch__note=note, starts_window=True)
    first = OutboxEmail.objects.get(message_id=delivery.message_id)
    mark_bounced(first.message_id, at=NOW)
    note = make.fresh(note)
    assert note.school_due_on is None

    url = reverse("visits:note-distribution", args=[note.public_id])
    page = html.unescape(client_of(world, "sip").get(url).content.decode())
    assert "came back" in page and "Send again" in page and "Nobody has opened it yet" in page
    assert "Send again" not in client_of(world, "head").get(url).content.decode(), "the school sees it, and sends nothing"

    contact = delivery.contact
    assert contact is not None
    type(contact).objects.filter(pk=contact.pk).update(email="new.office@oakfield.example")
    mail.outbox.clear()
    again = reverse("visits:delivery-resend", args=[note.public_id, delivery.public_id])
    assert client_of(world, "sip").post(again)["Location"] == url
    mark_bounced(first.message_id, at=NOW)  # a late word of the first try tells nothing of the second
    make.deliver_mail()
    assert [message.to for message in mail.outbox if "new.office" in message.to[0]]
    assert make.fresh(note).school_due_on is not None
    delivery.refresh_from_db()
    assert delivery.state == "delivered" and delivery.email == "new.office@oakfield.example"

    delivery = Delivery.objects.select_related("dispatch__note", "contact__user").get(pk=delivery.pk)
    with pytest.raises(Conflict, match="nothing to send again"):
        services.resend_delivery(actor=world.fresh("sip"), delivery=delivery, at=NOW)

    record = NoteRecord.objects.get(note=note)
    services.note_record_opened(actor=world.fresh("head"), record=record, role="Headteacher", at=NOW)
    page = html.unescape(client_of(world, "head").get(url).content.decode())
    assert world.head.name in page and "Opened it" in page
    facts_only = client_of(world, "head_of_improvement").get(url).content.decode()
    assert world.head.name not in facts_only, "who may not read the note learns nothing of who did"


def test_a_diocese_and_a_trust_receive_the_final_note_and_read_nothing_else(world: World) -> None:
    make.load_england_2008(world.authority)
    canon = make_user("Canon Lacey", authority=world.authority)
    make_contact(world.oak, ContactKind.DIOCESE, user=canon, name="Canon Lacey", email=canon.email)
    make_contact(world.oak, ContactKind.TRUST, name="Oak Foundation", email="")
    note = make.bring_to("with_school", author=world.sip, school=world.oak, manager=world.manager)
    client = Client()
    client.force_login(canon)
    release = NoteRecord.objects.get(note=note)
    for url in (note.get_absolute_url(), release.get_absolute_url()):
        assert client.get(url).status_code == 404  # not the draft
    make.finalise(world.fresh("manager"), note, LATER)
    sent = {row.name: row.state for row in Delivery.objects.filter(dispatch__note=note, dispatch__kind="final")}
    assert "Canon Lacey" in sent and sent["Oak Foundation"] == "held"
    final = NoteRecord.objects.get(note=note, kind="final")
    client.force_login(User.objects.get(pk=canon.pk))
    assert client.get(final.get_absolute_url()).status_code == 200
    assert client.get(reverse("visits:record-pdf", args=[final.public_id])).status_code == 200
    page = html.unescape(client.get(note.get_absolute_url()).content.decode())
    assert "tracking in Years 3 and 4" in page
    opened = AuditEvent.objects.filter(event="record.opened", actor_id=canon.public_id).latest("id")
    assert opened.actor_role == "Recipient of final notes"
    home = client.get("/").content.decode()
    assert final.get_absolute_url() in home and reverse("visits:commentary-list") not in home
    for url, status in (
        (world.oak.get_absolute_url(), 404),
        (note.visit.get_absolute_url(), 404),
        (reverse("visits:visit-list"), 403),
        (reverse("visits:action-list"), 403),
        (reverse("schools:school-list"), 403),
    ):
        assert client.get(url).status_code == status, url
    content = england_2008()
    unnamed = {**content.parts, "visits": {**content.parts["visits"], "recipient": []}}
    other_pack = make_pack(world.authority, dataclasses.replace(content, parts=unnamed, digest="0" * 64), superseded_at=NOW)
    NoteOfVisit.objects.filter(pk=note.pk).update(pack=other_pack)
    client.force_login(User.objects.get(pk=canon.pk))
    for url in (note.get_absolute_url(), final.get_absolute_url()):
        assert client.get(url).status_code == 404, "written under a pack that names no diocese"
    NoteOfVisit.objects.filter(pk=note.pk).update(pack=note.pack_id)
    client.force_login(User.objects.get(pk=canon.pk))
    other = make.bring_to("final", author=world.sip, school=world.ash, manager=world.manager)
    assert client.get(NoteRecord.objects.get(note=other, kind="final").get_absolute_url()).status_code == 404
    services.ask_withdrawal(actor=world.fresh("manager"), record=final, reason="A pupil is named.", at=LATER)
    assert client.get(final.get_absolute_url()).status_code == 404
