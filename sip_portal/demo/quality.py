"""Shadowings beside the visits of the autumn, and last summer's notes moderated by sample; by the services that people use."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.access import Refused
from people.models import Sip, User
from people.packs import require_pack
from quality import services as quality
from quality.criteria import ObservationPart
from quality.models import Moderation, ModerationSample, SampledNote, Shadowing
from quality.pack import observation_of
from quality.services import CriterionGrade, Finding
from visits import services as visits
from visits.models import NoteOfVisit, Visit
from visits.services import RoundPlan

from . import inspections, material

if TYPE_CHECKING:
    from .seed import Place, Seed

Moment = Callable[..., dt.datetime]


# ---------------------------------------------------------------- shadowing


def _entry(visit: Visit) -> dict[str, Any] | None:
    urns = {school.urn for school in visit.covered}
    return next((e for e in material.toml("quality")["shadowing"] if e["school"] in urns and e["visit"] == visit.on), None)


def _sip(seed: Seed, user_id: int) -> Sip:
    return next(sip for sip in seed.sips.values() if sip.user_id == user_id)


def before_visit(seed: Seed, visit: Visit, moment: Moment) -> Visit:
    """Where the visit is one that is shadowed: it is planned, and the headteacher told."""
    if (entry := _entry(visit)) is None:
        return visit
    at = moment(entry["planned"], 11)
    row = quality.plan_shadowing(actor=seed.users["manager"], sip=_sip(seed, visit.lead_id), visit=visit, at=at)
    quality.tell_head(actor=seed.users["manager"], shadowing=row, at=at + dt.timedelta(minutes=20))
    return Visit.objects.get(pk=visit.pk)


def shadow(seed: Seed, moment: Moment) -> None:
    """Written up, answered and closed as far as the story goes; then those for visits still to come."""
    story = material.toml("quality")
    for entry in story["shadowing"]:
        row = Shadowing.objects.with_visit().filter(visit__on=entry["visit"], visit__visit_schools__school__urn=entry["school"]).get()
        observer = next(user for user in seed.users.values() if user.pk == row.observer_id)
        findings = [Finding("strength", code, text) for code, text in entry["strengths"].items()]
        findings += [Finding("development", code, text) for code, text in entry["developments"].items()]
        quality.write_shadowing(
            actor=observer,
            shadowing=row,
            findings=findings,
            next_step=entry["next_step"],
            next_step_on=entry["next_on"],
            at=moment(entry["written"], 15),
        )
        if "answered" in entry:
            quality.respond_to_shadowing(actor=row.sip.user, shadowing=row, response=entry["answer"], at=moment(entry["answered"], 10))
        if "closed" in entry:
            quality.close_shadowing(actor=observer, shadowing=row, at=moment(entry["closed"], 9))
    for entry in story["planned"]:
        row = quality.plan_shadowing(actor=seed.users["manager"], sip=seed.sips[entry["sip"]], at=moment(entry["on"], 14))
        if "told" in entry:
            quality.tell_head(actor=seed.users["manager"], shadowing=row, at=moment(entry["told"], 9))


# ---------------------------------------------------------------- moderation


def moderate(seed: Seed, moment: Moment) -> None:
    """Last summer's round, taken over and closed; its sample drawn; all but the last of its ratings given."""
    story = material.toml("quality")["sample"]
    manager = seed.users[story["by"]]
    phases = sorted({place.school.phase for place in seed.places.values()})
    plan = RoundPlan(name=story["name"], visit_type=story["visit_type"], phases=phases, starts_on=story["from"], ends_on=story["until"])
    round_ = visits.open_round(actor=manager, authority=seed.authority, plan=plan, at=moment(story["opened"], 14))
    visits.close_round(actor=manager, round=round_, at=moment(story["closed"], 9))
    sample = quality.draw_sample(actor=manager, round=round_, due_on=story["due"], seed=story["seed"], at=moment(story["drawn"], 10))
    part = observation_of(require_pack(seed.authority, story["drawn"]).content)
    differing = SampledNote.objects.filter(sample=sample, is_twice=True).order_by("pk").values_list("note__reference", flat=True).last()
    rows = _appoint(seed, sample, [seed.users[key] for key in story["moderators"]], manager, moment(story["drawn"], 11))
    for number, row in enumerate(rows[: len(rows) - story["unrated"]]):
        grades = _grades(part, row.sampled.note.reference, row.place, story["evidence"])
        best = part.best_overall({grade.code: grade.grade for grade in grades})
        overall = max(best, _middle(grades))
        if row.place == 2 and row.sampled.note.reference == differing:  # the second moderator is kinder: a pair that is still to settle
            overall = best if best < overall else min(overall + 1, 4)
        at = moment(story["drawn"] + dt.timedelta(days=7 + number % 20), 16)
        quality.rate_note(actor=row.moderator, moderation=row, grades=grades, overall=overall, at=at)


def _appoint(seed: Seed, sample: ModerationSample, people: list[User], manager: User, at: dt.datetime) -> list[Moderation]:
    found, turn = [], 0
    for sampled in SampledNote.objects.filter(sample=sample).select_related("note__author", "note__visit", "note__authority", "sample"):
        for _ in range(sampled.wanted):
            for step in range(len(people)):
                try:
                    row = quality.appoint_moderator(actor=manager, sampled=sampled, moderator=people[(turn + step) % len(people)], at=at)
                except Refused:
                    continue
                found.append(row)
                break
            turn += 1
    return found


def _grades(part: ObservationPart, reference: str, place: int, evidence: list[str]) -> list[CriterionGrade]:
    """By the note, and for a second rater mostly the same: from a digest, so that two runs agree."""
    found = []
    for criterion in part.criteria:
        drawn = hashlib.sha256(f"{reference}:{criterion.code}".encode()).digest()
        grade = (1, 2, 2, 2, 2, 3, 3, 2)[drawn[0] % 8] + (1 if criterion.code == "interventions" else 0)
        if place == 2 and drawn[1] % 4 == 0:
            grade = 3 if grade == 2 else 2
        found.append(CriterionGrade(criterion.code, grade, evidence[drawn[2] % len(evidence)]))
    return found


def _middle(grades: list[CriterionGrade]) -> int:
    ordered = sorted(grade.grade for grade in grades)
    return ordered[len(ordered) // 2]


def rate_at_gate(manager: User, note: NoteOfVisit, at: dt.datetime) -> None:
    """The manager rates what they review by the moderators' form."""
    part = observation_of(require_pack(note.authority, at.date()).content)
    grades = _grades(part, note.reference, 1, material.toml("quality")["sample"]["evidence"])
    overall = max(part.best_overall({grade.code: grade.grade for grade in grades}), _middle(grades))
    quality.rate_at_gate(actor=manager, review=note.gate_reviews.get(decision=""), grades=grades, overall=overall, at=at)


def judged_before(place: Place) -> dict[str, int]:
    """What the SIP judged last autumn of a school: mostly as inspectors saw it in the end, sometimes a grade kinder or harder."""
    overall, capacity = inspections.GRADES.get(place.family, (2, 2))
    drawn = hashlib.sha256(f"judged:{place.school.urn}".encode()).digest()
    grades = {"achievement": overall, "leadership": overall, "capacity": capacity, "self_evaluation": 2}
    return {
        area: min(4, max(1, grade + (0, 0, 0, -1, 0, 0, 1, -1)[byte % 8]))
        for (area, grade), byte in zip(grades.items(), drawn, strict=False)
    }
