"""How many pupils of a prior level reach the level asked for, in England or the authority: what the progression matrix is set beside.

The pack may hold the national shares; else they come by the import of results, as comparators whose measure is the matrix's code
(``ks1-ks2-en``) and whose group is the prior level (``2B``). What is held nowhere is said to be "not held".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from .choices import Level
from .models import Comparator
from .pack import Measure, Progression, TargetsPart


def conversion_measures(part: TargetsPart) -> Mapping[str, Measure]:
    """Each matrix as a measure that comparators, and no school, can have."""
    return {matrix.code: _measure(matrix) for matrix in part.progression}


def _measure(matrix: Progression) -> Measure:
    return Measure(
        code=matrix.code,
        label=f"Pupils who reach {matrix.reached}, by prior level ({matrix.code})",
        short_label=f"Conversion, {matrix.code}",
        unit="%",
        kind="percent",
        key_stage=matrix.code.split("-")[1].upper() if "-" in matrix.code else "all",
        subject="all",
        is_higher_better=True,
        decimals=0,
        phases=(),
        groups=matrix.rows,
        dataset="results",
        definition="",
        floors=(),
        national=(),
        statutory_summers=(),
        has_interval=False,
        is_collected=True,
        from_summer=None,
    )


@dataclass(frozen=True)
class Conversions:
    """``shares`` by prior level, in per cent, of the latest summer held; ``origin`` says from where, "" where nothing is held."""

    shares: Mapping[str, Decimal]
    origin: str


def national_conversions(authority_id: int, matrices: Iterable[Progression]) -> dict[str, Conversions]:
    """By matrix code: what was imported for England, the latest year of it; else the pack's own. One query."""
    by_code = {matrix.code: matrix for matrix in matrices}
    held: dict[str, dict[int, dict[str, Decimal]]] = {}
    titles: dict[tuple[str, int], str] = {}
    rows = Comparator.objects.filter(
        authority_id=authority_id, level=Level.NATIONAL, measure__in=by_code, is_current=True, value__isnull=False, place="", basis=""
    )
    for row in rows.select_related("source"):
        if row.value is not None:
            held.setdefault(row.measure, {}).setdefault(row.academic_year, {})[row.pupil_group] = row.value
            titles[row.measure, row.academic_year] = row.source.title
    found = {}
    for code, matrix in by_code.items():
        if code in held:
            year = max(held[code])
            found[code] = Conversions(held[code][year], f"summer {year + 1}, {titles[code, year]}")
        else:
            found[code] = Conversions(matrix.national, "the pack" if matrix.national else "")
    return found


def with_national(matrix: Progression, conversions: Conversions) -> Progression:
    return replace(matrix, national=conversions.shares)
