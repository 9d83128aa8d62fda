"""Predecessors and successors from the department's links file: the kind ``gias-links``.

The file holds one line for each end of a link, but not always: some have no mirror and many no date. It names types
freely ("Successor - amalgamated"), so they are kept as worded. A link is kept if one of its ends is a school of the
authority, or if it leads there: A became B, B became C, and C is held here; old results and inspections under A are
then found. Both ends are URNs; no school is made of them. A line that a later file lacks stays.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from core.tabular import bulk
from core.tabular.columns import Column, Format, Kind, Reading, Row, RowError
from core.tabular.imports import Action, Change, ImportKind, Plan, Request, plain
from core.tabular.reading import Limits
from people.models import Authority
from people.roles import Permission
from schools.imports import gias
from schools.models import School, SchoolLink

FORMAT = Format(
    key="gias-links",
    title="a file of links between schools",
    description="Links between establishments as the department publishes them: who succeeded whom.",
    source="Department for Education, Open Government Licence v3.0",
    limits=Limits(csv_rows=120_000, columns=50),
    columns=(
        Column("urn", "URN", Kind.INTEGER, required=True, filled=True, minimum=1, maximum=9_999_999, example="999123"),
        Column("linked_urn", "LinkURN", Kind.INTEGER, required=True, filled=True, minimum=1, maximum=9_999_999, example="999456"),
        Column("linked_name", "LinkName", max_length=200),
        Column(
            "kind",
            "LinkType",
            required=True,
            filled=True,
            max_length=120,
            help="What the other school is to this one.",
            example="Predecessor",
        ),
        Column("linked_on", "LinkEstablishedDate", Kind.DATE, none=gias.UNKNOWN_DAYS),
    ),
)


@dataclass(slots=True)
class Writes:
    code: str
    new: list[tuple[int, int, str, str, dt.date | None]] = field(default_factory=list)
    changed: list[tuple[int, str, dt.date | None]] = field(default_factory=list)


def older_and_newer(urn: int, linked_urn: int, kind: str) -> tuple[int, int] | None:
    """Which of the two came first, where the type says so."""
    kind = kind.casefold()
    if kind.startswith("successor"):
        return urn, linked_urn
    if kind.startswith("predecessor"):
        return linked_urn, urn
    return None


def plan(reading: Reading, request: Request) -> Plan:
    result = Plan(payload=Writes(request.authority))
    authority = gias.tenant(request.authority)
    schools = dict(School.objects.filter(authority__code=request.authority).values_list("urn", "name"))
    if authority is None or not schools:
        message = f"No schools of {request.authority} are held here. Import the register first (gias)."
        result.errors.append(RowError(0, "", request.authority, message))
        return result
    result.authority_name = authority.name
    reached = _reached(reading.rows, set(schools))
    held = {
        (urn, linked_urn, kind): (pk, name, on)
        for pk, urn, linked_urn, kind, name, on in SchoolLink.objects.filter(authority=authority).values_list(
            "pk", "urn", "linked_urn", "kind", "linked_name", "linked_on"
        )
    }
    seen: set[tuple[int, int, str]] = set()
    for row in reading.rows:
        key = (row["urn"], row["linked_urn"], row["kind"])
        if row["urn"] not in reached and row["linked_urn"] not in reached:
            result.skipped["of no school of the authority"] += 1
        elif key in seen:
            result.skipped["a link that the file has already"] += 1
        else:
            seen.add(key)
            _compare(row, key, result, held.get(key), schools)
    return result


def _reached(rows: list[Row], schools: set[int]) -> set[int]:
    """The schools held, and all from which they descend."""
    older: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        if pair := older_and_newer(row["urn"], row["linked_urn"], row["kind"]):
            older[pair[1]].add(pair[0])
    reached, new = set(schools), set(schools)
    while new:
        new = {before for urn in new for before in older[urn]} - reached
        reached |= new
    return reached


def _compare(
    row: Row, key: tuple[int, int, str], result: Plan, held: tuple[int, str, dt.date | None] | None, schools: dict[int, str]
) -> None:
    writes: Writes = result.payload
    name, on = row.get("linked_name") or "", row.get("linked_on")
    label = f"{schools.get(key[0], 'a school not held here')}: {key[2]} {name}".strip()
    if held is None:
        writes.new.append((*key, name, on))
        result.changes.append(Change(Action.CREATED, f"{key[0]}-{key[1]}", label, key[2]))
        return
    pk, old_name, old_on = held
    name = name if row.has("linked_name") else old_name
    on = on if on is not None else old_on  # a file that has lost a date takes none away
    changed = {
        field: [plain(old), plain(new)] for field, old, new in (("linked_name", old_name, name), ("linked_on", old_on, on)) if old != new
    }
    if not changed:
        result.unchanged += 1
        return
    writes.changed.append((pk, name, on))
    result.changes.append(Change(Action.UPDATED, f"{key[0]}-{key[1]}", label, key[2], changed))


def apply(plan: Plan, *, actor: Any, at: dt.datetime) -> Authority:
    """Write the plan. Inside the harness's transaction."""
    writes: Writes = plan.payload
    authority = Authority.objects.get(code=writes.code)
    bulk.insert(
        SchoolLink, ("authority_id", "urn", "linked_urn", "kind", "linked_name", "linked_on"), [(authority.pk, *new) for new in writes.new]
    )
    bulk.update(SchoolLink, ("linked_name", "linked_on"), writes.changed)
    return authority


LINKS = ImportKind(
    key="gias-links",
    title="Links between schools (GIAS)",
    description="Keeps who succeeded whom, for the authority's schools and those they descend from. Makes no schools.",
    format=FORMAT,
    plan=plan,
    apply=apply,
    tenant=gias.tenant,
    permission=Permission.REGISTER_IMPORT,
    event="register.imported",
    after=("gias",),
)
