"""What quality assurance puts on a person's home."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from core.due import DueItem
from people.roles import Hat
from people.roles import Permission as P

from .choices import FeedbackState
from .models import FeedbackRequest


def feedback_due(user: Any, on: dt.date) -> Sequence[DueItem]:
    """For head and chair: their forms. For the manager: how many are still to come, in a line."""
    found = []
    if any(contact.hat in (Hat.HEAD, Hat.CHAIR) for contact in user.hats.contacts):
        for form in (
            FeedbackRequest.objects.asked_of(user)
            .filter(state=FeedbackState.ASKED, closes_on__gte=on)
            .select_related("sip__user", "school")
        ):
            title = f"Say what {form.sip.user.name}'s work is worth to {form.school.name}"
            found.append(DueItem(form.closes_on, title, form.answer_url, why="In confidence", hat=form.role))
    if user.hats.authorities_granting(P.FEEDBACK_ASK):
        open_ = FeedbackRequest.objects.visible_to(user).filter(
            closes_on__gte=on, authority_id__in=user.hats.authorities_granting(P.FEEDBACK_ASK)
        )
        for closes_on, waiting, asked in (
            open_.values("closes_on")
            .annotate(waiting=Count("pk", filter=Q(state=FeedbackState.ASKED)), asked=Count("pk"))
            .values_list("closes_on", "waiting", "asked")
        ):
            if waiting and closes_on <= on + dt.timedelta(days=14):
                url = reverse("quality:feedback-list")
                found.append(DueItem(closes_on, f"Feedback still to come: {waiting} of {asked} forms", url, hat=Hat.SIP_MANAGER.value))
    return found
