"""Pupils' rows for ``core.retention``: kept until 31 August after the results, or until the authority's own day (domain.md §10)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from core import clock
from core.retention import RETENTION, Due, RecordKind, digest_of

from .models import Pupil, PupilSheet


def sheets_due(authority_id: int, last: dt.date) -> list[Due]:
    sheets = PupilSheet.objects.filter(school__authority_id=authority_id, dispose_on__lte=last, disposed_at=None).select_related("school")
    return [
        Due(
            str(sheet.pk),
            f"{sheet.school.name}, {sheet}, {sheet.pupil_count} pupils",
            sheet.dispose_on,
            digest_of(sheet.pk, sheet.changed_at),
            sheet.school_id,
        )
        for sheet in sheets.order_by("dispose_on", "school__name", "pk")
    ]


def destroy_sheets(authority_id: int, ids: Sequence[str]) -> None:
    """The rows. That there was a sheet, and of how many pupils, stays."""
    sheets = PupilSheet.objects.filter(school__authority_id=authority_id, pk__in=[int(pk) for pk in ids])
    Pupil.objects.filter(sheet__in=sheets).delete()
    sheets.update(disposed_at=clock.now())


RETENTION.add(
    "pupil_rows",
    RecordKind(
        "pupil_rows",
        "Pupils’ rows of target setting",
        "the day until which they are kept",
        sheets_due,
        destroy_sheets,
        shipped=lambda on: on,
        shipped_words="until 31 August after the results, or the authority’s own day",
    ),
)
