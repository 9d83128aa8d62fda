"""The raw material of the demonstration authority: read once, kept as plain values. All of it is fiction."""

from __future__ import annotations

import csv
import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .figures import Figure, holds, quoted

DATA = Path(__file__).parent / "data"


@functools.cache
def toml(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


@functools.cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def email_of(name: str, *, at_school: bool) -> str:
    """An address for a person: the name with points, in one of the two domains that do not exist."""
    domain = "schools.wealdshire.example" if at_school else "wealdshire.example"
    return f"{name.lower().replace(' ', '.')}@{domain}"


@dataclass(frozen=True)
class Passage:
    text: str
    kind: str = ""


def passages(family: str, section: str, phase: str, figures: Mapping[str, Figure]) -> list[Passage]:
    """The passages of a situation for a section that hold for this school, with its figures; the steady school's where none does."""
    source = "infant" if phase == "infant" and section in ("progress_2009", "targets_2010") else family
    found = list(_fitting(source, section, phase, figures))
    if not found and source != "steady_good":
        found = list(_fitting("steady_good", section, phase, figures))
    return found


def _fitting(family: str, section: str, phase: str, figures: Mapping[str, Figure]) -> Sequence[Passage]:
    fitting = []
    for entry in toml("texts").get(family, {}).get(section, ()):
        if phase not in entry.get("phases", [phase]) or figures["category"] not in entry.get("categories", [figures["category"]]):
            continue
        if all(holds(condition, figures) for condition in entry.get("when", ())):
            text = quoted(entry["text"], figures)
            if text is not None:
                fitting.append(Passage(text, entry.get("kind", "")))
    return fitting


def actions_for(family: str) -> list[dict[str, Any]]:
    """The agreed actions that fit a situation, in the order of the material, then those of the steady school."""
    everything = toml("actions")["action"]
    own = [action for action in everything if family in action["situations"]]
    steady = [action for action in everything if "steady_good" in action["situations"] and action not in own]
    return own + steady
