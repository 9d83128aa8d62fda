"""From the working rows to the payload of a record: everything that the note shows to one school, frozen.

Read-only, and with a number of queries that does not grow with the number of sections. What a payload must hold is
``visits.record``; how it looks is ``visits.documents``.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone

from core.calendar import AcademicYear
from core.numbers import format_quarters
from core.spans import on_day
from people.choices import SipKind
from people.models import Authority, Sip, User
from people.packs import AuthorityPack
from schools.choices import CHAIRS, HEADS, ContactKind, ContactState
from schools.models import Contact, School
from schools.selectors import days_of_schools
from support.models import SchoolCategory

from .choices import ActionStatus, CommentKind, DatasetState, RecordKind
from .models import DifferenceOfView, GateReview, NoteOfVisit, NoteSection, VisitSchool
from .pack import VisitsPart, visits_of
from .recipients import contacts_in_post, recipients_of
from .record import FORMAT
from .rows import rows_of


@dataclass(frozen=True)
class RenderedRecord:
    """A record ready to be written: made from the note at ``lock_version``, before the transaction that keeps it."""

    school_id: int
    kind: str
    version: int
    lock_version: int
    text: str
    digest: str
    pdf: bytes
    by_role: str
    silence: str

    def with_pdf(self, pdf: bytes) -> RenderedRecord:
        return replace(self, pdf=pdf)


LOOKUPS: tuple[Any, ...] = (
    Prefetch("visit__visit_schools", VisitSchool.objects.select_related("school__authority", "school__cluster").order_by("position")),
    Prefetch("sections", NoteSection.objects.select_related("school").order_by("position", "school_id")),
    Prefetch("gate_reviews", GateReview.objects.select_related("reviewer", "decided_by")),
)
"""What the note is read with, one query each; the rows of its sections come in one more (``visits.rows``)."""

FROM_SCHOOL: tuple[Any, ...] = ("comments", "responses")
"""What the school said, which a final record holds."""


def note_for_payload(note_id: int) -> NoteOfVisit:
    """The note with its sections, in a fixed number of queries."""
    notes = NoteOfVisit.objects.select_related("authority", "author", "pack", "visit", "visit__lead", "visit__second_adviser")
    return notes.prefetch_related(*LOOKUPS, *FROM_SCHOOL).get(pk=note_id)


def _iso(value: dt.date | dt.datetime | None) -> str | None:
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).replace(microsecond=0).isoformat()
    return value.isoformat()


def _day(value: dt.date) -> str:
    return f"{value.day} {value:%B %Y}"


def _time(value: dt.time | None) -> str | None:
    return f"{value:%H:%M}" if value else None


def _figure(value: Decimal | None) -> int | str | None:
    """Exact, and without a float: a whole number as one, anything else as text."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else format(value.normalize(), "f")


def authority_shown(authority: Authority) -> dict[str, str]:
    """Whose record it is, as its head and foot say."""
    return {
        "name": authority.full_name or authority.name,
        "code": authority.code,
        "directorate": authority.directorate,
        "service": authority.service,
        "brand": authority.brand_colour,
        "address": authority.address,
        "telephone": authority.telephone,
        "email": authority.email,
        "website": authority.website,
    }


def words_shown(pack: AuthorityPack, school: School) -> dict[str, str]:
    """The pack's words for this kind of school, which a record keeps."""
    labels = pack.labels(school.phase)
    return {
        "note": labels.get("note"),
        "sip": labels.get("sip"),
        "sip_short": labels.get("sip", "short"),
        "head": labels.get("head"),
        "chair": labels.get("chair"),
        "category": labels.get("category"),
    }


def person_shown(contacts: Iterable[Contact], kinds: Iterable[str]) -> dict[str, str] | None:
    """Who is head or chair: the first of the contacts that is one of these."""
    wanted = set(kinds)
    found = next((one for one in contacts if one.kind in wanted and one.state == ContactState.CONFIRMED), None)
    return {"title": ContactKind(found.kind).label.capitalize(), "name": found.name} if found is not None else None


def adviser_shown(user: User, profile: Sip | None) -> dict[str, str]:
    return {"name": user.name, "role": SipKind(profile.kind).label.capitalize() if profile else ""}


class PayloadBuilder:
    """Builds the payloads of one note at one moment; what all its schools share is read once."""

    def __init__(
        self, note: NoteOfVisit, *, kind: str, at: dt.datetime, actor: User, goes_to_chair: bool | None = None, afresh: bool = True
    ) -> None:
        """``goes_to_chair``: that the draft about to be released will go to the chair, which the note does not know yet.

        A record is made of the note as it stands in the database; a page that shows its text has just read it, and says
        ``afresh=False``.
        """
        if afresh:
            note = note_for_payload(note.pk)
        else:
            prefetch_related_objects([note], *LOOKUPS, *(FROM_SCHOOL if kind == RecordKind.FINAL else ()))
        self.note = note
        if goes_to_chair is not None:
            self.note.goes_to_chair = goes_to_chair
        self.kind = kind
        self.at = at
        self.on = timezone.localtime(at).date()
        self.actor = actor
        self.pack = AuthorityPack(self.note.authority, self.note.pack)
        self.part: VisitsPart = visits_of(self.pack.content)
        self.visit_type = self.part.visit_type(self.note.visit.visit_type)
        self.schools = self.note.visit.covered
        by_pk = {school.pk: school for school in self.schools}
        self.rows = rows_of(self.note, list(self.note.sections.all()), by_pk)
        ids = list(by_pk)
        self.contacts: dict[int, list[Contact]] = defaultdict(list)
        for contact in contacts_in_post(ids, self.on):
            contact.school = by_pk[contact.school_id]
            self.contacts[contact.school_id].append(contact)
        self.categories = {row.school_id: row for row in SchoolCategory.objects.filter(on_day(self.on), school__in=ids)}
        self.profiles = {
            sip.user_id: sip
            for sip in Sip.objects.filter(
                authority=self.note.authority, user__in=[u for u in (self.note.visit.lead_id, self.note.visit.second_adviser_id) if u]
            ).order_by("starts_on")
        }
        self.days = days_of_schools(ids, self.note.visit.academic_year)

    # -- parts

    def build(self, school: School) -> dict[str, Any]:
        note, visit = self.note, self.note.visit
        is_final = self.kind == RecordKind.FINAL
        sections = self._sections(school)
        return {
            "format": FORMAT,
            "note": {
                "id": note.public_id,
                "reference": note.reference,
                "version": note.version,
                "kind": self.kind,
                "title": visit.visit_type_label,
                "academic_year": AcademicYear(visit.academic_year).label,
            },
            "authority": authority_shown(note.authority),
            "words": words_shown(self.pack, school),
            "school": self._school(school),
            "visit": self._visit(school),
            "sections": sections,
            "school_half_page": next(
                (
                    {"by": row.half_page_by, "on": _iso(timezone.localtime(row.half_page_at).date()), "text": row.half_page}
                    for row in visit.half_pages([school.pk])
                    if row.half_page_at
                ),
                None,
            ),
            "response": self._response(school) if is_final else None,
            "corrections": [],
            "frozen": {"category": self._category(school), "flags": []},
            "distribution": self._distribution(school),
            "signatures": self._signatures(school),
            "dates": {
                "written_on": _iso(timezone.localtime(note.submitted_at).date()) if note.submitted_at else None,
                "released_at": _iso(note.released_at if is_final else self.at),
                "finalised_at": _iso(self.at) if is_final else None,
            },
        }

    def _school(self, school: School) -> dict[str, Any]:
        facts = []
        category = self.categories.get(school.pk)
        if category is not None:
            facts.append({"label": words_shown(self.pack, school)["category"].capitalize(), "value": category.label})
        if school.pk in self.days and (days := self.days[school.pk].total).allocated:
            year = AcademicYear(self.note.visit.academic_year).label
            facts.append({"label": "Days", "value": f"{format_quarters(days.left)} of {format_quarters(days.allocated)} left in {year}"})
        return {
            "name": school.name,
            "urn": school.urn,
            "dfe_number": school.dfe_number,
            "phase": school.get_phase_display().capitalize() if school.phase != "pru" else "Pupil referral unit",
            "ages": f"{school.low_age} to {school.high_age}" if school.low_age is not None and school.high_age is not None else "",
            "roll": school.roll,
            "roll_on": _iso(school.roll_on),
            "cluster": school.cluster.name if school.cluster else None,
            "head": person_shown(self.contacts[school.pk], HEADS),
            "chair": person_shown(self.contacts[school.pk], CHAIRS),
            "facts": facts,
        }

    def _visit(self, school: School) -> dict[str, Any]:
        visit = self.note.visit
        return {
            "on": _iso(visit.on),
            "from": _time(visit.starts_at),
            "to": _time(visit.ends_at),
            "type": visit.visit_type,
            "type_label": visit.visit_type_label,
            "lead": adviser_shown(visit.lead, self.profiles.get(visit.lead_id)),
            "second": adviser_shown(visit.second_adviser, self.profiles.get(visit.second_adviser.pk)) if visit.second_adviser else None,
            "observers": [str(name) for name in visit.observers if str(name).strip()],
            "met": [str(role) for role in visit.met if str(role).strip()],
            "days": {"preparation": visit.preparation_quarters, "in_school": visit.in_school_quarters, "writing": visit.writing_quarters},
            "purposes": list(self.visit_type.purposes),
            "next": visit.next_visit or None,
            "other_schools": [other.name for other in self.schools if other.pk != school.pk],
        }

    def _category(self, school: School) -> dict[str, Any] | None:
        row = self.categories.get(school.pk)
        return {"label": row.label, "since": _iso(row.starts_on), "source": row.decided_by} if row else None

    # -- sections

    def _sections(self, school: School) -> list[dict[str, Any]]:
        is_final = self.kind == RecordKind.FINAL
        comments = [c for c in self.note.comments.all() if c.school_id == school.pk and c.version == self.note.version] if is_final else []
        shown: list[dict[str, Any]] = []
        for section in self.note.sections.all():
            if section.school_id not in (None, school.pk):
                continue
            blocks = [block for block in self._blocks(section, school) if block is not None]
            own = [self._comment(c) for c in comments if c.section_code == section.code]
            if not blocks and not own and not section.is_required:
                continue
            shown.append(
                {
                    "number": len(shown) + 1,
                    "code": section.code,
                    "title": section.title,
                    "shared": len(self.schools) > 1 and section.school_id is None,
                    "blocks": blocks,
                    "comments": own,
                }
            )
        return shown

    def _comment(self, comment: Any) -> dict[str, Any]:
        answer = None
        if comment.answered_at:
            answer = {"by": comment.answered_by_name, "on": _iso(timezone.localtime(comment.answered_at).date()), "text": comment.answer}
        return {
            "by": comment.by_name,
            "role": comment.by_role,
            "on": _iso(timezone.localtime(comment.at).date()),
            "kind": "inaccurate" if comment.kind == CommentKind.INACCURATE else "comment",
            "text": comment.text,
            "answer": answer,
        }

    def _blocks(self, section: NoteSection, school: School) -> Iterable[dict[str, Any] | None]:
        try:
            inputs = self.part.section(section.code).inputs
        except KeyError:
            inputs = ("text",)
        for name in inputs:
            if name == "judgement":
                yield from (self._judgement(judgement) for judgement in self.rows.judgements.get(section.pk, ()))
            elif name == "text":
                yield {"kind": "text", "text": section.body} if section.body.strip() else None
            else:
                builder = getattr(self, f"_block_{name}", None)
                if builder is not None:
                    yield builder(section, school)

    def _grade_label(self, grade: int | None) -> str:
        return self.part.grades[grade] if grade is not None else ""

    def _judgement(self, row: Any) -> dict[str, Any] | None:
        if row.sip_grade is None and row.school_grade is None and not row.evidence.strip():
            return None
        descriptor = ""
        if row.sip_grade is not None:
            try:
                descriptor = self.part.area(row.area).words_for(row.sip_grade)
            except KeyError:
                descriptor = ""
        return {
            "kind": "judgement",
            "area": row.area,
            "label": row.label,
            "sip": row.sip_grade,
            "sip_label": self._grade_label(row.sip_grade),
            "school": row.school_grade,
            "school_label": self._grade_label(row.school_grade),
            "evidence": row.evidence,
            "descriptor": descriptor,
        }

    def _block_actions_review(self, section: NoteSection, school: School) -> dict[str, Any] | None:
        rows = []
        for review in self.rows.reviews.get(section.pk, ()):
            action = review.action
            if action.school_id != school.pk:
                continue
            rows.append(
                {
                    "text": action.text,
                    "agreed_on": _iso(action.agreed_on),
                    "owner": action.owner_label,
                    "due_on": _iso(action.due_on),
                    "status": review.status,
                    "status_label": ActionStatus(review.status).label if review.status else "Not judged",
                    "evidence": review.evidence,
                    "impact": review.impact if review.status != ActionStatus.DROPPED else review.reason,
                    "progress": [
                        {"on": _iso(p.on), "by": f"{p.by_name}, {p.by_role}".strip(", "), "text": p.text}
                        for p in self.rows.progress.get(action.pk, ())
                    ],
                }
            )
        return {"kind": "actions_review", "rows": rows} if rows else None

    def _block_actions(self, section: NoteSection, school: School) -> dict[str, Any] | None:
        proposed = [row for row in self.rows.actions.get(section.pk, ()) if row.school_id == school.pk and row.text.strip()]
        rows = [
            {
                "number": number,
                "text": action.text,
                "owner": action.owner_label,
                "due_on": _iso(action.due_on),
                "success": action.success_measure,
                "carried": False,
            }
            for number, action in enumerate(proposed, 1)
        ]
        return {"kind": "actions", "rows": rows} if rows else None

    def _block_targets(self, section: NoteSection, school: School) -> dict[str, Any] | None:
        rows = [
            {
                "measure": target.measure,
                "label": f"{discussed.label}, {target.summer}",
                "unit": discussed.unit,
                "previous": _figure(target.previous),
                "estimate": _figure(target.estimate),
                "target": _figure(target.value),
                "agreed": target.agreed,
                "rationale": discussed.rationale or target.rationale,
            }
            for discussed, target in ((discussed, discussed.shown) for discussed in self.rows.targets.get(section.pk, ()))
            if target.school_id == school.pk and (target.value is not None or discussed.rationale.strip())
        ]
        return {"kind": "targets", "rows": rows} if rows else None

    def _block_interventions(self, section: NoteSection, school: School) -> dict[str, Any] | None:
        rows = []
        for discussed in self.rows.interventions.get(section.pk, ()):
            if discussed.school_id != school.pk:
                continue
            one = discussed.shown
            worth = one.get_value_for_money_display().capitalize() if one.value_for_money else ""
            if one.known_on and one.value_for_money == "too_early":
                worth = f"{worth}: known by {_day(one.known_on)}"
            rows.append(
                {
                    "name": one.name,
                    "origin_label": one.get_origin_display(),
                    "started_on": _iso(one.starts_on),
                    "cost": one.cost_pence,
                    "days": one.quarters,
                    "impact": one.impact,
                    "value": ". ".join(filter(None, [worth, one.value_reason])),
                }
            )
        return {"kind": "interventions", "rows": rows} if rows else None

    def _block_category(self, section: NoteSection, school: School) -> dict[str, Any] | None:
        proposal = self.rows.proposals.get(section.pk)
        if proposal is None or not proposal.category:
            return None
        current = self.categories.get(school.pk)
        return {
            "kind": "category",
            "current": current.label if current else None,
            "proposed": proposal.category,
            "label": proposal.label,
            "criteria": proposal.criteria,
            "reasons": proposal.reasons,
            "panel_on": None,
        }

    def _block_datasets(self, section: NoteSection, school: School) -> dict[str, Any] | None:
        rows = [
            {
                "label": row.label,
                "version": row.version,
                "studied_on": _iso(row.studied_on),
                "state": "studied" if row.state == DatasetState.STUDIED else "not_available",
                "expected": row.expected,
            }
            for row in self.rows.datasets.get(section.pk, ())
            if row.state
        ]
        return {"kind": "datasets", "rows": rows} if rows else None

    def _block_differences(self, section: NoteSection, school: School) -> dict[str, Any] | None:
        rows = [self._difference(row) for row in self.rows.differences if row.school_id == school.pk]
        if not rows and not section.declares_none:
            return None
        return {"kind": "differences", "declared_none": not rows, "rows": rows}

    def _difference(self, row: DifferenceOfView) -> dict[str, str]:
        return {
            "topic": row.topic,
            "sip_view": row.sip_view,
            "sip_evidence": row.sip_evidence,
            "school_view": row.school_view,
            "school_evidence": row.school_evidence,
            "settle": row.settle,
        }

    def _block_cohesion(self, section: NoteSection, school: School) -> dict[str, Any] | None:
        rows = [{"dimension": row.label, "text": row.text} for row in self.rows.cohesion.get(section.pk, ()) if row.text.strip()]
        return {"kind": "cohesion", "rows": rows} if rows else None

    # -- the end of the note

    def response_of(self, school: School) -> Any:
        return next((r for r in self.note.responses.all() if r.school_id == school.pk and r.version == self.note.version), None)

    def silence(self, school: School) -> str:
        """ "The school did not comment by DATE", where that is so."""
        if self.kind != RecordKind.FINAL or self.response_of(school) is not None or self.note.school_due_on is None:
            return ""
        return f"The school did not comment by {_day(self.note.school_due_on)}."

    def _response(self, school: School) -> dict[str, Any] | None:
        response = self.response_of(school)
        if response is None:
            silence = self.silence(school)
            return {"accuracy": "none", "agreement": "none", "by": None, "role": None, "on": None, "words": "", "silence": silence or None}
        return {
            "accuracy": response.accuracy,
            "agreement": response.agreement or "none",
            "by": response.by_name,
            "role": response.by_role,
            "on": _iso(timezone.localtime(response.at).date()),
            "words": response.words,
            "silence": None,
        }

    def _distribution(self, school: School) -> list[dict[str, Any]]:
        return [
            {"name": person.name, "role": person.role, "organisation": person.organisation, "at": None, "state": "to be sent"}
            for person in recipients_of(self.note, school, self.kind, self.on, contacts=self.contacts[school.pk])
        ]

    def _signatures(self, school: School) -> list[dict[str, Any]]:
        note, words = self.note, words_shown(self.pack, school)
        written = [f"Written {_day(timezone.localtime(note.submitted_at).date())}"] if note.submitted_at else []
        sip_lines = [*written]
        if self.kind == RecordKind.FINAL:
            moment = timezone.localtime(self.at)
            sip_lines.append(
                f"Finalised {_day(moment.date())}, {moment:%H:%M}" + (f" by {self.actor.name}" if self.actor.pk != note.author_id else "")
            )
        signatures = [{"role": words["sip"][:1].upper() + words["sip"][1:], "name": note.author.name, "lines": sip_lines or ["Draft"]}]
        response = self.response_of(school) if self.kind == RecordKind.FINAL else None
        if response is not None:
            said = "Accepted as accurate" if response.accuracy == "accurate" else "Raised inaccuracies, each answered,"
            signatures.append(
                {"role": response.by_role, "name": response.by_name, "lines": [f"{said} {_day(timezone.localtime(response.at).date())}"]}
            )
        elif self.kind == RecordKind.FINAL and (silence := self.silence(school)):
            head = person_shown(self.contacts[school.pk], HEADS)
            if head is not None:
                signatures.append({"role": head["title"], "name": head["name"], "lines": [silence.rstrip(".")]})
        review = next(
            (r for r in note.gate_reviews.all() if r.version == note.version and r.decision in ("approved", "passed") and r.decided_by),
            None,
        )
        if review is not None and review.decided_at is not None and review.decided_by is not None:
            verb = "Approved" if review.decision == "approved" else "Passed unreviewed"
            signatures.append(
                {
                    "role": "For the authority",
                    "name": review.decided_by.name,
                    "lines": [f"{verb} {_day(timezone.localtime(review.decided_at).date())}"],
                }
            )
        return signatures
