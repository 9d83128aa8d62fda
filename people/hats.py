"""What a person is today, loaded once per request and never from the session.

``people`` fills the roles, SIP profiles and mentorships; ``schools`` fills assignments, contacts and the wall, in one
query, through :data:`load_school_side` (it imports downwards; this module cannot). Policies are pure functions of a
:class:`Hats`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from django.db.models import Exists, OuterRef, Q

from core.spans import on_day

from .roles import GRANTS, HAT_NAMES, STAFF_HATS, Hat, Permission

if TYPE_CHECKING:
    from .models import User


class SchoolLike(Protocol):
    pk: int
    authority_id: int
    cluster_id: int | None


@dataclass(frozen=True)
class RoleHat:
    """A role in an authority; ``cluster_ids`` is ``None`` where it covers every cluster."""

    hat: Hat
    authority_id: int
    authority_code: str
    cluster_ids: frozenset[int] | None
    is_named: bool = False
    """An officer to whom drafts of concern schools and alerts go: named by the authority, or every one if none is."""


@dataclass(frozen=True)
class SipHat:
    sip_id: int
    authority_id: int
    kind: str
    phases: frozenset[str] = frozenset()


@dataclass(frozen=True)
class AssignmentHat:
    """An assignment that gives rights on the day: ``current``; after its end, in grace (``may_finish``), then reading."""

    school_id: int
    authority_id: int
    kind: str
    starts_on: dt.date
    ends_on: dt.date | None
    current: bool
    may_finish: bool


@dataclass(frozen=True)
class ContactHat:
    """A confirmed, current contact row of this person at a school; ``kind`` is ``schools.ContactKind``."""

    hat: Hat
    school_id: int
    authority_id: int
    kind: str


@dataclass(frozen=True)
class SchoolSide:
    assignments: tuple[AssignmentHat, ...] = ()
    contacts: tuple[ContactHat, ...] = ()
    receives: tuple[ContactHat, ...] = ()
    walled: frozenset[int] = frozenset()
    walled_urns: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True)
class Hats:
    """Everything that a person is on one day. ``walled`` are ids of schools over which authority-side rights are void."""

    user_id: int
    on: dt.date
    roles: tuple[RoleHat, ...] = ()
    sips: tuple[SipHat, ...] = ()
    mentored: frozenset[tuple[int, int]] = frozenset()
    """Whom this person mentors, each in the authority of the profile: (user, authority). Elsewhere it gives no right."""
    reviewees: frozenset[int] = frozenset()
    assignments: tuple[AssignmentHat, ...] = ()
    contacts: tuple[ContactHat, ...] = ()
    receives: tuple[ContactHat, ...] = ()
    """Where this person receives final notes for a diocese or a trust, and nothing else: no part of the school side."""
    walled: frozenset[int] = frozenset()
    walled_urns: frozenset[tuple[str, int]] = frozenset()
    """The same schools as the audit names them: (code of the authority, URN)."""
    _schools: dict[int, frozenset[Hat]] = field(default_factory=dict, compare=False, repr=False)

    # -- at a school

    def at(self, school: SchoolLike) -> frozenset[Hat]:
        """The hats that this person wears at one school, the wall applied. A mentor's come from the row itself."""
        school_side = {c.hat for c in (*self.contacts, *self.receives) if c.school_id == school.pk}
        if school.pk in self.walled:
            return frozenset(school_side)
        worn = set(school_side)
        for role in self.roles:
            if role.authority_id == school.authority_id and (role.cluster_ids is None or school.cluster_id in role.cluster_ids):
                worn.add(role.hat)
        for assignment in self.assignments:
            if assignment.school_id == school.pk:
                worn.add(Hat.ADVISER if assignment.current else Hat.FORMER_ADVISER)
        return frozenset(worn)

    def may(self, permission: Permission, school: SchoolLike) -> bool:
        return any(permission in GRANTS[hat] for hat in self.at(school))

    def is_adviser_of(self, school_id: int) -> bool:
        return school_id not in self.walled and any(a.school_id == school_id and a.current for a in self.assignments)

    def may_finish_at(self, school_id: int) -> bool:
        """Whether a note begun at this school may still be written: during the assignment and its days of grace."""
        return school_id not in self.walled and any(a.school_id == school_id and a.may_finish for a in self.assignments)

    def contact_hats(self, school_id: int) -> frozenset[Hat]:
        return frozenset(c.hat for c in self.contacts if c.school_id == school_id)

    # -- mentoring

    @property
    def mentees(self) -> frozenset[int]:
        """Everybody whom this person mentors somewhere. Where rows are opened by it, ask :meth:`mentors_in`."""
        return frozenset(user_id for user_id, _ in self.mentored)

    def mentors_in(self, user_id: int, authority_id: int) -> bool:
        return (user_id, authority_id) in self.mentored

    def among_mentees(self, person: str, authority: str = "authority_id") -> Q:
        """The rows whose ``person`` is mentored in the row's own authority: an authority is a tenant, and a consultant may
        be a SIP of two."""
        found = Q(pk__in=[])
        for authority_id in {authority_id for _, authority_id in self.mentored}:
            mentees = [user_id for user_id, at in self.mentored if at == authority_id]
            found |= Q(**{f"{person}__in": mentees, authority: authority_id})
        return found

    # -- in an authority, or at all

    def may_in(self, permission: Permission, authority_id: int) -> bool:
        """By a role (or a SIP profile) in this authority, whatever its clusters."""
        if any(r.authority_id == authority_id and permission in GRANTS[r.hat] for r in self.roles):
            return True
        return permission in GRANTS[Hat.SIP] and any(s.authority_id == authority_id for s in self.sips)

    def authorities_where(self, permission: Permission) -> frozenset[int]:
        """Where a page over the schools of one's scope may be opened: by a role, as a SIP, or by a current assignment."""
        found = set(self.authorities_granting(permission))
        if permission in GRANTS[Hat.SIP]:
            found |= {sip.authority_id for sip in self.sips}
        if permission in GRANTS[Hat.ADVISER]:
            found |= {a.authority_id for a in self.assignments if a.current}
        return frozenset(found)

    def worn_in(self, authority_id: int) -> frozenset[Hat]:
        """Everything that this person is in one authority, whatever the clusters and schools; a former adviser is nothing there."""
        worn = {role.hat for role in self.roles if role.authority_id == authority_id}
        worn |= {contact.hat for contact in self.contacts if contact.authority_id == authority_id}
        if any(sip.authority_id == authority_id for sip in self.sips):
            worn.add(Hat.SIP)
        if any(mentored_at == authority_id for _, mentored_at in self.mentored):
            worn.add(Hat.MENTOR)
        if any(a.authority_id == authority_id and a.current for a in self.assignments):
            worn.add(Hat.ADVISER)
        return frozenset(worn)

    def authorities_wearing(self, permission: Permission) -> frozenset[int]:
        """Where any hat at all grants it: for what belongs to an authority and to no school."""
        ids = self.authority_ids | {authority_id for _, authority_id in self.mentored}
        return frozenset(pk for pk in ids if any(permission in GRANTS[hat] for hat in self.worn_in(pk)))

    def may_somewhere(self, permission: Permission) -> bool:
        return any(permission in GRANTS[hat] for hat in self.worn)

    @property
    def worn(self) -> frozenset[Hat]:
        worn = {r.hat for r in self.roles} | {c.hat for c in (*self.contacts, *self.receives)}
        if self.sips:
            worn.add(Hat.SIP)
        if self.mentees:
            worn.add(Hat.MENTOR)
        for assignment in self.assignments:
            worn.add(Hat.ADVISER if assignment.current else Hat.FORMER_ADVISER)
        return frozenset(worn)

    def roles_granting(self, permission: Permission) -> tuple[RoleHat, ...]:
        return tuple(r for r in self.roles if permission in GRANTS[r.hat])

    def authorities_granting(self, permission: Permission) -> frozenset[int]:
        return frozenset(r.authority_id for r in self.roles_granting(permission))

    def authorities_granting_role(self, hat: Hat) -> frozenset[int]:
        return frozenset(r.authority_id for r in self.roles if r.hat == hat)

    def reviews_in(self, authority_id: int) -> bool:
        """Whether this person may be given notes of the authority to review: its managers and its SIPs, today."""
        return authority_id in self.reviewing_authorities

    @property
    def reviewing_authorities(self) -> frozenset[int]:
        by_role = {r.authority_id for r in self.roles if r.hat in (Hat.SIP_MANAGER, Hat.HEAD_OF_IMPROVEMENT)}
        return frozenset(by_role | {s.authority_id for s in self.sips})

    @property
    def authority_ids(self) -> frozenset[int]:
        groups: tuple[Iterable[RoleHat | SipHat | AssignmentHat | ContactHat], ...] = (
            self.roles,
            self.sips,
            self.assignments,
            self.contacts,
            self.receives,
        )
        return frozenset(hat.authority_id for group in groups for hat in group)

    @property
    def is_staff(self) -> bool:
        return any(r.hat in STAFF_HATS for r in self.roles)

    @property
    def audit_authority_codes(self) -> frozenset[str]:
        return frozenset(r.authority_code for r in self.roles_granting(Permission.AUDIT_READ))

    @property
    def names(self) -> list[str]:
        """The words for what this person is, in the order of the page of permissions; shown on every page."""
        shown = self.worn - {Hat.ADVISER, Hat.FORMER_ADVISER}
        return [HAT_NAMES[hat] for hat in Hat if hat in shown] or (["Former SIP"] if self.assignments else [])


SchoolSideLoader = Callable[["User", dt.date], SchoolSide]


class _Loader:
    school_side: SchoolSideLoader | None = None


def register_school_side(loader: SchoolSideLoader) -> None:
    _Loader.school_side = loader


def load(user: User, on: dt.date) -> Hats:
    """Five small queries at most: roles, their clusters, SIP profiles, mentorships, and the school side."""
    from .models import Mentorship, RoleAssignment, Sip

    roles = tuple(
        RoleHat(
            hat=Hat(row.role),
            authority_id=row.authority_id,
            authority_code=row.authority.code,
            cluster_ids=(frozenset(c.pk for c in row.clusters.all()) if row.is_limited_to_clusters else None),
            is_named=row.is_named_officer or not row.someone_is_named,
        )
        for row in RoleAssignment.objects.filter(on_day(on), user=user)
        .annotate(
            someone_is_named=Exists(RoleAssignment.objects.filter(on_day(on), authority=OuterRef("authority"), is_named_officer=True))
        )
        .select_related("authority")
        .prefetch_related("clusters")
    )
    sips = tuple(SipHat(row.pk, row.authority_id, row.kind, frozenset(row.phases)) for row in Sip.objects.filter(on_day(on), user=user))
    mentorships = Mentorship.objects.filter(on_day(on), mentor=user).values_list("sip__user_id", "sip__authority_id", "is_reviewer")
    mentored, reviewees = set(), set()
    for mentee, authority_id, is_reviewer in mentorships:
        mentored.add((mentee, authority_id))
        if is_reviewer:
            reviewees.add(mentee)
    side = _Loader.school_side(user, on) if _Loader.school_side else SchoolSide()
    return Hats(
        user_id=user.pk,
        on=on,
        roles=roles,
        sips=sips,
        mentored=frozenset(mentored),
        reviewees=frozenset(reviewees),
        assignments=side.assignments,
        contacts=side.contacts,
        receives=side.receives,
        walled=side.walled,
        walled_urns=side.walled_urns,
    )
