"""Reads of the library: what is in force for a person, what is new to them, who may read, and words by their key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from core.components.words import plain, points
from core.spans import on_day
from people.models import Authority, Mentorship, RoleAssignment, Sip, User
from people.packs import AuthorityPack
from people.roles import HAT_NAMES, ROLE_HATS, Hat
from schools.choices import CONTACT_HATS, ContactState
from schools.models import Contact, Inspection, School
from schools.pack import InspectionPart
from schools.selectors.inspections import category_now, inspections_of, latest_full
from visits.choices import RequestState
from visits.models import RedactedCopy, Round
from visits.pack import VisitType, visits_of

from ..choices import ResourceState
from ..models import Resource, ResourceDraft, ResourceOpening, ResourceVersion
from ..pack import ResourceType, briefings_of
from ..samples import KIND_OF_NOTE

# ---------------------------------------------------------------- words by their key


@dataclass(frozen=True)
class LibraryText:
    """Words of the library as a slide or a PDF quotes them, with the version that they came from: its source row."""

    key: str
    title: str
    number: int
    published_on: dt.date
    text: str
    version: ResourceVersion

    @property
    def plain(self) -> str:
        return plain(self.text)

    @property
    def points(self) -> list[str]:
        """The points of its lists, else its paragraphs: lines of a slide."""
        return points(self.text)

    @property
    def source(self) -> str:
        return f"Library: {self.title}, version {self.number}"


def current_texts(authority: Authority, keys: Collection[str] | None = None) -> dict[str, LibraryText]:
    """By key, the current words of the published resources of these keys (``None``: of all). One query; scope is the caller's."""
    rows = Resource.objects.in_force().filter(authority=authority).select_related("current").order_by("key")
    if keys is not None:
        rows = rows.filter(key__in=keys)
    return {
        row.key: LibraryText(row.key, row.title, row.current.number, row.current.published_at.date(), row.current.text, row.current)
        for row in rows
        if row.current is not None and row.current.text
    }


def current_text(authority: Authority, key: str) -> LibraryText | None:
    """The current words of one resource; ``None`` where nothing of that key is in force, or it is a file without words."""
    return current_texts(authority, [key]).get(key)


# ---------------------------------------------------------------- the library as one person sees it


@dataclass(frozen=True)
class Shelf:
    """One kind of resource, with those that the person may read, by title."""

    kind: ResourceType
    rows: tuple[Resource, ...]


def _seen(user: User) -> QuerySet[Resource]:
    opened = ResourceOpening.objects.filter(version=OuterRef("current"), user=user)
    rows: QuerySet[Resource] = Resource.objects.visible_to(user).select_related("current__file")
    return rows.annotate(is_opened=Exists(opened), is_prepared=Exists(ResourceDraft.objects.filter(resource=OuterRef("pk"))))


def library_of(user: User, authority: Authority, *, state: str = ResourceState.PUBLISHED) -> list[Resource]:
    """What of an authority's library a person may read, in a state; each with ``is_opened`` and ``is_prepared``. One query."""
    return list(_seen(user).filter(authority=authority, state=state).order_by("title", "pk"))


def shelves(rows: Sequence[Resource], kinds: Iterable[ResourceType]) -> list[Shelf]:
    """By kind, in the pack's order; kinds with nothing are left out. What is of no kind of the pack comes last."""
    kinds = list(kinds)
    found = [Shelf(kind, tuple(row for row in rows if row.kind == kind.code)) for kind in kinds]
    known = {kind.code for kind in kinds}
    others = tuple(row for row in rows if row.kind not in known)
    shown = [shelf for shelf in found if shelf.rows]
    return [*shown, Shelf(ResourceType("", "Other resources", False, False), others)] if others else shown


def new_to(rows: Iterable[Resource], most: int = 5) -> list[Resource]:
    """Those of which the person has not opened the current version, the latest first."""
    fresh = [row for row in rows if row.current is not None and not row.is_opened]  # type: ignore[attr-defined]
    return sorted(fresh, key=lambda row: (row.current.published_at, row.pk), reverse=True)[:most]  # type: ignore[union-attr]


@dataclass(frozen=True)
class Readership:
    """A hat that may read a resource, and how many people wear it today."""

    hat: Hat
    people: int

    @property
    def name(self) -> str:
        return HAT_NAMES[self.hat]


def readership(authority: Authority, hats: Iterable[str], on: dt.date) -> list[Readership]:
    """How many people may read by each of these hats today. Four queries at most."""
    wanted = [hat for hat in Hat if hat.value in set(hats)]
    counts: dict[Hat, int] = {}
    if set(wanted) & set(ROLE_HATS):
        held = RoleAssignment.objects.filter(on_day(on), authority=authority, user__is_active=True).order_by()
        for row in held.values("role").annotate(n=Count("user", distinct=True)):
            counts[Hat(row["role"])] = row["n"]
    if Hat.SIP in wanted:
        counts[Hat.SIP] = Sip.objects.filter(on_day(on), authority=authority, user__is_active=True).values("user").distinct().count()
    if Hat.MENTOR in wanted:
        mentors = Mentorship.objects.filter(on_day(on), sip__authority=authority, mentor__is_active=True)
        counts[Hat.MENTOR] = mentors.values("mentor").distinct().count()
    if set(wanted) & set(CONTACT_HATS.values()):
        contacts = Contact.objects.filter(on_day(on), school__authority=authority, state=ContactState.CONFIRMED, user__is_active=True)
        people: dict[Hat, set[int]] = {}
        for kind, user_id in contacts.filter(kind__in=list(CONTACT_HATS)).values_list("kind", "user_id"):
            people.setdefault(CONTACT_HATS[kind], set()).add(user_id)
        counts |= {hat: len(users) for hat, users in people.items()}
    return [Readership(hat, counts.get(hat, 0)) for hat in wanted]


# ---------------------------------------------------------------- sample notes


def copies_to_offer(user: User) -> list[RedactedCopy]:
    """The approved redacted copies of final notes that have not been offered as a sample, latest first; in the person's scope."""
    rows = RedactedCopy.objects.visible_to(user).filter(
        Q(item__request__state=RequestState.SENT) | Q(item__request__approved_at__isnull=False),
        item__kind=KIND_OF_NOTE,
    )
    for model in (ResourceDraft, ResourceVersion):
        rows = rows.exclude(pk__in=model.objects.filter(redacted_copy__isnull=False).values("redacted_copy_id"))
    found = rows.select_related("item__request").defer("payload")
    return [copy for copy in found if copy.revision == copy.item.revision]


# ---------------------------------------------------------------- the year's visits on one page (S2)


@dataclass(frozen=True)
class VisitOfYear:
    """One kind of visit: what the pack says of it, and the rounds of the authority's year."""

    kind: VisitType
    must_study: tuple[str, ...]
    may_look_at: tuple[str, ...]
    sections: tuple[str, ...]
    rounds: tuple[Round, ...]


def year_of_visits(user: User, pack: AuthorityPack, academic_year: int) -> list[VisitOfYear]:
    """Every kind of visit of the pack, with its rounds of the year that the person may see. One query."""
    part = visits_of(pack.content)
    rounds: dict[str, list[Round]] = {}
    held = Round.objects.visible_to(user).filter(authority=pack.authority, academic_year=academic_year)
    for row in held.order_by("starts_on", "pk"):
        rounds.setdefault(row.visit_type, []).append(row)
    return [
        VisitOfYear(
            kind,
            tuple(part.dataset(code).label for code in kind.must_study),
            tuple(part.dataset(code).label for code in kind.may_look_at),
            tuple(use.section.title for use in kind.sections if use.is_required),
            tuple(rounds.get(kind.code, ())),
        )
        for kind in part.visit_types
    ]


# ---------------------------------------------------------------- schools in a category


@dataclass(frozen=True)
class InCategory:
    """A school that its last full inspection put into a category which it has not left."""

    school: School
    inspection: Inspection
    label: str


def schools_in_category(user: User, authority: Authority, part: InspectionPart, on: dt.date) -> list[InCategory]:
    """The schools of the person's scope that are in a category of inspection on a day, longest first. Two queries."""
    schools = School.objects.served_by(user).filter(authority=authority).select_related("authority", "cluster")
    named = {school.pk: school for school in schools}
    found = []
    for school_id, rows in inspections_of(list(named), on).items():
        latest, code = latest_full(rows), category_now(rows, on)
        if latest is not None and code:
            words = part.frameworks.of(latest.framework, latest.starts_on).categories
            found.append(InCategory(named[school_id], latest, words.get(code) or code.replace("-", " ").capitalize()))
    return sorted(found, key=lambda row: (row.inspection.starts_on, row.school.name))


def resource_types(pack: AuthorityPack | None) -> tuple[ResourceType, ...]:
    return briefings_of(pack.content).resource_types if pack is not None else ()
