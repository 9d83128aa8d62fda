"""What briefings and workshops put into a person's diary and calendar feed (ADR 0010): a title, a time, a place to look."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef, Q

from core.agenda import Entry

from .choices import BookingState, BriefingState, Reply, WorkshopState
from .models import Attendance, Booking, Briefing, Workshop
from .models.audience import for_sip


def entry_of(row: Briefing | Workshop, *, is_tentative: bool = False) -> Entry:
    kind = row._meta.model_name or ""
    place = f", {row.venue}" if row.venue else ""
    title = row.title if isinstance(row, Briefing) else f"Workshop: {row.title}"
    return Entry(f"{kind}-{row.public_id}", row.on, title + place, row.get_absolute_url(), kind, row.starts_at, row.ends_at, is_tentative)


def briefings_in(user: Any, first: dt.date, last: dt.date) -> list[Entry]:
    """Those to which one is invited and has not said no, and as a SIP the dates for one's phases; tentative until one has said yes."""
    if not user.hats.sips and not user.hats.roles:
        return []
    mine = Attendance.objects.filter(briefing=OuterRef("pk"), user_id=user.pk)
    rows: Any = (
        Briefing.objects.visible_to(user)
        .filter(on__range=(first, last))
        .exclude(state=BriefingState.CANCELLED)
        .annotate(
            is_invited=Exists(mine),
            is_coming=Exists(mine.filter(Q(reply=Reply.COMING) | Q(came=True))),
            is_away=Exists(mine.filter(Q(reply=Reply.NOT_COMING, came__isnull=True) | Q(came=False))),
        )
        .filter(Q(is_invited=True) | (for_sip(user) & Q(state=BriefingState.PLANNED)))
        .filter(is_away=False)
        .order_by("on", "pk")
    )
    return [entry_of(row, is_tentative=not row.is_coming) for row in rows]


def workshops_in(user: Any, first: dt.date, last: dt.date) -> list[Entry]:
    """Those at which one has a place, and those that one leads."""
    if not user.hats.sips and not user.hats.roles:
        return []
    booked = Booking.objects.filter(user_id=user.pk, state=BookingState.BOOKED).values("workshop_id")
    rows = Workshop.objects.visible_to(user).filter(Q(pk__in=booked) | Q(lead_id=user.pk), on__range=(first, last))
    return [entry_of(row) for row in rows.exclude(state=WorkshopState.CANCELLED).order_by("on", "pk")]
