"""The shape of a record's payload, and what page and PDF ask of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from core.canonical import canonical_json
from tests.factories.record_payload import bare_payload, judgement, long_payload, record_payload
from visits import record
from visits.record import PayloadError, validate_payload

Payload = dict[str, Any]


@pytest.mark.parametrize("make", [record_payload, lambda: record_payload("release"), bare_payload, long_payload])
def test_a_whole_payload_passes_and_has_a_digest(make: Callable[[], Payload]) -> None:
    payload = make()
    validate_payload(payload)
    canonical_json(payload)


def _set(*path: Any) -> Callable[[Payload], None]:
    *way, last, value = path

    def change(payload: Payload) -> None:
        place: Any = payload
        for step in way:
            place = place[step]
        place[last] = value

    return change


BLOCK = ("sections", 1, "blocks", 0)
FAULTS: dict[str, tuple[Callable[[Payload], None], str]] = {
    "missing": (lambda p: p["school"].pop("name"), "payload.school.name: missing"),
    "extra": (_set("school", "head_email", "x"), "payload.school.head_email: not part of a record"),
    "float": (_set("visit", "days", "writing", 0.25), "payload.visit.days.writing: a whole number expected, not float"),
    "true": (_set("note", "version", True), "payload.note.version: a whole number expected, not bool"),
    "date": (_set("visit", "on", "9 October 2008"), "payload.visit.on: an ISO date expected, not “9 October 2008”"),
    "moment": (_set("dates", "finalised_at", "2008-10-23T25:00"), "payload.dates.finalised_at: an ISO date expected"),
    "time": (_set("visit", "from", "9am"), "payload.visit.from: a time such as 09:00 expected"),
    "colour": (_set("authority", "brand", "red; background: url(x)"), "payload.authority.brand: a colour such as #14505c expected"),
    "kind": (_set("note", "kind", "draft"), "payload.note.kind: one of release, final expected"),
    "block": (_set(*BLOCK, "kind", "essay"), "payload.sections[1].blocks[0].kind: one of judgement, text"),
    "block-none": (_set(*BLOCK[:-1], 0, None), "payload.sections[1].blocks[0].kind: one of"),
    "grade": (_set(*BLOCK, "sip", "3"), "payload.sections[1].blocks[0].sip: a whole number expected, not “3”"),
    "list": (_set("sections", 1, "comments", {}), "payload.sections[1].comments: a list expected, not dict"),
    "none": (_set("sections", 1, "title", None), "payload.sections[1].title: words expected, not nothing"),
    "empty": (_set("school", "name", "  "), "payload.school.name: words expected"),
    "answer": (_set("response", "accuracy", "yes"), "payload.response.accuracy: one of accurate, inaccurate, none expected"),
    "format": (_set("format", 2), "payload.format: 1 expected, not 2"),
    "numbers": (_set("sections", 2, "number", 7), "payload.sections: numbered [1, 2, 7, 4"),
    "not-final": (_set("dates", "finalised_at", None), "payload.dates.finalised_at: missing, and the note is final"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_with_its_place(name: str) -> None:
    change, expected = FAULTS[name]
    payload = record_payload()
    change(payload)
    with pytest.raises(PayloadError) as refused:
        validate_payload(payload)
    assert any(error.startswith(expected) for error in refused.value.errors), refused.value.errors
    assert len(refused.value.errors) == 1


def test_every_fault_is_listed() -> None:
    payload = record_payload()
    payload["visit"]["on"] = ""
    del payload["words"]["sip"]
    with pytest.raises(PayloadError) as refused:
        validate_payload(payload)
    assert len(refused.value.errors) == 2
    assert str(refused.value).startswith("The record was not written.")


@pytest.mark.parametrize("payload", [None, [], "text", 3, {}])
def test_what_is_no_payload_is_refused(payload: Any) -> None:
    with pytest.raises(PayloadError):
        validate_payload(payload)


def test_no_key_of_the_shape_can_be_left_out() -> None:
    """Every key at every level of the full payload is required: removing any one is refused."""

    def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        if isinstance(value, dict):
            return [(*path, key) for key in value] + [found for key, inner in value.items() for found in places(inner, (*path, key))]
        if isinstance(value, list):
            return [found for index, inner in enumerate(value[:1]) for found in places(inner, (*path, index))]
        return []

    whole = record_payload()
    for place in places(whole):
        payload = copy.deepcopy(whole)
        holder: Any = payload
        for step in place[:-1]:
            holder = holder[step]
        del holder[place[-1]]
        with pytest.raises(PayloadError):
            validate_payload(payload)


def test_paragraphs_are_parted_by_blank_lines_and_keep_their_lines() -> None:
    assert record.paragraphs("one\r\ntwo\r\n\r\n \n\nthree \n") == [["one", "two"], ["three"]]
    assert record.paragraphs(" \n ") == []


def test_a_judgement_knows_whether_the_school_differs() -> None:
    payload = record_payload()
    found = record.judgements(payload)
    assert [(j.section, j.differs) for j in found] == [(2, False), (3, False), (4, True), (6, False), (6, True)]
    assert (found[2].sip_words, found[2].school_words) == ("3 Satisfactory", "2 Good")
    one_sided = record.judgements_of({"number": 1, "blocks": [judgement("a", "A", None, 2, "")]})[0]
    assert not one_sided.differs
    assert one_sided.sip_words == ""


@pytest.mark.parametrize(
    ("evidence", "gist"),
    [
        ("Two of four complete; one has raised attainment.", "Two of four complete; one has raised attainment"),
        ("Accurate. Action follows.", "Accurate"),
        ("Absence stood at 6.1% in 2007/08", "Absence stood at 6.1% in 2007/08"),
        ("word " * 60, ("word " * 30).strip() + " …"),
        ("", ""),
    ],
)
def test_the_gist_is_the_first_sentence(evidence: str, gist: str) -> None:
    assert record.judgements_of({"number": 1, "blocks": [judgement("a", "A", 1, 1, evidence)]})[0].gist == gist


def test_the_seal_is_twelve_characters_in_fours() -> None:
    assert record.seal("a3f941c70be25d1877f0") == "a3f9 41c7 0be2"
