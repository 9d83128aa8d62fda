"""The kernel's tables, each written in the module that it serves."""

from .audit import AuditEvent
from .files import StoredFile
from .jobs import Job, ScheduleRun
from .outbox import OutboxEmail
from .search import SearchDocument
from .tabular.models import ImportBatch
from .triggers import TriggerSwitch

__all__ = ["AuditEvent", "ImportBatch", "Job", "OutboxEmail", "ScheduleRun", "SearchDocument", "StoredFile", "TriggerSwitch"]
