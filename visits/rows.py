"""The rows of a note's sections, all kinds of them, in one query: for the text as it will be shown, and for the checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.together import read_together
from schools.models import School
from support.models import Intervention
from targets.models import Target

from .models import (
    ActionProgress,
    ActionReview,
    AgreedAction,
    CategoryProposal,
    CohesionRow,
    DifferenceOfView,
    Judgement,
    NoteDataset,
    NoteIntervention,
    NoteOfVisit,
    NoteSection,
    NoteTarget,
    WarningAnswer,
)

BySection = Mapping[int, Sequence[Any]]


@dataclass(frozen=True)
class NoteRows:
    """By the key of their section, in the order in which they are shown; what belongs to the whole note as a list."""

    judgements: BySection
    cohesion: BySection
    datasets: BySection
    actions: BySection
    """Agreed here, each with its school."""
    reviews: BySection
    """Each with its action, the action with its school."""
    targets: BySection
    interventions: BySection
    proposals: Mapping[int, CategoryProposal]
    progress: Mapping[int, Sequence[ActionProgress]]
    """By the key of a reviewed action, the oldest first."""
    differences: Sequence[DifferenceOfView]
    answers: Sequence[WarningAnswer]


def _by_section(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.section_id, []).append(row)
    return found


def _in_order(rows: Iterable[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: (row.position, row.pk))


def rows_of(note: NoteOfVisit, sections: Sequence[NoteSection], schools: Mapping[int, School]) -> NoteRows:
    """One query, however many sections and rows. ``schools`` are those that the visit covers, by key."""
    ids = [section.pk for section in sections]
    reviewed = ActionReview.objects.filter(section__in=ids).values("action")
    (
        judgements,
        cohesion,
        datasets,
        actions,
        reviews,
        progress,
        discussed,
        targets,
        used,
        interventions,
        proposals,
        differences,
        answers,
    ) = read_together(
        Judgement.objects.filter(section__in=ids),
        CohesionRow.objects.filter(section__in=ids),
        NoteDataset.objects.filter(section__in=ids),
        AgreedAction.objects.filter(section__in=ids) | AgreedAction.objects.filter(pk__in=reviewed),
        ActionReview.objects.filter(section__in=ids),
        ActionProgress.objects.filter(action__in=reviewed),
        NoteTarget.objects.filter(section__in=ids),
        Target.objects.filter(pk__in=NoteTarget.objects.filter(section__in=ids).values("target")),
        NoteIntervention.objects.filter(section__in=ids),
        Intervention.objects.filter(pk__in=NoteIntervention.objects.filter(section__in=ids).values("intervention")),
        CategoryProposal.objects.filter(section__in=ids),
        DifferenceOfView.objects.filter(note=note),
        WarningAnswer.objects.filter(note=note),
    )
    by_pk: dict[type, dict[int, Any]] = {
        model: {row.pk: row for row in rows}
        for model, rows in ((NoteSection, sections), (AgreedAction, actions), (Target, targets), (Intervention, interventions))
    }
    for section in sections:
        section.note = note
    for row in actions:
        if row.school_id in schools:
            row.school = schools[row.school_id]
    for row in reviews:
        row.action = by_pk[AgreedAction][row.action_id]
    for row in discussed:
        row.target = by_pk[Target][row.target_id]
    for row in used:
        row.section = by_pk[NoteSection][row.section_id]
        row.intervention = by_pk[Intervention].get(row.intervention_id)
    said: dict[int, list[ActionProgress]] = {}
    for row in sorted(progress, key=lambda row: (row.on, row.pk)):
        said.setdefault(row.action_id, []).append(row)
    here = set(ids)
    return NoteRows(
        judgements=_by_section(_in_order(judgements)),
        cohesion=_by_section(_in_order(cohesion)),
        datasets=_by_section(_in_order(datasets)),
        actions=_by_section(_in_order(row for row in actions if row.section_id in here)),
        reviews=_by_section(sorted(reviews, key=lambda row: (row.action.due_on is None, row.action.due_on, row.action_id))),
        targets=_by_section(_in_order(discussed)),
        interventions=_by_section(_in_order(used)),
        proposals={row.section_id: row for row in proposals},
        progress=said,
        differences=_in_order(differences),
        answers=answers,
    )
