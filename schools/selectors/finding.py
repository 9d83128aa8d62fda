"""Finding a school by a few words: the list's filter, the type-ahead, the pickers."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from schools.models import School

SUGGESTIONS = 12


def matching(words: str) -> Q:
    """Schools that a person means by a few words: of the name, a place, a URN or a DfE number."""
    words = words.strip()
    number = words.replace("/", "").replace(" ", "")
    found = Q(name__icontains=words) | Q(town__icontains=words) | Q(postcode__istartswith=words)
    if number.isdecimal():
        found |= Q(urn=int(number)) if len(number) < 10 else Q()
        if len(number) == 7:
            found |= Q(authority__code=number[:3], establishment_number=int(number[3:]))
    return found


def scope_of(user: Any, *, whole_authority: bool = False) -> QuerySet[School]:
    """The asker's schools; with ``whole_authority`` every open school of their authorities, by name alone: in any of them a
    person may have an interest to declare, and the register is public."""
    if not whole_authority:
        return School.objects.visible_to(user)
    return School.objects.filter(authority_id__in=user.hats.authority_ids).open_on(user.hats.on)


def find_schools(user: Any, id_: str, words: str, *, whole_authority: bool = False) -> QuerySet[School]:
    """What a picker means: the school by its id, else by its exact name or URN, else those that match the words."""
    schools = scope_of(user, whole_authority=whole_authority).select_related("authority").order_by("name", "urn")
    if id_:
        code, _, urn = id_.partition("-")
        return schools.filter(authority__code=code, urn=int(urn)) if urn.isdecimal() and len(urn) < 10 else schools.none()
    exact = schools.filter(Q(name__iexact=words) | (Q(urn=int(words)) if words.isdecimal() and len(words) < 10 else Q(pk__in=[])))
    return exact if exact.exists() else schools.filter(matching(words))[:5]


def describe_school(school: School) -> tuple[str, str]:
    return school.public_id, school.name


def suggest_schools(user: Any, words: str, *, whole_authority: bool = False) -> list[dict[str, str]]:
    """At most a dozen, those whose name begins with the words first."""
    words = words.strip()
    if len(words) < 2:
        return []
    found = scope_of(user, whole_authority=whole_authority).filter(matching(words)).select_related("authority").order_by("name", "urn")[:60]
    ranked = sorted(found, key=lambda school: (not school.name.lower().startswith(words.lower()), school.name, school.urn))
    return [
        {"id": school.public_id, "label": school.name, "detail": f"{school.get_phase_display()}, URN {school.urn}"}
        for school in ranked[:SUGGESTIONS]
    ]
