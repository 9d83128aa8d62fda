"""Who serves which school, from a file that the authority keeps: the kind ``assignments``.

One row an adviser and school. The rules are those of the portal (``schools.selectors.allocation``): what they refuse is
an error of its row; what they warn of needs the row's reason. A row for a school that somebody else serves hands it
over, if it gives a reason: the old assignment ends the day before, and what is left of that year's days goes along. An
adviser who serves the school already is left as they are. Nobody loses a school by not being in the file.

Cover is for a named SIP's absence and is entered in the portal.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models.functions import Lower

from core.access import can
from core.calendar import AcademicYear
from core.tabular.columns import CellError, Column, Format, Kind, Reading, Row, RowError, parse_decimal
from core.tabular.imports import Action, Change, Held, ImportKind, Plan, Request, plain
from core.tabular.reading import Limits
from people.models import Authority, User
from people.packs import pack_for
from people.roles import Permission
from schools.choices import AssignmentKind, DaysKind, DaysSource
from schools.imports import gias
from schools.imports.places import COLUMNS, Places
from schools.models import Assignment, DaysEntry, School
from schools.selectors.allocation import Proposal, check_allocations
from schools.services.assignments import end_rows, grace, insert_assignments
from schools.services.days import move_days_left

KINDS = {"SIP": AssignmentKind.SIP.value, "National Challenge adviser": AssignmentKind.NC_ADVISER.value}
SOURCES = {source.label: source.value for source in DaysSource}


def parse_days(text: str) -> int:
    """Days to integer quarters: 5, 4.5, 0.25."""
    quarters = parse_decimal(text) * 4
    if quarters != quarters.to_integral_value() or not 0 <= quarters <= 1_460:
        raise CellError("Enter days in quarters, as in 5, 4.5 or 0.25.")
    return int(quarters)


FORMAT = Format(
    key="assignments",
    title="a list of assignments",
    description="Which adviser serves which school, from when, with how many days. One row an adviser and school.",
    limits=Limits(upload_bytes=8 << 20, csv_rows=20_000, xlsx_rows=20_000, columns=100),
    columns=(
        *COLUMNS,
        Column(
            "email",
            "Adviser's email",
            Kind.EMAIL,
            aliases=("SIP email", "Email"),
            required=True,
            filled=True,
            help="The account.",
            example="s.marlow@wealdshire.example",
        ),
        Column("adviser", "Adviser", aliases=("SIP",), max_length=300, help="For you to know the row by; it is not read."),
        Column("kind", "Kind", Kind.CHOICE, choices=KINDS, help="SIP if left blank.", example="SIP"),
        Column("starts_on", "From", Kind.DATE, required=True, filled=True, example="01/09/2008"),
        Column("ends_on", "Until", Kind.DATE, help="Open if left blank."),
        Column("quarters", "Days", parser=parse_days, help="For the academic year in which it starts, in quarters of a day.", example="5"),
        Column("source", "Days from", Kind.CHOICE, choices=SOURCES, help="Core if left blank.", example="core"),
        Column("reason", "Reason", max_length=2000, help="Answers warnings, and says why a school is handed over."),
    ),
)


@dataclass(slots=True)
class New:
    proposal: Proposal
    reason: str
    quarters: int
    source: str
    replaces: list[Assignment] = field(default_factory=list)
    is_taken: bool = False


@dataclass(slots=True)
class Writes:
    code: str
    new: list[tuple[Row, New]] = field(default_factory=list)


def plan(reading: Reading, request: Request) -> Plan:
    writes = Writes(request.authority)
    result = Plan(payload=writes)
    authority = gias.tenant(request.authority)
    if authority is None:
        result.errors.append(
            RowError(0, "", request.authority, f"No schools of {request.authority} are held here. Import the register first (gias).")
        )
        return result
    result.authority_name = authority.name
    places = Places.of(request.authority)
    advisers = _advisers(reading.rows)
    held = _held(authority)
    for row in reading.rows:
        school = places.find(row)
        if isinstance(school, Held):
            result.held.append(school)
            continue
        adviser = advisers.get(row["email"].lower())
        if adviser is None:
            result.errors.append(
                _error(
                    row,
                    "Adviser's email",
                    row["email"],
                    "Nobody here has an account with this address. Make the account, and the SIP's profile, first.",
                )
            )
        elif why := _forbidden(request, adviser, school):
            result.errors.append(_error(row, "Adviser's email", row["email"], why))
        elif row.get("ends_on") and row["ends_on"] < row["starts_on"]:
            result.errors.append(_error(row, "Until", row["ends_on"], "The last day lies before the first."))
        else:
            _sort(row, school, adviser, held[school.pk], result, writes)
    _ask_the_rules(authority, writes, result, request.on)
    for _, new in writes.new:
        _tell(new, result)
    return result


def _advisers(rows: Iterable[Row]) -> dict[str, User]:
    addresses = {row["email"].lower() for row in rows}
    return {user.email.lower(): user for user in User.objects.annotate(address=Lower("email")).filter(address__in=addresses)}


def _held(authority: Authority) -> dict[int, list[Assignment]]:
    found: dict[int, list[Assignment]] = defaultdict(list)
    for row in Assignment.objects.filter(authority=authority).select_related("adviser", "school").order_by("starts_on"):
        found[row.school_id].append(row)
    return found


def _forbidden(request: Request, adviser: User, school: School) -> str:
    """Why the person who imports may not decide this row: the wall, and that nobody allocates to themselves."""
    actor = request.actor
    if actor is None:
        return ""
    if actor.pk == adviser.pk:
        return "Nobody allocates to themselves: another manager does that."
    return "" if can(actor, Permission.ASSIGNMENT_MANAGE, school, on=request.on) else f"You may not decide who serves {school.name}."


def _sort(row: Row, school: School, adviser: User, there: list[Assignment], result: Plan, writes: Writes) -> None:
    """New, a hand-over, or as it is."""
    kind, starts_on, ends_on = row.get("kind") or AssignmentKind.SIP.value, row["starts_on"], row.get("ends_on")
    in_the_way = [
        old
        for old in there
        if old.kind == kind and (old.ends_on is None or old.ends_on >= starts_on) and (ends_on is None or old.starts_on <= ends_on)
    ]
    if any(old.adviser_id == adviser.pk for old in in_the_way):
        same = next(old for old in in_the_way if old.adviser_id == adviser.pk)
        if ends_on is not None and ends_on != same.ends_on:
            result.errors.append(
                _error(
                    row,
                    "Until",
                    ends_on,
                    f"{adviser.name} serves {school.name} from {same.starts_on:%d/%m/%Y}. End that assignment in the portal, with a reason.",
                )
            )
        else:
            result.unchanged += 1
        return
    reason = row.get("reason") or ""
    replaced: list[Assignment] = []
    if in_the_way and reason and all(old.starts_on < starts_on for old in in_the_way):
        replaced = in_the_way
    proposal = Proposal(school, adviser, kind, starts_on, ends_on, frozenset(old.pk for old in replaced))
    writes.new.append(
        (row, New(proposal, reason, row.get("quarters") or 0, row.get("source") or DaysSource.CORE.value, replaced, bool(in_the_way)))
    )


def _ask_the_rules(authority: Authority, writes: Writes, result: Plan, on: dt.date) -> None:
    """The rules of domain.md §3 over all rows at once. A row that they refuse, or warn of without a reason, is an error."""
    by_proposal = {id(new.proposal): (row, new) for row, new in writes.new}
    refused: set[int] = set()
    for finding in check_allocations(authority, [new.proposal for _, new in writes.new], on=on):
        row, new = by_proposal[id(finding.proposal)]
        sentence = finding.sentence
        if finding.is_warning:
            if new.reason:
                continue
            sentence += " Give a reason in the row to go on."
        elif finding.rule == "overlap" and new.is_taken and not new.reason:
            sentence += " Give a reason in the row to hand the school over."
        refused.add(id(finding.proposal))
        result.errors.append(_error(row, "", row["email"], sentence))
    writes.new = [(row, new) for row, new in writes.new if id(new.proposal) not in refused]


def _tell(new: New, result: Plan) -> None:
    proposal = new.proposal
    urn = str(proposal.school.urn)
    for old in new.replaces:
        last_day = proposal.starts_on - dt.timedelta(days=1)
        fields = {"ends_on": [plain(old.ends_on), last_day.isoformat()]}
        result.changes.append(Change(Action.CLOSED, urn, f"{old.adviser.name} at {proposal.school.name}", old.get_kind_display(), fields))
    fields = {"starts_on": [None, proposal.starts_on.isoformat()], "ends_on": [None, plain(proposal.ends_on)]}
    if new.quarters:
        fields["days"] = [None, str(Decimal(new.quarters) / 4)]
    kind = AssignmentKind(proposal.kind).label
    result.changes.append(Change(Action.CREATED, urn, f"{proposal.adviser.name} at {proposal.school.name}", kind, fields))


def _error(row: Row, column: str, value: Any, message: str) -> RowError:
    return RowError(row.number, column, str(plain(value)), message, row.table.name)


def apply(plan: Plan, *, actor: Any, at: dt.datetime) -> Authority:
    """Write the plan. Inside the harness's transaction. Raises ``Conflict`` where somebody was first."""
    writes: Writes = plan.payload
    authority = Authority.objects.get(code=writes.code)
    pack = pack_for(authority, at.date())
    for _, new in writes.new:
        if new.replaces:
            end_rows(new.replaces, new.proposal.starts_on - dt.timedelta(days=1), reason=new.reason, is_removal=False, pack=pack, at=at)
    insert_assignments(
        [
            _row(authority, new, grace(pack, new.proposal.ends_on, is_removal=False) if new.proposal.ends_on else {}, at)
            for _, new in writes.new
        ]
    )
    for _, new in writes.new:
        proposal = new.proposal
        for old in new.replaces:
            year = AcademicYear.from_date(proposal.starts_on).first
            move_days_left(actor=actor, school=proposal.school, frm=old.adviser, to=proposal.adviser, academic_year=year, at=at)
    DaysEntry.objects.bulk_create(
        DaysEntry(
            authority=authority,
            school=new.proposal.school,
            adviser=new.proposal.adviser,
            academic_year=AcademicYear.from_date(new.proposal.starts_on).first,
            source=new.source,
            kind=DaysKind.ALLOCATED,
            quarters=new.quarters,
            reason="Imported",
            entered_on=at.date(),
        )
        for _, new in writes.new
        if new.quarters
    )
    return authority


def _row(authority: Authority, new: New, days: dict[str, dt.date], at: dt.datetime) -> Assignment:
    proposal = new.proposal
    return Assignment(
        authority=authority,
        school=proposal.school,
        adviser=proposal.adviser,
        kind=proposal.kind,
        starts_on=proposal.starts_on,
        ends_on=proposal.ends_on,
        reason=new.reason,
        created_at=at,
        **days,
    )


ASSIGNMENTS = ImportKind(
    key="assignments",
    title="Assignments of advisers to schools",
    description="Gives schools to advisers by the rules, hands over with a reason. Takes no school from anybody who isn't named.",
    format=FORMAT,
    plan=plan,
    apply=apply,
    tenant=gias.tenant,
    permission=Permission.ASSIGNMENT_MANAGE,
    event="assignments.imported",
    remembers=False,  # people change the same rows in the portal
)
