"""The register of schools causing concern: one case, what is entered in it, its formal steps, its exit; early warnings."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from core import clock
from core.access import can, get_visible
from core.components.forms import PortalForm
from core.spans import on_day
from people.models import RoleAssignment, User
from people.packs import AuthorityPack, require_pack
from people.roles import Hat
from people.roles import Permission as P
from people.views.base import Deed, FormPage, Page
from schools.models import School
from support import concern_forms as forms
from support import services
from support.board import packages_of
from support.choices import SignSource, WarningState
from support.concern_clock import review_by
from support.models import (
    Concern,
    ConcernContact,
    ConcernSign,
    EarlyWarning,
    FormalPower,
    WarningNotice,
    Watching,
)
from support.pack import support_of
from support.scope import assessed_by
from support.services import Opening, Sign
from support.watch import figures_of_class
from support.workflow import CONCERN_WORKFLOW

from .base import Timely, as_seen, authority_of

CONTACTS = (Hat.OFFICER, Hat.SIP_MANAGER, Hat.HEAD_OF_IMPROVEMENT)


def people_for(school: School, on: Any) -> dict[str, User]:
    """Who may be the authority's contact: its officers and managers whose role covers the school, the walled left out."""
    covers = Q(is_limited_to_clusters=False) | Q(clusters=school.cluster_id)
    rows = RoleAssignment.objects.filter(
        on_day(on), covers, authority_id=school.authority_id, role__in=[hat.value for hat in CONTACTS]
    ).select_related("user")
    return {row.user.public_id: row.user for row in rows.order_by("user__name")}


class ConcernMixin:
    object: Concern
    kwargs: dict[str, Any]
    request: Any

    def get_object(self) -> Concern:
        rows = Concern.objects.select_related("school__authority", "school__cluster", "contact", "exit_asked_by", "opened_by")
        concern: Concern = as_seen(self.request, get_visible(rows, self.request.user, public_id=self.kwargs["concern"]))
        return concern

    def authority_id(self) -> int | None:
        return self.object.school.authority_id

    def kind_of_school(self) -> str:
        return self.object.school.phase

    def back(self) -> str:
        return self.object.get_absolute_url()

    @cached_property
    def pack(self) -> AuthorityPack:
        return require_pack(self.object.school.authority, clock.today())

    @property
    def at_school(self) -> bool:
        """Whether the reader is here as the school's head or chair alone."""
        return not self.request.user.hats.at(self.object.school) & {*CONTACTS, Hat.ADVISER}


class ConcernDetailView(ConcernMixin, Page):
    """The case as far as its reader may see it: head and chair the class, plan, criteria, reviews and notices; the log is the
    authority's; intelligence the named officers' (domain.md §6)."""

    permission = P.CONCERN_VIEW
    template_name = "support/concern_detail.html"

    def context(self) -> dict[str, Any]:
        concern, user, on = self.object, self.user, self.today
        milestones = list(concern.milestones.all())
        signs = [] if self.at_school else list(ConcernSign.objects.visible_to(user).filter(concern=concern))
        may_log = can(user, P.CONCERN_LOG, concern)
        core = [row for row in milestones if row.group == "core"]
        return {
            "concern": concern,
            "school": concern.school,
            "at_school": self.at_school,
            "sees_board": can(user, P.CONCERN_LIST),
            "offers": set(CONCERN_WORKFLOW.offers(user, concern, on)),
            "groups": [
                ("Core elements", core),
                ("Tracking", [row for row in milestones if row.group != "core"]),
            ],
            "core_in_place": sum(1 for row in core if row.is_in_place),
            "core": len(core),
            "late": sum(1 for row in milestones if row.is_late(on)),
            "criteria": list(concern.criteria.all()),
            "reviews": list(concern.reviews.all()),
            "is_review_late": concern.is_live and concern.review_due_on is not None and concern.review_due_on < on,
            "signs": signs,
            "log": list(ConcernContact.objects.visible_to(user).filter(concern=concern)) if may_log else [],
            "may_log": may_log,
            "reads_intelligence": can(user, P.CONCERN_INTELLIGENCE, concern),
            "notices": list(WarningNotice.objects.visible_to(user).filter(school=concern.school)),
            "powers": list(FormalPower.objects.visible_to(user).filter(school=concern.school)),
            "may_notice": can(user, P.CATEGORY_MANAGE, concern.school),
            "package": packages_of([concern.school_id], on).get(concern.school_id, []),
            "duties": support_of(self.pack.content).duties if user.hats.is_adviser_of(concern.school_id) else (),
            "on": on,
        }


class ConcernForm(ConcernMixin, Timely, FormPage):
    """A form about one case, with a title and a button."""

    abstract = True
    permission = P.CONCERN_MANAGE
    template_name = "support/concern_form.html"
    workflow = CONCERN_WORKFLOW
    title = ""
    button = "Save"
    lede = ""

    def context(self) -> dict[str, Any]:
        return {
            "concern": self.object,
            "school": self.object.school,
            "title": self.title,
            "button_words": self.button,
            "lede": self.lede,
            "back": self.back(),
        }


class ConcernReviseView(ConcernForm):
    action = "revise"
    title, button = "Change the case", "Save the case"

    @cached_property
    def people(self) -> dict[str, User]:
        found = people_for(self.object.school, self.today)
        if self.object.contact is not None:
            found.setdefault(self.object.contact.public_id, self.object.contact)
        return found

    def form(self, data: Any = None) -> PortalForm:
        row = self.object
        names = ("concern_class", "issue", "position", "aim", "next_steps")
        initial = {name: getattr(row, name) for name in names} | {"contact": row.contact.public_id if row.contact else ""}
        return forms.CaseForm(data, pack=self.pack, people=[(key, user.name) for key, user in self.people.items()], initial=initial)

    def deed(self, form: Any) -> HttpResponse:
        data = dict(form.cleaned_data)
        contact = self.people[data.pop("contact")]
        services.revise_concern(actor=self.user, concern=self.object, contact=contact, at=clock.now(), **data)
        return self.go(self.back(), "The case is changed.")


class MilestoneView(ConcernForm):
    action = "plan"
    permission = P.CONCERN_PLAN
    button = "Save"

    def context(self) -> dict[str, Any]:
        return super().context() | {"title": self.row.label, "lede": f"In place when: {self.row.in_place_when}."}

    @cached_property
    def row(self) -> Any:
        return get_object_or_404(self.object.milestones, code=self.kwargs["code"])

    def form(self, data: Any = None) -> PortalForm:
        return forms.MilestoneForm(data, initial={"state": self.row.state, "evidence": self.row.evidence})

    def deed(self, form: Any) -> HttpResponse:
        services.set_milestone(actor=self.user, concern=self.object, code=self.row.code, at=clock.now(), **form.cleaned_data)
        return self.go(f"{self.back()}#plan", "The plan is changed.")


class CriterionAddView(ConcernForm):
    action = "agree_criterion"
    title, button = "Agree one more exit criterion", "Add the criterion"
    lede = "Exit criteria change only by agreement with the school."

    def form(self, data: Any = None) -> PortalForm:
        return forms.CriterionForm(data)

    def deed(self, form: Any) -> HttpResponse:
        services.agree_criterion(actor=self.user, concern=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(f"{self.back()}#criteria", "The criterion is added.")


class CriterionSettleView(ConcernForm):
    action = "settle"
    title, button = "Settle an exit criterion", "Save"

    def form(self, data: Any = None) -> PortalForm:
        return forms.SettleForm(data, criteria=list(self.object.criteria.all()))

    def deed(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        services.settle_criterion(
            actor=self.user,
            concern=self.object,
            criterion=self.object.criteria.get(pk=data["criterion"]),
            is_met=data["outcome"] == "met",
            evidence=data["evidence"],
            at=clock.now(),
        )
        return self.go(f"{self.back()}#criteria", "The criterion is settled.")


class SignAddView(ConcernForm):
    action = "sign"
    title, button = "Add how the school was identified", "Add the entry"
    lede = "Each entry is dated, stands under your name and is not changed afterwards. Intelligence is read by the named officers alone."

    def form(self, data: Any = None) -> PortalForm:
        return forms.SignForm(data, may_keep_intelligence=can(self.user, P.CONCERN_INTELLIGENCE, self.object))

    def deed(self, form: Any) -> HttpResponse:
        services.add_sign(actor=self.user, concern=self.object, sign=Sign(**form.cleaned_data), at=clock.now())
        return self.go(self.back(), "The entry is added.")


class ConcernReviewView(ConcernForm):
    action = "review"
    title, button = "Record a review", "Save the review"
    lede = "A case is reviewed at least termly. Head and chair read the review."

    def form(self, data: Any = None) -> PortalForm:
        return forms.ReviewForm(data, initial={"on": self.today, "next_on": review_by(self.pack, self.today)})

    def deed(self, form: Any) -> HttpResponse:
        services.review_concern(actor=self.user, concern=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(f"{self.back()}#reviews", "The review is recorded.")


class LogAddView(ConcernForm):
    action = "log"
    title, button = "Log a contact", "Save the contact"
    lede = "The authority's own log: the school does not read it."

    def form(self, data: Any = None) -> PortalForm:
        return forms.LogForm(data, initial={"on": self.today})

    def deed(self, form: Any) -> HttpResponse:
        services.log_contact(actor=self.user, concern=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(f"{self.back()}#log", "The contact is logged.")


# ---------------------------------------------------------------- formal steps


class FormalForm(ConcernForm):
    abstract = True
    permission = P.CATEGORY_MANAGE


class NoticeGiveView(FormalForm):
    title, button = "Record a warning notice", "Record the notice"

    def context(self) -> dict[str, Any]:
        law = dict(support_of(self.pack.content).concern.get("warning_notice") or {})
        lede = f"{law.get('law', '')}. The notice itself is the authority's letter; here stand its date and what it says in short."
        return super().context() | {"lede": lede}

    def form(self, data: Any = None) -> PortalForm:
        return forms.NoticeForm(data)

    def deed(self, form: Any) -> HttpResponse:
        notice = services.give_warning_notice(actor=self.user, school=self.object.school, at=clock.now(), **form.cleaned_data)
        by = notice.complies_by
        clocked = f" The initial period ends on {by.day} {by:%B %Y}." if by else ""
        return self.go(f"{self.back()}#formal", f"The notice is recorded.{clocked}")


class NoticeLiftView(FormalForm):
    title, button = "Lift the warning notice", "Save"

    @cached_property
    def notice(self) -> WarningNotice:
        return get_object_or_404(WarningNotice, school=self.object.school, ends_on=None)

    def form(self, data: Any = None) -> PortalForm:
        return forms.EndForm(data)

    def deed(self, form: Any) -> HttpResponse:
        services.lift_warning_notice(actor=self.user, notice=self.notice, on=form.cleaned_data["on"], at=clock.now())
        return self.go(f"{self.back()}#formal", "The notice is lifted.")


class PowerUseView(FormalForm):
    title, button = "Record a formal power", "Record it"

    def form(self, data: Any = None) -> PortalForm:
        return forms.PowerForm(data, pack=self.pack)

    def deed(self, form: Any) -> HttpResponse:
        services.use_power(actor=self.user, school=self.object.school, at=clock.now(), **form.cleaned_data)
        return self.go(f"{self.back()}#formal", "It is recorded.")


class PowerEndView(FormalForm):
    title, button = "End a formal power", "Save"

    def form(self, data: Any = None) -> PortalForm:
        return forms.EndForm(data)

    def deed(self, form: Any) -> HttpResponse:
        power = get_object_or_404(FormalPower, school=self.object.school, power=self.kwargs["code"], ends_on=None)
        services.end_power(actor=self.user, power=power, on=form.cleaned_data["on"], at=clock.now())
        return self.go(f"{self.back()}#formal", "It is ended.")


# ---------------------------------------------------------------- exit and return


class ExitAskView(ConcernForm):
    action = "ask_exit"
    title, button = "Ask for the exit", "Ask for the exit"
    lede = "Every exit criterion is met with evidence or set aside with a reason, and no formal step is in force. Another person decides."

    def form(self, data: Any = None) -> PortalForm:
        return forms.ExitForm(data)

    def deed(self, form: Any) -> HttpResponse:
        services.ask_exit(actor=self.user, concern=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(self.back(), "The exit is asked for. Another person decides.")


class ExitAgreeView(ConcernForm):
    action = "agree_exit"
    permission = P.CONCERN_DECIDE
    title, button = "Decide on the exit", "Agree to the exit"

    def form(self, data: Any = None) -> PortalForm:
        return forms.ExitDecisionForm(data)

    def deed(self, form: Any) -> HttpResponse:
        services.agree_exit(actor=self.user, concern=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(self.back(), "The case has ended, and the school is monitored.")


class ExitRefuseView(ConcernForm):
    action = "refuse_exit"
    permission = P.CONCERN_DECIDE
    title, button = "Keep the case open", "Keep it open"

    def form(self, data: Any = None) -> PortalForm:
        return forms.ReasonForm(data)

    def deed(self, form: Any) -> HttpResponse:
        services.refuse_exit(actor=self.user, concern=self.object, reason=form.cleaned_data["reason"], at=clock.now())
        return self.go(self.back(), "The case stays open.")


class ReopenView(ConcernForm):
    action = "reopen"
    title, button = "Open the case again", "Open it again"
    lede = "Within the monitored terms a reason is enough. Plan, criteria and reviews stand as they were."

    def form(self, data: Any = None) -> PortalForm:
        return forms.ReasonForm(data)

    def deed(self, form: Any) -> HttpResponse:
        services.reopen_concern(actor=self.user, concern=self.object, reason=form.cleaned_data["reason"], at=clock.now())
        return self.go(self.back(), "The case is open again.")


class MonitoringEndView(ConcernMixin, Deed):
    permission = P.CONCERN_MANAGE

    def deed(self) -> str:
        services.end_monitoring(actor=self.request.user, concern=self.object, at=clock.now())
        return "The case is closed."


# ---------------------------------------------------------------- opening


class ConcernAddView(FormPage):
    """Which school."""

    permission = P.CONCERN_MANAGE
    template_name = "support/concern_add.html"

    def authority_id(self) -> int | None:
        return authority_of(self.request, P.CONCERN_MANAGE).pk

    @cached_property
    def schools(self) -> dict[str, School]:
        authority = authority_of(self.request, P.CONCERN_MANAGE)
        rows: QuerySet[School] = assessed_by(self.user, P.CONCERN_MANAGE).filter(authority=authority).open_on(self.today)
        return {str(row.urn): row for row in rows.select_related("authority").order_by("name")}

    def form(self, data: Any = None) -> PortalForm:
        return forms.SchoolChoiceForm(data, schools=[(urn, f"{row.name} ({urn})") for urn, row in self.schools.items()])

    def deed(self, form: Any) -> HttpResponse:
        school = self.schools[form.cleaned_data["school"]]
        return self.go(reverse("support:concern-open", args=[school.authority.code, school.urn]))


class ConcernOpenView(FormPage):
    """Open a case, from nothing or from an early warning (``?warning=``), which fills in what it found."""

    permission = P.CONCERN_MANAGE
    template_name = "support/concern_open.html"
    object: School

    def get_object(self) -> School:
        rows = School.objects.select_related("authority", "cluster")
        return get_visible(rows, self.request.user, authority__code=self.kwargs["authority"], urn=self.kwargs["urn"])

    def authority_id(self) -> int | None:
        return self.object.authority_id

    @cached_property
    def pack(self) -> AuthorityPack:
        return require_pack(self.object.authority, clock.today())

    @cached_property
    def people(self) -> dict[str, User]:
        return people_for(self.object, self.today)

    @cached_property
    def warning(self) -> EarlyWarning | None:
        key = str(self.request.GET.get("warning") or "")
        if not key:
            return None
        found = (
            EarlyWarning.objects.visible_to(self.user).filter(public_id=key, school=self.object).select_related("school__authority").first()
        )
        if found is None:
            raise Http404("Not found.")
        return found

    def context(self) -> dict[str, Any]:
        return {"school": self.object, "warning": self.warning, "classes": support_of(self.pack.content).concern_classes}

    def form(self, data: Any = None) -> PortalForm:
        initial: dict[str, Any] = {"on": self.today}
        if self.user.public_id in self.people:
            initial["contact"] = self.user.public_id
        if self.warning is not None:
            told = "; ".join(
                f"{row['label']}: {row['figure']}{', ' + row['against'] if row['against'] else ''}" for row in self.warning.figures
            )
            initial |= {"concern_class": self.warning.concern_class, "source": SignSource.DATA, "sign": f"{self.warning.label}. {told}"}
        return forms.OpeningForm(data, pack=self.pack, people=[(key, user.name) for key, user in self.people.items()], initial=initial)

    def deed(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        here = School.objects.filter(pk=self.object.pk)
        why = figures_of_class(here, self.pack, self.today, data["concern_class"]).get(self.object.pk, [])
        opening = Opening(
            concern_class=data["concern_class"], issue=data["issue"], position=data["position"], aim=data["aim"], next_steps=data["next_steps"],
            criteria=form.criteria, signs=[Sign(data["source"], data["on"], data["sign"])], contact=self.people[data["contact"]],
            told_head_on=data["told_head_on"], on=data["on"], decided_by=data["decided_by"], why=why,
        )  # fmt: skip
        at = clock.now()
        if self.warning is not None:
            concern = services.accept_warning(actor=self.user, warning=self.warning, opening=opening, at=at)
        else:
            concern = services.open_concern(actor=self.user, school=self.object, opening=opening, at=at)
        return self.go(concern.get_absolute_url(), "The case is open. Its plan stands below, with the core elements to put in place.")


# ---------------------------------------------------------------- early warnings


class WarningListView(Page):
    """What waits for a person first, then what is watched, then what was answered lately."""

    permission = P.CONCERN_LIST
    template_name = "support/warning_list.html"
    SHOWN: ClassVar = 30

    def authority_id(self) -> int | None:
        return authority_of(self.request, P.CONCERN_LIST).pk

    def context(self) -> dict[str, Any]:
        authority = authority_of(self.request, P.CONCERN_LIST)
        rows = EarlyWarning.objects.visible_to(self.user).filter(school__authority=authority)
        rows = rows.select_related("school__authority", "school__cluster", "concern")
        live = list(rows.filter(state__in=[WarningState.WAITING, WarningState.WATCHED], fires=True).order_by("raised_at", "school__name"))
        return {
            "waiting": [row for row in live if row.state == WarningState.WAITING],
            "watched": [row for row in live if row.state == WarningState.WATCHED],
            "answered": list(rows.exclude(answered_at=None).exclude(state=WarningState.WATCHED).order_by("-answered_at")[: self.SHOWN]),
            "may_manage": can(self.user, P.CONCERN_MANAGE, authority),
            "watching": Watching.objects.filter(authority=authority).first(),
        }


class WarningForm(FormPage):
    abstract = True
    permission = P.CONCERN_MANAGE
    template_name = "support/concern_form.html"
    object: EarlyWarning
    title = ""
    button = ""

    def get_object(self) -> EarlyWarning:
        rows = EarlyWarning.objects.select_related("school__authority", "school__cluster")
        return get_visible(rows, self.request.user, public_id=self.kwargs["warning"])

    def authority_id(self) -> int | None:
        return self.object.school.authority_id

    def context(self) -> dict[str, Any]:
        return {
            "school": self.object.school, "title": self.title, "button_words": self.button, "lede": self.object.label,
            "back": reverse("support:warning-list"),
        }  # fmt: skip


class WarningWatchView(WarningForm):
    title, button = "Watch", "Watch it"

    def form(self, data: Any = None) -> PortalForm:
        return forms.WatchForm(data)

    def deed(self, form: Any) -> HttpResponse:
        services.watch_warning(actor=self.user, warning=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(reverse("support:warning-list"), "It is watched. It comes back to your home on that day.")


class WarningDismissView(WarningForm):
    title, button = "Dismiss the warning", "Dismiss it"

    def form(self, data: Any = None) -> PortalForm:
        return forms.ReasonForm(data)

    def deed(self, form: Any) -> HttpResponse:
        services.dismiss_warning(actor=self.user, warning=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(reverse("support:warning-list"), "It is dismissed, with the reason on record.")
