from .consultations import ConsultationView, PlacementView
from .facts import FactExportView, FactListView
from .finance import FinanceExportView, FinanceOverviewView, ThresholdTryView
from .interventions import InterventionAddView, InterventionDetailView, InterventionEvaluateView, InterventionReviseView
from .priorities import PriorityExportView, PriorityListView
from .schemes import (
    ConsultationResultView,
    RuleAddView,
    RuleRemoveView,
    SchemeBeginView,
    SchemeConsultView,
    SchemeDetailView,
    SchemeDiscardView,
    SchemeEndView,
    SchemeExportView,
    SchemeListView,
    SchemePublishView,
    SchemeTextView,
)

__all__ = [
    "ConsultationResultView",
    "ConsultationView",
    "FactExportView",
    "FactListView",
    "FinanceExportView",
    "FinanceOverviewView",
    "InterventionAddView",
    "InterventionDetailView",
    "InterventionEvaluateView",
    "InterventionReviseView",
    "PlacementView",
    "PriorityExportView",
    "PriorityListView",
    "RuleAddView",
    "RuleRemoveView",
    "SchemeBeginView",
    "SchemeConsultView",
    "SchemeDetailView",
    "SchemeDiscardView",
    "SchemeEndView",
    "SchemeExportView",
    "SchemeListView",
    "SchemePublishView",
    "SchemeTextView",
    "ThresholdTryView",
]
