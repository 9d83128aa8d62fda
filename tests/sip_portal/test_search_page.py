"""The page of search."""

from __future__ import annotations

import datetime as dt
import html

import pytest
from django.test import Client
from django.urls import reverse

from people.services import update_account
from schools.models import Contact
from schools.services import end_contact, record_contact
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World
from tests.reading import flat
from visits import services
from visits.indexing import index_record
from visits.models import NoteOfVisit, Round
from visits.services.rounds import RoundPlan

pytestmark = pytest.mark.django_db


def open_round(world: World) -> Round:
    plan = RoundPlan(name="Autumn 2008", visit_type="autumn", phases=("primary",), starts_on=NOW.date(), ends_on=dt.date(2008, 12, 12))
    return services.open_round(actor=world.manager, authority=world.authority, plan=plan, at=NOW)


@pytest.mark.parametrize("cursor", ["x", "99999999-1", "20081014-", "20081014-1' OR 1"])
def test_a_mangled_link_shows_the_first_page(world: World, cursor: str) -> None:
    client = Client()
    client.force_login(world.sip)
    assert client.get(reverse("search"), {"q": "school", "after": cursor}).status_code == 200


def test_a_search_is_narrowed_in_the_address_and_tells_nothing_of_what_is_not_seen(world: World) -> None:
    make.load_england_2008(world.authority)
    make.bring_to("final", author=world.sip, school=world.oak, manager=world.manager, head=world.head)

    def found(name: str, **params: str) -> str:
        client = Client()
        client.force_login(world.people[name])
        response = client.get(reverse("search"), params)
        assert response.status_code == 200
        return flat(html.unescape(response.content.decode()))

    words = {"q": "tracking"}
    assert "Notes of Visit (1)" in found("manager", **words)
    narrowed = {
        "school": world.oak.name,
        "sip": world.sip.public_id,
        "visit": "autumn",
        "since_day": "1",
        "since_month": "10",
        "since_year": "2008",
    }
    page = found("manager", **words, **narrowed)
    assert "Notes of Visit (1)" in page and "<mark>tracking</mark>" in page and world.oak.name in page
    for other in ({"visit": "spring"}, {"school": world.ash.name}, {"until_day": "1", "until_month": "9", "until_year": "2008"}):
        assert "Nothing matches both the words and the filters" in found("manager", **words, **other)
    for name in ("officer_south", "other_manager", "office"):  # outside the scope, whatever stands in the address
        page = found(name, **words, school=world.oak.name, kind="record")
        assert "0 things found" in page and "Notes of Visit (" not in page and "<mark>" not in page
    note = NoteOfVisit.objects.get()
    section = "attendance"
    page = found("manager", **words, section=section)
    assert "Notes of Visit (1)" in page and f"#s-{section}" in page and "<mark>tracking</mark>" in page
    assert "Nothing matches" in found("manager", **words, section="curriculum_hours")
    round_ = open_round(world)
    assert "Nothing matches" in found("manager", **words, round=round_.public_id)
    note.visit.round = round_
    note.visit.save()
    index_record(note.records.get(kind="final"), note)
    assert "Notes of Visit (1)" in found("manager", **words, round=round_.public_id)
    assert "0 things found" in found("officer_south", **words, section=section, round=round_.public_id)
    assert "Notes of Visit (1)" in found("manager", q='"68% in two years"')
    assert "Nothing was found" in found("manager", q='"two years in 68"')
    assert "There is no word to look for" in found("manager", q="!?")


def test_people_are_found_by_whoever_sees_their_school_or_lists_them(world: World) -> None:
    def found(name: str, words: str) -> str:
        client = Client()
        client.force_login(world.people[name])
        return flat(html.unescape(client.get(reverse("search"), {"q": words}).content.decode()))

    head = record_contact(
        actor=world.administrator, school=world.oak, kind="head", name="Perpetua Quill", email="", starts_on=NOW.date(), at=NOW
    )
    page = found("manager", "Quill")
    assert "People at schools (1)" in page and "Headteacher, " in page
    assert reverse("schools:school-tab", args=[world.authority.code, world.oak.urn, "people"]) in page
    assert "People at schools (1)" in found("sip", "quill")
    for name in ("officer_south", "other_manager"):
        assert "0 things found" in found(name, "Quill")
    end_contact(actor=world.administrator, contact=head, ends_on=NOW.date(), at=NOW)
    Contact.objects.filter(pk=head.pk).update(starts_on=dt.date(2007, 9, 1), ends_on=dt.date(2008, 8, 31))
    assert "0 things found" in found("manager", "Quill")

    update_account(actor=world.sip, user=world.sip, name="Ottoline Vesper", at=NOW)
    page = found("manager", "Vesper")
    assert "Advisers (1)" in page and reverse("schools:adviser-detail", args=[world.sip.public_id]) in page
    assert "0 things found" in found("head", "Vesper")
