"""The reports of the programme: the words that a person writes in them, and that one left the portal."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from core import audit
from core.access import require
from people.models import Authority, User
from people.roles import Permission as P
from quality.models import ReportText


@transaction.atomic
def write_report_text(*, actor: User, authority: Authority, period: str, heading: str, text: str, at: dt.datetime) -> ReportText | None:
    """What stands under one heading of a period's report, in place of what stood there; without words the heading is left out again."""
    require(actor, P.REPORT_WRITE, authority, on=at.date())
    row = None
    if text.strip():
        row, _ = ReportText.objects.update_or_create(
            authority=authority, period=period, heading=heading, defaults={"text": text.strip(), "by": actor, "at": at}
        )
    else:
        ReportText.objects.filter(authority=authority, period=period, heading=heading).delete()
    changes = {"period": period, "heading": heading, "text": audit.content(text)}
    audit.record("report.written", actor=actor, at=at, subject=authority, authority=authority, changes=changes)
    return row


def note_report_exported(*, actor: User, authority: Authority, which: str, period: str, kind: str, at: dt.datetime) -> None:
    """That a report left the portal as a file."""
    require(actor, P.PROGRAMME_REPORT, authority, on=at.date())
    changes = {"report": which, "period": period, "kind": kind}
    audit.record("report.exported", actor=actor, at=at, subject=authority, authority=authority, changes=changes)
