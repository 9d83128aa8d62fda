"""Rules over facts: one grammar wherever policy decides by figures (``facts.toml`` of a pack says it in words).

A rule is compiled once from its written form and then asked: of all subjects of a table at once (:meth:`Rule.column`), or of
one (:meth:`Rule.truth`). It is *true*, *false*, *unknown* (a
figure is missing or suppressed: it never counts as true) or *not applicable* (it falls out of the combination that
holds it). :meth:`Rule.truth` is the fast question; :meth:`Rule.explain` also says which comparisons made it so.
"""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from .facts import FactTable, FactValue, Standing

if TYPE_CHECKING:
    from .columns import Truths

Facts = Callable[[str], FactValue]
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
PHASE: Final = "school.phase"
"""What a comparison's own ``phases`` are held against."""


class Truth(Enum):
    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"


ORDER: Final = (Truth.TRUE, Truth.FALSE, Truth.UNKNOWN, Truth.NOT_APPLICABLE)
"""What the numbers of :meth:`Rule.column` stand for."""


class BadRule(ValueError):
    """A rule that cannot be compiled; packs are checked when they are loaded, drafts when they are saved."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison as it came out: the fact, its value, and what it was held against (a number, or another fact)."""

    leaf: Comparison
    truth: Truth
    left: FactValue
    right: FactValue | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts for want of which it is unknown."""
        pairs = ((self.leaf.fact, self.left), (self.leaf.than, self.right))
        return tuple(code for code, value in pairs if value is not None and value.standing in (Standing.UNKNOWN, Standing.SUPPRESSED))


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a rule came out as it did: ``because`` are the comparisons that decided it, ``left_out`` those that do not apply."""

    truth: Truth
    because: tuple[Compared, ...]
    left_out: tuple[Compared, ...]


class Rule:
    """A compiled rule."""

    def truth(self, facts: Facts) -> Truth:
        raise NotImplementedError  # pragma: no cover - each kind has its own

    def explain(self, facts: Facts) -> Finding:
        raise NotImplementedError  # pragma: no cover

    def column(self, table: FactTable) -> Truths:
        """The truth of every subject at once, in the table's order; :data:`ORDER` says what each number means."""
        raise NotImplementedError  # pragma: no cover

    def leaves(self) -> Iterator[Comparison]:
        raise NotImplementedError  # pragma: no cover

    def codes(self) -> set[str]:
        """Every fact that it names."""
        found = set()
        for leaf in self.leaves():
            found |= {leaf.fact, *([leaf.than] if leaf.than else []), *([PHASE] if leaf.phases else [])}
        return found


ORDERED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
MEMBER: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
    "has": lambda left, right: right in left,
}


@dataclass(frozen=True)
class Comparison(Rule):
    fact: str
    op: str
    value: Any = None
    than: str = ""
    plus: Decimal = Decimal(0)
    phases: tuple[str, ...] = ()
    setting: str = ""

    def truth(self, facts: Facts) -> Truth:
        return self._compare(facts)[0]

    def _compare(self, facts: Facts) -> tuple[Truth, FactValue, FactValue | None]:
        left = facts(self.fact)
        right = facts(self.than) if self.than else None
        return self._held(left, right, facts(PHASE) if self.phases else None), left, right

    def _held(self, left: FactValue, right: FactValue | None, phase: FactValue | None) -> Truth:
        if phase is not None and phase.is_figure and phase.value not in self.phases:
            return Truth.NOT_APPLICABLE
        if left.standing is Standing.DOES_NOT_APPLY or (right is not None and right.standing is Standing.DOES_NOT_APPLY):
            return Truth.NOT_APPLICABLE
        is_known = left.standing is Standing.FIGURE and (right is None or right.standing is Standing.FIGURE)
        if self.op in ("known", "unknown"):
            return Truth.TRUE if is_known == (self.op == "known") else Truth.FALSE
        if not is_known:
            return Truth.UNKNOWN
        against = self.value if right is None else right.value + self.plus if self.plus else right.value
        compare = ORDERED.get(self.op) or MEMBER[self.op]
        return Truth.TRUE if compare(left.value, against) else Truth.FALSE

    def column(self, table: FactTable) -> Truths:
        from .columns import comparison

        return comparison(
            table.column(self.fact),
            table.column(self.than) if self.than else None,
            table.column(PHASE) if self.phases else None,
            leaf=self,
            compare=ORDERED.get(self.op) or MEMBER.get(self.op),
        )

    def explain(self, facts: Facts) -> Finding:
        truth, left, right = self._compare(facts)
        compared = Compared(self, truth, left, right)
        return Finding(truth, (), (compared,)) if truth is Truth.NOT_APPLICABLE else Finding(truth, (compared,), ())

    def leaves(self) -> Iterator[Comparison]:
        yield self


@dataclass(frozen=True)
class Combination(Rule):
    """``all``, ``any`` or at least so many of its parts; those that are not applicable fall out."""

    parts: tuple[Rule, ...]
    kind: str
    least: int = 0

    def truth(self, facts: Facts) -> Truth:
        return self._combine([part.truth(facts) for part in self.parts])

    def _combine(self, truths: Sequence[Truth]) -> Truth:
        true = truths.count(Truth.TRUE)
        unknown = truths.count(Truth.UNKNOWN)
        counted = true + unknown + truths.count(Truth.FALSE)
        if not counted:
            return Truth.NOT_APPLICABLE
        least = {"all": counted, "any": 1}.get(self.kind, self.least)
        return Truth.TRUE if true >= least else Truth.UNKNOWN if true + unknown >= least else Truth.FALSE

    def explain(self, facts: Facts) -> Finding:
        found = [part.explain(facts) for part in self.parts]
        truth = self._combine([part.truth for part in found])
        return Finding(
            truth,
            tuple(compared for part in found if part.truth is truth for compared in part.because),
            tuple(compared for part in found for compared in part.left_out),
        )

    def column(self, table: FactTable) -> Truths:
        from .columns import combination

        return combination([part.column(table) for part in self.parts], self.kind, self.least)

    def leaves(self) -> Iterator[Comparison]:
        for part in self.parts:
            yield from part.leaves()


@dataclass(frozen=True)
class Not(Rule):
    part: Rule

    _TURNED = {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE}

    def truth(self, facts: Facts) -> Truth:
        found = self.part.truth(facts)
        return self._TURNED.get(found, found)

    def explain(self, facts: Facts) -> Finding:
        found = self.part.explain(facts)
        return Finding(self._TURNED.get(found.truth, found.truth), found.because, found.left_out)

    def column(self, table: FactTable) -> Truths:
        from .columns import turned

        return turned(self.part.column(table))

    def leaves(self) -> Iterator[Comparison]:
        yield from self.part.leaves()


@dataclass(frozen=True)
class Named(Rule):
    """A use of another rule by name: what it stands for, and under which name it is told."""

    name: str
    rule: Rule

    def truth(self, facts: Facts) -> Truth:
        return self.rule.truth(facts)

    def explain(self, facts: Facts) -> Finding:
        return self.rule.explain(facts)

    def column(self, table: FactTable) -> Truths:
        if id(self) not in table.asked:
            table.asked[id(self)] = self.rule.column(table)
        return table.asked[id(self)]

    def leaves(self) -> Iterator[Comparison]:
        yield from self.rule.leaves()


def truths(rule: Rule, table: FactTable, *wanted: Truth) -> Iterator[tuple[int, Truth]]:
    """The subjects for which a rule comes out in one of these ways, in their order, and how."""
    numbers = {ORDER.index(truth): truth for truth in wanted}
    for key, number in zip(table.keys, rule.column(table).tolist(), strict=True):
        if number in numbers:
            yield key, numbers[number]


# ---------------------------------------------------------------- compiling

Written = Mapping[str, Any]


class RuleBook:
    """The named rules of one policy, written; each compiled when first used, with its settings filled in.

    ``rules`` by the name that ``{ rule = … }`` uses ("flag:code" among them), ``classes`` by that of ``{ class = … }``.
    """

    def __init__(
        self,
        rules: Mapping[str, Written] | None = None,
        classes: Mapping[str, Written] | None = None,
        setting: Callable[[str], Any] | None = None,
    ) -> None:
        self._written = {("rule", name): rule for name, rule in (rules or {}).items()}
        self._written |= {("class", name): rule for name, rule in (classes or {}).items()}
        self._setting = setting
        self._made: dict[tuple[str, str], Rule] = {}
        self._open: list[tuple[str, str]] = []

    def named(self, name: str, kind: str = "rule") -> Rule:
        """Raises BadRule where it is not there, or where rules name each other in a ring."""
        key = (kind, name)
        if key in self._made:
            return self._made[key]
        if key not in self._written:
            raise BadRule(f"There is no {kind} called {name!r}.")
        if key in self._open:
            raise BadRule(f"The {kind} {name!r} rests on itself.")
        self._open.append(key)
        try:
            return self._made.setdefault(key, Named(name, self.compile(self._written[key])))
        finally:
            self._open.pop()

    def compile(self, written: Written) -> Rule:
        """Raises BadRule with what is wrong."""
        if not isinstance(written, Mapping):
            raise BadRule(f"{written!r} is not a rule.")
        if "fact" in written:
            return self._comparison(written)
        if "not" in written:
            return Not(self.compile(written["not"]))
        for kind in ("rule", "class"):
            if kind in written:
                return self.named(written[kind], kind)
        for kind, parts in (("all", "all"), ("any", "any"), ("at_least", "of")):
            if kind in written:
                inner = tuple(self.compile(part) for part in written.get(parts, ()))
                if not inner:
                    raise BadRule(f"{kind!r} combines nothing.")
                return Combination(inner, kind, written["at_least"] if kind == "at_least" else 0)
        raise BadRule(
            f"A rule compares a fact, or combines rules by all, any, at_least or not; this has {', '.join(written) or 'nothing'}."
        )

    def _comparison(self, written: Written) -> Comparison:
        op = str(written.get("op"))
        if op not in ORDERED and op not in MEMBER and op not in ("known", "unknown"):
            raise BadRule(f"{written['fact']} is compared by {op!r}, which is no comparison.")
        value = written.get("value")
        if "setting" in written:
            if self._setting is None:
                raise BadRule(f"The setting {written['setting']!r} is not to be had here.")
            value = self._setting(written["setting"])
        return Comparison(
            fact=written["fact"],
            op=op,
            value=_exact(value),
            than=written.get("than", ""),
            plus=_exact(written.get("plus", 0)),
            phases=tuple(written.get("phases", ())),
            setting=written.get("setting", ""),
        )


def _exact(value: Any) -> Any:
    """Numbers as Decimal and days as dates, as facts have them; lists as tuples; the rest as it is.

    A pack is kept as JSON, so that a day in it comes as its ISO text.
    """
    if isinstance(value, str) and _DAY.fullmatch(value):
        return dt.date.fromisoformat(value)
    if isinstance(value, bool) or value is None or isinstance(value, str | dt.date | Decimal):
        return value
    if isinstance(value, int | float):
        return Decimal(str(value))
    return tuple(_exact(part) for part in value)
