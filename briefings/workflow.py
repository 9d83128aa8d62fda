"""How briefings, bulletins, workshops and the library move (domain.md §8)."""

from __future__ import annotations

import datetime as dt

from core.workflow import Transition, Workflow
from people.roles import Permission as P

from .choices import BookingState as K
from .choices import BriefingState as B
from .choices import BulletinState as N
from .choices import OfferState as O
from .choices import ResourceState as R
from .choices import SuggestionState as S
from .choices import WorkshopState as W
from .models import Booking, Briefing, Bulletin, QuestionOffer, Resource, Suggestion, Workshop


def is_to_come(row: Briefing | Workshop, on: dt.date) -> str | None:
    return None if row.on >= on else "Its day is past."


def day_has_come(row: Briefing | Workshop, on: dt.date) -> str | None:
    return None if row.on <= on else "It is still to come."


def is_not_over(row: Booking, on: dt.date) -> str | None:
    return None if row.workshop.on >= on else "The workshop is over."


BRIEFING_WORKFLOW: Workflow[Briefing] = Workflow(
    "briefings.Briefing",
    B.values,
    [
        *(Transition(state, "change", None, P.BRIEFING_MANAGE) for state in (B.PLANNED, B.CALLED)),
        *(Transition(state, "arrange", None, P.BRIEFING_MANAGE) for state in (B.PLANNED, B.CALLED)),
        *(Transition(state, "ask", None, P.BRIEFING_TAKE_PART, is_to_come, additive=True) for state in (B.PLANNED, B.CALLED)),
        *(Transition(state, "document", None, P.BRIEFING_MANAGE, additive=True) for state in (B.PLANNED, B.CALLED, B.HELD)),
        Transition(B.PLANNED, "call", B.CALLED, P.BRIEFING_MANAGE, is_to_come),
        Transition(B.CALLED, "invite", None, P.BRIEFING_MANAGE, is_to_come),
        Transition(B.CALLED, "reply", None, P.BRIEFING_TAKE_PART, is_to_come, additive=True),
        *(Transition(state, "attend", B.HELD, P.BRIEFING_MANAGE, day_has_come) for state in (B.PLANNED, B.CALLED, B.HELD)),
        Transition(B.HELD, "outcome", None, P.BRIEFING_MANAGE),
        *(Transition(state, "cancel", B.CANCELLED, P.BRIEFING_MANAGE) for state in (B.PLANNED, B.CALLED)),
    ],
    refusals={
        "change": "It is over, or called off.",
        "arrange": "It is over, or called off: its agenda stands.",
        "ask": "It is over, or called off.",
        "call": "The invitations are sent already, or it is called off.",
        "reply": "There is no invitation to answer: it is not sent yet, or the briefing is over or called off.",
        "attend": "It was called off.",
        "outcome": "Record who came first.",
        "document": "It was called off: its documents stand as they are.",
        "cancel": "It is over, or was called off already.",
    },
)

BULLETIN_WORKFLOW: Workflow[Bulletin] = Workflow(
    "briefings.Bulletin",
    N.values,
    [
        Transition(N.DRAFT, "write", None, P.BULLETIN_WRITE),
        Transition(N.DRAFT, "publish", N.PUBLISHED, P.BULLETIN_WRITE),
        Transition(N.PUBLISHED, "read", None, P.BULLETIN_VIEW, additive=True),
        Transition(N.PUBLISHED, "done", None, P.BULLETIN_VIEW, additive=True),
    ],
    refusals={"write": "It is published, and no longer changed.", "publish": "It is published already."},
)

WORKSHOP_WORKFLOW: Workflow[Workshop] = Workflow(
    "briefings.Workshop",
    W.values,
    [
        Transition(W.OPEN, "change", None, P.WORKSHOP_MANAGE),
        Transition(W.OPEN, "book", None, P.WORKSHOP_BOOK, is_to_come, additive=True),
        *(Transition(state, "attend", W.HELD, P.WORKSHOP_MANAGE, day_has_come) for state in (W.OPEN, W.HELD)),
        Transition(W.OPEN, "cancel", W.CANCELLED, P.WORKSHOP_MANAGE),
    ],
    refusals={
        "change": "It is over, or called off.",
        "book": "It is over, or called off.",
        "cancel": "It is over, or was called off already.",
    },
)

BOOKING_WORKFLOW: Workflow[Booking] = Workflow(
    "briefings.Booking",
    K.values,
    [
        Transition(K.BOOKED, "cancel", K.CANCELLED, P.WORKSHOP_BOOK, is_not_over),
        Transition(K.WAITING, "cancel", K.CANCELLED, P.WORKSHOP_BOOK, is_not_over),
        Transition(K.WAITING, "move_up", K.BOOKED, P.WORKSHOP_BOOK, is_not_over),
    ],
    refusals={"cancel": "It is cancelled already."},
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
