"""How a briefing moves (domain.md §8)."""

from __future__ import annotations

from core.workflow import Transition, Workflow
from people.roles import Permission as P

from .choices import BriefingState as B
from .choices import OfferState as O
from .choices import ResourceState as R
from .choices import SuggestionState as S
from .models import Briefing, QuestionOffer, Resource, Suggestion

BRIEFING_WORKFLOW: Workflow[Briefing] = Workflow(
    "briefings.Briefing",
    B.values,
    [
        *(Transition(state, "change", None, P.BRIEFING_MANAGE) for state in (B.PLANNED, B.CALLED)),
        *(Transition(state, "cancel", B.CANCELLED, P.BRIEFING_MANAGE) for state in (B.PLANNED, B.CALLED)),
    ],
    refusals={"change": "It is over, or called off.", "cancel": "It is over, or was called off already."},
)

RESOURCE_WORKFLOW: Workflow[Resource] = Workflow(
    "briefings.Resource",
    R.values,
    [
        *(Transition(state, action, None, P.RESOURCE_PUBLISH) for state in (R.DRAFT, R.PUBLISHED) for action in ("write", "change")),
        Transition(R.PUBLISHED, "discard", None, P.RESOURCE_PUBLISH),
        Transition(R.DRAFT, "publish", R.PUBLISHED, P.RESOURCE_PUBLISH),
        Transition(R.PUBLISHED, "publish", None, P.RESOURCE_PUBLISH),
        *(Transition(state, "retire", R.RETIRED, P.RESOURCE_PUBLISH) for state in (R.DRAFT, R.PUBLISHED)),
        Transition(
            R.RETIRED, "restore", R.PUBLISHED, P.RESOURCE_PUBLISH, lambda row, on: None if row.current_id else "It was never published."
        ),
    ],
    refusals={
        "write": "It is retired. Bring it back first.",
        "change": "It is retired. Bring it back first.",
        "publish": "It is retired. Bring it back first.",
        "discard": "Nothing of it is published. Retire it instead.",
        "retire": "It is retired already.",
        "restore": "It is not retired.",
    },
)

OFFER_WORKFLOW: Workflow[QuestionOffer] = Workflow(
    "briefings.QuestionOffer",
    O.values,
    [
        Transition(O.OFFERED, "accept", O.ACCEPTED, P.QUESTION_DECIDE),
        Transition(O.ACCEPTED, "decline", O.DECLINED, P.QUESTION_DECIDE),
        Transition(O.OFFERED, "decline", O.DECLINED, P.QUESTION_DECIDE),
    ],
    refusals={"accept": "It was decided on already.", "decline": "It was declined already."},
)

SUGGESTION_WORKFLOW: Workflow[Suggestion] = Workflow(
    "briefings.Suggestion",
    S.values,
    [Transition(S.MADE, "answer", S.ANSWERED, P.SUGGESTION_ANSWER)],
    refusals={"answer": "It was answered already."},
)
