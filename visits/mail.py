"""The words of the emails about notes: a link, the school's name and a date. Never a word of the note."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from people.packs import AuthorityPack

from .choices import RecordKind
from .models import Delivery, NoteOfVisit


def _link(note: NoteOfVisit) -> str:
    return settings.PORTAL_URL + reverse("visits:note-detail", args=[note.public_id])


def dispatch_email(note: NoteOfVisit, delivery: Delivery) -> tuple[str, str]:
    """Subject and body for one recipient."""
    labels = AuthorityPack(note.authority, note.pack).labels()
    word = labels.get("note")
    place = delivery.school.name if delivery.school else note.school.name
    day = f"{note.visit.on.day} {note.visit.on:%B %Y}" if note.visit.on else ""
    if delivery.dispatch.kind == RecordKind.RELEASE:
        subject = f"{place}: draft {word} for accuracy"
        asks = "Please read it, say whether it is accurate and, apart from that, whether you agree. The portal shows by when."
    else:
        subject = f"{place}: {word}, version {note.version}"
        asks = "It is final. You can read it, and download the PDF, in the portal."
    body = (
        f"Dear {delivery.name}\n\n"
        f"The {word} of the visit to {place} on {day} is ready for you.\n\n{asks}\n\n{_link(note)}\n\n"
        f"This message holds nothing of what it says.\n\n{note.authority.service or note.authority.name}\n"
    )
    return subject, body
