"""What the checks look at: one note as it stands, frozen, without a query and without a model.

Everything that a check may ask is here, so that checks are pure. ``load.snapshot_of`` fills it from the database; tests
write it by hand. Grades run from 1 outstanding to 4 inadequate; money is pence, days are quarters.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Final

from .text import Passage, Source

FOR_THE_SCHOOL: Final = ("school_comment",)
"""Sections that the school writes, not the author: they never hold up a submission."""

ROW_INPUTS: Final = frozenset(
    {"actions_review", "actions", "targets", "category", "interventions", "datasets", "differences", "cohesion", "milestones"}
)
"""Inputs that are tables. ``text`` is none, and a judgement has groups of its own."""


@dataclass(frozen=True)
class SchoolSnapshot:
    """A school of the visit. ``category`` and ``level`` are the current ones, ``suggested`` what the rules of the scheme say."""

    urn: int
    name: str
    phase: str
    cluster: str = ""
    places: tuple[str, ...] = ()
    category: str = ""
    level: int | None = None
    suggested: str = ""
    suggested_label: str = ""


@dataclass(frozen=True)
class JudgementRow:
    area: str
    label: str
    sip_grade: int | None = None
    school_grade: int | None = None
    evidence: str = ""

    @property
    def is_filled(self) -> bool:
        return self.sip_grade is not None or self.school_grade is not None or bool(self.evidence.strip())


@dataclass(frozen=True)
class CohesionLine:
    dimension: str
    label: str
    text: str = ""


@dataclass(frozen=True)
class DatasetRow:
    code: str
    label: str
    state: str = ""
    version: str = ""
    studied_on: dt.date | None = None


@dataclass(frozen=True)
class ReviewRow:
    """How the note judges an earlier action; ``id`` is the action's."""

    id: str
    text: str
    agreed_on: dt.date | None = None
    status: str = ""
    evidence: str = ""
    impact: str = ""
    reason: str = ""


@dataclass(frozen=True)
class ActionRow:
    id: str
    text: str
    owner: str = ""
    owner_detail: str = ""
    due_on: dt.date | None = None
    success_measure: str = ""


@dataclass(frozen=True)
class TargetRow:
    """A target of a school; where the note speaks of it, ``section`` is the key of the section that does."""

    id: str
    school: int
    measure: str
    label: str
    summer: int
    state: str = ""
    value: Decimal | None = None
    previous: Decimal | None = None
    estimate: Decimal | None = None
    estimate_kind: str = ""
    similar: Decimal | None = None
    rationale: str = ""
    section: str = ""
    group: str = "all"


@dataclass(frozen=True)
class InterventionRow:
    id: str
    name: str
    provider: str = ""
    impact: str = ""
    value_for_money: str = ""
    value_reason: str = ""
    known_on: dt.date | None = None
    quarters: int | None = None
    cost_pence: int | None = None


@dataclass(frozen=True)
class ProposalRow:
    category: str = ""
    label: str = ""
    criteria: str = ""
    reasons: str = ""
    head_told: bool = False


@dataclass(frozen=True)
class DifferenceRow:
    """``is_by_school``: the school wrote its own side, and its words are never checked."""

    id: str
    school: int
    topic: str
    sip_view: str = ""
    sip_evidence: str = ""
    school_view: str = ""
    school_evidence: str = ""
    settle: str = ""
    is_by_school: bool = False


@dataclass(frozen=True)
class SectionSnapshot:
    """One section with its rows. ``school`` is the URN where the section is one school's own; ``phases`` those it speaks of."""

    code: str
    key: str
    title: str
    position: int = 0
    school: int | None = None
    phases: tuple[str, ...] = ()
    is_required: bool = False
    inputs: tuple[str, ...] = ("text",)
    guide_words: int = 0
    most_words: int = 0
    body: str = ""
    judgements: tuple[JudgementRow, ...] = ()
    cohesion: tuple[CohesionLine, ...] = ()
    datasets: tuple[DatasetRow, ...] = ()
    reviews: tuple[ReviewRow, ...] = ()
    actions: tuple[ActionRow, ...] = ()
    targets: tuple[TargetRow, ...] = ()
    interventions: tuple[InterventionRow, ...] = ()
    proposal: ProposalRow | None = None
    differences: tuple[DifferenceRow, ...] = ()
    declares_none: bool = False

    @property
    def is_for_school(self) -> bool:
        return self.code in FOR_THE_SCHOOL

    @property
    def has_text_input(self) -> bool:
        return "text" in self.inputs

    @property
    def has_row_input(self) -> bool:
        return not ROW_INPUTS.isdisjoint(self.inputs)

    @cached_property
    def is_filled(self) -> bool:
        """Whether it has any text or any row with something in it."""
        return bool(
            self.body.strip()
            or any(row.is_filled for row in self.judgements)
            or any(row.text.strip() for row in self.cohesion)
            or any(row.state for row in self.datasets)
            or any(row.status or row.evidence.strip() for row in self.reviews)
            or any(row.text.strip() for row in self.actions)
            or any(row.value is not None or row.rationale.strip() for row in self.targets)
            or self.interventions
            or (self.proposal and (self.proposal.category or self.proposal.criteria.strip() or self.proposal.reasons.strip()))
            or self.differences
        )

    @cached_property
    def passage(self) -> Passage:
        """The free text."""
        return Passage(self.body)

    @cached_property
    def prose(self) -> Passage:
        """All that the author wrote as prose: the text, and the evidence and reasons of its rows."""
        parts = [
            self.body,
            *(row.evidence for row in self.judgements),
            *(row.text for row in self.cohesion),
            *(row.rationale for row in self.targets),
        ]
        if self.proposal:
            parts += [self.proposal.criteria, self.proposal.reasons]
        return Passage("\n".join(part for part in parts if part.strip()))

    @cached_property
    def row_texts(self) -> tuple[tuple[str, str], ...]:
        """(row, text) of everything typed into tables, but for what the school wrote itself."""
        found: list[tuple[str, str]] = [(row.area, row.evidence) for row in self.judgements]
        found += [(row.dimension, row.text) for row in self.cohesion]
        found += [(row.code, row.version) for row in self.datasets]
        for review in self.reviews:
            found += [(review.id, text) for text in (review.evidence, review.impact, review.reason)]
        for action in self.actions:
            found += [(action.id, text) for text in (action.text, action.owner_detail, action.success_measure)]
        found += [(row.id, row.rationale) for row in self.targets]
        for one in self.interventions:
            found += [(one.id, text) for text in (one.impact, one.value_reason)]
        if self.proposal:
            found += [("proposal", self.proposal.criteria), ("proposal", self.proposal.reasons)]
        for row in self.differences:
            own = (row.topic, row.sip_view, row.sip_evidence, row.settle)
            found += [(row.id, text) for text in (own if row.is_by_school else (*own, row.school_view, row.school_evidence))]
        return tuple((row, text) for row, text in found if text.strip())


@dataclass(frozen=True)
class EarlierText:
    """A section of a final note: ``kind`` is ``previous_note_same_school`` or ``own_notes_other_schools``."""

    kind: str
    school: int
    on: dt.date | None
    section: str
    text: str

    @cached_property
    def source(self) -> Source:
        return Source(self.text)


@dataclass(frozen=True)
class HeldFigure:
    """A result that the portal holds for one school, group and summer, with its release."""

    school: int
    measure: str
    group: str
    summer: int
    value: Decimal
    release: str


@dataclass(frozen=True)
class NoteSnapshot:
    """One note, whole. ``on`` is the day of the visit; ``targets`` are all that the schools hold, spoken of or not."""

    id: str
    visit_type: str
    on: dt.date
    academic_year: int
    judges_actions: str
    schools: tuple[SchoolSnapshot, ...]
    sections: tuple[SectionSnapshot, ...]
    targets: tuple[TargetRow, ...] = ()
    figures: tuple[HeldFigure, ...] = ()
    earlier: tuple[EarlierText, ...] = ()
    terms: tuple[tuple[dt.date, dt.date], ...] = ()
    people: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    answers: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @cached_property
    def phases(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(school.phase for school in self.schools))

    @cached_property
    def earlier_joined(self) -> str:
        """All earlier texts one after another, for a first look; no run of words crosses from one to the next."""
        return "\n".join(text.source.joined for text in self.earlier)

    @property
    def is_group(self) -> bool:
        return len(self.schools) > 1

    def schools_of(self, section: SectionSnapshot) -> tuple[SchoolSnapshot, ...]:
        """The schools that a section speaks of: its own, or all."""
        if section.school is None:
            return self.schools
        return tuple(school for school in self.schools if school.urn == section.school)
