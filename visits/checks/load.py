"""From the database to a snapshot: a fixed number of queries, however many sections the note has.

At most seven: the note, its schools with their category, the sections, their rows of all kinds (``visits.rows``), targets,
contacts, earlier records; and the pack's content once in the life of the process. What no check in force asks for is not loaded.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import OuterRef, Q, Subquery

from core.spans import on_day
from people.packs import AuthorityPack
from schools.choices import ContactState
from schools.models import Contact
from support.models import SchoolCategory
from targets.models import Target

from ..choices import ActionState, RecordKind
from ..models import (
    ActionReview,
    AgreedAction,
    CohesionRow,
    DifferenceOfView,
    Judgement,
    NoteDataset,
    NoteIntervention,
    NoteOfVisit,
    NoteRecord,
    NoteSection,
    NoteTarget,
    VisitSchool,
)
from ..rows import NoteRows, rows_of
from .rules import KINDS, Rules
from .snapshot import (
    ActionRow,
    CohesionLine,
    DatasetRow,
    DifferenceRow,
    EarlierText,
    HeldFigure,
    InterventionRow,
    JudgementRow,
    NoteSnapshot,
    ProposalRow,
    ReviewRow,
    SchoolSnapshot,
    SectionSnapshot,
    TargetRow,
)

OWN_NOTES: Final = 60
"""So many of the author's latest final records are read for copied text: more than two years of a full caseload."""
PREVIOUS: Final = "previous_note_same_school"
OWN: Final = "own_notes_other_schools"


@dataclass(frozen=True)
class Loaded:
    """A note ready to be checked, and the rows of its sections, in the order of the snapshot's."""

    snapshot: NoteSnapshot
    rules: Rules
    sections: tuple[NoteSection, ...] = ()


def load(note: NoteOfVisit, *, severities: Iterable[str] | None = None, is_fresh: bool = False, rows: NoteRows | None = None) -> Loaded:
    """Read the note afresh, and the rules it is written under.

    With ``severities`` only what checks of these severities ask for is loaded: a submission reads what may block it.
    ``is_fresh``: the caller has just read the note with its authority, author, pack, visit and advisers; with ``rows`` its
    sections and their rows, too.
    """
    row = note
    if not is_fresh:
        related = ("authority", "author", "pack", "visit", "visit__lead", "visit__second_adviser")
        row = NoteOfVisit.objects.select_related(*related).get(pk=note.pk)
    pack = AuthorityPack(row.authority, row.pack)
    on = row.visit.on or row.started_at.date()
    rules = Rules.of(pack.content, row.visit.visit_type, on, row.authority.settings)
    wanted = set(severities) if severities is not None else None
    wants: set[str] = set()
    for check in rules.checks:
        if wanted is None or check.severity in wanted:
            wants |= KINDS[check.kind].wants
    if rows is not None:
        sections = tuple(row.sections.all())
    else:
        sections = tuple(NoteSection.objects.filter(note=row).select_related("school", "saved_by").order_by("position", "school_id"))
    return Loaded(_snapshot(row, sections, rows, pack, rules, on, frozenset(wants)), rules, sections)


def _snapshot(
    note: NoteOfVisit,
    sections: Sequence[NoteSection],
    rows: NoteRows | None,
    pack: AuthorityPack,
    rules: Rules,
    on: dt.date,
    wants: frozenset[str],
) -> NoteSnapshot:
    schools = _schools(note, on, "category" in wants)
    by_id = dict(schools)
    urns = {pk: school.urn for pk, school in schools}
    if rows is None:
        rows = rows_of(note, sections, {})
    targets = _targets(note, sections, urns, rules, whole="targets" in wants)
    terms: tuple[tuple[dt.date, dt.date], ...] = ()
    if "terms" in wants:
        terms = tuple(
            (half["starts"], half["ends"]) for half in sorted((dict(row) for row in _term_rows(pack)), key=lambda half: half["starts"])
        )

    found = []
    for section in sections:
        inputs, guide, most = _frame(rules, section.code)
        school = by_id.get(section.school_id) if section.school_id else None
        covered = [section.school_id] if section.school_id else list(by_id)
        proposal = rows.proposals.get(section.pk)
        found.append(
            SectionSnapshot(
                code=section.code,
                key=f"{section.code}.{school.urn}" if school else section.code,
                title=section.title,
                position=section.position,
                school=school.urn if school else None,
                phases=tuple(dict.fromkeys(by_id[pk].phase for pk in covered if pk in by_id)),
                is_required=section.is_required,
                inputs=inputs,
                guide_words=guide,
                most_words=most,
                body=section.body,
                judgements=tuple(map(_judgement, rows.judgements.get(section.pk, ()))),
                cohesion=tuple(map(_cohesion, rows.cohesion.get(section.pk, ()))),
                datasets=tuple(map(_dataset, rows.datasets.get(section.pk, ()))),
                reviews=tuple(map(_review, rows.reviews.get(section.pk, ()))),
                actions=tuple(_action(row) for row in rows.actions.get(section.pk, ()) if row.state == ActionState.PROPOSED),
                targets=tuple(row for row in targets if row.section == _key(section, by_id)),
                interventions=tuple(map(_intervention, rows.interventions.get(section.pk, ()))),
                proposal=_proposal(proposal) if proposal is not None else None,
                differences=tuple(_difference(row, urns) for row in rows.differences if row.school_id in covered)
                if "differences" in inputs
                else (),
                declares_none=section.declares_none,
            )
        )
    names = tuple(dict.fromkeys(one.name for rows in (section.interventions for section in found) for one in rows))
    providers = tuple(dict.fromkeys(one.provider for rows in (section.interventions for section in found) for one in rows if one.provider))
    return NoteSnapshot(
        id=note.public_id,
        visit_type=note.visit.visit_type,
        on=on,
        academic_year=note.visit.academic_year,
        judges_actions=rules.visit_type.judges_actions,
        schools=tuple(school for _, school in schools),
        sections=tuple(found),
        targets=targets,
        figures=_figures(targets, note.visit.academic_year),
        earlier=_earlier(note, by_id) if "earlier" in wants else (),
        terms=terms,
        people=_people(note, list(by_id), on) if "people" in wants else (),
        services=(*names, *providers),
        answers={(row.check_code, row.place): row.reason for row in rows.answers},
    )


def _term_rows(pack: AuthorityPack) -> Iterable[Mapping[str, Any]]:
    from people.pack import calendar_of

    return calendar_of(pack.content).term_rows()


def _frame(rules: Rules, code: str) -> tuple[tuple[str, ...], int, int]:
    """(inputs, guide, most) of a section; one that the pack no longer has is a plain text."""
    try:
        section = rules.visits.section(code)
    except KeyError:
        return ("text",), 0, 0
    return section.inputs, section.guide_words, section.most_words


def _key(section: NoteSection, schools: Mapping[int, SchoolSnapshot]) -> str:
    school = schools.get(section.school_id) if section.school_id else None
    return f"{section.code}.{school.urn}" if school else section.code


# ---------------------------------------------------------------- schools and people


def _schools(note: NoteOfVisit, on: dt.date, with_category: bool) -> list[tuple[int, SchoolSnapshot]]:
    rows = (
        VisitSchool.objects.filter(visit_id=note.visit_id).select_related("school", "school__cluster").order_by("position", "school__name")
    )
    if with_category:
        current = SchoolCategory.objects.filter(on_day(on), school=OuterRef("school")).order_by("-starts_on", "-pk")
        rows = rows.annotate(
            current_category=Subquery(current.values("category")[:1]),
            current_level=Subquery(current.values("level")[:1]),
        )
    found = []
    for row in rows:
        school = row.school
        places = (school.town, school.locality, school.street, school.county, school.address3)
        found.append(
            (
                school.pk,
                SchoolSnapshot(
                    urn=school.urn,
                    name=school.name,
                    phase=school.phase,
                    cluster=school.cluster.name if school.cluster else "",
                    places=tuple(place for place in places if place),
                    category=getattr(row, "current_category", None) or "",
                    level=getattr(row, "current_level", None),
                ),
            )
        )
    return found


def _people(note: NoteOfVisit, schools: list[int], on: dt.date) -> tuple[str, ...]:
    """Who may be named in a note: the school's contacts, those met, the advisers and the observers of the visit."""
    visit = note.visit
    contacts = Contact.objects.filter(on_day(on), school_id__in=schools).exclude(state=ContactState.REFUSED).values_list("name", flat=True)
    names = [note.author.name, visit.lead.name, visit.second_adviser.name if visit.second_adviser else ""]
    return tuple(
        dict.fromkeys(name for name in [*names, *visit.observers, *visit.met, *contacts] if isinstance(name, str) and name.strip())
    )


# ---------------------------------------------------------------- rows


def _judgement(row: Judgement) -> JudgementRow:
    return JudgementRow(row.area, row.label, row.sip_grade, row.school_grade, row.evidence)


def _cohesion(row: CohesionRow) -> CohesionLine:
    return CohesionLine(row.dimension, row.label, row.text)


def _dataset(row: NoteDataset) -> DatasetRow:
    return DatasetRow(row.code, row.label, row.state, row.version)


def _review(row: ActionReview) -> ReviewRow:
    action = row.action
    return ReviewRow(action.public_id, action.text, action.agreed_on, row.status, row.evidence, row.impact, row.reason)


def _action(row: AgreedAction) -> ActionRow:
    return ActionRow(row.public_id, row.text, row.owner, row.owner_detail, row.due_on, row.success_measure)


def _intervention(row: NoteIntervention) -> InterventionRow:
    one = row.shown
    return InterventionRow(
        str(row.pk), one.name, one.provider, one.impact, one.value_for_money, one.value_reason, one.known_on, one.quarters, one.cost_pence
    )


def _proposal(row: Any) -> ProposalRow:
    return ProposalRow(row.category, row.label, row.criteria, row.reasons, row.head_told)


def _difference(row: DifferenceOfView, urns: Mapping[int, int]) -> DifferenceRow:
    return DifferenceRow(
        str(row.pk),
        urns[row.school_id],
        row.topic,
        row.sip_view,
        row.sip_evidence,
        row.school_view,
        row.school_evidence,
        row.settle,
        is_by_school=row.school_at is not None,
    )


def _targets(
    note: NoteOfVisit, sections: Sequence[NoteSection], urns: Mapping[int, int], rules: Rules, *, whole: bool
) -> tuple[TargetRow, ...]:
    """Those that the note speaks of; with ``whole`` every target of the schools from this summer on, in the same query."""
    ids = [section.pk for section in sections]
    spoken = NoteTarget.objects.filter(section__in=ids, target=OuterRef("pk")).order_by("pk")
    rows = Target.objects.annotate(
        spoken=Subquery(spoken.values("pk")[:1]),
        spoken_in=Subquery(spoken.values("section_id")[:1]),
        spoken_label=Subquery(spoken.values("label")[:1]),
        spoken_rationale=Subquery(spoken.values("rationale")[:1]),
        staged=Subquery(spoken.values("staged")[:1]),
    )
    if whole:
        rows = rows.filter(Q(spoken__isnull=False) | Q(school_id__in=list(urns), summer__gt=note.visit.academic_year, pupil_group="all"))
    else:
        rows = rows.filter(spoken__isnull=False)
    by_pk = {section.pk: section for section in sections}
    found = []
    row: Any
    for row in rows.order_by("summer", "measure"):
        if row.school_id not in urns:
            continue
        section = by_pk.get(row.spoken_in)
        as_noted = NoteTarget(target=row, staged=row.staged or {}).shown
        found.append(
            TargetRow(
                id=str(row.spoken or f"{row.measure}.{row.summer}"),
                school=urns[row.school_id],
                measure=row.measure,
                group=row.pupil_group,
                label=row.spoken_label or row.measure,
                summer=row.summer,
                state=as_noted.state,
                value=as_noted.value,
                previous=as_noted.previous,
                estimate=as_noted.estimate,
                estimate_kind=row.estimate_kind,
                rationale=row.spoken_rationale or row.rationale,
                section=(f"{section.code}.{urns[section.school_id]}" if section.school_id else section.code) if section else "",
            )
        )
    return tuple(found)


def _figures(targets: Iterable[TargetRow], academic_year: int) -> tuple[HeldFigure, ...]:
    """The results held beside the targets: the last ones, of the summer before the visit's academic year began."""
    found: dict[tuple[int, str], tuple[Decimal, str]] = {}
    for row in targets:
        if row.previous is not None and row.group == "all":
            found.setdefault((row.school, row.measure), (row.previous, "the last result held with the targets"))
    return tuple(HeldFigure(school, measure, "all", academic_year, value, release) for (school, measure), (value, release) in found.items())


# ---------------------------------------------------------------- earlier notes


def _earlier(note: NoteOfVisit, schools: Mapping[int, SchoolSnapshot]) -> tuple[EarlierText, ...]:
    """The text sections of each school's last final record before this note, and of the author's own about other schools.

    Read from records, never from working copies; withdrawn ones are left out.
    """
    standing: Any = NoteRecord.objects.with_standing()
    rows = (
        standing.filter(kind=RecordKind.FINAL, at__lt=note.started_at, is_withdrawn=False, authority_id=note.authority_id)
        .exclude(note=note)
        .filter(Q(school_id__in=list(schools)) | Q(note__author_id=note.author_id))
        .order_by("-at", "-pk")
        .values_list("school_id", "school__urn", "note__author_id", "note__visit__on", "payload")[:OWN_NOTES]
    )
    found: list[EarlierText] = []
    seen: set[int] = set()
    for school_id, urn, author_id, on, payload in rows:
        if school_id in schools:
            if school_id in seen:
                continue
            seen.add(school_id)
            kind = PREVIOUS
        elif author_id == note.author_id:
            kind = OWN
        else:
            continue
        for section in json.loads(payload).get("sections", []):
            parts = [
                text
                for block in section.get("blocks", [])
                for text in (
                    [block["text"]]
                    if block.get("kind") == "text"
                    else [block.get("evidence", "")]
                    if block.get("kind") == "judgement"
                    else []
                )
            ]
            if text := "\n".join(part for part in parts if part):
                found.append(EarlierText(kind, urn, on, section.get("code", ""), text))
    return tuple(found)
