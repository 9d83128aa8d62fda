"""The directory of services: the policy and the list, one entry, and what keeps it up to date (S12)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from core import audit, clock
from core.access import PortalView, can, get_visible
from core.numbers import days
from core.tabular.writing import export_response
from people.models import Authority, User
from people.packs import AuthorityPack, require_pack
from people.roles import Permission as P
from people.views.base import Deed, FormPage, Page, chosen_authority
from schools.models import School
from support import services
from support.directory import counts_by_area, directory_of, entries_of, owners_of, policy_of
from support.directory_forms import PolicyForm, ServiceFilterForm, ServiceForm
from support.models import Service
from support.programme_pack import area_labels, areas_of
from support.scope import directory_authorities

EXPORTS = ("csv", "xlsx")


def directory_authority(request: HttpRequest) -> Authority:
    """The authority whose directory is shown: the home, else the first; ``?authority=`` another of theirs. 403 where there is none."""
    user = request.user
    assert isinstance(user, User)
    ids = directory_authorities(user.hats)
    if not ids:
        raise PermissionDenied(f"Not allowed: {P.SERVICE_VIEW}.")
    mine = Authority.objects.filter(pk__in=ids)
    code = str(request.GET.get("authority") or "")
    if code:
        found = mine.filter(code=code).first()
        if found is None:
            raise Http404("Not found.")
        return found
    home = user.home_authority
    return home if home is not None and home.pk in ids else mine.order_by("name")[0]


class _Asked:
    request: Any
    object: Authority

    def get_object(self) -> Authority:
        return directory_authority(self.request)

    @cached_property
    def policy(self) -> AuthorityPack:
        return require_pack(self.object, clock.today())

    @cached_property
    def form(self) -> ServiceFilterForm:
        params = self.request.GET
        return ServiceFilterForm(
            params if params else None, areas=area_labels(self.policy.content), keeps=can(self.request.user, P.SERVICE_MANAGE, self.object)
        )


class ServiceListView(_Asked, Page):
    """First the policy for brokering, then what is offered, by need, phase, provider and cost."""

    permission = P.SERVICE_VIEW
    template_name = "support/service_list.html"

    def authority_id(self) -> int | None:
        return self.object.pk

    def context(self) -> dict[str, Any]:
        entries = directory_of(self.user, self.object, self.policy, self.form.wish, self.today)
        counts = counts_by_area(entries)
        return {
            "filter": self.form,
            "entries": entries,
            "policy": policy_of(self.object, self.policy),
            "areas": [(area, counts.get(area.label, 0)) for area in areas_of(self.policy.content)],
            "late": sum(1 for entry in entries if entry.is_out_of_date),
            "may_manage": can(self.user, P.SERVICE_MANAGE, self.object),
            "query": self.request.GET.urlencode(),
        }


class ServiceExportView(_Asked, PortalView):
    """The entries as the list shows them under the same filters."""

    permission = P.SERVICE_VIEW
    http_method_names = ("get", "head")
    COLUMNS = (
        "Service", "Provider", "Kind", "Areas of need", "Phases", "Cost of a day", "Usual days", "Days in a year", "Contact", "Email",
        "Telephone", "Reviewed", "Review due", "Evaluations",
    )  # fmt: skip

    def get(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        if kind not in EXPORTS:
            raise Http404("Not found.")
        rows = [
            (
                entry.service.name,
                entry.service.provider,
                entry.service.get_provider_kind_display(),
                "; ".join(entry.areas),
                "; ".join(entry.phases),
                entry.cost,
                days(entry.service.usual_quarters) if entry.service.usual_quarters else None,
                days(entry.service.capacity_quarters) if entry.service.capacity_quarters else None,
                entry.service.contact_name,
                entry.service.contact_email,
                entry.service.contact_phone,
                entry.service.reviewed_on,
                entry.service.review_due_on,
                entry.marks.words,
            )
            for entry in directory_of(request.user, self.object, self.policy, self.form.wish, clock.today())
        ]
        changes = {"rows": len(rows), "kind": kind}
        audit.record("directory.exported", actor=request.user, at=clock.now(), subject=request.user, authority=self.object, changes=changes)
        return export_response("directory of services", self.COLUMNS, rows, kind)


class OfService:
    object: Service
    kwargs: dict[str, Any]
    request: Any

    def get_object(self) -> Service:
        return get_visible(Service.objects.select_related("authority", "owner"), self.request.user, public_id=self.kwargs["service"])

    def authority_id(self) -> int | None:
        return self.object.authority_id

    @cached_property
    def policy(self) -> AuthorityPack:
        return require_pack(self.object.authority, clock.today())

    def back(self) -> str:
        return self.object.get_absolute_url()


def asking_schools(user: User, authority: Authority) -> list[School]:
    """For whom this person may ask at the press of one button: the schools that they lead, govern or serve; not a whole authority."""
    hats = user.hats
    near = {c.school_id for c in hats.contacts} | {a.school_id for a in hats.assignments if a.current}
    rows = School.objects.granting(user, P.SUPPORT_ASK).filter(pk__in=near, authority=authority).open_on(clock.today())
    return list(rows.select_related("authority").order_by("name"))


class ServiceDetailView(OfService, Page):
    permission = P.SERVICE_VIEW
    template_name = "support/service_detail.html"

    def context(self) -> dict[str, Any]:
        (entry,) = entries_of([self.object], self.policy, self.today)
        return {
            "entry": entry,
            "service": self.object,
            "may_manage": can(self.user, P.SERVICE_MANAGE, self.object),
            "schools": asking_schools(self.user, self.object.authority) if self.object.is_listed else [],
        }


class _ServiceForm(FormPage):
    abstract = True
    permission = P.SERVICE_MANAGE
    template_name = "support/plain_form.html"

    def _owners(self, authority: Authority) -> dict[str, str]:
        ids = owners_of(authority, self.today)
        self.people = {user.public_id: user for user in User.objects.filter(pk__in=ids).order_by("name")}
        return {key: user.name for key, user in self.people.items()}

    def _form(self, authority: Authority, policy: AuthorityPack, data: Any, initial: dict[str, Any]) -> ServiceForm:
        return ServiceForm(data, areas=area_labels(policy.content), owners=self._owners(authority), initial=initial)


class ServiceAddView(_Asked, _ServiceForm):
    permission = P.SERVICE_MANAGE

    def authority_id(self) -> int | None:
        return self.object.pk

    def get_object(self) -> Authority:
        return chosen_authority(self.request, P.SERVICE_MANAGE)

    def form(self, data: Any = None) -> ServiceForm:  # type: ignore[override]
        return self._form(self.object, self.policy, data, {"owner": self.user.public_id})

    def context(self) -> dict[str, Any]:
        return {"title": "Add a service", "button_words": "Add it", "back": reverse("support:service-list")}

    def deed(self, form: Any) -> HttpResponse:
        row = services.add_service(
            actor=self.user, authority=self.object, offer=form.offer, owner=self.people[form.cleaned_data["owner"]], at=clock.now()
        )
        return self.go(row.get_absolute_url(), f"{row.name} is on the directory.")


class ServiceChangeView(OfService, _ServiceForm):
    def form(self, data: Any = None) -> ServiceForm:
        return self._form(self.object.authority, self.policy, data, ServiceForm.initial_of(self.object))

    def context(self) -> dict[str, Any]:
        return {"title": f"Change: {self.object.name}", "button_words": "Save the entry", "back": self.back()}

    def deed(self, form: Any) -> HttpResponse:
        services.change_service(
            actor=self.user, service=self.object, offer=form.offer, owner=self.people[form.cleaned_data["owner"]], at=clock.now()
        )
        return self.go(self.back(), "The entry is saved, and counts as looked at today.")


class ServiceReviewView(OfService, Deed):
    permission = P.SERVICE_MANAGE

    def deed(self) -> str:
        services.review_service(actor=self.request.user, service=self.object, at=clock.now())
        return "The entry stands as it is."


class ServiceOffView(OfService, Deed):
    permission = P.SERVICE_MANAGE

    def deed(self) -> str:
        services.list_service(actor=self.request.user, service=self.object, is_listed=False, at=clock.now())
        return f"{self.object.name} is off the directory."

    def back(self) -> str:
        return reverse("support:service-list")


class ServiceOnView(OfService, Deed):
    permission = P.SERVICE_MANAGE

    def deed(self) -> str:
        services.list_service(actor=self.request.user, service=self.object, is_listed=True, at=clock.now())
        return f"{self.object.name} is on the directory again."


class PolicyWriteView(FormPage):
    """The authority's own words; begins with what stands now."""

    permission = P.SERVICE_MANAGE
    template_name = "support/plain_form.html"
    object: Authority

    def get_object(self) -> Authority:
        return chosen_authority(self.request, P.SERVICE_MANAGE)

    def authority_id(self) -> int | None:
        return self.object.pk

    def form(self, data: Any = None) -> PolicyForm:
        found = policy_of(self.object, require_pack(self.object, self.today))
        text = found.text or "\n\n".join(f"{part.heading}. {part.text}" for part in found.paragraphs)
        return PolicyForm(data, initial={"text": text})

    def context(self) -> dict[str, Any]:
        lede = "It stands on the first page of the directory, for schools and SIPs alike."
        return {
            "title": "Write the policy for brokering",
            "button_words": "Save the policy",
            "back": reverse("support:service-list"),
            "lede": lede,
        }

    def deed(self, form: Any) -> HttpResponse:
        services.write_policy(actor=self.user, authority=self.object, text=form.cleaned_data["text"], at=clock.now())
        return self.go(reverse("support:service-list"), "The policy is saved.")


__all__ = [
    "PolicyWriteView",
    "ServiceAddView",
    "ServiceChangeView",
    "ServiceDetailView",
    "ServiceExportView",
    "ServiceListView",
    "ServiceOffView",
    "ServiceOnView",
    "ServiceReviewView",
]
