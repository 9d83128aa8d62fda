"""What visits and notes contribute to a school's pages: facts and buttons of the header, a tab, the time line."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse

from core.access import can
from core.components.formats import day, short_day
from people.roles import Permission as P
from schools.models import School
from schools.registries import Act, Event, Fact, HeaderPart

from .choices import WRITABLE, ActionState, RecordKind, VisitState
from .models import AgreedAction, NoteOfVisit, NoteRecord, Visit, VisitSchool
from .selectors import VisitRow, visits_for

SHOWN = 40
"""Visits on the school's tab; the rest is one link away."""

# ---------------------------------------------------------------- the header


def next_visit_facts(user: Any, schools: Sequence[School], on: dt.date) -> dict[int, list[HeaderPart]]:
    """The next visit of each school, booked or waiting for a day."""
    if not user.hats.may_somewhere(P.VISIT_LIST):
        return {}
    rows = (
        VisitSchool.objects.filter(school__in=[school.pk for school in schools], visit__in=Visit.objects.visible_to(user).values("pk"))
        .filter(Q(visit__state=VisitState.BOOKED, visit__on__gte=on) | Q(visit__state=VisitState.PROPOSED))
        .select_related("visit")
        .order_by("visit__on")
    )
    found: dict[int, Visit] = {}
    for row in rows:
        standing = found.get(row.school_id)
        if standing is None or (standing.on is None and row.visit.on is not None):
            found[row.school_id] = row.visit
    return {
        pk: [Fact("Next visit", day(visit.on) if visit.on else "No day yet", visit.visit_type_label, visit.get_absolute_url())]
        for pk, visit in found.items()
    }


def last_note_facts(user: Any, schools: Sequence[School], on: dt.date) -> dict[int, list[HeaderPart]]:
    """The latest final note of each school that the asker may read."""
    rows = (
        NoteRecord.objects.visible_to(user)
        .filter(school__in=[school.pk for school in schools], kind=RecordKind.FINAL)
        .select_related("note__visit")
        .defer("payload")
        .order_by("at", "pk")
    )
    latest = {record.school_id: record for record in rows}
    return {
        pk: [
            Fact(
                "Last note",
                day(record.note.visit.on),
                f"{record.note.visit.visit_type_label}, version {record.version}",
                record.note.get_absolute_url(),
            )
        ]
        for pk, record in latest.items()
    }


def acts(user: Any, schools: Sequence[School], on: dt.date) -> dict[int, list[HeaderPart]]:
    """For the adviser: go on with the note that is begun, log a visit, book one. For the manager: book one."""
    found: dict[int, list[HeaderPart]] = defaultdict(list)
    advised = [school.pk for school in schools if user.hats.is_adviser_of(school.pk)]
    if advised:
        drafts = VisitSchool.objects.filter(
            school__in=advised, visit__note__in=NoteOfVisit.objects.visible_to(user).filter(author=user, state__in=WRITABLE).values("pk")
        ).select_related("visit__note")
        for row in drafts.order_by("visit__on"):
            found[row.school_id] = [
                Act("Continue the note", reverse("visits:note-write", args=[row.visit.note.public_id]), is_primary=True)
            ]
    for school in schools:
        if not can(user, P.VISIT_BOOK, school) or not school.is_open:
            continue
        book = f"{reverse('visits:visit-book')}?school={school.public_id}"
        if school.pk in advised:
            found[school.pk].append(Act("Log a visit", f"{reverse('visits:visit-log')}?school={school.public_id}"))
        found[school.pk].append(Act("Book a visit", book))
    return dict(found)


# ---------------------------------------------------------------- the tab


def is_shown(user: Any, school: School) -> bool:
    return user.hats.may(P.VISIT_LIST, school) or bool(user.hats.mentees)


def visits_tab(user: Any, school: School, on: dt.date) -> Mapping[str, Any]:
    """The school's visits and notes, and its open actions: five queries."""
    here = VisitSchool.objects.filter(school=school).values("visit_id")
    visits = list(visits_for(user).filter(pk__in=here).order_by("-on", "-pk")[: SHOWN + 1])
    actions = list(
        AgreedAction.objects.visible_to(user)
        .filter(school=school, state=ActionState.OPEN)
        .prefetch_related("progress")
        .order_by("due_on", "pk")
    )
    overdue = sum(1 for action in actions if action.due_on is not None and action.due_on < on)
    waiting = [visit for visit in visits if visit.state == VisitState.PROPOSED]
    rest = [visit for visit in visits[:SHOWN] if visit.state != VisitState.PROPOSED]
    return {
        "rows": [VisitRow(visit, on) for visit in (*waiting, *rest)],
        "has_more": len(visits) > SHOWN,
        "visits_url": f"{reverse('visits:visit-list')}?school={school.public_id}",
        "actions": actions,
        "actions_words": f"{len(actions)} open" + (f", {overdue} overdue" if overdue else ""),
        "actions_url": f"{reverse('visits:action-list')}?school={school.public_id}",
        "reads_actions": bool(actions) or user.hats.may(P.RECORD_READ, school),
    }


# ---------------------------------------------------------------- the time line

VISIT_EVENTS: dict[str, str] = {
    VisitState.BOOKED: "booked",
    VisitState.HELD: "held",
    VisitState.ABORTED: "could not be held",
    VisitState.CANCELLED: "cancelled",
}


def visit_events(user: Any, school_ids: Sequence[int], first: dt.date, last: dt.date) -> dict[int, list[Event]]:
    """Visits by whoever made them (S3), so that nobody calls twice."""
    rows = (
        VisitSchool.objects.filter(
            school_id__in=list(school_ids), visit__in=Visit.objects.visible_to(user).values("pk"), visit__on__range=(first, last)
        )
        .select_related("visit__lead")
        .order_by("visit__on", "pk")
    )
    found: dict[int, list[Event]] = defaultdict(list)
    for row in rows:
        visit = row.visit
        words = VISIT_EVENTS.get(visit.state)
        if words is not None and visit.on is not None:
            found[row.school_id].append(Event(visit.on, f"{visit.visit_type_label} {words}", visit.lead.name, visit.get_absolute_url()))
    return dict(found)


def note_events(user: Any, school_ids: Sequence[int], first: dt.date, last: dt.date) -> dict[int, list[Event]]:
    """Both dispatches of a note, as far as the asker reads them: the draft for accuracy, and final."""
    rows = (
        NoteRecord.objects.visible_to(user)
        .filter(school_id__in=list(school_ids), at__date__range=(first, last))
        .select_related("note__visit")
        .defer("payload")
        .order_by("at", "pk")
    )
    found: dict[int, list[Event]] = defaultdict(list)
    for record in rows:
        title = (
            f"Note final, version {record.version}" if record.kind == RecordKind.FINAL else f"Draft note released, version {record.version}"
        )
        detail = f"{record.note.visit.visit_type_label}, {short_day(record.note.visit.on, last)}"
        found[record.school_id].append(Event(record.at.date(), title, detail, record.get_absolute_url()))
    return dict(found)


def action_events(user: Any, school_ids: Sequence[int], first: dt.date, last: dt.date) -> dict[int, list[Event]]:
    """Agreed actions on the day they fall due, or on which they were closed."""
    rows = (
        AgreedAction.objects.visible_to(user)
        .filter(school_id__in=list(school_ids))
        .filter(Q(state=ActionState.OPEN, due_on__range=(first, last)) | Q(closed_on__range=(first, last)))
        .order_by("due_on", "pk")
    )
    found: dict[int, list[Event]] = defaultdict(list)
    for action in rows:
        address = reverse("visits:action-detail", args=[action.public_id])
        if action.closed_on is not None:
            found[action.school_id].append(
                Event(action.closed_on, f"Action {action.get_state_display().lower()}", action.text[:120], address)
            )
        elif action.due_on is not None:
            found[action.school_id].append(Event(action.due_on, "Action due", action.text[:120], address))
    return dict(found)
