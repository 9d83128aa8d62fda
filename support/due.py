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
from .models import CategoryCase, DraftScheme, Panel

OPEN = (CaseState.SUGGESTED, CaseState.PROPOSED)


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


LATELY = dt.timedelta(days=14)


def cases_due(user: Any, on: dt.date) -> Sequence[DueItem]:
    """For head and chair: answer before the panel; then the letter, and the answer to a review, while they are new. For the manager:
    schools to tell, levels that their day did not publish, reviews to answer, decisions asked for between panels (these for officers too). One query."""
    own = [contact.school_id for contact in user.hats.contacts if contact.hat in (Hat.HEAD, Hat.CHAIR)]
    managing = user.hats.authorities_granting(P.CATEGORY_MANAGE)
    deciding = user.hats.authorities_granting(P.CATEGORY_DECIDE)
    if not own and not deciding:
        return []
    since = on - LATELY
    answer = Q(school_id__in=own, state__in=OPEN, panel__on__gte=on, answered_at__isnull=True)
    read = Q(school_id__in=own, notified_at__date__gte=since) | Q(school_id__in=own, review_answered_at__date__gte=since)
    agree = Q(authority_id__in=deciding, asked_by__isnull=False, decided_at__isnull=True) & ~Q(asked_by=user)
    manage = Q(authority_id__in=managing) & (
        Q(state=CaseState.DECIDED)
        | Q(state=CaseState.NOTIFIED, publishes_on__lt=on)
        | Q(review_at__isnull=False, review_answered_at__isnull=True)
    )
    cases = CategoryCase.objects.visible_to(user).filter(answer | read | agree | manage).select_related("school", "panel", "authority")
    found = []
    for case in cases:
        why = ""
        if case.school_id in own:
            hat = Hat.HEAD
            if case.decided_at is None and case.panel is not None:
                what, day, why = (
                    "Answer before the panel on your level of support",
                    case.panel.on,
                    "It reads what you send before it meets.",
                )
            elif case.review_answered_at:
                what, day = "Read the answer to your review", case.review_answered_at.date()
            else:
                assert case.notified_at is not None
                what, day, why = "Read the letter on your level of support", case.notified_at.date(), "You may ask once for a review."
        elif case.decided_at is None:
            what, day, hat = "Agree to a decision between panels, or leave it to the panel", on, _deciding_hat(user, case.authority_id)
        elif case.review_at and not case.review_answered_at:
            what, day, hat = "Answer the school's review", case.review_at.date(), Hat.SIP_MANAGER
        elif case.state == CaseState.DECIDED:
            what, day, hat = "Tell the school what was decided", case.decided_at.date(), Hat.SIP_MANAGER
        else:
            what, day, hat = "Publish the level, which its day did not", case.publishes_on or on, Hat.SIP_MANAGER
        found.append(DueItem(day, f"{what}: {case.school.name}", case.get_absolute_url(), why, hat=hat.value))
    return found


def _deciding_hat(user: Any, authority_id: int) -> Hat:
    """As what this person decides on levels there: a manager or an officer, whichever they wear first."""
    return next(role.hat for role in user.hats.roles_granting(P.CATEGORY_DECIDE) if role.authority_id == authority_id)


def panels_due(user: Any, on: dt.date) -> Sequence[DueItem]:
    """For the members of a panel: that it meets. For the manager: who came, once it has met. One query."""
    if not user.hats.roles_granting(P.CATEGORY_DECIDE):
        return []
    managing = user.hats.authorities_granting(P.CATEGORY_MANAGE)
    panels = Panel.objects.visible_to(user).filter(held_at__isnull=True)
    panels = panels.filter(Q(members__user=user, on__gte=on) | Q(authority_id__in=managing, on__lt=on))
    found = []
    for panel in panels.distinct():
        url, hat = panel.get_absolute_url(), _deciding_hat(user, panel.authority_id).value
        if panel.on < on:
            found.append(DueItem(panel.on, f"Record who came to the {str(panel).lower()}", url, "Then its decisions.", hat, "late", "late"))
        else:
            found.append(DueItem(panel.on, "Panel on levels of support: read its agenda", url, panel.place, hat))
    return found
