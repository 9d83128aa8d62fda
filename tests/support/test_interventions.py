"""Interventions at a school (P30): listed, added, revised, evaluated, with their history; those not evaluated are due."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from core.access import Refused
from core.due import due_to
from support.models import Intervention
from support.services import evaluate_intervention, record_intervention, revise_intervention
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World

pytestmark = pytest.mark.django_db

LAST_MONTH = TODAY - dt.timedelta(days=30)


@pytest.fixture
def over(world: World) -> Intervention:
    """One that has ended and of which nobody has said what it did."""
    return record_intervention(
        actor=world.sip, school=world.oak, at=NOW, name="Reading Recovery", origin="strategy", ends_on=LAST_MONTH, cost_pence=320_000
    )


def client_of(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name])
    return client


def tab(world: World) -> str:
    return reverse("schools:school-tab", args=["999", world.oak.urn, "support"])


def due(world: World, name: str = "sip") -> list[str]:
    return [item.title for item in due_to(world.fresh(name), TODAY) if "Evaluate" in item.title]


def test_an_intervention_that_is_over_is_due_until_its_impact_and_worth_are_told(world: World, over: Intervention) -> None:
    record_intervention(actor=world.sip, school=world.oak, at=NOW, name="Under way", origin="school")
    assert due(world) == ["Evaluate 1 intervention: Oakfield Primary School"]
    assert due(world, "consultant") == []
    with pytest.raises(Refused, match="did for pupils"):
        evaluate_intervention(actor=world.sip, intervention=over, impact=" ", value_for_money="good", at=NOW)
    with pytest.raises(Refused, match="day to come"):
        evaluate_intervention(actor=world.sip, intervention=over, impact="", value_for_money="too_early", known_on=TODAY, at=NOW)
    evaluate_intervention(
        actor=world.sip, intervention=over, impact="", value_for_money="too_early", known_on=TODAY + dt.timedelta(days=30), at=NOW
    )
    assert over.evaluated_on is None and due(world) == []
    evaluate_intervention(
        actor=world.sip, intervention=over, impact="Six of eight reached level 2.", value_for_money="good", would_buy_again=True, at=NOW
    )
    over.refresh_from_db()
    assert (over.evaluated_on, over.would_buy_again, over.known_on) == (NOW.date(), True, None)
    revise_intervention(actor=world.sip, intervention=over, at=NOW, impact="")
    assert over.evaluated_on is None and due(world) != []


def test_added_revised_and_evaluated_on_its_pages(world: World, over: Intervention) -> None:
    client = client_of(world, "head")
    page = client.get(tab(world)).content.decode()
    assert "Not evaluated" in page and "£3,200" in page and "Add an intervention" in page
    add = reverse("support:intervention-add", args=["999", world.oak.urn])
    refused = client.post(add, {"name": "Writing project"})
    assert refused.status_code == 422 and "Select where it came from" in refused.content.decode()
    answer = client.post(add, {"name": "Writing project", "origin": "school", "quarters": "1½", "cost_pence": "£240"})
    row = Intervention.objects.get(name="Writing project")
    assert answer["Location"] == row.get_absolute_url() and (row.quarters, row.cost_pence) == (6, 24_000)
    revise = reverse("support:intervention-revise", args=[row.public_id])
    assert 'value="Writing project"' in client.get(revise).content.decode()
    client.post(revise, {"name": "Writing project", "origin": "school", "provider": "The cluster", "quarters": "1½", "cost_pence": "240"})
    evaluate = reverse("support:intervention-evaluate", args=[row.public_id])
    client.post(evaluate, {"impact": "Nothing changed.", "value_for_money": "poor", "would_buy_again": "no"})
    row.refresh_from_db()
    assert (row.provider, row.evaluated_on, row.would_buy_again) == ("The cluster", TODAY, False)
    page = client.get(row.get_absolute_url()).content.decode()
    assert "Nothing changed." in page and "recorded an intervention" in page and "provider" in page
    assert "poor value, would not buy again" in client.get(tab(world)).content.decode()


def test_who_sees_the_support_of_a_school(world: World, over: Intervention) -> None:
    for name, status in (("officer", 200), ("chair", 200), ("clerk", 404), ("finance_officer", 404), ("consultant", 404)):
        assert client_of(world, name).get(tab(world)).status_code == status, name
    officer = client_of(world, "officer")
    assert "Add an intervention" not in officer.get(tab(world)).content.decode()
    assert officer.get(over.get_absolute_url()).status_code == 200
    assert officer.get(reverse("support:intervention-evaluate", args=[over.public_id])).status_code == 403
