"""What support puts on a person's home: criteria to try, a panel to answer, decisions to tell and publish, reviews."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from core.due import DueItem
from people.roles import Hat
from people.roles import Permission as P

from .choices import CaseState, DraftState
from .models import CategoryCase, DraftScheme


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


def cases_due(user: Any, on: dt.date) -> Sequence[DueItem]:
    """For head and chair: answer before the panel. For the manager: schools to tell, categories to publish, reviews to answer,
    decisions asked for between panels (these for officers too). One query."""
    own = [contact.school_id for contact in user.hats.contacts if contact.hat in (Hat.HEAD, Hat.CHAIR)]
    managing = user.hats.authorities_granting(P.CATEGORY_MANAGE)
    deciding = user.hats.authorities_granting(P.CATEGORY_DECIDE)
    if not own and not deciding:
        return []
    answer = Q(school_id__in=own, state__in=(CaseState.SUGGESTED, CaseState.PROPOSED), panel__on__gte=on, answered_at__isnull=True)
    agree = Q(authority_id__in=deciding, asked_by__isnull=False, decided_at__isnull=True) & ~Q(asked_by=user)
    manage = Q(authority_id__in=managing) & (
        Q(state__in=(CaseState.DECIDED, CaseState.NOTIFIED)) | Q(review_at__isnull=False, review_answered_at__isnull=True)
    )
    cases = CategoryCase.objects.visible_to(user).filter(answer | agree | manage).select_related("school", "panel", "authority")
    found = []
    for case in cases:
        if case.school_id in own and case.panel is not None and case.decided_at is None:
            what, day, hat = "Answer before the panel on your level of support", case.panel.on, Hat.HEAD
        elif case.decided_at is None:
            what, day, hat = "Agree to a decision between panels, or leave it to the panel", on, Hat.OFFICER
        elif case.review_at and not case.review_answered_at:
            what, day, hat = "Answer the school's review", case.review_at.date(), Hat.SIP_MANAGER
        elif case.state == CaseState.DECIDED:
            what, day, hat = "Tell the school what was decided", case.decided_at.date(), Hat.SIP_MANAGER
        else:
            what, day, hat = "Publish the category", case.publishes_on or on, Hat.SIP_MANAGER
        found.append(DueItem(day, f"{what}: {case.school.name}", case.get_absolute_url(), hat=hat.value))
    return found
