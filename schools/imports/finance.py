"""Schools' money from files: returns of a closed year (``finance-returns``, or the department's CFR workbook, ``cfr``), three-year
plans (``budget-plans``), January counts (``january-rolls``).

What they decide (FORMATS.md §7):

- *The revenue reserve* is B01 + B02 + B06: where a file gives the parts and not the sum, it is added up.
- *A federation* files one return under its lead school: the others have none, and say under whom. A school that did not supply
  has none, and says so. Neither is nought.
- *A plan is never changed*: other figures are the next version. A version that is held with other figures is refused.
- A return that comes again with other figures replaces what is held, and the import's report says from what to what.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

from core.calendar import FinancialYear
from core.tabular import bulk
from core.tabular.columns import CellError, Column, Format, Kind, Reading, Row, RowError
from core.tabular.imports import Action, Change, ImportKind, Plan, Request, date_in_name, plain
from core.tabular.reading import Limits
from people.models import Authority
from people.roles import Permission
from schools.choices import ReturnState
from schools.imports import gias
from schools.imports.places import COLUMNS, Places
from schools.imports.rows import SOURCES, Compared, begin, error, school_of, tidy, told_on
from schools.models import BudgetPlan, BudgetPlanYear, FinanceReturn, RollCount

SMALL = Limits(upload_bytes=8 << 20, csv_rows=20_000, xlsx_rows=20_000, columns=100)


def parse_year(text: str) -> int:
    """A financial year: 2007/08 or 2007-08, kept as 2007."""
    match = re.fullmatch(r"(\d{4})\s*[/-]\s*(\d{2}|\d{4})", text, re.ASCII)
    if match is None or (int(match[1]) + 1) % 100 != int(match[2]) % 100:
        raise CellError("Enter the financial year as 2007/08.")
    return int(match[1])


# ---------------------------------------------------------------- returns

MONEY_FIELDS = (
    "income_pence",
    "expenditure_pence",
    "committed_pence",
    "uncommitted_pence",
    "community_pence",
    "reserve_pence",
    "to_capital_pence",
)
RETURN_FIELDS = ("state", "lead_urn", "months", *MONEY_FIELDS, *SOURCES)
PARTS = ("committed_pence", "uncommitted_pence", "community_pence")

RETURNS_FORMAT = Format(
    key="finance-returns",
    title="a list of schools’ returns",
    description="One row a school and closed financial year. Sums in pounds.",
    limits=SMALL,
    columns=(
        *COLUMNS,
        Column("financial_year", "Financial year", required=True, filled=True, parser=parse_year, example="2007/08"),
        Column("income_pence", "Income", Kind.MONEY, required=True, help="Total income of the year.", example="812400"),
        Column("expenditure_pence", "Expenditure", Kind.MONEY),
        Column("committed_pence", "Committed balance", Kind.MONEY, aliases=("B01",), help="Revenue balance that is committed (B01)."),
        Column("uncommitted_pence", "Uncommitted balance", Kind.MONEY, aliases=("B02",), help="Revenue balance that is not (B02)."),
        Column("community_pence", "Community-focused balance", Kind.MONEY, aliases=("B06",)),
        Column("reserve_pence", "Revenue reserve", Kind.MONEY, help="The three together, if left blank. Below nought for a deficit."),
        Column("to_capital_pence", "Revenue moved to capital", Kind.MONEY, aliases=("E30",)),
    ),
)


def _cfr(key: str, *names: str) -> Column:
    return Column(key, names[0], Kind.MONEY, aliases=names[1:], none=("DNS", "NA", "-"))


CFR_FORMAT = Format(
    key="cfr",
    title="the department’s workbook of consistent financial reporting",
    description="School-level income, expenditure and balances of one financial year, as the department publishes them.",
    source="Department for Education, Open Government Licence v3.0",
    sheets=("CFR_Data", "Raw CFR Data"),
    limits=Limits(csv_rows=60_000, xlsx_rows=60_000, columns=400),
    columns=(
        Column("laestab", "LAEstab", digits=7, required=True, filled=True),
        Column("urn", "URN", Kind.INTEGER, required=True, minimum=1, maximum=9_999_999),
        Column("school", "School Name", max_length=300),
        Column(
            "months",
            "Period covered by return (months)",
            Kind.INTEGER,
            aliases=("Period covered by return", "Period covered by return (months, 12=full year)"),
            minimum=1,
            maximum=12,
        ),
        Column("did_not_supply", "Did Not Supply flag", aliases=("Did Not Supply", "DNS flag"), max_length=20),
        Column("is_federated", "FederatedSubmission", aliases=("Federated Submission", "Lead school in federation flag"), max_length=40),
        Column("lead", "Lead school in federation", max_length=40),
        _cfr("income_pence", "Total income"),
        _cfr("expenditure_pence", "Total expenditure", "Total Expenditure: E01 to E29 and E31 to E32 minus I9, I10, I16 and I17"),
        _cfr("committed_pence", "B01 Committed revenue balances", "B01", "B01: Committed revenue balances"),
        _cfr("uncommitted_pence", "B02 Uncommitted revenue balances", "B02", "B02: Uncommitted revenue balances"),
        _cfr("community_pence", "B06 Community-focused school revenue balances", "B06", "B06: Community-focused school revenue balances"),
        _cfr(
            "reserve_pence",
            "Revenue Reserve: B01 + B02 + B06",
            "Revenue Reserve",
            "Revenue Reserve: B01 plus B02 plus B06",
        ),
        _cfr("to_capital_pence", "E30 Direct revenue financing (revenue contributions to capital)", "E30", "E30 Direct revenue financing"),
    ),
)


@dataclass
class Returns:
    code: str
    rows: Compared = field(default_factory=lambda: Compared(FinanceReturn, ("school_id", "financial_year"), RETURN_FIELDS))


def _money(row: Row) -> dict[str, Any]:
    """The sums that the row gives; the reserve from its parts where it is not given."""
    values = {name: row[name] for name in MONEY_FIELDS if row.has(name)}
    parts = [values[name] for name in PARTS if values.get(name) is not None]
    if values.get("reserve_pence") is None and parts:
        values["reserve_pence"] = sum(parts)
    return values


def plan_returns(reading: Reading, request: Request) -> Plan:
    writes = Returns(request.authority)
    result, authority = begin(request, writes)
    if authority is None:
        return result
    result.dated = date_in_name([request.file_name])
    writes.rows.hold(FinanceReturn.objects.filter(authority=authority))
    places = Places.of(request.authority)
    for row in reading.rows:
        year = FinancialYear(row["financial_year"])
        if year.ends_on >= request.on:
            result.errors.append(error(row, "Financial year", str(year), f"{year} has not closed: it ends on {year.ends_on:%d/%m/%Y}."))
            continue
        school = school_of(row, places, result, request)
        if school is None:
            continue
        values = _money(row)
        given, parts = row.get("reserve_pence"), [values.get(name) for name in PARTS]
        if given is not None and parts[0] is not None and parts[1] is not None and given != sum(part or 0 for part in parts):
            result.errors.append(
                error(row, "Revenue reserve", plain(given / 100), "It is not the sum of the committed, uncommitted and community balances.")
            )
            continue
        if values.get("reserve_pence") is None:
            result.errors.append(error(row, "Revenue reserve", "", "Enter the reserve, or the committed and uncommitted balances."))
            continue
        values |= {"state": ReturnState.SUPPLIED.value, "source": tidy(request.file_name), "source_on": told_on(result, request.on)}
        writes.rows.offer(result, row, (school.pk, year.first), values, urn=school.urn, label=f"{school.name}, {year}", group=str(year))
    return result


def plan_cfr(reading: Reading, request: Request) -> Plan:
    writes = Returns(request.authority)
    result, authority = begin(request, writes)
    if authority is None:
        return result
    assert request.year is not None  # the kind needs it
    year = FinancialYear(request.year)
    if year.ends_on >= request.on:
        message = f"{year} has not closed: it ends on {year.ends_on:%d/%m/%Y}. Check the first calendar year."
        result.errors.append(RowError(0, "", str(year), message))
        return result
    writes.rows.hold(FinanceReturn.objects.filter(authority=authority, financial_year=year.first))
    places = Places.of(request.authority)
    leads = {row["laestab"]: row.get("urn") for row in reading.rows}
    for row in reading.rows:
        if not row["laestab"].startswith(request.authority):
            result.skipped["of no school of the authority"] += 1
            continue
        row.values["dfe_number"] = row["laestab"]
        school = school_of(row, places, result, request)
        if school is None:
            continue
        values = _money(row) | {"months": row.get("months") or 12, "source": tidy(request.file_name), "source_on": request.on}
        state, lead = ReturnState.SUPPLIED.value, None
        if _says_yes(row.get("did_not_supply")):
            state = ReturnState.NOT_SUPPLIED.value
        elif (led := _lead(row, leads)) is not None and led != school.urn:
            state, lead = ReturnState.FEDERATED.value, led
        elif values.get("reserve_pence") is None and values.get("income_pence") is None:
            state = ReturnState.NOT_SUPPLIED.value
        if state != ReturnState.SUPPLIED:
            values |= dict.fromkeys(MONEY_FIELDS)
        values |= {"state": state, "lead_urn": lead}
        writes.rows.offer(
            result, row, (school.pk, year.first), values, urn=school.urn, label=f"{school.name}, {year}", group=ReturnState(state).label
        )
    return result


def _says_yes(text: str | None) -> bool:
    return (text or "").casefold() in ("y", "yes", "1", "true", "dns", "did not supply")


def _lead(row: Row, leads: dict[str, int | None]) -> int | None:
    """The URN of the lead school, which the file names by URN or by DfE number."""
    digits = re.sub(r"\D", "", row.get("lead") or "")
    if len(digits) == 7:
        return leads.get(digits)
    return int(digits) if len(digits) == 6 else None


def apply_returns(plan: Plan, *, actor: Any, at: dt.datetime) -> Authority:
    writes: Returns = plan.payload
    authority = Authority.objects.get(code=writes.code)
    writes.rows.write(authority_id=authority.pk)
    return authority


# ---------------------------------------------------------------- three-year plans

YEARS = (1, 2, 3)
PLANS_FORMAT = Format(
    key="budget-plans",
    title="a list of three-year budget plans",
    description="One row a school: the revenue balance at the end of each year, below nought for a deficit. Sums in pounds.",
    limits=SMALL,
    columns=(
        *COLUMNS,
        Column("first_year", "First year", required=True, filled=True, parser=parse_year, example="2008/09"),
        Column("version", "Version", Kind.INTEGER, minimum=1, maximum=99, help="The next one, if left blank."),
        Column("received_on", "Received", Kind.DATE, required=True, filled=True, example="31/05/2008"),
        *(Column(f"balance_{n}", f"Balance year {n}", Kind.MONEY, required=True, filled=True, example="24000") for n in YEARS),
        *(Column(f"capital_{n}", f"To capital year {n}", Kind.MONEY, minimum=0, help="Revenue that is to go into capital.") for n in YEARS),
    ),
)


@dataclass
class NewPlan:
    school_id: int
    first_year: int
    version: int
    received_on: dt.date
    years: tuple[tuple[int, int, int], ...]


@dataclass
class Plans:
    code: str
    source: str = ""
    new: list[NewPlan] = field(default_factory=list)


def plan_plans(reading: Reading, request: Request) -> Plan:
    writes = Plans(request.authority, tidy(request.file_name))
    result, authority = begin(request, writes)
    if authority is None:
        return result
    held: dict[tuple[int, int], dict[int, tuple[tuple[int, int, int], ...]]] = {}
    for plan in BudgetPlan.objects.filter(authority=authority).prefetch_related("years"):
        years = tuple((year.financial_year, year.balance_pence, year.to_capital_pence) for year in plan.years.all())
        held.setdefault((plan.school_id, plan.first_year), {})[plan.version] = years
    places, seen = Places.of(request.authority), set()
    for row in reading.rows:
        school = school_of(row, places, result, request)
        if school is None:
            continue
        first = row["first_year"]
        if row["received_on"] > request.on:
            result.errors.append(error(row, "Received", row["received_on"], "The day lies ahead. Enter the day on which the plan came in."))
            continue
        years = tuple((first + n - 1, row[f"balance_{n}"], row.get(f"capital_{n}") or 0) for n in YEARS)
        versions = held.get((school.pk, first), {})
        latest = max(versions, default=0)
        version = row.get("version") or (latest if latest and versions[latest] == years else latest + 1)
        label = f"{school.name}, from {FinancialYear(first)}, version {version}"
        if (school.pk, first) in seen:
            result.errors.append(error(row, "", label, "The file has a plan of this school and year twice. Take one of the two out."))
        elif version in versions and versions[version] != years:
            message = (
                f"Version {version} is held with other figures, and a plan is never changed. Give {latest + 1}, or leave the version blank."
            )
            result.errors.append(error(row, "Version", version, message))
        elif version in versions:
            result.unchanged += 1
        elif version != latest + 1:
            result.errors.append(error(row, "Version", version, f"The next version is {latest + 1}. Give that, or leave it blank."))
        else:
            writes.new.append(NewPlan(school.pk, first, version, row["received_on"], years))
            told = {f"balance {FinancialYear(year)}": [None, plain(balance / 100)] for year, balance, _ in years}
            result.changes.append(Change(Action.CREATED, str(school.urn), label, f"version {version}", told))
        seen.add((school.pk, first))
    return result


def apply_plans(plan: Plan, *, actor: Any, at: dt.datetime) -> Authority:
    writes: Plans = plan.payload
    authority = Authority.objects.get(code=writes.code)
    bulk.insert(
        BudgetPlan,
        ("authority_id", "school_id", "first_year", "version", "received_on", "source"),
        [(authority.pk, new.school_id, new.first_year, new.version, new.received_on, writes.source) for new in writes.new],
    )
    ids = {
        (school, first, version): pk
        for pk, school, first, version in BudgetPlan.objects.filter(authority=authority).values_list(
            "pk", "school_id", "first_year", "version"
        )
    }
    bulk.insert(
        BudgetPlanYear,
        ("plan_id", "financial_year", "balance_pence", "to_capital_pence"),
        [(ids[new.school_id, new.first_year, new.version], *year) for new in writes.new for year in new.years],
    )
    return authority


# ---------------------------------------------------------------- January counts

SHARES = ("fsm", "sen", "eal", "mobility")
ROLL_FIELDS = ("pupils", *SHARES, "lac", *SOURCES)
ROLLS_FORMAT = Format(
    key="january-rolls",
    title="January counts of pupils",
    description="One row a school and January.",
    limits=SMALL,
    columns=(
        *COLUMNS,
        Column("year", "January", Kind.INTEGER, required=True, filled=True, minimum=1990, maximum=2199, example="2008"),
        Column("pupils", "Pupils", Kind.INTEGER, required=True, filled=True, minimum=0, maximum=99_999, example="214"),
        Column("fsm", "Free school meals %", Kind.PERCENT, minimum=0, maximum=100),
        Column("sen", "Special educational needs %", Kind.PERCENT, minimum=0, maximum=100),
        Column("eal", "English as an additional language %", Kind.PERCENT, minimum=0, maximum=100),
        Column("mobility", "Mobility %", Kind.PERCENT, minimum=0, maximum=100),
        Column("lac", "Looked-after children", Kind.INTEGER, minimum=0, maximum=999),
    ),
)


@dataclass
class Rolls:
    code: str
    rows: Compared = field(default_factory=lambda: Compared(RollCount, ("school_id", "year"), ROLL_FIELDS))


def plan_rolls(reading: Reading, request: Request) -> Plan:
    writes = Rolls(request.authority)
    result, authority = begin(request, writes)
    if authority is None:
        return result
    writes.rows.hold(RollCount.objects.filter(authority=authority))
    places = Places.of(request.authority)
    for row in reading.rows:
        school = school_of(row, places, result, request)
        if school is None:
            continue
        if dt.date(row["year"], 1, 1) > request.on:
            result.errors.append(error(row, "January", row["year"], f"January {row['year']} is still to come."))
            continue
        values = {name: row[name] for name in ("pupils", *SHARES, "lac") if row.has(name)}
        values |= {"source": tidy(request.file_name), "source_on": request.on}
        writes.rows.offer(
            result,
            row,
            (school.pk, row["year"]),
            values,
            urn=school.urn,
            label=f"{school.name}, January {row['year']}",
            group=f"January {row['year']}",
        )
    return result


def apply_rolls(plan: Plan, *, actor: Any, at: dt.datetime) -> Authority:
    writes: Rolls = plan.payload
    authority = Authority.objects.get(code=writes.code)
    writes.rows.write(authority_id=authority.pk)
    return authority


def _kind(key: str, title: str, description: str, layout: Format, plan: Any, apply: Any, event: str, **options: Any) -> ImportKind:
    return ImportKind(
        key=key,
        title=title,
        description=description,
        format=layout,
        plan=plan,
        apply=apply,
        tenant=gias.tenant,
        permission=Permission.FINANCE_IMPORT,
        event=event,
        **options,
    )


AFTER_RETURNS = ("gias", "finance-returns", "cfr")
RETURNS = _kind(
    "finance-returns",
    "Finance returns",
    "Income, balances and transfers of closed years.",
    RETURNS_FORMAT,
    plan_returns,
    apply_returns,
    "finance.imported",
    after=AFTER_RETURNS,
)
CFR = _kind(
    "cfr",
    "Finance returns (the department’s CFR workbook)",
    "Balances of one financial year, federations and schools that did not supply among them.",
    CFR_FORMAT,
    plan_cfr,
    apply_returns,
    "finance.imported",
    after=AFTER_RETURNS,
    needs_year=True,
)
PLANS = _kind(
    "budget-plans",
    "Three-year budget plans",
    "Balances of three years, kept by version.",
    PLANS_FORMAT,
    plan_plans,
    apply_plans,
    "plans.imported",
    after=("gias",),
)
ROLLS = _kind(
    "january-rolls",
    "January counts",
    "Pupils on roll, and who they are.",
    ROLLS_FORMAT,
    plan_rolls,
    apply_rolls,
    "rolls.imported",
    after=("gias",),
)
