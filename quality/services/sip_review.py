"""The SIP review, step by step. What is written in it is content: the audit says how many words, never which."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction

from core import audit
from core.access import Conflict, Refused, require
from core.calendar import AcademicYear
from people.models import Sip, User
from people.packs import require_pack
from people.roles import Permission as P
from quality.models import CpdNeed, ReviewObjective, SipReview
from quality.pack import quality_of
from quality.workflow import SIP_REVIEW_WORKFLOW


def _event(code: str, actor: User, review: SipReview, at: dt.datetime, **changes: object) -> None:
    audit.record(code, actor=actor, at=at, subject=review, authority=review.authority, changes=changes)


@transaction.atomic
def begin_sip_review(*, actor: User, sip: Sip, at: dt.datetime) -> SipReview:
    """By the SIP reviewer, once a year."""
    require(actor, P.SIP_REVIEW_WRITE, sip, on=at.date())
    try:
        with transaction.atomic():
            review = SipReview.objects.create(
                authority=sip.authority, sip=sip, academic_year=AcademicYear.from_date(at.date()), created_at=at
            )
    except IntegrityError:
        raise Conflict("The review of this year is begun already.") from None
    _event("sip_review.begun", actor, review, at)
    return review


@transaction.atomic
def set_objective(
    *, actor: User, review: SipReview, text: str, success: str, by_on: dt.date | None = None, at: dt.datetime
) -> ReviewObjective:
    if not text.strip():
        raise Refused("Write the objective.", field="text")
    SIP_REVIEW_WORKFLOW.move(actor, review, "set_objective", at.date())
    row = ReviewObjective.objects.create(review=review, text=text.strip(), success=success.strip(), by_on=by_on)
    _event("sip_review.objective_set", actor, review, at, text=audit.content(text))
    return row


@transaction.atomic
def agree_objectives(*, actor: User, review: SipReview, at: dt.datetime) -> SipReview:
    if not review.objectives.exists():
        raise Refused("Set at least one objective first.")
    SIP_REVIEW_WORKFLOW.move(actor, review, "agree", at.date(), agreed_on=at.date())
    _event("sip_review.agreed", actor, review, at)
    return review


@transaction.atomic
def record_mid_year(*, actor: User, review: SipReview, text: str, on: dt.date, at: dt.datetime) -> SipReview:
    if on > at.date():
        raise Refused("The day lies in the future.", field="on")
    SIP_REVIEW_WORKFLOW.move(actor, review, "mid_year", at.date(), mid_year=text.strip(), mid_year_on=on)
    _event("sip_review.mid_year", actor, review, at, text=audit.content(text))
    return review


@transaction.atomic
def write_account(*, actor: User, review: SipReview, text: str, at: dt.datetime) -> SipReview:
    """The SIP's own account: the SIP alone writes it."""
    SIP_REVIEW_WORKFLOW.move(actor, review, "account", at.date(), account=text.strip())
    _event("sip_review.account", actor, review, at, text=audit.content(text))
    return review


@transaction.atomic
def record_need(*, actor: User, review: SipReview, text: str, at: dt.datetime) -> CpdNeed:
    if not text.strip():
        raise Refused("Say what is needed.", field="text")
    SIP_REVIEW_WORKFLOW.move(actor, review, "need", at.date())
    row = CpdNeed.objects.create(review=review, text=text.strip(), at=at)
    _event("sip_review.need", actor, review, at, text=audit.content(text))
    return row


@transaction.atomic
def close_sip_review(*, actor: User, review: SipReview, outcome: str, text: str, at: dt.datetime) -> SipReview:
    """The outcome, which locks the year."""
    if outcome not in quality_of(require_pack(review.authority, at.date()).content).sip_review.outcomes:
        raise Refused("Choose the outcome.", field="outcome")
    SIP_REVIEW_WORKFLOW.move(actor, review, "close", at.date(), outcome=outcome, review=text.strip(), closed_at=at, closed_by=actor)
    _event("sip_review.closed", actor, review, at, text=audit.content(text))
    return review
