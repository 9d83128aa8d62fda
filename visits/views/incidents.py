"""Incidents: what opened when a final note or commentary was withdrawn. For the two who withdraw; what is under seal, for one alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from core import clock
from core.access import can, get_visible
from core.components.forms import PortalForm
from core.components.tables import keyset_page
from people.roles import Permission as P
from people.views.base import FormPage
from visits import services
from visits.choices import RecordKind, WithdrawalState
from visits.forms.requests import StepWordsForm
from visits.models import CommentaryRecord, Incident, NoteRecord, SealedRecord, Withdrawable

from .pages import WithPack

WHY = "Held to show what was done when a note or commentary was withdrawn. Seen by the SIP manager and the data protection officer."


def incident_rows() -> Any:
    return Incident.objects.with_records().select_related("closed_by", "destroyed_by", "withdrawal__decided_by")


def state_of(incident: Incident) -> tuple[str, str]:
    if incident.closed_at:
        return ("Closed", "rest")
    return ("To be confirmed", "due") if incident.withdrawal.state == "asked" else ("Open", "late")


class IncidentListView(WithPack):
    """Every withdrawal of the authority, the open ones first."""

    permission = P.RECORD_WITHDRAW
    template_name = "visits/incident_list.html"

    def context(self) -> dict[str, Any]:
        page = keyset_page(incident_rows().visible_to(self.user), ("-opened_at",), self.request.GET.get("cursor"))
        return {"page": page, "rows": [(incident, state_of(incident)) for incident in page.rows], "privacy": WHY}


class AboutIncident(WithPack, FormPage):
    abstract = True
    template_name = "visits/retention_step.html"
    label = ""

    def get_object(self) -> Incident:
        return get_visible(incident_rows(), self.request.user, public_id=self.kwargs["incident"])

    def authority_id(self) -> int | None:
        return int(self.object.authority_id)

    @property
    def at(self) -> dt.datetime:
        return clock.now()

    def form(self, data: Any = None) -> PortalForm:
        return StepWordsForm(data, label=self.label)


class IncidentDetailView(AboutIncident):
    """What was withdrawn and why, who had read it, what was done since, and what may still be done."""

    permission = P.RECORD_WITHDRAW
    template_name = "visits/incident_detail.html"
    label = "What was done, or learnt?"

    def context(self) -> dict[str, Any]:
        incident: Incident = self.object
        record = incident.withdrawal.of
        is_kept = SealedRecord.objects.of(record).exists()
        return {
            "incident": incident,
            "record": record,
            "withdrawal": incident.withdrawal,
            "entries": list(incident.entries.all()),
            "tag": state_of(incident),
            "is_kept": is_kept,
            "is_destroyed": record.is_sealed and not is_kept,
            "quoted_in": self.quoting(record),
            "decides": can(self.user, P.RETENTION_DECIDE, incident),
            "may_confirm": incident.withdrawal.state == WithdrawalState.ASKED and incident.withdrawal.asked_by_id != self.user.pk,
            "privacy": WHY,
        }

    def quoting(self, record: Withdrawable) -> list[CommentaryRecord]:
        """The commentaries whose final versions quote a note: kept back with it, they still say what it said."""
        if not isinstance(record, NoteRecord):
            return []
        rows = CommentaryRecord.objects.visible_to(self.user).with_standing().filter(sources=record, kind=RecordKind.FINAL)
        return list(rows.filter(is_sealed=False).defer("payload").select_related("commentary__school"))

    def deed(self, form: Any) -> HttpResponse:
        services.enter_incident(actor=self.user, incident=self.object, text=form.cleaned_data["words"], at=self.at)
        return self.go(self.object.get_absolute_url(), "It is entered.")


class IncidentTextView(AboutIncident):
    """The withdrawn text from under its seal; each reading is noted down."""

    permission = P.RETENTION_DECIDE
    template_name = "visits/incident_text.html"
    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        payload = services.read_under_seal(actor=self.user, incident=self.object, at=self.at)
        return self.show(incident=self.object, record=self.object.withdrawal.of, payload=payload, links={}, privacy=WHY)


class IncidentCloseView(AboutIncident):
    permission = P.RETENTION_DECIDE
    label = "How did it end?"

    def context(self) -> dict[str, Any]:
        lede = "What harm there was, who was told of it, whether the Information Commissioner was, and what is done differently."
        return {"title": "Close the incident", "lede": lede, "submit": "Close it", "back": self.object.get_absolute_url()}

    def deed(self, form: Any) -> HttpResponse:
        services.close_incident(actor=self.user, incident=self.object, outcome=form.cleaned_data["words"], at=self.at)
        return self.go(self.object.get_absolute_url(), "The incident is closed.")


class IncidentDestroyView(AboutIncident):
    permission = P.RETENTION_DECIDE
    label = "Who ordered it, and when?"

    def context(self) -> dict[str, Any]:
        lede = (
            "Text and PDF under seal are destroyed, and nobody can ever read them again. "
            "The digests, the date and the reason stay, and so does this incident."
        )
        return {"title": "Destroy what is under seal", "lede": lede, "submit": "Destroy it", "back": self.object.get_absolute_url()}

    def deed(self, form: Any) -> HttpResponse:
        services.destroy_withdrawn(actor=self.user, incident=self.object, order=form.cleaned_data["words"], at=self.at)
        return self.go(self.object.get_absolute_url(), "It is destroyed.")
