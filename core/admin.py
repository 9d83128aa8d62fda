"""The one base class of the admin site (architecture.md rule 17).

Every class says the ``permission`` that opens it, and shows the rows of ``scope``. Nothing can be written but through a
service: ``add_form`` with ``add_by_service``, ``change_form_class`` with ``change_by_service``, and ``deeds``, actions on
chosen rows that first list the rows and then say, for each, done or why not. There is no ``delete_selected``, no inline,
no editing in the list, and no search beyond the scope.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from . import audit, clock
from .access import Refused, can
from .components.forms import PortalForm
from .tabular.writing import export_response

Service = Callable[..., Any]


def _asks(named: Any) -> str:
    """What a filter of ``list_filter`` asks for in the address: a field, or the parameter of a filter of our own."""
    if isinstance(named, str):
        return named
    return str(named[0] if isinstance(named, (list, tuple)) else named.parameter_name)


@cache
def plain(name: str, label: str) -> Callable[[Any], str]:
    """What a field of another row says, without a link to it."""

    def words(row: Any) -> str:
        return str(getattr(row, name))

    return admin.display(description=label)(words)


class Sure(PortalForm):
    """A deed that needs nothing but the confirmation."""


@dataclass(frozen=True)
class Deed:
    """An action on chosen rows: ``run(actor=, row=, at=, **form data)`` calls one service for one row."""

    name: str
    label: str
    permission: str
    run: Service
    form: type[PortalForm] = Sure
    says: str = ""
    options: Callable[[Any], dict[str, Any]] | None = None
    """Further arguments of the form, by who asks: of whom one may choose."""


@dataclass
class Line:
    """One chosen row on the confirm page and, afterwards, what became of it."""

    row: Any
    is_done: bool = False
    why: str = field(default="")


@dataclass(frozen=True)
class Export:
    """The chosen rows as CSV: ``columns`` are headings with what each says of a row; ``event`` is written to the audit."""

    name: str
    event: str
    columns: Sequence[tuple[str, Callable[[Any], Any]]]
    authority: Callable[[Any], Any] = attrgetter("authority")


if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin


class PortalModelAdmin(_ModelAdmin):
    """Read-only, within the scope, unless a service is named."""

    permission: ClassVar[str] = ""
    add_permission: ClassVar[str] = ""
    change_permission: ClassVar[str] = ""
    add_form: ClassVar[type[PortalForm] | None] = None
    change_form_class: ClassVar[type[PortalForm] | None] = None
    add_title: ClassVar[str] = ""
    add_says: ClassVar[str] = ""
    says: ClassVar[str] = ""
    """What these rows are, on the list and on the first page."""
    waits: ClassVar[str] = ""
    """What is to do with the rows of ``waiting``, as in "to decide": a queue is counted on the first page."""
    place: ClassVar[int] = 100
    """Where in its section the list stands; by name where places are equal."""
    deeds: ClassVar[Sequence[Deed]] = ()
    export: ClassVar[Export | None] = None

    actions_selection_counter = True
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 200
    save_as = False
    view_on_site = False

    # ---------------------------------------------------------------- rights and rows

    def scope(self, request: HttpRequest) -> models.QuerySet[Any]:
        """The rows that this person sees; by default the model's own row scope."""
        rows: models.QuerySet[Any] = self.model._default_manager.visible_to(request.user)
        return rows

    def waiting(self, request: HttpRequest) -> models.QuerySet[Any]:
        """The rows of the scope with which something is to be done."""
        return self.scope(request)

    def portal_url(self, obj: Any) -> str | None:
        """Where the portal shows the same row, with what the admin site leaves out."""
        return None

    # ---------------------------------------------------------------- what a row says of others

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [self._told(request, name, obj) for name in super().get_fields(request, obj)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [self._told(request, name, obj) for name in super().get_readonly_fields(request, obj)]

    def _told(self, request: HttpRequest, name: Any, obj: Any) -> Any:
        """A field of another row as words alone where its page is closed to this person: Django would link it all the same."""
        if obj is None or not isinstance(name, str) or name not in {field.name for field in self.opts.fields if field.many_to_one}:
            return name
        kept_by: Any = self.admin_site._registry.get(self.opts.get_field(name).related_model)  # type: ignore[arg-type]
        other = getattr(obj, f"{name}_id")
        if kept_by is None or other is None:
            return name
        may = kept_by.has_view_permission(request) and kept_by.scope(request).filter(pk=other).exists()
        return name if may else plain(name, str(self.opts.get_field(name).verbose_name))  # type: ignore[union-attr]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        ordering = self.get_ordering(request)
        return self.scope(request).order_by(*ordering) if ordering else self.scope(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can(request.user, "admin.enter") and can(request.user, self.permission)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.add_form is not None and self.has_view_permission(request) and can(request.user, self.add_permission or self.permission)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Asked of the row itself where there is one: nobody decides on themselves."""
        if self.change_form_class is None or not self.has_view_permission(request):
            return False
        return can(request.user, self.change_permission or self.permission, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only what ``list_filter`` names. Django lets every column of the model be asked for in the address, and so lets a
        password's digest, which no page shows, be guessed character by character from which rows remain."""
        field = lookup.split("__", maxsplit=1)[0]
        named: Sequence[Any] = self.get_list_filter(request)  # type: ignore[arg-type]
        return any(field == _asks(name) for name in named)

    # ---------------------------------------------------------------- writing, by service alone

    def add_by_service(self, request: HttpRequest, data: dict[str, Any], at: dt.datetime) -> Any:
        raise NotImplementedError

    def change_by_service(self, request: HttpRequest, obj: Any, data: dict[str, Any], at: dt.datetime) -> Any:
        raise NotImplementedError

    def initial_of(self, obj: Any) -> dict[str, Any]:
        """What the change form begins with."""
        return {}

    def form_options(self, request: HttpRequest) -> dict[str, Any]:
        """Further arguments of the add and change forms, such as the asker."""
        return {}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        raise PermissionDenied("The admin site writes through services.")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        raise PermissionDenied("Nothing is deleted here.")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied("Not allowed.")
        assert self.add_form is not None
        title = self.add_title or f"Add {self.opts.verbose_name}"
        return self._service_form(request, title, self.add_says, self.add_form, {}, self.add_by_service)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = str(self.opts.verbose_name_plural)
        told = {"title": title[:1].upper() + title[1:], "says": self.says, **(extra_context or {})}
        return super().changelist_view(request, told)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if obj is None or not self.has_change_permission(request, obj):
            name = str(self.opts.verbose_name)
            told = {
                "title": name[:1].upper() + name[1:],
                "portal_url": self.portal_url(obj) if obj is not None else None,
                **(extra_context or {}),
            }
            return super().change_view(request, object_id, form_url, told)

        def write(request: HttpRequest, data: dict[str, Any], at: dt.datetime) -> Any:
            return self.change_by_service(request, obj, data, at)

        return self._service_form(request, str(obj), "", self.change_form_class, self.initial_of(obj), write)

    def _service_form(
        self, request: HttpRequest, title: str, says: str, make: Any, initial: dict[str, Any], write: Callable[..., Any]
    ) -> HttpResponse:
        data = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = make(*data, initial=initial, **self.form_options(request))
        status = 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                try:
                    done = write(request, form.cleaned_data, clock.now())
                except Refused as refusal:
                    form.refuse(refusal.field if refusal.field in form.fields else None, refusal.message)
                else:
                    messages.success(request, done if isinstance(done, str) else f"Saved: {done}.")
                    return HttpResponseRedirect(self.list_url())
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "says": says,
            "form": form,
            "list_url": self.list_url(),
            "has_file": any(isinstance(one, forms.FileField) for one in form.fields.values()),
        }
        return TemplateResponse(request, "admin/service_form.html", context, status=status)

    def list_url(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    # ---------------------------------------------------------------- deeds on chosen rows

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for deed in self.deeds:
            if can(request.user, deed.permission):
                found[deed.name] = (self._action_of(deed), deed.name, deed.label)
        if self.export is not None:
            found["export"] = (type(self).export_rows, "export", "Export as CSV")
        return found

    def export_rows(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> HttpResponse:
        """The chosen rows of the scope, with one event for each authority that they lie in."""
        export = self.export
        assert export is not None
        rows = list(queryset)
        by_authority: dict[Any, int] = {}
        for row in rows:
            by_authority[export.authority(row)] = by_authority.get(export.authority(row), 0) + 1
        for authority, count in by_authority.items():
            audit.record(export.event, actor=request.user, at=clock.now(), subject=authority, authority=authority, changes={"rows": count})
        table = [[say(row) for _, say in export.columns] for row in rows]
        return export_response(export.name, [heading for heading, _ in export.columns], table, "csv")

    @staticmethod
    def _action_of(deed: Deed) -> Callable[..., HttpResponse]:
        def act(modeladmin: PortalModelAdmin, request: HttpRequest, queryset: models.QuerySet[Any]) -> HttpResponse:
            return modeladmin.do(request, deed, queryset)

        return act

    def do(self, request: HttpRequest, deed: Deed, queryset: models.QuerySet[Any]) -> HttpResponse:
        """First the rows and the form; then, confirmed, each row by itself, and what became of it."""
        lines = [Line(row) for row in queryset]
        is_confirmed = "confirmed" in request.POST
        form = deed.form(request.POST if is_confirmed else None, **(deed.options(request.user) if deed.options else {}))
        is_over = False
        if is_confirmed and form.is_valid():
            is_over, at = True, clock.now()
            for line in lines:
                try:
                    deed.run(actor=request.user, row=line.row, at=at, **form.cleaned_data)
                    line.is_done = True
                except Refused as refusal:
                    line.why = refusal.message
                except PermissionDenied:
                    line.why = "This one is not yours to decide: it is about yourself, or outside what you keep."
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": deed.label,
            "deed": deed,
            "lines": lines,
            "form": form,
            "is_over": is_over,
            "done": sum(line.is_done for line in lines),
            "list_url": self.list_url(),
        }
        return TemplateResponse(request, "admin/deed.html", context)


class InAuthority(PortalModelAdmin):
    """Rows that lie in an authority by a foreign key, seen by whoever holds the permission there."""

    authority_path: ClassVar[str] = "authority"

    def scope(self, request: HttpRequest) -> models.QuerySet[Any]:
        user: Any = request.user
        rows: models.QuerySet[Any] = self.model._default_manager.filter(
            **{f"{self.authority_path}_id__in": user.hats.authorities_granting(self.permission)}
        )
        return rows


class PortalAdminSite(admin.AdminSite):
    """The admin site in the order of the work: queues first, each with what it is and how much waits in it."""

    site_header = "SIP Portal: admin site"
    site_title = "SIP Portal"
    index_title = "What you keep"
    site_url = "/"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """``waiting`` is counted where a template asks, which only the first pages do."""
        found: list[dict[str, Any]] = list(self._build_app_dict(request, app_label).values())
        for app in found:
            for model in app["models"]:
                kept_by: Any = self._registry[model["model"]]
                model |= {"says": kept_by.says, "place": kept_by.place, "waits": kept_by.waits}
                model["waiting"] = partial(self._count, kept_by, request)
            app["models"].sort(key=lambda model: (model["place"], model["name"]))
        return sorted(found, key=lambda app: (app["models"][0]["place"], app["name"].lower()))

    @staticmethod
    def _count(kept_by: PortalModelAdmin, request: HttpRequest) -> int:
        return kept_by.waiting(request).order_by().count()
