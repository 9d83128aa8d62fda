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
from typing import Any, NamedTuple

from django.db.models import QuerySet

from core.numbers import format_number, format_quarters
from people.packs import AuthorityPack
from schools.choices import Phase
from schools.models import School
from targets.wording import FactWords

from .evaluation import CompiledScheme, Verdict, Way, evaluate
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


class Place(NamedTuple):
    """A school of the comparison: what counting and naming need of it."""

    pk: int
    phase: str
    cluster: str | None


@dataclass(frozen=True)
class Mover:
    school: School
    before: Verdict
    after: Verdict
    why: str


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
        rows = schools.order_by("name", "urn").values_list("pk", "phase", "cluster__name")
        self.places = list(map(Place._make, rows))
        asked = [current, tried] if saved is tried else [current, tried, saved]
        made = evaluate(asked, schools, on=on, pack=pack, rows=[(place.pk, place.phase) for place in self.places])
        self.current, self.tried = made[0], made[1]
        self.saved = made[2] if len(made) > 2 else self.tried

    @property
    def number(self) -> int:
        return len(self.places)

    # -- movement: counted over pairs of verdicts, of which there are some hundreds for any number of schools

    @cached_property
    def pairs(self) -> Sequence[tuple[int, int]]:
        """By place, which of the verdicts of either scheme a school has."""
        return list(zip(self.current.told[1], self.tried.told[1], strict=True))

    def _verdicts(self, pair: tuple[int, int]) -> tuple[Verdict, Verdict]:
        return self.current.told[0][pair[0]], self.tried.told[0][pair[1]]

    @cached_property
    def _counted(self) -> list[tuple[Verdict, Verdict, int]]:
        return [(*self._verdicts(pair), number) for pair, number in Counter(self.pairs).items()]

    @staticmethod
    def _steps(before: Verdict, after: Verdict) -> int:
        """Levels more (or, below nought, less) of support; nought where one of the two is not a level."""
        return after.rank - before.rank if before.rank and after.rank else 0

    @cached_property
    def moves(self) -> list[int]:
        """The places of those whose key differs, largest moves first, then by name."""
        sizes = {}
        for pair in set(self.pairs):
            before, after = self._verdicts(pair)
            if before.key != after.key:
                sizes[pair] = abs(self._steps(before, after))
        return sorted((place for place, pair in enumerate(self.pairs) if pair in sizes), key=lambda place: -sizes[self.pairs[place]])

    @property
    def more(self) -> int:
        return sum(number for before, after, number in self._counted if self._steps(before, after) > 0)

    @property
    def less(self) -> int:
        return sum(number for before, after, number in self._counted if self._steps(before, after) < 0)

    @property
    def same(self) -> int:
        return self.number - len(self.moves)

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
        counted = Counter[tuple[str, str]]()
        for before, after, number in self._counted:
            counted[before.key, after.key] += number
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

    def chosen(self, frm: str = "", to: str = "") -> list[int]:
        """The places of the movers; with ``frm`` and ``to`` of the schools of one square, movers or not."""
        if not (frm and to):
            return self.moves
        wanted = {pair for pair in set(self.pairs) if tuple(verdict.key for verdict in self._verdicts(pair)) == (frm, to)}
        return [place for place, pair in enumerate(self.pairs) if pair in wanted]

    def movers(self, places: Sequence[int]) -> list[Mover]:
        """The schools at these places, explained, and so no more than are shown. One query."""
        keys = [self.places[place].pk for place in places]
        schools = School.objects.select_related("cluster", "authority").in_bulk(keys)
        return [Mover(schools[key], *self._verdicts(self.pairs[place]), self.why(key)) for key, place in zip(keys, places, strict=True)]

    def why(self, school_id: int) -> str:
        told = self.tried.explain(school_id)
        if told.verdict.way == Way.PERSON:
            return why_person(self.words, told, self.tried.compiled.scheme.minimum_facts)
        return in_a_line(self.words, told)

    def tallies(self, label_of: Callable[[Place], str]) -> list[Tally]:
        labels: dict[tuple[str, str | None], str] = {}
        found: dict[str, list[int]] = {}
        counted = Counter((place.phase, place.cluster, pair) for place, pair in zip(self.places, self.pairs, strict=True))
        for (phase, cluster, pair), number in counted.items():
            label = labels.setdefault((phase, cluster), label_of(Place(0, phase, cluster)))
            counts, steps = found.setdefault(label, [0, 0, 0]), self._steps(*self._verdicts(pair))
            counts[0] += number
            counts[1] += number if steps > 0 else 0
            counts[2] += number if steps < 0 else 0
        return [Tally(label, *counts) for label, counts in sorted(found.items())]

    @cached_property
    def by_cluster(self) -> list[Tally]:
        return self.tallies(lambda place: place.cluster or "No cluster")

    @cached_property
    def by_phase(self) -> list[Tally]:
        return self.tallies(lambda place: Phase(place.phase).label.capitalize())

    # -- cost

    @cached_property
    def costs(self) -> list[Cost]:
        found = []
        now, then = self.current.by_level, self.tried.by_level
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
                change = self.tried.by_level[code] - self.saved.by_level[code]
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
    return Trial(school, comparison.current.verdict(school.pk), comparison.tried.verdict(school.pk), lines, comparison.why(school.pk))


__all__ = ["Comparison", "LevelLine", "Mover", "RuleLine", "Trial", "WhatIf", "level_lines", "rule_lines", "rule_path", "trial"]
