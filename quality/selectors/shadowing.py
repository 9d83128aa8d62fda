"""Who has been shadowed, who is planned, who is away; and what shadowing found (P28 to P30)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from core.calendar import AcademicYear
from core.spans import on_day
from people.models import Authority, Sip, User
from people.packs import AuthorityPack
from schools.choices import AssignmentKind
from schools.models import Assignment
from visits.choices import VisitState
from visits.models import Visit, VisitSchool

from ..choices import DONE, TO_COME, FindingKind, ShadowingState
from ..models import Shadowing, ShadowingFinding

DUE_STATES = (VisitState.PROPOSED, VisitState.BOOKED, VisitState.HELD)


def reach_by(pack: AuthorityPack, on: dt.date) -> dt.date:
    """P28: the day by which every SIP is shadowed; in a year that the setting is not for, the year's last."""
    by: dt.date = pack.content.setting_date("shadow_all_by", pack.authority.settings)
    year = AcademicYear.from_date(on)
    return by if AcademicYear.from_date(by) == year else year.ends_on


def visits_to_observe(sip: Sip, on: dt.date) -> QuerySet[Visit]:
    """The SIP's booked visits still to come that nobody observes, the next first."""
    taken = Shadowing.objects.exclude(state=ShadowingState.CANCELLED).filter(visit__isnull=False)
    rows = Visit.objects.filter(authority_id=sip.authority_id, lead_id=sip.user_id, state=VisitState.BOOKED, on__gt=on)
    return rows.exclude(pk__in=taken.values("visit_id")).order_by("on", "pk").prefetch_related("visit_schools__school__authority")


def next_visit_of(sip: Sip, by_on: dt.date, on: dt.date, *, without: User) -> Visit | None:
    """The first of them by a day at which this observer may be: not walled from a school, not a second adviser."""
    hidden = VisitSchool.objects.filter(school_id__in=without.hats.walled)
    rows = visits_to_observe(sip, on).filter(on__lte=by_on).exclude(second_adviser_id=without.pk)
    return rows.exclude(pk__in=hidden.values("visit_id")).first()


# ---------------------------------------------------------------- coverage


@dataclass
class SipLine:
    """One SIP: whether a visit is due by the day, the shadowing done or planned, and until when they are away."""

    sip: Sip
    has_visit: bool = False
    done: Shadowing | None = None
    planned: Shadowing | None = None
    away_until: dt.date | None = None

    @property
    def name(self) -> str:
        return self.sip.user.name

    @property
    def is_gap(self) -> bool:
        return self.has_visit and self.done is None and self.planned is None


@dataclass
class ShadowingCoverage:
    """The figure is over SIPs with at least one visit due by ``by_on``; those away are in it, and named."""

    by_on: dt.date
    on: dt.date
    starts_on: dt.date
    lines: list[SipLine] = field(default_factory=list)

    @property
    def due(self) -> list[SipLine]:
        return [line for line in self.lines if line.has_visit]

    @property
    def without_visit(self) -> list[SipLine]:
        return [line for line in self.lines if not line.has_visit]

    @property
    def done(self) -> list[SipLine]:
        return [line for line in self.due if line.done is not None]

    @property
    def planned(self) -> list[SipLine]:
        return [line for line in self.due if line.done is None and line.planned is not None]

    @property
    def gaps(self) -> list[SipLine]:
        return [line for line in self.due if line.is_gap]

    @property
    def away(self) -> list[SipLine]:
        return [line for line in self.due if line.away_until is not None]

    @property
    def outside_line(self) -> int:
        return sum(1 for line in self.due if (row := line.done or line.planned) is not None and row.is_outside_line)

    def line_on(self, day: dt.date) -> int:
        """The target line: straight from the year's first day to all of them by the day, rounded down."""
        whole = max((self.by_on - self.starts_on).days, 1)
        passed = min(max((day - self.starts_on).days, 0), whole)
        return len(self.due) * passed // whole

    @property
    def wanted(self) -> int:
        return self.line_on(self.on)

    @property
    def percent(self) -> int | None:
        return round_half(len(self.done) * 100, len(self.due)) if self.due else None

    @property
    def months(self) -> list[tuple[dt.date, int, int | None]]:
        """``(last day of the month, the line, done by then)``, to the day of the target; nothing is said of days to come."""
        done_on = [line.done.done_on for line in self.done if line.done is not None and line.done.done_on is not None]
        found, first = [], self.starts_on
        while first <= self.by_on:
            following = (first.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
            last = min(following - dt.timedelta(days=1), self.by_on)
            count = sum(day <= last for day in done_on) if first <= self.on else None
            found.append((last, self.line_on(last), count))
            first = following
        return found


def round_half(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def shadowing_coverage(authority: Authority, pack: AuthorityPack, on: dt.date, *, year: int | None = None) -> ShadowingCoverage:
    """Every SIP of the authority with what counts for P28, in two queries."""
    academic = AcademicYear(year) if year is not None else AcademicYear.from_date(on)
    day = min(max(on, academic.starts_on), academic.ends_on)
    by_on = reach_by(pack, day)
    found = ShadowingCoverage(by_on, day, academic.starts_on)
    due = Visit.objects.filter(authority=authority, academic_year=academic.first, state__in=DUE_STATES, lead=OuterRef("user"))
    by_then = due.filter(Q(on__isnull=True) | Q(on__lte=by_on) | Q(state=VisitState.PROPOSED))
    covers = Assignment.objects.filter(
        on_day(day), authority=authority, kind=AssignmentKind.COVER, covers__adviser=OuterRef("user"), ends_on__isnull=False
    )
    sips: Any = Sip.objects.filter(on_day(day), authority=authority).annotate(
        has_due=Exists(by_then), away_until=Subquery(covers.order_by("-ends_on").values("ends_on")[:1])
    )
    related = sips.select_related("user", "line_manager", "assigned_person").order_by("user__name", "pk")
    lines = {sip.user_id: SipLine(sip, sip.has_due, away_until=sip.away_until) for sip in related}
    found.lines = list(lines.values())
    rows = Shadowing.objects.filter(authority=authority, academic_year=academic.first).exclude(state=ShadowingState.CANCELLED)
    for row in rows.select_related("sip__user", "observer", "visit").order_by("planned_at", "pk"):
        line = lines.get(row.sip.user_id)
        if line is None:
            continue
        if row.state in DONE:
            line.done = line.done or row
            line.has_visit = True
        elif row.state in TO_COME:
            line.planned = row
    return found


# ---------------------------------------------------------------- what was found


@dataclass
class Common:
    """One code, how many forms name it, and the sentences behind the count."""

    label: str
    count: int
    of: int
    sentences: list[ShadowingFinding]

    @property
    def percent(self) -> int:
        return round_half(self.count * 100, self.of) if self.of else 0


def common_findings(rows: QuerySet[Shadowing]) -> tuple[int, list[Common], list[Common]]:
    """How many forms, each with something coded, and the two lists of P29 and P30, the commonest first; in one query.

    ``rows`` is what the asker sees.
    """
    forms = rows.filter(state__in=DONE)
    found: dict[tuple[str, str], list[ShadowingFinding]] = defaultdict(list)
    findings = ShadowingFinding.objects.filter(shadowing__in=forms.order_by().values("pk"))
    for finding in findings.select_related("shadowing__sip__user").order_by("kind", "position", "pk"):
        found[(finding.kind, finding.label)].append(finding)
    total = len({finding.shadowing_id for sentences in found.values() for finding in sentences})
    lists: dict[str, list[Common]] = {FindingKind.STRENGTH: [], FindingKind.DEVELOPMENT: []}
    for (kind, label), sentences in found.items():
        lists[kind].append(Common(label, len(sentences), total, sentences))
    for each in lists.values():
        each.sort(key=lambda common: (-common.count, common.sentences[0].position))
    return total, lists[FindingKind.STRENGTH], lists[FindingKind.DEVELOPMENT]


def shadowings_for(user: Any, year: int | None = None) -> QuerySet[Shadowing]:
    rows: QuerySet[Shadowing] = Shadowing.objects.visible_to(user).with_visit()
    return rows.filter(academic_year=year) if year is not None else rows


__all__: Sequence[str] = (
    "Common",
    "ShadowingCoverage",
    "SipLine",
    "common_findings",
    "next_visit_of",
    "reach_by",
    "round_half",
    "shadowing_coverage",
    "shadowings_for",
    "visits_to_observe",
)
