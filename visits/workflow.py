"""The tables of domain.md §4: how rounds, visits, notes and alerts move. Nothing else changes their states."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.workflow import Transition, Workflow
from people.roles import Permission as P

from .choices import REQUEST_OPEN
from .choices import AlertState as A
from .choices import CommentaryState as C
from .choices import NoteState as N
from .choices import RequestState as Q
from .choices import RoundState as R
from .choices import VisitState as V
from .models import Alert, Commentary, Dispatched, InformationRequest, NoteOfVisit, Round, Visit

# ---------------------------------------------------------------- guards: pure, a sentence or None


def day_has_come(visit: Visit, on: dt.date) -> str | None:
    if visit.on is not None and visit.on > on:
        return "The visit is in the future: it can be logged as held on its day or after."
    return None


def facts_are_open(visit: Visit, on: dt.date) -> str | None:
    if visit.has_note and visit.note.state == N.FINAL:
        return "The note is final: the facts in it can be corrected by amending the note."
    return None


def has_no_note(visit: Visit, on: dt.date) -> str | None:
    if visit.has_note and visit.note.state != N.ABANDONED:
        return "A note has been begun. Abandon it first, with a reason."
    return None


def never_final(note: NoteOfVisit, on: dt.date) -> str | None:
    return None if note.final_version is None else "This note has a final version; what can be abandoned is the amendment."


def amends_final(note: Dispatched, on: dt.date) -> str | None:
    if not note.is_amendment:
        return "This is not an amendment."
    return "The final version was withdrawn." if note.is_final_withdrawn else None


def amends_withdrawn(note: Dispatched, on: dt.date) -> str | None:
    if not note.is_amendment:
        return "This is not an amendment."
    return None if note.is_final_withdrawn else "The final version stands."


def is_approved(request: InformationRequest, on: dt.date) -> str | None:
    return None if request.approved_at is not None else "The second reader has not approved it yet."


RESTORE_DAYS = 30
"""domain.md §4: an abandoned draft is restorable for 30 days."""


def within_restore(note: NoteOfVisit, on: dt.date) -> str | None:
    if note.abandoned_at is None or (on - note.abandoned_at.date()).days > RESTORE_DAYS:
        return f"It was abandoned more than {RESTORE_DAYS} days ago."
    return None


# ---------------------------------------------------------------- visits

VISIT_WORKFLOW: Workflow[Visit] = Workflow(
    "visits.Visit",
    V.values,
    [
        Transition(V.PROPOSED, "choose", V.BOOKED, P.VISIT_CHOOSE),
        Transition(V.PROPOSED, "ask_others", V.PROPOSED, P.VISIT_CHOOSE),
        Transition(V.PROPOSED, "move", V.BOOKED, P.VISIT_MOVE),
        Transition(V.BOOKED, "move", V.BOOKED, P.VISIT_MOVE),
        Transition(V.PROPOSED, "cancel", V.CANCELLED, P.VISIT_MOVE),
        Transition(V.BOOKED, "cancel", V.CANCELLED, P.VISIT_MOVE),
        Transition(V.BOOKED, "hold", V.HELD, P.VISIT_HOLD, day_has_come),
        Transition(V.BOOKED, "abort", V.ABORTED, P.VISIT_HOLD, day_has_come),
        Transition(V.HELD, "correct", V.HELD, P.VISIT_HOLD, facts_are_open),
        Transition(V.HELD, "waive", V.HELD, P.VISIT_WAIVE, has_no_note),
    ],
    refusals={
        "hold": "Only a booked visit can be logged as held.",
        "abort": "Only a booked visit can be logged as not held.",
        "move": "Only a visit that is still to come can be moved.",
        "cancel": "Only a visit that is still to come can be cancelled.",
        "choose": "The dates of this visit are no longer open.",
        "ask_others": "The dates of this visit are no longer open.",
        "correct": "Only the facts of a visit that was held can be corrected.",
        "waive": "Only of a visit that was held can it be decided that no note is due.",
    },
)

# ---------------------------------------------------------------- rounds

ROUND_WORKFLOW: Workflow[Round] = Workflow(
    "visits.Round",
    R.values,
    [
        Transition(R.OPEN, "change", R.OPEN, P.ROUND_MANAGE),
        Transition(R.OPEN, "exempt", R.OPEN, P.ROUND_MANAGE, additive=True),
        Transition(R.OPEN, "lift", R.OPEN, P.ROUND_MANAGE, additive=True),
        Transition(R.OPEN, "remind", R.OPEN, P.ROUND_MANAGE, additive=True),
        Transition(R.OPEN, "close", R.CLOSED, P.ROUND_MANAGE),
        Transition(R.CLOSED, "reopen", R.OPEN, P.ROUND_MANAGE),
    ],
    refusals={
        "change": "The round is closed. Reopen it to change it.",
        "exempt": "The round is closed. Reopen it to change who is expected.",
        "lift": "The round is closed. Reopen it to change who is expected.",
        "remind": "The round is closed: nobody is reminded of it.",
    },
)

# ---------------------------------------------------------------- notes

NOTE_WORKFLOW: Workflow[NoteOfVisit] = Workflow(
    "visits.NoteOfVisit",
    N.values,
    [
        Transition(N.DRAFT, "submit", N.IN_REVIEW, P.NOTE_SUBMIT),
        Transition(N.RETURNED, "submit", N.IN_REVIEW, P.NOTE_SUBMIT),
        Transition(N.DRAFT, "submit_ungated", N.READY, P.NOTE_SUBMIT),
        Transition(N.RETURNED, "submit_ungated", N.READY, P.NOTE_SUBMIT),
        Transition(N.DRAFT, "hand_on", N.DRAFT, P.NOTE_HAND_ON),
        Transition(N.RETURNED, "hand_on", N.RETURNED, P.NOTE_HAND_ON),
        Transition(N.DRAFT, "abandon", N.ABANDONED, P.NOTE_ABANDON, never_final),
        Transition(N.RETURNED, "abandon", N.ABANDONED, P.NOTE_ABANDON, never_final),
        Transition(N.ABANDONED, "restore", N.DRAFT, P.NOTE_ABANDON, within_restore),
        Transition(N.DRAFT, "abandon_amendment", N.FINAL, P.NOTE_ABANDON, amends_final),
        Transition(N.RETURNED, "abandon_amendment", N.FINAL, P.NOTE_ABANDON, amends_final),
        Transition(N.DRAFT, "abandon_amendment_of_withdrawn", N.WITHDRAWN, P.NOTE_ABANDON, amends_withdrawn),
        Transition(N.RETURNED, "abandon_amendment_of_withdrawn", N.WITHDRAWN, P.NOTE_ABANDON, amends_withdrawn),
        Transition(N.IN_REVIEW, "take_back", N.DRAFT, P.NOTE_TAKE_BACK),
        Transition(N.IN_REVIEW, "reassign", N.IN_REVIEW, P.NOTE_REASSIGN),
        Transition(N.IN_REVIEW, "pass_unreviewed", N.READY, P.NOTE_REASSIGN),
        Transition(N.IN_REVIEW, "return", N.RETURNED, P.NOTE_REVIEW),
        Transition(N.IN_REVIEW, "approve", N.READY, P.NOTE_REVIEW),
        Transition(N.READY, "reopen", N.DRAFT, P.NOTE_SUBMIT),
        Transition(N.READY, "release", N.WITH_SCHOOL, P.NOTE_RELEASE),
        Transition(N.WITH_SCHOOL, "answer", N.WITH_SCHOOL, P.NOTE_ANSWER, additive=True),
        Transition(N.WITH_SCHOOL, "comment", N.WITH_SCHOOL, P.NOTE_ANSWER, additive=True),
        Transition(N.WITH_SCHOOL, "differ", N.WITH_SCHOOL, P.NOTE_ANSWER, additive=True),
        Transition(N.WITH_SCHOOL, "reply", N.WITH_SCHOOL, P.NOTE_REPLY, additive=True),
        Transition(N.WITH_SCHOOL, "extend", N.WITH_SCHOOL, P.NOTE_EXTEND),
        Transition(N.WITH_SCHOOL, "recall", N.DRAFT, P.NOTE_RELEASE),
        Transition(N.WITH_SCHOOL, "finalise", N.FINAL, P.NOTE_FINALISE),
        Transition(N.FINAL, "ask_correction", N.FINAL, P.NOTE_ASK_CORRECTION, additive=True),
        Transition(N.FINAL, "decline_correction", N.FINAL, P.NOTE_DECLINE_CORRECTION, additive=True),
        Transition(N.FINAL, "amend", N.DRAFT, P.NOTE_AMEND),
        Transition(N.WITHDRAWN, "amend", N.DRAFT, P.NOTE_AMEND),
        Transition(N.FINAL, "withdraw", N.WITHDRAWN, P.RECORD_WITHDRAW),
    ],
    refusals={
        "submit": "This note has been submitted already. Nothing was sent twice.",
        "submit_ungated": "This note has been submitted already. Nothing was sent twice.",
        "release": "Only a note that is ready can be released.",
        "finalise": "Only a note that is with the school can be made final.",
        "recall": "Only a note that is with the school can be recalled.",
        "extend": "Only while the note is with the school can it have more time.",
        "take_back": "The note is not in review, so there is nothing to take back.",
        "reopen": "Only a note that is ready can be opened again.",
        "hand_on": "Only a draft can be handed on.",
        "abandon": "Only a draft can be abandoned.",
        "restore": "Only an abandoned note can be restored.",
        "amend": "Only a final note can be amended.",
        "abandon_amendment": "No amendment is being written.",
        "approve": "This review is over.",
        "return": "This review is over.",
    },
)

# ---------------------------------------------------------------- alerts

ALERT_WORKFLOW: Workflow[Alert] = Workflow(
    "visits.Alert",
    A.values,
    [
        Transition(A.SENT, "acknowledge", A.ACKNOWLEDGED, P.ALERT_ACKNOWLEDGE),
        Transition(A.ACKNOWLEDGED, "close", A.CLOSED, P.ALERT_ACKNOWLEDGE),
    ],
    refusals={
        "acknowledge": "Somebody has acknowledged this alert already.",
        "close": "Acknowledge the alert first; its outcome is logged once.",
    },
)

# ---------------------------------------------------------------- requests for information (domain.md §10)

REQUEST_WORKFLOW: Workflow[InformationRequest] = Workflow(
    "visits.InformationRequest",
    Q.values,
    [
        Transition(Q.RECEIVED, "clarify", Q.CLARIFYING, P.REQUEST_HANDLE),
        Transition(Q.CLARIFYING, "resume", Q.SEARCHING, P.REQUEST_HANDLE),
        Transition(Q.RECEIVED, "search", Q.SEARCHING, P.REQUEST_HANDLE),
        Transition(Q.DECIDING, "search", Q.SEARCHING, P.REQUEST_HANDLE),
        Transition(Q.SEARCHING, "note_place", Q.SEARCHING, P.REQUEST_HANDLE, additive=True),
        Transition(Q.SEARCHING, "decide", Q.DECIDING, P.REQUEST_HANDLE),
        Transition(Q.DECIDING, "mark", Q.DECIDING, P.REQUEST_HANDLE, additive=True),
        Transition(Q.DECIDING, "submit", Q.IN_REVIEW, P.REQUEST_HANDLE),
        Transition(Q.IN_REVIEW, "approve", Q.IN_REVIEW, P.REQUEST_REVIEW),
        Transition(Q.IN_REVIEW, "return", Q.DECIDING, P.REQUEST_REVIEW),
        Transition(Q.IN_REVIEW, "send", Q.SENT, P.REQUEST_HANDLE, is_approved),
        *(Transition(state, "take_back", Q.WITHDRAWN, P.REQUEST_HANDLE) for state in REQUEST_OPEN),
    ],
    refusals={
        "note_place": "Begin the search first.",
        "mark": "Passages are marked, and decisions taken, once everything has been searched.",
        "send": "Only an answer that the second reader has approved is sent.",
    },
)

# ---------------------------------------------------------------- annual commentaries

COMMENTARY_WORKFLOW: Workflow[Commentary] = Workflow(
    "visits.Commentary",
    C.values,
    [
        Transition(C.DRAFT, "gather", C.DRAFT, P.COMMENTARY_WRITE),
        Transition(C.DRAFT, "hand_on", C.DRAFT, P.COMMENTARY_HAND_ON),
        Transition(C.DRAFT, "release", C.WITH_SCHOOL, P.COMMENTARY_RELEASE),
        Transition(C.DRAFT, "abandon_amendment", C.FINAL, P.COMMENTARY_AMEND, amends_final),
        Transition(C.DRAFT, "abandon_amendment_of_withdrawn", C.WITHDRAWN, P.COMMENTARY_AMEND, amends_withdrawn),
        Transition(C.WITH_SCHOOL, "answer", C.WITH_SCHOOL, P.COMMENTARY_ANSWER, additive=True),
        Transition(C.WITH_SCHOOL, "recall", C.DRAFT, P.COMMENTARY_RELEASE),
        Transition(C.WITH_SCHOOL, "finalise", C.FINAL, P.COMMENTARY_FINALISE),
        Transition(C.FINAL, "amend", C.DRAFT, P.COMMENTARY_AMEND),
        Transition(C.WITHDRAWN, "amend", C.DRAFT, P.COMMENTARY_AMEND),
        Transition(C.FINAL, "withdraw", C.WITHDRAWN, P.RECORD_WITHDRAW),
    ],
    refusals={
        "gather": "The commentary is no longer a draft.",
        "release": "Only a draft can be sent to the school.",
        "answer": "The draft is no longer with the school.",
        "recall": "Only a draft that is with the school can be recalled.",
        "finalise": "Only a commentary that the school has had can be made final.",
        "amend": "Only a final commentary can be amended.",
    },
)


def workflow_of(about: Dispatched) -> Workflow[Any]:
    """The table of what is released to a school and made final."""
    return COMMENTARY_WORKFLOW if isinstance(about, Commentary) else NOTE_WORKFLOW
