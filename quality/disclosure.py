"""What may be published of answers given in confidence: nothing under a number of schools, by itself or by subtraction.

Pure functions over *atoms*, one answer to one question: (SIP, school, year). A published figure is a set of atoms. Two
published figures give a third by subtraction only where one holds the other, so that is what is looked at: whatever is left
of a figure when those inside it are taken away must be nothing, or answers of enough schools (domain.md §7).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, order=True)
class Atom:
    """Who answered about whom, and when; ``school`` is what a threshold counts."""

    sip: int
    school: int
    year: int


Group = frozenset[Atom]


def schools_in(atoms: Iterable[Atom]) -> int:
    return len({atom.school for atom in atoms})


def enough(atoms: Iterable[Atom], least: int) -> bool:
    return schools_in(atoms) >= least


def pool_of(atoms: Collection[Atom], year: int, released: Collection[Group], least: int) -> Group | None:
    """The answers about one SIP that the release of ``year`` may tell: this year's, else with those of the years before that no
    release has told, back from this one; ``None`` where all of them are still too few. An answer is told at most once, so no
    two releases have one in common and none can be taken from another."""
    told = {atom for group in released for atom in group}
    last = max((atom.year for atom in told), default=min((atom.year for atom in atoms), default=year) - 1)
    pool: set[Atom] = set()
    for back in range(year, last, -1):
        pool |= {atom for atom in atoms if atom.year == back}
        if enough(pool, least):
            return frozenset(pool)
    return None


def whole_is_safe(whole: Mapping[int, Group], year: int, parts: Collection[Group], published: Collection[int], least: int) -> bool:
    """Whether the authority's figure of ``year`` may stand beside what SIPs were told (``parts``) and the years ``published``
    before. Of each run of years that ends here, what no part explains must be nothing or enough schools."""
    run: set[Atom] = set()
    for back in range(year, min(whole, default=year) - 1, -1):
        if back != year and back not in published:
            break
        run |= whole.get(back, frozenset())
        inside = {atom for part in parts if part <= run for atom in part}
        left = run - inside
        if not enough(run, least) or (left and not enough(left, least)):
            return False
    # what no release tells at all, of this year: later ones may explain the rest
    never = whole.get(year, frozenset()) - {atom for part in parts for atom in part}
    return not never or enough(never, least)


def mean_of(values: Collection[int]) -> str:
    """One decimal, halves up: from integers, divided once."""
    return str((Decimal(sum(values)) / len(values)).quantize(Decimal("0.1"), ROUND_HALF_UP))
