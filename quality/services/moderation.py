"""Moderation of final notes: a sample drawn once a round, moderators appointed, ratings given (domain.md §7).

It never delays or changes a note: nothing here writes to one.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from core import audit
from core.access import Conflict, Refused, require
from core.outbox import enqueue_email
from core.spans import on_day
from people.choices import SipKind
from people.models import Mentorship, User
from people.packs import require_pack
from people.roles import Hat
from people.roles import Permission as P
from schools.models import School
from visits import services as visits
from visits.choices import NoteState, RoundState
from visits.models import GateReview, Round

from ..choices import ModerationState
from ..criteria import ObservationPart
from ..draw import draw
from ..mail import moderation_email
from ..models import CriterionRating, GateRating, Moderation, ModerationSample, SampledNote
from ..pack import observation_of
from ..selectors.moderation import frame_of
from ..workflow import MODERATION_WORKFLOW

OPENED_FOR = "Moderation"


@dataclass(frozen=True)
class CriterionGrade:
    """A moderator's grade of one criterion, 1 outstanding to 4 inadequate, with the evidence in the note."""

    code: str
    grade: int
    evidence: str = ""


# ---------------------------------------------------------------- the sample


@transaction.atomic
def draw_sample(*, actor: User, round: Round, due_on: dt.date, at: dt.datetime, seed: str = "") -> ModerationSample:
    """Draw the sample of a closed round, once. The seed, by default the day, is recorded and shown: it draws the same again."""
    on = at.date()
    require(actor, P.MODERATION_MANAGE, round, on=on)
    if round.state != RoundState.CLOSED:
        raise Refused(f"{round.name} is open: the sample is drawn when it has closed.")
    if due_on <= on:
        raise Refused("Give a day that is still to come.", field="due_on")
    pack = require_pack(round.authority, round.ends_on)
    seed = " ".join(seed.split())[:40] or f"{on:%Y%m%d}"
    notes = frame_of(round)
    if not notes:
        raise Refused(f"{round.name} has no final note of a SIP.")
    per_sip, twice = pack.whole("moderation_per_sip_per_term"), pack.whole("double_moderated_percent")
    drawn = draw(list(notes), seed=seed, per_sip=per_sip, twice_percent=twice)
    if not drawn:
        raise Refused("By the authority's settings no note of a SIP is moderated.")
    sample = ModerationSample(
        authority=round.authority,
        round=round,
        academic_year=round.academic_year,
        seed=seed,
        per_sip=per_sip,
        twice_percent=twice,
        due_on=due_on,
        frame=sorted(candidate.reference for candidate in notes),
        strata=_strata([candidate.stratum for candidate in notes], [one.candidate.stratum for one in drawn]),
        drawn_at=at,
        drawn_by=actor,
    )
    try:
        with transaction.atomic():
            sample.save()
    except IntegrityError:
        raise Conflict(f"The sample of {round.name} is drawn already.") from None
    SampledNote.objects.bulk_create(
        SampledNote(
            sample=sample,
            note=notes[one.candidate],
            version=notes[one.candidate].final_version or 1,
            sip_kind=one.candidate.stratum[0],
            phase=one.candidate.stratum[1],
            is_concern=one.candidate.stratum[2],
            is_twice=one.is_twice,
        )
        for one in drawn
    )
    changes: dict[str, object] = {"seed": seed, "notes": len(drawn), "of": len(notes), "twice": sum(one.is_twice for one in drawn)}
    audit.record("sample.drawn", actor=actor, at=at, subject=sample, authority=round.authority, changes=changes)
    return sample


def _strata(available: Sequence[tuple[str, str, bool]], drawn: Sequence[tuple[str, str, bool]]) -> list[dict[str, object]]:
    held, taken = Counter(available), Counter(drawn)
    return [
        {
            "sip_kind": kind,
            "phase": phase,
            "is_concern": concern,
            "notes": held[(kind, phase, concern)],
            "drawn": taken[(kind, phase, concern)],
        }
        for kind, phase, concern in sorted(held)
    ]


# ---------------------------------------------------------------- moderators


def check_moderator(sampled: SampledNote, moderator: User, on: dt.date) -> None:
    """Raises ``Refused`` with the rule that forbids it (domain.md §7)."""
    note, hats = sampled.note, moderator.hats
    if not moderator.is_active:
        raise Refused(f"{moderator.name} has no active account.", field="moderator")
    if moderator.pk in (note.author_id, note.visit.second_adviser_id, note.visit.lead_id):
        raise Refused("Nobody moderates their own note.", field="moderator")
    if Mentorship.objects.filter(on_day(on), sip__user=note.author, mentor=moderator).exists():
        raise Refused(f"{moderator.name} mentors the author and cannot moderate this note.", field="moderator")
    if any(school.pk in hats.walled for school in note.covered):
        raise Refused(f"{moderator.name} has an interest in the school and cannot moderate this note.", field="moderator")
    works = note.authority_id in {role.authority_id for role in hats.roles} | {sip.authority_id for sip in hats.sips}
    if not works:
        raise Refused(f"{moderator.name} does not work for {note.authority.name}.", field="moderator")
    headed = [contact.school_id for contact in hats.contacts if contact.hat == Hat.HEAD]
    is_head = bool(headed) or any(sip.kind == SipKind.SERVING_HEAD for sip in hats.sips)
    clusters = {school.cluster_id for school in note.covered if school.cluster_id is not None}
    if is_head and clusters and School.objects.filter(pk__in=headed, cluster_id__in=clusters).exists():
        raise Refused(f"{moderator.name} is head of a school in the same cluster and cannot moderate this note.", field="moderator")


@transaction.atomic
def appoint_moderator(*, actor: User, sampled: SampledNote, moderator: User, at: dt.datetime) -> Moderation:
    """Ask one person to rate one note; the note opens to them until the sample's day. A second, blind, where it is rated twice."""
    on = at.date()
    require(actor, P.MODERATION_MANAGE, sampled, on=on)
    check_moderator(sampled, moderator, on)
    standing = list(sampled.moderations.exclude(state=ModerationState.WITHDRAWN))
    if any(row.moderator_id == moderator.pk for row in standing):
        raise Refused(f"{moderator.name} rates this note already.", field="moderator")
    if len(standing) >= sampled.wanted:
        raise Refused("Nobody more is needed: take one back first, to ask another." if sampled.is_twice else "It has its moderator.")
    due_on = max(sampled.sample.due_on, on)
    reader = visits.open_note_to(actor=actor, note=sampled.note, reader=moderator, reason=OPENED_FOR, ends_on=due_on, at=at)
    places = {row.place for row in standing}
    row = Moderation(
        authority=sampled.note.authority,
        sampled=sampled,
        moderator=moderator,
        place=1 if 1 not in places else 2,
        reader=reader,
        asked_at=at,
        asked_by=actor,
        due_on=due_on,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Conflict("Somebody else appointed a moderator a moment ago.", field="moderator") from None
    subject, body = moderation_email(row, require_pack(row.authority, on).labels())
    enqueue_email(
        dedupe_key=f"moderation.asked:{row.public_id}",
        to_name=moderator.name,
        to_address=moderator.email,
        subject=subject,
        body=body,
        context_kind="moderation",
        context_reference=row.public_id,
        at=at,
    )
    audit.record("moderation.asked", actor=actor, at=at, subject=row, school=sampled.note.school, changes={"moderator": moderator.name})
    return row


@transaction.atomic
def take_back_moderation(*, actor: User, moderation: Moderation, reason: str, at: dt.datetime) -> Moderation:
    """Before it was given; the note closes to them at once."""
    if not reason.strip():
        raise Refused("Say why it is taken back.", field="reason")
    MODERATION_WORKFLOW.move(actor, moderation, "take_back", at.date(), reason=reason.strip())
    visits.close_note_to(actor=actor, reader=moderation.reader, at=at)
    audit.record("moderation.taken_back", actor=actor, at=at, subject=moderation, school=moderation.note.school, reason=reason.strip())
    return moderation


# ---------------------------------------------------------------- the rating


def checked_grades(part: ObservationPart, grades: Sequence[CriterionGrade], overall: int) -> dict[str, CriterionGrade]:
    """Every criterion of the form graded 1 to 4 with its evidence, and an overall grade within what they leave open; by code."""
    given = {grade.code: grade for grade in grades}
    if set(given) - {criterion.code for criterion in part.criteria}:
        raise Refused("Rate the criteria of the form.")
    for criterion in part.criteria:
        grade = given.get(criterion.code)
        if grade is None or grade.grade not in (1, 2, 3, 4):
            raise Refused(f"Choose a grade: {criterion.label}.", field=f"grade_{criterion.code}")
        if not grade.evidence.strip():
            raise Refused(f"Say what in the note shows it: {criterion.label}.", field=f"evidence_{criterion.code}")
    best = part.best_overall({code: grade.grade for code, grade in given.items()})
    if overall not in (1, 2, 3, 4):
        raise Refused("Choose the overall grade.", field="overall")
    if overall < best:
        label = dict(part.grades).get(best, "").lower()
        raise Refused(f"With these ratings the overall grade is {best}, {label}, at best.", field="overall")
    return given


def rows_of(part: ObservationPart, given: Mapping[str, CriterionGrade], **of: Any) -> list[CriterionRating]:
    """The criteria as rows of a moderator's rating (``moderation``) or of one at the gate (``gate``)."""
    return [
        CriterionRating(
            code=criterion.code,
            label=criterion.label,
            position=position,
            grade=given[criterion.code].grade,
            evidence=given[criterion.code].evidence.strip(),
            **of,
        )
        for position, criterion in enumerate(part.criteria)
    ]


@transaction.atomic
def rate_note(
    *, actor: User, moderation: Moderation, grades: Sequence[CriterionGrade], overall: int, at: dt.datetime, comment: str = ""
) -> Moderation:
    """Every criterion from 1 to 4, and an overall grade within what they leave open. Given once; the note closes to the moderator."""
    on = at.date()
    MODERATION_WORKFLOW.check(actor, moderation, "rate", on)
    check_moderator(moderation.sampled, actor, on)
    part = observation_of(require_pack(moderation.authority, on).content)
    given = checked_grades(part, grades, overall)
    MODERATION_WORKFLOW.move(actor, moderation, "rate", on, overall=overall, comment=comment.strip(), rated_at=at)
    CriterionRating.objects.bulk_create(rows_of(part, given, moderation=moderation))
    visits.close_note_to(actor=actor, reader=moderation.reader, at=at)
    words = " ".join([comment, *(grade.evidence for grade in grades)])
    audit.record(
        "moderation.rated", actor=actor, at=at, subject=moderation, school=moderation.note.school, changes={"text": audit.content(words)}
    )
    return moderation


# ---------------------------------------------------------------- two grades that differ


@transaction.atomic
def settle_grades(*, actor: User, sampled: SampledNote, grade: int, reason: str, at: dt.datetime) -> SampledNote:
    """Say which overall grade stands where two moderators differ: one of theirs, or one between. Both ratings stay as they were given,
    and the agreement is counted from them. By a manager who is neither of the two."""
    require(actor, P.MODERATION_MANAGE, sampled, on=at.date())
    given = list(sampled.moderations.filter(state=ModerationState.RATED).order_by("place"))
    overall = [row.overall for row in given if row.overall is not None]
    if len(overall) < 2 or overall[0] == overall[1]:
        raise Refused("There is nothing to settle: it has not two ratings that differ.")
    if any(row.moderator_id == actor.pk for row in given):
        raise Refused("You gave one of the two grades: another manager settles them.")
    if not min(overall) <= grade <= max(overall):
        raise Refused(f"Choose a grade from {min(overall)} to {max(overall)}: one of the two, or one between.", field="grade")
    if not reason.strip():
        raise Refused("Say why this grade stands.", field="reason")
    rows = SampledNote.objects.filter(pk=sampled.pk, settled_grade__isnull=True)
    if rows.update(settled_grade=grade, settled_reason=reason.strip(), settled_at=at, settled_by=actor) != 1:
        raise Conflict("Somebody else settled these grades a moment ago.")
    sampled.refresh_from_db()
    changes = {"grades": overall, "stands": grade, "text": audit.content(reason)}
    audit.record("moderation.settled", actor=actor, at=at, subject=sampled, school=sampled.note.school, changes=changes)
    return sampled


# ---------------------------------------------------------------- the gate


@transaction.atomic
def rate_at_gate(
    *, actor: User, review: GateReview, grades: Sequence[CriterionGrade], overall: int, at: dt.datetime, comment: str = ""
) -> GateRating:
    """The moderators' form, once, by the reviewer while the review is open, where the authority lets it be used. It decides nothing:
    the note is approved or returned as it would be without it (domain.md §7)."""
    on = at.date()
    note = review.note
    require(actor, P.NOTE_REVIEW, note, on=on)
    pack = require_pack(note.authority, on)
    if not pack.flag("gate_rated"):
        raise Refused("The authority does not rate notes at the gate.")
    if review.decision or note.state != NoteState.IN_REVIEW:
        raise Refused("This review is over.")
    part = observation_of(pack.content)
    given = checked_grades(part, grades, overall)
    row = GateRating(authority=note.authority, review=review, reviewer=actor, overall=overall, comment=comment.strip(), rated_at=at)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Conflict("This review has its rating already.") from None
    CriterionRating.objects.bulk_create(rows_of(part, given, gate=row))
    words = " ".join([comment, *(grade.evidence for grade in grades)])
    audit.record("gate.rated", actor=actor, at=at, subject=row, school=note.school, changes={"text": audit.content(words)})
    return row
