"""Brokering (domain.md §6; S12): from a need to an evaluation, in which the school decides; spend and impact; what is commissioned."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from core.access import Conflict, Refused
from core.due import due_to
from people.packs import require_pack
from schools.registries import timeline_of
from support import services
from support.brokering import flagged_needs, requests_of, spend_of, supported
from support.choices import SupportState
from support.directory import agreed_days
from support.models import Intervention, Service
from support.services import Offer, Proposal
from targets.models import Target
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World
from tests.factories.stage import stage, undone
from tests.reading import flat

pytestmark = pytest.mark.django_db

LATER = NOW + dt.timedelta(days=60)
NEED = "Boys in Year 4 write little; by June two in three should be secure."


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with stage(django_db_blocker) as world:
        offer = Offer(
            "Writing from talk", "Osmer", "other", ("english-writing",), ("primary",), day_rate_pence=400_00, usual_quarters=16,
            capacity_quarters=32, contact_phone="1",
        )  # fmt: skip
        services.add_service(actor=world.manager, authority=world.authority, offer=offer, owner=world.manager, at=NOW)
        yield world


@pytest.fixture
def there(standing: World) -> Iterator[World]:
    with undone():
        for user in standing.people.values():
            user.forget_hats()
        yield standing


def proposal(days: int = 4) -> Proposal:
    return Proposal(days * 4, days * 400_00, "school", "School improvement plan, priority 2", TODAY + dt.timedelta(days=7))


def asked(world: World, who: str = "head", **values: Any) -> Intervention:
    return services.ask_support(actor=world.people[who], school=world.oak, area="english-writing", need=NEED, at=NOW, **values)


def matched(world: World, row: Intervention | None = None, days: int = 4) -> Intervention:
    return services.match_support(
        actor=world.sip, intervention=row or asked(world), service=Service.objects.get(), proposal=proposal(days), at=NOW
    )


def agreed(world: World) -> Intervention:
    return services.agree_support(actor=world.head, intervention=matched(world), at=NOW)


def due(world: World, name: str, words: str) -> list[str]:
    return [item.title for item in due_to(world.fresh(name), TODAY) if words in item.title]


def test_from_a_need_to_an_evaluation(there: World) -> None:
    row = asked(there)
    assert (row.state, row.need_from, row.name) == ("requested", "school", "Support with writing")
    assert due(there, "sip", "Match a need") == ["Match a need with a service: Oakfield Primary School"]
    assert due(there, "head", "Decide on support") == []
    row = matched(there, row)
    assert due(there, "head", "Decide on support") == ["Decide on support: Writing from talk"] and due(there, "sip", "Match a need") == []
    with pytest.raises(Refused, match="not agreed yet"):
        services.revise_intervention(actor=there.head, intervention=row, at=NOW, cost_pence=1)
    row = services.agree_support(actor=there.head, intervention=row, at=NOW)
    assert (row.decided_by, row.decided_on) == (f"{there.head.name}, headteacher", TODAY)
    with pytest.raises(Refused, match="once it is delivered"):
        services.evaluate_intervention(actor=there.sip, intervention=row, impact="They gained.", value_for_money="good", at=NOW)
    row = services.begin_support(actor=there.sip, intervention=row, starts_on=TODAY, at=NOW)
    row = services.deliver_support(actor=there.sip, intervention=row, ends_on=LATER.date(), quarters=14, cost_pence=1_400_00, at=LATER)
    assert row.state == "delivered"
    services.evaluate_intervention(
        actor=there.head,
        intervention=row,
        impact="Two in three are secure.",
        impact_grade=3,
        value_for_money="good",
        would_buy_again=True,
        at=LATER,
    )
    row.refresh_from_db()
    assert (row.state, row.impact_grade, row.quarters, row.cost_pence) == ("evaluated", 3, 14, 1_400_00)


def test_the_school_decides_and_may_say_no(there: World) -> None:
    row = matched(there)
    with pytest.raises(PermissionDenied):
        services.agree_support(actor=there.officer, intervention=row, on_word_of="Ms Head", at=NOW)
    with pytest.raises(Refused, match=r"The school decides\. Enter who said so"):
        services.agree_support(actor=there.sip, intervention=row, at=NOW)
    with pytest.raises(Refused, match="something better"):
        services.decline_support(actor=there.chair, intervention=row, reason=" ", at=NOW)
    row = services.decline_support(actor=there.chair, intervention=row, reason="Too dear.", at=NOW)
    assert row.state == "declined" and due(there, "sip", "Match a need")
    row = services.agree_support(actor=there.sip, intervention=matched(there, row, 2), on_word_of="Ms Head, headteacher", at=NOW)
    assert row.decided_by == f"Ms Head, headteacher; recorded by {there.sip.name}" and row.cost_pence == 800_00
    row = services.withdraw_support(actor=there.head, intervention=row, reason="Our own teacher will.", at=NOW)
    with pytest.raises(Conflict):
        services.begin_support(actor=there.sip, intervention=row, starts_on=TODAY, at=NOW)


def test_no_more_days_of_a_service_are_agreed_than_it_has(there: World) -> None:
    agreed(there)  # four days of eight
    second = matched(there, days=5)
    with pytest.raises(Refused, match=r"only 4 days of its 8 days are left in 2008/09\. Nothing was changed"):
        services.agree_support(actor=there.head, intervention=second, at=NOW)
    second = services.agree_support(actor=there.head, intervention=matched(there, second, 4), at=NOW)
    next_year = {"starts_on": dt.date(2009, 9, 14)}
    row = services.revise_intervention(actor=there.head, intervention=second, at=NOW, **next_year)
    taken = agreed(there)  # all eight of this year again
    assert (row.state, taken.state) == ("agreed", "agreed")
    with pytest.raises(Refused, match=r"nothing is left in 2008/09\. Nothing was changed"):
        services.revise_intervention(actor=there.head, intervention=row, at=NOW, starts_on=TODAY)
    with pytest.raises(Refused, match="nothing is left in 2008/09"):
        services.begin_support(actor=there.sip, intervention=row, starts_on=TODAY, at=NOW)
    assert services.begin_support(actor=there.sip, intervention=taken, starts_on=TODAY, at=NOW).state == "delivering", (
        "its own days count once"
    )


def test_nobody_agrees_to_or_overwrites_what_they_have_not_seen_and_the_time_line_tells_the_steps(there: World) -> None:
    row = matched(there)
    client = Client()
    client.force_login(there.head)
    agree = reverse("support:support-agree", args=[row.public_id])
    seen = re.search(r'name="lock_version" value="(\d+)"', client.get(agree).content.decode())
    assert seen is not None
    matched(there, Intervention.objects.get(pk=row.pk), days=6)
    answer = client.post(agree, {"lock_version": seen[1]})
    assert answer.status_code == 422 and "Somebody else changed this a moment ago" in answer.content.decode()
    row = Intervention.objects.get(pk=row.pk)
    assert row.state == "matched" and client.post(agree, {"lock_version": row.lock_version}).status_code == 302
    revise, old = reverse("support:intervention-revise", args=[row.public_id]), row.lock_version
    sent = {"starts_on_day": "21", "starts_on_month": "10", "starts_on_year": "2008", "lock_version": old + 1}
    assert client.post(revise, {"purpose": "First", **sent}).status_code == 302
    assert client.post(revise, {"purpose": "Second", **sent}).status_code == 422
    row.refresh_from_db()
    assert row.purpose == "First"

    def told(name: str) -> list[str]:
        line = timeline_of(there.fresh(name), [there.oak.pk], TODAY - dt.timedelta(days=9), TODAY + dt.timedelta(days=99))
        return [event.title for event in line[there.oak.pk] if "upport" in event.title]

    steps = ["Support begins: Writing from talk", "Support asked for", "Support agreed"]
    assert sorted(told("head")) == sorted(told("sip")) == sorted(steps)
    services.withdraw_support(actor=there.head, intervention=row, reason="Our own teacher will.", at=NOW)
    assert told("head") == []


def test_what_is_agreed_is_not_rewritten_and_no_change_overwrites_another(there: World) -> None:
    row = agreed(there)
    for values in (
        {"quarters": 400}, {"cost_pence": 9_000_00}, {"fund": "Other"}, {"provider": "A friend"}, {"name": "Other"}, {"origin": "school"},
        {"plan": "Another"},
    ):  # fmt: skip
        with pytest.raises(Refused, match="stay as they were agreed"):
            services.revise_intervention(actor=there.head, intervention=row, at=NOW, **values)
    client = Client()
    client.force_login(there.head)
    revise = reverse("support:intervention-revise", args=[row.public_id])
    page = client.get(revise).content.decode()
    assert 'name="purpose"' in page and 'name="quarters"' not in page and "stay as they were agreed" in page
    assert client.post(revise, {"purpose": "To write at length", "quarters": "100", "cost_pence": "9000"}).status_code == 302
    stale = Intervention.objects.get(pk=row.pk)
    assert (stale.purpose, stale.quarters, stale.cost_pence) == ("To write at length", 16, 1_600_00)
    services.begin_support(actor=there.sip, intervention=Intervention.objects.get(pk=row.pk), starts_on=TODAY, at=NOW)
    with pytest.raises(Conflict, match="Somebody else changed this"):
        services.revise_intervention(actor=there.head, intervention=stale, at=NOW, purpose="Lost")
    assert Intervention.objects.get(pk=row.pk).purpose == "To write at length"


def test_a_record_that_names_a_service_uses_up_none_of_its_days(there: World) -> None:
    done = services.record_intervention(
        actor=there.head,
        school=there.oak,
        at=NOW,
        name="Writing from talk",
        provider="Osmer",
        origin="brokered",
        quarters=32,
        starts_on=TODAY,
    )
    assert done.service is not None and agreed_days([done.service.pk], dt.date(2008, 9, 1), dt.date(2009, 8, 31)) == {}
    assert agreed(there).state == "agreed"


def test_needs_come_from_a_flagged_target_and_from_a_note(there: World) -> None:
    target = Target.objects.create(school=there.oak, measure="ks2.l4_en_ma", summer=2010, needs_support=True, changed_at=NOW)
    assert flagged_needs(there.fresh("sip"), TODAY) == [target] and flagged_needs(there.fresh("consultant"), TODAY) == []
    client = Client()
    client.force_login(there.sip)
    page = client.get(reverse("support:support-requests")).content.decode()
    ask = reverse("support:support-ask", args=["999", there.oak.urn]) + f"?target={target.key}"
    assert ask in page.replace("&amp;", "&")
    answer = client.post(ask, {"area": "english-writing", "need": NEED, "target": target.key, "service": ""})
    row = Intervention.objects.get(target=target)
    assert answer["Location"] == row.get_absolute_url() and row.need_from == "target" and flagged_needs(there.fresh("sip"), TODAY) == []
    noted = services.record_intervention(
        actor=there.sip, school=there.oak, at=NOW, by_note=True, reference="2008/0417", name="Writing", origin="brokered"
    )
    assert (noted.state, noted.need_from, noted.need_reference) == ("requested", "note", "2008/0417")
    done = services.record_intervention(
        actor=there.sip, school=there.oak, at=NOW, by_note=True, name="Writing", origin="brokered", starts_on=TODAY
    )
    assert done.state == "recorded"


def test_a_schools_requests_are_its_own_its_sips_its_officers_and_the_managers(there: World) -> None:
    row = asked(there)
    for who, sees in (
        ("head", True), ("chair", True), ("sip", True), ("officer", True), ("manager", True), ("head_of_improvement", True),
        ("elm_head", False), ("consultant", False), ("officer_south", False), ("other_manager", False),
    ):  # fmt: skip
        assert requests_of(there.fresh(who)).filter(pk=row.pk).exists() == sees, who
    with pytest.raises(PermissionDenied):
        services.ask_support(actor=there.elm_head, school=there.oak, area="science", need=NEED, at=NOW)


def test_from_asking_to_delivery_on_its_pages(there: World) -> None:
    client = Client()
    client.force_login(there.head)
    service = Service.objects.get()
    entry = flat(client.get(service.get_absolute_url()).content.decode())
    assert "Ask for Oakfield" in entry
    client.post(
        reverse("support:support-ask", args=["999", there.oak.urn]), {"area": "english-writing", "need": NEED, "service": service.public_id}
    )
    row = Intervention.objects.get()
    tab = reverse("schools:school-tab", args=["999", there.oak.urn, "support"])
    assert "Support with writing" in client.get(tab).content.decode()
    client.force_login(there.sip)
    match = reverse("support:support-match", args=[row.public_id])
    assert 'value="1,600"' in client.get(match).content.decode()  # four days at £400
    soon = {"starts_on_day": "21", "starts_on_month": "10", "starts_on_year": "2008"}
    sent = {"service": service.public_id, "quarters": "4", "cost_pence": "1600", "commissioner": "school", "plan": "Plan", **soon}
    assert client.post(match, {**sent, "plan": ""}).status_code == 422
    assert client.post(match, sent).status_code == 302
    client.force_login(there.head)
    assert "The school decides" in client.get(row.get_absolute_url()).content.decode()
    assert client.post(reverse("support:support-agree", args=[row.public_id])).status_code == 302
    began = {"starts_on_day": "13", "starts_on_month": "10", "starts_on_year": "2008"}
    assert client.post(reverse("support:support-begin", args=[row.public_id]), began).status_code == 302
    over = {"ends_on_day": "14", "ends_on_month": "10", "ends_on_year": "2008", "quarters": "4", "cost_pence": "1600"}
    assert client.post(reverse("support:support-deliver", args=[row.public_id]), over).status_code == 302
    told = {"impact": "They write.", "impact_grade": "4", "value_for_money": "good", "would_buy_again": "yes"}
    assert client.post(reverse("support:intervention-evaluate", args=[row.public_id]), told).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.impact_grade) == (SupportState.EVALUATED, 4)
    client.force_login(there.manager)
    assert "£1,600" in client.get(reverse("support:spend-overview") + "?by=need").content.decode()
    page = client.get(reverse("support:spend-commissions")).content.decode()
    assert "Writing from talk" in page and "£1,600" in page and "Plan" in page
    assert b"Writing from talk" in client.get(reverse("support:spend-commissions-export", args=["csv"])).content


def test_spend_and_impact_by_service_need_level_and_fund(there: World, django_assert_num_queries: Any) -> None:
    for school, pence, grade in ((there.oak, 100_00, 4), (there.ash, 300_00, None)):
        services.record_intervention(
            actor=there.manager, school=school, at=NOW, name="Booster", provider="Osmer", origin="strategy", starts_on=TODAY, fund="Standards Fund",
            cost_pence=pence, quarters=6, area_of_need="mathematics", impact="Gained." if grade else "", value_for_money="good" if grade else "",
            impact_grade=grade,
        )  # fmt: skip
    asked(there)  # nothing is spent on what is only asked for
    pack, user = require_pack(there.authority, TODAY), there.fresh("manager")
    assert user.hats
    first, last = dt.date(2008, 9, 1), dt.date(2009, 8, 31)
    for by, label, queries in (
        ("service", "Booster, Osmer", 1), ("need", "Mathematics", 1), ("fund", "Standards Fund", 1), ("category", "No level", 2),
    ):  # fmt: skip
        with django_assert_num_queries(queries):
            found = spend_of(supported(user, there.authority, first, last), pack, by, TODAY)
        (line,) = found.lines
        assert (line.label, line.interventions, len(line.schools), line.pence, line.quarters, line.evaluated) == (
            label,
            2,
            2,
            400_00,
            12,
            1,
        )
        assert str(line.impact) == "4.0" and line.graded == 1
    client = Client()
    client.force_login(there.finance_officer)
    assert "£400" in client.get(reverse("support:spend-overview") + "?by=fund").content.decode()
    assert b"Standards Fund" in client.get(reverse("support:spend-export", args=["csv"]) + "?by=fund").content
    assert client.get(reverse("support:spend-overview") + "?year=2007").content.decode().count("Booster") == 0
    south = there.fresh("officer_south")
    assert list(supported(south, there.authority, first, last)) == []
