"""Finance challenges: the table typed from domain.md §6 (letter, panel, explanation, decision, review), and the finance officer's pages."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core import search
from core.access import Conflict, Refused
from core.audit import AuditEvent
from core.due import due_to
from schools.models import BudgetPlan, FinanceChallenge, FinanceReturn
from schools.services import (
    close_challenge,
    decide_challenge,
    meet_challenge,
    open_challenge,
    send_challenge_letter,
    withdraw_challenge,
)
from schools.workflow import CHALLENGE_WORKFLOW
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, build_world
from tests.factories.tables import csv_bytes

pytestmark = pytest.mark.django_db

TABLE = {
    ("opened", "letter"): "letter_sent",
    ("letter_sent", "meet"): "met",
    ("met", "decide"): "decided",
    ("decided", "close"): "closed",
    ("opened", "withdraw"): "withdrawn",
    ("letter_sent", "withdraw"): "withdrawn",
}


@pytest.fixture
def world() -> World:
    return build_world()


def opened(world: World, **values: object) -> FinanceChallenge:
    asked = {"flag": "excess-balance", "why": "What is the balance for, and by when will it be spent?"} | values
    return open_challenge(actor=world.finance_officer, school=world.oak, at=NOW, **asked)  # type: ignore[arg-type]


def test_the_table_is_that_of_the_domain_and_every_step_the_finance_officer_s(world: World) -> None:
    assert {(row.frm, row.action): row.target for row in CHALLENGE_WORKFLOW} == TABLE
    row = opened(world)
    for state in CHALLENGE_WORKFLOW.states:
        row.state = state
        for action in CHALLENGE_WORKFLOW.actions:
            if (state, action) not in TABLE:
                with pytest.raises(Conflict):
                    CHALLENGE_WORKFLOW.check(world.finance_officer, row, action, TODAY)
                continue
            assert CHALLENGE_WORKFLOW.check(world.finance_officer, row, action, TODAY).target == TABLE[state, action]
            for actor in (world.manager, world.head, world.sip, world.officer, world.administrator):
                with pytest.raises(PermissionDenied):
                    CHALLENGE_WORKFLOW.check(actor, row, action, TODAY)


def due(world: World, name: str) -> list[str]:
    return [item.title for item in due_to(world.fresh(name), TODAY)]


def test_a_challenge_from_letter_to_review(world: World) -> None:
    with pytest.raises(PermissionDenied):
        open_challenge(actor=world.manager, school=world.oak, flag="excess-balance", why="Why?", at=NOW)
    row, officer = opened(world), world.finance_officer
    for wrong in ({"flag": "excess-balance"}, {"flag": "no-such-flag"}, {"flag": "large-balance", "why": " "}):
        with pytest.raises(Refused):
            opened(world, **wrong)
    at_finance, at_school = "Send the finance letter: Oakfield Primary School", "Account for its finance: Oakfield Primary School"
    assert at_finance in due(world, "finance_officer") and at_school not in due(world, "head")
    with pytest.raises(Refused, match="lies ahead"):
        send_challenge_letter(actor=officer, challenge=row, letter_on=TODAY + dt.timedelta(1), at=NOW)
    send_challenge_letter(actor=officer, challenge=row, letter_on=TODAY, at=NOW)
    assert at_finance not in due(world, "finance_officer") and at_school in due(world, "head") and at_school not in due(world, "elm_head")
    with pytest.raises(Conflict):
        send_challenge_letter(actor=officer, challenge=row, letter_on=TODAY, at=NOW)
    with pytest.raises(Refused):
        meet_challenge(actor=officer, challenge=row, panel_on=TODAY, came="", explanation="A roof.", at=NOW)
    meet_challenge(actor=officer, challenge=row, panel_on=TODAY, came="Head and chair", explanation="A roof.", at=NOW)
    with pytest.raises(Refused):
        decide_challenge(actor=officer, challenge=row, decided_on=TODAY, decision="Spend", review_on=TODAY - dt.timedelta(1), at=NOW)
    decide_challenge(actor=officer, challenge=row, decided_on=TODAY, decision="Spend it on writing", review_on=dt.date(2009, 3, 2), at=NOW)
    close_challenge(actor=officer, challenge=row, outcome="Spent.", at=NOW)
    row.refresh_from_db()
    assert (row.state, row.tag, row.closed_on) == ("closed", ("Closed", "done"), TODAY)
    events = AuditEvent.objects.filter(event__startswith="challenge.").order_by("pk")
    assert [event.event for event in events] == [f"challenge.{step}" for step in ("opened", "letter_sent", "met", "decided", "closed")]
    assert "roof" not in str([event.changes for event in events]), "what people wrote is not copied to the audit"
    withdraw_challenge(actor=officer, challenge=opened(world), outcome="The return was wrong.", at=NOW)


def test_the_challenge_on_its_pages(world: World) -> None:
    client = Client()
    client.force_login(world.finance_officer)
    sent = client.post(reverse("schools:challenge-open", args=["999", world.oak.urn]), {"flag": "large-balance", "why": "What is it for?"})
    row = FinanceChallenge.objects.get()
    assert sent["Location"] == reverse("schools:challenge-detail", args=[row.public_id])
    page = client.get(sent["Location"]).content.decode()
    assert "What is it for?" in page
    assert "Record the letter" in page
    step = reverse("schools:challenge-step", args=[row.public_id, "letter"])
    assert client.post(step, {"letter_on_day": "40", "letter_on_month": "1", "letter_on_year": "2008"}).status_code == 422
    assert client.post(step, {"letter_on_day": "14", "letter_on_month": "10", "letter_on_year": "2008"}).status_code == 302
    assert client.get(reverse("schools:challenge-step", args=[row.public_id, "nothing"])).status_code == 404
    assert "Letter sent" in client.get(reverse("schools:challenge-list")).content.decode()
    client.force_login(world.head)
    page = client.get(reverse("schools:challenge-detail", args=[row.public_id])).content.decode()
    assert "What is it for?" in page
    assert "Record the panel" not in page


def test_of_a_file_only_the_rows_that_failed_are_shown_and_nothing_is_written_while_one_is_wrong(world: World) -> None:
    client = Client()
    client.force_login(world.finance_officer)
    columns = ("URN", "First year", "Received", "Balance year 1", "Balance year 2", "Balance year 3")
    good = [world.oak.urn, "2008/09", "30/05/2008", "20000", "5000", "-9000"]
    bad = [world.ash.urn, "2008/09", "30/05/2008", "much", "5000", "-9000"]

    def send(*rows: list[object]) -> object:
        file = SimpleUploadedFile("plans.csv", csv_bytes(columns, rows))
        return client.post(reverse("schools:finance-upload"), {"kind": "budget-plans", "file": file})

    answer = send(good, bad)
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert (answer.status_code, BudgetPlan.objects.count()) == (422, 0)  # type: ignore[attr-defined]
    assert "much" in page
    assert "20000" not in page, "a row that is right is not shown"
    answer = send(good, [1, *good[1:]])
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert (answer.status_code, BudgetPlan.objects.count()) == (200, 1)  # type: ignore[attr-defined]
    assert "has the URN 1" in page
    for name in ("support:finance-overview", "home"):
        assert "2010/11" in client.get(reverse(name)).content.decode(), name


def test_what_other_thresholds_would_take_in(world: World) -> None:
    for school, uncommitted in ((world.oak, 90_000), (world.ash, 60_000)):
        FinanceReturn.objects.create(
            authority=world.authority,
            school=school,
            financial_year=2007,
            income_pence=90_000_000,
            uncommitted_pence=uncommitted * 100,
            reserve_pence=uncommitted * 100,
        )
    client = Client()
    client.force_login(world.finance_officer)
    url = reverse("support:threshold-try")
    page = client.get(url, {"secondary": "5", "others": "6", "least": "10000", "large": "200000"}).content.decode()
    assert "Ashdown Primary School" in page, "comes in at six per cent"
    assert "Oakfield Primary School" not in page, "is above either"
    shown = client.get(reverse("support:finance-overview"), {"flag": "excess-balance"}).content.decode()
    assert "Oakfield" in shown
    assert "Ashdown" not in shown
    export = client.get(reverse("support:finance-export", args=["csv"]), {"flag": "excess-balance"}).content.decode()
    assert "Oakfield" in export
    assert "Ashdown" not in export


def test_the_letter_is_a_pdf_for_whoever_sees_the_money_and_a_challenge_is_found_by_its_words(world: World) -> None:
    FinanceReturn.objects.create(
        authority=world.authority, school=world.oak, financial_year=2007, income_pence=90_000_000, uncommitted_pence=12_000_000,
        committed_pence=1_000_000, reserve_pence=13_000_000,
    )  # fmt: skip
    row = opened(world)
    url = reverse("schools:challenge-letter", args=[row.public_id])
    client = Client()
    client.force_login(world.finance_officer)
    assert url in client.get(reverse("schools:challenge-detail", args=[row.public_id])).content.decode()
    answer = client.get(url)
    assert answer.content[:5] == b"%PDF-" and f"challenge-{world.oak.urn}-2008-10-14.pdf" in answer["Content-Disposition"]
    send_challenge_letter(actor=world.finance_officer, challenge=row, letter_on=TODAY, at=NOW)
    meet_challenge(
        actor=world.finance_officer, challenge=row, panel_on=TODAY, came="The head.", explanation="A heronry for the garden.", at=NOW
    )
    [hit] = search.search(world.finance_officer, "heronry")
    assert hit.url == reverse("schools:challenge-detail", args=[row.public_id])
    assert search.counts(world.people["clerk"], "heronry") == search.counts(world.other_manager, "heronry") == {}
