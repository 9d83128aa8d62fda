"""What the register puts on a person's home: early warnings to answer, reviews that are due, exits to decide, monitored time over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse

from core.components.formats import day
from core.due import DueItem
from people.roles import Hat
from people.roles import Permission as P

from .choices import ConcernState, WarningState
from .models import Concern, EarlyWarning
from .scope import assessed_by

SOON = dt.timedelta(days=28)


def _hat(user: Any) -> str:
    """A manager's or an officer's, whichever they wear first."""
    return next((role.hat.value for role in user.hats.roles_granting(P.CONCERN_MANAGE)), Hat.OFFICER.value)


def warnings_due(user: Any, on: dt.date) -> Sequence[DueItem]:
    """To officers, of their clusters: warnings that nobody has answered, and those to look at again. One query."""
    if not any(role.hat == Hat.OFFICER for role in user.hats.roles_granting(P.CONCERN_MANAGE)):
        return []
    rows = (
        EarlyWarning.objects.visible_to(user)
        .filter(Q(state=WarningState.WAITING) | Q(state=WarningState.WATCHED, look_again_on__lte=on), fires=True)
        .select_related("school")
    )
    url = reverse("support:warning-list")
    return [
        DueItem(
            row.look_again_on or row.raised_at.date(),
            f"{'Look again at an' if row.look_again_on else 'Answer an'} early warning: {row.school.name}",
            url,
            row.label,
            Hat.OFFICER.value,
            "now",
            "due",
        )
        for row in rows
    ]


def concerns_due(user: Any, on: dt.date) -> Sequence[DueItem]:
    """To the contact of a case: its review. To whoever decides: an exit that another asked for; a monitored time that is over."""
    if not user.hats.authorities_granting(P.CONCERN_MANAGE):
        return []
    rows = (
        Concern.objects.filter(school__in=assessed_by(user, P.CONCERN_MANAGE).values("pk"))
        .filter(
            Q(state=ConcernState.OPEN, contact=user)
            | (Q(state=ConcernState.ASKED) & ~Q(exit_asked_by=user))
            | Q(state=ConcernState.MONITORED, monitored_until__lt=on)
        )
        .select_related("school")
    )
    found = []
    for row in rows:
        url, name = row.get_absolute_url(), row.school.name
        if row.state == ConcernState.ASKED:
            found.append(DueItem(row.exit_asked_on, f"Decide on the exit from concern: {name}", url, row.label, _hat(user), "now", "due"))
        elif row.state == ConcernState.MONITORED:
            found.append(DueItem(row.monitored_until, f"The monitored terms are over: {name}", url, row.label, _hat(user)))
        else:
            due = row.review_due_on
            if due is not None and due <= on + SOON:
                late = f"since {day(due)}" if due < on else ""
                found.append(DueItem(due, f"Review the case: {name}", url, row.label, _hat(user), late, "late" if late else ""))
    return found
