"""The kinds of record that visits keeps, for ``core.retention``: what is due, and how each is destroyed whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Max, Prefetch
from django.db.models.functions import TruncMonth
from django.utils import timezone

from core import search
from core.audit import AuditEvent
from core.files import StoredFile
from core.retention import RETENTION, Due, RecordKind, digest_of
from people.models import Authority
from support.models import Concern

from .choices import ActionState, AlertState, CommentaryState, NoteState, RequestState
from .indexing import ACTION, COMMENTARY, unindex_record
from .models import (
    ActionProgress,
    ActionReview,
    AgreedAction,
    Alert,
    Commentary,
    CommentaryAnswer,
    CommentaryRecord,
    CorrectionRequest,
    Delivery,
    DifferenceOfView,
    Dispatch,
    GateReview,
    Incident,
    IncidentEntry,
    InformationRequest,
    NoteOfVisit,
    NoteReader,
    NoteRecord,
    NoteSection,
    RecordWithdrawal,
    RedactedCopy,
    SchoolComment,
    SchoolResponse,
    SealedRecord,
    VisitSchool,
)
from .signals import notes_going
from .workflow import RESTORE_DAYS

WITH_SCHOOLS = Prefetch("visit__visit_schools", VisitSchool.objects.select_related("school").order_by("position"))


def _local(at: dt.datetime) -> dt.date:
    return timezone.localtime(at).date()


def _note_due(note: NoteOfVisit, on: dt.date, digest: str) -> Due:
    schools = note.visit.covered
    names = ", ".join(school.name for school in schools)
    school_id = schools[0].pk if len(schools) == 1 else None
    return Due(note.public_id, f"{names}, {note.visit.visit_type_label}, {note.reference}", on, digest, school_id)


def drafts_due(authority_id: int, last: dt.date) -> list[Due]:
    sections = Prefetch("sections", NoteSection.objects.order_by("pk"))
    notes = (
        NoteOfVisit.objects.filter(authority_id=authority_id, state=NoteState.ABANDONED, abandoned_at__date__lte=last)
        .select_related("visit")
        .prefetch_related(WITH_SCHOOLS, sections)
        .order_by("abandoned_at", "pk")
    )
    return [
        _note_due(note, _local(note.abandoned_at), digest_of(*(section.body for section in note.sections.all())))
        for note in notes
        if note.abandoned_at
    ]


def notes_due(authority_id: int, last: dt.date) -> list[Due]:
    """Notes whose last final version is old enough, with none in hand and no agreed action open."""
    notes: Any = (
        NoteOfVisit.objects.filter(authority_id=authority_id, state__in=[NoteState.FINAL, NoteState.WITHDRAWN])
        .annotate(last_at=Max("records__at"))
        .filter(last_at__date__lte=last)
        .exclude(pk__in=AgreedAction.objects.filter(state=ActionState.OPEN).values("note"))
        .select_related("visit")
        .prefetch_related(WITH_SCHOOLS, Prefetch("records", NoteRecord.objects.only("note", "digest").order_by("pk")))
        .order_by("last_at", "pk")
    )
    return [_note_due(note, _local(note.last_at), digest_of(*(record.digest for record in note.records.all()))) for note in notes]


def _of_withdrawals(**records: Any) -> list[Any]:
    """What hangs on the withdrawals of these records, in the order in which it can go."""
    withdrawals = RecordWithdrawal.objects.filter(**records)
    incidents = Incident.objects.filter(withdrawal__in=withdrawals)
    entries = IncidentEntry.objects.filter(incident__in=incidents)
    return [SealedRecord.objects.filter(**records), entries, incidents, withdrawals]


def destroy_notes(authority_id: int, ids: Sequence[str]) -> None:
    """Everything of a note: its text, rows, records and their PDFs. The visit stays, with its facts."""
    notes = NoteOfVisit.objects.filter(authority_id=authority_id, public_id__in=ids)
    pks = list(notes.values_list("pk", flat=True))
    notes_going.send(sender=NoteOfVisit, notes=pks)
    records = NoteRecord.objects.filter(note__in=pks)
    for record in records.defer("payload").select_related("note"):
        unindex_record(record)
    pdfs = [pk for pk in records.values_list("pdf", flat=True) if pk]
    actions = AgreedAction.objects.filter(note__in=pks)
    search.remove(ACTION, list(actions.values_list("public_id", flat=True)))
    for rows in (
        *_of_withdrawals(record__in=records),
        CorrectionRequest.objects.filter(record__in=records),
        ActionProgress.objects.filter(action__in=actions),
        ActionReview.objects.filter(action__in=actions),
        actions,
        records,
        StoredFile.objects.filter(pk__in=pdfs),
        *(
            model._default_manager.filter(note__in=pks)
            for model in (DifferenceOfView, GateReview, NoteReader, SchoolResponse, SchoolComment)
        ),
        Delivery.objects.filter(dispatch__note__in=pks),
        Dispatch.objects.filter(note__in=pks),
        notes,
    ):
        rows.delete()


def commentaries_due(authority_id: int, last: dt.date) -> list[Due]:
    """Annual commentaries whose last final version is old enough, with none in hand."""
    rows: Any = (
        Commentary.objects.filter(authority_id=authority_id, state__in=[CommentaryState.FINAL, CommentaryState.WITHDRAWN])
        .annotate(last_at=Max("records__at"))
        .filter(last_at__date__lte=last)
        .select_related("school")
        .prefetch_related(Prefetch("records", CommentaryRecord.objects.only("commentary", "digest").order_by("pk")))
        .order_by("last_at", "pk")
    )
    return [
        Due(row.public_id, str(row), _local(row.last_at), digest_of(*(record.digest for record in row.records.all())), row.school_id)
        for row in rows
    ]


def destroy_commentaries(authority_id: int, ids: Sequence[str]) -> None:
    """Everything of them: text, records and their PDFs, answers, deliveries. The notes that they quote are not touched."""
    commentaries = Commentary.objects.filter(authority_id=authority_id, public_id__in=ids)
    pks = list(commentaries.values_list("pk", flat=True))
    records = CommentaryRecord.objects.filter(commentary__in=pks)
    search.remove(COMMENTARY, list(records.values_list("public_id", flat=True)))
    pdfs = [pk for pk in records.values_list("pdf", flat=True) if pk]
    for rows in (
        *_of_withdrawals(commentary_record__in=records),
        CommentaryRecord.sources.through.objects.filter(commentaryrecord__in=records),
        records,
        StoredFile.objects.filter(pk__in=pdfs),
        CommentaryAnswer.objects.filter(commentary__in=pks),
        Delivery.objects.filter(dispatch__commentary__in=pks),
        Dispatch.objects.filter(commentary__in=pks),
        commentaries,
    ):
        rows.delete()


def alerts_due(authority_id: int, last: dt.date) -> list[Due]:
    rows = Alert.objects.filter(authority_id=authority_id, state=AlertState.CLOSED, closed_at__date__lte=last).select_related("school")
    return [
        Due(row.public_id, str(row), _local(row.closed_at), digest_of(row.what, row.outcome_text), row.school_id)
        for row in rows.order_by("closed_at", "pk")
        if row.closed_at
    ]


def destroy_alerts(authority_id: int, ids: Sequence[str]) -> None:
    Alert.objects.filter(authority_id=authority_id, public_id__in=ids).delete()


def concerns_due(authority_id: int, last: dt.date) -> list[Due]:
    rows = Concern.objects.filter(school__authority_id=authority_id, ends_on__lte=last).select_related("school").order_by("ends_on", "pk")
    return [
        Due(row.public_id, str(row), row.ends_on, digest_of(row.label, row.issue, row.starts_on), row.school_id)
        for row in rows
        if row.ends_on
    ]


def destroy_concerns(authority_id: int, ids: Sequence[str]) -> None:
    Concern.objects.filter(school__authority_id=authority_id, public_id__in=ids).delete()


def requests_due(authority_id: int, last: dt.date) -> list[Due]:
    rows = InformationRequest.objects.filter(
        authority_id=authority_id, state__in=[RequestState.SENT, RequestState.WITHDRAWN], due_on__lte=last
    ).order_by("due_on", "pk")
    return [Due(row.public_id, f"{row.reference}, {row.kind_label}", row.due_on, digest_of(row.asks, row.reference)) for row in rows]


def destroy_requests(authority_id: int, ids: Sequence[str]) -> None:
    requests = InformationRequest.objects.filter(authority_id=authority_id, public_id__in=ids)
    copies = RedactedCopy.objects.filter(item__request__in=requests)
    pdfs = list(copies.values_list("pdf", flat=True))
    copies.delete()
    StoredFile.objects.filter(pk__in=pdfs).delete()
    requests.delete()


def audit_due(authority_id: int, last: dt.date) -> list[Due]:
    """Whole months of the audit, each as one."""
    code = Authority.objects.values_list("code", flat=True).get(pk=authority_id)
    first_kept = last.replace(day=1)
    months = (
        AuditEvent.objects.filter(authority_code=code, occurred_at__date__lt=first_kept)
        .annotate(month=TruncMonth("occurred_at"))
        .order_by("month")
        .values("month")
        .annotate(events=Count("pk"), newest=Max("pk"))
    )
    return [
        Due(f"{row['month']:%Y-%m}", f"{row['events']} events of {row['month']:%B %Y}", row["month"].date(), digest_of(*row.values()))
        for row in months
    ]


def destroy_audit(authority_id: int, ids: Sequence[str]) -> None:
    code = Authority.objects.values_list("code", flat=True).get(pk=authority_id)
    for month in ids:
        year, number = month.split("-")
        AuditEvent.objects.filter(authority_code=code, occurred_at__year=int(year), occurred_at__month=int(number)).delete()


for kind in (
    RecordKind("note", "Notes of Visit and their records", "the day of the last final version", notes_due, destroy_notes),
    RecordKind(
        "abandoned_draft",
        "Abandoned drafts",
        "the day on which it was abandoned",
        drafts_due,
        destroy_notes,
        shipped=lambda on: on - dt.timedelta(days=RESTORE_DAYS + 1),
        shipped_words=f"{RESTORE_DAYS} days",
    ),
    RecordKind("commentary", "Annual commentaries", "the day of the last final version", commentaries_due, destroy_commentaries),
    RecordKind("alert", "Alerts", "the day on which the outcome was logged", alerts_due, destroy_alerts),
    RecordKind("concern", "Concern files", "the day on which the concern was closed", concerns_due, destroy_concerns),
    RecordKind("request", "Requests for information", "the day on which the answer was due", requests_due, destroy_requests),
    RecordKind("audit", "The audit", "the end of the month", audit_due, destroy_audit),
):
    RETENTION.add(kind.key, kind)
