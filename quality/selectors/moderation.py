"""What a sample is drawn from, and what its ratings say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch, QuerySet

from people.choices import SipKind
from people.models import Sip
from support.models import Concern
from visits.models import NoteOfVisit, Round, VisitSchool

from ..agreement import GRADES, Agreement
from ..choices import ModerationState
from ..draw import Candidate
from ..models import CriterionRating, GateRating, Moderation, ModerationSample, SampledNote
from .shadowing import round_half


def frame_of(round_: Round) -> dict[Candidate, NoteOfVisit]:
    """The final notes of a round by SIPs; in four queries.

    The stratum is as of the visit: the author's kind, the first school's phase, whether a school of it was causing concern.
    """
    rows = (
        NoteOfVisit.objects.filter(visit__round=round_, final_version__isnull=False)
        .exclude(is_final_withdrawn=True)
        .select_related("visit", "author", "authority")
        .prefetch_related("visit__visit_schools__school")
        .order_by("reference")
    )
    notes = [note for note in rows if note.school.phase in round_.phases]
    kinds: dict[int, list[Sip]] = defaultdict(list)
    for sip in Sip.objects.filter(authority=round_.authority, user__in={note.author_id for note in notes}):
        kinds[sip.user_id].append(sip)
    concerns: dict[int, list[Concern]] = defaultdict(list)
    for concern in Concern.objects.filter(school__authority=round_.authority):
        concerns[concern.school_id].append(concern)
    found = {}
    for note in notes:
        on = note.visit.on or round_.ends_on
        author = next((row for row in kinds[note.author_id] if row.holds_on(on)), None)
        if author is None:
            continue
        is_concern = any(row.holds_on(on) for school in note.covered for row in concerns[school.pk])
        found[Candidate(note.reference, str(note.author_id), (author.kind, note.school.phase, is_concern))] = note
    return found


def _schools_of(visit: str) -> Prefetch[Any]:
    return Prefetch(f"{visit}__visit_schools", VisitSchool.objects.select_related("school__authority", "school__cluster"))


def with_notes(rows: QuerySet[Moderation]) -> QuerySet[Moderation]:
    """What the pages of ratings show."""
    related = rows.select_related("authority", "moderator", "sampled__sample__round", "sampled__note__visit", "sampled__note__author")
    return related.prefetch_related(_schools_of("sampled__note__visit"))


def sampled_with_notes(rows: QuerySet[SampledNote]) -> QuerySet[SampledNote]:
    related = rows.select_related("sample__round", "note__visit", "note__author", "note__authority")
    return related.prefetch_related(_schools_of("note__visit"), Prefetch("moderations", Moderation.objects.select_related("moderator")))


# ---------------------------------------------------------------- results


@dataclass
class CriterionLine:
    """How many notes had each grade on a criterion; the weakest criteria stand where the list ends."""

    label: str
    position: int
    counts: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    code: str = ""

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def good(self) -> int:
        return self.counts[0] + self.counts[1]

    @property
    def percent(self) -> int:
        return round_half(self.good * 100, self.total) if self.total else 0

    @property
    def shares(self) -> list[tuple[int, int, int]]:
        """``(grade, count, percent)``."""
        return [(g, n, round_half(n * 100, self.total) if self.total else 0) for g, n in zip(GRADES, self.counts, strict=True)]


@dataclass
class Slice:
    """Overall grades of the notes of one kind of SIP, or of one round, and how many follow the guidance."""

    label: str
    counts: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    conforms: int = 0

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def conforms_percent(self) -> int:
        return round_half(self.conforms * 100, self.total) if self.total else 0


@dataclass
class Pair:
    """Two moderators' overall grades of one note, and the one that stands where they differ."""

    sampled: SampledNote
    first: int
    second: int
    moderators: tuple[int, int]

    @property
    def is_to_settle(self) -> bool:
        return self.first != self.second and self.sampled.settled_grade is None


@dataclass
class Results:
    """Of each note its first rating counts, or the grade that a manager settled; the second is for agreement alone."""

    notes: int
    criteria: list[CriterionLine]
    kinds: list[Slice]
    rounds: list[Slice]
    agreement: Agreement
    differing: list[tuple[str, int, int]]
    """Criterion, pairs with the same grade, pairs: where moderators differ, the least agreed first."""
    pairs: list[Pair] = field(default_factory=list)

    @property
    def to_settle(self) -> list[Pair]:
        return [pair for pair in self.pairs if pair.is_to_settle]


CONFORMS = "conforms"
"""The criterion of P30: the note follows the authority's guidance."""


def results_of(samples: Iterable[ModerationSample], visible: QuerySet[SampledNote]) -> Results:
    """What the ratings of these samples say, over the notes that the asker sees; in three queries."""
    ids = [sample.pk for sample in samples]
    rows = list(
        Moderation.objects.filter(state=ModerationState.RATED, sampled__in=visible.filter(sample__in=ids).order_by().values("pk"))
        .select_related("sampled__sample__round", "sampled__note__author", "sampled__note__visit", "sampled__note__authority")
        .prefetch_related(_schools_of("sampled__note__visit"))
        .order_by("sampled__sample__round__starts_on", "sampled", "place")
    )
    grades: dict[int, dict[str, CriterionRating]] = defaultdict(dict)
    for rating in CriterionRating.objects.filter(moderation__in=[row.pk for row in rows]):
        if rating.moderation_id is not None:
            grades[rating.moderation_id][rating.code] = rating
    by_note: dict[int, list[Moderation]] = defaultdict(list)
    for row in rows:
        by_note[row.sampled_id].append(row)
    criteria: dict[str, CriterionLine] = {}
    kinds: dict[str, Slice] = {}
    rounds: dict[int, Slice] = {}
    pairs: list[Pair] = []
    agreed: dict[str, list[bool]] = defaultdict(list)
    labels: dict[str, str] = {}
    for given in by_note.values():
        first, overall = given[0], given[0].overall
        assert overall is not None
        stands = first.sampled.settled_grade or overall
        for rating in grades[first.pk].values():
            criteria.setdefault(rating.code, CriterionLine(rating.label, rating.position, code=rating.code)).counts[rating.grade - 1] += 1
        kind = SipKind(first.sampled.sip_kind).label
        conforming = grades[first.pk].get(CONFORMS)
        for slice_ in (
            kinds.setdefault(first.sampled.sip_kind, Slice(str(kind).capitalize())),
            rounds.setdefault(first.sampled.sample_id, Slice(first.sampled.sample.round.name)),
        ):
            slice_.counts[stands - 1] += 1
            slice_.conforms += conforming is not None and conforming.grade <= 2
        if len(given) == 2 and given[1].overall is not None:
            pairs.append(Pair(first.sampled, overall, given[1].overall, (first.moderator_id, given[1].moderator_id)))
            for code, rating in grades[first.pk].items():
                if code in grades[given[1].pk]:
                    labels[code] = rating.label
                    agreed[code].append(rating.grade == grades[given[1].pk][code].grade)
    differing = [(labels[code], sum(same), len(same)) for code, same in agreed.items() if not all(same)]
    order = list(SipKind.values)
    return Results(
        notes=len(by_note),
        criteria=sorted(criteria.values(), key=lambda line: (-line.percent, line.position)),
        kinds=[kinds[kind] for kind in order if kind in kinds],
        rounds=list(rounds.values()),
        agreement=Agreement.of((pair.first, pair.second) for pair in pairs),
        pairs=pairs,
        differing=sorted(differing, key=lambda item: (item[1] * 1000 // item[2], item[0])),
    )


@dataclass
class AtGate:
    """Ratings by the same form at the gate: how many, the overall grades, and each criterion. Never added to those of moderators."""

    counts: list[int]
    criteria: list[CriterionLine]

    @property
    def total(self) -> int:
        return sum(self.counts)


def ratings_at_gate(rows: QuerySet[GateRating]) -> AtGate:
    """Over the ratings that the asker sees, each with its criteria; in one query."""
    overall: dict[int, int] = {}
    criteria: dict[str, CriterionLine] = {}
    grades = CriterionRating.objects.filter(gate__in=rows.order_by().values("pk"))
    for gate_id, given, code, label, position, grade in grades.values_list(
        "gate_id", "gate__overall", "code", "label", "position", "grade"
    ):
        overall[gate_id] = given
        criteria.setdefault(code, CriterionLine(label, position)).counts[grade - 1] += 1
    counts = [sum(given == grade for given in overall.values()) for grade in GRADES]
    return AtGate(counts, sorted(criteria.values(), key=lambda line: (-line.percent, line.position)))


__all__: Sequence[str] = (
    "AtGate",
    "CriterionLine",
    "Pair",
    "Results",
    "Slice",
    "frame_of",
    "ratings_at_gate",
    "results_of",
    "sampled_with_notes",
    "with_notes",
)
