"""The library in the search index: the current version of what is published, and practice elsewhere."""

from __future__ import annotations

from django.db.models import QuerySet

from core import search
from core.components.words import plain
from people.models import User

from .choices import ResourceState
from .models import Practice, Resource

RESOURCE = "resource"
PRACTICE = "practice"


def index_resource(resource: Resource) -> None:
    """Its current version, in place of the one before it. What is not published, or was retired, is not found."""
    version = resource.current
    if version is None or resource.state != ResourceState.PUBLISHED:
        return
    search.put(
        RESOURCE,
        resource.public_id,
        title=resource.title,
        body="\n".join(text for text in (resource.summary, plain(version.text), version.file_words) if text),
        keywords=[version.file_name, resource.key],
        authority_id=resource.authority_id,
        occurred_on=version.published_at.date(),
        extra={"version": version.number, "kind": resource.kind},
    )


def unindex_resource(resource: Resource) -> None:
    search.remove(RESOURCE, resource.public_id)


def visible_resources(user: User) -> QuerySet[Resource, str]:
    return Resource.objects.visible_to(user).filter(state=ResourceState.PUBLISHED).values_list("public_id", flat=True)


def index_practice(row: Practice) -> None:
    if row.withdrawn_on is not None:
        search.remove(PRACTICE, row.public_id)
        return
    search.put(
        PRACTICE,
        row.public_id,
        title=f"{row.title}, {row.place}",
        body="\n".join((plain(row.what), row.source)),
        authority_id=row.authority_id,
        occurred_on=row.recorded_at.date(),
    )


def visible_practice(user: User) -> QuerySet[Practice, str]:
    return Practice.objects.visible_to(user).filter(withdrawn_on__isnull=True).values_list("public_id", flat=True)
