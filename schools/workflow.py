"""How a finance challenge moves (S10, S11). Every step is the finance officer's."""

from __future__ import annotations

from typing import Final

from core.workflow import Transition, Workflow
from people.roles import Permission as P
from schools.choices import ChallengeState as C
from schools.models import FinanceChallenge

CHALLENGE_WORKFLOW: Final[Workflow[FinanceChallenge]] = Workflow(
    "schools.FinanceChallenge",
    C.values,
    [
        Transition(C.OPENED, "letter", C.LETTER_SENT, P.FINANCE_CHALLENGE),
        Transition(C.LETTER_SENT, "meet", C.MET, P.FINANCE_CHALLENGE),
        Transition(C.MET, "decide", C.DECIDED, P.FINANCE_CHALLENGE),
        Transition(C.DECIDED, "close", C.CLOSED, P.FINANCE_CHALLENGE),
        Transition(C.OPENED, "withdraw", C.WITHDRAWN, P.FINANCE_CHALLENGE),
        Transition(C.LETTER_SENT, "withdraw", C.WITHDRAWN, P.FINANCE_CHALLENGE),
    ],
)
