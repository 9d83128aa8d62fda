"""How a form of feedback moves: sent once, withdrawn until the release (domain.md §7)."""

from __future__ import annotations

import datetime as dt

from core.workflow import Transition, Workflow
from people.roles import Permission as P
from visits.choices import VisitState

from .choices import FeedbackState as F
from .choices import ModerationState as M
from .choices import ShadowingState as S
from .choices import SipReviewState as R
from .models import FeedbackRequest, Moderation, Shadowing, SipReview

FEEDBACK_WORKFLOW: Workflow[FeedbackRequest] = Workflow(
    "quality.FeedbackRequest",
    F.values,
    [
        Transition(F.ASKED, "save", None, P.FEEDBACK_ANSWER),
        Transition(F.ASKED, "send", F.SENT, P.FEEDBACK_ANSWER),
        Transition(F.ASKED, "withdraw", F.WITHDRAWN, P.FEEDBACK_ANSWER),
        Transition(F.SENT, "withdraw", F.WITHDRAWN, P.FEEDBACK_ANSWER),
        Transition(F.ASKED, "remind", None, P.FEEDBACK_ASK),
    ],
    refusals={
        "save": "Your answers were sent already.",
        "send": "Your answers were sent already.",
        "withdraw": "This was withdrawn already.",
    },
)

OPEN = (R.SETTING, R.AGREED, R.MID_YEAR)
SIP_REVIEW_WORKFLOW: Workflow[SipReview] = Workflow(
    "quality.SipReview",
    R.values,
    [
        Transition(R.SETTING, "set_objective", None, P.SIP_REVIEW_WRITE),
        Transition(R.SETTING, "agree", R.AGREED, P.SIP_REVIEW_WRITE),
        Transition(R.AGREED, "mid_year", R.MID_YEAR, P.SIP_REVIEW_WRITE),
        *(Transition(state, "account", None, P.SIP_REVIEW_ACCOUNT) for state in OPEN),
        *(Transition(state, "need", None, P.SIP_REVIEW_WRITE) for state in OPEN),
        *(Transition(state, "close", R.CLOSED, P.SIP_REVIEW_WRITE) for state in (R.AGREED, R.MID_YEAR)),
    ],
    refusals={
        "set_objective": "The objectives are agreed: they are not changed under the year.",
        "account": "The year is closed, and locked.",
        "need": "The year is closed, and locked.",
        "close": "Agree the objectives first.",
    },
)


def has_visit_to_come(row: Shadowing, on: dt.date) -> str | None:
    """The headteacher is told before the visit (domain.md §7)."""
    if row.visit is None:
        return "Choose the visit first."
    if row.visit.state != VisitState.BOOKED:
        return "The visit is no longer booked: choose another."
    if row.visit.on is not None and row.visit.on <= on:
        return "The headteacher is told before the day of the visit: choose one that is still to come."
    return None


def was_held(row: Shadowing, on: dt.date) -> str | None:
    if row.visit is None or row.visit.on is None or row.visit.on > on:
        return "The visit is still to come: the form is written on its day or after."
    if row.visit.state in (VisitState.CANCELLED, VisitState.ABORTED):
        return "The visit did not take place: choose another."
    return None


def response_is_over(row: Shadowing, on: dt.date) -> str | None:
    if row.respond_by is not None and row.respond_by >= on:
        return f"The SIP may answer until {row.respond_by.day} {row.respond_by:%B}."
    return None


SHADOWING_WORKFLOW: Workflow[Shadowing] = Workflow(
    "quality.Shadowing",
    S.values,
    [
        Transition(S.PLANNED, "move", S.PLANNED, P.SHADOWING_PLAN),
        Transition(S.TOLD, "move", S.PLANNED, P.SHADOWING_PLAN),
        Transition(S.PLANNED, "tell", S.TOLD, P.SHADOWING_PLAN, has_visit_to_come),
        Transition(S.TOLD, "ask_other", S.PLANNED, P.SHADOWING_ASK, has_visit_to_come),
        Transition(S.PLANNED, "cancel", S.CANCELLED, P.SHADOWING_PLAN),
        Transition(S.TOLD, "cancel", S.CANCELLED, P.SHADOWING_PLAN),
        Transition(S.TOLD, "write", S.DONE, P.SHADOWING_OBSERVE, was_held),
        Transition(S.DONE, "write", S.DONE, P.SHADOWING_OBSERVE),
        Transition(S.DONE, "respond", S.RESPONDED, P.SHADOWING_RESPOND),
        Transition(S.RESPONDED, "close", S.CLOSED, P.SHADOWING_CLOSE),
        Transition(S.DONE, "close", S.CLOSED, P.SHADOWING_CLOSE, response_is_over),
    ],
    refusals={
        "write": "The form is written once the headteacher has been told and the visit held, and until the SIP has answered.",
        "respond": "There is no form to answer, or it has been answered.",
    },
)

MODERATION_WORKFLOW: Workflow[Moderation] = Workflow(
    "quality.Moderation",
    M.values,
    [
        Transition(M.ASKED, "rate", M.RATED, P.MODERATION_RATE),
        Transition(M.ASKED, "take_back", M.WITHDRAWN, P.MODERATION_MANAGE),
    ],
    refusals={"rate": "This rating was given or taken back.", "take_back": "This rating was given or taken back."},
)
