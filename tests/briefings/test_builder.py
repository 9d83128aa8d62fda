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

from briefings.builder import layout
from briefings.builder.compose import compose, occasion_of, term_of
from briefings.builder.deck import Shown
from briefings.builder.pptx import write_pptx
from core import clock
from people.models import Authority
from tests.factories import briefing, decks
from tests.factories.people import NOW, TODAY, make_authority, make_pack

pytestmark = pytest.mark.django_db

ROWS, PACK = "rows", "pack"
ISSUES = (136, 126, 98, 87, 67, 64, 64, 55, 55, 51)

# slide of the source · code of ours · words that it says · where from · how many rows, where the slide gives a figure
PRIMARY: tuple[tuple[str, str, str, str, int | None], ...] = (
    ("P1", "title", "critical, professional friend", PACK, None),
    ("P2", "judgement", "still good, and some of it outstanding", ROWS, 1),
    ("P2", "judgement", "July 2008: outstanding", ROWS, 1),
    ("P3", "agenda", "Introduction", PACK, None),
    ("P3", "agenda", "SIP manager's update", PACK, None),
    ("P3", "agenda", "Preparation for the autumn visit", PACK, None),
    ("P3", "agenda", "theme day on schools causing concern", PACK, None),
    ("P3", "agenda", "use of challenging questions", PACK, None),
    ("P3", "agenda", "Ofsted update", PACK, None),
    ("P3", "agenda", "Quality assurance arrangements", PACK, None),
    ("P3", "agenda", "Primary strategy update", PACK, None),
    ("P4", "preparation", "Study all of these", PACK, None),
    ("P4", "preparation", "SIP summary sheet", PACK, None),
    ("P4", "preparation", "Making Figures Speak: Foundation Stage", PACK, None),
    ("P4", "preparation", "Making Figures Speak: Key Stage 1", PACK, None),
    ("P4", "preparation", "Making Figures Speak: Key Stage 2", PACK, None),
    ("P4", "preparation", "FFT pupil estimates for the current Years 4, 5 and 6", PACK, None),
    ("P4", "preparation", "FFT school summary sheets for Years 4, 5 and 6", PACK, None),
    ("P4", "preparation", "Indicative targets for 2010", PACK, None),
    ("P4", "preparation", "RAISEonline", PACK, None),
    ("P5", "headlines-fs", "second year in succession in 12 out of 13 aspects", ROWS, 3900),
    ("P5", "headlines-fs", "exceeded by 3.9 points", ROWS, 200),
    ("P5", "headlines-fs", "has narrowed by 1.6 points", ROWS, None),
    ("P6", "headlines-ks1", "Best ever results", ROWS, None),
    ("P6", "headlines-ks1", "Now at the national standard for level 2", ROWS, 2100),
    ("P6", "headlines-ks1", "now above it for level 3", ROWS, 2100),
    ("P7", "headlines-ks2", "Best ever results at level 4 and above in English", ROWS, None),
    ("P7", "headlines-ks2", "At level 4 and above the gap to England closed", ROWS, None),
    ("P7", "headlines-ks2", "level 5 the gap to England closed", ROWS, None),
    ("P7", "headlines-ks2", "Another 21 schools achieved the floor target in English", ROWS, None),
    ("P7", "headlines-ks2", "Another 30 schools achieved the floor target in mathematics", ROWS, None),
    ("P8", "raise-online", "three-year averages of contextual value added", PACK, None),
    ("P8", "raise-online", "55% of pupils at level 4", PACK, None),
    ("P9", "visit-purposes", "impact of actions agreed earlier", PACK, None),
    ("P9", "visit-purposes", "self-evaluation of how well it sets targets", PACK, None),
    ("P9", "visit-purposes", "progress towards the 2009 targets", PACK, None),
    ("P9", "visit-purposes", "To agree targets for 2010", PACK, None),
    ("P9", "visit-purposes", "criteria that place the school at a level of support", PACK, None),
    ("P11", "targets-next", "level 4 or above in both English and mathematics, summer 2010", PACK, None),
    ("P11", "targets-next", "English: two levels of progress, summer 2010", PACK, None),
    ("P11", "targets-next", "mathematics: two levels of progress, summer 2010", PACK, None),
    ("P11", "targets-next", "Total absence, 2009/10", PACK, None),
    ("P11", "targets-next", "Key Stage 2, summer 2010: level 4 or above in English, mathematics and science", PACK, None),
    ("P11", "targets-next", "Key Stage 1, summer 2009: level 2 or above in reading, writing, mathematics and science", PACK, None),
    ("P13", "concern-summary", "close analysis of data, SIPs, additional intelligence of the authority and external inspection", PACK, None),
    ("P13", "concern-summary", "Low attaining", ROWS, 1),
    ("P13", "concern-summary", "Underperforming", ROWS, 1),
    ("P13", "concern-summary", "Low attaining and underperforming", ROWS, 1),
    ("P13", "concern-summary", "Inadequate: special measures", ROWS, 1),
    ("P13", "concern-summary", "Other vulnerable school", ROWS, 1),
    *(("P14", "concern-elements", text, PACK, None) for text in (
        "School improvement cycle", "Single plan for raising attainment", "Tracking", "Pupil progress meetings",
        "Explicit focus on learning and teaching", "Systematic whole-school",
    )),
    *(("P15", "tracking", text, PACK, None) for text in (
        "High-quality data", "progress at every level", "assessment for learning", "individual pupils' learning", "impact of actions",
        "Everyone in the school accountable",
    )),
    ("P21", "inspection-outcomes", "Good", ROWS, 450),
    *(("P22", "key-issues", text, ROWS, count) for text, count in zip((
        "Improve teachers' marking", "Raise standards in writing", "Raise standards in mathematics", "quality of teaching",
        "more able pupils", "Raise standards in science", "more challenging work", "monitor more rigorously", "Better use of assessment",
        "tracking pupils' progress",
    ), ISSUES, strict=True)),
    ("P24", "priorities", "Not inspected since September 2005", ROWS, 0),
    ("P24", "priorities", "Inspected early, during 2005/06", ROWS, 118),
    ("P24", "priorities", "capacity to improve only satisfactory", ROWS, None),
    ("P24", "priorities", "In a category at some point in the cycle", ROWS, None),
    ("P24", "priorities", "Low CVA, declining performance, or both", ROWS, None),
    ("P24", "priorities", "floor of 55%, and not inspected within two years, or not improving, or declining", ROWS, None),
    ("P25", "readiness", "revised template", PACK, None),
    ("P25", "readiness", "community cohesion", PACK, None),
    ("P25", "readiness", "Early Years Foundation Stage", PACK, None),
    ("P25", "readiness", "evaluation schedule", PACK, None),
    ("P25", "readiness", "Section 3 holds the 2008 Key Stage 2 data", PACK, None),
    ("P25", "readiness", "ready for its inspection", PACK, None),
    *(("P26", "cohesion", text, PACK, None) for text in ("common vision", "appreciated and valued", "Similar chances", "positive relationships")),
    *(("P27", "cohesion-dimensions", text, PACK, None) for text in ("The school community", "is located", "Britain", "global community")),
    ("P28", "qa-arrangements", "Every new SIP has a mentor", PACK, None),
    ("P28", "qa-arrangements", "by the line manager", PACK, None),
    ("P28", "qa-arrangements", "one assigned person", PACK, None),
    ("P28", "qa-arrangements", "shadowed on a visit by the end of spring 2009", PACK, None),
    ("P28", "qa-arrangements", "Shadowed so far: 6 of 6 (100%)", ROWS, 6),
    *(("P29", "strengths", text, ROWS, 6 - place) for place, text in enumerate((
        "Positive working relationships", "well prepared", "good knowledge and understanding", "all followed up", "Purposeful discussion",
    ))),
    *(("P30", "areas", text, ROWS, 6 - place) for place, text in enumerate((
        "value for money", "Balance between support and challenge", "guidance",
    ))),
    ("P31", "commissioning", "Improving Schools Programme", PACK, None),
    ("P33", "evaluation", "evaluation form", PACK, None),
)  # fmt: skip

SECONDARY: tuple[tuple[str, str, str, str, int | None], ...] = (
    *(("S2", "agenda", text, PACK, None) for text in (
        "impact of the programme", "reporting to headteachers and governors", "practice in other authorities", "Questions for our visitor",
        "next year's visits", "criteria for support", "school finances", "Brokering", "training",
    )),
    ("S3", "judgement", "pupils with learning difficulties, down to the single pupil", ROWS, 1),
    ("S6", "national-challenge", "31 secondary schools in the programme, each with an adviser for 5 to 20 days", ROWS, 31),
    ("S6", "national-challenge", "5 to 20 days", PACK, None),
    ("S6", "national-challenge", "1 November 2008", PACK, None),
    ("S6", "national-challenge", "drawn down from National Challenge funding", PACK, None),
    ("S6", "national-challenge", "on line, straight to the department", PACK, None),
    ("S6", "national-challenge", "regionally, in London", PACK, None),
    ("S7", "criteria", "draft for SIPs", PACK, None),
    ("S7", "criteria", "decide where it would fall", PACK, None),
    ("S8", "finance-reserves", "increased by 7.2% to £67.6m", ROWS, 1150),
    ("S8", "finance-reserves", "take back 5%", PACK, None),
    ("S8", "finance-reserves", "£28.1m in uncommitted", ROWS, 575),
    ("S8", "finance-reserves", "92 schools (16%)", ROWS, 92),
    ("S8", "finance-reserves", "294 schools (51%)", ROWS, 294),
    ("S9", "finance-forecast", "More schools than before", PACK, None),
    ("S9", "finance-forecast", "10 schools forecast a deficit in 2008/09, £0.6m", ROWS, 10),
    ("S10", "finance-forecast", "42 schools forecast a deficit in 2009/10, £2.9m", ROWS, 42),
    ("S10", "finance-forecast", "64 schools forecast a deficit in 2010/11, £7.8m", ROWS, 64),
    ("S10", "finance-forecast", "high reserves in each of five years", PACK, None),
    ("S10", "finance-reserves", "About 60 schools", ROWS, 300),
    *(("S11", "finance-issues", text, PACK, None) for text in (
        "did not connect the balance", "revenue into capital", "may be in deficit later", "limits on balances", "more training",
    )),
    *(("S12", "directory", text, PACK, None) for text in ("one policy", "clear about what a SIP does", "up-to-date directory on line")),
    *(("S14", "workshops", text, PACK, None) for text in (
        "educational initiatives", "Financial health", "14 to 19", "Models of governance", "EPM", "Finance", "Diploma update", "GATE",
        "Community cohesion", "Ofsted", "performance management (for new SIPs)", "Stretching", "diploma planning", "task training",
        "lead inspector",
    )),
    *(("S16", "dates", text, PACK, None) for text in ("22 September 2008", "12 January 2009", "11 May 2009", "6 July 2009")),
)  # fmt: skip


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


def said_on(slide: Any) -> Iterator[tuple[str, Any]]:
    yield from ((line["text"], line["source"]) for line in slide["lines"])
    if slide["table"]:
        yield from (("; ".join(row["cells"]), row["source"]) for row in slide["table"]["rows"])


@pytest.mark.parametrize(("deck", "lines"), [("primary", PRIMARY), ("secondary", SECONDARY)])
def test_every_line_of_the_source_briefing_is_there_with_where_it_comes_from(decks_of: Any, deck: str, lines: Any) -> None:
    slides = {slide["code"]: slide for slide in decks_of[deck]["slides"]}
    for slide, code, words, origin, count in lines:
        assert code in slides, (slide, code, decks_of[deck]["left_out"])
        found = [source for text, source in said_on(slides[code]) if words in text and source["origin"] == origin]
        assert found, (slide, words, [text for text, _ in said_on(slides[code])], slides[code]["notes"])
        if count is not None:
            assert count in [source["count"] for source in found], (slide, words, found)
            assert all(source["model"] and (source["url"] or source["ids"]) for source in found), (slide, words)


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
