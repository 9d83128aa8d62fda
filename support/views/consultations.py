"""The consultation as a SIP meets it: place your own schools by hand, then see what the draft says of them, and comment (S7)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse

from core import clock
from core.access import Refused, get_visible
from core.components.forms import PortalForm
from people.roles import Permission as P
from people.views.base import FormPage, Page
from schools.models import School
from support import services
from support.choices import DraftState
from support.drafts import read_scheme
from support.forms import PlaceForm, PlacementCommentForm
from support.models import DraftScheme, Placement
from support.pack import Scheme
from support.scope import assessed_by

from .schemes import DraftMixin


class ConsultationView(DraftMixin, Page):
    """One's own schools, placed or still to place."""

    permission = P.SCHEME_PLACE
    template_name = "support/consultation.html"

    def get_object(self) -> DraftScheme:
        drafts = DraftScheme.objects.select_related("authority").filter(state=DraftState.CONSULTING)
        return get_visible(drafts, self.request.user, public_id=self.kwargs["draft"])

    def context(self) -> dict[str, Any]:
        schools = assessed_by(self.user, P.SCHEME_PLACE).open_on(self.today).filter(authority=self.object.authority)
        placed = {row.school_id: row for row in Placement.objects.filter(draft=self.object, school__in=schools)}
        labels = labels_of(read_scheme(self.object.definition, self.pack))
        rows = []
        for school in schools.select_related("authority").order_by("name", "urn"):
            row = placed.get(school.pk)
            rows.append((school, row, labels.get(row.category, "") if row else "", labels.get(row.answer, "") if row else ""))
        return {"draft": self.object, "rows": rows, "done": len(placed)}


def labels_of(scheme: Scheme) -> dict[str, str]:
    return {level.code: level.label for level in scheme.levels} | {"person": "For a person to decide", "outside": "Outside the scheme"}


class PlacementView(FormPage):
    """One school: first the SIP's own placing; then the draft's answer with its reasons, and the SIP's comment."""

    permission = P.SCHEME_PLACE
    template_name = "support/placement.html"
    object: School

    def get_object(self) -> School:
        """A school of the asker's own caseload, in the authority of a draft that is with the SIPs."""
        drafts = DraftScheme.objects.select_related("authority").filter(state=DraftState.CONSULTING)
        self.draft: DraftScheme = get_visible(drafts, self.request.user, public_id=self.kwargs["draft"])
        schools = assessed_by(self.request.user, P.SCHEME_PLACE).select_related("authority")
        found = schools.filter(authority=self.draft.authority, urn=self.kwargs["urn"]).first()
        if found is None:
            raise Http404("Not found.")
        return found

    def authority_id(self) -> int | None:
        return self.object.authority_id

    @cached_property
    def scheme(self) -> Scheme:
        from people.packs import require_pack

        return read_scheme(self.draft.definition, require_pack(self.draft.authority, self.today))

    @cached_property
    def placement(self) -> Placement | None:
        return Placement.objects.filter(draft=self.draft, school=self.object).select_related("draft", "school__authority", "sip").first()

    def context(self) -> dict[str, Any]:
        labels, placed = labels_of(self.scheme), self.placement
        ranks = {level.code: level.rank for level in self.scheme.levels}
        return {
            "draft": self.draft,
            "school": self.object,
            "placement": placed,
            "by_hand": (labels.get(placed.category, ""), ranks.get(placed.category, 0)) if placed else None,
            "answer": (labels.get(placed.answer, ""), ranks.get(placed.answer, 0)) if placed else None,
            "fired": [rule.label for rule in self.scheme.rules if placed and rule.code in placed.fired],
            "levels": sorted(self.scheme.levels, key=lambda level: level.rank),
            "back_url": self.list_url,
            "is_mine": placed is None or placed.sip_id == self.user.pk,
        }

    @property
    def list_url(self) -> str:
        return reverse("support:consultation", args=[self.draft.public_id])

    def form(self, data: Any = None) -> PortalForm:
        if self.placement is None:
            return PlaceForm(data, levels=self.scheme.levels)
        return PlacementCommentForm(data, initial={"text": self.placement.comment})

    def deed(self, form: Any) -> HttpResponse:
        if self.placement is None:
            if "category" not in form.cleaned_data:
                raise Refused("Choose the level that you would give.")
            services.place_school(
                actor=self.user, draft=self.draft, school=self.object, category=form.cleaned_data["category"], at=clock.now()
            )
            return self.go(self.request.path)
        services.comment_on_placement(actor=self.user, placement=self.placement, text=form.cleaned_data["text"], at=clock.now())
        return self.go(self.list_url, f"Your comment on {self.object.name} is kept.")
