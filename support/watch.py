"""Which rules fire of which schools: the concern classes (P13) and the priority rules (P24), asked of all schools at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from core.components.formats import day
from core.facts import FactTable
from core.rules import Compared, Rule, Truth, truths
from people.packs import AuthorityPack
from schools.models import School
from targets.pack import measures_of
from targets.wording import SUFFIXES, FactWords

from .pack import support_of
from .rulebook import IN_BRIEF, facts_for, rule_book

CLASS, PRIORITY = "class", "priority"


@dataclass(frozen=True)
class Asked:
    """One rule that is watched. ``key`` is how a warning names it; ``phase_groups`` empty where it is for every school."""

    key: str
    label: str
    concern_class: str
    rule: Rule
    phase_groups: tuple[str, ...] = ()


class Watch:
    """The watched rules over schools. ``fires`` and ``undetermined`` are pairs (school id, key)."""

    def __init__(self, schools: QuerySet[School], pack: AuthorityPack, on: dt.date) -> None:
        part, book = support_of(pack.content), rule_book(pack)
        measures = measures_of(pack.content)
        self.asked = [Asked(f"{CLASS}:{row.code}", row.label, row.code, book.named(row.code, CLASS)) for row in part.concern_classes]
        self.asked += [Asked(f"{PRIORITY}:{row.code}", row.label, "", book.compile(row.rule), row.phase_groups) for row in part.priorities]
        self.by_key = {asked.key: asked for asked in self.asked}
        self.words = FactWords(pack.content)
        self.table: FactTable = facts_for(schools.order_by(), {code for asked in self.asked for code in asked.rule.codes()}, pack, on)
        self.fires: set[tuple[int, str]] = set()
        self.undetermined: set[tuple[int, str]] = set()
        replaced = {f"{CLASS}:{row.code}": {f"{CLASS}:{code}" for code in row.replaces} for row in part.concern_classes}
        phases = dict(schools.order_by().values_list("pk", "phase"))
        firing: dict[int, set[str]] = defaultdict(set)
        for asked in self.asked:
            for pk, truth in truths(asked.rule, self.table, Truth.TRUE, Truth.UNKNOWN):
                if asked.phase_groups and not measures.in_groups(phases[pk], asked.phase_groups):
                    continue
                if truth is Truth.TRUE:
                    firing[pk].add(asked.key)
                else:
                    self.undetermined.add((pk, asked.key))
        for pk, fired in firing.items():
            for key in set(fired):
                # a class that stands for two takes their place where both fire: one that does not apply is none of them
                if replaced.get(key, set()) <= fired:
                    fired.difference_update(replaced.get(key, set()))
                else:
                    fired.discard(key)
            self.fires |= {(pk, key) for key in fired}

    def figures(self, school_id: int, key: str) -> list[dict[str, str]]:
        """The figures on which the rule of a class or priority fires; none where it does not (any more)."""
        asked = self.by_key.get(key)
        if asked is None:
            return []
        finding = asked.rule.explain(self.table.of(school_id))
        return figures(self.words, finding.because) if finding.truth is Truth.TRUE else []


def figures(words: FactWords, because: Iterable[Compared]) -> list[dict[str, str]]:
    """Each comparison once: what is measured, the figure, what it was held against, its source and its day."""
    found: dict[str, dict[str, str]] = {}
    for compared in because:
        code, left = compared.leaf.fact, compared.left
        if not left.is_figure or code in found:
            continue
        against = ""
        if compared.right is not None and compared.right.is_figure:
            name = SUFFIXES.get(words.split(compared.leaf.than)[2], words.label(compared.leaf.than))
            against = f"{name} {words.figure(compared.leaf.than, compared.right)}"
        found[code] = {
            "label": IN_BRIEF.get(code) or words.label(code),
            "figure": words.figure(code, left),
            "against": against,
            "source": left.source,
            "on": day(left.on) if left.on else "",
        }
    return list(found.values())


def figures_of_class(schools: QuerySet[School], pack: AuthorityPack, on: dt.date, code: str) -> Mapping[int, list[dict[str, str]]]:
    """Of one class, for the opening of a case."""
    rule = rule_book(pack).named(code, CLASS)
    words, table = FactWords(pack.content), facts_for(schools.order_by(), set(rule.codes()), pack, on)
    found: dict[int, list[dict[str, Any]]] = {}
    for pk, _ in truths(rule, table, Truth.TRUE):
        found[pk] = figures(words, rule.explain(table.of(pk)).because)
    return {pk: found.get(pk, []) for pk in table.keys}
