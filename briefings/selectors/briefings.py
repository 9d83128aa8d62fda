"""A briefing as its page shows it, and the development days that SIPs have used."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from briefings.choices import BriefingState, Reply, WorkshopState
from briefings.models import AgendaItem, AgendaQuestion, Attendance, Booking, Briefing, BriefingDocument
from core.calendar import AcademicYear
from core.spans import on_day
from people.models import Authority, Sip, User


@dataclass(frozen=True)
class Replies:
    """Who of those invited comes, does not, and has not said; and, once it is recorded, who came."""

    coming: Sequence[Attendance] = ()
    not_coming: Sequence[Attendance] = ()
    silent: Sequence[Attendance] = ()
    came: Sequence[Attendance] = ()
    away: Sequence[Attendance] = ()

    @property
    def invited(self) -> int:
        return len(self.coming) + len(self.not_coming) + len(self.silent)


def replies_of(briefing: Briefing) -> Replies:
    rows = list(Attendance.objects.filter(briefing=briefing).select_related("user"))
    return Replies(
        coming=[row for row in rows if row.reply == Reply.COMING],
        not_coming=[row for row in rows if row.reply == Reply.NOT_COMING],
        silent=[row for row in rows if not row.reply],
        came=[row for row in rows if row.came],
        away=[row for row in rows if row.came is False],
    )


def agenda_of(briefing: Briefing) -> list[tuple[AgendaItem, list[AgendaQuestion]]]:
    """The items in order, each with what was asked of it. Two queries."""
    asked: dict[int, list[AgendaQuestion]] = defaultdict(list)
    for question in AgendaQuestion.objects.filter(item__briefing=briefing).select_related("by"):
        asked[question.item_id].append(question)
    items = AgendaItem.objects.filter(briefing=briefing).select_related("lead", "draws_on__briefing")
    return [(item, asked[item.pk]) for item in items]


def documents_of(briefing: Briefing) -> list[BriefingDocument]:
    """Those that stand, in the order in which they were added. One query."""
    return list(BriefingDocument.objects.standing().filter(briefing=briefing).select_related("file", "added_by"))


def to_come_back_to(briefing: Briefing) -> list[AgendaItem]:
    """Items of earlier agendas for the same audience to whose outcome the next is to come back, and that no later agenda has."""
    earlier = Briefing.objects.filter(
        authority_id=briefing.authority_id, audience=briefing.audience, on__lt=briefing.on, state=BriefingState.HELD
    )
    rows = AgendaItem.objects.filter(briefing__in=earlier.values("pk"), carries_on=True, followed_by__isnull=True)
    return list(rows.select_related("briefing").order_by("-briefing__on", "position"))


@dataclass
class DaysUsed:
    """One SIP's development time of a year, in quarter days: at briefings and at workshops, of the entitlement."""

    sip: Sip
    entitlement: int
    briefings: int = 0
    workshops: int = 0
    missed: int = 0
    of: list[Any] = field(default_factory=list)
    """What they came to, in order of dates: briefings and workshops."""

    @property
    def used(self) -> int:
        return self.briefings + self.workshops

    @property
    def left(self) -> int:
        return self.entitlement - self.used


def development_days(
    authority: Authority, year: AcademicYear, entitlement_days: int, on: dt.date, *, user: User | None = None
) -> list[DaysUsed]:
    """Each SIP of the authority on a day (or one person), with the development days that they used in a year. Three queries.

    ``missed`` counts the briefings that they were invited to and were not at.
    """
    mine = Q(user=user) if user is not None else Q()
    sips = Sip.objects.filter(on_day(on), mine, authority=authority, user__is_active=True).select_related("user").order_by("user__name")
    rows = {sip.user_id: DaysUsed(sip, entitlement_days * 4) for sip in sips}
    invited = Attendance.objects.filter(
        user__in=rows, briefing__authority=authority, briefing__academic_year=year, briefing__state=BriefingState.HELD
    )
    for attendance in invited.select_related("briefing").order_by("briefing__on"):
        row = rows[attendance.user_id]
        if attendance.came:
            row.briefings += attendance.briefing.quarters
            row.of.append(attendance.briefing)
        else:
            row.missed += 1
    booked = Booking.objects.filter(
        user__in=rows, came=True, workshop__authority=authority, workshop__academic_year=year, workshop__state=WorkshopState.HELD
    )
    for booking in booked.select_related("workshop").order_by("workshop__on"):
        row = rows[booking.user_id]
        row.workshops += booking.workshop.quarters
        row.of.append(booking.workshop)
    for row in rows.values():
        row.of.sort(key=lambda event: event.on)
    return list(rows.values())
