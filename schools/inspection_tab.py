"""What inspections add to the pages of a school: the last one in the header, all of them on the time line, and the tab."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from core.access import can
from core.components.formats import day, lower_first
from people.packs import pack_for
from people.roles import Permission as P
from schools.choices import InspectionKind, MonitoringProgress
from schools.models import KeyIssue, School
from schools.pack import Frameworks, inspection_of
from schools.registries import Event, Fact, HeaderPart
from schools.selectors.inspections import described, inspections_of, latest_full, readiness


def header(user: Any, schools: Sequence[School], on: dt.date) -> dict[int, list[HeaderPart]]:
    """The latest full inspection in its framework's word. One query; the national words, which need no pack."""
    words = Frameworks()
    found: dict[int, list[HeaderPart]] = {}
    for pk, rows in inspections_of([school.pk for school in schools], on).items():
        latest = latest_full(rows)
        if latest is not None:
            grade = words.of(latest.framework, latest.starts_on).grade(latest.overall)
            found[pk] = [
                Fact("Last inspection", day(latest.starts_on), lower_first(grade) + (", of the predecessor" if latest.is_inherited else ""))
            ]
    return found


def event(on: dt.date, kind: str, framework: str, grade: int, said: str) -> Event:
    """An inspection on the time line: its grade in its framework's word; of other visits what was said."""
    words = InspectionKind(kind).label
    if kind == InspectionKind.FULL:
        said = Frameworks().of(framework, on).grade(grade or None)
    elif said in MonitoringProgress.values:
        said = f"progress {MonitoringProgress(said).label}"
    return Event(on, words[:1].upper() + words[1:], said)


def inspection_tab(user: Any, school: School, on: dt.date) -> dict[str, Any]:
    """Every inspection under its own framework's grades, key issues with their themes, and what is in place for the next.
    Five queries."""
    pack = pack_for(school.authority, on)
    part = inspection_of(pack.content) if pack is not None else None
    frameworks = part.frameworks if part else Frameworks()
    held = inspections_of([school.pk], on, with_grades=True).get(school.pk, [])
    latest = latest_full(held)
    issues = list(KeyIssue.objects.filter(school=school).order_by("-inspection__starts_on", "place").select_related("inspection"))
    themes = {theme.code: theme.short_label for theme in part.themes} if part else {}
    may_prepare = can(user, P.READINESS_VIEW, school, on=on)
    return {
        "latest": described(latest, frameworks) if latest else None,
        "inspections": [described(row, frameworks) for row in held],
        "issues": [(issue, themes.get(issue.theme, "")) for issue in issues],
        "readiness": readiness([school], part, on)[0] if part and may_prepare else None,
        "may_record": can(user, P.READINESS_RECORD, school, on=on),
        "may_code": bool(issues) and can(user, P.KEY_ISSUE_CODE, school, on=on),
    }
