"""Reads of people. Set-based; each returns rows inside the asker's scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from core.spans import on_day

from .choices import SipKind
from .models import Authority, Mentorship, RoleAssignment, Sip, User
from .roles import Hat, Permission


def sips_on(user: Any, on: dt.date) -> QuerySet[Sip]:
    """SIP profiles of the user's scope that hold on a day."""
    return Sip.objects.visible_to(user).filter(on_day(on)).select_related("user", "authority", "line_manager", "assigned_person")


def sips_without_mentor(user: Any, on: dt.date) -> QuerySet[Sip]:
    """P28: every SIP in the first year has a mentor; these have none."""
    first_year = _years_before(on, 1)
    mentored = Mentorship.objects.filter(on_day(on), sip=OuterRef("pk"))
    return sips_on(user, on).filter(~Exists(mentored), starts_on__gt=first_year)


def sips_without_reviewer(user: Any, on: dt.date) -> QuerySet[Sip]:
    """P28: advisers without a line manager, all others without an assigned person."""
    return sips_on(user, on).filter(
        Q(kind=SipKind.ADVISER, line_manager__isnull=True) | (~Q(kind=SipKind.ADVISER) & Q(assigned_person__isnull=True))
    )


def managed_authorities(user: Any, permission: Permission) -> QuerySet[Authority]:
    """The authorities in which a role of the user's grants a permission."""
    return Authority.objects.filter(pk__in=user.hats.authorities_granting(permission)).order_by("name")


def people_on(user: Any, on: dt.date) -> QuerySet[User]:
    """Everybody whom the user may list, active ones first by name, with roles and profiles that hold on a day."""
    return User.objects.visible_to(user).order_by("name", "pk")


def managers_of(authority: Authority, on: dt.date) -> QuerySet[User]:
    """The SIP managers of an authority on a day."""
    return holders_of(authority, [Hat.SIP_MANAGER], on)


def holders_of(authority: Authority, hats: Collection[Hat], on: dt.date) -> QuerySet[User]:
    """The active people who hold one of these roles in an authority on a day, by name."""
    roles = RoleAssignment.objects.filter(on_day(on), authority=authority, role__in=list(hats))
    return User.objects.filter(pk__in=roles.values("user_id"), is_active=True).order_by("name", "pk")


def officers_of(authority: Authority, cluster_id: int | None, on: dt.date) -> QuerySet[RoleAssignment]:
    """The officers whose role covers a cluster on a day (P34: the local education officer), named ones first."""
    covers = Q(is_limited_to_clusters=False)
    if cluster_id is not None:
        covers |= Q(pk__in=RoleAssignment.clusters.through.objects.filter(cluster_id=cluster_id).values("roleassignment_id"))
    return (
        RoleAssignment.objects.filter(on_day(on) & covers, authority=authority, role=Hat.OFFICER, user__is_active=True)
        .select_related("user")
        .order_by("-is_named_officer", "-is_limited_to_clusters", "user__name")
    )


SUGGESTIONS = 12


def suggest_people(user: User, words: str) -> list[dict[str, str]]:
    """At most a dozen active people, names that begin with the words first."""
    words = words.strip()
    if len(words) < 2:
        return []
    found = User.objects.visible_to(user).filter(name__icontains=words, is_active=True).order_by("name", "pk")[:60]
    ranked = sorted(found, key=lambda person: (not person.name.lower().startswith(words.lower()), person.name))
    return [{"id": person.public_id, "label": person.name, "detail": person.email} for person in ranked[:SUGGESTIONS]]


def find_people(user: User, id_: str, words: str) -> QuerySet[User]:
    """What a picker of people means: by id, else by the exact name or address, else by part of the name."""
    visible = User.objects.visible_to(user).filter(is_active=True)
    if id_:
        return visible.filter(public_id=id_)
    exact = visible.filter(Q(name__iexact=words) | Q(email__iexact=words))
    return exact if exact.exists() else visible.filter(name__icontains=words).order_by("name")[:5]


def describe_person(person: User) -> tuple[str, str]:
    return person.public_id, person.name


def _years_before(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
