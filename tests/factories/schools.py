"""Rows of ``schools``, and :func:`build_world`: two authorities that must never see each other, with an actor for every hat."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field
from typing import Any

from people.choices import SipKind
from people.models import Authority, Cluster, Pack, Sip, User
from people.roles import Hat
from schools.choices import AssignmentKind, ContactKind, ContactState, DaysKind, DaysSource, GroupKind, InterestKind, Phase
from schools.models import Assignment, Contact, DaysEntry, Group, GroupMembership, Interest, InterestDeclaration, School

from .people import NOW, TODAY, YEAR, YEAR_STARTS, give_role, make_authority, make_cluster, make_mentorship, make_pack, make_sip, make_user

_numbers = itertools.count(1)


def make_school(
    authority: Authority, name: str = "", *, phase: Phase = Phase.PRIMARY, cluster: Cluster | None = None, **values: Any
) -> School:
    number = next(_numbers)
    return School.objects.create(
        authority=authority,
        urn=values.pop("urn", 990000 + number),
        establishment_number=values.pop("establishment_number", 2000 + number % 5000),
        name=name or f"School {number}",
        phase=phase,
        cluster=cluster,
        **values,
    )


def make_group(
    authority: Authority, schools: list[School], name: str = "", *, kind: GroupKind = GroupKind.FEDERATION, **values: Any
) -> Group:
    group = Group.objects.create(authority=authority, name=name or f"Group {next(_numbers)}", kind=kind)
    starts_on = values.pop("starts_on", dt.date(2006, 9, 1))
    GroupMembership.objects.bulk_create(GroupMembership(group=group, school=school, starts_on=starts_on, **values) for school in schools)
    return group


def make_contact(
    school: School,
    kind: ContactKind = ContactKind.HEAD,
    *,
    user: User | None = None,
    state: ContactState = ContactState.CONFIRMED,
    **values: Any,
) -> Contact:
    """A contact row, confirmed by default; it gives a hat where ``user`` is named."""
    if user is not None:
        user.forget_hats()
    return Contact.objects.create(
        school=school,
        kind=kind,
        user=user,
        name=values.pop("name", user.name if user else f"Contact {next(_numbers)}"),
        email=values.pop("email", user.email if user else ""),
        state=state,
        starts_on=values.pop("starts_on", dt.date(2005, 9, 1)),
        reported_at=values.pop("reported_at", NOW),
        decided_at=values.pop("decided_at", None if state == ContactState.REPORTED else NOW),
        **values,
    )


def make_interest(user: User, school: School, kind: InterestKind = InterestKind.RELATIVE, **values: Any) -> Interest:
    user.forget_hats()
    return Interest.objects.create(
        user=user,
        school=school,
        kind=kind,
        starts_on=values.pop("starts_on", YEAR_STARTS),
        declared_at=values.pop("declared_at", NOW),
        **values,
    )


def make_declaration(user: User, authority: Authority, *, academic_year: int = YEAR, has_none: bool = True) -> InterestDeclaration:
    return InterestDeclaration.objects.create(
        user=user, authority=authority, academic_year=academic_year, has_none=has_none, declared_at=NOW
    )


def make_assignment(
    adviser: User, school: School, kind: AssignmentKind = AssignmentKind.SIP, *, starts_on: dt.date = dt.date(2007, 9, 1), **values: Any
) -> Assignment:
    """An assignment; one that is ended has its three weeks and ninety days, unless it was a removal."""
    adviser.forget_hats()
    ends_on = values.get("ends_on")
    if ends_on is not None:
        values.setdefault("finish_by", ends_on if values.get("is_removal") else ends_on + dt.timedelta(days=21))
        values.setdefault("read_until", ends_on + dt.timedelta(days=90))
    return Assignment.objects.create(
        authority_id=school.authority_id, school=school, adviser=adviser, kind=kind, starts_on=starts_on, created_at=NOW, **values
    )


def make_days(
    adviser: User,
    school: School,
    quarters: int,
    kind: DaysKind = DaysKind.ALLOCATED,
    *,
    academic_year: int = YEAR,
    source: DaysSource = DaysSource.CORE,
    **values: Any,
) -> DaysEntry:
    return DaysEntry.objects.create(
        authority_id=school.authority_id,
        school=school,
        adviser=adviser,
        academic_year=academic_year,
        source=source,
        kind=kind,
        quarters=quarters,
        entered_on=values.pop("entered_on", TODAY),
        **values,
    )


@dataclass
class World:
    """Wealdshire (``authority``) with every actor, and Marchwold (``other``), whose people and schools it must never show.

    Schools of Wealdshire, by name: ``oak`` (primary, north; head, chair, clerk and office have accounts; its SIP is
    ``sip``, and was ``former_sip`` until 30 September 2008), ``ash`` (primary, north; ``sip``; headed by ``sip_head``),
    ``elm`` (secondary, south; ``consultant``; chaired by ``officer_chair``; ``nc_adviser`` beside the SIP), ``yew``
    (primary, south; ``manager_sip``), ``rowan`` (primary, south; ``new_sip``, whom ``mentor`` mentors and reviews),
    ``fir`` (special, south; no SIP), ``pru`` (PRU, north; ``sip_head``), ``gorse`` (closed). ``oak`` and ``ash`` are
    federated. Schools of Marchwold: ``birch`` (``other_sip``, ``other_head``) and ``beech``.
    """

    authority: Authority
    other: Authority
    north: Cluster
    south: Cluster
    people: dict[str, User] = field(default_factory=dict)
    schools: dict[str, School] = field(default_factory=dict)
    sips: dict[str, Sip] = field(default_factory=dict)
    assignments: dict[str, Assignment] = field(default_factory=dict)
    pack: Pack | None = None
    group: Group | None = None

    def __getattr__(self, name: str) -> Any:
        """``world.sip`` is a person, ``world.oak`` a school."""
        for kind in ("people", "schools"):
            found = self.__dict__.get(kind, {}).get(name)
            if found is not None:
                return found
        raise AttributeError(name)

    def fresh(self, name: str) -> User:
        """The person as the next request loads them: no hats remembered."""
        return User.objects.get(pk=self.people[name].pk)


WEALDSHIRE_ROLES: dict[str, tuple[str, Hat]] = {
    "manager": ("Marian Holt", Hat.SIP_MANAGER),
    "head_of_improvement": ("Hugh Penrose", Hat.HEAD_OF_IMPROVEMENT),
    "finance_officer": ("Fay Tilling", Hat.FINANCE_OFFICER),
    "dpo": ("Dorothy Pike", Hat.DATA_PROTECTION_OFFICER),
    "regional_coordinator": ("Rafe Cornwell", Hat.REGIONAL_COORDINATOR),
    "member": ("Councillor Merrow", Hat.ELECTED_MEMBER),
    "administrator": ("Ada Minton", Hat.ADMINISTRATOR),
    "nc_adviser": ("Nell Challis", Hat.NC_ADVISER),
    "officer_chair": ("Oscar Chertsey", Hat.OFFICER),
    "manager_sip": ("Mavis Sipthorp", Hat.SIP_MANAGER),
}


def build_world() -> World:
    """About a hundred inserts and no password: tens of milliseconds. Wealdshire works by the pack ``england-2008``."""
    home, away = make_authority("999", "Wealdshire"), make_authority("888", "Marchwold")
    north, south = make_cluster(home, "North"), make_cluster(home, "South")
    world = World(home, away, north, south, pack=make_pack(home))
    people, schools, sips, assignments = world.people, world.schools, world.sips, world.assignments

    # schools
    for key, name, phase, cluster in (
        ("oak", "Oakfield Primary School", Phase.PRIMARY, north),
        ("ash", "Ashdown Primary School", Phase.PRIMARY, north),
        ("elm", "Elmwood High School", Phase.SECONDARY, south),
        ("yew", "Yew Tree Primary School", Phase.PRIMARY, south),
        ("rowan", "Rowan Lane Primary School", Phase.PRIMARY, south),
        ("fir", "Firbank School", Phase.SPECIAL, south),
        ("pru", "Northside Centre", Phase.PRU, north),
    ):
        schools[key] = make_school(home, name, phase=phase, cluster=cluster)
    schools["gorse"] = make_school(home, "Gorse Hill School", cluster=north, status="closed", closed_on=dt.date(2008, 8, 31))
    schools["birch"] = make_school(away, "Birchwood Primary School")
    schools["beech"] = make_school(away, "Beechcroft School", phase=Phase.SECONDARY)
    world.group = make_group(home, [schools["oak"], schools["ash"]], "Oak and Ash Federation")

    # people with a role
    for key, (name, role) in WEALDSHIRE_ROLES.items():
        people[key] = make_user(name, authority=home)
        give_role(people[key], role, home)
    people["officer"] = make_user("Olive Northcote", authority=home)
    give_role(people["officer"], Hat.OFFICER, home, clusters=[north])
    people["officer_south"] = make_user("Otto Southey", authority=home)
    give_role(people["officer_south"], Hat.OFFICER, home, clusters=[south])
    people["outsider"] = make_user("Una Nobody")
    for key, name, role in (
        ("other_manager", "Max Marchant", Hat.SIP_MANAGER),
        ("other_administrator", "Abel Marchant", Hat.ADMINISTRATOR),
    ):
        people[key] = make_user(name, authority=away)
        give_role(people[key], role, away)

    # SIPs
    for key, name, kind, authority in (
        ("sip", "Susan Marlow", SipKind.ADVISER, home),
        ("consultant", "Conrad Vale", SipKind.CONSULTANT, home),
        ("sip_head", "Ruth Ashby", SipKind.SERVING_HEAD, home),
        ("former_sip", "Frank Gone", SipKind.CONSULTANT, home),
        ("new_sip", "Nora Fresh", SipKind.RECENT_HEAD, home),
        ("cover_adviser", "Celia Cover", SipKind.ADVISER, home),
        ("manager_sip", "", SipKind.ADVISER, home),
        ("other_sip", "Simon Marchant", SipKind.ADVISER, away),
    ):
        if key not in people:
            people[key] = make_user(name, authority=authority)
        starts_on = YEAR_STARTS if key == "new_sip" else dt.date(2006, 9, 1)
        ends_on = dt.date(2008, 9, 30) if key == "former_sip" else None
        sips[key] = make_sip(people[key], authority, kind=kind, starts_on=starts_on, ends_on=ends_on, days_available=240)
    people["mentor"] = make_user("Minna Guide", authority=home)
    make_mentorship(sips["new_sip"], people["mentor"], is_reviewer=True)
    Sip.objects.filter(pk=sips["new_sip"].pk).update(assigned_person=people["mentor"])
    for key in ("sip", "cover_adviser", "manager_sip"):
        Sip.objects.filter(pk=sips[key].pk).update(line_manager=people["manager"])

    # who serves which school
    assignments["former"] = make_assignment(
        people["former_sip"], schools["oak"], ends_on=dt.date(2008, 9, 30), end_reason="Left the authority's service."
    )
    assignments["oak"] = make_assignment(people["sip"], schools["oak"], starts_on=dt.date(2008, 10, 1))
    assignments["ash"] = make_assignment(people["sip"], schools["ash"])
    assignments["elm"] = make_assignment(people["consultant"], schools["elm"])
    assignments["nc"] = make_assignment(people["nc_adviser"], schools["elm"], AssignmentKind.NC_ADVISER, starts_on=YEAR_STARTS)
    assignments["yew"] = make_assignment(people["manager_sip"], schools["yew"])
    assignments["rowan"] = make_assignment(people["new_sip"], schools["rowan"], starts_on=YEAR_STARTS)
    assignments["pru"] = make_assignment(people["sip_head"], schools["pru"])
    assignments["birch"] = make_assignment(people["other_sip"], schools["birch"])

    # people at schools
    for key, name, school, kind in (
        ("head", "Anwen Price", "oak", ContactKind.HEAD),
        ("chair", "Clement Board", "oak", ContactKind.CHAIR),
        ("clerk", "Clara Minutes", "oak", ContactKind.CLERK),
        ("office", "Offa Desk", "oak", ContactKind.OFFICE),
        ("sip_head", "", "ash", ContactKind.HEAD),
        ("officer_chair", "", "elm", ContactKind.CHAIR),
        ("elm_head", "Edwin Major", "elm", ContactKind.HEAD),
        ("teacher_in_charge", "Tess Centre", "pru", ContactKind.TEACHER_IN_CHARGE),
        ("other_head", "Bruno Marchant", "birch", ContactKind.HEAD),
    ):
        if key not in people:
            people[key] = make_user(name, authority=schools[school].authority)
        make_contact(schools[school], kind, user=people[key])
    people["former_head"] = make_user("Percy Past", authority=home)
    make_contact(schools["yew"], ContactKind.HEAD, user=people["former_head"], ends_on=dt.date(2008, 8, 31))
    make_contact(schools["yew"], ContactKind.ACTING_HEAD, starts_on=YEAR_STARTS, name="Actaea Current")

    # an interest raises the wall: the finance officer's brother teaches at fir
    make_interest(people["finance_officer"], schools["fir"])
    for user in people.values():
        user.forget_hats()
    return world
