"""The annual commentary to governors: assembled from the year's final records (never from working copies), and its payload.

A passage is a paragraph that ends with the reference of the note it comes from, "(2007/0412)". A reference is plain text:
it outlives every edit, is printed in the PDF, and is a link on the page for whoever may read that note.
"""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from core import canonical
from core.components.formats import MONTHS, as_moment, day
from core.documents import Document, make
from core.documents.assets import emblem_url
from core.spans import on_day
from people.models import Sip, User
from people.packs import AuthorityPack
from schools.choices import CHAIRS, HEADS, ContactState
from schools.models import Contact, School

from . import record
from .choices import ActionState, RecordKind
from .models import AgreedAction, Commentary, CommentaryAnswer, CommentarySection, NoteRecord
from .pack import CommentaryPart, VisitsPart, visits_of
from .payload import RenderedRecord, adviser_shown, authority_shown, person_shown, words_shown
from .recipients import recipients_of, why_chair
from .selectors import role_at, section_text

REFERENCE = re.compile(r"\b\d{4}/\d{4,}\b")
TITLE = "Annual commentary to governors"
MOST_QUESTIONS = 6
NOT_LOOKED_AT = {"datasets", "actions_review", "actions_new", "summary", "differences", "category", "support"}
"""Sections of a note that are no subject of the visit."""


# ---------------------------------------------------------------- the year's records


def year_records(user: User, school: School, academic_year: int) -> list[NoteRecord]:
    """The latest final record of each of the year's notes that the person reads, in the order of the visits."""
    return list(
        NoteRecord.objects.visible_to(user)
        .with_standing()
        .filter(kind=RecordKind.FINAL, school=school, note__visit__academic_year=academic_year, is_superseded=False, is_withdrawn=False)  # type: ignore[misc]
        .select_related("note__visit__lead")
        .order_by("note__visit__on", "pk")
    )


def references_in(texts: Iterable[str]) -> set[str]:
    return {found for text in texts for found in REFERENCE.findall(text)}


def named_records(commentary: Commentary, texts: Iterable[str]) -> list[Any]:
    """The latest final record, with its standing, of each note of the school to which the texts refer."""
    records: Any = NoteRecord.objects.with_standing()
    return list(
        records
        .filter(
            kind=RecordKind.FINAL, school=commentary.school_id, note__reference__in=references_in(texts), is_superseded=False,
            note__authority=commentary.authority_id,
        )
        .select_related("note__visit__lead")
        .order_by("note__visit__on", "pk")
    )  # fmt: skip


# ---------------------------------------------------------------- passages


@dataclass(frozen=True)
class Source:
    """One final record: its reference, its day, its payload."""

    reference: str
    on: dt.date
    payload: dict[str, Any]

    @property
    def month(self) -> str:
        return f"{MONTHS[self.on.month - 1]} {self.on.year}"

    def blocks(self, kind: str) -> Iterator[dict[str, Any]]:
        return (block for section in self.payload["sections"] for block in section["blocks"] if block["kind"] == kind)

    def rows(self, kind: str) -> Iterator[dict[str, Any]]:
        return (row for block in self.blocks(kind) for row in block["rows"])


def passage(text: str, *references: str) -> str:
    """ "… (2007/0412, 2007/0533)", whatever the text ended with."""
    return f"{text.strip()} ({', '.join(dict.fromkeys(references))})"


def _sentence(text: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ".?!" else f"{text}."


def _visits(sources: Sequence[Source], part: CommentaryPart, actions: Sequence[AgreedAction]) -> Iterator[str]:
    for source in sources:
        visit = source.payload["visit"]
        looked = [s["title"] for s in source.payload["sections"] if s["code"] not in NOT_LOOKED_AT]
        studied = [row["label"] for row in source.rows("datasets") if row["state"] == "studied"]
        words = f"{visit['type_label']}, {day(source.on)}, by {visit['lead']['name']}."
        words += f" Looked at: {'; '.join(looked)}." if looked else ""
        words += f" Data: {'; '.join(studied)}." if studied else ""
        yield passage(words, source.reference)


@dataclass(frozen=True)
class _Judged:
    """One aspect over the year: each judgement with the note it stands in, in the order of the visits."""

    label: str
    given: tuple[tuple[Source, record.Judgement], ...]

    @property
    def last(self) -> record.Judgement:
        return self.given[-1][1]


def _judged(sources: Sequence[Source]) -> list[_Judged]:
    found: dict[str, list[tuple[Source, record.Judgement]]] = {}
    for source in sources:
        for judgement in record.judgements(source.payload):
            if judgement.sip is not None:
                found.setdefault(judgement.label, []).append((source, judgement))
    return [_Judged(label, tuple(given)) for label, given in found.items()]


def _judgements(sources: Sequence[Source], part: CommentaryPart, actions: Sequence[AgreedAction]) -> Iterator[str]:
    """As they stood last, of the grades that the section is about."""
    for one in _judged(sources):
        if one.last.sip in part.grades:
            source, judgement = one.given[-1]
            yield passage(f"{one.label}: {judgement.sip_words}. {_sentence(judgement.evidence)}", source.reference)


def _change(sources: Sequence[Source], part: CommentaryPart, actions: Sequence[AgreedAction]) -> Iterator[str]:
    for one in _judged(sources):
        steps = ", ".join(f"{judgement.sip_words} in {source.month}" for source, judgement in one.given)
        first, last = one.given[0][1].sip, one.last.sip
        assert first is not None and last is not None
        moved = "" if len(one.given) == 1 else ": better" if last < first else ": less good" if last > first else ": unchanged"
        yield passage(f"{one.label}: {steps}{moved}.", *(source.reference for source, _ in one.given))


def _actions(sources: Sequence[Source], part: CommentaryPart, actions: Sequence[AgreedAction]) -> Iterator[str]:
    """What the year's notes agreed, and what became of it: in the last note that judged it, else as it stands today."""
    judged: dict[str, tuple[Source, dict[str, Any]]] = {}
    for source in sources:
        for row in source.rows("actions_review"):
            judged[row["text"]] = (source, row)
    stands = {action.text: action for action in actions}
    told: set[str] = set()
    for source in sources:
        for row in source.rows("actions"):
            if row["text"] in told:
                continue
            told.add(row["text"])
            by = "; ".join(filter(None, [row["owner"], f"due {day(as_moment(row['due_on']))}" if row["due_on"] else ""]))
            words = f"{_sentence(row['text'])} {by}." if by else _sentence(row["text"])
            if row["text"] in judged:
                where, review = judged[row["text"]]
                yield passage(f"{words} {_review_words(review)}", source.reference, where.reference)
            else:
                action = stands.get(row["text"])
                state = f" {action.get_state_display().capitalize()}." if action is not None else ""
                yield passage(f"{words}{state}", source.reference)
    for text, (source, review) in judged.items():
        if text not in told:
            yield passage(f"{_sentence(text)} {_review_words(review)}", source.reference)


def _review_words(row: dict[str, Any]) -> str:
    return " ".join(filter(None, [f"{row['status_label']}.", _sentence(row["evidence"]), _sentence(row["impact"])]))


def _targets(sources: Sequence[Source], part: CommentaryPart, actions: Sequence[AgreedAction]) -> Iterator[str]:
    """Each target as the last note that spoke of it has it."""
    last: dict[str, tuple[Source, dict[str, Any]]] = {}
    for source in sources:
        for row in source.rows("targets"):
            last[row["label"]] = (source, row)
    for source, row in last.values():
        unit = row["unit"] if row["unit"] == "%" else ""
        value = "no target yet" if row["target"] is None else f"{row['target']}{unit}"
        agreed = {True: ", agreed", False: ", not agreed", None: ""}[row["agreed"]]
        beside = [f"{name} {row[key]}{unit}" for key, name in (("previous", "before:"), ("estimate", "estimate:")) if row[key] is not None]
        words = f"{row['label']}: {value}{agreed}{' (' + '; '.join(beside) + ')' if beside else ''}."
        yield passage(f"{words} {_sentence(row['rationale'])}", source.reference)


def _questions(sources: Sequence[Source], part: CommentaryPart, actions: Sequence[AgreedAction]) -> Iterator[str]:
    """Of what is not good enough, of what was agreed and is not done, of what is seen differently: how do governors know?"""
    found: list[str] = []
    for one in _judged(sources):
        if (one.last.sip or 0) >= 3:
            source = one.given[-1][0]
            asks = f"{one.label} was judged {one.last.sip_words} in {source.month}. What has changed for pupils since, and how do we know?"
            found.append(passage(asks, source.reference))
    agreed = {row["text"]: source for source in sources for row in source.rows("actions")}
    for action in actions:
        if action.text in agreed and action.state in (ActionState.OPEN, ActionState.NOT_MET):
            asks = (
                f"“{action.text.rstrip('.')}” was agreed and is not yet done. What stands in its way, and by when will pupils gain from it?"
            )
            found.append(passage(asks, agreed[action.text].reference))
    for source in sources:
        found += [
            passage(f"{row['topic'].rstrip('.?')}: school and SIP see this differently. What would settle it?", source.reference)
            for row in source.rows("differences")
        ]
    yield from found[:MOST_QUESTIONS]


_GATHER: dict[str, Callable[[Sequence[Source], CommentaryPart, Sequence[AgreedAction]], Iterator[str]]] = {
    "visits": _visits,
    "judgements": _judgements,
    "change": _change,
    "actions": _actions,
    "targets": _targets,
    "questions": _questions,
}


def _texts(sources: Sequence[Source], part: CommentaryPart) -> Iterator[str]:
    """The text of the sections of notes that the pack names, each note's under its reference."""
    for source in sources:
        for section in source.payload["sections"]:
            if section["code"] in part.sections:
                words = section_text(
                    {**section, "blocks": [b for b in section["blocks"] if b["kind"] in ("text", "differences", "cohesion")]}
                )
                if words.strip():
                    yield passage(f"{section['title']}, {source.month}: {words.strip()}", source.reference)


def assemble(school: School, records: Sequence[NoteRecord], parts: Sequence[CommentaryPart]) -> dict[str, str]:
    """The text of each section, by its code. One query, for what became of the actions."""
    sources = [Source(row.note.reference, row.note.visit.on or row.at.date(), json.loads(row.payload)) for row in records]
    agreed = AgreedAction.objects.filter(school=school, note__in=[row.note_id for row in records]).exclude(state=ActionState.PROPOSED)
    actions = list(agreed.order_by("due_on", "pk"))
    return {
        part.code: "\n\n".join([*(text for name in part.gathers for text in _GATHER[name](sources, part, actions)), *_texts(sources, part)])
        for part in parts
    }


def parts_of(pack: AuthorityPack) -> tuple[CommentaryPart, ...]:
    part: VisitsPart = visits_of(pack.content)
    return part.commentary


# ---------------------------------------------------------------- the record


def compose_commentary(commentary: Commentary, *, kind: str, at: dt.datetime, actor: User, reply: str = "") -> RenderedRecord:
    """The record of this version, checked and sealed, still without its PDF. ``reply``: the author's answer to what the
    head calls inaccurate, which goes into the final one."""
    school, is_final, on = commentary.school, kind == RecordKind.FINAL, timezone.localtime(at).date()
    pack = AuthorityPack(commentary.authority, commentary.pack)
    words = words_shown(pack, school)
    if not is_final:
        commentary = copy.copy(commentary)
        commentary.goes_to_chair = bool(why_chair(commentary, pack, on))
    contacts = list(Contact.objects.filter(on_day(on), school=school, state=ContactState.CONFIRMED).order_by("kind", "starts_on"))
    profile = Sip.objects.filter(authority=commentary.authority, user=commentary.author_id).order_by("starts_on").last()
    sections = [row for row in CommentarySection.objects.filter(commentary=commentary) if row.body.strip()]
    answer = CommentaryAnswer.objects.filter(commentary=commentary, version=commentary.version).first() if is_final else None
    author = adviser_shown(commentary.author, profile)
    payload: dict[str, Any] = {
        "format": record.FORMAT,
        "commentary": {
            "id": commentary.public_id,
            "version": commentary.version,
            "kind": kind,
            "title": TITLE,
            "academic_year": commentary.year_label,
        },
        "authority": authority_shown(commentary.authority),
        "words": words,
        "school": {
            "name": school.name,
            "urn": school.urn,
            "dfe_number": school.dfe_number,
            "phase": school.get_phase_display().capitalize() if school.phase != "pru" else "Pupil referral unit",
            "cluster": school.cluster.name if school.cluster else None,
            "head": person_shown(contacts, HEADS),
            "chair": person_shown(contacts, CHAIRS),
        },
        "author": author,
        "sections": [
            {"number": number, "code": row.code, "title": row.title, "text": row.body.strip()} for number, row in enumerate(sections, 1)
        ],
        "sources": [
            {
                "reference": row.note.reference,
                "version": row.version,
                "title": row.note.visit.visit_type_label,
                "on": row.note.visit.on.isoformat(),
                "lead": row.note.visit.lead.name,
                "digest": row.digest,
            }
            for row in named_records(commentary, [row.body for row in sections])
        ],
        "response": _response(commentary, answer, reply, actor, on) if is_final else None,
        "distribution": [
            {"name": person.name, "role": person.role, "organisation": person.organisation, "at": None, "state": "to be sent"}
            for person in recipients_of(commentary, school, kind, on)
        ],
        "signatures": _signatures(commentary, words["sip"], answer, is_final, timezone.localtime(at), actor),
        "dates": {
            "released_at": _iso(commentary.released_at if is_final else at),
            "finalised_at": _iso(at) if is_final else None,
        },
    }
    record.validate_commentary(payload)
    return RenderedRecord(
        school_id=school.pk,
        kind=kind,
        version=commentary.version,
        lock_version=commentary.lock_version,
        text=canonical.canonical_json(payload).decode(),
        digest=canonical.digest(payload),
        pdf=b"",
        by_role=role_at(actor.hats, school),
        silence="",
    )


def render_commentary(commentary: Commentary, *, kind: str, at: dt.datetime, actor: User, reply: str = "") -> RenderedRecord:
    """:func:`compose_commentary` with its PDF. Raises ``core.documents.DocumentFailed``; never call it inside a transaction."""
    made = compose_commentary(commentary, kind=kind, at=at, actor=actor, reply=reply)
    return made.with_pdf(make(commentary_document(json.loads(made.text), made.digest)).pdf)


def commentary_document(payload: dict[str, Any], digest: str) -> Document:
    """What the renderer gets: the print look of a note. The same payload and digest give the same bytes."""
    about, authority, school = payload["commentary"], payload["authority"], payload["school"]
    is_final = about["kind"] == record.FINAL
    dated = payload["dates"]["finalised_at" if is_final else "released_at"]
    state = "final" if is_final else "draft for accuracy"
    name = f"{about['title']}, {about['academic_year']}"
    return Document(
        template="documents/commentary.html",
        context={
            "payload": payload,
            "digest": digest,
            "is_final": is_final,
            "state": state,
            "dated": dated,
            "emblem": emblem_url(authority["code"]),
            "sections": [{**section, "paragraphs": record.paragraphs(section["text"])} for section in payload["sections"]],
        },
        title=f"{name}: {school['name']} (version {about['version']}, {state})",
        author=", ".join(filter(None, [authority["name"], authority["service"]])),
        subject=f"{name}, version {about['version']}, {state}",
        created=dt.datetime.fromisoformat(dated),
        identifier=digest[:32],
        brand=authority["brand"],
    )


def _iso(moment: dt.datetime | None) -> str | None:
    return timezone.localtime(moment).replace(microsecond=0).isoformat() if moment else None


def _silence(commentary: Commentary) -> str:
    return f"The school did not comment by {day(commentary.school_due_on)}." if commentary.school_due_on else "The school did not comment."


def _response(commentary: Commentary, answer: CommentaryAnswer | None, reply: str, actor: User, on: dt.date) -> dict[str, Any]:
    if answer is None:
        return {
            "accuracy": "none", "by": None, "role": None, "on": None, "words": "", "silence": _silence(commentary), "answer": None,
        }  # fmt: skip
    return {
        "accuracy": answer.accuracy,
        "by": answer.by_name,
        "role": answer.by_role,
        "on": timezone.localtime(answer.at).date().isoformat(),
        "words": answer.words,
        "silence": None,
        "answer": {"by": actor.name, "on": on.isoformat(), "text": reply.strip()} if reply.strip() else None,
    }


def _signatures(
    commentary: Commentary, sip: str, answer: CommentaryAnswer | None, is_final: bool, moment: dt.datetime, actor: User
) -> list[dict[str, Any]]:
    lines = ["Draft"]
    if is_final:
        by = f" by {actor.name}" if actor.pk != commentary.author_id else ""
        lines = [f"Finalised {day(moment.date())}, {moment:%H:%M}{by}"]
    found = [{"role": sip[:1].upper() + sip[1:], "name": commentary.author.name, "lines": lines}]
    if answer is not None:
        said = "Accepted as accurate" if answer.accuracy == "accurate" else "Raised inaccuracies, answered,"
        found.append({"role": answer.by_role, "name": answer.by_name, "lines": [f"{said} {day(timezone.localtime(answer.at).date())}"]})
    return found
