"""Shadowing: the list, one of them, and its steps (P28 to P30)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property

from core import audit, clock
from core.access import PortalView, can, get_visible
from core.components.tables import keyset_page
from core.tabular.writing import export_response
from people.models import Authority
from people.packs import AuthorityPack, require_pack
from people.roles import Hat
from people.roles import Permission as P
from people.views.base import Deed, FormPage, chosen_authority
from schools.models import School
from visits.views.pages import AboutSchools, ReasonStep, StepForm, WithPack, visit_words

from .. import services
from ..choices import SHADOWING_TONES, FindingKind, ShadowingState
from ..forms.shadowing import MoveForm, RespondForm, ShadowingFilterForm, WriteForm
from ..models import Shadowing
from ..pack import observation_of
from ..selectors.shadowing import shadowings_for, visits_to_observe
from ..workflow import SHADOWING_WORKFLOW

EXPORTS = ("csv", "xlsx")


def narrowed(view: Any) -> tuple[ShadowingFilterForm, Any]:
    """The shadowings of the asker's scope under the filters of the address."""
    form = ShadowingFilterForm(view.request.GET or None)
    values = form.cleaned_data if form.is_bound and form.is_valid() else {}
    rows = shadowings_for(view.request.user)
    state, mine = values.get("state") or "", values.get("mine") or ""
    if state in ShadowingState.values:
        rows = rows.filter(state=state)
    elif state != "all":
        rows = rows.exclude(state=ShadowingState.CANCELLED)
    if mine == "observed":
        rows = rows.filter(observer_id=view.request.user.pk)
    elif mine == "own":
        rows = rows.filter(sip__user_id=view.request.user.pk)
    return form, rows


class ShadowingListView(WithPack):
    """The latest planned first."""

    permission = P.SHADOWING_LIST
    template_name = "quality/shadowing_list.html"

    def context(self) -> dict[str, Any]:
        form, rows = narrowed(self)
        page = keyset_page(rows, ("-planned_at", "-pk"), self.request.GET.get("cursor"))
        return {
            "filter": form,
            "page": page,
            "rows": [(row, (row.get_state_display(), SHADOWING_TONES[row.state])) for row in page],
            "total": rows.count(),
            "query": self.request.GET.urlencode(),
        }


class ShadowingExportView(PortalView):
    """The facts of the shadowings that the list shows under the same filters; never a word of a form."""

    permission = P.SHADOWING_LIST
    http_method_names = ("get", "head")
    COLUMNS = ("SIP", "Observer", "Outside the line", "Schools", "Visit", "State", "To be done by", "Headteacher told", "Written", "Closed")

    def get(self, request: Any, kind: str) -> HttpResponse:
        if kind not in EXPORTS:
            raise Http404("Not found.")
        _, found = narrowed(self)
        rows = [
            (
                row.sip.user.name,
                row.observer.name,
                "yes" if row.is_outside_line else "no",
                row.place,
                row.visit.on if row.visit else None,
                row.get_state_display(),
                row.by_on,
                row.told_name,
                row.written_at,
                row.closed_at,
            )
            for row in found.order_by("sip__user__name", "pk")
        ]
        authority: Authority = chosen_authority(request, P.SHADOWING_LIST) if request.user.hats.roles else request.user.home_authority
        if authority is None:
            raise Http404("Not found.")
        changes: dict[str, Any] = {"rows": len(rows)}
        audit.record("shadowing.exported", actor=request.user, at=clock.now(), subject=authority, authority=authority, changes=changes)
        return export_response("shadowings", self.COLUMNS, rows, kind)


class AboutShadowing(AboutSchools):
    """A page about one shadowing of the asker's scope."""

    abstract = True

    def get_object(self) -> Shadowing:
        return get_visible(Shadowing.objects.all().with_visit(), self.request.user, public_id=self.kwargs["shadowing"])

    @property
    def row(self) -> Shadowing:
        row: Shadowing = self.object
        return row

    @property
    def schools(self) -> list[School]:
        return self.row.covered

    def authority_id(self) -> int:
        return self.row.authority_id

    def kind_of_school(self) -> str:
        return self.schools[0].phase if self.schools else ""

    @cached_property
    def pack(self) -> AuthorityPack:
        return self.policy_in_force or require_pack(self.row.authority, self.today)

    def frame(self) -> dict[str, Any]:
        base = super().frame() if self.schools else WithPack.frame(self)
        row = self.row
        return {
            **base,
            "row": row,
            "row_tag": (row.get_state_display(), SHADOWING_TONES[row.state]),
            "visit_words": visit_words(row.visit) if row.visit is not None else "",
            "back": row.get_absolute_url(),
        }


class ShadowingDetailView(AboutShadowing):
    permission = P.SHADOWING_VIEW
    template_name = "quality/shadowing_detail.html"

    def context(self) -> dict[str, Any]:
        row, user = self.row, self.user
        findings = list(row.findings.all())
        is_reader = can(user, P.SHADOWING_READ, row)
        return {
            "part": observation_of(self.pack.content),
            "is_reader": is_reader,
            "is_head": any(Hat.HEAD in user.hats.contact_hats(school.pk) for school in row.covered),
            "may_list": can(user, P.SHADOWING_LIST),
            "sees_visit": row.visit is not None
            and bool(user.hats.may_in(P.SHADOWING_VIEW, row.authority_id) or row.sip.user_id == user.pk),
            "strengths": [finding for finding in findings if finding.kind == FindingKind.STRENGTH] if is_reader else [],
            "developments": [finding for finding in findings if finding.kind == FindingKind.DEVELOPMENT] if is_reader else [],
            "offers": SHADOWING_WORKFLOW.offers(user, row, self.today),
        }


class ShadowingTellView(Deed, AboutShadowing):
    permission = P.SHADOWING_PLAN

    def deed(self) -> str:
        services.tell_head(actor=self.request.user, shadowing=self.row, at=self.at)
        return f"{self.row.told_name} is told that {self.row.observer.name} will observe."

    def back(self) -> str:
        return self.row.get_absolute_url()


class ShadowingCloseView(Deed, AboutShadowing):
    permission = P.SHADOWING_CLOSE

    def deed(self) -> str:
        services.close_shadowing(actor=self.request.user, shadowing=self.row, at=self.at)
        return "It is closed."

    def back(self) -> str:
        return self.row.get_absolute_url()


class ShadowingMoveView(StepForm, AboutShadowing):
    permission = P.SHADOWING_PLAN
    template_name = "quality/shadowing_step.html"
    title = "Choose the visit and the observer"
    submit = "Save"

    def form(self, data: Any = None) -> MoveForm:
        row, sip = self.row, self.row.sip
        open_visits = list(visits_to_observe(sip, self.today))
        visit = row.visit
        if visit is not None and visit.state == "booked" and visit.on is not None and visit.on > self.today:
            open_visits = sorted([visit, *open_visits], key=lambda one: (one.on or self.today, one.pk))
        return MoveForm(data, visits=open_visits, row=row, user=self.user, url=reverse("people:person-suggest"))

    def deed(self, form: Any) -> HttpResponse:
        values = form.cleaned_data
        services.move_shadowing(
            actor=self.user, shadowing=self.row, visit=form.chosen(), observer=values["observer"], reason=values["reason"], at=self.at
        )
        return self.go(self.row.get_absolute_url(), "It is moved. Tell the headteacher when the day stands.")


class ShadowingCancelView(ReasonStep, AboutShadowing):
    permission = P.SHADOWING_PLAN
    template_name = "quality/shadowing_step.html"
    title = "Cancel the shadowing"
    submit = "Cancel the shadowing"
    kind = "warning"
    label = "Why is it cancelled?"
    says = "Say why it is cancelled"

    def deed(self, form: Any) -> HttpResponse:
        services.cancel_shadowing(actor=self.user, shadowing=self.row, reason=form.cleaned_data["reason"], at=self.at)
        return self.go(reverse("quality:shadowing-list"), "It is cancelled.")


class ShadowingAskView(ReasonStep, AboutShadowing):
    """The headteacher asks for another date."""

    permission = P.SHADOWING_ASK
    template_name = "quality/shadowing_step.html"
    title = "Ask for another date"
    submit = "Ask for another date"
    label = "What stands against an observer on that day?"
    says = "Say what stands against that day"
    hint = "The visit itself stands, unless you move it. Who plans the shadowings reads this and chooses another visit."

    def deed(self, form: Any) -> HttpResponse:
        services.ask_other_date(actor=self.user, shadowing=self.row, reason=form.cleaned_data["reason"], at=self.at)
        return self.go(reverse("home"), "You have asked for another date. The observer will not come to this visit.")


class ShadowingWriteView(FormPage, AboutShadowing):
    permission = P.SHADOWING_OBSERVE
    template_name = "quality/shadowing_write.html"

    def form(self, data: Any = None) -> WriteForm:
        return WriteForm(data, part=observation_of(self.pack.content), row=self.row)

    def context(self) -> dict[str, Any]:
        return {"part": observation_of(self.pack.content)}

    def deed(self, form: Any) -> HttpResponse:
        values = form.cleaned_data
        services.write_shadowing(
            actor=self.user,
            shadowing=self.row,
            findings=form.findings(),
            next_step=values["next_step"],
            next_step_on=values["next_step_on"],
            at=self.at,
        )
        return self.go(self.row.get_absolute_url(), f"It is with {self.row.sip.user.name}, who may answer.")


class ShadowingRespondView(StepForm, AboutShadowing):
    permission = P.SHADOWING_RESPOND
    template_name = "quality/shadowing_step.html"
    title = "Answer what was observed"
    submit = "Send your answer"

    def form(self, data: Any = None) -> RespondForm:
        return RespondForm(data)

    def deed(self, form: Any) -> HttpResponse:
        services.respond_to_shadowing(actor=self.user, shadowing=self.row, response=form.cleaned_data["response"], at=self.at)
        return self.go(self.row.get_absolute_url(), "Your answer is sent.")


__all__ = [
    "ShadowingAskView",
    "ShadowingCancelView",
    "ShadowingCloseView",
    "ShadowingDetailView",
    "ShadowingExportView",
    "ShadowingListView",
    "ShadowingMoveView",
    "ShadowingRespondView",
    "ShadowingTellView",
    "ShadowingWriteView",
]
