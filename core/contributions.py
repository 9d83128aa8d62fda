from .audit import AuditEvent
from .files import StoredFile
from .triggers import insert_only

insert_only(AuditEvent)
insert_only(StoredFile)
