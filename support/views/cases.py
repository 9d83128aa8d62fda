"""Panels, and one school's way to its category: what each reads of it and may do."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header

from core import clock, files
from core.access import PortalView, Refused, can, get_visible
from core.components.forms import PortalForm
from core.documents import DocumentFailed
from core.spans import on_day
from people.models import RoleAssignment, User
from people.packs import AuthorityPack, require_pack
from people.roles import Hat
from people.roles import Permission as P
from people.views.base import Deed, FormPage, Page
from support import documents, services
from support.choices import CaseState
from support.forms import BetweenForm, DecisionForm, NotifyForm, PanelForm, PresentForm, WordsForm
from support.models import CategoryCase, Panel, SchoolCategory
from support.pack import Scheme
from support.scope import assessed_by
from support.selectors import contacts_told, level_counts, present_levels, scheme_in_force
from support.workflow import CASE_WORKFLOW

from .base import Timely, as_seen, authority_of

PANELISTS = (Hat.SIP_MANAGER, Hat.HEAD_OF_IMPROVEMENT, Hat.OFFICER)


def cases_of(user: User) -> QuerySet[CategoryCase]:
    return CategoryCase.objects.visible_to(user).select_related("school__authority", "school__cluster", "authority", "panel", "asked_by")


def cases_before(user: User) -> QuerySet[CategoryCase]:
    """The same by an authority-side right alone: who is walled from a school sees nothing of it at a panel, chair or not."""
    return cases_of(user).filter(school_id__in=assessed_by(user, P.CATEGORY_DECIDE).values("pk"))


def pdf_response(body: bytes, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "no-store, private"
    return response


# ---------------------------------------------------------------- panels


class PanelListView(Page):
    """Panels, and the cases that stand before, at and after them."""

    permission = P.CATEGORY_DECIDE
    template_name = "support/panel_list.html"

    def authority_id(self) -> int | None:
        return authority_of(self.request, P.CATEGORY_DECIDE).pk

    def context(self) -> dict[str, Any]:
        authority = authority_of(self.request, P.CATEGORY_DECIDE)
        panels = list(Panel.objects.visible_to(self.user).filter(authority=authority))
        cases = list(
            cases_before(self.user)
            .filter(authority=authority)
            .exclude(state=CaseState.PUBLISHED)
            .order_by("-suggested_rank", "school__name")
        )
        coming = [panel for panel in panels if not panel.is_held and panel.on >= self.today]
        levels = present_levels([case.school_id for case in cases], self.today)
        return {
            "managed": authority,
            "panels": panels,
            "coming": coming,
            "waiting": [(case, levels.get(case.school_id)) for case in cases if case.decided_at is None and case.panel_id is None],
            "on_agenda": [case for case in cases if case.decided_at is None and case.panel_id is not None],
            "to_tell": [case for case in cases if case.decided_at is not None],
            "may_manage": can(self.user, P.CATEGORY_MANAGE, authority),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask the criteria of all schools, or put chosen schools on an agenda."""
        authority = authority_of(request, P.CATEGORY_DECIDE)
        here = HttpResponseRedirect(reverse("support:panel-list"))
        try:
            if request.POST.get("do") == "suggest":
                made = services.suggest_categories(actor=self.user, authority=authority, at=clock.now())
                messages.success(request, f"The criteria are asked. They differ from the present level at {len(made)} schools.")
                return here
            panel = Panel.objects.visible_to(self.user).filter(public_id=str(request.POST.get("panel", ""))).first()
            chosen = list(
                cases_before(self.user).filter(
                    public_id__in=request.POST.getlist("case"), state__in=(CaseState.SUGGESTED, CaseState.PROPOSED)
                )
            )
            if panel is None or not chosen:
                raise Refused("Choose the schools, and the panel.")
            services.put_on_agenda(actor=self.user, panel=panel, cases=chosen, at=clock.now())
            messages.success(request, f"{len(chosen)} on the agenda. Head and chair of each are told.")
        except Refused as refusal:
            messages.error(request, refusal.message)
        return here


class PanelCallView(FormPage):
    permission = P.CATEGORY_MANAGE
    template_name = "support/panel_call.html"

    def authority_id(self) -> int | None:
        return authority_of(self.request, P.CATEGORY_MANAGE).pk

    @cached_property
    def people(self) -> dict[str, User]:
        rows = RoleAssignment.objects.filter(
            on_day(self.today), authority=authority_of(self.request, P.CATEGORY_MANAGE), role__in=[hat.value for hat in PANELISTS]
        ).select_related("user")
        return {row.user.public_id: row.user for row in rows.order_by("user__name")}

    def form(self, data: Any = None) -> PortalForm:
        return PanelForm(data, people=[(key, user.name) for key, user in self.people.items()])

    def deed(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        panel = services.call_panel(
            actor=self.user,
            authority=authority_of(self.request, P.CATEGORY_MANAGE),
            on=data["on"],
            place=data["place"],
            members=[self.people[key] for key in data["members"]],
            at=clock.now(),
        )
        return self.go(panel.get_absolute_url(), "The panel is called. Put schools on its agenda.")


class PanelMixin:
    object: Panel
    kwargs: dict[str, Any]
    request: Any

    def get_object(self) -> Panel:
        return get_visible(Panel.objects.select_related("authority"), self.request.user, public_id=self.kwargs["panel"])

    def authority_id(self) -> int | None:
        return self.object.authority_id

    @cached_property
    def cases(self) -> list[CategoryCase]:
        return list(
            cases_before(self.request.user)
            .filter(panel=self.object)
            .prefetch_related("representations", "dissents")
            .order_by("school__name")
        )


class PanelDetailView(PanelMixin, FormPage):
    """The agenda as far as the reader may see it; who came."""

    permission = P.CATEGORY_DECIDE
    template_name = "support/panel_detail.html"

    def context(self) -> dict[str, Any]:
        members = list(self.object.members.select_related("user"))
        between = list(cases_before(self.user).filter(authority=self.object.authority, needs_confirming=True))
        levels = present_levels([case.school_id for case in self.cases], self.today)
        return {
            "panel": self.object,
            "cases": [(case, levels.get(case.school_id)) for case in self.cases],
            "members": members,
            "between": between if self.object.is_held else [],
            "may_manage": can(self.user, P.CATEGORY_MANAGE, self.object.authority),
            "may_hold": can(self.user, P.CATEGORY_MANAGE, self.object.authority)
            and not self.object.is_held
            and self.object.on <= self.today,
        }

    @cached_property
    def people(self) -> dict[str, User]:
        return {member.user.public_id: member.user for member in self.object.members.select_related("user")}

    def form(self, data: Any = None) -> PortalForm:
        return PresentForm(data, people=[(key, user.name) for key, user in self.people.items()])

    def deed(self, form: Any) -> HttpResponse:
        services.hold_panel(
            actor=self.user, panel=self.object, present=[self.people[key] for key in form.cleaned_data["present"]], at=clock.now()
        )
        return self.go(self.object.get_absolute_url(), "Who came is recorded. Record each decision from the agenda.")


class PanelAgendaView(PanelMixin, PortalView):
    """The agenda as a PDF, of the schools that the reader sees."""

    permission = P.CATEGORY_DECIDE

    def get(self, request: HttpRequest, panel: str) -> HttpResponseBase:
        try:
            levels = present_levels([case.school_id for case in self.cases], clock.today())
            body = documents.agenda(self.object, self.cases, levels, at=clock.now())
        except DocumentFailed as failure:
            messages.error(request, str(failure))
            return HttpResponseRedirect(self.object.get_absolute_url())
        return pdf_response(body, f"panel-{self.object.on:%Y-%m-%d}.pdf")


# ---------------------------------------------------------------- one case


class CaseMixin:
    object: CategoryCase
    kwargs: dict[str, Any]
    request: Any

    def get_object(self) -> CategoryCase:
        case: CategoryCase = as_seen(
            self.request, get_visible(cases_of(self.request.user), self.request.user, public_id=self.kwargs["case"])
        )
        return case

    def authority_id(self) -> int | None:
        return self.object.authority_id

    def kind_of_school(self) -> str:
        return self.object.school.phase

    def back(self) -> str:
        return self.object.get_absolute_url()

    @cached_property
    def pack(self) -> AuthorityPack:
        return require_pack(self.object.authority, clock.today())

    @cached_property
    def scheme(self) -> Scheme:
        return scheme_in_force(self.pack, clock.today())

    @property
    def at_school(self) -> bool:
        """Whether the reader is here as the school's head or chair alone."""
        return not self.request.user.hats.at(self.object.school) & {Hat.SIP_MANAGER, Hat.HEAD_OF_IMPROVEMENT, Hat.OFFICER, Hat.ADVISER}


DEEDS = ("represent", "decide", "ask", "agree", "confirm", "notify", "publish", "ask_review", "answer_review")


class CaseDetailView(CaseMixin, Page):
    """What is suggested and why, what is proposed, what the school says, what was decided. A school hears of a decision by the
    letter: until it is told, its page ends at the panel."""

    permission = P.CATEGORY_VIEW
    template_name = "support/case_detail.html"

    def context(self) -> dict[str, Any]:
        case = self.object
        offers = set(CASE_WORKFLOW.offers(self.user, case, self.today)) & set(DEEDS)
        hides = self.at_school and case.notified_at is None
        held = (
            Panel.objects.filter(authority=case.authority, held_at__isnull=False).order_by("-on").first() if "confirm" in offers else None
        )
        return {
            "case": case,
            "school": case.school,
            "now": SchoolCategory.objects.filter(on_day(self.today), school=case.school).first(),
            "representations": list(case.representations.all()),
            "dissents": [] if self.at_school else list(case.dissents.all()),
            "offers": offers,
            "hides_decision": hides,
            "steps": case.steps[:2] if hides and case.decided_at else case.steps,
            "at_school": self.at_school,
            "answer_by": case.panel.on if case.panel else None,
            "confirming": held,
        }


class CaseForm(CaseMixin, Timely, FormPage):
    """A form about one case, with a title and a button."""

    abstract = True
    template_name = "support/case_form.html"
    workflow = CASE_WORKFLOW
    title = ""
    button = ""
    lede = ""

    def context(self) -> dict[str, Any]:
        return {"case": self.object, "title": self.title, "button_words": self.button, "lede": self.lede}

    def beside(self) -> dict[str, Any]:
        """What the page shows beside the form: what stands, what is suggested and proposed, and what the school says."""
        case = self.object
        return {
            "shows_case": True,
            "now": present_levels([case.school_id], self.today).get(case.school_id),
            "representations": list(case.representations.all()),
        }


class CaseRepresentView(CaseForm):
    permission = P.CATEGORY_REPRESENT
    action = "represent"
    title, button = "Answer for the school", "Send to the panel"
    lede = "What should the panel know that the figures and the proposal do not show? You can add to it until the panel meets; what is sent is not changed."

    def form(self, data: Any = None) -> PortalForm:
        return WordsForm(data, label="The school’s answer", required="Write what the panel should know")

    def deed(self, form: Any) -> HttpResponse:
        services.represent(actor=self.user, case=self.object, text=form.cleaned_data["text"], at=clock.now())
        return self.go(self.back(), "The panel will read it.")


class CaseDecideView(CaseForm):
    permission = P.CATEGORY_MANAGE
    action = "decide"
    title, button = "Record the panel’s decision", "Record the decision"

    def context(self) -> dict[str, Any]:
        return super().context() | self.beside() | {"lede": f"{self.object.panel}" if self.object.panel else ""}

    def form(self, data: Any = None) -> PortalForm:
        panel = self.object.panel
        members = panel.members.filter(is_present=True).select_related("user") if panel else []
        people = [(member.user_id, member.user.name) for member in members if self.object.school_id not in member.user.hats.walled]
        initial = {"category": self.object.proposed or self.object.suggested}
        return DecisionForm(data, levels=self.scheme.levels, people=people, initial=initial)

    def deed(self, form: Any) -> HttpResponse:
        services.decide_case(
            actor=self.user,
            case=self.object,
            category=form.cleaned_data["category"],
            reason=form.cleaned_data["reason"],
            dissents=form.dissents,
            lock_version=self.object.lock_version,
            at=clock.now(),
        )
        return self.go(self.back(), "The decision is recorded. Tell the school next.")


class CaseBetweenView(CaseForm):
    permission = P.CATEGORY_DECIDE
    action = "ask"
    title, button = "Decide between panels", "Ask the other to agree"

    def context(self) -> dict[str, Any]:
        return super().context() | self.beside()

    def form(self, data: Any = None) -> PortalForm:
        return BetweenForm(data, levels=self.scheme.levels)

    def deed(self, form: Any) -> HttpResponse:
        services.ask_between_panels(
            actor=self.user, case=self.object, category=form.cleaned_data["category"], reason=form.cleaned_data["reason"], at=clock.now()
        )
        return self.go(self.back(), "It stands once the other of the two agrees.")


class CaseAgreeView(CaseMixin, Deed):
    permission = P.CATEGORY_DECIDE

    def deed(self) -> str:
        services.agree_between_panels(actor=self.request.user, case=self.object, at=clock.now())
        return "It is decided. The next panel confirms it."


class CaseConfirmView(CaseMixin, Deed):
    permission = P.CATEGORY_MANAGE

    def deed(self) -> str:
        panel = Panel.objects.filter(authority=self.object.authority, held_at__isnull=False).order_by("-on").first()
        if panel is None:
            raise Refused("No panel has been held yet.")
        services.confirm_decision(actor=self.request.user, case=self.object, panel=panel, at=clock.now())
        return f"Confirmed by the {str(panel).lower()}."


class CaseNotifyView(CaseForm):
    permission = P.CATEGORY_MANAGE
    action = "notify"
    title, button = "Tell the school", "Send the letter"
    lede = "Each of these gets an email with a link and no content; the letter is a PDF in the portal."

    def context(self) -> dict[str, Any]:
        case = self.object
        told = [
            {"name": row.name, "role": row.get_kind_display(), "organisation": case.school.name, "how": "" if address else "No address"}
            for row in contacts_told(case.school, self.today)
            for address in [row.email or (row.user.email if row.user else "")]
        ]
        return super().context() | {"recipients": told, "offers_look": True, "shows_recipients": True}

    def form(self, data: Any = None) -> PortalForm:
        return NotifyForm(data)

    def deed(self, form: Any) -> HttpResponse:
        case, at, on = self.object, clock.now(), form.cleaned_data["publishes_on"]
        CASE_WORKFLOW.check(self.user, case, "notify", self.today)
        version = case.lock_version
        try:
            letter = documents.letter(case, self.scheme, publishes_on=on, at=at)
        except DocumentFailed as failure:
            raise Refused(str(failure)) from None
        if self.request.POST.get("do") == "look":
            return pdf_response(letter, f"draft-letter-{case.school.urn}.pdf")
        services.notify_school(actor=self.user, case=case, publishes_on=on, letter=letter, lock_version=version, at=at)
        return self.go(self.back(), "Head and chair are told.")


class CaseLetterView(CaseMixin, PortalView):
    permission = P.CATEGORY_VIEW

    def get(self, request: HttpRequest, case: str) -> HttpResponseBase:
        if self.object.letter is None:
            raise Http404("Not found.")
        return files.download_response(self.object.letter, f"letter-{self.object.school.urn}.pdf")


class CasePublishView(CaseMixin, Deed):
    permission = P.CATEGORY_MANAGE

    def deed(self) -> str:
        row = services.publish_category(actor=self.request.user, case=self.object, at=clock.now())
        return f"{row.label} stands from {row.starts_on.day} {row.starts_on:%B %Y}, and the school's days are those of the level."


class CaseReviewView(CaseForm):
    permission = P.CATEGORY_REPRESENT
    action = "ask_review"
    title, button = "Ask for a review", "Ask for the review"
    lede = "The school may ask once, and is answered in writing."

    def form(self, data: Any = None) -> PortalForm:
        return WordsForm(data, label="What should be looked at again, and why?", required="Write what should be looked at again, and why")

    def deed(self, form: Any) -> HttpResponse:
        services.ask_review(actor=self.user, case=self.object, text=form.cleaned_data["text"], at=clock.now())
        return self.go(self.back(), "The review is asked for. You will be answered in writing.")


class CaseReviewAnswerView(CaseForm):
    permission = P.CATEGORY_MANAGE
    action = "answer_review"
    title, button = "Answer the review", "Send the answer"

    def form(self, data: Any = None) -> PortalForm:
        return WordsForm(data, label="Answer", required="Write the answer")

    def deed(self, form: Any) -> HttpResponse:
        services.answer_review(actor=self.user, case=self.object, text=form.cleaned_data["text"], at=clock.now())
        return self.go(self.back(), "The answer is sent.")


# ---------------------------------------------------------------- counts


class CategoryCountsView(Page):
    """How many schools stand at each level: counts alone, for whoever sees no school by name; none under the setting."""

    permission = P.CATEGORY_COUNTS
    template_name = "support/category_counts.html"

    def authority_id(self) -> int | None:
        return authority_of(self.request, P.CATEGORY_COUNTS).pk

    def context(self) -> dict[str, Any]:
        authority = authority_of(self.request, P.CATEGORY_COUNTS)
        sees_schools = authority.pk in self.user.hats.authorities_granting(P.CATEGORY_VIEW)
        counts = level_counts(self.user, authority, require_pack(authority, self.today), self.today)
        return {"managed": authority, "counts": counts, "sees_schools": sees_schools}
