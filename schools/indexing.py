"""Schools in the search index: whoever writes schools puts them in, in the same transaction (architecture.md rule 22)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from core import search
from core.search import Entry, SearchDocument

from .models import School

KIND = "school"


def index_schools(schools: Iterable[School]) -> int:
    """Put schools in, or what they now are. They are found by name, town, postcode, URN and DfE number. Select their authority."""
    return search.put_many(
        Entry(
            kind=KIND,
            subject=school.public_id,
            title=school.name,
            body=", ".join(filter(None, (school.town, school.postcode, f"URN {school.urn}", school.get_phase_display(), _state(school)))),
            keywords=filter(None, (school.dfe_number, school.dfe_number.replace("/", ""), school.postcode.replace(" ", ""))),
            authority_id=school.authority_id,
            school_id=school.pk,
        )
        for school in schools
    )


def _state(school: School) -> str:
    return "" if school.is_open else school.get_status_display()


def visible_schools(user: Any) -> QuerySet[School, Any]:
    """The public ids of the schools in a person's scope: what ``core.search`` asks before it counts or shows."""
    subject = Concat("authority__code", Value("-"), Cast("urn", CharField()))
    return School.objects.visible_to(user).order_by().annotate(subject=subject).values_list("subject", flat=True)


def school_url(document: SearchDocument) -> str:
    authority, _, urn = document.subject.rpartition("-")
    return reverse("schools:school-detail", args=[authority, urn])
