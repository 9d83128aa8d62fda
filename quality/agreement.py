"""Do two people who rate the same notes agree? Counts first; kappa only from enough pairs (domain.md §7). Pure arithmetic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

GRADES = (1, 2, 3, 4)


@dataclass(frozen=True)
class Agreement:
    """Pairs of grades, first rater's and second's."""

    pairs: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> Agreement:
        return cls(tuple(pairs))

    @property
    def total(self) -> int:
        return len(self.pairs)

    @property
    def same(self) -> int:
        return sum(one == two for one, two in self.pairs)

    @property
    def within_one(self) -> int:
        return sum(abs(one - two) <= 1 for one, two in self.pairs)

    @property
    def words(self) -> str:
        """ "Same grade in 14 of 20, within one in 19"."""
        if not self.pairs:
            return "No note has been rated twice yet"
        return f"Same grade in {self.same} of {self.total}, within one in {self.within_one}"

    @property
    def table(self) -> list[tuple[int, list[int]]]:
        """First rater down, second across: ``(grade, counts by the second's grade)``."""
        counts = Counter(self.pairs)
        return [(one, [counts[(one, two)] for two in GRADES]) for one in GRADES]

    def kappa(self, least: int) -> Decimal | None:
        """Cohen's kappa, unweighted, two places. ``None`` below so many pairs, or where both gave one grade throughout."""
        if self.total < max(least, 1):
            return None
        firsts, seconds = Counter(one for one, _ in self.pairs), Counter(two for _, two in self.pairs)
        observed = Fraction(self.same, self.total)
        expected = sum((Fraction(firsts[g] * seconds[g], self.total**2) for g in GRADES), Fraction())
        if expected == 1:
            return None
        value = (observed - expected) / (1 - expected)
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
