"""Whose facts and categories a person reads (domain.md §6): the schools that they answer for on the authority's side, the
wall applied; and the schools whose own head or chair they are."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from people.roles import GRANTS, Hat
from people.roles import Permission as P
from schools.models import School, SchoolQuerySet


def assessed_by(user: Any, permission: P = P.CATEGORY_VIEW) -> SchoolQuerySet:
    """Schools over which an authority-side hat gives this permission: a role's authority or clusters, and the caseload."""
    hats = user.hats
    whole, clusters = [], set[int]()
    for role in hats.roles_granting(permission):
        if role.cluster_ids is None:
            whole.append(role.authority_id)
        else:
            clusters |= role.cluster_ids
    assigned = [a.school_id for a in hats.assignments if a.current] if permission in GRANTS[Hat.ADVISER] else []
    mine = Q(authority_id__in=whole) | Q(cluster_id__in=clusters) | Q(pk__in=assigned)
    return School.objects.filter(mine & ~Q(pk__in=hats.walled))


def own_schools(user: Any) -> list[int]:
    """Ids of the schools whose head or chair this person is."""
    return [contact.school_id for contact in user.hats.contacts if contact.hat in (Hat.HEAD, Hat.CHAIR)]


def categories_seen_by(user: Any, prefix: str = "school_id") -> Q:
    """Rows about a school's category: its own head and chair, its SIP, officers of its cluster and the manager; nobody else."""
    return Q(**{f"{prefix}__in": assessed_by(user).values("pk")}) | Q(**{f"{prefix}__in": own_schools(user)})
