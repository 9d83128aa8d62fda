"""Brokering: needs and requests, one step of one of them, spend and impact, what is commissioned."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from core import audit, clock
from core.access import PortalView
from core.calendar import AcademicYear
from core.components.forms import PortalForm
from core.numbers import days
from core.tabular.writing import export_response
from people.models import Authority
from people.packs import AuthorityPack, page_pack, require_pack
from people.roles import Hat
from people.roles import Permission as P
from people.views.base import FormPage, Page, chosen_authority
from support import directory_forms as forms
from support import services
from support.brokering import BY, HEAD, commissioned, flagged_needs, requests_of, spend_of, supported
from support.models import Intervention, Service
from support.programme_pack import area_labels
from support.workflow import SUPPORT_WORKFLOW
from targets.models import Target
from targets.wording import FactWords

from .base import Timely
from .interventions import OfIntervention, OfSupport

EXPORTS = ("csv", "xlsx")
SIZE = 50


class RequestListView(Page):
    """Needs that nobody has asked for, then requests with where they stand: a school its own, others those of their schools."""

    permission = P.INTERVENTION_VIEW
    template_name = "support/request_list.html"

    def context(self) -> dict[str, Any]:
        params = self.request.GET
        _, pack = page_pack(self.request, self.authority_id(), self.today)
        areas = area_labels(pack.content) if pack else {}
        form = forms.RequestFilterForm(params if params else None, areas=areas)
        wish = form.cleaned_data if form.is_bound and form.is_valid() else {}
        pages = Paginator(requests_of(self.user, **wish), SIZE)
        page = pages.get_page(params.get("page"))
        words = FactWords(pack.content) if pack else None
        needs = (
            [] if params else [(row, words.label(row.measure) if words else row.measure) for row in flagged_needs(self.user, self.today)]
        )
        query = params.copy()
        query.pop("page", None)
        return {
            "filter": form,
            "page": page,
            "total": pages.count,
            "areas": areas,
            "needs": needs,
            "query": query.urlencode(),
        }


class SupportAskView(FormPage, OfSupport):
    """A need of the school: by itself, by its SIP, by an officer of its cluster; ``?service=`` and ``?target=`` bring what it is about."""

    permission = P.SUPPORT_ASK
    template_name = "support/intervention_form.html"

    @cached_property
    def pack(self) -> AuthorityPack:
        return require_pack(self.object.authority, self.today)

    @cached_property
    def offered(self) -> dict[str, Service]:
        rows = Service.objects.visible_to(self.user).filter(authority=self.object.authority, is_listed=True)
        return {row.public_id: row for row in rows}

    @cached_property
    def targets(self) -> dict[str, Target]:
        rows = Target.objects.filter(school=self.object, needs_support=True, summer__gte=self.today.year)
        return {row.key: row for row in rows}

    def form(self, data: Any = None) -> PortalForm:
        service = self.offered.get(str(self.request.GET.get("service") or ""))
        initial = {
            "service": service.public_id if service else "",
            "area": service.areas[0] if service and len(service.areas) == 1 else "",
            "target": str(self.request.GET.get("target") or ""),
        }
        words = FactWords(self.pack.content)
        return forms.AskForm(
            data,
            areas=area_labels(self.pack.content),
            services=[(key, f"{row.name}, {row.provider}") for key, row in self.offered.items()],
            targets=[(key, f"{words.label(row.measure)}, summer {row.summer}") for key, row in self.targets.items()],
            initial=initial,
        )

    def context(self) -> dict[str, Any]:
        return {"title": "Ask for support", "submit": "Ask for it", "back": self.tab_url}

    def deed(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        row = services.ask_support(
            actor=self.user,
            school=self.object,
            area=data["area"],
            need=data["need"],
            service=self.offered.get(data["service"]),
            target=self.targets.get(data.get("target") or ""),
            at=clock.now(),
        )
        return self.go(row.get_absolute_url(), "The request is made. The school’s SIP is told, and puts a service to the school.")


class _Step(Timely, FormPage, OfIntervention):
    """One step of a request, asked of its school."""

    abstract = True
    template_name = "support/intervention_form.html"
    workflow = SUPPORT_WORKFLOW
    title = ""
    submit = ""

    def subject(self) -> Intervention:
        return self.intervention

    def context(self) -> dict[str, Any]:
        return {"title": f"{self.title}: {self.intervention.name}", "submit": self.submit}

    def done(self, said: str) -> HttpResponse:
        return self.go(self.intervention.get_absolute_url(), said)

    @property
    def is_school(self) -> bool:
        return bool(self.user.hats.contact_hats(self.object.pk) & {Hat.HEAD, Hat.CHAIR})


class SupportMatchView(_Step):
    """The services for that need first."""

    permission = P.SUPPORT_MATCH
    action = "match"
    title, submit = "Match with a service", "Put it to the school"

    @cached_property
    def offered(self) -> dict[str, Service]:
        rows = Service.objects.visible_to(self.user).filter(authority=self.object.authority, is_listed=True)
        area = self.intervention.area_of_need
        return {row.public_id: row for row in sorted(rows, key=lambda row: (area not in row.areas, row.name))}

    def form(self, data: Any = None) -> PortalForm:
        row = self.intervention
        service = row.service or next((one for one in self.offered.values() if row.area_of_need in one.areas), None)
        initial = {
            "service": service.public_id if service else "",
            "quarters": row.quarters or (service.usual_quarters if service else None),
            "cost_pence": row.cost_pence if row.cost_pence is not None else (service.usual_cost_pence if service else None),
            "commissioner": row.commissioner,
            "plan": row.plan,
            "fund": row.fund,
            "starts_on": row.starts_on,
            "ends_on": row.ends_on,
        }
        area = row.area_of_need
        words = [
            (key, f"{one.name}, {one.provider}{'' if area in one.areas else ' (for other needs)'}") for key, one in self.offered.items()
        ]
        return forms.MatchForm(data, services=words, initial=initial)

    def deed(self, form: Any) -> HttpResponse:
        data = dict(form.cleaned_data)
        service = self.offered[data.pop("service")]
        services.match_support(
            actor=self.user, intervention=self.intervention, service=service, proposal=services.Proposal(**data), at=clock.now()
        )
        return self.done(f"{service.name} is put to the school, which decides.")


class SupportAgreeView(_Step):
    permission = P.SUPPORT_AGREE
    action = "agree"
    title, submit = "Agree to support", "The school agrees"

    def form(self, data: Any = None) -> PortalForm:
        return forms.AgreeForm(data, is_school=self.is_school)

    def deed(self, form: Any) -> HttpResponse:
        services.agree_support(actor=self.user, intervention=self.intervention, at=clock.now(), **form.cleaned_data)
        return self.done("The school has agreed.")


class SupportDeclineView(_Step):
    permission = P.SUPPORT_AGREE
    action = "decline"
    title, submit = "Decline support", "The school declines"

    def form(self, data: Any = None) -> PortalForm:
        return forms.DeclineForm(data, is_school=self.is_school)

    def deed(self, form: Any) -> HttpResponse:
        services.decline_support(actor=self.user, intervention=self.intervention, at=clock.now(), **form.cleaned_data)
        return self.done("The school has declined. Its SIP may offer something else.")


class SupportWithdrawView(_Step):
    permission = P.SUPPORT_ASK
    title, submit = "Withdraw", "Withdraw it"

    def form(self, data: Any = None) -> PortalForm:
        return forms.ReasonForm(data)

    def deed(self, form: Any) -> HttpResponse:
        services.withdraw_support(actor=self.user, intervention=self.intervention, at=clock.now(), **form.cleaned_data)
        return self.done("The request is withdrawn.")


class SupportBeginView(_Step):
    permission = P.INTERVENTION_RECORD
    action = "begin"
    title, submit = "Record that it began", "It has begun"

    def form(self, data: Any = None) -> PortalForm:
        return forms.BeginForm(data, initial={"starts_on": self.intervention.starts_on or self.today})

    def deed(self, form: Any) -> HttpResponse:
        services.begin_support(actor=self.user, intervention=self.intervention, at=clock.now(), **form.cleaned_data)
        return self.done("It is under way.")


class SupportDeliverView(_Step):
    permission = P.INTERVENTION_RECORD
    action = "deliver"
    title, submit = "Record that it was delivered", "It is delivered"

    def form(self, data: Any = None) -> PortalForm:
        row = self.intervention
        initial = {"ends_on": self.today, "quarters": row.quarters, "cost_pence": row.cost_pence, "known_on": row.known_on}
        return forms.DeliverForm(data, initial=initial)

    def deed(self, form: Any) -> HttpResponse:
        services.deliver_support(actor=self.user, intervention=self.intervention, at=clock.now(), **form.cleaned_data)
        return self.done("It is delivered. Say what it did for pupils when that is known.")


# ---------------------------------------------------------------- spend, impact, commissions


class _Asked:
    request: Any
    object: Authority

    def get_object(self) -> Authority:
        return chosen_authority(self.request, P.SPEND_VIEW)

    def authority_id(self) -> int | None:
        return self.object.pk

    @property
    def year(self) -> AcademicYear:
        now = AcademicYear.from_date(clock.today())
        asked = str(self.request.GET.get("year") or "")
        known = {str(now.first - step): AcademicYear(now.first - step) for step in range(4)}
        return known.get(asked, now)

    @property
    def by(self) -> str:
        asked = str(self.request.GET.get("by") or "")
        return asked if asked in BY else "service"

    @cached_property
    def rows(self) -> Any:
        return supported(self.request.user, self.object, self.year.starts_on, self.year.ends_on)

    def years(self) -> list[tuple[str, AcademicYear, bool]]:
        now = AcademicYear.from_date(clock.today())
        return [
            (f"?year={now.first - step}&by={self.by}", AcademicYear(now.first - step), now.first - step == self.year.first)
            for step in range(4)
        ]

    def export(self, request: HttpRequest, name: str, columns: Any, rows: list[Any], kind: str) -> HttpResponseBase:
        if kind not in EXPORTS:
            raise Http404("Not found.")
        changes = {"rows": len(rows), "kind": kind, "year": str(self.year), "what": name}
        audit.record("support.exported", actor=request.user, at=clock.now(), subject=request.user, authority=self.object, changes=changes)
        return export_response(f"{name} {self.year.first}", columns, rows, kind)


class SpendView(_Asked, Page):
    """What support cost and what it did, by service, need, level of support and fund."""

    permission = P.SPEND_VIEW
    template_name = "support/spend.html"

    def context(self) -> dict[str, Any]:
        found = spend_of(self.rows, require_pack(self.object, self.today), self.by, self.today)
        views = [
            {"label": f"By {label.lower()}", "url": f"?year={self.year.first}&by={key}", "current": key == self.by}
            for key, label in BY.items()
        ]
        return {
            "found": found,
            "title": BY[self.by],
            "views": views,
            "year": self.year,
            "years": self.years(),
            "query": f"year={self.year.first}&by={self.by}",
        }


class SpendExportView(_Asked, PortalView):
    permission = P.SPEND_VIEW
    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        on = clock.today()
        found = spend_of(self.rows, require_pack(self.object, on), self.by, on)
        rows = [line.cells() for line in (*found.lines, found.whole)]
        return self.export(request, "spend and impact", (BY[self.by], *HEAD), rows, kind)


class CommissionListView(_Asked, Page):
    """Who commissions what, from whom, against which plan, at what price (P31)."""

    permission = P.SPEND_VIEW
    template_name = "support/commission_list.html"

    def context(self) -> dict[str, Any]:
        found = commissioned(self.rows)
        page = Paginator(found, SIZE).get_page(self.request.GET.get("page"))
        return {
            "page": page,
            "total": len(found),
            "pence": sum(row.cost_pence or 0 for row in found),
            "year": self.year,
            "years": self.years(),
            "query": f"year={self.year.first}",
        }


class CommissionExportView(_Asked, PortalView):
    permission = P.SPEND_VIEW
    http_method_names = ("get", "head")
    COLUMNS = (
        "School",
        "URN",
        "Support",
        "From whom",
        "Who commissions",
        "Against which plan",
        "Days",
        "Pounds",
        "Paid from",
        "Start",
        "State",
    )

    def get(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        rows = [
            (
                row.school.name,
                row.school.urn,
                row.name,
                row.provider,
                row.get_commissioner_display(),
                row.plan,
                days(row.quarters) if row.quarters else None,
                Decimal(row.cost_pence) / 100 if row.cost_pence is not None else None,
                row.fund,
                row.starts_on,
                row.get_state_display(),
            )
            for row in commissioned(self.rows)
        ]
        return self.export(request, "commissions", self.COLUMNS, rows, kind)


__all__ = [
    "CommissionExportView",
    "CommissionListView",
    "RequestListView",
    "SpendExportView",
    "SpendView",
    "SupportAgreeView",
    "SupportAskView",
    "SupportBeginView",
    "SupportDeclineView",
    "SupportDeliverView",
    "SupportMatchView",
    "SupportWithdrawView",
]
