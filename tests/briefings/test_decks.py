"""Building a deck, people's words over it, fresh figures beneath them, and what is published for whom."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from briefings import services
from briefings.builder import issue
from briefings.builder.issue import shown_of
from briefings.models import Deck, DeckSlide, IssuedDeck
from core import files
from core.access import Conflict, Refused
from core.audit import AuditEvent
from core.canonical import digest
from schools.models import Inspection, KeyIssue, School
from schools.slides import Slide
from tests.factories.briefings import make_briefing, make_deck, rendered_of
from tests.factories.library import make_resource
from tests.factories.people import NOW, TODAY, give_role, make_user
from tests.factories.schools import World, make_interest

pytestmark = pytest.mark.django_db


def tell(school: School, theme: str = "writing") -> KeyIssue:
    inspection = Inspection.objects.create(
        authority=school.authority, school=school, framework="2005", starts_on=TODAY.replace(year=2007), overall=2
    )  # fmt: skip
    return KeyIssue.objects.create(inspection=inspection, school=school, place=1, text="Improve it", theme=theme)


def slide_of(deck: Deck, code: str) -> DeckSlide:
    return deck.slides.get(code=code)


def lines_of(deck: Deck, code: str) -> list[str]:
    return next([line.text for line in each.slide.lines] for each in shown_of(deck) if each.code == code)


def test_a_deck_takes_its_agenda_from_the_briefing_of_the_term(briefed: World) -> None:
    briefing = make_briefing(briefed, template="primary-autumn")
    deck = make_deck(briefed)
    assert (deck.briefing, deck.title) == (briefing, briefing.title)
    assert lines_of(deck, "agenda")[0].startswith("Introduction")
    source = Slide.of_json(slide_of(deck, "agenda").made).lines[0].source
    assert (source.model, source.count) == ("briefings.AgendaItem", 1)
    assert source.ids == (briefing.items.first().pk,)
    assert {row["label"] for row in deck.left_out} >= {"Inspection outcomes", "Key Stage 2 headlines"}  # nothing is held
    with pytest.raises(Conflict, match="There are slides for that briefing already"):
        make_deck(briefed)


def test_words_stay_when_figures_change_and_the_page_says_so(briefed: World, client: Any) -> None:
    tell(briefed.oak)
    deck = make_deck(briefed)
    manager = briefed.fresh("manager")
    row = slide_of(deck, "priorities")
    made = Slide.of_json(row.made)
    assert made.table is not None
    services.edit_slide(
        actor=manager, slide=row, title="Where to look first", lines={}, rows=[made.table.rows[0].key], own=["Ask your officer"], notes="", at=NOW
    )  # fmt: skip
    words = slide_of(deck, "title")
    line = Slide.of_json(words.made).lines[0]
    services.edit_slide(actor=manager, slide=words, title="Welcome", lines={line.key: "A friend who asks"}, at=NOW)
    services.leave_out_slide(actor=manager, slide=slide_of(deck, "tips"), is_out=True, at=NOW)

    tell(briefed.ash)
    DeckSlide.objects.filter(pk=words.pk).update(made=json.loads(json.dumps(words.made).replace("critical", "candid")))
    changed = services.refresh_deck(actor=manager, deck=deck, at=NOW)
    assert "Top ten primary key issues" in changed
    shown = {each.code: each for each in shown_of(deck)}
    assert shown["key-issues"].slide.table is not None
    assert shown["key-issues"].slide.table.rows[0].cells[1] == "2"
    assert shown["priorities"].slide.title == "Where to look first"
    assert shown["priorities"].slide.table is not None
    assert len(shown["priorities"].slide.table.rows) == 1
    assert [line.text for line in shown["priorities"].slide.lines] == ["Ask your officer"]
    assert shown["title"].slide.lines[0].text == "A friend who asks"
    assert "edited by Marian Holt" in shown["title"].slide.lines[0].source.said
    assert shown["title"].moved == ()
    assert shown["tips"].is_out

    stored = slide_of(deck, "title")
    stored.made["lines"][0]["text"] = "Something else by now"
    stored.save()
    client.force_login(manager)
    html = client.get(deck.get_absolute_url()).content.decode()
    assert "Figures have changed beneath somebody’s words" in html
    assert "A friend who asks" in html
    services.restore_slide(actor=manager, slide=stored, at=NOW)
    assert lines_of(deck, "title")[0] == "Something else by now"


def test_order_pages_of_ones_own_and_refusals(briefed: World) -> None:
    deck, manager = make_deck(briefed), briefed.fresh("manager")
    codes = [row.code for row in deck.slides.all()]
    services.move_slide(actor=manager, slide=slide_of(deck, codes[2]), by=-1, at=NOW)
    assert [row.code for row in deck.slides.all()][:3] == [codes[0], codes[2], codes[1]]
    page = services.add_page(actor=manager, deck=deck, title="A visitor", text="One question\n\nAnother", at=NOW)
    assert lines_of(deck, page.code) == ["One question", "Another"]
    services.refresh_deck(actor=manager, deck=deck, at=NOW)
    assert deck.slides.filter(pk=page.pk).exists()
    services.note_deck_exported(actor=manager, deck=deck, kind="pptx", at=NOW)
    with pytest.raises(Refused, match="title"):
        services.add_page(actor=manager, deck=deck, title=" ", text="", at=NOW)
    with pytest.raises(Refused, match="title"):
        services.edit_slide(actor=manager, slide=page, title="", lines={}, at=NOW)
    for name in ("sip", "officer", "administrator", "other_manager"):
        with pytest.raises(PermissionDenied):
            services.add_page(actor=briefed.fresh(name), deck=deck, title="Mine", text="", at=NOW)
    told = json.dumps(list(AuditEvent.objects.filter(event__startswith="deck.").values("changes")))
    assert "One question" not in told


def test_figures_keep_to_the_scope_of_whoever_builds(briefed: World) -> None:
    tell(briefed.oak)
    tell(briefed.ash)
    walled = make_user("Wanda Walled", authority=briefed.authority)
    give_role(walled, "sip_manager", briefed.authority)
    make_interest(walled, briefed.oak)
    deck = services.begin_deck(actor=walled, authority=briefed.authority, phase="primary", term="autumn-2008", at=NOW)
    table = Slide.of_json(slide_of(deck, "key-issues").made).table
    assert table is not None
    assert table.rows[0].cells[1] == "1"
    names = School.objects.filter(authority=briefed.authority).values_list("name", flat=True)
    told = json.dumps([row.made for row in deck.slides.all()])
    assert not [name for name in names if name in told]


def test_what_is_published_stays_and_its_audience_reads_it(briefed: World, client: Any) -> None:
    make_briefing(briefed)
    deck, manager = make_deck(briefed), briefed.fresh("manager")
    rendered = rendered_of(deck)
    services.leave_out_slide(actor=manager, slide=slide_of(deck, "thanks"), is_out=True, at=NOW)
    with pytest.raises(Conflict, match="changed while the pack was made"):
        services.issue_deck(actor=manager, deck=deck, rendered=rendered, at=NOW)
    row = services.issue_deck(actor=manager, deck=deck, rendered=rendered_of(deck), at=NOW)
    kept = files.read(row.content)
    services.add_page(actor=manager, deck=deck, title="Afterwards", text="", at=NOW)
    assert digest(json.loads(kept)) == row.digest
    assert b"Afterwards" not in files.read(IssuedDeck.objects.get(pk=row.pk).content)
    answers = {"manager": (200, 200), "head_of_improvement": (200, 200), "sip": (200, 404), "officer": (200, 404), "head": (404, 404), "other_sip": (404, 404)}  # fmt: skip
    for name, (pdf, pptx) in answers.items():
        client.force_login(briefed.people[name])
        assert client.get(f"{row.get_absolute_url()}pdf/").status_code == pdf, name
        assert client.get(f"{row.get_absolute_url()}pptx/").status_code == pptx, name
        assert client.get(row.get_absolute_url()).status_code == pdf, name
        page = client.get(deck.briefing.get_absolute_url())
        assert (page.status_code == 200 and row.get_absolute_url() in page.content.decode()) == (pdf == 200), name


def test_the_librarys_words_stand_before_the_packs(briefed: World) -> None:
    make_resource(briefed, "Commissioning with us", key="slide-commissioning", text="- We commission together\n- And look back together")
    deck = make_deck(briefed)
    make_briefing(briefed, template="primary-autumn")
    shown = {each.code: each for each in shown_of(make_deck(briefed))}
    slide = shown["commissioning"].slide
    assert [line.text for line in slide.lines] == ["We commission together", "And look back together"]
    assert {line.source.origin for line in slide.lines} == {"library"}
    assert slide.lines[0].source.model == "briefings.ResourceVersion"
    assert deck.briefing is None


def test_nobody_reads_what_no_briefing_is_planned_for(briefed: World) -> None:
    deck = make_deck(briefed)
    assert deck.briefing is None
    with pytest.raises(Refused, match="No briefing is planned"):
        services.issue_deck(actor=briefed.fresh("manager"), deck=deck, rendered=rendered_of(deck), at=NOW)


def test_the_pages_from_building_to_publishing(briefed: World, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issue, "write_pdf", lambda *args, **kwargs: b"%PDF-1.7 of the deck")
    briefing = make_briefing(briefed, template="primary-autumn")
    client.force_login(briefed.manager)
    form = client.get(f"/briefings/slides/build/?briefing={briefing.public_id}").content.decode()
    assert 'value="autumn-2008" selected' in form
    answer = client.post("/briefings/slides/build/", {"phase": "primary", "term": "autumn-2008", "briefing": briefing.public_id})
    deck = Deck.objects.get()
    assert answer.url == deck.get_absolute_url()
    row = slide_of(deck, "cohesion")
    edit = f"/briefings/slide/{row.public_id}/edit/"
    page = client.get(edit).content.decode()
    assert "Similar chances in life are open to everyone" in page
    data = {
        "title": "Cohesion",
        "line-0": "",
        "line-1": "Valued, all of us",
        "line-2": "Similar chances",
        "line-3": "",
        "own": "Mine",
        "notes": "",
    }
    answer = client.post(edit, data)
    assert answer.status_code == 302
    assert lines_of(deck, "cohesion") == ["Valued, all of us", "Similar chances", "Mine"]
    for way in ("move/up/", "move/down/", "leave-out/", "leave-out/", "restore/"):
        assert client.post(f"/briefings/slide/{row.public_id}/{way}").status_code == 302
    assert lines_of(deck, "cohesion")[2] == "Similar chances in life are open to everyone"
    assert client.post(f"{deck.get_absolute_url()}page/", {"title": "A page", "text": "Hello"}).status_code == 302
    assert client.post(f"{deck.get_absolute_url()}refresh/").status_code == 302
    pptx = client.get(f"{deck.get_absolute_url()}export/pptx/")
    assert pptx.content.startswith(b"PK")
    assert client.get(f"{deck.get_absolute_url()}export/docx/").status_code == 404
    assert AuditEvent.objects.filter(event="deck.exported").count() == 1
    html = client.get(deck.get_absolute_url()).content.decode()
    assert "Needs you:" in html
    assert "Where each line comes from" in html
    assert "choose two sample notes" in client.get(f"{deck.get_absolute_url()}publish/").content.decode()
    answer = client.post(f"{deck.get_absolute_url()}publish/")
    issued = IssuedDeck.objects.get()
    assert answer.url == issued.get_absolute_url()
    assert issued.digest in client.get(issued.get_absolute_url()).content.decode()
    assert "1 issue" in client.get("/briefings/slides/").content.decode()
    assert json.loads(files.read(issued.content))["slides"][0]["code"] == "title"


def test_the_pages_ask_the_same_number_of_queries_for_any_number_of_slides(
    briefed: World, client: Any, django_assert_max_num_queries: Any
) -> None:
    deck = make_deck(briefed)
    client.force_login(briefed.manager)
    client.get(deck.get_absolute_url())
    with django_assert_max_num_queries(12):
        client.get(deck.get_absolute_url())
    with django_assert_max_num_queries(12):
        client.get("/briefings/slides/")
