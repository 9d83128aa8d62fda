"""The documents of a briefing: added and taken off by whoever keeps its agenda, before the day and after it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from briefings.models import Briefing, BriefingDocument
from briefings.uploads import Upload
from briefings.workflow import BRIEFING_WORKFLOW
from core import audit, files
from core.access import Conflict, Refused
from people.models import User


@transaction.atomic
def add_document(*, actor: User, briefing: Briefing, title: str, upload: Upload, at: dt.datetime) -> BriefingDocument:
    """Put a file with a briefing, for everybody who sees it. ``upload``: recognised before (``briefings.uploads``)."""
    if not title.strip():
        raise Refused("Enter the title.", field="title")
    BRIEFING_WORKFLOW.move(actor, briefing, "document", at.date())
    row = BriefingDocument.objects.create(
        briefing=briefing,
        title=title.strip(),
        file=files.store(upload.content, upload.media_type, at=at),
        file_name=upload.name,
        file_words=upload.words,
        added_by=actor,
        added_at=at,
    )
    changes = {"added": row.title, "file": row.file_name, "sha256": row.file.sha256}
    audit.record("briefing.documents", actor=actor, at=at, subject=briefing, authority=briefing.authority, changes=changes)
    return row


@transaction.atomic
def remove_document(*, actor: User, document: BriefingDocument, at: dt.datetime) -> None:
    """Take it off: from now on nobody opens it. The row stays, marked with who did so and when; the bytes stay with it."""
    briefing = document.briefing
    BRIEFING_WORKFLOW.move(actor, briefing, "document", at.date())
    if not BriefingDocument.objects.standing().filter(pk=document.pk).update(removed_by=actor, removed_at=at):
        raise Conflict("Somebody else has taken it off a moment ago.")
    document.removed_by, document.removed_at = actor, at
    changes = {"removed": document.title, "file": document.file_name}
    audit.record("briefing.documents", actor=actor, at=at, subject=briefing, authority=briefing.authority, changes=changes)
