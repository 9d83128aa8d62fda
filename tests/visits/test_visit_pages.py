"""The pages of visits: the list, booking, logging, the page before the visit, and every step, as right and wrong people."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.access import Refused
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World, make_days
from tests.reading import flat
from visits import services
from visits.choices import NoteState, VisitState
from visits.models import Visit
from visits.services.visits import VisitPlan

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world: World) -> World:
    make.load_england_2008(world.authority)
    make.load_england_2008(world.other)
    return world


def client_of(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name])
    return client


def get(world: World, name: str, url: str) -> Any:
    return client_of(world, name).get(url)


def page(world: World, name: str, url: str) -> str:
    response = get(world, name, url)
    assert response.status_code == 200, (response.status_code, url)
    return flat(response.content.decode())


def date_boxes(name: str, on: dt.date) -> dict[str, str]:
    return {f"{name}_day": str(on.day), f"{name}_month": str(on.month), f"{name}_year": str(on.year)}


def booked(world: World, on: dt.date = dt.date(2008, 10, 20), **values: Any) -> Visit:
    plan = VisitPlan(visit_type="autumn", schools=[world.oak], lead=world.sip, **values)
    return services.book_visit(actor=world.sip, plan=plan, on=on, starts_at=dt.time(9), at=NOW)


def proposed(world: World) -> Visit:
    plan = VisitPlan(
        visit_type="autumn",
        schools=[world.oak],
        lead=world.sip,
        dates=[(dt.date(2008, 11, 4), dt.time(9, 30)), (dt.date(2008, 11, 6), None)],
    )
    return services.propose_dates(actor=world.sip, plan=plan, at=NOW)


def url(name: str, row: Any = None) -> str:
    return reverse(f"visits:{name}", args=[row.public_id] if row is not None else [])


# ---------------------------------------------------------------- the list


def test_the_list_shows_the_visits_of_ones_own_scope(world: World) -> None:
    booked(world)
    make.hold(world.sip, world.ash)
    for name, sees in (
        ("sip", True),
        ("manager", True),
        ("officer", True),
        ("consultant", False),
        ("other_sip", False),
        ("officer_south", False),
    ):
        assert ("Oakfield" in page(world, name, url("visit-list"))) is sees, name
    assert get(world, "administrator", url("visit-list")).status_code == 403
    assert Client().get(url("visit-list")).status_code == 302


def test_the_school_learns_nothing_of_a_note_before_it_is_released(world: World) -> None:
    note = make.bring_to(NoteState.RETURNED, author=world.sip, school=world.oak, manager=world.manager)
    shown = page(world, "head", url("visit-list"))
    tag = 'portal-tag--late">Returned'
    assert "No note yet" in shown and tag not in shown
    make.hold(world.sip, world.oak, on=dt.date(2008, 10, 10))
    for asked in ("", "?note=none"):  # one visit with a draft, one without: nothing tells them apart
        assert page(world, "head", url("visit-list") + asked).count("No note yet</td>") == 2
    assert page(world, "manager", url("visit-list") + "?note=none").count("No note yet</td>") == 1
    assert tag in page(world, "sip", url("visit-list"))
    assert tag in page(world, "sip", note.visit.get_absolute_url())
    assert tag not in page(world, "head", note.visit.get_absolute_url())
    assert "No visit matches" in page(world, "head", url("visit-list") + "?note=returned")


@pytest.mark.parametrize(
    ("query", "oak", "ash"),
    [
        ("state=held", False, True),
        ("state=booked", True, False),
        ("note=none", False, True),
        ("kind=autumn", True, True),
        ("kind=spring", False, False),
        ("school=Ash", False, True),
        ("since=2008-10-15", True, False),
        ("until=2008-10-15", False, True),
        ("note=late", False, False),
    ],
)
def test_filters_stand_in_the_address(world: World, query: str, oak: bool, ash: bool) -> None:
    first, second = booked(world), make.hold(world.sip, world.ash)
    shown = page(world, "sip", f"{url('visit-list')}?{query}")
    assert (first.get_absolute_url() in shown, second.get_absolute_url() in shown) == (oak, ash)


def test_a_filter_that_cannot_be_says_what_to_enter(world: World) -> None:
    shown = page(world, "sip", f"{url('visit-list')}?since=2008-10-15&until=2008-10-01")
    assert "To must be on or after the day in From" in shown


def test_by_school_and_by_lead(world: World) -> None:
    visit = booked(world)
    make.hold(world.consultant, world.elm)
    assert visit.get_absolute_url() in page(world, "manager", f"{url('visit-list')}?school={world.oak.public_id}")
    assert visit.get_absolute_url() in page(world, "manager", f"{url('visit-list')}?sip={world.sip.public_id}")
    assert visit.get_absolute_url() not in page(world, "manager", f"{url('visit-list')}?sip={world.consultant.public_id}")


# ---------------------------------------------------------------- booking


def book_values(**values: Any) -> dict[str, Any]:
    return {
        "visit_type": "autumn",
        "when": "agreed",
        "second": "no",
        "days_source": "core",
        **date_boxes("on", dt.date(2008, 11, 4)),
        **values,
    }


def test_a_sip_books_a_visit(world: World) -> None:
    client = client_of(world, "sip")
    address = f"{url('visit-book')}?school={world.oak.public_id}"
    assert "Ashdown" in client.get(address).content.decode()  # the other school of the federation
    response = client.post(address, book_values(starts_at="9:30am", observers="Olive Northcote, partnership manager"))
    visit = Visit.objects.get()
    assert response.status_code == 302 and response.url == visit.get_absolute_url()
    assert (visit.state, visit.on, visit.starts_at, visit.lead) == (VisitState.BOOKED, dt.date(2008, 11, 4), dt.time(9, 30), world.sip)
    assert visit.observers == ["Olive Northcote, partnership manager"]


def test_proposing_days_to_the_school(world: World) -> None:
    values = book_values(
        when="propose", time1="9:30", **date_boxes("day1", dt.date(2008, 11, 4)), **date_boxes("day3", dt.date(2008, 11, 6))
    )
    client_of(world, "sip").post(f"{url('visit-book')}?school={world.oak.public_id}", values)
    visit = Visit.objects.get()
    assert visit.state == VisitState.PROPOSED
    assert [(d.on, d.starts_at) for d in visit.dates.all()] == [(dt.date(2008, 11, 4), dt.time(9, 30)), (dt.date(2008, 11, 6), None)]


def test_a_joint_visit_to_a_group(world: World) -> None:
    values = book_values(
        covers=[world.ash.public_id], second="yes", second_adviser=world.consultant.public_id, second_sections=["leadership"]
    )
    client_of(world, "sip").post(f"{url('visit-book')}?school={world.oak.public_id}", values)
    visit = Visit.objects.get()
    assert [school.name for school in visit.covered] == ["Oakfield Primary School", "Ashdown Primary School"]
    assert (visit.second_adviser, visit.second_sections) == (world.consultant, ["leadership"])


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"when": ""}, "Is a day agreed"),
        (date_boxes("on", dt.date(2008, 11, 4)) | {"on_day": ""}, "must include a day"),
        ({"on_day": "", "on_month": "", "on_year": ""}, "Enter the day of the visit"),
        ({"when": "propose"}, "Enter at least one day to propose"),
        ({"second": "yes"}, "Select the second adviser"),
        ({"starts_at": "12:00", "ends_at": "9:00"}, "ends before it begins"),
    ],
)
def test_what_is_missing_is_said(world: World, values: dict[str, str], says: str) -> None:
    response = client_of(world, "sip").post(f"{url('visit-book')}?school={world.oak.public_id}", book_values() | values)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert not Visit.objects.exists()


def test_the_manager_books_for_a_sip(world: World) -> None:
    client = client_of(world, "manager")
    response = client.post(url("visit-book"), {"school": "Elmwood"})
    assert response.status_code == 302 and world.elm.public_id in response.url
    shown = client.get(response.url).content.decode()
    assert "Conrad Vale" in shown and "Nell Challis" in shown
    client.post(response.url, book_values(lead=world.nc_adviser.public_id))
    assert Visit.objects.get().lead == world.nc_adviser


def test_the_manager_is_told_that_nobody_serves_the_school(world: World) -> None:
    assert "Nobody is assigned" in page(world, "manager", f"{url('visit-book')}?school={world.fir.public_id}")


def test_booking_is_for_ones_own_schools(world: World) -> None:
    assert get(world, "sip", f"{url('visit-book')}?school={world.elm.public_id}").status_code == 404
    assert get(world, "sip", f"{url('visit-book')}?school={world.birch.public_id}").status_code == 404
    assert get(world, "head", url("visit-book")).status_code == 403
    assert "Oakfield" in page(world, "sip", url("visit-book"))


# ---------------------------------------------------------------- logging


def facts_values(**values: Any) -> dict[str, Any]:
    return {
        "met": ["Headteacher", "Pupils"],
        "preparation": "2",
        "in_school": "4",
        "writing": "1",
        "days_source": "core",
        **date_boxes("on", dt.date(2008, 10, 9)),
        **values,
    }


def test_a_visit_is_logged_in_one_short_form(world: World) -> None:
    make_days(world.sip, world.oak, 24)
    shown = page(world, "sip", url("visit-log"))
    assert 'value="14"' in shown  # today
    assert 'id="id_preparation"' in shown and 'value="2" selected' in shown  # the pack's half day
    response = client_of(world, "sip").post(url("visit-log"), facts_values(school=world.oak.public_id, visit_type="autumn"))
    visit = Visit.objects.get()
    assert response.url == visit.get_absolute_url()
    assert (visit.state, visit.met, visit.in_school_quarters) == (VisitState.HELD, ["Headteacher", "Pupils"], 4)


def test_a_group_is_logged_as_one_visit(world: World) -> None:
    assert world.group is not None
    client_of(world, "sip").post(url("visit-log"), facts_values(school=world.group.public_id, visit_type="autumn"))
    assert {school.pk for school in Visit.objects.get().covered} == {world.oak.pk, world.ash.pk}


def test_logging_offers_what_is_booked_already(world: World) -> None:
    visit = booked(world, dt.date(2008, 10, 13))
    assert url("visit-hold", visit) in page(world, "sip", url("visit-log"))


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"school": ""}, "Select the school"),
        ({"met": []}, "Select whom you met"),
        (date_boxes("on", dt.date(2008, 10, 15)), "on or before 14 October 2008"),
        ({"starts_at": "noonish"}, "must be a time"),
    ],
)
def test_what_the_log_lacks_is_said(world: World, values: dict[str, Any], says: str) -> None:
    sent = facts_values(school=world.oak.public_id, visit_type="autumn") | values
    response = client_of(world, "sip").post(url("visit-log"), sent)
    assert response.status_code == 422 and says in response.content.decode()
    assert not Visit.objects.exists()


def test_only_an_adviser_logs(world: World) -> None:
    for name in ("head", "officer", "manager", "administrator"):
        assert get(world, name, url("visit-log")).status_code == 403, name


def test_a_booked_visit_is_held_corrected_and_its_note_waived(world: World) -> None:
    visit = booked(world, dt.date(2008, 10, 13), second_adviser=world.consultant)
    client = client_of(world, "sip")
    assert "The second adviser" in client.get(url("visit-hold", visit)).content.decode()
    client.post(
        url("visit-hold", visit), facts_values(second_days="2", observers="Una Observer, mentor") | date_boxes("on", dt.date(2008, 10, 13))
    )
    visit = Visit.objects.get()
    assert (visit.state, visit.second_quarters, visit.observers) == (VisitState.HELD, 2, ["Una Observer, mentor"])
    client.post(url("visit-correct", visit), facts_values(in_school="5", second_days="2"))
    assert Visit.objects.get().in_school_quarters == 5
    assert get(world, "manager", url("visit-correct", visit)).status_code == 403
    assert client.get(url("visit-waive", visit)).status_code == 403
    client_of(world, "manager").post(url("visit-waive", visit), {"reason": "Written up with the spring visit."})
    assert Visit.objects.get().no_note_reason == "Written up with the spring visit."
    assert "Written up with the spring visit." in page(world, "head", visit.get_absolute_url())


def test_a_refusal_stands_at_its_field_with_nothing_lost(world: World) -> None:
    visit = booked(world, dt.date(2008, 10, 13))
    response = client_of(world, "sip").post(url("visit-hold", visit), facts_values(starts_at="14:00", ends_at="9:00", next_visit="Spring"))
    shown = response.content.decode()
    assert response.status_code == 422 and "ends before it begins" in shown and 'href="#id_ends_at"' in shown and "Spring" in shown


# ---------------------------------------------------------------- the page before the visit


def test_the_head_gets_one_page(world: World) -> None:
    visit = booked(world, observers=["Olive Northcote, partnership manager"])
    shown = page(world, "head", visit.get_absolute_url())
    for words in (
        "Monday 20 October 2008",
        "Susan Marlow",
        "Olive Northcote, partnership manager, observing",
        "To agree targets for 2010",
        "What to have ready",
        "SIP summary sheet",
        "Unfinished actions",
        "Half a page from the school",
    ):
        assert words in shown, words


def test_the_school_writes_its_half_page(world: World) -> None:
    visit = booked(world)
    client = client_of(world, "head")
    client.post(url("visit-half-page", visit), {"text": "We moved to weekly writing."})
    assert "We moved to weekly writing." in page(world, "sip", visit.get_absolute_url())
    response = client.post(url("visit-half-page", visit), {"text": "word " * 401})
    assert response.status_code == 422 and "400 words" in response.content.decode()
    assert get(world, "sip", url("visit-half-page", visit)).status_code == 403
    assert get(world, "office", url("visit-half-page", visit)).status_code == 403


@pytest.mark.parametrize("name", ["head", "office", "sip"])
def test_choosing_a_day(world: World, name: str) -> None:
    visit = proposed(world)
    client = client_of(world, name)
    assert "Thursday 6 November 2008" in client.get(url("visit-choose", visit)).content.decode()
    response = client.post(url("visit-choose", visit), {})
    assert response.status_code == 422 and "Select one of the days, or ask for others" in response.content.decode()
    date = visit.dates.get(on=dt.date(2008, 11, 6))
    client.post(url("visit-choose", visit), {"date": str(date.pk)})
    assert (Visit.objects.get().state, Visit.objects.get().on) == (VisitState.BOOKED, dt.date(2008, 11, 6))


def test_asking_for_other_days(world: World) -> None:
    visit = proposed(world)
    client_of(world, "office").post(url("visit-ask-others", visit), {"reason": "Inspectors are in."})
    assert "Inspectors are in." in page(world, "sip", visit.get_absolute_url())
    assert get(world, "clerk", url("visit-ask-others", visit)).status_code == 403


def test_moving_and_cancelling_from_either_side(world: World) -> None:
    visit = booked(world, dt.date(2008, 10, 15))
    client = client_of(world, "head")
    response = client.post(url("visit-move", visit), {"reason": "", **date_boxes("on", dt.date(2008, 10, 22))})
    assert response.status_code == 422 and "Enter why the visit moves" in response.content.decode()
    client.post(url("visit-move", visit), {"reason": "The hall floods.", **date_boxes("on", dt.date(2008, 10, 15))})
    assert "Less notice" in client.get(url("visit-cancel", visit)).content.decode()
    client.post(url("visit-cancel", visit), {"reason": "The boiler failed."})
    shown = page(world, "sip", visit.get_absolute_url())
    assert "The boiler failed." in shown and "asked by the school" in shown
    assert "Does it replace a cancelled visit" in page(world, "sip", f"{url('visit-book')}?school={world.oak.public_id}")


def test_a_visit_that_could_not_be_held(world: World) -> None:
    visit = booked(world, dt.date(2008, 10, 14))
    assert get(world, "head", url("visit-abort", visit)).status_code == 403
    client_of(world, "sip").post(url("visit-abort", visit), {"reason": "Inspectors came the same morning."})
    assert Visit.objects.get().state == VisitState.ABORTED


def test_outside_the_scope_there_is_no_visit(world: World) -> None:
    visit = booked(world)
    steps = ("detail", "choose", "ask-others", "move", "cancel", "hold", "abort", "correct", "waive", "half-page")
    for name in ("consultant", "other_manager", "other_head", "officer_south", "former_head"):
        client = client_of(world, name)
        for step in steps:
            assert client.get(url(f"visit-{step}", visit)).status_code == 404, (name, step)


def test_a_step_that_is_over_says_so(world: World) -> None:
    visit = make.hold(world.sip, world.oak)
    response = client_of(world, "sip").post(url("visit-cancel", visit), {"reason": "Too late"})
    assert response.status_code == 422 and "still to come can be cancelled" in response.content.decode()


def test_an_observer_is_named_while_the_visit_is_to_come(world: World) -> None:
    visit = booked(world)
    services.name_observer(actor=world.manager, visit=visit, observer="Una Observer, mentor", at=NOW)
    assert "Una Observer, mentor, observing" in page(world, "head", visit.get_absolute_url())
    services.name_observer(actor=world.manager, visit=visit, observer="Una Observer, mentor", at=NOW, is_coming=False)
    assert Visit.objects.get(pk=visit.pk).observers == []
    services.cancel_visit(actor=world.sip, visit=visit, reason="The school asked.", at=NOW)
    with pytest.raises(Refused, match="The visit is over"):
        services.name_observer(actor=world.manager, visit=Visit.objects.get(pk=visit.pk), observer="Una Observer, mentor", at=NOW)
