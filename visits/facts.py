"""The facts that visits own (facts.toml): what the latest final note judged, and the school's agreed actions.

Judgements are those frozen in the record, never the working copy's. A record does not change, so what is read from one
is kept by its digest.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from core.facts import Answer, FactQuestion, FactValue, figure, unknown

from .choices import ActionState, ActionStatus, RecordKind, WithdrawalState
from .models import ActionReview, AgreedAction, NoteRecord, RecordWithdrawal

AREAS: Mapping[str, str] = {
    "note.capacity": "capacity",
    "note.leadership": "leadership",
    "note.teaching": "teaching",
    "note.tracking": "tracking",
    "note.self_evaluation": "self_evaluation",
    "note.lldd": "lldd",
}
NO_NOTE = unknown("There is no final note yet.")
YEAR = dt.timedelta(days=365)


@dataclass(frozen=True)
class Kept:
    """What one record says: the day of the visit, the SIP's grades by area, how many differences of view it holds."""

    on: dt.date | None
    grades: Mapping[str, int]
    differences: int
    reference: str


_KEPT: dict[str, Kept] = {}
_MOST = 50_000


def _read(payload: str) -> Kept:
    said = json.loads(payload)
    grades, differences = {}, 0
    for section in said["sections"]:
        for block in section["blocks"]:
            if block["kind"] == "judgement" and block["sip"] is not None:
                grades[block["area"]] = block["sip"]
            elif block["kind"] == "differences":
                differences += len(block["rows"])
    on = said["visit"]["on"]
    return Kept(dt.date.fromisoformat(on) if on else None, grades, differences, said["note"]["reference"])


def kept_of(records: Iterable[tuple[int, str]]) -> dict[int, Kept]:
    """By record, in one query for those whose digest has not been read in this process."""
    wanted = dict(records)
    unread = [pk for pk, digest in wanted.items() if digest not in _KEPT]
    if len(_KEPT) + len(unread) > _MOST:
        _KEPT.clear()
        unread = list(wanted)
    if unread:
        for digest, payload in NoteRecord.objects.filter(pk__in=unread).values_list("digest", "payload").iterator(chunk_size=200):
            _KEPT[digest] = _read(payload)
    return {pk: _KEPT[digest] for pk, digest in wanted.items()}


def note_facts(codes: Collection[str], question: FactQuestion) -> Mapping[str, Answer]:
    """Of the latest final record of each school that stands: not one whose withdrawal is asked for or confirmed. A judgement is that
    of the latest which makes it: a summer note says nothing of self-evaluation, and the spring's still holds."""
    known = {"note.age_days", "note.differences_open", *AREAS} & set(codes)
    if not known:
        return {}
    sealed = RecordWithdrawal.objects.filter(record=OuterRef("pk")).exclude(state=WithdrawalState.REFUSED)
    records: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for school_id, pk, digest in (
        NoteRecord.objects.filter(
            ~Exists(sealed), school__in=question.subjects.values("pk"), kind=RecordKind.FINAL, at__lt=_end_of(question.on)
        )
        .order_by("-at", "-pk")
        .values_list("school_id", "pk", "digest")
    ):
        records[school_id].append((pk, digest))
    kept = kept_of(held[0] for held in records.values())
    areas = {AREAS[code] for code in known if code in AREAS}
    older = [record for held in records.values() if not areas <= kept[held[0][0]].grades.keys() for record in held[1:]]
    kept |= kept_of(older)
    by_school = {school_id: [kept[pk] for pk, _ in held if pk in kept] for school_id, held in records.items()}
    return {code: Answer({pk: _fact(code, said, question.on) for pk, said in by_school.items()}, NO_NOTE) for code in known}


def _end_of(day: dt.date) -> dt.datetime:
    """The first moment after a day: a bound that an index answers, where the day of each row would have to be worked out."""
    return timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min))


def _fact(code: str, notes: Sequence[Kept], on: dt.date) -> FactValue:
    said = notes[0]
    if code in AREAS:
        said = next((note for note in notes if AREAS[code] in note.grades), said)
    source = f"Note {said.reference}"
    if code == "note.age_days":
        return figure((on - said.on).days, source=source, on=said.on) if said.on else unknown("The note names no day.", source=source)
    if code == "note.differences_open":
        return figure(said.differences, source=source, on=said.on)
    grade = said.grades.get(AREAS[code])
    if grade is None:
        return unknown("No final note judges it.", source=source)
    return figure(grade, source=source, on=said.on)


def action_facts(codes: Collection[str], question: FactQuestion) -> Mapping[str, Answer]:
    found = {}
    here, source = question.subjects.values("pk"), "agreed actions of final notes"
    if "actions.overdue" in codes:
        rows = (
            AgreedAction.objects.filter(school__in=here, state=ActionState.OPEN, due_on__lt=question.on)
            .order_by()
            .values_list("school_id")
            .annotate(number=Count("pk"))
        )
        found["actions.overdue"] = Answer({pk: figure(n, source=source, on=question.on) for pk, n in rows}, figure(0, source=source))
    if "actions.done_no_impact" in codes:
        with_impact = ActionReview.objects.filter(action=OuterRef("pk"), status=ActionStatus.MET).exclude(impact="")
        rows = (
            AgreedAction.objects.filter(
                Q(closed_on__gt=question.on - YEAR),
                ~Exists(with_impact),
                school__in=here,
                state=ActionState.MET,
                closed_on__lte=question.on,
            )
            .order_by()
            .values_list("school_id")
            .annotate(number=Count("pk"))
        )
        found["actions.done_no_impact"] = Answer({pk: figure(n, source=source, on=question.on) for pk, n in rows}, figure(0, source=source))
    return found
