"""What support puts on a person's home: a draft of the criteria to try on one's own schools."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from core.due import DueItem
from people.roles import Hat

from .choices import DraftState
from .models import DraftScheme


def consultations_due(user: Any, on: dt.date) -> Sequence[DueItem]:
    """Drafts that are with the SIPs, with how many of one's own schools are still to place (S7)."""
    serving = [a for a in user.hats.assignments if a.current and a.school_id not in user.hats.walled]
    if not serving:
        return []
    mine = [assignment.school_id for assignment in serving]
    drafts = DraftScheme.objects.filter(
        state=DraftState.CONSULTING, authority_id__in={assignment.authority_id for assignment in serving}, closes_on__gte=on
    ).annotate(placed=Count("placements", filter=Q(placements__school_id__in=mine)))
    found = []
    for draft in drafts:
        left = len({a.school_id for a in serving if a.authority_id == draft.authority_id}) - draft.placed
        if left > 0:
            found.append(
                DueItem(
                    draft.closes_on,
                    f"Try the new criteria on your schools: {left} to place",
                    reverse("support:consultation", args=[draft.public_id]),
                    why=draft.label,
                    hat=Hat.SIP.value,
                )
            )
    return found
