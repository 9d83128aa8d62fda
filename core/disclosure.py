"""Hiding small numbers so that none can be worked out: from a table, or from several tables of the same people together.

Numbers are named, and *sums* say how they hang together (a total is the sum of its parts), across tables too: whoever reads the
release knows every one of these. A hidden number is given away when the shown ones and the sums leave it one value: when the
equations that are left can be solved for it alone, or when, none being below nought, they leave it no room.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

Name = tuple[object, ...]
Equation = dict[Name, Fraction]
NO_END = 10**9
"""More people than any table counts."""


@dataclass
class Release:
    """``values`` holds every number; ``told`` those that would be shown, each with its rank: the higher, the later it is hidden;
    ``open`` those that are known anyway (how many people there are), and are never hidden."""

    values: dict[Name, int] = field(default_factory=dict)
    told: dict[Name, int] = field(default_factory=dict)
    open: set[Name] = field(default_factory=set)
    sums: list[tuple[Name, tuple[Name, ...]]] = field(default_factory=list)

    def tell(self, name: Name, value: int, rank: int = 0) -> Name:
        self.values[name] = value
        self.told[name] = max(rank, self.told.get(name, 0))
        return name

    def fix(self, name: Name, value: int) -> Name:
        """A number that whoever reads the release knows anyway."""
        self.values[name] = value
        self.open.add(name)
        return name

    def know(self, name: Name, value: int) -> Name:
        """A number that is shown nowhere, and yet must not be given away if it is small."""
        self.values.setdefault(name, value)
        return name

    def total(self, name: Name, parts: Sequence[Name]) -> None:
        assert self.values[name] == sum(self.values[part] for part in parts), f"{name} is not the sum of its parts"
        self.sums.append((name, tuple(parts)))

    def table(self, rows: Sequence[Sequence[Name]]) -> None:
        """A table whose last row and last column are totals: one sum for each of its lines."""
        for row in rows:
            self.total(row[-1], row[:-1])
        for column in zip(*rows, strict=True):
            self.total(column[-1], column[:-1])

    def hidden(self, smallest: int) -> set[Name]:
        """The told numbers to hide: every one below ``smallest``, and as many others as keep each small number from being worked out."""
        small = {name for name, value in self.values.items() if value < smallest} - self.open
        hidden = small & self.told.keys()
        while more := self._next(hidden, small):
            hidden |= more
        return hidden

    def _next(self, hidden: set[Name], small: set[Name]) -> set[Name]:
        """The numbers to hide next: for each small one that is given away, the least telling of those that do. None: all is well."""
        unknown = {name for name in self.values if name in hidden or (name not in self.told and name not in self.open)}
        given = worked_out(self.sums, unknown)
        more: set[Name] = set()
        for name in sorted(given.keys() & small, key=repr):
            if not more & given[name] and (least := self._least(given[name], hidden)) is not None:
                more.add(least)
        if more:
            return more
        for name in sorted(pinned(self.sums, {name: self.values[name] for name in self.values.keys() - unknown}) & small, key=repr):
            beside = {other for total, parts in self.sums if name in (total, *parts) for other in (total, *parts)}
            if (least := self._least(beside, hidden) or self._least(self.told.keys(), hidden)) is not None:
                return {least}
        return set()

    def _least(self, names: Collection[Name], hidden: Collection[Name]) -> Name | None:
        shown = [name for name in names if name in self.told and name not in hidden and name not in self.open]
        return min(shown, key=lambda name: (self.told[name], self.values[name], repr(name)), default=None)


def worked_out(sums: Sequence[tuple[Name, tuple[Name, ...]]], unknown: Collection[Name]) -> dict[Name, set[Name]]:
    """Those of the unknown numbers that have one value, each with the shown ones from which it follows: by elimination, until a line
    of the equations names no other unknown."""
    pivots: dict[Name, Equation] = {}
    for total, parts in sums:
        line: Equation = {total: Fraction(-1)}
        for part in parts:
            line[part] = line.get(part, Fraction(0)) + 1
        line = {name: factor for name, factor in line.items() if factor}
        for name in [name for name in line if name in pivots]:
            _subtract(line, pivots[name], line[name])
        pivot = next((name for name in line if name in unknown), None)
        if pivot is None:
            continue
        factor = line[pivot]
        line = {name: value / factor for name, value in line.items()}
        for other in pivots.values():
            if pivot in other:
                _subtract(other, line, other[pivot])
        pivots[pivot] = line
    return {pivot: line.keys() - {pivot} for pivot, line in pivots.items() if not any(name in unknown for name in line if name != pivot)}


def pinned(sums: Sequence[tuple[Name, tuple[Name, ...]]], shown: Mapping[Name, int]) -> set[Name]:
    """Those of the numbers not shown that have no room: the least and the most that each can be are the same.

    None is below nought; a part is at most its total less the least of the other parts; and so on until nothing moves.
    """
    names = {name for total, parts in sums for name in (total, *parts)}
    least = {name: shown.get(name, 0) for name in names}
    most = {name: shown.get(name, NO_END) for name in names}
    moved = True
    while moved:
        moved = False
        for total, parts in sums:
            low, high = sum(least[part] for part in parts), sum(most[part] for part in parts)
            bounds = [(total, low, high)]
            bounds += [(part, least[total] - high + most[part], most[total] - low + least[part]) for part in parts]
            for name, floor, ceiling in bounds:
                if floor > least[name]:
                    least[name], moved = floor, True
                if ceiling < most[name]:
                    most[name], moved = ceiling, True
    return {name for name in names if name not in shown and least[name] == most[name]}


def _subtract(line: Equation, other: Mapping[Name, Fraction], factor: Fraction) -> None:
    for name, value in other.items():
        left = line.get(name, Fraction(0)) - factor * value
        if left:
            line[name] = left
        else:
            line.pop(name, None)


__all__ = ["Name", "Release", "pinned", "worked_out"]
