"""What quality assurance keeps, for retention (``core.retention``) and for requests for information (``visits.held``)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from core.access import Refused
from core.components.formats import moment
from core.retention import RETENTION, Due, RecordKind, digest_of
from people.models import User
from people.packs import require_pack
from visits.held import HELD, MOST, Found, Held, Text, holding, schools_of, within
from visits.models import InformationRequest, RequestItem, VisitSchool

from .choices import FeedbackState, ModerationState
from .models import (
    CpdNeed,
    CriterionRating,
    FeedbackRequest,
    FeedbackSummary,
    GateRating,
    Moderation,
    ReviewObjective,
    SampledNote,
    Shadowing,
    ShadowingFinding,
    SipReview,
)
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


AT_THE_GATE, BY_MODERATOR = "gate", "moderation"


def ratings_due(authority_id: int, last: dt.date) -> list[Due]:
    """Ratings of notes, at the gate and by moderators; a moderator's with the reason for which a grade was settled."""
    gates = GateRating.objects.filter(authority_id=authority_id, rated_at__date__lte=last)
    rated = Moderation.objects.filter(authority_id=authority_id, state=ModerationState.RATED, rated_at__date__lte=last)
    found = [
        Due(f"{AT_THE_GATE}-{row.review.public_id}", str(row), _day(row.rated_at), digest_of(row.overall, row.comment))
        for row in gates.select_related("review__note")
    ]
    for row in rated.select_related("sampled__note__visit"):
        said = digest_of(row.overall, row.comment, row.sampled.settled_reason)
        found.append(Due(f"{BY_MODERATOR}-{row.public_id}", str(row), _day(row.rated_at), said))
    return sorted(found, key=lambda due: (due.on, due.label))


def destroy_ratings(authority_id: int, ids: Sequence[str]) -> None:
    """The ratings with their evidence; and the reason for which a grade was settled, once no rating of that note is left."""
    keys: dict[str, list[str]] = {AT_THE_GATE: [], BY_MODERATOR: []}
    for place, _, key in (subject.partition("-") for subject in ids):
        keys[place].append(key)
    GateRating.objects.filter(authority_id=authority_id, review__public_id__in=keys[AT_THE_GATE]).delete()
    rated = Moderation.objects.filter(authority_id=authority_id, public_id__in=keys[BY_MODERATOR])
    of = list(rated.values_list("sampled_id", flat=True))
    rated.delete()
    SampledNote.objects.filter(pk__in=of, moderations__isnull=True).update(settled_reason="")


def _day(at: dt.datetime | None) -> dt.date:
    assert at is not None
    return timezone.localtime(at).date()


for kind in (
    RecordKind("rating", "Ratings of notes", "the day on which it was rated", ratings_due, destroy_ratings),
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


def _of_another(actor: User, person: User) -> None:
    """What is said in confidence of a person is not read by them because they answer requests as well."""
    if actor.pk == person.pk:
        raise Refused("It is about your own work: another officer reads it.")


def feedback_text(item: RequestItem, actor: User, at: dt.datetime) -> Text:
    row = FeedbackRequest.objects.select_related("authority", "contact", "sip__user").get(public_id=item.subject_id)
    _of_another(actor, row.sip.user)
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


def _of_notes(request: InformationRequest, walled: frozenset[int], visit: str) -> Q:
    """Rows about a visit to one of the schools of the request; over a group, one school behind the wall hides it."""
    at = VisitSchool.objects.filter(visit=OuterRef(visit))
    seen = Q(Exists(at.filter(school__in=schools_of(request, walled))))
    return seen & ~Q(Exists(at.filter(school__in=walled))) if walled else seen


def _holds(request: InformationRequest, evidence: QuerySet[Any], *places: str) -> Q:
    """One of the words stands in these columns, or in the evidence that hangs on the row."""
    if not request.terms:
        return Q()
    return holding(request, *places) | Q(Exists(evidence.filter(holding(request, "evidence"))))


def gate_ratings_held(request: InformationRequest, walled: frozenset[int]) -> list[Found]:
    evidence = CriterionRating.objects.filter(gate=OuterRef("pk"))
    rows = GateRating.objects.filter(
        _holds(request, evidence, "comment", "reviewer__name", "review__note__author__name"),
        _of_notes(request, walled, "review__note__visit"),
        within(request, "rated_at__date"),
        authority=request.authority_id,
    )
    return [
        Found("gate_rating", row.review.public_id, str(row), None, _day(row.rated_at))
        for row in rows.select_related("review__note").order_by("rated_at", "pk")[:MOST]
    ]


def gate_rating_text(item: RequestItem, actor: User, at: dt.datetime) -> Text:
    row = GateRating.objects.select_related("reviewer", "review__note__author").get(review__public_id=item.subject_id)
    _of_another(actor, row.review.note.author)
    return {"title": item.label, "sections": _rated(row.overall, row.comment, row.reviewer.name, row.ratings.all())}


def _rated(overall: int | None, comment: str, by: str, ratings: Iterable[CriterionRating]) -> list[dict[str, str]]:
    sections = [{"title": "Overall", "by": by, "text": f"{overall}. {comment}".strip()}]
    return sections + [{"title": one.label, "by": by, "text": f"{one.grade}. {one.evidence}".strip()} for one in ratings]


def moderations_held(request: InformationRequest, walled: frozenset[int]) -> list[Found]:
    """What moderators said of a final note, and why one of two grades stands."""
    evidence = CriterionRating.objects.filter(moderation=OuterRef("pk"))
    words = ("comment", "moderator__name", "sampled__settled_reason", "sampled__settled_by__name", "sampled__note__author__name")
    rows = Moderation.objects.filter(
        _holds(request, evidence, *words),
        _of_notes(request, walled, "sampled__note__visit"),
        within(request, "rated_at__date"),
        authority=request.authority_id,
        state=ModerationState.RATED,
    )
    return [
        Found("moderation", row.public_id, str(row)[:240], None, _day(row.rated_at))
        for row in rows.select_related("sampled__note__visit").order_by("rated_at", "pk")[:MOST]
    ]


def moderation_text(item: RequestItem, actor: User, at: dt.datetime) -> Text:
    row = Moderation.objects.select_related("moderator", "sampled__settled_by", "sampled__note__author").get(public_id=item.subject_id)
    _of_another(actor, row.sampled.note.author)
    sections, sampled = _rated(row.overall, row.comment, row.moderator.name, row.ratings.all()), row.sampled
    if sampled.settled_by is not None:
        by = sampled.settled_by.name
        sections.append({"title": "Which grade stands, and why", "by": by, "text": f"{sampled.settled_grade}. {sampled.settled_reason}"})
    return {"title": item.label, "sections": sections}


def shadowings_held(request: InformationRequest, walled: frozenset[int]) -> list[Found]:
    """What observers wrote, and what the SIP answered."""
    evidence = ShadowingFinding.objects.filter(shadowing=OuterRef("pk"))
    rows = Shadowing.objects.filter(
        _holds(request, evidence, "next_step", "response", "reason", "told_name", "sip__user__name", "observer__name"),
        within(request, "done_on"),
        authority=request.authority_id,
        written_at__isnull=False,
    )
    if walled or request.schools.exists():
        rows = rows.filter(_of_notes(request, walled, "visit"))
    return [
        Found("shadowing", row.public_id, str(row)[:240], None, row.done_on)
        for row in rows.select_related("sip__user", "observer", "visit").order_by("done_on", "pk")[:MOST]
    ]


def shadowing_text(item: RequestItem, actor: User, at: dt.datetime) -> Text:
    row = Shadowing.objects.select_related("observer", "sip__user").get(public_id=item.subject_id)
    sections = [{"title": one.label, "by": row.observer.name, "text": one.evidence} for one in row.findings.all()]
    if row.next_step:
        sections.append({"title": "Agreed next step", "by": row.observer.name, "text": row.next_step})
    if row.response:
        sections.append({"title": "The answer", "by": row.sip.user.name, "text": row.response})
    return {"title": item.label, "sections": sections}


def sip_reviews_held(request: InformationRequest, walled: frozenset[int]) -> list[Found]:
    """They are of a person and of no school: a request that names schools covers none."""
    if request.schools.exists():
        return []
    objectives = ReviewObjective.objects.filter(holding(request, "text", "success"), review=OuterRef("pk"))
    said = holding(request, "mid_year", "account", "review", "sip__user__name", "closed_by__name")
    if request.terms:
        said |= Q(Exists(objectives))
    rows = SipReview.objects.filter(said, within(request, "created_at__date"), authority=request.authority_id)
    return [
        Found("sip_review", row.public_id, str(row)[:240], None, _day(row.created_at))
        for row in rows.select_related("sip__user").order_by("created_at", "pk")[:MOST]
    ]


def sip_review_text(item: RequestItem, actor: User, at: dt.datetime) -> Text:
    row = SipReview.objects.select_related("sip__user").get(public_id=item.subject_id)
    sections = [{"title": "Objective", "text": f"{one.text} How we shall know: {one.success}"} for one in row.objectives.all()]
    parts = (("Mid-year", row.mid_year), ("The SIP’s own account", row.account), ("Review", row.review), ("Outcome", row.outcome))
    sections += [{"title": title, "text": text} for title, text in parts if text]
    sections += [{"title": "Training needed", "text": need.text} for need in row.needs.all()]
    return {"title": item.label, "sections": sections}


for held in (
    Held("gate_rating", "quality", "Rating at the gate", gate_ratings_held, gate_rating_text),
    Held("moderation", "quality", "Rating by a moderator", moderations_held, moderation_text),
    Held("shadowing", "quality", "Shadowing", shadowings_held, shadowing_text),
    Held("sip_review", "quality", "Review of a SIP", sip_reviews_held, sip_review_text),
):
    HELD.add(held.key, held)
