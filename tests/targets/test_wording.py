from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings

from core.facts import does_not_apply, figure, suppressed, unknown
from core.packs import read_pack
from core.rules import RuleBook
from targets.wording import FactWords


@pytest.fixture(scope="module")
def words() -> FactWords:
    return FactWords(read_pack(settings.BASE_DIR / "packs" / "england-2008"))


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("ks2.l4_en_ma.change_3y", "change over three summers"),
        ("ks2.l4_en_ma.girls", "Girls"),
        ("inspection.overall", "Overall effectiveness"),
        ("nobody.defines", "nobody.defines"),
    ],
)
def test_a_fact_has_a_label(words: FactWords, code: str, label: str) -> None:
    assert label in words.label(code)


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("ks2.l4_en_ma", figure(Decimal("48.4")), "48%"),
        ("ks2.l4_en_ma", figure(Decimal(48), mark="three years together"), "48% (three years together)"),
        ("ks2.l4_en_ma.change_3y", figure(Decimal(-4)), "−4 points"),
        ("ks2.l4_en_ma.falls_running", figure(2), "2"),
        ("finance.reserve", figure(Decimal(213450)), "£213,450"),
        ("finance.reserve", figure(Decimal(-500)), "−£500"),
        ("finance.reserve_pct", figure(Decimal("8.25")), "8.3%"),
        ("inspection.latest_on", figure(dt.date(2007, 3, 5)), "5 March 2007"),
        ("inspection.key_issues", figure(frozenset({"writing", "marking"})), "marking, writing"),
        ("finance.deficit_now", figure(True), "yes"),
        ("finance.reserve", unknown("no return yet"), "not known (no return yet)"),
        ("ks2.l4_en", suppressed("fewer than 11 pupils"), "suppressed (fewer than 11 pupils)"),
        ("ks4.ac5", does_not_apply(), "does not apply"),
    ],
)
def test_a_figure_is_shown_with_its_unit_or_why_there_is_none(words: FactWords, code: str, value: Any, shown: str) -> None:
    assert words.figure(code, value) == shown


def test_a_comparison_is_a_sentence_with_both_sides(words: FactWords) -> None:
    values = {"ks2.l4_en_ma": figure(Decimal(48)), "ks2.l4_en_ma.floor": figure(Decimal(55))}
    rule = RuleBook().compile({"fact": "ks2.l4_en_ma", "op": "<", "than": "ks2.l4_en_ma.floor"})
    told = words.compared(rule.explain(values.__getitem__).because[0])
    assert told.endswith(": 48% (the rule asks: below the floor, 55%)")
    values = {"ks2.l4_en_ma": figure(Decimal("61.7"), mark="provisional"), "ks2.l4_en_ma.la": figure(Decimal("62.3"), mark="computed")}
    rule = RuleBook().compile({"fact": "ks2.l4_en_ma", "op": "<", "than": "ks2.l4_en_ma.la"})
    told = words.compared(rule.explain(values.__getitem__).because[0])
    assert told.endswith(": 61.7% (provisional) (the rule asks: below the authority’s figure, 62.3%, computed)")
