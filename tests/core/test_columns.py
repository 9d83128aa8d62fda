"""Columns of whole numbers: nothing is rounded to be compared, and deciding costs the same calls for any number of subjects."""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from core.columns import Places, half_up, of_numbers
from core.facts import FactTable, FactValue, Standing, does_not_apply, figure, suppressed, unknown
from core.rules import ORDER, Rule, RuleBook, Truth, truths

LATE, FEW, AWAY = unknown("not yet"), suppressed("few"), does_not_apply("not here")
RULES = [
    {"fact": "share", "op": "<", "value": 55},
    {"fact": "share", "op": "<=", "value": 55},
    {"fact": "share", "op": "==", "value": 55},
    {"fact": "share", "op": "in", "value": [55, 50]},
    {"fact": "share", "op": ">", "value": 33.3333},
    {"fact": "share", "op": ">=", "than": "other", "plus": -0.5},
    {"not": {"fact": "share", "op": "known"}},
    {"at_least": 2, "of": [{"fact": "share", "op": "<", "value": 55}, {"fact": "other", "op": ">", "value": 1}, {"fact": "share", "op": "!=", "value": 50}]},
]  # fmt: skip


def table_of(shares: list[tuple[int, int] | FactValue], others: list[int | FactValue]) -> FactTable:
    def column(numbers: list[int | FactValue], under: list[int] | int) -> Any:
        return of_numbers(numbers, lambda place, value: figure(value), under)

    over: list[int | FactValue] = [pair if isinstance(pair, FactValue) else 100 * pair[0] for pair in shares]
    under = [1 if isinstance(pair, FactValue) else pair[1] for pair in shares]
    keys = list(range(1, len(shares) + 1))
    return FactTable({"share": column(over, under), "other": column(others, 1)}, lambda: keys)


SHARES: list[tuple[int, int] | FactValue] = [(11, 20), (10, 20), (1, 3), (10**15, 3 * 10**15), (5499999999, 10**10), LATE, FEW, AWAY]
OTHERS: list[int | FactValue] = [55, 51, 33, 34, 55, 2, LATE, 10**17]


@pytest.mark.parametrize("written", RULES, ids=str)
def test_what_is_said_of_all_is_what_is_said_of_each(written: dict[str, Any]) -> None:
    rule, table = RuleBook().compile(written), table_of(SHARES, OTHERS)
    said = [ORDER[number] for number in rule.column(table).tolist()]
    assert said == [rule.truth(table.of(key)) for key in table.keys]
    assert [key for key, _ in truths(rule, table, Truth.TRUE)] == [
        key for key, truth in zip(table.keys, said, strict=True) if truth is Truth.TRUE
    ]


def test_a_share_is_held_against_a_threshold_without_being_divided() -> None:
    table = table_of(SHARES, OTHERS)
    below = RuleBook().compile({"fact": "share", "op": "<", "value": 55})
    assert [ORDER[number] for number in below.column(table)[:5]] == [Truth.FALSE, Truth.TRUE, Truth.TRUE, Truth.TRUE, Truth.TRUE]
    assert table.value("share", 5).value == Decimal("54.99999999")
    assert [table.value("share", key).standing for key in (6, 7, 8)] == [Standing.UNKNOWN, Standing.SUPPRESSED, Standing.DOES_NOT_APPLY]


def test_halves_are_rounded_away_from_nought() -> None:
    assert half_up(np.array([5, -5, 4, -7]), np.array([2, 2, 3, 3])).tolist() == [3, -3, 1, -2]


def test_places_are_found_by_key_and_strangers_have_none() -> None:
    assert Places([30, 10, 20]).of(np.array([10, 20, 30, 40, 5])).tolist() == [1, 2, 0, -1, -1]
    assert Places([]).of(np.array([1])).tolist() == [-1]


def calls(rule: Rule, number: int) -> int:
    """How many Python functions are entered while a rule is asked of so many subjects."""
    table = table_of([(place % 7, 7) for place in range(number)], [place % 60 for place in range(number)])
    entered = 0

    def count(frame: Any, event: str, arg: Any) -> None:
        nonlocal entered
        entered += event == "call"

    sys.setprofile(count)
    try:
        rule.column(table)
    finally:
        sys.setprofile(None)
    return entered


def test_deciding_makes_no_call_a_subject() -> None:
    rule = RuleBook().compile({"all": [written for written in RULES if "in" not in written.values()]})
    assert calls(rule, 50) == calls(rule, 5_000)
