"""A scheme as it is written: read and refused with a sentence that says where, changed by numbers, rules added and taken away."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.access import Refused
from core.packs import PackContent, Problems, Table
from core.rules import BadRule
from people.packs import AuthorityPack
from targets.pack import check_rules, facts_of, measures_of

from .evaluation import CompiledScheme, compile_scheme
from .pack import Scheme, parse_scheme, validate_scheme

ORDERED = ("<", "<=", ">", ">=")
KEY = "definition"


def read_scheme(definition: Mapping[str, Any], pack: AuthorityPack) -> Scheme:
    """The scheme that a draft is, as a pack's would be read. Raises ``Refused`` with what is wrong first, and where."""
    problems = Problems()
    try:
        table = Table(definition, "", problems)
        scheme = parse_scheme(table)
        table.finish()
        validate_scheme(scheme, pack.content, problems)
        check_rules(dict(definition), facts_of(pack.content), measures_of(pack.content), pack.content, problems)
        for where, leaf in _comparisons(definition):
            if why := _wrong_kind(leaf, pack.content):
                problems.add(where, why)
    except (AttributeError, TypeError, KeyError, ValueError) as error:
        raise Refused(f"The scheme cannot be read: {error}.", field=KEY) from None
    for problem in problems:
        where = problem.entry[:1].upper() + problem.entry[1:] if problem.entry else "The scheme"
        raise Refused(
            f"{where}: it {problem.message}" if not problem.message.startswith("it ") else f"{where}: {problem.message}", field=KEY
        )
    compiled(scheme, pack)
    return scheme


def compiled(scheme: Scheme, pack: AuthorityPack) -> CompiledScheme:
    try:
        return compile_scheme(scheme, pack)
    except BadRule as error:
        raise Refused(str(error), field=KEY) from None


def _comparisons(definition: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    found: list[tuple[str, Mapping[str, Any]]] = []

    def walk(value: Any, where: str) -> None:
        if isinstance(value, Mapping):
            if "fact" in value:
                found.append((where, value))
            for inner in value.values():
                walk(inner, where)
        elif isinstance(value, list):
            for inner in value:
                walk(inner, where)

    for kind in ("rule", "level"):
        for entry in definition.get(kind, ()):
            walk(entry.get("rule"), f"{kind} {entry.get('label') or entry.get('code')!r}")
    return found


def _wrong_kind(leaf: Mapping[str, Any], content: PackContent) -> str:
    """What is wrong with comparing this fact so: a number with a word, a yes or no by "above"."""
    entry = facts_of(content).school.get(leaf["fact"])
    kind = entry.type if entry else "number"
    value, op = leaf.get("value"), leaf.get("op")
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    if kind in ("number", "percent", "pounds"):
        if "value" in leaf and not is_number and op not in ("in", "not in"):
            return f"compares {leaf['fact']}, which is a number, with {value!r}. Give a number."
        if op == "has":
            return f"asks what {leaf['fact']} holds, which is a number. Compare it."
        return ""
    if op in ORDERED:
        return f"compares {leaf['fact']} by {op!r}, which is not a number. Use == or in."
    if kind == "boolean" and "value" in leaf and not isinstance(value, bool):
        return f"compares {leaf['fact']}, which is yes or no, with {value!r}. Give true or false."
    if op in ("in", "not in") and not isinstance(value, list):
        return f"asks whether {leaf['fact']} is one of {value!r}. Give a list."
    return ""


# ---------------------------------------------------------------- rules added and taken away


def code_for(label: str, taken: set[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")[:40] or "rule"
    code, number = base, 2
    while code in taken:
        code, number = f"{base}-{number}", number + 1
    return code


def with_rule(definition: Mapping[str, Any], label: str, rule: Mapping[str, Any], level: str, *, is_enough: bool) -> dict[str, Any]:
    """The scheme with one more rule: enough by itself for the level, or counted with the others of its "at least".

    Raises ``Refused`` where the level has no such count.
    """
    changed = copy.deepcopy(dict(definition))
    code = code_for(label, {entry["code"] for entry in changed.get("rule", ())})
    changed.setdefault("rule", []).append({"code": code, "label": label, "rule": dict(rule)})
    entry = next((entry for entry in changed["level"] if entry["code"] == level), None)
    if entry is None or "rule" not in entry:
        raise Refused("Choose a level that has a rule of its own.", field="level")
    use = {"rule": code}
    if is_enough:
        if "any" in entry["rule"]:
            entry["rule"]["any"].append(use)
        else:
            entry["rule"] = {"any": [entry["rule"], use]}
        return changed
    counted = _first_count(entry["rule"])
    if counted is None:
        raise Refused(f"The level {entry['label']} counts no rules together. Let the rule be enough by itself.", field="how")
    counted["of"].append(use)
    return changed


def _first_count(rule: Any) -> dict[str, Any] | None:
    if isinstance(rule, dict):
        if "at_least" in rule:
            return rule
        for inner in rule.values():
            if (found := _first_count(inner)) is not None:
                return found
    elif isinstance(rule, list):
        for inner in rule:
            if (found := _first_count(inner)) is not None:
                return found
    return None


def without_rule(definition: Mapping[str, Any], code: str) -> dict[str, Any]:
    """The scheme without a rule and its uses. Raises ``Refused`` where a level would be left without any."""
    changed = copy.deepcopy(dict(definition))
    gone = next((entry for entry in changed.get("rule", ()) if entry["code"] == code), None)
    if gone is None:
        raise Refused("That rule is not in the draft any more.")
    changed["rule"] = [
        {**entry, "rule": kept} for entry in changed["rule"] if entry is not gone and (kept := _without(entry["rule"], code)) is not None
    ]
    for level in changed["level"]:
        if "rule" in level:
            kept = _without(level["rule"], code)
            if kept is None:
                raise Refused(f"Without “{gone['label']}” nothing would lead to the level {level['label']}. Add another rule for it first.")
            level["rule"] = kept
    return changed


def _without(rule: Any, code: str) -> dict[str, Any] | None:
    if rule.get("rule") == code:
        return None
    if "not" in rule:
        inner = _without(rule["not"], code)
        return None if inner is None else {"not": inner}
    for key in ("all", "any", "of"):
        if key in rule:
            parts = [kept for part in rule[key] if (kept := _without(part, code)) is not None]
            if not parts:
                return None
            if key == "of":
                return {"at_least": min(rule["at_least"], len(parts)), "of": parts}
            return {key: parts}
    return dict(rule)
