"""How a briefing moves (domain.md §8)."""

from __future__ import annotations

from core.workflow import Transition, Workflow
from people.roles import Permission as P

from .choices import BriefingState as B
from .models import Briefing

BRIEFING_WORKFLOW: Workflow[Briefing] = Workflow(
    "briefings.Briefing",
    B.values,
    [
        *(Transition(state, "change", None, P.BRIEFING_MANAGE) for state in (B.PLANNED, B.CALLED)),
        *(Transition(state, "cancel", B.CANCELLED, P.BRIEFING_MANAGE) for state in (B.PLANNED, B.CALLED)),
    ],
    refusals={"change": "It is over, or called off.", "cancel": "It is over, or was called off already."},
)
