"""What an administrator keeps of people, through the services of the portal: accounts, roles, authorities, clusters, packs,
the audit; and what a manager keeps: SIP profiles and mentors."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db import models, transaction
from django.http import HttpRequest

from core.access import Refused
from core.admin import Deed, InAuthority, PortalModelAdmin
from core.audit import AuditEvent
from core.components.fields import QuartersField
from core.components.forms import PortalForm
from core.packs import PackInvalid
from people.choices import SipKind
from people.models import Authority, Cluster, Mentorship, Pack, RoleAssignment, Sip, User
from people.roles import HAT_NAMES, ROLE_HATS
from people.roles import Permission as P
from people.services import (
    SipFacts,
    assign_mentor,
    create_account,
    create_cluster,
    create_sip,
    deactivate,
    end_mentor,
    end_role,
    facts_of,
    grant_role,
    invite,
    load_pack,
    people_with,
    reactivate,
    rename_cluster,
    update_account,
    update_authority,
    update_sip,
)


class DayField(forms.DateField):
    """A date, picked or typed."""

    widget = forms.DateInput(attrs={"type": "date"})


class AuthorityChoice(forms.ModelChoiceField):
    """Of the authorities in which the asker holds a permission; the only one is chosen."""

    def serve(self, user: Any, permission: P) -> None:
        self.queryset = Authority.objects.filter(pk__in=user.hats.authorities_granting(permission)).order_by("name")
        self.initial = self.queryset.first()


class _ByAuthority(PortalForm):
    """A form whose first field is the authority."""

    permission = P.ACCOUNT_MANAGE
    authority = AuthorityChoice(queryset=Authority.objects.none(), empty_label=None)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        field = self.fields["authority"]
        assert isinstance(field, AuthorityChoice)
        field.serve(user, self.permission)

    def person(self, name: str) -> User | None:
        """The account with the address that was typed; an error at the field where there is none."""
        email = str(self.cleaned_data.get(name) or "").strip()
        if not email:
            return None
        found = people_with(email)
        if found is None:
            self.refuse(name, "There is no account with this email address: make it first.")
        return found


class _ForUser:
    """Hands the asker to the forms."""

    def form_options(self, request: HttpRequest) -> dict[str, Any]:
        return {"user": request.user}


class ReasonForm(PortalForm):
    reason = forms.CharField(max_length=500)


class LastDayForm(PortalForm):
    ends_on = DayField(label="Last day")


# ---------------------------------------------------------------- accounts


class AccountAddForm(_ByAuthority):
    name = forms.CharField(max_length=200)
    email = forms.EmailField(label="Email address")
    telephone = forms.CharField(max_length=40, required=False)
    is_invited = forms.BooleanField(label="Send the invitation now", required=False, initial=True)


class AccountChangeForm(PortalForm):
    name = forms.CharField(max_length=200)
    telephone = forms.CharField(max_length=40, required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


def _invite(*, actor: User, row: User, at: dt.datetime) -> None:
    if row.home_authority is None:
        raise Refused(f"{row.name} has no home authority.")
    invite(actor=actor, user=row, authority=row.home_authority, at=at)


@admin.register(User)
class UserAdmin(_ForUser, PortalModelAdmin):
    permission = P.ACCOUNT_MANAGE
    add_form = AccountAddForm
    add_title = "Make an account"
    change_form_class = AccountChangeForm
    list_display = ("name", "email", "home_authority", "is_active", "last_login")
    list_filter = ("is_active",)
    list_select_related = ("home_authority",)
    search_fields = ("name", "email")
    fields = ("name", "email", "telephone", "home_authority", "is_active", "deactivated_at", "created_at", "last_login")
    readonly_fields = fields
    deeds = (
        Deed("invite", "Send an invitation", P.ACCOUNT_MANAGE, _invite, says="A single-use link, good for seven days; earlier ones end."),
        Deed(
            "deactivate",
            "Deactivate",
            P.ACCOUNT_MANAGE,
            lambda *, actor, row, at, reason: deactivate(actor=actor, user=row, reason=reason, at=at),
            ReasonForm,
            "Access ends with the next request; sessions are deleted. Records keep the name.",
        ),
        Deed(
            "reactivate",
            "Reactivate",
            P.ACCOUNT_MANAGE,
            lambda *, actor, row, at, reason: reactivate(actor=actor, user=row, reason=reason, at=at),
            ReasonForm,
        ),
    )

    def scope(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Those whom the authority's administrators keep; a SIP manager's list of people is in the portal."""
        ids = request.user.hats.authorities_granting(P.ACCOUNT_MANAGE)  # type: ignore[union-attr]
        roles = RoleAssignment.objects.filter(authority_id__in=ids).values("user_id")
        sips = Sip.objects.filter(authority_id__in=ids).values("user_id")
        return User.objects.filter(models.Q(home_authority_id__in=ids) | models.Q(pk__in=roles) | models.Q(pk__in=sips))

    def add_by_service(self, request: HttpRequest, data: dict[str, Any], at: dt.datetime) -> str:
        assert isinstance(request.user, User)
        with transaction.atomic():
            user = create_account(
                actor=request.user, authority=data["authority"], name=data["name"], email=data["email"], telephone=data["telephone"], at=at
            )
            if data["is_invited"]:
                invite(actor=request.user, user=user, authority=data["authority"], at=at)
        return f"{user.name} has an account{', and an invitation is on its way' if data['is_invited'] else ''}."

    def initial_of(self, obj: User) -> dict[str, Any]:
        return {"name": obj.name, "telephone": obj.telephone}

    def change_by_service(self, request: HttpRequest, obj: User, data: dict[str, Any], at: dt.datetime) -> Any:
        assert isinstance(request.user, User)
        return update_account(actor=request.user, user=obj, at=at, **data)


# ---------------------------------------------------------------- roles


class RoleAddForm(_ByAuthority):
    permission = P.ROLE_GRANT
    email = forms.EmailField(label="Email address of the person")
    role = forms.ChoiceField(choices=[(hat.value, HAT_NAMES[hat]) for hat in ROLE_HATS])
    clusters = forms.ModelMultipleChoiceField(
        queryset=Cluster.objects.none(), required=False, help_text="Officers only: leave empty for the whole authority."
    )
    post = forms.CharField(max_length=120, required=False, help_text="The post's own title.")
    is_named_officer = forms.BooleanField(
        label="Named officer", required=False, help_text="Alerts and concern drafts go to named officers."
    )
    starts_on = DayField(label="First day")
    ends_on = DayField(label="Last day", required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        field = self.fields["clusters"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = Cluster.objects.filter(authority_id__in=user.hats.authorities_granting(P.ROLE_GRANT))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        data["person"] = self.person("email")
        return data


@admin.register(RoleAssignment)
class RoleAssignmentAdmin(_ForUser, InAuthority):
    permission = P.ROLE_GRANT
    add_form = RoleAddForm
    add_title = "Grant a role"
    list_display = ("user", "role", "authority", "post", "is_limited_to_clusters", "starts_on", "ends_on")
    list_filter = ("role",)
    list_select_related = ("user", "authority")
    search_fields = ("user__name", "user__email")
    deeds = (
        Deed(
            "end",
            "End the role",
            P.ROLE_GRANT,
            lambda *, actor, row, at, ends_on: end_role(actor=actor, role=row, ends_on=ends_on, at=at),
            LastDayForm,
            "Its rights end with the last day, whatever is open in a browser.",
        ),
    )

    def add_by_service(self, request: HttpRequest, data: dict[str, Any], at: dt.datetime) -> Any:
        assert isinstance(request.user, User)
        return grant_role(
            actor=request.user,
            user=data["person"],
            role=data["role"],
            authority=data["authority"],
            clusters=list(data["clusters"]) or None,
            post=data["post"],
            is_named_officer=data["is_named_officer"],
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
            at=at,
        )


# ---------------------------------------------------------------- SIPs and mentors

PHASES = ("nursery", "infant", "junior", "first", "primary", "middle", "secondary", "all-through", "special", "pru", "16-plus")


class SipForm(_ByAuthority):
    permission = P.SIP_MANAGE
    email = forms.EmailField(label="Email address of the SIP")
    kind = forms.ChoiceField(choices=SipKind.choices)
    phases = forms.MultipleChoiceField(choices=[(phase, phase) for phase in PHASES], widget=forms.CheckboxSelectMultiple)
    accreditation = forms.CharField(label="Accreditation reference", max_length=40, required=False)
    accredited_on = DayField(label="Accredited on", required=False)
    starts_on = DayField(label="First day")
    ends_on = DayField(label="Last day", required=False)
    line_manager = forms.EmailField(label="Line manager's email address", required=False, help_text="Advisers of the authority (P28).")
    assigned_person = forms.EmailField(
        label="Assigned person's email address", required=False, help_text="All others: mentor and SIP reviewer in one (P28)."
    )
    days_available = QuartersField(label="Days a year", required=False)
    is_on_review = forms.BooleanField(label="Every note is reviewed", required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        data["person"] = self.person("email")
        people = {name: self.person(name) for name in ("line_manager", "assigned_person")}
        if not self.errors:
            facts: dict[str, Any] = {name: data[name] for name in SipFacts.__dataclass_fields__ if name not in people}
            data["facts"] = SipFacts(**{**facts, **people, "phases": tuple(data["phases"])})
        return data


class SipChangeForm(SipForm):
    """The same without the person and the authority, which stay."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["email"], self.fields["authority"]


@admin.register(Sip)
class SipAdmin(_ForUser, InAuthority):
    permission = P.SIP_MANAGE
    add_form = SipForm
    add_title = "Make a SIP profile"
    change_form_class = SipChangeForm
    list_display = ("user", "authority", "kind", "accredited_on", "line_manager", "assigned_person", "is_on_review", "starts_on", "ends_on")
    list_filter = ("kind", "is_on_review")
    list_select_related = ("user", "authority", "line_manager", "assigned_person")
    search_fields = ("user__name", "user__email")
    deeds = (
        Deed(
            "put_on_review",
            "Put every note on review",
            P.SIP_MANAGE,
            lambda *, actor, row, at: update_sip(actor=actor, sip=row, facts=replace(facts_of(row), is_on_review=True), at=at),
        ),
        Deed(
            "take_off_review",
            "Take off review",
            P.SIP_MANAGE,
            lambda *, actor, row, at: update_sip(actor=actor, sip=row, facts=replace(facts_of(row), is_on_review=False), at=at),
        ),
    )

    def add_by_service(self, request: HttpRequest, data: dict[str, Any], at: dt.datetime) -> Any:
        assert isinstance(request.user, User)
        return create_sip(actor=request.user, user=data["person"], authority=data["authority"], facts=data["facts"], at=at)

    def initial_of(self, obj: Sip) -> dict[str, Any]:
        facts = vars(facts_of(obj))
        people = ("line_manager", "assigned_person")
        return {**facts, "phases": list(obj.phases), **{name: facts[name].email if facts[name] else "" for name in people}}

    def change_by_service(self, request: HttpRequest, obj: Sip, data: dict[str, Any], at: dt.datetime) -> Any:
        assert isinstance(request.user, User)
        return update_sip(actor=request.user, sip=obj, facts=data["facts"], at=at)


class MentorAddForm(_ByAuthority):
    permission = P.SIP_MANAGE
    sip = forms.ModelChoiceField(queryset=Sip.objects.none(), label="SIP")
    email = forms.EmailField(label="Email address of the mentor")
    starts_on = DayField(label="First day")
    ends_on = DayField(label="Last day", required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        del self.fields["authority"]
        field = self.fields["sip"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Sip.objects.filter(authority_id__in=user.hats.authorities_granting(P.SIP_MANAGE)).select_related("user")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        data["mentor"] = self.person("email")
        return data


@admin.register(Mentorship)
class MentorshipAdmin(_ForUser, InAuthority):
    permission = P.SIP_MANAGE
    authority_path = "sip__authority"
    add_form = MentorAddForm
    add_title = "Assign a mentor"
    list_display = ("sip", "mentor", "is_reviewer", "starts_on", "ends_on")
    list_select_related = ("sip__user", "mentor")
    deeds = (
        Deed(
            "end",
            "End the mentorship",
            P.SIP_MANAGE,
            lambda *, actor, row, at, ends_on: end_mentor(actor=actor, mentorship=row, ends_on=ends_on, at=at),
            LastDayForm,
        ),
    )

    def add_by_service(self, request: HttpRequest, data: dict[str, Any], at: dt.datetime) -> Any:
        assert isinstance(request.user, User)
        return assign_mentor(
            actor=request.user, sip=data["sip"], mentor=data["mentor"], starts_on=data["starts_on"], ends_on=data["ends_on"], at=at
        )


# ---------------------------------------------------------------- authority, clusters, packs


class AuthorityForm(PortalForm):
    name = forms.CharField(max_length=120)
    full_name = forms.CharField(max_length=160, required=False, help_text="As on the note's masthead.")
    directorate = forms.CharField(max_length=160, required=False)
    service = forms.CharField(max_length=160, required=False)
    address = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": "4"}))
    telephone = forms.CharField(max_length=40, required=False)
    email = forms.EmailField(required=False)
    website = forms.CharField(max_length=200, required=False, help_text="Of the service, as in https://www.example.gov.uk/schools")
    brand_colour = forms.CharField(max_length=7, help_text="White words stand on it: # and six digits.")
    link_colour = forms.CharField(max_length=7, help_text="Links on white.")
    settings = forms.JSONField(required=False, help_text='Own values over the pack\'s settings, as in {"finish_notes_office_days": 10}.')
    closure_days = forms.CharField(required=False, help_text="Days on which the offices are closed, as in 2008-12-24, separated by spaces.")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def clean_settings(self) -> dict[str, Any]:
        value = self.cleaned_data["settings"] or {}
        if not isinstance(value, dict):
            raise forms.ValidationError("Write settings as names and values in braces.")
        return value

    def clean_closure_days(self) -> list[str]:
        return str(self.cleaned_data["closure_days"]).replace(",", " ").split()


@admin.register(Authority)
class AuthorityAdmin(_ForUser, PortalModelAdmin):
    permission = P.AUTHORITY_EDIT
    change_form_class = AuthorityForm
    list_display = ("name", "code", "kind", "service", "brand_colour", "link_colour")

    def scope(self, request: HttpRequest) -> models.QuerySet[Any]:
        return Authority.objects.filter(pk__in=request.user.hats.authorities_granting(P.AUTHORITY_EDIT))  # type: ignore[union-attr]

    def initial_of(self, obj: Authority) -> dict[str, Any]:
        plain = {name: getattr(obj, name) for name in AuthorityForm.base_fields}
        return {**plain, "closure_days": " ".join(obj.closure_days)}

    def change_by_service(self, request: HttpRequest, obj: Authority, data: dict[str, Any], at: dt.datetime) -> Any:
        assert isinstance(request.user, User)
        return update_authority(actor=request.user, authority=obj, at=at, **data)


class ClusterAddForm(_ByAuthority):
    permission = P.AUTHORITY_EDIT
    code = forms.CharField(max_length=20)
    name = forms.CharField(max_length=120)


class ClusterChangeForm(PortalForm):
    name = forms.CharField(max_length=120)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


@admin.register(Cluster)
class ClusterAdmin(_ForUser, InAuthority):
    permission = P.AUTHORITY_EDIT
    add_form = ClusterAddForm
    change_form_class = ClusterChangeForm
    list_display = ("name", "code", "authority")
    list_select_related = ("authority",)
    search_fields = ("name",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj.authority if obj is not None else None)

    def add_by_service(self, request: HttpRequest, data: dict[str, Any], at: dt.datetime) -> Any:
        assert isinstance(request.user, User)
        return create_cluster(actor=request.user, authority=data["authority"], code=data["code"], name=data["name"], at=at)

    def initial_of(self, obj: Cluster) -> dict[str, Any]:
        return {"name": obj.name}

    def change_by_service(self, request: HttpRequest, obj: Cluster, data: dict[str, Any], at: dt.datetime) -> Any:
        assert isinstance(request.user, User)
        return rename_cluster(actor=request.user, cluster=obj, name=data["name"], at=at)


def _shipped() -> list[tuple[str, str]]:
    """The packs that came with the portal: an administrator loads one of them, never a folder of their own naming."""
    folder = settings.BASE_DIR / "packs"
    return [(path.name, path.name) for path in sorted(folder.iterdir()) if (path / "pack.toml").is_file()] if folder.is_dir() else []


class PackLoadForm(_ByAuthority):
    permission = P.PACK_LOAD
    folder = forms.ChoiceField(label="Pack", choices=_shipped)


@admin.register(Pack)
class PackAdmin(_ForUser, InAuthority):
    permission = P.PACK_LOAD
    add_form = PackLoadForm
    add_title = "Load a pack"
    add_says = "It is checked as a whole first. Loading the same pack again changes nothing; another one for the same years supersedes it."
    list_display = ("label", "code", "version", "authority", "first_year", "last_year", "loaded_at", "superseded_at")
    list_select_related = ("authority",)
    fields = ("label", "code", "version", "authority", "first_year", "last_year", "digest", "loaded_at", "loaded_by", "superseded_at")
    readonly_fields = fields

    def add_by_service(self, request: HttpRequest, data: dict[str, Any], at: dt.datetime) -> Any:
        assert isinstance(request.user, User)
        try:
            return load_pack(actor=request.user, authority=data["authority"], folder=settings.BASE_DIR / "packs" / data["folder"], at=at)
        except PackInvalid as invalid:
            raise Refused(str(invalid), field="folder") from None


# ---------------------------------------------------------------- the audit


@admin.register(AuditEvent)
class AuditEventAdmin(PortalModelAdmin):
    """Read only, of the authorities whose audit one reads."""

    permission = P.AUDIT_READ
    list_display = ("occurred_at", "actor_name", "what", "subject_label", "school_name", "authority_code")
    list_filter = ("event",)
    search_fields = ("actor_name", "subject_label", "school_name", "subject_id")
    ordering = ("-id",)
    fields = (
        "event",
        "occurred_at",
        "recorded_at",
        "actor_name",
        "actor_role",
        "authority_code",
        "school_name",
        "school_urn",
        "subject_kind",
        "subject_label",
        "subject_id",
        "changed",
        "reason",
        "request_id",
    )
    readonly_fields = fields

    def scope(self, request: HttpRequest) -> models.QuerySet[Any]:
        return AuditEvent.objects.in_charge_of(request.user)

    @admin.display(description="what")
    def what(self, event: AuditEvent) -> str:
        return event.sentence

    @admin.display(description="changes")
    def changed(self, event: AuditEvent) -> str:
        return json.dumps(event.changes, ensure_ascii=False, indent=1)
