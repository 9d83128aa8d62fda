"""What ``schools`` keeps: the register and who serves it; inspections; finance and rolls."""

from .finance import BudgetPlan, BudgetPlanYear, FinanceChallenge, FinanceReturn, RollCount
from .inspection import Inspection, InspectionGrade, KeyIssue, Readiness
from .register import (
    AllocationPlan,
    Assignment,
    AssignmentQuerySet,
    AtSchoolQuerySet,
    Contact,
    DaysEntry,
    Group,
    GroupMembership,
    Interest,
    InterestDeclaration,
    PlannedAllocation,
    School,
    SchoolLink,
    SchoolQuerySet,
    with_sip,
)

__all__ = [
    "AllocationPlan",
    "Assignment",
    "AssignmentQuerySet",
    "AtSchoolQuerySet",
    "BudgetPlan",
    "BudgetPlanYear",
    "Contact",
    "DaysEntry",
    "FinanceChallenge",
    "FinanceReturn",
    "Group",
    "GroupMembership",
    "Inspection",
    "InspectionGrade",
    "Interest",
    "InterestDeclaration",
    "KeyIssue",
    "PlannedAllocation",
    "Readiness",
    "RollCount",
    "School",
    "SchoolLink",
    "SchoolQuerySet",
    "with_sip",
]
