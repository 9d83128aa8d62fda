"""Finance challenges, and the files that the finance officer sends."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header

from core import clock
from core.access import PortalView, Refused, get_visible
from core.components.forms import PortalForm
from core.documents import DocumentFailed
from core.tabular.imports import IMPORTS
from core.tabular.models import ImportBatch
from core.tabular.reading import on_disk
from core.tabular.services import run
from people.models import Authority
from people.packs import require_pack
from people.roles import Permission
from people.views.base import FormPage, Page, chosen_authority
from schools.documents import challenge_letter
from schools.forms import (
    ChallengeCloseForm,
    ChallengeDecideForm,
    ChallengeLetterForm,
    ChallengeMeetForm,
    ChallengeOpenForm,
    ChallengeWithdrawForm,
    FinanceUploadForm,
)
from schools.models import FinanceChallenge, Inspection, School
from schools.pack import finance_of
from schools.services import (
    close_challenge,
    decide_challenge,
    meet_challenge,
    open_challenge,
    send_challenge_letter,
    withdraw_challenge,
)
from schools.workflow import CHALLENGE_WORKFLOW

from .school import SchoolPage

# ---------------------------------------------------------------- challenges


class ChallengeOpenView(FormPage, SchoolPage):
    """Ask a school to account for its balance or its plan."""

    permission = Permission.FINANCE_CHALLENGE
    template_name = "schools/challenge_open.html"
    tab = "finance"

    def form(self, data: Any = None) -> ChallengeOpenForm:
        flags = finance_of(require_pack(self.object.authority, self.today).content).flags
        return ChallengeOpenForm(data, flags=flags, initial={"flag": self.request.GET.get("flag", "")})

    def deed(self, form: ChallengeOpenForm) -> HttpResponse:
        row = open_challenge(actor=self.user, school=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(reverse("schools:challenge-detail", args=[row.public_id]), "Opened. Next: the letter.")


STEPS: dict[str, tuple[str, type[PortalForm], Any, str]] = {
    "letter": ("Record the letter", ChallengeLetterForm, send_challenge_letter, "The letter is recorded."),
    "meet": ("Record the panel", ChallengeMeetForm, meet_challenge, "The panel is recorded."),
    "decide": ("Record the decision", ChallengeDecideForm, decide_challenge, "The decision is recorded."),
    "close": ("Close after the review", ChallengeCloseForm, close_challenge, "The challenge is closed."),
    "withdraw": ("Withdraw", ChallengeWithdrawForm, withdraw_challenge, "The challenge is withdrawn."),
}


class _Challenge(Page):
    abstract = True
    object: FinanceChallenge

    def get_object(self) -> FinanceChallenge:
        rows = FinanceChallenge.objects.select_related("authority", "school__authority", "school__cluster", "opened_by")
        return get_visible(rows, self.request.user, public_id=self.kwargs["pid"])

    def authority_id(self) -> int | None:
        return self.object.authority_id


class ChallengeDetailView(_Challenge):
    """One challenge from its opening to its review, and the next step."""

    permission = Permission.FINANCE_VIEW
    template_name = "schools/challenge_detail.html"

    def context(self) -> dict[str, Any]:
        offered = CHALLENGE_WORKFLOW.offers(self.user, self.object, self.today)
        return {
            "challenge": self.object,
            "school": self.object.school,
            "steps": [(STEPS[action][0], reverse("schools:challenge-step", args=[self.object.public_id, action])) for action in offered],
        }


class ChallengeLetterView(_Challenge):
    """The letter as a PDF, before it is sent and after: what the school is asked, with the figures behind it."""

    permission = Permission.FINANCE_VIEW
    template_name = ""
    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            pdf = challenge_letter(self.object, at=clock.now())
        except DocumentFailed:
            messages.error(request, "The letter could not be made just now. Nothing has changed; try again in a minute.")
            return self.go(reverse("schools:challenge-detail", args=[self.object.public_id]))
        response = HttpResponse(pdf, content_type="application/pdf")
        name = f"challenge-{self.object.school.urn}-{self.object.opened_on:%Y-%m-%d}.pdf"
        response["Content-Disposition"] = content_disposition_header(True, name) or ""
        return response


class InspectionShowView(PortalView):
    """Where a hit of the search leads: the school's inspections."""

    permission = Permission.SCHOOL_VIEW

    def get_object(self) -> School:
        rows = Inspection.objects.select_related("school__authority")
        school: School = get_visible(rows, self.request.user, public_id=self.kwargs["pid"]).school
        return school

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        school = self.object
        return HttpResponseRedirect(reverse("schools:school-tab", args=[school.authority.code, school.urn, "inspection"]))


class ChallengeStepView(FormPage, _Challenge):
    """The next step of a challenge, by its name in the address."""

    permission = Permission.FINANCE_CHALLENGE
    template_name = "schools/challenge_step.html"

    def get_object(self) -> FinanceChallenge:
        if self.kwargs["action"] not in STEPS:
            raise Http404("Not found.")
        return super().get_object()

    def form(self, data: Any = None) -> PortalForm:
        return STEPS[self.kwargs["action"]][1](data)

    def context(self) -> dict[str, Any]:
        return {"challenge": self.object, "school": self.object.school, "words": STEPS[self.kwargs["action"]][0]}

    def deed(self, form: PortalForm) -> HttpResponse:
        _, _, service, done = STEPS[self.kwargs["action"]]
        service(actor=self.user, challenge=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(reverse("schools:challenge-detail", args=[self.object.public_id]), done)


class ChallengeListView(Page):
    """Every challenge at the schools whose money one sees: those that are open first."""

    permission = Permission.FINANCE_VIEW
    template_name = "schools/challenge_list.html"

    def context(self) -> dict[str, Any]:
        rows = list(FinanceChallenge.objects.visible_to(self.user).select_related("school__authority")[:500])
        over = ("closed", "withdrawn")
        return {"open": [row for row in rows if row.state not in over], "over": [row for row in rows if row.state in over]}


# ---------------------------------------------------------------- files

KINDS = ("budget-plans", "finance-returns", "january-rolls", "cfr")


class FinanceUploadView(FormPage):
    """Send plans, returns or January counts: all or nothing, and only the rows that failed are shown."""

    permission = Permission.FINANCE_IMPORT
    template_name = "schools/finance_upload.html"
    object: Authority

    def get_object(self) -> Authority:
        return chosen_authority(self.request, Permission.FINANCE_IMPORT)

    def authority_id(self) -> int | None:
        return self.object.pk

    @cached_property
    def kinds(self) -> list[tuple[str, str]]:
        return [(key, IMPORTS[key].title) for key in KINDS]

    def form(self, data: Any = None) -> FinanceUploadForm:
        return FinanceUploadForm(data, self.request.FILES if data is not None else None, kinds=self.kinds, initial={"kind": KINDS[0]})

    def context(self) -> dict[str, Any]:
        latest = ImportBatch.objects.visible_to(self.user).filter(kind__in=KINDS, authority_code=self.object.code, state="committed")[:8]
        return {"latest": [(IMPORTS[row.kind].title, row) for row in latest]}

    def deed(self, form: FinanceUploadForm) -> HttpResponse:
        raise NotImplementedError  # pragma: no cover - post answers with the rows that failed

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form=form, status=422)
        sent = form.cleaned_data["file"]
        kind = IMPORTS[form.cleaned_data["kind"]]
        try:
            if sent.size > kind.format.limits.upload_bytes:
                raise Refused("The file is larger than 8 MB.", field="file")
            with on_disk(sent) as file:
                batch = run(
                    actor=self.user,
                    kind=kind.key,
                    authority_code=self.object.code,
                    file=file,
                    file_name=sent.name,
                    at=clock.now(),
                    on=self.today,
                    year=form.cleaned_data["year"],
                    should_commit=True,
                )
        except Refused as refusal:
            form.refuse(refusal.field if refusal.field in form.fields else None, refusal.message)
            return self.show(form=form, status=422)
        report = batch.summary
        if report["error_count"] and not any(error["row"] for error in report["errors"]):
            form.refuse("file", " ".join(error["message"] for error in report["errors"]))
            return self.show(form=form, status=422)
        if report["error_count"]:
            form.refuse("file", "Nothing was written: the rows below are wrong. Correct them and send the file again")
        return self.show(form=form, batch=batch, report=report, status=422 if report["error_count"] else 200)
