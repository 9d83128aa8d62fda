"""Key issues of inspections, coded to the pack's themes (P22, P23), from a list that the authority keeps: the kind ``key-issues``."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from core.tabular.columns import Column, Format, Kind, Reading, Row
from core.tabular.imports import Held, ImportKind, Plan, Request
from core.tabular.reading import Limits
from people.models import Authority
from people.packs import pack_for
from people.roles import Permission
from schools.choices import InspectionKind
from schools.imports import gias
from schools.imports.inspections import Descent, frameworks_for, own_school
from schools.imports.places import COLUMNS
from schools.imports.rows import Compared, begin, error
from schools.indexing import index_inspections
from schools.models import Inspection, KeyIssue
from schools.pack import Theme, inspection_of

FORMAT = Format(
    key="key-issues",
    title="a list of key issues",
    description="One row a key issue: the inspection by school and first day, the issue in the report's words, its theme.",
    limits=Limits(upload_bytes=8 << 20, csv_rows=50_000, xlsx_rows=50_000, columns=100),
    columns=(
        *COLUMNS,
        Column("on", "Inspection date", Kind.DATE, aliases=("First day",), required=True, filled=True, example="14/03/2007"),
        Column(
            "place", "Number", Kind.INTEGER, minimum=1, maximum=99, help="Its place in the report; the order of the rows if left blank."
        ),
        Column("text", "Key issue", required=True, filled=True, max_length=2000, multiline=True),
        Column("theme", "Theme", max_length=200, help="Code or words of a theme; to be coded later if left blank.", example="marking"),
    ),
)


@dataclass
class Writes:
    code: str
    rows: Compared = field(default_factory=lambda: Compared(KeyIssue, ("inspection_id", "place"), ("school_id", "text", "theme")))


def plan(reading: Reading, request: Request) -> Plan:
    writes = Writes(request.authority)
    result, authority = begin(request, writes)
    if authority is None:
        return result
    pack = pack_for(authority, request.on)
    themes = inspection_of(pack.content).themes if pack is not None else ()
    writes.rows.hold(KeyIssue.objects.filter(school__authority=authority))
    held = {
        (school, on): pk
        for pk, school, on in Inspection.objects.filter(authority=authority, kind=InspectionKind.FULL).values_list(
            "pk", "school_id", "starts_on"
        )
    }
    descent, places = Descent.of(request.authority), Counter[int]()
    for row in reading.rows:
        school = own_school(row, descent, result)
        if school is None:
            continue
        inspection = held.get((school.pk, row["on"]))
        if inspection is None:
            why = f"No full inspection of {school.name} that began on {row['on']:%d/%m/%Y} is held. Import the inspection first."
            result.held.append(Held(row.number, f"row {row.number}: {school.name}", why, row.table.name))
            continue
        theme = _theme(row, themes)
        if theme is None:
            known = ", ".join(found.code for found in themes) or "none: the authority has no pack"
            result.errors.append(error(row, "Theme", row["theme"], f"Not a theme of the pack. Themes: {known}."))
            continue
        places[inspection] += 1
        place = row.get("place") or places[inspection]
        values: dict[str, Any] = {"school_id": school.pk, "text": row["text"]}
        if theme:
            values["theme"] = theme
        writes.rows.offer(result, row, (inspection, place), values, urn=school.urn, label=f"{school.name}, {row['on']:%d/%m/%Y}: {place}")
    return result


def _theme(row: Row, themes: tuple[Theme, ...]) -> str | None:
    """A theme's code from its code or words; nothing where none is given; None where it is no theme."""
    wanted = (row.get("theme") or "").casefold()
    if not wanted:
        return ""
    return next((theme.code for theme in themes if wanted in (theme.code, theme.label.casefold(), theme.short_label.casefold())), None)


def apply(plan: Plan, *, actor: Any, at: dt.datetime) -> Authority:
    writes: Writes = plan.payload
    authority = Authority.objects.get(code=writes.code)
    writes.rows.write(coded_by_id=actor.pk if actor is not None else None, coded_at=at)
    changed = KeyIssue.objects.filter(pk__in=writes.rows.changed).values_list("inspection", flat=True)
    touched = {inspection for inspection, _ in writes.rows.new} | set(changed)
    index_inspections(Inspection.objects.filter(pk__in=touched), frameworks_for(authority, at.date()))
    return authority


KEY_ISSUES = ImportKind(
    key="key-issues",
    title="Key issues of inspections",
    description="What inspections told schools to improve, coded to the pack’s themes.",
    format=FORMAT,
    plan=plan,
    apply=apply,
    tenant=gias.tenant,
    permission=Permission.INSPECTION_IMPORT,
    event="key_issues.imported",
    remembers=False,  # people code the same rows in the portal
)
