"""The portal's clock. Services take ``on`` or ``at``; only views, commands and jobs ask here.

``SIP_TODAY`` (an ISO date) pins the day, as the demonstration does: its authority lives in October 2008. The time of
day stays the machine's. Sessions, leases and rate limits use the machine's own clock and never this one.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from contextvars import ContextVar

from django.conf import settings
from django.utils import timezone


def now() -> dt.datetime:
    """The present moment, aware, in the portal's time zone."""
    real = timezone.localtime(timezone.now())
    pinned: dt.date | None = settings.SIP_TODAY
    if pinned is None:
        return real
    return real.replace(year=pinned.year, month=pinned.month, day=pinned.day)


def today() -> dt.date:
    return now().date()


_machine: ContextVar[dt.datetime | None] = ContextVar("the machine's clock is held at", default=None)


def machine_now() -> dt.datetime:
    """The machine's own moment, aware, never pinned by ``SIP_TODAY``: for leases, pauses and schedules, which must move on."""
    return _machine.get() or timezone.now()


@contextlib.contextmanager
def machine_held_at(moment: dt.datetime) -> Iterator[None]:
    """Hold the machine's clock, while the demonstration is made: two runs write the same rows."""
    token = _machine.set(moment)
    try:
        yield
    finally:
        _machine.reset(token)
