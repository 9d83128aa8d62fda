"""What briefings, workshops and bulletins are due to a person, for their home. Each answers in one query."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef, Q

from core.components.formats import clock, weekday
from core.due import DueItem
from people.roles import Hat
from people.roles import Permission as P

from .choices import BriefingState, BulletinState, ItemKind
from .models import AgendaItem, Attendance, Briefing, BulletinDone, BulletinItem, Evaluator
from .models.audience import for_sip

AHEAD = dt.timedelta(days=60)


def _hat(user: Any) -> str:
    """The heading under which it stands: a SIP's own, where the person is one."""
    return str(Hat.SIP) if user.hats.sips else str(user.hats.roles[0].hat) if user.hats.roles else ""


def briefings_due(user: Any, on: dt.date) -> list[DueItem]:
    """To whoever is invited: to reply. To the manager: to record who came, then what came of it."""
    if not user.hats.may_somewhere(P.BRIEFING_TAKE_PART):
        return []
    silent = Attendance.objects.filter(briefing=OuterRef("pk"), user_id=user.pk, reply="")
    told = AgendaItem.objects.filter(briefing=OuterRef("pk")).exclude(outcome="")
    managed = Q(authority_id__in=user.hats.authorities_granting(P.BRIEFING_MANAGE))
    rows = (
        Briefing.objects.visible_to(user)
        .annotate(waits=Exists(silent), has_outcomes=Exists(told))
        .filter(
            Q(state=BriefingState.CALLED, waits=True, on__range=(on, on + AHEAD))
            | managed & Q(state=BriefingState.CALLED, on__lt=on)
            | managed & Q(state=BriefingState.HELD, has_outcomes=False, on__gte=on - AHEAD)
        )
        .order_by("on", "pk")
    )
    found = []
    for row in rows:
        url = row.get_absolute_url()
        if row.state == BriefingState.HELD:
            found.append(DueItem(row.on, f"Record what came of the {row.title}", url, "The next agenda draws on it.", str(Hat.SIP_MANAGER)))
        elif row.on < on:
            why = "It is charged to their development days."
            found.append(DueItem(row.on, f"Record who came to the {row.title}", url, why, str(Hat.SIP_MANAGER), "Late", "late"))
        else:
            why = f"{weekday(row.on)}, {clock(row.starts_at)}{f', {row.venue}' if row.venue else ''}. See the agenda, and ask beforehand."
            found.append(DueItem(row.on, f"Say whether you come: {row.title}", url, why, _hat(user)))
    return found


def bulletins_due(user: Any, on: dt.date) -> list[DueItem]:
    """To a SIP: what bulletins ask of them, until they have said that it is done."""
    if not user.hats.sips:
        return []
    done = BulletinDone.objects.filter(item=OuterRef("pk"), user_id=user.pk)
    rows = (
        BulletinItem.objects.filter(for_sip(user, "bulletin__"), ~Exists(done))
        .filter(kind=ItemKind.ACTION, bulletin__state=BulletinState.PUBLISHED, complete_by__gte=on - AHEAD)
        .select_related("bulletin")
        .order_by("complete_by", "pk")
    )
    found = []
    for row in rows:
        assert row.complete_by is not None  # the constraint
        is_late = row.complete_by < on
        left, tone = ("Late", "late") if is_late else ("Due today", "due") if row.complete_by == on else ("", "")
        url = f"{row.bulletin.get_absolute_url()}#item-{row.public_id}"
        found.append(DueItem(row.complete_by, row.title, url, f"Bulletin {row.bulletin.reference}, for action.", str(Hat.SIP), left, tone))
    return found


def evaluations_due(user: Any, on: dt.date) -> list[DueItem]:
    """To whoever came: the form, until they have answered it or it is closed."""
    if not user.hats.sips and not user.hats.roles:
        return []
    rows = Evaluator.objects.filter(user_id=user.pk, has_answered=False, evaluation__closes_on__gte=on)
    return [
        DueItem(
            row.evaluation.closes_on,
            f"Evaluate: {row.evaluation.of.title}",
            row.evaluation.get_absolute_url(),
            "Anonymous: nobody can tell who gave which answer.",
            _hat(user),
        )
        for row in rows.select_related("evaluation__briefing", "evaluation__workshop").order_by("evaluation__closes_on", "pk")
    ]
