"""What quality assurance keeps, for retention (``core.retention``) and for requests for information (``visits.held``)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

from django.utils import timezone

from core.components.formats import moment
from core.retention import RETENTION, Due, RecordKind, digest_of
from people.models import User
from people.packs import require_pack
from visits.held import HELD, MOST, Found, Held, Text, holding, schools_of, within
from visits.models import InformationRequest, RequestItem

from .choices import FeedbackState
from .models import CpdNeed, FeedbackRequest, FeedbackSummary, ReviewObjective, SipReview
from .pack import quality_of

# ---------------------------------------------------------------- retention


def feedback_due(authority_id: int, last: dt.date) -> list[Due]:
    rows = FeedbackRequest.objects.filter(authority_id=authority_id, closes_on__lte=last).select_related("school", "sip__user")
    return [
        Due(
            row.public_id,
            str(row),
            row.closes_on,
            digest_of(row.public_id, json.dumps(row.answers, sort_keys=True), row.comment),
            row.school_id,
        )
        for row in rows.order_by("closes_on", "pk")
    ]


def destroy_feedback(authority_id: int, ids: Sequence[str]) -> None:
    """The forms with their answers; and the reader's summary of comments, once no form of its SIP and year is left. What was
    released stays: it names nobody who answered."""
    rows = FeedbackRequest.objects.filter(authority_id=authority_id, public_id__in=ids)
    told = set(rows.values_list("sip_id", "academic_year"))
    rows.delete()
    left = set(FeedbackRequest.objects.filter(sip__in={sip for sip, _ in told}).values_list("sip_id", "academic_year"))
    for sip, year in told - left:
        FeedbackSummary.objects.filter(sip=sip, academic_year=year).delete()


def sip_reviews_due(authority_id: int, last: dt.date) -> list[Due]:
    rows = SipReview.objects.filter(authority_id=authority_id, closed_at__date__lte=last).select_related("sip__user")
    return [
        Due(
            row.public_id,
            str(row),
            timezone.localtime(row.closed_at).date(),
            digest_of(row.public_id, row.account, row.review, row.mid_year),
        )
        for row in rows.order_by("closed_at", "pk")
        if row.closed_at
    ]


def destroy_sip_reviews(authority_id: int, ids: Sequence[str]) -> None:
    rows = SipReview.objects.filter(authority_id=authority_id, public_id__in=ids)
    for model in (ReviewObjective, CpdNeed):
        model._default_manager.filter(review__in=rows).delete()
    rows.delete()


for kind in (
    RecordKind("feedback", "Feedback answers", "the last day for answers", feedback_due, destroy_feedback),
    RecordKind("sip_review", "SIP reviews", "the day on which the review was closed", sip_reviews_due, destroy_sip_reviews),
):
    RETENTION.add(kind.key, kind)

# ---------------------------------------------------------------- requests for information


def feedback_held(request: InformationRequest, walled: frozenset[int]) -> list[Found]:
    """What heads and chairs sent about SIPs. Confidential, not anonymous: it is held information (domain.md §10)."""
    rows = (
        FeedbackRequest.objects.filter(
            within(request, "closes_on"), holding(request, "comment", "contact__name", "sip__user__name"), state=FeedbackState.SENT
        )
        .filter(school__in=schools_of(request, walled))
        .select_related("school", "sip__user")
        .order_by("closes_on", "pk")[:MOST]
    )
    return [Found("feedback", row.public_id, str(row), row.school_id, row.closes_on) for row in rows]


def feedback_text(item: RequestItem, actor: User, at: dt.datetime) -> Text:
    row = FeedbackRequest.objects.select_related("authority", "contact").get(public_id=item.subject_id)
    content = quality_of(require_pack(row.authority, at.date()).content).feedback
    scale = {0: "does not apply", **dict(content.scale)}
    by = f"{row.contact.name}, {row.contact.get_kind_display()}"
    sections = [
        {"title": question.text, "by": by, "text": scale[row.answers[question.code]]}
        for question in content.rated(row.role)
        if question.code in row.answers
    ]
    if row.comment:
        sections.append({"title": "In their own words", "by": by, "text": row.comment})
    return {"title": item.label, "sections": sections or [{"title": f"Asked {moment(row.asked_at)}", "text": "Nothing was answered."}]}


HELD.add("feedback", Held("feedback", "feedback", "Feedback about a SIP", feedback_held, feedback_text))
