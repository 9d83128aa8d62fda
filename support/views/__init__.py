from .facts import FactExportView, FactListView

__all__ = ["FactExportView", "FactListView"]
