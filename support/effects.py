"""Whether support programmes were effective (P7): the change of the schools in each beside that of similar schools in none, with n."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models import QuerySet
from django.urls import reverse

from core.calendar import AcademicYear
from core.components.formats import plural
from core.numbers import format_change, format_number, round_half_up
from core.spans import on_day
from people.models import Authority
from people.packs import AuthorityPack
from schools.models import School
from targets.pack import Measure, measures_of
from targets.selectors import rows_of
from targets.selectors.headlines import NotWritten, Sentence

from .models import Enrolment, Programme
from .programme_pack import programmes_of

CODE: Final = "support-programmes"
NAME: Final = "All support programmes effective"


@dataclass(frozen=True)
class SchoolEffect:
    """One school in a programme: its figures of two summers, and the mean change of ``peers`` similar schools."""

    school_id: int
    before: Decimal
    now: Decimal
    peers: int
    peer_change: Decimal

    @property
    def change(self) -> Decimal:
        return self.now - self.before

    @property
    def change_words(self) -> str:
        return format_change(self.change, 1)

    @property
    def peer_change_words(self) -> str:
        return format_change(self.peer_change, 1)


@dataclass(frozen=True)
class ProgrammeEffect:
    """One programme over a year. Means are of the schools with both results and at least one similar school, unrounded; ``left_out``
    are those enrolled without. ``similar`` counts the schools of no programme that were held beside them, each once."""

    programme: Programme
    measure: Measure
    rows: tuple[SchoolEffect, ...]
    left_out: int
    similar: int
    fewest: int

    @property
    def n(self) -> int:
        return len(self.rows)

    @property
    def is_written(self) -> bool:
        """Below five schools it is not (domain.md §5)."""
        return self.n >= self.fewest

    @property
    def change(self) -> Decimal | None:
        return sum((row.change for row in self.rows), Decimal(0)) / self.n if self.rows else None

    @property
    def similar_change(self) -> Decimal | None:
        return sum((row.peer_change for row in self.rows), Decimal(0)) / self.n if self.rows else None

    @property
    def over(self) -> Decimal | None:
        """Points by which they gained more than similar schools, rounded as it is shown; what rounds to nothing is no effect."""
        if self.change is None or self.similar_change is None:
            return None
        sign = 1 if self.measure.is_higher_better else -1
        return round_half_up((self.change - self.similar_change) * sign, 1)

    @property
    def is_effective(self) -> bool:
        return self.is_written and self.over is not None and self.over > 0

    def cells(self) -> tuple[str, ...]:
        """As tables show it; of too few schools the number alone."""
        if not self.is_written or self.change is None or self.similar_change is None or self.over is None:
            return (str(self.n), "", str(self.similar), "", "")
        return (
            str(self.n),
            format_change(self.change, 1),
            str(self.similar),
            format_change(self.similar_change, 1),
            format_change(self.over, 1),
        )


def programme_effects(authority: Authority, pack: AuthorityPack, schools: QuerySet[School], year: int) -> list[ProgrammeEffect]:
    """Each programme that had schools on 31 March of the academic year, the last day of spring before the results. Three queries."""
    part, policy = programmes_of(pack.content), measures_of(pack.content)
    before_exams = dt.date(AcademicYear(year).first + 1, 3, 31)
    enrolled = list(
        Enrolment.objects.filter(on_day(before_exams), programme__authority=authority, school__in=schools.order_by().values("pk"))
        .select_related("programme")
        .order_by("programme__label", "school_id")
    )
    if not enrolled:
        return []
    anywhere = {row.school_id for row in enrolled}
    programmes = {row.programme_id: row.programme for row in enrolled}
    measures = {pk: part.programme(programme.code) for pk, programme in programmes.items()}
    codes = {found.measure for found in measures.values() if found is not None}
    figures: dict[str, dict[int, tuple[Decimal, Decimal]]] = {}
    for code, rows in rows_of(schools, codes, (year - 1, year)).items():
        by_school: dict[int, dict[int, Decimal]] = {}
        for row in rows:
            if row.value is not None:
                by_school.setdefault(row.school_id, {})[row.year] = row.value
        figures[code] = {pk: (years[year - 1], years[year]) for pk, years in by_school.items() if len(years) == 2}
    found = []
    for pk, programme in programmes.items():
        of_pack = measures[pk]
        if of_pack is None:
            continue
        both = figures.get(of_pack.measure, {})
        others = [(school, *pair) for school, pair in both.items() if school not in anywhere]
        inside = [row.school_id for row in enrolled if row.programme_id == pk]
        lines, beside = [], set[int]()
        for school in inside:
            if school not in both:
                continue
            was, now = both[school]
            peers = [(other, new - old) for other, old, new in others if abs(old - was) <= part.effect.similar_within]
            if not peers:
                continue
            beside |= {other for other, _ in peers}
            lines.append(SchoolEffect(school, was, now, len(peers), sum((gain for _, gain in peers), Decimal(0)) / len(peers)))
        found.append(
            ProgrammeEffect(
                programme,
                policy.measure(of_pack.measure),
                tuple(lines),
                len(inside) - len(lines),
                len(beside),
                part.effect.fewest_schools,
            )
        )
    return found


HEAD: Final = ("", "Schools", "Change", "Similar schools", "Their change", "Over")


def rule_words(pack: AuthorityPack) -> str:
    within = format_number(programmes_of(pack.content).effect.similar_within, 1)
    return (
        f"Mean change in points of the schools in each programme, beside schools in none that stood within {within} points the year before."
    )


def headline(authority: Authority, pack: AuthorityPack, schools: QuerySet[School], year: int) -> Sequence[Sentence | NotWritten]:
    """P7: written only from the table; of a programme with fewer than five schools nothing is."""
    effects = programme_effects(authority, pack, schools, year)
    if not effects:
        return [NotWritten(CODE, "all", NAME, f"No school was in a programme in {AcademicYear(year)}.")]
    short = [effect for effect in effects if not effect.is_written]
    if short:
        words = "; ".join(f"{effect.programme.label} has {plural(effect.n, 'school')} that can be compared" for effect in short)
        return [NotWritten(CODE, "all", NAME, f"{words}: fewer than {short[0].fewest}.")]
    good = [effect for effect in effects if effect.is_effective]
    if not good:
        return [NotWritten(CODE, "all", NAME, "In no programme did schools gain more than similar schools in none.")]
    if len(good) == len(effects):
        text = "All support programmes effective" if len(good) > 1 else f"The support programme was effective: {good[0].programme.label}"
    else:
        text = f"{len(good)} of {len(effects)} support programmes effective: {', '.join(effect.programme.label for effect in good)}"
    rows = [[effect.programme.label, *effect.cells()] for effect in effects]
    codes = list(dict.fromkeys(effect.measure.code for effect in effects))
    left = sum(effect.left_out for effect in effects)
    how = rule_words(pack) + (
        f" {plural(left, 'school')} without both results or a similar school {'is' if left == 1 else 'are'} left out." if left else ""
    )
    return [Sentence(CODE, "all", f"{text}.", how, HEAD, rows, codes, "P7", "Points", reverse("support:programme-effects"))]
