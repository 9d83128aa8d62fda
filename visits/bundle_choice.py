"""Which records a bundle holds: the choice in words and rows, the limits, and what its asker may read of it now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import IO

from django.db.models import F, QuerySet

from core.components import formats
from people.models import Authority, Cluster, User
from schools.models import School

from .choices import BundleForm, RecordKind
from .models import Bundle, NoteRecord, Round

MOST: dict[str, int] = {BundleForm.PDF: 150, BundleForm.ZIP: 1500}
"""So many notes in one file: as many as one process can hold laid out at once, and as a mailbox can still take."""


@dataclass(frozen=True)
class Wanted:
    """What a person chose. Whatever is left empty does not narrow."""

    round: Round | None = None
    school: School | None = None
    lead: User | None = None
    cluster: Cluster | None = None
    kind: str = ""
    kind_label: str = ""
    since: dt.date | None = None
    until: dt.date | None = None

    def words(self) -> list[tuple[str, str]]:
        """The choice in words, for the page and the first page of the file."""
        found = [
            ("Round", self.round.name if self.round else ""),
            ("School", self.school.name if self.school else ""),
            ("Visits led by", self.lead.name if self.lead else ""),
            ("Cluster", self.cluster.name if self.cluster else ""),
            ("Kind of visit", self.kind_label),
            ("Visits from", formats.day(self.since) if self.since else ""),
            ("Visits to", formats.day(self.until) if self.until else ""),
        ]
        return [(label, value) for label, value in found if value]


def records_wanted(user: User, authority: Authority, wanted: Wanted) -> QuerySet[NoteRecord]:
    """The current final records of the choice, inside the asker's scope: neither superseded nor withdrawn, by school and day."""
    found = (
        NoteRecord.objects.visible_to(user)
        .with_standing()
        .filter(authority=authority, kind=RecordKind.FINAL, is_withdrawn=False, is_superseded=False)  # type: ignore[misc]
    )
    if wanted.round is not None:
        found = found.filter(note__visit__round=wanted.round)
    if wanted.school is not None:
        found = found.filter(school=wanted.school)
    if wanted.lead is not None:
        found = found.filter(note__visit__lead=wanted.lead)
    if wanted.cluster is not None:
        found = found.filter(school__cluster=wanted.cluster)
    if wanted.kind:
        found = found.filter(note__visit__visit_type=wanted.kind)
    if wanted.since is not None:
        found = found.filter(note__visit__on__gte=wanted.since)
    if wanted.until is not None:
        found = found.filter(note__visit__on__lte=wanted.until)
    return in_order(found)


def in_order(records: QuerySet[NoteRecord]) -> QuerySet[NoteRecord]:
    rows = records.select_related("school__authority", "note__visit__lead", "note__authority").defer("payload")
    return rows.annotate(visit_on=F("note__visit__on")).order_by("school__name", "school_id", "visit_on", "pk")


def still_readable(bundle: Bundle, user: User) -> QuerySet[NoteRecord]:
    """What the asker may read of it now: asked when it is made, and again at each download."""
    found = NoteRecord.objects.visible_to(user).with_standing().filter(public_id__in=bundle.records, is_withdrawn=False)  # type: ignore[misc]
    return in_order(found)


def too_many(form: str, count: int) -> str:
    """The sentence that says so, or nothing."""
    if count <= MOST[form]:
        return ""
    if form == BundleForm.PDF and count <= MOST[BundleForm.ZIP]:
        return f"One PDF holds at most {MOST[form]} notes, and this is {count}. Narrow the choice, or take the zip."
    return f"One file holds at most {MOST[form]} notes, and this is {count}. Narrow the choice: one cluster, one adviser, or fewer months."


@dataclass(frozen=True)
class MadeBundle:
    """The file as made, open at its beginning; ``rendered`` of its notes have no PDF of record."""

    file: IO[bytes]
    size: int
    sha256: str
    pages: int
    rendered: int
