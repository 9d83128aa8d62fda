"""Moderation: the notes that one is asked to rate, one rating, and the sample with what it found."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property

from core import clock
from core.access import can, get_visible
from core.components.formats import plural
from core.components.tables import keyset_page
from people.choices import SipKind
from people.packs import AuthorityPack, require_pack
from people.roles import Permission as P
from people.views.base import FormPage
from schools.choices import Phase
from schools.models import School
from visits.choices import RoundState
from visits.models import GateReview, NoteOfVisit, NoteRecord, Round
from visits.views.pages import AboutSchools, WithPack

from .. import services
from ..agreement import GRADES
from ..choices import MODERATION_TONES, ModerationState
from ..forms.moderation import DrawForm, RateForm, SettleForm
from ..models import GateRating, Moderation, ModerationSample, SampledNote
from ..pack import observation_of
from ..selectors.moderation import results_of, sampled_with_notes, with_notes


class ModerationListView(WithPack):
    """What one is asked to rate, by its day; then what one has rated."""

    permission = P.MODERATION_LIST
    template_name = "quality/moderation_list.html"

    def context(self) -> dict[str, Any]:
        rows = with_notes(Moderation.objects.visible_to(self.user).filter(moderator=self.user))
        page = keyset_page(rows, ("state", "due_on", "pk"), self.request.GET.get("cursor"))
        return {
            "page": page,
            "rows": [(row, (row.get_state_display(), MODERATION_TONES[row.state])) for row in page],
        }


class AboutModeration(AboutSchools):
    abstract = True

    def get_object(self) -> Moderation:
        return get_visible(with_notes(Moderation.objects.all()), self.request.user, public_id=self.kwargs["moderation"])

    @property
    def row(self) -> Moderation:
        row: Moderation = self.object
        return row

    @property
    def schools(self) -> list[School]:
        return self.row.covered

    @cached_property
    def pack(self) -> AuthorityPack:
        return self.policy_in_force or require_pack(self.row.authority, self.today)

    def frame(self) -> dict[str, Any]:
        row = self.row
        return {
            **super().frame(),
            "row": row,
            "note": row.note,
            "row_tag": (row.get_state_display(), MODERATION_TONES[row.state]),
            "back": row.get_absolute_url(),
        }


class ModerationDetailView(AboutModeration):
    permission = P.MODERATION_VIEW
    template_name = "quality/moderation_detail.html"

    def context(self) -> dict[str, Any]:
        row = self.row
        records = NoteRecord.objects.visible_to(self.user).filter(note=row.note, kind="final", version=row.sampled.version)
        return {
            "part": observation_of(self.pack.content),
            "records": list(records.select_related("school", "note")),
            "ratings": list(row.ratings.all()),
            "may_rate": row.state == ModerationState.ASKED and can(self.user, P.MODERATION_RATE, row),
            "sees_sample": can(self.user, P.QUALITY_OVERVIEW, row.authority),
            "grade_words": dict(observation_of(self.pack.content).grades),
        }


class ModerationRateView(FormPage, AboutModeration):
    permission = P.MODERATION_RATE
    template_name = "quality/moderation_rate.html"

    def form(self, data: Any = None) -> RateForm:
        return RateForm(data, part=observation_of(self.pack.content))

    def deed(self, form: Any) -> HttpResponse:
        values = form.cleaned_data
        services.rate_note(
            actor=self.user,
            moderation=self.row,
            grades=form.grades(),
            overall=values["overall"],
            comment=values["comment"],
            at=self.at,
        )
        return self.go(self.row.get_absolute_url(), "Your rating is kept, and the note is closed to you again.")


class ModerationSettleView(FormPage, AboutSchools):
    """The two ratings side by side, and the grade that stands."""

    permission = P.MODERATION_MANAGE
    template_name = "quality/moderation_settle.html"

    def get_object(self) -> SampledNote:
        return get_visible(sampled_with_notes(SampledNote.objects.to_settle()), self.request.user, public_id=self.kwargs["sampled"])

    @property
    def sampled(self) -> SampledNote:
        row: SampledNote = self.object
        return row

    @property
    def schools(self) -> list[School]:
        return self.sampled.note.covered

    @cached_property
    def given(self) -> list[Moderation]:
        rows = [row for row in self.sampled.moderations.all() if row.state == ModerationState.RATED]
        return sorted(rows, key=lambda row: row.place)

    @cached_property
    def pack(self) -> AuthorityPack:
        return self.policy_in_force or require_pack(self.sampled.note.authority, self.today)

    def form(self, data: Any = None) -> SettleForm | None:  # type: ignore[override]
        if any(row.moderator_id == self.user.pk for row in self.given):
            return None
        overall = [row.overall or 0 for row in self.given]
        grades = [(grade, label) for grade, label in observation_of(self.pack.content).grades if min(overall) <= grade <= max(overall)]
        return SettleForm(data, grades=grades)

    def context(self) -> dict[str, Any]:
        first, second = self.given[:2]
        others = {rating.code: rating for rating in second.ratings.all()}
        return {
            "note": self.sampled.note,
            "back": self.sampled.sample.get_absolute_url(),
            "first": first,
            "second": second,
            "heads": f"Criterion|{first.moderator.name}:num|Evidence|{second.moderator.name}:num|Evidence",
            "lines": [
                (rating.label, rating, others[rating.code], rating.grade != others[rating.code].grade)
                for rating in first.ratings.all()
                if rating.code in others
            ],
        }

    def deed(self, form: Any) -> HttpResponse:
        values = form.cleaned_data
        services.settle_grades(actor=self.user, sampled=self.sampled, grade=values["grade"], reason=values["reason"], at=self.at)
        return self.go(self.sampled.sample.get_absolute_url(), "The grade is settled; both ratings stay as they were given.")


class SampleDrawView(FormPage):
    """The sample of a closed round, drawn from the portal as from the admin site."""

    permission = P.MODERATION_MANAGE
    template_name = "quality/sample_draw.html"

    @cached_property
    def rounds(self) -> list[Round]:
        rows = Round.objects.visible_to(self.user).filter(state=RoundState.CLOSED, sample__isnull=True)
        managed = self.user.hats.authorities_granting(P.MODERATION_MANAGE)
        return list(rows.filter(authority__in=managed).select_related("authority").order_by("-ends_on", "pk"))

    def form(self, data: Any = None) -> DrawForm:
        return DrawForm(data, rounds=self.rounds)

    def deed(self, form: Any) -> HttpResponse:
        values = form.cleaned_data
        chosen = next(row for row in self.rounds if row.public_id == values["round"])
        sample = services.draw_sample(actor=self.user, round=chosen, due_on=values["due_on"], seed=values["seed"], at=clock.now())
        return self.go(sample.get_absolute_url(), f"{plural(sample.notes.count(), 'note')} drawn; moderators are named in the admin site.")


# ---------------------------------------------------------------- the gate


class OfGate(AboutSchools):
    """A review at the gate, and its note in the asker's scope."""

    abstract = True
    review: GateReview

    def get_object(self) -> NoteOfVisit:
        rows = GateReview.objects.select_related("note__author", "note__visit", "note__authority", "reviewer")
        seen = rows.filter(note__in=NoteOfVisit.objects.visible_to(self.request.user).values("pk"))
        found = seen.prefetch_related("note__visit__visit_schools__school__authority").filter(public_id=self.kwargs["review"]).first()
        if found is None:
            raise Http404("Not found.")
        self.review = found
        return found.note

    @property
    def schools(self) -> list[School]:
        return self.review.note.covered

    @cached_property
    def pack(self) -> AuthorityPack:
        return self.policy_in_force or require_pack(self.review.note.authority, self.today)

    def frame(self) -> dict[str, Any]:
        back = reverse("visits:review-detail", args=[self.review.public_id])
        return {**super().frame(), "note": self.review.note, "back": back}


class GateRateView(FormPage, OfGate):
    """For whoever the review is, while it is open."""

    permission = P.NOTE_REVIEW
    template_name = "quality/gate_rate.html"

    def form(self, data: Any = None) -> RateForm:
        return RateForm(data, part=observation_of(self.pack.content))

    def deed(self, form: Any) -> HttpResponse:
        values = form.cleaned_data
        services.rate_at_gate(
            actor=self.user,
            review=self.review,
            grades=form.grades(),
            overall=values["overall"],
            comment=values["comment"],
            at=self.at,
        )
        return self.go(reverse("visits:review-detail", args=[self.review.public_id]), "The rating is kept. Now decide on the note.")


class GateRatingView(AboutSchools):
    """The rating, to its reviewer, the managers and the head of school improvement."""

    permission = P.MODERATION_LIST
    template_name = "quality/gate_rating.html"

    def get_object(self) -> GateRating:
        rows = GateRating.objects.select_related("reviewer", "review__note__visit", "review__note__authority")
        related = rows.prefetch_related("review__note__visit__visit_schools__school__authority")
        return get_visible(related, self.request.user, review__public_id=self.kwargs["review"])

    @property
    def schools(self) -> list[School]:
        covered: list[School] = self.object.review.note.covered
        return covered

    def context(self) -> dict[str, Any]:
        row: GateRating = self.object
        return {"row": row, "note": row.review.note, "ratings": list(row.ratings.all())}


class SampleDetailView(WithPack):
    """How it was drawn, stratum by stratum; who rates what; what the ratings say."""

    permission = P.QUALITY_OVERVIEW
    template_name = "quality/sample_detail.html"

    def get_object(self) -> ModerationSample:
        samples = ModerationSample.objects.select_related("round", "authority", "drawn_by")
        return get_visible(samples, self.request.user, public_id=self.kwargs["sample"])

    def authority_id(self) -> int:
        return int(self.object.authority_id)

    def context(self) -> dict[str, Any]:
        sample: ModerationSample = self.object
        visible = SampledNote.objects.visible_to(self.user).filter(sample=sample)
        told = visible.not_to_rate(self.user)
        pack = self.policy_in_force or require_pack(sample.authority, self.today)
        results = results_of([sample], told)
        notes = []
        open_ids = set(told.order_by().values_list("pk", flat=True))
        for sampled in sampled_with_notes(visible):
            given = [row for row in sampled.moderations.all() if row.state != ModerationState.WITHDRAWN]
            notes.append((sampled, [(row, sampled.pk not in open_ids and row.moderator_id != self.user.pk) for row in given]))
        least = pack.whole("kappa_pairs")
        return {
            "sample": sample,
            "strata": [
                {**row, "kind": str(SipKind(row["sip_kind"]).label), "phase": str(Phase(row["phase"]).label)} for row in sample.strata
            ],
            "notes": notes,
            "results": results,
            "kappa": results.agreement.kappa(least),
            "kappa_pairs": least,
            "grades": GRADES,
            "hidden": len(sample.frame) and sample.notes.count() - len(notes),
        }


__all__ = [
    "GateRateView",
    "GateRatingView",
    "ModerationDetailView",
    "ModerationListView",
    "ModerationRateView",
    "ModerationSettleView",
    "SampleDetailView",
    "SampleDrawView",
]
