"""Outside judgements: the list, one of them, recording and answering."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpResponse

from core import clock
from core.access import can, get_visible
from core.components.forms import PortalForm
from people.models import Authority
from people.roles import Permission as P
from people.views.base import FormPage, Page, chosen_authority
from quality import services
from quality.forms.feedback import AnswerForm, JudgementForm
from quality.models import OutsideJudgement


class JudgementListView(Page):
    permission = P.JUDGEMENT_VIEW
    template_name = "quality/judgement_list.html"

    def context(self) -> dict[str, Any]:
        return {
            "rows": list(OutsideJudgement.objects.visible_to(self.user)),
            "may_record": can(self.user, P.JUDGEMENT_RECORD),
        }


class JudgementRecordView(FormPage):
    permission = P.JUDGEMENT_RECORD
    template_name = "quality/form.html"

    @cached_property
    def managed(self) -> Authority:
        return chosen_authority(self.request, P.JUDGEMENT_RECORD)

    def authority_id(self) -> int | None:
        return self.managed.pk

    def context(self) -> dict[str, Any]:
        return {"title": "Record an outside judgement", "over": self.managed.name, "back": "/judgements/", "words": "Record it"}

    def form(self, data: Any = None) -> PortalForm:
        return JudgementForm(data)

    def deed(self, form: Any) -> HttpResponse:
        row = services.record_judgement(actor=self.user, authority=self.managed, at=clock.now(), **form.cleaned_data)
        return self.go(row.get_absolute_url(), "It is recorded, and opens the next report.")


class OneJudgement:
    request: Any
    kwargs: dict[str, Any]
    object: OutsideJudgement

    def get_object(self) -> OutsideJudgement:
        return get_visible(OutsideJudgement.objects.select_related("authority"), self.request.user, public_id=self.kwargs["judgement"])

    def authority_id(self) -> int | None:
        return self.object.authority_id


class JudgementDetailView(OneJudgement, Page):
    permission = P.JUDGEMENT_VIEW
    template_name = "quality/judgement_detail.html"

    def context(self) -> dict[str, Any]:
        return {
            "judgement": self.object,
            "actions": list(self.object.actions.all()),
            "may_record": can(self.user, P.JUDGEMENT_RECORD, self.object),
        }


class JudgementAnswerView(OneJudgement, FormPage):
    permission = P.JUDGEMENT_RECORD
    template_name = "quality/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "Our answer", "over": self.object.title, "back": self.object.get_absolute_url(), "words": "Keep the answer"}

    def form(self, data: Any = None) -> PortalForm:
        return AnswerForm(data, initial={"answer": self.object.answer})

    def deed(self, form: Any) -> HttpResponse:
        services.answer_judgement(actor=self.user, judgement=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(self.object.get_absolute_url(), "Our answer is kept.")
