"""How a scheme that is written in the portal moves, how a school's category comes about, and how support is brokered (domain.md §6)."""

from __future__ import annotations

import datetime as dt

from core.workflow import Transition, Workflow
from people.roles import Permission as P

from .choices import CaseState as C
from .choices import ConcernState as R
from .choices import DraftState as D
from .choices import SupportState as S
from .choices import WarningState as W
from .models import CategoryCase, Concern, DraftScheme, EarlyWarning, Intervention

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


def _told_in_time(case: CategoryCase, on: dt.date) -> str | None:
    """The school had its school days, or has answered (``answer_from`` is the last day to be told by)."""
    if case.panel is None:
        return "Put the school on the agenda of a panel first."
    if not case.panel.is_held:
        return "Record who came to the panel first."
    if case.told_on is None or (case.answer_from is not None and case.told_on > case.answer_from and case.answered_at is None):
        return "The school has not had its school days to answer. Decide at a later panel, or once the school has answered."
    return None


def _asked_once(case: CategoryCase, on: dt.date) -> str | None:
    return "The school has asked for a review already; it may do so once." if case.review_at else None


def _review_open(case: CategoryCase, on: dt.date) -> str | None:
    if not case.review_at:
        return "The school has asked for no review."
    return "The review is answered." if case.review_answered_at else None


def _waits(case: CategoryCase, on: dt.date) -> str | None:
    return None if case.asked_by_id else "Nobody has asked for a decision between panels."


def _to_confirm(case: CategoryCase, on: dt.date) -> str | None:
    return None if case.needs_confirming else "The decision needs no confirming."


BEFORE = (C.SUGGESTED, C.PROPOSED)
CASE_WORKFLOW: Workflow[CategoryCase] = Workflow(
    "support.CategoryCase",
    C.values,
    [
        *(Transition(state, "propose", C.PROPOSED, P.SCHOOL_VIEW) for state in BEFORE),
        *(Transition(state, "place", None, P.CATEGORY_MANAGE) for state in BEFORE),
        *(Transition(state, "represent", None, P.CATEGORY_REPRESENT, additive=True) for state in BEFORE),
        *(Transition(state, "decide", C.DECIDED, P.CATEGORY_MANAGE, _told_in_time) for state in BEFORE),
        *(Transition(state, "ask", None, P.CATEGORY_DECIDE) for state in BEFORE),
        *(Transition(state, "agree", C.DECIDED, P.CATEGORY_DECIDE, _waits) for state in BEFORE),
        *(Transition(state, "confirm", None, P.CATEGORY_MANAGE, _to_confirm) for state in (C.DECIDED, C.NOTIFIED, C.PUBLISHED)),
        Transition(C.DECIDED, "notify", C.NOTIFIED, P.CATEGORY_MANAGE),
        Transition(C.NOTIFIED, "publish", C.PUBLISHED, P.CATEGORY_MANAGE),
        *(Transition(state, "ask_review", None, P.CATEGORY_REPRESENT, _asked_once) for state in (C.NOTIFIED, C.PUBLISHED)),
        *(Transition(state, "answer_review", None, P.CATEGORY_MANAGE, _review_open) for state in (C.NOTIFIED, C.PUBLISHED)),
    ],
    refusals={
        "place": "A school on your list is decided already. Nothing was put on the agenda; look at the list again.",
        "represent": "The panel has decided. Once the school has its letter it may ask for a review.",
        "decide": "A decision is recorded already. Nothing that you sent was done; look at the case again.",
        "ask": "It is decided already. Look at the case again.",
        "agree": "It is decided already. Look at the case again.",
        "confirm": "There is no decision to confirm yet.",
        "notify": "The school is told once, after a decision. Nothing was sent; look at the case again.",
        "publish": "A level is published once, after the school has been told. Look at the case again.",
        "ask_review": "A review can be asked for once the school has its letter.",
    },
)


# ---------------------------------------------------------------- the register of schools causing concern


def _in_time(concern: Concern, on: dt.date) -> str | None:
    until = concern.monitored_until
    return None if until is not None and on <= until else "The monitored time is over: open a new case."


def _time_over(concern: Concern, on: dt.date) -> str | None:
    until = concern.monitored_until
    return "The monitored time is not over." if until is None or on <= until else None


def _exit_asked(concern: Concern, on: dt.date) -> str | None:
    return None if concern.exit_asked_by_id else "Nobody has asked for the exit."


LIVE = (R.OPEN, R.ASKED)
CONCERN_WORKFLOW: Workflow[Concern] = Workflow(
    "support.Concern",
    R.values,
    [
        Transition(R.OPEN, "revise", None, P.CONCERN_MANAGE),
        Transition(R.OPEN, "settle", None, P.CONCERN_MANAGE, additive=True),
        Transition(R.OPEN, "agree_criterion", None, P.CONCERN_MANAGE, additive=True),
        Transition(R.OPEN, "plan", None, P.CONCERN_PLAN, additive=True),
        Transition(R.OPEN, "ask_exit", R.ASKED, P.CONCERN_MANAGE),
        *(Transition(state, "review", None, P.CONCERN_MANAGE, additive=True) for state in (*LIVE, R.MONITORED)),
        *(Transition(state, "log", None, P.CONCERN_MANAGE, additive=True) for state in (*LIVE, R.MONITORED)),
        *(Transition(state, "sign", None, P.CONCERN_MANAGE, additive=True) for state in LIVE),
        Transition(R.ASKED, "agree_exit", R.MONITORED, P.CONCERN_DECIDE, _exit_asked),
        Transition(R.ASKED, "refuse_exit", R.OPEN, P.CONCERN_DECIDE),
        Transition(R.MONITORED, "reopen", R.OPEN, P.CONCERN_MANAGE, _in_time),
        Transition(R.MONITORED, "end", R.CLOSED, P.CONCERN_MANAGE, _time_over),
    ],
)

WARNING_WORKFLOW: Workflow[EarlyWarning] = Workflow(
    "support.EarlyWarning",
    W.values,
    [
        *(Transition(state, "accept", W.ACCEPTED, P.CONCERN_MANAGE) for state in (W.WAITING, W.WATCHED)),
        *(Transition(state, "watch", W.WATCHED, P.CONCERN_MANAGE) for state in (W.WAITING, W.WATCHED)),
        *(Transition(state, "dismiss", W.DISMISSED, P.CONCERN_MANAGE) for state in (W.WAITING, W.WATCHED)),
    ],
)


# ---------------------------------------------------------------- brokering (domain.md §6; S12)


def _has_begun(row: Intervention, on: dt.date) -> str | None:
    if row.starts_on is None or row.starts_on > on:
        return "It has not begun: say on which day it did."
    return None


SUPPORT_WORKFLOW: Workflow[Intervention] = Workflow(
    "support.Intervention",
    S.values,
    [
        # the SIP, an officer or the manager matches a need; the school decides; what was declined may be matched anew
        *(Transition(state, "match", S.MATCHED, P.SUPPORT_MATCH) for state in (S.REQUESTED, S.MATCHED, S.DECLINED)),
        Transition(S.MATCHED, "agree", S.AGREED, P.SUPPORT_AGREE),
        Transition(S.MATCHED, "decline", S.DECLINED, P.SUPPORT_AGREE),
        *(Transition(state, "withdraw", S.WITHDRAWN, P.SUPPORT_ASK) for state in (S.REQUESTED, S.MATCHED, S.DECLINED)),
        Transition(S.AGREED, "cancel", S.WITHDRAWN, P.SUPPORT_AGREE),
        Transition(S.AGREED, "begin", S.DELIVERING, P.INTERVENTION_RECORD),
        Transition(S.DELIVERING, "deliver", S.DELIVERED, P.INTERVENTION_RECORD, _has_begun),
        *(Transition(state, "evaluate", S.EVALUATED, P.INTERVENTION_RECORD) for state in (S.DELIVERED, S.EVALUATED)),
    ],
    refusals={
        "agree": "There is nothing to agree to yet: it waits to be matched with a service.",
        "evaluate": "It is evaluated once it is delivered.",
        "begin": "It begins once the school has agreed.",
    },
)
