"""How a form of feedback moves: sent once, withdrawn until the release (domain.md §7)."""

from __future__ import annotations

from core.workflow import Transition, Workflow
from people.roles import Permission as P

from .choices import FeedbackState as F
from .models import FeedbackRequest

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
