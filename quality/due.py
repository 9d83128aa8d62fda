"""What quality assurance puts on a person's home."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.urls import reverse

from core.agenda import Entry
from core.calendar import AcademicYear
from core.due import DueItem
from core.spans import on_day
from people.models import Mentorship, Sip
from people.packs import packs_for
from people.roles import Hat
from people.roles import Permission as P
from visits.due import clock_for, item
from visits.models import VisitSchool

from .choices import FeedbackState, ModerationState, ShadowingState
from .models import FeedbackRequest, Moderation, Shadowing, SipReview
from .models.feedback import reviewed_by
from .pack import quality_of


def feedback_due(user: Any, on: dt.date) -> Sequence[DueItem]:
    """For head and chair: their forms. For the manager: how many are still to come, in a line."""
    found = []
    if any(contact.hat in (Hat.HEAD, Hat.CHAIR) for contact in user.hats.contacts):
        for form in (
            FeedbackRequest.objects.asked_of(user)
            .filter(state=FeedbackState.ASKED, closes_on__gte=on)
            .select_related("sip__user", "school")
        ):
            title = f"Say what {form.sip.user.name}'s work is worth to {form.school.name}"
            found.append(DueItem(form.closes_on, title, form.answer_url, why="In confidence", hat=form.role))
    if user.hats.authorities_granting(P.FEEDBACK_ASK):
        open_ = FeedbackRequest.objects.visible_to(user).filter(
            closes_on__gte=on, authority_id__in=user.hats.authorities_granting(P.FEEDBACK_ASK)
        )
        for closes_on, waiting, asked in (
            open_.values("closes_on")
            .annotate(waiting=Count("pk", filter=Q(state=FeedbackState.ASKED)), asked=Count("pk"))
            .values_list("closes_on", "waiting", "asked")
        ):
            if waiting and closes_on <= on + dt.timedelta(days=14):
                url = reverse("quality:feedback-list")
                found.append(DueItem(closes_on, f"Feedback still to come: {waiting} of {asked} forms", url, hat=Hat.SIP_MANAGER.value))
    return found


def mentors_due(user: Any, on: dt.date) -> Sequence[DueItem]:
    """For the manager: every new SIP who has no mentor (P28). One query."""
    managing = user.hats.authorities_granting(P.SIP_MANAGE)
    if not managing:
        return []
    mentored = Mentorship.objects.filter(on_day(on), sip=OuterRef("pk"))
    new = Sip.objects.filter(
        on_day(on), ~Exists(mentored), authority_id__in=managing, starts_on__gt=on.replace(year=on.year - 1, day=min(on.day, 28))
    )
    url = reverse("quality:mentoring-list")
    return [
        DueItem(
            sip.starts_on,
            f"Give {sip.user.name} a mentor",
            url,
            why="New, and without one",
            hat=Hat.SIP_MANAGER.value,
            left="now",
            tone="late",
        )
        for sip in new.select_related("user")
    ]


def sip_reviews_due(user: Any, on: dt.date) -> Sequence[DueItem]:
    """For the SIP reviewer: objectives of this year that are not agreed, from September to their day. One query."""
    year = AcademicYear.from_date(on)
    agreed = SipReview.objects.filter(sip=OuterRef("pk"), academic_year=year, agreed_on__isnull=False)
    waiting = (
        Sip.objects.filter(on_day(on), ~Exists(agreed), reviewed_by(user)).exclude(user=user).select_related("user").order_by("user__name")
    )
    names: dict[int, list[str]] = defaultdict(list)
    for sip in waiting:
        names[sip.authority_id].append(sip.user.name)
    found = []
    for authority_id, whose in names.items():
        if (pack := packs_for(user, on).get(authority_id)) is None:
            continue
        day = quality_of(pack.content).sip_review.day_of("objectives", year)
        shown = ", ".join(whose[:3]) + (f" and {len(whose) - 3} more" if len(whose) > 3 else "")
        url = reverse("quality:sip-review-list")
        found.append(DueItem(day, f"Agree objectives with {shown}", url, why=f"SIP reviews of {year.label}"))
    return found


AHEAD = dt.timedelta(days=14)


def shadowings_due(user: Any, on: dt.date) -> list[DueItem]:
    """To the observer: the visit, then the form. To the SIP: who comes, then the answer. To the head: who will observe.
    To the manager: a headteacher who is still to be told."""
    hats = user.hats
    if not (hats.may_somewhere(P.SHADOWING_LIST) or hats.may_somewhere(P.SHADOWING_ASK)):
        return []
    open_states = (ShadowingState.PLANNED, ShadowingState.TOLD, ShadowingState.DONE, ShadowingState.RESPONDED)
    first = VisitSchool.objects.filter(visit=OuterRef("visit_id")).order_by("position").values("school__name")[:1]
    rows: Any = Shadowing.objects.visible_to(user).filter(state__in=open_states).select_related("sip__user", "observer", "visit")
    is_head = any(contact.hat == Hat.HEAD for contact in hats.contacts)
    found = []
    for row in rows.annotate(place_name=Subquery(first)):
        visit, url, place = row.visit, row.get_absolute_url(), row.place_name or ""
        day = visit.on if visit is not None else None
        clock = clock_for(user, row.authority_id, Hat.SIP, on)
        if row.observer_id == user.pk:
            if row.state == ShadowingState.TOLD and day is not None and day <= on:
                found.append(item(f"Write up what you saw of {row.sip.user.name}", url, day, on, place, "", clock))
            elif row.state == ShadowingState.TOLD and day is not None and day <= on + AHEAD:
                found.append(item(f"Observe {row.sip.user.name} at {place}", url, day, on, "The headteacher has been told.", "", clock))
            elif row.state == ShadowingState.RESPONDED:
                found.append(item(f"Read {row.sip.user.name}’s answer, and close", url, None, on, "", "", clock))
        elif row.sip.user_id == user.pk:
            if row.state == ShadowingState.DONE:
                found.append(item(f"Answer what {row.observer.name} observed", url, row.respond_by, on, place, Hat.SIP, clock))
            elif row.state == ShadowingState.TOLD and day is not None and on <= day <= on + AHEAD:
                found.append(item(f"{row.observer.name} observes your visit to {place}", url, day, on, "", Hat.SIP, clock))
        elif row.state == ShadowingState.PLANNED and hats.may_in(P.SHADOWING_PLAN, row.authority_id):
            if day is not None and on < day <= on + AHEAD:
                why = (
                    "The headteacher asked for another date." if row.reason and row.told_at is None else "The headteacher is not told yet."
                )
                found.append(item(f"Shadowing of {row.sip.user.name}, {place}", url, day, on, why, Hat.SIP_MANAGER, clock))
        elif is_head and row.state == ShadowingState.TOLD and day is not None and on <= day <= on + AHEAD:
            found.append(item(f"{row.observer.name} observes the visit", url, day, on, "You may ask for another date.", Hat.HEAD))
    return found


def moderations_due(user: Any, on: dt.date) -> list[DueItem]:
    """To a moderator: notes to rate."""
    if not user.hats.may_somewhere(P.MODERATION_LIST):
        return []
    rows = Moderation.objects.visible_to(user).filter(moderator=user, state=ModerationState.ASKED)
    return [
        item(
            f"Rate note {row.sampled.note.reference}",
            row.get_absolute_url(),
            row.due_on,
            on,
            "Moderation of the round",
            "",
            clock_for(user, row.authority_id, Hat.SIP, on),
        )
        for row in rows.select_related("sampled__note")
    ]


def shadowings_in(user: Any, first: dt.date, last: dt.date) -> list[Entry]:
    """Into the diary: to the observer the visit they join; to the SIP and the headteacher who comes. One query."""
    hats = user.hats
    if not (hats.may_somewhere(P.SHADOWING_LIST) or hats.may_somewhere(P.SHADOWING_ASK)):
        return []
    place = VisitSchool.objects.filter(visit=OuterRef("visit_id")).order_by("position").values("school__name")[:1]
    headed = [contact.school_id for contact in hats.contacts if contact.hat == Hat.HEAD]
    mine = Q(observer=user) | Q(sip__user=user) | Q(visit__in=VisitSchool.objects.filter(school_id__in=headed).values("visit_id"))
    rows: Any = Shadowing.objects.visible_to(user).filter(mine, visit__on__range=(first, last)).exclude(state=ShadowingState.CANCELLED)
    found = []
    for row in rows.select_related("sip__user", "observer", "visit").annotate(place_name=Subquery(place)).order_by("visit__on", "pk"):
        who = f"Observe {row.sip.user.name}" if row.observer_id == user.pk else f"{row.observer.name} observes"
        visit, url = row.visit, row.get_absolute_url()
        found.append(
            Entry(f"shadowing-{row.public_id}", visit.on, f"{who}, {row.place_name or ''}", url, "visit", visit.starts_at, visit.ends_at)
        )
    return found
