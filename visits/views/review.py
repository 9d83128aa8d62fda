"""The gate: the queue of notes to be reviewed, and reading one before the school does."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from core import canonical, clock
from core.access import PortalView, Refused, SignedInRequest, can
from core.components.formats import plural
from core.components.tables import keyset_page
from core.spans import on_day
from people.models import Mentorship, RoleAssignment, Sip, User
from people.roles import Hat
from people.roles import Permission as P
from schools.selectors.hats import walls_of

from .. import services
from ..checks import check_texts, load
from ..choices import GateDecision, GateReason, NoteState, RecordKind
from ..forms.steps import QueueFilter, ReasonForm, ReassignForm
from ..models import GateReview, NoteOfVisit, VisitSchool
from ..payload import PayloadBuilder
from ..policies import is_reviewer
from ..registries import REVIEW_LINKS
from .base import NoteView, StepView

DONE = {
    GateDecision.APPROVED: "Approved. The author can release it to the school.",
    GateDecision.RETURNED: "Returned to the author with your reasons.",
    GateDecision.PASSED: "Passed unreviewed. The author can release it to the school.",
}


def queue_for(user: User, **conditions: Any) -> QuerySet[GateReview]:
    """The open reviews of the notes that this person may see, concern schools first, then by the day they are due."""
    schools = VisitSchool.objects.select_related("school__authority", "school__cluster").order_by("position")
    return (
        GateReview.objects.filter(decision="", note__state=NoteState.IN_REVIEW, note__in=NoteOfVisit.objects.visible_to(user).values("pk"))
        .filter(**conditions)
        .select_related("note__author", "note__visit", "note__authority", "reviewer")
        .prefetch_related(Prefetch("note__visit__visit_schools", schools))
        .order_by("-is_concern", "due_on", "pk")
    )


class ReviewListView(PortalView):
    """The queue."""

    permission = P.REVIEW_QUEUE

    def get(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        today = clock.today()
        everything = queue_for(request.user)
        authors = list(everything.order_by("note__author__name").values_list("note__author__public_id", "note__author__name").distinct())
        form = QueueFilter(request.GET, authors=authors)
        form.is_valid()
        chosen = form.cleaned_data
        rows = everything
        if chosen.get("show") == "mine":
            rows = rows.filter(reviewer=request.user)
        elif chosen.get("show") == "nobodys":
            rows = rows.filter(opened_at__isnull=True)
        elif chosen.get("show") == "late":
            rows = rows.filter(due_on__lt=today)
        if chosen.get("concern"):
            rows = rows.filter(is_concern=True)
        if chosen.get("author"):
            rows = rows.filter(note__author__public_id=chosen["author"])
        page = keyset_page(rows, ("-is_concern", "due_on"), request.GET.get("cursor"))
        total = rows.count()
        context = {
            "page": page,
            "lines": [queue_line(review, request.user, today) for review in page.rows],
            "filters": form,
            "total": plural(total, "note"),
        }
        return render(request, "visits/review/list.html", context)


def queue_line(review: GateReview, user: User, today: dt.date) -> dict[str, Any]:
    note = review.note
    own = note.author_id == user.pk
    if own:
        who = "Your own: another manager decides"
    elif review.reviewer is None:
        who = "Whoever opens it"
    elif review.reviewer_id == user.pk:
        who = "You"
    else:
        who = review.reviewer.name
    return {
        "review": review,
        "note": note,
        "names": ", ".join(school.name for school in note.covered),
        "why": "; ".join(str(GateReason(reason).label) for reason in review.reasons),
        "who": who,
        "is_late": review.due_on < today,
        "is_today": review.due_on == today,
        "is_own": own,
        "url": reverse("visits:review-detail", args=[review.public_id]),
    }


class ReviewMixin:
    """The review of the address, and its note in the asker's scope."""

    review: GateReview
    kwargs: dict[str, Any]

    def get_object(self) -> NoteOfVisit:
        try:
            found = GateReview.objects.select_related("reviewer", "decided_by", "note").get(public_id=self.kwargs["review"])
        except GateReview.DoesNotExist:
            raise Http404("Not found.") from None
        self.review = found
        self.kwargs["note"] = found.note.public_id
        return super().get_object()  # type: ignore[misc]


class ReviewDetailView(ReviewMixin, NoteView):
    """The note as the school will read it, what the checks found, and the decision. Reading it changes nothing."""

    permission = P.NOTE_READ

    def get(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        return self.show()

    def show(self, *, refused: str = "", typed: Any = None, status: int = 200) -> HttpResponse:
        note, review, user = self.note, self.review, self.request.user
        builder = PayloadBuilder(note, kind=RecordKind.RELEASE, at=clock.now(), actor=user, afresh=False)
        loaded = load(note, is_fresh=True, rows=builder.rows)
        findings = check_texts(loaded.snapshot, loaded.rules)
        typed = typed or {}
        keys = {(section.code, section.school): section.key for section in loaded.snapshot.sections}
        parts = []
        shared: set[str] = set()
        for school in builder.schools:
            payload = json.loads(canonical.canonical_json(builder.build(school)))
            sections = []
            for section in payload["sections"]:
                key = keys.get((section["code"], school.urn)) or keys.get((section["code"], None)) or section["code"]
                if key in shared:
                    continue
                shared.add(key)
                here = [f for f in findings if f.section_key == key and f.severity != "advises"]
                sections.append({"section": section, "key": key, "findings": here, "reason": typed.get(f"section-{key}", "")})
            parts.append({"payload": payload, "school": school, "sections": sections})
        is_open = not review.decision and note.state == NoteState.IN_REVIEW
        may_decide = is_open and is_reviewer(user.hats, note)
        review.note = note
        context = {
            "links": [link for contribution in REVIEW_LINKS if (link := contribution(user, review, may_decide)) is not None],
            "review": review,
            "parts": parts,
            "payload": parts[0]["payload"],
            "whole": [f for f in findings if not f.section_key and f.severity != "advises"],
            "warnings": [f for f in findings if f.severity == "warns"],
            "answered": sum(1 for f in findings if f.severity == "warns" and f.answered),
            "why": [str(GateReason(reason).label) for reason in review.reasons],
            "may_decide": may_decide,
            "may_reassign": is_open and can(user, P.NOTE_REASSIGN, note),
            "is_open": is_open,
            "is_late": is_open and review.due_on < clock.today(),
            "reason": typed.get("reason", ""),
            "refused": refused,
            "bar": self.bar(),
        }
        return self.page("visits/review/detail.html", status=status, **context)

    def decided(self, decision: str) -> HttpResponse:
        url = reverse("visits:review-list") if can(self.request.user, P.REVIEW_QUEUE) else reverse("home")
        return self.done(DONE[GateDecision(decision)], url)


class ReviewOpenView(ReviewDetailView):
    """Begin the review: it is this reviewer's from now on, and the author no longer takes the note back."""

    permission = P.NOTE_REVIEW

    def get(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(reverse("visits:review-detail", args=[self.review.public_id]))

    def post(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        try:
            services.open_review(actor=request.user, note=self.note, at=clock.now())
        except Refused as refusal:
            return self.show(refused=refusal.message, status=409)
        return HttpResponseRedirect(reverse("visits:review-detail", args=[self.review.public_id]), status=303)


class ReviewReturnView(ReviewDetailView):
    """Return with reasons, on the whole and by section. The reviewer changes no word of the note."""

    permission = P.NOTE_REVIEW

    def get(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(reverse("visits:review-detail", args=[self.review.public_id]))

    def post(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        typed = request.POST
        by_section = {name.removeprefix("section-"): str(typed[name])[:4000] for name in typed if name.startswith("section-")}
        known = {section.key for section in self.note.sections.select_related("school")}
        try:
            services.return_note(
                actor=request.user,
                note=self.note,
                reason=typed.get("reason", "")[:4000],
                section_reasons={key: text for key, text in by_section.items() if key in known},
                at=clock.now(),
            )
        except Refused as refusal:
            self.object = self.get_object()
            return self.show(refused=refusal.message, typed=typed, status=409)
        return self.decided(GateDecision.RETURNED)


class ReviewApproveView(ReviewDetailView):
    permission = P.NOTE_REVIEW

    def get(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(reverse("visits:review-detail", args=[self.review.public_id]))

    def post(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        try:
            services.approve_note(actor=request.user, note=self.note, reason=request.POST.get("words", "")[:4000], at=clock.now())
        except Refused as refusal:
            self.object = self.get_object()
            return self.show(refused=refusal.message, typed=request.POST, status=409)
        return self.decided(GateDecision.APPROVED)


def possible_reviewers(note: NoteOfVisit, on: dt.date) -> list[User]:
    """Managers and SIPs of the authority who may review this note, by name: those whom ``check_reviewer`` lets pass, in two queries."""
    managers = RoleAssignment.objects.filter(on_day(on), authority=note.authority, role__in=[Hat.SIP_MANAGER, Hat.HEAD_OF_IMPROVEMENT])
    sips = Sip.objects.filter(on_day(on), authority=note.authority)
    mentors = Mentorship.objects.filter(on_day(on), sip__user=note.author)
    people = list(
        User.objects.filter(Q(pk__in=managers.values("user")) | Q(pk__in=sips.values("user")), is_active=True)
        .exclude(pk__in=[pk for pk in (note.author_id, note.visit.second_adviser_id) if pk])
        .exclude(pk__in=mentors.values("mentor"))
        .order_by("name")
    )
    walls = walls_of(people, on)
    return [user for user in people if not any((user.pk, school.pk) in walls for school in note.covered)]


class ReviewReassignView(ReviewMixin, StepView):
    permission = P.NOTE_REASSIGN
    takes = ("reassign",)

    def get_form(self, data: Any = None) -> ReassignForm:
        people = [user for user in possible_reviewers(self.note, clock.today()) if user.pk != self.review.reviewer_id]
        return ReassignForm(data, people=people, label="Who reviews it", missing="Select who reviews it")

    def words(self) -> dict[str, Any]:
        now = f"{self.review.reviewer.name} has it now." if self.review.reviewer else "Nobody has it yet."
        return {
            "title": "Give the review to somebody else",
            "says": [now, "The author, the author’s mentor and anybody with an interest in the school are not offered."],
            "button": "Give the review",
            "nobody": "Nobody else may review this note.",
            "back": reverse("visits:review-detail", args=[self.review.public_id]),
        }

    def take(self, data: dict[str, Any]) -> HttpResponse:
        form = self.get_form(self.request.POST)
        form.is_valid()
        services.reassign_review(actor=self.request.user, note=self.note, reviewer=form.chosen, reason=data["reason"], at=clock.now())
        return self.done(f"{form.chosen.name} now reviews it.", reverse("visits:review-list"))


class ReviewPassView(ReviewMixin, StepView):
    permission = P.NOTE_REASSIGN
    takes = ("pass_unreviewed",)

    def get_form(self, data: Any = None) -> ReasonForm:
        return ReasonForm(data, label="Why the note passes unreviewed", missing="Say why the note passes unreviewed")

    def words(self) -> dict[str, Any]:
        return {
            "title": "Let the note pass unreviewed",
            "says": [
                "It becomes ready, and the author can release it. The note will say that it passed unreviewed, by whom and why is kept."
            ],
            "button": "Let it pass",
            "kind": "warning",
            "back": reverse("visits:review-detail", args=[self.review.public_id]),
        }

    def take(self, data: dict[str, Any]) -> HttpResponse:
        services.pass_note_unreviewed(actor=self.request.user, note=self.note, reason=data["reason"], at=clock.now())
        return self.done(DONE[GateDecision.PASSED], reverse("visits:review-list"))
