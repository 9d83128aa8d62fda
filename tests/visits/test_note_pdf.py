"""The note's PDF of record: everything that the payload says, set whole, on tagged pages."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pikepdf
import pypdf
import pytest

from core.canonical import digest
from core.documents import Made
from tests.factories.record_payload import (
    DIGEST,
    HALF_PAGE,
    SCHOOL_VIEW,
    SCHOOL_WORDS,
    bare_payload,
    dataset,
    long_payload,
    record_payload,
    text,
)
from visits.documents import note_document, note_made, note_pdf
from visits.record import validate_payload

Payload = dict[str, Any]


def squashed(words: str) -> str:
    """Without spaces and ligatures, as text comes out of a PDF or a page."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", words))


def pages_of(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def body_of(pdf: bytes) -> str:
    """The text of all pages without the running head and the footer, squashed."""
    kept = []
    for number, page in enumerate(pages_of(pdf), start=1):
        lines = page.split("\n")
        kept += [
            line
            for line in lines
            if not re.match(r"Note of Visit (\d{4}/|·)", line) and not re.fullmatch(rf"Page {number} of \d+|Marlpit Primary School", line)
        ]
    return squashed("\n".join(kept))


WRITTEN = {
    "text", "evidence", "descriptor", "label", "impact", "owner", "success", "rationale", "name", "value", "criteria", "reasons", "version", "expected",
    "topic", "sip_view", "sip_evidence", "school_view", "school_evidence", "settle", "dimension", "by", "words", "origin_label", "status_label", "title",
    "dfe_number", "urn", "directorate", "service", "organisation", "role", "address", "telephone", "email", "next", "current", "source",
}  # fmt: skip


def written(value: Any, key: str = "") -> Iterator[str]:
    """Every line of words that somebody wrote in a payload."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from written(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from written(inner, key)
    elif isinstance(value, str) and (key in WRITTEN or key in {"met", "observers", "lines", "other_schools"}):
        yield from (line for line in value.split("\n") if line.strip())


def missing(payload: Payload, body: str) -> list[str]:
    shown = {key: value for key, value in payload.items() if key not in {"words", "format"}}
    found = list(written(shown))
    assert len(found) > 5
    return [line for line in found if squashed(line) not in body]


@pytest.fixture(scope="module")
def final() -> Made:
    payload = record_payload()
    validate_payload(payload)
    return note_made(payload, DIGEST)


def test_every_word_of_the_payload_is_printed(final: Made) -> None:
    assert missing(record_payload(), body_of(final.pdf)) == []


def test_nothing_is_complained_of_and_it_stays_within_five_pages(final: Made) -> None:
    assert final.messages == ()
    assert final.pages == len(pages_of(final.pdf)) <= 5


def test_the_schools_words_are_unedited(final: Made) -> None:
    body = body_of(final.pdf)
    for words in (SCHOOL_VIEW, SCHOOL_WORDS, HALF_PAGE):
        for line in words.split("\n"):
            assert squashed(line) in body
    assert "&amp;" not in body
    assert "&lt;" not in body


def test_both_answers_of_the_school_are_printed(final: Made) -> None:
    body = body_of(final.pdf)
    assert squashed("The school accepts this note as accurate.") in body
    assert squashed("The school sees it differently.") in body
    assert squashed("The school says this is inaccurate Jonathan Prewett, headteacher, 21 October 2008") in body


def test_differences_are_marked_at_a_glance(final: Made) -> None:
    first = squashed(pages_of(final.pdf)[0])
    assert (
        squashed(
            "4 Target setting, tracking and action 3 Satisfactory 2 Good differs Tracking is accurate; action follows it in three classes of seven"
        )
        in first
    )
    assert squashed("Standards and progress 3 Satisfactory 3 Satisfactory 16 of 27") in first
    assert first.count("differs") == 2


def test_dates_money_days_and_figures_are_written_as_people_write_them(final: Made) -> None:
    body = body_of(final.pdf)
    for words in ("Thursday 9 October 2008, 9:00am to 12:30pm", "1¾ days (preparation ½, in school 1, writing ¼)", "£9,400", "£14,200.50", "28 Nov 2008", "6.1%", "5.6%", "204 pupils on 17 January 2008"):  # fmt: skip
        assert squashed(words) in body
    assert not re.search(r"2008-\d\d-\d\d", body)


def test_every_page_says_which_record_it_belongs_to(final: Made) -> None:
    for number, page in enumerate(pages_of(final.pdf), start=1):
        assert squashed("Note of Visit 2008/0417 · version 1, final 23 October 2008 · record a3f9 41c7 0be2") in squashed(page)
        assert f"Page {number} of {final.pages}" in page
        assert "draft" not in page.lower().replace("the draft gave", "")


def test_a_release_is_plainly_a_draft_on_every_page() -> None:
    payload = record_payload("release")
    validate_payload(payload)
    made = note_made(payload, DIGEST)
    pages = [squashed(page) for page in pages_of(made.pdf)]
    assert squashed("Draft for accuracy · version 1") in pages[0]
    assert squashed("This is a draft.") in pages[0]
    for page in pages:
        assert squashed("version 1, draft for accuracy 16 October 2008") in page
    for page in pages[1:]:
        assert squashed("9 October 2008 · draft for accuracy") in page
    assert "Final·version" not in pages[0]
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        assert str(pdf.docinfo.Title).endswith("(version 1, draft for accuracy)")


def test_it_is_tagged_titled_dated_and_in_a_language(final: Made) -> None:
    with pikepdf.open(io.BytesIO(final.pdf)) as pdf:
        assert str(pdf.Root.Lang) == "en-GB"
        assert str(pdf.docinfo.Title) == "Note of Visit: Marlpit Primary School, Autumn pupil review, 9 October 2008 (version 1, final)"
        assert str(pdf.docinfo.Author) == "Wealdshire County Council, School Improvement"
        assert str(pdf.docinfo.CreationDate) == "D:20081023140400Z"
        assert bool(pdf.Root.MarkInfo.Marked)
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
        kinds, alts, tables, uncaptioned = [], [], 0, 0
        for thing in pdf.objects:
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/StructElem":
                kinds.append(str(thing.S))
                if thing.S == "/Figure":
                    alts.append(str(thing.get("/Alt", "")))
                if thing.S == "/Table":
                    tables += 1
                    uncaptioned += not any(kid.get("/S") == "/Caption" for kid in thing.K)
        assert kinds.count("/H1") == 1
        assert kinds.count("/H2") >= len(record_payload()["sections"])
        assert tables >= 12
        assert uncaptioned == 0
        assert alts == ["Emblem of Wealdshire County Council"]
        for page in pdf.pages:
            for font in page.Resources.get("/Font", {}).values():
                inner = font.DescendantFonts[0]
                assert "/FontFile2" in inner.FontDescriptor or "/FontFile3" in inner.FontDescriptor
                assert "Source-Sans-3" in str(inner.BaseFont)


def test_the_same_payload_gives_the_same_bytes_and_another_digest_others(final: Made) -> None:
    assert note_pdf(record_payload(), DIGEST) == final.pdf
    assert note_pdf(record_payload(), digest({"another": 1})) != final.pdf


def test_a_bare_note_says_what_is_missing_in_words() -> None:
    payload = bare_payload()
    validate_payload(payload)
    made = note_made(payload, DIGEST)
    body = body_of(made.pdf)
    assert (made.pages, made.messages) == (1, ())
    for words in (
        "Not graded", "The school gave no grade", "No proposal", "No difference of view: the SIP declares that there is none.", "No earlier actions were open.",
        "No new actions were agreed.", "No targets were discussed.", "The school did not comment by 6 November 2008.", "Not yet agreed", "½ day",
    ):  # fmt: skip
        assert squashed(words) in body
    assert "None," not in body
    assert "None;" not in body


def test_a_very_long_note_loses_nothing_and_repeats_the_heads_of_its_tables() -> None:
    payload = long_payload()
    validate_payload(payload)
    made = note_made(payload, DIGEST)
    assert made.pages > 15
    assert made.messages == ()
    body = body_of(made.pdf)
    everything = "".join(written({key: value for key, value in payload.items() if key != "words"}))
    for word in ("seldom", "themselves", "brief"):  # a sentence may be parted by the end of a page, a word is not
        asked = everything.count(word)
        assert asked > 250
        assert body.count(word) == asked
    heads = sum("Agreed action" in page and "Status" in page for page in pages_of(made.pdf))
    assert heads >= 3


def test_a_row_longer_than_a_page_is_printed_whole() -> None:
    payload = record_payload()
    payload["sections"][9]["blocks"][0]["rows"][0]["school_view"] = (
        "Our view has a beginning. " + "It goes on and on in small words. " * 300 + "It has an end."
    )
    body = body_of(note_pdf(payload, DIGEST))
    assert body.count("goes") == 300  # a sentence may run over a page, where the heads of the table stand between
    assert squashed("It has an end.") in body


NASTY = "<script>alert(1)</script> <img src=file:///etc/passwd> {{ payload }} {% now %} & “quotes” ’ ½ £ € – — … Łukasz Şener Ñ œ @import url(x) </td></table>"


def test_special_characters_and_markup_are_printed_as_written() -> None:
    payload = record_payload()
    payload["sections"][0]["blocks"] = [text(NASTY)]
    payload["sections"][0]["comments"] = [
        {"by": "O’Brien & Sons <b>", "role": "headteacher", "on": "2008-10-21", "kind": "comment", "text": NASTY, "answer": None}
    ]
    payload["school"]["name"] = "St Éloi’s & “All Saints” <Primary>"
    payload["response"]["words"] = NASTY
    validate_payload(payload)
    made = note_made(payload, DIGEST)
    body = body_of(made.pdf)
    assert body.count(squashed(NASTY)) == 3
    assert squashed("O’Brien & Sons <b>") in body
    assert squashed("St Éloi’s & “All Saints” <Primary>") in body
    assert made.messages == ()


def test_text_that_would_reorder_the_page_is_set_in_its_order() -> None:
    payload = record_payload()
    payload["response"]["words"] = "We agree\u202e ton od\u202c with this.\x00"
    html = note_document(payload, DIGEST).html()
    assert "\u202e" not in html
    assert "\x00" not in html
    assert squashed("We agree ton od with this.") in body_of(note_pdf(payload, DIGEST))


def test_a_word_without_end_does_not_run_off_the_page() -> None:
    payload = record_payload()
    payload["sections"][0]["blocks"] = [text("x" * 400)]
    payload["school"]["name"] = (
        "The Extraordinarily Long-Named Church of England Voluntary Controlled Primary School and Children’s Centre of Wealdhurst"
    )
    made = note_made(payload, DIGEST)
    lines = [line for page in pages_of(made.pdf) for line in page.split("\n")]
    assert 60 < max(len(line) for line in lines if set(line) == {"x"}) < 130
    assert body_of(made.pdf).count("x" * 400) == 1


def test_a_table_of_two_pages_keeps_its_rows_whole() -> None:
    payload = record_payload()
    payload["sections"][11]["blocks"][0]["rows"] = [
        dataset(f"Data set number {number}", f"Release {number}, of some length so that it wraps") for number in range(80)
    ]
    pages = [squashed(page) for page in pages_of(note_pdf(payload, DIGEST))]
    for number in range(80):
        row = squashed(f"Data set number {number}Release {number}, of some length so that it wraps")
        assert sum(row in page for page in pages) == 1, number
    assert sum("DatasetVersionorrelease" in page for page in pages) >= 2


def test_an_authority_without_an_emblem_and_with_a_pale_colour_is_readable() -> None:
    payload = record_payload()
    payload["authority"] |= {"code": "000", "brand": "#ffdd00"}
    html = note_document(payload, DIGEST).html()
    assert "--brand: #ffdd00; --on-brand: #0f1b1e" in html
    assert "mast__mark" not in html
    assert note_made(payload, DIGEST).messages == ()


def test_a_visit_of_a_group_names_the_other_schools_and_what_is_shared() -> None:
    payload = record_payload()
    payload["visit"]["other_schools"] = ["Downs View Infant School", "Chalk Lane Junior School"]
    payload["visit"]["second"] = {"name": "Ruth Ashdown", "role": "second adviser"}
    payload["sections"][2]["shared"] = True
    payload["corrections"] = [
        {
            "by": "Jonathan Prewett",
            "role": "headteacher",
            "on": "2008-11-02",
            "text": "The roll is 203.",
            "answer": {"by": "Margaret Hollis", "on": "2008-11-05", "text": "It was 204 on the day."},
        }
    ]
    validate_payload(payload)
    body = body_of(note_pdf(payload, DIGEST))
    for words in ("Downs View Infant School; Chalk Lane Junior School", "The same for all schools of this visit", "Ruth Ashdown, second adviser", "The roll is 203.", "It was 204 on the day."):  # fmt: skip
        assert squashed(words) in body
