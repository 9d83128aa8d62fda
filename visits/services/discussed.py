"""What a note says of the school's targets and interventions: staged while it is written, applied when it is final (ADR 0016)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from core.access import Refused
from people.models import User
from support.choices import InterventionOrigin
from support.models import Intervention
from support.services import record_intervention, revise_intervention
from support.values import check_intervention, check_terms
from targets.services import set_target
from targets.values import check_target

from ..models import NoteIntervention, NoteOfVisit, NoteSection, NoteTarget
from . import cells

AGREED = {"yes": True, "no": False}


def save_targets(actor: User, section: NoteSection, rows: Sequence[Mapping[str, Any]], at: dt.datetime) -> None:
    known = {str(row.pk): row for row in section.note_targets.select_related("target")}
    for row in rows:
        discussed = known.get(str(row.get("id")))
        if discussed is None:
            raise Refused("This note has no such target.")
        values = {name: cells.figure(row.get(name)) for name in ("value", "previous", "estimate")}
        agreed = AGREED.get(str(row.get("agreed") or ""))
        check_target(agreed=agreed, **values)
        discussed.stage({**values, "agreed": agreed})
        discussed.rationale = cells.words(row, "rationale")
    NoteTarget.objects.bulk_update(known.values(), ["staged", "seen", "rationale"])


def save_interventions(actor: User, section: NoteSection, rows: Sequence[Mapping[str, Any]], at: dt.datetime) -> None:
    """Rows of the note go by their own key; one of the school's that is brought in comes by its public id."""
    known = {str(row.pk): row for row in section.interventions.select_related("intervention")}
    by_public_id = {row.intervention.public_id: row for row in known.values() if row.intervention is not None}
    school = section.school or section.note.school
    kept = set()
    for position, row in enumerate(rows):
        if not str(row.get("name") or "").strip():
            continue
        values: dict[str, Any] = {
            "name": cells.words(row, "name", 200),
            "origin": str(row.get("origin") or ""),
            "provider": cells.words(row, "provider", 200),
            "starts_on": cells.day(row.get("starts_on")),
            "quarters": int(row["quarters"]) if str(row.get("quarters") or "").isdecimal() else None,
            "cost_pence": int(row["cost_pence"]) if str(row.get("cost_pence") or "").isdecimal() else None,
            "impact": cells.words(row, "impact"),
            "value_for_money": str(row.get("value_for_money") or ""),
            "value_reason": cells.words(row, "value_reason"),
            "known_on": cells.day(row.get("known_on")),
        }
        sent = str(row.get("id") or "")
        discussed = known.get(sent) or by_public_id.get(sent)
        if discussed is None:
            brought = Intervention.objects.filter(school=school, public_id=sent).first() if sent else None
            discussed = NoteIntervention(section=section, intervention=brought)
        values["origin"] = values["origin"] or discussed.live("origin") or InterventionOrigin.SCHOOL.value
        check_intervention(values)
        discussed.stage(values)
        if discussed.intervention is not None:
            check_terms(discussed.intervention, discussed.staged)  # the final note could not change them
        discussed.position = position
        discussed.save()
        kept.add(discussed.pk)
    for discussed in known.values():  # the school's intervention stays; the note no longer speaks of it
        if discussed.pk not in kept:
            discussed.delete()


def take_effect(actor: User, note: NoteOfVisit, at: dt.datetime) -> None:
    """At final: what the note changes of the school's targets and interventions becomes theirs."""
    for discussed in NoteTarget.objects.filter(section__note=note).select_related("target__school__authority"):
        if discussed.staged:
            set_target(actor=actor, target=discussed.target, at=at, by_note=True, **discussed.changes)
            _settle(discussed)
    rows = NoteIntervention.objects.filter(section__note=note).select_related("intervention__school__authority", "section__school")
    for one in rows:
        if not one.staged:
            continue
        if one.intervention is None:
            school = one.section.school or note.school
            one.intervention = record_intervention(actor=actor, school=school, at=at, by_note=True, reference=note.reference, **one.changes)
        else:
            revise_intervention(actor=actor, intervention=one.intervention, at=at, by_note=True, **one.changes)
        _settle(one)


def _settle(discussed: NoteTarget | NoteIntervention) -> None:
    discussed.staged, discussed.seen = {}, {}
    discussed.save()
