"""The words of the emails of briefings: a name, a date, a link; never a word of an agenda, a bulletin or an answer."""

from __future__ import annotations

from django.conf import settings

from core.components.formats import clock, weekday
from core.packs import Labels
from people.models import User

from .models import Booking, Briefing, Bulletin, Workshop


def _signed(row: Briefing | Bulletin | Workshop) -> str:
    """The service's contact block (P35)."""
    own = row.authority
    return "\n".join(own.contact if own.service else [own.name, *own.contact])


def _link(row: Briefing | Bulletin | Workshop) -> str:
    return f"{settings.PORTAL_URL}{row.get_absolute_url()}"


def invitation(row: Briefing, user: User, labels: Labels) -> tuple[str, str]:
    when = f"{weekday(row.on)}, {clock(row.starts_at)} to {clock(row.ends_at)}"
    body = (
        f"Dear {user.name}\n\nYou are invited to the {row.title}, on {when}. Please say by the page below whether you come; "
        "it holds the agenda and the documents, there you can ask something beforehand, and there is a file for your calendar.\n\n"
        f"{_link(row)}\n\n{_signed(row)}\n"
    )
    return f"{row.title}: {weekday(row.on)}", body


def booking_email(row: Booking) -> tuple[str, str]:
    """That a place is booked, also where it came from the waiting list."""
    workshop = row.workshop
    when = f"{weekday(workshop.on)}, {clock(workshop.starts_at)} to {clock(workshop.ends_at)}"
    body = (
        f"Dear {row.user.name}\n\nYou have a place at the workshop “{workshop.title}”, on {when}"
        f"{f', {workshop.venue}' if workshop.venue else ''}. The page below has a file for your calendar; if you cannot come, "
        f"please cancel there, so that somebody else gets the place.\n\n{_link(workshop)}\n\n{_signed(workshop)}\n"
    )
    return f"Your place: {workshop.title}, {weekday(workshop.on)}", body


def called_off_email(row: Workshop, user: User) -> tuple[str, str]:
    body = (
        f"Dear {user.name}\n\nThe workshop “{row.title}” on {weekday(row.on)} will not take place. The page below says why.\n\n"
        f"{_link(row)}\n\n{_signed(row)}\n"
    )
    return f"Called off: {row.title}, {weekday(row.on)}", body


def bulletin_email(row: Bulletin, user: User) -> tuple[str, str]:
    body = f"Dear {user.name}\n\nBulletin {row.reference} is published. Please read it here:\n\n{_link(row)}\n\n{_signed(row)}\n"
    return f"Bulletin {row.reference}", body
