"""Evaluation: opening a form, answering it, and its summary."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse

from briefings import services
from briefings.forms.evaluation import EvaluationForm
from briefings.models import Evaluation, Evaluator
from briefings.selectors.evaluation import answered_of, summary_of, why_not
from core import clock
from core.access import SIGNED_IN, can, get_visible
from core.components.forms import PortalForm
from people.roles import Permission as P
from people.views.base import Deed, FormPage, Page

from .base import OneBriefing
from .workshops import OneWorkshop


class EvaluationListView(Page):
    """Every form of the authority: how many were asked, how many have answered, until when."""

    permission = P.EVALUATION_READ
    template_name = "briefings/evaluation_list.html"

    def context(self) -> dict[str, Any]:
        kept = self.user.hats.authorities_granting(P.EVALUATION_READ)
        rows = list(
            Evaluation.objects.filter(authority_id__in=kept).select_related("briefing", "workshop").annotate(asked=Count("evaluators"))
        )
        answered = answered_of(rows)
        return {"rows": [(row, answered[row.pk], why_not(row, answered[row.pk], self.today)) for row in rows], "today": self.today}


class EvaluationDetailView(FormPage):
    """To whoever came, the form, once; to whoever reads evaluations, the summary once it may be read."""

    permission = SIGNED_IN
    template_name = "briefings/evaluation_detail.html"
    object: Evaluation

    def get_object(self) -> Evaluation:
        rows = Evaluation.objects.select_related("authority", "briefing__authority", "workshop__authority")
        found: Evaluation = get_visible(rows, self.request.user, public_id=self.kwargs["evaluation"])
        self.place = Evaluator.objects.filter(evaluation=found, user=self.request.user).first()
        return found

    def authority_id(self) -> int | None:
        return self.object.authority_id

    def context(self) -> dict[str, Any]:
        row = self.object
        asked = row.evaluators.count()
        answered = answered_of([row])[row.pk]
        may_read = can(self.user, P.EVALUATION_READ, row)
        scale = "|".join(f"{label}:num" for _, label in row.form["scale"])
        return {
            "evaluation": row,
            "asked": asked,
            "answered": answered,
            "may_read": may_read,
            "columns": f"Question|{scale}|Mean:num",
            "summary": summary_of(row, asked, self.today) if may_read else None,
            "why_not": why_not(row, answered, self.today),
            "place": self.place,
            "is_open": row.is_open(self.today),
            "shows_form": self.place is not None and not self.place.has_answered and row.is_open(self.today),
        }

    def form(self, data: Any = None) -> PortalForm:
        return EvaluationForm(data, questions=self.object.form)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.place is None:
            raise PermissionDenied("Only those who came answer.")
        return super().post(request, *args, **kwargs)

    def deed(self, form: Any) -> HttpResponse:
        services.answer_evaluation(actor=self.user, evaluation=self.object, ratings=form.ratings(), words=form.words(), at=clock.now())
        return self.go(reverse("home"), "Thank you. Your answers are in the box with the others, and nobody can tell which are yours.")


class _Evaluate(Deed):
    """The button that asks those who came; it leads to the evaluation."""

    abstract = True
    permission = P.EVALUATION_OPEN

    def deed(self) -> str:
        self.row = services.open_evaluation(actor=self.request.user, of=self.object, at=clock.now())
        return "Those who came are asked; the form is on their home."

    def back(self) -> str:
        return self.row.get_absolute_url() if hasattr(self, "row") else self.object.get_absolute_url()


class BriefingEvaluateView(OneBriefing, _Evaluate):
    pass


class WorkshopEvaluateView(OneWorkshop, _Evaluate):
    pass
