"""Calibration: what SIPs judged, frozen in their final notes, against what inspectors then found (domain.md §4, §6).

Of an inspection the last final note before it counts, and of that note each area that the pack sets against a judgement of the
inspection. Grades of one framework are never set against those of another: a note written under a framework that ended before
the inspection is counted apart, and compared with nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef

from core.calendar import AcademicYear
from people.models import Authority, User
from people.packs import AuthorityPack
from schools.choices import InspectionKind
from schools.models import Inspection, School
from schools.pack import inspection_of
from visits.choices import RecordKind, WithdrawalState
from visits.facts import kept_of
from visits.models import NoteRecord, RecordWithdrawal
from visits.pack import visits_of

OVERALL = "overall"
BANDS = ((6, "up to 6 months"), (12, "7 to 12 months"), (None, "more than a year"))


def months_between(first: dt.date, last: dt.date) -> int:
    """Whole months from one day to a later one."""
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)


@dataclass(frozen=True)
class Compared:
    """One judgement of a SIP beside the inspectors', of the same area under the same framework. 1 is outstanding."""

    school: School
    record: NoteRecord
    inspection: Inspection
    area: str
    label: str
    sip: int
    inspectors: int
    months: int

    @property
    def author(self) -> User:
        return self.record.author or self.record.note.author

    @property
    def apart(self) -> int:
        """Above nought: the SIP had graded higher than inspectors did."""
        return self.inspectors - self.sip

    @property
    def band(self) -> str:
        return next(label for most, label in BANDS if most is None or self.months <= most)


@dataclass
class Tally:
    """Counts of one group: the same grade, a SIP higher, a SIP lower."""

    key: str
    label: str
    same: int = 0
    higher: int = 0
    lower: int = 0

    @property
    def total(self) -> int:
        return self.same + self.higher + self.lower

    def add(self, row: Compared) -> None:
        self.same += row.apart == 0
        self.higher += row.apart > 0
        self.lower += row.apart < 0


@dataclass
class Calibration:
    rows: list[Compared] = field(default_factory=list)
    other_framework: int = 0
    """Inspections whose last note before was written under another framework: not compared."""
    without_note: int = 0

    @property
    def same(self) -> int:
        return sum(row.apart == 0 for row in self.rows)

    @property
    def within_one(self) -> int:
        return sum(abs(row.apart) <= 1 for row in self.rows)

    @property
    def words(self) -> str:
        if not self.rows:
            return "No inspection can be set against a final note yet"
        return f"Same grade in {self.same} of {len(self.rows)}, within one in {self.within_one}"

    def _by(self, of: Callable[[Compared], tuple[str, str]]) -> list[Tally]:
        found: dict[str, Tally] = {}
        for row in self.rows:
            key, label = of(row)
            found.setdefault(key, Tally(key, label)).add(row)
        return list(found.values())

    @property
    def by_area(self) -> list[Tally]:
        return sorted(self._by(lambda row: (row.area, row.label)), key=lambda tally: tally.label)

    @property
    def by_sip(self) -> list[Tally]:
        return sorted(self._by(lambda row: (row.author.public_id, row.author.name)), key=lambda tally: tally.label)

    @property
    def by_months(self) -> list[Tally]:
        order = [label for _, label in BANDS]
        return sorted(self._by(lambda row: (row.band, row.band)), key=lambda tally: order.index(tally.key))


def calibration(user: Any, authority: Authority, pack: AuthorityPack, on: dt.date) -> Calibration:
    """Full inspections of the pack's cycle to a day, at the schools and with the records that the asker may read: four queries, and a
    fifth for records that this process has not read before."""
    part, frameworks = visits_of(pack.content), inspection_of(pack.content).frameworks
    areas = {area.code: (area.label, area.inspection) for area in part.areas if area.inspection}
    since = min(inspection_of(pack.content).cycle_starts_on, AcademicYear.from_date(on).starts_on)
    inspections = list(
        Inspection.objects.visible_to(user)
        .filter(authority=authority, kind=InspectionKind.FULL, urn_then__isnull=True, starts_on__range=(since, on))
        .prefetch_related("grades")
        .order_by("starts_on", "pk")
    )
    records = _records(user, {row.school_id for row in inspections})
    kept = kept_of((record.pk, record.digest) for found in records.values() for record in found)
    result = Calibration()
    for inspection in inspections:
        grades = {row.area: row.grade for row in inspection.grades.all()} | {OVERALL: inspection.overall}
        before = [record for record in records.get(inspection.school_id, ()) if _visited(kept[record.pk].on, inspection.starts_on)]
        if not before:
            result.without_note += 1
            continue
        record = max(before, key=lambda row: (kept[row.pk].on, row.pk))
        visited = kept[record.pk].on
        assert visited is not None
        if frameworks.on(visited).code != frameworks.of(inspection.framework, inspection.starts_on).code:
            result.other_framework += 1
            continue
        result.rows += _compared(record, inspection, kept[record.pk].grades, grades, areas, months_between(visited, inspection.starts_on))
    return result


def _visited(day: dt.date | None, before: dt.date) -> bool:
    return day is not None and day < before


def _records(user: Any, school_ids: Iterable[int]) -> Mapping[int, Sequence[NoteRecord]]:
    """The final records that stand, of each school: not one whose withdrawal is asked for or confirmed."""
    sealed = RecordWithdrawal.objects.filter(record=OuterRef("pk")).exclude(state=WithdrawalState.REFUSED)
    rows = NoteRecord.objects.visible_to(user).filter(~Exists(sealed), school__in=school_ids, kind=RecordKind.FINAL)
    found: dict[int, list[NoteRecord]] = defaultdict(list)
    for record in rows.select_related("author", "school__authority", "note__author").defer("payload").order_by("note_id", "version"):
        found[record.school_id].append(record)
    return found


def _compared(
    record: NoteRecord,
    inspection: Inspection,
    sip: Mapping[str, int],
    inspectors: Mapping[str, int | None],
    areas: Mapping[str, tuple[str, str]],
    months: int,
) -> Iterable[Compared]:
    for code, (label, judged) in areas.items():
        grade = inspectors.get(judged)
        if code in sip and grade is not None and grade in (1, 2, 3, 4):
            yield Compared(record.school, record, inspection, code, label, sip[code], grade, months)


__all__ = ["Calibration", "Compared", "Tally", "calibration", "months_between"]
