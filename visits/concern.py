"""What visits tell the register of concern below: who last looked at a school, and alerts that nobody has acknowledged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Max
from django.utils import timezone

from support.registries import Look, Raised

from .choices import AlertState, VisitState
from .models import Alert, VisitSchool


def visit_looks(school_ids: Sequence[int], on: dt.date) -> Mapping[int, Look]:
    """The last visit held at each school. One query."""
    rows = (
        VisitSchool.objects.filter(school__in=school_ids, visit__state=VisitState.HELD, visit__on__lte=on)
        .order_by()
        .values_list("school_id")
        .annotate(last=Max("visit__on"))
    )
    return {pk: Look(last, "SIP’s visit") for pk, last in rows}


def alerts_raised(user: Any, school_ids: Sequence[int] | None, on: dt.date) -> list[Raised]:
    """Alerts that the person reads and that nobody has acknowledged. One query."""
    rows = Alert.objects.visible_to(user).filter(state=AlertState.SENT)
    if school_ids is not None:
        rows = rows.filter(school__in=school_ids)
    return [
        Raised(
            alert.school_id,
            f"{alert.school.name}: raised by {alert.raised_by_name}",
            alert.get_absolute_url(),
            timezone.localtime(alert.raised_at).date(),
        )
        for alert in rows.select_related("school").order_by("raised_at")
    ]
