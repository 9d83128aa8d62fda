"""How a form of feedback moves: sent once, withdrawn until the release (domain.md §7)."""

from __future__ import annotations

from core.workflow import Transition, Workflow
from people.roles import Permission as P

from .choices import FeedbackState as F
from .choices import SipReviewState as R
from .models import FeedbackRequest, SipReview

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
