"""The facts that ``schools`` owns: phase, roll, inspection, finance, leadership, governance, staffing (``facts.toml`` of a pack).

What the portal has no data for is unknown, and says so. Each source answers for all schools in as many queries as it has tables.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from core.calendar import FinancialYear
from core.facts import FACT_SOURCES, NOT_HELD, Answer, FactQuestion, FactValue, figure, unknown
from people.packs import pack_for
from schools.choices import CHAIRS, HEADS, ContactKind, ContactState, InspectionKind, ReturnState
from schools.models import Contact, Inspection, InspectionGrade, KeyIssue, RollCount
from schools.pack import finance_of, inspection_of
from schools.selectors.finance import Money, opening_year, read_money, rolls_of
from schools.selectors.inspections import category_now, latest_full

if TYPE_CHECKING:
    from core.columns import Column

CYCLE = dt.date(2005, 9, 1)
"""Since when schools are inspected under section 5, where no pack says."""

Found = Mapping[str, "Answer | Column"]
Read = Callable[[int], FactValue]


def _answers(codes: Collection[str], ids: Iterable[int], readers: Mapping[str, Read]) -> dict[str, Answer | Column]:
    ids = list(ids)
    return {code: Answer({pk: readers[code](pk) for pk in ids}) for code in codes if code in readers}


def _not_collected(*codes: str) -> dict[str, Answer | Column]:
    return {code: Answer({}, NOT_HELD) for code in codes}


# ---------------------------------------------------------------- school, roll


Registered = tuple[int | None, dt.date | None]


def register_of(question: FactQuestion) -> dict[int, Registered]:
    """Roll and its day of every subject, and with them the keys, by name, and phases: one query, whichever source asks first."""
    kept = question.kept
    if "register" not in kept:
        rows = list(question.subjects.order_by("name", "urn").values_list("pk", "phase", "roll", "roll_on"))
        kept["register"] = {pk: (roll, on) for pk, _, roll, on in rows}
        kept.setdefault("keys", [pk for pk, *_ in rows])
        if "phases" not in kept:
            phases = {pk: phase for pk, phase, *_ in rows}
            kept["phases"] = [phases[pk] for pk in question.keys]
    found: dict[int, Registered] = kept["register"]
    return found


def phases_of(question: FactQuestion) -> Sequence[str]:
    """The phase of every subject, in their order."""
    if "phases" not in question.kept:
        register_of(question)
    phases: Sequence[str] = question.kept["phases"]
    return phases


def school_facts(codes: Collection[str], question: FactQuestion) -> Found:
    if "school.phase" not in codes:
        return {}
    from core.columns import of_kinds

    return {"school.phase": of_kinds(phases_of(question), figure)}


SHARES = ("fsm", "sen", "eal", "lac", "mobility")


def roll_facts(codes: Collection[str], question: FactQuestion) -> Found:
    """January counts; the number itself from the register where no count is held. One query, and one for the shares."""
    last = question.on.year if (question.on.month, question.on.day) >= (2, 1) else question.on.year - 1
    counts = question.kept["rolls"] = rolls_of(question.subjects, last - 6, last)
    latest = {pk: max(years) for pk, years in counts.items()}
    keys = question.keys
    found: dict[str, Answer | Column] = {}

    def change(years: int) -> Column:
        from core.columns import of_numbers

        none = unknown(f"No January counts {years} year{'s' if years > 1 else ''} apart are held.")
        over, under = list[int | FactValue](), []
        for pk in keys:
            of_school = counts.get(pk, {})
            last = latest.get(pk, 0)
            now, before = of_school.get(last), of_school.get(last - years)
            over.append(100 * (now - before) if now is not None and before else none)
            under.append(before or 1)

        def tell(place: int, value: Decimal) -> FactValue:
            last = latest[keys[place]]
            return figure(value, source=f"January {last - years} and {last}")

        return of_numbers(over, tell, under)

    if "roll.number" in codes:
        register = register_of(question)

        def number(pk: int) -> FactValue:
            if pk in latest:
                return figure(Decimal(counts[pk][latest[pk]]), source=f"January {latest[pk]}")
            roll, on = register[pk]
            return figure(Decimal(roll), source="the register", on=on) if roll is not None else unknown("No roll is held.")

        found |= _answers(codes, keys, {"roll.number": number})
    found |= {f"roll.change_{years}y": change(years) for years in (1, 3) if f"roll.change_{years}y" in codes}
    names = [name for name in SHARES if f"roll.{name}" in codes]
    if names:
        rows = RollCount.objects.filter(school__in=question.subjects, year__range=(last - 6, last)).values_list("school_id", "year", *names)
        held = {pk: shares for pk, year, *shares in rows if year == latest[pk]}
        for place, name in enumerate(names):
            shown = {pk: shares[place] for pk, shares in held.items() if shares[place] is not None}
            found[f"roll.{name}"] = Answer(
                {pk: figure(Decimal(one), source=f"January {latest[pk]}") for pk, one in shown.items()}, NOT_HELD
            )
    return found


# ---------------------------------------------------------------- inspection

GRADED = {"capacity": "capacity", "leadership": "leadership", "teaching": "teaching", "achievement": "achievement"}


class Inspected(NamedTuple):
    """An inspection as facts need it."""

    school_id: int
    pk: int
    kind: str
    starts_on: dt.date
    overall: int | None
    category: str
    category_left_on: dt.date | None
    urn_then: int | None
    progress: str


INSPECTED = Inspected._fields


def inspection_facts(codes: Collection[str], question: FactQuestion) -> Found:
    """As published. A grade of a predecessor is marked; what was not judged is unknown. Three queries."""
    pack = question.policy or pack_for(question.scope, question.on)
    cycle = inspection_of(pack.content).cycle_starts_on if pack is not None and "inspection" in pack.content.parts else CYCLE
    keys = question.keys
    held: dict[int, list[Inspected]] = defaultdict(list)
    rows = Inspection.objects.filter(school__in=question.subjects, starts_on__lte=question.on).order_by("-starts_on", "kind")
    for one in map(Inspected._make, rows.values_list(*INSPECTED)):
        held[one.school_id].append(one)
    last_full = {pk: row for pk, of_school in held.items() if (row := latest_full(of_school)) is not None}
    grades: dict[str, dict[int, int | None]] = defaultdict(dict)
    wanted = [name for code, name in GRADED.items() if f"inspection.{code}" in codes]
    if wanted:
        judged = InspectionGrade.objects.filter(inspection__school__in=question.subjects, inspection__starts_on__lte=question.on)
        for inspection, name, grade in judged.filter(area__in=wanted).order_by().values_list("inspection_id", "area", "grade"):
            grades[name][inspection] = grade
    is_loaded = bool(held) or Inspection.objects.filter(authority=question.scope).exists()
    nothing = unknown("No inspections have been loaded." if not is_loaded else "No full inspection is held.")
    too_old = unknown(f"No full inspection since {cycle:%B %Y} is held.") if is_loaded else nothing
    not_judged = unknown("The inspection did not judge it, or its grade is not held.")

    def graded(grade_of: Callable[[Inspected], int | None]) -> Column:
        from core.columns import of_numbers

        found: list[int | FactValue] = []
        for pk in keys:
            row = last_full.get(pk)
            if row is None or row.starts_on < cycle:
                found.append(too_old)
            else:
                grade = grade_of(row)
                found.append(not_judged if grade is None else grade)

        def tell(place: int, value: Decimal) -> FactValue:
            row = last_full[keys[place]]
            return figure(value, source="Ofsted", on=row.starts_on, mark="" if row.urn_then is None else "the predecessor school’s")

        return of_numbers(found, tell)

    def of_area(name: str) -> Column:
        of_inspection = grades[name]
        return graded(lambda row: of_inspection.get(row.pk))

    def each(value_of: Callable[[int, Inspected], FactValue]) -> Answer:
        """Of who has been inspected in full; the others have nothing."""
        return Answer({pk: value_of(pk, row) for pk, row in last_full.items()}, nothing)

    def age() -> Column:
        from core.columns import of_numbers

        def tell(place: int, value: Decimal) -> FactValue:
            return figure(value, source="Ofsted", on=last_full[keys[place]].starts_on)

        return of_numbers([(question.on - last_full[pk].starts_on).days if pk in last_full else nothing for pk in keys], tell)

    def category() -> Column:
        from core.columns import of_kinds

        now = [(category_now(held[pk], question.on) or "none") if pk in last_full else None for pk in keys]
        return of_kinds(now, lambda code: nothing if code is None else figure(code, source="Ofsted"))

    def was_in() -> Column:
        from core.columns import of_kinds

        def entered(row: Inspected) -> bool:
            return bool(row.category) and (row.category_left_on is None or row.category_left_on >= cycle)

        return of_kinds([any(map(entered, held.get(pk, ()))) for pk in keys], lambda was: figure(was) if is_loaded else nothing)

    def count() -> Column:
        from core.columns import of_kinds

        numbers = [sum(row.kind == InspectionKind.FULL and row.starts_on >= cycle for row in held.get(pk, ())) for pk in keys]
        return of_kinds(numbers, lambda number: figure(Decimal(number)) if is_loaded else nothing)

    def issues() -> Answer:
        themes = _themes(question)
        none = unknown("No key issues of the latest inspection are held.")
        return each(lambda pk, row: figure(frozenset(themes[row.pk]), on=row.starts_on) if row.pk in themes else none)

    def monitoring(pk: int, last: Inspected) -> FactValue:
        visit = next((row for row in held[pk] if row.kind == InspectionKind.MONITORING and row.starts_on >= last.starts_on), None)
        return figure(visit.progress or "none", on=visit.starts_on) if visit else figure("none")

    makers: dict[str, Callable[[], Answer | Column]] = {
        "inspection.overall": lambda: graded(lambda row: row.overall),
        "inspection.latest_on": lambda: each(lambda pk, row: figure(row.starts_on, source="Ofsted", on=row.starts_on)),
        "inspection.age_days": age,
        "inspection.category": category,
        "inspection.in_category_since_2005": was_in,
        "inspection.count_since_2005": count,
        "inspection.key_issues": issues,
        "inspection.monitoring": lambda: each(monitoring),
    }
    makers |= {f"inspection.{code}": partial(of_area, name) for code, name in GRADED.items()}
    return {code: makers[code]() for code in codes if code in makers}


def _themes(question: FactQuestion) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for inspection, theme in KeyIssue.objects.filter(school__in=question.subjects).exclude(theme="").values_list("inspection_id", "theme"):
        found[inspection].add(theme)
    return dict(found)


# ---------------------------------------------------------------- finance

CLOSED_YEAR_ALONE = frozenset(
    f"finance.{name}" for name in ("income", "reserve", "reserve_uncommitted", "reserve_pct", "deficit_now", "to_capital")
)
OF_PLAN = frozenset(f"finance.{name}" for name in ("deficit_forecast", "deficit_first_year", "capital_planned", "plan_received"))
WHOLE = "whole money"
"""What an asker keeps with its question who shows ``kept["money"]`` besides: every year and plan, whatever the codes need."""


def finance_facts(codes: AbstractSet[str], question: FactQuestion) -> Found:
    """Of the latest closed year whose returns the authority holds, and the plans from the year after it. Four queries."""
    pack = question.policy or pack_for(question.scope, question.on)
    if pack is None or "finance" not in pack.content.parts:
        return {code: Answer({}, unknown("The authority has no pack with finance thresholds.")) for code in codes}
    if "money" not in question.kept:
        year = opening_year(question.scope.pk, question.on)
        is_whole = bool(question.kept.get(WHOLE)) or not codes <= {*CLOSED_YEAR_ALONE, *OF_PLAN}
        phases = dict(zip(question.keys, phases_of(question), strict=True))
        question.kept["money"] = read_money(
            question.subjects,
            phases,
            year,
            finance_of(pack.content),
            returns=None if is_whole else range(year - 1, year),
            with_plans=is_whole or bool(OF_PLAN & codes),
        )
    money: dict[int, Money] = question.kept["money"]
    keys = question.keys
    rows = [money[pk] for pk in keys]
    year = rows[0].year if rows else FinancialYear.from_date(question.on).first
    closed, opens = FinancialYear(year - 1), FinancialYear(year)
    no_plan = unknown(f"No three-year plan from {opens} is held.")
    federated = unknown("It is in the return of the federation’s lead school.")
    not_supplied, not_held = unknown(f"The return of {closed} was not supplied."), unknown(f"No return of {closed} is held.")
    not_given = unknown(f"The return of {closed} does not give it.")

    def no_return(row: Money) -> FactValue:
        if row.closed is None:
            return not_held
        return federated if row.closed.state == ReturnState.FEDERATED else not_supplied

    def of_return(over: Callable[[Money], int | None], under: Callable[[Money], int | None] | int = 1) -> Column:
        """A number of the return: whole, or a share of another of its numbers."""
        from core.columns import of_numbers

        found, below = list[int | FactValue](), []
        for row in rows:
            whole = under(row) if callable(under) else under
            number = over(row) if row.reserve is not None else None
            found.append(no_return(row) if row.reserve is None else not_given if number is None or not whole else number)
            below.append(whole or 1)
        return of_numbers(found, lambda place, value: figure(value, source=f"return of {closed}", on=closed.ends_on), below)

    def in_deficit() -> Column:
        from core.columns import of_kinds

        said = {is_below: figure(is_below, source=f"return of {closed}", on=closed.ends_on) for is_below in (True, False)}
        return of_kinds([no_return(row) if row.reserve is None else said[row.reserve < 0] for row in rows], lambda value: value)

    def of_plan(read: Callable[[Money], int]) -> Column:
        from core.columns import of_numbers

        def tell(place: int, value: Decimal) -> FactValue:
            plan = rows[place].plan
            assert plan is not None
            return figure(value, source=f"plan from {opens}, version {plan.version}", on=plan.received_on)

        return of_numbers([read(row) if row.plan else no_plan for row in rows], tell)

    def forecast() -> Answer:
        def told(row: Money) -> FactValue:
            plan = row.plan
            if plan is None:
                return no_plan
            return figure(bool(row.first_deficit), source=f"plan from {opens}, version {plan.version}", on=plan.received_on)

        return Answer({row.pk: told(row) for row in rows}, no_plan)

    def capital_planned() -> Answer:
        def told(row: Money) -> FactValue:
            plan = row.plan
            if plan is None:
                return no_plan
            return figure(_pounds(row.to_capital_planned), source=f"plan from {opens}, version {plan.version}", on=plan.received_on)

        return Answer({row.pk: told(row) for row in rows}, no_plan)

    def years_excess() -> Column:
        from core.columns import of_kinds

        def told(found: tuple[int, int]) -> FactValue:
            over, known = found
            if known < wanted:
                return unknown(f"Returns that say it are held for {known} of the latest {wanted} years.")
            return figure(Decimal(over), source=f"returns to {closed}", on=closed.ends_on)

        wanted = finance_of(pack.content).persistent_years
        return of_kinds([row.years_excess for row in rows], told)

    def received() -> Column:
        from core.columns import of_kinds

        has_plans = any(row.plan is not None for row in rows)
        return of_kinds([row.plan is not None for row in rows], lambda has: figure(has) if has_plans else no_plan)

    def start(row: Money) -> int | None:
        reserve = row.before.reserve_pence if row.before else None
        return reserve if reserve is not None and reserve > 0 else None

    def pence(name: str) -> Callable[[Money], int | None]:
        return lambda row: getattr(row.closed, name)

    def percent(name: str) -> Callable[[Money], int | None]:
        return lambda row: None if (part := getattr(row.closed, name)) is None else 100 * part

    makers: dict[str, Callable[[], Answer | Column]] = {
        "finance.income": lambda: of_return(pence("income_pence"), 100),
        "finance.reserve": lambda: of_return(pence("reserve_pence"), 100),
        "finance.reserve_uncommitted": lambda: of_return(pence("uncommitted_pence"), 100),
        "finance.reserve_pct": lambda: of_return(percent("uncommitted_pence"), lambda row: row.closed.income_pence if row.closed else None),
        "finance.years_excess": years_excess,
        "finance.deficit_now": in_deficit,
        "finance.deficit_forecast": forecast,
        "finance.deficit_first_year": lambda: of_plan(lambda row: row.first_deficit or 0),
        "finance.to_capital": lambda: of_return(pence("to_capital_pence"), 100),
        "finance.to_capital_pct": lambda: of_return(percent("to_capital_pence"), start),
        "finance.capital_planned": capital_planned,
        "finance.plan_received": received,
    }
    return {code: makers[code]() for code in codes if code in makers}


def _pounds(pence: int | None) -> Decimal | None:
    return Decimal(pence).scaleb(-2) if pence is not None else None


# ---------------------------------------------------------------- who leads

SHARED = (ContactKind.EXECUTIVE_HEAD, ContactKind.CO_HEAD)


class Post(NamedTuple):
    school_id: int
    kind: str
    starts_on: dt.date
    ends_on: dt.date | None

    def holds_on(self, day: dt.date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)


def _posts(question: FactQuestion, kinds: Collection[str]) -> dict[int, list[Post]]:
    """Who holds or has held such a post, the latest first: one query for heads and chairs together."""
    if "posts" not in question.kept:
        rows = Contact.objects.filter(
            school__in=question.subjects, kind__in=[*HEADS, *CHAIRS], state=ContactState.CONFIRMED, starts_on__lte=question.on
        ).order_by("-starts_on")
        question.kept["posts"] = list(map(Post._make, rows.values_list(*Post._fields)))
    found: dict[int, list[Post]] = defaultdict(list)
    for row in question.kept["posts"]:
        if row.kind in kinds:
            found[row.school_id].append(row)
    return found


def leadership_facts(codes: Collection[str], question: FactQuestion) -> Found:
    """From the dated contacts of the school."""
    from core.columns import of_kinds, of_numbers

    keys, held = question.keys, _posts(question, HEADS)
    since = question.on - dt.timedelta(days=3 * 365 + 1)
    nobody, vacant = unknown("No headteacher has been recorded."), unknown("Nobody is in post.")
    now = {pk: [row for row in rows if row.holds_on(question.on)] for pk, rows in held.items()}

    def days(pk: int) -> int | FactValue:
        rows = now.get(pk)
        return (question.on - rows[0].starts_on).days if rows else vacant if pk in held else nobody

    def status(pk: int) -> str:
        if pk not in held:
            return ""
        kinds = {row.kind for row in now[pk]}
        if not kinds:
            return "vacant"
        if kinds & {ContactKind.HEAD, ContactKind.TEACHER_IN_CHARGE}:
            return "substantive"
        return "acting" if ContactKind.ACTING_HEAD in kinds else "shared"

    def heads(pk: int) -> int:
        return sum(row.ends_on is None or row.ends_on >= since for row in held[pk]) if pk in held else -1

    makers: dict[str, Callable[[], Column]] = {
        "leadership.head_days": lambda: of_numbers([days(pk) for pk in keys], lambda place, value: figure(value, source="contacts")),
        "leadership.head_status": lambda: of_kinds(
            [status(pk) for pk in keys], lambda said: figure(said, source="contacts") if said else nobody
        ),
        "leadership.heads_3y": lambda: of_kinds(
            [heads(pk) for pk in keys], lambda number: figure(Decimal(number), source="contacts") if number >= 0 else nobody
        ),
    }
    return {code: makers[code]() for code in codes if code in makers} | _not_collected(*({"leadership.senior_vacancies"} & set(codes)))


def governance_facts(codes: Collection[str], question: FactQuestion) -> Found:
    held = _posts(question, CHAIRS)

    def days(pk: int) -> FactValue:
        row = next((row for row in held.get(pk, ()) if row.holds_on(question.on)), None)
        return figure(Decimal((question.on - row.starts_on).days), source="contacts") if row else unknown("No chair is recorded.")

    return _answers(codes, question.keys, {"governance.chair_days": days}) | _not_collected("governance.vacancies_pct")


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
