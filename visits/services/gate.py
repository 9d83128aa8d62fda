"""Submission, the gate before release, and what becomes of a draft that its author cannot finish."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping

from django.db import transaction

from core import audit
from core.access import Conflict, Refused, require
from people.models import Mentorship, Sip, User
from people.packs import AuthorityPack
from people.roles import Permission as P
from support.models import Concern

from ..checks import blocking
from ..choices import GateDecision, GateReason, OfflineEnd
from ..clocks import clock_days
from ..models import Dispatched, GateReview, NoteOfVisit, Visit
from ..workflow import NOTE_WORKFLOW


def pack_of(about: Dispatched) -> AuthorityPack:
    """The policy that a note, or an annual commentary, is written under."""
    return AuthorityPack(about.authority, about.pack)


def event(
    name: str,
    actor: User | None,
    about: Dispatched,
    at: dt.datetime,
    *,
    changes: dict[str, object] | None = None,
    reason: str = "",
    role: str = "",
) -> None:
    audit.record(name, actor=actor, at=at, subject=about, school=about.school, changes=changes, reason=reason, role=role)


def need(reason: str, says: str) -> str:
    """The reason that a step asks for, or a refusal that says what to enter."""
    if not reason.strip():
        raise Refused(says, field="reason")
    return reason.strip()


# ---------------------------------------------------------------- submit


def is_concern(note: NoteOfVisit, on: dt.date) -> bool:
    from core.spans import on_day

    return Concern.objects.filter(on_day(on), school__in=[school.pk for school in note.covered]).exists()


def drawn_by_lot(note: NoteOfVisit, one_in: int) -> bool:
    """One note in so many, by the authority's recorded seed and the note's id: anybody can check the draw."""
    if one_in <= 0:
        return False
    drawn = hashlib.sha256(f"{note.authority.lot_seed}:{note.public_id}".encode()).digest()
    return int.from_bytes(drawn[:8], "big") % one_in == 0


def gate_reasons(note: NoteOfVisit, on: dt.date) -> list[GateReason]:
    """Why this note is reviewed before the school sees it; empty where the gate does not apply (domain.md §4)."""
    pack = pack_of(note)
    profile = Sip.objects.filter(user=note.author, authority=note.authority, starts_on__lte=on).order_by("-starts_on").first()
    reasons = []
    if pack.flag("gate_on_concern") and is_concern(note, on):
        reasons.append(GateReason.CONCERN)
    if pack.flag("gate_first_year") and profile is not None and profile.is_new_on(on):
        reasons.append(GateReason.FIRST_YEAR)
    if note.asks_review:
        reasons.append(GateReason.ASKED)
    if profile is not None and profile.is_on_review:
        reasons.append(GateReason.ON_REVIEW)
    if drawn_by_lot(note, pack.whole("gate_lot_one_in")):
        reasons.append(GateReason.LOT)
    return reasons


@transaction.atomic
def submit_note(*, actor: User, note: NoteOfVisit, revisions: Mapping[str, int], at: dt.datetime, asks_review: bool = False) -> NoteOfVisit:
    """Submit what the author saw: ``revisions`` maps each section's key to the revision on the page.

    A save that landed after the page was read, or a check that blocks, refuses the submission; nothing has changed then.
    """
    on = at.date()
    note.asks_review = asks_review or note.asks_review
    reasons = gate_reasons(note, on)
    action = "submit" if reasons else "submit_ungated"
    pack = pack_of(note)
    values: dict[str, object] = {"submitted_at": at, "asks_review": note.asks_review, "state_reason": ""}
    concern = GateReason.CONCERN in reasons
    days = clock_days(note.visit, pack, "review_concern_office_days" if concern else "review_office_days")
    due_on = pack.office_days.add(on, days)
    values |= {"review_due_on": due_on, "ready_at": None} if reasons else {"review_due_on": None, "ready_at": at}
    NOTE_WORKFLOW.move(actor, note, action, on, **values)
    standing = {section.key: section.revision for section in note.sections.select_related("school")}
    changed = sorted(key for key, revision in standing.items() if revisions.get(key) != revision)
    if changed:
        raise Conflict("The note was changed in another window after you opened this page. Look at it again, then submit.")
    found = blocking(note)
    if found:
        raise Refused(f"{len(found)} {'check blocks' if len(found) == 1 else 'checks block'} submission: {found[0].message}")
    note.offline_keys.all().end(OfflineEnd.SUBMITTED, at)
    if reasons:
        GateReview.objects.create(
            note=note, version=note.version, reasons=[reason.value for reason in reasons], is_concern=concern, due_on=due_on, reviewer=None
        )
    event("note.submitted", actor, note, at, changes={"version": note.version, "review": [reason.value for reason in reasons]})
    return note


@transaction.atomic
def take_back_note(*, actor: User, note: NoteOfVisit, at: dt.datetime) -> NoteOfVisit:
    """The author, until the reviewer opens it; then the manager."""
    review = _open(note)
    NOTE_WORKFLOW.move(actor, note, "take_back", at.date(), submitted_at=None, review_due_on=None)
    _decide(review, GateDecision.TAKEN_BACK, actor, at)
    event("note.taken_back", actor, note, at)
    return note


def _open(note: NoteOfVisit) -> GateReview:
    note.__dict__.pop("open_review", None)
    review = note.gate_reviews.filter(decision="").first()
    if review is None:
        raise Conflict("This review is over.")
    return review


def _decide(
    review: GateReview, decision: str, actor: User, at: dt.datetime, reason: str = "", section_reasons: Mapping[str, str] | None = None
) -> None:
    taken: dict[str, object] = {}
    if decision in (GateDecision.APPROVED, GateDecision.RETURNED) and review.opened_at is None:
        taken = {"opened_at": at, "reviewer": review.reviewer or actor}
    decided = GateReview.objects.filter(pk=review.pk, decision="").update(
        decision=decision, decided_by=actor, decided_at=at, reason=reason, section_reasons=dict(section_reasons or {}), **taken
    )
    if decided != 1:
        raise Conflict("This review is over.")
    review.note.__dict__.pop("open_review", None)


# ---------------------------------------------------------------- review


@transaction.atomic
def open_review(*, actor: User, note: NoteOfVisit, at: dt.datetime) -> GateReview:
    """The reviewer begins: from now on the author cannot take the note back. A manager who begins one nobody has, takes it.

    Who decides without having begun has begun by deciding (:func:`_decide`).
    """
    require(actor, P.NOTE_REVIEW, note, on=at.date())
    review = _open(note)
    if review.opened_at is None:
        GateReview.objects.filter(pk=review.pk, opened_at__isnull=True).update(opened_at=at, reviewer=review.reviewer or actor)
        review.refresh_from_db()
        event("note.opened_for_review", actor, note, at)
        note.__dict__.pop("open_review", None)
    return review


@transaction.atomic
def reassign_review(*, actor: User, note: NoteOfVisit, reviewer: User, at: dt.datetime, reason: str = "") -> NoteOfVisit:
    """Give the review to a person who may: never the author, the author's mentor, or a person walled from the school."""
    review = _open(note)
    check_reviewer(note, reviewer, at.date())
    NOTE_WORKFLOW.move(actor, note, "reassign", at.date())
    before = review.reviewer.name if review.reviewer else ""
    GateReview.objects.filter(pk=review.pk).update(reviewer=reviewer, opened_at=None)
    note.__dict__.pop("open_review", None)
    event("note.reassigned", actor, note, at, changes={"reviewer": [before, reviewer.name]}, reason=reason)
    return note


def check_reviewer(note: NoteOfVisit, reviewer: User, on: dt.date) -> None:
    """Raises ``Refused`` with the rule that forbids it."""
    from core.spans import on_day

    hats = reviewer.hats
    if not reviewer.is_active:
        raise Refused(f"{reviewer.name} has no active account.", field="reviewer")
    if reviewer.pk in (note.author_id, note.visit.second_adviser_id):
        raise Refused("Nobody reviews their own note.", field="reviewer")
    if Mentorship.objects.filter(on_day(on), sip__user=note.author, mentor=reviewer).exists():
        raise Refused(f"{reviewer.name} mentors the author and cannot review this note.", field="reviewer")
    if any(school.pk in hats.walled for school in note.covered):
        raise Refused(f"{reviewer.name} has an interest in the school and cannot review this note.", field="reviewer")
    if not hats.reviews_in(note.authority_id):
        raise Refused(f"{reviewer.name} is neither a manager nor a SIP of {note.authority.name}.", field="reviewer")


@transaction.atomic
def pass_note_unreviewed(*, actor: User, note: NoteOfVisit, reason: str, at: dt.datetime) -> NoteOfVisit:
    """The manager lets a note pass without review, and says why."""
    reason = need(reason, "Say why the note passes unreviewed.")
    review = _open(note)
    NOTE_WORKFLOW.move(actor, note, "pass_unreviewed", at.date(), ready_at=at, state_reason=reason)
    _decide(review, GateDecision.PASSED, actor, at, reason)
    event("note.passed", actor, note, at, reason=reason)
    return note


@transaction.atomic
def return_note(
    *, actor: User, note: NoteOfVisit, reason: str, at: dt.datetime, section_reasons: Mapping[str, str] | None = None
) -> NoteOfVisit:
    """Return a note with reasons, on the whole and by section. The reviewer changes no word of it."""
    by_section = {key: text.strip() for key, text in (section_reasons or {}).items() if text.strip()}
    if not reason.strip() and by_section:
        reason = "See the sections marked."
    reason = need(reason, "Say what is to be put right.")
    review = _open(note)
    pack = pack_of(note)
    due_on = pack.office_days.add(at.date(), clock_days(note.visit, pack, "review_office_days"))
    NOTE_WORKFLOW.move(actor, note, "return", at.date(), submitted_at=None, review_due_on=None, state_reason=reason, draft_due_on=due_on)
    _decide(review, GateDecision.RETURNED, actor, at, reason, by_section)
    event("note.returned", actor, note, at, changes={"reasons": audit.content(" ".join((reason, *by_section.values())))})
    return note


@transaction.atomic
def approve_note(*, actor: User, note: NoteOfVisit, at: dt.datetime, reason: str = "") -> NoteOfVisit:
    """The note may be released."""
    review = _open(note)
    NOTE_WORKFLOW.move(actor, note, "approve", at.date(), ready_at=at, state_reason="")
    _decide(review, GateDecision.APPROVED, actor, at, reason.strip())
    event("note.approved", actor, note, at)
    return note


@transaction.atomic
def reopen_note(*, actor: User, note: NoteOfVisit, at: dt.datetime) -> NoteOfVisit:
    """The author opens a note again that was ready but not released. It goes through the gate anew."""
    NOTE_WORKFLOW.move(actor, note, "reopen", at.date(), submitted_at=None, ready_at=None, review_due_on=None)
    event("note.reopened", actor, note, at)
    return note


# ---------------------------------------------------------------- hand on, abandon, restore


@transaction.atomic
def hand_on_note(*, actor: User, note: NoteOfVisit, author: User, reason: str, at: dt.datetime) -> NoteOfVisit:
    """The manager gives a draft to another adviser of the school; each passage keeps its writer."""
    reason = need(reason, "Say why the note goes to another author.")
    on = at.date()
    if author.pk == note.author_id:
        raise Refused(f"{author.name} is the author already.", field="author")
    if author.pk == actor.pk:
        raise Refused("Name an adviser other than yourself: nobody gives a draft to themselves.", field="author")
    if not author.is_active:
        raise Refused(f"{author.name} has no active account.", field="author")
    if not all(author.hats.is_adviser_of(school.pk) for school in note.covered):
        raise Refused(f"{author.name} holds no assignment at the school.", field="author")
    before = note.author.name
    NOTE_WORKFLOW.move(actor, note, "hand_on", on, author=author)
    note.offline_keys.all().end(OfflineEnd.HANDED_ON, at)
    event("note.handed_on", actor, note, at, changes={"author": [before, author.name]}, reason=reason)
    return note


@transaction.atomic
def abandon_note(*, actor: User, note: NoteOfVisit, reason: str, at: dt.datetime) -> NoteOfVisit:
    """End a note that will not be written. The visit then says "no note" and why; the draft can be restored for 30 days."""
    reason = need(reason, "Say why there will be no note.")
    NOTE_WORKFLOW.move(actor, note, "abandon", at.date(), abandoned_at=at, state_reason=reason)
    note.offline_keys.all().end(OfflineEnd.ABANDONED, at)
    Visit.objects.filter(pk=note.visit_id).update(no_note_reason=reason)
    event("note.abandoned", actor, note, at, reason=reason)
    return note


@transaction.atomic
def restore_note(*, actor: User, note: NoteOfVisit, at: dt.datetime) -> NoteOfVisit:
    NOTE_WORKFLOW.move(actor, note, "restore", at.date(), abandoned_at=None, state_reason="")
    Visit.objects.filter(pk=note.visit_id).update(no_note_reason="")
    event("note.restored", actor, note, at)
    return note
