from .caseloads import (
    AdviserDetailView,
    AssignmentAssignView,
    AssignmentCoverView,
    AssignmentEndView,
    AssignmentHandOverView,
    CaseloadGapsView,
    CaseloadListView,
)
from .contacts import ContactConfirmView, ContactEndView, ContactListView, ContactRefuseView, ContactReportView
from .finance import ChallengeDetailView, ChallengeListView, ChallengeOpenView, ChallengeStepView, FinanceUploadView
from .inspections import (
    InspectionExportView,
    InspectionOverviewView,
    KeyIssueCodeView,
    KeyIssueListView,
    ReadinessListView,
    ReadinessRecordView,
)
from .interests import InterestDeclareView
from .lists import SchoolExportView, SchoolListView, SchoolSuggestView
from .plans import PlanDetailView, PlanPublishView, PlanRowView
from .school import SchoolPage, SchoolTabView, tab_url

__all__ = [
    "AdviserDetailView",
    "AssignmentAssignView",
    "AssignmentCoverView",
    "AssignmentEndView",
    "AssignmentHandOverView",
    "CaseloadGapsView",
    "CaseloadListView",
    "ChallengeDetailView",
    "ChallengeListView",
    "ChallengeOpenView",
    "ChallengeStepView",
    "ContactConfirmView",
    "ContactEndView",
    "ContactListView",
    "ContactRefuseView",
    "ContactReportView",
    "FinanceUploadView",
    "InspectionExportView",
    "InspectionOverviewView",
    "InterestDeclareView",
    "KeyIssueCodeView",
    "KeyIssueListView",
    "PlanDetailView",
    "PlanPublishView",
    "PlanRowView",
    "ReadinessListView",
    "ReadinessRecordView",
    "SchoolExportView",
    "SchoolListView",
    "SchoolPage",
    "SchoolSuggestView",
    "SchoolTabView",
    "tab_url",
]
