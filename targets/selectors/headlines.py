"""Headlines: sentences in the shape of P5 to P7, each computed from rows and with its figures beside it.

A sentence is written only where every figure it needs is held; what could not be written is listed with the reason. The
authority's figure is computed from its schools' integers; where those are not known for every school it is the published one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from django.db.models import QuerySet

from core.calendar import AcademicYear
from core.numbers import format_change, format_number, round_half_up
from people.models import Authority
from people.packs import AuthorityPack
from schools.models import School
from targets.choices import Level
from targets.headline_pack import SentenceRule, headlines_of
from targets.pack import Measure, measures_of
from targets.registries import HEADLINE_SOURCES

from .rollup import FloorMoves, Published, Row, Together, floor_moves, published, rows_of, together

YEARS: Final = 8
FEWEST_FOR_BEST: Final = 3
ENOUGH_FOR_EVER: Final = 5
ORDINALS: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}


@dataclass(frozen=True)
class Sentence:
    """``figures`` is its table: head, then rows; ``rule`` says in plain words what is counted; ``measures`` where its rows are."""

    code: str
    key_stage: str
    text: str
    rule: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    measures: Sequence[str]
    source: str
    caption: str = ""
    url: str = ""
    """Of the page that shows its rows, where the results alone do not."""

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "key_stage": self.key_stage,
            "text": self.text,
            "rule": self.rule,
            "figures": {"head": list(self.head), "rows": [list(row) for row in self.rows]},
            "measures": list(self.measures),
        }


@dataclass(frozen=True)
class NotWritten:
    code: str
    key_stage: str
    name: str
    why: str

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "key_stage": self.key_stage, "name": self.name, "why": self.why}


class Missing(Exception):
    """A figure that the sentence needs is not held; the message says which."""


@dataclass
class Headlines:
    """The page: sentences in the pack's order, and what was not written."""

    year: int
    written: list[Sentence] = field(default_factory=list)
    not_written: list[NotWritten] = field(default_factory=list)
    schools: int = 0
    pupils: int = 0

    def as_json(self) -> dict[str, Any]:
        return {
            "programme_year": str(AcademicYear(self.year + 1)),
            "results_of": str(AcademicYear(self.year)),
            "schools": self.schools,
            "sentences": [sentence.as_json() for sentence in self.written],
            "not_written": [entry.as_json() for entry in self.not_written],
        }


def headlines(*, authority: Authority, pack: AuthorityPack, schools: QuerySet[School], year: int) -> Headlines:
    """The sentences on the results of an academic year (2007 is summer 2008), and those that other apps
    contribute. Four queries of its own whatever the number of schools.

    ``schools`` are those that count: the person's scope. Only where they are all of the authority's do its published figures
    and targets speak of the same pupils.
    """
    writer = _Writer(authority, pack, schools, year)
    page = Headlines(year)
    for rule in headlines_of(pack.content).sentences:
        try:
            page.written.append(writer.write(rule))
        except Missing as missing:
            page.not_written.append(NotWritten(rule.code, rule.key_stage, _capital(_topic(rule)), str(missing)))
    for source in HEADLINE_SOURCES:
        for found in source(authority, pack, schools, year):
            (page.written if isinstance(found, Sentence) else page.not_written).append(found)
    page.schools = len({row.school_id for rows in writer.rows.values() for row in rows if row.year == year and row.value is not None})
    return page


def _topic(rule: SentenceRule) -> str:
    return {
        "running": f"improvement in {rule.words}",
        "target": f"the authority's target: {rule.words}",
        "narrowed": f"the gap between {rule.words}",
        "best": f"best results {rule.words}",
        "standing": f"against England: {rule.words}",
        "closing": f"the gap to England {rule.words}",
        "floor": f"schools newly at {rule.words}",
        "below": f"schools below the new floor: {rule.words}",
    }[rule.kind]


@dataclass(frozen=True, slots=True)
class _Figure:
    """The authority's figure in one year."""

    value: Decimal
    pupils: int
    origin: str


@dataclass
class _Writer:
    authority: Authority
    pack: AuthorityPack
    schools: QuerySet[School]
    year: int

    @cached_property
    def rules(self) -> Sequence[SentenceRule]:
        return headlines_of(self.pack.content).sentences

    @cached_property
    def measures(self) -> dict[str, Measure]:
        part = measures_of(self.pack.content)
        return {code: part.measure(code) for rule in self.rules for code in (*rule.measures, *rule.also)}

    @cached_property
    def years(self) -> range:
        return range(self.year - YEARS + 1, self.year + 1)

    @cached_property
    def rows(self) -> dict[str, list[Row]]:
        return rows_of(self.schools, list(self.measures), self.years)

    @cached_property
    def sums(self) -> dict[str, dict[int, Together]]:
        return {code: together(self.rows.get(code, ()), measure) for code, measure in self.measures.items()}

    @cached_property
    def published(self) -> Mapping[tuple[str, str, int], Published]:
        return published(self.authority, list(self.measures.values()), self.years)

    @cached_property
    def is_whole(self) -> bool:
        """Whether these are all the schools of the authority."""
        return self.schools.count() >= School.objects.filter(authority=self.authority).count()

    @cached_property
    def exempt(self) -> set[int]:
        phases = measures_of(self.pack.content).floors_do_not_apply_to
        return set(self.schools.filter(phase__in=phases).values_list("pk", flat=True))

    # ------------------------------------------------------------ figures

    def figure(self, code: str, year: int) -> _Figure | None:
        """Computed from the schools' integers; else as published; else computed from rounded percentages. None where none is held."""
        own = self.sums[code].get(year)
        if own is not None and own.figure is not None and own.is_exact:
            return _Figure(own.figure, own.pupils, "")
        held = self.published.get((Level.AUTHORITY, code, year)) if self.is_whole else None
        if held is not None:
            return _Figure(held.value, own.pupils if own else 0, "published")
        if own is not None and own.figure is not None:
            return _Figure(own.figure, own.pupils, "from rounded figures")
        return None

    def need(self, code: str, year: int) -> _Figure:
        found = self.figure(code, year)
        if found is None:
            raise Missing(f"No figure of {AcademicYear(year)} for {self.measures[code].short_label} is held.")
        return found

    def national(self, code: str, year: int) -> Published:
        found = self.published.get((Level.NATIONAL, code, year))
        if found is None:
            raise Missing(f"No figure of England of {AcademicYear(year)} for {self.measures[code].short_label} is held.")
        return found

    def target(self, code: str) -> Decimal:
        found = self.published.get((Level.TARGET, code, self.year)) if self.is_whole else None
        if found is None:
            raise Missing(f"No target of the authority for summer {self.year + 1} and {self.measures[code].short_label} is held.")
        return found.value

    # ------------------------------------------------------------ sentences

    def write(self, rule: SentenceRule) -> Sentence:
        kinds: dict[str, Callable[[SentenceRule], Sentence]] = {
            "running": self._running,
            "target": self._target,
            "narrowed": self._narrowed,
            "best": self._best,
            "standing": self._standing,
            "closing": self._closing,
            "floor": self._floor,
            "below": self._below,
        }
        return kinds[rule.kind](rule)

    def _sentence(
        self, rule: SentenceRule, text: str, how: str, head: Sequence[str], rows: Sequence[Sequence[str]], caption: str
    ) -> Sentence:
        return Sentence(
            rule.code, rule.key_stage, f"{_capital(text)}.", how, head, rows, (*rule.measures, *rule.also), rule.source, caption
        )

    @property
    def summers(self) -> tuple[str, str, str]:
        return str(self.year - 1), str(self.year), str(self.year + 1)

    def _running(self, rule: SentenceRule) -> Sentence:
        rows, improved = [], 0
        for code in rule.measures:
            measure = self.measures[code]
            first, second, third = (self.need(code, year).value for year in (self.year - 2, self.year - 1, self.year))
            sign = 1 if measure.is_higher_better else -1
            better = (second - first) * sign > 0 and (third - second) * sign > 0
            improved += better
            rows.append([measure.short_label, *(_one(value) for value in (first, second, third)), "yes" if better else "no"])
        if not improved:
            raise Missing(f"None of the {len(rows)} {rule.words} improved in both years.")
        total = len(rows)
        whole = "all" if improved == total else f"{improved} out of"
        text = f"improved for the {ORDINALS[2]} year in succession in {whole} {total} {rule.words}"
        how = f"Counts those whose percentage rose in {self.summers[1]} and again in {self.summers[2]}, unrounded."
        return self._sentence(rule, text, how, ["", *self.summers, "Both years"], rows, "Percent of children")

    def _target(self, rule: SentenceRule) -> Sentence:
        code = rule.measures[0]
        measure, now, target = self.measures[code], self.need(code, self.year), self.target(code)
        over = round_half_up((now.value - target) * (1 if measure.is_higher_better else -1), 1)
        if over > 0:
            text = f"LA target met, and exceeded by {_points(over)}, for {rule.words}"
        elif over == 0:
            text = f"LA target met for {rule.words}"
        else:
            text = f"LA target missed by {_points(-over)} for {rule.words}"
        before = self.figure(code, self.year - 1)
        row = [measure.short_label, _one(before.value) if before else "", _one(target), _one(now.value), format_change(over, 1)]
        own = self.sums[code].get(self.year)
        how = (
            f"{format_number(own.reached)} of {own.pupils:,} children."
            if own and own.is_exact and own.pupils
            else f"{now.origin.capitalize()}."
        )
        return self._sentence(rule, text, how, ["", self.summers[1], "Target", self.summers[2], "Over"], [row], "Percent of children")

    def _narrowed(self, rule: SentenceRule) -> Sentence:
        code = rule.measures[0]
        now, before = self.need(code, self.year).value, self.need(code, self.year - 1).value
        change = round_half_up(now - before, 1)
        if change < 0:
            text = f"the gap between {rule.words} has narrowed by {_points(-change)}"
        elif change == 0:
            text = f"the gap between {rule.words} has stayed the same"
        else:
            text = f"the gap between {rule.words} has widened by {_points(change)}"
        row, head = [self.measures[code].short_label, _one(before), _one(now), format_change(change, 1)], ["", *self.summers[1:], "Change"]
        held = self.published.get((Level.TARGET, code, self.year)) if self.is_whole else None
        if held is not None:
            row.insert(2, _one(held.value))
            head.insert(2, "Target")
            if now > held.value:
                text += f", {'but ' if change < 0 else 'and '}is still wider than the target"
            else:
                text += ", and the target is met"
        return self._sentence(rule, text, "The lower the better; in percent.", head, [row], "Gap, percent")

    def _best(self, rule: SentenceRule) -> Sentence:
        best, rows, held = [], [], 0
        for code, name in zip(rule.measures, rule.names, strict=True):
            measure, now = self.measures[code], self.need(code, self.year)
            earlier = [(found.value, year) for year in self.years[:-1] if (found := self.figure(code, year)) is not None]
            if len(earlier) + 1 < FEWEST_FOR_BEST:
                raise Missing(f"Fewer than {FEWEST_FOR_BEST} years of {measure.short_label} are held: too few to call any the best.")
            held = max(held, len(earlier) + 1)
            top, year = max(earlier)
            if now.value > top:
                best.append(f"{name} ({format_number(now.value)}%)")
            rows.append([measure.short_label, f"{_one(top)} ({year + 1})", _one(now.value), format_change(now.value - top, 1)])
        if not best:
            raise Missing("None of them is higher than in every earlier year that is held.")
        ever = "best ever results" if held >= ENOUGH_FOR_EVER else f"best results of the {held} years held"
        text = f"{ever} {rule.words} in {_join(best)}"
        how = f"Highest of the {held} years held, to summer {self.year + 1}."
        return self._sentence(rule, text, how, ["", "Best before", self.summers[2], "Change"], rows, "Percent")

    def _standing(self, rule: SentenceRule) -> Sentence:
        """ "Now at": where it was lower the year before."""
        parts, rows = [], []
        within = headlines_of(self.pack.content).at_within
        for measures, name in ((rule.measures, rule.names[0]), (rule.also, rule.also_name)):
            if not measures:
                continue
            now, own, england = self._stands(measures, self.year, within)
            try:
                before = self._stands(measures, self.year - 1, within)[0]
            except Missing:
                before = now
            parts.append((now, now > before, name))
            rows.append([name[:1].upper() + name[1:], _one(own), _one(england), format_change(own - england, 1)])
        word = {1: "above", 0: "at", -1: "below"}
        said = [f"{'now ' if fresh else ''}{word[now]} {{}} for {name}" for now, fresh, name in parts]
        text = ", and ".join(part.format("it" if place else "the national standard") for place, part in enumerate(said))
        how = f"Mean of {rule.words}; within {format_number(within, 1)} of a point counts as at it."
        return self._sentence(rule, text, how, ["", "LA", "England", "Gap"], rows, f"Percent, mean of {rule.words}")

    def _stands(self, measures: Iterable[str], year: int, within: Decimal) -> tuple[int, Decimal, Decimal]:
        codes = list(measures)
        own = sum((self.need(code, year).value for code in codes), Decimal(0)) / len(codes)
        england = sum((self.national(code, year).value for code in codes), Decimal(0)) / len(codes)
        gap = own - england
        return (0 if abs(gap) <= within else 1 if gap > 0 else -1), own, england

    def _closing(self, rule: SentenceRule) -> Sentence:
        closed, rows = [], []
        for code, name in zip(rule.measures, rule.names, strict=True):
            gaps = []
            for year in (self.year - 1, self.year):
                gaps.append(round_half_up(self.need(code, year).value, 1) - self.national(code, year).value)
            before, now = gaps
            if before < 0 and now >= 0:
                closed.append((f"closed in {name}", name))
            elif before < 0 and now > before:
                closed.append((f"{_points(now - before)} in {name}", name))
            own = [_one(self.need(code, year).value) for year in (self.year - 1, self.year)]
            rows.append(
                [
                    _capital(name),
                    *own,
                    _one(self.national(code, self.year).value),
                    f"{format_change(now, 1)} (was {format_change(before, 1)})",
                ]
            )
        if not closed:
            raise Missing("The gap to England closed in none of them.")
        said = [words if words.startswith("closed") else f"by {words}" for words, _ in closed]
        text = f"{rule.words} the gap to England closed {_join([part.removeprefix('closed ') for part in said])}"
        how = "Where the authority is below England: the difference this year beside that of the year before."
        return self._sentence(
            rule, text, how, ["", f"LA {self.summers[1]}", f"LA {self.summers[2]}", "England", "Gap now"], rows, "Percent"
        )

    def _moves(self, code: str) -> tuple[FloorMoves, Decimal]:
        measure = self.measures[code]
        floors = [measure.floor(summer) for summer in (self.year, self.year + 1)]
        if floors[0] is None or floors[1] is None:
            raise Missing(f"There was no floor for {measure.short_label} in both summers.")
        moves = floor_moves(
            [row for row in self.rows.get(code, ()) if row.year >= self.year - 1], self.year, floors[1].value, floors[0].value, self.exempt
        )
        if not moves.compared:
            raise Missing(
                f"No school has results of both {AcademicYear(self.year - 1)} and {AcademicYear(self.year)} for {measure.short_label}."
            )
        return moves, floors[1].value

    def _floor(self, rule: SentenceRule) -> Sentence:
        moves, floor = self._moves(rule.measures[0])
        number = abs(moves.net)
        schools = "school" if number == 1 else "schools"
        if moves.net > 0:
            text = f"another {number} {schools} achieved {rule.words}"
        elif moves.net < 0:
            text = f"{number} fewer {schools} achieved {rule.words}"
        else:
            text = f"as many schools as the year before achieved {rule.words}"
        how = f"{len(moves.risen)} rose to it and {len(moves.fallen)} fell below, of {moves.compared} with results of both years."
        row = [_capital(rule.names[0]), str(moves.above_before), str(moves.above_now), format_change(Decimal(moves.net))]
        return self._sentence(rule, text, how, ["", *self.summers[1:], "Change"], [row], f"Schools at or above {format_number(floor)}%")

    def _below(self, rule: SentenceRule) -> Sentence:
        code = rule.measures[0]
        measure = self.measures[code]
        floor = measure.floor(rule.floor_summer or 0)
        if floor is None:
            raise Missing(f"The pack has no floor of summer {rule.floor_summer} for {measure.short_label}.")
        counts = []
        for year in (self.year - 1, self.year):
            known = [
                row for row in self.rows.get(code, ()) if row.year == year and row.value is not None and row.school_id not in self.exempt
            ]
            if not known:
                raise Missing(f"No school has a result of {AcademicYear(year)} for {measure.short_label}.")
            counts.append((sum(1 for row in known if row.value is not None and row.value < floor.value), len(known)))
        (before, _), (now, known_now) = counts
        verb = "school is" if now == 1 else "schools are"
        text = f"{now if now else 'no'} {verb} below the new floor of {format_number(floor.value)}% in {rule.words}"
        how = f"Of {known_now} schools with a result."
        row = [_capital(rule.names[0]), str(before), str(now), format_change(Decimal(now - before))]
        return self._sentence(rule, text, how, ["", *self.summers[1:], "Change"], [row], f"Schools below {format_number(floor.value)}%")


# ---------------------------------------------------------------- words


def _one(value: Decimal) -> str:
    return format_number(value, 1)


def _points(value: Decimal) -> str:
    rounded = round_half_up(value, 1)
    places = 0 if rounded == rounded.to_integral_value() else 1
    return f"{format_number(rounded, places)} {'point' if rounded == 1 else 'points'}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _join(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
