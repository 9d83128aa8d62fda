from .audit import AuditEvent, declare
from .files import StoredFile
from .triggers import insert_only

insert_only(AuditEvent)
insert_only(StoredFile)

declare(
    ("import.received", "sent a file to import"),
    ("import.discarded", "gave an import up"),
)
