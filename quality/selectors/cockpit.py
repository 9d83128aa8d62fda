"""What the manager of SIPs sees of the term at a glance, and the rows behind each number (domain.md §7).

Everything is within the asker's own scope: notes, schools and ratings that they may not see are in no figure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from core.calendar import AcademicYear
from core.charts import Role, Series, Trend
from core.components.formats import plural, short_day
from core.numbers import hidden_below
from core.spans import on_day
from people.models import Authority, Mentorship, Sip
from people.packs import AuthorityPack
from visits.choices import GateDecision, GateReason, NoteState
from visits.coverage import CoverageRow, coverages, current_rounds, matches
from visits.models import GateReview, NoteOfVisit, Round, VisitSchool
from visits.policies import may_review

from ..choices import FeedbackState
from ..models import FeedbackRelease, FeedbackRequest, SipReview
from ..pack import quality_of
from .moderation import Pair
from .shadowing import ShadowingCoverage, round_half

# ---------------------------------------------------------------- notes of the rounds that are open


@dataclass(frozen=True)
class Late:
    """A draft past its day: of a school whose visit was held."""

    row: CoverageRow
    days: int


class Notes:
    """Of the open rounds: visits held, notes submitted, on time or not, and drafts that are late."""

    def __init__(self, user: Any, authority: Authority, pack: AuthorityPack, on: dt.date) -> None:
        self.on, self.pack = on, pack
        self.rounds: list[Round] = [round_ for round_ in current_rounds(user, on) if round_.authority_id == authority.pk]
        found = coverages(user, self.rounds, on, packs={authority.pk: pack})
        self.rows = [row for each in found for row in each.rows]

    @cached_property
    def due(self) -> list[CoverageRow]:
        """Held, and a note is due."""
        return [row for row in self.rows if matches(row, "held") and not row.is_waived]

    @cached_property
    def submitted(self) -> list[CoverageRow]:
        return [row for row in self.due if matches(row, "submitted")]

    @cached_property
    def timed(self) -> list[tuple[CoverageRow, bool]]:
        """Those submitted with a day to be held to, and whether they kept it."""
        found = []
        for row in self.submitted:
            if row.note is not None and row.note.submitted_at is not None and row.note.draft_due_on is not None:
                found.append((row, timezone.localtime(row.note.submitted_at).date() <= row.note.draft_due_on))
        return found

    @cached_property
    def late(self) -> list[Late]:
        """The latest first, in office days."""
        rows = [row for row in self.due if row.late in ("note late", "note not begun") and not matches(row, "submitted")]
        found = [Late(row, self.pack.office_days.between(row.due_on, self.on)) for row in rows if row.due_on is not None]
        return sorted(found, key=lambda late: (-late.days, late.row.school.name))

    @property
    def on_time(self) -> int:
        return sum(kept for _, kept in self.timed)

    @property
    def on_time_percent(self) -> int | None:
        return round_half(self.on_time * 100, len(self.timed)) if self.timed else None


# ---------------------------------------------------------------- what waits for a decision


@dataclass(frozen=True)
class Waiting:
    """One note that this person is to decide on, why, by when, and what comes next."""

    school: str
    url: str
    author: str
    why: str
    sub: str
    submitted_on: dt.date | None
    decide_on: dt.date
    next_label: str
    next_url: str


def reviews_waiting(user: Any, authority: Authority) -> tuple[list[Waiting], int]:
    """The reviews at the gate that are this person's to decide, and how many are open in all that they see; in three queries."""
    schools = VisitSchool.objects.select_related("school__authority").order_by("position")
    rows = (
        GateReview.objects.filter(
            decision="",
            note__state=NoteState.IN_REVIEW,
            note__authority=authority,
            note__in=NoteOfVisit.objects.visible_to(user).values("pk"),
        )
        .select_related("note__author", "note__visit", "note__authority", "reviewer")
        .prefetch_related(
            Prefetch("note__visit__visit_schools", schools), Prefetch("note__gate_reviews", GateReview.objects.order_by("pk"))
        )
        .order_by("-is_concern", "due_on", "pk")
    )
    everything = list(rows)
    found = []
    for review in everything:
        if review.reviewer_id not in (None, user.pk) or not may_review(user.hats, review.note):
            continue
        note = review.note
        before = [row for row in note.gate_reviews.all() if row.pk < review.pk and row.decision == GateDecision.RETURNED]
        if before:
            why, sub, label = "Returned, now resubmitted", f"reason: {before[-1].reason}", "See what changed"
        else:
            why = str(GateReason(review.reasons[0]).label) if review.reasons else ""
            sub, label = "; ".join(str(GateReason(code).label) for code in review.reasons[1:]), "Review"
        found.append(
            Waiting(
                ", ".join(school.name for school in note.covered),
                note.get_absolute_url(),
                note.author.name,
                why[:1].upper() + why[1:],
                sub,
                timezone.localtime(note.submitted_at).date() if note.submitted_at else None,
                review.due_on,
                label,
                reverse("visits:review-detail", args=[review.public_id]),
            )
        )
    return found, len(everything)


def pairs_waiting(user: Any, pairs: Sequence[Pair]) -> list[Waiting]:
    """The notes whose two moderators differ, where this person is neither of them. ``pairs`` come with their notes."""
    return [
        Waiting(
            ", ".join(school.name for school in pair.sampled.note.covered),
            pair.sampled.note.get_absolute_url(),
            pair.sampled.note.author.name,
            "Sampled, and rated twice",
            f"{pair.first} by the first moderator, {pair.second} by the second",
            None,
            pair.sampled.sample.due_on,
            "Settle two grades",
            pair.sampled.settle_url,
        )
        for pair in pairs
        if user.pk not in pair.moderators
    ]


# ---------------------------------------------------------------- shadowing, as a chart


def shadowing_chart(coverage: ShadowingCoverage) -> Trend:
    """The running total of SIPs shadowed against the plan, by month (P28)."""
    months = coverage.months
    ahead = len(coverage.done) - coverage.wanted
    course = "on the plan" if ahead == 0 else f"{abs(ahead)} {'ahead of' if ahead > 0 else 'behind'} the plan"
    return Trend(
        key="shadowing",
        heading="SIPs shadowed, running total",
        say=f"{len(coverage.done)} of {len(coverage.due)} shadowed, {course} for today. All by {short_day(coverage.by_on, coverage.on)}.",
        unit="",
        points=[f"{last:%b}" for last, _, _ in months],
        series=[
            Series("Shadowed", Role.SUBJECT, [_number(done) for _, _, done in months]),
            Series("Plan", Role.AUTHORITY, [_number(line) for _, line, _ in months]),
        ],
    )


def _number(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value)


# ---------------------------------------------------------------- feedback


@dataclass(frozen=True)
class FeedbackLine:
    """One question with its mean in each year of the release; empty where too few schools answered."""

    text: str
    role: str
    means: Sequence[str]


@dataclass(frozen=True)
class FeedbackTrend:
    years: Sequence[str]
    lines: Sequence[FeedbackLine]
    last: FeedbackRelease | None
    too_few: int = 0
    """Questions with no mean in any of the years."""


def feedback_trend(releases: QuerySet[FeedbackRelease], most: int = 4) -> FeedbackTrend:
    """The authority's own figures of the last years, the questions of the latest, those answered worst last. ``releases``: the asker's."""
    rows = list(releases.order_by("-academic_year")[:most])[::-1]
    if not rows:
        return FeedbackTrend((), (), None)
    means = [{(figure["role"], figure["code"]): figure["mean"] for figure in row.figures} for row in rows]
    lines = [
        FeedbackLine(figure["text"], figure["role"], [year.get((figure["role"], figure["code"])) or "" for year in means])
        for figure in rows[-1].figures
    ]
    shown = sorted((line for line in lines if any(line.means)), key=lambda line: (line.means[-1] == "", line.means[-1]))
    return FeedbackTrend([AcademicYear.of(row.academic_year).label for row in rows], shown, rows[-1], len(lines) - len(shown))


@dataclass(frozen=True)
class Asked:
    asked: int
    sent: int

    @property
    def percent(self) -> int | None:
        return round_half(self.sent * 100, self.asked) if self.asked else None


def feedback_asked(user: Any, authority: Authority, on: dt.date) -> Asked:
    """How many forms of this year have come back; nothing of what they say."""
    rows = FeedbackRequest.objects.visible_to(user).filter(authority=authority, academic_year=AcademicYear.from_date(on))
    counts = rows.order_by().aggregate(asked=Count("pk"), sent=Count("pk", filter=Q(state=FeedbackState.SENT)))
    return Asked(counts["asked"], counts["sent"])


# ---------------------------------------------------------------- mentors and reviews


@dataclass(frozen=True)
class Support:
    """New SIPs with and without a mentor; SIPs without a reviewer; objectives agreed, as far as the number shows nobody."""

    new: Sequence[Sip]
    without_mentor: Sequence[Sip]
    without_reviewer: Sequence[Sip]
    advisers: int
    others: int
    sips: int
    agreed: int | None
    objectives_by: dt.date


def support_of_sips(authority: Authority, pack: AuthorityPack, on: dt.date, least: int) -> Support:
    """One query. A SIP review is seen by three people: of others only how many have their objectives agreed, no small number."""
    year = AcademicYear.from_date(on)
    agreed = SipReview.objects.filter(sip=OuterRef("pk"), academic_year=year, agreed_on__isnull=False)
    mentored = Mentorship.objects.filter(on_day(on), sip=OuterRef("pk"))
    rows: Any = Sip.objects.filter(on_day(on), authority=authority).annotate(has_agreed=Exists(agreed), has_mentor=Exists(mentored))
    sips = list(rows.select_related("user", "line_manager", "assigned_person").order_by("user__name"))
    new = [sip for sip in sips if sip.is_new_on(on)]
    done = sum(sip.has_agreed for sip in sips)
    shown = hidden_below({"agreed": done, "waiting": len(sips) - done}, least)
    advisers = sum(sip.kind == "adviser" for sip in sips)
    return Support(
        new=new,
        without_mentor=[sip for sip in new if not sip.has_mentor],
        without_reviewer=[sip for sip in sips if sip.sip_reviewer is None],
        advisers=advisers,
        others=len(sips) - advisers,
        sips=len(sips),
        agreed=shown["agreed"] if shown["waiting"] is not None else None,
        objectives_by=quality_of(pack.content).sip_review.day_of("objectives", year),
    )


def lede(waiting: Sequence[Waiting], on: dt.date) -> str:
    """ "Five notes wait for a decision; two are due by Thursday."."""
    if not waiting:
        return "No note waits for your decision."
    soon = sum(row.decide_on <= on + dt.timedelta(days=2) for row in waiting)
    words = f"{plural(len(waiting), 'note waits,notes wait')} for your decision"
    return f"{words}; {soon} within two days or late." if soon else f"{words}."


__all__ = [
    "Asked",
    "FeedbackTrend",
    "Late",
    "Notes",
    "Support",
    "Waiting",
    "feedback_asked",
    "feedback_trend",
    "lede",
    "pairs_waiting",
    "reviews_waiting",
    "shadowing_chart",
    "support_of_sips",
]
