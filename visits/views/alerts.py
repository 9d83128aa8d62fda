"""The alert to the authority (P16): raised from a school or a visit, listed, acknowledged, its outcome logged."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import Case, IntegerField, Value, When
from django.http import Http404, HttpResponse
from django.utils import timezone

from core.access import get_visible
from core.components.formats import clock as clock_time
from core.components.formats import short_weekday
from core.components.tables import keyset_page
from people.packs import AuthorityPack, require_pack
from people.roles import Permission as P
from people.views.base import Deed, FormPage, Page
from schools.models import School
from visits import services
from visits.choices import ALERT_TONES, AlertState
from visits.forms.alerts import AlertFilterForm, AlertForm, OutcomeForm
from visits.models import Alert, Visit
from visits.pack import AlertsPart, alerts_of
from visits.selectors import school_meant, with_schools
from visits.services.alerts import first_readers
from visits.workflow import ALERT_WORKFLOW

from .pages import AboutSchools, StepForm, WithPack
from .visits import caseload


def moment_words(at: Any, today: Any) -> str:
    """ "15:40", with the day where it is another: "9:00 on Wed 15 October"."""
    local = timezone.localtime(at)
    time = clock_time(local.time())
    return time if local.date() == today else f"{time} on {short_weekday(local.date())}"


class AlertRaiseView(AboutSchools, FormPage):
    """Without a school in the address the page asks which of the caseload; with a visit it is about that one."""

    permission = P.ALERT_RAISE
    template_name = "visits/alert_raise.html"

    def get_object(self) -> School | None:
        asked = self.request.GET.get("school") or ""
        if not asked:
            return None
        found = list(School.objects.visible_to(self.request.user).filter(school_meant(asked)).select_related("authority", "cluster")[:2])
        if len(found) != 1:
            raise Http404("Not found.")
        return found[0]

    @property
    def schools(self) -> list[School]:
        return [self.object] if self.object else []

    def authority_id(self) -> int | None:
        return self.object.authority_id if self.object else Page.authority_id(self)

    def frame(self) -> dict[str, Any]:
        return super().frame() if self.object else Page.frame(self)

    def kind_of_school(self) -> str:
        return self.object.phase if self.object else ""

    @cached_property
    def visit(self) -> Visit | None:
        asked = self.request.GET.get("visit") or ""
        if not asked or self.object is None:
            return None
        visits = with_schools(Visit.objects.filter(visit_schools__school=self.object))
        return get_visible(visits, self.request.user, public_id=asked)

    @cached_property
    def pack(self) -> AuthorityPack:
        return self.policy_in_force or require_pack(self.object.authority, self.today)

    def form(self, data: Any = None) -> AlertForm | None:  # type: ignore[override]
        if self.object is None:
            return None
        return AlertForm(data, part=alerts_of(self.pack.content), head=self.pack.labels(self.object.phase).get("head"))

    def context(self) -> dict[str, Any]:
        if self.object is None:
            return {"choices": caseload(self.user)}
        names = [f"{user.name}, {role}" for user, role in first_readers(self.object, self.today, self.user)]
        return {
            "part": alerts_of(self.pack.content),
            "safeguarding": self.pack.content.setting("safeguarding_contacts", self.object.authority.settings),
            "names": names,
            "visit": self.visit,
        }

    def post(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if self.object is None:
            return self.show(form=None, status=422)
        return super().post(request, *args, **kwargs)

    def deed(self, form: Any) -> HttpResponse:
        alert = services.raise_alert(actor=self.user, school=self.object, visit=self.visit, words=form.words(), at=self.at)
        return self.go(alert.get_absolute_url(), "The alert is sent.")


class AboutAlert(AboutSchools):
    """A page about one alert, for the few who read it."""

    abstract = True

    def get_object(self) -> Alert:
        alerts = Alert.objects.select_related("school__authority", "school__cluster", "authority", "visit", "raised_by")
        return get_visible(alerts, self.request.user, public_id=self.kwargs["alert"])

    @property
    def schools(self) -> list[School]:
        return [self.object.school]

    @property
    def alerts(self) -> AlertsPart:
        return alerts_of((self.policy_in_force or require_pack(self.object.authority, self.today)).content)

    def frame(self) -> dict[str, Any]:
        alert: Alert = self.object
        return {
            **super().frame(),
            "alert": alert,
            "part": self.alerts,
            "alert_tag": (alert.get_state_display(), ALERT_TONES[alert.state]),
            "urgency": self.alerts.urgency(alert.urgency),
            "back": alert.get_absolute_url(),
        }


class AlertDetailView(AboutAlert):
    permission = P.ALERT_READ
    template_name = "visits/alert_detail.html"

    def context(self) -> dict[str, Any]:
        alert: Alert = self.object
        recipients = list(alert.recipients.all())
        told = next((choice.label for choice in self.alerts.head_told if choice.code == alert.head_told), alert.head_told)
        is_waiting = alert.state == AlertState.SENT
        return {
            "ask": self.alerts.ask(alert.ask),
            "head_told": told,
            "outcome": self.alerts.outcome(alert.outcome) if alert.outcome else "",
            "recipients": recipients,
            "escalates": moment_words(alert.escalates_at, self.today) if is_waiting else "",
            "offers": ALERT_WORKFLOW.offers(self.user, alert, self.today),
            "is_own": alert.raised_by_id == self.user.pk,
            "telephone": alert.raised_by.telephone,
        }


class AlertAcknowledgeView(Deed, AboutAlert):
    permission = P.ALERT_ACKNOWLEDGE

    def deed(self) -> str:
        services.acknowledge_alert(actor=self.request.user, alert=self.object, at=self.at)
        return f"You have acknowledged the alert about {self.object.school.name}. Log what came of it when you know."

    def back(self) -> str:
        return str(self.object.get_absolute_url())


class AlertCloseView(StepForm, AboutAlert):
    """Log the outcome."""

    permission = P.ALERT_ACKNOWLEDGE
    template_name = "visits/alert_close.html"
    title = "Log the outcome"
    submit = "Log the outcome"

    def form(self, data: Any = None) -> OutcomeForm:
        return OutcomeForm(data, part=self.alerts)

    def deed(self, form: Any) -> HttpResponse:
        values = form.cleaned_data
        services.close_alert(actor=self.user, alert=self.object, outcome=values["outcome"], text=values["text"], at=self.at)
        return self.go(self.object.get_absolute_url(), "The outcome is logged.")


WAITING_FIRST = Case(
    When(state=AlertState.SENT, then=Value(0)),
    When(state=AlertState.ACKNOWLEDGED, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


class AlertListView(WithPack):
    """What is not acknowledged first, the longest waiting of them at the top; then the latest."""

    permission = P.ALERT_READ
    template_name = "visits/alert_list.html"

    def context(self) -> dict[str, Any]:
        params = self.request.GET
        form = AlertFilterForm(params if params else None)
        values = form.cleaned_data if form.is_bound and form.is_valid() else {}
        found = Alert.objects.visible_to(self.user).select_related("school__authority")
        state = values.get("state") or ""
        if state in AlertState.values:
            found = found.filter(state=state)
        elif state != "all":
            found = found.exclude(state=AlertState.CLOSED)
        if school := values.get("school"):
            found = found.filter(school__in=School.objects.visible_to(self.user).filter(school_meant(school)))
        page = keyset_page(found.annotate(place=WAITING_FIRST), ("place", "-raised_at", "pk"), params.get("cursor"))
        part = alerts_of(self.policy_in_force.content) if self.policy_in_force else None
        rows = [
            {
                "alert": alert,
                "tag": (alert.get_state_display(), ALERT_TONES[alert.state]),
                "urgency": part.urgency(alert.urgency) if part else alert.urgency,
                "ask": part.ask(alert.ask) if part else alert.ask,
                "outcome": part.outcome(alert.outcome) if part and alert.outcome else alert.outcome,
                "escalates": moment_words(alert.escalates_at, self.today) if alert.state == AlertState.SENT else "",
            }
            for alert in page
        ]
        return {
            "filter": form,
            "page": page,
            "rows": rows,
            "total": found.count(),
            "may_raise": self.user.hats.may_somewhere(P.ALERT_RAISE),
        }


__all__ = ["AlertAcknowledgeView", "AlertCloseView", "AlertDetailView", "AlertListView", "AlertRaiseView"]
