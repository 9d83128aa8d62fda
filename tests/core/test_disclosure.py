"""No hidden number can be worked out: by force, over every population that agrees with what is shown."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import pytest

from core.disclosure import Name, Release, pinned, worked_out

SMALLEST = 3
# eight kinds of pupils: reaches English, reaches mathematics, is a girl
KINDS = [(english, maths, girl) for english in (0, 1) for maths in (0, 1) for girl in (0, 1)]


def of(counts: Sequence[int]) -> Release:
    """Two tables and a sum of the same pupils: girls by both subjects, English by mathematics told by its margins alone."""
    found = Release()

    def number(test: object) -> int:
        return sum(count for count, kind in zip(counts, KINDS, strict=True) if test(*kind))  # type: ignore[operator]

    everybody = found.fix(("all",), sum(counts))
    both = found.tell(("both",), number(lambda e, m, g: e and m), 1)
    rest = found.tell(("not both",), number(lambda e, m, g: not (e and m)), 1)
    rows: list[list[Name]] = []
    for girl in (1, 0):
        rows.append(
            [
                found.tell((girl, "both"), number(lambda e, m, g, girl=girl: e and m and g == girl)),
                found.tell((girl, "not"), number(lambda e, m, g, girl=girl: not (e and m) and g == girl)),
                found.tell((girl, "all"), number(lambda e, m, g, girl=girl: g == girl), 1),
            ]
        )
    found.table([*rows, [both, rest, everybody]])
    only_english = found.know(("only", "en"), number(lambda e, m, g: e and not m))
    only_maths = found.know(("only", "ma"), number(lambda e, m, g: m and not e))
    neither = found.know(("neither",), number(lambda e, m, g: not e and not m))
    for subject, only, other in (("en", only_english, only_maths), ("ma", only_maths, only_english)):
        reached = found.tell(("reached", subject), found.values[both] + found.values[only], 1)
        missed = found.know(("missed", subject), found.values[other] + found.values[neither])
        found.total(reached, [both, only])
        found.total(missed, [other, neither])
        found.total(everybody, [reached, missed])
    return found


def populations(size: int, kinds: int) -> Iterator[tuple[int, ...]]:
    if kinds == 1:
        yield (size,)
        return
    for first in range(size + 1):
        for rest in populations(size - first, kinds - 1):
            yield (first, *rest)


@pytest.fixture(scope="module")
def every() -> Mapping[tuple[int, ...], Mapping[Name, int]]:
    return {counts: of(counts).values for counts in populations(9, len(KINDS))}


def test_no_pair_of_tables_gives_a_hidden_number_away(every: Mapping[tuple[int, ...], Mapping[Name, int]]) -> None:
    draw = random.Random("disclosure")
    told = 0
    for counts in draw.sample(list(every), 12):
        release = of(counts)
        hidden = release.hidden(SMALLEST)
        small = {name for name, value in release.values.items() if value < SMALLEST}
        assert small & release.told.keys() <= hidden
        shown = {name: release.values[name] for name in release.told if name not in hidden} | {("all",): 9}
        told += len(shown)
        possible: dict[Name, set[int]] = defaultdict(set)
        for values in every.values():
            if all(values[name] == value for name, value in shown.items()):
                for name in small:
                    possible[name].add(values[name])
        assert all(len(found) > 1 for found in possible.values()), (counts, hidden)
    assert told > 24  # hiding all would be safe, and worth nothing


def test_what_is_given_away() -> None:
    total: list[tuple[Name, tuple[Name, ...]]] = [(("t",), (("a",), ("b",))), (("u",), (("b",), ("c",)))]
    assert worked_out(total, [("a",)]) == {("a",): {("t",), ("b",)}}
    both = worked_out(total, [("a",), ("b",)])  # b from the second table, then a from the first
    assert both == {("a",): {("t",), ("u",), ("c",)}, ("b",): {("u",), ("c",)}}
    assert worked_out(total, [("a",), ("b",), ("c",)]) == {}
    assert pinned(total, {("t",): 4, ("u",): 0}) == {("a",), ("b",), ("c",)}  # nothing is below nought
