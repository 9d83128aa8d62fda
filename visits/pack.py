"""The parts of a pack that ``visits`` owns: visit types with their note sections, checks on notes, cohesion, the alert.

A note is built from its visit type: :meth:`VisitsPart.sections_for` gives the sections of a note on a school of a phase, in
order, each with the inputs (blocks) that it takes and the areas that it asks a judgement on. What a check *means* is the
engine's: here its parameters are kept as they are written, and its references are checked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar, cast

from core.numbers import quarters
from core.packs import PackContent, PackSection, Problems, Table
from targets.pack import FactsPart, MeasuresPart, facts_of, measures_of

from .choices import ActionStatus, NoteState

INPUTS: Final = (
    "text",
    "judgement",
    "actions_review",
    "actions",
    "targets",
    "category",
    "interventions",
    "datasets",
    "differences",
    "cohesion",
    "milestones",
)
"""What a section may take: each is a kind of block of the record, and the order in a section is the order on the page."""

GATHERS: Final = ("visits", "judgements", "change", "actions", "targets", "questions")
"""What a section of the annual commentary may be assembled from, beside the text of sections of the notes."""

RECORD_KINDS: Final = ("note", "facts")
JUDGES: Final = ("all", "discussed", "none")
SEVERITIES: Final = ("blocks", "warns", "advises")
SECTION_GROUPS: Final = ("*", "*required", "*text", "*rows", "*judgement")
SOURCES_OF_DATA: Final = ("authority", "national", "school", "portal")
GRADES: Final = (1, 2, 3, 4)

NEEDED_SETTINGS: Final = {
    "draft_office_days": "whole",
    "review_office_days": "whole",
    "review_concern_office_days": "whole",
    "school_window_school_days": "whole",
    "final_office_days": "whole",
    "correction_office_days": "whole",
    "reminder_days_before": "whole",
    "reminder_days_after": "whole",
    "manager_late_office_days": "whole",
    "end_of_term_school_days": "whole",
    "chair_reads_draft": "yes_no",
    "officers_read_concern_draft": "yes_no",
    "abandoned_restore_days": "whole",
    "gate_on_concern": "yes_no",
    "gate_first_year": "yes_no",
    "gate_lot_one_in": "whole",
    "cancel_notice_office_days": "whole",
    "cancel_late_days": "days",
    "abort_days": "days",
    "grades_apart": "whole",
    "carried_times": "whole",
    "small_cohort": "whole",
    "alert_hours": "whole",
    "request_statutory_days": "whole",
    "subject_request_months": "whole",
    "safeguarding_contacts": "list",
    "offline_writing": "yes_no",
    "offline_key_days": "whole",
    "checks_switched_on": "list",
    "checks_switched_off": "list",
}
"""Settings that notes and visits rest on, by kind."""


# ---------------------------------------------------------------- what to read before a visit


@dataclass(frozen=True)
class Dataset:
    """Something to read before a visit, and to cite in the note with its version or release date.

    ``meanwhile``: what to use until it is out.
    """

    code: str
    label: str
    phases: tuple[str, ...]
    expected: str
    comes_from: str
    why: str
    meanwhile: str
    source: str


# ---------------------------------------------------------------- judgements


@dataclass(frozen=True)
class Area:
    """What a judgement is made on. ``words`` are the schedule's, for grades 1 to 4; ``fact`` is what rules may then name."""

    code: str
    label: str
    words: tuple[str, str, str, str]
    fact: str
    inspection: str

    def words_for(self, grade: int) -> str:
        """The schedule's words beside a grade from 1 to 4."""
        return self.words[grade - 1]


@dataclass(frozen=True)
class ActionJudgement:
    """How a note judges an earlier action. ``needs``: evidence, impact or reason."""

    code: str
    label: str
    is_closed: bool
    needs: tuple[str, ...]


# ---------------------------------------------------------------- sections and visit types


@dataclass(frozen=True)
class Section:
    """One section of a note. ``is_per_school``: in a note on a group of schools each has its own, else it is shared.

    ``guide_words`` and ``most_words`` guide the writer; ``most_rows`` limits the rows of a table, where there is a limit.
    """

    code: str
    title: str
    guidance: str
    prompts: tuple[str, ...]
    guide_words: int
    most_words: int
    inputs: tuple[str, ...]
    areas: tuple[Area, ...]
    is_per_school: bool
    most_rows: int | None
    data: tuple[str, ...] = ()
    """Measures whose results stand beside the text, where the school has them."""

    def area(self, code: str) -> Area:
        """Raises KeyError."""
        for area in self.areas:
            if area.code == code:
                return area
        raise KeyError(code)


@dataclass(frozen=True)
class SectionUse:
    """A section in a visit type: whether it is required there, for which phases (none: all), and with which areas."""

    section: Section
    is_required: bool
    phases: tuple[str, ...]
    areas: tuple[Area, ...]

    def is_for(self, phase: str) -> bool:
        return not self.phases or phase in self.phases


@dataclass(frozen=True)
class CommentaryPart:
    """A section of the annual commentary to governors, and what of the year's final notes it is assembled from.

    ``gathers``: which of :data:`GATHERS`; ``grades``: of which grades judgements are gathered; ``sections``: the sections
    of notes whose text is taken over, each note's under its own reference.
    """

    code: str
    title: str
    guidance: str
    gathers: tuple[str, ...]
    grades: tuple[int, ...]
    sections: tuple[str, ...]


@dataclass(frozen=True)
class VisitDays:
    """What a visit usually takes, in quarters of a day: the form begins with these."""

    preparation: int
    in_school: int
    writing: int

    @property
    def total(self) -> int:
        return self.preparation + self.in_school + self.writing


@dataclass(frozen=True)
class VisitType:
    """A kind of visit. ``record`` "note" has a note with sections; "facts" has none (a headteacher's review).

    ``datasets`` is everything worth reading; ``must_study`` and ``may_look_at`` are the preparation list (P4). ``judges_actions``:
    whether every unfinished action must be judged in the note ("all"), or those that were discussed.
    """

    code: str
    label: str
    short: str
    record: str
    window: str
    days: VisitDays
    purposes: tuple[str, ...]
    datasets: tuple[str, ...]
    must_study: tuple[str, ...]
    may_look_at: tuple[str, ...]
    sections: tuple[SectionUse, ...]
    judges_actions: str
    phases: tuple[str, ...]
    rules: tuple[str, ...]
    source: str

    @property
    def has_note(self) -> bool:
        return self.record == "note"

    def sections_for(self, phase: str) -> tuple[SectionUse, ...]:
        """The sections of a note on a school of this phase, in order."""
        return tuple(use for use in self.sections if use.is_for(phase))

    def use(self, code: str) -> SectionUse:
        """Raises KeyError."""
        for use in self.sections:
            if use.section.code == code:
                return use
        raise KeyError(code)


# ---------------------------------------------------------------- who reads, who receives, who was met


@dataclass(frozen=True)
class Reading:
    """Who reads a note in some states, as people are told. The rule itself is in ``visits.policies``."""

    states: tuple[str, ...]
    readers: tuple[str, ...]
    facts_only: tuple[str, ...]
    says: str


@dataclass(frozen=True)
class Dispatch:
    """One of the two dispatches: the draft for accuracy, and the final note."""

    code: str
    label: str
    to: tuple[str, ...]
    asks: str


@dataclass(frozen=True)
class Recipient:
    """Somebody beyond the school and the authority who may be named to receive final notes; ``where`` says of which schools."""

    code: str
    label: str
    where: str


@dataclass(frozen=True)
class MetOption:
    """A choice in "who was met", by role. ``phases``: none for all."""

    code: str
    label: str
    phases: tuple[str, ...]

    def is_for(self, phase: str) -> bool:
        return not self.phases or phase in self.phases


@dataclass(frozen=True)
class Guided:
    """A text that the school writes: its answer to a note, or its half page before a visit."""

    guidance: str
    prompts: tuple[str, ...]
    guide_words: int
    most_words: int


@dataclass(frozen=True)
class VisitsPart:
    visit_types: tuple[VisitType, ...]
    sections: tuple[Section, ...]
    areas: tuple[Area, ...]
    grades: Mapping[int, str]
    datasets: tuple[Dataset, ...]
    action_judgements: tuple[ActionJudgement, ...]
    met: tuple[MetOption, ...]
    readings: tuple[Reading, ...]
    dispatches: tuple[Dispatch, ...]
    recipients: tuple[Recipient, ...]
    inputs: Mapping[str, str]
    response: Guided
    accuracy: Mapping[str, str]
    agreement: Mapping[str, str]
    half_page: Guided
    commentary: tuple[CommentaryPart, ...]

    def visit_type(self, code: str) -> VisitType:
        """Raises KeyError."""
        return _by_code(self.visit_types, code)

    def section(self, code: str) -> Section:
        """Raises KeyError."""
        return _by_code(self.sections, code)

    def area(self, code: str) -> Area:
        """Raises KeyError."""
        return _by_code(self.areas, code)

    def dataset(self, code: str) -> Dataset:
        """Raises KeyError."""
        return _by_code(self.datasets, code)

    def types_for(self, phase: str) -> tuple[VisitType, ...]:
        """The visit types that a school of this phase may have."""
        return tuple(found for found in self.visit_types if not found.phases or phase in found.phases)

    def met_for(self, phase: str) -> tuple[MetOption, ...]:
        return tuple(option for option in self.met if option.is_for(phase))

    def datasets_for(self, visit_type: VisitType, phase: str) -> tuple[Dataset, ...]:
        """What there is to read before such a visit to a school of this phase, those that must be studied first."""
        codes = [*visit_type.must_study, *(code for code in visit_type.datasets if code not in visit_type.must_study)]
        return tuple(found for found in (self.dataset(code) for code in codes) if phase in found.phases)

    def reading(self, state: str) -> Reading | None:
        """What people are told of the readers of a note in this state; None for one that nobody reads (abandoned)."""
        return next((reading for reading in self.readings if state in reading.states), None)


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


C = TypeVar("C", bound=_Coded)


def _by_code(found: Sequence[C], code: str) -> C:
    for entry in found:
        if entry.code == code:
            return entry
    raise KeyError(code)


def visits_of(content: PackContent) -> VisitsPart:
    return cast(VisitsPart, content.section("visits"))


# ---------------------------------------------------------------- parsing visits.toml


def parse_visits(table: Table) -> VisitsPart:
    grades = {entry.whole("grade", least=1, most=4): entry.text("label") for entry in table.tables("grade", name=None)}
    if tuple(sorted(grades)) != GRADES:
        table.problem("does not label the grades 1, 2, 3 and 4, each once. Give all four.", "grade")
    inputs_table = table.table("inputs")
    inputs = {name: inputs_table.text(name) for name in inputs_table.names()}
    for name in inputs:
        if name not in INPUTS:
            inputs_table.problem(f"is no input that the portal knows. Known: {', '.join(INPUTS)}.", name)
    areas = {entry.raw.get("code", ""): _parse_area(entry) for entry in table.tables("area", least=1)}
    sections = {entry.raw.get("code", ""): _parse_section(entry, areas) for entry in table.tables("section", least=1)}
    datasets = tuple(
        Dataset(
            code=entry.text("code"),
            label=entry.text("label"),
            phases=entry.texts("phases"),
            expected=entry.text("expected"),
            comes_from=entry.choice("from", SOURCES_OF_DATA),
            why=entry.text("why"),
            meanwhile=entry.text("meanwhile", ""),
            source=entry.text("source"),
        )
        for entry in table.tables("dataset", least=1)
    )
    types = tuple(_parse_type(entry, sections, areas, [d.code for d in datasets]) for entry in table.tables("visit_type", least=1))
    response = table.table("response")
    return VisitsPart(
        visit_types=types,
        sections=tuple(sections.values()),
        areas=tuple(areas.values()),
        grades=grades,
        datasets=datasets,
        action_judgements=tuple(
            ActionJudgement(
                entry.choice("code", ActionStatus.values),
                entry.text("label"),
                entry.flag("is_closed"),
                _choices(entry, "needs", ("evidence", "impact", "reason")),
            )
            for entry in table.tables("action_judgement", least=1)
        ),
        met=tuple(MetOption(entry.text("code"), entry.text("label"), entry.texts("phases", ())) for entry in table.tables("met", least=1)),
        readings=tuple(
            Reading(
                _choices(entry, "states", (*NoteState.values, "superseded")),
                entry.texts("readers"),
                entry.texts("facts_only", ()),
                entry.text("says"),
            )
            for entry in table.tables("reading", name=None)
        ),
        dispatches=tuple(
            Dispatch(entry.choice("code", ("accuracy", "final")), entry.text("label"), entry.texts("to"), entry.text("asks"))
            for entry in table.tables("dispatch", least=2)
        ),
        recipients=tuple(Recipient(entry.text("code"), entry.text("label"), entry.text("where")) for entry in table.tables("recipient")),
        inputs=inputs,
        response=_parse_guided(response),
        accuracy=_texts_of(response, "accuracy"),
        agreement=_texts_of(response, "agreement"),
        half_page=_parse_guided(table.table("half_page")),
        commentary=tuple(_parse_commentary(entry, sections) for entry in table.tables("commentary_section")),
    )


def _parse_commentary(entry: Table, sections: Mapping[str, Section]) -> CommentaryPart:
    named = entry.texts("sections", ())
    entry.problems.need(named, sections, f"{entry.where}, 'sections'", "section")
    gathers = _choices(entry, "gathers", GATHERS)
    grades = entry.wholes("grades", ())
    if ("judgements" in gathers) != bool(grades):
        entry.problem("must go with 'grades': say of which grades, such as [1, 2], judgements are gathered.", "gathers")
    return CommentaryPart(entry.text("code"), entry.text("title"), entry.text("guidance"), gathers, grades, named)


def _choices(entry: Table, key: str, options: Sequence[str]) -> tuple[str, ...]:
    found = entry.texts(key)
    for value in found:
        if value not in options:
            entry.problem(f"names {value!r}. Give only: {', '.join(options)}.", key)
    return found


def _texts_of(entry: Table, key: str) -> Mapping[str, str]:
    table = entry.table(key)
    return {name: table.text(name) for name in table.names()}


def _parse_words(entry: Table) -> tuple[int, int]:
    words = entry.table("words")
    guide, most = words.whole("guide", least=0), words.whole("most", least=1)
    if most < guide:
        words.problem(f"is {most}, fewer than the guide of {guide}. Put them in order.", "most")
    return guide, most


def _parse_guided(entry: Table) -> Guided:
    return Guided(entry.text("guidance"), entry.texts("prompts"), *_parse_words(entry))


def _parse_area(entry: Table) -> Area:
    words = entry.texts("words")
    if len(words) != 4:
        entry.problem(f"gives words for {len(words)} grades. Give four texts, for grades 1, 2, 3 and 4.", "words")
        words = (*words, "", "", "", "")[:4]
    return Area(
        code=entry.text("code"),
        label=entry.text("label"),
        words=(words[0], words[1], words[2], words[3]),
        fact=entry.text("fact", ""),
        inspection=entry.text("inspection", ""),
    )


def _parse_section(entry: Table, areas: Mapping[str, Area]) -> Section:
    guide, most = _parse_words(entry)
    inputs = _choices(entry, "inputs", INPUTS)
    named = _areas(entry, areas)
    if ("judgement" in inputs) != bool(named):
        entry.problem("must go with 'areas': a section that takes judgements names what is judged, and no other does.", "inputs")
    return Section(
        code=entry.text("code"),
        title=entry.text("title"),
        guidance=entry.text("guidance"),
        prompts=entry.texts("prompts"),
        guide_words=guide,
        most_words=most,
        inputs=inputs,
        areas=named,
        is_per_school=entry.flag("per_school", False),
        most_rows=entry.optional_whole("most_rows", least=1),
        data=entry.texts("data", ()),
    )


def _areas(entry: Table, areas: Mapping[str, Area]) -> tuple[Area, ...]:
    named = entry.texts("areas", ())
    entry.problems.need(named, areas, f"{entry.where}, 'areas'", "area")
    return tuple(areas[code] for code in named if code in areas)


def _parse_type(entry: Table, sections: Mapping[str, Section], areas: Mapping[str, Area], datasets: Sequence[str]) -> VisitType:
    record = entry.choice("record", RECORD_KINDS)
    days = entry.table("days")
    uses = []
    for row in entry.tables("sections", name="use"):
        code = row.text("use")
        own = _areas(row, areas)
        required, phases = row.flag("required"), row.texts("phases", ())
        if code not in sections:
            row.problem(f"is {code!r}, and this file has no such section. Correct the code, or write the section.", "use")
            continue
        section = sections[code]
        if own and not section.areas:
            row.problem("gives areas to a section that takes no judgements. Take them out.", "areas")
        uses.append(SectionUse(section, required, phases, own or section.areas))
    if record == "note" and not uses:
        entry.problem('has a note and no sections. List its sections, or make it record = "facts".', "sections")
    if record == "facts" and uses:
        entry.problem("keeps facts only, and lists sections. A visit without a note has none: take them out.", "sections")
    found = VisitType(
        code=entry.text("code"),
        label=entry.text("label"),
        short=entry.text("short"),
        record=record,
        window=entry.text("window"),
        days=VisitDays(*(_quarters(days, key) for key in ("preparation", "in_school", "writing"))),
        purposes=entry.texts("purposes"),
        datasets=entry.texts("datasets", ()),
        must_study=entry.texts("must_study", ()),
        may_look_at=entry.texts("may_look_at", ()),
        sections=tuple(uses),
        judges_actions=entry.choice("judges_actions", JUDGES),
        phases=entry.texts("phases", ()),
        rules=entry.texts("rules", ()),
        source=entry.text("source"),
    )
    entry.problems.need(found.datasets, datasets, f"{entry.where}, 'datasets'", "data set")
    for key, listed in (("must_study", found.must_study), ("may_look_at", found.may_look_at)):
        entry.problems.need(listed, found.datasets, f"{entry.where}, {key!r}", "data set")
    if found.has_note and found.judges_actions != "none" and not any("actions_review" in use.section.inputs for use in uses):
        entry.problem(
            "asks for earlier actions to be judged; no section takes them. Add one with the input actions_review.", "judges_actions"
        )
    return found


def _quarters(table: Table, key: str) -> int:
    value = table.decimal(key)
    try:
        return quarters(value)
    except ValueError as error:
        table.problem(str(error), key)
        return 0


def validate_visits(part: VisitsPart, content: PackContent, problems: Problems) -> None:
    measures = measures_of(content)
    facts = facts_of(content)
    phases = measures.phase_codes
    for dataset in part.datasets:
        problems.need(dataset.phases, phases, f"dataset {dataset.code!r}, 'phases'", "phase")
    for option in part.met:
        problems.need(option.phases, phases, f"met {option.code!r}, 'phases'", "phase")
    for area in part.areas:
        _validate_area(area, facts, measures, problems)
    for found in part.visit_types:
        problems.need(found.phases, phases, f"visit_type {found.code!r}, 'phases'", "phase")
        for use in found.sections:
            problems.need(use.phases, phases, f"visit_type {found.code!r}, sections {use.section.code!r}, 'phases'", "phase")
    used = {use.section.code for found in part.visit_types for use in found.sections}
    for section in part.sections:
        if section.code not in used:
            problems.add(f"section {section.code!r}", "is in no visit type. Use it in one, or take it out.")
        problems.need(section.data, [measure.code for measure in measures.measures], f"section {section.code!r}, 'data'", "measure")
    known = {dataset.code for dataset in part.datasets}
    for measure in measures.measures:
        problems.of("measures").need([measure.dataset], known, f"measure {measure.code!r}, 'dataset'", "data set")


def _validate_area(area: Area, facts: FactsPart, measures: MeasuresPart, problems: Problems) -> None:
    if area.fact and not facts.knows(area.fact, measures):
        problems.add(f"area {area.code!r}, 'fact'", f"names the fact {area.fact!r}, which facts.toml does not define. Correct the code.")


# ---------------------------------------------------------------- checks.toml


@dataclass(frozen=True)
class Check:
    """A check on a note. ``test`` holds its kind and parameters, for the engine; ``is_on`` is what the pack begins with.

    ``title`` heads what it finds, and is the code in words where the pack gives none.

    ``sections`` are section codes or a group: all, required, with text, with rows, with judgements. ``visit_types`` and
    ``phases``: none for all. ``is_answerable``: the writer may answer it with a reason, which the reviewer sees.
    """

    code: str
    title: str
    severity: str
    sections: tuple[str, ...]
    visit_types: tuple[str, ...]
    phases: tuple[str, ...]
    detects: str
    test: Mapping[str, Any]
    message: str
    is_answerable: bool
    is_on: bool
    source: str

    @property
    def kind(self) -> str:
        return str(self.test["kind"])

    def applies_to(self, visit_type: str, phase: str) -> bool:
        return (not self.visit_types or visit_type in self.visit_types) and (not self.phases or phase in self.phases)


@dataclass(frozen=True)
class ChecksPart:
    checks: tuple[Check, ...]
    severities: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    jargon: Mapping[str, str]
    tips_title: str
    tips: tuple[str, ...]

    def check(self, code: str) -> Check:
        """Raises KeyError."""
        return _by_code(self.checks, code)

    def in_force(self, visit_type: str, phase: str, on: Sequence[str] = (), off: Sequence[str] = ()) -> tuple[Check, ...]:
        """The checks of a note, worst first; ``on`` and ``off`` are the authority's switches (settings ``checks_switched_…``)."""
        chosen = [
            check
            for check in self.checks
            if check.applies_to(visit_type, phase) and check.code not in off and (check.is_on or check.code in on)
        ]
        return tuple(sorted(chosen, key=lambda check: SEVERITIES.index(check.severity)))


def checks_of(content: PackContent) -> ChecksPart:
    return cast(ChecksPart, content.section("checks"))


LIST_KEYS: Final = (
    "any_list",
    "list",
    "support_list",
    "missing_list",
    "praise_list",
    "challenge_list",
    "with_list",
    "safe_list",
    "advise_if_lacks_list",
    "not_yet_list",
    "not_list",
    "after_list",
    "text_list",
    "lesson_subjects",
    "lesson_grades",
)
MOST_BLOCKING: Final = 3
"""domain.md §4: at most three checks block."""


def parse_checks(table: Table) -> ChecksPart:
    severities = _texts_of(table, "severities")
    for severity in SEVERITIES:
        if severity not in severities:
            table.problem(f"does not say what {severity!r} means. Add it.", "severities")
    checks = []
    for entry in table.tables("check", least=1):
        severity = entry.choice("severity", SEVERITIES)
        check = Check(
            code=entry.text("code"),
            title=entry.text("title", str(entry.raw.get("code", "")).replace("-", " ").capitalize()),
            severity=severity,
            sections=entry.texts("sections"),
            visit_types=entry.texts("visit_types", ()),
            phases=entry.texts("phases", ()),
            detects=entry.text("detects"),
            test=entry.mapping("test"),
            message=entry.text("message"),
            is_answerable=entry.flag("answerable", severity == "warns"),
            is_on=entry.flag("is_on", True),
            source=entry.text("source"),
        )
        if not isinstance(check.test.get("kind"), str):
            entry.problem('names no kind of test. Begin it with kind = "…".', "test")
        checks.append(check)
    blocking = [check.code for check in checks if check.severity == "blocks"]
    if len(blocking) > MOST_BLOCKING:
        table.problem(f"has {len(blocking)} that block ({', '.join(blocking)}). At most {MOST_BLOCKING} may.", "check")
    lists_table = table.table("lists")
    jargon_table = lists_table.table("jargon")
    lists = {name: lists_table.texts(name) for name in lists_table.names() if name != "jargon"}
    tips = table.table("tips")
    return ChecksPart(
        checks=tuple(checks),
        severities=severities,
        lists=lists,
        jargon={term: jargon_table.text(term) for term in jargon_table.names()},
        tips_title=tips.text("title"),
        tips=tips.texts("items"),
    )


def validate_checks(part: ChecksPart, content: PackContent, problems: Problems) -> None:
    visits, phases = visits_of(content), measures_of(content).phase_codes
    sections = [section.code for section in visits.sections]
    types = [found.code for found in visits.visit_types]
    areas = [area.code for area in visits.areas]
    for check in part.checks:
        entry = f"check {check.code!r}"
        problems.need(check.sections, [*sections, *SECTION_GROUPS], f"{entry}, 'sections'", "section")
        problems.need(check.visit_types, types, f"{entry}, 'visit_types'", "visit type")
        problems.need(check.phases, phases, f"{entry}, 'phases'", "phase")
        wanted = [str(check.test[key]) for key in LIST_KEYS if key in check.test]
        several = check.test.get("lists", {})
        wanted += [str(name) for name in (several.values() if isinstance(several, Mapping) else several)]
        problems.need(wanted, [*part.lists, "jargon"], f"{entry}, 'test'", "word list")
        if "area" in check.test:
            problems.need([str(check.test["area"])], areas, f"{entry}, 'test'", "area")
    from .checks.engine import validate_tests  # the engine reads this module

    validate_tests(part, problems)


# ---------------------------------------------------------------- cohesion.toml


@dataclass(frozen=True)
class Dimension:
    """A dimension of community cohesion (P27): one row of the section."""

    code: str
    label: str
    looks_for: str
    prompts: tuple[str, ...]


@dataclass(frozen=True)
class CodedText:
    code: str
    text: str


@dataclass(frozen=True)
class CohesionPart:
    """P26's four statements as the section's prompts (``aims``), P27's four ``dimensions`` as its rows."""

    aims: tuple[CodedText, ...]
    dimensions: tuple[Dimension, ...]
    strands: tuple[CodedText, ...]
    descriptors: Mapping[int, str]
    duty_from: dt.date
    inspected_from: dt.date


def cohesion_of(content: PackContent) -> CohesionPart:
    return cast(CohesionPart, content.section("cohesion"))


def parse_cohesion(table: Table) -> CohesionPart:
    return CohesionPart(
        aims=tuple(CodedText(entry.text("code"), entry.text("text")) for entry in table.tables("aim", least=1)),
        dimensions=tuple(
            Dimension(entry.text("code"), entry.text("label"), entry.text("looks_for"), entry.texts("prompts"))
            for entry in table.tables("dimension", least=1)
        ),
        strands=tuple(CodedText(entry.text("code"), entry.text("label")) for entry in table.tables("strand")),
        descriptors={entry.whole("grade", least=1, most=4): entry.text("text") for entry in table.tables("descriptor", name=None)},
        duty_from=table.date("duty_from"),
        inspected_from=table.date("inspected_from"),
    )


def validate_cohesion(part: CohesionPart, content: PackContent, problems: Problems) -> None:
    if tuple(sorted(part.descriptors)) != GRADES:
        problems.add("descriptor", "does not describe the grades 1, 2, 3 and 4. Give all four.")
    dimensions = {dimension.code for dimension in part.dimensions}
    for check in checks_of(content).checks:
        several = check.test.get("lists")
        if check.kind == "dimension_coverage" and isinstance(several, Mapping):
            problems.of("checks").need(several, dimensions, f"check {check.code!r}, 'test'", "dimension")


# ---------------------------------------------------------------- alerts.toml


@dataclass(frozen=True)
class AlertChoice:
    """A choice on the form of an alert; what else it asks for."""

    code: str
    label: str
    means: str
    needs_date: bool
    needs_text: bool


@dataclass(frozen=True)
class AlertsPart:
    """The words of the alert to the authority (P16)."""

    title: str
    opening: str
    not_for: str
    disclosable: str
    readers: str
    sent: str
    urgencies: tuple[AlertChoice, ...]
    asks: tuple[AlertChoice, ...]
    head_told: tuple[AlertChoice, ...]
    outcomes: tuple[AlertChoice, ...]

    def urgency(self, code: str) -> str:
        return _label(self.urgencies, code)

    def ask(self, code: str) -> str:
        return _label(self.asks, code)

    def outcome(self, code: str) -> str:
        return _label(self.outcomes, code)


def _label(choices: Sequence[AlertChoice], code: str) -> str:
    """The words of a choice; its code where the pack no longer has it."""
    return next((choice.label for choice in choices if choice.code == code), code)


def alerts_of(content: PackContent) -> AlertsPart:
    return cast(AlertsPart, content.section("alerts"))


def parse_alerts(table: Table) -> AlertsPart:
    words = table.table("alert")
    return AlertsPart(
        title=words.text("title"),
        opening=words.text("opening"),
        not_for=words.text("not_for"),
        disclosable=words.text("disclosable"),
        readers=words.text("readers"),
        sent=words.text("sent"),
        urgencies=_alert_choices(table, "urgency"),
        asks=_alert_choices(table, "ask"),
        head_told=_alert_choices(table, "head_told"),
        outcomes=_alert_choices(table, "outcome"),
    )


def _alert_choices(table: Table, key: str) -> tuple[AlertChoice, ...]:
    return tuple(
        AlertChoice(
            entry.text("code"),
            entry.text("label"),
            entry.text("means", ""),
            entry.flag("needs_date", False),
            entry.flag("needs_text", False) or entry.flag("needs_reason", False),
        )
        for entry in table.tables(key, least=1)
    )


VISITS: Final = PackSection("visits", parse_visits, validate_visits)
CHECKS: Final = PackSection("checks", parse_checks, validate_checks)
COHESION: Final = PackSection("cohesion", parse_cohesion, validate_cohesion)
ALERTS: Final = PackSection("alerts", parse_alerts)
