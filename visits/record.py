"""The payload of a record: everything that one note shows to one school, as plain JSON values.

Page and PDF are made from it and from nothing else, so that both say the same for ever, whatever becomes of the working
rows. Its digest (``core.canonical.digest``) is printed in the footer and is not inside it. A change of shape raises
``FORMAT``; records keep the format they were written in.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

FORMAT = 1

RELEASE = "release"
FINAL = "final"


class PayloadError(ValueError):
    """The payload is not a record's. ``errors`` lists every fault as "path: what is wrong"."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("The record was not written. " + "; ".join(errors[:12]) + ("; and more" if len(errors) > 12 else "") + ".")
        self.errors = errors


Check = Callable[[Any, str], Iterator[str]]


def _text(value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{path}: text expected, not {_kind(value)}"


def _words(value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, str) or not value.strip():
        yield f"{path}: words expected, not {_kind(value)}"


def _whole(value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, int) or isinstance(value, bool):
        yield f"{path}: a whole number expected, not {_kind(value)}"


def _yes_no(value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"{path}: true or false expected, not {_kind(value)}"


def _figure(value: Any, path: str) -> Iterator[str]:
    """A whole number or, for anything with a decimal or a reason in words, text."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        yield f"{path}: a whole number or text expected, not {_kind(value)}"


def _day(value: Any, path: str) -> Iterator[str]:
    try:
        dt.date.fromisoformat(value[:10])
        if len(value) > 10:
            dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        yield f"{path}: an ISO date expected, not {_kind(value)}"


def _time(value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        yield f"{path}: a time such as 09:00 expected, not {_kind(value)}"


def _colour(value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        yield f"{path}: a colour such as #14505c expected, not {_kind(value)}"


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f"“{value[:40]}”" if value else "empty text"
    return type(value).__name__


def _maybe(check: Check) -> Check:
    def inner(value: Any, path: str) -> Iterator[str]:
        if value is not None:
            yield from check(value, path)

    return inner


def _one_of(*allowed: str) -> Check:
    def inner(value: Any, path: str) -> Iterator[str]:
        if value not in allowed:
            yield f"{path}: one of {', '.join(allowed)} expected, not {_kind(value)}"

    return inner


def _many(check: Check) -> Check:
    def inner(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{path}: a list expected, not {_kind(value)}"
            return
        for index, item in enumerate(value):
            yield from check(item, f"{path}[{index}]")

    return inner


def _row(**fields: Check) -> Check:
    """Exactly these keys. A final underscore escapes a Python keyword."""
    shape = {name.removesuffix("_"): check for name, check in fields.items()}

    def inner(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: named values expected, not {_kind(value)}"
            return
        for name in shape:
            if name not in value:
                yield f"{path}.{name}: missing"
        for name in value:
            if name not in shape:
                yield f"{path}.{name}: not part of a record"
        for name, check in shape.items():
            if name in value:
                yield from check(value[name], f"{path}.{name}")

    return inner


_LABELLED = _row(label=_words, value=_text)
_HEAD = _row(title=_words, name=_words)
_PERSON = _row(name=_words, role=_text)
_ANSWER = _row(by=_words, on=_day, text=_words)

_BLOCKS: dict[str, Check] = {
    "judgement": _row(
        kind=_words, area=_words, label=_words, sip=_maybe(_whole), sip_label=_text, school=_maybe(_whole), school_label=_text,
        evidence=_text, descriptor=_text,
    ),
    "text": _row(kind=_words, text=_text),
    "actions_review": _row(
        kind=_words,
        rows=_many(
            _row(
                text=_words, agreed_on=_maybe(_day), owner=_text, due_on=_maybe(_day), status=_text, status_label=_text, evidence=_text,
                impact=_text, progress=_many(_row(on=_day, by=_words, text=_words)),
            )
        ),
    ),
    "actions": _row(
        kind=_words,
        rows=_many(_row(number=_whole, text=_words, owner=_text, due_on=_maybe(_day), success=_text, carried=_yes_no)),
    ),
    "targets": _row(
        kind=_words,
        rows=_many(
            _row(
                measure=_words, label=_words, unit=_text, previous=_maybe(_figure), estimate=_maybe(_figure), target=_maybe(_figure),
                agreed=_maybe(_yes_no), rationale=_text,
            )
        ),
    ),
    "interventions": _row(
        kind=_words,
        rows=_many(
            _row(
                name=_words, origin_label=_text, started_on=_maybe(_day), cost=_maybe(_whole), days=_maybe(_whole), impact=_text, value=_text
            )
        ),
    ),
    "category": _row(
        kind=_words, current=_maybe(_text), proposed=_maybe(_text), label=_maybe(_text), criteria=_text, reasons=_text, panel_on=_maybe(_day)
    ),
    "datasets": _row(
        kind=_words,
        rows=_many(_row(label=_words, version=_text, studied_on=_maybe(_day), state=_one_of("studied", "not_available"), expected=_text)),
    ),
    "differences": _row(
        kind=_words, declared_none=_yes_no,
        rows=_many(_row(topic=_words, sip_view=_text, sip_evidence=_text, school_view=_text, school_evidence=_text, settle=_text)),
    ),
    "cohesion": _row(kind=_words, rows=_many(_row(dimension=_words, text=_text))),
}  # fmt: skip


def _block(value: Any, path: str) -> Iterator[str]:
    kind = value.get("kind") if isinstance(value, dict) else None
    check = _BLOCKS.get(kind) if isinstance(kind, str) else None
    if check is None:
        yield f"{path}.kind: one of {', '.join(_BLOCKS)} expected, not {_kind(kind)}"
        return
    yield from check(value, path)


_COMMENT = _row(by=_words, role=_text, on=_day, kind=_one_of("inaccurate", "comment"), text=_words, answer=_maybe(_ANSWER))

_AUTHORITY = _row(
    name=_words, code=_words, directorate=_text, service=_text, brand=_colour, address=_text, telephone=_text, email=_text, website=_text
)
_WORDS = _row(note=_words, sip=_words, sip_short=_words, head=_words, chair=_words, category=_words)
_DISTRIBUTION = _many(_row(name=_words, role=_text, organisation=_text, at=_maybe(_day), state=_one_of("delivered", "to be sent")))
_SIGNATURES = _many(_row(role=_words, name=_words, lines=_many(_words)))

_PAYLOAD = _row(
    format=_whole,
    note=_row(
        id=_words, reference=_words, version=_whole, kind=_one_of(RELEASE, FINAL), title=_words, academic_year=_words
    ),
    authority=_AUTHORITY,
    words=_WORDS,
    school=_row(
        name=_words, urn=_figure, dfe_number=_text, phase=_text, ages=_text, roll=_maybe(_whole), roll_on=_maybe(_day), cluster=_maybe(_text),
        head=_maybe(_HEAD), chair=_maybe(_HEAD), facts=_many(_LABELLED),
    ),
    visit=_row(
        on=_day, from_=_maybe(_time), to=_maybe(_time), type=_words, type_label=_words, lead=_PERSON, second=_maybe(_PERSON),
        observers=_many(_words), met=_many(_words), days=_row(preparation=_whole, in_school=_whole, writing=_whole), purposes=_many(_words),
        next=_maybe(_text), other_schools=_many(_words),
    ),
    sections=_many(
        _row(number=_whole, code=_words, title=_words, shared=_yes_no, blocks=_many(_block), comments=_many(_COMMENT))
    ),
    school_half_page=_maybe(_row(by=_words, on=_day, text=_words)),
    response=_maybe(
        _row(
            accuracy=_one_of("accurate", "inaccurate", "none"), agreement=_one_of("agree", "differ", "none"), by=_maybe(_text),
            role=_maybe(_text), on=_maybe(_day), words=_text, silence=_maybe(_text),
        )
    ),
    corrections=_many(_row(by=_words, role=_text, on=_day, text=_words, answer=_maybe(_ANSWER))),
    frozen=_row(category=_maybe(_row(label=_words, since=_maybe(_day), source=_text)), flags=_many(_row(label=_words, value=_text, source=_text))),
    distribution=_DISTRIBUTION,
    signatures=_SIGNATURES,
    dates=_row(written_on=_maybe(_day), released_at=_maybe(_day), finalised_at=_maybe(_day)),
)  # fmt: skip


_COMMENTARY = _row(
    format=_whole,
    commentary=_row(id=_words, version=_whole, kind=_one_of(RELEASE, FINAL), title=_words, academic_year=_words),
    authority=_AUTHORITY,
    words=_WORDS,
    school=_row(name=_words, urn=_figure, dfe_number=_text, phase=_text, cluster=_maybe(_text), head=_maybe(_HEAD), chair=_maybe(_HEAD)),
    author=_PERSON,
    sections=_many(_row(number=_whole, code=_words, title=_words, text=_words)),
    sources=_many(_row(reference=_words, version=_whole, title=_words, on=_day, lead=_words, digest=_words)),
    response=_maybe(_row(
        accuracy=_one_of("accurate", "inaccurate", "none"), by=_maybe(_text), role=_maybe(_text), on=_maybe(_day), words=_text,
        silence=_maybe(_text), answer=_maybe(_ANSWER),
    )),
    distribution=_DISTRIBUTION,
    signatures=_SIGNATURES,
    dates=_row(released_at=_maybe(_day), finalised_at=_maybe(_day)),
)  # fmt: skip
"""The annual commentary to governors: text by section, with the notes that it is made from."""


def validate_payload(payload: Any) -> None:
    """Raises :class:`PayloadError` naming every fault, unless ``payload`` has exactly the shape of ``FORMAT``."""
    _validate(payload, _PAYLOAD, "note")


def validate_commentary(payload: Any) -> None:
    """The same for the record of an annual commentary."""
    _validate(payload, _COMMENTARY, "commentary")


def _validate(payload: Any, shape: Check, subject: str) -> None:
    errors = list(shape(payload, "payload"))
    if not errors:
        if payload["format"] != FORMAT:
            errors.append(f"payload.format: {FORMAT} expected, not {payload['format']}")
        if payload[subject]["kind"] == FINAL and not payload["dates"]["finalised_at"]:
            errors.append(f"payload.dates.finalised_at: missing, and the {subject} is final")
        numbers = [section["number"] for section in payload["sections"]]
        if numbers != list(range(1, len(numbers) + 1)):
            errors.append(f"payload.sections: numbered {numbers}, not 1 to {len(numbers)}")
    if errors:
        raise PayloadError(errors)


@dataclass(frozen=True)
class Meta:
    """What the page shows of a record beside its payload: the two digests (hexadecimal), who made it, where to check it."""

    digest: str
    file_digest: str = ""
    by: str = ""
    verify_url: str = ""


# ---------------------------------------------------------------- what page and PDF both ask of a payload


@dataclass(frozen=True)
class Judgement:
    """One judgement, with the section it stands in. Grades are whole numbers of the pack's scale, 1 the best."""

    section: int
    label: str
    sip: int | None
    sip_label: str
    school: int | None
    school_label: str
    evidence: str
    descriptor: str

    @property
    def differs(self) -> bool:
        return self.sip is not None and self.school is not None and self.sip != self.school

    @property
    def sip_words(self) -> str:
        """ "3 Satisfactory"."""
        return _graded(self.sip, self.sip_label)

    @property
    def school_words(self) -> str:
        return _graded(self.school, self.school_label)

    @property
    def gist(self) -> str:
        """The first sentence of the evidence, short enough for one row of a table."""
        first = re.split(r"(?<=[.!?])\s", self.evidence.strip().split("\n")[0], maxsplit=1)[0]
        if len(first) > 150:
            first = first[:150].rsplit(" ", 1)[0] + " …"
        return first.rstrip(".")


def _graded(grade: int | None, label: str) -> str:
    if grade is None:
        return label[:1].upper() + label[1:]
    return f"{grade} {label[:1].upper()}{label[1:]}".strip()


def judgements_of(section: dict[str, Any]) -> list[Judgement]:
    return [
        Judgement(
            section["number"], block["label"], block["sip"], block["sip_label"], block["school"], block["school_label"], block["evidence"],
            block["descriptor"],
        )
        for block in section["blocks"]
        if block["kind"] == "judgement"
    ]  # fmt: skip


def judgements(payload: dict[str, Any]) -> list[Judgement]:
    """Every judgement of the note, in its order."""
    return [judgement for section in payload["sections"] for judgement in judgements_of(section)]


def paragraphs(text: str) -> list[list[str]]:
    """Plain text as paragraphs (parted by blank lines) of lines. Nothing else in it means anything."""
    parts = re.split(r"\n[ \t]*\n+", text.replace("\r\n", "\n").replace("\r", "\n").strip())
    return [[line.strip() for line in part.split("\n")] for part in parts if part.strip()]


def seal(digest: str) -> str:
    """The first twelve characters of a digest in fours: what the footer prints."""
    return " ".join(digest[start : start + 4] for start in (0, 4, 8))
