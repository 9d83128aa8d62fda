"""The words of the emails about notes: a link, the school's name and a date. Never a word of the note."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.conf import settings

from core.components.formats import day as day_words
from core.packs import Labels
from people.models import Authority, User
from people.packs import AuthorityPack

from .choices import RecordKind
from .models import Alert, Commentary, Delivery, Dispatched, Round


def dispatch_email(about: Dispatched, delivery: Delivery) -> tuple[str, str]:
    """Subject and body for one recipient of a note or of an annual commentary."""
    labels = AuthorityPack(about.authority, about.pack).labels()
    place = delivery.school.name if delivery.school else about.school.name
    if isinstance(about, Commentary):
        word = "annual commentary"
        what = f"The {word} to the governors of {place} for {about.year_label}"
        asks = "Please read it and say whether it is accurate, before the governors have it. The portal shows by when."
    else:
        word = labels.get("note")
        day = f"{about.visit.on.day} {about.visit.on:%B %Y}" if about.visit.on else ""
        what = f"The {word} of the visit to {place} on {day}"
        asks = "Please read it, say whether it is accurate and, apart from that, whether you agree. The portal shows by when."
    if delivery.dispatch.kind == RecordKind.RELEASE:
        subject = f"{place}: draft {word} for accuracy"
    else:
        subject = f"{place}: {word}, version {about.version}"
        asks = "It is final. You can read it, and download the PDF, in the portal."
    body = (
        f"Dear {delivery.name}\n\n"
        f"{what} is ready for you.\n\n{asks}\n\n{settings.PORTAL_URL}{about.get_absolute_url()}\n\n"
        f"This message holds nothing of what it says.\n\n{about.authority.service or about.authority.name}\n"
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


def _signed(authority: Authority) -> str:
    return (
        "This message holds nothing of what a note says. You can switch reminders off on your account page in the portal.\n\n"
        f"{authority.service or authority.name}\n"
    )


def deadline_reminder(authority: Authority, name: str, place: str, what: str, due: dt.date, link: str, *, is_past: bool) -> tuple[str, str]:
    """One deadline of one note, to whoever has it: what is due, of which school, by when, and the link."""
    subject = f"{place}: {what} {'was' if is_past else 'is'} due on {day_words(due)}"
    body = f"Dear {name}\n\n{what} for {place} {'was' if is_past else 'is'} due on {day_words(due)}.\n\n{link}\n\n{_signed(authority)}"
    return subject, body


def round_reminder(round_: Round, name: str, places: Sequence[str], link: str) -> tuple[str, str]:
    """The schools of one SIP that have no visit booked in a round."""
    count = "one school" if len(places) == 1 else f"{len(places)} schools"
    subject = f"{round_.name}: {count} not booked"
    names = "\n".join(f"- {place}" for place in places)
    body = (
        f"Dear {name}\n\nIn the round “{round_.name}”, which ends on {day_words(round_.ends_on)}, no visit is booked yet to:\n\n{names}\n\n"
        f"Book a day, or propose days to the school:\n\n{link}\n\n{_signed(round_.authority)}"
    )
    return subject, body
