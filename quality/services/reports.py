"""The reports of the programme: the words that a person writes in them, and that one left the portal."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F

from core import audit
from core.access import Conflict, require
from people.models import Authority, User
from people.roles import Permission as P
from quality.models import ReportText


class ReportConflict(Conflict):
    """Somebody saved the heading first. Nothing of the later save is written; ``stands`` is what stands, ``yours`` what was sent."""

    def __init__(self, stands: ReportText, yours: str) -> None:
        super().__init__("This heading was changed in another window. Neither text is lost: choose what stands.")
        self.stands, self.yours = stands, yours


@transaction.atomic
def write_report_text(
    *, actor: User, authority: Authority, period: str, heading: str, text: str, base_revision: int, at: dt.datetime
) -> ReportText:
    """What stands under one heading of a period's report, in place of what stood there at ``base_revision`` (0: nothing yet)."""
    require(actor, P.REPORT_WRITE, authority, on=at.date())
    text = text.strip()
    key = {"authority": authority, "period": period, "heading": heading}
    if base_revision == 0:
        row, is_first = ReportText.objects.select_related("by").get_or_create(**key, defaults={"text": text, "by": actor, "at": at})
    else:
        mine = ReportText.objects.filter(**key, revision=base_revision)
        is_first = bool(mine.update(text=text, by=actor, at=at, revision=F("revision") + 1))
        row = ReportText.objects.select_related("by").get(**key)
    if not is_first:
        raise ReportConflict(row, text)
    changes = {"period": period, "heading": heading, "text": audit.content(text)}
    audit.record("report.written", actor=actor, at=at, subject=authority, authority=authority, changes=changes)
    return row


def note_report_exported(*, actor: User, authority: Authority, which: str, period: str, kind: str, at: dt.datetime) -> None:
    """That a report left the portal as a file."""
    require(actor, P.PROGRAMME_REPORT, authority, on=at.date())
    changes = {"report": which, "period": period, "kind": kind}
    audit.record("report.exported", actor=actor, at=at, subject=authority, authority=authority, changes=changes)
