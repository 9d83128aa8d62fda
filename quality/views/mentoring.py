"""Mentoring: whose it is, the plan of the first year with what is done of it, the log, and the decision at its end."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse

from core import clock
from core.access import can
from core.components.forms import PortalForm
from core.spans import on_day
from people.models import Mentorship, Sip
from people.packs import require_pack
from people.roles import Permission as P
from people.views.base import FormPage, Page
from quality import services
from quality.forms.feedback import MentoringForm, SignOffForm
from quality.models import MentoringEntry, MentoringSignOff
from quality.models.mentoring import mentoring_seen
from quality.pack import quality_of


class MentoringListView(Page):
    """SIPs with their mentors; new ones first, and who has none."""

    permission = P.MENTORING_VIEW
    template_name = "quality/mentoring_list.html"

    def context(self) -> dict[str, Any]:
        sips = list(
            Sip.objects.filter(mentoring_seen(self.user), on_day(self.today))
            .select_related("user", "authority", "sign_off")
            .order_by("user__name")
        )
        mentors: dict[int, list[str]] = {}
        for row in Mentorship.objects.filter(on_day(self.today), sip__in=sips).select_related("mentor"):
            mentors.setdefault(row.sip_id, []).append(row.mentor.name)
        last = {row.sip_id: row for row in MentoringEntry.objects.filter(sip__in=sips).order_by("on", "id")}
        rows = [(sip, sip.is_new_on(self.today), mentors.get(sip.pk, []), last.get(sip.pk)) for sip in sips]
        rows.sort(key=lambda row: not row[1])
        return {"rows": rows, "alone": [sip for sip, is_new, names, _ in rows if is_new and not names]}


class OfSip:
    """One SIP whose mentoring the asker sees; 404 for everybody else."""

    request: Any
    kwargs: dict[str, Any]
    object: Sip

    def get_object(self) -> Sip:
        sip = (
            Sip.objects.filter(mentoring_seen(self.request.user), public_id=self.kwargs["sip"]).select_related("user", "authority").first()
        )
        if sip is None:
            raise Http404("Not found.")
        return sip

    def authority_id(self) -> int | None:
        return self.object.authority_id


class MentoringDetailView(OfSip, Page):
    permission = P.MENTORING_VIEW
    template_name = "quality/mentoring_detail.html"

    def context(self) -> dict[str, Any]:
        stages = quality_of(require_pack(self.object.authority, self.today).content).mentoring
        entries = list(self.object.mentoring.select_related("by"))
        return {
            "sip": self.object,
            "stages": [(stage, [entry for entry in entries if entry.step == stage.code]) for stage in stages],
            "entries": [(entry, next((s.when for s in stages if s.code == entry.step), "")) for entry in entries],
            "mentors": list(self.object.mentorships.filter(on_day(self.today)).select_related("mentor")),
            "is_new": self.object.is_new_on(self.today),
            "sign_off": MentoringSignOff.objects.filter(sip=self.object).select_related("by").first(),
            "may_log": can(self.user, P.MENTORING_LOG, self.object),
            "may_sign": can(self.user, P.MENTORING_SIGN_OFF, self.object),
        }


class MentoringLogView(OfSip, FormPage):
    permission = P.MENTORING_LOG
    template_name = "quality/form.html"

    def context(self) -> dict[str, Any]:
        back = reverse("quality:mentoring-detail", args=[self.object.public_id])
        return {"title": "Add to the log", "over": f"Mentoring of {self.object.user.name}", "back": back, "words": "Add to the log"}

    def form(self, data: Any = None) -> PortalForm:
        return MentoringForm(data, stages=quality_of(require_pack(self.object.authority, self.today).content).mentoring)

    def deed(self, form: Any) -> HttpResponse:
        services.log_mentoring(actor=self.user, sip=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(reverse("quality:mentoring-detail", args=[self.object.public_id]), "It is in the log.")


class MentoringSignOffView(OfSip, FormPage):
    permission = P.MENTORING_SIGN_OFF
    template_name = "quality/form.html"

    def context(self) -> dict[str, Any]:
        back = reverse("quality:mentoring-detail", args=[self.object.public_id])
        return {"title": "Sign off the first year", "over": f"Mentoring of {self.object.user.name}", "back": back, "words": "Sign off"}

    def form(self, data: Any = None) -> PortalForm:
        return SignOffForm(data)

    def deed(self, form: Any) -> HttpResponse:
        services.sign_off_first_year(actor=self.user, sip=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(reverse("quality:mentoring-detail", args=[self.object.public_id]), "The first year is signed off.")
