"""Preparing a visit: what was studied for a school of it, and which questions will be asked there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from core import audit
from core.access import Refused, require
from people.models import User
from people.packs import require_pack
from people.roles import Permission as P
from schools.models import School

from ..choices import VisitState
from ..models import ChosenQuestion, StudiedDataset, Visit
from ..pack import visits_of
from ..questions import whole_bank

MOST_OWN = 20
"""One's own questions at one school. Three or four are asked."""

LONGEST = 600


@dataclass(frozen=True)
class Asked:
    """A question to ask: of the bank by its ``code``, with the figure that called it up and why; or one's own, in ``text``."""

    text: str
    code: str = ""
    figure: str = ""
    why: str = ""


def why_not_prepared(visit: Visit) -> str | None:
    """Preparation is over once the note is begun: from then on the note itself says what was studied and asked."""
    if visit.state not in (VisitState.PROPOSED, VisitState.BOOKED, VisitState.HELD):
        return "This visit is over."
    if visit.has_note:
        return "The note of this visit is begun, and took over what was prepared. Go on there."
    return None


@transaction.atomic
def prepare_visit(
    *, actor: User, visit: Visit, school: School, studied: Mapping[str, str], questions: Sequence[Asked], at: dt.datetime
) -> Visit:
    """Keep what was studied (code of the data set → version or release) and the questions chosen, both whole.

    A data set that stays keeps the day on which it was first studied in that version. Both flow into the note.
    """
    require(actor, P.VISIT_PREPARE, visit, on=at.date())
    why = why_not_prepared(visit)
    if why:
        raise Refused(why)
    if school.pk not in {each.pk for each in visit.covered}:
        raise Refused("This visit is not to that school.")
    changes = {
        "studied": _study(actor, visit, school, studied, at),
        "questions": _choose(actor, visit, school, questions, at),
    }
    audit.record("visit.prepared", actor=actor, at=at, subject=visit, school=school, changes=changes)
    return visit


def _study(actor: User, visit: Visit, school: School, studied: Mapping[str, str], at: dt.datetime) -> int:
    pack = require_pack(visit.authority, visit.on or at.date())
    part = visits_of(pack.content)
    known = {dataset.code: dataset for dataset in part.datasets_for(part.visit_type(visit.visit_type), school.phase)}
    before = {row.code: row for row in visit.studied.filter(school=school)}
    for code, said in studied.items():
        dataset = known.get(code)
        if dataset is None:
            raise Refused("This kind of visit has no such data set.")
        version = said.strip()[:120]
        if not version:
            raise Refused(f"Enter which version of this you studied: {dataset.label}.", field=f"version-{code}")
        if code in before and before[code].version == version:
            continue
        StudiedDataset.objects.update_or_create(
            visit=visit, school=school, code=code, defaults={"version": version, "on": at.date(), "by": actor}
        )
    visit.studied.filter(school=school).exclude(code__in=studied).delete()
    return len(studied)


def _choose(actor: User, visit: Visit, school: School, questions: Sequence[Asked], at: dt.datetime) -> int:
    bank = whole_bank(require_pack(visit.authority, visit.on or at.date()))
    rows: list[ChosenQuestion] = []
    seen: set[str] = set()
    for asked in questions:
        text = asked.text.strip()
        if not text or (asked.code or text) in seen:
            continue
        seen.add(asked.code or text)
        if len(text) > LONGEST:
            raise Refused(f"A question has {LONGEST} characters at most.", field="own")
        row = ChosenQuestion(visit=visit, school=school, text=text, at=at, by=actor)
        if asked.code:
            try:
                question = bank.question(asked.code)
            except KeyError:
                raise Refused("The bank has no such question any more.") from None
            if text not in (question.text, question.plain):
                raise Refused("The bank words this question in another way.")
            row.code, row.theme, row.follow_up = question.code, question.theme, question.follow_up
            row.figure, row.why = asked.figure[:80], asked.why
        rows.append(row)
    if sum(1 for row in rows if not row.code) > MOST_OWN:
        raise Refused(f"At most {MOST_OWN} questions of your own.", field="own")
    kept = {(row.code, row.text): row for row in visit.questions.filter(school=school)}
    wanted = {(row.code, row.text) for row in rows}
    ChosenQuestion.objects.filter(pk__in=[row.pk for key, row in kept.items() if key not in wanted]).delete()
    ChosenQuestion.objects.bulk_create([row for row in rows if (row.code, row.text) not in kept])
    return len(rows)
