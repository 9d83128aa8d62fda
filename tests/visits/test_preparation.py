"""Preparing a visit: what is kept, who keeps it, where it flows, and what the page and the pack show of it."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import pypdf
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from briefings.services import decide_question, offer_question
from core.access import Refused
from core.facts import FactTable
from targets.models import DataSource, Result
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World, make_assignment
from tests.factories.stage import stage, undone
from tests.reading import flat
from visits import services
from visits.models import AgreedAction, ChosenQuestion, StudiedDataset, Visit
from visits.services import Asked
from visits.services.visits import VisitPlan

pytestmark = pytest.mark.django_db

LATER = dt.date(2008, 10, 21)
OWN = Asked("Which six pupils decide the 2010 target?")
FOLLOWED = Asked(
    "Show me a pupil who was falling behind a year ago. What did you do, and where is that pupil now?",
    code="trk-acted",
    figure="2",
    why="Tracking",
)


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with stage(django_db_blocker) as world:
        yield world


@pytest.fixture
def world(standing: World) -> Iterator[World]:
    with undone():
        yield standing


def booked(world: World, *, on: dt.date = LATER, **values: Any) -> Visit:
    plan = VisitPlan(visit_type="autumn", schools=values.pop("schools", [world.oak]), lead=world.sip, **values)
    return services.book_visit(actor=world.sip, plan=plan, on=on, starts_at=dt.time(9), at=NOW)


def prepare(world: World, visit: Visit, **values: Any) -> Visit:
    kept: dict[str, Any] = {"studied": {"ks2-mfs": "Wealdshire, 2008 provisional", "sef": "October 2008"}, "questions": [FOLLOWED, OWN]}
    services.prepare_visit(actor=world.sip, visit=visit, school=values.pop("school", world.oak), at=NOW, **{**kept, **values})
    return Visit.objects.get(pk=visit.pk)


def test_what_was_studied_and_chosen_flows_into_the_note(world: World) -> None:
    visit = prepare(world, booked(world, on=NOW.date()))
    services.hold_visit(actor=world.sip, visit=visit, facts=make.facts(NOW.date()), at=NOW)
    note = services.start_note(actor=world.sip, visit=Visit.objects.get(pk=visit.pk), at=NOW)
    rows = {row.code: row for row in note.sections.get(code="datasets").datasets.all()}
    assert (rows["ks2-mfs"].state, rows["ks2-mfs"].version) == ("studied", "Wealdshire, 2008 provisional")
    assert rows["ks2-mfs"].studied_on == NOW.date() and rows["fsp-mfs"].state == ""
    with pytest.raises(Refused, match="took over what was prepared"):
        prepare(world, Visit.objects.get(pk=visit.pk))


def test_preparing_again_keeps_what_stays_and_removes_what_was_taken_back(world: World) -> None:
    visit = prepare(world, booked(world))
    first = ChosenQuestion.objects.get(code="trk-acted")
    prepare(world, visit, studied={"sef": "October 2008"}, questions=[FOLLOWED])
    assert [row.code for row in StudiedDataset.objects.all()] == ["sef"]
    assert ChosenQuestion.objects.get() == first and first.follow_up


def test_what_is_refused_keeps_nothing(world: World) -> None:
    visit = booked(world)
    wrong: list[dict[str, Any]] = [
        {"studied": {"ks2-mfs": " "}},
        {"studied": {"budget": "2008"}},  # not of an autumn visit
        {"questions": [Asked("Anything", code="no-such")]},
        {"questions": [Asked("Reworded", code="trk-acted")]},
        {"questions": [Asked("x" * 601)]},
        {"school": world.ash},
    ]
    for values in wrong:
        with pytest.raises(Refused):
            prepare(world, visit, **values)
    for name in ("head", "manager", "cover_adviser", "officer"):
        with pytest.raises(PermissionDenied):
            services.prepare_visit(actor=world.fresh(name), visit=visit, school=world.oak, studied={}, questions=[], at=NOW)
    assert not StudiedDataset.objects.exists() and not ChosenQuestion.objects.exists()


def test_preparation_moves_to_the_visit_that_replaces_a_cancelled_one(world: World) -> None:
    visit = prepare(world, booked(world))
    services.write_half_page(actor=world.fresh("head"), visit=visit, school=world.oak, text="Look at Year 5.", at=NOW)
    services.cancel_visit(actor=world.sip, visit=visit, reason="An inspection was announced.", at=NOW)
    again = booked(world, on=dt.date(2008, 11, 12), place_of=Visit.objects.get(pk=visit.pk))
    assert {row.code for row in again.studied.all()} == {"ks2-mfs", "sef"}
    assert again.questions.count() == 2 and not visit.questions.exists()
    assert again.visit_schools.get().half_page == "Look at Year 5."


# ---------------------------------------------------------------- the page


def address(name: str, visit: Visit) -> str:
    return reverse(f"visits:{name}", args=[visit.public_id])


def client_of(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.fresh(name))
    return client


def test_the_page_says_what_is_there_what_is_not_and_what_to_use_meanwhile(world: World) -> None:
    final = make.bring_to("final", author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    visit = booked(world)
    html = flat(client_of(world, "sip").get(address("visit-prepare", visit)).content.decode())
    assert "Autumn pupil review, Tuesday 21 October 2008, 9:00am: 5 office days from today." in html
    for said in ("SIP summary sheet", "Not yet available", "Expected January", "Meanwhile: Last year", "Hold pupil progress meetings"):
        assert said in html, said
    assert final.records.get(kind="final").public_id in html, "the last note is one of the data sets"
    assert client_of(world, "head").get(address("visit-prepare", visit)).status_code == 403
    page = client_of(world, "head").get(visit.get_absolute_url()).content.decode()
    assert "What to have ready" in page and "Challenging questions" not in page and address("visit-prepare", visit) not in page


def test_ticks_questions_and_versions_are_saved_and_shown_again(world: World) -> None:
    visit, client = booked(world), client_of(world, "sip")
    page = address("visit-prepare", visit)
    wrong = client.post(page, {"studied-ks2-mfs": "on", "ask-trk-acted": "on", "own": ""})
    html = wrong.content.decode()
    assert wrong.status_code == 422 and "Enter which version of this you studied" in html
    assert not StudiedDataset.objects.exists(), "nothing is half saved"
    sent = {"studied-ks2-mfs": "on", "version-ks2-mfs": "Issue 1", "studied-sef": "on", "ask-trk-acted": "on", "own": OWN.text}
    assert client.post(page, sent).status_code == 302
    assert {row.code: row.version for row in StudiedDataset.objects.all()} == {
        "ks2-mfs": "Issue 1",
        "sef": "as it stood on 14 October 2008",
    }
    html = client.get(page).content.decode()
    assert OWN.text in html and "you have studied 2" in html and "2 chosen" in html
    own = ChosenQuestion.objects.get(code="")
    client.post(page, {**sent, "own": "", f"ask-own-{own.pk}": "on"})
    assert ChosenQuestion.objects.count() == 2, "one's own stays while it is ticked, and is not asked twice"
    make_assignment(world.consultant, world.oak, "nc_adviser", starts_on=dt.date(2008, 9, 1))
    second = booked(world, on=dt.date(2008, 11, 5), second_adviser=world.fresh("consultant"))
    assert client_of(world, "consultant").get(address("visit-prepare", second)).status_code == 200


def test_a_question_that_a_colleague_offered_is_asked_once_it_is_in_the_bank(world: World) -> None:
    words = {"theme": "tracking", "text": "Who looks at the tracking in June?", "follow_up": "And then?"}
    offer = offer_question(actor=world.fresh("consultant"), authority=world.authority, **words, at=NOW)
    visit, client = booked(world), client_of(world, "sip")
    page = address("visit-prepare", visit)
    assert words["text"] not in client.get(page).content.decode()
    refused = client.post(page, {f"ask-{offer.public_id}": "on", "own": ""})
    assert not ChosenQuestion.objects.exists(), refused.status_code
    decide_question(actor=world.manager, offer=offer, accept=True, at=NOW)
    assert words["text"] in client.get(page).content.decode()
    assert client.post(page, {f"ask-{offer.public_id}": "on", "own": ""}).status_code == 302
    chosen = ChosenQuestion.objects.get()
    assert (chosen.code, chosen.text, chosen.follow_up, chosen.theme) == (
        offer.public_id,
        *(words[k] for k in ("text", "follow_up", "theme")),
    )


def test_a_figure_calls_a_question_up_and_stands_beside_it_in_the_editor(world: World) -> None:
    """Two agreed actions past their dates: ``ldr-actions`` of the bank, in its sharper wording, with the figure."""
    final = make.bring_to("final", author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    for _ in range(2):
        AgreedAction.objects.create(
            school=world.oak, note=final, text="Late", owner="head", due_on=dt.date(2008, 9, 1), state="open", agreed_on=dt.date(2008, 6, 1)
        )
    visit, client = booked(world, on=NOW.date()), client_of(world, "sip")
    page = address("visit-prepare", visit)
    html = client.get(page).content.decode()
    assert "Several agreed actions are past their dates." in html and "Called up by:" in html
    client.post(page, {"ask-ldr-actions": "on", "ask-trk-acted": "on"})
    chosen = ChosenQuestion.objects.get(code="ldr-actions")
    assert chosen.figure == "2" and chosen.why
    services.hold_visit(actor=world.sip, visit=Visit.objects.get(pk=visit.pk), facts=make.facts(NOW.date()), at=NOW)
    note = services.start_note(actor=world.sip, visit=Visit.objects.get(pk=visit.pk), at=NOW)
    tracking = reverse("visits:note-edit", args=[note.public_id, "tracking"])
    beside = client.get(tracking).content.decode()
    assert FOLLOWED.text in beside and "1 here" in beside and "1 question beside other sections" in beside
    asked = ChosenQuestion.objects.get(code="trk-acted")
    client.post(tracking, {"base": "0", "body": "", "bring_text": f"question-{asked.pk}"})
    assert FOLLOWED.text in note.sections.get(code="tracking").body


def test_the_pack_is_one_tagged_pdf_for_all_the_schools_of_the_visit(world: World) -> None:
    visit = booked(world, schools=[world.oak, world.ash])
    prepare(world, visit)
    client = client_of(world, "sip")
    response = client.get(address("visit-prepare-pdf", visit))
    assert response["Content-Type"] == "application/pdf" and "no-store" in response["Cache-Control"]
    read = pypdf.PdfReader(io.BytesIO(response.content))
    words = "\n".join(page.extract_text() for page in read.pages)
    assert "/StructTreeRoot" in read.trailer["/Root"]  # type: ignore[operator]
    assert world.oak.name in words and world.ash.name in words and OWN.text in words and "Not yet available" in words
    assert client.get(f"{address('visit-prepare', visit)}?school={world.ash.public_id}").status_code == 200
    assert client.get(f"{address('visit-prepare', visit)}?school={world.yew.public_id}").status_code == 404


def test_preparing_asks_no_more_for_two_schools_than_for_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the facts, the same for one school as for two; without them, which ask once a table, few."""
    counts = []
    for schools in ([world.oak], [world.oak, world.ash]):
        visit, client = booked(world, schools=schools), client_of(world, "sip")
        client.get(address("visit-prepare", visit))
        with CaptureQueriesContext(connection) as captured:
            client.get(address("visit-prepare", visit))
        counts.append(len(captured))
    assert counts[0] == counts[1]
    for asker in ("visits.questions.gather", "support.flags.gather"):
        monkeypatch.setattr(asker, lambda codes, question: FactTable())
    with CaptureQueriesContext(connection) as captured:
        client.get(address("visit-prepare", visit))
    assert len(captured) - 6 <= 14, "\n".join(query["sql"][:150] for query in captured)


def test_results_that_are_held_are_cited_with_source_release_and_date(world: World) -> None:
    held = {"authority": world.authority, "kind": "results", "imported_at": NOW}
    title = "Absence, two terms"
    source = DataSource.objects.create(title=title, academic_year=2007, release="provisional", dated=dt.date(2008, 10, 1), **held)
    later = DataSource.objects.create(title="Absence, the year", academic_year=2007, dated=dt.date(2009, 2, 1), **held)
    facts = {"measure": "absence.total", "academic_year": 2007, "value": 5}
    Result.objects.create(school=world.oak, source=source, release="provisional", **facts)
    Result.objects.create(school=world.oak, source=later, release="final", is_current=False, **facts)
    visit, client = booked(world), client_of(world, "sip")
    page = address("visit-prepare", visit)
    html = flat(client.get(page).content.decode())
    assert f"{title}, summer 2008, provisional" in html and "1 October 2008" in html
    assert client.post(page, {"studied-absence": "on"}).status_code == 302
    assert StudiedDataset.objects.get().version == f"{title}, summer 2008, provisional, 1 October 2008"
