"""What the authority holds, as a request for information is answered from it: kinds of text, found by school, day and words.

Each kind is one :class:`Held` of the registry: higher apps add theirs (feedback), and what lower apps keep (concern cases, the
audit) is added here. ``rows`` answers for a whole request in a fixed number of queries and hands out no text; ``text`` gives
one row's text as a tree (``visits.redaction``), to be read by whoever answers the request.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from core import canonical
from core.access import Refused
from core.audit import AuditEvent
from core.components.formats import day, moment
from core.registry import Registry
from core.tabular.models import ImportBatch
from people.models import User
from schools.models import School
from support.models import Concern

from .choices import CommentaryState, NoteState, RecordKind
from .models import (
    Alert,
    Commentary,
    CommentaryRecord,
    CommentarySection,
    InformationRequest,
    NoteOfVisit,
    NoteRecord,
    NoteSection,
    RequestItem,
    SchoolComment,
    VisitSchool,
)
from .seals import whole_text

MOST = 500
"""So many rows of one kind are listed; a request that covers more is narrowed by its days, its schools or its words."""


@dataclass(frozen=True)
class Found:
    """One row that the request covers, by what it is: nothing of its text. ``unsearched`` says why its text could not be
    searched for the words of the request ("a picture", "under seal"): it is listed all the same, for a person to look at."""

    kind: str
    subject_id: str
    label: str
    school_id: int | None = None
    on: dt.date | None = None
    unsearched: str = ""


Text = dict[str, Any]


@dataclass(frozen=True)
class HeldFile:
    """A file as it was sent, for whoever answers the request to look at."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Held:
    """``place`` is the pack's code of where one searches. ``is_note``: its text is a note's, and is set as one. ``file`` hands
    out the file itself, where it is one."""

    key: str
    place: str
    label: str
    rows: Callable[[InformationRequest, frozenset[int]], list[Found]]
    text: Callable[[RequestItem, User, dt.datetime], Text]
    is_note: bool = False
    file: Callable[[RequestItem], HeldFile] | None = None


HELD: Registry[Held] = Registry("held")


def kinds_at(place: str) -> list[Held]:
    return [held for held in HELD if held.place == place]


def in_place(request: InformationRequest, place: str, walled: frozenset[int]) -> list[Found]:
    """What the request covers in one place, the earliest first; nothing of a school behind the asker's wall."""
    found = [row for held in kinds_at(place) for row in held.rows(request, walled)]
    return sorted(found, key=lambda row: (row.on or dt.date.min, row.label))


# ---------------------------------------------------------------- the scope of a request


def schools_of(request: InformationRequest, walled: Iterable[int]) -> QuerySet[School]:
    named = School.objects.filter(pk__in=request.schools.values("pk")) if request.schools.exists() else School.objects.all()
    return named.filter(authority_id=request.authority_id).exclude(pk__in=list(walled))


def within(request: InformationRequest, place: str) -> Q:
    days = Q()
    if request.since:
        days &= Q(**{f"{place}__gte": request.since})
    if request.until:
        days &= Q(**{f"{place}__lte": request.until})
    return days


def holding(request: InformationRequest, *places: str) -> Q:
    """Rows in which one of the request's words stands; without words, all."""
    found = Q()
    for term in request.terms:
        for place in places:
            found |= Q(**{f"{place}__icontains": term})
    return found


def sealed_or(held: Q) -> Q:
    """What is under seal is not searched: it is listed for a person to open."""
    return held | Q(is_sealed=True) if held else held


def under_seal(request: InformationRequest, record: NoteRecord | CommentaryRecord) -> str:
    return "under seal" if request.terms and record.is_sealed else ""


def _names(rows: Iterable[Any]) -> str:
    return ", ".join(row.school.name for row in rows)


# ---------------------------------------------------------------- notes


def _records(kind: str, key: str) -> Callable[[InformationRequest, frozenset[int]], list[Found]]:
    def rows(request: InformationRequest, walled: frozenset[int]) -> list[Found]:
        found = (
            NoteRecord.objects.filter(within(request, "note__visit__on"), sealed_or(holding(request, "payload")), kind=kind)
            .filter(school__in=schools_of(request, walled))
            .select_related("school", "note__visit")
            .defer("payload")
            .order_by("note__visit__on", "pk")
        )
        if walled:  # of a group the parts are shared: one school behind the wall hides all
            found = found.exclude(note__visit__in=VisitSchool.objects.filter(school__in=walled).values("visit"))
        return [
            Found(
                key,
                record.public_id,
                f"{record.school.name}, {record.note.visit.visit_type_label}, version {record.version}, {record.note.reference}",
                record.school_id,
                record.note.visit.on,
                under_seal(request, record),
            )
            for record in found[:MOST]
        ]

    return rows


def _record_text(item: RequestItem, actor: User, at: dt.datetime) -> Text:
    text: Text = whole_text(NoteRecord.objects.get(public_id=item.subject_id))
    return text


def _drafts(request: InformationRequest, walled: frozenset[int]) -> list[Found]:
    """The working text of every note that is not final: begun, returned, in review, ready, with a school, amended, set aside."""
    schools = schools_of(request, walled)
    at = VisitSchool.objects.filter(visit=OuterRef("visit"))
    found = NoteOfVisit.objects.filter(
        within(request, "visit__on"), Exists(at.filter(school__in=schools)), authority_id=request.authority_id
    )
    found = found.exclude(state__in=[NoteState.FINAL, NoteState.WITHDRAWN])
    if walled:
        found = found.exclude(Exists(at.filter(school__in=walled)))
    if request.terms:
        sections = NoteSection.objects.filter(note=OuterRef("pk"))
        found = found.filter(Exists(sections.filter(holding(request, "body", "judgements__evidence"))))
    schools_first = Prefetch("visit__visit_schools", VisitSchool.objects.select_related("school").order_by("position"))
    notes = found.select_related("visit").prefetch_related(schools_first).order_by("visit__on", "pk")[:MOST]
    return [
        Found(
            "draft",
            note.public_id,
            f"{_names(note.visit.visit_schools.all())}, {note.visit.visit_type_label}, {note.get_state_display().lower()}, {note.reference}",
            note.visit.covered[0].pk,
            note.visit.on,
        )
        for note in notes
    ]


def _draft_text(item: RequestItem, actor: User, at: dt.datetime) -> Text:
    """The note as it would be shown to the school, of a group the one that the item names."""
    from .payload import PayloadBuilder

    builder = PayloadBuilder(NoteOfVisit.objects.get(public_id=item.subject_id), kind=RecordKind.RELEASE, at=item.added_at, actor=actor)
    school = next((one for one in builder.schools if one.pk == item.school_id), builder.schools[0])
    text: Text = json.loads(canonical.canonical_json(builder.build(school)))
    return text


def _comments(request: InformationRequest, walled: frozenset[int]) -> list[Found]:
    """What a school said of one note in one version, with the answers: one row a note and school."""
    found = (
        SchoolComment.objects.filter(within(request, "note__visit__on"), holding(request, "text", "answer", "by_name"))
        .filter(school__in=schools_of(request, walled))
        .order_by("note__visit__on", "note_id", "school__name")
        .values_list("note__public_id", "school_id", "school__name", "note__visit__on", "note__reference")
        .distinct()[:MOST]
    )
    return [
        Found("comments", f"{note}-{school_id}", f"{name}, comments and answers on {reference}", school_id, on)
        for note, school_id, name, on, reference in found
    ]


def _comments_text(item: RequestItem, actor: User, at: dt.datetime) -> Text:
    note, _, school = item.subject_id.rpartition("-")
    rows = SchoolComment.objects.filter(note__public_id=note, school_id=int(school)).order_by("at", "pk")
    sections = []
    for row in rows:
        sections.append(
            {"title": f"{row.get_kind_display().capitalize()}, {moment(row.at)}", "by": f"{row.by_name}, {row.by_role}", "text": row.text}
        )
        if row.answered_at:
            sections.append({"title": f"Answer, {moment(row.answered_at)}", "by": row.answered_by_name, "text": row.answer})
    return {"title": item.label, "sections": sections}


# ---------------------------------------------------------------- annual commentaries


def _commentaries(request: InformationRequest, walled: frozenset[int]) -> list[Found]:
    rows = (
        CommentaryRecord.objects.filter(within(request, "at__date"), sealed_or(holding(request, "payload")), kind=RecordKind.FINAL)
        .filter(school__in=schools_of(request, walled))
        .select_related("school", "commentary__school")
        .defer("payload")
        .order_by("at", "pk")[:MOST]
    )
    return [
        Found("commentary", row.public_id, str(row), row.school_id, timezone.localtime(row.at).date(), under_seal(request, row))
        for row in rows
    ]


def _commentary_text(item: RequestItem, actor: User, at: dt.datetime) -> Text:
    payload = whole_text(CommentaryRecord.objects.get(public_id=item.subject_id))
    return {"title": item.label, "sections": [{"title": part["title"], "text": part["text"]} for part in payload["sections"]]}


def _commentary_drafts(request: InformationRequest, walled: frozenset[int]) -> list[Found]:
    """The working text of every commentary that is being written or is with its school."""
    rows = Commentary.objects.filter(within(request, "started_at__date")).exclude(
        state__in=[CommentaryState.FINAL, CommentaryState.WITHDRAWN]
    )
    if request.terms:
        rows = rows.filter(Exists(CommentarySection.objects.filter(holding(request, "body"), commentary=OuterRef("pk"))))
    rows = rows.filter(school__in=schools_of(request, walled)).select_related("school").order_by("started_at", "pk")
    return [
        Found(
            "commentary_draft",
            row.public_id,
            f"{row}, {row.get_state_display().lower()}",
            row.school_id,
            timezone.localtime(row.started_at).date(),
        )
        for row in rows[:MOST]
    ]


def _commentary_draft_text(item: RequestItem, actor: User, at: dt.datetime) -> Text:
    sections = CommentarySection.objects.filter(commentary__public_id=item.subject_id).order_by("position")
    return {"title": item.label, "sections": [{"title": part.title, "text": part.body} for part in sections if part.body]}


# ---------------------------------------------------------------- alerts, concerns, the audit


def _alerts(request: InformationRequest, walled: frozenset[int]) -> list[Found]:
    rows = (
        Alert.objects.filter(
            within(request, "raised_at__date"), holding(request, "what", "outcome_text", "head_told_reason", "raised_by_name")
        )
        .filter(school__in=schools_of(request, walled))
        .select_related("school")
        .order_by("raised_at", "pk")[:MOST]
    )
    return [Found("alert", row.public_id, str(row), row.school_id, timezone.localtime(row.raised_at).date()) for row in rows]


def _alert_text(item: RequestItem, actor: User, at: dt.datetime) -> Text:
    alert = Alert.objects.select_related("school").get(public_id=item.subject_id)
    sections = [{"title": f"Raised {moment(alert.raised_at)}", "by": alert.raised_by_name, "text": alert.what}]
    if alert.head_told_reason:
        sections.append({"title": "Why the headteacher was not told", "text": alert.head_told_reason})
    sections += [{"title": f"Sent {moment(row.at)}", "text": f"{row.name}, {row.role}"} for row in alert.recipients.all()]
    if alert.outcome_text and alert.closed_at:
        sections.append({"title": f"Outcome, {moment(alert.closed_at)}", "by": alert.closed_by_name, "text": alert.outcome_text})
    return {"title": item.label, "sections": sections}


def _concerns(request: InformationRequest, walled: frozenset[int]) -> list[Found]:
    rows = (
        Concern.objects.filter(within(request, "starts_on"), holding(request, "issue", "label"))
        .filter(school__in=schools_of(request, walled))
        .select_related("school")
        .order_by("starts_on", "pk")[:MOST]
    )
    return [
        Found("concern", row.public_id, f"{row.school.name}, {row.label}, from {day(row.starts_on)}", row.school_id, row.starts_on)
        for row in rows
    ]


def _concern_text(item: RequestItem, actor: User, at: dt.datetime) -> Text:
    row = Concern.objects.get(public_id=item.subject_id)
    until = f" to {day(row.ends_on)}" if row.ends_on else ""
    return {"title": item.label, "sections": [{"title": f"{row.label}, {day(row.starts_on)}{until}", "text": row.issue or row.label}]}


AUDIT_SHOWN = 500


def _audit_events(request: InformationRequest, walled: Iterable[int]) -> QuerySet[AuditEvent]:
    urns = schools_of(request, walled).values("urn")
    events = AuditEvent.objects.filter(
        within(request, "occurred_at__date"),
        holding(request, "actor_name", "subject_label", "reason"),
        authority_code=request.authority.code,
        school_urn__in=urns,
    )
    return events.order_by("pk")


def _audit(request: InformationRequest, walled: frozenset[int]) -> list[Found]:
    """One row for all of them: who did what, at the schools and in the days of the request."""
    first = _audit_events(request, walled).first()
    if first is None:
        return []
    return [Found("audit", "audit", "The audit of what was done", None, timezone.localtime(first.occurred_at).date())]


def _audit_text(item: RequestItem, actor: User, at: dt.datetime) -> Text:
    events = list(_audit_events(item.request, actor.hats.walled).filter(occurred_at__lte=item.added_at)[: AUDIT_SHOWN + 1])
    sections = [
        {
            "title": f"{moment(event.occurred_at)}, {event.school_name}",
            "text": f"{event.actor_name or 'The portal'}{', ' + event.actor_role if event.actor_role else ''} {event.sentence}: "
            f"{event.subject_label}" + (f". Reason: {event.reason}" if event.reason else ""),
        }
        for event in events[:AUDIT_SHOWN]
    ]
    if len(events) > AUDIT_SHOWN:
        sections.append({"title": "And more", "text": f"Only the first {AUDIT_SHOWN} events stand here. Narrow the request by its days."})
    return {"title": item.label, "sections": sections}


# ---------------------------------------------------------------- data files that wait for a decision


def _imports(request: InformationRequest, walled: frozenset[int]) -> list[Found]:
    """Their bytes are kept until they are applied or discarded; then they are rows, and found as such."""
    waiting = ImportBatch.objects.filter(within(request, "received_at__date"), authority_code=request.authority.code).exclude(upload="")
    return [
        Found("import", row.public_id, f"Data file, {row.file_name}"[:240], None, timezone.localtime(row.received_at).date(), "data file")
        for row in waiting.order_by("pk")[:MOST]
    ]


def _import_text(item: RequestItem, actor: User, at: dt.datetime) -> Text:
    return {"title": item.label, "sections": [{"title": item.label, "text": "Download the file, and look at it."}]}


def _import_file(item: RequestItem) -> HeldFile:
    row = ImportBatch.objects.filter(public_id=item.subject_id).exclude(upload="").first()
    if row is None:
        raise Refused("The file is no longer kept: it was applied or discarded since it was found.")
    with row.upload.open("rb") as file:
        return HeldFile(row.file_name, "application/octet-stream", file.read())


for held in (
    Held("record", "final_notes", "Final note", _records(RecordKind.FINAL, "record"), _record_text, is_note=True),
    Held("release", "drafts", "Note sent to a school", _records(RecordKind.RELEASE, "release"), _record_text, is_note=True),
    Held("draft", "drafts", "Note being written", _drafts, _draft_text, is_note=True),
    Held("commentary", "final_notes", "Annual commentary", _commentaries, _commentary_text),
    Held("commentary_draft", "drafts", "Commentary being written", _commentary_drafts, _commentary_draft_text),
    Held("comments", "comments", "Comments and answers", _comments, _comments_text),
    Held("alert", "alerts", "Alert", _alerts, _alert_text),
    Held("concern", "concern", "Concern", _concerns, _concern_text),
    Held("audit", "audit", "Audit", _audit, _audit_text),
    Held("import", "files", "Data file", _imports, _import_text, file=_import_file),
):
    HELD.add(held.key, held)
