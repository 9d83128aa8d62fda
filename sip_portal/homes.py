"""The home of each role: what is due, in date order, then the caseload, queue, board or school, whichever is theirs.

A person with two hats has one home with both lists, each under its own heading (domain.md §3). Every panel is set-based:
the page costs the same number of queries for eight schools as for eight hundred.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from core import clock
from core.access import SIGNED_IN, PortalView, SignedInRequest, can
from core.calendar import AcademicYear
from core.due import DueItem, due_to
from core.numbers import format_total
from core.retention import RETENTION
from core.spans import on_day
from people.models import Authority, Pack, User
from people.pack import PLAIN_LABELS
from people.packs import pack_for
from people.roles import HAT_NAMES, ROLE_HATS, Hat
from people.roles import Permission as P
from people.selectors import sips_without_mentor
from schools.choices import AssignmentKind, ContactState
from schools.models import Assignment, Contact, FinanceChallenge, School
from schools.pack import finance_of
from schools.selectors import days_of_adviser_at, schools_without_sip
from schools.selectors.days import Balance
from schools.selectors.finance import money_of, opening_year, summarise
from support.board import board_of
from support.models import Concern, SchoolCategory
from support.registries import raised_to
from support.school_page import may_see_support
from support.selectors import level_counts
from visits.choices import NOTE_TONES, ActionState, DisposalState, NoteState, RecordKind, VisitState, WithdrawalState
from visits.coverage import coverages, current_rounds, unbooked
from visits.models import (
    AgreedAction,
    DisposalList,
    GateReview,
    Incident,
    InformationRequest,
    LegalHold,
    NoteOfVisit,
    NoteRecord,
    RetentionPeriod,
    Visit,
    VisitSchool,
)
from visits.views.requests import tag_of
from visits.views.rounds import figures_of

SHOWN = 8
"""Due items on the home before "what is due later"."""


@dataclass
class SchoolLine:
    """One school of a caseload, as the table shows it."""

    school: School
    category: str = ""
    concern: str = ""
    next_visit: Visit | None = None
    last_visit: Visit | None = None
    note: NoteOfVisit | None = None
    book_url: str = ""
    book_by: dt.date | None = None
    overdue: int = 0
    overdue_since: dt.date | None = None
    days: Balance | None = None
    note_state: str = ""
    note_tone: str = "rest"
    note_next: str = ""


@dataclass
class Panel:
    """A part of the home: its template and what it shows. What sums it up stands beside what is due, in ``side``."""

    template: str
    heading: str
    context: dict[str, Any] = field(default_factory=dict)
    side: str = ""


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%B}"


# ---------------------------------------------------------------- lines of schools


def lines_of(user: User, schools: Sequence[School], on: dt.date, *, with_days_of: User | None = None) -> list[SchoolLine]:
    """What a caseload shows of each school, in six queries for all of them."""
    ids = [school.pk for school in schools]
    lines = {school.pk: SchoolLine(school) for school in schools}
    supported = [school.pk for school in schools if may_see_support(user, school)]
    for row in SchoolCategory.objects.filter(on_day(on), school__in=supported):
        lines[row.school_id].category = row.label
    for concern in Concern.objects.filter(on_day(on), school__in=supported).order_by("starts_on"):
        lines[concern.school_id].concern = concern.label
    year = AcademicYear.from_date(on)
    visits = (
        VisitSchool.objects.filter(school__in=ids, visit__in=Visit.objects.visible_to(user), visit__academic_year=year.first)
        .exclude(visit__state__in=[VisitState.CANCELLED, VisitState.ABORTED])
        .select_related("visit")
        .order_by("visit__on")
    )
    by_visit: dict[int, list[int]] = defaultdict(list)
    for row in visits:
        line, visit = lines[row.school_id], row.visit
        by_visit[visit.pk].append(row.school_id)
        if visit.state == VisitState.HELD:
            line.last_visit = visit
        elif line.next_visit is None:
            line.next_visit = visit
    latest = {line.last_visit.pk: line for line in lines.values() if line.last_visit is not None}
    for note in (
        NoteOfVisit.objects.visible_to(user)
        .filter(visit__in=latest)
        .only(
            "id",
            "public_id",
            "visit_id",
            "state",
            "version",
            "draft_due_on",
            "review_due_on",
            "school_due_on",
            "final_due_on",
            "finalised_at",
        )
    ):
        for pk in by_visit[note.visit_id]:
            if lines[pk].last_visit is not None and lines[pk].last_visit.pk == note.visit_id:  # type: ignore[union-attr]
                lines[pk].note = note
    overdue = (
        AgreedAction.objects.visible_to(user)
        .filter(school__in=ids, state=ActionState.OPEN, due_on__lt=on)
        .values_list("school_id", "due_on")
    )
    for school_id, due_on in overdue:
        assert due_on is not None  # `lt` leaves out what has no day
        line = lines[school_id]
        line.overdue += 1
        line.overdue_since = min(line.overdue_since or due_on, due_on)
    if with_days_of is not None:
        for pk, days in days_of_adviser_at(with_days_of, ids, year.first).items():
            lines[pk].days = days.total
    for line in lines.values():
        _describe_note(line, user)
    return list(lines.values())


def _describe_note(line: SchoolLine, user: User) -> None:
    note = line.note
    if note is None:
        visit = line.last_visit
        if visit is not None and visit.note_waived_at is not None:
            line.note_state = "Waived"
        elif visit is not None:  # another's note is hidden before it is final, and so is whether there is one
            line.note_state = "Not begun" if visit.lead_id == user.pk else "Not final"
        return
    line.note_state, line.note_tone = NoteState(note.state).label, NOTE_TONES[note.state]
    due = {
        NoteState.DRAFT: ("due", note.draft_due_on),
        NoteState.RETURNED: ("due", note.draft_due_on),
        NoteState.IN_REVIEW: ("review by", note.review_due_on),
        NoteState.WITH_SCHOOL: ("answer by", note.school_due_on),
    }.get(NoteState(note.state))
    if due and due[1]:
        line.note_next = f"{due[0]} {_day(due[1])}"
    elif note.state == NoteState.FINAL and note.finalised_at:
        line.note_next = f"version {note.version}, {_day(note.finalised_at.date())}"


# ---------------------------------------------------------------- panels


def sip_panel(user: User, on: dt.date) -> Panel:
    """The caseload, in the order of names."""
    ids = [a.school_id for a in user.hats.assignments if a.current and a.school_id not in user.hats.walled]
    schools = list(School.objects.filter(pk__in=ids).select_related("authority", "cluster").order_by("name"))
    lines = lines_of(user, schools, on, with_days_of=user)
    by_school = {line.school.pk: line for line in lines}
    for row in unbooked(user, on):
        if row.adviser_id == user.pk and (line := by_school.get(row.school_id)) is not None:
            line.book_by = row.round.ends_on
            line.book_url = f"{reverse('visits:visit-book')}?school={line.school.public_id}&kind={row.round.visit_type}"
    held = sum(1 for line in lines if line.last_visit is not None)
    final = sum(1 for line in lines if line.note is not None and line.note.state == NoteState.FINAL)
    days = [line.days for line in lines if line.days is not None]
    return Panel(
        "home/caseload.html",
        "Your caseload",
        {
            "lines": lines,
            "held": held,
            "final": final,
            "overdue": sum(line.overdue for line in lines),
            "days": sum(days, Balance()) if days else None,
            "year": AcademicYear.from_date(on).label,
        },
        side="home/caseload_side.html",
    )


def mentor_panel(user: User, on: dt.date) -> Panel:
    """Whom the person mentors, with the schools of each. Of their notes a mentor sees what is shared, and what is final."""
    current = Assignment.objects.filter(on_day(on), user.hats.among_mentees("adviser", "school__authority")).select_related(
        "adviser", "school__authority", "school__cluster"
    )
    rows = list(current.exclude(school__in=user.hats.walled).order_by("adviser__name", "school__name"))
    lines = {line.school.pk: line for line in lines_of(user, [row.school for row in rows], on)}
    return Panel("home/mentees.html", "Whom you mentor", {"rows": [(row.adviser, lines[row.school_id]) for row in rows]})


def manager_panel(user: User, on: dt.date) -> Panel:
    """The programme: notes by state, who is late, reviews waiting, schools without a SIP, new SIPs without a mentor."""
    notes = NoteOfVisit.objects.visible_to(user)
    states = Counter(dict(notes.order_by().values_list("state").annotate(n=Count("pk"))))
    late = list(
        notes.filter(
            Q(state__in=[NoteState.DRAFT, NoteState.RETURNED], draft_due_on__lt=on)
            | Q(state=NoteState.IN_REVIEW, review_due_on__lt=on)
            | Q(state=NoteState.WITH_SCHOOL, final_due_on__lt=on)
        )
        .select_related("author", "visit")
        .annotate(place=_place("visit_id"))
        .order_by("draft_due_on")[:12]
    )
    waiting = list(
        GateReview.objects.filter(note__in=notes, decision="")
        .select_related("note__visit", "note__author", "reviewer")
        .annotate(place=_place("note__visit_id"))
        .order_by("-is_concern", "due_on")[:12]
    )
    without = list(schools_without_sip(user, on).select_related("authority")[:12])
    shown = [
        (NoteState(state).label, states[state], NOTE_TONES[state], f"{reverse('visits:visit-list')}?note={state}")
        for state in _ORDER
        if states[state]
    ]
    rounds = coverages(user, current_rounds(user, on), on)
    return Panel(
        "home/programme.html",
        "The programme",
        {
            "rounds": [{"coverage": each, "figures": figures_of(each, each.round, PLAIN_LABELS)} for each in rounds],
            "states": shown,
            "late": late,
            "reviews": waiting,
            "opens_reviews": can(user, P.REVIEW_QUEUE),
            "without_sip": without,
            "without_mentor": list(sips_without_mentor(user, on)[:12]),
        },
        side="home/programme_side.html",
    )


def _place(visit: str) -> Subquery:
    """The name of the first school of a row's visit, in the same query."""
    return Subquery(VisitSchool.objects.filter(visit=OuterRef(visit)).order_by("position").values("school__name")[:1])


_ORDER = (
    NoteState.DRAFT,
    NoteState.RETURNED,
    NoteState.IN_REVIEW,
    NoteState.READY,
    NoteState.WITH_SCHOOL,
    NoteState.FINAL,
    NoteState.WITHDRAWN,
    NoteState.ABANDONED,
)


def officer_panel(user: User, on: dt.date) -> Panel:
    """Alerts that nobody has acknowledged first; schools causing concern in the officer's clusters with what changed and what
    each waits for; notes that became final lately."""
    recent = list(
        NoteRecord.objects.visible_to(user)
        .filter(kind="final", is_imported=False, at__date__gte=on - dt.timedelta(days=28))
        .select_related("school__authority", "note__visit")
        .order_by("-at")[:10]
    )
    overdue = list(
        AgreedAction.objects.visible_to(user)
        .filter(state=ActionState.OPEN, due_on__lt=on)
        .order_by()
        .values("school__name", "school__urn", "school__authority__code")
        .annotate(n=Count("pk"))
        .order_by("-n", "school__name")[:10]
    )
    authority = Authority.objects.filter(pk__in=user.hats.authorities_granting_role(Hat.OFFICER)).order_by("name").first()
    pack = pack_for(authority, on) if authority is not None else None
    board = board_of(user, pack, on) if pack is not None else None
    alerts = raised_to(user, None, on)
    context = {"board": board, "alerts": alerts, "recent": recent, "overdue": overdue}
    return Panel("home/officer.html", "Schools causing concern", context, side="home/officer_side.html")


def school_panels(user: User, on: dt.date) -> list[Panel]:
    """A head's, chair's, clerk's or office's own schools: the next visit, the notes, the actions to report on."""
    ids = {contact.school_id for contact in user.hats.contacts}
    schools = list(School.objects.filter(pk__in=ids).select_related("authority", "cluster").order_by("name"))
    lines = {line.school.pk: line for line in lines_of(user, schools, on)}
    sips = {
        row.school_id: row.adviser
        for row in Assignment.objects.filter(on_day(on), school__in=ids, kind=AssignmentKind.SIP).select_related("adviser")
    }
    records: dict[int, list[NoteRecord]] = defaultdict(list)
    for record in (
        NoteRecord.objects.visible_to(user).with_standing().filter(school__in=ids).select_related("note__visit").order_by("-at")[:40]
    ):
        if not record.is_superseded and len(records[record.school_id]) < 5:  # type: ignore[attr-defined]
            records[record.school_id].append(record)
    actions: dict[int, list[AgreedAction]] = defaultdict(list)
    for action in AgreedAction.objects.visible_to(user).filter(school__in=ids, state=ActionState.OPEN).order_by("due_on"):
        actions[action.school_id].append(action)
    hats = {contact.school_id: contact for contact in user.hats.contacts}
    return [
        Panel(
            "home/school.html",
            school.name,
            {
                "line": lines[school.pk],
                "sip": sips.get(school.pk),
                "records": records[school.pk],
                "actions": actions[school.pk],
                "hat": HAT_NAMES[hats[school.pk].hat],
            },
            side="home/school_side.html",
        )
        for school in schools
    ]


def administrator_panel(user: User, on: dt.date) -> Panel:
    """What the administrator keeps: contacts to confirm, packs in force, the register, accounts without a hat."""
    ids = user.hats.authorities_granting_role(Hat.ADMINISTRATOR)
    reported = list(
        Contact.objects.visible_to(user)
        .filter(school__authority__in=ids, state=ContactState.REPORTED)
        .select_related("school__authority", "reported_by")
        .order_by("reported_at")[:12]
    )
    year = AcademicYear.from_date(on).first
    in_force = Pack.objects.filter(authority=OuterRef("pk"), superseded_at__isnull=True, first_year__lte=year, last_year__gte=year)
    authorities = list(
        Authority.objects.filter(pk__in=ids).annotate(
            has_pack=Exists(in_force),
            open_schools=Count("schools", filter=~Q(schools__status__in=["closed", "proposed"]), distinct=True),
            unclustered=Count(
                "schools", filter=Q(schools__cluster__isnull=True) & ~Q(schools__status__in=["closed", "proposed"]), distinct=True
            ),
        )
    )
    own = [kind for kind in RETENTION if kind.shipped is None]
    periods = set(RetentionPeriod.objects.filter(authority__in=ids).values_list("authority_id", "kind"))
    for authority in authorities:
        authority.without_period = [kind.label for kind in own if (authority.pk, kind.key) not in periods]  # type: ignore[attr-defined]
    return Panel("home/administrator.html", "Accounts and data", {"reported": reported, "authorities": authorities})


def finance_panel(user: User, on: dt.date) -> Panel:
    """The finance officer's: deficits by year, now and by the last version; who is above the threshold, net, and for how long."""
    ids = user.hats.authorities_granting_role(Hat.FINANCE_OFFICER)
    home = user.home_authority
    authority = home if home is not None and home.pk in ids else Authority.objects.filter(pk__in=ids).first()
    pack = pack_for(authority, on) if authority is not None else None
    if authority is None or pack is None:
        return Panel("home/finance.html", "Schools’ finance")
    schools = School.objects.granting(user, P.FINANCE_VIEW).filter(authority=authority).open_on(on)
    year = opening_year(authority.pk, on)
    money = money_of(schools, year, finance_of(pack.content))
    summary = summarise(money.values(), {}, year, static_percent=pack.content.setting_decimal("static_roll_percent", authority.settings))
    above = sorted((row for row in money.values() if row.excess), key=lambda row: -(row.excess or 0))[:12]
    named = School.objects.select_related("authority").in_bulk([row.pk for row in above])
    challenges = {
        row.school_id: row
        for row in FinanceChallenge.objects.visible_to(user).filter(school__in=named).exclude(state__in=["closed", "withdrawn"])
    }
    over = [(named[row.pk], row, "{} of {}".format(*row.years_excess), challenges.get(row.pk)) for row in above]
    deficits = [(line, format_total(line.total), format_total(line.total_before)) for line in summary.deficits]
    return Panel("home/finance.html", "Schools’ finance", {"summary": summary, "over": over, "deficits": deficits})


def records_panel(user: User, on: dt.date) -> Panel:
    """The data protection officer's: requests by what is due, withdrawals, what is held and what is to be destroyed."""
    requests = list(InformationRequest.objects.visible_to(user).open()[:12])
    incidents = Incident.objects.visible_to(user).exclude(withdrawal__state=WithdrawalState.REFUSED)
    holds = LegalHold.objects.visible_to(user).filter(lifted_at=None).select_related("school")[:8]
    proposed = DisposalList.objects.visible_to(user).filter(state=DisposalState.PROPOSED)
    return Panel(
        "home/records.html",
        "Records",
        {
            "requests": [(row, tag_of(row), row.due_on < on) for row in requests],
            "incidents": list(incidents.with_records()[:8]),
            "holds": list(holds),
            "proposed": [(row, RETENTION[row.kind].label) for row in proposed if row.kind in RETENTION],
        },
    )


def received_panel(user: User, on: dt.date) -> Panel:
    """A diocese's or a trust's: the final notes of the schools for which they receive them, the latest first."""
    finals = NoteRecord.objects.visible_to(user).with_standing().filter(kind=RecordKind.FINAL, is_superseded=False)  # type: ignore[misc]
    records = finals.filter(school__in=[contact.school_id for contact in user.hats.receives]).defer("payload")
    shown = list(records.select_related("school__authority", "note__visit").order_by("-at", "-pk")[:12])
    return Panel("home/received.html", "Final notes that you receive", {"records": shown})


def member_panel(user: User, on: dt.date) -> Panel:
    """The elected member's: how many schools stand at each level, and never which."""
    home = user.home_authority
    ids = user.hats.authorities_granting_role(Hat.ELECTED_MEMBER)
    authority = home if home is not None and home.pk in ids else Authority.objects.filter(pk__in=ids).first()
    pack = pack_for(authority, on) if authority is not None else None
    counts = level_counts(user, authority, pack, on) if authority is not None and pack is not None else None
    return Panel("home/member.html", "Levels of support", {"counts": counts})


def panels_for(user: User, on: dt.date) -> list[Panel]:
    """In the order of the page of permissions: a role's panel, then one's own schools."""
    worn = user.hats.worn
    panels = []
    if worn & {Hat.SIP, Hat.ADVISER}:
        panels.append(sip_panel(user, on))
    if user.hats.mentees:
        panels.append(mentor_panel(user, on))
    if worn & {Hat.SIP_MANAGER, Hat.HEAD_OF_IMPROVEMENT}:
        panels.append(manager_panel(user, on))
    if Hat.OFFICER in worn:
        panels.append(officer_panel(user, on))
    if Hat.FINANCE_OFFICER in worn:
        panels.append(finance_panel(user, on))
    if Hat.DATA_PROTECTION_OFFICER in worn:
        panels.append(records_panel(user, on))
    if Hat.ELECTED_MEMBER in worn:
        panels.append(member_panel(user, on))
    if Hat.ADMINISTRATOR in worn:
        panels.append(administrator_panel(user, on))
    if user.hats.contacts:
        panels += school_panels(user, on)
    if user.hats.receives:
        panels.append(received_panel(user, on))
    return panels


# ---------------------------------------------------------------- the page


def _grouped(items: Iterable[DueItem], worn: frozenset[Hat]) -> list[tuple[str, list[DueItem]]]:
    """Due items under one heading, or, for a person with two hats that have any, each under its own."""
    items = list(items)
    if len({item.hat for item in items if item.hat}) <= 1:
        return [("", items)] if items else []
    by_side: dict[str, list[DueItem]] = defaultdict(list)
    for item in items:
        by_side[item.hat].append(item)
    order = {hat.value: place for place, hat in enumerate(Hat)}
    return [
        (f"As {_article(hat)}" if hat in order else "For you", rows)
        for hat, rows in sorted(by_side.items(), key=lambda pair: order.get(pair[0], 99))
    ]


def _article(hat: str) -> str:
    name = HAT_NAMES[Hat(hat)]
    return name if Hat(hat) in ROLE_HATS else name[0].lower() + name[1:] if not name[:3].isupper() else name


class HomeView(PortalView):
    """Where sign-in leads."""

    permission = SIGNED_IN

    def get(self, request: SignedInRequest) -> HttpResponse:
        user: User = request.user
        on = clock.today()
        items = due_to(user, on)
        soon = [item for item in items if item.on is None or item.on <= on + dt.timedelta(days=14)]
        shown = (soon or items)[: max(SHOWN, sum(1 for item in items if item.tone))]
        late = sum(1 for item in items if item.tone == "late")
        panels = panels_for(user, on)
        return render(
            request,
            "home/home.html",
            {
                "groups": _grouped(shown, user.hats.worn),
                "total": len(items),
                "late": late,
                "later": len(items) - len(shown),
                "shows_all": request.GET.get("due") == "all",
                "all_groups": _grouped(items, user.hats.worn) if request.GET.get("due") == "all" else [],
                "panels": panels,
                "sides": [panel for panel in panels if panel.side],
                "can_book": user.hats.may_somewhere(P.VISIT_BOOK),
                "can_log": user.hats.may_somewhere(P.VISIT_HOLD),
                "book_url": reverse("visits:visit-book"),
                "log_url": reverse("visits:visit-log"),
                "hats": user.hats.names,
            },
        )
