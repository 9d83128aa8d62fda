"""The rules of an authority's policy, ready to be asked: finance flags by name ("flag:code") among them, settings filled in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from django.db.models import QuerySet

from core.components.formats import day
from core.facts import FactQuestion, FactTable, FactValue, gather
from core.rules import RuleBook
from people.packs import AuthorityPack
from schools.models import School
from schools.pack import finance_of, inspection_of
from targets.wording import FactWords

from .pack import support_of

IN_BRIEF: Final = {
    "inspection.latest_on": "last inspected",
    "inspection.overall": "overall",
    "inspection.capacity": "capacity",
    "inspection.category": "category now",
    "ks2.cva": "CVA, key stage 2",
    "ks4.cva": "CVA, key stage 4",
}
"""What a list calls a fact where its definition is too long; the definition stands with the rule."""
GRADES: Final = ("inspection.overall", "inspection.capacity", "inspection.leadership", "inspection.teaching", "inspection.achievement")


def rule_book(pack: AuthorityPack) -> RuleBook:
    return RuleBook(
        rules={f"flag:{flag.code}": flag.rule for flag in finance_of(pack.content).flags},
        classes={found.code: found.computed for found in support_of(pack.content).concern_classes},
        setting=lambda name: pack.content.setting(name, pack.authority.settings),
    )


def question_for(schools: QuerySet[School], pack: AuthorityPack, on: dt.date) -> FactQuestion:
    return FactQuestion(schools, on, pack.authority, pack.whole("small_cohort"), policy=pack)


def facts_for(schools: QuerySet[School], codes: Iterable[str], pack: AuthorityPack, on: dt.date) -> FactTable:
    return gather(codes, question_for(schools, pack, on))


def brief(words: FactWords, code: str, value: FactValue) -> str:
    """A fact in a few words: "last inspected 14 March 2007", "capacity Satisfactory"; an inspection's grade as its framework calls it."""
    name = IN_BRIEF.get(code) or words.label(code)
    if value.is_figure and code in GRADES and isinstance(value.value, Decimal) and value.on is not None:
        framework = inspection_of(words.content).frameworks.on(value.on)
        return f"{name} {framework.grade(int(value.value)).lower()}{f' ({value.mark})' if value.mark else ''}"
    if not value.is_figure:
        return f"{name}: {words.figure(code, value)}"
    said = day(value.value) if isinstance(value.value, dt.date) else words.figure(code, value)
    return f"{name} {said}"
