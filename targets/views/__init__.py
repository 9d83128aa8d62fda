from .figures import FiguresSpeakPdfView, FiguresSpeakView, SummarySheetPdfView, SummarySheetView
from .results import HeadlinesView, RollUpExportView, RollUpView, RowsExportView, RowsView, SchoolResultsExportView

__all__ = [
    "FiguresSpeakPdfView",
    "FiguresSpeakView",
    "HeadlinesView",
    "RollUpExportView",
    "RollUpView",
    "RowsExportView",
    "RowsView",
    "SchoolResultsExportView",
    "SummarySheetPdfView",
    "SummarySheetView",
]
