"""One's own declaration of interests for the year."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from core import clock
from core.access import Refused
from core.calendar import AcademicYear
from core.spans import on_day
from people.roles import Permission
from people.views.base import Page
from schools.forms import DeclarationForm, InterestFormSet
from schools.models import Interest, InterestDeclaration
from schools.services import InterestInput, declare_interests


class InterestDeclareView(Page):
    """With interests or with none; one's own alone."""

    permission = Permission.INTEREST_DECLARE
    template_name = "schools/interest_declare.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        held = Interest.objects.filter(on_day(self.today), user=self.user).select_related("school__authority")
        initial = [{"kind": row.kind, "school": row.school, "note": row.note, "worked_until": None} for row in held]
        return self._page(DeclarationForm(initial={"answer": "some"} if initial else None), self._rows(initial=initial))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form, rows = DeclarationForm(request.POST), self._rows(request.POST)
        if form.is_valid() and (form.cleaned_data["answer"] == "none" or rows.is_valid()):
            given = [] if form.cleaned_data["answer"] == "none" else [_input(row) for row in rows if row.is_given]
            if form.cleaned_data["answer"] == "some" and not given:
                form.refuse("answer", "Enter the school in which you have an interest, or say that you have none")
            else:
                try:
                    self._declare(given)
                except Refused as refusal:
                    form.refuse(None, refusal.message)
                else:
                    return self.go(reverse("schools:interest-declare"), "Your declaration is kept. Thank you.")
        return self._page(form, rows, status=422)

    def _declare(self, given: list[InterestInput]) -> None:
        frame = self.frame()
        if frame["authority"] is None:
            raise Refused("There is no authority to declare to.")
        declare_interests(
            actor=self.user,
            authority=frame["authority"],
            academic_year=AcademicYear.from_date(self.today).first,
            interests=given,
            at=clock.now(),
        )

    def _rows(self, data: Any = None, initial: Any = None) -> Any:
        return InterestFormSet(data, initial=initial, prefix="interest", form_kwargs={"user": self.user})

    def _page(self, form: Any, rows: Any, status: int = 200) -> HttpResponseBase:
        year = AcademicYear.from_date(self.today)
        made = InterestDeclaration.objects.filter(user=self.user, academic_year=year.first).order_by("-declared_at").first()
        return self.show(status, form=form, formset=rows, year=year, made=made)


def _input(row: Any) -> InterestInput:
    data = row.cleaned_data
    return InterestInput(data["kind"], data["school"], data.get("note", ""), data.get("worked_until"))
