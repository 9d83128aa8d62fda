"""What support does in the background: after new data, ask the rules of the schools."""

from __future__ import annotations

import datetime as dt

from core import clock
from core.jobs import Job, job
from people.models import Authority

from . import services


@job("support.watch", limit=dt.timedelta(minutes=10))
def watch_after_import(asked: Job, *, authority: str) -> str:
    """Ask the rules of an authority's schools. A second run finds nothing new."""
    row = Authority.objects.filter(code=authority).first()
    made = services.watch_schools(authority=row, at=clock.now()) if row is not None else []
    return f"{len(made)} raised"
