"""Reads of visits and notes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Max, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from core.audit import AuditEvent
from core.components import formats
from core.spans import on_day
from people.hats import Hats
from people.models import Authority, RoleAssignment, Sip, User
from people.packs import AuthorityPack
from people.roles import HAT_NAMES, Hat
from schools.models import Assignment, GroupMembership, School

from .choices import NOTE_TONES, VISIT_TONES, CommentKind, DeliveryState, HeadReviewState, NoteState, RecordKind, VisitState
from .models import (
    AgreedAction,
    Commentary,
    CommentaryRecord,
    CorrectionRequest,
    Delivery,
    Dispatched,
    GateReview,
    HeadReviewVisit,
    NoteOfVisit,
    NoteRecord,
    SchoolComment,
    SchoolResponse,
    Visit,
    VisitSchool,
)
from .workflow import RESTORE_DAYS


def last_record_version(note: NoteOfVisit, kind: str) -> int:
    """The highest version of which a record of this kind exists; 0 for none."""
    return note.records.filter(kind=kind).aggregate(last=Max("version"))["last"] or 0


def with_schools(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    """Visits with what every line about them shows, in two queries."""
    schools = VisitSchool.objects.select_related("school__authority", "school__cluster").order_by("position")
    return visits.select_related("authority", "lead", "second_adviser", "note").prefetch_related(Prefetch("visit_schools", schools))


def notes_with_visits(notes: QuerySet[NoteOfVisit]) -> QuerySet[NoteOfVisit]:
    schools = VisitSchool.objects.select_related("school__authority", "school__cluster").order_by("position")
    reviews = GateReview.objects.select_related("reviewer", "decided_by")
    return notes.select_related("authority", "author", "pack", "visit__lead", "visit__second_adviser", "visit__authority").prefetch_related(
        Prefetch("visit__visit_schools", schools), Prefetch("gate_reviews", reviews), "shares"
    )


def role_at(hats: Hats, school: School) -> str:
    """The word for what this person is at a school, as it stands beside their name in a record or the audit."""
    worn = hats.at(school)
    for hat in (
        Hat.HEAD,
        Hat.CHAIR,
        Hat.CLERK,
        Hat.SCHOOL_OFFICE,
        Hat.RECIPIENT,
        Hat.ADVISER,
        Hat.SIP_MANAGER,
        Hat.OFFICER,
        Hat.HEAD_OF_IMPROVEMENT,
        Hat.DATA_PROTECTION_OFFICER,
        Hat.FORMER_ADVISER,
    ):
        if hat in worn:
            return "SIP" if hat == Hat.ADVISER else HAT_NAMES[hat]
    return ""


def records_for(user: User, note: NoteOfVisit) -> QuerySet[NoteRecord]:
    """The records of a note that this person may read, the latest first, with their standing."""
    return (
        NoteRecord.objects.visible_to(user)
        .with_standing()
        .filter(note=note)
        .select_related("school__authority", "note__visit")
        .order_by("-version", "-at")
    )


# ---------------------------------------------------------------- states in words


def note_tag(note: NoteOfVisit) -> tuple[str, str]:
    return (note.get_state_display(), NOTE_TONES[note.state])


def visit_tag(visit: Visit) -> tuple[str, str]:
    return (visit.get_state_display(), VISIT_TONES[visit.state])


def due_day(note: NoteOfVisit, on: dt.date) -> dt.date | None:
    """The day by which the note's next step is due, by its own columns alone; None where nothing is due, or no clock runs."""
    if note.state in (NoteState.DRAFT, NoteState.RETURNED):
        return note.draft_due_on
    if note.state == NoteState.IN_REVIEW:
        return note.review_due_on
    if note.state == NoteState.READY:
        return max(note.draft_due_on, note.review_due_on or note.draft_due_on)
    if note.state == NoteState.WITH_SCHOOL and note.school_due_on is not None:
        return note.school_due_on if on <= note.school_due_on else note.final_due_on
    return None


DUE_WORDS: dict[str, str] = {
    NoteState.DRAFT: "draft due",
    NoteState.RETURNED: "due again",
    NoteState.IN_REVIEW: "review due",
    NoteState.READY: "release due",
    NoteState.WITH_SCHOOL: "school answers by",
}


def due_words(note: NoteOfVisit, on: dt.date) -> str:
    """What the day of :func:`due_day` is: "draft due", "school answers by", "final due"."""
    if note.state == NoteState.WITH_SCHOOL and note.school_due_on is not None and on > note.school_due_on:
        return "final due"
    return DUE_WORDS.get(note.state, "")


# ---------------------------------------------------------------- who has it now, and what happens next


@dataclass(frozen=True)
class NextStep:
    """Who has the note now, what happens next and by when: on every page of a note, in words."""

    who: str
    what: str
    by: dt.date | None = None
    is_late: bool = False
    is_yours: bool = False

    @property
    def sentence(self) -> str:
        """For the side of a page: "You write it, then submit it. By 16 October 2008." """
        if self.by is None:
            return self.what
        return f"{self.what} {'It was due' if self.is_late else 'By'} {self.by.day} {self.by:%B %Y}."

    @property
    def whole(self) -> str:
        """With whom it is: "You have it now, and write it, then submit it. By 16 October 2008." """
        has = "have" if self.who == "You" or " and " in self.who else "has"
        does = self.sentence.removeprefix(f"{self.who} ")
        return f"{self.who} {has} it now{'.' if does == self.sentence else ', and'} {does}"


def is_school_side(hats: Hats, note: NoteOfVisit) -> bool:
    """Whether this person reads the note as the school alone: nothing of its way through the authority is told to them."""
    if note.author_id == hats.user_id:
        return False
    at_school = any(hats.contact_hats(school.pk) for school in note.covered)
    return at_school and not any(hats.at(school) - SCHOOL_SIDE for school in note.covered)


SCHOOL_SIDE = frozenset((Hat.HEAD, Hat.CHAIR, Hat.CLERK, Hat.SCHOOL_OFFICE))


def next_step(
    note: NoteOfVisit, hats: Hats, on: dt.date, *, deliveries: Sequence[Delivery] = (), correction: CorrectionRequest | None = None
) -> NextStep:
    """Who has it, what comes, by when, as this person may know it.

    ``deliveries`` of the version that is with the school say why its time has not begun; ``correction`` is the oldest open
    request. Reads ``note.responses`` and ``note.comments`` where the note is with the school (prefetch them for many).
    """
    school_only = is_school_side(hats, note)
    is_author = note.author_id == hats.user_id
    author = "You" if is_author else note.author.name
    by = due_day(note, on)

    def step(who: str, what: str, *, day: dt.date | None = by, yours: bool = is_author) -> NextStep:
        return NextStep(who, what, day, day is not None and day < on, yours)

    if school_only and note.state in (NoteState.DRAFT, NoteState.RETURNED, NoteState.IN_REVIEW, NoteState.READY):
        stands = (
            "No version can be read meanwhile." if note.is_final_withdrawn else f"Version {note.final_version} stands until it is final."
        )
        return NextStep(note.author.name, f"A new version is being written. {stands}")
    stands = f" Version {note.final_version} stands until then." if note.is_amendment and not note.is_final_withdrawn else ""
    if note.state == NoteState.DRAFT:
        return step(author, ("Write it, then submit it." if is_author else f"{author} writes it and submits it.") + stands)
    if note.state == NoteState.RETURNED:
        what = (
            "Put right what the review asks for, then submit it again." if is_author else f"{author} puts right what the review asks for."
        )
        return step(author, what + stands)
    if note.state == NoteState.IN_REVIEW:
        review = note.open_review
        reviewer = review.reviewer if review is not None else None
        mine = reviewer is not None and reviewer.pk == hats.user_id
        who = "You" if mine else reviewer.name if reviewer else "The SIP manager"
        what = "Review it: approve it, or return it with reasons." if mine else f"{who} reviews it before the school sees it."
        return step(who, what + stands, yours=mine)
    if note.state == NoteState.READY:
        return step(author, ("Release it to the school." if is_author else f"{author} releases it to the school.") + stands)
    if note.state == NoteState.WITH_SCHOOL:
        return _step_with_school(note, hats, on, deliveries, author, is_author)
    if note.state == NoteState.FINAL:
        if correction is not None:
            what = (
                "A correction is asked for: amend the note, or decline with a reason."
                if is_author
                else f"{author} answers the correction asked for."
            )
            return step(author, what, day=correction.due_on)
        if any(hats.contact_hats(school.pk) & {Hat.HEAD, Hat.CHAIR, Hat.CLERK} for school in note.covered):
            return NextStep(
                "Everybody who was sent it",
                f"It is final: take it to the {'management committee' if note.school.has_committee else 'governors'}. The agreed actions are the school’s.",
            )
        return NextStep("Everybody who was sent it", "It is final. The next visit looks at its agreed actions.")
    if note.state == NoteState.WITHDRAWN:
        return NextStep("The SIP manager and the data protection officer", "It is withdrawn. A corrected version may take its place.")
    until = note.abandoned_at.date() + dt.timedelta(days=RESTORE_DAYS) if note.abandoned_at else on
    if until < on:
        return NextStep("Nobody", "It was abandoned, and can no longer be restored.")
    return NextStep("Nobody", "It was abandoned. It can be restored until then.", until)


def _step_with_school(note: NoteOfVisit, hats: Hats, on: dt.date, deliveries: Sequence[Delivery], author: str, is_author: bool) -> NextStep:
    if note.school_due_on is None:
        reached = [d for d in deliveries if d.starts_window]
        waiting = any(d.state == DeliveryState.QUEUED for d in reached) or not reached
        if waiting:
            return NextStep("The school", "The email to the school is on its way. Its time to answer begins when it is delivered.")
        why = "is held until the contact is confirmed" if any(d.state == DeliveryState.HELD for d in reached) else "came back"
        return NextStep(
            author, f"The draft has not reached the school: the email {why}. Its time to answer has not begun.", is_yours=is_author
        )
    answered = {r.school_id for r in note.responses.all() if r.version == note.version}
    waiting_for = [school for school in note.covered if school.pk not in answered]
    if waiting_for and on <= note.school_due_on:
        names = " and ".join(school.name for school in waiting_for)
        mine = any(hats.contact_hats(school.pk) & ({Hat.HEAD, Hat.CHAIR} if note.goes_to_chair else {Hat.HEAD}) for school in waiting_for)
        what = (
            "Say whether it is accurate and, apart from that, whether you agree."
            if mine
            else f"{names} {'says' if len(waiting_for) == 1 else 'say'} whether it is accurate."
        )
        return NextStep("You" if mine else names, what, note.school_due_on, is_yours=mine)
    unanswered = [
        c for c in note.comments.all() if c.version == note.version and c.kind == CommentKind.INACCURATE and c.answered_at is None
    ]
    due = note.final_due_on
    late = due is not None and due < on
    silence = f"{waiting_for[0].name} did not comment by {note.school_due_on.day} {note.school_due_on:%B %Y}. " if waiting_for else ""
    if unanswered:
        count = "an inaccuracy" if len(unanswered) == 1 else f"{len(unanswered)} inaccuracies"
        what = f"{silence}Answer {count}, then make it final." if is_author else f"{silence}{author} answers {count}, then makes it final."
    else:
        what = f"{silence}Make it final." if is_author else f"{silence}{author} makes it final."
    return NextStep(author, what, due, late, is_author)


# ---------------------------------------------------------------- what a page shows of a note beside its text


def visits_for(user: User) -> QuerySet[Visit]:
    """The visits of a person's scope, with whether they may know of the note (``sees_note``)."""
    seen = NoteOfVisit.objects.visible_to(user).filter(visit=OuterRef("pk"))
    return with_schools(Visit.objects.visible_to(user)).annotate(sees_note=Exists(seen))


class VisitRow:
    """A visit and its note as one line of the list: what the asker may know of them."""

    def __init__(self, visit: Any, today: dt.date) -> None:
        self.visit = visit
        self.tag = visit_tag(visit)
        self.note: NoteOfVisit | None = visit.note if visit.has_note and visit.sees_note else None
        self.note_tag = note_tag(self.note) if self.note else None
        self.due_on = due_day(self.note, today) if self.note else None
        self.due_words = due_words(self.note, today) if self.note else ""
        self.is_late = self.due_on is not None and self.due_on < today
        self.url = self.note.get_absolute_url() if self.note else visit.get_absolute_url()

    @property
    def no_note(self) -> str:
        """What stands where no note can be shown: the same words whether one is being written or not, for who may not know."""
        if self.visit.state != VisitState.HELD:
            return ""
        if self.visit.no_note_reason:
            return "No note"
        return "No note yet"


def deliveries_of(about: Dispatched, school_ids: Iterable[int]) -> list[Delivery]:
    """Who was sent it, latest dispatch first; of other schools' recipients a person learns nothing."""
    which = {"dispatch__commentary": about} if isinstance(about, Commentary) else {"dispatch__note": about}
    return list(
        Delivery.objects.filter(Q(school_id__in=list(school_ids)) | Q(school__isnull=True), **which)
        .select_related("dispatch")
        .order_by("-dispatch__at", "id")
    )


OPENINGS = ("record.opened", "record.downloaded")


def openings_of(records: Iterable[NoteRecord | CommentaryRecord]) -> list[AuditEvent]:
    """Who opened these records or took their PDF, latest first: seen by all who may read them, the head included."""
    rows = list(records)
    kinds = {str(record._meta.model_name) for record in rows}
    ids = [record.public_id for record in rows]
    return list(AuditEvent.objects.filter(subject_kind__in=kinds, subject_id__in=ids, event__in=OPENINGS).order_by("-id"))


HISTORY = (
    "note.released",
    "note.recalled",
    "note.extended",
    "note.finalised",
    "note.amended",
    "note.amendment_abandoned",
)
"""The steps that everybody who may read a note may know; what passed between author and reviewer is not among them."""


@dataclass(frozen=True)
class Turn:
    """One step in the history of a note: its version, what was done, by whom, when and why."""

    version: int
    at: dt.datetime
    what: str
    by: str
    reason: str


def history_of(note: NoteOfVisit) -> list[Turn]:
    """The steps of all versions, latest first."""
    turns = []
    version = note.version
    for event in AuditEvent.objects.about("noteofvisit", note.public_id).filter(event__in=HISTORY).order_by("-id"):
        stated = event.changes.get("version")
        if isinstance(stated, list):
            stated = stated[0]
        version = stated or version
        turns.append(Turn(version, event.occurred_at, event.sentence, event.actor_name, event.reason))
    return turns


def readers_of(deliveries: Iterable[Delivery], openings: Iterable[AuditEvent], version: int) -> list[dict[str, str]]:
    """Who has one version: whom it was sent to and how that went, and who opened it. By name and role, in words."""
    opened: dict[str, AuditEvent] = {}
    for event in openings:
        opened[event.actor_name] = event  # the first opening, since the latest come first
    shown: dict[str, dict[str, str]] = {}
    for delivery in deliveries:
        if delivery.dispatch.version != version or delivery.name in shown:
            continue
        state = delivery.get_state_display()
        if delivery.settled_at is not None:
            state = f"{state} {formats.moment(delivery.settled_at)}"
        if delivery.name in opened:
            state = f"{state}; opened {formats.moment(opened.pop(delivery.name).occurred_at)}"
        shown[delivery.name] = {"name": delivery.name, "role": delivery.role, "state": state}
    for name, event in opened.items():
        shown.setdefault(name, {"name": name, "role": event.actor_role, "state": f"opened {formats.moment(event.occurred_at)}"})
    return list(shown.values())


# ---------------------------------------------------------------- a record as its page shows it


def shown_payload(
    record: NoteRecord,
    *,
    comments: Iterable[SchoolComment] = (),
    response: SchoolResponse | None = None,
    corrections: Iterable[CorrectionRequest] = (),
) -> dict[str, Any]:
    """The record's payload, and beside it what came after: comments and answer on a draft, corrections asked of a final.

    A copy: the record itself never changes. A final's own comments and answer are in its payload already.
    """
    payload: dict[str, Any] = json.loads(record.payload)
    if record.kind == RecordKind.RELEASE:
        by_section: dict[str, list[dict[str, Any]]] = {}
        for comment in comments:
            if comment.school_id == record.school_id and comment.version == record.version:
                by_section.setdefault(comment.section_code, []).append(comment_shown(comment))
        for section in payload["sections"]:
            section["comments"] = by_section.get(section["code"], [])
        if response is not None:
            payload["response"] = {
                "accuracy": response.accuracy,
                "agreement": response.agreement or "none",
                "by": response.by_name,
                "role": response.by_role,
                "on": timezone.localtime(response.at).date().isoformat(),
                "words": response.words,
                "silence": None,
            }
    payload["corrections"] = [
        {
            "by": request.by_name,
            "role": request.by_role,
            "on": timezone.localtime(request.at).date().isoformat(),
            "text": f"{request.place}: {request.why}",
            "answer": (
                {"by": request.answered_by_name, "on": timezone.localtime(request.answered_at).date().isoformat(), "text": request.answer}
                if request.answered_at
                else None
            ),
        }
        for request in corrections
        if request.record_id == record.pk
    ]
    return payload


def comment_shown(comment: SchoolComment) -> dict[str, Any]:
    """A comment in the shape of a payload's."""
    answer = None
    if comment.answered_at is not None:
        answer = {"by": comment.answered_by_name, "on": timezone.localtime(comment.answered_at).date().isoformat(), "text": comment.answer}
    return {
        "by": comment.by_name,
        "role": comment.by_role,
        "on": timezone.localtime(comment.at).date().isoformat(),
        "kind": "inaccurate" if comment.kind == CommentKind.INACCURATE else "comment",
        "text": comment.text,
        "answer": answer,
    }


def section_text(section: dict[str, Any]) -> str:
    """Every word of a section of a payload, in its order, for comparison."""
    found: list[str] = []
    for block in section["blocks"]:
        if block["kind"] == "judgement":
            found.append(f"{block['label']}: {block['sip_label'] or 'not graded'}. {block['evidence']}".strip())
        elif block["kind"] == "text":
            found.append(block["text"])
        else:
            for row in block.get("rows", []):
                words = [
                    str(value)
                    for value in row.values()
                    if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip()
                ]
                found.append("; ".join(words))
    return "\n\n".join(found)


def changed_texts(before: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """The texts that differ, each under its title: title, earlier words, later words."""
    earlier = dict(before)
    changed = [(title, old, text) for title, text in after if (old := earlier.pop(title, "")).split() != text.split()]
    return changed + [(title, text, "") for title, text in earlier.items()]


def changed_sections(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The sections of two payloads that differ: title, earlier words, later words."""
    earlier = {section["code"]: section for section in before["sections"]}
    changed = []
    for section in after["sections"]:
        old = earlier.pop(section["code"], None)
        texts = (section_text(old) if old else "", section_text(section))
        if texts[0].split() != texts[1].split():
            changed.append((f"{section['number']}. {section['title']}", *texts))
    changed += [(section["title"], section_text(section), "") for section in earlier.values()]
    return changed


# ---------------------------------------------------------------- actions


NEVER = 10_000
"""Visits: where an authority has no pack, no action counts as carried."""


def carried_times(pack: AuthorityPack | None) -> int:
    """To how many visits an action is carried before the officer is shown it (domain.md §4: "for a third visit")."""
    return pack.whole("carried_times") if pack is not None else NEVER


def actions_for(user: User) -> QuerySet[AgreedAction]:
    return AgreedAction.objects.visible_to(user).select_related("school__authority", "note__visit")


# ---------------------------------------------------------------- schools, as lists are asked for them


def school_meant(text: str) -> Q:
    """A condition on ``School`` for what a person typed, or a link holds: "999-990001", a URN, "999/2147", part of a name."""
    text = text.strip()
    code, dash, urn = text.partition("-")
    if dash and code.isalnum() and urn.isdecimal():
        return Q(authority__code=code, urn=int(urn))
    code, slash, number = text.partition("/")
    if slash and code.strip().isalnum() and number.strip().isdecimal():
        return Q(authority__code=code.strip(), establishment_number=int(number))
    if text.isdecimal() and len(text) >= 5:
        return Q(urn=int(text[:9]))
    return Q(name__icontains=text)


def group_of(school: School, on: dt.date) -> list[School]:
    """The other schools of the school's groups on a day, by name: those that one visit may cover with it."""
    groups = GroupMembership.objects.filter(on_day(on), school=school).values("group_id")
    members = GroupMembership.objects.filter(on_day(on), group_id__in=groups).exclude(school=school)
    return list(School.objects.filter(pk__in=members.values("school_id")).select_related("authority").order_by("name", "urn"))


def advisers_at(schools: Sequence[School], on: dt.date) -> list[User]:
    """Whoever holds an assignment at every one of the schools on a day, by name."""
    found: dict[int, tuple[User, set[int]]] = {}
    for row in Assignment.objects.filter(on_day(on), school__in=[school.pk for school in schools]).select_related("adviser"):
        found.setdefault(row.adviser_id, (row.adviser, set()))[1].add(row.school_id)
    wanted = {school.pk for school in schools}
    return sorted((user for user, held in found.values() if held == wanted and user.is_active), key=lambda user: user.name)


def colleagues(authority: Authority, on: dt.date) -> QuerySet[User]:
    """SIPs and National Challenge advisers of an authority: who may come as second adviser."""
    sips = Sip.objects.filter(on_day(on), authority=authority).values("user_id")
    advisers = RoleAssignment.objects.filter(on_day(on), authority=authority, role=Hat.NC_ADVISER).values("user_id")
    return User.objects.filter(Q(pk__in=sips) | Q(pk__in=advisers), is_active=True).order_by("name", "pk")


def is_ready_to_finalise(note: NoteOfVisit, on: dt.date) -> bool:
    """What the page offers; the service asks again. Reads ``note.responses`` and ``note.comments`` (prefetch them)."""
    answered = {r.school_id for r in note.responses.all() if r.version == note.version}
    passed = note.school_due_on is not None and on > note.school_due_on
    if not passed and any(school.pk not in answered for school in note.covered):
        return False
    return not any(c.version == note.version and c.kind == CommentKind.INACCURATE and c.answered_at is None for c in note.comments.all())


_READERS = (
    "Its author, a second adviser, and a mentor with whom the author shared it. The manager and the school’s officers see that it is due, and none of its text",
    "the reviewer of this note and the SIP manager",
    "the {head}; the chair where there is no {head}, where the authority says so, or where the manager so decides; a concern school’s named officers",
    "the chair, the clerk, the school’s officers and its advisers, now and in later years",
)


def who_can_see(note: NoteOfVisit) -> str:
    """One line on every page of a note: why it is held, and who can see it in this state (domain.md §4, §10)."""
    head = "teacher in charge" if note.school.has_committee else "headteacher"
    why = f"Held by {note.authority.name} to support and challenge the school and to account for the visit."
    if note.state == NoteState.WITHDRAWN:
        return f"{why} Withdrawn: the SIP manager and the data protection officer alone can read it."
    if note.state == NoteState.ABANDONED:
        return f"{why} Abandoned: its author can read it until it is disposed of."
    steps = {NoteState.DRAFT: 1, NoteState.RETURNED: 1, NoteState.IN_REVIEW: 2, NoteState.READY: 2, NoteState.WITH_SCHOOL: 3}
    parts = _READERS[: steps.get(NoteState(note.state), 4)]
    if len(parts) > 1:  # later readers are told of who reads now, not of what officers did not see before
        parts = (_READERS[0].split(". ")[0], *parts[1:])
    if len(parts) == len(_READERS):  # nor of conditions on which some read the draft, who now read it anyhow
        parts = (*parts[:2], "the {head}", parts[3])
    return f"{why} Who can read it: {formats.lower_first('; '.join(parts)).format(head=head)}."


def head_reviews_held(user: User, authority_ids: Sequence[int], academic_year: int) -> list[tuple[School, str]]:
    """For the manager: of each open school, whether its headteacher's review of the year was held; no date and no row."""
    schools = School.objects.filter(authority__in=authority_ids, status="open").exclude(pk__in=user.hats.walled).order_by("name", "urn")
    of_year = HeadReviewVisit.objects.filter(school=OuterRef("pk"), academic_year=academic_year)
    found: Any = schools.select_related("authority").annotate(
        was_held=Exists(of_year.filter(state=HeadReviewState.HELD)), was_put_off=Exists(of_year.filter(state=HeadReviewState.POSTPONED))
    )
    return [(school, "Held" if school.was_held else "Postponed" if school.was_put_off else "Not recorded") for school in found]
