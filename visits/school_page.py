"""What visits and notes contribute to a school's pages: facts and buttons of the header, a tab, the time line."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import CharField, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse

from core.access import can
from core.components.formats import day
from people.roles import Permission as P
from schools.models import School
from schools.registries import Act, Event, Fact, HeaderPart

from .choices import COMMENTARY_TONES, WRITABLE, ActionState, AlertState, CallKind, RecordKind, VisitState
from .models import AgreedAction, Alert, Commentary, NoteOfVisit, NoteRecord, SchoolCall, Visit, VisitSchool
from .selectors import VisitRow, visits_for

SHOWN = 40
"""Visits on the school's tab; the rest is one link away."""

# ---------------------------------------------------------------- the header


def header(user: Any, schools: Sequence[School], on: dt.date) -> dict[int, list[HeaderPart]]:
    """The next visit, the latest final note that the asker may read, and what they can do here; in one query.

    For the adviser: go on with the note that is begun, log a visit, book one. For the manager: book one.
    """
    found: dict[int, list[HeaderPart]] = defaultdict(list)
    if not user.hats.may_somewhere(P.VISIT_LIST):
        return found
    final = NoteRecord.objects.visible_to(user).filter(note__visit=OuterRef("visit"), school=OuterRef("school"), kind=RecordKind.FINAL)
    rows = (
        VisitSchool.objects.filter(school__in=[school.pk for school in schools], visit__in=Visit.objects.visible_to(user).values("pk"))
        .annotate(final_version=Subquery(final.order_by("-version").values("version")[:1]))
        .filter(
            Q(visit__state=VisitState.BOOKED, visit__on__gte=on)
            | Q(visit__state=VisitState.PROPOSED)
            | Q(visit__note__author=user, visit__note__state__in=WRITABLE)
            | Q(final_version__isnull=False)
        )
        .select_related("visit__note")
        .order_by(F("visit__on").asc(nulls_last=True), "visit_id")
    )
    coming: dict[int, Visit] = {}
    latest: dict[int, tuple[Visit, int]] = {}
    begun: dict[int, NoteOfVisit] = {}
    for row in rows:
        visit = row.visit
        if visit.state in (VisitState.BOOKED, VisitState.PROPOSED):
            coming.setdefault(row.school_id, visit)
            continue
        if row.final_version is not None:
            latest[row.school_id] = (visit, row.final_version)
        if visit.note.author_id == user.pk and visit.note.state in WRITABLE and user.hats.is_adviser_of(row.school_id):
            begun.setdefault(row.school_id, visit.note)
    for school in schools:
        parts = found[school.pk]
        if (ahead := coming.get(school.pk)) is not None:
            parts.append(Fact("Next visit", day(ahead.on) if ahead.on else "No day yet", ahead.visit_type_label, ahead.get_absolute_url()))
        if school.pk in latest:
            visit, version = latest[school.pk]
            parts.append(Fact("Last note", day(visit.on), f"{visit.visit_type_label}, version {version}", visit.note.get_absolute_url()))
        if (note := begun.get(school.pk)) is not None:
            parts.append(Act("Continue the note", reverse("visits:note-write", args=[note.public_id]), is_primary=True))
        if can(user, P.VISIT_BOOK, school) and school.is_open:
            if user.hats.is_adviser_of(school.pk):
                parts.append(Act("Alert the authority", f"{reverse('visits:alert-raise')}?school={school.public_id}"))
                parts.append(Act("Log a visit", f"{reverse('visits:visit-log')}?school={school.public_id}"))
            parts.append(Act("Book a visit", f"{reverse('visits:visit-book')}?school={school.public_id}"))
        if can(user, P.CALL_LOG, school):
            parts.append(Act("Enter a contact", reverse("visits:call-log", args=[school.authority.code, school.urn])))
    return found


# ---------------------------------------------------------------- the tab


def is_shown(user: Any, school: School) -> bool:
    return user.hats.may(P.VISIT_LIST, school) or bool(user.hats.mentees)


def visits_tab(user: Any, school: School, on: dt.date) -> Mapping[str, Any]:
    """The school's visits and notes, its commentaries to governors, and its open actions: six queries."""
    here = VisitSchool.objects.filter(school=school).values("visit_id")
    visits = list(visits_for(user).filter(pk__in=here).order_by("-on", "-pk")[: SHOWN + 1])
    actions = list(
        AgreedAction.objects.visible_to(user)
        .filter(school=school, state=ActionState.OPEN)
        .select_related("school")
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
        "commentaries": [
            (row, (row.get_state_display(), COMMENTARY_TONES[row.state]))
            for row in Commentary.objects.visible_to(user).filter(school=school).select_related("author").order_by("-academic_year")
        ],
        "commentary_url": reverse("visits:commentary-start", args=[school.authority.code, school.urn])
        if can(user, P.COMMENTARY_START, school)
        else "",
        "actions": actions,
        "actions_words": f"{len(actions)} open" + (f", {overdue} overdue" if overdue else ""),
        "actions_url": f"{reverse('visits:action-list')}?school={school.public_id}",
        "bundle_url": f"{reverse('visits:bundle-list')}?school={school.public_id}" if user.hats.may(P.RECORD_READ, school) else "",
        "reads_actions": bool(actions) or user.hats.may(P.RECORD_READ, school),
    }


# ---------------------------------------------------------------- the time line

VISIT_EVENTS: dict[str, str] = {
    VisitState.BOOKED: "booked",
    VisitState.HELD: "held",
    VisitState.ABORTED: "could not be held",
    VisitState.CANCELLED: "cancelled",
}


def events(user: Any, school_ids: Sequence[int], first: dt.date, last: dt.date) -> dict[int, list[Event]]:
    """Visits by whoever made them (S3), so that nobody calls twice; both dispatches of a note, as far as the asker reads
    them; agreed actions on the day they fall due or were closed; alerts, to the few who read them. One query, a part for each."""
    ids = list(school_ids)
    visits = (
        VisitSchool.objects.filter(school__in=ids, visit__in=Visit.objects.visible_to(user).values("pk"), visit__on__range=(first, last))
        .order_by()
        .annotate(part=Value("visit", CharField()), number=F("visit__academic_year"))
        .values_list(
            "part", "school_id", "visit__on", "visit__state", "number", "visit__visit_type_label", "visit__lead__name", "visit__public_id"
        )
    )
    records = (
        NoteRecord.objects.visible_to(user)
        .filter(school__in=ids, at__date__range=(first, last))
        .order_by()
        .annotate(part=Value("record", CharField()), day=TruncDate("at"), nobody=Value("", CharField()))
        .values_list("part", "school_id", "day", "kind", "version", "note__visit__visit_type_label", "nobody", "public_id")
    )
    actions = (
        AgreedAction.objects.visible_to(user)
        .filter(school__in=ids)
        .filter(Q(state=ActionState.OPEN, due_on__range=(first, last)) | Q(closed_on__range=(first, last)))
        .order_by()
        .annotate(part=Value("action", CharField()), day=Coalesce("closed_on", "due_on"), number=Value(0), nobody=Value("", CharField()))
        .values_list("part", "school_id", "day", "state", "number", "text", "nobody", "public_id")
    )
    alerts = (
        Alert.objects.visible_to(user)
        .filter(school__in=ids, raised_at__date__range=(first, last))
        .order_by()
        .annotate(part=Value("alert", CharField()), day=TruncDate("raised_at"), number=Value(0), nobody=Value("", CharField()))
        .values_list("part", "school_id", "day", "state", "number", "raised_by_name", "nobody", "public_id")
    )
    calls = (
        SchoolCall.objects.visible_to(user)
        .filter(school__in=ids, on__range=(first, last))
        .order_by()
        .annotate(part=Value("call", CharField()), number=Value(0))
        .values_list("part", "school_id", "on", "kind", "number", "about", "who", "public_id")
    )
    found: dict[int, list[Event]] = defaultdict(list)
    rows: Any = visits.union(records, actions, alerts, calls, all=True)
    for part, school_id, on, state, number, text, name, public_id in rows:
        if part == "visit" and state in VISIT_EVENTS:
            found[school_id].append(Event(on, f"{text} {VISIT_EVENTS[state]}", name, reverse("visits:visit-detail", args=[public_id])))
        elif part == "record":
            what = "Note final" if state == RecordKind.FINAL else "Draft note released"
            found[school_id].append(Event(on, f"{what}, version {number}", text, reverse("visits:record-detail", args=[public_id])))
        elif part == "alert":
            title = f"Alert to the authority: {AlertState(state).label.lower()}"
            found[school_id].append(Event(on, title, f"raised by {text}", reverse("visits:alert-detail", args=[public_id])))
        elif part == "action":
            title = "Action due" if state == ActionState.OPEN else f"Action {ActionState(state).label.lower()}"
            found[school_id].append(Event(on, title, text[:120], reverse("visits:action-detail", args=[public_id])))
        elif part == "call":
            found[school_id].append(Event(on, CallKind(state).label, f"{name}: {text}"))
    return dict(found)
