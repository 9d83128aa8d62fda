"""Notes from before the portal's time: records without a PDF of record, with the actions that they agreed."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from core import audit, canonical, search
from core.access import Refused, require, same_authority
from core.calendar import AcademicYear
from people.choices import SipKind
from people.models import Authority, Sip, User
from people.packs import AuthorityPack, require_pack
from people.roles import HAT_NAMES, Hat
from people.roles import Permission as P
from schools.choices import CHAIRS, HEADS, ContactKind, ContactState
from schools.models import Contact, School

from ..choices import ActionOwner, ActionState, NoteState, RecordKind, VisitState
from ..indexing import about
from ..indexing import entries as entries_of
from ..models import AgreedAction, Judgement, NoteOfVisit, NoteRecord, NoteSection, Visit, VisitSchool
from ..pack import Area, SectionUse, VisitType, visits_of
from ..payload import authority_shown, words_shown
from ..record import FINAL, FORMAT, validate_payload

CLOSED = (ActionState.MET, ActionState.NOT_MET, ActionState.DROPPED)


@dataclass(frozen=True)
class ImportedAction:
    """An action that an imported note agreed, and how it stands now. ``closed_on`` where it is open no more."""

    text: str
    owner: str
    due_on: dt.date
    success_measure: str = ""
    owner_detail: str = ""
    state: str = ActionState.OPEN
    closed_on: dt.date | None = None


@dataclass(frozen=True)
class ImportedNote:
    """One final note of one school as the earlier system held it. ``sections`` maps codes of the pack's sections to text,
    ``judgements`` codes of its areas to the SIP's grade, 1 to 4; each stands in the section that asks for it."""

    school: School
    author: User
    visit_type: str
    on: dt.date
    finalised_at: dt.datetime
    sections: Mapping[str, str]
    actions: Sequence[ImportedAction] = field(default=())
    judgements: Mapping[str, int] = field(default_factory=dict)

    def judged_in(self, use: SectionUse) -> list[tuple[Area, int]]:
        return [(area, self.judgements[area.code]) for area in use.areas if area.code in self.judgements]


@transaction.atomic
def import_note(*, actor: User | None, note: ImportedNote, source: str, at: dt.datetime) -> NoteRecord:
    """Take one final note over from an earlier system; its record has no PDF and says where it came from.

    ``actor`` ``None``: a command at the machine. Raises ``Refused`` with the rule that the note breaks.
    """
    authority = note.school.authority
    (record,) = _import(actor, authority, [note], source, at)
    changes: dict[str, object] = {"source": source, "on": note.on.isoformat(), "actions": len(note.actions)}
    audit.record("note.imported", actor=actor, at=at, subject=record.note, school=note.school, changes=changes)
    return record


@transaction.atomic
def import_notes(
    *, actor: User | None, authority: Authority, notes: Sequence[ImportedNote], source: str, at: dt.datetime
) -> list[NoteRecord]:
    """The same for many under the same checks, all or none, with one event for the batch (architecture.md rule 10)."""
    records = _import(actor, authority, notes, source, at)
    changes: dict[str, object] = {
        "source": source,
        "notes": len(records),
        "schools": len({note.school.pk for note in notes}),
        "actions": sum(len(note.actions) for note in notes),
    }
    audit.record("note.imported", actor=actor, at=at, subject=authority, authority=authority, changes=changes)
    return records


def _import(actor: User | None, authority: Authority, notes: Sequence[ImportedNote], source: str, at: dt.datetime) -> list[NoteRecord]:
    if actor is not None:
        require(actor, P.REGISTER_IMPORT, authority, on=at.date())
    if not source.strip():
        raise Refused("Say where the notes come from.", field="source")
    packs = {year: require_pack(authority, year.starts_on) for year in {AcademicYear.from_date(note.on) for note in notes}}
    types = [_checked(authority, note, packs[AcademicYear.from_date(note.on)], at) for note in notes]
    _refuse_twins(authority, notes)
    people = _people(authority, notes)

    visits = Visit.objects.bulk_create(
        Visit(
            authority=authority,
            visit_type=visit_type.code,
            visit_type_label=visit_type.label,
            academic_year=AcademicYear.from_date(note.on).first,
            lead=note.author,
            state=VisitState.HELD,
            on=note.on,
            held_logged_at=at,
            is_imported=True,
            created_at=at,
            created_by=actor,
        )
        for note, visit_type in zip(notes, types, strict=True)
    )
    VisitSchool.objects.bulk_create(VisitSchool(visit=visit, school=note.school) for visit, note in zip(visits, notes, strict=True))
    references = _References(authority)
    rows = NoteOfVisit.objects.bulk_create(
        NoteOfVisit(
            authority=authority,
            visit=visit,
            author=note.author,
            reference=references.take(visit.academic_year),
            state=NoteState.FINAL,
            final_version=1,
            pack=packs[AcademicYear.from_date(note.on)].row,
            draft_due_on=note.on,
            started_at=note.finalised_at,
            submitted_at=note.finalised_at,
            ready_at=note.finalised_at,
            released_at=note.finalised_at,
            finalised_at=note.finalised_at,
        )
        for visit, note in zip(visits, notes, strict=True)
    )
    sections = _write_sections(rows, notes, types)
    Judgement.objects.bulk_create(
        Judgement(section=sections[row.pk, use.section.code], area=area.code, label=area.label, position=position, sip_grade=grade)
        for row, note, visit_type in zip(rows, notes, types, strict=True)
        for use in visit_type.sections_for(note.school.phase)
        for position, (area, grade) in enumerate(note.judged_in(use))
    )
    AgreedAction.objects.bulk_create(
        AgreedAction(
            school=note.school,
            note=row,
            section=sections.get((row.pk, "actions_new")),
            position=position,
            text=action.text.strip(),
            owner=action.owner,
            owner_detail=action.owner_detail,
            due_on=action.due_on,
            success_measure=action.success_measure,
            state=action.state,
            agreed_on=note.on,
            closed_on=action.closed_on,
        )
        for row, note in zip(rows, notes, strict=True)
        for position, action in enumerate(note.actions)
    )
    return _write_records(actor, rows, notes, types, packs, people, source, at)


# ---------------------------------------------------------------- checks


def _checked(authority: Authority, note: ImportedNote, pack: AuthorityPack, at: dt.datetime) -> VisitType:
    same_authority(authority, note.school)
    where = f"{note.school.name}, {note.on:%-d %B %Y}"
    try:
        visit_type = visits_of(pack.content).visit_type(note.visit_type)
    except KeyError:
        raise Refused(f"{where}: the pack knows no visit of the kind {note.visit_type}.", field="visit_type") from None
    if not visit_type.has_note:
        raise Refused(f"{where}: this kind of visit has no note.", field="visit_type")
    finalised_on = timezone.localtime(note.finalised_at).date()
    if not note.on <= finalised_on <= at.date():
        raise Refused(
            f"{where}: the note is final on {finalised_on:%-d %B %Y}, which is before the visit or still to come.", field="finalised_at"
        )
    known = {use.section.code for use in visit_type.sections_for(note.school.phase)}
    if unknown := sorted(set(note.sections) - known):
        raise Refused(f"{where}: {visit_type.label} has no section {', '.join(unknown)}.", field="sections")
    judged = {area.code for use in visit_type.sections_for(note.school.phase) for area in use.areas}
    if set(note.judgements) - judged or not set(note.judgements.values()) <= {1, 2, 3, 4}:
        raise Refused(f"{where}: a judgement is a grade from 1 to 4 on an area of {visit_type.label}.", field="judgements")
    if not any(text.strip() for text in note.sections.values()):
        raise Refused(f"{where}: the note is empty.", field="sections")
    for action in note.actions:
        if not action.text.strip() or action.owner not in ActionOwner.values:
            raise Refused(f"{where}: an action has a text and an owner.", field="actions")
        if action.state not in (ActionState.OPEN, *CLOSED):
            raise Refused(f"{where}: an action is open, met, not met or dropped.", field="actions")
        if (action.state in CLOSED) != (action.closed_on is not None):
            raise Refused(
                f"{where}: an action that is open no more has the day on which it was closed, and no other has one.", field="actions"
            )
    return visit_type


def _refuse_twins(authority: Authority, notes: Sequence[ImportedNote]) -> None:
    """One visit of a kind, day and school: what is here already is not taken over again."""
    keys = [(note.school.pk, note.visit_type, note.on) for note in notes]
    held = VisitSchool.objects.filter(
        visit__authority=authority, school__in={key[0] for key in keys}, visit__on__in={key[2] for key in keys}
    )
    known = set(held.values_list("school_id", "visit__visit_type", "visit__on"))
    for note, key in zip(notes, keys, strict=True):
        if key in known:
            raise Refused(f"{note.school.name} has a visit of this kind on {note.on:%-d %B %Y} already.", field="on")
        known.add(key)


# ---------------------------------------------------------------- rows


class _References:
    """Running numbers, year by year, after the last that each year has."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.last: dict[int, int] = {}

    def take(self, year: int) -> str:
        if year not in self.last:
            taken = NoteOfVisit.objects.filter(authority=self.authority, reference__startswith=f"{year}/").aggregate(last=Max("reference"))
            self.last[year] = int(taken["last"].split("/")[1]) if taken["last"] else 0
        self.last[year] += 1
        return f"{year}/{self.last[year]:04d}"


def _write_sections(
    rows: Sequence[NoteOfVisit], notes: Sequence[ImportedNote], types: Sequence[VisitType]
) -> dict[tuple[int, str], NoteSection]:
    """The sections that have something in them, so that a note can be amended here."""
    made = []
    for row, note, visit_type in zip(rows, notes, types, strict=True):
        for position, use in enumerate(visit_type.sections_for(note.school.phase), 1):
            code = use.section.code
            if note.sections.get(code, "").strip() or (code == "actions_new" and note.actions) or note.judged_in(use):
                made.append(
                    NoteSection(
                        note=row,
                        code=code,
                        title=use.section.title,
                        position=position,
                        is_required=use.is_required,
                        body=note.sections.get(code, "").strip(),
                        saved_at=note.finalised_at,
                        saved_by=note.author,
                    )
                )
    return {(section.note_id, section.code): section for section in NoteSection.objects.bulk_create(made)}


@dataclass
class _People:
    contacts: dict[int, list[Contact]]
    profiles: dict[int, Sip]

    def at(self, school: School, kinds: Sequence[ContactKind], on: dt.date) -> dict[str, str] | None:
        for contact in self.contacts[school.pk]:
            if contact.kind in kinds and contact.holds_on(on):
                return {"title": ContactKind(contact.kind).label.capitalize(), "name": contact.name}
        return None

    def role(self, user: User) -> str:
        profile = self.profiles.get(user.pk)
        return SipKind(profile.kind).label.capitalize() if profile else ""


def _people(authority: Authority, notes: Sequence[ImportedNote]) -> _People:
    contacts: dict[int, list[Contact]] = defaultdict(list)
    held = Contact.objects.filter(school__in={note.school.pk for note in notes}, state=ContactState.CONFIRMED, kind__in=(*HEADS, *CHAIRS))
    for contact in held.order_by("kind", "starts_on"):
        contacts[contact.school_id].append(contact)
    profiles = Sip.objects.filter(authority=authority, user__in={note.author.pk for note in notes}).order_by("starts_on")
    return _People(contacts, {profile.user_id: profile for profile in profiles})


def _write_records(
    actor: User | None,
    rows: Sequence[NoteOfVisit],
    notes: Sequence[ImportedNote],
    types: Sequence[VisitType],
    packs: Mapping[AcademicYear, AuthorityPack],
    people: _People,
    source: str,
    at: dt.datetime,
) -> list[NoteRecord]:
    made, entries = [], []
    for row, note, visit_type in zip(rows, notes, types, strict=True):
        payload = _payload(row, note, visit_type, packs[AcademicYear.from_date(note.on)], people, source, at)
        validate_payload(payload)
        record = NoteRecord(
            authority=row.authority,
            note=row,
            school=note.school,
            version=1,
            kind=RecordKind.FINAL,
            payload=canonical.canonical_json(payload).decode(),
            digest=canonical.digest(payload),
            is_imported=True,
            at=note.finalised_at,
            author=note.author,
            by=note.author,
            by_name=note.author.name,
            by_role=HAT_NAMES[Hat.ADVISER],
        )
        made.append(record)
        entries += entries_of(record, payload, row.visit, **about(row))
    records = NoteRecord.objects.bulk_create(made)
    search.put_many(entries)
    return records


def _payload(
    row: NoteOfVisit, note: ImportedNote, visit_type: VisitType, pack: AuthorityPack, people: _People, source: str, at: dt.datetime
) -> dict[str, Any]:
    """What the earlier system knew, in the shape of a record; what it did not know stays empty."""
    school, authority = note.school, row.authority
    sip, part = pack.labels(school.phase).get("sip"), visits_of(pack.content)
    imported = timezone.localtime(at).date()
    sections: list[dict[str, Any]] = []
    for use in visit_type.sections_for(school.phase):
        code = use.section.code
        blocks: list[dict[str, Any]] = []
        if text := note.sections.get(code, "").strip():
            blocks.append({"kind": "text", "text": text})
        blocks += [
            {
                "kind": "judgement",
                "area": area.code,
                "label": area.label,
                "sip": grade,
                "sip_label": part.grades[grade],
                "school": None,
                "school_label": "",
                "evidence": "",
                "descriptor": area.words_for(grade),
            }
            for area, grade in note.judged_in(use)
        ]
        if code == "actions_new" and note.actions:
            blocks.append({"kind": "actions", "rows": [_action(number, action) for number, action in enumerate(note.actions, 1)]})
        if blocks:
            number = len(sections) + 1
            sections.append({"number": number, "code": code, "title": use.section.title, "shared": False, "blocks": blocks, "comments": []})
    return {
        "format": FORMAT,
        "note": {
            "id": row.public_id,
            "reference": row.reference,
            "version": 1,
            "kind": FINAL,
            "title": visit_type.label,
            "academic_year": AcademicYear.from_date(note.on).label,
        },
        "authority": authority_shown(authority),
        "words": words_shown(pack, school),
        "school": {
            "name": school.name,
            "urn": school.urn,
            "dfe_number": school.dfe_number,
            "phase": school.get_phase_display().capitalize(),
            "ages": f"{school.low_age} to {school.high_age}" if school.low_age is not None and school.high_age is not None else "",
            "roll": None,
            "roll_on": None,
            "cluster": school.cluster.name if school.cluster else None,
            "head": people.at(school, HEADS, note.on),
            "chair": people.at(school, CHAIRS, note.on),
            "facts": [],
        },
        "visit": {
            "on": note.on.isoformat(),
            "from": None,
            "to": None,
            "type": visit_type.code,
            "type_label": visit_type.label,
            "lead": {"name": note.author.name, "role": people.role(note.author)},
            "second": None,
            "observers": [],
            "met": [],
            "days": {"preparation": 0, "in_school": 0, "writing": 0},
            "purposes": list(visit_type.purposes),
            "next": None,
            "other_schools": [],
        },
        "sections": sections,
        "school_half_page": None,
        "response": None,
        "corrections": [],
        "frozen": {"category": None, "flags": []},
        "distribution": [],
        "signatures": [
            {
                "role": sip[:1].upper() + sip[1:],
                "name": note.author.name,
                "lines": [f"Taken over from {source} on {imported.day} {imported:%B %Y}, without a PDF of record"],
            }
        ],
        "dates": {"written_on": None, "released_at": None, "finalised_at": timezone.localtime(note.finalised_at).isoformat()},
    }


def _action(number: int, action: ImportedAction) -> dict[str, Any]:
    return {
        "number": number,
        "text": action.text.strip(),
        "owner": action.owner_detail or ActionOwner(action.owner).label,
        "due_on": action.due_on.isoformat(),
        "success": action.success_measure,
        "carried": False,
    }
