"""What an administrator keeps of schools: the register and its imports, clusters, contacts; read-only lists beside them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from core import jobs
from core.access import Refused, can
from core.admin import Deed, InAuthority, PortalModelAdmin
from core.components.forms import PortalForm
from core.tabular.imports import IMPORTS
from core.tabular.jobs import commit_import, preview_import
from core.tabular.models import ImportBatch, ImportState
from core.tabular.services import discard, receive
from people.admin import LastDayForm, ReasonForm
from people.models import Authority, Cluster, User
from people.roles import Permission as P
from schools.models import Contact, Group, School
from schools.services import confirm_contact, end_contact, place_in_cluster, refuse_contact

# ---------------------------------------------------------------- the register


class ClusterForm(PortalForm):
    cluster = forms.CharField(max_length=20, required=False, help_text="The cluster's code; empty for none.")


def _place(*, actor: User, row: School, at: dt.datetime, cluster: str) -> None:
    found = Cluster.objects.filter(authority_id=row.authority_id, code__iexact=cluster.strip()).first() if cluster.strip() else None
    if cluster.strip() and found is None:
        raise Refused(f"{row.authority.name} has no cluster with the code {cluster.strip()}.")
    if not place_in_cluster(actor=actor, schools=[row], cluster=found, at=at):
        raise Refused("It is there already.")


@admin.register(School)
class SchoolAdmin(PortalModelAdmin):
    permission = P.REGISTER_IMPORT
    list_display = ("name", "urn", "phase", "status", "cluster", "authority", "roll")
    list_filter = ("phase", "status")
    list_select_related = ("cluster", "authority")
    search_fields = ("name", "urn", "town")
    deeds = (Deed("place", "Put into a cluster", P.REGISTER_IMPORT, _place, ClusterForm, "It decides which officers see the school."),)


@admin.register(Group)
class GroupAdmin(InAuthority):
    permission = P.REGISTER_IMPORT
    list_display = ("name", "kind", "authority")
    list_select_related = ("authority",)
    search_fields = ("name",)


@admin.register(Contact)
class ContactAdmin(PortalModelAdmin):
    permission = P.CONTACT_CONFIRM
    list_display = ("name", "kind", "school", "state", "starts_on", "ends_on", "reported_by")
    list_filter = ("state", "kind")
    list_select_related = ("school", "reported_by")
    search_fields = ("name", "school__name")
    deeds = (
        Deed(
            "confirm",
            "Confirm",
            P.CONTACT_CONFIRM,
            lambda *, actor, row, at: confirm_contact(actor=actor, contact=row, at=at),
            says="Each joins the account of its address, and its predecessor's access ends the day before.",
        ),
        Deed(
            "refuse",
            "Refuse the report",
            P.CONTACT_CONFIRM,
            lambda *, actor, row, at, reason: refuse_contact(actor=actor, contact=row, reason=reason, at=at),
            ReasonForm,
        ),
        Deed(
            "end",
            "Give a last day",
            P.CONTACT_CONFIRM,
            lambda *, actor, row, at, ends_on: end_contact(actor=actor, contact=row, ends_on=ends_on, at=at),
            LastDayForm,
        ),
    )


# ---------------------------------------------------------------- imports


def _kinds_for(user: Any) -> list[tuple[str, str]]:
    return [(kind.key, kind.title) for kind in IMPORTS if user.hats.authorities_granting(kind.permission)]


class ImportForm(PortalForm):
    kind = forms.ChoiceField(label="What is in the file")
    authority = forms.ModelChoiceField(queryset=Authority.objects.none(), empty_label=None)
    year = forms.IntegerField(required=False, min_value=1990, max_value=2199, help_text="The file's own year, for kinds that ask for it.")
    file = forms.FileField(help_text="CSV, a zip or gzip of it, or an Excel workbook.")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind, authority = self.fields["kind"], self.fields["authority"]
        assert isinstance(kind, forms.ChoiceField)
        assert isinstance(authority, forms.ModelChoiceField)
        kind.choices = _kinds_for(user)
        ids = {pk for one in IMPORTS for pk in user.hats.authorities_granting(one.permission)}
        authority.queryset = Authority.objects.filter(pk__in=ids).order_by("name")


def _commit(*, actor: User, row: ImportBatch, at: dt.datetime) -> None:
    """The preview is compared again when the job runs, so what was shown is what is written."""
    if row.state != ImportState.READY:
        raise Refused(f"This import can't be committed: it is {row.get_state_display()}.")
    jobs.enqueue(commit_import, asker_id=actor.pk, message=f"Commit {row.file_name}", batch_id=row.public_id)


def _preview(*, actor: User, row: ImportBatch, at: dt.datetime) -> None:
    if not row.is_open:
        raise Refused(f"This import is {row.get_state_display()}.")
    jobs.enqueue(preview_import, asker_id=actor.pk, message=f"Read {row.file_name}", batch_id=row.public_id)


@admin.register(ImportBatch)
class ImportBatchAdmin(PortalModelAdmin):
    """Receive a file, look at the preview, commit all of it or nothing. Reading and committing run in the background."""

    permission = P.ADMIN_ENTER
    add_form = ImportForm
    add_title = "Import a file"
    add_says = "The file is read in the background; nothing is written before you commit its preview."
    list_display = ("file_name", "kind", "authority_code", "state", "percent", "counted", "by_name", "received_at")
    list_filter = ("state", "kind")
    ordering = ("-id",)
    fields = (
        "kind",
        "authority_code",
        "file_name",
        "file_size",
        "sha256",
        "state",
        "percent",
        "counted",
        "errors",
        "preview",
        "held_rows",
        "by_name",
        "received_at",
        "committed_at",
    )
    readonly_fields = fields
    deeds = (
        Deed("commit", "Commit", P.ADMIN_ENTER, _commit, says="All of the preview is written, or nothing. It runs in the background."),
        Deed("read_again", "Read the file again", P.ADMIN_ENTER, _preview),
        Deed(
            "discard",
            "Discard",
            P.ADMIN_ENTER,
            lambda *, actor, row, at: discard(actor=actor, batch=row, at=at),
            says="The file is deleted; what it would have done is forgotten.",
        ),
    )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can(request.user, P.ADMIN_ENTER) and bool(_kinds_for(request.user))

    def scope(self, request: HttpRequest) -> models.QuerySet[Any]:
        return ImportBatch.objects.visible_to(request.user)

    def form_options(self, request: HttpRequest) -> dict[str, Any]:
        return {"user": request.user}

    def add_by_service(self, request: HttpRequest, data: dict[str, Any], at: dt.datetime) -> str:
        assert isinstance(request.user, User)
        file = data["file"]
        with transaction.atomic():
            batch = receive(
                actor=request.user,
                kind=data["kind"],
                authority_code=data["authority"].code,
                file=file,
                file_name=file.name,
                at=at,
                year=data["year"],
            )
            jobs.enqueue(preview_import, asker_id=request.user.pk, message=f"Read {batch.file_name}", batch_id=batch.public_id)
        return f"{batch.file_name} is being read. Open it here to see the preview, then commit or discard it."

    @admin.display(description="read")
    def percent(self, batch: ImportBatch) -> str:
        return f"{batch.progress}%"

    @admin.display(description="what it does")
    def counted(self, batch: ImportBatch) -> str:
        names = ("created", "updated", "closed", "unchanged", "held", "skipped")
        told = [f"{batch.summary[name]} {name}" for name in names if batch.summary.get(name)]
        errors = batch.summary.get("error_count")
        return ", ".join([*told, *([f"{errors} wrong"] if errors else [])]) or "not read yet"

    @admin.display(description="wrong rows")
    def errors(self, batch: ImportBatch) -> str:
        rows = batch.summary.get("errors", [])
        if not rows:
            return "none"
        return format_html_join(
            "",
            "<p>Row {}, {}: {} <em>{}</em></p>",
            ((row.get("row"), row.get("column"), row.get("message"), row.get("value")) for row in rows),
        )

    @admin.display(description="what changes")
    def preview(self, batch: ImportBatch) -> str:
        return _rows(batch.changes)

    @admin.display(description="held for a person")
    def held_rows(self, batch: ImportBatch) -> str:
        return _rows(batch.held)


def _rows(rows: list[dict[str, Any]]) -> str:
    """Each change of a preview as a line of names and values."""
    if not rows:
        return "none"
    lines = format_html_join("", "<li>{}</li>", (("; ".join(f"{key}: {value}" for key, value in row.items()),) for row in rows[:200]))
    more = f"{len(rows) - 200} more" if len(rows) > 200 else ""
    return format_html("<ul>{}</ul>{}", lines, more)
