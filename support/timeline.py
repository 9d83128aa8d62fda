"""What support adds to a school's time line: levels, cases of concern, formal steps; interventions and programmes, so that nobody
calls twice (domain.md §4, S3)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import CharField, DateField, F, Q, Value
from django.db.models.functions import TruncDate
from django.urls import reverse

from people.roles import Permission as P
from schools.models import School
from schools.registries import Event

from .choices import SupportState
from .models import Concern, Enrolment, FormalPower, Intervention, SchoolCategory, WarningNotice
from .school_page import ISSUE_READERS, READERS

OF_SCHOOL = ("school_id", "school__authority_id", "school__cluster_id")
NO_DAY = Value(None, DateField())


def _touches(first: dt.date, last: dt.date, *fields: str) -> Q:
    found = Q()
    for name in fields:
        found |= Q(**{f"{name}__range": (first, last)})
    return found


def levels_and_steps(user: Any, school_ids: Sequence[int], first: dt.date, last: dt.date) -> Mapping[int, Sequence[Event]]:
    """Levels decided, concerns opened and closed, formal steps begun and ended, between two days. One query of four parts."""
    ids, days = list(school_ids), _touches(first, last, "starts_on", "ends_on")
    columns = ("part", *OF_SCHOOL, "title", "starts_on", "ends_on", "said")

    def part(name: str, rows: Any, title: Any, said: Any) -> Any:
        return rows.filter(days, school__in=ids).order_by().annotate(part=Value(name, CharField()), title=title, said=said)

    nothing = Value("", CharField())
    rows = (
        part("category", SchoolCategory.objects, F("label"), F("decided_by"))
        .values_list(*columns)
        .union(
            part("concern", Concern.objects, F("label"), F("issue")).values_list(*columns),
            part("notice", WarningNotice.objects, nothing, nothing).values_list(*columns),
            part("power", FormalPower.objects, F("label"), F("law")).values_list(*columns),
            all=True,
        )
    )
    found: dict[int, list[Event]] = defaultdict(list)
    for kind, pk, authority_id, cluster_id, title, starts_on, ends_on, said in rows.order_by("part", "starts_on"):
        worn = user.hats.at(School(pk=pk, authority_id=authority_id, cluster_id=cluster_id))
        if not worn & READERS:
            continue
        begins = first <= starts_on <= last
        ends = ends_on is not None and first <= ends_on <= last
        if kind == "category":
            if begins:
                found[pk].append(Event(starts_on, f"Category: {title}", f"decided by {said}"))
            continue
        if kind == "concern":
            told = said if worn & ISSUE_READERS else ""
            opened, closed = Event(starts_on, f"Concern opened: {title}", told), f"Concern closed: {title}"
        elif kind == "notice":
            opened, closed = (
                Event(starts_on, "Warning notice given", "Education and Inspections Act 2006, section 60"),
                "Warning notice lifted",
            )
        else:
            opened, closed = Event(starts_on, f"Formal power in force: {title}", said), f"Formal power ended: {title}"
        if begins:
            found[pk].append(opened)
        if ends:
            found[pk].append(Event(ends_on, closed))
    return found


def package(user: Any, school_ids: Sequence[int], first: dt.date, last: dt.date) -> Mapping[int, Sequence[Event]]:
    """Support asked for, agreed, begun, ended and evaluated; programmes that a school joined and left. What was withdrawn or
    declined is not told. One query of two parts."""
    columns = ("part", *OF_SCHOOL, "title", "said", "public_id", "state", "asked_on", "decided_on", "starts_on", "ends_on", "evaluated_on")
    support = (
        Intervention.objects.filter(school__in=list(school_ids))
        .exclude(state__in=[SupportState.WITHDRAWN, SupportState.DECLINED])
        .annotate(part=Value("support", CharField()), title=F("name"), said=F("provider"), asked_on=TruncDate("created_at"))
        .filter(_touches(first, last, "asked_on", "decided_on", "starts_on", "ends_on", "evaluated_on"))
        .order_by()
    )
    programmes = (
        Enrolment.objects.visible_to(user)
        .filter(_touches(first, last, "starts_on", "ends_on"), school__in=list(school_ids))
        .annotate(part=Value("programme", CharField()), title=F("programme__label"), said=F("risk_label"), state=Value("", CharField()))
        .annotate(asked_on=NO_DAY, decided_on=NO_DAY, evaluated_on=NO_DAY)
        .order_by()
    )
    found: dict[int, list[Event]] = defaultdict(list)
    rows = support.values_list(*columns).union(programmes.values_list(*columns), all=True).order_by("part", "title", "starts_on")
    for kind, pk, authority_id, cluster_id, title, said, public_id, state, asked_on, decided_on, starts_on, ends_on, evaluated_on in rows:
        if kind == "programme":
            url = reverse("support:enrolment-detail", args=[public_id])
            days = [(starts_on, f"Programme: {title}", said), (ends_on, f"Programme ends: {title}", "")]
        else:
            if not user.hats.may(P.INTERVENTION_VIEW, School(pk=pk, authority_id=authority_id, cluster_id=cluster_id)):
                continue
            url = reverse("support:intervention-detail", args=[public_id])
            days = [(evaluated_on, f"Support evaluated: {title}", "")]
            if state != SupportState.RECORDED:
                days.append((asked_on, "Support asked for" if state == SupportState.REQUESTED else f"Support asked for: {title}", ""))
            if state not in (SupportState.REQUESTED, SupportState.MATCHED):
                days += [(starts_on, f"Support begins: {title}", said), (ends_on, f"Support ends: {title}", "")]
                if state != SupportState.RECORDED:
                    days.append((decided_on, f"Support agreed: {title}", ""))
        found[pk] += [Event(on, words, detail, url) for on, words, detail in days if on is not None and first <= on <= last]
    return found
