"""The kernel's tables, each written in the module that it serves."""

from .audit import AuditEvent
from .files import StoredFile
from .outbox import OutboxEmail
from .triggers import TriggerSwitch

__all__ = ["AuditEvent", "OutboxEmail", "StoredFile", "TriggerSwitch"]
