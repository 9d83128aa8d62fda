"""Interventions on the pages of a school, and those that are due to be evaluated (P30)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Q
from django.urls import reverse

from core.access import can
from core.components.formats import day, plural
from core.due import DueItem
from people.roles import Hat
from people.roles import Permission as P
from schools.models import School

from .choices import SupportState
from .models import Concern, Enrolment, Intervention

CORE = Count("milestones", filter=Q(milestones__group="core"))
CORE_IN_PLACE = Count("milestones", filter=Q(milestones__group="core", milestones__in_place_on__isnull=False))


def is_shown(user: Any, school: School) -> bool:
    return bool(user.hats.may(P.INTERVENTION_VIEW, school))


@dataclass(frozen=True)
class Line:
    """An intervention as the list shows it: ``tag`` is its standing in words, with a tone."""

    row: Intervention
    tag: tuple[str, str]
    sub: str = ""


def line(row: Intervention, on: dt.date) -> Line:
    if row.evaluated_on is not None:
        again = "" if row.would_buy_again is None else ", would buy again" if row.would_buy_again else ", would not buy again"
        return Line(row, ("Evaluated", "done"), f"{row.get_value_for_money_display()} value{again}")
    if row.is_due(on):
        return Line(row, ("Not evaluated", "late"), f"known since {day(row.known_on or row.ends_on)}")
    if row.state == SupportState.AGREED:
        return Line(row, row.tag, f"begins {day(row.starts_on)}" if row.starts_on else "")
    if row.state == SupportState.DELIVERED:
        return Line(row, ("Not evaluated", "due"))
    if row.known_on is not None:
        return Line(row, ("Too early to say", "wait"), f"known by {day(row.known_on)}")
    if row.starts_on is not None and row.starts_on > on:
        return Line(row, ("To come", "wait"))
    return Line(row, ("Under way", "work"), "" if row.ends_on else "no end, and no day by which it will be known")


def support_tab(user: Any, school: School, on: dt.date) -> Mapping[str, Any]:
    """All that the school has or had, what is due first, then the latest; its cases of concern and its programmes, for whom they are. Three queries."""
    found = list(Intervention.objects.filter(school=school).order_by("-starts_on", "name"))
    rows, wanted = (
        [row for row in found if not row.is_wanted],
        [row for row in found if row.is_wanted and row.state != SupportState.WITHDRAWN],
    )
    lines = [line(row, on) for row in sorted(rows, key=lambda row: not row.is_due(on))]
    spent = sum(row.cost_pence or 0 for row in rows)
    concerns = list(Concern.objects.visible_to(user).filter(school=school).annotate(core=CORE, core_in_place=CORE_IN_PLACE))
    return {
        "concerns": concerns,
        "lines": lines,
        "wanted": wanted,
        "enrolments": list(Enrolment.objects.visible_to(user).filter(school=school).select_related("programme")),
        "ask_url": reverse("support:support-ask", args=[school.authority.code, school.urn]),
        "may_ask": can(user, P.SUPPORT_ASK, school, on=on),
        "due": sum(1 for row in rows if row.is_due(on)),
        "spent": spent,
        "may_record": can(user, P.INTERVENTION_RECORD, school, on=on),
        "add_url": reverse("support:intervention-add", args=[school.authority.code, school.urn]),
    }


def evaluations_due(user: Any, on: dt.date) -> list[DueItem]:
    """To the advisers of a school: how many of its interventions are to be evaluated, with the school's page. One query."""
    assigned = [a.school_id for a in user.hats.assignments if a.current and a.school_id not in user.hats.walled]
    if not assigned:
        return []
    rows = (
        Intervention.objects.filter(school__in=assigned)
        .unevaluated(on)
        .order_by()
        .values("school__name", "school__urn", "school__authority__code")
        .annotate(n=Count("pk"), since=Min("until"))
        .order_by("since", "school__name")
    )
    return [
        DueItem(
            None,
            f"Evaluate {plural(row['n'], 'intervention')}: {row['school__name']}",
            reverse("schools:school-tab", args=[row["school__authority__code"], row["school__urn"], "support"]),
            "What it did for pupils, and whether it was worth its cost.",
            Hat.SIP,
            f"known since {day(row['since'])}",
            "due",
        )
        for row in rows
    ]
