"""Final records, annual commentaries and agreed actions in the search index: put in when they are written, found by whoever may read them."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from core import search
from people.models import User

from .choices import ActionState, RecordKind
from .models import AgreedAction, Commentary, CommentaryRecord, NoteOfVisit, NoteRecord, Visit, Withdrawable

KIND = "record"
COMMENTARY = "commentary"
ACTION = "action"


def text_of(*shown: object) -> str:
    """Every text in what a record shows, in its order, for the index."""
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)
        elif isinstance(value, str) and " " in value:
            found.append(value)

    for value in shown:
        walk(value)
    return "\n".join(found)


def entries(record: NoteRecord, payload: dict[str, Any], visit: Visit, **extra: object) -> list[search.Entry]:
    """A record as a whole, and each of its sections by its code, which a search may be narrowed to."""
    title = f"{visit.visit_type_label}, {record.school.name}"

    def entry(part: str, title: str, body: str) -> search.Entry:
        return search.Entry(
            kind=KIND,
            subject=record.public_id,
            part=part,
            title=title,
            body=body,
            authority_id=record.authority_id,
            school_id=record.school_id,
            occurred_on=visit.on,
            extra={"version": record.version, **extra},
        )

    parts = [(s["code"], f"{title}: {s['title']}", text_of(s["blocks"])) for s in payload["sections"]]
    return [entry("", title, text_of(payload["sections"], payload.get("response"))), *(entry(*part) for part in parts if part[2])]


def place_of(document: search.SearchDocument) -> str:
    """Where a hit leads: to the record, at the section that was looked in."""
    url = reverse("visits:record-detail", args=[document.subject])
    return f"{url}#s-{document.part}" if document.part else url


def about(note: NoteOfVisit) -> dict[str, str]:
    """By what a search is narrowed: who led the visit, its kind, and the round that expected it."""
    visit = note.visit
    round_ = {"round": visit.round.public_id} if visit.round else {}
    return {"reference": note.reference, "lead": visit.lead.public_id, "visit_type": visit.visit_type, **round_}


def index_record(record: NoteRecord, note: NoteOfVisit) -> None:
    """The latest final version of a note is found, in place of the one before it."""
    earlier = NoteRecord.objects.filter(note=note, school=record.school_id, kind=RecordKind.FINAL, version__lt=record.version)
    search.remove(KIND, list(earlier.values_list("public_id", flat=True)))
    search.put_many(entries(record, json.loads(record.payload), note.visit, **about(note)))


def unindex_record(record: Withdrawable) -> None:
    search.remove(COMMENTARY if isinstance(record, CommentaryRecord) else KIND, [record.public_id])


def visible_records(user: User) -> QuerySet[NoteRecord, str]:
    """The public ids of the final records in a person's scope: what ``core.search`` asks before it counts or shows."""
    return NoteRecord.objects.visible_to(user).filter(kind=RecordKind.FINAL).values_list("public_id", flat=True)


def index_commentary(record: CommentaryRecord, commentary: Commentary) -> None:
    """The latest final version of an annual commentary is found, in place of the one before it."""
    earlier = CommentaryRecord.objects.filter(commentary=commentary, kind=RecordKind.FINAL, version__lt=record.version)
    search.remove(COMMENTARY, list(earlier.values_list("public_id", flat=True)))
    payload = json.loads(record.payload)
    search.put(
        COMMENTARY,
        record.public_id,
        title=f"{payload['commentary']['title']}, {commentary.year_label}",
        body="\n".join(section["text"] for section in payload["sections"]),
        authority_id=record.authority_id,
        school_id=record.school_id,
        occurred_on=record.at.date(),
        extra={"version": record.version, "school": record.school.name, "commentary": commentary.public_id},
    )


def visible_commentaries(user: User) -> QuerySet[CommentaryRecord, str]:
    return CommentaryRecord.objects.visible_to(user).filter(kind=RecordKind.FINAL).values_list("public_id", flat=True)


def index_actions(note: NoteOfVisit) -> None:
    """The actions that a note agreed, once it is final; they are read by whoever reads the school's final notes."""
    rows = AgreedAction.objects.filter(note=note).exclude(state=ActionState.PROPOSED).select_related("school")
    search.put_many(
        [
            search.Entry(
                kind=ACTION,
                subject=action.public_id,
                title=action.text[:300],
                body=action.success_measure,
                authority_id=note.authority_id,
                school_id=action.school_id,
                occurred_on=action.agreed_on,
                extra={"school": action.school.name, **about(note)},
            )
            for action in rows
        ]
    )


def visible_actions(user: User) -> QuerySet[AgreedAction, str]:
    return AgreedAction.objects.visible_to(user).values_list("public_id", flat=True)
