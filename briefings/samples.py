"""A sample note: the sections of a redacted copy as words of the library, without masthead, dates or signatures (P19)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from core.components.words import escaped
from people.models import User
from visits.models import NoteRecord, RedactedCopy
from visits.redaction import people_in

KIND_OF_NOTE: Final = "record"
"""The key in ``visits.held`` of a final note."""

SHOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "judgement": ("label", "sip_label", "evidence"),
    "actions_review": ("text", "status_label", "evidence", "impact"),
    "actions": ("text", "success"),
    "targets": ("label", "rationale"),
    "interventions": ("name", "impact", "value"),
    "category": ("criteria", "reasons"),
    "datasets": ("label",),
    "differences": ("topic", "sip_view", "school_view", "settle"),
    "cohesion": ("text",),
}
"""What of each kind of block stands in a sample: words, and no figure of the school."""

TITLES: Final = ("Mr", "Mrs", "Ms", "Miss", "Dr")
_KINDS_OF_SCHOOL = re.compile(
    r"\s+(?:church|c ?of ?e|ce|catholic|roman|rc|community|endowed|free|foundation|nursery|infants?|junior|primary|middle|first|high|grammar|"
    r"secondary|special|school|academy|college|centre|pupil)\b.*$",
    re.IGNORECASE,
)


def names_in(record: NoteRecord) -> list[str]:
    """What tells which school a note was about, and who was there, as it may stand in its text."""
    school, note = record.school, record.note
    users: list[User | None] = [note.author, note.visit.lead, note.visit.second_adviser]
    people = [person.name for person in users if person is not None]
    people += [*school.contacts.values_list("name", flat=True), *people_in(json.loads(record.payload))]
    addressed = [f"{title} {name.split()[-1]}" for name in people if name.split() for title in TITLES]
    words = [school.name, _KINDS_OF_SCHOOL.sub("", school.name), str(school.urn), school.dfe_number, note.reference, *people, *addressed]
    return [word for word in dict.fromkeys(words) if len(word.strip()) > 3]


def identifying_words(copy: RedactedCopy) -> list[str]:
    """The same of the note that a copy was made from: none of it may be left in a sample."""
    rows = NoteRecord.objects.select_related("school__authority", "note__author", "note__visit__lead", "note__visit__second_adviser")
    return names_in(rows.get(public_id=copy.item.subject_id))


def sample_text(payload: Mapping[str, Any]) -> str:
    """Markdown of the sections of a note: headings, paragraphs, and each row of a table as one point."""
    parts: list[str] = []
    for section in payload["sections"]:
        parts.append(f"## {escaped(section['title'])}")
        for block in section.get("blocks", []):
            if block.get("kind") == "text":
                parts.append(escaped(block["text"]))
                continue
            for row in block.get("rows", [block]):
                said = [str(row.get(name) or "").strip() for name in SHOWN.get(block.get("kind", ""), ())]
                if line := ". ".join(text.rstrip(".") for text in said if text):
                    parts.append(f"- {escaped(line)}.".replace("\n", " "))
    return "\n\n".join(part for part in parts if part)
