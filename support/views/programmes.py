"""Programmes (S6, P31): the list, one programme with its schools, one enrolment with what is logged of it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from core import audit, clock
from core.access import PortalView, can, get_visible
from core.components.forms import PortalForm
from core.numbers import days
from core.spans import on_day
from core.tabular.writing import export_response
from people.models import Authority, User
from people.packs import AuthorityPack, require_pack
from people.roles import Permission as P
from people.views.base import Deed, FormPage, Page, chosen_authority
from schools.models import School
from support import programme_forms as forms
from support import services
from support.interventions import line
from support.models import AdviserAllocation, Drawdown, Enrolment, Fund, Intervention, Programme, ProgrammeTraining
from support.programme_pack import ProgrammePolicy, area_labels, programmes_of
from support.programmes import candidates, programme_allocations, suggestions, used_days
from support.selectors import advisers_of

EXPORTS = ("csv", "xlsx")


class ProgrammeListView(Page):
    """What the authority has opened, with schools, days and money; and what its pack has besides."""

    permission = P.PROGRAMMES_VIEW
    template_name = "support/programme_list.html"
    object: Authority

    def get_object(self) -> Authority:
        return chosen_authority(self.request, P.PROGRAMMES_VIEW)

    def authority_id(self) -> int | None:
        return self.object.pk

    def context(self) -> dict[str, Any]:
        on = self.today
        opened = list(Programme.objects.visible_to(self.user).filter(authority=self.object))
        known = programmes_of(require_pack(self.object, on).content).programmes
        there = set(Programme.objects.filter(authority=self.object).values_list("code", flat=True))
        may_manage = can(self.user, P.PROGRAMMES_MANAGE, self.object) and self.user.hats.may_in(P.PROGRAMMES_MANAGE, self.object.pk)
        return {
            "programmes": programme_allocations(self.user, opened, on),
            "to_open": [policy for policy in known if policy.code not in there] if may_manage else [],
            "may_effects": can(self.user, P.RESULTS_VIEW, self.object),
            "funds": list(Fund.objects.visible_to(self.user).filter(authority=self.object).select_related("programme")),
            "may_fund": can(self.user, P.FUND_MANAGE, self.object),
            "sees_funds": can(self.user, P.FUND_VIEW, self.object),
        }


class ProgrammeOpenView(Deed):
    permission = P.PROGRAMMES_MANAGE

    def deed(self) -> str:
        authority = chosen_authority(self.request, P.PROGRAMMES_MANAGE)
        row = services.open_programme(actor=self.request.user, authority=authority, code=self.kwargs["code"], at=clock.now())
        self.to = row.get_absolute_url()
        return f"{row.label} is open."

    def back(self) -> str:
        return getattr(self, "to", reverse("support:programme-list"))


class OfProgramme:
    object: Programme
    kwargs: dict[str, Any]
    request: Any

    def get_object(self) -> Programme:
        return get_visible(Programme.objects.select_related("authority"), self.request.user, public_id=self.kwargs["programme"])

    def authority_id(self) -> int | None:
        return self.object.authority_id

    @cached_property
    def pack(self) -> AuthorityPack:
        return require_pack(self.object.authority, clock.today())

    def back(self) -> str:
        return self.object.get_absolute_url()


class ProgrammeDetailView(OfProgramme, Page):
    """Its schools by risk with days and advisers (S6), whom the rules would take in, training, and the fund for whom it is."""

    permission = P.PROGRAMMES_VIEW
    template_name = "support/programme_detail.html"

    def context(self) -> dict[str, Any]:
        programme, on = self.object, self.today
        may_manage = can(self.user, P.PROGRAMMES_MANAGE, programme)
        return {
            "programme": programme,
            "found": programme_allocations(self.user, [programme], on)[0],
            "candidates": candidates(self.user, programme, self.pack, on) if may_manage else [],
            "training": list(ProgrammeTraining.objects.visible_to(self.user).filter(programme=programme).prefetch_related("who")),
            "funds": list(Fund.objects.visible_to(self.user).filter(programme=programme)),
            "may_manage": may_manage,
            "policy": programmes_of(self.pack.content).programme(programme.code),
        }


class ProgrammeExportView(OfProgramme, PortalView):
    permission = P.PROGRAMMES_VIEW
    http_method_names = ("get", "head")
    COLUMNS = ("School", "URN", "Phase", "Cluster", "Risk", "Days a year", "Days used", "Adviser", "From")

    def get(self, request: HttpRequest, kind: str, **kwargs: Any) -> HttpResponseBase:
        if kind not in EXPORTS:
            raise Http404("Not found.")
        found = programme_allocations(request.user, [self.object], clock.today())[0]
        rows = [
            (
                row.school.name,
                row.school.urn,
                row.school.get_phase_display(),
                row.school.cluster.name if row.school.cluster else "",
                row.risk_label,
                days(row.days),
                days(row.used),
                row.adviser,
                row.adviser_from,
            )
            for row in found.rows
        ]
        changes = {"programme": self.object.label, "rows": len(rows), "kind": kind}
        audit.record(
            "programme.exported", actor=request.user, at=clock.now(), subject=self.object, authority=self.object.authority, changes=changes
        )
        return export_response(self.object.label, self.COLUMNS, rows, kind)


class _Form(FormPage):
    abstract = True
    template_name = "support/plain_form.html"
    title = ""
    button = "Save"

    def back(self) -> str:
        raise NotImplementedError

    def over(self) -> str:
        return ""

    def lede(self) -> str:
        return ""

    def context(self) -> dict[str, Any]:
        return {"title": self.title, "button_words": self.button, "back": self.back(), "over": self.over(), "lede": self.lede()}


class EnrolView(OfProgramme, _Form):
    """Those that the rules would take in come first."""

    permission = P.PROGRAMMES_MANAGE
    title, button = "Enrol a school", "Enrol it"

    def over(self) -> str:
        return self.object.label

    @cached_property
    def schools(self) -> dict[str, School]:
        policy = programmes_of(self.pack.content).programme(self.object.code)
        there = Enrolment.objects.filter(on_day(self.today), programme=self.object).values("school_id")
        rows = School.objects.granting(self.user, P.PROGRAMMES_MANAGE).filter(
            authority=self.object.authority, phase__in=policy.phases if policy else []
        )
        rows = rows.open_on(self.today).exclude(pk__in=there).select_related("authority").order_by("name")
        first = [school for school, _ in candidates(self.user, self.object, self.pack, self.today)]
        return {str(school.urn): school for school in [*first, *(school for school in rows if school not in first)]}

    def form(self, data: Any = None) -> PortalForm:
        initial = {"school": str(self.request.GET.get("school") or ""), "starts_on": self.today}
        return forms.EnrolForm(data, schools=[(key, school.name) for key, school in self.schools.items()], initial=initial)

    def deed(self, form: Any) -> HttpResponse:
        data = dict(form.cleaned_data)
        school = self.schools[data.pop("school")]
        row = services.enrol_school(actor=self.user, programme=self.object, school=school, at=clock.now(), **data)
        return self.go(row.get_absolute_url(), f"{school.name} is in {self.object.label}. Decide on risk and days next.")


class TrainingView(OfProgramme, _Form):
    permission = P.PROGRAMMES_MANAGE
    title, button = "Record training", "Record it"

    def lede(self) -> str:
        return "Counted in days, and charged to no school."

    @cached_property
    def people(self) -> dict[str, User]:
        ids = AdviserAllocation.objects.filter(enrolment__programme=self.object).values("adviser_id")
        return {user.public_id: user for user in User.objects.filter(pk__in=ids).order_by("name")}

    def form(self, data: Any = None) -> PortalForm:
        policy = programmes_of(self.pack.content).programme(self.object.code)
        initial = {"place": policy.training_where if policy else "", "quarters": 4}
        return forms.TrainingForm(data, people=[(key, user.name) for key, user in self.people.items()], initial=initial)

    def deed(self, form: Any) -> HttpResponse:
        data = dict(form.cleaned_data)
        who = [self.people[key] for key in data.pop("who")]
        services.record_training(actor=self.user, programme=self.object, who=who, at=clock.now(), **data)
        return self.go(self.back(), "The training is recorded.")


# ---------------------------------------------------------------- one school in it


class OfEnrolment:
    object: Enrolment
    kwargs: dict[str, Any]
    request: Any

    def get_object(self) -> Enrolment:
        rows = Enrolment.objects.select_related("programme__authority", "school__authority", "school__cluster")
        return get_visible(rows, self.request.user, public_id=self.kwargs["enrolment"])

    def authority_id(self) -> int | None:
        return self.object.authority_id

    @cached_property
    def pack(self) -> AuthorityPack:
        return require_pack(self.object.programme.authority, clock.today())

    @property
    def policy(self) -> ProgrammePolicy | None:
        return programmes_of(self.pack.content).programme(self.object.programme.code)

    def back(self) -> str:
        return self.object.get_absolute_url()

    def over(self) -> str:
        return f"{self.object.school.name}, {self.object.programme.label}"


class EnrolmentDetailView(OfEnrolment, Page):
    permission = P.PROGRAMMES_VIEW
    template_name = "support/enrolment_detail.html"

    def kind_of_school(self) -> str:
        return self.object.school.phase

    def context(self) -> dict[str, Any]:
        row, on, user = self.object, self.today, self.user
        drawn = Drawdown.objects.filter(school=row.school, fund__programme=row.programme)
        entries = list(drawn.select_related("fund", "given_back").prefetch_related("steps"))
        return {
            "enrolment": row,
            "programme": row.programme,
            "school": row.school,
            "used": used_days([row], on)[row.pk],
            "advisers": list(row.advisers.select_related("adviser")),
            "package": [line(found, on) for found in Intervention.objects.filter(enrolment=row).order_by("achieve_by", "name")],
            "reports": list(row.reports.all()),
            "drawn": entries,
            "drawn_pence": sum(entry.pence for entry in entries),
            "sees_programme": Programme.objects.visible_to(user).filter(pk=row.programme_id).exists()
            and can(user, P.PROGRAMMES_VIEW, row.programme),
            "may_manage": row.ends_on is None and can(user, P.PROGRAMMES_MANAGE, row),
            "may_log": row.ends_on is None and can(user, P.PROGRAMMES_LOG, row),
            "report_to": self.policy.report_to if self.policy else "",
            "on": on,
        }


class RiskView(OfEnrolment, _Form):
    permission = P.PROGRAMMES_MANAGE
    title, button = "Decide on risk and days", "Save the decision"

    @cached_property
    def told(self) -> Any:
        assert self.policy is not None
        return suggestions(School.objects.filter(pk=self.object.school_id), self.policy, self.pack, self.today)[self.object.school_id]

    def lede(self) -> str:
        if self.policy is None:
            return ""
        figures = "; ".join(f"{line['label']} {line['figure']}" for line in self.told.figures)
        if self.told.band is not None:
            return f"The rules suggest: {self.told.band.label}. {figures}"
        return f"The rules suggest no level. {figures}" if self.policy.bands else figures

    def form(self, data: Any = None) -> PortalForm:
        row, band = self.object, self.told.band if self.policy is not None else None
        initial = {
            "risk": row.risk or (band.code if band else ""),
            "quarters": row.days_quarters or (band.days if band else row.programme.least_quarters),
            "reason": row.risk_reason,
        }
        return forms.RiskForm(data, bands=self.policy.bands if self.policy else (), initial=initial)

    def deed(self, form: Any) -> HttpResponse:
        services.decide_risk(actor=self.user, enrolment=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(self.back(), "The decision is saved.")


class AdviserView(OfEnrolment, _Form):
    permission = P.PROGRAMMES_MANAGE
    title, button = "Allocate an adviser", "Allocate"

    @cached_property
    def people(self) -> dict[str, User]:
        return {user.public_id: user for user in advisers_of(self.object.programme.authority, self.today).exclude(pk=self.user.pk)}

    def form(self, data: Any = None) -> PortalForm:
        programme = self.object.programme
        first = max(self.object.starts_on, programme.allocated_on) if programme.allocated_on else self.object.starts_on
        return forms.AdviserForm(
            data,
            people=[(key, user.name) for key, user in self.people.items()],
            may_replace=programme.replaces_sip,
            initial={"starts_on": first},
        )

    def deed(self, form: Any) -> HttpResponse:
        data = dict(form.cleaned_data)
        adviser = self.people[data.pop("adviser")]
        services.allocate_adviser(actor=self.user, enrolment=self.object, adviser=adviser, at=clock.now(), **data)
        return self.go(self.back(), f"{adviser.name} is allocated.")


class ProgrammeDaysView(OfEnrolment, _Form):
    permission = P.PROGRAMMES_LOG
    title, button = "Log days", "Log them"

    def form(self, data: Any = None) -> PortalForm:
        return forms.DaysForm(data, initial={"on": self.today})

    def deed(self, form: Any) -> HttpResponse:
        services.log_programme_days(actor=self.user, enrolment=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(self.back(), "The days are logged.")


class ProgrammeReportView(OfEnrolment, _Form):
    permission = P.PROGRAMMES_LOG
    title, button = "Log a report to the department", "Log it"

    def form(self, data: Any = None) -> PortalForm:
        return forms.ReportForm(data, initial={"sent_on": self.today})

    def deed(self, form: Any) -> HttpResponse:
        services.log_report(actor=self.user, enrolment=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(self.back(), "The report is logged.")


class PackageView(OfEnrolment, _Form):
    permission = P.PROGRAMMES_LOG
    title, button = "Add to the package of support", "Add it"

    def lede(self) -> str:
        return "What you have agreed with the school. The programme pays; the money is drawn apart."

    def form(self, data: Any = None) -> PortalForm:
        return forms.PackageForm(data, areas=area_labels(self.pack.content))

    def deed(self, form: Any) -> HttpResponse:
        row = services.add_to_package(actor=self.user, enrolment=self.object, package=form.package, at=clock.now())
        return self.go(self.back(), f"{row.name} is in the package.")


class LeaveView(OfEnrolment, _Form):
    permission = P.PROGRAMMES_MANAGE
    title, button = "End the school’s time in the programme", "End it"

    def form(self, data: Any = None) -> PortalForm:
        return forms.LeaveForm(data, initial={"ends_on": self.today})

    def deed(self, form: Any) -> HttpResponse:
        services.leave_programme(actor=self.user, enrolment=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(self.back(), "The school’s time in the programme ends.")


__all__ = [
    "AdviserView",
    "EnrolView",
    "EnrolmentDetailView",
    "LeaveView",
    "PackageView",
    "ProgrammeDaysView",
    "ProgrammeDetailView",
    "ProgrammeExportView",
    "ProgrammeListView",
    "ProgrammeOpenView",
    "ProgrammeReportView",
    "RiskView",
    "TrainingView",
]
