"""The preparation pack: everything to read before a visit, school by school, and the questions to ask. Read-only.

What the apps hold comes through ``schools.registries.PREPARATION``, each in its own scope; what this app holds itself
(the last note, actions and their progress, what was ticked and chosen) is read here. The number of queries does not
grow with the number of schools, data sets, actions or questions.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse

from core.components.formats import day
from people.models import User
from people.packs import AuthorityPack
from schools.models import Contact, School
from schools.registries import DataHeld, DataInstead, Flag, PreparationPart, data_of, preparation_of
from schools.selectors import Days, contacts_on, days_of_schools, head_of

from .choices import RecordKind
from .models import ActionProgress, AgreedAction, ChosenQuestion, NoteRecord, StudiedDataset, Visit
from .pack import Dataset, VisitsPart, VisitType, visits_of
from .questions import Bank, Called, banks_of

PREVIOUS_NOTES = "previous-notes"
"""The one data set of the list that the portal itself holds for every school (``visits.toml``)."""


@dataclass(frozen=True)
class DatasetLine:
    """One data set of the list: what the portal holds of it, or when it is expected and what to use meanwhile."""

    dataset: Dataset
    held: DataHeld | None
    instead: DataInstead | None
    studied: StudiedDataset | None

    @property
    def code(self) -> str:
        return self.dataset.code

    @property
    def is_schools(self) -> bool:
        return self.held is None and self.dataset.comes_from == "school"

    @property
    def is_absent(self) -> bool:
        """Not in the portal yet. It can be studied elsewhere all the same, and is then cited by the version entered."""
        return self.held is None and not self.is_schools

    @property
    def version(self) -> str:
        """As the note will cite it."""
        if self.held is None:
            return self.studied.version if self.studied else ""
        said = ", ".join(filter(None, [self.held.source, self.held.release, day(self.held.on)]))
        return said[:1].upper() + said[1:]

    @property
    def is_changed(self) -> bool:
        """A later version has come since it was studied."""
        return self.held is not None and self.studied is not None and self.studied.version != self.version

    @property
    def meanwhile(self) -> str:
        return self.instead.words if self.instead else self.dataset.meanwhile


@dataclass(frozen=True)
class QuestionLine:
    """A question on the page: of the bank, or one's own (then ``chosen`` is all there is of it)."""

    key: str
    theme: str
    text: str
    follow_up: str
    figure: str
    label: str
    why: str
    chosen: ChosenQuestion | None

    @property
    def code(self) -> str:
        return self.chosen.code if self.key.startswith("own-") and self.chosen else self.key


@dataclass
class SchoolPack:
    """What there is to prepare for one school of a visit."""

    school: School
    must: list[DatasetLine]
    may: list[DatasetLine]
    others: list[DatasetLine]
    actions: list[AgreedAction]
    previous: DataHeld | None
    flags: list[Flag]
    called: list[QuestionLine]
    own: list[QuestionLine]
    """Chosen, and not called up: one's own, and others of the bank."""
    bank: list[tuple[str, list[QuestionLine]]]
    head: Contact | None
    days: Days | None

    @property
    def lines(self) -> list[DatasetLine]:
        return [*self.must, *self.may, *self.others]

    @property
    def groups(self) -> list[tuple[str, list[DatasetLine]]]:
        named = (("To study", self.must), ("To look at if they are out", self.may), ("Also worth reading", self.others))
        return [(title, lines) for title, lines in named if lines]

    @property
    def held(self) -> int:
        return sum(1 for line in self.lines if not line.is_absent)

    @property
    def studied(self) -> int:
        return sum(1 for line in self.lines if line.studied)

    @property
    def must_studied(self) -> int:
        return sum(1 for line in self.must if line.studied)

    @property
    def questions(self) -> list[QuestionLine]:
        """Every question that can be ticked, each once."""
        return [*self.own, *self.called, *(line for _, lines in self.bank for line in lines)]

    @property
    def asked(self) -> list[QuestionLine]:
        return [line for line in self.questions if line.chosen]

    @property
    def called_by_theme(self) -> list[tuple[str, list[QuestionLine]]]:
        found: dict[str, list[QuestionLine]] = {}
        for line in self.called:
            found.setdefault(line.theme, []).append(line)
        return list(found.items())

    @property
    def actions_overdue(self) -> int:
        return sum(1 for action in self.actions if action.is_overdue)


def packs_for(user: User, visit: Visit, pack: AuthorityPack, on: dt.date) -> list[SchoolPack]:
    """The pack of every school of the visit, in the scope of whoever prepares it."""
    schools, part = visit.covered, visits_of(pack.content)
    ids = [school.pk for school in schools]
    visit_type = part.visit_type(visit.visit_type)
    parts = preparation_of(user, schools, on)
    studied: dict[int, dict[str, StudiedDataset]] = defaultdict(dict)
    for row in visit.studied.all():
        studied[row.school_id][row.code] = row
    chosen: dict[int, list[ChosenQuestion]] = defaultdict(list)
    for question in visit.questions.all():
        chosen[question.school_id].append(question)
    progress = Prefetch("progress", ActionProgress.objects.order_by("-on", "-pk"))
    actions: dict[int, list[AgreedAction]] = defaultdict(list)
    here = {school.pk: school for school in schools}
    for action in AgreedAction.objects.visible_to(user).filter(school__in=ids).unfinished().prefetch_related(progress):
        action.school = here[action.school_id]
        action.is_overdue = action.due_on is not None and action.due_on < on
        actions[action.school_id].append(action)
    contacts = contacts_on(ids, visit.on or on)
    days = days_of_schools(ids, visit.academic_year)
    banks = banks_of(schools, pack, on)
    found = []
    for school in schools:
        must, may, others = _datasets(part.datasets_for(visit_type, school.phase), visit_type, parts[school.pk], studied[school.pk])
        called, own, rest = _questions(banks[school.pk], chosen[school.pk])
        found.append(
            SchoolPack(
                school=school,
                must=must,
                may=may,
                others=others,
                actions=actions[school.pk],
                previous=next((one for one in parts[school.pk] if isinstance(one, DataHeld) and one.code == PREVIOUS_NOTES), None),
                flags=[one for one in parts[school.pk] if isinstance(one, Flag)],
                called=called,
                own=own,
                bank=rest,
                head=head_of(contacts.get(school.pk, [])),
                days=days.get(school.pk),
            )
        )
    return found


def data_used(user: User, visit: Visit, kind: VisitType, part: VisitsPart, on: dt.date) -> list[tuple[Dataset, DataHeld | None]]:
    """What the adviser will have read, but what the school itself brings: each as it is held, or None if it is not out yet.

    Of a group the data of its first school, as an example.
    """
    listed = [dataset for dataset in part.datasets_for(kind, visit.school.phase) if dataset.comes_from != "school"]
    parts = data_of(user, [visit.school], on)[visit.school.pk] if listed else []
    held = {one.code: one for one in parts if isinstance(one, DataHeld)}
    return [(dataset, held.get(dataset.code)) for dataset in listed]


def last_records(user: Any, school_ids: Sequence[int]) -> dict[int, NoteRecord]:
    """The latest final note of each school that the asker reads: one query."""
    rows = (
        NoteRecord.objects.visible_to(user)
        .with_standing()
        .filter(is_withdrawn=False, is_superseded=False, kind=RecordKind.FINAL, school__in=school_ids)  # type: ignore[misc]
        .select_related("note__visit")
        .defer("payload")
        .order_by("note__visit__on", "pk")
    )
    return {row.school_id: row for row in rows}


def _datasets(
    datasets: Sequence[Dataset], visit_type: VisitType, parts: Sequence[PreparationPart], studied: dict[str, StudiedDataset]
) -> tuple[list[DatasetLine], list[DatasetLine], list[DatasetLine]]:
    held = {one.code: one for one in parts if isinstance(one, DataHeld)}
    instead = {one.code: one for one in parts if isinstance(one, DataInstead)}
    must: list[DatasetLine] = []
    may: list[DatasetLine] = []
    others: list[DatasetLine] = []
    for dataset in datasets:
        line = DatasetLine(dataset, held.get(dataset.code), instead.get(dataset.code), studied.get(dataset.code))
        (must if dataset.code in visit_type.must_study else may if dataset.code in visit_type.may_look_at else others).append(line)
    return must, may, others


def _questions(
    bank: Bank, chosen: Sequence[ChosenQuestion]
) -> tuple[list[QuestionLine], list[QuestionLine], list[tuple[str, list[QuestionLine]]]]:
    by_code = {question.code: question for question in chosen if question.code}

    def line(called: Called) -> QuestionLine:
        question, mine = called.question, by_code.pop(called.question.code, None)
        text = mine.text if mine else question.text if called.why else question.unprompted
        figure, why = (called.figure, called.why) if called.why or mine is None else (mine.figure, mine.why)
        return QuestionLine(question.code, question.theme, text, question.follow_up, figure, called.label, why, mine)

    called = [line(one) for one in bank.called]
    rest: dict[str, list[QuestionLine]] = {}
    picked: list[QuestionLine] = []
    for one in bank.others:
        each = line(one)
        (picked if each.chosen else rest.setdefault(each.theme, [])).append(each)
    own = [
        QuestionLine(f"own-{one.pk}", one.theme, one.text, one.follow_up, one.figure, "", one.why, one)
        for one in [*(question for question in chosen if not question.code), *by_code.values()]
    ]
    return called, [*own, *picked], [(theme, lines) for theme, lines in rest.items() if lines]


# ---------------------------------------------------------------- what this app contributes to the pack


def previous_notes(user: Any, schools: Sequence[School], on: dt.date) -> dict[int, list[PreparationPart]]:
    """The last final note, as one of the data sets."""
    return {
        pk: [
            DataHeld(
                PREVIOUS_NOTES,
                source=record.note.visit.visit_type_label,
                release=f"version {record.version}",
                on=record.note.visit.on,
                stands_out="",
                url=reverse("visits:record-detail", args=[record.public_id]),
            )
        ]
        for pk, record in last_records(user, [school.pk for school in schools]).items()
    }
