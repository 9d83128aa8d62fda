"""The draw of a sample: reproducible from its seed and the notes' references alone, balanced over strata (domain.md §7)."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

Stratum = tuple[str, str, bool]
"""Kind of SIP, phase, school causing concern."""


@dataclass(frozen=True)
class Candidate:
    """A final note of the round. ``sip`` is any key of its author; the reference is what is printed on it."""

    reference: str
    sip: str
    stratum: Stratum


@dataclass(frozen=True)
class Drawn:
    candidate: Candidate
    is_twice: bool


def lot(seed: str, *parts: str) -> str:
    """The place in the lottery: a digest that anybody can compute again."""
    return hashlib.sha256(":".join((seed, *parts)).encode()).hexdigest()


def draw(frame: Sequence[Candidate], *, seed: str, per_sip: int, twice_percent: int) -> list[Drawn]:
    """So many notes of each SIP, the SIPs by lot; of a SIP's notes the one whose stratum is so far the least represented.

    The share that is rated twice, rounded up, is taken from the strata in turn, by lot within each. The order of ``frame``
    does not matter.
    """
    by_sip: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in frame:
        by_sip[candidate.sip].append(candidate)
    available = Counter(candidate.stratum for candidate in frame)
    taken: Counter[Stratum] = Counter()
    chosen: list[Candidate] = []
    # a SIP is known by their first reference, so that the draw does not hang on a key of the database
    order = sorted(by_sip.values(), key=lambda notes: lot(seed, "sip", min(note.reference for note in notes)))
    for _ in range(per_sip):
        for notes in order:
            left = [note for note in notes if note not in chosen]
            if not left:
                continue
            best = min(left, key=lambda note: (taken[note.stratum] * 1000 // available[note.stratum], lot(seed, note.reference)))
            chosen.append(best)
            taken[best.stratum] += 1
    wanted = -(-len(chosen) * twice_percent // 100)
    twice = _in_turn(chosen, seed)[:wanted]
    return [Drawn(note, note in twice) for note in chosen]


def _in_turn(chosen: Sequence[Candidate], seed: str) -> list[Candidate]:
    """Round the strata, one of each by lot, then the next of each."""
    strata: dict[Stratum, list[Candidate]] = defaultdict(list)
    for note in sorted(chosen, key=lambda note: lot(seed, "twice", note.reference)):
        strata[note.stratum].append(note)
    placed = [(turn, lot(seed, "twice", note.reference), note) for notes in strata.values() for turn, note in enumerate(notes)]
    return [note for _, _, note in sorted(placed, key=lambda item: item[:2])]
