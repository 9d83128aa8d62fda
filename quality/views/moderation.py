"""Moderation: the notes that one is asked to rate, one rating, and the sample with what it found."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.functional import cached_property

from core.access import can, get_visible
from core.components.tables import keyset_page
from people.choices import SipKind
from people.packs import AuthorityPack, require_pack
from people.roles import Permission as P
from people.views.base import FormPage
from schools.choices import Phase
from schools.models import School
from visits.models import NoteRecord
from visits.views.pages import AboutSchools, WithPack

from .. import services
from ..agreement import GRADES
from ..choices import MODERATION_TONES, ModerationState
from ..forms.moderation import RateForm
from ..models import Moderation, ModerationSample, SampledNote
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
            "has_overview": can(self.user, P.QUALITY_OVERVIEW),
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


__all__ = ["ModerationDetailView", "ModerationListView", "ModerationRateView", "SampleDetailView"]
