"""Reads of the target round: one school's grid (``round_of``), and all schools with their dates (``round_list``)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from core.access import can
from core.components.formats import plural, short_day
from core.numbers import format_number
from core.packs import PackContent
from people.packs import pack_for
from people.roles import Permission as P
from schools.choices import AssignmentKind, SchoolStatus
from schools.models import School
from schools.selectors import advisers_of
from targets.choices import ASIDE, DECIDED, STANDING, Signer, TargetState
from targets.flags import Held, Judge, held_beside, measure_by_code, one_pupil, pupils_of, sets_of_round, words_owed
from targets.models import PupilSheet, Target, TargetSignature, TargetStep
from targets.pack import Measure, TargetFlag, TargetSet, targets_of
from targets.pupils import add_sums
from targets.released import readable, withheld_sums


def shown(measure: Measure, value: Decimal | None) -> str:
    return "" if value is None else format_number(value, measure.decimals) + ("%" if measure.unit == "%" else "")


@dataclass
class Line:
    """One target in the grid. Texts are as they are shown; "" where there is nothing."""

    target: Target
    measure: Measure
    of_set: TargetSet
    flags: list[TargetFlag]
    result: str = ""
    result_summer: int | None = None
    la: str = ""
    fft_b: str = ""
    fft_d: str = ""
    similar: str = ""
    cohort: int | None = None
    pupils: int | None = None
    outcome: str = ""
    own_sum: str = ""

    @property
    def key(self) -> str:
        return self.target.key

    @property
    def label(self) -> str:
        return self.measure.short_label

    def figure(self, name: str) -> str:
        return shown(self.measure, getattr(self.target, name))

    @property
    def indicative(self) -> str:
        return self.figure("indicative")

    @property
    def proposed(self) -> str:
        return self.figure("proposed")

    @property
    def challenge(self) -> str:
        return self.figure("challenge")

    @property
    def value(self) -> str:
        return self.figure("value")

    @property
    def is_decided(self) -> bool:
        return self.target.state in STANDING

    @property
    def is_aside(self) -> bool:
        return self.target.state in ASIDE

    @property
    def owed(self) -> int:
        return words_owed(self.flags)

    @property
    def lacks_reason(self) -> bool:
        return len(self.target.rationale.split()) < self.owed

    @property
    def tag(self) -> tuple[str, str]:
        return TargetState(self.target.state).label, TONES[self.target.state]


TONES: Final[Mapping[str, str]] = {
    TargetState.INDICATIVE: "wait",
    TargetState.PROPOSED: "work",
    TargetState.CHALLENGED: "due",
    TargetState.ACCEPTED: "work",
    TargetState.AGREED: "done",
    TargetState.NOT_AGREED: "due",
    TargetState.SUBMITTED: "done",
    TargetState.WITHDRAWN: "rest",
    TargetState.DOES_NOT_APPLY: "rest",
    TargetState.CLOSING: "rest",
}

SAID: Final[Mapping[str, str]] = {
    "indicate": "set an indicative figure",
    "propose": "proposed",
    "accept": "accepted",
    "challenge": "challenged",
    "agree": "agreed",
    "set": "set without agreement",
    "submit": "submitted to the department",
    "revise": "revised",
    "withdraw": "withdrawn",
    "exempt": "does not apply",
    "close": "school closing",
    "reopen": "opened again",
    "note_proposes": "proposed in the note of a visit",
    "note_agrees": "agreed in the note of a visit",
    "note_sets": "set without agreement in the note of a visit",
}


@dataclass(frozen=True)
class Said:
    """One deed of one side in words: who did what to how many targets, with each reason once."""

    on: dt.date
    title: str
    detail: str


@dataclass
class RoundOfSchool:
    school: School
    year: int
    groups: list[tuple[TargetSet, list[Line]]]
    signatures: dict[str, TargetSignature]
    said: list[Said]
    first_on: dict[str, dt.date] = field(default_factory=dict)
    deadline: dt.date | None = None
    sign_by: dt.date | None = None
    sources: list[str] = field(default_factory=list)
    content: PackContent | None = None
    reasons: dict[tuple[int, str], str] = field(default_factory=dict)

    def reason(self, line: Line, action: str) -> str:
        """The last reason that was given with this deed on a target."""
        return self.reasons.get((line.target.pk or 0, action), "")

    @property
    def lines(self) -> list[Line]:
        return [line for _, lines in self.groups for line in lines]

    @property
    def summers(self) -> list[int]:
        return sorted({line.target.summer for line in self.lines})

    @property
    def flagged(self) -> int:
        return sum(1 for line in self.lines if line.flags)

    @property
    def statutory(self) -> list[Line]:
        return [line for one, lines in self.groups if one.is_statutory for line in lines if not line.is_aside]

    @property
    def stage(self) -> str:
        return stage_of_round([line.target.state for line in self.statutory], len(self.signatures))

    def in_states(self, *states: str) -> list[Line]:
        return [line for line in self.lines if line.target.state in states]


STAGES: Final = {
    "indicative": "Not yet proposed",
    "proposed": "Proposed",
    "challenged": "Challenged",
    "accepted": "Accepted",
    "decided": "Decided, not all signed",
    "signed": "Signed by all three",
    "submitted": "Submitted",
    "none": "Sets no statutory targets",
}
STAGE_TONES: Final = {
    "indicative": "wait",
    "proposed": "work",
    "challenged": "due",
    "accepted": "work",
    "decided": "work",
    "signed": "done",
    "submitted": "done",
    "none": "rest",
}
_ORDER: Final = {
    TargetState.INDICATIVE: 0,
    TargetState.CHALLENGED: 1,
    TargetState.PROPOSED: 2,
    TargetState.ACCEPTED: 3,
    TargetState.AGREED: 4,
    TargetState.NOT_AGREED: 4,
    TargetState.SUBMITTED: 5,
}
_NAMES: Final = ("indicative", "challenged", "proposed", "accepted", "decided", "submitted")


def stage_of_round(states: Iterable[str], signed: int) -> str:
    """How far a school has come: as far as the statutory target that has come least far; a challenge before a proposal."""
    places = [_ORDER[TargetState(state)] for state in states if state not in ASIDE]
    if not places:
        return "none"
    name = _NAMES[min(places)]
    return "signed" if name == "decided" and signed == len(Signer) else name


# ---------------------------------------------------------------- one school


def round_of(user: Any, school: School, academic_year: int, on: dt.date, *, with_words: bool = True) -> RoundOfSchool | None:
    """The grid of a school; ``None`` where no pack says what it sets. About a dozen queries, whatever the number of targets."""
    pack = pack_for(school.authority, on)
    if pack is None:
        return None
    content = pack.content
    sets = [one for one in sets_of_round(content, school, academic_year) if one.measures]
    measures = measure_by_code(content)
    summers = {one.summer for one in sets}
    rows = Target.objects.visible_to(user).filter(school=school, summer__in=summers, pupil_group="all")
    held_targets = {row.key: row for row in rows}
    held = held_beside(content, [school], academic_year, on)
    pupils = add_sums(held, content, [school], summers)
    held.withheld = withheld_sums(pupils, pack, school, but=readable(pupils, user, school, on))
    judge = Judge(content, held, on)
    groups, sources, seen = [], set(), set()
    for one in sets:
        lines = []
        for code in one.measures:
            target = held_targets.get(f"{code}.{one.summer}") or Target(
                school=school,
                measure=code,
                summer=one.summer,
                state=TargetState.WITHDRAWN if one.withdrawn_on and one.withdrawn_on <= on else TargetState.INDICATIVE,
            )
            target.school = school
            if target.key in seen:
                continue
            seen.add(target.key)
            lines.append(_line(target, measures[code], one, held, judge))
            found = held.results.get((school.pk, code))
            if found is not None:
                sources.add(f"{found.source.title}, {short_day(found.source.dated, on)}")
        is_used = any(line.target.pk and line.target.value is not None for line in lines)
        if lines and (is_used or not one.is_optional):
            groups.append((one, lines))
    part = targets_of(content)
    dates = {milestone.code: milestone.on(academic_year) for milestone in part.milestones}
    steps = list(TargetStep.objects.filter(target__in=[row.pk for row in rows]).select_related("target")) if with_words else []
    signatures = {row.role: row for row in held.signatures.get(school.pk, ())}
    return RoundOfSchool(
        school,
        academic_year,
        groups,
        signatures,
        said_of(steps, measures),
        first_on=_first_days(steps),
        deadline=min((one.deadline_on for one in sets if one.is_statutory), default=None),
        sign_by=dates.get("signed"),
        sources=sorted(sources),
        content=content,
        reasons={(row.target_id, row.action): row.reason for row in reversed(steps)},
    )


def _line(target: Target, measure: Measure, one: TargetSet, held: Held, judge: Judge) -> Line:
    school = target.school_id
    result, outcome = held.results.get((school, measure.code)), held.outcomes.get((school, measure.code, target.summer))

    def estimate(kind: str) -> str:
        row = held.estimates.get((school, measure.code, target.summer, kind))
        return shown(measure, row.value) if row else ""

    def compared(suffix: str) -> str:
        found = held.compared(f"{measure.code}.{suffix}", school)
        return shown(measure, found.value) if found.is_figure else ""

    cohort = judge.cohort(target)
    is_aside = target.state in ASIDE
    return Line(
        target,
        measure,
        one,
        [] if is_aside else judge.raised(target, measure, one),
        result=shown(measure, result.value) if result else "",
        result_summer=result.summer if result else None,
        la=compared("la"),
        fft_b=estimate("B"),
        fft_d=estimate("D"),
        similar=compared("similar"),
        cohort=cohort,
        pupils=pupils_of(target.value, cohort) if measure.unit == "%" and measure.key_stage not in ("absence", "all") else None,
        outcome=shown(measure, outcome.value) if outcome else "",
        own_sum="hidden"
        if (school, measure.code, target.summer) in held.withheld
        else shown(measure, held.sums.get((school, measure.code, target.summer))),
    )


def said_of(steps: Sequence[TargetStep], measures: Mapping[str, Measure]) -> list[Said]:
    """What was said, latest first: the steps of one deed together, each reason once."""
    deeds: dict[tuple[Any, ...], list[TargetStep]] = defaultdict(list)
    for step in steps:
        if step.action != "indicate":
            deeds[step.at, step.by_name, step.action].append(step)
    found = []
    for (at, name, action), rows in deeds.items():
        who = rows[0].by_role
        labels = [
            f"{measures[row.target.measure].short_label} {shown(measures[row.target.measure], row.figure)}".strip()
            for row in rows
            if row.target.measure in measures
        ]
        listed = ", ".join(labels) if len(labels) <= 3 else plural(len(labels), "target")
        words = [
            f"{text}"
            for text in dict.fromkeys(part for row in rows for part in (row.reason, row.evidence and f"Evidence: {row.evidence}") if part)
        ]
        title = f"{name}{f', {who},' if who and who != 'note' else ''} {SAID.get(action, action)}"
        found.append(Said(at.date(), title, ". ".join([listed, *[word.rstrip(".") for word in words]]) + "."))
    return found


def _first_days(steps: Sequence[TargetStep]) -> dict[str, dt.date]:
    found: dict[str, dt.date] = {}
    for step in sorted(steps, key=lambda row: row.at):
        name = {"note_proposes": "propose", "note_agrees": "agree", "set": "agree", "note_sets": "agree", "accept": "challenge"}.get(
            step.action, step.action
        )
        found.setdefault(name, step.at.date())
    return found


def worth(year_lines: Sequence[Line]) -> str:
    """ "30 pupils, one pupil is 3.3 points"."""
    cohort = next((line.cohort for line in year_lines if line.cohort), None)
    one = one_pupil(cohort)
    return f"{plural(cohort, 'pupil')}, one pupil is {format_number(one, 1)} points" if cohort and one else ""


# ---------------------------------------------------------------- many schools


@dataclass
class SchoolLine:
    """One school in the list. ``due_on`` is the next date of the round for it, ``is_late`` where that has passed."""

    school: School
    stage: str
    agreed: int
    of: int
    signed: int
    challenged: int
    apart: int
    flags: int
    support: int
    sip: Any
    due_on: dt.date | None
    due_what: str
    is_late: bool
    main: str = ""
    rows: list[Target] = field(default_factory=list)

    @property
    def tag(self) -> tuple[str, str]:
        return STAGES[self.stage], STAGE_TONES[self.stage]


DUE_FOR: Final = {"indicative": "proposed", "proposed": "signed", "challenged": "signed", "accepted": "signed", "decided": "signed"}


def round_list(user: Any, content: PackContent, schools: Sequence[School], academic_year: int, on: dt.date) -> list[SchoolLine]:
    """How far each of these schools has come, of those whose targets the person sees: three queries (targets, signatures, advisers),
    and one where flags are kept back."""
    mine = [school for school in schools if can(user, P.TARGET_VIEW, school, on=on)]
    return _lines(user, content, mine, academic_year, on)


def whole_round(content: PackContent, schools: Sequence[School], academic_year: int, on: dt.date) -> list[SchoolLine]:
    """Of all these schools, whoever asks, without the flags kept back: for figures of the whole programme, never for rows that a
    person is shown."""
    return _lines(None, content, schools, academic_year, on)


def _lines(user: Any, content: PackContent, schools: Sequence[School], academic_year: int, on: dt.date) -> list[SchoolLine]:
    part, measures = targets_of(content), measure_by_code(content)
    mine = [school for school in schools if school.status != SchoolStatus.CLOSED]
    ids = [school.pk for school in mine]
    summers = {one.summer for one in part.sets if one.set_in_academic_year == academic_year}
    by_school: dict[int, dict[str, Target]] = defaultdict(dict)
    targets = Target.objects.all() if user is None else Target.objects.visible_to(user)
    for row in targets.filter(school_id__in=ids, summer__in=summers, pupil_group="all"):
        by_school[row.school_id][row.key] = row
    if user is not None:
        _tell_kept(user, mine, [row for rows in by_school.values() for row in rows.values() if row.kept_flags], on)
    signed: dict[int, int] = defaultdict(int)
    for pk in TargetSignature.objects.filter(school_id__in=ids, academic_year=academic_year, voided_at__isnull=True).values_list(
        "school_id", flat=True
    ):
        signed[pk] += 1
    advisers = advisers_of(ids, on)
    dates = {milestone.code: (milestone.on(academic_year), milestone.label) for milestone in part.milestones}
    found = []
    for school in mine:
        held = by_school.get(school.pk, {})
        wanted = {
            f"{code}.{one.summer}": one
            for one in part.sets_for(school.phase, academic_year, on=on)
            if one.is_statutory
            for code in one.measures
        }
        states = [held[key].state if key in held else TargetState.INDICATIVE for key in wanted]
        stage = stage_of_round(states, signed[school.pk])
        due, what = dates.get(DUE_FOR.get(stage, ""), (None, ""))
        counted = [state for state in states if state not in ASIDE]
        rows = list(held.values())
        main = next(
            (row for key, row in held.items() if key in wanted and row.value is not None and not row.measure.startswith("absence")), None
        )
        found.append(
            SchoolLine(
                school,
                stage,
                agreed=sum(1 for key in wanted if key in held and held[key].agreed is not None),
                of=len(counted),
                signed=signed[school.pk],
                challenged=sum(1 for row in rows if row.state == TargetState.CHALLENGED),
                apart=sum(1 for row in rows if row.agreed is False),
                flags=sum(1 for row in rows if row.flags and row.state not in ASIDE),
                support=sum(1 for row in rows if row.needs_support),
                sip=next((row.adviser for row in advisers.get(school.pk, []) if row.kind == AssignmentKind.SIP), None),
                due_on=due,
                due_what=what,
                is_late=due is not None and due < on,
                main=shown(measures[main.measure], main.value) if main else "",
                rows=rows,
            )
        )
    return found


def _tell_kept(user: Any, schools: Sequence[School], rows: Sequence[Target], on: dt.date) -> None:
    """Put the flags that are kept back among the others of a row, where this person reads the pupils of its school."""
    if not rows:
        return
    by_pk = {school.pk: school for school in schools}
    sheets = {(sheet.school_id, sheet.summer): sheet for sheet in PupilSheet.objects.filter(school_id__in={row.school_id for row in rows})}
    for row in rows:
        sheet = sheets.get((row.school_id, row.summer))
        if sheet is not None:
            sheet.school = by_pk[row.school_id]
            if can(user, P.PUPIL_READ, sheet, on=on):
                row.flags = [*row.flags, *row.kept_flags]


def return_rows(
    user: Any, content: PackContent, schools: Sequence[School], academic_year: int
) -> tuple[Sequence[str], list[Sequence[Any]]]:
    """The statutory return: every statutory target of every school that sets one, complete whether agreed or not."""
    part, measures = targets_of(content), measure_by_code(content)
    columns = (
        "LA",
        "DfE number",
        "URN",
        "School",
        "Measure",
        "Description",
        "Summer",
        "Target",
        "Pupils in cohort",
        "Standing",
        "Signed by",
    )
    sets = [one for one in part.sets if one.set_in_academic_year == academic_year and one.is_statutory and one.level == "school"]
    ids = [school.pk for school in schools]
    held = {
        (row.school_id, row.key): row
        for row in Target.objects.visible_to(user).filter(school_id__in=ids, summer__in={one.summer for one in sets}, pupil_group="all")
    }
    signed: dict[int, list[str]] = defaultdict(list)
    for row in TargetSignature.objects.filter(school_id__in=ids, academic_year=academic_year, voided_at__isnull=True):
        signed[row.school_id].append(row.get_role_display())
    rows: list[Sequence[Any]] = []
    for school in schools:
        for one in sets:
            if school.phase not in one.phases:
                continue
            for code in one.measures:
                target = held.get((school.pk, f"{code}.{one.summer}"))
                state = TargetState(target.state) if target else TargetState.INDICATIVE
                standing = state.label
                if state == TargetState.SUBMITTED and target is not None:
                    standing = "agreed" if target.was_agreed else "set without agreement"
                elif state not in (*DECIDED, *ASIDE):
                    standing = "not set"
                rows.append(
                    (
                        school.authority.code,
                        school.dfe_number,
                        school.urn,
                        school.name,
                        code,
                        measures[code].label,
                        one.summer,
                        target.value if target and target.is_standing else None,
                        target.cohort if target else None,
                        standing,
                        ", ".join(signed[school.pk]),
                    )
                )
    return columns, rows
