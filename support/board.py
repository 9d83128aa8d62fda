"""The board of schools causing concern (interface.md): one card a case, those that need a person first.

Eight queries, whatever the number of cases: cases, milestones, interventions, formal steps, and the last looks and alerts from above.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Count, F, Q, QuerySet, Value

from core.components.formats import day, days_quarters, plural, short_day
from people.packs import AuthorityPack
from people.roles import Permission as P

from .choices import ConcernState
from .models import Concern, ConcernContact, ConcernMilestone, ConcernReview, Enrolment, FormalPower, Intervention, WarningNotice
from .pack import ConcernClass, support_of
from .registries import Look, Raised, last_looks, raised_to
from .scope import assessed_by

CORE = "core"


@dataclass
class Card:
    """One case as the board shows it. ``next`` is words and tone; ``change`` what is new since last term."""

    concern: Concern
    look: Look | None = None
    core_in_place: int = 0
    core: int = 0
    tracking_in_place: int = 0
    tracking: int = 0
    gained: int = 0
    package: list[str] = field(default_factory=list)
    alerts: list[Raised] = field(default_factory=list)
    formal: list[str] = field(default_factory=list)
    next: tuple[str, str] = ("", "rest")
    change: str = ""

    @property
    def seen(self) -> str:
        return f"{short_day(self.look.on)}, {self.look.what}" if self.look else "not this year"

    @property
    def why(self) -> list[dict[str, str]]:
        return list(self.concern.why)[:2]

    @property
    def plain_why(self) -> str:
        """The figures, or, where no rule gives the class, the first sentence of the issue."""
        figures = "; ".join(f"{row['label']} {row['figure']}" for row in self.why)
        return figures or self.concern.issue.partition(".")[0]

    @property
    def milestones(self) -> str:
        return f"{self.core_in_place} of {self.core}"


@dataclass(frozen=True)
class Column:
    concern_class: ConcernClass
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Board:
    cards: tuple[Card, ...]
    columns: tuple[Column, ...]
    monitored: tuple[Concern, ...]
    left: tuple[Concern, ...]
    since: dt.date
    """The first day of this term: what changed since is said on each card."""

    @property
    def first(self) -> list[Card]:
        """Those that need a person first."""
        return [card for card in self.cards if card.next[1] == "late"]


def cases_for(user: Any, authority: Any) -> QuerySet[Concern]:
    """Cases that a person sees by an authority-side right: the board, the register and their exports."""
    seen = assessed_by(user, P.CONCERN_LIST).filter(authority=authority)
    return Concern.objects.filter(school__in=seen.values("pk")).select_related("school__authority", "school__cluster", "contact")


def board_of(user: Any, pack: AuthorityPack, on: dt.date, *, cluster: str = "", concern_class: str = "") -> Board:
    term = pack.terms.term_of(on)
    since = term.starts_on if term else dt.date(on.year, 9, 1)
    rows = cases_for(user, pack.authority).filter(
        Q(state__in=[ConcernState.OPEN, ConcernState.ASKED, ConcernState.MONITORED]) | Q(ends_on__gte=since)
    )
    if cluster:
        rows = rows.filter(school__cluster__code=cluster)
    if concern_class:
        rows = rows.filter(concern_class=concern_class)
    every = list(rows.order_by("school__name", "starts_on"))
    live = [concern for concern in every if concern.is_live]
    cards = _cards(user, live, since, on, dt.timedelta(weeks=pack.whole("concern_unseen_weeks")))
    part = support_of(pack.content)
    columns = tuple(
        Column(found, tuple(card for card in cards if card.concern.concern_class == found.code))
        for found in part.concern_classes
        if not concern_class or found.code == concern_class
    )
    monitored = tuple(concern for concern in every if concern.state == ConcernState.MONITORED)
    left = tuple(concern for concern in every if concern.ends_on is not None and concern.ends_on >= since)
    return Board(cards, columns, monitored, left, since)


def _cards(user: Any, live: Sequence[Concern], since: dt.date, on: dt.date, unseen: dt.timedelta) -> tuple[Card, ...]:
    cards = {concern.pk: Card(concern) for concern in live}
    schools = sorted({concern.school_id for concern in live})
    rows = ConcernMilestone.objects.filter(concern__in=cards).order_by().values_list("concern", "group")
    for pk, group, total, held, gained in rows.annotate(
        total=Count("pk"), held=Count("in_place_on"), gained=Count("pk", filter=Q(in_place_on__gte=since))
    ):
        card = cards[pk]
        card.gained += gained
        if group == CORE:
            card.core, card.core_in_place = total, held
        else:
            card.tracking, card.tracking_in_place = total, held
    packages = packages_of(schools, on)
    formal = formal_at(schools, on)
    looks = last_looks(schools, on)
    alerts: dict[int, list[Raised]] = defaultdict(list)
    for raised in raised_to(user, schools, on):
        alerts[raised.school_id].append(raised)
    for card in cards.values():
        pk = card.concern.school_id
        card.look, card.package, card.alerts, card.formal = looks.get(pk), packages.get(pk, []), alerts[pk], formal.get(pk, [])
        card.next, card.change = _next(card, on, unseen), _change(card, since)
    return tuple(
        sorted(
            cards.values(),
            key=lambda card: (
                not card.alerts,
                card.next[1] != "late",
                card.look.on if card.look else dt.date.min,
                card.concern.school.name,
            ),
        )
    )


def _next(card: Card, on: dt.date, unseen: dt.timedelta) -> tuple[str, str]:
    """The one thing that the case waits for, the gravest first."""
    review_due = card.concern.review_due_on or on
    if card.alerts:
        return f"Alert of {short_day(card.alerts[0].since)} not acknowledged", "late"
    if review_due < on:
        return f"Review overdue since {short_day(review_due)}", "late"
    if card.look is None:
        return "Nobody has looked this year", "late"
    if card.look.on < on - unseen:
        return f"Not seen since {short_day(card.look.on)}", "late"
    if card.concern.state == ConcernState.ASKED:
        return "Exit to be decided", "due"
    if not card.package:
        return "No support agreed yet", "due"
    if review_due <= on + dt.timedelta(days=28):
        return f"Review by {short_day(review_due)}", "due"
    return f"Review by {short_day(review_due)}", "wait"


def _change(card: Card, since: dt.date) -> str:
    concern = card.concern
    if concern.returned_on is not None and concern.returned_on >= since:
        return f"opened again {day(concern.returned_on)}"
    if concern.starts_on >= since:
        return "new this term"
    if concern.moved_on is not None and concern.moved_on >= since:
        return f"moved here from {concern.moved_from.lower()}"
    return f"{plural(card.gained, 'element')} more in place this term" if card.gained else "no change since last term"


def own_looks(school_ids: Sequence[int], on: dt.date) -> Mapping[int, Look]:
    """The register's own: a review of the case, a contact about it. One query of two parts."""
    reviews = ConcernReview.objects.filter(concern__school__in=school_ids, on__lte=on).order_by().values_list("concern__school", "on")
    contacts = ConcernContact.objects.filter(concern__school__in=school_ids, on__lte=on).order_by().values_list("concern__school", "on")
    found: dict[int, Look] = {}
    for pk, seen in reviews.union(contacts):
        look = Look(seen, "officer")
        found[pk] = max(found.get(pk, look), look)
    return found


def packages_of(school_ids: Sequence[int], on: dt.date) -> dict[int, list[str]]:
    """What supports a school today, by school: the programmes it is in, then the interventions that run: "Tracking support, 5 days".
    One query of two parts."""
    live = Q(school__in=school_ids, starts_on__lte=on) & (Q(ends_on__isnull=True) | Q(ends_on__gte=on))
    part = CharField()
    running = Intervention.objects.had().filter(live).order_by().annotate(part=Value("2", part), label=F("name"), given=F("quarters"))
    programmes = (
        Enrolment.objects.filter(live).order_by().annotate(part=Value("1", part), label=F("programme__label"), given=F("days_quarters"))
    )
    columns = ("part", "starts_on", "school_id", "label", "given")
    rows = running.values_list(*columns).union(programmes.values_list(*columns), all=True)
    found: dict[int, list[str]] = defaultdict(list)
    for _, _, pk, label, quarters in sorted(rows, key=lambda row: (row[0], -row[1].toordinal(), row[3])):
        words = f"{label}, {days_quarters(quarters)} days" if quarters else label
        if not any(held.partition(",")[0] == label for held in found[pk]):
            found[pk].append(words)
    return found


def formal_at(school_ids: Sequence[int], on: dt.date) -> dict[int, list[str]]:
    """Formal steps in force, by school. One query of two parts."""
    live = Q(school__in=school_ids, starts_on__lte=on) & (Q(ends_on__isnull=True) | Q(ends_on__gte=on))
    notices = WarningNotice.objects.filter(live).order_by().annotate(label=Value("Warning notice", CharField()))
    found: dict[int, list[str]] = defaultdict(list)
    for pk, label, starts_on in notices.values_list("school_id", "label", "starts_on").union(
        FormalPower.objects.filter(live).order_by().values_list("school_id", "label", "starts_on")
    ):
        found[pk].append(f"{label}, {day(starts_on)}")
    return found


COLUMNS = (
    "School", "URN", "Cluster", "Class", "Since", "Why", "Last human view", "Core elements in place", "Tracking elements in place",
    "Support", "Formal steps", "Next review by", "Next", "Change since last term", "State", "Contact",
)  # fmt: skip


def register_rows(board: Board) -> list[tuple[Any, ...]]:
    """The register as a table for others: never intelligence, never the log."""
    rows: list[tuple[Any, ...]] = []
    for card in board.cards:
        concern = card.concern
        rows.append(
            (
                concern.school.name,
                concern.school.urn,
                concern.school.cluster.name if concern.school.cluster else "",
                concern.label,
                concern.starts_on,
                card.plain_why,
                card.seen,
                card.milestones,
                f"{card.tracking_in_place} of {card.tracking}",
                "; ".join(card.package),
                "; ".join(card.formal),
                concern.review_due_on,
                card.next[0],
                card.change,
                concern.get_state_display(),
                concern.contact.name if concern.contact else "",
            )
        )
    for concern in board.monitored:
        cluster = concern.school.cluster.name if concern.school.cluster else ""
        until = f"monitored until {day(concern.monitored_until)}" if concern.monitored_until else ""
        rows.append(
            (concern.school.name, concern.school.urn, cluster, concern.label, concern.starts_on, *[""] * 7, until, "", "Monitored", "")
        )
    return rows
