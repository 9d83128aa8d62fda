"""The full-size Wealdshire's results brought to the briefing's: floors of P7 first, then the authority's figures of P5 to P7.

Only schools outside the story move, by whole pupils, a few at each; none crosses a floor again after the floors are settled, and what
more pupils reach is never less than what fewer can have reached (level 4 in one subject against both, level 5 against level 4).
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from core.numbers import round_half_up

from .results import SMALLEST, Line, Lines

FLOOR = 65
NEWLY_ABOVE = {"ks2.l4_en": 21, "ks2.l4_ma": 30}
"""Schools at or above the floor in summer 2008, less those in summer 2007 (P7)."""

FIGURES = {
    # per cent of summers 2006, 2007 and 2008; England's stand in the pack
    "ks1.l2_re": ("82.4", "83.1", "84.3"), "ks1.l2_wr": ("78.2", "79.0", "80.4"), "ks1.l2_ma": ("88.6", "89.3", "90.2"),
    "ks1.l3_re": ("25.1", "25.6", "26.4"), "ks1.l3_wr": ("12.2", "12.7", "13.5"), "ks1.l3_ma": ("21.3", "21.9", "22.6"),
    "ks2.l4_en": ("77.0", "77.9", "79.9"), "ks2.l4_ma": ("73.6", "74.8", "77.6"),
    "ks2.l5_en": ("30.2", "30.6", "29.1"), "ks2.l5_ma": ("30.4", "30.5", "30.4"),
}  # fmt: skip
AT_MOST = {"ks2.l5_en": "ks2.l4_en", "ks2.l5_ma": "ks2.l4_ma", "ks1.l3_re": "ks1.l2_re", "ks1.l3_wr": "ks1.l2_wr", "ks1.l3_ma": "ks1.l2_ma"}
AT_LEAST = {"ks2.l4_en": "ks2.l4_en_ma", "ks2.l4_ma": "ks2.l4_en_ma"}

Key = tuple[int, str, int]


@dataclass
class _Settling:
    lines: Lines
    free: Collection[int]
    at: dict[Key, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for year, rows in self.lines.by_year.items():
            for place, row in enumerate(rows):
                if row[0] and row[4] == "all" and row[7] != "" and int(row[7]) >= SMALLEST:
                    self.at[row[0], row[2], year] = place

    def row(self, urn: int, measure: str, year: int) -> Line | None:
        place = self.at.get((urn, measure, year))
        return None if place is None else self.lines.by_year[year][place]

    def reached(self, urn: int, measure: str, year: int) -> int | None:
        """Pupils, where the row counts them; else the nearest to its percentage."""
        row = self.row(urn, measure, year)
        if row is None:
            return None
        return int(row[6]) if row[6] != "" else int(round_half_up(Decimal(row[5]) * int(row[7]) / 100))

    def move(self, urn: int, measure: str, year: int, reached: int) -> None:
        place = self.at[urn, measure, year]
        row = self.lines.by_year[year][place]
        change = reached - (self.reached(urn, measure, year) or 0)
        self.lines.by_year[year][place] = (*row[:5], "", reached, *row[7:])
        self.lines.sums[measure, year][0] += change

    def schools(self, measure: str, year: int) -> Iterator[tuple[int, int, int]]:
        """``(urn, reached, cohort)`` of every school with the figure."""
        for (urn, code, of), place in self.at.items():
            if (code, of) == (measure, year):
                yield urn, self.reached(urn, measure, year) or 0, int(self.lines.by_year[year][place][7])

    # ------------------------------------------------------------ floors

    def floors(self, measure: str, wanted: int) -> None:
        """Schools near the floor in one of the two summers are moved across it until the count is the briefing's."""
        before = {urn: (reached, cohort) for urn, reached, cohort in self.schools(measure, 2006)}
        now = {urn: (reached, cohort) for urn, reached, cohort in self.schools(measure, 2007) if urn in before}
        net = sum(_above(*now[urn]) for urn in now) - sum(_above(*before[urn]) for urn in now)
        while net != wanted:
            up = net < wanted
            moves = [
                (abs(100 * reached - FLOOR * cohort) / cohort, urn, year, then)
                for year, some, should_rise in ((2006, before, not up), (2007, now, up))
                for urn, (reached, cohort) in some.items()
                if urn in self.free and urn in now and _above(reached, cohort) != should_rise
                for then in [-(-FLOOR * cohort // 100) - (not should_rise)]
                if then >= (self.reached(urn, AT_LEAST[measure], year) or 0)
            ]
            _, urn, year, then = min(moves)
            self.move(urn, measure, year, then)
            some = before if year == 2006 else now
            some[urn] = (then, some[urn][1])
            net += 1 if up else -1

    # ------------------------------------------------------------ the authority's figures

    def figure(self, measure: str, year: int, percent: Decimal) -> None:
        reached, cohort = self.lines.sums[measure, year]
        left = int(round_half_up(percent * cohort / 100 - reached))
        step = 1 if left > 0 else -1
        rows = [urn for urn, _, _ in self.schools(measure, year) if urn in self.free]
        random.Random(f"settle {measure} {year}").shuffle(rows)  # noqa: S311 - an order, not secrets
        while left:
            moved = 0
            for urn in rows:
                if left and self._may(urn, measure, year, step):
                    self.move(urn, measure, year, (self.reached(urn, measure, year) or 0) + step)
                    left -= step
                    moved += 1
            if not moved:
                raise ValueError(f"{measure} of {year}: {percent}% can't be reached")

    def _may(self, urn: int, measure: str, year: int, step: int) -> bool:
        row = self.row(urn, measure, year)
        assert row is not None
        reached, cohort = self.reached(urn, measure, year) or 0, int(row[7])
        then = reached + step
        if measure in NEWLY_ABOVE and _above(reached, cohort) != _above(then, cohort):
            return False
        most = self.reached(urn, AT_MOST[measure], year) if measure in AT_MOST else cohort
        least = self.reached(urn, AT_LEAST[measure], year) if measure in AT_LEAST else 0
        upper = [code for code, above in AT_MOST.items() if above == measure]
        floor = max([least or 0, *(self.reached(urn, code, year) or 0 for code in upper)])
        return floor <= then <= (cohort if most is None else most)


def _above(reached: int, cohort: int) -> bool:
    return 100 * reached >= FLOOR * cohort


def settle(lines: Lines, free: Collection[int]) -> None:
    settling = _Settling(lines, free)
    for measure, wanted in NEWLY_ABOVE.items():
        settling.floors(measure, wanted)
    for measure, figures in FIGURES.items():
        for year, percent in zip((2005, 2006, 2007), figures, strict=True):
            settling.figure(measure, year, Decimal(percent))
