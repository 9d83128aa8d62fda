"""The same number of queries for one row as for many, on the pages of visits, notes, records and actions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import commentaries
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World
from visits import services
from visits.choices import NoteState
from visits.models import AgreedAction, Commentary, InformationRequest, NoteOfVisit, NoteRecord, Round, Visit
from visits.services.visits import VisitPlan

pytestmark = pytest.mark.django_db

SESSION_USER_HATS = 7
"""Session and user; roles and their clusters; SIP profiles; mentorships; the school side."""


@pytest.fixture
def world(world: World) -> World:
    make.load_england_2008(world.authority)
    make.alert(world.sip, world.oak)
    make.bring_to(NoteState.FINAL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    return world


def grow(world: World) -> None:
    """More of everything that the pages show."""
    note, record = NoteOfVisit.objects.get(state="final"), NoteRecord.objects.get(kind="final")
    for number in range(4):
        plan = VisitPlan(visit_type="autumn", schools=[world.oak], lead=world.sip, observers=[f"Observer {number}"])
        services.book_visit(actor=world.sip, plan=plan, on=dt.date(2008, 11, 3 + number), at=NOW)
        services.note_record_opened(
            actor=world.fresh(("chair", "clerk", "officer", "manager")[number]), record=record, role="Reader", at=NOW
        )
        AgreedAction.objects.create(
            school=world.oak,
            note=note,
            text=f"Another action {number}",
            owner="head",
            due_on=dt.date(2008, 12, 1),
            state="open",
            agreed_on=dt.date(2008, 10, 9),
        )
    for action in AgreedAction.objects.all():
        services.report_progress(actor=world.fresh("head"), action=action, text="Two meetings were held.", role="Headteacher", at=NOW)
    make.hold(world.sip, world.oak, on=dt.date(2008, 10, 13))
    for _ in range(4):
        make.alert(world.sip, world.oak)
    if InformationRequest.objects.exists():
        make.request_about(world, record)
    services.ask_correction(actor=world.fresh("chair"), record=record, place="Section 3", why="Last year's.", at=NOW)


def final(world: World) -> NoteOfVisit:
    return NoteOfVisit.objects.get(state="final")


def record_of(world: World) -> NoteRecord:
    return NoteRecord.objects.get(kind="final")


def prepared(world: World) -> str:
    """The page on which a booked visit is prepared."""
    if not Visit.objects.filter(state="booked").exists():
        plan = VisitPlan(visit_type="autumn", schools=[world.oak], lead=world.sip)
        services.book_visit(actor=world.sip, plan=plan, on=dt.date(2008, 10, 21), at=NOW)
    return reverse("visits:visit-prepare", args=[Visit.objects.filter(state="booked").earliest("pk").public_id])


def round_url(world: World, name: str, query: str = "") -> str:
    """An address of the one round, which is opened the first time."""
    plan = services.RoundPlan("Autumn 2008", "autumn", ["primary", "secondary"], dt.date(2008, 9, 8), dt.date(2008, 12, 12))
    round_ = Round.objects.first() or services.open_round(actor=world.fresh("manager"), authority=world.authority, plan=plan, at=NOW)
    return reverse(f"visits:{name}", args=[round_.public_id]) + query


def request_of(world: World) -> InformationRequest:
    """The one request, about the final record, which is opened the first time."""
    if not InformationRequest.objects.exists():
        make.request_about(world, record_of(world))
    return InformationRequest.objects.earliest("pk")


def request_url(world: World, *, found: bool = False) -> str:
    request = request_of(world)
    return request.items.get().get_absolute_url() if found else request.get_absolute_url()


def commentary_url(world: World, name: str) -> str:
    begun = Commentary.objects.first() or commentaries.begun(world.sip, world.oak)
    return {
        "commentary-list": reverse("visits:commentary-list") + "?state=draft",
        "commentary-detail": begun.get_absolute_url(),
        "commentary-edit": reverse("visits:commentary-edit", args=[begun.public_id, begun.sections.first().code]),
    }[name]


PAGES: list[tuple[str, str, int, Callable[[World], str]]] = [
    ("visit-list of a manager", "manager", 6, lambda world: reverse("visits:visit-list")),
    ("visit-list of a SIP", "sip", 6, lambda world: reverse("visits:visit-list") + "?state=held"),
    ("visit-list of a head", "head", 6, lambda world: reverse("visits:visit-list")),
    ("visit-book", "sip", 14, lambda world: reverse("visits:visit-book") + f"?school={world.oak.public_id}"),
    ("visit-log", "sip", 14, lambda world: reverse("visits:visit-log")),
    ("visit-detail", "sip", 14, lambda world: final(world).visit.get_absolute_url()),
    ("visit-detail of a head", "head", 14, lambda world: final(world).visit.get_absolute_url()),
    # ADR 0058: one query a table that the data sets, flags and questions of the pack rest on
    ("visit-prepare", "sip", 48, prepared),
    ("visit-correct", "sip", 14, lambda world: reverse("visits:visit-correct", args=[final(world).visit.public_id])),
    ("note-detail of the author", "sip", 14, lambda world: final(world).get_absolute_url()),
    ("note-detail of a head", "head", 14, lambda world: final(world).get_absolute_url()),
    ("note-detail of a manager", "manager", 16, lambda world: final(world).get_absolute_url()),
    ("note-detail of the data protection officer", "dpo", 14, lambda world: final(world).get_absolute_url()),
    ("record-detail", "head", 14, lambda world: record_of(world).get_absolute_url()),
    ("record-verify", "head", 6, lambda world: reverse("visits:record-verify")),
    ("correction-ask", "chair", 14, lambda world: reverse("visits:correction-ask", args=[record_of(world).public_id])),
    ("withdrawal-ask", "manager", 14, lambda world: reverse("visits:withdrawal-ask", args=[record_of(world).public_id])),
    ("note-amend", "sip", 14, lambda world: reverse("visits:note-amend", args=[final(world).public_id])),
    ("calendar of a manager", "manager", 11, lambda world: reverse("visits:calendar") + "?month=2008-10"),
    ("round-list", "manager", 6, lambda world: round_url(world, "round-detail").rsplit("/", 2)[0] + "/"),
    ("round-detail", "manager", 6, lambda world: round_url(world, "round-detail")),
    ("round-schools", "officer", 6, lambda world: round_url(world, "round-schools", "?show=held")),
    ("round-book", "sip", 6, lambda world: round_url(world, "round-book")),
    ("round-exempt", "manager", 7, lambda world: round_url(world, "round-exempt")),
    # ADR 0038: one query a contribution to what is due
    ("home of a manager", "manager", 33, lambda world: round_url(world, "round-detail") and "/"),
    ("home of a SIP", "sip", 28, lambda world: round_url(world, "round-detail") and "/"),
    ("action-list", "manager", 6, lambda world: reverse("visits:action-list") + "?state=all"),
    ("alert-list of a manager", "manager", 6, lambda world: reverse("visits:alert-list")),
    ("alert-raise", "sip", 14, lambda world: reverse("visits:alert-raise") + f"?school={world.oak.public_id}"),
    ("action-detail", "head", 14, lambda world: reverse("visits:action-detail", args=[AgreedAction.objects.earliest("pk").public_id])),
    ("bundle-list", "manager", 7, lambda world: reverse("visits:bundle-list") + "?kind=autumn"),
    ("commentary-list", "manager", 6, lambda world: commentary_url(world, "commentary-list")),
    ("commentary-detail of the author", "sip", 14, lambda world: commentary_url(world, "commentary-detail")),
    ("commentary-edit", "sip", 14, lambda world: commentary_url(world, "commentary-edit")),
    ("incident-list", "dpo", 6, lambda world: reverse("visits:incident-list")),
    ("retention-list", "dpo", 6, lambda world: reverse("visits:retention-list")),
    ("reading-list", "dpo", 6, lambda world: reverse("visits:reading-list")),
    ("request-list", "dpo", 6, lambda world: reverse("visits:request-list") + "?state=all"),
    ("request-detail", "dpo", 14, request_url),
    ("request-item", "dpo", 14, lambda world: request_url(world, found=True)),
    ("request-search", "dpo", 14, lambda world: reverse("visits:request-search", args=[request_of(world).public_id, "alerts"])),
    ("the school's tab", "sip", 14, lambda world: world.oak.get_absolute_url() + "visits/"),
]


def asked(client: Client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in captured]


@pytest.mark.parametrize(("page", "name", "most", "url"), PAGES, ids=[page for page, *_ in PAGES])
def test_queries(world: World, page: str, name: str, most: int, url: Callable[[World], str]) -> None:
    client = Client()
    client.force_login(world.people[name])
    address = url(world)
    client.get(address)  # the pack is parsed once a process, and the opening noted once a day
    few = asked(client, address)
    grow(world)
    many = asked(client, address)
    assert len(few) == len(many), "\n".join(many)
    assert len(many) <= most + SESSION_USER_HATS, f"{len(many) - SESSION_USER_HATS}\n" + "\n".join(sql[:160] for sql in many)


@pytest.mark.parametrize(
    ("state", "name", "most"),
    [
        (NoteState.DRAFT, "sip", 14),
        (NoteState.WITH_SCHOOL, "head", 14),
        (NoteState.READY, "manager", 14),
        (NoteState.IN_REVIEW, "manager", 14),
    ],
)
def test_a_note_by_state(world: World, state: str, name: str, most: int) -> None:
    """The rows of a working text, of thirteen kinds, come in one query; its reviewer's page has the checks besides."""
    note = make.bring_to(state, author=world.sip, school=world.ash if name != "head" else world.oak, manager=world.manager)
    client = Client()
    client.force_login(world.people[name])
    client.get(note.get_absolute_url())
    assert len(asked(client, note.get_absolute_url())) <= most + SESSION_USER_HATS
    if note.open_review is not None:
        reviewed = reverse("visits:review-detail", args=[note.open_review.public_id])
        client.get(reviewed)
        assert len(asked(client, reviewed)) <= most + SESSION_USER_HATS
    assert Visit.objects.count() == 2
