from .results import HeadlinesView, RollUpExportView, RollUpView, RowsExportView, RowsView, SchoolResultsExportView

__all__ = ["HeadlinesView", "RollUpExportView", "RollUpView", "RowsExportView", "RowsView", "SchoolResultsExportView"]
