"""The portal's clock. Services take ``on`` or ``at``; only views, commands and jobs ask here.

``SIP_TODAY`` (an ISO date) pins the day, as the demonstration does: its authority lives in October 2008. The time of
day stays the machine's. Sessions, leases and rate limits use the machine's own clock and never this one.
"""

from __future__ import annotations

import datetime as dt

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


def machine_now() -> dt.datetime:
    """The machine's own moment, aware, never pinned: for leases, pauses and schedules, which must move on."""
    return timezone.now()
