"""Reads of visits and notes."""

from __future__ import annotations

from django.db.models import Max, Prefetch, QuerySet

from people.hats import Hats
from people.models import User
from people.roles import HAT_NAMES, Hat
from schools.models import School

from .models import GateReview, NoteOfVisit, NoteRecord, Visit, VisitSchool


def last_record_version(note: NoteOfVisit, kind: str) -> int:
    """The highest version of which a record of this kind exists; 0 for none."""
    return note.records.filter(kind=kind).aggregate(last=Max("version"))["last"] or 0


def with_schools(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    """Visits with what every line about them shows, in two queries."""
    schools = VisitSchool.objects.select_related("school__authority", "school__cluster").order_by("position")
    return visits.select_related("authority", "lead", "second_adviser", "note").prefetch_related(Prefetch("visit_schools", schools))


def notes_with_visits(notes: QuerySet[NoteOfVisit]) -> QuerySet[NoteOfVisit]:
    schools = VisitSchool.objects.select_related("school__authority", "school__cluster").order_by("position")
    reviews = GateReview.objects.select_related("reviewer")
    return notes.select_related("authority", "author", "pack", "visit__lead", "visit__second_adviser", "visit__authority").prefetch_related(
        Prefetch("visit__visit_schools", schools), Prefetch("gate_reviews", reviews), "shares"
    )


def role_at(hats: Hats, school: School) -> str:
    """The word for what this person is at a school, as it stands beside their name in a record or the audit."""
    worn = hats.at(school)
    for hat in (
        Hat.HEAD,
        Hat.CHAIR,
        Hat.CLERK,
        Hat.SCHOOL_OFFICE,
        Hat.ADVISER,
        Hat.SIP_MANAGER,
        Hat.OFFICER,
        Hat.HEAD_OF_IMPROVEMENT,
        Hat.DATA_PROTECTION_OFFICER,
        Hat.FORMER_ADVISER,
    ):
        if hat in worn:
            return "SIP" if hat == Hat.ADVISER else HAT_NAMES[hat]
    return ""


def records_for(user: User, note: NoteOfVisit) -> QuerySet[NoteRecord]:
    """The records of a note that this person may read, the latest first, with their standing."""
    return (
        NoteRecord.objects.visible_to(user)
        .with_standing()
        .filter(note=note)
        .select_related("school__authority", "note__visit")
        .order_by("-version", "-at")
    )
