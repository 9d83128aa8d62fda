"""Schools that may be a priority this year (P24): the pack's rules over facts, with the rule and the figure for each school.

A rule that cannot be computed says of how many schools it is unknown; unknown never counts as a priority, nor as none.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from core.facts import Standing
from core.rules import Truth, truths
from people.packs import AuthorityPack
from schools.models import School
from targets.pack import measures_of
from targets.wording import FactWords

from .pack import Priority, support_of
from .rulebook import brief, facts_for, rule_book


@dataclass(frozen=True)
class PriorityReason:
    """One rule that fired for a school: ``figures`` to show beside it, ``because`` the comparisons that made it so."""

    code: str
    label: str
    figures: tuple[str, ...]
    because: tuple[str, ...]


@dataclass(frozen=True)
class PriorityLine:
    school: School
    reasons: tuple[PriorityReason, ...]


@dataclass(frozen=True)
class PriorityCount:
    """How a rule came out over the schools that it is for. ``missing`` are the facts for want of which it is unknown."""

    priority: Priority
    asked: int
    fired: int
    unknown: int
    missing: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class PriorityList:
    """``lines`` are schools with at least one reason, most reasons first."""

    lines: tuple[PriorityLine, ...]
    counts: tuple[PriorityCount, ...]
    schools: int

    def only(self, code: str) -> tuple[PriorityLine, ...]:
        return tuple(line for line in self.lines if any(reason.code == code for reason in line.reasons)) if code else self.lines


def priority_list(schools: QuerySet[School], pack: AuthorityPack, on: dt.date) -> PriorityList:
    """Every rule asked of every school of ``schools`` (in the asker's scope)."""
    part, measures, words, book = support_of(pack.content), measures_of(pack.content), FactWords(pack.content), rule_book(pack)
    rules = [(priority, book.compile(priority.rule)) for priority in part.priorities]
    codes = {code for priority, rule in rules for code in (*rule.codes(), *priority.show)}
    rows = list(schools.select_related("authority", "cluster").order_by("name", "urn"))
    table = facts_for(schools, codes, pack, on)
    asked, fired, unknown = Counter[str](), Counter[str](), Counter[str]()
    missing: dict[str, Counter[str]] = {priority.code: Counter() for priority, _ in rules}
    phases = {school.pk: school.phase for school in rows}
    reasons: dict[int, list[PriorityReason]] = {school.pk: [] for school in rows}
    for priority, rule in rules:
        for pk, truth in truths(rule, table, Truth.TRUE, Truth.FALSE, Truth.UNKNOWN):
            if not measures.in_groups(phases[pk], priority.phase_groups):
                continue
            facts = table.of(pk)
            asked[priority.code] += 1
            if truth is Truth.UNKNOWN:
                unknown[priority.code] += 1
                finding = rule.explain(facts)
                missing[priority.code].update({code for compared in finding.because for code in compared.missing})
            elif truth is Truth.TRUE:
                fired[priority.code] += 1
                shown = tuple(
                    brief(words, code, value) for code in priority.show if (value := facts(code)).standing is not Standing.DOES_NOT_APPLY
                )
                because = tuple(words.compared(compared) for compared in rule.explain(facts).because)
                reasons[pk].append(PriorityReason(priority.code, priority.label, shown, because))
    lines = [PriorityLine(school, tuple(reasons[school.pk])) for school in rows if reasons[school.pk]]
    lines.sort(key=lambda line: -len(line.reasons))
    counts = tuple(
        PriorityCount(
            priority,
            asked[priority.code],
            fired[priority.code],
            unknown[priority.code],
            tuple(
                sorted(((words.label(code), count) for code, count in missing[priority.code].items()), key=lambda one: (-one[1], one[0]))
            ),
        )
        for priority, _ in rules
    )
    return PriorityList(tuple(lines), counts, len(rows))


def as_rows(found: PriorityList) -> list[dict[str, Any]]:
    """For JSON: a school with its reasons."""
    return [
        {
            "urn": line.school.urn,
            "school": line.school.name,
            "phase": line.school.phase,
            "reasons": [
                {"rule": reason.code, "label": reason.label, "figures": list(reason.figures), "because": list(reason.because)}
                for reason in line.reasons
            ],
        }
        for line in found.lines
    ]
