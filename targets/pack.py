"""The parts of a pack that ``targets`` owns: measures with their floors, target sets, and the dictionary of facts.

A *summer* is the calendar year in which pupils were assessed: summer 2008 is academic year 2007/08 (see the pack's README).
Every rule of every part is checked here against the dictionary, since most facts are measures: a rule on a fact that nobody
defines would never fire, and nobody would know.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, cast

from core.packs import PackContent, PackSection, PartMissing, Problems, Table
from schools.choices import Phase as SchoolPhase

KINDS: Final = ("percent", "points", "score", "rate")
ANY: Final = "any"


@dataclass(frozen=True)
class Phase:
    code: str
    label: str


@dataclass(frozen=True)
class Floor:
    """The national minimum for one summer, in the measure's own unit."""

    summer: int
    value: Decimal
    source: str


@dataclass(frozen=True)
class NationalFigure:
    """England's figure for one summer; figures of different ``basis`` are never charted on one line."""

    summer: int
    value: Decimal
    basis: str
    group: str
    source: str


@dataclass(frozen=True)
class Measure:
    """Something counted about a school for a year. ``unit`` is "%", "points" or "per 100 pupils"."""

    code: str
    label: str
    short_label: str
    unit: str
    kind: str
    key_stage: str
    subject: str
    is_higher_better: bool
    decimals: int
    phases: tuple[str, ...]
    groups: tuple[str, ...]
    dataset: str
    definition: str
    floors: tuple[Floor, ...]
    national: tuple[NationalFigure, ...]
    statutory_summers: tuple[int, ...]
    has_interval: bool
    is_collected: bool
    from_summer: int | None

    def floor(self, summer: int) -> Floor | None:
        """The floor of that summer; None where there was none. Whether floors apply to a school's phase is another question."""
        return next((floor for floor in self.floors if floor.summer == summer), None)


@dataclass(frozen=True)
class PupilGroup:
    code: str
    label: str
    level: str
    compared_with: str


@dataclass(frozen=True)
class MeasuresPart:
    """``smallest_cohort``: a figure of fewer pupils is kept as suppressed. Similar schools are those of one of ``similar_bands`` by
    share of pupils eligible for free school meals; their median is told of ``similar_least`` schools or more."""

    phases: tuple[Phase, ...]
    phase_groups: Mapping[str, tuple[str, ...]]
    floors_do_not_apply_to: tuple[str, ...]
    groups: tuple[PupilGroup, ...]
    measures: tuple[Measure, ...]
    smallest_cohort: int = 1
    similar_bands: int = 5
    similar_least: int = 3

    def measure(self, code: str) -> Measure:
        """Raises KeyError."""
        for measure in self.measures:
            if measure.code == code:
                return measure
        raise KeyError(code)

    def for_phase(self, phase: str) -> tuple[Measure, ...]:
        """The measures that pupils of a school of this phase are old enough for (domain.md §2)."""
        return tuple(measure for measure in self.measures if phase in measure.phases)

    def in_groups(self, phase: str, groups: tuple[str, ...]) -> bool:
        """Whether a school of this phase is in any of these groups of phases; ``any`` is every school."""
        return ANY in groups or any(phase in self.phase_groups.get(group, ()) for group in groups)

    @property
    def phase_codes(self) -> tuple[str, ...]:
        return tuple(phase.code for phase in self.phases)


@dataclass(frozen=True)
class TargetSet:
    """Measures for which targets are set together. ``summer`` is the one aimed at; ``deadline_on`` the date for setting them.

    A set with ``withdrawn_on`` is kept and marked from that day on; one of the authority's own has ``level`` "authority".
    """

    code: str
    label: str
    summer: int
    set_in_academic_year: int
    is_statutory: bool
    is_optional: bool
    is_zero_rated: bool
    phases: tuple[str, ...]
    measures: tuple[str, ...]
    deadline_on: dt.date
    level: str
    group: str
    year_group: int | None
    withdrawn_on: dt.date | None
    needs_attachment: bool
    source: str


@dataclass(frozen=True)
class TargetFlag:
    """A rule on one proposed target; where it ``needs_rationale`` a reason of at least ``rationale_words`` words is owed."""

    code: str
    severity: str
    rule: Mapping[str, Any]
    message: str
    needs_rationale: bool
    rationale_words: int
    measures: tuple[str, ...]
    except_measures: tuple[str, ...]
    notify: tuple[str, ...]
    source: str
    title: str = ""


@dataclass(frozen=True)
class Signature:
    role: str
    order: int
    statement: str


@dataclass(frozen=True)
class Milestone:
    """A date of the round; ``day`` and ``month`` of the academic year in which targets are set. ``who`` is asked for it."""

    code: str
    label: str
    month: int
    day: int
    who: str

    def on(self, academic_year: int) -> dt.date:
        return dt.date(academic_year if self.month >= 9 else academic_year + 1, self.month, self.day)


@dataclass(frozen=True)
class Progression:
    """From prior levels (rows) to outcomes (columns), each lowest first. ``reached`` is the outcome that the main measure asks for,
    ``expected`` by prior level the least outcome that is the progress expected; ``national`` the per cent that reach, where known."""

    code: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    reached: str
    expected: Mapping[str, str]
    national: Mapping[str, Decimal]


@dataclass(frozen=True)
class TargetsPart:
    sets: tuple[TargetSet, ...]
    flags: tuple[TargetFlag, ...]
    signatures: tuple[Signature, ...]
    milestones: tuple[Milestone, ...] = ()
    progression: tuple[Progression, ...] = ()

    def sets_for(self, phase: str, academic_year: int, *, on: dt.date | None = None) -> tuple[TargetSet, ...]:
        """The schools' sets that a school of this phase sets in this year, in the pack's order.

        With ``on``, those withdrawn by that day are left out.
        """
        return tuple(
            found
            for found in self.sets
            if phase in found.phases
            and found.set_in_academic_year == academic_year
            and found.level == "school"
            and not (on is not None and found.withdrawn_on is not None and found.withdrawn_on <= on)
        )

    def set(self, code: str) -> TargetSet:
        """Raises KeyError."""
        for found in self.sets:
            if found.code == code:
                return found
        raise KeyError(code)


@dataclass(frozen=True)
class FactEntry:
    """A named figure that rules may use. ``type``: number, percent, pounds, date, boolean, code or set."""

    code: str
    type: str
    owner: str
    definition: str


@dataclass(frozen=True)
class FactsPart:
    suffixes: Mapping[str, str]
    school: Mapping[str, FactEntry]
    target: Mapping[str, FactEntry]

    def knows(self, code: str, measures: MeasuresPart) -> bool:
        """Whether a rule may name it: a school or target fact; or a measure, perhaps with a group, perhaps with a suffix."""
        if code in self.school or code in self.target:
            return True
        groups = {group.code for group in measures.groups}
        for measure in measures.measures:
            if code == measure.code:
                return True
            if code.startswith(f"{measure.code}."):
                rest = code[len(measure.code) + 1 :]
                group, _, suffix = rest.partition(".")
                if rest in self.suffixes or (group in groups and (not suffix or suffix in self.suffixes)):
                    return True
        return False


def measures_of(content: PackContent) -> MeasuresPart:
    return cast(MeasuresPart, content.section("measures"))


def targets_of(content: PackContent) -> TargetsPart:
    return cast(TargetsPart, content.section("targets"))


def facts_of(content: PackContent) -> FactsPart:
    return cast(FactsPart, content.section("facts"))


# ---------------------------------------------------------------- measures


def parse_measures(table: Table) -> MeasuresPart:
    table.wholes("summers")
    suppression = table.table("suppression")
    suppression.text("note", "")
    smallest = suppression.whole("smallest_cohort_shown", least=1)
    table.mapping("small_cohort")
    phases = tuple(Phase(entry.choice("code", SchoolPhase.values), entry.text("label")) for entry in table.tables("phase", least=1))
    codes = [phase.code for phase in phases]
    grouped = table.table("phase_groups")
    phase_groups = {name: grouped.texts(name) for name in grouped.names()}
    groups = tuple(
        PupilGroup(entry.text("code"), entry.text("label"), entry.choice("level", ("school", "authority")), entry.text("compared_with", ""))
        for entry in table.tables("group", least=1)
    )
    sources = {entry.text("code"): (entry.text("label"), entry.text("standing")) for entry in table.tables("source")}
    measures = tuple(_parse_measure(entry, list(sources)) for entry in table.tables("measure", least=1))
    similar = table.table("similar")
    bands, least = similar.whole("bands", least=2), similar.whole("least", least=1)
    part = MeasuresPart(phases, phase_groups, table.texts("floors_do_not_apply_to", ()), groups, measures, smallest, bands, least)
    known = {group.code for group in groups}
    for name, members in phase_groups.items():
        table.problems.need(members, codes, f"'phase_groups', {name!r}", "phase")
    table.problems.need(part.floors_do_not_apply_to, codes, "'floors_do_not_apply_to'", "phase")
    for measure in measures:
        table.problems.need(measure.phases, codes, f"measure {measure.code!r}, 'phases'", "phase")
        table.problems.need(measure.groups, known, f"measure {measure.code!r}, 'groups'", "group")
    return part


def _parse_measure(entry: Table, sources: list[str]) -> Measure:
    floors = []
    for row in entry.tables("floor", name=None):
        row.text("note", "")
        floors.append(Floor(row.whole("summer"), row.decimal("value"), row.choice("source", sources)))
    national = [
        NationalFigure(
            row.whole("summer"), row.decimal("value"), row.text("basis"), row.text("group", "all"), row.choice("source", sources)
        )
        for row in entry.tables("national", name=None)
    ]
    summers = [floor.summer for floor in floors]
    if len(set(summers)) != len(summers):
        entry.problem("has two floors for one summer. Keep one.", "floor")
    entry.optional_whole("tests_end_summer")
    return Measure(
        code=entry.text("code"),
        label=entry.text("label"),
        short_label=entry.text("short_label"),
        unit=entry.text("unit"),
        kind=entry.choice("kind", KINDS),
        key_stage=entry.text("key_stage"),
        subject=entry.text("subject"),
        is_higher_better=entry.flag("higher_is_better"),
        decimals=entry.whole("decimals", least=0, most=4),
        phases=entry.texts("phases"),
        groups=entry.texts("groups"),
        dataset=entry.text("dataset"),
        definition=entry.text("definition"),
        floors=tuple(floors),
        national=tuple(national),
        statutory_summers=entry.wholes("statutory_summers"),
        has_interval=entry.flag("has_interval", False),
        is_collected=entry.flag("collected", True),
        from_summer=entry.optional_whole("from_summer"),
    )


# ---------------------------------------------------------------- target sets


def parse_targets(table: Table) -> TargetsPart:
    table.mapping("cycle")
    milestones = []
    for entry in table.tables("milestone"):
        entry.ignore("standing")
        milestones.append(
            Milestone(
                entry.text("code"),
                entry.text("label"),
                entry.whole("month", least=1, most=12),
                entry.whole("day", least=1, most=31),
                entry.text("who"),
            )
        )
    signatures = []
    for entry in table.tables("signature", name="role"):
        entry.ignore("named", "dated")
        signatures.append(Signature(entry.text("role"), entry.whole("order", least=1), entry.text("statement")))
    sets = tuple(_parse_set(entry) for entry in table.tables("set", least=1))
    flags = tuple(
        TargetFlag(
            code=entry.text("code"),
            severity=entry.choice("severity", ("blocks", "warns", "advises")),
            rule=entry.mapping("rule"),
            message=entry.text("message"),
            needs_rationale=entry.flag("needs_rationale"),
            rationale_words=entry.whole("rationale_words", 0, least=0),
            measures=entry.texts("measures", ()),
            except_measures=entry.texts("except_measures", ()),
            notify=entry.texts("notify", ()),
            source=entry.text("source"),
            title=entry.text("title", entry.text("code").replace("-", " ").capitalize()),
        )
        for entry in _flag_tables(table)
    )
    return TargetsPart(
        sets, flags, tuple(sorted(signatures, key=lambda s: s.order)), tuple(milestones), tuple(_matrices(table.table("progression")))
    )


def _matrices(table: Table) -> Iterator[Progression]:
    table.ignore("question", "expected", "prompts", "source")
    for entry in table.tables("matrices"):
        entry.ignore("from", "to")
        found = Progression(
            code=entry.text("code"),
            rows=entry.texts("rows"),
            columns=entry.texts("columns"),
            reached=entry.text("reached"),
            expected=dict(entry.mapping("needs")),
            national={level: Decimal(str(share)) for level, share in entry.mapping("national", {}).items()},
        )
        if found.reached not in found.columns:
            entry.problem(f"is {found.reached!r}, which is none of the columns. Correct one.", "reached")
        if set(found.expected) != set(found.rows) or not set(found.expected.values()) <= set(found.columns):
            entry.problem("does not name one of the columns for each of the rows, and for no other. Correct it.", "needs")
        yield found


def _flag_tables(table: Table) -> Iterator[Table]:
    for entry in table.tables("flag"):
        entry.ignore("written_for")
        yield entry


def _parse_set(entry: Table) -> TargetSet:
    found = TargetSet(
        code=entry.text("code"),
        label=entry.text("label"),
        summer=entry.whole("summer", least=1990, most=2199),
        set_in_academic_year=entry.whole("set_in_academic_year", least=1990, most=2199),
        is_statutory=entry.flag("statutory"),
        is_optional=entry.flag("optional", False),
        is_zero_rated=entry.flag("zero_rated", False),
        phases=entry.texts("phases"),
        measures=entry.texts("measures"),
        deadline_on=entry.date("deadline"),
        level=entry.choice("level", ("school", "authority"), "school"),
        group=entry.text("group", "all"),
        year_group=entry.optional_whole("year_group", least=0, most=13),
        withdrawn_on=entry.optional_date("withdrawn_on"),
        needs_attachment=entry.flag("attachment_required", False),
        source=entry.text("source"),
    )
    if found.summer <= found.set_in_academic_year:
        entry.problem(f"is {found.summer}, which is over when the targets are set ({found.set_in_academic_year}). Correct one.", "summer")
    year = dt.date(found.set_in_academic_year, 9, 1), dt.date(found.set_in_academic_year + 1, 8, 31)
    if found.deadline_on != dt.date.min and not year[0] <= found.deadline_on <= year[1]:
        entry.problem(f"is {found.deadline_on}, outside the academic year in which the targets are set. Correct one.", "deadline")
    return found


def validate_targets(part: TargetsPart, content: PackContent, problems: Problems) -> None:
    measures = measures_of(content)
    codes = [measure.code for measure in measures.measures]
    for found in part.sets:
        problems.need(found.measures, codes, f"set {found.code!r}, 'measures'", "measure")
        problems.need(found.phases, measures.phase_codes, f"set {found.code!r}, 'phases'", "phase")
        problems.need([found.group], [group.code for group in measures.groups], f"set {found.code!r}, 'group'", "group")
    for flag in part.flags:
        problems.need((*flag.measures, *flag.except_measures), codes, f"flag {flag.code!r}", "measure")


# ---------------------------------------------------------------- facts, and every rule that names one

FACT_TYPES: Final = ("number", "percent", "pounds", "date", "boolean", "code", "set")
COMPARES: Final = ("<", "<=", ">", ">=", "==", "!=", "in", "not in", "has")
KNOWS: Final = ("known", "unknown")
COMBINES: Final = ("all", "any", "at_least", "of", "not", "rule", "class")


def parse_facts(table: Table) -> FactsPart:
    suffixes = {entry.text("code"): entry.text("definition") for entry in table.tables("suffix", least=1)}
    return FactsPart(suffixes, _parse_entries(table.table("school")), _parse_entries(table.table("target")))


def _parse_entries(table: Table) -> Mapping[str, FactEntry]:
    found = {}
    for code in table.names():
        row = table.raw[code]
        table.ignore(code)
        if not (isinstance(row, list) and len(row) == 3 and all(isinstance(cell, str) for cell in row)):
            table.problem("is not written as [type, owner, definition]. Give the three texts.", code)
            continue
        if row[0] not in FACT_TYPES:
            table.problem(f"is of the type {row[0]!r}. Give one of: {', '.join(FACT_TYPES)}.", code)
        found[code] = FactEntry(code, *row)
    return found


def validate_facts(facts: FactsPart, content: PackContent, problems: Problems) -> None:
    """Walk every part: each comparison names a fact that exists, each combination is well made, each setting is there."""
    try:
        measures = measures_of(content)
    except PartMissing:
        return
    for name, part in content.parts.items():
        check_rules(part, facts, measures, content, problems.of(name))


def check_rules(value: Any, facts: FactsPart, measures: MeasuresPart, content: PackContent, problems: Problems) -> None:
    """The same of any rules written in the pack's grammar, wherever they stand."""
    settings = {setting.name for setting in content.settings}
    for where, leaf in _leaves(value, ""):
        _check_leaf(leaf, where, facts, measures, settings, problems)


def _leaves(value: Any, where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each table that is a comparison or an at-least within a part, with the entry that it stands in.

    What a check calls its ``test`` is no rule: its parameters are its engine's own.
    """
    if isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, where)
        return
    if not isinstance(value, dict):
        return
    if ("fact" in value and "op" in value) or "at_least" in value:
        yield where, value
    for key, inner in value.items():
        if isinstance(inner, list):
            for number, entry in enumerate(inner, start=1):
                code = entry.get("code") if isinstance(entry, dict) else None
                named = f"{key} {code!r}" if isinstance(code, str) else "" if key in COMBINES else f"{key} number {number}"
                yield from _leaves(entry, _place(where, named))
        elif key != "test":
            yield from _leaves(inner, _place(where, "" if key in COMBINES else repr(key)))


def _place(where: str, inner: str) -> str:
    return ", ".join(part for part in (where, inner) if part)


def _check_leaf(
    leaf: Mapping[str, Any], where: str, facts: FactsPart, measures: MeasuresPart, settings: set[str], problems: Problems
) -> None:
    if "at_least" in leaf:
        of, least = leaf.get("of"), leaf["at_least"]
        if not isinstance(of, list) or not isinstance(least, int) or not 1 <= least <= len(of):
            problems.add(where, f"asks for at least {least!r} of a list that cannot give as many. Correct 'at_least' or 'of'.")
        return
    for key in ("fact", "than"):
        code = leaf.get(key)
        if code is not None and not (isinstance(code, str) and facts.knows(code, measures)):
            problems.add(where, f"names the fact {code!r}, which facts.toml and measures.toml do not define. Correct or define it.")
    op, right = leaf["op"], [key for key in ("value", "than", "setting") if key in leaf]
    if op in KNOWS:
        wrong = bool(right)
    elif op in COMPARES:
        wrong = len(right) != 1
    else:
        problems.add(where, f"compares with {op!r}. Give one of: {', '.join((*COMPARES, *KNOWS))}.")
        return
    if wrong:
        need = "nothing" if op in KNOWS else "one of value, than and setting"
        problems.add(where, f"compares {leaf['fact']!r} by {op!r} with {len(right)} things. It takes {need}.")
    if "setting" in leaf:
        problems.need([str(leaf["setting"])], settings, where, "setting")
    extra = set(leaf) - {"fact", "op", "value", "than", "setting", "plus", "phases"}
    if extra:
        problems.add(where, f"holds {', '.join(sorted(extra))}, which a comparison does not take. Take it out.")


MEASURES: Final = PackSection("measures", parse_measures)
TARGETS: Final = PackSection("targets", parse_targets, validate_targets)
FACTS: Final = PackSection("facts", parse_facts, validate_facts)
