"""The seventy-two SIPs of the full-size Wealdshire, those who manage and review them, and who serves which school."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.access import can
from people import services as people
from people.models import Sip, User
from people.roles import Permission
from schools import services as schools
from schools.choices import AssignmentKind
from schools.models import School

from . import material
from .county_schools import own_schools

if TYPE_CHECKING:
    from .county import County

PRIMARY = ("infant", "junior", "primary")
BEGUN, NEXT, NOW = dt.date(2006, 9, 1), dt.date(2007, 9, 1), dt.date(2008, 9, 1)
ROLES = {"SIP manager": "sip_manager", "LA officer": "officer", "National Challenge adviser": "nc_adviser"}


def rows() -> list[dict[str, str]]:
    """Everybody of the authority's side."""
    return [row for row in material.rows("county-people") if row["role"] not in ("headteacher", "chair of governors")]


def make(county: County, at: dt.datetime) -> None:
    administrator, authority = county.users["administrator"], county.authority
    for row in rows():
        email = material.email_of(row["name"], at_school=False)
        user = people.create_account(actor=administrator, authority=authority, name=row["name"], email=email, at=at)
        county.users[row["name"]] = user
        if role := ROLES.get(row["role"]):
            clusters = [county.clusters[code] for code in row["clusters"].split(";") if code]
            people.grant_role(
                actor=administrator,
                user=user,
                role="finance_officer" if "finance" in row["note"] else role,
                authority=authority,
                clusters=clusters or None,
                post=_post(row),
                starts_on=NOW if "September 2008" in row["note"] or role == "nc_adviser" else BEGUN,
                at=at,
            )
    county.forget_hats()
    _make_sips(county, at)
    county.forget_hats()


def _post(row: dict[str, str]) -> str:
    found = {"SIP manager": "Deputy SIP manager", "National Challenge adviser": "National Challenge adviser"}.get(row["role"])
    words = found or row["note"].partition(",")[0]
    return words[:1].upper() + words[1:]


def _make_sips(county: County, at: dt.datetime) -> None:
    """Advisers have their phase's manager, all others an assigned person (P28); a new adviser has a mentor too."""
    assigned = {
        True: [county.users["mentor"], county.users["Dilip Trivedi"]],
        False: [county.users["mentor_primary"], *(county.users[row["name"]] for row in rows() if row["note"].startswith("assigned") and row["phases"] == "primary")],
    }  # fmt: skip
    turns: dict[bool, int] = defaultdict(int)
    for row in rows():
        if row["role"] != "SIP":
            continue
        user, is_secondary, is_adviser = county.users[row["name"]], "secondary" in row["phases"], row["kind"] == "adviser"
        accredited = dt.date.fromisoformat(row["accredited"])
        phases = [*PRIMARY, "nursery", *(["special"] if "special" in row["phases"] else [])]
        if is_secondary:
            phases = ["secondary", *(["pru"] if "pru" in row["phases"] else [])]
        reviewer = None if is_adviser else assigned[is_secondary][turns[is_secondary] % len(assigned[is_secondary])]
        turns[is_secondary] += not is_adviser
        facts = people.SipFacts(
            kind=row["kind"],
            phases=phases,
            starts_on=NOW if row["is_new"] else _first(accredited),
            accreditation=f"NCSL-{accredited:%y%m%d}",
            accredited_on=accredited,
            line_manager=county.users["manager_secondary" if is_secondary else "manager"] if is_adviser else None,
            assigned_person=reviewer,
            days_available=material.toml("county")["days"][row["kind"]] * 4,
        )
        sip = people.create_sip(actor=county.users["manager"], user=user, authority=county.authority, facts=facts, at=at)
        county.more_sips[row["name"]] = sip
        if is_adviser and sip.starts_on == NOW:
            people.assign_mentor(actor=county.users["manager"], sip=sip, mentor=county.users["Raymond Stupples"], starts_on=NOW, at=at)


def _first(accredited: dt.date) -> dt.date:
    return BEGUN if accredited <= BEGUN else NEXT if accredited <= NEXT else NOW


# ---------------------------------------------------------------- caseloads


def share_out(held: Sequence[School], sips: dict[str, Sip]) -> dict[int, str]:
    """Who serves which school in 2008/09: by phase, cluster after cluster, to each as many as their kind takes; nobody a school of the
    cluster in which they lead one."""
    by_name = {row["name"]: row for row in rows()}
    led = own_schools()
    home = {name: next(row["cluster"] for row in material.rows("county-schools") if int(row["urn"]) == urn) for urn, name in led.items()}
    found: dict[int, str] = {}
    for is_secondary in (False, True):
        some = [school for school in held if (school.phase in ("secondary", "pru")) == is_secondary]
        names = [name for name, sip in sips.items() if ("secondary" in sip.phases) == is_secondary]
        shares = {name: material.toml("county")["caseload"][by_name[name]["kind"]][is_secondary] for name in names}
        room = _room(shares, len(some))
        waiting = sorted(
            some, key=lambda school: (school.phase not in ("special", "pru"), school.cluster.code if school.cluster else "", school.urn)
        )
        for school in waiting:
            fitting = [
                name
                for name in names
                if room[name] and school.phase in sips[name].phases and home.get(name) != (school.cluster.code if school.cluster else "")
            ]
            found[school.urn] = name = max(fitting, key=lambda name: (_near(by_name[name], school), room[name] / shares[name], name))
            room[name] -= 1
    return found


def _near(row: dict[str, str], school: School) -> bool:
    """Whether somebody's own cluster it is; serving headteachers go elsewhere."""
    return row["kind"] != "serving_head" and school.cluster is not None and row["clusters"] == school.cluster.code


def _room(shares: dict[str, int], schools_there: int) -> dict[str, int]:
    """So many places in all, in these shares; one left over each to the first."""
    whole = sum(shares.values())
    room = {name: schools_there * share // whole for name, share in shares.items()}
    for name in list(room)[: schools_there - sum(room.values())]:
        room[name] += 1
    return room


def assign(county: County) -> None:
    """From the SIP's first autumn on; schools of those who came later had another SIP until then."""
    at, before = county.moment(2007, 8, 30), county.moment(2008, 7, 14)
    mine: dict[str, list[School]] = defaultdict(list)
    for place in county.others.values():
        mine[place.sip.name].append(place.school)
    early: dict[bool, list[str]] = {
        kind: [name for name, sip in county.more_sips.items() if sip.starts_on < NOW and ("secondary" in sip.phases) == kind]
        for kind in (False, True)
    }
    for turn, (name, served) in enumerate(mine.items()):
        sip, adviser = county.more_sips[name], county.users[name]
        manager = county.users["manager_secondary" if "secondary" in sip.phases else "manager"]
        if sip.starts_on == NOW:
            group = early["secondary" in sip.phases]
            earlier = [school for school in served if school.phase not in ("pru", "special", "nursery")]
            if earlier:
                predecessor = county.users[_until_then(county, group, turn)]
                county.before |= {school.urn: predecessor for school in earlier}
                schools.assign(
                    actor=manager,
                    schools=earlier,
                    adviser=predecessor,
                    starts_on=NEXT,
                    ends_on=NOW - dt.timedelta(days=1),
                    quarters=20,
                    at=at,
                )
        schools.assign(actor=manager, schools=served, adviser=adviser, starts_on=sip.starts_on, at=before if sip.starts_on == NOW else at)
    county.forget_hats()


def _until_then(county: County, group: list[str], turn: int) -> str:
    """No serving headteacher, who might lead a school of the cluster."""
    free = [name for name in group if county.more_sips[name].kind != "serving_head"]
    return free[turn % len(free)]


def challenge(county: County) -> None:
    """1 November 2008: an adviser for each of the thirty-one (S6), three or four to each; the small story has three already."""
    at, starts_on = county.moment(2008, 10, 6), dt.date(2008, 11, 1)
    advisers = [county.users["challenge"], *(county.users[row["name"]] for row in rows() if row["role"] == "National Challenge adviser")]
    waiting = [place.school for place in county.others.values() if place.family == "national_challenge"]
    for number, adviser in enumerate(advisers):
        mine = waiting[number :: len(advisers)]
        county.challenged |= dict.fromkeys(mine, adviser)
        schools.assign(
            actor=county.users["manager_secondary"],
            schools=mine,
            adviser=adviser,
            kind=AssignmentKind.NC_ADVISER,
            starts_on=starts_on,
            at=at,
        )
    county.forget_hats()


def declaring(county: County, on: dt.date) -> list[User]:
    """Who declares interests every year."""
    return [user for row in rows() if can(user := county.users[row["name"]], Permission.INTEREST_DECLARE, None, on=on)]
