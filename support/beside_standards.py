"""Reserves beside standards (S11): schools by the band of their balance and by the band of their results, as one picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.charts import Matrix
from core.facts import FactTable
from core.numbers import format_pounds
from schools.models import School
from schools.pack import FinancePart
from schools.selectors.finance import Money

BALANCES: Final = (("deficit", "In deficit"), ("within", "Within threshold"), ("excess", "Above threshold"), ("large", "Over {large}"))
RESULTS: Final = (("below", "Below floor"), ("falling", "Falling {years} years"), ("other", "Neither"))


@dataclass(frozen=True)
class BesideStandards:
    """``cells`` by (result, balance); ``without`` are schools of which one of the two is unknown or does not apply."""

    cells: Mapping[tuple[str, str], Sequence[School]]
    without: int
    part: FinancePart

    def chart(self, source: str) -> Matrix:
        counts = [[len(self.cells.get((result, balance), ())) for balance, _ in BALANCES] for result, _ in RESULTS]
        high = sum(sum(row[2:]) for row in counts[:2])
        return Matrix(
            key="beside-standards",
            heading="Reserves beside standards",
            say=f"{high} school{'' if high == 1 else 's'} with high reserves while results are below the floor or falling.",
            columns=[label.format(large=format_pounds(self.part.large_balance)) for _, label in BALANCES],
            lines=[label.format(years=self.part.falling_years) for _, label in RESULTS],
            counts=counts,
            across="Balance at the end of the year",
            down="Results",
            is_square=False,
            source=source,
        )


def codes(part: FinancePart) -> set[str]:
    return {f"{measure}{suffix}" for measure in part.standards.values() for suffix in ("", ".floor", ".falls_running")}


def beside_standards(schools: Sequence[School], money: Mapping[int, Money], table: FactTable, part: FinancePart) -> BesideStandards:
    cells: dict[tuple[str, str], list[School]] = defaultdict(list)
    without = 0
    for school in schools:
        balance, result = _balance(money[school.pk]), _result(table, school, part)
        if balance and result:
            cells[result, balance].append(school)
        else:
            without += 1
    return BesideStandards(dict(cells), without, part)


def _balance(row: Money) -> str:
    if row.reserve is None or row.excess is None:
        return ""
    if row.reserve < 0:
        return "deficit"
    return "large" if row.is_large else "excess" if row.excess else "within"


def _result(table: FactTable, school: School, part: FinancePart) -> str:
    measure = part.standard_of(school.phase)
    latest, floor, falls = (table.value(code, school.pk) for code in (measure, f"{measure}.floor", f"{measure}.falls_running"))
    if not latest.is_figure:
        return ""
    if floor.is_figure and latest.value < floor.value:
        return "below"
    return "falling" if falls.is_figure and falls.value >= part.falling_years else "other"
