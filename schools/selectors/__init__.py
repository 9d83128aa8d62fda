"""Reads of schools. Set-based; each returns rows already inside the asker's scope or takes ids that are."""

from .allocation import Finding, Proposal, check_allocations
from .caseloads import (
    PlanLine,
    PlanLoad,
    PlanReview,
    SipLine,
    advisers_of,
    caseload,
    current_sips,
    plan_proposals,
    review_plan,
    schools_without_sip,
    sip_lines,
    undeclared,
)
from .contacts import OFFICES, chair_of, contacts_on, first_of, head_of, predecessors, reported_contacts
from .days import NO_DAYS, Balance, Days, days_left, days_of_adviser_at, days_of_advisers, days_of_schools
from .finding import describe_school, find_schools, matching, suggest_schools
from .hats import school_side, walls_of

__all__ = [
    "NO_DAYS",
    "OFFICES",
    "Balance",
    "Days",
    "Finding",
    "PlanLine",
    "PlanLoad",
    "PlanReview",
    "Proposal",
    "SipLine",
    "advisers_of",
    "caseload",
    "chair_of",
    "check_allocations",
    "contacts_on",
    "current_sips",
    "days_left",
    "days_of_adviser_at",
    "days_of_advisers",
    "days_of_schools",
    "describe_school",
    "find_schools",
    "first_of",
    "head_of",
    "matching",
    "plan_proposals",
    "predecessors",
    "reported_contacts",
    "review_plan",
    "school_side",
    "schools_without_sip",
    "sip_lines",
    "suggest_schools",
    "undeclared",
    "walls_of",
]
