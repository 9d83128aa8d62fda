"""What the editor shows of a draft: its sections with their state in words, the text that is there, what stands beside it.

Read-only. The number of queries does not grow with the number of sections: the checks read the note whole, and the rest
is of the one section on the page.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q
from django.urls import reverse
from django.utils import timezone

from core.components.formats import plural
from core.numbers import format_number
from core.spans import on_day
from people.models import Mentorship, RoleAssignment, User
from people.packs import AuthorityPack
from people.roles import Hat
from schools.models import Assignment
from targets.models import Result
from targets.pack import Measure, measures_of
from targets.wording import source_words

from .checks import BLOCKS, Finding, Loaded, Summary, check_texts, load, summary
from .checks.snapshot import ActionRow, NoteSnapshot
from .choices import GateDecision, GateReason, NoteState, RecordKind, owner_choices
from .clocks import clock_days
from .models import GateReview, NoteOfVisit, NoteRecord, NoteSection, VisitSchool
from .pack import Section
from .policies import writes_section
from .services.gate import gate_reasons

NOTE_TONES: dict[str, str] = {
    NoteState.DRAFT: "work",
    NoteState.RETURNED: "late",
    NoteState.IN_REVIEW: "wait",
    NoteState.READY: "due",
    NoteState.WITH_SCHOOL: "wait",
    NoteState.FINAL: "done",
    NoteState.WITHDRAWN: "rest",
    NoteState.ABANDONED: "rest",
}


def draft_of(user: User, public_id: str) -> NoteOfVisit:
    """The note, with what policies and pages ask of it, in two queries. Raises ``NoteOfVisit.DoesNotExist`` outside the scope."""
    schools = VisitSchool.objects.select_related("school__authority", "school__cluster").order_by("position")
    return (
        NoteOfVisit.objects.visible_to(user)
        .select_related("authority", "author", "pack", "visit__authority", "visit__lead", "visit__second_adviser")
        .prefetch_related(Prefetch("visit__visit_schools", schools))
        .get(public_id=public_id)
    )


def pack_of(note: NoteOfVisit) -> AuthorityPack:
    return AuthorityPack(note.authority, note.pack)


# ---------------------------------------------------------------- the list of sections


@dataclass(frozen=True)
class SectionState:
    """One line of the list at the left. ``css`` gives the mark, ``words`` say the same."""

    key: str
    number: int
    title: str
    school: str
    css: str
    words: str
    url: str
    is_current: bool
    is_done: bool
    may_write: bool
    revision: int

    @property
    def full_title(self) -> str:
        return f"{self.title}, {self.school}" if self.school else self.title

    @property
    def numbered(self) -> str:
        return f"{self.number}. {self.full_title}"


@dataclass(frozen=True)
class Check:
    """A finding as the components show it."""

    level: str
    title: str
    detail: str
    url: str
    where: str
    code: str
    place: str
    key: str
    answered: str
    is_answerable: bool


@dataclass(frozen=True)
class Draft:
    """A note as the editor's frame shows it around one section."""

    note: NoteOfVisit
    loaded: Loaded
    findings: Sequence[Finding]
    sections: Sequence[SectionState]
    returned: GateReview | None
    section: NoteSection | None
    """The section that is being written; None on pages about the whole note."""

    @property
    def snapshot(self) -> NoteSnapshot:
        return self.loaded.snapshot

    @property
    def counts(self) -> Summary:
        return summary(self.findings)

    @property
    def done(self) -> int:
        return sum(section.is_done for section in self.sections)

    @property
    def current(self) -> SectionState | None:
        return next((section for section in self.sections if section.is_current), None)

    def beside(self, step: int) -> SectionState | None:
        at = next((i for i, section in enumerate(self.sections) if section.is_current), None)
        if at is None or not 0 <= at + step < len(self.sections):
            return None
        return self.sections[at + step]

    @property
    def before(self) -> SectionState | None:
        return self.beside(-1)

    @property
    def next(self) -> SectionState | None:
        return self.beside(1)

    @property
    def checks(self) -> list[Check]:
        return [self._check(finding) for finding in self.findings]

    @property
    def checks_here(self) -> list[Check]:
        current = self.current
        return [check for check in self.checks if current is not None and check.key == current.key and not check.answered]

    def _check(self, finding: Finding) -> Check:
        section = next((section for section in self.sections if section.key == finding.section_key), None)
        return Check(
            level=finding.severity,
            title=finding.title,
            detail=finding.message,
            url=section.url if section else "",
            where=section.numbered if section else "The whole note",
            code=finding.code,
            place=finding.place,
            key=finding.section_key,
            answered=finding.answered or "",
            is_answerable=finding.is_answerable,
        )

    @property
    def checks_said(self) -> str:
        """ "2 block, 2 warn, 2 advise": what stands open."""
        total = self.counts.total
        said = [
            f"{n} {words}"
            for n, words in (
                (total.blocks, "blocks" if total.blocks == 1 else "block"),
                (total.warns, "warns" if total.warns == 1 else "warn"),
                (total.advises, "advises" if total.advises == 1 else "advise"),
                (total.answered, "answered"),
            )
            if n
        ]
        return ", ".join(said) or "Nothing stands open"

    @property
    def standing(self) -> str:
        """ "2 checks block submission": for the bar at the foot."""
        blocks = self.counts.total.blocks
        if blocks:
            return f"{plural(blocks, 'check')} {'blocks' if blocks == 1 else 'block'} submission."
        return "No check blocks submission."

    @property
    def dock(self) -> str:
        total = self.counts.total
        for count, words in ((total.blocks, "block"), (total.warns, "warn"), (total.advises, "advise")):
            if count:
                return f"{count} {words}{'s' if count == 1 else ''}"
        return "clear"

    @property
    def actions(self) -> list[tuple[ActionRow, str]]:
        """The actions agreed in this note, each with its owner in words."""
        owners = dict(owner_choices(has_committee=self.note.school.has_committee))
        rows = [action for section in self.snapshot.sections for action in section.actions if action.text.strip()]
        return [(action, action.owner_detail or str(owners.get(action.owner, ""))) for action in rows]

    @property
    def actions_section(self) -> SectionState | None:
        with_actions = {one.key for one in self.snapshot.sections if "actions" in one.inputs}
        current = self.current
        if current is not None and current.key in with_actions:
            return current
        return next((section for section in self.sections if section.key in with_actions), None)

    @property
    def section_reason(self) -> str:
        """What the reviewer asks to be put right in this section."""
        current = self.current
        if self.returned is None or current is None:
            return ""
        return str(self.returned.section_reasons.get(current.key, ""))


def draft_around(note: NoteOfVisit, user: User, key: str = "") -> Draft:
    """The frame of the editor around the section ``key``: sections, checks, and why it was returned where it was."""
    loaded = load(note, is_fresh=True)
    findings = check_texts(loaded.snapshot, loaded.rules)
    returned = None
    if note.state == NoteState.RETURNED:
        returned = note.gate_reviews.filter(decision=GateDecision.RETURNED).select_related("decided_by").order_by("-decided_at").first()
    rows = loaded.sections
    for row in rows:
        row.note = note
    by_key = {row.key: row for row in rows}
    states = _states(note, user, loaded.snapshot, summary(findings), returned, key, {row.key: row.revision for row in rows})
    return Draft(note, loaded, findings, states, returned, by_key.get(key))


def _states(
    note: NoteOfVisit,
    user: User,
    snapshot: NoteSnapshot,
    counts: Summary,
    returned: GateReview | None,
    current: str,
    revisions: dict[str, int],
) -> list[SectionState]:
    hats = user.hats
    names = {school.urn: school.name for school in note.covered}
    second = note.visit.second_adviser
    found = []
    for number, section in enumerate(snapshot.sections, 1):
        here = counts.of(section.key)
        is_here = section.key == current
        is_done = section.is_filled and not here.blocks and not here.warns
        reason = returned is not None and section.key in returned.section_reasons
        if not section.is_filled:
            css, words = "", "Not started" if section.is_required else "Not started; may be left out"
        elif here.blocks:
            css, words = "is-block", f"{plural(here.blocks, 'check')} {'blocks' if here.blocks == 1 else 'block'}"
        elif here.warns:
            css, words = "is-warn", plural(here.warns, "warning")
        else:
            css, words = "is-done", "Done"
        if reason:
            css, words = "is-block", f"Returned with a reason. {words}" if words != "Done" else "Returned with a reason"
        may_write = writes_section(hats, note, section.code)
        if second is not None and section.code in note.visit.second_sections:
            writer = "You write" if second.pk == user.pk else f"{second.name} writes"
            words = f"{writer}. {words}"
        elif not may_write:
            words = f"{note.author.name} writes. {words}"
        if is_here and may_write:
            words = f"Writing now: {words[:1].lower()}{words[1:]}" if not is_done else "Writing now"
        found.append(
            SectionState(
                key=section.key,
                number=number,
                title=section.title,
                school=names.get(section.school or 0, ""),
                css=css,
                words=words,
                url=reverse("visits:note-edit", args=[note.public_id, section.key]),
                is_current=is_here,
                is_done=is_done,
                may_write=may_write,
                revision=revisions.get(section.key, 0),
            )
        )
    return found


# ---------------------------------------------------------------- beside the text


@dataclass(frozen=True)
class Earlier:
    """The same section in the school's last final note."""

    on: dt.date | None
    title: str
    text: str
    url: str


def last_note(user: User, note: NoteOfVisit, section: NoteSection) -> Earlier | None:
    """What the last final note on this school says under the same heading; None where there is none, or none to be read."""
    school_id = section.school_id or note.school.pk
    record = (
        NoteRecord.objects.visible_to(user)
        .with_standing()
        .filter(Q(is_withdrawn=False), Q(is_superseded=False), kind=RecordKind.FINAL, school_id=school_id)
        .exclude(note=note)
        .order_by("-note__visit__on", "-pk")
        .values_list("payload", "note__visit__on", "public_id", named=True)
        .first()
    )
    if record is None:
        return None
    payload = json.loads(record.payload)
    found = next((one for one in payload["sections"] if one["code"] == section.code), None)
    text = "\n\n".join(_lines(found["blocks"])) if found else ""
    return Earlier(record.note__visit__on, payload["note"]["title"], text, reverse("visits:record-detail", args=[record.public_id]))


def _lines(blocks: Iterable[dict[str, Any]]) -> Iterable[str]:
    for block in blocks:
        if block["kind"] == "text":
            yield block["text"]
        elif block["kind"] == "judgement":
            yield f"{block['label']}: {block['sip_label'] or 'not graded'}. {block['evidence']}".strip()
        elif block["kind"] == "cohesion":
            yield from (f"{row['dimension']}: {row['text']}" for row in block["rows"])


@dataclass(frozen=True)
class SchoolData:
    """The school's results beside a section: the last summers, oldest first, and a row a measure with one text a summer."""

    summers: Sequence[int]
    rows: Sequence[tuple[str, Sequence[str]]]
    sources: Sequence[str]


SUMMERS = 3


def measures_for(pack: AuthorityPack, spec: Section | None) -> Sequence[Measure]:
    """The measures that the pack puts beside a section, in its order."""
    if spec is None or not spec.data:
        return []
    known = {measure.code: measure for measure in measures_of(pack.content).measures}
    return [known[code] for code in spec.data]


def school_data(user: User, note: NoteOfVisit, section: NoteSection, measures: Sequence[Measure]) -> SchoolData | None:
    """What the pack puts beside this section, of the results that are held; None where it puts nothing there."""
    school = section.school or note.school
    wanted = {measure.code: measure for measure in measures if not measure.phases or school.phase in measure.phases}
    if not wanted:
        return None
    held = (
        Result.objects.visible_to(user)
        .filter(school=school, measure__in=wanted, pupil_group="all", is_current=True, academic_year__lte=note.visit.academic_year)
        .select_related("source")
        .order_by("academic_year")
    )
    results = {(result.measure, result.summer): result for result in held}
    summers = sorted({summer for _, summer in results})[-SUMMERS:]
    rows = [
        (measure.short_label or measure.label, [_figure(results.get((code, summer)), measure) for summer in summers])
        for code, measure in wanted.items()
        if any((code, summer) in results for summer in summers)
    ]
    shown = [result for (_, summer), result in results.items() if summer in summers]
    sources = {source_words(one.source.title, one.release, one.source.dated): None for one in shown}
    return SchoolData(summers, rows, list(sources))


def _figure(result: Result | None, measure: Measure) -> str:
    if result is None:
        return "–"
    if result.value is None:
        return str(result.get_reason_display())
    return f"{format_number(result.value, measure.decimals)}{'%' if measure.unit == '%' else ''}"


# ---------------------------------------------------------------- what happens after submission


@dataclass(frozen=True)
class AfterSubmit:
    """Who reads the note before the school does, and why. The lot is drawn at submission and not told before."""

    reasons: Sequence[GateReason]
    reviewers: Sequence[str]
    due_on: dt.date | None
    lot_one_in: int

    @property
    def why(self) -> str:
        return ", and because ".join(str(reason.label) for reason in self.reasons)


def after_submit(note: NoteOfVisit, on: dt.date) -> AfterSubmit:
    pack = pack_of(note)
    reasons = [reason for reason in gate_reasons(note, on) if reason != GateReason.LOT]
    reviewers = managers_of(note, on) if reasons else []
    concern = GateReason.CONCERN in reasons
    days = clock_days(note.visit, pack, "review_concern_office_days" if concern else "review_office_days")
    due = pack.office_days.add(on, days) if reasons else None
    return AfterSubmit(reasons, [user.name for user in reviewers], due, pack.whole("gate_lot_one_in"))


def managers_of(note: NoteOfVisit, on: dt.date) -> list[User]:
    """The managers who may review this note: not its author, not walled from its schools."""
    rows = (
        RoleAssignment.objects.filter(on_day(on), authority=note.authority, role=Hat.SIP_MANAGER, user__is_active=True)
        .exclude(user__in=[pk for pk in (note.author_id, note.visit.second_adviser_id) if pk])
        .select_related("user")
        .order_by("user__name")
    )
    return [row.user for row in rows if not any(school.pk in row.user.hats.walled for school in note.covered)]


def mentors_of(note: NoteOfVisit, on: dt.date) -> list[User]:
    """The author's mentors: those with whom a draft can be shared."""
    rows = Mentorship.objects.filter(on_day(on), sip__user=note.author, sip__authority=note.authority).select_related("mentor")
    return [row.mentor for row in rows.order_by("mentor__name")]


def advisers_of(note: NoteOfVisit, on: dt.date) -> list[User]:
    """The other advisers assigned to every school of the note: those to whom it can be handed on."""
    schools = {school.pk for school in note.covered}
    held: dict[int, set[int]] = {}
    people: dict[int, User] = {}
    for row in Assignment.objects.filter(on_day(on), school__in=schools).exclude(adviser=note.author).select_related("adviser"):
        held.setdefault(row.adviser_id, set()).add(row.school_id)
        people[row.adviser_id] = row.adviser
    return sorted((people[pk] for pk, at in held.items() if at == schools), key=lambda user: user.name)


def due_words(note: NoteOfVisit, on: dt.date) -> tuple[dt.date | None, str]:
    """When this step is due, and how long that is: "2 office days left", "late by 1 office day"."""
    due = {
        NoteState.DRAFT: note.draft_due_on,
        NoteState.RETURNED: note.draft_due_on,
        NoteState.IN_REVIEW: note.review_due_on,
        NoteState.WITH_SCHOOL: note.school_due_on,
    }.get(NoteState(note.state))
    if due is None:
        return None, ""
    clock = pack_of(note).office_days
    if due < on:
        return due, f"late by {plural(clock.between(due, on), 'office day')}"
    left = clock.between(on, due)
    return due, "today" if due == on else f"{plural(left, 'office day')} left"


def saved_words(section: NoteSection, today: dt.date) -> str:
    """ "Saved 14:02", with the day where it was another."""
    if section.saved_at is None:
        return "Nothing saved yet"
    at = timezone.localtime(section.saved_at)
    return f"Saved {at:%H:%M}" if at.date() == today else f"Saved {at.day} {at:%B}, {at:%H:%M}"


__all__ = [
    "BLOCKS",
    "NOTE_TONES",
    "AfterSubmit",
    "Check",
    "Draft",
    "Earlier",
    "SectionState",
    "advisers_of",
    "after_submit",
    "draft_around",
    "draft_of",
    "due_words",
    "last_note",
    "managers_of",
    "mentors_of",
    "pack_of",
    "saved_words",
]
