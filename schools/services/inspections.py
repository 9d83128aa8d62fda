"""What people say of inspections: which theme a key issue belongs to, and what is in place for the next one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from core import audit
from core.access import Refused, require
from core.calendar import AcademicYear
from people.models import User
from people.packs import require_pack
from people.roles import Permission as P
from schools.choices import ReadinessState
from schools.models import KeyIssue, Readiness, School
from schools.pack import inspection_of


@transaction.atomic
def code_key_issues(*, actor: User, school: School, themes: Mapping[str, str], at: dt.datetime) -> int:
    """Code key issues of a school's inspections to themes of the pack: ``themes`` by public id. Answers how many changed."""
    require(actor, P.KEY_ISSUE_CODE, school, on=at.date())
    known = {theme.code for theme in inspection_of(require_pack(school.authority, at.date()).content).themes}
    changes: dict[str, list[str]] = {}
    for issue in KeyIssue.objects.filter(school=school, public_id__in=list(themes)):
        theme = themes[issue.public_id]
        if theme and theme not in known:
            raise Refused("Choose a theme from the list.")
        if theme == issue.theme:
            continue
        changes[issue.public_id] = [issue.theme, theme]
        issue.theme, issue.coded_by, issue.coded_at = theme, actor, at
        issue.save(update_fields=["theme", "coded_by", "coded_at"])
    if changes:
        audit.record("key_issue.coded", actor=actor, at=at, subject=school, school=school, changes=changes)
    return len(changes)


@transaction.atomic
def record_readiness(*, actor: User, school: School, answers: Mapping[str, tuple[str, str]], at: dt.datetime) -> int:
    """Say what is in place this academic year: by item of the pack, a state and where the evidence is (P25).

    An item without a state is left as it was. Answers how many changed.
    """
    require(actor, P.READINESS_RECORD, school, on=at.date())
    year = AcademicYear.from_date(at.date()).first
    items = {item.code for item in inspection_of(require_pack(school.authority, at.date()).content).readiness_for(school.phase)}
    held = {row.item: row for row in Readiness.objects.filter(school=school, academic_year=year)}
    changes: dict[str, list[str]] = {}
    rows: list[Readiness] = []
    for code, (state, evidence) in answers.items():
        if code not in items:
            raise Refused("This is not asked of the school.")
        if not state:
            continue
        if state not in ReadinessState.values:
            raise Refused("Choose one of the answers.", field=code)
        row = held.get(code)
        if row is not None and (row.state, row.evidence) == (state, evidence.strip()):
            continue
        changes[code] = [row.state if row else "", state]
        rows.append(Readiness(school=school, academic_year=year, item=code, state=state, evidence=evidence.strip()[:300], by=actor, at=at))
    if changes:
        key = ["school", "academic_year", "item"]
        Readiness.objects.bulk_create(rows, update_conflicts=True, unique_fields=key, update_fields=["state", "evidence", "by", "at"])
        audit.record("readiness.recorded", actor=actor, at=at, subject=school, school=school, changes=changes)
    return len(changes)
