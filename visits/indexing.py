"""Final records in the search index: put in when they are written, taken out when they are withdrawn."""

from __future__ import annotations

import json

from core import search

from .models import NoteOfVisit, NoteRecord

KIND = "record"


def text_of(payload: dict[str, object]) -> str:
    """Every text that a record shows, in its order, for the index."""
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

    walk(payload["sections"])
    walk(payload.get("response"))
    return "\n".join(found)


def index_record(record: NoteRecord, note: NoteOfVisit) -> None:
    """One document a note and school: the latest final version."""
    search.put(
        KIND,
        f"{note.public_id}-{record.school.urn}",
        title=f"{note.visit.visit_type_label}, {record.school.name}",
        body=text_of(json.loads(record.payload)),
        authority_id=record.authority_id,
        school_id=record.school_id,
        occurred_on=note.visit.on,
        extra={"record": record.public_id, "version": record.version},
    )


def unindex_record(record: NoteRecord) -> None:
    search.remove(KIND, f"{record.note.public_id}-{record.school.urn}")
