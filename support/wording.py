"""Criteria as sentences, and the numbers in them that a draft may change.

A rule is said as a tree of parts: a comparison is one sentence, a combination a line over its parts. Where a comparison
holds a number, the part knows the *path* to it in the written scheme, so that a page can offer it as a box.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from core.facts import FactValue
from core.numbers import format_change, format_number
from core.rules import Compared
from targets.wording import IN_WORDS, SUFFIXES, FactWords

from .evaluation import Explanation, FiredRule
from .pack import SchemeRule

PARTS = ("all", "any", "of")
COMBINED: Mapping[str, str] = {"all": "all of these", "any": "any of these"}


@dataclass(frozen=True)
class Part:
    """One line of a rule. ``before``, the number and ``after`` make the sentence; ``path`` is empty where no number can be
    changed; ``is_changed`` where it stands otherwise in the scheme beside it."""

    before: str
    after: str = ""
    number: Decimal | None = None
    path: str = ""
    parts: Sequence[Part] = field(default=())
    was: Decimal | None = None

    @property
    def is_changed(self) -> bool:
        return self.was is not None and self.was != self.number

    @property
    def shown(self) -> str:
        return plain(self.number) if self.number is not None else ""

    @property
    def text(self) -> str:
        """The sentence, number and all."""
        return f"{self.before}{self.shown}{self.after}"

    @property
    def numbers(self) -> Iterator[Part]:
        if self.path:
            yield self
        for part in self.parts:
            yield from part.numbers


def plain(number: Decimal) -> str:
    """A number as a box holds it: 55, 2.5, -3."""
    return format(number.normalize(), "f") if number else "0"


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return Decimal(str(value))


@dataclass(frozen=True)
class RuleWords:
    """Says the rules of one scheme in the words of a pack."""

    facts: FactWords
    labels: Mapping[str, str]

    def said(self, written: Mapping[str, Any], path: str) -> Part:
        if "fact" in written:
            return self._comparison(written, path)
        if "not" in written:
            inner = self.said(written["not"], f"{path}/not")
            return Part(f"not: {inner.before}", inner.after, inner.number, inner.path, inner.parts)
        if "rule" in written:
            return Part(self.labels.get(written["rule"], written["rule"]))
        if "at_least" in written:
            parts = self._parts(written["of"], f"{path}/of")
            return Part("at least ", " of these", _number(written["at_least"]), f"{path}/at_least", parts)
        for key in ("all", "any"):
            if key in written:
                parts = self._parts(written[key], f"{path}/{key}")
                return parts[0] if len(parts) == 1 else Part(COMBINED[key], parts=parts)
        return Part("a rule that the portal cannot read")

    def _parts(self, written: Sequence[Mapping[str, Any]], path: str) -> list[Part]:
        return [self.said(inner, f"{path}/{place}") for place, inner in enumerate(written)]

    def _comparison(self, written: Mapping[str, Any], path: str) -> Part:
        code, op = written["fact"], written["op"]
        start = f"{self.facts.label(code)} {IN_WORDS[op]}"
        phases = f", in {' and '.join(written['phases'])} schools" if written.get("phases") else ""
        if op in ("known", "unknown"):
            return Part(start, phases)
        if "than" in written:
            suffix = self.facts.split(written["than"])[2]
            other = SUFFIXES.get(suffix, self.facts.label(written["than"]))
            plus = _number(written.get("plus"))
            if plus is None:
                return Part(f"{start} {other}{phases}")
            return Part(f"{start} {other}, by ", f" points{phases}", plus, f"{path}/plus")
        if "setting" in written:
            return Part(f"{start} the authority's setting “{written['setting'].replace('_', ' ')}”{phases}")
        number = _number(written["value"])
        if number is None:
            return Part(f"{start} {self._words(code, written['value'])}{phases}")
        return Part(f"{start} ", f"{self._unit(code)}{phases}", number, f"{path}/value")

    def _words(self, code: str, value: Any) -> str:
        if isinstance(value, list | tuple):
            return " or ".join(str(part).replace("-", " ") for part in value)
        return self.facts.figure(code, value).replace("-", " ")

    def _unit(self, code: str) -> str:
        shown = self.facts.figure(code, Decimal(1))
        return "%" if shown.endswith("%") else " points" if shown.endswith("points") else ""


def rule_path(code: str) -> str:
    return f"rule/{code}"


def level_path(code: str) -> str:
    return f"level/{code}"


# ---------------------------------------------------------------- numbers of a written scheme


def _found(definition: Mapping[str, Any], path: str) -> tuple[Any, Any]:
    """The container and the key that a path leads to. Raises KeyError where there is no such place."""
    kind, code, *rest = path.split("/")
    if kind not in ("rule", "level"):
        raise KeyError(path)
    place: Any = next((entry for entry in definition.get(kind, ()) if entry.get("code") == code), None)
    if place is None or not rest:
        raise KeyError(path)
    if rest == ["days"] and kind == "level":
        return place, "days"
    holder: Any = place
    key: Any = "rule"
    for step in rest:
        holder = holder[key]
        key = int(step) if step.isdecimal() and isinstance(holder, list) else step
    if isinstance(holder, list):
        if not isinstance(key, int) or key >= len(holder):
            raise KeyError(path)
    elif not isinstance(holder, dict) or key not in holder:
        raise KeyError(path)
    return holder, key


def number_at(definition: Mapping[str, Any], path: str) -> Decimal | None:
    """The number that stands there, or None."""
    try:
        holder, key = _found(definition, path)
    except (KeyError, TypeError, IndexError, ValueError):
        return None
    return _number(holder[key])


def with_numbers(definition: Mapping[str, Any], numbers: Mapping[str, Decimal]) -> dict[str, Any]:
    """The scheme as written, with other numbers at these paths. Raises KeyError at a path that is not there."""
    changed = copy.deepcopy(dict(definition))
    for path, number in numbers.items():
        holder, key = _found(changed, path)
        if _number(holder[key]) is None:
            raise KeyError(path)
        holder[key] = int(number) if number == number.to_integral_value() else float(number)
    return changed


def read_number(text: str) -> Decimal:
    """As a person writes it. Raises ValueError with a sentence."""
    try:
        number = Decimal(text.strip().replace("\N{MINUS SIGN}", "-").replace(",", ""))
    except InvalidOperation:
        raise ValueError(f"“{text.strip()}” is not a number. Write figures, such as 55 or 2.5.") from None
    if not number.is_finite() or abs(number) >= 1_000_000_000 or number.as_tuple().exponent < -4:  # type: ignore[operator]
        raise ValueError(f"“{text.strip()}” is too large or too fine a number.")
    return number


# ---------------------------------------------------------------- reasons


@dataclass(frozen=True)
class Reason:
    """One rule as the component ``reasons`` takes it: what it is, the figure, and what it was held against."""

    rule: str
    figure: str = ""
    source: str = ""
    is_unknown: bool = False
    url: str = ""


def figures_of(words: FactWords, because: Sequence[Compared]) -> list[tuple[str, str]]:
    """Each fact that decided, once, with its value in words."""
    found: dict[str, str] = {}
    for compared in because:
        found.setdefault(compared.leaf.fact, words.figure(compared.leaf.fact, compared.left))
    return [(words.label(code), shown) for code, shown in found.items()]


def reason(words: FactWords, fired: FiredRule) -> Reason:
    because = fired.finding.because
    first = because[0] if because else None
    figure = words.figure(first.leaf.fact, first.left) if first else ""
    sides = []
    for compared in because:
        said = f"{words.label(compared.leaf.fact)} {words.figure(compared.leaf.fact, compared.left)}"
        if compared.right is not None:
            against = SUFFIXES.get(words.split(compared.leaf.than)[2], words.label(compared.leaf.than))
            said += f", {against} {words.figure(compared.leaf.than, compared.right)}"
            if compared.leaf.plus:
                said += f" {format_change(compared.leaf.plus)}"
        sides.append(said)
    return Reason(fired.rule.label, figure if len(figure) <= 12 else "", "; ".join(dict.fromkeys(sides)))


def unknown_reason(words: FactWords, code: str, value: FactValue) -> Reason:
    return Reason(words.label(code), "not known", value.why or "", is_unknown=True)


def reasons(words: FactWords, explanation: Explanation) -> list[Reason]:
    """Why the level: the deciding rules first, then the other rules that fired, then what is not known."""
    deciding = explanation.deciding
    others = [fired for fired in explanation.fired if fired not in deciding]
    missing = [unknown_reason(words, code, value) for code, value in explanation.missing.items()]
    return [reason(words, fired) for fired in (*deciding, *others)] + missing


def in_a_line(words: FactWords, explanation: Explanation) -> str:
    """The reasons as one line of a table: "Below the floor: 52%; Absence high: 6.6%"."""
    found = []
    for fired in explanation.deciding:
        figures = ", ".join(shown for _, shown in figures_of(words, fired.finding.because))
        found.append(f"{fired.rule.label}: {figures}" if figures else fired.rule.label)
    if explanation.verdict.is_barred:
        found.append("a concern is open, so no lighter level")
    if not found:
        found.append("no rule fires")
    return "; ".join(found)


def why_person(words: FactWords, explanation: Explanation, scheme_minimum: int) -> str:
    """Why a person decides, in a sentence; empty where none need."""
    verdict = explanation.verdict
    if verdict.why == "few facts":
        return f"Of the facts that the scheme asks about, {format_number(Decimal(verdict.known))} {'is' if verdict.known == 1 else 'are'} known; it needs {scheme_minimum}."
    if verdict.why:
        levels = " or ".join(level.label for level in explanation.heavier)
        facts = "; ".join(words.label(code) for code in explanation.missing)
        return f"Whether it is {levels} cannot be told: not known are {facts}."
    return ""


def rule_sentences(rules: Sequence[SchemeRule], words: FactWords) -> dict[str, Part]:
    """Each rule's own sentence, by its code."""
    said = RuleWords(words, {rule.code: rule.label for rule in rules})
    return {rule.code: said.said(rule.rule, rule_path(rule.code)) for rule in rules}
