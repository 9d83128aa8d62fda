"""The words of the emails of quality assurance: a name, a school, a day and a link; never a word of what was judged."""

from __future__ import annotations

from django.conf import settings

from core.components.formats import day as day_words
from core.packs import Labels

from .models import Moderation, Shadowing


def told_email(row: Shadowing, school: str, name: str, labels: Labels) -> tuple[str, str]:
    """To the headteacher: who comes, on which day, and where another date can be asked for."""
    on = day_words(row.visit.on) if row.visit and row.visit.on else ""
    visit, sip = labels.get("visit"), labels.get("sip", "short")
    body = (
        f"Dear {name}\n\n{row.observer.name} will observe the {visit} of your {sip}, {row.sip.user.name}, to {school} on {on}. "
        "Please look at the page below: it says what an observer does, and there you can ask for another date.\n\n"
        f"{settings.PORTAL_URL}{row.get_absolute_url()}\n\n{row.authority.service or row.authority.name}\n"
    )
    return f"{school}: an observer at the {visit} on {on}", body


def moderation_email(row: Moderation, labels: Labels) -> tuple[str, str]:
    note = labels.get("note")
    body = (
        f"Dear {row.moderator.name}\n\nYou are asked to rate one {note} against the guidance, by {day_words(row.due_on)}. "
        "It is open to you until then.\n\n"
        f"{settings.PORTAL_URL}{row.get_absolute_url()}\n\n"
        f"This message holds nothing of what it says.\n\n{row.authority.service or row.authority.name}\n"
    )
    return f"Please rate one {note}", body
