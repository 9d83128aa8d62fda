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
from .finance import (
    ChallengeDetailView,
    ChallengeLetterView,
    ChallengeListView,
    ChallengeOpenView,
    ChallengeStepView,
    FinanceUploadView,
    InspectionShowView,
)
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
    "ChallengeLetterView",
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
    "InspectionShowView",
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
