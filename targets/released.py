"""What the authority may know of a pupil-level sheet (domain.md §5): sums, with small numbers hidden over all its tables together.

The tables are of the same pupils and hang together: the groups by the pupils who reach both subjects, the progression of each subject
by those who reach it, both by the school's sums. So a number hidden in one could be worked out from another, or from a percentage in
the round. All of them are one release (``core.disclosure``), and what the round shows is taken from it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.access import can
from core.disclosure import Name, Release
from people.packs import AuthorityPack
from people.roles import Permission as P
from schools.models import School

from .models import Pupil
from .pack import Progression
from .pupils import SUBJECTS, Sum, by_group, has_reached, matrix_for, progress_code, progressed, stage_of, sums_of

NOT_KNOWN = "not known"
EVERYBODY: Name = ("all",)
BOTH: Name = ("both",)
INNER, MARGIN, SUM, MAIN = 0, 1, 2, 3


@dataclass
class Released:
    """Numbers of pupils; None where hidden. ``groups``: names, and the lines group, others, all; ``matrices`` by subject with a line
    and a column for what is not known, and totals; ``sums`` by measure."""

    pupils: int
    groups: list[tuple[tuple[str, str], list[list[int | None]]]]
    matrices: dict[str, list[list[int | None]]]
    sums: dict[str, Sum | None]


def released(pupils: Sequence[Pupil], english: Progression, maths: Progression, stage: str, smallest: int) -> Released:
    release = Release()
    by_subject = {"en": english, "ma": maths}
    release.fix(EVERYBODY, len(pupils))
    groups = _groups(release, pupils, english, maths)
    matrices = {subject: _matrix(release, pupils, matrix, subject) for subject, matrix in by_subject.items()}
    _subjects(release, pupils, by_subject)
    sums = sums_of(pupils, english, maths, stage)
    named = _sums(release, pupils, by_subject, stage, sums)
    hidden = release.hidden(smallest)

    def shown(name: Name) -> int | None:
        return None if name in hidden else release.values[name]

    return Released(
        len(pupils),
        [(names, [[shown(name) for name in line] for line in lines]) for names, lines in groups],
        {subject: [[shown(name) for name in line] for line in lines] for subject, lines in matrices.items()},
        {code: None if any(name in hidden for name in names) else sums[code] for code, names in named.items()},
    )


def _groups(
    release: Release, pupils: Sequence[Pupil], english: Progression, maths: Progression
) -> list[tuple[tuple[str, str], list[list[Name]]]]:
    """Each pair of groups by both subjects reached, not, and all; the last line is the same in each."""
    found = []
    for key, table, names in by_group(pupils, english, maths):
        last: list[Name] = [BOTH, ("not both",), EVERYBODY]
        lines: list[list[Name]] = [[(key, line, column) for column in range(3)] for line in range(2)]
        for line, counts in zip(lines, table[:2], strict=True):
            for name, count in zip(line, counts, strict=True):
                release.tell(name, count, MARGIN if name[2] == 2 else INNER)
        release.tell(BOTH, table[2][0], MAIN)
        release.tell(("not both",), table[2][1], MAIN)
        every: list[list[Name]] = [*[list(line) for line in lines], last]
        release.table(every)
        found.append((names, every))
    return found


def _matrix(release: Release, pupils: Sequence[Pupil], matrix: Progression, subject: str) -> list[list[Name]]:
    """Prior level by target, with what is not known: the whole is every pupil."""
    rows, columns = (*matrix.rows, NOT_KNOWN), (*matrix.columns, NOT_KNOWN)
    counts = {(row, column): 0 for row in rows for column in columns}
    for pupil in pupils:
        prior, target = getattr(pupil, f"prior_{subject}"), getattr(pupil, f"target_{subject}")
        counts[prior if prior in matrix.rows else NOT_KNOWN, target if target in matrix.columns else NOT_KNOWN] += 1
    lines: list[list[Name]] = []
    for row in rows:
        names = [release.tell((subject, row, column), counts[row, column], INNER) for column in columns]
        total = release.tell((subject, row, "all"), sum(counts[row, column] for column in columns), MARGIN)
        lines.append([*names, total])
    last = [release.tell((subject, "all", column), sum(counts[row, column] for row in rows), MARGIN) for column in columns]
    lines.append([*last, EVERYBODY])
    release.table(lines)
    return lines


def _subjects(release: Release, pupils: Sequence[Pupil], by_subject: dict[str, Progression]) -> None:
    """Those who reach English, mathematics, both: how the groups hang together with each progression."""
    reached = {
        subject: [has_reached(matrix, getattr(pupil, f"target_{subject}")) for pupil in pupils] for subject, matrix in by_subject.items()
    }
    pairs = list(zip(reached["en"], reached["ma"], strict=True))
    only_en, only_ma = (
        release.know(("only", subject), pairs.count(pair)) for subject, pair in (("en", (True, False)), ("ma", (False, True)))
    )
    neither = release.know(("neither",), pairs.count((False, False)))
    for subject, only, other in (("en", only_en, only_ma), ("ma", only_ma, only_en)):
        matrix = by_subject[subject]
        at = matrix.columns.index(matrix.reached)
        yes = release.know(("reached", subject), sum(reached[subject]))
        no = release.know(("not reached", subject), len(pupils) - sum(reached[subject]))
        release.total(yes, [BOTH, only])
        release.total(no, [other, neither])
        release.total(EVERYBODY, [yes, no])
        release.total(yes, [(subject, "all", column) for column in matrix.columns[at:]])


def _sums(
    release: Release, pupils: Sequence[Pupil], by_subject: dict[str, Progression], stage: str, sums: dict[str, Sum]
) -> dict[str, tuple[Name, ...]]:
    """The numbers behind each of the school's sums: those who reach the measure, and of how many."""
    named: dict[str, tuple[Name, ...]] = {}
    if stage == "ks2":
        named["ks2.l4_en_ma"] = (BOTH, EVERYBODY)
        for subject in SUBJECTS:
            named[f"ks2.l4_{subject}"] = (release.tell(("reached", subject), sums[f"ks2.l4_{subject}"].reached, SUM), EVERYBODY)
    if "ks4.ac5" in sums:
        five, every = (release.tell((code,), sums[code].reached, MAIN) for code in ("ks4.ac5", "ks4.ac5_en_ma"))
        release.total(five, [every, release.know(("five only",), release.values[five] - release.values[every])])
        release.total(BOTH, [every, release.know(("both only",), release.values[BOTH] - release.values[every])])
        release.total(EVERYBODY, [five, release.know(("not five",), len(pupils) - release.values[five])])
        named |= {"ks4.ac5": (five, EVERYBODY), "ks4.ac5_en_ma": (every, EVERYBODY)}
    for subject, matrix in by_subject.items():
        code = progress_code(stage, subject)
        made = release.tell((code, "made"), sums[code].reached, SUM)
        known = release.tell((code, "known"), sums[code].cohort, SUM)
        missed = release.know((code, "not made"), sums[code].cohort - sums[code].reached)
        release.total(known, [made, missed])
        release.total(known, [(subject, row, "all") for row in matrix.rows])
        cells = [(subject, row, column) for row in matrix.rows for column in matrix.columns if progressed(matrix, row, column)]
        release.total(made, cells)
        named[code] = (made, known)
    return named


def of_school(pupils: Sequence[Pupil], pack: AuthorityPack, phase: str) -> Released | None:
    """The release of a school's sheet, as its pack says; ``None`` where the pack has no matrix for its kind, or the pupils are so few
    that nothing is told of them."""
    stage, smallest = stage_of(phase), pack.whole("pupil_rows_smallest_cell")
    english, maths = (matrix_for(pack.content, stage, subject) for subject in SUBJECTS)
    if english is None or maths is None or len(pupils) < smallest:
        return None
    return released(pupils, english, maths, stage, smallest)


def withheld(pupils: Sequence[Pupil], pack: AuthorityPack, phase: str) -> set[str]:
    """The measures whose sum the authority is not shown."""
    stage = stage_of(phase)
    english, maths = (matrix_for(pack.content, stage, subject) for subject in SUBJECTS)
    if english is None or maths is None:
        return set()
    found = of_school(pupils, pack, phase)
    return {code for code in sums_of(pupils, english, maths, stage) if found is None or found.sums[code] is None}


def readable(by_sheet: Mapping[tuple[int, int], Sequence[Pupil]], reader: Any, school: School, on: dt.date) -> set[int]:
    """The summers of whose pupils' rows this person reads (``by_sheet``: the pupils of the school by its id and the summer)."""
    found = set()
    for (_, summer), pupils in by_sheet.items():
        pupils[0].sheet.school = school
        if can(reader, P.PUPIL_READ, pupils[0].sheet, on=on):
            found.add(summer)
    return found


def withheld_sums(
    by_sheet: Mapping[tuple[int, int], Sequence[Pupil]], pack: AuthorityPack, school: School, *, but: Collection[int] = ()
) -> set[tuple[int, str, int]]:
    """The school's sums (school, measure, summer) that are told to nobody but readers of the rows; without the summers ``but``."""
    return {
        (school.pk, code, summer)
        for (_, summer), pupils in by_sheet.items()
        if summer not in but
        for code in withheld(pupils, pack, school.phase)
    }


__all__ = ["NOT_KNOWN", "Released", "of_school", "readable", "released", "withheld", "withheld_sums"]
