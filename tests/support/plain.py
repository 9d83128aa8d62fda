"""A second implementation of a scheme, written from the words of ``facts.toml`` and ``support.toml`` and from nothing of
the portal's: plain Python over the pack's own text. A fact is ("figure", value), ("unknown",), ("suppressed",) or ("n/a",)."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "packs" / "england-2008"
TEXT = tomllib.loads((FOLDER / "support.toml").read_text(), parse_float=Decimal)
SETTINGS = {row["name"]: row["value"] for row in tomllib.loads((FOLDER / "settings.toml").read_text(), parse_float=Decimal)["setting"]}

YES, NO, DONT_KNOW, LEFT_OUT = "yes", "no", "don't know", "left out"


def scheme_called(code: str) -> dict[str, Any]:
    return next(scheme for scheme in TEXT["scheme"] if scheme["code"] == code)


def truth(rule: dict[str, Any], facts: dict[str, tuple[Any, ...]], named: dict[str, Any], phase: str) -> str:
    if "rule" in rule:
        return truth(named[rule["rule"]], facts, named, phase)
    if "not" in rule:
        return {YES: NO, NO: YES}.get(found := truth(rule["not"], facts, named, phase), found)
    if "fact" not in rule:
        parts = rule.get("all") or rule.get("any") or rule["of"]
        answers = [answer for part in parts if (answer := truth(part, facts, named, phase)) != LEFT_OUT]
        if not answers:
            return LEFT_OUT
        if "all" in rule:
            return NO if NO in answers else DONT_KNOW if DONT_KNOW in answers else YES
        if "any" in rule:
            return YES if YES in answers else DONT_KNOW if DONT_KNOW in answers else NO
        sure, maybe = answers.count(YES), answers.count(DONT_KNOW)
        return YES if sure >= rule["at_least"] else DONT_KNOW if sure + maybe >= rule["at_least"] else NO
    if "phases" in rule and phase not in rule["phases"]:
        return LEFT_OUT
    left = facts.get(rule["fact"], ("unknown",))
    right = (
        facts.get(rule["than"], ("unknown",))
        if "than" in rule
        else ("figure", SETTINGS[rule["setting"]] if "setting" in rule else rule.get("value"))
    )
    if "n/a" in (left[0], right[0]):
        return LEFT_OUT
    known = left[0] == right[0] == "figure"
    op = rule["op"]
    if op in ("known", "unknown"):
        return YES if known == (op == "known") else NO
    if not known:
        return DONT_KNOW
    a, b = left[1], right[1]
    if rule.get("plus"):
        b = b + rule["plus"]
    answers = {
        "<": lambda: a < b,
        "<=": lambda: a <= b,
        ">": lambda: a > b,
        ">=": lambda: a >= b,
        "==": lambda: a == b,
        "!=": lambda: a != b,
        "in": lambda: a in b,
        "not in": lambda: a not in b,
        "has": lambda: b in a,
    }
    return YES if answers[op]() else NO


def asked_about(rule: Any) -> set[str]:
    """The facts on the left of every comparison."""
    if isinstance(rule, dict):
        own = {rule["fact"]} if "fact" in rule else set()
        return own.union(*(asked_about(inner) for inner in rule.values()))
    if isinstance(rule, list):
        return set().union(*(asked_about(inner) for inner in rule))
    return set()


def judge(scheme: dict[str, Any], facts: dict[str, tuple[Any, ...]], phase: str) -> tuple[str, set[str]]:
    """The category (or "person", "outside") and the rules that fired."""
    if phase in scheme.get("outside_phases", ()):
        return "outside", set()
    named = {rule["code"]: rule["rule"] for rule in scheme["rule"]}
    fired = {code for code, rule in named.items() if truth(rule, facts, named, phase) == YES}
    levels = sorted(scheme["level"], key=lambda level: -level["rank"])
    ranks = {level["code"]: level["rank"] for level in levels}
    chosen, unsure = scheme["otherwise"], []
    for level in levels:
        if "rule" not in level:
            continue
        answer = truth(level["rule"], facts, named, phase)
        if answer == YES:
            chosen = level["code"]
            break
        if answer == DONT_KNOW:
            unsure.append(level["code"])
    bar = scheme.get("lightest_while_concern_open")
    if bar and facts.get("concern.open") == ("figure", True) and ranks[chosen] < ranks[bar]:
        chosen = bar
    known = sum(1 for code in asked_about([scheme["rule"], scheme["level"]]) if facts.get(code, ("unknown",))[0] == "figure")
    if known < scheme.get("minimum_facts", 0) or any(ranks[code] > ranks[chosen] for code in unsure):
        return "person", fired
    return chosen, fired
