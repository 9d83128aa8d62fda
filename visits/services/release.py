"""The two dispatches and what lies between them: release, the school's answers, extension, recall, final."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from core import audit, files
from core.access import Conflict, Refused
from people.models import User
from people.roles import HAT_NAMES, Hat
from schools.models import School
from support.services import take_proposal

from ..choices import Accuracy, Agreement, CommentKind, RecordKind
from ..clocks import clock_days
from ..models import CategoryProposal, DifferenceOfView, NoteOfVisit, NoteRecord, SchoolComment, SchoolResponse
from ..payload import RenderedRecord
from ..recipients import recipients_of, why_chair
from ..selectors import last_record_version
from ..workflow import NOTE_WORKFLOW
from .discussed import take_effect
from .dispatching import dispatch_to, forget_unsent
from .gate import event, is_concern, need, pack_of
from .notes import actions_become_agreed

# ---------------------------------------------------------------- release


@transaction.atomic
def release_note(
    *,
    actor: User,
    note: NoteOfVisit,
    rendered: Sequence[RenderedRecord],
    at: dt.datetime,
    opens_on: dt.date | None = None,
    to_chair_reason: str = "",
) -> NoteOfVisit:
    """Release the draft to the school for accuracy: records written, recipients resolved now, emails in the outbox.

    ``rendered`` was made before this transaction from the note at its ``lock_version``; if the note has moved since,
    nothing is released. The school's window runs from the first delivery to the head (or from ``opens_on``, where the
    author puts it off to the next term). Without a headteacher in post the draft goes to the chair, and says so.
    """
    on = at.date()
    pack = pack_of(note)
    if to_chair_reason.strip() and note.author_id == actor.pk:
        raise Refused("The manager decides whether the chair has the draft.", field="to_chair_reason")
    reasons = why_chair(note, pack, on, to_chair_reason)
    if opens_on is not None and opens_on <= on:
        opens_on = None
    _check_rendered(note, rendered, RecordKind.RELEASE)
    NOTE_WORKFLOW.move(
        actor,
        note,
        "release",
        on,
        released_at=at,
        school_due_on=None,
        final_due_on=None,
        window_opens_on=opens_on,
        goes_to_chair=bool(reasons),
        goes_to_chair_reason="; ".join(reasons),
    )
    to_officers = pack.flag("officers_read_concern_draft") and is_concern(note, on)
    _write_records(actor, note, rendered, RecordKind.RELEASE, at, goes_to_officers=to_officers)
    people = [person for school in note.covered for person in recipients_of(note, school, RecordKind.RELEASE, on)]
    if not people:
        head = pack.labels(note.school.phase).get("head")
        raise Refused(f"Nobody at the school can receive the draft: no {head} and no chair is known. Report one first.")
    dispatch = dispatch_to(actor, note, RecordKind.RELEASE, people, at)
    event(
        "note.released",
        actor,
        note,
        at,
        changes={"version": note.version, "to": [person.who for person in people], "dispatch": dispatch.public_id},
    )
    return note


def _check_rendered(note: NoteOfVisit, rendered: Sequence[RenderedRecord], kind: str) -> None:
    """One rendering a school, of this very version of the note."""
    if {item.school_id for item in rendered} != {school.pk for school in note.covered}:
        raise Refused("The records of some schools were not made.")
    for item in rendered:
        if item.lock_version != note.lock_version or item.kind != kind or item.version != note.version:
            raise Conflict("The note changed while its PDF was made. Nothing was sent; look at it again.")


def _write_records(
    actor: User, note: NoteOfVisit, rendered: Sequence[RenderedRecord], kind: str, at: dt.datetime, *, goes_to_officers: bool = False
) -> list[NoteRecord]:
    records = []
    for item in rendered:
        pdf = files.store(item.pdf, "application/pdf", at=at)
        records.append(
            NoteRecord.objects.create(
                authority=note.authority,
                note=note,
                school_id=item.school_id,
                version=note.version,
                kind=kind,
                payload=item.text,
                digest=item.digest,
                pdf=pdf,
                pdf_digest=pdf.sha256,
                goes_to_officers=goes_to_officers,
                at=at,
                author_id=note.author_id,
                by=actor,
                by_name=actor.name,
                by_role=item.by_role,
                silence=item.silence,
            )
        )
    return records


# ---------------------------------------------------------------- the school's answers


def _speaker(actor: User, note: NoteOfVisit, school: School) -> str:
    hats = actor.hats.contact_hats(school.pk)
    if Hat.HEAD in hats:
        kind = next(contact.kind for contact in actor.hats.contacts if contact.school_id == school.pk and contact.hat == Hat.HEAD)
        from schools.choices import ContactKind

        return ContactKind(kind).label.capitalize()
    if Hat.CHAIR in hats and note.goes_to_chair:
        return HAT_NAMES[Hat.CHAIR]
    raise Refused("You can answer for your own school only.")


@transaction.atomic
def answer_note(
    *, actor: User, note: NoteOfVisit, school: School, accuracy: str, agreement: str = "", words: str = "", at: dt.datetime
) -> SchoolResponse:
    """The school says whether the note is accurate and, apart from that, whether it agrees. Of co-heads one answer suffices."""
    NOTE_WORKFLOW.check(actor, note, "answer", at.date())
    if accuracy not in Accuracy.values:
        raise Refused("Say whether the note is accurate.", field="accuracy")
    if agreement not in Agreement.values:
        raise Refused("Say whether you agree, or leave it unsaid.", field="agreement")
    inaccuracies = SchoolComment.objects.filter(note=note, school=school, version=note.version, kind=CommentKind.INACCURATE).exists()
    if accuracy == Accuracy.INACCURATE and not inaccuracies:
        raise Refused("Say at a section where the note is inaccurate, then send your answer.", field="accuracy")
    if accuracy == Accuracy.ACCURATE and inaccuracies:
        raise Refused("You have marked a section as inaccurate. Answer that it is inaccurate where you say.", field="accuracy")
    role = _speaker(actor, note, school)
    NOTE_WORKFLOW.move(actor, note, "answer", at.date())
    response, _ = SchoolResponse.objects.update_or_create(
        note=note,
        school=school,
        version=note.version,
        defaults={
            "accuracy": accuracy,
            "agreement": agreement,
            "words": words.strip(),
            "by": actor,
            "by_name": actor.name,
            "by_role": role,
            "at": at,
        },
    )
    audit.record(
        "note.answered",
        actor=actor,
        at=at,
        subject=note,
        school=school,
        changes={"accuracy": accuracy, "agreement": agreement or "unsaid", "words": audit.content(words)},
        role=role,
    )
    return response


@transaction.atomic
def comment_on_note(
    *, actor: User, note: NoteOfVisit, school: School, section_code: str, kind: str, text: str, at: dt.datetime
) -> SchoolComment:
    """The school's word on a section: a comment, or where it is inaccurate. Words are kept and printed unedited."""
    NOTE_WORKFLOW.check(actor, note, "comment", at.date())
    if kind not in CommentKind.values:
        raise Refused("Say whether this is a comment or an inaccuracy.", field="kind")
    if not text.strip():
        raise Refused("Write what is inaccurate." if kind == CommentKind.INACCURATE else "Write your comment.", field="text")
    if section_code and not note.sections.filter(code=section_code).exists():
        raise Refused("This note has no such section.")
    role = _speaker(actor, note, school)
    NOTE_WORKFLOW.move(actor, note, "comment", at.date())
    comment = SchoolComment.objects.create(
        note=note,
        school=school,
        version=note.version,
        section_code=section_code,
        kind=kind,
        text=text.strip(),
        by=actor,
        by_name=actor.name,
        by_role=role,
        at=at,
    )
    audit.record(
        "note.commented",
        actor=actor,
        at=at,
        subject=note,
        school=school,
        changes={section_code or "note": audit.content(text), "kind": kind},
        role=role,
    )
    return comment


@transaction.atomic
def remove_comment(*, actor: User, comment: SchoolComment, at: dt.datetime) -> None:
    """The school takes back a comment of its own that nobody has answered yet: one made by mistake need not be printed."""
    note = comment.note
    NOTE_WORKFLOW.check(actor, note, "comment", at.date())
    if comment.version != note.version:
        raise Refused("That comment was on an earlier version, and is kept with it.")
    role = _speaker(actor, note, comment.school)
    NOTE_WORKFLOW.move(actor, note, "comment", at.date())
    removed, _ = SchoolComment.objects.filter(pk=comment.pk, answered_at__isnull=True).delete()
    if not removed:
        raise Conflict("This comment has been answered, and is kept with its answer.")
    audit.record(
        "note.comment_removed",
        actor=actor,
        at=at,
        subject=note,
        school=comment.school,
        changes={comment.section_code or "note": comment.kind},
        role=role,
    )


@transaction.atomic
def record_school_view(
    *,
    actor: User,
    note: NoteOfVisit,
    school: School,
    view: str,
    evidence: str,
    at: dt.datetime,
    difference: DifferenceOfView | None = None,
    topic: str = "",
) -> DifferenceOfView:
    """The school writes its side of a difference of view, or opens one. It is never dropped afterwards."""
    NOTE_WORKFLOW.check(actor, note, "differ", at.date())
    if not view.strip():
        raise Refused("Write how the school sees it.", field="view")
    if difference is None and not topic.strip():
        raise Refused("Say what you see differently.", field="topic")
    if difference is not None and (difference.note_id != note.pk or difference.school_id != school.pk):
        raise Refused("That difference of view is not in this note.")
    role = _speaker(actor, note, school)
    NOTE_WORKFLOW.move(actor, note, "differ", at.date())
    note.sections.filter(Q(school=school) | Q(school__isnull=True), declares_none=True).update(declares_none=False)
    if difference is None:
        difference = DifferenceOfView(note=note, school=school, topic=topic.strip()[:200], position=note.differences.count())
    difference.school_view, difference.school_evidence = view.strip(), evidence.strip()
    difference.school_by, difference.school_at = f"{actor.name}, {role}", at
    difference.save()
    audit.record("note.difference", actor=actor, at=at, subject=note, school=school, changes={"view": audit.content(view)}, role=role)
    return difference


@transaction.atomic
def reply_to_comment(*, actor: User, comment: SchoolComment, text: str, at: dt.datetime) -> SchoolComment:
    """The author answers a comment of the school."""
    if not text.strip():
        raise Refused("Write your answer.", field="text")
    note = comment.note
    if comment.version != note.version:
        raise Refused("That comment was on an earlier version.")
    NOTE_WORKFLOW.move(actor, note, "reply", at.date())
    comment.answer, comment.answered_by, comment.answered_by_name, comment.answered_at = text.strip(), actor, actor.name, at
    comment.save(update_fields=["answer", "answered_by", "answered_by_name", "answered_at"])
    event("note.replied", actor, note, at, changes={"answer": audit.content(text)})
    return comment


@transaction.atomic
def extend_window(*, actor: User, note: NoteOfVisit, until: dt.date, reason: str, at: dt.datetime) -> NoteOfVisit:
    """The manager gives the school until another day."""
    reason = need(reason, "Say why the school has more time.")
    if until <= max(at.date(), note.school_due_on or at.date()):
        raise Refused("Choose a later day than the one that stands.", field="until")
    before = note.school_due_on.isoformat() if note.school_due_on else None
    pack = pack_of(note)
    NOTE_WORKFLOW.move(
        actor,
        note,
        "extend",
        at.date(),
        school_due_on=until,
        final_due_on=pack.office_days.add(until, clock_days(note.visit, pack, "final_office_days")),
    )
    event("note.extended", actor, note, at, changes={"until": [before, until.isoformat()]}, reason=reason)
    return note


@transaction.atomic
def recall_note(*, actor: User, note: NoteOfVisit, reason: str, at: dt.datetime) -> NoteOfVisit:
    """Take the draft back from the school: its access ends at once; its answers are kept and carried into the next version."""
    reason = need(reason, "Say why the draft is recalled.")
    pack = pack_of(note)
    before = note.version
    NOTE_WORKFLOW.move(
        actor,
        note,
        "recall",
        at.date(),
        version=before + 1,
        version_reason=reason,
        submitted_at=None,
        ready_at=None,
        released_at=None,
        school_due_on=None,
        final_due_on=None,
        window_opens_on=None,
        goes_to_chair=False,
        goes_to_chair_reason="",
        draft_due_on=pack.office_days.add(at.date(), clock_days(note.visit, pack, "draft_office_days")),
    )
    forget_unsent(note, before, at)
    event("note.recalled", actor, note, at, changes={"version": [before, before + 1]}, reason=reason)
    return note


# ---------------------------------------------------------------- final


def why_not_final(note: NoteOfVisit, on: dt.date) -> str | None:
    """What still stands between this note and final: each school has answered or its window has passed; every inaccuracy answered."""
    answered = set(note.responses.filter(version=note.version).values_list("school_id", flat=True))
    waiting = [school.name for school in note.covered if school.pk not in answered]
    passed = note.school_due_on is not None and on > note.school_due_on
    if waiting and not passed:
        if note.school_due_on is None:
            return "The draft has not been delivered to the school, so its time to answer has not begun."
        return f"{waiting[0]} has until {note.school_due_on:%-d %B %Y} to answer."
    open_inaccuracies = note.comments.filter(version=note.version, kind=CommentKind.INACCURATE, answered_at__isnull=True).count()
    if open_inaccuracies:
        return (
            f"{open_inaccuracies} of the inaccuracies that the school raised {'has' if open_inaccuracies == 1 else 'have'} no answer yet."
        )
    return None


@transaction.atomic
def finalise_note(*, actor: User, note: NoteOfVisit, rendered: Sequence[RenderedRecord], at: dt.datetime) -> NoteOfVisit:
    """Make the note final: one immutable record and PDF a school, sent to head, chair, clerk and the authority (P17)."""
    on = at.date()
    _check_rendered(note, rendered, RecordKind.FINAL)
    NOTE_WORKFLOW.check(actor, note, "finalise", on)
    why = why_not_final(note, on)
    if why:
        raise Refused(why)
    if last_record_version(note, RecordKind.FINAL) >= note.version:
        raise Conflict("This version is final already.")
    NOTE_WORKFLOW.move(actor, note, "finalise", on, finalised_at=at, final_version=note.version, is_final_withdrawn=False)
    records = _write_records(actor, note, rendered, RecordKind.FINAL, at)
    actions_become_agreed(note, on)
    _hand_on_proposals(actor, note, at)
    take_effect(actor, note, at)
    for section in note.sections.all():
        section.bodies.all().delete()
    people = [person for school in note.covered for person in recipients_of(note, school, RecordKind.FINAL, on)]
    dispatch_to(actor, note, RecordKind.FINAL, people, at)
    _take_up_corrections(actor, note, at)
    from ..indexing import index_actions, index_record

    for record in records:
        index_record(record, note)
    index_actions(note)
    event(
        "note.finalised",
        actor,
        note,
        at,
        changes={
            "version": note.version,
            "digests": {str(record.school.urn): record.digest for record in records},
            "to": [person.who for person in people],
        },
    )
    return note


def _hand_on_proposals(actor: User, note: NoteOfVisit, at: dt.datetime) -> None:
    """The level that the SIP proposes goes to the panel once the note is final (domain.md §6, "Category")."""
    for proposal in CategoryProposal.objects.filter(section__note=note).exclude(category="").select_related("section__school__authority"):
        take_proposal(
            actor=actor,
            school=proposal.section.school or note.school,
            category=proposal.category,
            label=proposal.label,
            words="\n\n".join(filter(None, [proposal.criteria.strip(), proposal.reasons.strip()])),
            by=note.author.name,
            on=note.visit.on or at.date(),
            reference=note.reference,
            at=at,
        )


def _take_up_corrections(actor: User, note: NoteOfVisit, at: dt.datetime) -> None:
    """A request that was open is answered by the new version."""
    from ..models import CorrectionRequest

    CorrectionRequest.objects.filter(record__note=note, state="open", record__version__lt=note.version).update(
        state="taken_up", answer=f"Taken up in version {note.version}.", answered_by=actor, answered_by_name=actor.name, answered_at=at
    )
