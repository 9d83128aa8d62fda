"""Retention: how long each kind is kept, holds, lists of what is to be destroyed; and who read what."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from core import audit, clock
from core.access import Refused, get_visible, require
from core.audit import AuditEvent
from core.components.formats import lower_first, plural
from core.components.forms import PortalForm
from core.components.tables import keyset_page
from core.retention import RETENTION, RecordKind
from core.tabular.writing import export_response
from people.models import Authority
from people.roles import Permission as P
from people.views.base import FormPage
from visits import services
from visits.choices import DISPOSAL_TONES, DisposalState
from visits.forms.requests import StepWordsForm
from visits.forms.retention import HoldForm, PeriodForm, ReadingFilterForm
from visits.models import DisposalList, LegalHold, RetentionPeriod

from .pages import WithPack

WHY = "Held to show that records are kept as long as the law and the authority's schedule say. Seen by the data protection officer."


class OfAuthority(WithPack):
    """A page about one authority in which the asker's role grants the permission: the home one first."""

    abstract = True

    def authority_id(self) -> int | None:
        ids = self.user.hats.authorities_granting(self.permission)  # type: ignore[arg-type]
        home = self.user.home_authority_id
        return home if home in ids else min(ids, default=None)

    @cached_property
    def whose(self) -> Authority:
        authority: Authority | None = self.frame()["authority"]
        if authority is None:
            raise Http404("Not found.")
        return authority

    @property
    def at(self) -> dt.datetime:
        return clock.now()


class RetentionListView(OfAuthority):
    """Every kind of record: what its time runs from, how long, and by what; holds and lists for whoever decides on them."""

    permission = P.RETENTION_VIEW
    template_name = "visits/retention_list.html"

    def context(self) -> dict[str, Any]:
        periods = {row.kind: row for row in RetentionPeriod.objects.filter(authority_id=self.authority_id() or 0)}
        decides = self.user.hats.may_in(P.RETENTION_DECIDE, self.authority_id() or 0)
        return {
            "kinds": [(kind, periods.get(kind.key)) for kind in RETENTION],
            "without": sum(1 for kind in RETENTION if kind.shipped is None and kind.key not in periods),
            "decides": decides,
            "holds": list(LegalHold.objects.visible_to(self.user).filter(lifted_at=None).select_related("school", "by")) if decides else [],
            "labels_of": {kind.key: kind.label for kind in RETENTION},
            "disposals": [
                (
                    row,
                    RETENTION[row.kind].label if row.kind in RETENTION else row.kind,
                    (row.get_state_display(), DISPOSAL_TONES[row.state]),
                )
                for row in (DisposalList.objects.visible_to(self.user).select_related("decided_by")[:20] if decides else [])
            ],
            "privacy": WHY,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Look now, instead of waiting for the night."""
        require(self.user, P.RETENTION_DECIDE, self.whose)
        made = services.propose_disposal(actor=self.user, authority=self.whose, at=self.at)
        said = f"{plural(len(made), 'list')} proposed." if made else "Nothing more is due for disposal."
        return self.go(reverse("visits:retention-list"), said)


class RetentionSetView(OfAuthority, FormPage):
    """The period of one kind, from the authority's own schedule."""

    permission = P.RETENTION_SET
    template_name = "visits/retention_step.html"

    @cached_property
    def kind(self) -> RecordKind:
        if self.kwargs["kind"] not in RETENTION:
            raise Http404("Not found.")
        return RETENTION[self.kwargs["kind"]]

    def form(self, data: Any = None) -> PeriodForm:
        row = RetentionPeriod.objects.filter(authority=self.whose, kind=self.kind.key).first()
        initial = {"has_period": "yes", "months": row.months, "schedule": row.schedule} if row else {}
        return PeriodForm(data, initial=initial)

    def context(self) -> dict[str, Any]:
        return {
            "title": self.kind.label,
            "lede": f"The time runs from {self.kind.trigger}.",
            "submit": "Save the period",
            "back": reverse("visits:retention-list"),
        }

    def deed(self, form: Any) -> HttpResponse:
        values = form.cleaned_data
        months = (values["months"] or 0) if values["has_period"] == "yes" else None
        services.set_period(
            actor=self.user, authority=self.whose, kind=self.kind.key, months=months, schedule=values["schedule"], at=self.at
        )
        return self.go(reverse("visits:retention-list"), f"{self.kind.label}: the period is saved.")


class HoldPlaceView(OfAuthority, FormPage):
    permission = P.RETENTION_DECIDE
    template_name = "visits/retention_step.html"

    def form(self, data: Any = None) -> HoldForm:
        return HoldForm(data, user=self.user)

    def context(self) -> dict[str, Any]:
        lede = "Nothing that it covers is destroyed until it is lifted. An open request for information holds its schools by itself."
        return {"title": "Place a legal hold", "lede": lede, "submit": "Place the hold", "back": reverse("visits:retention-list")}

    def deed(self, form: Any) -> HttpResponse:
        services.place_hold(actor=self.user, authority=self.whose, at=self.at, **form.cleaned_data)
        return self.go(reverse("visits:retention-list"), "The hold is placed.")


class WithReason(OfAuthority, FormPage):
    """A row that is lifted or set aside, with the reason."""

    abstract = True
    template_name = "visits/retention_step.html"
    label = ""

    def authority_id(self) -> int | None:
        return int(self.object.authority_id)

    def form(self, data: Any = None) -> PortalForm:
        return StepWordsForm(data, label=self.label)


class HoldLiftView(WithReason):
    permission = P.RETENTION_DECIDE
    label = "Why is it lifted?"

    def get_object(self) -> LegalHold:
        rows = LegalHold.objects.filter(lifted_at=None).select_related("authority", "school__authority")
        return get_visible(rows, self.request.user, public_id=self.kwargs["hold"])

    def context(self) -> dict[str, Any]:
        return {"title": "Lift the hold", "lede": self.object.reason, "submit": "Lift the hold", "back": reverse("visits:retention-list")}

    def deed(self, form: Any) -> HttpResponse:
        services.lift_hold(actor=self.user, hold=self.object, reason=form.cleaned_data["words"], at=self.at)
        return self.go(reverse("visits:retention-list"), "The hold is lifted.")


class DisposalDetailView(OfAuthority):
    """What the list names; confirming destroys it for good."""

    permission = P.RETENTION_DECIDE
    template_name = "visits/disposal_detail.html"

    def get_object(self) -> DisposalList:
        return get_visible(
            DisposalList.objects.select_related("authority", "decided_by"), self.request.user, public_id=self.kwargs["disposal"]
        )

    def authority_id(self) -> int | None:
        return int(self.object.authority_id)

    def context(self) -> dict[str, Any]:
        row: DisposalList = self.object
        shown = [one for one in row.rows if one["school"] not in self.user.hats.walled]
        kind = next((kind for kind in RETENTION if kind.key == row.kind), None)
        return {
            "disposal": row,
            "kind": kind,
            "tag": (row.get_state_display(), DISPOSAL_TONES[row.state]),
            "rows": [(one["label"], dt.date.fromisoformat(one["on"]), one["digest"]) for one in shown],
            "hidden": len(row.rows) - len(shown),
            "is_open": row.state == DisposalState.PROPOSED,
            "what": lower_first(kind.label) if kind else row.kind,
            "privacy": WHY,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            done = services.confirm_disposal(actor=self.user, disposal=self.object, at=self.at)
        except Refused as refusal:
            return self.show(refused=refusal.message, status=422)
        return self.go(reverse("visits:retention-list"), f"{plural(done.count, 'item')} destroyed.")


class DisposalAsideView(WithReason):
    permission = P.RETENTION_DECIDE
    label = "Why is nothing destroyed?"

    def get_object(self) -> DisposalList:
        rows = DisposalList.objects.filter(state=DisposalState.PROPOSED).select_related("authority")
        return get_visible(rows, self.request.user, public_id=self.kwargs["disposal"])

    def context(self) -> dict[str, Any]:
        lede = "Nothing of it is destroyed. What is still over and not held is proposed again."
        return {"title": "Set the list aside", "lede": lede, "submit": "Set it aside", "back": self.object.get_absolute_url()}

    def deed(self, form: Any) -> HttpResponse:
        services.set_disposal_aside(actor=self.user, disposal=self.object, reason=form.cleaned_data["words"], at=self.at)
        return self.go(reverse("visits:retention-list"), "The list is set aside.")


# ---------------------------------------------------------------- who read what

READ: dict[str, str] = {
    "record.opened": "Opened",
    "record.downloaded": "Downloaded",
    "bundle.taken": "Downloaded with others",
    "incident.read": "Read under seal",
    "request.item_read": "Read for a request",
    "request.file_taken": "Downloaded a file for a request",
    "request.copy_taken": "Downloaded a redacted copy",
}
EXPORTED = 20000


def readings(user: Any, values: dict[str, Any]) -> QuerySet[AuditEvent]:
    """Openings and downloads in the authorities whose audit this person reads, without what the wall hides."""
    found = AuditEvent.objects.in_charge_of(user).filter(event__in=[values["what"]] if values.get("what") else list(READ))
    if person := values.get("person"):
        found = found.filter(actor_name__icontains=person)
    if note := values.get("note"):
        found = found.filter(Q(subject_label__icontains=note) | Q(school_name__icontains=note) | Q(reason__icontains=note))
    if since := values.get("since"):
        found = found.filter(occurred_at__date__gte=since)
    if until := values.get("until"):
        found = found.filter(occurred_at__date__lte=until)
    return found


class ReadingListView(WithPack):
    """Who opened or downloaded which note, and who read what for a request: by person, by note, by day."""

    permission = P.AUDIT_READ
    template_name = "visits/reading_list.html"

    @cached_property
    def filter(self) -> ReadingFilterForm:
        params = self.request.GET
        return ReadingFilterForm(params if params else None, events=READ.items())

    @property
    def values(self) -> dict[str, Any]:
        return self.filter.cleaned_data if self.filter.is_bound and self.filter.is_valid() else {}

    def context(self) -> dict[str, Any]:
        found = readings(self.user, self.values)
        page = keyset_page(found, ("-id",), self.request.GET.get("cursor"))
        params = self.request.GET.copy()
        params.pop("cursor", None)
        return {
            "filter": self.filter,
            "page": page,
            "rows": [(event, READ[event.event]) for event in page],
            "total": found.count(),
            "exports": [(kind, reverse("visits:reading-export", args=[kind]) + f"?{params.urlencode()}") for kind in ("csv", "xlsx")],
        }


class ReadingExportView(ReadingListView):
    """The same choice as a file; that it was taken is in the audit."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        kind = self.kwargs["kind"]
        if kind not in ("csv", "xlsx"):
            raise Http404("Not found.")
        found = readings(self.user, self.values).order_by("-id")[:EXPORTED]
        rows = [
            [timezone.localtime(e.occurred_at), e.actor_name, e.actor_role, READ[e.event], e.subject_label, e.school_name, e.reason]
            for e in found
        ]
        authority = self.frame()["authority"]
        audit.record(
            "readings.exported",
            actor=self.user,
            at=clock.now(),
            subject=authority,
            authority=authority,
            changes={"rows": len(rows), "kind": kind},
        )
        return export_response("who-read-what", ["When", "Who", "As", "What", "Note", "School", "For"], rows, kind)


__all__ = [
    "DisposalAsideView",
    "DisposalDetailView",
    "HoldLiftView",
    "HoldPlaceView",
    "ReadingExportView",
    "ReadingListView",
    "RetentionListView",
    "RetentionSetView",
]
