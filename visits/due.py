"""What visits and notes are due to a person, for their home. Each answers for everything of one kind in one query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from core.calendar import Clock, SchoolDays
from core.components.formats import clock, day, lower_first, plural, short_day
from core.due import DueItem
from core.retention import RETENTION
from people.packs import packs_for
from people.roles import Hat
from people.roles import Permission as P

from .choices import (
    ActionState,
    AlertState,
    CommentaryState,
    CommentKind,
    CorrectionState,
    DisposalState,
    NoteState,
    RequestState,
    VisitState,
    WithdrawalState,
)
from .coverage import unbooked
from .models import (
    AgreedAction,
    Alert,
    Bundle,
    Commentary,
    CommentaryAnswer,
    CorrectionRequest,
    DisposalList,
    GateReview,
    Incident,
    InformationRequest,
    NoteOfVisit,
    NoteShare,
    SchoolComment,
    SchoolResponse,
    Visit,
    VisitSchool,
)
from .selectors import due_day

AHEAD = dt.timedelta(days=14)
"""So far ahead a booked visit, or an action, stands on the home."""

SCHOOL_SIDE = frozenset((Hat.HEAD, Hat.CHAIR, Hat.CLERK, Hat.SCHOOL_OFFICE))


def left_of(due: dt.date | None, on: dt.date, clock: Clock | None = None) -> tuple[str, str]:
    """The words and the tone of a day, counted on its own clock: "2 working days late", "Due today", "3 school days left".

    On the Saturday after a Friday nothing more has passed of the clock: then it says "Late". Without a clock (an authority
    without a pack) the days of the calendar are counted.
    """
    if due is None:
        return "", ""
    if due == on:
        return "Due today", "due"
    word = "day" if clock is None else "school day" if isinstance(clock, SchoolDays) else "working day"
    days = (due - on).days if clock is None else clock.between(on, due)
    if due < on:
        return (f"{plural(-days, word)} late" if days else "Late"), "late"
    return (f"{plural(days, word)} left" if days else f"by {short_day(due, on)}"), ""


def clock_for(user: Any, authority_id: int, hat: Hat | str, on: dt.date) -> Clock | None:
    """Whose days count for a person under a hat: the school's for a school's people, else the office's (domain.md §4)."""
    pack = packs_for(user, on).get(authority_id)
    if pack is None:
        return None
    return pack.school_days if hat in SCHOOL_SIDE else pack.office_days


def item(title: str, url: str, due: dt.date | None, on: dt.date, why: str = "", hat: Hat | str = "", clock: Clock | None = None) -> DueItem:
    left, tone = left_of(due, on, clock)
    return DueItem(due, title, url, why, str(hat), left, tone)


def late_for_manager(user: Any, authority_ids: Sequence[int], on: dt.date) -> dict[int, dt.date]:
    """Authority id → the last day whose notes stand on the manager's list: so many office days past (domain.md §4: five)."""
    packs = packs_for(user, on)
    found = {}
    for authority_id in authority_ids:
        if (pack := packs.get(authority_id)) is None:
            continue
        days = pack.whole("manager_late_office_days")
        last = pack.office_days.on_or_before(on)
        found[authority_id] = min(pack.office_days.add(last, -days) if days else last, on - dt.timedelta(days=1))
    return found


def _named(place: str) -> Any:
    """The name of the first school of a row's visit, in the same query."""
    return Subquery(VisitSchool.objects.filter(visit=OuterRef(place)).order_by("position").values("school__name")[:1])


def _adviser(user: Any) -> bool:
    return bool(user.hats.assignments or user.hats.sips)


# ---------------------------------------------------------------- alerts


def alerts_due(user: Any, on: dt.date) -> list[DueItem]:
    """To officers and the manager: alerts that nobody has acknowledged, and those that they took up and that have no outcome.
    To the SIP who raised one: that nobody has acknowledged it."""
    if not user.hats.may_somewhere(P.ALERT_READ):
        return []
    rows = (
        Alert.objects.visible_to(user)
        .filter(Q(state=AlertState.SENT) | Q(state=AlertState.ACKNOWLEDGED, acknowledged_by=user))
        .select_related("school")
        .order_by("raised_at", "pk")
    )
    answering = next((role.hat for role in user.hats.roles if role.hat in (Hat.SIP_MANAGER, Hat.OFFICER)), "")
    found = []
    for alert in rows:
        url, name, raised = alert.get_absolute_url(), alert.school.name, timezone.localtime(alert.raised_at).date()
        if alert.state == AlertState.ACKNOWLEDGED:
            found.append(item(f"Log what came of the alert: {name}", url, None, on, "You acknowledged it.", answering))
        elif alert.raised_by_id == user.pk:
            found.append(
                DueItem(
                    raised, f"Nobody has acknowledged your alert: {name}", url, "It goes on until somebody does.", Hat.SIP, "waiting", "due"
                )
            )
        else:
            found.append(
                DueItem(raised, f"Alert: {name}", url, f"Raised by {alert.raised_by_name}. Acknowledge it.", str(answering), "now", "late")
            )
    return found


# ---------------------------------------------------------------- visits


def visits_due(user: Any, on: dt.date) -> list[DueItem]:
    """To the lead: log what was held, begin its note, what is coming. To the school: choose a day, what is coming."""
    hats = user.hats
    schools = [c.school_id for c in hats.contacts if c.hat in (Hat.HEAD, Hat.SCHOOL_OFFICE)]
    if not schools and not _adviser(user):
        return []
    led = Q(lead=user)
    at_school = Q(pk__in=VisitSchool.objects.filter(school_id__in=schools).values("visit_id"))
    waits = Q(state=VisitState.PROPOSED) | Q(state=VisitState.BOOKED, on__lte=on + AHEAD)
    no_note = led & Q(state=VisitState.HELD, note__isnull=True, note_waived_at__isnull=True, is_imported=False)
    rows: QuerySet[Any] = (
        Visit.objects.visible_to(user).filter(((led | at_school) & waits) | no_note).annotate(place=_named("pk")).order_by("on", "pk")
    )
    found = []
    for visit in rows:
        address = visit.get_absolute_url()
        what = f"{visit.visit_type_label}, {visit.place}"
        mine = visit.lead_id == user.pk
        hat = Hat.SIP if mine else next((c.hat for c in hats.contacts if c.school_id in schools), Hat.HEAD)
        if visit.state == VisitState.PROPOSED:
            if not mine or visit.ended_reason:
                title = f"Propose other days: {what}" if mine else f"Choose a day: {what}"
                found.append(DueItem(None, title, address, visit.ended_reason if mine else "Days are proposed.", hat, "waiting", "due"))
        elif visit.state == VisitState.HELD:
            found.append(
                DueItem(visit.on, f"Begin the note: {what}", address, f"Visit held on {day(visit.on)}.", hat, "no note yet", "due")
            )
        elif mine and visit.on is not None and visit.on < on:
            found.append(
                item(
                    f"Log the visit: {what}",
                    reverse("visits:visit-hold", args=[visit.public_id]),
                    visit.on,
                    on,
                    "Booked, and its day has passed.",
                    hat,
                    clock_for(user, visit.authority_id, hat, on),
                )
            )
        else:
            left, tone = ("today", "due") if visit.on == on else left_of(visit.on, on, clock_for(user, visit.authority_id, hat, on))
            at = f", {clock(visit.starts_at)}" if visit.starts_at else ""
            if mine and visit.on != on:
                what, address = f"Prepare for {visit.place}", reverse("visits:visit-prepare", args=[visit.public_id])
            why = f"{visit.visit_type_label}, booked for {day(visit.on)}{at}."
            found.append(DueItem(visit.on, what, address, why, hat, left, tone))
    return found


def rounds_due(user: Any, on: dt.date) -> list[DueItem]:
    """To a SIP, the schools without a visit booked in an open round; to the manager, what is left of one whose window is over."""
    hats = user.hats
    managing = {r.authority_id for r in hats.roles if r.hat == Hat.SIP_MANAGER}
    if not managing and not any(a.current for a in hats.assignments):
        return []
    own: dict[Any, list[str]] = {}
    over: dict[Any, int] = {}
    for row in unbooked(user, on):
        if row.adviser_id == user.pk:
            own.setdefault(row.round, []).append(row.school_name)
        elif row.round.ends_on < on:
            over[row.round] = over.get(row.round, 0) + 1
    found = []
    for round_, names in own.items():
        title = f"Book the visit: {names[0]}" if len(names) == 1 else f"Book {len(names)} visits: {round_.name}"
        why = round_.name if len(names) == 1 else f"{', '.join(names[:3])}{' and others' if len(names) > 3 else ''}."
        clock = clock_for(user, round_.authority_id, Hat.SIP, on)
        found.append(item(title, reverse("visits:round-book", args=[round_.public_id]), round_.ends_on, on, why, Hat.SIP, clock))
    for round_, count in over.items():
        url = reverse("visits:round-schools", args=[round_.public_id]) + "?show=none"
        clock = clock_for(user, round_.authority_id, Hat.SIP_MANAGER, on)
        title = f"{plural(count, 'school')} not visited: {round_.name}"
        found.append(item(title, url, round_.ends_on, on, "Its window is over.", Hat.SIP_MANAGER, clock))
    return found


# ---------------------------------------------------------------- notes


def _notes(user: Any) -> QuerySet[Any]:
    open_words = SchoolComment.objects.filter(
        note=OuterRef("pk"), version=OuterRef("version"), kind=CommentKind.INACCURATE, answered_at__isnull=True
    )
    answers = (
        SchoolResponse.objects.filter(note=OuterRef("pk"), version=OuterRef("version"))
        .order_by()
        .values("note")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return (
        NoteOfVisit.objects.visible_to(user)
        .select_related("visit", "author")
        .annotate(
            place=_named("visit_id"),
            places=Subquery(
                VisitSchool.objects.filter(visit=OuterRef("visit_id")).order_by().values("visit").annotate(n=Count("pk")).values("n")
            ),
            answers=Subquery(answers),
            has_open_words=Exists(open_words),
        )
        .order_by("draft_due_on", "pk")
    )


def notes_due(user: Any, on: dt.date) -> list[DueItem]:
    """To the author, every note that waits for them; to the manager, those that are long late; to the school, those to answer."""
    hats = user.hats
    may_answer = [c.school_id for c in hats.contacts if c.hat in (Hat.HEAD, Hat.CHAIR)]
    managing = [r.authority_id for r in hats.roles if r.hat == Hat.SIP_MANAGER]
    if not may_answer and not managing and not _adviser(user):
        return []
    moving = (NoteState.DRAFT, NoteState.RETURNED, NoteState.READY, NoteState.WITH_SCHOOL)
    late = late_for_manager(user, managing, on)
    of_manager = Q(pk__in=[])
    for authority_id, last in late.items():
        is_late = Q(state__in=(NoteState.DRAFT, NoteState.RETURNED), draft_due_on__lte=last)
        is_late |= Q(state=NoteState.WITH_SCHOOL, final_due_on__lte=last)
        of_manager |= Q(authority_id=authority_id) & is_late
    at_school = Q(pk__in=NoteOfVisit.objects.filter(visit__visit_schools__school_id__in=may_answer).values("pk"))
    rows = _notes(user).filter(state__in=moving).filter(Q(author=user) | of_manager | (Q(state=NoteState.WITH_SCHOOL) & at_school))
    found: list[DueItem] = []
    for note in rows:
        if note.author_id == user.pk:
            found += _to_author(note, on, clock_for(user, note.authority_id, Hat.SIP, on))
        elif note.authority_id in late and (due := due_day(note, on)) is not None and due <= late[note.authority_id]:
            why = f"{note.author.name} has it. Remind them, or hand it on."
            office = clock_for(user, note.authority_id, Hat.SIP_MANAGER, on)
            title = f"Late: {note.visit.visit_type_label}, {note.place}"
            found.append(item(title, note.get_absolute_url(), due, on, why, Hat.SIP_MANAGER, office))
        elif note.state == NoteState.WITH_SCHOOL and may_answer:
            found += _to_school(note, hats, on, clock_for(user, note.authority_id, Hat.HEAD, on))
    return found


def _to_author(note: Any, on: dt.date, clock: Clock | None) -> Iterable[DueItem]:
    what, address = f"{note.visit.visit_type_label}, {note.place}", note.get_absolute_url()
    write = reverse("visits:note-write", args=[note.public_id])
    due = due_day(note, on)
    if note.state == NoteState.DRAFT:
        yield item(f"Finish the note: {what}", write, due, on, f"Visit held on {day(note.visit.on)}.", Hat.SIP, clock)
    elif note.state == NoteState.RETURNED:
        yield item(f"Correct the note: {what}", write, due, on, "Returned with reasons.", Hat.SIP, clock)
    elif note.state == NoteState.READY:
        release = reverse("visits:note-release", args=[note.public_id])
        yield item(f"Release the note: {what}", release, due, on, "It may go to the school.", Hat.SIP, clock)
    elif note.has_open_words:
        yield item(f"Answer the school: {what}", address, note.final_due_on, on, "It says that something is inaccurate.", Hat.SIP, clock)
    elif note.school_due_on is None:
        yield DueItem(None, f"Not delivered: {what}", address, "The school’s time to answer has not begun.", Hat.SIP, "waiting", "due")
    elif on > note.school_due_on or (note.answers or 0) >= (note.places or 1):
        why = (
            "The school has answered."
            if (note.answers or 0) >= (note.places or 1)
            else f"The school did not comment by {day(note.school_due_on)}."
        )
        finalise = reverse("visits:note-finalise", args=[note.public_id])
        yield item(f"Make final: {what}", finalise, note.final_due_on, on, why, Hat.SIP, clock)


def _to_school(note: Any, hats: Any, on: dt.date, clock: Clock | None) -> Iterable[DueItem]:
    if note.school_due_on is None or on > note.school_due_on or (note.answers or 0) >= (note.places or 1):
        return
    hat = Hat.HEAD if any(c.hat == Hat.HEAD for c in hats.contacts) else Hat.CHAIR
    if hat == Hat.CHAIR and not note.goes_to_chair:
        return
    title = f"Answer the draft note: {note.visit.visit_type_label}, {note.place}"
    answer = reverse("visits:note-answer", args=[note.public_id])
    yield item(title, answer, note.school_due_on, on, "Is it accurate, and do you agree?", hat, clock)


# ---------------------------------------------------------------- reviews, corrections, withdrawals, actions


def shared_due(user: Any, on: dt.date) -> Sequence[DueItem]:
    """For a mentor: the drafts that a mentee shares, until they are submitted. One query."""
    if not user.hats.mentees:
        return []
    shares = (
        NoteShare.objects.filter(mentor=user, note__in=NoteOfVisit.objects.visible_to(user))
        .filter(note__state__in=[NoteState.DRAFT, NoteState.RETURNED])
        .annotate(named=_named("note__visit"))
        .select_related("note__author", "note__visit")
    )
    return [
        item(
            f"Read the draft that {share.note.author.name} shares with you: {share.named}",
            share.note.get_absolute_url(),
            share.note.draft_due_on,
            on,
            f"{share.note.visit.visit_type_label}. It is due to be submitted that day.",
            Hat.MENTOR,
            clock_for(user, share.note.authority_id, Hat.MENTOR, on),
        )
        for share in shares
    ]


def reviews_due(user: Any, on: dt.date) -> list[DueItem]:
    """To the reviewer; and to the manager those that nobody has yet, or that are late."""
    hats = user.hats
    managing = [r.authority_id for r in hats.roles if r.hat == Hat.SIP_MANAGER]
    if not managing and not hats.sips and not hats.roles:
        return []
    mine = Q(reviewer=user) | (Q(note__authority_id__in=managing) & (Q(reviewer__isnull=True) | Q(due_on__lt=on)))
    rows = (
        GateReview.objects.filter(
            mine, decision="", note__state=NoteState.IN_REVIEW, note__in=NoteOfVisit.objects.visible_to(user).values("pk")
        )
        .exclude(note__author=user)
        .select_related("note__visit", "note__author", "reviewer")
        .annotate(place=_named("note__visit_id"))
        .order_by("-is_concern", "due_on", "pk")
    )
    found = []
    for review in rows:
        own = review.reviewer_id == user.pk
        why = f"By {review.note.author.name}." + (" A school causing concern." if review.is_concern else "")
        why += "" if own or review.reviewer is None else f" {review.reviewer.name} has it, and it is late."
        hat = Hat.SIP_MANAGER if managing else Hat.SIP
        title = f"{'Review' if own or review.reviewer is None else 'Review late'}: {review.note.visit.visit_type_label}, {review.place}"
        office = clock_for(user, review.note.authority_id, hat, on)
        found.append(item(title, reverse("visits:review-detail", args=[review.public_id]), review.due_on, on, why, hat, office))
    return found


def corrections_due(user: Any, on: dt.date) -> list[DueItem]:
    """Corrections asked for: to the author of the note."""
    if not _adviser(user):
        return []
    rows = CorrectionRequest.objects.filter(
        state=CorrectionState.OPEN, record__note__author=user, record__note__in=NoteOfVisit.objects.visible_to(user).values("pk")
    ).select_related("record__note", "record__school")
    return [
        item(
            f"Answer a correction: {r.record.school.name}",
            r.record.note.get_absolute_url(),
            r.due_on,
            on,
            f"{r.by_name}, {r.by_role}: {r.place}",
            Hat.SIP,
            clock_for(user, r.record.authority_id, Hat.SIP, on),
        )
        for r in rows.order_by("due_on", "pk")
    ]


def commentaries_due(user: Any, on: dt.date) -> list[DueItem]:
    """To the head: a commentary to read for accuracy. To its author: one that the school has answered or let pass, and one
    that is being written."""
    heads = [c.school_id for c in user.hats.contacts if c.hat == Hat.HEAD]
    if not heads and not _adviser(user):
        return []
    answers = CommentaryAnswer.objects.filter(commentary=OuterRef("pk"), version=OuterRef("version"))
    rows: Any = (
        Commentary.objects.visible_to(user)
        .filter(Q(author=user) | Q(school__in=heads))
        .exclude(state__in=[CommentaryState.FINAL, CommentaryState.WITHDRAWN])
        .annotate(is_answered=Exists(answers))
        .select_related("school")
        .order_by("school_due_on", "pk")
    )
    found = []
    for row in rows:
        where, url = f"{row.school.name}, {row.year_label}", row.get_absolute_url()
        hat = Hat.SIP if row.author_id == user.pk else Hat.HEAD
        clock = clock_for(user, row.authority_id, hat, on)
        if hat == Hat.HEAD:
            if row.state == CommentaryState.WITH_SCHOOL and not row.is_answered:
                title = f"Say whether the annual commentary is accurate: {where}"
                found.append(item(title, url, row.school_due_on, on, "Before the governors have it.", hat, clock))
        elif row.state == CommentaryState.DRAFT:
            found.append(item(f"Go on with the annual commentary: {where}", url, None, on, f"Version {row.version}, a draft.", hat, clock))
        elif row.is_answered or (row.school_due_on is not None and row.school_due_on < on):
            why = "The school has answered." if row.is_answered else f"The school had until {day(row.school_due_on)}."
            found.append(item(f"Make the annual commentary final: {where}", url, None, on, why, hat, clock))
    return found


def withdrawals_due(user: Any, on: dt.date) -> list[DueItem]:
    """Withdrawals that the other of the two asked for."""
    hats = user.hats
    if not hats.may_somewhere(P.RECORD_WITHDRAW):
        return []
    rows = (
        Incident.objects.visible_to(user)
        .filter(withdrawal__state=WithdrawalState.ASKED)
        .exclude(withdrawal__asked_by=user)
        .exclude(withdrawal__record__note__author=user)
        .exclude(withdrawal__commentary_record__commentary__author=user)
        .with_records()
        .order_by("opened_at", "pk")
    )
    hat = next((r.hat for r in hats.roles if r.hat in (Hat.SIP_MANAGER, Hat.DATA_PROTECTION_OFFICER)), "")
    return [
        DueItem(
            incident.opened_at.date(),
            f"Confirm or refuse a withdrawal: {incident.withdrawal.of.school.name}",
            reverse("visits:withdrawal-decide", args=[incident.withdrawal.of.public_id]),
            f"Asked by {incident.withdrawal.asked_by.name}. Access has ended.",
            str(hat),
            "now",
            "due",
        )
        for incident in rows
    ]


def actions_due(user: Any, on: dt.date) -> list[DueItem]:
    """Agreed actions of one's own school that are overdue or near: they belong to the school."""
    schools = [c.school_id for c in user.hats.contacts if c.hat == Hat.HEAD]
    if not schools:
        return []
    rows = (
        AgreedAction.objects.visible_to(user)
        .select_related("school")
        .filter(school_id__in=schools, state=ActionState.OPEN, due_on__lte=on + AHEAD)
        .order_by(F("due_on").asc(nulls_last=True), "pk")
    )
    return [
        item(
            f"Agreed action: {a.text}",
            reverse("visits:action-detail", args=[a.public_id]),
            a.due_on,
            on,
            f"Owner: {a.owner_label}.",
            Hat.HEAD,
            clock_for(user, a.school.authority_id, Hat.HEAD, on),
        )
        for a in rows
    ]


def _counted(name: str, which: Q) -> dict[str, Any]:
    """How many rows there are, at how many schools, and since when."""
    return {
        name: Count("pk", filter=which),
        f"{name}_at": Count("school", filter=which, distinct=True),
        f"{name}_since": Min("due_on", filter=which),
    }


def overdue_actions_due(user: Any, on: dt.date) -> list[DueItem]:
    """To whoever serves or looks after schools: how many actions are overdue; to the officer also how many are carried for a
    third visit (domain.md §4). Each with its list; counted in one query."""
    hats = user.hats
    assigned = [a.school_id for a in hats.assignments if a.current and a.school_id not in hats.walled]
    is_officer = any(role.hat == Hat.OFFICER for role in hats.roles)
    if not assigned and not is_officer:
        return []
    actions: Any = AgreedAction.objects.visible_to(user).filter(state=ActionState.OPEN).with_age()
    late, carried = Q(due_on__lt=on), Q(pk__in=[])
    for authority_id, pack in packs_for(user, on).items():
        carried |= Q(school__authority=authority_id, age__gte=pack.whole("carried_times"))
    asked: dict[str, Any] = {}
    if assigned:
        asked |= _counted("mine", late & Q(school_id__in=assigned))
    if is_officer:
        asked |= _counted("late", late) | _counted("carried", carried)
    else:
        actions = actions.filter(late, school_id__in=assigned)
    counts = actions.aggregate(**asked)
    url = reverse("visits:action-list")
    found = []
    for name, hat in (("mine", Hat.SIP), ("late", Hat.OFFICER)):
        if counts.get(name):
            why = f"At {plural(counts[f'{name}_at'], 'school')}, the oldest since {day(counts[f'{name}_since'])}."
            found.append(
                DueItem(None, f"{plural(counts[name], 'agreed action')} overdue", f"{url}?state=overdue", why, hat, "late", "late")
            )
    if counts.get("carried"):
        why = f"At {plural(counts['carried_at'], 'school')}. Ask what stands in the way."
        title = f"{plural(counts['carried'], 'action')} carried from visit to visit"
        found.append(DueItem(None, title, f"{url}?state=carried", why, Hat.OFFICER, "now", "due"))
    return found


# ---------------------------------------------------------------- files in the background


def bundles_due(user: Any, on: dt.date) -> list[DueItem]:
    """To whoever asked: a file that is ready and has not been taken."""
    if not user.hats.may_somewhere(P.RECORD_READ):
        return []
    ready = Bundle.objects.visible_to(user).filter(taken_at__isnull=True, expires_at__date__gte=on).exclude(file="").order_by("expires_at")
    found = []
    for bundle in ready:
        until = timezone.localtime(bundle.expires_at).date()
        found.append(
            DueItem(
                until,
                f"Download: {bundle.title}",
                bundle.get_absolute_url(),
                f"{plural(len(bundle.records), 'note')}, kept until {day(until)}.",
                left="ready",
            )
        )
    return found


# ---------------------------------------------------------------- requests for information


def requests_due(user: Any, on: dt.date) -> list[DueItem]:
    """To the data protection officer every request that is open, on the clock of its kind; to a second reader what waits."""
    if not any(role.hat in (Hat.SIP_MANAGER, Hat.DATA_PROTECTION_OFFICER) for role in user.hats.roles):
        return []
    found = []
    for row in InformationRequest.objects.visible_to(user).open().order_by("due_on", "pk"):
        url, reads = row.get_absolute_url(), row.reviewer_id == user.pk and row.state == RequestState.IN_REVIEW
        if reads and row.approved_at is None:
            found.append(
                item(f"Read the answer to request {row.reference}", url, row.due_on, on, "You are its second reader.", Hat.SIP_MANAGER)
            )
        elif not reads and row.state != RequestState.CLARIFYING:
            hat = Hat.DATA_PROTECTION_OFFICER
            found.append(
                item(f"Answer request {row.reference}", url, row.due_on, on, f"{row.kind_label}: {row.get_state_display().lower()}.", hat)
            )
    return found


def disposals_due(user: Any, on: dt.date) -> list[DueItem]:
    """To the data protection officer, the lists that wait to be confirmed."""
    if not user.hats.may_somewhere(P.RETENTION_DECIDE):
        return []
    rows = DisposalList.objects.visible_to(user).filter(state=DisposalState.PROPOSED).order_by("proposed_at", "pk")
    hat = Hat.DATA_PROTECTION_OFFICER
    return [
        item(
            f"Decide on a disposal list: {lower_first(RETENTION[row.kind].label)}",
            row.get_absolute_url(),
            None,
            on,
            plural(row.count, "item"),
            hat,
        )
        for row in rows
        if row.kind in RETENTION
    ]
