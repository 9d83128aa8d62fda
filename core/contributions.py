from .audit import AuditEvent
from .triggers import insert_only

insert_only(AuditEvent)
