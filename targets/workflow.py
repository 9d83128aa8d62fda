"""How a target moves (domain.md §5): every legal step of the round, with who may take it.

The figures, reasons and flags of a step are the service's (``targets.services``); a note that becomes final takes the steps
``note_…`` (ADR 0016). Submitted or not, a target may be revised with a reason, and then goes round again.
"""

from __future__ import annotations

from typing import Final

from core.workflow import Transition, Workflow
from people.roles import Permission as P

from .choices import ASIDE, DECIDED, OPEN
from .choices import TargetState as T
from .models import Target

TARGET_WORKFLOW: Final[Workflow[Target]] = Workflow(
    "targets.Target",
    T.values,
    [
        Transition(T.INDICATIVE, "indicate", None, P.TARGET_INDICATE),
        Transition(T.PROPOSED, "indicate", None, P.TARGET_INDICATE),
        Transition(T.INDICATIVE, "propose", T.PROPOSED, P.TARGET_PROPOSE),
        Transition(T.PROPOSED, "propose", None, P.TARGET_PROPOSE),
        Transition(T.CHALLENGED, "propose", T.PROPOSED, P.TARGET_PROPOSE),
        Transition(T.PROPOSED, "accept", T.ACCEPTED, P.TARGET_CHALLENGE),
        Transition(T.CHALLENGED, "accept", T.ACCEPTED, P.TARGET_CHALLENGE),
        Transition(T.PROPOSED, "challenge", T.CHALLENGED, P.TARGET_CHALLENGE),
        Transition(T.ACCEPTED, "challenge", T.CHALLENGED, P.TARGET_CHALLENGE),
        Transition(T.ACCEPTED, "agree", T.AGREED, P.TARGET_DECIDE),
        Transition(T.CHALLENGED, "agree", T.AGREED, P.TARGET_DECIDE),
        Transition(T.CHALLENGED, "set", T.NOT_AGREED, P.TARGET_DECIDE),
        *(Transition(state, "submit", T.SUBMITTED, P.TARGET_SUBMIT) for state in DECIDED),
        *(Transition(state, "revise", T.PROPOSED, P.TARGET_PROPOSE) for state in (*DECIDED, T.SUBMITTED)),
        *(Transition(state, "withdraw", T.WITHDRAWN, P.TARGET_SETTLE) for state in (*OPEN, *DECIDED)),
        *(Transition(state, "exempt", T.DOES_NOT_APPLY, P.TARGET_SETTLE) for state in (*OPEN, *DECIDED)),
        *(Transition(state, "close", T.CLOSING, P.TARGET_SETTLE) for state in (*OPEN, *DECIDED)),
        *(Transition(state, "reopen", T.INDICATIVE, P.TARGET_SETTLE) for state in ASIDE),
        *(Transition(state, "note_proposes", T.PROPOSED, P.TARGET_APPLY) for state in (*OPEN, *DECIDED)),
        *(Transition(state, "note_agrees", T.AGREED, P.TARGET_APPLY) for state in (*OPEN, *DECIDED)),
        *(Transition(state, "note_sets", T.NOT_AGREED, P.TARGET_APPLY) for state in (*OPEN, *DECIDED)),
    ],
    refusals={
        "propose": "It has been accepted or set aside. Revise it with a reason instead.",
        "accept": "The school has proposed nothing that waits for an answer.",
        "challenge": "The school has proposed nothing that waits for an answer.",
        "agree": "It is agreed once the figure has been accepted, or the challenge taken up.",
        "set": "A target is set without agreement only where a challenge stands.",
    },
)
"""From *challenged*, *agree* takes the SIP's figure and *set* keeps the governing body's."""
