"""The governors' review of a headteacher, logged as a fact; and contacts with a school by any adviser or officer."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from core import audit
from core.access import Refused, require
from core.calendar import AcademicYear
from core.spans import on_day
from people.models import User
from people.roles import Permission as P
from schools.choices import HEADS, ContactState, DaysKind, DaysSource
from schools.models import Contact, School
from schools.services import charge_days

from ..choices import CallKind, HeadReviewState
from ..models import HeadReviewVisit, SchoolCall

MOST_GOVERNORS = 3
"""The governing body appoints two or three of its members to review the headteacher."""


def _check(state: str, on: dt.date, governors: int, quarters: int, next_due_on: dt.date | None, at: dt.datetime) -> None:
    if state not in HeadReviewState.values:
        raise Refused("Say whether it was held or postponed.", field="state")
    if state == HeadReviewState.POSTPONED:
        if governors or quarters:
            raise Refused("A review that was postponed met nobody and charges nothing.", field="state")
    elif on > at.date():
        raise Refused("It is in the future: it can be logged on its day or after.", field="on")
    elif not 1 <= governors <= MOST_GOVERNORS:
        raise Refused(f"Enter how many of the appointed governors you met, from 1 to {MOST_GOVERNORS}.", field="governors")
    if next_due_on is not None and next_due_on <= on:
        raise Refused("The next is due after this one.", field="next_due_on")


def _charge(actor: User, review: HeadReviewVisit, kind: str, quarters: int, at: dt.datetime, reason: str = "") -> None:
    if quarters:
        charge_days(
            actor=actor,
            school=review.school,
            adviser=review.adviser,
            academic_year=review.academic_year,
            source=DaysSource.CORE,
            kind=kind,
            quarters=quarters,
            reference=review.public_id,
            reason=reason,
            at=at,
        )


@transaction.atomic
def log_head_review(
    *,
    actor: User,
    school: School,
    state: str,
    on: dt.date,
    governors: int = 0,
    quarters: int = 0,
    next_due_on: dt.date | None = None,
    head: Contact | None = None,
    at: dt.datetime,
) -> HeadReviewVisit:
    """Date, days, governors met, done or postponed, next due: all that is kept. Of the head in post that day (of co-heads,
    ``head``)."""
    require(actor, P.HEAD_REVIEW_LOG, school, on=at.date())
    _check(state, on, governors, quarters, next_due_on, at)
    in_post = Contact.objects.filter(on_day(on), school=school, kind__in=HEADS, state=ContactState.CONFIRMED).order_by("kind", "pk")
    if head is None:
        head = in_post.first()
    if head is None or not in_post.filter(pk=head.pk).exists():
        raise Refused(f"Nobody is known as headteacher of {school.name} on {on:%-d %B %Y}.", field="school")
    review = HeadReviewVisit.objects.create(
        authority=school.authority,
        school=school,
        head=head,
        adviser=actor,
        academic_year=AcademicYear.from_date(on).first,
        state=state,
        on=on,
        governors=governors,
        quarters=quarters,
        next_due_on=next_due_on,
        at=at,
    )
    _charge(actor, review, DaysKind.IN_SCHOOL, quarters, at)
    audit.record("head_review.logged", actor=actor, at=at, subject=review, school=school, changes={"state": state})
    return review


@transaction.atomic
def correct_head_review(
    *,
    actor: User,
    review: HeadReviewVisit,
    state: str,
    on: dt.date,
    governors: int = 0,
    quarters: int = 0,
    next_due_on: dt.date | None = None,
    at: dt.datetime,
) -> HeadReviewVisit:
    """What was logged was wrong; the ledger gets the difference and keeps the first entry. The person and the year stay."""
    require(actor, P.HEAD_REVIEW_LOG, review, on=at.date())
    _check(state, on, governors, quarters, next_due_on, at)
    if AcademicYear.from_date(on).first != review.academic_year:
        raise Refused(f"This is the review of {AcademicYear(review.academic_year).label}. Log another for another year.", field="on")
    before = review.quarters
    review.state, review.on, review.governors, review.quarters, review.next_due_on = state, on, governors, quarters, next_due_on
    review.save(update_fields=["state", "on", "governors", "quarters", "next_due_on"])
    _charge(actor, review, DaysKind.CORRECTION, quarters - before, at, reason="Facts corrected")
    audit.record("head_review.corrected", actor=actor, at=at, subject=review, school=review.school, changes={"state": state})
    return review


@transaction.atomic
def log_call(*, actor: User, school: School, on: dt.date, kind: str, who: str, about: str, at: dt.datetime) -> SchoolCall:
    """A contact with the school, had or planned, by whoever had it: on the school's time line for the authority's side (S3)."""
    require(actor, P.CALL_LOG, school, on=at.date())
    if kind not in CallKind.values:
        raise Refused("Say what kind of contact it was.", field="kind")
    who, about = who.strip(), about.strip()
    if not who:
        raise Refused("Enter who had the contact: name and role.", field="who")
    if not about:
        raise Refused("Enter what it was about, in a few words.", field="about")
    if abs((on - at.date()).days) > 366:
        raise Refused("Enter a day within a year of today.", field="on")
    call = SchoolCall.objects.create(
        authority=school.authority, school=school, on=on, kind=kind, who=who[:160], about=about[:200], by=actor, at=at
    )
    audit.record(
        "call.logged",
        actor=actor,
        at=at,
        subject=call,
        school=school,
        changes={"on": on.isoformat(), "kind": kind, "about": audit.content(about)},
    )
    return call
