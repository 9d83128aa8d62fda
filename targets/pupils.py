"""What follows from pupils' rows (P10): the progression matrix, the school's sums, groups, the distribution; and how small numbers
are hidden where the authority reads. Pure functions of rows, but :func:`add_sums`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.numbers import round_half_up
from core.packs import PackContent
from schools.models import School

from .flags import Held
from .models import Pupil
from .pack import Progression, targets_of

SUBJECTS: Final = {"en": "English", "ma": "Mathematics"}
GROUPS: Final = (
    ("is_girl", "Girls", "Boys"),
    ("is_fsm", "Free school meals", "No free school meals"),
    ("is_sen", "Special educational needs", "No special educational needs"),
    ("is_eal", "English as an additional language", "English as a first language"),
)
SMALLEST: Final = 6
"""A number of pupils below this is hidden from the authority (domain.md §5)."""


def matrix_for(content: PackContent, summer_stage: str, subject: str) -> Progression | None:
    """The pack's matrix that ends in this key stage ("ks2", "ks4") for a subject."""
    return next((one for one in targets_of(content).progression if one.code.endswith(f"{summer_stage}-{subject}")), None)


def stage_of(phase: str) -> str:
    """At which key stage a school of this phase works pupil by pupil."""
    return "ks4" if phase in ("secondary", "pru") else "ks2"


def has_reached(matrix: Progression, target: str) -> bool:
    return target in matrix.columns and matrix.columns.index(target) >= matrix.columns.index(matrix.reached)


def progressed(matrix: Progression, prior: str, target: str) -> bool | None:
    """Whether the teacher's target is the progress expected; ``None`` without a prior level. What is below the lowest level that
    the matrix tells apart is not known to be it."""
    if prior not in matrix.rows:
        return None
    return target in matrix.columns and matrix.columns.index(target) >= matrix.columns.index(matrix.expected[prior])


@dataclass(frozen=True)
class Sum:
    """So many pupils of so many."""

    reached: int
    cohort: int

    @property
    def percent(self) -> Decimal | None:
        return round_half_up(Decimal(100 * self.reached) / self.cohort, 2) if self.cohort else None


def sums_of(pupils: Sequence[Pupil], english: Progression, maths: Progression, stage: str) -> dict[str, Sum]:
    """The school's own sum against each measure that its pupils' targets answer, by the measure's code."""
    by_subject = {"en": english, "ma": maths}
    cohort = len(pupils)
    reached = {
        subject: [has_reached(matrix, getattr(pupil, f"target_{subject}")) for pupil in pupils] for subject, matrix in by_subject.items()
    }
    found = {}
    if stage == "ks2":
        found["ks2.l4_en_ma"] = Sum(sum(both[0] and both[1] for both in zip(reached["en"], reached["ma"], strict=True)), cohort)
        for subject in SUBJECTS:
            found[f"ks2.l4_{subject}"] = Sum(sum(reached[subject]), cohort)
    levels = {"ks2": 2, "ks4": 3}[stage]
    for subject, matrix in by_subject.items():
        made = [progressed(matrix, getattr(pupil, f"prior_{subject}"), getattr(pupil, f"target_{subject}")) for pupil in pupils]
        known = [one for one in made if one is not None]
        found[f"{stage}.prog{levels}_{subject}"] = Sum(sum(known), len(known))
    return found


def add_sums(held: Held, content: PackContent, schools: Sequence[School], summers: Iterable[int]) -> None:
    """Put the schools' sums and cohorts into what is held beside their targets. One query."""
    by_sheet: dict[tuple[int, int], list[Pupil]] = {}
    rows = Pupil.objects.filter(sheet__school_id__in=[school.pk for school in schools], sheet__summer__in=list(summers))
    for pupil in rows.select_related("sheet"):
        by_sheet.setdefault((pupil.sheet.school_id, pupil.sheet.summer), []).append(pupil)
    phases = {school.pk: school.phase for school in schools}
    for (school_id, summer), pupils in by_sheet.items():
        stage = stage_of(phases[school_id])
        english, maths = (matrix_for(content, stage, subject) for subject in SUBJECTS)
        held.cohorts[school_id, summer] = len(pupils)
        if english is not None and maths is not None:
            for code, found in sums_of(pupils, english, maths, stage).items():
                if found.percent is not None:
                    held.sums[school_id, code, summer] = found.percent


# ---------------------------------------------------------------- tables


def progression(pupils: Iterable[Pupil], matrix: Progression, subject: str) -> list[list[int]]:
    """Counts by prior level (rows) and teacher's target (columns), of the pupils of whom both are known."""
    counts = Counter((getattr(pupil, f"prior_{subject}"), getattr(pupil, f"target_{subject}")) for pupil in pupils)
    return [[counts[row, column] for column in matrix.columns] for row in matrix.rows]


def converting(matrix: Progression, counts: Sequence[Sequence[int]]) -> list[Decimal | None]:
    """By prior level, the per cent of pupils whose target is the level that the measure asks for."""
    first = matrix.columns.index(matrix.reached)
    return [round_half_up(Decimal(100 * sum(row[first:])) / sum(row)) if sum(row) else None for row in counts]


def by_group(pupils: Sequence[Pupil], english: Progression, maths: Progression) -> list[tuple[str, list[list[int]], tuple[str, str]]]:
    """For each pair of groups: its key; rows group, others and all, columns reached both subjects, not, and all; and their names.

    A pupil of whom it is not known counts among the others.
    """

    def line(members: Sequence[Pupil]) -> list[int]:
        both = sum(has_reached(english, pupil.target_en) and has_reached(maths, pupil.target_ma) for pupil in members)
        return [both, len(members) - both, len(members)]

    found = []
    for name, label, others in GROUPS:
        inside = [pupil for pupil in pupils if getattr(pupil, name)]
        outside = [pupil for pupil in pupils if not getattr(pupil, name)]
        found.append((name, [line(inside), line(outside), line(pupils)], (label, others)))
    return found


# ---------------------------------------------------------------- hiding small numbers

Table = Sequence[Sequence[int]]
"""Counts with their sums: the last row and the last column are totals."""
Cell = tuple[int, int]


def small_cells(table: Table, smallest: int = SMALLEST) -> set[Cell]:
    return {(row, column) for row, counts in enumerate(table) for column, count in enumerate(counts) if count < smallest}


def hide(table: Table, hidden: set[Cell]) -> set[Cell]:
    """The cells to hide so that none of ``hidden`` can be worked out from the others by the sums: of each row and column that would
    give one away, a second, the smallest that is shown; inner cells before totals.

    Every row and column of a table with its totals is one equation. The hidden cells are then the edges of a graph between
    rows and columns, and a cell can be worked out exactly when its edge is a bridge: when no ring of hidden cells goes through it.
    """
    found = set(hidden)
    while (given_away := _bridge(found)) is not None:
        row, column = given_away
        last = (len(table) - 1, len(table[0]) - 1)
        lines = [[(row, other) for other in range(len(table[0]))], [(other, column) for other in range(len(table))]]
        shown = [cell for line in lines for cell in line if cell not in found]
        if not shown:  # both lines are hidden whole: open the ring elsewhere
            shown = [(r, c) for r in range(len(table)) for c in range(len(table[0])) if (r, c) not in found]
        found.add(min(shown, key=lambda cell: (cell[0] == last[0] or cell[1] == last[1], table[cell[0]][cell[1]], cell)))
    return found


def _bridge(cells: set[Cell]) -> Cell | None:
    """A hidden cell whose row and column are not joined by other hidden cells."""
    for cell in sorted(cells):
        rows, columns, grew = {cell[0]}, set[int](), True
        while grew:
            grew = False
            for row, column in cells - {cell}:
                if (row in rows) != (column in columns):
                    rows.add(row)
                    columns.add(column)
                    grew = True
        if cell[1] not in columns:
            return cell
    return None


def shown_to_authority(tables: Sequence[Table], smallest: int = SMALLEST) -> list[list[list[int | None]]]:
    """Several tables of the same pupils, with one and the same last row (all pupils), small numbers hidden; a total that is hidden
    in one is hidden in all."""
    hidden = [small_cells(table, smallest) for table in tables]
    while True:
        hidden = [hide(table, cells) for table, cells in zip(tables, hidden, strict=True)]
        together = {column for table, cells in zip(tables, hidden, strict=True) for row, column in cells if row == len(table) - 1}
        joined = [cells | {(len(table) - 1, column) for column in together} for table, cells in zip(tables, hidden, strict=True)]
        if joined == hidden:
            break
        hidden = joined
    return [
        [[None if (row, column) in cells else count for column, count in enumerate(counts)] for row, counts in enumerate(table)]
        for table, cells in zip(tables, hidden, strict=True)
    ]


def with_totals(counts: Table) -> list[list[int]]:
    rows = [[*row, sum(row)] for row in counts]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]] if rows else []


Deciding = Callable[[Pupil], bool]


def who_decide(pupils: Sequence[Pupil], english: Progression, maths: Progression) -> list[Pupil]:
    """The pupils on whom the target hangs: those whose estimate in either subject is neither likely nor unlikely, or who have none,
    and whose target in one subject is the level asked for or just below it."""

    def near(matrix: Progression, pupil: Pupil, subject: str) -> bool:
        target = getattr(pupil, f"target_{subject}")
        at = matrix.columns.index(matrix.reached)
        return target in matrix.columns and matrix.columns.index(target) in (at - 1, at)

    def open_(pupil: Pupil) -> bool:
        chances = [chance for subject in SUBJECTS if (chance := pupil.estimate("B", subject)) is not None]
        return not chances or any(50 <= chance < 75 for chance in chances)

    return [pupil for pupil in pupils if open_(pupil) and near(english, pupil, "en") and near(maths, pupil, "ma")]


Sums = Mapping[str, Sum]
