"""The grammar of rules, as ``facts.toml`` says it, and how facts are gathered."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from core.facts import NOT_HELD, Answer, FactTable, FactValue, does_not_apply, figure, suppressed, unknown
from core.rules import BadRule, RuleBook, Truth

VALUES: dict[str, FactValue] = {
    "school.phase": figure("primary"),
    "ks2.low": figure(Decimal(48)),
    "ks2.high": figure(Decimal("85.5")),
    "ks2.floor": figure(Decimal(55)),
    "ks4.low": does_not_apply("A primary school has no key stage 4."),
    "finance.reserve": unknown("No return for 2007/08 yet."),
    "absence.total": suppressed("SUPP"),
    "inspection.key_issues": figure(frozenset({"marking", "writing"})),
}
T, F, U, N = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN, Truth.NOT_APPLICABLE
LOW = {"fact": "ks2.low", "op": "<", "value": 55}
HIGH = {"fact": "ks2.high", "op": "<", "value": 55}
MISSING = {"fact": "finance.reserve", "op": ">", "value": 0}
HIDDEN = {"fact": "absence.total", "op": ">", "value": 6}
OTHER = {"fact": "ks4.low", "op": "<", "value": 30}


def facts(code: str) -> FactValue:
    return VALUES.get(code, NOT_HELD)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (LOW, T),
        (HIGH, F),
        (MISSING, U),
        (HIDDEN, U),
        (OTHER, N),
        ({"fact": "nobody.knows", "op": "==", "value": 1}, U),
        ({"fact": "ks2.low", "op": "<", "than": "ks2.floor"}, T),
        ({"fact": "ks2.low", "op": "<", "than": "ks2.floor", "plus": -7}, F),
        ({"fact": "ks2.low", "op": "<", "than": "finance.reserve"}, U),
        ({"fact": "ks2.low", "op": "<", "than": "ks4.low"}, N),
        ({"fact": "ks2.low", "op": "<", "value": 55, "phases": ["secondary"]}, N),
        ({"fact": "ks2.low", "op": "<", "value": 55, "phases": ["primary"]}, T),
        ({"fact": "ks2.high", "op": "==", "value": 85.5}, T),
        ({"fact": "school.phase", "op": "in", "value": ["primary", "infant"]}, T),
        ({"fact": "school.phase", "op": "not in", "value": ["primary", "infant"]}, F),
        ({"fact": "inspection.key_issues", "op": "has", "value": "marking"}, T),
        ({"fact": "finance.reserve", "op": "unknown"}, T),
        ({"fact": "absence.total", "op": "known"}, F),
        ({"fact": "ks4.low", "op": "unknown"}, N),
        ({"all": [LOW, HIGH]}, F),
        ({"all": [LOW, MISSING]}, U),
        ({"all": [HIGH, MISSING]}, F),
        ({"all": [LOW, OTHER]}, T),
        ({"all": [OTHER]}, N),
        ({"any": [HIGH, MISSING]}, U),
        ({"any": [LOW, MISSING]}, T),
        ({"any": [HIGH, OTHER]}, F),
        ({"at_least": 2, "of": [LOW, LOW, MISSING]}, T),
        ({"at_least": 2, "of": [LOW, HIGH, MISSING]}, U),
        ({"at_least": 2, "of": [LOW, HIGH, HIGH]}, F),
        ({"not": LOW}, F),
        ({"not": MISSING}, U),
        ({"not": OTHER}, N),
        ({"setting": "x", "fact": "ks2.low", "op": ">=", "value": None}, T),
    ],
)
def test_a_rule_comes_out_as_the_grammar_says(rule: dict[str, Any], expected: Truth) -> None:
    compiled = RuleBook(setting=lambda name: 48).compile(rule)
    assert compiled.truth(facts) is expected
    assert compiled.explain(facts).truth is expected


def test_what_decided_a_rule_is_told_and_what_fell_out() -> None:
    book = RuleBook({"low": LOW, "rich": MISSING}, {"attaining": {"rule": "low"}})
    found = book.compile({"all": [{"class": "attaining"}, {"any": [HIGH, LOW, MISSING]}, OTHER]}).explain(facts)
    assert found.truth is T
    assert [compared.leaf.fact for compared in found.because] == ["ks2.low", "ks2.low"]
    assert [compared.leaf.fact for compared in found.left_out] == ["ks4.low"]
    unknown_one = book.compile({"all": [LOW, {"rule": "rich"}]}).explain(facts)
    assert [code for compared in unknown_one.because for code in compared.missing] == ["finance.reserve"]
    assert book.compile({"any": [LOW, {"fact": "a.b", "op": "<", "than": "c.d", "phases": ["pru"]}]}).codes() == {
        "ks2.low",
        "a.b",
        "c.d",
        "school.phase",
    }


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"rule": "a"}, "rests on itself"),
        ({"rule": "nobody"}, "no rule called 'nobody'"),
        ({"class": "nobody"}, "no class called"),
        ({"fact": "ks2.low", "op": "~", "value": 1}, "no comparison"),
        ({"all": []}, "combines nothing"),
        ({}, "this has nothing"),
        ("text", "is not a rule"),
        ({"fact": "ks2.low", "op": "<", "setting": "x"}, "not to be had"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_what_is_wrong(rule: Any, says: str) -> None:
    with pytest.raises(BadRule, match=says):
        RuleBook({"a": {"not": {"rule": "b"}}, "b": {"rule": "a"}}).compile(rule)


def test_whoever_a_source_leaves_out_has_what_it_says_of_everybody_else() -> None:
    table = FactTable({"ks2.low": Answer({1: figure(Decimal(3))}, unknown("No results for 2008."))})
    of: Callable[[int], FactValue] = lambda pk: table.of(pk)("ks2.low")  # noqa: E731
    assert of(1).value == 3
    assert of(2).why == "No results for 2008."
    assert table.value("ks9.none", 1) is NOT_HELD
