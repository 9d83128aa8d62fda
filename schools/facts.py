"""The facts that ``schools`` owns: phase, roll, inspection, finance, leadership, governance, staffing (``facts.toml`` of a pack).

What the portal has no data for is unknown, and says so. Each source answers for all schools in as many queries as it has tables.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from core.calendar import FinancialYear
from core.facts import FACT_SOURCES, NOT_HELD, Answer, FactQuestion, FactValue, figure, unknown
from people.packs import pack_for
from schools.choices import CHAIRS, HEADS, ContactKind, ContactState, InspectionKind, ReturnState
from schools.models import Contact, Inspection, InspectionGrade, KeyIssue
from schools.pack import finance_of, inspection_of
from schools.selectors.finance import Money, money_of, opening_year, roll_change, rolls_of
from schools.selectors.inspections import category_now, inspections_of, latest_full

CYCLE = dt.date(2005, 9, 1)
"""Since when schools are inspected under section 5, where no pack says."""

Found = Mapping[str, Answer]
Read = Callable[[int], FactValue]


def _answers(codes: Collection[str], ids: Iterable[int], readers: Mapping[str, Read]) -> dict[str, Answer]:
    ids = list(ids)
    return {code: Answer({pk: readers[code](pk) for pk in ids}) for code in codes if code in readers}


def _not_collected(*codes: str) -> dict[str, Answer]:
    return {code: Answer({}, NOT_HELD) for code in codes}


# ---------------------------------------------------------------- school, roll


def register_of(question: FactQuestion) -> dict[int, tuple[str, int | None, dt.date | None]]:
    """Phase, roll and its day of every subject, by name: one query, whichever source asks first."""
    if "register" not in question.kept:
        rows = question.subjects.order_by("name", "urn").values_list("pk", "phase", "roll", "roll_on")
        question.kept["register"] = {pk: (phase, roll, on) for pk, phase, roll, on in rows}
    found: dict[int, tuple[str, int | None, dt.date | None]] = question.kept["register"]
    return found


def phases_of(question: FactQuestion) -> dict[int, str]:
    """The phase of every subject, by name."""
    return {pk: phase for pk, (phase, _, _) in register_of(question).items()}


def school_facts(codes: Collection[str], question: FactQuestion) -> Found:
    if "school.phase" not in codes:
        return {}
    return {"school.phase": Answer({pk: figure(phase) for pk, phase in phases_of(question).items()})}


def roll_facts(codes: Collection[str], question: FactQuestion) -> Found:
    """January counts; the number itself from the register where no count is held. One query."""
    last = question.on.year if (question.on.month, question.on.day) >= (2, 1) else question.on.year - 1
    register = {pk: (roll, on) for pk, (_, roll, on) in register_of(question).items()}
    counts = question.kept["rolls"] = rolls_of(question.subjects, last - 6, last)

    def january(pk: int) -> int | None:
        return max(counts.get(pk, {}), default=None)

    def number(pk: int) -> FactValue:
        latest, (roll, on) = january(pk), register[pk]
        if latest is not None:
            return figure(Decimal(counts[pk][latest].pupils), source=f"January {latest}")
        return figure(Decimal(roll), source="the register", on=on) if roll is not None else unknown("No roll is held.")

    def change(years: int) -> Read:
        def read(pk: int) -> FactValue:
            latest = january(pk)
            found = roll_change(counts[pk], latest, years) if latest is not None else None
            if found is None or latest is None:
                return unknown(f"No January counts {years} year{'s' if years > 1 else ''} apart are held.")
            return figure(found, source=f"January {latest - years} and {latest}")

        return read

    def column(name: str) -> Read:
        def read(pk: int) -> FactValue:
            latest = january(pk)
            value = getattr(counts[pk][latest], name) if latest is not None else None
            return figure(Decimal(value), source=f"January {latest}") if value is not None else NOT_HELD

        return read

    readers = {"roll.number": number, "roll.change_1y": change(1), "roll.change_3y": change(3)}
    readers |= {f"roll.{name}": column(name) for name in ("fsm", "sen", "eal", "lac", "mobility")}
    return _answers(codes, register, readers)


# ---------------------------------------------------------------- inspection

GRADED = {"capacity": "capacity", "leadership": "leadership", "teaching": "teaching", "achievement": "achievement"}


def inspection_facts(codes: Collection[str], question: FactQuestion) -> Found:
    """As published. A grade of a predecessor is marked; what was not judged is unknown. Three queries."""
    pack = question.policy or pack_for(question.scope, question.on)
    cycle = inspection_of(pack.content).cycle_starts_on if pack is not None and "inspection" in pack.content.parts else CYCLE
    ids = list(register_of(question))
    held = inspections_of(question.subjects, question.on)
    last_full = {pk: row for pk, rows in held.items() if (row := latest_full(rows)) is not None}
    grades: dict[int, dict[str, int | None]] = defaultdict(dict)
    wanted = [name for code, name in GRADED.items() if f"inspection.{code}" in codes]
    if wanted:
        rows = InspectionGrade.objects.filter(inspection__school__in=question.subjects, inspection__starts_on__lte=question.on)
        for inspection, name, grade in rows.filter(area__in=wanted).order_by().values_list("inspection_id", "area", "grade"):
            grades[inspection][name] = grade
    is_loaded = bool(held) or Inspection.objects.filter(authority=question.scope).exists()
    themes = _themes(question) if "inspection.key_issues" in codes else {}
    nothing = unknown("No inspections have been loaded." if not is_loaded else "No full inspection is held.")

    def latest(pk: int) -> Inspection | None:
        return last_full.get(pk)

    def in_cycle(pk: int) -> Inspection | None:
        row = latest(pk)
        return row if row is not None and row.starts_on >= cycle else None

    def graded(read: Callable[[Inspection], int | None]) -> Read:
        def value(pk: int) -> FactValue:
            row = in_cycle(pk)
            if row is None:
                return unknown(f"No full inspection since {cycle:%B %Y} is held.") if is_loaded else nothing
            grade = read(row)
            if grade is None:
                return unknown("The inspection did not judge it, or its grade is not held.")
            mark = "the predecessor school’s" if row.is_inherited else ""
            return figure(Decimal(grade), source="Ofsted", on=row.starts_on, mark=mark)

        return value

    def area(name: str) -> Callable[[Inspection], int | None]:
        return lambda row: grades[row.pk].get(name) if row.pk in grades else None

    def latest_on(pk: int) -> FactValue:
        row = latest(pk)
        return figure(row.starts_on, source="Ofsted", on=row.starts_on) if row else nothing

    def age(pk: int) -> FactValue:
        row = latest(pk)
        return figure(Decimal((question.on - row.starts_on).days), source="Ofsted", on=row.starts_on) if row else nothing

    def category(pk: int) -> FactValue:
        return figure(category_now(held[pk], question.on) or "none", source="Ofsted") if latest(pk) else nothing

    def was_in(pk: int) -> FactValue:
        rows = held.get(pk, [])
        return (
            figure(any(row.category and (row.category_left_on is None or row.category_left_on >= cycle) for row in rows))
            if is_loaded
            else nothing
        )

    def count(pk: int) -> FactValue:
        rows = held.get(pk, [])
        return (
            figure(Decimal(sum(1 for row in rows if row.kind == InspectionKind.FULL and row.starts_on >= cycle))) if is_loaded else nothing
        )

    def issues(pk: int) -> FactValue:
        row = latest(pk)
        if row is None:
            return nothing
        found = themes.get(row.pk)
        return figure(frozenset(found), on=row.starts_on) if found else unknown("No key issues of the latest inspection are held.")

    def monitoring(pk: int) -> FactValue:
        rows = held.get(pk, [])
        last = latest(pk)
        if last is None:
            return nothing
        visit = next((row for row in rows if row.kind == InspectionKind.MONITORING and row.starts_on >= last.starts_on), None)
        return figure(visit.progress or "none", on=visit.starts_on) if visit else figure("none")

    readers: dict[str, Read] = {
        "inspection.overall": graded(lambda row: row.overall),
        "inspection.latest_on": latest_on,
        "inspection.age_days": age,
        "inspection.category": category,
        "inspection.in_category_since_2005": was_in,
        "inspection.count_since_2005": count,
        "inspection.key_issues": issues,
        "inspection.monitoring": monitoring,
    }
    readers |= {f"inspection.{code}": graded(area(name)) for code, name in GRADED.items()}
    return _answers(codes, ids, readers)


def _themes(question: FactQuestion) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for inspection, theme in KeyIssue.objects.filter(school__in=question.subjects).exclude(theme="").values_list("inspection_id", "theme"):
        found[inspection].add(theme)
    return found


# ---------------------------------------------------------------- finance


def finance_facts(codes: Collection[str], question: FactQuestion) -> Found:
    """Of the latest closed year whose returns the authority holds, and the plans from the year after it. Four queries."""
    pack = question.policy or pack_for(question.scope, question.on)
    if pack is None or "finance" not in pack.content.parts:
        return {code: Answer({}, unknown("The authority has no pack with finance thresholds.")) for code in codes}
    year = opening_year(question.scope.pk, question.on)
    money = question.kept["money"] = money_of(question.subjects, year, finance_of(pack.content), phases_of(question))
    closed, opens = FinancialYear(year - 1), FinancialYear(year)
    has_plans = any(row.plan is not None for row in money.values())
    no_plan = unknown(f"No three-year plan from {opens} is held.")

    def no_return(row: Money) -> FactValue:
        if row.closed is not None and row.closed.state == ReturnState.FEDERATED:
            return unknown("It is in the return of the federation’s lead school.")
        return unknown(f"The return of {closed} was not supplied." if row.closed else f"No return of {closed} is held.")

    def of_return(read: Callable[[Money], Any]) -> Read:
        def value(pk: int) -> FactValue:
            row = money[pk]
            if row.closed is None or row.reserve is None:
                return no_return(row)
            found = read(row)
            if found is None:
                return unknown(f"The return of {closed} does not give it.")
            return figure(found, source=f"return of {closed}", on=closed.ends_on)

        return value

    def of_plan(read: Callable[[Money], Any]) -> Read:
        def value(pk: int) -> FactValue:
            row = money[pk]
            plan = row.plan
            return figure(read(row), source=f"plan from {opens}, version {plan.version}", on=plan.received_on) if plan else no_plan

        return value

    def years_excess(pk: int) -> FactValue:
        row = money[pk]
        over, known = row.years_excess
        wanted = row.part.persistent_years
        if known < wanted:
            return unknown(f"Returns that say it are held for {known} of the latest {wanted} years.")
        return figure(Decimal(over), source=f"returns to {closed}", on=closed.ends_on)

    def capital_share(row: Money) -> Decimal | None:
        assert row.closed is not None
        start = row.before.reserve_pence if row.before else None
        moved = row.closed.to_capital_pence
        return Decimal(moved) * 100 / start if moved is not None and start is not None and start > 0 else None

    readers: dict[str, Read] = {
        "finance.income": of_return(lambda row: _pounds(row.closed.income_pence if row.closed else None)),
        "finance.reserve": of_return(lambda row: _pounds(row.reserve)),
        "finance.reserve_uncommitted": of_return(lambda row: _pounds(row.uncommitted)),
        "finance.reserve_pct": of_return(lambda row: row.percent),
        "finance.years_excess": years_excess,
        "finance.deficit_now": of_return(lambda row: (row.reserve or 0) < 0),
        "finance.deficit_forecast": of_plan(lambda row: bool(row.first_deficit)),
        "finance.deficit_first_year": of_plan(lambda row: Decimal(row.first_deficit or 0)),
        "finance.to_capital": of_return(lambda row: _pounds(row.closed.to_capital_pence if row.closed else None)),
        "finance.to_capital_pct": of_return(capital_share),
        "finance.capital_planned": of_plan(lambda row: _pounds(row.to_capital_planned)),
        "finance.plan_received": lambda pk: figure(money[pk].plan is not None) if has_plans else no_plan,
    }
    return _answers(codes, money, readers)


def _pounds(pence: int | None) -> Decimal | None:
    return Decimal(pence).scaleb(-2) if pence is not None else None


# ---------------------------------------------------------------- who leads

SHARED = (ContactKind.EXECUTIVE_HEAD, ContactKind.CO_HEAD)


def _posts(question: FactQuestion, kinds: Collection[str]) -> dict[int, list[Contact]]:
    """Who holds or has held such a post, the latest first: one query for heads and chairs together."""
    if "posts" not in question.kept:
        rows = Contact.objects.filter(
            school__in=question.subjects, kind__in=[*HEADS, *CHAIRS], state=ContactState.CONFIRMED, starts_on__lte=question.on
        )
        question.kept["posts"] = list(rows.order_by("-starts_on"))
    found: dict[int, list[Contact]] = defaultdict(list)
    for row in question.kept["posts"]:
        if row.kind in kinds:
            found[row.school_id].append(row)
    return found


def leadership_facts(codes: Collection[str], question: FactQuestion) -> Found:
    """From the dated contacts of the school."""
    ids = list(register_of(question))
    held = _posts(question, HEADS)
    since = question.on - dt.timedelta(days=3 * 365 + 1)
    nobody = unknown("No headteacher has been recorded.")

    def now(pk: int) -> list[Contact]:
        return [row for row in held.get(pk, ()) if row.holds_on(question.on)]

    def days(pk: int) -> FactValue:
        rows = now(pk)
        if not rows:
            return unknown("Nobody is in post.") if held.get(pk) else nobody
        return figure(Decimal((question.on - rows[0].starts_on).days), source="contacts")

    def status(pk: int) -> FactValue:
        if not held.get(pk):
            return nobody
        kinds = {row.kind for row in now(pk)}
        if not kinds:
            return figure("vacant", source="contacts")
        if kinds & {ContactKind.HEAD, ContactKind.TEACHER_IN_CHARGE}:
            return figure("substantive", source="contacts")
        return figure("acting" if ContactKind.ACTING_HEAD in kinds else "shared", source="contacts")

    def heads(pk: int) -> FactValue:
        rows = [row for row in held.get(pk, ()) if row.ends_on is None or row.ends_on >= since]
        return figure(Decimal(len(rows)), source="contacts") if held.get(pk) else nobody

    readers: dict[str, Read] = {"leadership.head_days": days, "leadership.head_status": status, "leadership.heads_3y": heads}
    return _answers(codes, ids, readers) | _not_collected("leadership.senior_vacancies")


def governance_facts(codes: Collection[str], question: FactQuestion) -> Found:
    ids = list(register_of(question))
    held = _posts(question, CHAIRS)

    def days(pk: int) -> FactValue:
        row = next((row for row in held.get(pk, ()) if row.holds_on(question.on)), None)
        return figure(Decimal((question.on - row.starts_on).days), source="contacts") if row else unknown("No chair is recorded.")

    return _answers(codes, ids, {"governance.chair_days": days}) | _not_collected("governance.vacancies_pct")


def staffing_facts(codes: Collection[str], question: FactQuestion) -> Found:
    """Nothing that the portal holds says who left."""
    return _not_collected("staffing.turnover")


for family, source in (
    ("school", school_facts),
    ("roll", roll_facts),
    ("inspection", inspection_facts),
    ("finance", finance_facts),
    ("leadership", leadership_facts),
    ("governance", governance_facts),
    ("staffing", staffing_facts),
):
    FACT_SOURCES.add(family, source)
