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


def intelligence_seen_by(user: Any, prefix: str = "concern") -> Q:
    """What belongs to cases whose named officer this person is: named by the authority (every officer where none is), or the
    case's own contact. Nobody else reads the authority's intelligence, the manager included (domain.md §3, §6)."""
    hats = user.hats
    found = Q(pk__in=[])
    for role in hats.roles_granting(P.CONCERN_INTELLIGENCE):
        covers = Q(**{f"{prefix}__school__authority_id": role.authority_id})
        if role.cluster_ids is not None:
            covers &= Q(**{f"{prefix}__school__cluster_id__in": role.cluster_ids})
        found |= covers if role.is_named else covers & Q(**{f"{prefix}__contact_id": user.pk})
    return found & ~Q(**{f"{prefix}__school_id__in": hats.walled})


def directory_authorities(hats: Any) -> frozenset[int]:
    """The authorities whose directory of services a person reads: by a role, as a SIP or adviser there, as head or chair of a school."""
    own = {contact.authority_id for contact in hats.contacts if P.SERVICE_VIEW in GRANTS[contact.hat]}
    return frozenset(hats.authorities_where(P.SERVICE_VIEW) | own)
