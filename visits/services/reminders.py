"""Reminders by email, once before and once after each deadline (domain.md §4), sent by the clock and never twice.

Each email is keyed by what it is about, the day that was due, which side of it, and to whom: a second run, the same day or
later, finds the key and sends nothing; a deadline that moves is another deadline. Each deadline is counted on its own clock,
and nobody is written to on a day that their clock does not count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from core.calendar import CalendarGap, Clock
from core.outbox import OutboxEmail, enqueue_email
from people.models import Authority, User
from people.packs import AuthorityPack, pack_for
from people.selectors import managers_of

from ..choices import DeliveryState, NoteState, RecordKind, RoundState, Stage
from ..coverage import whole_coverages
from ..mail import deadline_reminder, round_reminder
from ..models import Delivery, GateReview, NoteOfVisit, Round
from ..policies import is_author, may_review

MADE_UP = 5
"""Days of the clock after which a reminder that could not go is not made up any more."""


@dataclass(frozen=True)
class Window:
    """Deadlines to be reminded of on a day: ``before``, those near; ``after``, those just past. First and last day of each."""

    before: tuple[dt.date, dt.date]
    after: tuple[dt.date, dt.date]

    def q(self, name: str) -> Q:
        return Q(**{f"{name}__range": self.before}) | Q(**{f"{name}__range": self.after})

    def is_past(self, due: dt.date) -> bool:
        return due <= self.after[1]


def window(clock: Clock, on: dt.date, days_before: int, days_after: int) -> Window | None:
    """The window of a day; ``None`` where the clock does not count it."""
    if not clock.is_day(on):
        return None
    try:
        ahead = clock.add(on, days_before)
    except CalendarGap:  # the last days of the terms that are held
        ahead = on
    try:
        oldest = clock.add(on, -(days_after + MADE_UP))
    except CalendarGap:
        oldest = on - dt.timedelta(days=days_after + MADE_UP)
    latest = clock.add(on, -days_after) if days_after else on - dt.timedelta(days=1)
    return Window((on, ahead), (oldest, min(latest, on - dt.timedelta(days=1))))


@transaction.atomic
def send_reminders(*, at: dt.datetime) -> int:
    """Put into the outbox what is to be said today, for every authority with a pack. Answers how many emails are new."""
    on, before = at.date(), OutboxEmail.objects.count()
    for authority in Authority.objects.order_by("code"):
        pack = pack_for(authority, on)
        if pack is None:
            continue
        days = pack.whole("reminder_days_before"), pack.whole("reminder_days_after")
        office, school = window(pack.office_days, on, *days), window(pack.school_days, on, *days)
        if office is not None:
            _notes(authority, pack, office, at)
            _reviews(authority, pack, office, at)
            _rounds(authority, office, at)
        if school is not None:
            _answers(authority, pack, school, at)
    return OutboxEmail.objects.count() - before


def _send(key: str, name: str, address: str, words: tuple[str, str], reference: str, at: dt.datetime) -> None:
    subject, body = words
    enqueue_email(
        dedupe_key=f"reminder:{key}",
        to_name=name,
        to_address=address,
        subject=subject,
        body=body,
        context_kind="reminder",
        context_reference=reference,
        at=at,
    )


def _wants(user: User | None) -> bool:
    return user is not None and user.is_active and user.has_reminders


def _places(note: NoteOfVisit) -> str:
    return " and ".join(school.name for school in note.covered)


def _live(authority: Authority) -> Any:
    notes = NoteOfVisit.objects.filter(authority=authority).select_related("author", "visit", "authority")
    return notes.prefetch_related("visit__visit_schools__school").order_by("pk")


def _of_note(kind: str, note: NoteOfVisit, due: dt.date, what: str, who: User, near: Window, url: str, at: dt.datetime) -> None:
    is_past = near.is_past(due)
    key = f"{kind}:{note.public_id}:{note.version}:{due.isoformat()}:{'after' if is_past else 'before'}:{who.public_id}"
    words = deadline_reminder(note.authority, who.name, _places(note), what, due, settings.PORTAL_URL + url, is_past=is_past)
    _send(key, who.name, who.email, words, note.public_id, at)


def _notes(authority: Authority, pack: AuthorityPack, near: Window, at: dt.datetime) -> None:
    """To the author: the draft; and, once the school's days are over, the final note."""
    word = pack.labels().get("note", "Singular")
    drafts = Q(state__in=(NoteState.DRAFT, NoteState.RETURNED)) & near.q("draft_due_on")
    finals = Q(state=NoteState.WITH_SCHOOL, school_due_on__lt=at.date()) & near.q("final_due_on")
    for note in _live(authority).filter(drafts | finals):
        if not _wants(note.author) or not is_author(note.author.hats, note):
            continue
        if note.state == NoteState.WITH_SCHOOL:
            url = reverse("visits:note-finalise", args=[note.public_id])
            _of_note("final", note, note.final_due_on, f"Final {word}", note.author, near, url, at)
        else:
            _of_note("draft", note, note.draft_due_on, word, note.author, near, reverse("visits:note-write", args=[note.public_id]), at)


def _reviews(authority: Authority, pack: AuthorityPack, near: Window, at: dt.datetime) -> None:
    """To the reviewer; to the managers where it has none."""
    rows = list(
        GateReview.objects.filter(near.q("due_on"), note__authority=authority, note__state=NoteState.IN_REVIEW, decision="")
        .select_related("reviewer")
        .order_by("pk")
    )
    notes = {note.pk: note for note in _live(authority).filter(pk__in=[row.note_id for row in rows])}
    managers = list(managers_of(authority, at.date())) if any(row.reviewer_id is None for row in rows) else []
    what = f"Review of the {pack.labels().get('note')}"
    for review in rows:
        note = notes[review.note_id]
        url = reverse("visits:review-detail", args=[review.public_id])
        for person in [review.reviewer] if review.reviewer is not None else managers:
            if _wants(person) and may_review(person.hats, note):
                _of_note("review", note, review.due_on, what, person, near, url, at)


def _answers(authority: Authority, pack: AuthorityPack, near: Window, at: dt.datetime) -> None:
    """To those to whom the draft was delivered, while their school has not answered: their own clock, their school's name."""
    notes = {
        note.pk: note
        for note in _live(authority).filter(near.q("school_due_on"), state=NoteState.WITH_SCHOOL).prefetch_related("responses")
    }
    answered = {(note.pk, row.school_id) for note in notes.values() for row in note.responses.all() if row.version == note.version}
    rows = Delivery.objects.filter(
        dispatch__note__in=notes, dispatch__kind=RecordKind.RELEASE, state=DeliveryState.DELIVERED, school__isnull=False
    ).select_related("dispatch", "user", "school", "contact")
    what = f"Your answer on the draft {pack.labels().get('note')}"
    for row in rows.order_by("pk"):
        note, school = notes[row.dispatch.note_id], row.school
        assert school is not None and note.school_due_on is not None
        has_left = row.contact is not None and not row.contact.holds_on(at.date())
        if row.dispatch.version != note.version or (note.pk, school.pk) in answered or has_left or (row.user and not _wants(row.user)):
            continue
        is_past = near.is_past(note.school_due_on)
        link = settings.PORTAL_URL + reverse("visits:note-answer", args=[note.public_id])
        words = deadline_reminder(authority, row.name, school.name, what, note.school_due_on, link, is_past=is_past)
        key = f"answer:{row.public_id}:{note.school_due_on.isoformat()}:{'after' if is_past else 'before'}"
        _send(key, row.name, row.email, words, note.public_id, at)


def _rounds(authority: Authority, near: Window, at: dt.datetime) -> None:
    """To each SIP, the schools without a visit booked as the round's window ends: one email a round and side of its end."""
    rounds = list(Round.objects.filter(near.q("ends_on"), authority=authority, state=RoundState.OPEN).select_related("authority"))
    for found in whole_coverages(rounds, at.date()):
        round_ = found.round
        side = "after" if near.is_past(round_.ends_on) else "before"
        link = settings.PORTAL_URL + reverse("visits:round-book", args=[round_.public_id])
        for sip, names in _not_booked(found.rows):
            key = f"round:{round_.public_id}:{round_.ends_on.isoformat()}:{side}:{sip.public_id}"
            _send(key, sip.name, sip.email, round_reminder(round_, sip.name, names, link), round_.public_id, at)


def _not_booked(rows: Iterable[Any]) -> Iterator[tuple[User, list[str]]]:
    by_sip: dict[int, tuple[User, list[str]]] = {}
    for row in rows:
        if row.is_expected and row.sip is not None and row.stage == Stage.NONE and row.school.pk not in row.sip.hats.walled:
            by_sip.setdefault(row.sip.pk, (row.sip, []))[1].append(row.school.name)
    for sip, names in by_sip.values():
        if _wants(sip):
            yield sip, names
