"""The words of the emails about notes: a link, the school's name and a date. Never a word of the note."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from core.packs import Labels
from people.models import User
from people.packs import AuthorityPack

from .choices import RecordKind
from .models import Alert, Delivery, NoteOfVisit


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


def alert_email(alert: Alert, user: User, labels: Labels) -> tuple[str, str]:
    """A link and the school's name, and nothing of what it says (domain.md §4)."""
    word = labels.get("alert")
    again = "Nobody has acknowledged it yet. " if alert.escalations else ""
    body = (
        f"Dear {user.name}\n\n"
        f"There is {labels.get('alert', 'article')} about {alert.school.name}. {again}Please read it and acknowledge it in the portal.\n\n"
        f"{settings.PORTAL_URL}{alert.get_absolute_url()}\n\n"
        f"This message holds nothing of what it says.\n\n{alert.authority.service or alert.authority.name}\n"
    )
    return f"{alert.school.name}: {word}{' not acknowledged' if alert.escalations else ''}", body
