"""What changed between two texts, word by word: for comparing versions and for settling two saves of one section."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "removed", "added"]
_WORD = re.compile(r"\S+\s*")


@dataclass(frozen=True, slots=True)
class Part:
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Diff:
    """The parts in reading order; ``removed`` and ``added`` count words."""

    parts: tuple[Part, ...]
    removed: int
    added: int

    @property
    def is_same(self) -> bool:
        return not (self.removed or self.added)


def word_diff(before: str, after: str) -> Diff:
    """The difference from ``before`` to ``after`` in whole words. A change of white space alone is none."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    matcher = SequenceMatcher(None, [w.rstrip() for w in old], [w.rstrip() for w in new], autojunk=False)
    parts: list[Part] = []
    removed = added = 0
    for op, a1, a2, b1, b2 in matcher.get_opcodes():
        if op == "equal":
            parts.append(Part("same", "".join(new[b1:b2])))
            continue
        if a2 > a1:
            removed += a2 - a1
            parts.append(Part("removed", "".join(old[a1:a2])))
        if b2 > b1:
            added += b2 - b1
            parts.append(Part("added", "".join(new[b1:b2])))
    return Diff(tuple(parts), removed, added)
