"""Reads of quality assurance."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.calendar import AcademicYear
from core.spans import on_day
from people.models import Authority, Sip, User
from people.packs import AuthorityPack
from schools.choices import CHAIRS, HEADS, AssignmentKind, ContactState
from schools.models import Assignment, Contact, School
from schools.selectors import walls_of

from ..choices import FeedbackRole, FeedbackState
from ..disclosure import Atom
from ..models import FeedbackRelease, FeedbackRequest
from ..pack import quality_of

PEOPLE = {FeedbackRole.HEAD: HEADS, FeedbackRole.CHAIR: CHAIRS}


def release_day(pack: AuthorityPack, year: AcademicYear) -> dt.date:
    """The one day in the year on which feedback is released: the setting's month and day, in that academic year."""
    month, day = (int(part) for part in pack.text("feedback_release_day").split("-"))
    return dt.date(year.first + (1 if month < 9 else 0), month, day)


@dataclass(frozen=True)
class Candidate:
    """One form that could be sent, or why not."""

    sip: Sip
    school: School
    role: FeedbackRole
    contact: Contact | None
    reader: User | None
    why_not: str = ""

    @property
    def key(self) -> str:
        return f"{self.sip.public_id}.{self.school.urn}.{self.role}"


def candidates(actor: User, authority: Authority, year: AcademicYear, on: dt.date) -> list[Candidate]:
    """Each SIP's schools with their head and chair of today; nobody sees what concerns themselves, or a school behind their wall."""
    sips = {
        sip.user_id: sip
        for sip in Sip.objects.filter(on_day(on), authority=authority)
        .exclude(user=actor)
        .select_related("user", "line_manager", "assigned_person")
    }
    serving = (
        Assignment.objects.filter(on_day(on), authority=authority, kind=AssignmentKind.SIP, adviser__in=list(sips))
        .exclude(school__in=actor.hats.walled)
        .select_related("school__authority")
        .order_by("adviser__name", "school__name")
    )
    rows = list(serving)
    contacts: dict[tuple[int, str], Contact] = {}
    kinds = {kind: role for role, kinds in PEOPLE.items() for kind in kinds}
    for contact in (
        Contact.objects.filter(on_day(on), state=ContactState.CONFIRMED, kind__in=list(kinds), school__in=[row.school_id for row in rows])
        .select_related("user")
        .order_by("starts_on", "pk")
    ):
        contacts.setdefault((contact.school_id, kinds[contact.kind]), contact)
    there = set(FeedbackRequest.objects.filter(authority=authority, academic_year=year).values_list("sip_id", "school_id", "role"))
    walled = walls_of({sip.sip_reviewer for sip in sips.values() if sip.sip_reviewer is not None}, on)
    found = []
    for row in rows:
        sip = sips[row.adviser_id]
        reader = sip.sip_reviewer
        for role in FeedbackRole:
            contact = contacts.get((row.school_id, role))
            if (sip.pk, row.school_id, role) in there:
                why = "asked already this year"
            elif reader is None:
                why = f"nobody is named to read what is said about {sip.user.name}"
            elif contact is None:
                why = "no one in post"
            elif not contact.email:
                why = "no email address"
            elif (reader.pk, row.school_id) in walled:
                why = f"{reader.name}, who would read it, is walled from the school"
            else:
                why = ""
            found.append(Candidate(sip, row.school, role, contact, reader, why))
    return found


@dataclass(frozen=True)
class Answer:
    """One answer on the scale, with whose it is about and from."""

    role: str
    code: str
    value: int
    atom: Atom


def answers_of(authority: Authority, until: AcademicYear) -> list[Answer]:
    """Every answer sent, up to a year: for the release alone. Nought, "does not apply", counts nowhere."""
    rows = FeedbackRequest.objects.filter(authority=authority, state=FeedbackState.SENT, academic_year__lte=until.first)
    return [
        Answer(role, code, value, Atom(sip_id, school_id, AcademicYear.of(year).first))
        for role, sip_id, school_id, year, answers in rows.values_list("role", "sip_id", "school_id", "academic_year", "answers")
        for code, value in answers.items()
        if value
    ]


def told_before(releases: Iterable[FeedbackRelease]) -> dict[tuple[int | None, str], list[tuple[int, ...]]]:
    """(SIP or None, question) → the years of each mean that was released."""
    found: dict[tuple[int | None, str], list[tuple[int, ...]]] = defaultdict(list)
    for release in releases:
        for figure in release.figures:
            if figure["mean"] is not None:
                found[(release.sip_id, figure["code"])].append(tuple(figure["years"]))
    return found


def released_to(sip: Sip) -> Sequence[FeedbackRelease]:
    return list(FeedbackRelease.objects.filter(sip=sip).order_by("-academic_year"))


def promise(request: FeedbackRequest, pack: AuthorityPack) -> str:
    """Who reads, from how many schools anything is shown, and when: the first screen's words (the pack's)."""
    day = release_day(pack, request.academic_year)
    return quality_of(pack.content).feedback.promise.format(
        reviewer=request.reader.name,
        schools=pack.whole("feedback_schools"),
        comment_schools=pack.whole("feedback_comment_schools"),
        date=f"{day.day} {day:%B %Y}",
    )
