"""How far rounds have come: each school in scope with its stage, and the figures over any group of them (domain.md §4, P9, P12).

:func:`coverages` answers for any number of rounds and schools in five queries at most. What a person may not know of a note is not in
their figures: the rows are ``served_by`` them, visits and notes those of their scope.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from core.packs import Labels
from core.spans import on_day
from people.models import User
from people.packs import AuthorityPack, pack_for, packs_for
from people.roles import Hat
from schools.choices import AssignmentKind, SchoolStatus
from schools.models import Assignment, School

from .choices import NOTE_TONES, VISIT_TONES, NoteState, RoundState, Stage, VisitState
from .models import NoteOfVisit, Round, RoundExemption, Visit, VisitSchool
from .selectors import due_day

ORDER = {stage: place for place, stage in enumerate(Stage)}
NOTE_STAGES = (Stage.SUBMITTED, Stage.WITH_SCHOOL, Stage.FINAL)
STAGE_OF_NOTE = {
    NoteState.IN_REVIEW: Stage.SUBMITTED,
    NoteState.READY: Stage.SUBMITTED,
    NoteState.WITH_SCHOOL: Stage.WITH_SCHOOL,
    NoteState.FINAL: Stage.FINAL,
}


@dataclass
class CoverageRow:
    """One school of one round: who serves it, how far it is, and what it waits for."""

    school: School
    sip: User | None = None
    exemption: RoundExemption | None = None
    visit: Visit | None = None
    note: NoteOfVisit | None = None
    stage: Stage = Stage.NONE
    due_on: dt.date | None = None
    late: str = ""
    """What is late, in words; empty where nothing is."""

    @property
    def is_expected(self) -> bool:
        return self.exemption is None and not self.is_without_sip

    @property
    def is_without_sip(self) -> bool:
        """Nobody serves it and nobody has come: a column of its own. A visit by cover counts as any other."""
        return self.sip is None and self.exemption is None and ORDER[self.stage] < ORDER[Stage.BOOKED]

    @property
    def is_waived(self) -> bool:
        return self.visit is not None and self.visit.note_waived_at is not None

    def has_reached(self, stage: Stage) -> bool:
        return self.is_expected and ORDER[self.stage] >= ORDER[stage]

    @property
    def tag(self) -> tuple[str, str]:
        """The stage as a tag: the note's own state where there is one that the asker may know."""
        if self.exemption is not None:
            return ("Exempt", "rest")
        if self.is_without_sip:
            return ("Nobody serves it", "due")
        if self.note is not None:
            return (str(NoteState(self.note.state).label), NOTE_TONES[self.note.state])
        if self.is_waived:
            return ("Held, no note due", "done")
        if self.visit is not None:
            return (str(VisitState(self.visit.state).label), VISIT_TONES[self.visit.state])
        return (str(Stage.NONE.label), "due")


@dataclass(frozen=True)
class Figure:
    """One number of the coverage: how many of how many, what it is called, and the filter that shows its rows."""

    key: str
    label: str
    n: int
    of: int | None = None

    @property
    def percent(self) -> int | None:
        """Whole per cent, halves up; None where there is nothing to divide by."""
        return (200 * self.n + self.of) // (2 * self.of) if self.of else None


FIGURES: dict[str, tuple[str, Callable[[CoverageRow], bool], bool]] = {
    # key: (label, which rows, of those whose note is due)
    "booked": ("Booked", lambda row: row.has_reached(Stage.BOOKED), False),
    "held": ("Held", lambda row: row.has_reached(Stage.HELD), False),
    "submitted": ("Note submitted", lambda row: row.has_reached(Stage.SUBMITTED), True),
    "with_school": ("Released to the school", lambda row: row.has_reached(Stage.WITH_SCHOOL), True),
    "final": ("Final", lambda row: row.has_reached(Stage.FINAL), True),
}
APART: dict[str, tuple[str, Callable[[CoverageRow], bool]]] = {
    "expected": ("Expected", lambda row: row.is_expected),
    "none": ("Not booked", lambda row: row.is_expected and row.stage == Stage.NONE),
    "proposed": ("Days proposed", lambda row: row.is_expected and row.stage == Stage.PROPOSED),
    "late": ("Late", lambda row: row.is_expected and bool(row.late)),
    "waived": ("Held, no note due", lambda row: row.is_expected and row.is_waived),
    "exempt": ("Exempt", lambda row: row.exemption is not None),
    "without_sip": ("Without a {sip}", lambda row: row.is_without_sip),
}
SHOWS = ("expected", "none", "proposed", "booked", "held", "submitted", "with_school", "final", "late", "waived", "exempt", "without_sip")
"""What a list of rows may be narrowed to, in the order of its filter."""


def matches(row: CoverageRow, show: str) -> bool:
    return FIGURES[show][1](row) if show in FIGURES else APART[show][1](row)


def label_of(show: str, labels: Labels) -> str:
    """What a number counts, in the authority's own words."""
    return (FIGURES[show][0] if show in FIGURES else APART[show][0]).replace("{sip}", labels.get("sip", "short"))


@dataclass
class Tally:
    """The figures over some rows: an authority's, a cluster's, a SIP's. Who was left out stands beside them."""

    rows: Sequence[CoverageRow]
    label: str = ""
    key: str = ""

    def count(self, show: str) -> int:
        return sum(1 for row in self.rows if matches(row, show))

    @property
    def expected(self) -> int:
        return self.count("expected")

    @property
    def figures(self) -> list[Figure]:
        """Booked, held and the note's stages over the schools expected; those whose note was waived are not asked for one."""
        expected = self.expected
        with_note = expected - self.count("waived")
        return [Figure(key, label, self.count(key), with_note if is_note else expected) for key, (label, _, is_note) in FIGURES.items()]

    @property
    def exempt(self) -> int:
        return self.count("exempt")

    @property
    def without_sip(self) -> int:
        return self.count("without_sip")

    @property
    def waived(self) -> int:
        return self.count("waived")

    @property
    def late(self) -> int:
        return self.count("late")

    @property
    def not_booked(self) -> int:
        return self.count("none")

    @property
    def proposed(self) -> int:
        return self.count("proposed")


@dataclass
class Coverage(Tally):
    """One round as one person sees it on a day."""

    round: Round = field(kw_only=True)
    on: dt.date = field(kw_only=True)

    def by_cluster(self) -> list[Tally]:
        return self._by(lambda row: (row.school.cluster.code, row.school.cluster.name) if row.school.cluster else ("none", "No cluster"))

    def by_sip(self) -> list[Tally]:
        return self._by(lambda row: (row.sip.public_id, row.sip.name) if row.sip else ("none", "Nobody"))

    def _by(self, key: Callable[[CoverageRow], tuple[str, str]]) -> list[Tally]:
        groups: dict[tuple[str, str], list[CoverageRow]] = defaultdict(list)
        for row in self.rows:
            groups[key(row)].append(row)
        ordered = sorted(groups, key=lambda found: (found[0] == "none", found[1]))
        return [Tally(groups[found], label=found[1], key=found[0]) for found in ordered]

    def narrowed(self, *, show: str = "", cluster: str = "", sip: str = "", words: str = "") -> list[CoverageRow]:
        """The rows behind a number. ``cluster`` is a code, ``sip`` a person's public id; "none" for without."""
        found = [row for row in self.rows if not show or matches(row, show)]
        if cluster:
            found = [row for row in found if (row.school.cluster.code if row.school.cluster else "none") == cluster]
        if sip:
            found = [row for row in found if (row.sip.public_id if row.sip else "none") == sip]
        if words:
            asked = words.strip().lower()
            found = [row for row in found if asked in row.school.name.lower() or asked == str(row.school.urn)]
        return found


def current_rounds(user: User, on: dt.date) -> list[Round]:
    """The rounds of a person's authorities that are open and have begun, or ended without being closed; the soonest to end first."""
    rows = Round.objects.visible_to(user).filter(state="open", starts_on__lte=on).select_related("authority")
    return list(rows.order_by("ends_on", "name"))


Packs = Mapping[int, AuthorityPack]
"""Authority id → its pack in force: a page that has it in hand passes it."""


def coverage(user: User, round: Round, on: dt.date, *, packs: Packs | None = None) -> Coverage:
    return coverages(user, [round], on, packs=packs)[0]


def coverages(user: User, rounds: Sequence[Round], on: dt.date, *, mine: bool = False, packs: Packs | None = None) -> list[Coverage]:
    """Each round over the schools of the asker's scope, by four queries for all of them (a fifth for packs that are not given).

    ``mine``: of their own caseload alone. What a person may not know of a note is not in their figures.
    """
    served = School.objects.served_by(user).exclude(pk__in=user.hats.walled)  # one's own school is not counted by its own people
    if mine:
        served = served.filter(pk__in=[a.school_id for a in user.hats.assignments if a.current])
    seen, known = Visit.objects.visible_to(user), NoteOfVisit.objects.visible_to(user)
    return _over(rounds, on, served, seen, known, packs if packs is not None else packs_for(user, on))


def whole_coverages(rounds: Sequence[Round], on: dt.date, *, packs: Packs | None = None) -> list[Coverage]:
    """The same over every school, for what the portal does by itself (reminders, figures of the whole). Its rows are shown to nobody."""
    if packs is None:
        packs = {round_.authority_id: pack for round_ in rounds if (pack := pack_for(round_.authority, on)) is not None}
    return _over(rounds, on, School.objects.all(), Visit.objects.all(), NoteOfVisit.objects.all(), packs)


def _over(
    rounds: Sequence[Round], on: dt.date, of: Any, seen: QuerySet[Visit], known: QuerySet[NoteOfVisit], packs: Packs
) -> list[Coverage]:
    if not rounds:
        return []
    scope = Q(pk__in=[])
    for round_ in rounds:
        day = round_.day_for_scope(on)
        standing = School.objects.standing_on(day).filter(authority_id=round_.authority_id, phase__in=round_.phases)
        scope |= Q(pk__in=standing.values("pk"))
    schools = list(of.filter(scope).select_related("authority", "cluster").order_by("name", "urn"))
    serving = _serving(schools, rounds, on)
    exempt = {(row.round_id, row.school_id): row for row in RoundExemption.objects.filter(round__in=rounds).select_related("by")}
    visits = _visits(seen, known, rounds)
    found = []
    for round_ in rounds:
        rows = []
        for school in schools:
            if (
                school.authority_id != round_.authority_id
                or school.phase not in round_.phases
                or not _stands(school, round_.day_for_scope(on))
            ):
                continue
            row = CoverageRow(school, serving.get((round_.pk, school.pk)), exempt.get((round_.pk, school.pk)))
            _advance(row, visits.get((round_.pk, school.pk), ()), round_, packs.get(round_.authority_id), on)
            rows.append(row)
        found.append(Coverage(rows, label=round_.name, key=round_.public_id, round=round_, on=on))
    return found


@dataclass(frozen=True)
class RoundInShort:
    """What a line about a round needs of it."""

    public_id: str
    name: str
    visit_type: str
    ends_on: dt.date
    authority_id: int


@dataclass(frozen=True)
class Unbooked:
    """A school for which nothing is booked or proposed in an open round that has begun."""

    school_id: int
    school_name: str
    adviser_id: int
    round: RoundInShort


def unbooked(user: User, on: dt.date) -> list[Unbooked]:
    """The asker's own schools with nothing booked in an open round; of the authorities whose rounds they manage, also every
    other SIP's where the round's window is over. One query, once an instance of the user: the home asks twice."""
    kept: dict[dt.date, list[Unbooked]] = user.__dict__.setdefault("_unbooked", {})
    if on not in kept:
        kept[on] = _unbooked(user, on)
    return kept[on]


def _unbooked(user: User, on: dt.date) -> list[Unbooked]:
    managing = {role.authority_id for role in user.hats.roles if role.hat == Hat.SIP_MANAGER}
    sips = Q(kind=AssignmentKind.SIP) | Q(kind=AssignmentKind.NC_ADVISER, takes_place_of_sip=True)
    whose = Q(adviser=user) | Q(authority__in=managing, authority__rounds__ends_on__lt=on)
    rounds = Q(authority__rounds__state=RoundState.OPEN, authority__rounds__starts_on__lte=on)
    at_school = {"school": OuterRef("school"), "visit__round": OuterRef("authority__rounds")}
    visits = VisitSchool.objects.filter(**at_school).exclude(visit__state__in=(VisitState.CANCELLED, VisitState.ABORTED))
    exempt = RoundExemption.objects.filter(school=OuterRef("school"), round=OuterRef("authority__rounds"))
    served = School.objects.served_by(user).standing_on(on)
    names = ("public_id", "name", "visit_type", "ends_on", "authority_id", "phases")
    rows = (
        # one filter, so that every condition is about the same round
        Assignment.objects.filter(on_day(on) & sips & whose & rounds & ~Exists(visits) & ~Exists(exempt), school__in=served.values("pk"))
        .exclude(school__in=user.hats.walled)
        .order_by("authority__rounds__ends_on", "authority__rounds__name", "school__name")
        .values_list("school_id", "school__name", "school__phase", "adviser_id", *(f"authority__rounds__{name}" for name in names))
    )
    return [
        Unbooked(school_id, name, adviser_id, RoundInShort(*of_round))
        for school_id, name, phase, adviser_id, *of_round, phases in rows
        if phase in phases
    ]


def _stands(school: School, day: dt.date) -> bool:
    """As ``SchoolQuerySet.standing_on``, of a school in hand: rounds of one page may ask about different days."""
    if school.opened_on is not None and school.opened_on > day:
        return False
    if school.closed_on is not None and school.closed_on < day:
        return False
    return school.status in (SchoolStatus.OPEN, SchoolStatus.CLOSING) or (
        school.status == SchoolStatus.CLOSED and school.closed_on is not None
    )


def _serving(schools: Iterable[School], rounds: Sequence[Round], on: dt.date) -> dict[tuple[int, int], User]:
    """(round, school) → its SIP on the round's day, or the National Challenge adviser who takes the place (S6)."""
    days = {round_.pk: round_.day_for_scope(on) for round_ in rounds}
    holds = Q(pk__in=[])
    for day in set(days.values()):
        holds |= on_day(day)
    sips = Q(kind=AssignmentKind.SIP) | Q(kind=AssignmentKind.NC_ADVISER, takes_place_of_sip=True)
    rows = Assignment.objects.filter(holds & sips, authority__in={r.authority_id for r in rounds}).select_related("adviser")
    at = {school.pk for school in schools}
    found: dict[tuple[int, int], User] = {}
    for row in rows.order_by("takes_place_of_sip"):
        for pk, day in days.items():
            if row.school_id in at and row.holds_on(day):
                found[pk, row.school_id] = row.adviser
    return found


def _visits(seen: QuerySet[Visit], known: QuerySet[NoteOfVisit], rounds: Sequence[Round]) -> dict[tuple[int, int], list[Any]]:
    """(round, school) → its visits that stand, the latest booked last; ``known_note`` is the note that the asker may know of."""
    found: dict[tuple[int, int], list[Any]] = defaultdict(list)
    rows = (
        VisitSchool.objects.filter(visit__round__in=rounds, visit__in=seen)
        .exclude(visit__state__in=(VisitState.CANCELLED, VisitState.ABORTED))
        .annotate(is_known=Exists(known.filter(visit=OuterRef("visit"))))
        .select_related("visit__lead", "visit__note")
    )
    for row in rows.order_by("visit_id"):
        visit: Any = row.visit
        live = visit.note if visit.has_note and visit.note.state != NoteState.ABANDONED else None
        visit.has_live_note = live is not None
        visit.known_note = live if row.is_known else None
        found[visit.round_id, row.school_id].append(visit)
    return found


def _stage(visit: Visit, note: NoteOfVisit | None) -> Stage:
    if note is not None:
        if note.final_version is not None and not note.is_final_withdrawn:
            return Stage.FINAL  # an amendment is written beside the final version, which stands
        if (stage := STAGE_OF_NOTE.get(NoteState(note.state))) is not None:
            return stage
    return {VisitState.PROPOSED: Stage.PROPOSED, VisitState.BOOKED: Stage.BOOKED}.get(VisitState(visit.state), Stage.HELD)


def _advance(row: CoverageRow, visits: Iterable[Any], round_: Round, pack: AuthorityPack | None, on: dt.date) -> None:
    """Fill a row from the visit that came furthest, and say what is late."""
    for visit in visits:
        note = visit.known_note
        stage = _stage(visit, note)
        if row.visit is None or ORDER[stage] >= ORDER[row.stage]:
            row.visit, row.note, row.stage = visit, note, stage
    visit = row.visit
    if visit is None or visit.on is None:
        row.due_on = round_.ends_on
        row.late = "the round is over" if on > round_.ends_on else ""
    elif row.stage == Stage.BOOKED:
        row.due_on = visit.on
        row.late = "not logged" if visit.on < on else ""
    elif row.note is not None:
        row.due_on = due_day(row.note, on)
        row.late = "note late" if row.due_on is not None and row.due_on < on else ""
    elif not row.is_waived and not visit.has_live_note and pack is not None:
        row.due_on = pack.office_days.add(visit.on, round_.draft_office_days)
        row.late = "note not begun" if row.due_on < on else ""
