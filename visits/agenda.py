"""What visits and notes put into a person's diary: visits, days proposed, and the deadlines of each clock. No text of a note."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from core.agenda import Entry
from people.roles import Hat

from .choices import NoteState, VisitState
from .models import GateReview, NoteOfVisit, Visit, VisitDate, VisitSchool


def _place(visit: str) -> Any:
    return Subquery(VisitSchool.objects.filter(visit=OuterRef(visit)).order_by("position").values("school__name")[:1])


def _mine(user: Any, prefix: str = "") -> Q:
    """Visits that the person leads or joins, and those to their own school."""
    schools = [c.school_id for c in user.hats.contacts]
    mine = Q(**{f"{prefix}lead": user}) | Q(**{f"{prefix}second_adviser": user})
    if schools:
        mine |= Q(**{f"{prefix or ''}pk__in": VisitSchool.objects.filter(school_id__in=schools).values("visit_id")})
    return mine


def visits_in(user: Any, first: dt.date, last: dt.date) -> list[Entry]:
    """Visits booked or held."""
    rows: Any = Visit.objects.visible_to(user).filter(_mine(user), on__range=(first, last), state__in=(VisitState.BOOKED, VisitState.HELD))
    return [
        Entry(
            f"visit-{visit.public_id}",
            visit.on,
            f"{visit.visit_type_label}, {visit.place}",
            visit.get_absolute_url(),
            "visit",
            visit.starts_at,
            visit.ends_at,
        )
        for visit in rows.filter(is_imported=False).annotate(place=_place("pk")).order_by("on", "pk")
        if visit.on is not None
    ]


def proposed_in(user: Any, first: dt.date, last: dt.date) -> list[Entry]:
    """Days proposed to a school: tentative until it chooses."""
    seen = Visit.objects.visible_to(user).filter(_mine(user), state=VisitState.PROPOSED)
    rows = VisitDate.objects.filter(visit__in=seen.values("pk"), on__range=(first, last)).select_related("visit")
    return [
        Entry(
            f"proposed-{row.visit.public_id}-{row.on.isoformat()}",
            row.on,
            f"Proposed: {row.visit.visit_type_label}, {row.place}",
            row.visit.get_absolute_url(),
            "visit",
            row.starts_at,
            is_tentative=True,
        )
        for row in rows.annotate(place=_place("visit_id")).order_by("on", "pk")
    ]


def deadlines_in(user: Any, first: dt.date, last: dt.date) -> list[Entry]:
    """To the author: draft and final; to whoever answers for the school: its window."""
    hats = user.hats
    answering = [c.school_id for c in hats.contacts if c.hat in (Hat.HEAD, Hat.CHAIR)]
    between = (first, last)
    drafts = Q(author=user, state__in=(NoteState.DRAFT, NoteState.RETURNED), draft_due_on__range=between)
    with_school = Q(state=NoteState.WITH_SCHOOL)
    at_school = Q(visit__in=VisitSchool.objects.filter(school_id__in=answering).values("visit_id"))
    wanted = drafts | (with_school & Q(author=user, final_due_on__range=between))
    if answering:
        wanted |= with_school & at_school & Q(school_due_on__range=between)
    found = []
    rows: Any = NoteOfVisit.objects.visible_to(user).filter(wanted).annotate(place=_place("visit_id")).order_by("pk")
    for note in rows:
        if note.author_id != user.pk:
            words, day = "The school’s answer is due", note.school_due_on
        elif note.state == NoteState.WITH_SCHOOL:
            words, day = "Final note is due", note.final_due_on
        else:
            words, day = "Draft note is due", note.draft_due_on
        if day is not None:
            found.append(Entry(f"note-{note.public_id}", day, f"{words}: {note.place}", note.get_absolute_url(), "deadline"))
    return found


def reviews_in(user: Any, first: dt.date, last: dt.date) -> list[Entry]:
    """Reviews that are theirs."""
    rows = GateReview.objects.filter(
        reviewer=user,
        decision="",
        due_on__range=(first, last),
        note__state=NoteState.IN_REVIEW,
        note__in=NoteOfVisit.objects.visible_to(user).values("pk"),
    ).annotate(place=_place("note__visit_id"))
    return [
        Entry(f"review-{r.public_id}", r.due_on, f"Review is due: {r.place}", f"/reviews/{r.public_id}/", "deadline")
        for r in rows.order_by("pk")
    ]
