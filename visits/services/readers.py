"""A final note opened to one person for a reason and a time, and closed again (architecture.md rule 2)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from core import audit
from core.access import Refused, require
from people.models import User
from people.roles import Permission as P

from ..models import NoteOfVisit, NoteReader


@transaction.atomic
def open_note_to(*, actor: User, note: NoteOfVisit, reader: User, reason: str, ends_on: dt.date, at: dt.datetime) -> NoteReader:
    """Open a final note to a reader from today until a day. Never to one walled from a school of it: the wall would win anyway."""
    on = at.date()
    require(actor, P.NOTE_OPEN_TO, note, on=on)
    if note.final_version is None or note.is_final_withdrawn:
        raise Refused("Only a final note can be opened to a reader.")
    if not reader.is_active:
        raise Refused(f"{reader.name} has no active account.", field="reader")
    if any(school.pk in reader.hats.walled for school in note.covered):
        raise Refused(f"{reader.name} has an interest in the school and cannot read this note.", field="reader")
    if ends_on < on:
        raise Refused("The last day is past.", field="ends_on")
    row = NoteReader.objects.create(note=note, user=reader, reason=reason.strip(), starts_on=on, ends_on=ends_on)
    changes: dict[str, object] = {"reader": reader.name, "until": ends_on.isoformat()}
    audit.record("note.opened_to", actor=actor, at=at, subject=note, school=note.school, changes=changes, reason=reason.strip())
    return row


@transaction.atomic
def close_note_to(*, actor: User, reader: NoteReader, at: dt.datetime) -> NoteReader:
    """Close it again, at once: by the manager, or by the reader who is done with it."""
    if reader.user_id != actor.pk:
        require(actor, P.NOTE_OPEN_TO, reader.note, on=at.date())
    yesterday = at.date() - dt.timedelta(days=1)
    if reader.ends_on is None or reader.ends_on > yesterday:
        reader.ends_on = yesterday
        reader.save(update_fields=["ends_on"])
        audit.record(
            "note.closed_to", actor=actor, at=at, subject=reader.note, school=reader.note.school, changes={"reader": reader.user.name}
        )
    return reader
