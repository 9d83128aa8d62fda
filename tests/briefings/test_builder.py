"""The briefing builder against the two source briefings, slide by slide: each figure with its rows, each statement in the pack."""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from pypdf import PdfReader

from briefings.builder import layout
from briefings.builder.compose import compose, occasion_of, term_of
from briefings.builder.deck import Shown
from briefings.builder.pptx import write_pptx
from core import clock
from people.models import Authority
from tests.factories import briefing, decks
from tests.factories.people import NOW, TODAY, make_authority, make_pack
from tests.factories.source_briefings import ISSUES, PRIMARY, SECONDARY, missing, said_on

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def county(django_db_setup: None, django_db_blocker: Any) -> Iterator[Authority]:
    with django_db_blocker.unblock(), transaction.atomic(), clock.machine_held_at(NOW):
        found = make_authority("999", "Wealdshire", service="Wealdshire Advisory Service", brand_colour="#7a1f4b")
        make_pack(found)
        schools = briefing.make_county(found)
        briefing.inspect(found, schools)
        briefing.account(found, schools)
        decks.make_results(found, schools[: decks.SCHOOLS])
        decks.make_earlier(found, schools[: decks.SCHOOLS])
        decks.make_judgements(found)
        decks.make_shadowings(found)
        decks.make_concerns(schools)
        decks.make_challenge(found, schools)
        yield found
        transaction.set_rollback(True)


def built(*words: str) -> Any:
    out = io.StringIO()
    call_command("build_briefing", "--authority", "999", *words, stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


@pytest.fixture(scope="module")
def decks_of(county: Authority, django_db_blocker: Any) -> dict[str, Any]:
    with django_db_blocker.unblock():
        return {
            "primary": built("--phase", "primary", "--term", "autumn-2008"),
            "secondary": built("--phase", "secondary", "--term", "summer-2008"),
        }


@pytest.mark.parametrize(("deck", "lines"), [("primary", PRIMARY), ("secondary", SECONDARY)])
def test_every_line_of_the_source_briefing_is_there_with_where_it_comes_from(decks_of: Any, deck: str, lines: Any) -> None:
    assert missing(decks_of[deck], lines) == []


def test_no_line_is_without_a_source(decks_of: Any) -> None:
    for deck in decks_of.values():
        assert [slide["number"] for slide in deck["slides"]] == list(range(1, len(deck["slides"]) + 1))
        for slide in deck["slides"]:
            for text, source in said_on(slide):
                assert source["origin"] in ("rows", "pack", "library"), (slide["code"], text)
                assert source["said"] or source["url"], (slide["code"], text)
                assert source["count"] == len(source["ids"]) or source["url"], (slide["code"], text)
    issues = next(slide for slide in decks_of["primary"]["slides"] if slide["code"] == "key-issues")
    assert [int(row["cells"][1]) for row in issues["table"]["rows"]] == list(ISSUES)
    free = [slide for slide in decks_of["secondary"]["slides"] if not slide["lines"] and not slide["table"]]
    assert [slide["title"] for slide in free] == ["Good practice in other authorities", "Questions for our visitor"]
    assert all(slide["needs"] for slide in free)


def test_no_school_is_named(decks_of: Any) -> None:
    assert "School 0" not in json.dumps(decks_of)


def test_the_words_are_not_the_slides_own(decks_of: Any) -> None:
    told = json.dumps(decks_of)
    for sentence in (
        "Evidence shows that schools that have set high expectations",
        "an emerging view that the Balance Control Mechanism",
        "Working towards a society in which there is",
    ):
        assert sentence not in told


@pytest.mark.usefixtures("decks_of")
def test_the_presentation_opens_and_everything_fits(county: Authority, tmp_path: Path) -> None:
    from pptx import Presentation

    for phase, term in (("primary", "autumn-2008"), ("secondary", "summer-2008")):
        occasion = occasion_of(county, phase=phase, term=term_of(term, county), on=TODAY)
        shown = [Shown(made.code, made.slide) for made in compose(occasion, None).slides]
        path = tmp_path / f"{phase}.pptx"
        path.write_bytes(write_pptx(county, occasion.title, "", shown, at=NOW))
        opened = Presentation(str(path))
        pages = layout.pages_of(shown)
        assert len(opened.slides) == len(pages) >= len(shown)
        assert (opened.slide_width.pt, opened.slide_height.pt) == (960, 540)
        assert opened.core_properties.title == occasion.title
        for page, slide in zip(pages, opened.slides, strict=True):
            assert slide.shapes.title.text_frame.text == page.title
            for shape in slide.shapes:
                assert shape.left >= 0 and shape.left + shape.width <= opened.slide_width, (page.title, shape.name)
                assert shape.top >= 0 and shape.top + shape.height <= opened.slide_height, (page.title, shape.name)
                if shape.name == "Text":
                    assert layout.height_of(page.lines, page.size) <= shape.height.pt + 1, page.title
            body = [shape for shape in slide.shapes if shape.has_table or shape.has_chart or shape.name == "Text"]
            body.sort(key=lambda shape: shape.top)
            for upper, lower in itertools.pairwise(body):
                assert upper.top + upper.height <= lower.top + 1 or lower.has_chart, page.title
            assert all(shape.top + shape.height <= (layout.BOTTOM + 1) * 12700 for shape in body), page.title
            for table in (shape.table for shape in body if shape.has_table):
                needed = [layout.row_height(row.cells, page.columns, page.table_size) for row in page.rows]
                assert [row.height.pt + 1 >= tall for row, tall in zip(list(table.rows)[1:], needed, strict=True)] == [True] * len(needed)
            if not page.is_cover and (page.lines or page.rows):
                assert "Where it comes from" in slide.notes_slide.notes_text_frame.text
        with zipfile.ZipFile(path) as parts:
            layouts = [parts.read(name).decode() for name in parts.namelist() if name.startswith("ppt/slideLayouts/slideLayout")]
        assert len(layouts) == 2
        assert all("7a1f4b" in text for text in layouts)  # the authority's colour


def test_the_pdf_has_a_page_for_every_page_of_the_layout(county: Authority, tmp_path: Path) -> None:
    path = tmp_path / "deck.pdf"
    told = io.StringIO()
    words = ("--phase", "secondary", "--term", "summer-2008", "--format", "pdf", "--output", str(path))
    call_command("build_briefing", "--authority", "999", *words, stdout=told, stderr=io.StringIO())
    occasion = occasion_of(county, phase="secondary", term=term_of("summer-2008", county), on=TODAY)
    pages = layout.pages_of([Shown(made.code, made.slide) for made in compose(occasion, None).slides])
    read = PdfReader(path)
    assert [(page.mediabox.width, page.mediabox.height) for page in read.pages] == [(960, 540)] * len(pages)
    for page, written in zip(pages, read.pages, strict=True):
        text = " ".join(written.extract_text().split())
        assert page.title in text
        for line in page.lines:
            assert line.text.split()[-1] in text, page.title  # nothing ran off the page
    assert read.metadata is not None and read.metadata.title == occasion.title


def test_a_deck_that_is_too_long_for_a_page_goes_on_to_the_next() -> None:
    from schools.slides import Line, Origin, Slide, Source

    source = Source(Origin.TYPED)
    lines = tuple(Line(str(place), "word " * 40, source) for place in range(12))
    pages = layout.pages_of([Shown("cover", Slide("Cover", lines[:1])), Shown("long", Slide("A long slide", lines))])
    assert [page.title for page in pages[1:]] == ["A long slide", *["A long slide (continued)"] * (len(pages) - 2)]
    assert sum(len(page.lines) for page in pages[1:]) == 12
    assert all(layout.height_of(page.lines, page.size) <= layout.BOTTOM - layout.TOP for page in pages[1:])


def test_the_command_says_what_is_wrong(county: Authority) -> None:
    for words, message in (
        (("--phase", "primary", "--term", "winter-2008"), "Give a term as its season and year"),
        (("--phase", "primary", "--term", "autumn-2020"), "no pack"),
        (("--phase", "primary", "--term", "autumn-2008", "--format", "pdf"), "--output"),
    ):
        with pytest.raises(CommandError, match=message):
            built(*words)
