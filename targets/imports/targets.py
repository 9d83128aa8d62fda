"""Targets from a file, one row a target: the kind ``targets``.

For what was agreed before the portal (so that ambition can be set against outcome, P10), for a round held on paper, and for targets
on the performance scales of special schools. A row of an earlier round is submitted at once; one of this year's round is what the
school proposes, and goes round as if it had been typed. Rows of this round that have come further are held for a person.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.db.models import F, Q

from core.calendar import AcademicYear
from core.tabular.columns import Column, Format, Kind, Reading, Row, RowError
from core.tabular.imports import Held as HeldRow
from core.tabular.imports import ImportKind, Plan, Request
from core.tabular.reading import Limits
from people.models import Authority
from people.packs import pack_for
from people.roles import Permission
from schools.imports import gias
from schools.imports.places import COLUMNS, Places
from schools.imports.rows import Compared, begin, error, school_of
from targets.choices import TargetState
from targets.models import Target, TargetStep
from targets.pack import Measure, MeasuresPart, measures_of, targets_of

AGREED: Final = "agreed"
APART: Final = "set without agreement"
FROM_FILE: Final = "From a file."

FORMAT: Final = Format(
    key="targets",
    title="a file of targets",
    description="One row a target: school, measure, summer, figure.",
    limits=Limits(upload_bytes=8 << 20, csv_rows=50_000, xlsx_rows=50_000, columns=40),
    columns=(
        *COLUMNS,
        Column("measure", "Measure", required=True, filled=True, max_length=60, help="The pack’s code.", example="ks2.l4_en_ma"),
        Column("summer", "Summer", Kind.INTEGER, required=True, filled=True, minimum=1990, maximum=2199, example="2008"),
        Column("target", "Target", Kind.PERCENT, required=True, filled=True, minimum=0, help="In the measure’s own unit.", example="72"),
        Column("cohort", "Cohort", Kind.INTEGER, minimum=1, maximum=5_000, help="Pupils expected.", example="30"),
        Column(
            "standing",
            "Standing",
            Kind.CHOICE,
            choices={AGREED: AGREED, APART: APART, "not agreed": APART},
            help="Of an earlier round: agreed where left out.",
            example=AGREED,
        ),
    ),
)
VALUES: Final = ("state", "value", "proposed", "cohort", "was_agreed")
OPEN_TO_FILES: Final = (TargetState.INDICATIVE, TargetState.PROPOSED)


@dataclass
class Writes:
    code: str
    rows: Compared = field(default_factory=lambda: Compared(Target, ("school_id", "measure", "summer", "pupil_group"), VALUES))


def plan(reading: Reading, request: Request) -> Plan:
    writes = Writes(request.authority)
    result, authority = begin(request, writes)
    if authority is None:
        return result
    pack = pack_for(authority, request.on)
    if pack is None:
        message = "The authority has no pack for this year, so there are no measures to aim at. Load one first."
        result.errors.append(RowError(0, "", request.authority, message))
        return result
    part = measures_of(pack.content)
    measures = {measure.code: measure for measure in part.measures}
    year = AcademicYear.from_date(request.on).first
    now = {
        (code, one.summer, phase)
        for one in targets_of(pack.content).sets
        if one.set_in_academic_year == year and one.level == "school" and (one.withdrawn_on is None or one.withdrawn_on > request.on)
        for code in one.measures
        for phase in one.phases
    }
    writes.rows.hold(Target.objects.filter(school__authority=authority, pupil_group="all"))
    places = Places.of(request.authority)
    for row in reading.rows:
        measure = measures.get(row["measure"])
        if measure is None:
            result.errors.append(error(row, "Measure", row["measure"], "No measure of the pack has this code."))
            continue
        school = school_of(row, places, result, request)
        if school is None:
            continue
        if why := _wrong(row, measure, school.phase, part):
            result.errors.append(error(row, *why))
            continue
        key = (school.pk, measure.code, row["summer"], "all")
        is_now = (measure.code, row["summer"], school.phase) in now
        values = _values(row, is_now)
        if values is None or (not is_now and row["summer"] > year + 1):
            message = (
                "A target of this round has no standing yet: leave the column empty."
                if values is None
                else "No school of this kind sets this target in this round, and its summer lies ahead."
            )
            result.errors.append(error(row, "Standing" if values is None else "Summer", row["summer"], message))
            continue
        held = writes.rows.held.get(key)
        if held is not None and is_now and held[1]["state"] not in OPEN_TO_FILES:
            if held[1]["value"] == values["value"]:
                result.unchanged += 1
                continue
            label = TargetState(held[1]["state"]).label
            why_held = f"{school.name}, {measure.short_label} {row['summer']}: it is {label}. Change it in the round, with a reason."
            result.held.append(HeldRow(row.number, f"row {row.number}: {school.name}", why_held, row.table.name))
            continue
        if row.get("cohort") is None:
            values["cohort"] = held[1]["cohort"] if held is not None else None
        writes.rows.offer(result, row, key, values, urn=school.urn, label=f"{school.name}, {measure.short_label} {row['summer']}")
    return result


def _wrong(row: Row, measure: Measure, phase: str, part: MeasuresPart) -> tuple[str, Any, str] | None:
    if phase not in measure.phases:
        return "Measure", row["measure"], f"A school of this kind ({phase}) has no pupils for {measure.short_label}."
    if measure.unit == "%" and row["target"] > 100:
        return "Target", row["target"], "Enter a percentage from 0 to 100."
    return None


def _values(row: Row, is_now: bool) -> dict[str, Any] | None:
    value, cohort = Decimal(row["target"]).quantize(Decimal("0.01")), row.get("cohort")
    if is_now:
        if row.get("standing"):
            return None
        return {"state": TargetState.PROPOSED.value, "value": value, "proposed": value, "cohort": cohort, "was_agreed": None}
    return {
        "state": TargetState.SUBMITTED.value,
        "value": value,
        "proposed": value,
        "cohort": cohort,
        "was_agreed": row.get("standing") != APART,
    }


def apply(plan: Plan, *, actor: Any, at: dt.datetime) -> Authority:
    """Write the rows; what a file proposes is told among what was said, as the proposal of whoever sent it."""
    writes: Writes = plan.payload
    authority = Authority.objects.get(code=writes.code)
    writes.rows.write(changed_at=at)
    changed = set(writes.rows.changed)
    Target.objects.filter(pk__in=changed).update(lock_version=F("lock_version") + 1, changed_at=at)
    if actor is not None:
        schools = {key[0] for key in writes.rows.new}
        rows = Target.objects.filter(Q(pk__in=changed) | Q(school_id__in=schools), state=TargetState.PROPOSED, changed_at=at)
        TargetStep.objects.bulk_create(
            [
                TargetStep(target=row, action="propose", figure=row.value, reason=FROM_FILE, at=at, by=actor, by_name=actor.name)
                for row in rows
            ]
        )
    return authority


TARGETS: Final = ImportKind(
    key="targets",
    title="Targets",
    description="Targets of schools, one row each: of earlier rounds, of a round held on paper, or on the performance scales.",
    format=FORMAT,
    plan=plan,
    apply=apply,
    tenant=gias.tenant,
    permission=Permission.RESULT_IMPORT,
    event="targets.imported",
    after=("gias", "gias-links"),
    remembers=False,  # people change the same rows in the portal
)
