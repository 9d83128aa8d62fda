from .consultations import ConsultationView, PlacementView
from .facts import FactExportView, FactListView
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
    "PlacementView",
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
]
