"""The rules of domain.md §3 on who may serve which school, asked of many proposed allocations at once.

One proposal or six hundred cost the same five queries. A *block* refuses; a *warning* is answered with a reason.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Q

from core.calendar import AcademicYear
from core.spans import overlapping
from people.choices import SipKind
from people.models import Authority, RoleAssignment, Sip, User
from people.packs import pack_for
from people.roles import Hat
from schools.choices import HEADS, AssignmentKind, ContactKind, ContactState, SchoolStatus
from schools.models import Assignment, Contact, Interest, School

BY_PROFILE = (AssignmentKind.SIP, AssignmentKind.COVER)


@dataclass(frozen=True)
class Proposal:
    """That an adviser serves a school from one day to another (``None``: open). ``replaces`` are assignments that end before."""

    school: School
    adviser: User
    kind: str
    starts_on: dt.date
    ends_on: dt.date | None = None
    replaces: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Finding:
    """A rule that a proposal meets, and the sentence that says which."""

    proposal: Proposal
    rule: str
    sentence: str
    is_warning: bool = False


class _Held(NamedTuple):
    pk: int
    school_id: int
    adviser_id: int
    adviser_name: str
    kind: str
    starts_on: dt.date
    ends_on: dt.date | None


@dataclass
class _Known:
    """What the database says of the advisers and schools of all proposals."""

    years_warning: int | None
    sips: dict[int, list[Sip]] = field(default_factory=lambda: defaultdict(list))
    nc_advisers: dict[int, list[tuple[dt.date, dt.date | None]]] = field(default_factory=lambda: defaultdict(list))
    contacts: dict[int, list[Contact]] = field(default_factory=lambda: defaultdict(list))
    interests: dict[int, list[Interest]] = field(default_factory=lambda: defaultdict(list))
    held: dict[int, list[_Held]] = field(default_factory=lambda: defaultdict(list))


def _shares(starts_on: dt.date, ends_on: dt.date | None, other_starts: dt.date, other_ends: dt.date | None) -> bool:
    """Whether two spans share a day."""
    return (other_ends is None or other_ends >= starts_on) and (ends_on is None or other_starts <= ends_on)


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"


def check_allocations(authority: Authority, proposals: Sequence[Proposal], *, on: dt.date) -> list[Finding]:
    """Every rule that the proposals break, and every warning they raise; worst first, else in the order given.

    ``on`` is the day of asking: its pack says from which year with a school a warning is due (*default* the fourth).
    """
    if not proposals:
        return []
    known = _gather(authority, proposals, on)
    found: list[Finding] = []
    taken: dict[tuple[int, str], list[Proposal]] = defaultdict(list)
    for proposal in proposals:
        found += _blocks(proposal, known)
        twins = taken[proposal.school.pk, proposal.kind]
        for twin in twins:
            if _shares(proposal.starts_on, proposal.ends_on, twin.starts_on, twin.ends_on):
                sentence = f"{proposal.school.name} is given twice, to {twin.adviser.name} and {proposal.adviser.name}."
                found.append(Finding(proposal, "overlap", sentence))
        twins.append(proposal)
        found += _warnings(proposal, known)
    return sorted(found, key=lambda finding: finding.is_warning)


def _gather(authority: Authority, proposals: Sequence[Proposal], on: dt.date) -> _Known:
    pack = pack_for(authority, on)
    known = _Known(pack.whole("years_with_school_warning") if pack else None)
    advisers = {proposal.adviser.pk for proposal in proposals}
    schools = {proposal.school.pk for proposal in proposals}
    for sip in Sip.objects.filter(authority=authority, user_id__in=advisers).order_by("starts_on"):
        known.sips[sip.user_id].append(sip)
    if any(proposal.kind == AssignmentKind.NC_ADVISER for proposal in proposals):
        roles = RoleAssignment.objects.filter(authority=authority, role=Hat.NC_ADVISER, user_id__in=advisers)
        for user_id, starts_on, ends_on in roles.values_list("user_id", "starts_on", "ends_on"):
            known.nc_advisers[user_id].append((starts_on, ends_on))
    contacts = Contact.objects.filter(user_id__in=advisers).exclude(state=ContactState.REFUSED).select_related("school")
    for contact in contacts:
        known.contacts[contact.user_id or 0].append(contact)
    for interest in Interest.objects.filter(user_id__in=advisers, school_id__in=schools):
        known.interests[interest.user_id].append(interest)
    first = min(proposal.starts_on for proposal in proposals)
    relevant = Q(adviser_id__in=advisers, kind=AssignmentKind.SIP) | overlapping(first, None)
    rows = Assignment.objects.filter(relevant, school_id__in=schools).order_by("starts_on")
    for row in rows.values_list("pk", "school_id", "adviser_id", "adviser__name", "kind", "starts_on", "ends_on"):
        held = _Held(*row)
        known.held[held.school_id].append(held)
    return known


def _blocks(proposal: Proposal, known: _Known) -> list[Finding]:
    school, adviser = proposal.school, proposal.adviser
    found: list[Finding] = []

    def block(rule: str, sentence: str) -> None:
        found.append(Finding(proposal, rule, sentence))

    if not adviser.is_active:
        block("account", f"{adviser.name}'s account is deactivated.")
    if school.status == SchoolStatus.CLOSED or (school.closed_on is not None and school.closed_on < proposal.starts_on):
        block("closed", f"{school.name} is closed.")
    profile = _profile_on(known.sips.get(adviser.pk, []), proposal.starts_on)
    if proposal.kind in BY_PROFILE:
        found += _profile_blocks(proposal, profile)
    elif profile is None and not any(
        starts <= proposal.starts_on and (ends is None or ends >= proposal.starts_on)
        for starts, ends in known.nc_advisers.get(adviser.pk, [])
    ):
        block("nc_adviser", f"{adviser.name} is neither a National Challenge adviser nor a SIP on {_day(proposal.starts_on)}.")
    here = [
        contact
        for contact in known.contacts.get(adviser.pk, [])
        if contact.school_id == school.pk and _shares(proposal.starts_on, proposal.ends_on, contact.starts_on, contact.ends_on)
    ]
    if any(contact.kind in HEADS for contact in here):
        block("own_school", f"{adviser.name} leads {school.name}: a serving headteacher is never assigned to their own school.")
    elif here:
        words = ContactKind(here[0].kind).label
        block("wall", f"{adviser.name} is {words} at {school.name}, and so holds no authority-side right over it.")
    for interest in known.interests.get(adviser.pk, []):
        if interest.school_id == school.pk and _shares(proposal.starts_on, proposal.ends_on, interest.starts_on, interest.ends_on):
            block("wall", f"{adviser.name} has declared an interest in {school.name} ({interest.get_kind_display()}).")
            break
    for held in known.held.get(school.pk, []):
        if (
            held.kind == proposal.kind
            and held.pk not in proposal.replaces
            and _shares(proposal.starts_on, proposal.ends_on, held.starts_on, held.ends_on)
        ):
            until = f"until {_day(held.ends_on)}" if held.ends_on else "with no end"
            block(
                "overlap",
                f"{school.name} has {held.adviser_name} as {AssignmentKind(held.kind).label} from {_day(held.starts_on)} {until}.",
            )
    return found


def _profile_on(sips: list[Sip], day: dt.date) -> Sip | None:
    return next((sip for sip in sips if sip.holds_on(day)), None)


def _profile_blocks(proposal: Proposal, profile: Sip | None) -> list[Finding]:
    school, adviser = proposal.school, proposal.adviser
    if profile is None:
        return [Finding(proposal, "profile", f"{adviser.name} is not a SIP of this authority on {_day(proposal.starts_on)}.")]
    found = []
    if profile.accredited_on is None:
        found.append(
            Finding(proposal, "accreditation", f"{adviser.name} has no accreditation date: no assignment may start before accreditation.")
        )
    elif profile.accredited_on > proposal.starts_on:
        sentence = f"{adviser.name} is accredited from {_day(profile.accredited_on)}: no assignment may start before accreditation."
        found.append(Finding(proposal, "accreditation", sentence))
    if profile.ends_on is not None and (proposal.ends_on is None or proposal.ends_on > profile.ends_on):
        sentence = f"{adviser.name} is a SIP until {_day(profile.ends_on)}: the assignment must end by then."
        found.append(Finding(proposal, "profile", sentence))
    if school.phase not in profile.phases:
        sentence = f"{adviser.name} does not serve the phase of {school.name} ({school.get_phase_display()})."
        found.append(Finding(proposal, "phase", sentence))
    return found


def _warnings(proposal: Proposal, known: _Known) -> list[Finding]:
    found = []
    school, adviser = proposal.school, proposal.adviser
    if school.cluster_id is not None:
        profile = _profile_on(known.sips.get(adviser.pk, []), proposal.starts_on)
        for contact in known.contacts.get(adviser.pk, []):
            serves_as_head = contact.kind in HEADS and _shares(proposal.starts_on, proposal.ends_on, contact.starts_on, contact.ends_on)
            if serves_as_head and contact.school.cluster_id == school.cluster_id and contact.school_id != school.pk:
                kind = "A serving headteacher" if profile is None or profile.kind == SipKind.SERVING_HEAD else "Somebody"
                sentence = f"{kind} of {contact.school.name} would serve {school.name} in the same cluster: {adviser.name}."
                found.append(Finding(proposal, "same_cluster", sentence, is_warning=True))
                break
    if known.years_warning is not None and proposal.kind == AssignmentKind.SIP:
        year = year_with_school(proposal, known.held.get(school.pk, []))
        if year >= known.years_warning:
            sentence = f"{AcademicYear.from_date(proposal.starts_on)} would be year {year} of {adviser.name} with {school.name}."
            found.append(Finding(proposal, "years", sentence, is_warning=True))
    return found


def year_with_school(proposal: Proposal, held: list[_Held]) -> int:
    """1 in the adviser's first academic year as the school's SIP, 2 in the second …; a year without them starts anew."""
    served: set[int] = set()
    this_year = AcademicYear.from_date(proposal.starts_on).first
    for row in held:
        if row.adviser_id == proposal.adviser.pk and row.kind == AssignmentKind.SIP and row.starts_on < proposal.starts_on:
            last = min(row.ends_on or proposal.starts_on, proposal.starts_on)
            served.update(range(AcademicYear.from_date(row.starts_on).first, AcademicYear.from_date(last).first + 1))
    count = 1
    while this_year - count in served:
        count += 1
    return count
