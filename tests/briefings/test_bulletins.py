"""Bulletins (P32): numbered by the year, for action and for information, read and done by each person."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from briefings import services
from briefings.models import Bulletin, BulletinReading
from briefings.services import BulletinItemFacts
from core.access import Conflict, Refused
from core.audit import AuditEvent
from core.due import due_to
from core.outbox import OutboxEmail
from people.models import Sip, User
from tests.factories.briefings import make_bulletin
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World
from tests.factories.shadowing import again

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_number_comes_with_publishing_and_begins_anew_with_the_year(briefed: World) -> None:
    first, second = make_bulletin(briefed, "September"), make_bulletin(briefed, "October")
    spring = make_bulletin(briefed, "A year on", at=NOW + dt.timedelta(days=360))
    assert [row.reference for row in (first, second, spring)] == ["1, 2008/09", "2, 2008/09", "1, 2009/10"]
    with pytest.raises(Conflict, match="no longer changed"):
        services.add_bulletin_item(
            actor=briefed.fresh("manager"), bulletin=again(first), facts=BulletinItemFacts("information", "Late"), at=NOW
        )
    emails = OutboxEmail.objects.filter(context_kind="bulletin", context_reference=first.public_id)
    assert emails.count() > 3 and not emails.filter(body__icontains="targets").exists()


def test_what_cannot_be_published_is_said(briefed: World) -> None:
    manager = briefed.fresh("manager")
    row = services.begin_bulletin(actor=manager, authority=briefed.authority, title="Empty", at=NOW)
    with pytest.raises(Refused, match="without items"):
        services.publish_bulletin(actor=manager, bulletin=again(row), at=NOW)
    with pytest.raises(Refused, match="by when"):
        services.add_bulletin_item(actor=manager, bulletin=row, facts=BulletinItemFacts("action", "Do this"), at=NOW)
    aside = services.add_bulletin_item(actor=manager, bulletin=again(row), facts=BulletinItemFacts("information", "Aside"), at=NOW)
    services.remove_bulletin_item(actor=manager, item=again(aside), at=NOW)
    item = services.add_bulletin_item(
        actor=manager, bulletin=again(row), facts=BulletinItemFacts("action", "Do this", complete_by=TODAY - dt.timedelta(days=1)), at=NOW
    )
    with pytest.raises(Refused, match="a day that is past"):
        services.publish_bulletin(actor=manager, bulletin=again(row), at=NOW)
    services.change_bulletin_item(actor=manager, item=again(item), facts=BulletinItemFacts("information", "Know this"), at=NOW)
    services.write_bulletin(actor=manager, bulletin=again(row), title="Full", audience="primary", opening="Dear all", at=NOW)
    assert services.publish_bulletin(actor=manager, bulletin=again(row), at=NOW).number == 1


def test_a_draft_is_seen_by_its_writer_and_a_bulletin_by_its_audience(briefed: World) -> None:
    manager = briefed.fresh("manager")
    draft = services.begin_bulletin(actor=manager, authority=briefed.authority, title="Draft", at=NOW)
    primary = make_bulletin(briefed, "Primary", audience="primary")
    Sip.objects.filter(pk=briefed.sips["consultant"].pk).update(phases=["secondary"])
    for name, seen in (("manager", {draft, primary}), ("sip", {primary}), ("officer", {primary}), ("consultant", set()), ("head", set())):
        assert set(Bulletin.objects.visible_to(briefed.fresh(name))) == seen, name
    assert signed_in(briefed.fresh("sip")).get(draft.get_absolute_url()).status_code == 404


def test_opening_it_notes_that_it_is_read_and_an_action_is_due_until_it_is_done(briefed: World) -> None:
    row = make_bulletin(briefed)
    client = signed_in(briefed.fresh("sip"))
    assert "New" in client.get(reverse("briefings:bulletin-list")).content.decode()

    def due() -> list[str]:
        return [item.title for item in due_to(briefed.fresh("sip"), TODAY) if "bulletins" in item.url]

    assert due() == ["Return the list of targets"]
    page = client.get(row.get_absolute_url()).content.decode()
    assert not services.note_bulletin_read(actor=briefed.fresh("sip"), bulletin=row, at=NOW)
    assert "<strong>All</strong>" in page and BulletinReading.objects.get(bulletin=row).user == briefed.sip
    assert AuditEvent.objects.filter(event="bulletin.read").count() == 1
    item = row.items.get(kind="action")
    client.post(reverse("briefings:bulletin-item-done", args=[item.public_id]))
    client.post(reverse("briefings:bulletin-item-done", args=[item.public_id]))
    assert due() == [] and item.done.count() == 1
    with pytest.raises(Refused, match="nothing to do"):
        services.mark_item_done(actor=briefed.fresh("sip"), item=row.items.get(kind="information"), at=NOW)
    seen = signed_in(briefed.fresh("manager")).get(row.get_absolute_url()).content.decode()
    assert "Susan Marlow" in seen and "Who has read it" in seen and "Done by 1 of" in seen


def test_the_manager_writes_and_publishes_on_the_pages(briefed: World) -> None:
    client = signed_in(briefed.fresh("manager"))
    client.post(reverse("briefings:bulletin-begin"), {"title": "Half term", "audience": "all", "opening": "Dear all"})
    row = Bulletin.objects.get()
    words = {
        "kind": "action",
        "complete_by_day": "31",
        "complete_by_month": "10",
        "complete_by_year": "2008",
        "title": "Send it",
        "text": "Now.",
    }
    assert client.post(reverse("briefings:bulletin-add", args=[row.public_id]), words).status_code == 302
    item = row.items.get()
    assert client.get(reverse("briefings:bulletin-item", args=[item.public_id])).status_code == 200
    client.post(reverse("briefings:bulletin-item", args=[item.public_id]), {**words, "title": "Send them"})
    client.post(reverse("briefings:bulletin-add", args=[row.public_id]), {"kind": "information", "title": "Too much"})
    client.post(reverse("briefings:bulletin-item-remove", args=[row.items.get(kind="information").public_id]))
    assert client.get(reverse("briefings:bulletin-write", args=[row.public_id])).status_code == 200
    assert "Publish it" in client.get(row.get_absolute_url()).content.decode()
    client.post(reverse("briefings:bulletin-publish", args=[row.public_id]))
    assert again(row).number == 1 and [each.title for each in row.items.all()] == ["Send them"]
