"""The part of a pack that ``support`` owns: schemes with their levels, concern classes, priorities, milestones.

What a rule means is the engine's; here rules are kept as they are written and only their references are checked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from core.numbers import quarters
from core.packs import PackContent, PackSection, Problems, Table
from targets.pack import ANY, facts_of, measures_of

SHAPES: Final = ("circle", "diamond", "triangle", "square")
COLOURS: Final = ("green", "blue", "orange", "red")


@dataclass(frozen=True)
class CategoryOption:
    """One level of a scheme, as a note offers it. ``rank`` 1 is the least support; ``days`` in quarters a year."""

    code: str
    label: str
    rank: int
    days: int
    visits: int
    colour: str
    shape: str
    entitles: str


@dataclass(frozen=True)
class SchemeRule:
    code: str
    label: str
    rule: Mapping[str, Any]


@dataclass(frozen=True)
class Scheme:
    """A named set of support criteria. ``levels`` from the most support to the least; ``rules`` by the name that levels use.

    With fewer known facts than ``minimum_facts`` a person decides (domain.md §6); schools of ``outside_phases`` are outside
    the scheme. ``raw`` is how it was written, which a draft begins from.
    """

    code: str
    label: str
    status: str
    starts_on: dt.date
    otherwise: str
    levels: tuple[CategoryOption, ...]
    rules: tuple[SchemeRule, ...]
    level_rules: Mapping[str, Mapping[str, Any]]
    character: str
    supersedes: str
    three_year_mean_below: Mapping[str, Any] | None
    lightest_while_concern_open: str
    minimum_facts: int
    outside_phases: tuple[str, ...]
    when_unknown: str
    raw: Mapping[str, Any]

    def level(self, code: str) -> CategoryOption:
        """Raises KeyError."""
        for level in self.levels:
            if level.code == code:
                return level
        raise KeyError(code)


@dataclass(frozen=True)
class ConcernClass:
    """A national class of schools causing concern (P13). ``computed`` suggests; a person decides."""

    code: str
    label: str
    computed: Mapping[str, Any]
    closes_when: Mapping[str, Any] | str
    decided: tuple[str, ...]
    replaces: tuple[str, ...]
    is_only_suggested: bool
    stays_with_others: bool


@dataclass(frozen=True)
class Priority:
    """A computed reason to look at a school this year (P24), with the facts to show beside it."""

    code: str
    order: int
    label: str
    phase_groups: tuple[str, ...]
    rule: Mapping[str, Any]
    show: tuple[str, ...]


@dataclass(frozen=True)
class Milestone:
    """A core element of the single plan (P14) or of tracking (P15)."""

    code: str
    group: str
    label: str
    in_place_when: str
    evidence: tuple[str, ...]
    due_weeks: int


@dataclass(frozen=True)
class Power:
    """A power of intervention that the law gives the authority, in the portal's words (EIA 2006 s.60 to s.66)."""

    code: str
    label: str
    law: str


@dataclass(frozen=True)
class SupportPart:
    schemes: tuple[Scheme, ...]
    concern_classes: tuple[ConcernClass, ...]
    priorities: tuple[Priority, ...]
    milestones: tuple[Milestone, ...]
    powers: tuple[Power, ...]
    duties: tuple[str, ...]
    decision: Mapping[str, Any]
    concern: Mapping[str, Any]

    def concern_class(self, code: str) -> ConcernClass | None:
        return next((found for found in self.concern_classes if found.code == code), None)

    @property
    def notice_days(self) -> int:
        """Working days of the initial period of a warning notice; 0 where the pack gives none."""
        return int(dict(self.concern.get("warning_notice") or {}).get("initial_working_days", 0))

    @property
    def panel_members_least(self) -> int:
        return int(self.decision["panel_members_least"])

    def scheme(self, code: str) -> Scheme:
        """Raises KeyError."""
        for scheme in self.schemes:
            if scheme.code == code:
                return scheme
        raise KeyError(code)

    def scheme_on(self, on: dt.date) -> Scheme:
        """The published scheme in force on a day: the latest to have started, else the first."""
        published = [scheme for scheme in self.schemes if scheme.status == "published"]
        started = [scheme for scheme in published if scheme.starts_on <= on]
        return max(started, key=lambda scheme: scheme.starts_on) if started else published[0]

    def categories_on(self, on: dt.date) -> tuple[CategoryOption, ...]:
        """What a note may propose on that day, from the least support to the most."""
        return tuple(sorted(self.scheme_on(on).levels, key=lambda level: level.rank))


def support_of(content: PackContent) -> SupportPart:
    return cast(SupportPart, content.section("support"))


def parse_support(table: Table) -> SupportPart:
    schemes = tuple(parse_scheme(entry) for entry in table.tables("scheme", least=1))
    if not any(scheme.status == "published" for scheme in schemes):
        table.problem("has no published scheme. Give one the status 'published'.", "scheme")
    classes = tuple(_parse_class(entry) for entry in table.tables("concern_class", least=1))
    priorities = tuple(
        Priority(
            entry.text("code"),
            entry.whole("order", least=1),
            entry.text("label"),
            entry.texts("phase_groups"),
            entry.mapping("rule"),
            entry.texts("show"),
        )
        for entry in table.tables("priority")
    )
    milestones = tuple(
        Milestone(
            entry.text("code"),
            entry.choice("group", ("core", "tracking")),
            entry.text("label"),
            entry.text("in_place_when"),
            entry.texts("evidence"),
            entry.whole("due_weeks", least=1),
        )
        for entry in table.tables("milestone")
    )
    powers = tuple(Power(entry.text("code"), entry.text("label"), entry.text("law")) for entry in table.tables("power"))
    duties = tuple(entry.text("text") for entry in table.tables("sip_duty", name=None))
    table.mapping("milestones")
    return SupportPart(
        schemes,
        classes,
        tuple(sorted(priorities, key=lambda p: p.order)),
        milestones,
        powers,
        duties,
        table.mapping("decision"),
        table.mapping("concern"),
    )


def parse_scheme(entry: Table) -> Scheme:
    """One scheme, of a pack or of a draft in the portal: both are written in the same words."""
    levels: list[CategoryOption] = []
    level_rules: dict[str, Mapping[str, Any]] = {}
    for row in entry.tables("level", least=2):
        mark = row.table("mark")
        days = row.decimal("days")
        level = CategoryOption(
            code=row.text("code"),
            label=row.text("label"),
            rank=row.whole("rank", least=1, most=9),
            days=_in_quarters(row, days),
            visits=row.whole("visits", least=0),
            colour=mark.choice("colour", COLOURS),
            shape=mark.choice("shape", SHAPES),
            entitles=row.text("entitles"),
        )
        rule = row.optional_mapping("rule")
        if rule is not None:
            level_rules[level.code] = rule
        levels.append(level)
    ranks = [level.rank for level in levels]
    if len(set(ranks)) != len(ranks):
        entry.problem("has two levels of one rank. Give each its own.", "level")
    entry.choice("evaluate", ("heaviest-first",))
    scheme = Scheme(
        code=entry.text("code"),
        label=entry.text("label"),
        status=entry.choice("status", ("published", "draft")),
        starts_on=entry.date("from"),
        otherwise=entry.choice("otherwise", [level.code for level in levels]),
        levels=tuple(sorted(levels, key=lambda level: -level.rank)),
        rules=tuple(SchemeRule(row.text("code"), row.text("label"), row.mapping("rule")) for row in entry.tables("rule")),
        level_rules=level_rules,
        character=entry.text("character"),
        supersedes=entry.text("supersedes", ""),
        three_year_mean_below=entry.optional_mapping("three_year_mean_below"),
        lightest_while_concern_open=entry.text("lightest_while_concern_open", ""),
        minimum_facts=entry.whole("minimum_facts", 0, least=0, most=99),
        outside_phases=entry.texts("outside_phases", ()),
        when_unknown=entry.text("when_unknown"),
        raw=entry.raw,
    )
    for level in levels:
        if level.code not in level_rules and level.code != scheme.otherwise:
            entry.problem(f"gives no rule for the level {level.code!r}, which is not what it falls back on. Write its rule.", "level")
    return scheme


def _in_quarters(row: Table, days: Any) -> int:
    try:
        return quarters(days)
    except ValueError as error:
        row.problem(str(error), "days")
        return 0


def _parse_class(entry: Table) -> ConcernClass:
    closes: Mapping[str, Any] | str
    closes = entry.text("closes_when") if isinstance(entry.raw.get("closes_when"), str) else entry.mapping("closes_when")
    return ConcernClass(
        code=entry.text("code"),
        label=entry.text("label"),
        computed=entry.mapping("computed"),
        closes_when=closes,
        decided=entry.texts("decided"),
        replaces=entry.texts("replaces", ()),
        is_only_suggested=entry.flag("computed_only_suggests", False),
        stays_with_others=entry.flag("stays_with_others", False),
    )


def named_in(rule: Any, kind: str) -> Iterator[str]:
    """The rules (or classes) that a rule uses by name."""
    if isinstance(rule, Mapping):
        for key, inner in rule.items():
            if key == kind and isinstance(inner, str):
                yield inner
            else:
                yield from named_in(inner, kind)
    elif isinstance(rule, list):
        for inner in rule:
            yield from named_in(inner, kind)


def validate_scheme(scheme: Scheme, content: PackContent, problems: Problems) -> None:
    """That the rules, levels, phases and settings which a scheme names are there."""
    where, own = f"scheme {scheme.code!r}", [rule.code for rule in scheme.rules]
    for rule in scheme.rules:
        problems.need(named_in(rule.rule, "rule"), own, f"{where}, rule {rule.code!r}", "rule")
    for level, text in scheme.level_rules.items():
        problems.need(named_in(text, "rule"), own, f"{where}, level {level!r}", "rule")
    lightest = [scheme.lightest_while_concern_open] if scheme.lightest_while_concern_open else []
    problems.need(lightest, [level.code for level in scheme.levels], where, "level")
    problems.need(scheme.outside_phases, measures_of(content).phase_codes, f"{where}, 'outside_phases'", "phase")
    if scheme.three_year_mean_below is not None:
        named = str(scheme.three_year_mean_below.get("setting"))
        problems.need([named], [s.name for s in content.settings], f"{where}, 'three_year_mean_below'", "setting")


def validate_support(part: SupportPart, content: PackContent, problems: Problems) -> None:
    measures, facts = measures_of(content), facts_of(content)
    codes = [scheme.code for scheme in part.schemes]
    classes = [found.code for found in part.concern_classes]
    for scheme in part.schemes:
        validate_scheme(scheme, content, problems)
        problems.need([scheme.supersedes] if scheme.supersedes else [], codes, f"scheme {scheme.code!r}, 'supersedes'", "scheme")
    for found in part.concern_classes:
        problems.need(named_in(found.computed, "class"), classes, f"concern_class {found.code!r}", "class")
        problems.need(found.replaces, classes, f"concern_class {found.code!r}, 'replaces'", "class")
    for priority in part.priorities:
        problems.need(priority.phase_groups, [ANY, *measures.phase_groups], f"priority {priority.code!r}", "group of phases")
        for code in priority.show:
            if not facts.knows(code, measures):
                problems.add(f"priority {priority.code!r}, 'show'", f"names the fact {code!r}, which is not defined. Correct the code.")


SUPPORT: Final = PackSection("support", parse_support, validate_support)
