"""The gate in the portal: the queue, the review page, and each decision."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from people.models import User
from support.models import Concern
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World
from tests.reading import flat
from visits import services
from visits.choices import GateDecision, NoteState
from visits.models import GateReview, NoteOfVisit

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world: World, settings: Any) -> World:
    settings.SIP_TODAY = TODAY
    make.load_england_2008(world.authority)
    make.load_england_2008(world.other)
    return world


@pytest.fixture
def note(world: World) -> NoteOfVisit:
    return make.bring_to(NoteState.IN_REVIEW, author=world.sip, school=world.oak, manager=world.manager)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def review_of(note: NoteOfVisit) -> GateReview:
    return GateReview.objects.filter(note=note).latest("pk")


def url(name: str, note: NoteOfVisit) -> str:
    return reverse(f"visits:{name}", args=[review_of(note).public_id])


def page_of(client: Client, address: str, **params: str) -> str:
    response = client.get(address, params)
    assert response.status_code == 200, address
    return response.content.decode()


# ---------------------------------------------------------------- the queue


def test_concern_schools_come_first_then_what_is_due_soonest(world: World) -> None:
    later = make.bring_to(NoteState.IN_REVIEW, author=world.new_sip, school=world.rowan, manager=world.manager)
    Concern.objects.create(school=world.ash, concern_class="inadequate", label="Inadequate", starts_on=dt.date(2008, 9, 1))
    concern = make.bring_to(NoteState.IN_REVIEW, author=world.sip, school=world.ash, manager=world.manager)
    GateReview.objects.filter(note=later).update(due_on=dt.date(2008, 10, 1))
    html = page_of(client_of(world.manager), reverse("visits:review-list"))
    assert html.index("Ashdown Primary School") < html.index("Rowan Lane Primary School")
    assert "Causing concern" in html and "Late" in html and "The SIP is in the first year" in html
    assert concern.open_review is not None and concern.open_review.is_concern


def test_the_filters_live_in_the_address(world: World, note: NoteOfVisit) -> None:
    make.bring_to(NoteState.IN_REVIEW, author=world.new_sip, school=world.rowan, manager=world.manager)
    services.open_review(actor=world.fresh("manager"), note=note, at=NOW)
    client, address = client_of(world.manager), reverse("visits:review-list")

    def shown(**params: str) -> set[str]:
        html = page_of(client, address, **params)
        return {name for name in ("Oakfield", "Rowan") if f"{name} " in html.split("<table", 1)[-1]} if "<table" in html else set()

    assert shown() == {"Oakfield", "Rowan"}
    assert shown(show="mine") == {"Oakfield"}
    assert shown(show="nobodys") == {"Rowan"}
    assert shown(show="late") == set()
    assert shown(concern="yes") == set()
    assert shown(author=world.new_sip.public_id) == {"Rowan"}


def test_the_queue_shows_no_other_authority_and_nothing_behind_the_wall(world: World, note: NoteOfVisit) -> None:
    other = make.bring_to(NoteState.IN_REVIEW, author=world.other_sip, school=world.birch, manager=world.other_manager)
    html = page_of(client_of(world.manager), reverse("visits:review-list"))
    assert "Oakfield" in html and "Birchwood" not in html
    from tests.factories.schools import make_interest

    make_interest(world.manager, world.oak)
    html = page_of(client_of(world.fresh("manager")), reverse("visits:review-list"))
    assert "Oakfield" not in html
    assert client_of(world.fresh("manager")).get(url("review-detail", note)).status_code == 404
    assert client_of(world.manager).get(url("review-detail", other)).status_code == 404


@pytest.mark.parametrize("person", ["sip", "head", "chair", "officer", "administrator", "outsider"])
def test_the_queue_is_the_managers(world: World, person: str) -> None:
    assert client_of(world.people[person]).get(reverse("visits:review-list")).status_code == 403


def test_a_managers_own_note_is_for_another_manager(world: World) -> None:
    note = make.bring_to(NoteState.IN_REVIEW, author=world.manager_sip, school=world.yew, manager=world.manager)
    client = client_of(world.manager_sip)
    assert "another manager decides" in page_of(client, reverse("visits:review-list"))
    html = page_of(client, url("review-detail", note))
    assert "Approve</button>" not in html and review_of(note).opened_at is None
    assert client.post(url("review-approve", note)).status_code == 403
    assert client.post(url("review-pass", note), {"reason": "x"}).status_code == 403
    assert make.fresh(note).state == NoteState.IN_REVIEW


# ---------------------------------------------------------------- reading and deciding


def test_reading_begins_nothing_and_shows_text_warnings_and_answers(world: World) -> None:
    note = make.fill(world.sip, make.start(world.sip, world.oak))
    from visits.checks import run_checks

    warning = next(finding for finding in run_checks(note) if finding.severity == "warns" and finding.is_answerable)
    services.answer_warning(actor=world.sip, note=note, check=warning.code, place=warning.place, reason="Because of the merger.", at=NOW)
    note = make.submit(world.sip, note, asks_review=True)
    html = page_of(client_of(world.manager), url("review-detail", note))
    assert "Standards rose from 61% to 68%" in html
    assert "Because of the merger." in html and "The author asked for it" in html
    assert review_of(note).opened_at is None and "Begin the review</button>" in flat(html)
    assert client_of(world.manager).post(url("review-open", note)).status_code == 303
    review = review_of(note)
    assert review.reviewer == world.manager and review.opened_at is not None
    assert "Begin the review</button>" not in flat(page_of(client_of(world.manager), url("review-detail", note)))
    assert client_of(world.sip).post(reverse("visits:note-take-back", args=[note.public_id])).status_code == 403


def test_a_reader_who_is_not_the_reviewer_opens_nothing(world: World, note: NoteOfVisit) -> None:
    services.reassign_review(actor=world.manager, note=note, reviewer=world.fresh("consultant"), at=NOW)
    html = page_of(client_of(world.manager), url("review-detail", note))
    assert "Conrad Vale has this review" in html and "Approve</button>" not in html
    assert review_of(note).opened_at is None
    html = page_of(client_of(world.consultant), url("review-detail", note))
    assert "Approve</button>" in html
    assert client_of(world.manager).post(url("review-open", note)).status_code == 403
    assert review_of(note).opened_at is None
    assert client_of(world.consultant).post(url("review-open", note)).status_code == 303
    assert review_of(note).opened_at is not None
    assert client_of(world.consultant).get(url("review-reassign", note)).status_code == 403


def test_return_with_reasons_on_the_whole_and_by_section(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.manager)
    page_of(client, url("review-detail", note))
    response = client.post(
        url("review-return", note),
        {"reason": "Two things.", "section-standards": "Say what similar schools did.", "section-forged": "No such"},
    )
    assert response.status_code == 303
    review = review_of(note)
    assert (review.decision, review.reason, review.section_reasons) == (
        GateDecision.RETURNED,
        "Two things.",
        {"standards": "Say what similar schools did."},
    )
    author = client_of(world.sip)
    html = page_of(author, reverse("visits:note-edit", args=[note.public_id, "standards"]))
    assert "Two things." in html and "Say what similar schools did." in html and "Marian Holt" in html
    other = page_of(author, reverse("visits:note-edit", args=[note.public_id, "groups"]))
    assert "Two things." in other and "Say what similar schools did." not in other
    assert "Returned with a reason" in other


def test_nothing_is_returned_without_a_reason_and_what_was_typed_stays(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.manager)
    page_of(client, url("review-detail", note))
    response = client.post(url("review-return", note), {"reason": " "})
    assert response.status_code == 409 and "Say what is to be put right" in response.content.decode()
    assert make.fresh(note).state == NoteState.IN_REVIEW
    by_section = client.post(url("review-return", note), {"reason": "", "section-standards": "Here."})
    assert by_section.status_code == 303


def test_approve(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.manager)
    page_of(client, url("review-detail", note))
    assert client.post(url("review-approve", note), {"words": "Clear and fair."}).status_code == 303
    assert make.fresh(note).state == NoteState.READY
    review = review_of(note)
    assert review.reviewer == world.manager and review.opened_at == review.decided_at  # deciding is the first act of reviewing
    again = client.post(url("review-approve", note))
    assert again.status_code in (403, 409)
    html = page_of(client, url("review-detail", note))
    assert "Approved" in html and "Clear and fair." in html and "Approve</button>" not in html


def test_give_the_review_to_somebody_who_may(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.manager)
    html = page_of(client, url("review-reassign", note))
    assert "Conrad Vale" in html and "Susan Marlow" not in html.split("<form")[-1]
    assert client.post(url("review-reassign", note), {"person": world.sip.public_id}).status_code == 422
    assert client.post(url("review-reassign", note), {"person": world.consultant.public_id}).status_code == 303
    assert review_of(note).reviewer == world.consultant
    at_rowan = make.bring_to(NoteState.IN_REVIEW, author=world.new_sip, school=world.rowan, manager=world.manager)
    assert "Minna Guide" not in page_of(client, url("review-reassign", at_rowan))


def test_let_it_pass_with_a_reason(world: World, note: NoteOfVisit) -> None:
    client = client_of(world.manager)
    assert client.post(url("review-pass", note), {"reason": ""}).status_code == 422
    assert client.post(url("review-pass", note), {"reason": "The reviewer is ill."}).status_code == 303
    assert make.fresh(note).state == NoteState.READY
    assert (review_of(note).decision, review_of(note).reason) == (GateDecision.PASSED, "The reviewer is ill.")


def test_a_group_is_reviewed_as_one_note(world: World) -> None:
    note = make.fill(world.sip, make.start(world.sip, world.oak, world.ash))
    note = make.submit(world.sip, note, asks_review=True)
    html = page_of(client_of(world.manager), url("review-detail", note))
    for school in (world.oak, world.ash):
        assert f'name="section-standards.{school.urn}"' in html
    assert html.count('name="section-tracking"') == 1  # shared: asked once


@pytest.mark.parametrize("person", ["head", "officer", "consultant", "other_manager", "outsider"])
def test_others_do_not_read_a_note_in_review(world: World, note: NoteOfVisit, person: str) -> None:
    client = client_of(world.people[person])
    for name in ("review-detail", "review-reassign", "review-pass"):
        assert client.get(url(name, note)).status_code in (403, 404), name
    for name in ("review-return", "review-approve"):
        assert client.post(url(name, note), {"reason": "x"}).status_code in (403, 404), name
    assert make.fresh(note).state == NoteState.IN_REVIEW
    assert review_of(note).opened_at is None
