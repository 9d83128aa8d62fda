"""Beginning a note, and writing it section by section."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Max

from core import audit
from core.access import Conflict, Refused, require
from people.models import User
from people.packs import AuthorityPack, require_pack
from people.roles import Permission as P
from schools.models import School
from targets.models import Target
from targets.pack import measures_of, targets_of

from ..choices import WRITABLE, ActionOwner, ActionState, ActionStatus, DatasetState, NoteState, VisitState
from ..clocks import clock_days
from ..models import (
    ActionReview,
    AgreedAction,
    CategoryProposal,
    CohesionRow,
    CommentarySection,
    DifferenceOfView,
    Judgement,
    NoteDataset,
    NoteOfVisit,
    NoteSection,
    NoteShare,
    NoteTarget,
    SectionBody,
    Visit,
    WarningAnswer,
)
from ..pack import Dataset, SectionUse, VisitType, cohesion_of, visits_of
from ..policies import writes_section
from . import cells
from .discussed import save_interventions, save_targets
from .offline import SentPiece, take_piece

KEPT_BODIES = 20
"""architecture.md rule 8: so many earlier wordings are kept until the note is final."""

LONGEST_BODY = 60_000
"""Characters of a section: about twenty pages. Beyond it the checks take seconds and no PDF can be made."""

SAME_SITTING = dt.timedelta(minutes=2)
"""Saves of one writer closer than this are one wording in the history."""


class SectionConflict(Conflict):
    """Another window was first. Nothing of the later save is written; ``current`` is what stands, ``yours`` what was sent."""

    def __init__(self, section: NoteSection | CommentarySection, yours: str) -> None:
        super().__init__("This section was changed in another window. Neither text is lost: choose what stands.")
        self.section: Any = section
        self.current = section.body
        self.yours = yours
        self.revision = section.revision


# ---------------------------------------------------------------- begin


def _next_reference(visit: Visit) -> str:
    """2008/0417: the visit's academic year and a running number in the authority."""
    prefix = f"{visit.academic_year}/"
    last = NoteOfVisit.objects.filter(authority=visit.authority, reference__startswith=prefix).aggregate(last=Max("reference"))["last"]
    return f"{prefix}{int(last.split('/')[1]) + 1 if last else 1:04d}"


@transaction.atomic
def start_note(*, actor: User, visit: Visit, at: dt.datetime) -> NoteOfVisit:
    """Begin the note of a held visit: its sections from the pack, every unfinished action of the school brought in."""
    require(actor, P.NOTE_START, visit, on=at.date())
    if visit.state != VisitState.HELD:
        raise Refused("A note can be started once the visit is logged as held.")
    if visit.note_waived_at is not None:
        raise Refused("The manager has decided that no note is due for this visit.")
    if NoteOfVisit.objects.filter(visit=visit).exclude(state=NoteState.ABANDONED).exists():
        raise Refused("The note of this visit has been begun already.")
    if NoteOfVisit.objects.filter(visit=visit).exists():
        raise Refused("The note of this visit was abandoned. Restore it to go on with it.")
    assert visit.on is not None
    pack = require_pack(visit.authority, visit.on)
    visit_type = visits_of(pack.content).visit_type(visit.visit_type)
    note = NoteOfVisit.objects.create(
        authority=visit.authority,
        visit=visit,
        author=actor,
        reference=_next_reference(visit),
        pack=pack.row,
        draft_due_on=pack.office_days.add(visit.on, clock_days(visit, pack, "draft_office_days")),
        started_at=at,
    )
    _make_sections(note, pack, visit_type)
    audit.record("note.started", actor=actor, at=at, subject=note, school=visit.school, changes={"due": note.draft_due_on.isoformat()})
    return note


def _make_sections(note: NoteOfVisit, pack: AuthorityPack, visit_type: VisitType) -> None:
    """One row a section; for a group, one a school where the section is the school's own."""
    schools = note.visit.covered
    position = 0
    for use in visit_type.sections:
        wanted = [school for school in schools if use.is_for(school.phase)]
        if not wanted:
            continue
        position += 1
        owners: Sequence[School | None] = wanted if len(schools) > 1 and use.section.is_per_school else [None]
        for owner in owners:
            section = NoteSection.objects.create(
                note=note, school=owner, code=use.section.code, title=use.section.title, position=position, is_required=use.is_required
            )
            _make_rows(section, use, pack, visit_type, owner or schools[0])


def _make_rows(section: NoteSection, use: SectionUse, pack: AuthorityPack, visit_type: VisitType, school: School) -> None:
    """The rows that a section begins with: its judgements, dimensions, data sets, earlier actions, targets."""
    inputs = use.section.inputs
    part = visits_of(pack.content)
    if "judgement" in inputs:
        Judgement.objects.bulk_create(
            [Judgement(section=section, area=area.code, label=area.label, position=i) for i, area in enumerate(use.areas)]
        )
    if "cohesion" in inputs:
        CohesionRow.objects.bulk_create(
            [
                CohesionRow(section=section, dimension=dimension.code, label=dimension.label, position=i)
                for i, dimension in enumerate(cohesion_of(pack.content).dimensions)
            ]
        )
    if "datasets" in inputs:
        _bring_datasets(section, part.datasets_for(visit_type, school.phase))
    if "actions_review" in inputs:
        bring_actions(section, school)
    if "targets" in inputs:
        _bring_targets(section, pack, school)
    if "category" in inputs:
        CategoryProposal.objects.create(section=section)


def _bring_datasets(section: NoteSection, datasets: Sequence[Dataset]) -> None:
    """What there is to cite, with what was studied for the visit, in the version that it then had."""
    studied = {row.code: row for row in section.note.visit.studied.all() if section.school_id in (None, row.school_id)}
    rows = []
    for position, dataset in enumerate(datasets):
        row = NoteDataset(section=section, code=dataset.code, label=dataset.label, expected=dataset.expected, position=position)
        if (done := studied.get(dataset.code)) is not None:
            row.state, row.version, row.studied_on = DatasetState.STUDIED, done.version, done.on
        rows.append(row)
    NoteDataset.objects.bulk_create(rows)


def bring_actions(section: NoteSection, school: School) -> None:
    """Every unfinished action of the school comes into the note, to be judged."""
    schools = [school] if section.school_id or not section.note.visit.is_group else section.note.visit.covered
    open_actions = AgreedAction.objects.filter(school__in=schools).unfinished().exclude(reviews__section=section)
    ActionReview.objects.bulk_create([ActionReview(section=section, action=action) for action in open_actions])


def _bring_targets(section: NoteSection, pack: AuthorityPack, school: School) -> None:
    """The measures whose target the section is about: next year's sets in ``targets_next``, this summer's elsewhere."""
    note = section.note
    year = note.visit.academic_year
    measures = {measure.code: measure for measure in measures_of(pack.content).measures}
    sets = targets_of(pack.content).sets_for(school.phase, year)
    rows: list[NoteTarget] = []
    for target_set in sets:
        is_next = target_set.summer > year + 1
        if is_next != (section.code != "progress_to_targets"):
            continue
        for code in target_set.measures:
            measure = measures[code]
            is_absence = measure.key_stage == "absence" or measure.kind == "rate"
            if is_absence != section.code.startswith("attendance"):
                continue
            target, _ = Target.objects.get_or_create(
                school=school, measure=code, pupil_group="all", summer=target_set.summer, defaults={"changed_at": note.started_at}
            )
            rows.append(
                NoteTarget(
                    section=section, target=target, position=len(rows), label=measure.short_label or measure.label, unit=measure.unit
                )
            )
    NoteTarget.objects.bulk_create(rows)


# ---------------------------------------------------------------- write


@dataclass(frozen=True)
class Saved:
    """What the editor shows after a save: ``revision`` is the base of the next."""

    key: str
    revision: int
    at: dt.datetime
    words: int


def find_section(note: NoteOfVisit, key: str) -> NoteSection:
    code, _, urn = key.partition(".")
    sections = NoteSection.objects.filter(note=note, code=code).select_related("school")
    try:
        return sections.get(school__urn=int(urn)) if urn else sections.get(school__isnull=True)
    except (NoteSection.DoesNotExist, ValueError):
        raise Refused("This note has no such section.") from None


@transaction.atomic
def save_section(
    *,
    actor: User,
    note: NoteOfVisit,
    key: str,
    base_revision: int,
    at: dt.datetime,
    body: str | None = None,
    rows: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    keep_earlier: bool = False,
    piece: SentPiece | None = None,
) -> Saved:
    """Save one section, text and tables whole, if nobody saved it since ``base_revision``.

    First the note's row is touched where it is still writable (it takes the lock, so that no save lands after submit),
    then the section where its revision is the base. Raises :class:`SectionConflict` with both texts, or ``Conflict``
    when the note has been submitted meanwhile; then nothing is written. ``rows`` maps an input of the section
    ("judgement", "actions", …) to its rows; a table that is absent is left alone. ``keep_earlier`` keeps the wording that
    stood even within one sitting: the writer chose between the texts of two windows. ``piece`` is what a device keeps of
    this very text: with the save it is taken in, once (:class:`AlreadyTaken`).
    """
    if not NoteOfVisit.objects.filter(pk=note.pk, state__in=WRITABLE, author=note.author_id).update(state=F("state")):
        raise Conflict(_why_closed(note))
    require(actor, P.NOTE_WRITE, note, on=at.date())
    if piece is not None:
        take_piece(actor, note, piece, at)
    section = find_section(note, key)
    section.note = note
    if not writes_section(actor.hats, note, section.code):
        raise PermissionDenied("This section is the lead adviser's.")
    earlier = section.body
    new_body = section.body if body is None else cells.clean(body)
    if len(new_body) > LONGEST_BODY:
        raise Refused(f"A section holds at most {LONGEST_BODY:,} characters; this one has {len(new_body):,}. Shorten it, then save again.")
    changed = NoteSection.objects.filter(pk=section.pk, revision=base_revision).update(
        revision=F("revision") + 1, body=new_body, saved_at=at, saved_by=actor
    )
    if changed != 1:
        raise SectionConflict(section, new_body)
    if earlier.strip() and earlier != new_body:
        _keep_body(section, earlier, actor, always=keep_earlier)
    for name, values in (rows or {}).items():
        _TABLES[name](actor, section, values, at)
    _event_of_the_hour(actor, note, section, new_body, at)
    return Saved(section.key, base_revision + 1, at, len(new_body.split()))


def _why_closed(note: NoteOfVisit) -> str:
    """The note moved on between the page and the save: say how, and that nothing typed is gone."""
    kept = "What you typed was not saved in it; it is still on this page."
    state = NoteOfVisit.objects.filter(pk=note.pk).values_list("state", flat=True).first()
    if state in WRITABLE:
        return f"This note has been handed on to another author. {kept}"
    if state == NoteState.ABANDONED:
        return f"This note has been abandoned. {kept}"
    return f"This note has been submitted. {kept}"


def _keep_body(section: NoteSection, earlier: str, actor: User, *, always: bool) -> None:
    """Keep the wording that this save replaces; a sitting of one writer is one wording."""
    last = section.bodies.first()
    sitting = (
        last is not None
        and last.saved_by_id == section.saved_by_id == actor.pk
        and section.saved_at is not None
        and last.saved_at is not None
        and section.saved_at - last.saved_at < SAME_SITTING
    )
    if sitting and not always:
        return
    assert section.saved_at is not None
    SectionBody.objects.create(
        section=section, revision=section.revision, body=earlier, saved_at=section.saved_at, saved_by_id=section.saved_by_id
    )
    kept = list(section.bodies.values_list("pk", flat=True)[:KEPT_BODIES])
    section.bodies.exclude(pk__in=kept).delete()


def _event_of_the_hour(actor: User, note: NoteOfVisit, section: NoteSection, body: str, at: dt.datetime) -> None:
    """Autosave is one event per person, note and hour."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    if audit.AuditEvent.objects.filter(
        event="note.written",
        subject_id=note.public_id,
        actor_id=actor.public_id,
        occurred_at__gte=hour,
        occurred_at__lt=hour + dt.timedelta(hours=1),
    ).exists():
        return
    audit.record("note.written", actor=actor, at=at, subject=note, school=note.school, changes={section.key: audit.content(body)})


# ---------------------------------------------------------------- tables


def _grade(value: Any) -> int | None:
    if value in (None, ""):
        return None
    try:
        grade = int(value)
    except (TypeError, ValueError):
        raise Refused("A grade is 1, 2, 3 or 4.") from None
    if grade not in (1, 2, 3, 4):
        raise Refused("A grade is 1, 2, 3 or 4.")
    return grade


def _save_judgements(actor: User, section: NoteSection, rows: Sequence[Mapping[str, Any]], at: dt.datetime) -> None:
    known = {judgement.area: judgement for judgement in section.judgements.all()}
    for row in rows:
        judgement = known.get(str(row.get("area")))
        if judgement is None:
            raise Refused("This section asks for no such judgement.")
        judgement.school_grade, judgement.sip_grade = _grade(row.get("school_grade")), _grade(row.get("sip_grade"))
        judgement.evidence = cells.words(row, "evidence")
    Judgement.objects.bulk_update(known.values(), ["school_grade", "sip_grade", "evidence"])


def _save_cohesion(actor: User, section: NoteSection, rows: Sequence[Mapping[str, Any]], at: dt.datetime) -> None:
    known = {row.dimension: row for row in section.cohesion.all()}
    for row in rows:
        if str(row.get("dimension")) in known:
            known[str(row["dimension"])].text = cells.words(row, "text")
    CohesionRow.objects.bulk_update(known.values(), ["text"])


def _save_datasets(actor: User, section: NoteSection, rows: Sequence[Mapping[str, Any]], at: dt.datetime) -> None:
    known = {row.code: row for row in section.datasets.all()}
    for row in rows:
        dataset = known.get(str(row.get("code")))
        if dataset is None:
            raise Refused("This visit lists no such data set.")
        state = str(row.get("state") or "")
        if state and state not in DatasetState.values:
            raise Refused("A data set is studied, or not yet available.")
        dataset.state, dataset.version, dataset.studied_on = state, cells.words(row, "version", 120), cells.day(row.get("studied_on"))
    NoteDataset.objects.bulk_update(known.values(), ["state", "version", "studied_on"])


def _save_reviews(actor: User, section: NoteSection, rows: Sequence[Mapping[str, Any]], at: dt.datetime) -> None:
    known = {review.action.public_id: review for review in section.reviews.select_related("action")}
    for row in rows:
        review = known.get(str(row.get("action")))
        if review is None:
            raise Refused("That action is not one of this school's unfinished actions.")
        status = str(row.get("status") or "")
        if status and status not in ActionStatus.values:
            raise Refused("Choose how the action stands.")
        review.status = status
        review.evidence, review.impact, review.reason = cells.words(row, "evidence"), cells.words(row, "impact"), cells.words(row, "reason")
    ActionReview.objects.bulk_update(known.values(), ["status", "evidence", "impact", "reason"])


def _remove_action(action: AgreedAction) -> None:
    """What an earlier version agreed is the school's: an amendment adds to it and takes nothing away."""
    if action.state != ActionState.PROPOSED:
        raise Refused(f"“{action}” has been agreed: it cannot be removed. Judge it in the next note.")
    action.delete()


def _check_unchanged(action: AgreedAction, row: Mapping[str, Any]) -> None:
    """An agreed action is read by the school from day to day: no draft of an amendment rewrites it."""
    sent = (cells.words(row, "text"), str(row.get("owner") or ""), cells.day(row.get("due_on")), cells.words(row, "success_measure"))
    if sent != (action.text, action.owner, action.due_on, action.success_measure):
        raise Refused(f"“{action}” has been agreed and is the school's: leave it as it is, add another, or judge it in the next note.")


def _save_actions(actor: User, section: NoteSection, rows: Sequence[Mapping[str, Any]], at: dt.datetime) -> None:
    note = section.note
    known = {action.public_id: action for action in section.actions.all()}
    for gone in cells.gone(known, rows):
        _remove_action(gone)
    schools = {school.urn: school for school in note.covered}
    for position, row in enumerate(rows):
        if not any(str(row.get(name) or "").strip() for name in ("text", "success_measure", "due_on", "owner")):
            if str(row.get("id") or "") in known:
                _remove_action(known[str(row["id"])])
            continue
        owner = str(row.get("owner") or "")
        if owner and owner not in ActionOwner.values:
            raise Refused("Choose who owns the action.")
        school = section.school or schools.get(cells.urn(row), note.school)
        action = known.get(str(row.get("id") or "")) or AgreedAction(note=note, section=section)
        if action.state != ActionState.PROPOSED:
            _check_unchanged(action, row)
            continue
        action.school = school
        action.position, action.text, action.owner = position, cells.words(row, "text"), owner
        action.owner_detail, action.due_on, action.success_measure = (
            cells.words(row, "owner_detail", 120),
            cells.day(row.get("due_on")),
            cells.words(row, "success_measure"),
        )
        action.save()


def _save_category(actor: User, section: NoteSection, rows: Sequence[Mapping[str, Any]], at: dt.datetime) -> None:
    from support.pack import support_of

    note = section.note
    row = rows[0] if rows else {}
    code = str(row.get("category") or "")
    options = {option.code: option.label for option in support_of(_pack(note).content).categories_on(note.visit.on or at.date())}
    if code and code not in options:
        raise Refused("Choose one of the scheme's levels.")
    CategoryProposal.objects.filter(section=section).update(
        category=code,
        label=options.get(code, ""),
        criteria=cells.words(row, "criteria"),
        reasons=cells.words(row, "reasons"),
        head_told=str(row.get("head_told") or "") in ("on", "true", "True", "yes"),
    )


def _pack(note: NoteOfVisit) -> AuthorityPack:
    return AuthorityPack(note.authority, note.pack)


def _save_differences(actor: User, section: NoteSection, rows: Sequence[Mapping[str, Any]], at: dt.datetime) -> None:
    """The SIP's rows. A row on which the school wrote its side is never dropped, nor its words changed."""
    note = section.note
    known = {str(row.pk): row for row in note.differences.all() if section.school_id in (None, row.school_id)}
    declared_none = any(str(row.get("declared_none") or "") in ("on", "true", "True", "yes") for row in rows)
    rows = [row for row in rows if "declared_none" not in row or str(row.get("topic") or "").strip()]
    for gone in cells.gone(known, rows):
        if not gone.school_at:
            gone.delete()
    schools = {school.urn: school for school in note.covered}
    kept = 0
    for position, row in enumerate(rows):
        if not str(row.get("topic") or "").strip():
            continue
        kept += 1
        difference = known.get(str(row.get("id") or "")) or DifferenceOfView(note=note)
        difference.school = section.school or schools.get(cells.urn(row), note.school)
        difference.position, difference.topic = position, cells.words(row, "topic", 200)
        difference.sip_view, difference.sip_evidence, difference.settle = (
            cells.words(row, "sip_view"),
            cells.words(row, "sip_evidence"),
            cells.words(row, "settle"),
        )
        if not difference.school_at:
            difference.school_view, difference.school_evidence = cells.words(row, "school_view"), cells.words(row, "school_evidence")
        difference.save()
    if declared_none and (kept or any(row.school_at for row in known.values())):
        raise Refused("A difference of view is recorded, so it cannot be declared that there is none.")
    NoteSection.objects.filter(pk=section.pk).update(declares_none=declared_none)


_TABLES = {
    "judgement": _save_judgements,
    "cohesion": _save_cohesion,
    "datasets": _save_datasets,
    "actions_review": _save_reviews,
    "actions": _save_actions,
    "targets": save_targets,
    "interventions": save_interventions,
    "category": _save_category,
    "differences": _save_differences,
}


# ---------------------------------------------------------------- share, answer a warning


@transaction.atomic
def share_note(*, actor: User, note: NoteOfVisit, mentor: User, at: dt.datetime) -> NoteShare:
    """The author shares a draft with a mentor of theirs."""
    require(actor, P.NOTE_SHARE, note, on=at.date())
    if not mentor.hats.mentors_in(note.author_id, note.authority_id):
        raise Refused(f"{mentor.name} is not your mentor.")
    if any(school.pk in mentor.hats.walled for school in note.covered):
        raise Refused(f"{mentor.name} has an interest in the school and cannot read about it.")
    share, made = NoteShare.objects.get_or_create(note=note, mentor=mentor, defaults={"at": at})
    if made:
        audit.record("note.shared", actor=actor, at=at, subject=note, school=note.school, changes={"with": mentor.name})
    return share


@transaction.atomic
def answer_warning(*, actor: User, note: NoteOfVisit, check: str, place: str, reason: str, at: dt.datetime) -> WarningAnswer | None:
    """Answer a warning with a reason, which the reviewer sees; an empty reason takes the answer back."""
    require(actor, P.NOTE_WRITE, note, on=at.date())
    if not reason.strip():
        taken_back, _ = WarningAnswer.objects.filter(note=note, check_code=check, place=place).delete()
        if taken_back:
            audit.record("note.written", actor=actor, at=at, subject=note, school=note.school, changes={f"answer to {check}": "taken back"})
        return None
    answer, _ = WarningAnswer.objects.update_or_create(
        note=note, check_code=check, place=place, defaults={"reason": reason.strip(), "by": actor, "at": at}
    )
    audit.record(
        "note.written", actor=actor, at=at, subject=note, school=note.school, changes={f"answer to {check}": audit.content(reason)}
    )
    return answer


def actions_become_agreed(note: NoteOfVisit, on: dt.date) -> None:
    """At final: proposed actions are agreed, and earlier ones take the state that the note judged.

    A note of the same school that is being written meanwhile gets the new ones to judge.
    """
    agreed_on = note.visit.on or on
    AgreedAction.objects.filter(note=note, state=ActionState.PROPOSED, due_on__isnull=False).exclude(text="").update(
        state=ActionState.OPEN, agreed_on=agreed_on
    )
    closing = {judgement.code for judgement in visits_of(_pack(note).content).action_judgements if judgement.is_closed}
    states = {ActionStatus.MET: ActionState.MET, ActionStatus.NOT_MET: ActionState.NOT_MET, ActionStatus.DROPPED: ActionState.DROPPED}
    for status, state in states.items():
        if status in closing:
            ids = ActionReview.objects.filter(section__note=note, status=status).values("action_id")
            AgreedAction.objects.filter(pk__in=ids, state=ActionState.OPEN).update(state=state, closed_on=agreed_on)
    drafts = NoteSection.objects.filter(
        note__state__in=WRITABLE, note__visit__visit_schools__school__in=[school.pk for school in note.covered], code="actions_review"
    ).exclude(note=note)
    for section in drafts.select_related("note__visit", "school").distinct():
        for school in note.covered:
            if section.school_id in (None, school.pk) and any(covered.pk == school.pk for covered in section.note.covered):
                bring_actions(section, school)
