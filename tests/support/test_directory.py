"""The directory of services (S12): who reads and who keeps it, search and filters, what is out of date, what schools said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.access import Conflict, Refused
from core.due import due_to
from support import services
from support.directory import Marks, Wish, directory_of, marks_of
from support.models import Service
from support.services import Offer
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World
from tests.factories.stage import stage, undone

pytestmark = pytest.mark.django_db

WRITING = Offer(
    "Writing from talk", "Osmer Bridge", "other", ("english-writing",), ("primary",), day_rate_pence=42_000, usual_quarters=16,
    contact_email="ask@osmer.example",
)  # fmt: skip
FREE = Offer(
    "Reserves and standards", "Finance team", "authority", ("finance",), ("primary", "secondary"), day_rate_pence=0, contact_phone="1"
)
LONG_AGO = NOW - dt.timedelta(days=300)


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with stage(django_db_blocker) as world:
        yield world


@pytest.fixture
def world(standing: World) -> Iterator[World]:
    with undone():
        for user in standing.people.values():
            user.forget_hats()
        yield standing


@pytest.fixture
def listed(world: World) -> dict[str, Service]:
    return {
        "writing": services.add_service(actor=world.manager, authority=world.authority, offer=WRITING, owner=world.officer, at=LONG_AGO),
        "free": services.add_service(actor=world.manager, authority=world.authority, offer=FREE, owner=world.manager, at=NOW),
    }


def client_of(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name])
    return client


def names(world: World, query: str, who: str = "head") -> list[str]:
    page = client_of(world, who).get(f"{reverse('support:service-list')}?{query}")
    return [entry.service.name for entry in page.context["entries"]]


def test_the_policy_stands_first_and_is_the_authoritys_own_once_written(world: World, listed: dict[str, Service]) -> None:
    client = client_of(world, "head")
    page = client.get(reverse("support:service-list")).content.decode()
    assert page.index("The school decides") < page.index("Writing from talk")
    assert "SIPs name a need" in page and "Write it anew" not in page
    manager = client_of(world, "manager")
    write = reverse("support:policy-write")
    assert "Who does what. SIPs name" in manager.get(write).content.decode()
    assert manager.post(write, {"text": ""}).status_code == 422
    manager.post(write, {"text": "Ask Diana first."})
    page = client.get(reverse("support:service-list")).content.decode()
    assert "Ask Diana first." in page and "The school decides" not in page
    with pytest.raises(Refused, match="Write the policy"):
        services.write_policy(actor=world.manager, authority=world.authority, text=" ", at=NOW)


def test_search_and_filters(world: World, listed: dict[str, Service]) -> None:
    both = ["Reserves and standards", "Writing from talk"]
    for query, found in (
        ("", both),
        ("words=TALK+osmer", both[1:]),
        ("words=composition+nothing", []),
        ("area=finance", both[:1]),
        ("phase=secondary", both[:1]),
        ("phase=primary", both),
        ("provider_kind=other", both[1:]),
        ("cost=free", both[:1]),
        ("cost=400", both[:1]),
        ("cost=500", both),
        ("cost=any", both[1:]),
        ("only=late", both[1:]),
    ):
        assert names(world, query) == found, query
    answer = client_of(world, "sip").get(reverse("support:service-export", args=["csv"]) + "?cost=any")
    assert b"Writing from talk" in answer.content and b"Reserves" not in answer.content and "£420 a day".encode() in answer.content


def test_an_entry_that_is_out_of_date_is_its_owners_to_look_at(world: World, listed: dict[str, Service]) -> None:
    assert [item.title for item in due_to(world.fresh("officer"), TODAY) if "directory" in item.title] == [
        "Look at the directory’s entry again: Writing from talk"
    ]
    assert not [item for item in due_to(world.fresh("manager"), TODAY) if "directory" in item.title]
    officer, row = client_of(world, "officer"), listed["writing"]
    assert "Out of date" in officer.get(row.get_absolute_url()).content.decode()
    assert officer.post(reverse("support:service-review", args=[listed["free"].public_id])).status_code == 403  # another's
    assert officer.post(reverse("support:service-review", args=[row.public_id])).status_code == 302
    row.refresh_from_db()
    assert (row.reviewed_on, row.review_due_on) == (TODAY, dt.date(2009, 4, 14))
    assert not [item for item in due_to(world.fresh("officer"), TODAY) if "directory" in item.title]


def test_an_entry_is_changed_taken_off_and_put_back(world: World, listed: dict[str, Service]) -> None:
    row, manager = listed["writing"], client_of(world, "manager")
    change = reverse("support:service-change", args=[row.public_id])
    page = manager.get(change).content.decode()
    assert 'value="420"' in page or "420" in page
    stale = Service.objects.get(pk=row.pk)
    data = {
        "name": "Writing from talk", "provider": "Osmer Bridge", "provider_kind": "school", "areas": ["english-writing", "teaching"],
        "phases": ["primary"], "day_rate_pence": "", "contact_email": "ask@osmer.example", "owner": world.manager.public_id,
    }  # fmt: skip
    assert manager.post(change, data).status_code == 302
    row.refresh_from_db()
    assert (row.day_rate_pence, row.owner, row.areas) == (None, world.manager, ["english-writing", "teaching"])
    with pytest.raises(Conflict):
        services.review_service(actor=world.manager, service=stale, at=NOW)
    same = services.change_service(actor=world.manager, service=row, offer=replace(WRITING, provider_kind="school"), at=NOW)
    assert same.day_rate_pence == 42_000
    add = reverse("support:service-add")
    assert "has an entry of that name" in manager.post(add, {**data, "name": "writing FROM talk"}).content.decode()
    assert manager.post(reverse("support:service-off", args=[row.public_id])).status_code == 302
    assert names(world, "words=talk") == [] and names(world, "only=off", "manager") == ["Writing from talk"]
    assert client_of(world, "head").get(row.get_absolute_url()).status_code == 404
    row.refresh_from_db()
    with pytest.raises(Conflict, match="off the directory already"):
        services.list_service(actor=world.manager, service=row, is_listed=False, at=NOW)
    manager.post(reverse("support:service-on", args=[row.public_id]))
    assert names(world, "words=talk") == ["Writing from talk"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"areas": ()}, "areas"),
        ({"areas": ("astrology",)}, "areas"),
        ({"phases": ("university",)}, "phases"),
        ({"contact_email": ""}, "contact_email"),
        ({"provider_kind": "friend"}, "provider_kind"),
    ],
)
def test_what_an_entry_cannot_be(world: World, listed: dict[str, Service], change: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        services.add_service(
            actor=world.manager, authority=world.authority, offer=replace(WRITING, name="Other", **change), owner=world.manager, at=NOW
        )
    assert refusal.value.field == field
    with pytest.raises(Refused, match="no role"):
        services.add_service(actor=world.manager, authority=world.authority, offer=replace(WRITING, name="X"), owner=world.head, at=NOW)


def test_what_schools_said_is_told_once_no_school_can_be_told(world: World, listed: dict[str, Service]) -> None:
    """By the manager's records at three schools; the third makes it shown."""
    row = listed["writing"]
    for number, (school, grade, again) in enumerate(((world.oak, 4, True), (world.ash, 3, True), (world.yew, 2, False)), start=1):
        done = services.record_intervention(
            actor=world.manager, school=school, at=NOW, name="Writing from Talk", provider="Osmer Bridge", origin="brokered"
        )
        assert done.service == row
        services.evaluate_intervention(
            actor=world.manager,
            intervention=done,
            impact="They gained.",
            impact_grade=grade,
            value_for_money="good",
            would_buy_again=again,
            at=NOW,
        )
        words = marks_of([row.pk], 3)[row.pk].words
        assert words == (
            "3 schools, impact 3.0 of 4, 2 would buy again"
            if number == 3
            else f"{number} school{'s' if number > 1 else ''} so far: too few to show"
        )
    assert "3 schools, impact 3.0 of 4, 2 would buy again" in client_of(world, "chair").get(row.get_absolute_url()).content.decode()
    assert Marks(7, 7, 22, 6, 3, 7).words == "7 schools, impact 3.1 of 4, 6 would buy again"


def test_the_mean_impact_is_told_once_enough_schools_gave_a_mark(world: World, listed: dict[str, Service]) -> None:
    """Three schools evaluate it; one gives marks, and three of them: still one school's word."""
    row = listed["writing"]
    for school, grade in ((world.oak, 1), (world.oak, 2), (world.oak, 1), (world.ash, None), (world.yew, None)):
        done = services.record_intervention(
            actor=world.manager, school=school, at=NOW, name="Writing from Talk", provider="Osmer Bridge", origin="brokered"
        )
        services.evaluate_intervention(
            actor=world.manager, intervention=done, impact="They gained.", impact_grade=grade, value_for_money="good", at=NOW
        )
    found = marks_of([row.pk], 3)[row.pk]
    assert (found.words, found.impact) == ("3 schools, impact too few to show, 0 would buy again", None)


def test_the_other_authority_has_a_directory_of_its_own(world: World, listed: dict[str, Service]) -> None:
    assert names(world, "", "other_head") == []
    assert client_of(world, "other_manager").get(listed["free"].get_absolute_url()).status_code == 404


def test_the_list_costs_the_same_for_one_entry_as_for_many(
    world: World, listed: dict[str, Service], django_assert_num_queries: object
) -> None:
    from people.packs import require_pack

    pack = require_pack(world.authority, TODAY)
    user = world.fresh("head")
    assert user.hats
    for number in range(6):
        with django_assert_num_queries(3):  # type: ignore[operator]
            assert len(directory_of(user, world.authority, pack, Wish(), TODAY)) == 2 + number
        offer = replace(WRITING, name=f"Another {number}")
        services.add_service(actor=world.manager, authority=world.authority, offer=offer, owner=world.manager, at=NOW)
