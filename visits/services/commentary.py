"""The annual commentary to governors: begun, gathered, edited by section, sent to the head for accuracy, made final, amended."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, Max

from core import audit, files
from core.access import Conflict, Refused, require
from core.components.formats import day
from people.models import User
from people.packs import require_pack
from people.roles import HAT_NAMES, Hat
from people.roles import Permission as P
from schools.models import School

from ..choices import Accuracy, CommentaryState, RecordKind
from ..commentary import assemble, named_records, parts_of, year_records
from ..indexing import index_commentary
from ..models import Commentary, CommentaryAnswer, CommentaryRecord, CommentarySection
from ..payload import RenderedRecord
from ..recipients import recipients_of, why_chair
from ..seals import whole_text
from ..workflow import COMMENTARY_WORKFLOW
from . import cells
from .dispatching import dispatch_to, forget_unsent
from .gate import event, need, pack_of
from .notes import LONGEST_BODY, Saved, SectionConflict

# ---------------------------------------------------------------- written


@transaction.atomic
def start_commentary(*, actor: User, school: School, academic_year: int, at: dt.datetime) -> Commentary:
    """Open the commentary of a school and year, and assemble it from the year's final records that the actor reads."""
    require(actor, P.COMMENTARY_START, school, on=at.date())
    if Commentary.objects.filter(school=school, academic_year=academic_year).exists():
        raise Refused("The commentary of this year has been begun already.", field="year")
    pack = require_pack(school.authority, at.date())
    parts = parts_of(pack)
    if not parts:
        raise Refused("The authority's policy pack says nothing of an annual commentary. Ask the administrator for its newest version.")
    records = year_records(actor, school, academic_year)
    if not records:
        raise Refused("There is no final note of that year to make a commentary from.", field="year")
    commentary = Commentary.objects.create(
        authority=school.authority, school=school, academic_year=academic_year, author=actor, pack=pack.row, started_at=at
    )
    texts = assemble(school, records, parts)
    CommentarySection.objects.bulk_create(
        [
            CommentarySection(
                commentary=commentary,
                code=part.code,
                title=part.title,
                position=position,
                body=texts[part.code],
                assembled=texts[part.code],
            )
            for position, part in enumerate(parts, 1)
        ]
    )
    commentary.sources.set(records)
    event("commentary.started", actor, commentary, at, changes={"year": commentary.year_label, "notes": len(records)})
    return commentary


@transaction.atomic
def gather_commentary(*, actor: User, commentary: Commentary, at: dt.datetime) -> int:
    """Assemble again, from the final records as they are now; answers how many sections changed.

    What nobody has edited is written anew. Behind an edited text stand the passages of those notes that it was not yet
    assembled from (also of a note amended since, whose new version may say something else).
    """
    COMMENTARY_WORKFLOW.move(actor, commentary, "gather", at.date())
    parts = parts_of(pack_of(commentary))
    records = year_records(actor, commentary.school, commentary.academic_year)
    known = set(commentary.sources.values_list("pk", flat=True))
    texts, added = (
        assemble(commentary.school, records, parts),
        assemble(commentary.school, [r for r in records if r.pk not in known], parts),
    )
    changed = 0
    for section in CommentarySection.objects.filter(commentary=commentary, code__in=texts):
        body = texts[section.code]
        if section.is_edited:
            body = "\n\n".join(filter(None, [section.body.rstrip(), added[section.code]]))
        if body == section.body:
            continue
        assembled = section.assembled if section.is_edited else body
        moved = CommentarySection.objects.filter(pk=section.pk, revision=section.revision).update(
            body=body, assembled=assembled, revision=F("revision") + 1, saved_at=at, saved_by=actor
        )
        if moved != 1:
            raise Conflict("The commentary was saved in another window meanwhile. Nothing was gathered; try again.")
        changed += 1
    commentary.sources.set(records)
    event("commentary.gathered", actor, commentary, at, changes={"notes": len(records), "sections": changed})
    return changed


@transaction.atomic
def save_commentary_section(*, actor: User, commentary: Commentary, code: str, base_revision: int, body: str, at: dt.datetime) -> Saved:
    """Save one section, if nobody saved it since ``base_revision``; as ``save_section`` of a note (ADR 0003).

    Raises :class:`SectionConflict` with both texts, or ``Conflict`` when it is no longer a draft.
    """
    if not Commentary.objects.filter(pk=commentary.pk, state=CommentaryState.DRAFT, author=commentary.author_id).update(state=F("state")):
        raise Conflict("The commentary is no longer a draft that you write. Nothing was saved.")
    require(actor, P.COMMENTARY_WRITE, commentary, on=at.date())
    text = cells.clean(body)
    if len(text) > LONGEST_BODY:
        raise Refused(f"A section holds at most {LONGEST_BODY:,} characters; this one has {len(text):,}.", field="body")
    section = CommentarySection.objects.filter(commentary=commentary, code=code).first()
    if section is None:
        raise Refused("The commentary has no such section.")
    saved = CommentarySection.objects.filter(pk=section.pk, revision=base_revision).update(
        revision=F("revision") + 1, body=text, saved_at=at, saved_by=actor
    )
    if saved != 1:
        raise SectionConflict(section, text)
    hour = at.replace(minute=0, second=0, microsecond=0)
    written = audit.AuditEvent.objects.about("commentary", commentary.public_id).filter(
        event="commentary.written", actor_id=actor.public_id
    )
    if not written.filter(occurred_at__gte=hour, occurred_at__lt=hour + dt.timedelta(hours=1)).exists():  # it saves itself
        changes = {section.code: audit.content(text)}
        audit.record("commentary.written", actor=actor, at=at, subject=commentary, school=commentary.school, changes=changes)
    return Saved(code, base_revision + 1, at, len(text.split()))


@transaction.atomic
def hand_on_commentary(*, actor: User, commentary: Commentary, author: User, reason: str, at: dt.datetime) -> Commentary:
    """The manager gives a draft to another adviser of the school, with the reason."""
    reason = need(reason, "Say why the commentary goes to another author.")
    if author.pk == commentary.author_id or not author.hats.is_adviser_of(commentary.school_id):
        raise Refused("Choose another adviser of the school.", field="person")
    before = commentary.author.name
    COMMENTARY_WORKFLOW.move(actor, commentary, "hand_on", at.date(), author=author)
    event("commentary.handed_on", actor, commentary, at, changes={"author": [before, author.name]}, reason=reason)
    return commentary


# ---------------------------------------------------------------- sent


def why_not_sent(commentary: Commentary) -> str | None:
    """What stands between the text and anybody's reading it: nothing of a withdrawn note goes out again in it."""
    texts = {row.title: row.body for row in CommentarySection.objects.filter(commentary=commentary)}
    if not any(text.strip() for text in texts.values()):
        return "The commentary is empty."
    sources = commentary.sources.with_standing().select_related("note")
    withdrawn = {row.note.reference for row in [*sources, *named_records(commentary, texts.values())] if row.is_withdrawn}
    if withdrawn:
        reference = min(withdrawn)
        where = [title for title, text in texts.items() if reference in text]
        take_out = f" Take out what it said: {'; '.join(where)}." if where else ""
        return f"Note {reference} has been withdrawn.{take_out} Then gather the notes again."
    return None


@transaction.atomic
def release_commentary(*, actor: User, commentary: Commentary, rendered: RenderedRecord, at: dt.datetime) -> Commentary:
    """Send the draft to the head for accuracy (without a head in post to the chair). ``rendered`` as for a note: made
    before, from the commentary at its ``lock_version``."""
    on = at.date()
    _check_rendered(commentary, rendered, RecordKind.RELEASE)
    COMMENTARY_WORKFLOW.check(actor, commentary, "release", on)
    if why := why_not_sent(commentary):
        raise Refused(why)
    reasons = why_chair(commentary, pack_of(commentary), on)
    COMMENTARY_WORKFLOW.move(actor, commentary, "release", on, released_at=at, school_due_on=None, goes_to_chair=bool(reasons))
    people = recipients_of(commentary, commentary.school, RecordKind.RELEASE, on)
    if not people:
        raise Refused("Nobody at the school can receive the draft: no head and no chair is known. Report one first.")
    _write_record(actor, commentary, rendered, at)
    dispatch_to(actor, commentary, RecordKind.RELEASE, people, at)
    event("commentary.released", actor, commentary, at, changes={"version": commentary.version, "to": [p.who for p in people]})
    return commentary


@transaction.atomic
def answer_commentary(*, actor: User, commentary: Commentary, accuracy: str, words: str, at: dt.datetime) -> CommentaryAnswer:
    """The head says whether it is accurate, and where not. Of co-heads one answer suffices; a later one takes its place."""
    COMMENTARY_WORKFLOW.check(actor, commentary, "answer", at.date())
    if accuracy not in Accuracy.values:
        raise Refused("Say whether it is accurate.", field="accuracy")
    if accuracy == Accuracy.INACCURATE and not words.strip():
        raise Refused("Say where it is inaccurate, and what would be right.", field="words")
    worn = actor.hats.contact_hats(commentary.school_id)
    role = HAT_NAMES[Hat.HEAD if Hat.HEAD in worn else Hat.CHAIR]
    COMMENTARY_WORKFLOW.move(actor, commentary, "answer", at.date())
    answer, _ = CommentaryAnswer.objects.update_or_create(
        commentary=commentary,
        version=commentary.version,
        defaults={"accuracy": accuracy, "words": words.strip(), "by": actor, "by_name": actor.name, "by_role": role, "at": at},
    )
    event("commentary.answered", actor, commentary, at, changes={"accuracy": accuracy, "words": audit.content(words)}, role=role)
    return answer


@transaction.atomic
def recall_commentary(*, actor: User, commentary: Commentary, reason: str, at: dt.datetime) -> Commentary:
    """Take the draft back: the school's access ends at once; its answer is kept. The next version is written."""
    reason = need(reason, "Say why the draft is recalled.")
    before = commentary.version
    COMMENTARY_WORKFLOW.move(
        actor,
        commentary,
        "recall",
        at.date(),
        version=before + 1,
        version_reason=reason,
        released_at=None,
        school_due_on=None,
        goes_to_chair=False,
    )
    forget_unsent(commentary, before, at)
    event("commentary.recalled", actor, commentary, at, changes={"version": [before, before + 1]}, reason=reason)
    return commentary


# ---------------------------------------------------------------- final


def why_not_final(commentary: Commentary, on: dt.date) -> str | None:
    """What still stands between it and final: the head has answered, or the time to answer has passed."""
    if not commentary.answers.filter(version=commentary.version).exists():
        if commentary.school_due_on is None:
            return "The draft has not been delivered to the school, so its time to answer has not begun."
        if on <= commentary.school_due_on:
            return f"{commentary.school.name} has until {day(commentary.school_due_on)} to answer."
    return why_not_sent(commentary)


@transaction.atomic
def finalise_commentary(*, actor: User, commentary: Commentary, rendered: RenderedRecord, at: dt.datetime, reply: str = "") -> Commentary:
    """Make it final: one immutable record and PDF, sent to chair, head, clerk and the authority.

    Where the head called it inaccurate, ``reply`` is the author's answer, which ``rendered`` holds already.
    """
    on = at.date()
    _check_rendered(commentary, rendered, RecordKind.FINAL)
    COMMENTARY_WORKFLOW.check(actor, commentary, "finalise", on)
    if why := why_not_final(commentary, on):
        raise Refused(why)
    answer = commentary.answers.filter(version=commentary.version).first()
    if answer is not None and answer.accuracy == Accuracy.INACCURATE:
        if not reply.strip():
            raise Refused("Answer what the school says is inaccurate, or recall the draft and put it right.", field="reply")
        said = json.loads(rendered.text)["response"]["answer"]
        if said is None or said["text"] != reply.strip():
            raise Conflict("The answer to the school changed while the PDF was made. Nothing was sent; look at it again.")
        commentary.answers.filter(pk=answer.pk).update(reply=reply.strip(), replied_by_name=actor.name, replied_at=at)
    COMMENTARY_WORKFLOW.move(actor, commentary, "finalise", on, finalised_at=at, final_version=commentary.version, is_final_withdrawn=False)
    record = _write_record(actor, commentary, rendered, at)
    people = recipients_of(commentary, commentary.school, RecordKind.FINAL, on)
    dispatch_to(actor, commentary, RecordKind.FINAL, people, at)
    index_commentary(record, commentary)
    event(
        "commentary.finalised",
        actor,
        commentary,
        at,
        changes={"version": commentary.version, "digest": record.digest, "to": [p.who for p in people]},
    )
    return commentary


@transaction.atomic
def amend_commentary(*, actor: User, commentary: Commentary, reason: str, at: dt.datetime) -> Commentary:
    """Begin version n+1, a number never used before; version n, if it is not withdrawn, stays until the new one is final."""
    reason = need(reason, "Say why the commentary is amended.")
    highest = max(commentary.version, commentary.records.aggregate(last=Max("version"))["last"] or 0)
    COMMENTARY_WORKFLOW.move(
        actor,
        commentary,
        "amend",
        at.date(),
        version=highest + 1,
        version_reason=reason,
        released_at=None,
        school_due_on=None,
        goes_to_chair=False,
    )
    event("commentary.amended", actor, commentary, at, changes={"version": highest + 1}, reason=reason)
    return commentary


@transaction.atomic
def abandon_commentary_amendment(*, actor: User, commentary: Commentary, reason: str, at: dt.datetime) -> Commentary:
    """Give an amendment up: it is again what version n was, final or withdrawn, and its text is that version's."""
    reason = need(reason, "Say why the amendment is given up.")
    given_up = commentary.version
    action = "abandon_amendment_of_withdrawn" if commentary.is_final_withdrawn else "abandon_amendment"
    COMMENTARY_WORKFLOW.move(actor, commentary, action, at.date())
    assert commentary.final_version is not None
    final = commentary.records.get(kind=RecordKind.FINAL, version=commentary.final_version)
    said = {section["code"]: section["text"] for section in whole_text(final)["sections"]}
    for section in CommentarySection.objects.filter(commentary=commentary):
        if section.body.strip() != said.get(section.code, ""):
            CommentarySection.objects.filter(pk=section.pk).update(
                body=said.get(section.code, ""), revision=F("revision") + 1, saved_at=at, saved_by=actor
            )
    event("commentary.amendment_abandoned", actor, commentary, at, changes={"version": given_up}, reason=reason)
    return commentary


# ---------------------------------------------------------------- records


def _check_rendered(commentary: Commentary, rendered: RenderedRecord, kind: str) -> None:
    is_this = (rendered.school_id, rendered.kind, rendered.version) == (commentary.school_id, kind, commentary.version)
    if not is_this or rendered.lock_version != commentary.lock_version:
        raise Conflict("The commentary changed while its PDF was made. Nothing was sent; look at it again.")


def _write_record(actor: User, commentary: Commentary, rendered: RenderedRecord, at: dt.datetime) -> CommentaryRecord:
    pdf = files.store(rendered.pdf, "application/pdf", at=at)
    record = CommentaryRecord.objects.create(
        authority=commentary.authority,
        commentary=commentary,
        school=commentary.school,
        version=rendered.version,
        kind=rendered.kind,
        payload=rendered.text,
        digest=rendered.digest,
        pdf=pdf,
        pdf_digest=pdf.sha256,
        at=at,
        author_id=commentary.author_id,
        by=actor,
        by_name=actor.name,
        by_role=rendered.by_role,
    )
    texts: Sequence[str] = [section["text"] for section in json.loads(rendered.text)["sections"]]
    record.sources.set(named_records(commentary, texts))
    return record
