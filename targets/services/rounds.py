"""The target round of a school: one deed of one side over several measures at a time (domain.md §5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from core import audit
from core.access import Conflict, Refused, require
from core.calendar import AcademicYear
from people.models import Authority, User
from people.packs import AuthorityPack, require_pack
from people.roles import HAT_NAMES, Hat
from people.roles import Permission as P
from schools.choices import SchoolStatus
from schools.models import School
from targets.choices import DECIDED, EstimateKind, Signer, TargetState
from targets.flags import Held, Judge, held_beside, measure_by_code, sets_of_round, tells_sum, words_owed
from targets.models import Estimate, Target, TargetSignature, TargetStep
from targets.pack import Measure, TargetSet, targets_of
from targets.pupils import add_sums
from targets.released import readable, withheld_sums
from targets.workflow import TARGET_WORKFLOW

from .pupils import close_sheets
from .reminders import tell_managers

Given = Mapping[str, Any]
Rows = Mapping[str, Given]
"""By ``Target.key`` (measure and summer), what was entered for it."""

SIGNS: Final = {Hat.HEAD: Signer.HEAD, Hat.CHAIR: Signer.CHAIR, Hat.ADVISER: Signer.SIP}


class _Round:
    """One school's targets of one round, with what is held beside them; the base of each deed."""

    def __init__(self, actor: User, school: School, academic_year: int, at: dt.datetime) -> None:
        self.actor, self.school, self.year, self.at = actor, school, academic_year, at
        self.pack: AuthorityPack = require_pack(school.authority, at.date())
        content = self.pack.content
        self.measures: Mapping[str, Measure] = measure_by_code(content)
        self.sets: dict[str, TargetSet] = {}
        for one in sets_of_round(content, school, academic_year):
            for code in one.measures:
                self.sets.setdefault(f"{code}.{one.summer}", one)
        summers = {one.summer for one in self.sets.values()}
        rows = Target.objects.filter(school=school, summer__in=summers, pupil_group="all").select_related("school__authority")
        self.targets = {row.key: row for row in rows}
        self.role = role_at(actor, school)

    def target(self, key: str) -> Target:
        """The row, made where nobody has spoken of it yet. Raises Refused for one that the school does not set."""
        if key not in self.sets:
            raise Refused("This school sets no such target in this round.")
        if key not in self.targets:
            one = self.sets[key]
            self.targets[key] = Target.objects.create(
                school=self.school,
                measure=key.rpartition(".")[0],
                summer=one.summer,
                state=TargetState.WITHDRAWN if one.withdrawn_on and one.withdrawn_on <= self.at.date() else TargetState.INDICATIVE,
                changed_at=self.at,
            )
        return self.targets[key]

    def move(self, target: Target, action: str, **values: Any) -> None:
        """One step by the table, and nothing else of the row."""
        TARGET_WORKFLOW.move(self.actor, target, action, self.at.date(), changed_at=self.at, **values)

    def tell(self, target: Target, action: str, figure: Decimal | None, given: Given | None = None) -> None:
        given = given or {}
        TargetStep.objects.create(
            target=target,
            action=action,
            figure=figure,
            reason=str(given.get("reason") or "").strip(),
            evidence=str(given.get("evidence") or "").strip(),
            at=self.at,
            by=self.actor,
            by_name=self.actor.name,
            by_role=self.role,
        )

    def flag(self, targets: Iterable[Target]) -> dict[str, list[Any]]:
        """Work the flags of these anew, keep their codes on the rows, and answer those of which the actor may know.

        A flag that tells of a withheld sum is stored apart, and stops only a reader of the pupils' rows: a refusal would tell
        whoever enters the decision what the page hides from them.
        """
        rows = list(targets)
        content = self.pack.content
        held = held_beside(content, [self.school], self.year, self.at.date())
        pupils = add_sums(held, content, [self.school], {row.summer for row in rows})
        judge = Judge(content, held, self.at.date())
        found = {row.key: judge.raised(row, self.measures[row.measure], self.sets.get(row.key)) for row in rows}
        telling = {flag.code for flags in found.values() for flag in flags if tells_sum(flag)}
        withheld = withheld_sums(pupils, self.pack, self.school) if telling else set()
        reads = readable(pupils, self.actor, self.school, self.at.date()) if withheld else set()
        for row in rows:
            kept = telling if (row.school_id, row.measure, row.summer) in withheld else set()
            row.flags = [flag.code for flag in found[row.key] if flag.code not in kept]
            row.kept_flags = [flag.code for flag in found[row.key] if flag.code in kept]
            if row.summer not in reads:
                found[row.key] = [flag for flag in found[row.key] if flag.code not in kept]
            _fill(row, held)
        Target.objects.bulk_update(rows, ["flags", "kept_flags", "previous", "estimate", "estimate_kind", "cohort"])
        return found

    def tell_managers(self, targets: Iterable[Target]) -> None:
        """Of the flags on these that are not kept back."""
        part = targets_of(self.pack.content)
        flags = {target.key: [flag for flag in part.flags if flag.code in target.flags] for target in targets}
        tell_managers(actor=self.actor, school=self.school, flags=flags, at=self.at)

    def audit(self, event: str, changes: Mapping[str, Any]) -> None:
        audit.record(event, actor=self.actor, at=self.at, subject=self.school, school=self.school, changes=dict(changes))


def _fill(row: Target, held: Held) -> None:
    """Last result and estimate beside the target, where nobody has typed others: a note shows them."""
    result = held.results.get((row.school_id, row.measure))
    if row.previous is None and result is not None and result.value is not None:
        row.previous = round(result.value, 2)
    estimate = held.estimates.get((row.school_id, row.measure, row.summer, "D"))
    if row.estimate is None and estimate is not None and estimate.value is not None:
        row.estimate, row.estimate_kind = round(estimate.value, 2), EstimateKind.D.label
    if row.cohort is None:
        row.cohort = held.cohorts.get((row.school_id, row.summer)) or (estimate.cohort if estimate else None)


def role_at(actor: User, school: School) -> str:
    worn = actor.hats.at(school)
    return next((HAT_NAMES[hat] for hat in Hat if hat in worn and hat is not Hat.ADVISER), "SIP" if Hat.ADVISER in worn else "")


def _figure(given: Given, name: str, measure: Measure, *, must: str = "") -> Decimal | None:
    value = given.get(name)
    if value is None:
        if must:
            raise Refused(must, field=name)
        return None
    value = Decimal(value)
    if value < 0 or (measure.unit == "%" and value > 100):
        raise Refused(f"{measure.short_label}: give a figure from 0{' to 100' if measure.unit == '%' else ''}.", field=name)
    return value


@transaction.atomic
def propose_targets(*, actor: User, school: School, academic_year: int, rows: Rows, at: dt.datetime) -> list[Target]:
    """The school's own figures, with its reason where a flag asks for one. ``value``, ``rationale``, ``needs_support`` by row."""
    require(actor, P.TARGET_PROPOSE, school, on=at.date())
    round_ = _Round(actor, school, academic_year, at)
    touched, changes = [], {}
    for key, given in rows.items():
        if given.get("value") is None:
            continue
        target = round_.target(key)
        value = _figure(given, "value", round_.measures[target.measure])
        rationale = str(given.get("rationale", target.rationale) or "").strip()
        support = bool(given.get("needs_support", target.needs_support))
        if value == target.proposed and rationale == target.rationale and support == target.needs_support:
            continue
        round_.move(target, "propose", proposed=value, value=value, rationale=rationale, needs_support=support)
        round_.tell(target, "propose", value, {"reason": rationale})
        touched.append(target)
        changes[key] = str(value)
    if touched:
        round_.flag(touched)
        round_.tell_managers(touched)
        round_.audit("target.proposed", changes)
    return touched


@transaction.atomic
def answer_targets(*, actor: User, school: School, academic_year: int, rows: Rows, at: dt.datetime) -> list[Target]:
    """The SIP's answer: ``answer`` "accept", or "challenge" with ``figure``, ``reason`` and ``evidence``."""
    require(actor, P.TARGET_CHALLENGE, school, on=at.date())
    round_ = _Round(actor, school, academic_year, at)
    touched, changes = [], {}
    for key, given in rows.items():
        action = given.get("answer")
        if action not in ("accept", "challenge"):
            continue
        target = round_.target(key)
        label = round_.measures[target.measure].short_label
        if action == "accept":
            round_.move(target, "accept")
            round_.tell(target, "accept", target.value, given)
        else:
            figure = _figure(given, "figure", round_.measures[target.measure], must=f"{label}: say what figure you ask for.")
            for name, what in (("reason", "why you challenge it"), ("evidence", "the evidence")):
                if not str(given.get(name) or "").strip():
                    raise Refused(f"{label}: give {what}.", field=name)
            round_.move(target, "challenge", challenge=figure)
            round_.tell(target, "challenge", figure, given)
        touched.append(target)
        changes[key] = action
    if touched:
        round_.audit("target.answered", changes)
    return touched


@transaction.atomic
def decide_targets(*, actor: User, school: School, academic_year: int, rows: Rows, at: dt.datetime) -> list[Target]:
    """What the governing body decides: ``decision`` "agree", or "set" (its own figure stands, with its ``reason``).

    Agreed is what was accepted, or the challenge that is taken up. A flag that needs a rationale stops either until one of
    enough words is written (``rationale``).
    """
    require(actor, P.TARGET_DECIDE, school, on=at.date())
    round_ = _Round(actor, school, academic_year, at)
    decided = {key: given for key, given in rows.items() if given.get("decision") in ("agree", "set")}
    touched = []
    for key, given in decided.items():
        target = round_.target(key)
        values: dict[str, Any] = {}
        if str(given.get("rationale") or "").strip():
            values["rationale"] = str(given["rationale"]).strip()
        if given["decision"] == "set" and not str(given.get("reason") or "").strip():
            raise Refused(f"{round_.measures[target.measure].short_label}: say why the governing body keeps its figure.", field="reason")
        if given["decision"] == "agree" and target.state == TargetState.CHALLENGED:
            values["value"] = target.challenge
        round_.move(target, given["decision"], **values)
        round_.tell(target, given["decision"], target.value, given)
        touched.append(target)
    if not touched:
        return []
    for key, flags in round_.flag(touched).items():
        owed, target = words_owed(flags), round_.targets[key]
        if len(target.rationale.split()) < owed:
            why = next(flag.message for flag in flags if flag.rationale_words == owed)
            raise Refused(
                f"{round_.measures[target.measure].short_label}: give the reason in at least {owed} words. {why}", field="rationale"
            )
    round_.tell_managers(touched)
    round_.audit("target.decided", {target.key: target.state for target in touched})
    return touched


@transaction.atomic
def revise_targets(*, actor: User, school: School, academic_year: int, rows: Rows, at: dt.datetime) -> list[Target]:
    """A decided target is changed, with a ``reason``: it goes round again, and the signatures so far are void."""
    require(actor, P.TARGET_PROPOSE, school, on=at.date())
    round_ = _Round(actor, school, academic_year, at)
    touched = []
    for key, given in rows.items():
        target = round_.target(key)
        measure = round_.measures[target.measure]
        value = _figure(given, "value", measure)
        if value is None or value == target.value:
            continue
        if not str(given.get("reason") or "").strip():
            raise Refused(f"{measure.short_label}: say why it is revised.", field="reason")
        round_.move(target, "revise", proposed=value, value=value, challenge=None, was_agreed=None)
        round_.tell(target, "revise", value, given)
        touched.append(target)
    if touched:
        round_.flag(touched)
        round_.tell_managers(touched)
        TargetSignature.objects.filter(school=school, academic_year=academic_year, voided_at__isnull=True).update(voided_at=at)
        round_.audit("target.revised", {target.key: str(target.value) for target in touched})
    return touched


@transaction.atomic
def settle_targets(
    *, actor: User, school: School, academic_year: int, keys: Sequence[str], action: str, reason: str, at: dt.datetime
) -> list[Target]:
    """Take targets out of the round: ``withdraw`` (the measure is abolished), ``exempt`` (does not apply), ``close`` (the school
    closes); or ``reopen`` them. Always with a reason."""
    require(actor, P.TARGET_SETTLE, school, on=at.date())
    if not reason.strip():
        raise Refused("Say why.", field="reason")
    if action not in ("withdraw", "exempt", "close", "reopen"):
        raise Refused("Choose what is done.", field="action")
    if not keys:
        raise Refused("Choose at least one target.", field="keys")
    round_ = _Round(actor, school, academic_year, at)
    for key in keys:
        target = round_.target(key)
        round_.move(target, action)
        round_.tell(target, action, None, {"reason": reason})
    round_.audit("target.settled", {"targets": list(keys), "action": action, "reason": audit.content(reason)})
    return [round_.targets[key] for key in keys]


# ---------------------------------------------------------------- signing


def _may_be_signed(round_: _Round) -> None:
    """Every statutory target has been decided, or stands aside."""
    for key, one in round_.sets.items():
        target = round_.targets.get(key)
        state = target.state if target else TargetState.INDICATIVE
        if one.is_statutory and state in (TargetState.INDICATIVE, TargetState.PROPOSED, TargetState.CHALLENGED, TargetState.ACCEPTED):
            label = round_.measures[key.rpartition(".")[0]].short_label
            raise Refused(f"{label} is {TargetState(state).label}. Targets are signed once every statutory one is agreed or set.")


def _sign(round_: _Round, role: str, **values: Any) -> TargetSignature:
    _may_be_signed(round_)
    school, year = round_.school, round_.year
    if TargetSignature.objects.filter(school=school, academic_year=year, role=role, voided_at__isnull=True).exists():
        raise Conflict("This has been signed already.")
    row = TargetSignature.objects.create(school=school, academic_year=year, role=role, by=round_.actor, at=round_.at, **values)
    round_.audit("target.signed", {"role": role, "name": row.name, "on paper": bool(row.recorded_by)})
    return row


@transaction.atomic
def sign_targets(*, actor: User, school: School, academic_year: int, at: dt.datetime) -> TargetSignature:
    """As head, chair or SIP, by what the person is at the school today."""
    require(actor, P.TARGET_SIGN, school, on=at.date())
    worn = actor.hats.at(school)
    role = next(signer for hat, signer in SIGNS.items() if hat in worn)
    return _sign(_Round(actor, school, academic_year, at), role, name=actor.name, signed_on=at.date())


@transaction.atomic
def record_signature(
    *, actor: User, school: School, academic_year: int, role: str, name: str, signed_on: dt.date, at: dt.datetime
) -> TargetSignature:
    """Signed on paper on a day, recorded by whoever holds the paper."""
    require(actor, P.TARGET_RECORD_SIGNATURE, school, on=at.date())
    if role not in Signer.values:
        raise Refused("Choose who signed.", field="role")
    if not name.strip():
        raise Refused("Enter the name of whoever signed.", field="name")
    if signed_on > at.date():
        raise Refused("That day lies ahead.", field="signed_on")
    return _sign(_Round(actor, school, academic_year, at), role, name=name.strip(), signed_on=signed_on, recorded_by=actor.name)


# ---------------------------------------------------------------- the authority


@transaction.atomic
def issue_indicative(
    *,
    actor: User,
    authority: Authority,
    academic_year: int,
    at: dt.datetime,
    figures: Mapping[tuple[int, str, int], Decimal] | None = None,
) -> int:
    """Set the authority's indicative figures in bulk: by school id, measure and summer; without them FFT D, rounded to the measure.

    A target that is challenged or decided keeps the figure that it was talked about with. Answers how many were set.
    """
    require(actor, P.TARGET_INDICATE, authority, on=at.date())
    content = require_pack(authority, at.date()).content
    schools = {
        school.pk: school for school in School.objects.visible_to(actor).filter(authority=authority).exclude(status=SchoolStatus.CLOSED)
    }
    if figures is None:
        figures = _from_estimates(content, schools, academic_year)
    wanted = {
        (pk, code, one.summer)
        for pk, school in schools.items()
        for one in targets_of(content).sets_for(school.phase, academic_year, on=at.date())
        for code in one.measures
    }
    unknown = [key for key in figures if key not in wanted]
    if unknown:
        raise Refused(f"{len(unknown)} figures are of a school, measure or summer that has no target in this round. Nothing was set.")
    rows = Target.objects.filter(school_id__in=schools, pupil_group="all", summer__in={key[2] for key in wanted})
    held = {(row.school_id, row.measure, row.summer): row for row in rows}
    open_ = {row.frm for row in TARGET_WORKFLOW if row.action == "indicate"}
    new, changed = [], []
    for key, value in figures.items():
        row = held.get(key)
        if row is None:
            new.append(Target(school_id=key[0], measure=key[1], summer=key[2], indicative=value, changed_at=at))
        elif row.state in open_ and row.indicative != value:
            row.indicative, row.changed_at = value, at
            changed.append(row)
    Target.objects.bulk_create(new)
    Target.objects.bulk_update(changed, ["indicative", "changed_at"])
    steps = [
        TargetStep(
            target=row, action="indicate", figure=row.indicative, at=at, by=actor, by_name=actor.name, by_role=HAT_NAMES[Hat.SIP_MANAGER]
        )
        for row in (*new, *changed)
    ]
    TargetStep.objects.bulk_create(steps)
    audit.record(
        "target.indicated",
        actor=actor,
        at=at,
        subject=authority,
        authority=authority,
        changes={"year": str(AcademicYear(academic_year)), "figures": len(steps)},
    )
    return len(steps)


def _from_estimates(content: Any, schools: Mapping[int, School], academic_year: int) -> dict[tuple[int, str, int], Decimal]:
    measures = measure_by_code(content)
    sets = [one for one in targets_of(content).sets if one.set_in_academic_year == academic_year and one.level == "school"]
    phases = {(code, one.summer): set(one.phases) for one in sets for code in one.measures if not one.withdrawn_on}
    rows = Estimate.objects.filter(
        school_id__in=schools,
        measure__in={code for code, _ in phases},
        academic_year__in={summer - 1 for _, summer in phases},
        kind=EstimateKind.D,
        pupil_group="all",
        value__isnull=False,
    )
    found = {}
    for row in rows:
        key = (row.measure, row.academic_year + 1)
        if row.value is not None and schools[row.school_id].phase in phases.get(key, ()):
            found[row.school_id, *key] = round(row.value, measures[row.measure].decimals)
    return found


@transaction.atomic
def submit_targets(*, actor: User, authority: Authority, academic_year: int, at: dt.datetime) -> int:
    """The authority's return is made: every decided statutory target becomes submitted, agreed or not, and pupils' sheets of a
    school that has nothing open any more close for its SIP. Answers how many."""
    require(actor, P.TARGET_SUBMIT, authority, on=at.date())
    content = require_pack(authority, at.date()).content
    sets = [one for one in targets_of(content).sets if one.set_in_academic_year == academic_year and one.is_statutory]
    pairs = {(code, one.summer) for one in sets for code in one.measures}
    schools = School.objects.visible_to(actor).filter(authority=authority)
    rows = Target.objects.filter(school__in=schools, state__in=DECIDED, pupil_group="all").select_related("school__authority")
    done = [row for row in rows if (row.measure, row.summer) in pairs]
    if not done:
        raise Refused("No statutory target is agreed or set that has not been submitted.")
    for row in done:
        TARGET_WORKFLOW.move(actor, row, "submit", at.date(), was_agreed=row.state == TargetState.AGREED, changed_at=at)
    TargetStep.objects.bulk_create(
        [
            TargetStep(
                target=row, action="submit", figure=row.value, at=at, by=actor, by_name=actor.name, by_role=HAT_NAMES[Hat.SIP_MANAGER]
            )
            for row in done
        ]
    )
    close_sheets(actor=actor, authority=authority, academic_year=academic_year, at=at)
    audit.record(
        "target.submitted",
        actor=actor,
        at=at,
        subject=authority,
        authority=authority,
        changes={"year": str(AcademicYear(academic_year)), "targets": len(done)},
    )
    return len(done)
