"""Writes of schools. Keyword-only, atomic, permission asked inside, one audit event a deed."""

from .assignments import Overlap, ReasonNeeded, RulesBroken, assign, cover, end_assignments, hand_over
from .challenges import (
    close_challenge,
    decide_challenge,
    meet_challenge,
    open_challenge,
    send_challenge_letter,
    withdraw_challenge,
)
from .contacts import (
    account_for,
    confirm_contact,
    confirm_contacts,
    end_contact,
    join_account,
    record_contact,
    refuse_contact,
    report_contact,
)
from .days import allocate_days, charge_days
from .groups import create_group, join_group, leave_group, place_in_cluster
from .inspections import code_key_issues, record_readiness
from .interests import InterestInput, declare_interests
from .plans import PlanChange, change_plan, draft_plan, publish_plan

__all__ = [
    "InterestInput",
    "Overlap",
    "PlanChange",
    "ReasonNeeded",
    "RulesBroken",
    "account_for",
    "allocate_days",
    "assign",
    "change_plan",
    "charge_days",
    "close_challenge",
    "code_key_issues",
    "confirm_contact",
    "confirm_contacts",
    "cover",
    "create_group",
    "decide_challenge",
    "declare_interests",
    "draft_plan",
    "end_assignments",
    "end_contact",
    "hand_over",
    "join_account",
    "join_group",
    "leave_group",
    "meet_challenge",
    "open_challenge",
    "place_in_cluster",
    "publish_plan",
    "record_contact",
    "record_readiness",
    "refuse_contact",
    "report_contact",
    "send_challenge_letter",
    "withdraw_challenge",
]
