"""The people whom the asker may list, and the type-ahead over them."""

from __future__ import annotations

from typing import Any

import django_filters  # type: ignore[import-untyped]
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase, JsonResponse

from core.access import PortalView
from core.components.forms import PortalFilterForm
from core.components.tables import Sort, keyset_page
from core.spans import on_day
from people.models import RoleAssignment, Sip, User
from people.roles import HAT_NAMES, ROLE_HATS, Permission
from people.selectors import people_on, suggest_people

from .base import Page

SORTS = {"name": ("name",), "email": ("email",)}


class PersonFilter(django_filters.FilterSet):
    """Filters of the list of people: text, role, and whether the account is active."""

    q = django_filters.CharFilter(label="Name or email", method="by_text")
    role = django_filters.ChoiceFilter(
        label="Role",
        method="by_role",
        choices=[*((hat.value, HAT_NAMES[hat]) for hat in ROLE_HATS), ("sip", "SIP")],
        empty_label="Any role",
    )
    state = django_filters.ChoiceFilter(
        label="Account", method="by_state", choices=[("active", "Active"), ("deactivated", "Deactivated")], empty_label="Any"
    )

    class Meta:
        model = User
        fields: list[str] = []
        form = PortalFilterForm

    def by_text(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return queryset.filter(Q(name__icontains=value) | Q(email__icontains=value))

    def by_role(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        on = self.request.user.hats.on
        if value == "sip":
            return queryset.filter(pk__in=Sip.objects.visible_to(self.request.user).filter(on_day(on)).values("user_id"))
        granted = RoleAssignment.objects.filter(on_day(on), role=value, authority_id__in=self.request.user.hats.authority_ids)
        return queryset.filter(pk__in=granted.values("user_id"))

    def by_state(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return queryset.filter(is_active=value == "active")


class PersonListView(Page):
    """Everybody of the authorities that one lists SIPs or keeps accounts of."""

    permission = Permission.SIP_LIST
    template_name = "people/person_list.html"

    def context(self) -> dict[str, Any]:
        hats = self.user.hats
        mine = RoleAssignment.objects.filter(on_day(self.today), authority_id__in=hats.authority_ids)
        sips = Sip.objects.visible_to(self.user).filter(on_day(self.today))
        people = people_on(self.user, self.today).prefetch_related(Prefetch("roles", mine), Prefetch("sip_profiles", sips))
        filters = PersonFilter(self.request.GET, queryset=people, request=self.request)
        sort = Sort.read(self.request.GET, SORTS, default="name")
        page = keyset_page(filters.qs, sort.order, self.request.GET.get("cursor"))
        return {"filter": filters, "page": page, "sort": sort, "total": filters.qs.count()}


class PersonSuggestView(PortalView):
    """Type-ahead: people of the asker's scope whose name begins with, or holds, what was typed."""

    permission = Permission.SIP_LIST

    def get(self, request: HttpRequest) -> HttpResponseBase:
        assert isinstance(request.user, User)
        return JsonResponse({"results": suggest_people(request.user, str(request.GET.get("q", "")))})
