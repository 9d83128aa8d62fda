"""After final: corrections, amendments; who opened a record; progress on actions."""

from __future__ import annotations

import datetime as dt

from django.core import serializers
from django.db import transaction
from django.db.models import Max

from core import audit
from core.access import Conflict, Refused, require
from people.models import User
from people.roles import HAT_NAMES, Hat
from people.roles import Permission as P

from ..choices import ActionState, CorrectionState, RecordKind
from ..clocks import clock_days
from ..models import (
    ActionProgress,
    ActionReview,
    AgreedAction,
    CategoryProposal,
    CohesionRow,
    CorrectionRequest,
    Judgement,
    NoteDataset,
    NoteIntervention,
    NoteOfVisit,
    NoteRecord,
    NoteSection,
    NoteTarget,
    Withdrawable,
)
from ..seals import whole_text
from ..workflow import NOTE_WORKFLOW
from .gate import event, need, pack_of

# ---------------------------------------------------------------- corrections and amendments


@transaction.atomic
def ask_correction(*, actor: User, record: NoteRecord, place: str, why: str, at: dt.datetime) -> CorrectionRequest:
    """Head or chair asks for a correction of a final note, saying where and why; an answer is due in 10 office days."""
    if record.kind != RecordKind.FINAL:
        raise Refused("This is a draft: say in your answer where it is inaccurate.")
    if not place.strip():
        raise Refused("Say where in the note.", field="place")
    if not why.strip():
        raise Refused("Say what is wrong, and why.", field="why")
    note = record.note
    NOTE_WORKFLOW.move(actor, note, "ask_correction", at.date())
    pack = pack_of(note)
    role = next((HAT_NAMES[hat] for hat in (Hat.HEAD, Hat.CHAIR) if hat in actor.hats.contact_hats(record.school_id)), "")
    if not role:
        raise Refused("You can ask about a note of your own school only.")
    request = CorrectionRequest.objects.create(
        record=record,
        place=place.strip()[:200],
        why=why.strip(),
        by=actor,
        by_name=actor.name,
        by_role=role,
        at=at,
        due_on=pack.office_days.add(at.date(), pack.whole("correction_office_days")),
    )
    event("note.correction_asked", actor, note, at, changes={"where": audit.content(place), "why": audit.content(why)}, role=role)
    return request


@transaction.atomic
def decline_correction(*, actor: User, request: CorrectionRequest, reason: str, at: dt.datetime) -> CorrectionRequest:
    """Decline, with the reason; request and answer are kept with the note and shown after it."""
    reason = need(reason, "Say why the note is not changed.")
    note = request.record.note
    NOTE_WORKFLOW.move(actor, note, "decline_correction", at.date())
    declined = CorrectionRequest.objects.filter(pk=request.pk, state=CorrectionState.OPEN).update(
        state=CorrectionState.DECLINED, answer=reason, answered_by=actor, answered_by_name=actor.name, answered_at=at
    )
    if declined != 1:
        raise Conflict("This request has been answered already.")
    request.refresh_from_db()
    event("note.correction_declined", actor, note, at, reason=reason)
    return request


@transaction.atomic
def amend_note(*, actor: User, note: NoteOfVisit, reason: str, at: dt.datetime, author: User | None = None) -> NoteOfVisit:
    """Begin version n+1, a number never used before. The final version stays the current one until the new one is final."""
    reason = need(reason, "Say why the note is amended.")
    pack = pack_of(note)
    author = author or note.author
    if author.pk != note.author_id and not all(author.hats.is_adviser_of(school.pk) for school in note.covered):
        raise Refused(f"{author.name} holds no assignment at the school.", field="author")
    if not all(author.hats.may_finish_at(school.pk) for school in note.covered):
        raise Refused(f"{author.name} no longer serves the school. Name another adviser of the school.", field="author")
    if author.pk != note.author_id and author.pk == actor.pk:
        raise Refused("Name an adviser other than yourself.", field="author")
    highest = max(note.version, note.records.aggregate(last=Max("version"))["last"] or 0)
    before = note.author
    NOTE_WORKFLOW.move(
        actor,
        note,
        "amend",
        at.date(),
        kept_rows=_rows_now(note),
        version=highest + 1,
        version_reason=reason,
        author=author,
        submitted_at=None,
        ready_at=None,
        released_at=None,
        school_due_on=None,
        final_due_on=None,
        window_opens_on=None,
        draft_due_on=pack.office_days.add(at.date(), clock_days(note.visit, pack, "draft_office_days")),
    )
    event("note.amended", actor, note, at, changes={"version": highest + 1, "author": [before.name, author.name]}, reason=reason)
    return note


@transaction.atomic
def abandon_amendment(*, actor: User, note: NoteOfVisit, reason: str, at: dt.datetime) -> NoteOfVisit:
    """Give an amendment up: the note is again what version n was, final or withdrawn, and its text is that version's."""
    reason = need(reason, "Say why the amendment is given up.")
    given_up = note.version
    action = "abandon_amendment_of_withdrawn" if note.is_final_withdrawn else "abandon_amendment"
    NOTE_WORKFLOW.move(actor, note, action, at.date(), state_reason=reason)
    _restore_text(note, actor, at)
    _restore_rows(note)
    event("note.amendment_abandoned", actor, note, at, changes={"version": given_up}, reason=reason)
    return note


ROWS = (Judgement, CohesionRow, NoteDataset, ActionReview, NoteTarget, NoteIntervention, CategoryProposal)
"""The tables of a note's sections: what an amendment may change, and giving it up puts back."""


def _rows_now(note: NoteOfVisit) -> str:
    rows = [row for model in ROWS for row in model._default_manager.filter(section__note=note).order_by("pk")]
    return str(serializers.serialize("json", rows))


def _restore_rows(note: NoteOfVisit) -> None:
    """The rows as they were when the amendment was begun; what it proposed goes with it."""
    kept = list(serializers.deserialize("json", note.kept_rows or "[]"))
    for model in ROWS:
        pks = [item.object.pk for item in kept if isinstance(item.object, model)]
        model._default_manager.filter(section__note=note).exclude(pk__in=pks).delete()
    for item in kept:
        item.save()
    AgreedAction.objects.filter(note=note, state=ActionState.PROPOSED).delete()
    note.differences.filter(school_at__isnull=True).exclude(pk__in=_recorded(note)).delete()
    NoteOfVisit.objects.filter(pk=note.pk).update(kept_rows="")


def _recorded(note: NoteOfVisit) -> list[int]:
    """The differences of view that the final version shows, by their topic."""
    assert note.final_version is not None
    topics = {
        row["topic"]
        for record in note.records.filter(kind=RecordKind.FINAL, version=note.final_version)
        for section in whole_text(record)["sections"]
        for block in section["blocks"]
        if block["kind"] == "differences"
        for row in block["rows"]
    }
    return list(note.differences.filter(topic__in=topics).values_list("pk", flat=True))


def _restore_text(note: NoteOfVisit, actor: User, at: dt.datetime) -> None:
    """Put the working text back to the final record's, so that the next amendment begins from what stands."""
    assert note.final_version is not None
    records = {record.school_id: record for record in note.records.filter(kind=RecordKind.FINAL, version=note.final_version)}
    for section in NoteSection.objects.filter(note=note):
        record = records.get(section.school_id or note.school.pk)
        if record is None:
            continue
        for shown in whole_text(record)["sections"]:
            if shown["code"] == section.code:
                text = "\n\n".join(block["text"] for block in shown["blocks"] if block["kind"] == "text")
                none = any(block["kind"] == "differences" and block["declared_none"] for block in shown["blocks"])
                NoteSection.objects.filter(pk=section.pk).update(declares_none=none)
                if text != section.body:
                    NoteSection.objects.filter(pk=section.pk).update(body=text, revision=section.revision + 1, saved_at=at, saved_by=actor)


# ---------------------------------------------------------------- readers and progress


@transaction.atomic
def note_record_opened(*, actor: User, record: Withdrawable, role: str, at: dt.datetime, downloaded: bool = False) -> None:
    """That somebody opened a record, or took its PDF: seen by all who may read it, the head included. Once a day each."""
    require(actor, P.RECORD_READ, record, on=at.date())
    name = "record.downloaded" if downloaded else "record.opened"
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    seen = audit.AuditEvent.objects.about(str(record._meta.model_name), record.public_id).filter(
        event=name, actor_id=actor.public_id, occurred_at__gte=day
    )
    if not seen.exists():
        audit.record(name, actor=actor, at=at, subject=record, school=record.school, role=role)


@transaction.atomic
def report_progress(*, actor: User, action: AgreedAction, text: str, evidence: str = "", role: str, at: dt.datetime) -> ActionProgress:
    """Dated progress with evidence between visits, by the school or the SIP; the next note brings it along."""
    require(actor, P.ACTION_REPORT, action, on=at.date())
    if action.state != ActionState.OPEN:
        raise Refused("This action is closed.")
    if not text.strip():
        raise Refused("Say what has been done.", field="text")
    progress = ActionProgress.objects.create(
        action=action, on=at.date(), text=text.strip(), evidence=evidence.strip(), by=actor, by_name=actor.name, by_role=role, at=at
    )
    audit.record(
        "action.progress", actor=actor, at=at, subject=action, school=action.school, changes={"progress": audit.content(text)}, role=role
    )
    return progress
