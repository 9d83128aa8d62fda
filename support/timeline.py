"""What support adds to a school's time line: levels, cases of concern, formal steps; interventions and programmes, so that nobody
calls twice (domain.md §4, S3)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import CharField, DateField, F, Q, Value
from django.db.models.functions import TruncDate
from django.urls import reverse

from people.hats import Hats
from people.roles import Permission as P
from schools.models import School
from schools.registries import Event

from .choices import SupportState
from .models import Concern, Enrolment, FormalPower, Intervention, SchoolCategory, WarningNotice
from .school_page import ISSUE_READERS, READERS

NOTHING, NO_DAY = Value("", CharField()), Value(None, DateField())
BEFORE_AGREED = (SupportState.REQUESTED, SupportState.MATCHED)


class Told(NamedTuple):
    """A row of any of the six parts. ``state`` and the three days at the end are of support alone."""

    part: str
    school_id: int
    authority_id: int
    cluster_id: int | None
    title: str
    said: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    url_id: str = ""
    state: str = ""
    asked_on: dt.date | None = None
    decided_on: dt.date | None = None
    evaluated_on: dt.date | None = None


def events(user: Any, school_ids: Sequence[int], first: dt.date, last: dt.date) -> Mapping[int, Sequence[Event]]:
    """What the user may read of, between two days. One query of six parts."""
    found: dict[int, list[Event]] = defaultdict(list)
    for row in map(Told._make, _rows(user, list(school_ids), first, last)):
        found[row.school_id] += [event for event in _events(row, user.hats) if first <= event.on <= last]
    return found


def _rows(user: Any, ids: Sequence[int], first: dt.date, last: dt.date) -> Any:
    """Support first: its days have their types, which the database asks of a union."""
    near = (first, last)

    def part(name: str, rows: Any, title: Any, said: Any, more: Sequence[Any] = (NOTHING, NOTHING, NO_DAY, NO_DAY, NO_DAY)) -> Any:
        where = ("school_id", "school__authority_id", "school__cluster_id")
        return (
            rows.filter(school__in=ids).order_by().values_list(Value(name, CharField()), *where, title, said, "starts_on", "ends_on", *more)
        )

    begun = Q(starts_on__range=near) | Q(ends_on__range=near)
    asked_on = TruncDate("created_at")
    support = Intervention.objects.exclude(state__in=[SupportState.WITHDRAWN, SupportState.DECLINED]).filter(
        begun | Q(created_at__date__range=near) | Q(decided_on__range=near) | Q(evaluated_on__range=near)
    )
    programmes = Enrolment.objects.visible_to(user).filter(begun)
    return part("support", support, F("name"), F("provider"), ("public_id", "state", asked_on, "decided_on", "evaluated_on")).union(
        part("category", SchoolCategory.objects.filter(starts_on__range=near), F("label"), F("decided_by")),
        part("concern", Concern.objects.filter(begun), F("label"), F("issue"), ("public_id", NOTHING, NO_DAY, NO_DAY, NO_DAY)),
        part("notice", WarningNotice.objects.filter(begun), NOTHING, NOTHING),
        part("power", FormalPower.objects.filter(begun), F("label"), F("law")),
        part("programme", programmes, F("programme__label"), F("risk_label"), ("public_id", NOTHING, NO_DAY, NO_DAY, NO_DAY)),
        all=True,
    )


def _events(row: Told, hats: Hats) -> Iterator[Event]:
    """domain.md §6: head and chair do not read the case as the authority words it."""
    school = School(pk=row.school_id, authority_id=row.authority_id, cluster_id=row.cluster_id)
    worn = hats.at(school)
    if row.part == "support":
        if hats.may(P.INTERVENTION_VIEW, school):
            yield from _support(row)
    elif row.part == "programme":
        yield from _span(row, f"Programme: {row.title}", f"Programme ends: {row.title}", row.said, "support:enrolment-detail")
    elif not worn & READERS:
        return
    elif row.part == "category":
        yield from _span(row, f"Category: {row.title}", "", f"decided by {row.said}")
    elif row.part == "concern":
        said = row.said if worn & ISSUE_READERS else ""
        yield from _span(row, f"Concern opened: {row.title}", f"Concern closed: {row.title}", said, "support:concern-detail")
    elif row.part == "notice":
        yield from _span(row, "Warning notice given", "Warning notice lifted")
    else:
        yield from _span(row, f"Formal power in force: {row.title}", f"Formal power ended: {row.title}", row.said)


def _span(row: Told, begins: str, ends: str, said: str = "", page: str = "") -> Iterator[Event]:
    url = reverse(page, args=[row.url_id]) if page else ""
    if row.starts_on is not None:
        yield Event(row.starts_on, begins, said, url)
    if ends and row.ends_on is not None:
        yield Event(row.ends_on, ends, "", url)


def _support(row: Told) -> Iterator[Event]:
    """Asked for and agreed, where it went that way; then from its first day to its evaluation."""
    page = "support:intervention-detail"
    url = reverse(page, args=[row.url_id])
    if row.state != SupportState.RECORDED and row.asked_on is not None:
        yield Event(row.asked_on, "Support asked for", row.title, url)
    if row.state in BEFORE_AGREED:
        return
    if row.state != SupportState.RECORDED and row.decided_on is not None:
        yield Event(row.decided_on, "Support agreed", row.title, url)
    yield from _span(row, f"Support begins: {row.title}", f"Support ends: {row.title}", row.said, page)
    if row.evaluated_on is not None:
        yield Event(row.evaluated_on, "Support evaluated", row.title, url)
