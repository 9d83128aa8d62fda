"""The bank of questions, practice elsewhere, and suggestions."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from briefings import services
from briefings.choices import OFFER_TONES, OfferState, SuggestionState
from briefings.forms.library import (
    PracticeForm,
    QuestionDecideForm,
    QuestionFilterForm,
    QuestionOfferForm,
    SuggestionAnswerForm,
    SuggestionForm,
)
from briefings.models import Practice, QuestionOffer, Suggestion
from briefings.selectors.bank import bank_of, groups_of, themes_of
from core import clock
from core.access import can, get_visible
from core.components.forms import PortalForm
from people.roles import Permission as P
from people.views.base import Deed, FormPage, Page
from visits.questions import questions_of

from .library import InLibrary

# ---------------------------------------------------------------- questions


class QuestionListView(InLibrary, Page):
    """The bank by theme, what worked most often first; one's own offers, and those to decide on."""

    permission = P.QUESTION_VIEW
    template_name = "briefings/library_questions.html"

    def context(self) -> dict[str, Any]:
        if self.pack is None:
            return {"themes": [], "offers": []}
        form = QuestionFilterForm(self.request.GET or None, themes=themes_of(self.pack), groups=groups_of(self.pack))
        values = form.cleaned_data if form.is_bound and form.is_valid() else {}
        decides = can(self.user, P.QUESTION_DECIDE, self.authority)
        offers = QuestionOffer.objects.visible_to(self.user).filter(authority=self.authority).select_related("offered_by")
        if decides:
            offers = offers.filter(state=OfferState.OFFERED) | offers.filter(offered_by=self.user)
        else:
            offers = offers.filter(offered_by=self.user)
        themes = bank_of(self.user, self.pack, **{name: values.get(name) or default for name, default in FILTERS.items()})
        return {
            "form": form,
            "themes": themes,
            "total": sum(len(theme.questions) for theme in themes),
            "advice": questions_of(self.pack.content).advice,
            "offers": [(row, (row.get_state_display(), OFFER_TONES[row.state])) for row in offers],
            "may_offer": can(self.user, P.QUESTION_OFFER, self.authority),
            "decides": decides,
        }


FILTERS: dict[str, Any] = {"theme": "", "group": "", "marked": False}


class QuestionOfferView(InLibrary, FormPage):
    permission = P.QUESTION_OFFER
    template_name = "briefings/library_form.html"

    def form(self, data: Any = None) -> PortalForm:
        assert self.pack is not None
        return QuestionOfferForm(data, themes=themes_of(self.pack), groups=groups_of(self.pack))

    def context(self) -> dict[str, Any]:
        return {
            "title": "Offer a question",
            "over": "Questions",
            "back": reverse("briefings:question-list"),
            "words": "Offer it",
            "says": "One that made a school think. It stands in the bank once the manager has accepted it, with your name.",
        }

    def deed(self, form: Any) -> HttpResponse:
        services.offer_question(actor=self.user, authority=self.authority, at=clock.now(), **form.cleaned_data)
        return self.go(reverse("briefings:question-list"), "It is offered. You see here what comes of it.")


class QuestionDecideView(InLibrary, FormPage):
    permission = P.QUESTION_DECIDE
    template_name = "briefings/library_form.html"

    def get_object(self) -> Any:
        rows = QuestionOffer.objects.select_related("authority", "offered_by")
        return get_visible(rows, self.request.user, public_id=self.kwargs["offer"])

    def authority_id(self) -> int | None:
        return int(self.object.authority_id)

    def form(self, data: Any = None) -> PortalForm:
        return QuestionDecideForm(data)

    def context(self) -> dict[str, Any]:
        return {
            "title": "Decide on a question",
            "over": "Questions",
            "back": reverse("briefings:question-list"),
            "words": "Send the answer",
            "quotes": [self.object.text, self.object.follow_up],
            "says": f"Offered by {self.object.offered_by.name}, about {self.object.theme}."
            + (f" {self.object.why}" if self.object.why else ""),
        }

    def deed(self, form: Any) -> HttpResponse:
        services.decide_question(actor=self.user, offer=self.object, at=clock.now(), **form.cleaned_data)
        accepted = self.object.state == OfferState.ACCEPTED
        return self.go(reverse("briefings:question-list"), "It stands in the bank." if accepted else "Your answer is sent.")


class QuestionMarkView(InLibrary, Deed):
    """Say that a question worked, or take it back (``off``)."""

    permission = P.QUESTION_OFFER
    today = property(lambda self: clock.today())

    def deed(self) -> str:
        values = {"actor": self.request.user, "authority": self.authority, "code": self.kwargs["code"], "at": clock.now()}
        if self.request.POST.get("off"):
            services.unmark_question(**values)
            return "Your mark is taken back."
        services.mark_question(**values)
        return "Thank you. It is counted; where it worked is not kept."

    def back(self) -> str:
        return reverse("briefings:question-list")


# ---------------------------------------------------------------- practice elsewhere


class PracticeListView(InLibrary, Page):
    permission = P.PRACTICE_VIEW
    template_name = "briefings/library_practice.html"

    def context(self) -> dict[str, Any]:
        rows = Practice.objects.visible_to(self.user).filter(authority=self.authority, withdrawn_on__isnull=True)
        return {"rows": list(rows.select_related("recorded_by")), "may_record": can(self.user, P.PRACTICE_RECORD, self.authority)}


class PracticeAddView(InLibrary, FormPage):
    permission = P.PRACTICE_RECORD
    template_name = "briefings/library_form.html"

    def form(self, data: Any = None) -> PortalForm:
        return PracticeForm(data)

    def context(self) -> dict[str, Any]:
        return {
            "title": "Record practice elsewhere",
            "over": "Practice elsewhere",
            "back": reverse("briefings:practice-list"),
            "words": "Save",
        }

    def deed(self, form: Any) -> HttpResponse:
        row = services.record_practice(actor=self.user, authority=self.authority, at=clock.now(), **form.cleaned_data)
        return self.go(row.get_absolute_url(), "It is on the list.")


class OnePractice(InLibrary):
    kwargs: dict[str, Any]

    def get_object(self) -> Any:
        return get_visible(Practice.objects.select_related("authority"), self.request.user, public_id=self.kwargs["practice"])

    def authority_id(self) -> int | None:
        return int(self.object.authority_id)  # type: ignore[attr-defined]


class PracticeChangeView(OnePractice, FormPage):
    permission = P.PRACTICE_RECORD
    template_name = "briefings/library_form.html"

    def form(self, data: Any = None) -> PortalForm:
        return PracticeForm(data, initial={name: getattr(self.object, name) for name in PracticeForm.base_fields})

    def context(self) -> dict[str, Any]:
        return {"title": "Correct it", "over": "Practice elsewhere", "back": self.object.get_absolute_url(), "words": "Save"}

    def deed(self, form: Any) -> HttpResponse:
        services.record_practice(
            actor=self.user, authority=self.object.authority, practice=self.object, at=clock.now(), **form.cleaned_data
        )
        return self.go(self.object.get_absolute_url(), "It is corrected.")


class PracticeWithdrawView(OnePractice, Deed):
    permission = P.PRACTICE_RECORD

    def deed(self) -> str:
        services.withdraw_practice(actor=self.request.user, practice=self.object, at=clock.now())
        return "It is off the list."

    def back(self) -> str:
        return reverse("briefings:practice-list")


# ---------------------------------------------------------------- suggestions


class SuggestionListView(InLibrary, FormPage):
    """Suggest something, and see what was answered; to those who answer, everybody's."""

    permission = P.SUGGESTION_MAKE
    template_name = "briefings/library_suggestions.html"

    def form(self, data: Any = None) -> PortalForm:
        return SuggestionForm(data)

    def context(self) -> dict[str, Any]:
        rows = Suggestion.objects.visible_to(self.user).filter(authority=self.authority).select_related("made_by", "answered_by")
        return {
            "rows": sorted(rows, key=lambda row: row.state != SuggestionState.MADE),
            "answers": can(self.user, P.SUGGESTION_ANSWER, self.authority),
        }

    def deed(self, form: Any) -> HttpResponse:
        services.make_suggestion(actor=self.user, authority=self.authority, text=form.cleaned_data["text"], at=clock.now())
        return self.go(reverse("briefings:suggestion-list"), "Thank you. The answer will stand here.")


class SuggestionAnswerView(InLibrary, FormPage):
    permission = P.SUGGESTION_ANSWER
    template_name = "briefings/library_form.html"

    def get_object(self) -> Any:
        return get_visible(
            Suggestion.objects.select_related("authority", "made_by"), self.request.user, public_id=self.kwargs["suggestion"]
        )

    def authority_id(self) -> int | None:
        return int(self.object.authority_id)

    def form(self, data: Any = None) -> PortalForm:
        return SuggestionAnswerForm(data)

    def context(self) -> dict[str, Any]:
        return {
            "title": "Answer a suggestion",
            "over": "Suggestions",
            "back": reverse("briefings:suggestion-list"),
            "words": "Send the answer",
            "quotes": [self.object.text],
            "says": f"From {self.object.made_by.name}.",
        }

    def deed(self, form: Any) -> HttpResponse:
        services.answer_suggestion(actor=self.user, suggestion=self.object, answer=form.cleaned_data["answer"], at=clock.now())
        return self.go(reverse("briefings:suggestion-list"), "Your answer is sent.")
