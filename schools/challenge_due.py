"""What the challenges of finance put on a person's home (S10, S11): the next step to the finance officer; to the school, that it is
asked to account for something."""

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
from schools.choices import ChallengeState as C
from schools.models import FinanceChallenge

SOON = dt.timedelta(days=28)
"""A review stands on the home from four weeks before its day."""
NEXT = {
    C.OPENED: ("Send the finance letter", "opened_on"),
    C.LETTER_SENT: ("Record the finance panel", "letter_on"),
    C.MET: ("Record the decision on its finance", "panel_on"),
    C.DECIDED: ("Review the finance challenge", "review_on"),
}


def challenges_due(user: Any, on: dt.date) -> Sequence[DueItem]:
    """One query."""
    own = [contact.school_id for contact in user.hats.contacts if contact.hat in (Hat.HEAD, Hat.CHAIR)]
    keeping = user.hats.authorities_granting(P.FINANCE_CHALLENGE)
    if not own and not keeping:
        return []
    mine = Q(school_id__in=own, state=C.LETTER_SENT) | Q(authority_id__in=keeping, state__in=list(NEXT))
    found = []
    for row in FinanceChallenge.objects.visible_to(user).filter(mine).select_related("school"):
        url = reverse("schools:challenge-detail", args=[row.public_id])
        if row.school_id in own:
            why = "A panel of the authority hears your explanation; its date is agreed with you."
            found.append(DueItem(row.letter_on, f"Account for its finance: {row.school.name}", url, why, Hat.HEAD.value))
            continue
        words, field = NEXT[C(row.state)]
        since: dt.date = getattr(row, field)
        if row.state == C.DECIDED and since > on + SOON:
            continue
        is_late = row.state == C.DECIDED and since < on
        left = f"since {day(since)}" if is_late or row.state != C.DECIDED else ""
        tone = "late" if is_late else "due" if left else ""
        found.append(DueItem(since, f"{words}: {row.school.name}", url, row.label, Hat.FINANCE_OFFICER.value, left, tone))
    return found
