import datetime as dt

from .audit import AuditEvent, declare
from .files import StoredFile
from .jobs import SCHEDULES, Schedule, prune
from .triggers import insert_only

insert_only(AuditEvent)
insert_only(StoredFile)

SCHEDULES.add("core.prune_jobs", Schedule(prune, daily_at=dt.time(3)))

declare(
    ("import.received", "sent a file to import"),
    ("import.discarded", "gave an import up"),
)
