"""What follows from pupils' rows (P10): the progression matrix, the school's sums, groups, the distribution. Pure functions of
rows, but :func:`add_sums`. What the authority may see of them: ``targets.released``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.numbers import round_half_up
from core.packs import PackContent
from people.packs import AuthorityPack
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


def matrix_for(content: PackContent, summer_stage: str, subject: str) -> Progression | None:
    """The pack's matrix that ends in this key stage ("ks2", "ks4"), or is of the performance scales ("pscale"), for a subject."""
    return next((one for one in targets_of(content).progression if one.code.endswith(f"{summer_stage}-{subject}")), None)


def stage_of(phase: str) -> str:
    """On which scale a school of this phase works pupil by pupil: a key stage, or the performance scales."""
    return {"secondary": "ks4", "pru": "ks4", "special": "pscale"}.get(phase, "ks2")


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
    if stage == "ks4" and any(pupil.target_five is not None for pupil in pupils):
        five = [bool(pupil.target_five) for pupil in pupils]  # of whom nothing is said, is not counted as reaching it
        found["ks4.ac5"] = Sum(sum(five), cohort)
        every = sum(all(one) for one in zip(five, reached["en"], reached["ma"], strict=True))
        found["ks4.ac5_en_ma"] = Sum(every, cohort)
    for subject, matrix in by_subject.items():
        made = [progressed(matrix, getattr(pupil, f"prior_{subject}"), getattr(pupil, f"target_{subject}")) for pupil in pupils]
        known = [one for one in made if one is not None]
        found[progress_code(stage, subject)] = Sum(sum(known), len(known))
    return found


def progress_code(stage: str, subject: str) -> str:
    """The measure that counts pupils with the progress expected."""
    return f"{stage}.{'prog2' if stage == 'ks2' else 'prog3' if stage == 'ks4' else 'prog'}_{subject}"


def add_sums(held: Held, content: PackContent, schools: Sequence[School], summers: Iterable[int]) -> dict[tuple[int, int], list[Pupil]]:
    """Put the schools' sums and cohorts into what is held beside their targets. One query. Answers the pupils by school and summer."""
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
    return by_sheet


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


def with_totals(counts: Sequence[Sequence[int]]) -> list[list[int]]:
    rows = [[*row, sum(row)] for row in counts]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]] if rows else []


def who_decide(pupils: Sequence[Pupil], english: Progression, maths: Progression, pack: AuthorityPack) -> list[Pupil]:
    """The pupils on whom the target hangs: those whose estimate in either subject is neither likely nor unlikely (the pack says
    between which chances), or who have none, and whose target in one subject is the level asked for or just below it."""
    least, most = pack.whole("deciding_chance_from"), pack.whole("deciding_chance_below")

    def near(matrix: Progression, pupil: Pupil, subject: str) -> bool:
        target = getattr(pupil, f"target_{subject}")
        at = matrix.columns.index(matrix.reached)
        return target in matrix.columns and matrix.columns.index(target) in (at - 1, at)

    def open_(pupil: Pupil) -> bool:
        chances = [chance for subject in SUBJECTS if (chance := pupil.estimate("B", subject)) is not None]
        return not chances or any(least <= chance < most for chance in chances)

    return [pupil for pupil in pupils if open_(pupil) and near(english, pupil, "en") and near(maths, pupil, "ma")]


Sums = Mapping[str, Sum]
