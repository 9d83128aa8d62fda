"""A draft beside today's criteria: who would move and why, the movement matrix, what it would cost (mockup ``workbench``).

Both schemes are asked of the same schools on the same day; each fact is fetched once. Only the movers that a page shows
are explained.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from core.numbers import format_number, format_quarters
from people.packs import AuthorityPack
from schools.models import School
from targets.wording import FactWords

from .evaluation import CompiledScheme, Evaluation, Verdict, Way, evaluate
from .pack import CategoryOption, Scheme
from .wording import Part, in_a_line, level_path, number_at, plain, rule_path, rule_sentences, why_person

PERSON, OUTSIDE = str(Way.PERSON), str(Way.OUTSIDE)


@dataclass(frozen=True)
class Cell:
    """One square of the movement matrix. ``css`` as the mockup has it: same, up1 (one level more), up (two or more), down."""

    number: int
    frm: str
    to: str
    frm_label: str
    to_label: str
    css: str


@dataclass(frozen=True)
class Row:
    key: str
    label: str
    cells: Sequence[Cell]
    total: int


@dataclass(frozen=True)
class Cost:
    """One level in both schemes. Days in quarters a year; a school that a person must decide stands under the level that its
    known facts give."""

    label: str
    days: int
    schools_now: int
    schools_then: int
    quarters_now: int
    quarters_then: int

    @property
    def change(self) -> int:
        return self.schools_then - self.schools_now

    @property
    def quarters_change(self) -> int:
        return self.quarters_then - self.quarters_now

    @property
    def change_words(self) -> str:
        """ "+104", or "−12½"."""
        sign = "+" if self.quarters_change > 0 else ""
        return f"{sign}{format_quarters(self.quarters_change)}"

    @property
    def words(self) -> str:
        return f"{format_quarters(self.quarters_then)} against {format_quarters(self.quarters_now)}"


@dataclass(frozen=True)
class Mover:
    school: School
    before: Verdict
    after: Verdict
    why: str

    @property
    def steps(self) -> int:
        """Levels more (or, below nought, less) of support; nought where one of the two is not a level."""
        return self.after.rank - self.before.rank if self.before.rank and self.after.rank else 0


@dataclass(frozen=True)
class Tally:
    """Movers of one cluster or phase."""

    label: str
    schools: int
    more: int
    less: int

    @property
    def same(self) -> int:
        return self.schools - self.more - self.less


@dataclass(frozen=True)
class WhatIf:
    """One number that is tried instead of the draft's own, and how many more (or fewer) schools it fires for, or places."""

    label: str
    number: Decimal
    was: Decimal
    change: int

    @property
    def sentence(self) -> str:
        """ "At 58 instead of 55, 14 more schools." """
        how = f"{abs(self.change)} {'more' if self.change > 0 else 'fewer'} {'school' if abs(self.change) == 1 else 'schools'}"
        return f"At {plain(self.number)} instead of {plain(self.was)}, {how if self.change else 'the same schools'}."


class Comparison:
    """``tried`` beside ``current``, and beside ``saved`` (the draft as it is kept) where numbers are being tried."""

    def __init__(
        self,
        current: CompiledScheme,
        saved: CompiledScheme,
        tried: CompiledScheme,
        schools: QuerySet[School],
        *,
        on: dt.date,
        pack: AuthorityPack,
    ) -> None:
        self.pack = pack
        self.words = FactWords(pack.content)
        self.schools = list(schools.select_related("cluster", "authority").order_by("name", "urn"))
        asked = [current, tried] if saved is tried else [current, tried, saved]
        made = evaluate(asked, schools, on=on, pack=pack, rows=self.schools)
        self.current, self.tried = made[0], made[1]
        self.saved = made[2] if len(made) > 2 else self.tried

    # -- movement

    @cached_property
    def pairs(self) -> list[tuple[School, Verdict, Verdict]]:
        before, after = self.current.verdicts, self.tried.verdicts
        return [(school, before[school.pk], after[school.pk]) for school in self.schools]

    @staticmethod
    def _steps(before: Verdict, after: Verdict) -> int:
        return after.rank - before.rank if before.rank and after.rank else 0

    @cached_property
    def moves(self) -> list[tuple[School, Verdict, Verdict]]:
        """Those whose key differs, largest moves first, then by name."""
        moved = [pair for pair in self.pairs if pair[1].key != pair[2].key]
        return sorted(moved, key=lambda pair: (-abs(self._steps(pair[1], pair[2])), pair[0].name, pair[0].urn))

    @cached_property
    def steps(self) -> Counter[int]:
        return Counter(self._steps(before, after) for _, before, after in self.pairs)

    @property
    def more(self) -> int:
        return sum(number for step, number in self.steps.items() if step > 0)

    @property
    def less(self) -> int:
        return sum(number for step, number in self.steps.items() if step < 0)

    @property
    def same(self) -> int:
        return len(self.pairs) - len(self.moves)

    @property
    def for_a_person(self) -> int:
        return self.tried.counts[PERSON]

    @cached_property
    def keys(self) -> list[tuple[str, str, int]]:
        """Rows and columns: the levels of both schemes from the least support, then the two that are no level."""
        levels = {level.code: level for level in (*self.current.compiled.scheme.levels, *self.tried.compiled.scheme.levels)}
        found = [(level.code, level.label, level.rank) for level in sorted(levels.values(), key=lambda level: level.rank)]
        for way in (Way.PERSON, Way.OUTSIDE):
            if self.current.counts[str(way)] or self.tried.counts[str(way)]:
                found.append((str(way), way.label.capitalize(), 0))
        return found

    @cached_property
    def matrix(self) -> list[Row]:
        counted = Counter((before.key, after.key) for _, before, after in self.pairs)
        rows = []
        for frm, frm_label, frm_rank in self.keys:
            cells = []
            for to, to_label, to_rank in self.keys:
                steps = to_rank - frm_rank if frm_rank and to_rank else 0
                css = "same" if frm == to else "up" if steps > 1 else "up1" if steps == 1 else "down" if steps < 0 else "same"
                cells.append(Cell(counted[frm, to], frm, to, frm_label, to_label, css))
            rows.append(Row(frm, frm_label, cells, sum(cell.number for cell in cells)))
        return rows

    @property
    def totals(self) -> list[int]:
        return [self.tried.counts[key] for key, _, _ in self.keys]

    def movers(self, *, most: int | None = None, frm: str = "", to: str = "") -> list[Mover]:
        """Explained, and so no more than are shown. With ``frm`` and ``to`` the schools of one square, movers or not."""
        if frm and to:
            chosen = [pair for pair in self.pairs if pair[1].key == frm and pair[2].key == to]
        else:
            chosen = self.moves
        return [Mover(school, before, after, self.why(school)) for school, before, after in chosen[:most]]

    def why(self, school: School) -> str:
        told = self.tried.explain(school.pk)
        if told.verdict.way == Way.PERSON:
            return why_person(self.words, told, self.tried.compiled.scheme.minimum_facts)
        return in_a_line(self.words, told)

    def tallies(self, label_of: Callable[[School], str]) -> list[Tally]:
        found: dict[str, list[int]] = {}
        for school, before, after in self.pairs:
            counts = found.setdefault(label_of(school), [0, 0, 0])
            steps = self._steps(before, after)
            counts[0] += 1
            counts[1] += steps > 0
            counts[2] += steps < 0
        return [Tally(label, *counts) for label, counts in sorted(found.items())]

    @cached_property
    def by_cluster(self) -> list[Tally]:
        return self.tallies(lambda school: school.cluster.name if school.cluster else "No cluster")

    @cached_property
    def by_phase(self) -> list[Tally]:
        return self.tallies(lambda school: school.get_phase_display().capitalize())

    # -- cost

    @cached_property
    def costs(self) -> list[Cost]:
        found = []
        now, then = self._by_level(self.current), self._by_level(self.tried)
        levels_now = {level.code: level for level in self.current.compiled.scheme.levels}
        levels_then = {level.code: level for level in self.tried.compiled.scheme.levels}
        for code, label, _ in self.keys:
            if code in (PERSON, OUTSIDE):
                continue
            before, after = levels_now.get(code), levels_then.get(code)
            found.append(
                Cost(
                    label,
                    (after or before).days,  # type: ignore[union-attr]
                    now[code],
                    then[code],
                    now[code] * (before.days if before else 0),
                    then[code] * (after.days if after else 0),
                )
            )
        return found

    @staticmethod
    def _by_level(evaluation: Evaluation) -> Counter[str]:
        return Counter(verdict.level.code for verdict in evaluation.verdicts.values() if verdict.level is not None)

    @cached_property
    def cost(self) -> Cost:
        """All levels together."""
        return Cost(
            "All",
            0,
            sum(cost.schools_now for cost in self.costs),
            sum(cost.schools_then for cost in self.costs),
            sum(cost.quarters_now for cost in self.costs),
            sum(cost.quarters_then for cost in self.costs),
        )

    # -- numbers that are tried

    def what_ifs(self, numbers: Mapping[str, Decimal], definition: Mapping[str, Any]) -> list[WhatIf]:
        found = []
        for path, number in numbers.items():
            was = number_at(definition, path)
            if was is None or was == number:
                continue
            kind, code = path.split("/")[:2]
            scheme = self.saved.compiled.scheme
            if kind == "rule":
                label = next((rule.label for rule in scheme.rules if rule.code == code), code)
                change = self.tried.fires_for[code] - self.saved.fires_for[code]
            else:
                label = scheme.level(code).label
                change = self._by_level(self.tried)[code] - self._by_level(self.saved)[code]
            found.append(WhatIf(label, number, was, change))
        return found


# ---------------------------------------------------------------- the criteria, side by side


@dataclass(frozen=True)
class RuleLine:
    """One rule of the draft, and of today's scheme where it has one of that code."""

    code: str
    label: str
    now: Part | None
    fires_now: int | None
    then: Part | None
    fires_then: int | None

    @property
    def is_new(self) -> bool:
        return self.now is None

    @property
    def is_gone(self) -> bool:
        return self.then is None


@dataclass(frozen=True)
class LevelLine:
    level: CategoryOption
    said: Part | None
    days_path: str
    days: str
    was_days: str


def rule_lines(comparison: Comparison) -> list[RuleLine]:
    """The draft's rules in its order, then those of today's scheme that it has not."""
    current, tried = comparison.current, comparison.tried
    now = rule_sentences(current.compiled.scheme.rules, comparison.words)
    then = rule_sentences(tried.compiled.scheme.rules, comparison.words)
    labels = {rule.code: rule.label for rule in (*current.compiled.scheme.rules, *tried.compiled.scheme.rules)}
    return [
        RuleLine(code, labels[code], now.get(code), current.fires_for.get(code), then.get(code), tried.fires_for.get(code))
        for code in (*then, *(code for code in now if code not in then))
    ]


def level_lines(tried: Scheme, words: FactWords, definition: Mapping[str, Any], current: Scheme) -> list[LevelLine]:
    from .wording import RuleWords

    said = RuleWords(words, {rule.code: rule.label for rule in tried.rules})
    before = {level.code: level for level in current.levels}
    found = []
    for level in tried.levels:
        rule = tried.level_rules.get(level.code)
        path = f"{level_path(level.code)}/days"
        days = number_at(definition, path)
        was = before.get(level.code)
        found.append(
            LevelLine(
                level,
                said.said(rule, level_path(level.code)) if rule is not None else None,
                path,
                plain(days) if days is not None else "",
                format_number(Decimal(was.days) / 4, 0 if was.days % 4 == 0 else 2) if was else "",
            )
        )
    return found


# ---------------------------------------------------------------- one school


@dataclass(frozen=True)
class TrialLine:
    label: str
    now: str
    then: str
    figure: str


@dataclass(frozen=True)
class Trial:
    """One school under both: each rule, whether it fires, and its figure."""

    school: School
    before: Verdict
    after: Verdict
    lines: Sequence[TrialLine]
    why: str


def trial(comparison: Comparison, school: School) -> Trial:
    told = {}
    for name, evaluation in (("now", comparison.current), ("then", comparison.tried)):
        explanation = evaluation.explain(school.pk)
        for word, group in (("Fires", explanation.fired), ("No", explanation.not_fired), ("Unknown", explanation.unknown)):
            for found in group:
                told[name, found.rule.code] = (word, found)
    lines = []
    labels = {rule.code: rule.label for evaluation in (comparison.current, comparison.tried) for rule in evaluation.compiled.scheme.rules}
    for code, label in labels.items():
        now, then = told.get(("now", code)), told.get(("then", code))
        known = then or now
        if known is None:
            continue  # it does not apply to this school in either
        figures = {comparison.words.figure(compared.leaf.fact, compared.left) for compared in known[1].finding.because}
        lines.append(TrialLine(label, now[0] if now else "Not used", then[0] if then else "Not used", ", ".join(sorted(figures))))
    return Trial(school, comparison.current.verdicts[school.pk], comparison.tried.verdicts[school.pk], lines, comparison.why(school))


__all__ = ["Comparison", "LevelLine", "Mover", "RuleLine", "Trial", "WhatIf", "level_lines", "rule_lines", "rule_path", "trial"]
