"""Feedback: asked and chased by the manager, answered by head and chair, read by the SIP's reviewer, released to the SIP."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic.base import View

from core import clock
from core.access import Refused, SignedInRequest
from core.calendar import AcademicYear
from core.components.forms import PortalForm
from core.components.tables import keyset_page
from people.models import Authority, Sip, User
from people.packs import require_pack
from people.roles import Permission as P
from people.views.base import FormPage, Page, chosen_authority
from quality import services
from quality.choices import FeedbackState
from quality.forms.feedback import FeedbackAskForm, FeedbackPageForm, SummaryForm
from quality.models import FeedbackRelease, FeedbackRequest, FeedbackSummary
from quality.models.feedback import reviewed_by
from quality.pack import FeedbackForm, Question, quality_of
from quality.selectors.feedback import Candidate, candidates, promise, release_day

PAGE = 4
"""Questions on one page of the form."""

# ---------------------------------------------------------------- the manager


class FeedbackListView(Page):
    """Who was asked this year and who has answered, never what; reminders to those chosen."""

    permission = P.FEEDBACK_ASK
    template_name = "quality/feedback_list.html"

    @cached_property
    def managed(self) -> Authority:
        return chosen_authority(self.request, P.FEEDBACK_ASK)

    def authority_id(self) -> int | None:
        return self.managed.pk

    def rows(self) -> QuerySet[FeedbackRequest]:
        return (
            FeedbackRequest.objects.visible_to(self.user)
            .filter(authority=self.managed, academic_year=AcademicYear.from_date(self.today))
            .select_related("sip__user", "school__authority", "contact__user", "reader", "authority")
            .order_by("sip__user__name", "school__name", "role")
        )

    def context(self) -> dict[str, Any]:
        year = AcademicYear.from_date(self.today)
        rows, show = self.rows(), self.request.GET.get("show", "")
        states = dict(rows.order_by().values_list("state").annotate(Count("pk")))
        shown = rows.filter(state=show) if show else rows
        page = keyset_page(shown, ("sip__user__name", "school__name", "role"), self.request.GET.get("cursor"))
        return {
            "managed": self.managed,
            "year": year.label,
            "released_on": release_day(require_pack(self.managed, self.today), year),
            "total": sum(states.values()),
            "waiting": states.get(FeedbackState.ASKED, 0),
            "sent": states.get(FeedbackState.SENT, 0),
            "withdrawn": states.get(FeedbackState.WITHDRAWN, 0),
            "show": show,
            "page": page,
            "rows": page.rows,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        chosen = list(self.rows().filter(public_id__in=request.POST.getlist("form")))
        try:
            done = services.remind_feedback(actor=self.user, forms=chosen, at=clock.now())
        except Refused as refusal:
            return self.show(refused=refusal.message, status=422)
        left = f" {len(chosen) - len(done)} left out: answered, closed, or reminders are off." if len(done) < len(chosen) else ""
        return self.go(reverse("quality:feedback-list"), f"{len(done)} reminded, each by a new link.{left}")


class FeedbackAskView(FormPage):
    """The preview: exactly who will be asked about whom, and who is left out and why; then all at once."""

    permission = P.FEEDBACK_ASK
    template_name = "quality/feedback_ask.html"

    @cached_property
    def managed(self) -> Authority:
        return chosen_authority(self.request, P.FEEDBACK_ASK)

    def authority_id(self) -> int | None:
        return self.managed.pk

    @cached_property
    def candidates(self) -> list[Candidate]:
        return candidates(self.user, self.managed, AcademicYear.from_date(self.today), self.today)

    def context(self) -> dict[str, Any]:
        return {
            "managed": self.managed,
            "year": AcademicYear.from_date(self.today).label,
            "rows": [row for row in self.candidates if not row.why_not],
            "left_out": [row for row in self.candidates if row.why_not],
            "chosen": set(self.request.POST.getlist("chosen")),
            "released_on": release_day(require_pack(self.managed, self.today), AcademicYear.from_date(self.today)),
        }

    def form(self, data: Any = None) -> PortalForm:
        return FeedbackAskForm(data)

    def deed(self, form: Any) -> HttpResponse:
        chosen = self.request.POST.getlist("chosen")
        done = services.ask_feedback(
            actor=self.user, authority=self.managed, chosen=chosen, closes_on=form.cleaned_data["closes_on"], at=clock.now()
        )
        return self.go(reverse("quality:feedback-list"), f"{len(done)} headteachers and chairs are asked.")


# ---------------------------------------------------------------- whoever answers


class Answering:
    """The pages of one form, by the link or by an account: who reads it; the questions, four a page, saved at each step; sent."""

    request: HttpRequest

    def here(self, form: FeedbackRequest) -> str:
        raise NotImplementedError

    def content(self, form: FeedbackRequest) -> FeedbackForm:
        return quality_of(require_pack(form.authority, clock.today()).content).feedback

    def pages(self, form: FeedbackRequest) -> list[list[Question]]:
        content = self.content(form)
        rated = list(content.rated(form.role))
        last = [question for question in content.questions(form.role) if question.is_text]
        return [*(rated[start : start + PAGE] for start in range(0, len(rated), PAGE)), *([last] if last else [])]

    def page_number(self, form: FeedbackRequest) -> int:
        asked = self.request.GET.get("page", "0")
        return min(int(asked), len(self.pages(form))) if asked.isdecimal() and len(asked) < 4 else 0

    def may_withdraw(self, form: FeedbackRequest) -> bool:
        is_released = FeedbackRelease.objects.filter(authority=form.authority, academic_year=form.academic_year).exists()
        return form.state != FeedbackState.WITHDRAWN and not is_released

    def screen(self, form: FeedbackRequest, bound: FeedbackPageForm | None = None, refused: str = "") -> dict[str, Any]:
        number, pages = self.page_number(form), self.pages(form)
        pack = require_pack(form.authority, clock.today())
        open_ = form.state == FeedbackState.ASKED and form.closes_on >= clock.today()
        fields = None
        if open_ and number:
            initial = {code: str(value) for code, value in form.answers.items()} | {"comment": form.comment}
            fields = bound or FeedbackPageForm(questions=pages[number - 1], scale=self.content(form).scale, initial=initial)
        return {
            "feedback": form,
            "is_open": open_,
            "form": fields,
            "refused": refused,
            "number": number,
            "of": len(pages),
            "is_last": number == len(pages),
            "here": self.here(form),
            "promise": promise(form, pack),
            "released_on": release_day(pack, form.academic_year),
            "may_withdraw": self.may_withdraw(form),
            "labels": pack.labels(form.school.phase),
        }

    def take(self, form: FeedbackRequest, actor: User | None) -> tuple[str, dict[str, Any] | None]:
        """Do what was asked. Answers where to go, or the screen to show again."""
        at, here = clock.now(), self.here(form)
        try:
            if self.request.POST.get("do") == "withdraw":
                services.withdraw_feedback(actor=actor, form=form, at=at)
                return here, None
            number, pages = self.page_number(form), self.pages(form)
            if not number:
                return f"{here}?page=1", None
            bound = FeedbackPageForm(self.request.POST, questions=pages[number - 1], scale=self.content(form).scale)
            if not bound.is_valid():
                return "", self.screen(form, bound)
            on_page = {question.code for question in pages[number - 1]}
            answers = {code: value for code, value in form.answers.items() if code not in on_page} | bound.answers()
            comment = bound.cleaned_data.get("comment", form.comment)
            act = services.send_feedback if number == len(pages) and self.request.POST.get("do") == "send" else services.save_feedback
            act(actor=actor, form=form, answers=answers, comment=comment, at=at)
        except Refused as refusal:
            return "", self.screen(form, None, refusal.message)
        return (here if number == len(pages) or self.request.POST.get("do") == "later" else f"{here}?page={number + 1}"), None


@method_decorator([login_not_required, never_cache], name="dispatch")
class FeedbackFormView(Answering, View):
    """Anonymous: whoever holds the link. A link that was replaced, or is of somebody no longer in post, says no more."""

    http_method_names = ("get", "head", "post")

    def here(self, form: FeedbackRequest) -> str:
        return reverse("quality:feedback-form", args=[self.kwargs["token"]])

    def find(self, token: str) -> FeedbackRequest | None:
        form = services.form_of_token(token)
        return form if form is not None and form.contact.holds_on(clock.today()) else None

    def _show(self, screen: dict[str, Any], status: int = 200) -> HttpResponse:
        """The portal's own referrer policy, ``same-origin``, keeps the link from everybody else; by a stricter one a browser sends
        ``Origin: null`` with the form, and it is refused."""
        return render(self.request, "quality/feedback_form.html", screen, status=status)

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        form = self.find(token)
        return self._show(self.screen(form)) if form else self._show({"feedback": None}, 404)

    def post(self, request: HttpRequest, token: str) -> HttpResponseBase:
        form = self.find(token)
        if form is None:
            return self._show({"feedback": None}, 404)
        to, screen = self.take(form, None)
        return self._show(screen, 422) if screen else HttpResponseRedirect(to)


class FeedbackAnswerView(Answering, Page):
    """The same by an account: the person to whom the form was sent, while in post."""

    permission = P.FEEDBACK_ANSWER
    template_name = "quality/feedback_answer.html"
    object: FeedbackRequest
    request: SignedInRequest

    def get_object(self) -> FeedbackRequest:
        mine = FeedbackRequest.objects.asked_of(self.request.user)
        form = (
            mine.filter(public_id=self.kwargs["form"])
            .select_related("authority", "sip__user", "school__authority", "reader", "contact__user")
            .first()
        )
        if form is None:
            raise Http404("Not found.")
        return form

    def authority_id(self) -> int | None:
        return self.object.authority_id

    def here(self, form: FeedbackRequest) -> str:
        return form.answer_url

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.show(**self.screen(self.object))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        to, screen = self.take(self.object, self.user)
        return self.show(**screen, status=422) if screen else HttpResponseRedirect(to)


# ---------------------------------------------------------------- the SIP, and the SIP's reviewer


class FeedbackOwnView(Page):
    """What was released about oneself, and whose answers one reads."""

    permission = P.FEEDBACK_VIEW
    template_name = "quality/feedback_own.html"

    def context(self) -> dict[str, Any]:
        releases = list(FeedbackRelease.objects.visible_to(self.user).filter(sip__isnull=False).select_related("sip__user"))
        year = AcademicYear.from_date(self.today)
        asked = FeedbackRequest.objects.filter(sip__user=self.user, academic_year=year).count()
        return {
            "own": [row for row in releases if row.sip is not None and row.sip.user_id == self.user.pk],
            "others": [row for row in releases if row.sip is not None and row.sip.user_id != self.user.pk],
            "reviewed": list(Sip.objects.filter(reviewed_by(self.user)).exclude(user=self.user).select_related("user", "authority")),
            "asked": asked,
            "year": year,
            "is_sip": bool(self.user.hats.sips),
            "may_ask": self.user.hats.may_somewhere(P.FEEDBACK_ASK),
        }


class FeedbackReadView(FormPage):
    """The answers about one SIP, for the reviewer alone, and the summary that the SIP will read."""

    permission = P.FEEDBACK_READ
    template_name = "quality/feedback_read.html"
    object: Sip

    def get_object(self) -> Sip:
        reviewed = Sip.objects.filter(reviewed_by(self.request.user), public_id=self.kwargs["sip"]).exclude(user=self.request.user)
        sip = reviewed.select_related("user", "authority", "line_manager", "assigned_person").first()
        if sip is None:
            raise Http404("Not found.")
        return sip

    def authority_id(self) -> int | None:
        return self.object.authority_id

    @cached_property
    def year(self) -> AcademicYear:
        try:
            return AcademicYear.of(int(self.kwargs["year"]))
        except ValueError:
            raise Http404("Not found.") from None

    @cached_property
    def forms(self) -> list[FeedbackRequest]:
        rows = FeedbackRequest.objects.read_by(self.user).filter(sip=self.object, academic_year=self.year)
        return list(rows.select_related("school"))

    def context(self) -> dict[str, Any]:
        pack = require_pack(self.object.authority, self.today)
        content = quality_of(pack.content).feedback
        scale = {0: "does not apply", **dict(content.scale)}
        told = [
            (form, [(q.text, scale[form.answers[q.code]]) for q in content.rated(form.role) if q.code in form.answers])
            for form in self.forms
        ]
        return {
            "sip": self.object,
            "year": self.year.label,
            "told": told,
            "released": FeedbackRelease.objects.filter(sip=self.object, academic_year=self.year).first(),
            "released_on": release_day(pack, self.year),
            "commented": len({form.school_id for form in self.forms if form.comment}),
            "needed": pack.whole("feedback_comment_schools"),
        }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.forms:
            services.note_feedback_read(actor=self.user, sip=self.object, year=self.year, at=clock.now())
        return super().get(request, *args, **kwargs)

    def form(self, data: Any = None) -> PortalForm:
        row = FeedbackSummary.objects.filter(sip=self.object, academic_year=self.year).first()
        return SummaryForm(data, initial={"text": row.text if row else ""})

    def deed(self, form: Any) -> HttpResponse:
        if not self.forms:
            raise PermissionDenied("There is nothing to summarise.")
        services.summarise_feedback(actor=self.user, sip=self.object, year=self.year, text=form.cleaned_data["text"], at=clock.now())
        return self.go(self.request.path, "Your summary is kept. It is released on the day, if enough schools have commented.")
