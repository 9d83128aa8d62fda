"""One evaluation of a scheme for all schools at once (domain.md §6, "Criteria" and "Category").

Heaviest level first; the first whose rule is true is the school's, else the one that the scheme falls back on. Unknown
never counts as true, and where a heavier level is unknown, or fewer facts are known than the scheme's minimum, a person
decides. Rules whose facts do not apply to a school are left out and said to be left out.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import QuerySet

from core.facts import FactQuestion, FactTable, FactValue, Standing, gather
from core.rules import BadRule, Compared, Finding, Rule, RuleBook, Truth, truths
from people.packs import AuthorityPack
from schools.facts import phases_of
from schools.models import School

from .pack import CategoryOption, Scheme, SchemeRule, named_in

CONCERN_OPEN = "concern.open"


class Way(models.TextChoices):
    """How an evaluation ends."""

    SUGGESTED = "suggested", "suggested"
    PERSON = "person", "for a person to decide"
    OUTSIDE = "outside", "outside the scheme"


FEW_FACTS, HEAVIER_UNKNOWN = "few facts", "a heavier level is unknown"


@dataclass(frozen=True)
class CompiledScheme:
    """A scheme ready to be asked. ``asked`` are the facts that its rules ask about, without what they are held against;
    ``codes`` are all that it needs."""

    scheme: Scheme
    rules: Mapping[str, Rule]
    level_rules: Mapping[str, Rule]
    pooled_below: int
    asked: frozenset[str]
    codes: frozenset[str]

    @cached_property
    def barred_below(self) -> CategoryOption | None:
        """The lightest level while a concern is open, where the scheme says one."""
        code = self.scheme.lightest_while_concern_open
        return self.scheme.level(code) if code else None


def compile_scheme(scheme: Scheme, pack: AuthorityPack) -> CompiledScheme:
    """Raises ``BadRule`` with a sentence that says where."""

    def setting(name: str) -> Any:
        return pack.content.setting(name, pack.authority.settings)

    book = RuleBook({rule.code: rule.rule for rule in scheme.rules}, setting=setting)
    rules, level_rules = {}, {}
    for rule in scheme.rules:
        try:
            rules[rule.code] = book.named(rule.code)
        except BadRule as error:
            raise BadRule(f"The rule “{rule.label}”: {error}") from error
    for level in scheme.levels:
        if level.code in scheme.level_rules:
            try:
                level_rules[level.code] = book.compile(scheme.level_rules[level.code])
            except BadRule as error:
                raise BadRule(f"The level “{level.label}”: {error}") from error
    every = (*rules.values(), *level_rules.values())
    asked = frozenset(leaf.fact for rule in every for leaf in rule.leaves())
    codes = set().union(*(rule.codes() for rule in every))
    if scheme.lightest_while_concern_open:
        codes.add(CONCERN_OPEN)
    named = (scheme.three_year_mean_below or {}).get("setting")
    return CompiledScheme(scheme, rules, level_rules, int(setting(named)) if named else 0, asked, frozenset(codes))


# ---------------------------------------------------------------- what comes out


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a scheme comes to for one school. Where a person decides, ``level`` is what the known facts alone would give,
    ``why`` says what stands in the way; outside the scheme there is no level."""

    way: Way
    level: CategoryOption | None
    why: str = ""
    is_barred: bool = False
    known: int = 0

    @property
    def label(self) -> str:
        """ "Standard", "For a person to decide", "Outside the scheme"."""
        if self.way == Way.SUGGESTED and self.level is not None:
            return self.level.label
        return self.way.label.capitalize()

    @property
    def rank(self) -> int:
        """Of the level that is suggested; 0 where none is."""
        return self.level.rank if self.way == Way.SUGGESTED and self.level is not None else 0

    @property
    def key(self) -> str:
        """What schools are counted by: the level's code, or the way."""
        return self.level.code if self.way == Way.SUGGESTED and self.level is not None else str(self.way)


@dataclass(frozen=True)
class FiredRule:
    rule: SchemeRule
    finding: Finding
    decides: bool
    """Whether the level rests on it."""


@dataclass(frozen=True)
class Explanation:
    """Why: the rules that fired with their comparisons, the facts that are missing, and what was left out."""

    verdict: Verdict
    fired: tuple[FiredRule, ...]
    not_fired: tuple[FiredRule, ...]
    unknown: tuple[FiredRule, ...]
    missing: Mapping[str, FactValue]
    heavier: tuple[CategoryOption, ...]
    left_out: Mapping[str, FactValue]

    @property
    def deciding(self) -> tuple[FiredRule, ...]:
        """The rules on which the level rests; where it rests on none that fired, all that fired."""
        return tuple(rule for rule in self.fired if rule.decides) or self.fired


class Evaluation:
    """The verdicts of one scheme over the schools of a table of facts. Explanations are made when somebody asks for one."""

    def __init__(self, compiled: CompiledScheme, table: FactTable, phases: Sequence[str]) -> None:
        self.compiled = compiled
        self.table = table
        self.phases = phases

    @cached_property
    def told(self) -> tuple[Sequence[Verdict], Sequence[int]]:
        """The different verdicts, and by place which of them a school has: some tens for any number of schools."""
        from .verdicts import decide

        return decide(self)

    def at(self, place: int) -> Verdict:
        verdicts, index = self.told
        return verdicts[index[place]]

    def verdict(self, school_id: int) -> Verdict:
        return self.at(self.table.place(school_id))

    @cached_property
    def counted(self) -> list[tuple[Verdict, int]]:
        """Each verdict with its number of schools."""
        verdicts, index = self.told
        numbers = Counter(index)
        return [(verdict, numbers[place]) for place, verdict in enumerate(verdicts)]

    @property
    def levels_with_rule(self) -> list[CategoryOption]:
        return [level for level in self.compiled.scheme.levels if level.code in self.compiled.level_rules]

    # -- counted

    @cached_property
    def counts(self) -> Counter[str]:
        """Schools by level's code, "person" and "outside"."""
        return self._summed((verdict.key, number) for verdict, number in self.counted)

    @cached_property
    def by_level(self) -> Counter[str]:
        """Schools by level's code; one that a person must decide under the level that its known facts give."""
        return self._summed((verdict.level.code, number) for verdict, number in self.counted if verdict.level is not None)

    @staticmethod
    def _summed(pairs: Iterable[tuple[str, int]]) -> Counter[str]:
        found = Counter[str]()
        for key, number in pairs:
            found[key] += number
        return found

    @cached_property
    def fires_for(self) -> Mapping[str, int]:
        """How many schools each rule fires for, by its code; those outside the scheme not counted."""
        from .verdicts import fires_for

        return fires_for(self)

    def fired_at(self, code: str) -> frozenset[int]:
        """The schools at which a rule fires."""
        return frozenset(key for key, _ in truths(self.compiled.rules[code], self.table, Truth.TRUE))

    @property
    def quarters(self) -> int:
        """The days a year, in quarters, of all schools; where a person decides, those of the level that the known facts give."""
        return sum(verdict.level.days * number for verdict, number in self.counted if verdict.level is not None)

    # -- explained

    def explain(self, school_id: int) -> Explanation:
        scheme, facts, verdict = self.compiled.scheme, self.table.of(school_id), self.verdict(school_id)
        if verdict.way == Way.OUTSIDE:
            return Explanation(verdict, (), (), (), {}, (), {})
        deciding = self._deciding(verdict)
        findings = [FiredRule(rule, self.compiled.rules[rule.code].explain(facts), rule.code in deciding) for rule in scheme.rules]
        by_truth: dict[Truth, list[FiredRule]] = {truth: [] for truth in Truth}
        for found in findings:
            by_truth[found.finding.truth].append(found)
        heavier: list[CategoryOption] = []
        missing: dict[str, FactValue] = {}
        for level in self.levels_with_rule:
            if verdict.level is not None and level.rank > verdict.level.rank:
                finding = self.compiled.level_rules[level.code].explain(facts)
                if finding.truth is Truth.UNKNOWN:
                    heavier.append(level)
                    missing |= _missing(finding.because)
        for found in by_truth[Truth.UNKNOWN]:
            missing |= _missing(found.finding.because)
        left_out = {}
        for found in findings:
            for compared in found.finding.left_out:
                for code, value in ((compared.leaf.fact, compared.left), (compared.leaf.than, compared.right)):
                    if value is not None and value.standing is Standing.DOES_NOT_APPLY:
                        left_out[code] = value
        return Explanation(
            verdict,
            tuple(by_truth[Truth.TRUE]),
            tuple(by_truth[Truth.FALSE]),
            tuple(by_truth[Truth.UNKNOWN]),
            missing,
            tuple(heavier),
            left_out,
        )

    def _deciding(self, verdict: Verdict) -> frozenset[str]:
        """The rules that the rule of the level names, wherever in it."""
        if verdict.level is None or verdict.level.code not in self.compiled.scheme.level_rules:
            return frozenset()
        return frozenset(named_in(self.compiled.scheme.level_rules[verdict.level.code], "rule"))


OUTSIDE = Verdict(Way.OUTSIDE, None)


def _missing(because: Iterable[Compared]) -> dict[str, FactValue]:
    found = {}
    for compared in because:
        for code, value in ((compared.leaf.fact, compared.left), (compared.leaf.than, compared.right)):
            if value is not None and value.standing in (Standing.UNKNOWN, Standing.SUPPRESSED):
                found[code] = value
    return found


# ---------------------------------------------------------------- asked


def evaluate(
    schemes: Sequence[CompiledScheme],
    schools: QuerySet[School],
    *,
    on: dt.date,
    pack: AuthorityPack,
    rows: Sequence[tuple[int, str]] | None = None,
) -> list[Evaluation]:
    """Each scheme over the same schools, on one gathering of facts: a scheme that judges small cohorts on three years has those
    figures so, another has each summer for itself.

    ``rows`` are the keys and phases of the schools, in the order that is wanted, where the caller has them already.
    """
    pooled_below = {scheme.pooled_below for scheme in schemes} - {0}
    if len(pooled_below) > 1:
        return [evaluate([scheme], schools, on=on, pack=pack, rows=rows)[0] for scheme in schemes]
    question = FactQuestion(schools.order_by(), on, pack.authority, max(pooled_below, default=0), policy=pack)
    if rows is not None:
        question.kept["keys"], question.kept["phases"] = [pk for pk, _ in rows], [phase for _, phase in rows]
    phases = phases_of(question)
    table = gather(set[str]().union(*(scheme.codes for scheme in schemes)), question)
    alone = table.not_pooled
    return [Evaluation(scheme, table if scheme.pooled_below else alone, phases) for scheme in schemes]
