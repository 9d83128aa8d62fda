"""How a scheme that is written in the portal moves."""

from __future__ import annotations

from core.workflow import Transition, Workflow
from people.roles import Permission as P

from .choices import DraftState as D
from .models import DraftScheme

SCHEME_WORKFLOW: Workflow[DraftScheme] = Workflow(
    "support.DraftScheme",
    D.values,
    [
        Transition(D.DRAFT, "change", None, P.SCHEME_EDIT),
        Transition(D.DRAFT, "consult", D.CONSULTING, P.SCHEME_EDIT),
        Transition(D.CONSULTING, "end", D.DRAFT, P.SCHEME_EDIT),
        Transition(D.DRAFT, "publish", D.PUBLISHED, P.SCHEME_PUBLISH),
        Transition(D.DRAFT, "discard", D.DISCARDED, P.SCHEME_EDIT),
    ],
    refusals={
        "change": "Only a draft can be changed. End the consultation first, or begin a new draft from this scheme.",
        "publish": "Only a draft can be published. End the consultation first.",
    },
)
