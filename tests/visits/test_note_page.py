"""The note as read, on the page: the same payload, the same words, valid and safe markup."""

from __future__ import annotations

import html as entities
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.template.loader import render_to_string

from tests.factories.record_payload import DIGEST, bare_payload, long_payload, record_payload, text
from visits.record import Meta

VOID = {"br", "img", "hr", "input", "meta", "link"}


class Page(HTMLParser):
    """Text, ids and references of a page; raises where an element is closed that is not open."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.attributes: set[str] = set()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(markup)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name == "id":
                self.ids.append(value or "")
            if name in {"aria-labelledby", "headers"} or (name == "href" and (value or "").startswith("#")):
                self.references.append((value or "").lstrip("#"))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", "", "".join(self.words))


def shown(payload: dict[str, Any], **context: Any) -> str:
    return render_to_string(
        "visits/record/_note.html",
        {"payload": payload, "meta": Meta(DIGEST, "0" * 64, by="Margaret Hollis", verify_url="/verify/"), **context},
    )


@pytest.mark.parametrize(
    "payload", [record_payload(), record_payload("release"), bare_payload(), long_payload()], ids=["final", "release", "bare", "long"]
)
def test_the_markup_is_whole_and_its_references_meet(payload: dict[str, Any]) -> None:
    page = Page(shown(payload))
    assert len(page.ids) == len(set(page.ids))
    assert set(page.references) <= set(page.ids)
    assert not page.attributes & {"style", "onclick"}
    assert page.tags.count("table") == page.tags.count("caption")
    assert "script" not in page.tags


def test_every_word_of_the_sections_is_on_the_page() -> None:
    payload = record_payload()
    page = Page(shown(payload)).text

    def words(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            for name, inner in value.items():
                yield from words(inner, name)
        elif isinstance(value, list):
            for inner in value:
                yield from words(inner, key)
        elif isinstance(value, str) and key not in {"kind", "area", "sip_label", "school_label", "unit", "measure", "status", "state", "proposed", "code", "label_", "on", "agreed_on", "due_on", "started_on", "studied_on", "panel_on", "previous", "estimate", "target"}:  # fmt: skip
            yield from value.split("\n")

    found = [
        line
        for part in (payload["sections"], payload["response"]["words"], payload["school_half_page"])
        for line in words(part, "text")
        if line.strip()
    ]
    assert len(found) > 130
    judgement_labels = {block["label"] for section in payload["sections"] for block in section["blocks"] if block["kind"] == "judgement"}
    assert [line for line in found if re.sub(r"\s+", "", line) not in page and line not in judgement_labels] == []


def test_the_contents_say_where_the_school_spoke() -> None:
    page = shown(record_payload())
    assert '<a href="#n3">Standards and progress<span>1 inaccuracy, answered</span></a>' in page
    assert '<a href="#n7">External interventions: impact and value for money<span>1 comment</span></a>' in page
    assert '<a href="#n10">Differences of view<span>1 difference recorded</span></a>' in page
    assert '<a href="#n5">Targets for 2010</a>' in page


def test_the_version_panel_names_both_digests() -> None:
    page = Page(shown(record_payload())).text
    assert "Recorda3f941c70be2" in page
    assert "PDFfile000000000000" in page
    assert "23October2008,3:04pm,byMargaretHollis" in page


def test_live_readers_take_the_place_of_the_frozen_list() -> None:
    payload = record_payload()
    assert "opened 24 October" not in shown(payload)
    page = shown(payload, readers=[{"name": "Jonathan Prewett", "role": "headteacher", "state": "opened 24 October 2008"}])
    assert "opened 24 October" in page
    assert "Sandra Okafor" not in page


def test_words_are_escaped() -> None:
    payload = record_payload()
    nasty = '<script>alert("x")</script>\n\n<b>bold</b> & {{ payload }}'
    payload["sections"][0]["blocks"] = [text(nasty)]
    payload["sections"][0]["comments"] = [
        {"by": nasty, "role": nasty, "on": "2008-10-21", "kind": "comment", "text": nasty, "answer": None}
    ]
    payload["response"]["words"] = nasty
    page = shown(payload)
    assert "<script>" not in page
    assert "<b>bold" not in page
    assert page.count(entities.escape("<b>bold</b> & {{ payload }}")) >= 3


def test_an_accepted_section_says_so_and_a_commented_one_does_not() -> None:
    page = shown(record_payload())
    accepted = page.count("Accepted as accurate")
    assert accepted == 12 - 3
    assert "Accepted as accurate" not in shown(record_payload("release"))
