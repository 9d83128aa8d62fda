"""Finance flags of schools (S8 to S11): the pack's rules over facts of money, rolls and results."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from core.calendar import FinancialYear
from core.facts import FactTable, gather
from core.rules import PHASE, Rule, Truth, truths
from people.packs import AuthorityPack
from schools.facts import WHOLE
from schools.models import School
from schools.pack import FinanceFlag, finance_of
from schools.selectors.finance import Money
from targets.wording import FactWords

from .rulebook import question_for, rule_book


@dataclass(frozen=True)
class FiredFlag:
    """A flag that fired: the comparisons that made it so, and what a SIP asks."""

    flag: FinanceFlag
    because: tuple[str, ...]
    figure: str
    """The figure of the first of them, in a few signs."""


@dataclass(frozen=True)
class FinanceFlags:
    """``fired`` by school, in the order of the pack; ``unknown`` by school, the flags that want a figure."""

    fired: Mapping[int, Sequence[FiredFlag]]
    unknown: Mapping[int, Sequence[FinanceFlag]]
    counts: Mapping[str, int]
    unknown_counts: Mapping[str, int]
    year: int
    money: Mapping[int, Money]
    rolls: Mapping[int, Mapping[int, int]]
    table: FactTable
    """What the flags were asked of: the year that opens, the money and the January counts, and the facts."""

    def of(self, school: int) -> Sequence[FiredFlag]:
        return self.fired.get(school, ())


def finance_flags(schools: QuerySet[School], pack: AuthorityPack, on: dt.date, *, also: Iterable[str] = ()) -> FinanceFlags:
    """Every flag asked of every school of ``schools`` (whose money the asker may see); ``also`` are facts that the page wants besides."""
    words, book = FactWords(pack.content), rule_book(pack)
    rules: list[tuple[FinanceFlag, Rule]] = [(flag, book.named(f"flag:{flag.code}")) for flag in finance_of(pack.content).flags]
    question = question_for(schools, pack, on)
    question.kept[WHOLE] = True
    table = gather({code for _, rule in rules for code in rule.codes()} | set(also), question)
    money: dict[int, Money] = question.kept.get("money", {})
    year = next((row.year for row in money.values()), FinancialYear.from_date(on).first)
    fired: dict[int, list[FiredFlag]] = {}
    unknown: dict[int, list[FinanceFlag]] = {}
    counts, unknown_counts = Counter[str](), Counter[str]()
    for flag, rule in rules:
        for pk, truth in truths(rule, table, Truth.TRUE, Truth.UNKNOWN):
            if truth is Truth.TRUE:
                compared = [each for each in rule.explain(table.of(pk)).because if each.leaf.fact != PHASE]
                figure = words.figure(compared[0].leaf.fact, compared[0].left) if compared else ""
                fired.setdefault(pk, []).append(FiredFlag(flag, tuple(words.compared(each) for each in compared), figure))
                counts[flag.code] += 1
            else:
                unknown.setdefault(pk, []).append(flag)
                unknown_counts[flag.code] += 1
    return FinanceFlags(fired, unknown, counts, unknown_counts, year, money, question.kept.get("rolls", {}), table)
