"""The kinds of test that a pack's checks are made of (``checks.toml``): each reads a note and says what it found.

A kind takes its numbers and word lists from the check; nothing of policy stands here. Common to all: an empty section is
left to ``required_section``, so that one gap is named once; text in double quotation marks is somebody else's and is not
read for judgements, hints or balance; the row of a hit is stable, so that an answered warning stays answered.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from targets.choices import ASIDE
from targets.pack import Measure

from ..choices import ActionStatus, DatasetState
from .rules import Hit, Scope, covers, kind, listed
from .snapshot import EarlierText, HeldFigure, SectionSnapshot, TargetRow
from .text import Passage, common_run, count_words, fingerprint, first, near, pattern, phrases, plain, share_in_common, shortened, windows

JUDGED: Final = (ActionStatus.MET, ActionStatus.PARTLY, ActionStatus.NOT_MET)
CARRIED: Final = (ActionStatus.PARTLY, ActionStatus.NOT_MET)


def _day(day: dt.date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else "without a date"


def _figure(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# ---------------------------------------------------------------- completeness


@kind("required_section", takes=["except_sections"], says=["section"])
def required_section(scope: Scope) -> Iterator[Hit]:
    """A required section without text or rows.

    Left out: what the school writes; and a table without free text whose emptiness another check in force judges
    (actions, differences), since that check offers the way out which such a section has no room for.
    """
    left_to = [check for name in ("min_rows", "rows_or_declaration") for check in scope.rules.kinds_of.get(name, ())]
    for section in scope.sections:
        if not section.is_required or section.is_filled or section.is_for_school or section.code in scope.get("except_sections", ()):
            continue
        if not section.has_text_input and any(covers(check, section) for check in left_to):
            continue
        yield Hit(section, says={"section": section.title})


@kind("min_words", needs=["share_of_guide"], says=["section", "words", "guide"])
def min_words(scope: Scope) -> Iterator[Hit]:
    """Far fewer words than the guide, the evidence and reasons of the section's rows counted in."""
    for section in scope.sections:
        words = section.prose.words
        if section.is_filled and words < section.guide_words * float(scope.get("share_of_guide")):
            yield Hit(section, says={"section": section.title, "words": words, "guide": section.guide_words})


@kind(
    "max_words",
    needs=["of"],
    takes=["severity_for_note", "note_words", "note_words_by_visit_type", "note_message", "sentence_words", "sentence_message"],
    says=["section", "words", "most"],
)
def max_words(scope: Scope) -> Iterator[Hit]:
    """A section over its most words, a sentence over ``sentence_words``, or a note over what its visit type allows."""
    total = 0
    for section in scope.sections:
        words = section.prose.words
        total += words
        if section.most_words and words > section.most_words:
            yield Hit(section, says={"section": section.title, "words": words, "most": section.most_words})
        most = scope.whole("sentence_words")
        for sentence in section.passage.sentences if most else ():
            if (length := count_words(sentence)) > most:
                says = {"section": section.title, "words": length, "most": most}
                yield Hit(section, fingerprint(sentence), says, sentence, message=scope.get("sentence_message", ""))
    allowed = int(scope.get("note_words_by_visit_type", {}).get(scope.note.visit_type, scope.whole("note_words")))
    if allowed and total > allowed:
        severity = str(scope.get("severity_for_note", ""))
        says = {"section": "The note", "words": total, "most": allowed}
        yield Hit(None, says=says, severity=severity, message=scope.get("note_message", ""))


# ---------------------------------------------------------------- earlier and new actions


@kind("actions_followed_up", takes=["needs", "reason_when"], says=["action", "date"])
def actions_followed_up(scope: Scope) -> Iterator[Hit]:
    """An earlier action without a judgement; or dropped without the reason that dropping asks for.

    Where the visit type judges all, "not discussed" is no judgement; where it judges those discussed, an action that was
    not opened is let through: no status, or "not discussed", and nothing written about it.
    """
    rule = scope.note.judges_actions
    if rule == "none":
        return
    for section in scope.sections:
        for row in section.reviews:
            judged = bool(row.status) and row.status != ActionStatus.NOT_DISCUSSED
            opened = bool(row.evidence.strip() or row.impact.strip())
            if not judged and rule == "discussed" and (row.status or not opened):
                continue
            if judged and not (row.status in scope.get("reason_when", ()) and not row.reason.strip()):
                continue
            yield Hit(section, row.id, {"action": shortened(row.text), "date": _day(row.agreed_on)})


@kind("action_evidence", needs=["min_words"], says=["action", "status"])
def action_evidence(scope: Scope) -> Iterator[Hit]:
    for section in scope.sections:
        for row in section.reviews:
            if row.status in JUDGED and count_words(row.evidence) < scope.whole("min_words"):
                yield Hit(section, row.id, {"action": shortened(row.text), "status": ActionStatus(row.status).label.lower()})


@kind("action_impact", needs=["when_status", "min_words"], takes=["any_list"], says=["action", "status"])
def action_impact(scope: Scope) -> Iterator[Hit]:
    for section in scope.sections:
        for row in section.reviews:
            if row.status not in scope.get("when_status"):
                continue
            impact = Passage(row.impact)
            if impact.words < scope.whole("min_words") or (scope.terms("any_list") and not impact.has(scope.terms("any_list"))):
                yield Hit(section, row.id, {"action": shortened(row.text), "status": ActionStatus(row.status).label.lower()})


_FIELDS: Final = {"owner": "an owner", "due_on": "a date", "success_measure": "a success measure", "text": "a text"}


@kind("action_fields", needs=["needs"], says=["action", "missing"])
def action_fields(scope: Scope) -> Iterator[Hit]:
    for section in scope.sections:
        for row in section.actions:
            wanted = ["text", *scope.get("needs")]
            missing = [_FIELDS[name] for name in wanted if not str(getattr(row, name) or "").strip()]
            if missing:
                yield Hit(section, row.id, {"action": shortened(row.text) or "An action", "missing": listed(missing)})


@kind("field_lacks", needs=["field"], takes=["pattern", "any_list"], says=["action"])
def field_lacks(scope: Scope) -> Iterator[Hit]:
    """A field of a new action that is empty, or has neither the pattern nor a word of the list."""
    for section in scope.sections:
        for row in section.actions:
            value = Passage(str(getattr(row, scope.get("field")) or ""))
            fits = scope.get("pattern") is not None and pattern(scope.get("pattern")).search(value.plain)
            if not fits and not value.has(scope.terms("any_list")):
                yield Hit(section, row.id, {"action": shortened(row.text)})


@kind("action_due", takes=["not_before", "not_after_days", "within_term"], says=["action", "due", "problem"], wants=["terms"])
def action_due(scope: Scope) -> Iterator[Hit]:
    """A due date before the visit, too long after it, or in a school holiday. Years whose terms are unknown are let through."""
    last = scope.whole("not_after_days")
    for section in scope.sections:
        for row in section.actions:
            problem = ""
            if row.due_on is None:
                continue
            if scope.get("not_before") == "visit_date" and row.due_on < scope.note.on:
                problem = "before the visit"
            elif last and row.due_on > scope.note.on + dt.timedelta(days=last):
                problem = f"more than {'12 months' if last in (365, 366) else f'{last} days'} after the visit"
            elif scope.get("within_term") and _in_holiday(row.due_on, scope.note.terms):
                problem = "in a school holiday"
            if problem:
                yield Hit(section, row.id, {"action": shortened(row.text), "due": _day(row.due_on), "problem": problem})


def _in_holiday(day: dt.date, terms: tuple[tuple[dt.date, dt.date], ...]) -> bool:
    if not terms or not terms[0][0] <= day <= terms[-1][1]:
        return False
    return not any(first_ <= day <= last for first_, last in terms)


@kind("min_rows", needs=["rows", "count"])
def min_rows(scope: Scope) -> Iterator[Hit]:
    """Too few actions, new ones and those carried forward (judged partly or not met) together, for each school."""
    count = scope.get("count")
    for section in scope.sections:
        rows = sum(bool(row.text.strip()) for row in section.actions) if "new" in count else 0
        if "carried_forward" in count:
            beside = [other for other in scope.note.sections if other.school in (None, section.school) or section.school is None]
            rows += sum(row.status in CARRIED for other in beside for row in other.reviews)
        if rows < scope.whole("rows"):
            yield Hit(section)


# ---------------------------------------------------------------- judgement and evidence


@kind(
    "claim_without_support",
    needs=["any_list", "support_list"],
    takes=["min_words", "support_pattern", "within_sentences", "before_sentences", "after_list", "not_list"],
    says=["word"],
)
def claim_without_support(scope: Scope) -> Iterator[Hit]:
    """A grade with hardly a word of evidence; a sentence that judges, with no figure or evidence word in it or close by.

    A judgement word judges where it opens the sentence, or comes within three words of one of ``after_list`` ("is",
    "judged", a colon): "governors ask good questions" judges nothing. Nor does a sentence with a phrase of ``not_list``.
    Sentences that follow one another without support are one finding.
    """
    claims = _claims(scope.terms("any_list"), scope.terms("after_list"))
    support, not_ = phrases(scope.terms("support_list")), phrases(scope.terms("not_list"))
    figure = pattern(scope.get("support_pattern") or "(?!)")
    before, after = scope.whole("before_sentences"), scope.whole("within_sentences")
    for section in scope.sections:
        for row in section.judgements:
            if row.sip_grade is not None and count_words(row.evidence) < scope.whole("min_words"):
                yield Hit(section, row.area, {"word": f"{row.label}: {scope.rules.grade(row.sip_grade)}"})
        found = section.passage.sentences
        supported = [bool(support.search(sentence) or figure.search(sentence)) for sentence in found]
        said = False
        for at, sentence in enumerate(found):
            claim = claims.search(sentence)
            if claim is None or any(supported[max(0, at - before) : at + after + 1]) or not_.search(sentence):
                said = said and claim is not None
                continue
            if not said:
                yield Hit(section, fingerprint(sentence), {"word": claim.group(1).lower()}, sentence)
            said = True


@lru_cache(maxsize=16)
def _claims(words: tuple[str, ...], after: tuple[str, ...]) -> re.Pattern[str]:
    """Group 1 is the judgement word."""
    word = phrases(words).pattern
    if not after:
        return re.compile(f"({word})", re.IGNORECASE)
    lead = "|".join(re.escape(term) if term in ":;,-" else rf"\b{re.escape(term)}\b" for term in after)
    return re.compile(rf"(?:^\W*|(?:{lead})(?:\s+[\w'-]+,?){{0,3}}\s+)({word})", re.IGNORECASE)


@kind("judgement_missing", says=["area"])
def judgement_missing(scope: Scope) -> Iterator[Hit]:
    """An area of a required section without a grade and without a word why; areas with a check of their own are left to it."""
    for section in scope.sections:
        if not section.is_required or not section.is_filled:
            continue
        own = {str(check.test.get("area")) for check in scope.rules.kinds_of.get("grade_and_words", ()) if covers(check, section)}
        for row in section.judgements:
            if row.sip_grade is None and not row.evidence.strip() and row.area not in own:
                yield Hit(section, row.area, {"area": row.label})


@kind("judgements_differ", needs=["grades"], takes=["any_words"], says=["area", "sip_grade", "school_grade"])
def judgements_differ(scope: Scope) -> Iterator[Hit]:
    """Grades apart, with no difference of view whose topic names the area, and no word that the school has come round.

    The authority's setting ``grades_apart`` may ask for more than the pack does.
    """
    apart = max(scope.whole("grades"), scope.rules.grades_apart)
    for section in scope.sections:
        schools = {school.urn for school in scope.note.schools_of(section)}
        topics = [row.topic for other in scope.note.sections for row in other.differences if row.school in schools]
        for row in section.judgements:
            if row.sip_grade is None or row.school_grade is None or abs(row.sip_grade - row.school_grade) < apart:
                continue
            about = f"{row.label} {row.area.replace('_', ' ')} {section.title}"
            if any(_same_topic(topic, about) for topic in topics) or Passage(row.evidence).has(scope.get("any_words", ())):
                continue
            yield Hit(
                section,
                row.area,
                {"area": row.label, "sip_grade": scope.rules.grade(row.sip_grade), "school_grade": scope.rules.grade(row.school_grade)},
            )


_SMALL_WORDS: Final = frozenset(
    [
        "about",
        "and",
        "are",
        "for",
        "from",
        "further",
        "grade",
        "has",
        "have",
        "improve",
        "into",
        "its",
        "judgement",
        "judgements",
        "not",
        "our",
        "over",
        "school",
        "schools",
        "that",
        "the",
        "their",
        "this",
        "view",
        "with",
    ]
)


def _same_topic(topic: str, about: str) -> bool:
    """Whether two headings share a word of weight: a topic is written by hand, an area's name is the pack's."""
    one, other = ({word for word in Passage(text).tokens if len(word) > 3 and word not in _SMALL_WORDS} for text in (topic, about))
    return bool(one & other)


@kind("ratio", needs=["any_list", "at_least", "missing_list"], takes=["missing_pattern"])
def ratio(scope: Scope) -> Iterator[Hit]:
    """Several sentences of one sort, and not one of the other."""
    for section in scope.sections:
        prose = section.prose
        if prose.has(scope.terms("missing_list")) or (
            scope.get("missing_pattern") and pattern(scope.get("missing_pattern")).search(prose.own)
        ):
            continue
        any_ = phrases(scope.terms("any_list"))
        found = [sentence for sentence in prose.sentences if any_.search(sentence)]
        if len(found) >= scope.whole("at_least"):
            yield Hit(section, quote=found[0])


@kind("lacks_any", needs=["list"], takes=["pattern", "needs_both", "over", "when"], wants=["targets"], is_across=True)
def lacks_any(scope: Scope) -> Iterator[Hit]:
    """None of the words, and not the pattern either; with ``needs_both``, one of the two lacking is enough.

    ``over = "together"`` reads the sections as one. ``when = "statutory_targets_nought"`` looks only where no statutory
    target of the school but that for absence is above nought.
    """
    groups: list[tuple[SectionSnapshot, ...]] = [(section,) for section in scope.sections]
    if scope.get("over") == "together":
        by_school: dict[int | None, list[SectionSnapshot]] = {}
        for section in scope.sections:
            by_school.setdefault(section.school, []).append(section)
        groups = [tuple(sections) for sections in by_school.values()]
    for sections in groups:
        if not any(section.is_filled for section in sections):
            continue
        if scope.get("when") == "statutory_targets_nought" and _has_statutory_target(scope, sections[0]):
            continue
        has_word = any(section.prose.has(scope.terms("list")) for section in sections)
        written = scope.get("pattern")
        has_pattern = written is not None and any(pattern(written).search(section.prose.own) for section in sections)
        if not (has_word and has_pattern if scope.get("needs_both") else has_word or has_pattern):
            yield Hit(sections[0])


def _has_statutory_target(scope: Scope, section: SectionSnapshot) -> bool:
    schools = {school.urn for school in scope.note.schools_of(section)}
    statutory = {
        (code, found.summer)
        for found in scope.rules.targets.sets
        if found.is_statutory and found.level == "school"
        for code in found.measures
        if scope.rules.measures.measure(code).is_higher_better
    }
    return any(row.school in schools and row.value and (row.measure, row.summer) in statutory for row in scope.note.targets)


@kind(
    "figure_mismatch",
    needs=["tolerance", "window_words"],
    takes=["not_list"],
    says=["written", "measure", "held", "release"],
    wants=["targets"],
)
def figure_mismatch(scope: Scope) -> Iterator[Hit]:
    """A percentage beside a measure's name that is not the one held. Sentences about anything else are let through:

    one with a phrase of ``not_list`` (targets, estimates, comparators, groups, changes), or with another year.
    """
    other, within, tolerance = phrases(scope.terms("not_list")), scope.whole("window_words"), Decimal(str(scope.get("tolerance")))
    for section in scope.sections:
        schools = {school.urn for school in scope.note.schools_of(section)}
        held = [figure for figure in scope.note.figures if figure.school in schools and figure.group == "all"]
        if not held:
            continue
        for sentence in section.passage.sentences:
            if "%" not in sentence and "cent" not in sentence:
                continue
            if other.search(sentence):
                continue
            for hit in _mismatches(scope, section, sentence, held, within, tolerance):
                yield hit
                break


_PERCENT: Final = re.compile(r"\b(\d{1,3}(?:\.\d+)?)\s*(?:%|per ?cent\b)")
_YEAR: Final = re.compile(r"\b(20\d\d)(/\d\d)?\b")


def _mismatches(
    scope: Scope, section: SectionSnapshot, sentence: str, held: list[HeldFigure], within: int, tolerance: Decimal
) -> Iterator[Hit]:
    years = {int(year.group(1)) + bool(year.group(2)) for year in _YEAR.finditer(sentence)}
    for figure in held:
        if years - {figure.summer}:
            continue
        measure = scope.rules.measures.measure(figure.measure)
        for name, number in near(sentence, _names_of(measure), _PERCENT, within):
            written = Decimal(number.group(1))
            closest = min(_PERCENT.finditer(sentence), key=lambda one: min(abs(one.start() - name.end()), abs(name.start() - one.end())))
            if closest.span() == number.span() and abs(written - figure.value) > tolerance:
                says = {
                    "written": f"{_figure(written)}%",
                    "measure": measure.label,
                    "held": f"{_figure(figure.value)}{'%' if measure.unit == '%' else ''}",
                    "release": figure.release,
                }
                yield Hit(section, fingerprint(sentence), says, sentence)


@lru_cache(maxsize=256)
def _names_of(measure: Measure) -> re.Pattern[str]:
    """How people write a measure: its labels; "level 4 in both English and mathematics"; "absence" for total absence."""
    names = [re.escape(plain(measure.label)), re.escape(plain(measure.short_label))]
    level = re.search(r"\blevel (\d[A-C]?)( or above)?", measure.label)
    if level:
        subject = re.escape(measure.subject)
        names.append(rf"level {level.group(1)}\+?(?: or (?:above|better))? in (?:both )?{subject}(?! and\b)(?! or\b)")
    if measure.code == "absence.total" or measure.label.lower() == "absence":
        names.append(r"(?<!persistent )(?<!unauthorised )absence")
    if measure.label.lower().startswith("persistent absence"):
        names.append(r"persistent absence")
    return re.compile(rf"(?<!\w)(?:{'|'.join(names)})(?!\w)", re.IGNORECASE)


# ---------------------------------------------------------------- rows


def _rows_of(section: SectionSnapshot) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, object]]]:
    """(row, its fields, what a message may say of it) for the tables that ``row_fields`` reads."""
    for one in section.datasets:
        fields: dict[str, Any] = {"studied": one.state == DatasetState.STUDIED, "version": one.version, "studied_on": one.studied_on}
        yield one.code, fields, {"dataset": one.label}
    for row in section.interventions:
        fields = {
            name: getattr(row, name)
            for name in ("name", "provider", "impact", "value_for_money", "value_reason", "known_on", "quarters", "cost_pence")
        }
        spent = "cost" if row.cost_pence else "days" if row.quarters else "cost or days"
        yield row.id, fields, {"intervention": shortened(row.name), "cost_or_days": spent}
    for view in section.differences:
        fields = {name: getattr(view, name) for name in ("topic", "sip_view", "sip_evidence", "school_view", "school_evidence", "settle")}
        yield view.id, fields, {"topic": shortened(view.topic)}


@kind(
    "row_fields",
    takes=["when", "needs_all", "needs_any", "min_words", "text_list", "text_pattern", "text_says"],
    says=["dataset", "intervention", "cost_or_days", "topic"],
)
def row_fields(scope: Scope) -> Iterator[Hit]:
    """A row without a field that it needs: all of ``needs_all``, one of ``needs_any``; of at least ``min_words`` words.

    Where a section tells of interventions in its text and has no row, ``text_list`` and ``text_pattern`` say what the text
    must hold instead (P30: what was bought, and was it worth it?).
    """
    least = scope.get("min_words", {})

    def has(fields: Mapping[str, Any], name: str) -> bool:
        value = fields.get(name)
        if isinstance(value, str):
            return count_words(value) >= max(1, int(least.get(name, 1)))
        return value is not None and value is not False

    for section in scope.sections:
        rows = list(_rows_of(section))
        for row, fields, says in rows:
            if scope.get("when") and not has(fields, scope.get("when")):
                continue
            any_ = scope.get("needs_any", ())
            if not all(has(fields, name) for name in scope.get("needs_all", ())) or (any_ and not any(has(fields, name) for name in any_)):
                yield Hit(section, row, says)
        if not rows and scope.get("text_list") and section.body.strip():
            written = scope.get("text_pattern")
            if not section.passage.has(scope.terms("text_list")) and not (written and pattern(written).search(section.passage.own)):
                said = str(scope.get("text_says", "this"))
                yield Hit(section, "text", {"intervention": said, "cost_or_days": "cost or days", "dataset": said, "topic": said})


@kind("expected_datasets", says=["dataset"])
def expected_datasets(scope: Scope) -> Iterator[Hit]:
    """A data set that must be studied before such a visit (P4), neither cited nor marked as not yet available."""
    for section in scope.sections:
        if not section.is_filled:
            continue
        for row in section.datasets:
            if row.state or row.code not in scope.rules.visit_type.must_study:
                continue
            if any(phase in scope.rules.visits.dataset(row.code).phases for phase in section.phases):
                yield Hit(section, row.code, {"dataset": row.label})


@kind("grade_and_words", needs=["area"], takes=["any_words", "min_words"])
def grade_and_words(scope: Scope) -> Iterator[Hit]:
    """No grade on an area, none of the words, or too few words in text and evidence together."""
    for section in scope.sections:
        if not section.is_filled:
            continue
        row = next((row for row in section.judgements if row.area == scope.get("area")), None)
        words = scope.get("any_words", ())
        if (
            row is None
            or row.sip_grade is None
            or (words and not section.prose.has(words))
            or section.prose.words < scope.whole("min_words")
        ):
            yield Hit(section, scope.get("area"))


# ---------------------------------------------------------------- targets


@kind("statutory_targets_present", says=["measure", "deadline"], wants=["targets"], is_across=True)
def statutory_targets_present(scope: Scope) -> Iterator[Hit]:
    """A measure of a statutory set that this school sets this year, without a target and without a reason.

    The finding stands at the section that holds the target's row (absence has its own), else at the first covered.
    """
    by_key = {section.key: section for section in scope.note.sections}
    done: set[tuple[int, str]] = set()
    for section in scope.sections:
        if not section.is_filled:
            continue
        for school in scope.note.schools_of(section):
            rows = {(row.measure, row.summer): row for row in scope.note.targets if row.school == school.urn and row.group == "all"}
            for found in scope.rules.targets.sets_for(school.phase, scope.note.academic_year, on=scope.note.on):
                if not found.is_statutory or found.is_zero_rated:
                    continue
                for code in found.measures:
                    row = rows.get((code, found.summer))
                    if (school.urn, code) in done or (
                        row is not None and (row.value is not None or row.rationale.strip() or row.state in ASIDE)
                    ):
                        continue
                    done.add((school.urn, code))
                    at = by_key.get(row.section, section) if row is not None else section
                    which = f"{code}.{school.urn}" if scope.note.is_group and at.school is None else code
                    says = {"measure": scope.rules.measures.measure(code).label, "deadline": _day(found.deadline_on)}
                    yield Hit(at, which, says)


@kind("target_flags_answered", needs=["flags", "min_words"], says=["measure", "value", "flag"], wants=["targets"])
def target_flags_answered(scope: Scope) -> Iterator[Hit]:
    """A target below its estimate, the last result or the floor (for absence: above), with no reason to speak of (P10)."""
    flags = [flag for flag in scope.rules.targets.flags if flag.code in scope.get("flags")]
    for section in scope.sections:
        phases = {school.urn: school.phase for school in scope.note.schools_of(section)}
        for row in section.targets:
            if (
                row.value is None
                or row.state in ASIDE
                or row.school not in phases
                or count_words(row.rationale) >= scope.whole("min_words")
            ):
                continue
            measure = scope.rules.measures.measure(row.measure)
            has_floor = phases[row.school] not in scope.rules.measures.floors_do_not_apply_to
            wanted = [
                flag.code
                for flag in flags
                if (not flag.measures or row.measure in flag.measures) and row.measure not in flag.except_measures
            ]
            raised = dict.fromkeys(said for code in wanted if (said := _flag(code, row, measure, has_floor)))
            if raised:
                unit = "%" if measure.unit == "%" else f" {measure.unit}"
                says = {"measure": measure.label, "value": f"{_figure(row.value)}{unit}", "flag": listed(list(raised))}
                yield Hit(section, row.id, says)


def _flag(code: str, row: TargetRow, measure: Measure, has_floor: bool) -> str:
    """What a flag says of a target; empty where it is not raised, or its figure is not held. For absence, less is more."""
    assert row.value is not None
    floor = measure.floor(row.summer) if has_floor else None
    is_d = row.estimate_kind.strip().upper().endswith(" D")
    than, words = {
        "below-estimate-b": (
            None if is_d else row.estimate,
            f"the estimate of {{}}{f' ({row.estimate_kind})' if row.estimate_kind else ''}",
        ),
        "below-estimate-d": (row.estimate if is_d else None, "the estimate of {}"),
        "below-previous": (row.previous, "the last result of {}"),
        "absence-not-improving": (row.previous, "the last result of {}"),
        "absence-above-similar": (row.similar, "the median of {} in similar schools"),
        "below-floor": (floor.value if floor else None, "the floor of {}"),
    }.get(code, (None, ""))
    if than is None:
        return ""
    worse = row.value < than if measure.is_higher_better else row.value > than
    return f"{'below' if measure.is_higher_better else 'above'} {words.format(_figure(than))}" if worse else ""


# ---------------------------------------------------------------- balance, category, differences


@kind("balance", needs=["praise_list", "challenge_list", "ratio", "at_least"], takes=["over"], says=["leaning", "add"])
def balance(scope: Scope) -> Iterator[Hit]:
    """Praise far beyond challenge, or the other way about, over the whole note; with ``over = "section"`` in one section too."""
    counts = {
        section.key: (section.prose.count(scope.terms("praise_list")), section.prose.count(scope.terms("challenge_list")))
        for section in scope.sections
    }
    found = [(section, *counts[section.key]) for section in scope.sections] if scope.get("over") == "section" else []
    leaning = [(section, praise, challenge) for section, praise, challenge in found if _leans(scope, praise, challenge)]
    for section, praise, challenge in leaning:
        yield Hit(section, says=_leaning(praise, challenge))
    praise, challenge = sum(p for p, _ in counts.values()), sum(c for _, c in counts.values())
    if not leaning and _leans(scope, praise, challenge):
        yield Hit(None, says=_leaning(praise, challenge))


def _leans(scope: Scope, praise: int, challenge: int) -> bool:
    return max(praise, challenge) >= scope.whole("at_least") and max(praise, challenge) > scope.whole("ratio") * min(praise, challenge)


def _leaning(praise: int, challenge: int) -> Mapping[str, object]:
    return {"leaning": "praise alone", "add": "challenge"} if praise > challenge else {"leaning": "challenge alone", "add": "credit"}


@kind("category_justified", needs=["min_criteria", "min_words_if_differs"], says=["level", "suggested"], wants=["category"])
def category_justified(scope: Scope) -> Iterator[Hit]:
    """A level proposed without its criteria; or other than the rules suggest, with hardly a reason."""
    for section in scope.sections:
        proposal = section.proposal
        if proposal is None or not proposal.category:
            continue
        suggestions = [school for school in scope.note.schools_of(section) if school.suggested]
        criteria = sum(bool(line.strip()) for line in proposal.criteria.splitlines())
        differs = any(school.suggested != proposal.category for school in suggestions)
        if criteria < scope.whole("min_criteria") or (differs and count_words(proposal.reasons) < scope.whole("min_words_if_differs")):
            suggested = (
                listed(list(dict.fromkeys(school.suggested_label or school.suggested for school in suggestions))) or "none is made yet"
            )
            yield Hit(section, "proposal", {"level": proposal.label or proposal.category, "suggested": suggested})


@kind("field_required_if", needs=["field", "when"], says=["level"], wants=["category"])
def field_required_if(scope: Scope) -> Iterator[Hit]:
    """A heavier level than the current one, and a field that then must be filled. With no current level nothing is heavier."""
    for section in scope.sections:
        proposal = section.proposal
        level = scope.rules.levels.get(proposal.category) if proposal else None
        if proposal is None or level is None or getattr(proposal, scope.get("field")):
            continue
        if any(school.level is not None and level.rank > school.level for school in scope.note.schools_of(section)):
            yield Hit(section, "proposal", {"level": proposal.label})


@kind("rows_or_declaration")
def rows_or_declaration(scope: Scope) -> Iterator[Hit]:
    yield from (Hit(section) for section in scope.sections if not section.differences and not section.declares_none)


@kind("hint_against_declaration", needs=["any_list"], says=["phrase", "section"])
def hint_against_declaration(scope: Scope) -> Iterator[Hit]:
    """None is declared for a school, and a section about it speaks as if there were one."""
    declared = {section.school for section in scope.note.sections if section.declares_none}
    for section in scope.sections:
        if not declared or (section.school is not None and declared.isdisjoint({None, section.school})):
            continue
        for sentence in section.prose.sentences:
            if phrase := first(scope.terms("any_list"), sentence):
                yield Hit(section, fingerprint(sentence), {"phrase": phrase, "section": section.title}, sentence)


@kind("dimension_coverage", needs=["lists", "at_least"], takes=["advise_if_lacks_list"], says=["missing"])
def dimension_coverage(scope: Scope) -> Iterator[Hit]:
    """Fewer dimensions than asked for have a line of their own or a word in the text; and, as advice, no strand is named."""
    for section in scope.sections:
        if not section.is_filled:
            continue
        lines = {row.dimension for row in section.cohesion if row.text.strip()}
        lists = scope.get("lists")
        ordered = [code for code in scope.rules.dimensions if code in lists]
        missing = [code for code in ordered if code not in lines and not section.prose.has(scope.rules.terms(str(lists[code])))]
        if len(ordered) - len(missing) < scope.whole("at_least"):
            labels = [scope.rules.dimensions.get(code, code) for code in missing]
            yield Hit(section, "dimensions", {"missing": listed([label[:1].lower() + label[1:] for label in labels])})
        elif scope.get("advise_if_lacks_list") and not section.prose.has(scope.terms("advise_if_lacks_list")):
            yield Hit(section, "strands", {"missing": "ethnicity, religion or belief, or circumstances"}, severity="advises")


@kind("mentioned_or_acted_on", needs=["any_list"], takes=["not_yet_list", "if_no_action_mentions"])
def mentioned_or_acted_on(scope: Scope) -> Iterator[Hit]:
    """A thing is not mentioned; or it is mentioned as not done, and no new action takes it up."""
    terms = tuple(scope.get("if_no_action_mentions", ()))
    actions = any(Passage(f"{row.text}\n{row.success_measure}").has(terms) for section in scope.note.sections for row in section.actions)
    for section in scope.sections:
        if section.is_filled and (
            not section.prose.has(scope.terms("any_list")) or (section.prose.has(scope.terms("not_yet_list")) and not actions)
        ):
            yield Hit(section)


# ---------------------------------------------------------------- people


def _texts_of(section: SectionSnapshot) -> Iterator[str]:
    """Each text that the author typed into a section, free or in a table, once."""
    yield from dict.fromkeys([*([section.body] if section.body.strip() else []), *(text for _, text in section.row_texts)])


@kind(
    "personal_name",
    needs=["titles", "list"],
    takes=["safe_list", "safe_after", "match_case", "allow", "patterns"],
    says=["match"],
    wants=["people"],
)
def personal_name(scope: Scope) -> Iterator[Hit]:
    """A title and a name, a listed forename, or a pattern (a unique pupil number; a forename and an initial).

    Let through: names of the school, its cluster, places and services; the school's contacts, those met, the SIP.
    Quotations are read too: a name discloses whoever wrote it.
    """
    mask = _let_through(scope)
    names = frozenset(scope.terms("list"))
    titled = _titled(tuple(scope.get("titles")))
    safe = frozenset(word.lower() for word in scope.terms("safe_list"))
    after = frozenset(scope.get("safe_after", ()))
    for section in scope.sections:
        seen: set[str] = set()
        for text in _texts_of(section):
            readable = plain(text)
            if mask is not None:
                readable = mask.sub(lambda found: " " * len(found.group()), readable)
            for match in _names_in(readable, titled, names, safe, after, scope.get("patterns", ())):
                row = fingerprint(match)
                if row not in seen:
                    seen.add(row)
                    yield Hit(section, row, {"match": match}, match)


_CAPITALISED: Final = re.compile(r"[A-Z][^\W\d_]*(?:['\-][^\W\d_]+)*")
_NEXT: Final = re.compile(r"\s+([^\W\d_]+(?:['\-][^\W\d_]+)*)")
_INITIAL: Final = re.compile(r"\s+([A-Z])\.?(?![\w'])")


@lru_cache(maxsize=16)
def _titled(titles: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{'|'.join(map(re.escape, titles))})\.?\s+(?:[A-Z]\.?\s+)?[A-Z][^\W\d_]*(?:['\-][^\W\d_]+)*(?:\s+(?=[A-Z][a-z])[A-Z][^\W\d_]+)?"
    )


def _names_in(
    text: str, titled: re.Pattern[str], names: frozenset[str], safe: frozenset[str], after: frozenset[str], patterns: Iterable[str]
) -> Iterator[str]:
    spans: list[tuple[int, int]] = []

    def is_safe(end: int) -> bool:
        following = _NEXT.match(text, end)
        return following is not None and following.group(1).lower() in safe

    for found in titled.finditer(text):
        last = found.group().rsplit(None, 1)[-1].lower()
        if not is_safe(found.end()) and last not in safe:
            spans.append(found.span())
    for written in patterns:
        spans += [found.span() for found in pattern(written).finditer(text)]
    for found in _CAPITALISED.finditer(text):
        name = found.group().removesuffix("'s").removesuffix("'")
        if name not in names and name.partition("-")[0] not in names:
            continue
        before = re.search(r"([^\W\d_]+)\.?\s+$", text[max(0, found.start() - 12) : found.start()])
        if before is not None and before.group(1) in after:
            continue
        end = found.end()
        if is_safe(end):
            continue
        following = _NEXT.match(text, end)
        if found.group() == name and following is not None and following.group(1)[0].isupper():
            if is_safe(following.end()):
                continue
            end = following.end()
        spans.append((found.start(), end))
    last_end = -1
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= last_end:
            yield " ".join(text[start:end].split()).removesuffix("'s")
            last_end = end


def _let_through(scope: Scope) -> re.Pattern[str] | None:
    allow = set(scope.get("allow", ()))
    titles = rf"(?:(?:{'|'.join(map(re.escape, scope.get('titles')))})\.?\s+)?"
    names: list[str] = []
    for school in scope.note.schools:
        if "school_name" in allow:
            names.append(school.name)
        if "cluster_name" in allow and school.cluster:
            names.append(school.cluster)
        if "place_names" in allow:
            names += [place for place in school.places if place]
    if "service_names" in allow:
        names += scope.note.services
    parts: list[str] = []
    for name in names:
        words = plain(name).split()
        parts.append(r"\s+".join(map(re.escape, words)))
        if len(words) > 2 and words[1][:1].isupper():
            parts.append(r"\s+".join(map(re.escape, words[:2])))
    for person in scope.note.people:
        words = plain(person.partition(",")[0]).split()
        if len(words) > 1 and words[-1][:1].isupper():
            full, surname = r"\s+".join(map(re.escape, words)), re.escape(words[-1])
            parts += [f"{titles}{full}", titles.removesuffix("?") + surname]
    if not parts:
        return None
    return re.compile(rf"(?<![\w-])(?:{'|'.join(sorted(parts, key=len, reverse=True))})(?:'s)?(?![\w-])")


@kind(
    "small_group_phrase",
    needs=["counts", "nouns", "with_list"],
    takes=["within_words", "not_after", "lesson_subjects", "lesson_grades"],
    says=["match"],
)
def small_group_phrase(scope: Scope) -> Iterator[Hit]:
    """One or two pupils or teachers beside what tells who they are; or a lesson with its year, subject and grade.

    A count after a word of ``not_after`` is a margin ("to within two pupils").
    """
    margin = tuple(f"{word} " for word in scope.get("not_after", ()))
    counts, nouns = phrases(tuple(scope.get("counts"))), phrases(tuple(form for noun in scope.get("nouns") for form in _forms(noun)))
    with_ = phrases(scope.terms("with_list"))
    lesson = [phrases(("lesson", "lessons")), _YEAR_GROUP, phrases(scope.terms("lesson_subjects")), phrases(scope.terms("lesson_grades"))]
    for section in scope.sections:
        for sentence in section.prose.sentences:
            match = ""
            if with_.search(sentence):
                for one, other in near(sentence, counts, nouns, scope.whole("within_words", 4)):
                    between = sentence[one.end() : other.start()]
                    if (
                        one.start() < other.start()
                        and not re.search(r"[;:]", between)
                        and not sentence[: one.start()].lower().endswith(margin or "\0")
                    ):
                        match = sentence[one.start() : other.end()]
                        break
            if not match and scope.get("lesson_subjects") and all(part.search(sentence) for part in lesson):
                match = shortened(sentence, 80)
            if match:
                yield Hit(section, fingerprint(sentence), {"match": match}, sentence)


_YEAR_GROUP: Final = re.compile(r"\b(?:Year \d{1,2}|Reception|Year R)\b")


def _forms(noun: str) -> tuple[str, ...]:
    irregular = {"child": "children", "member of staff": "members of staff"}
    return noun, irregular.get(noun, f"{noun}s")


@kind("phrase_near", needs=["phrases", "near", "within_words"], takes=["alone"])
def phrase_near(scope: Scope) -> Iterator[Hit]:
    """A phrase close to another word, or one that stands for itself."""
    said, beside, alone = (phrases(tuple(scope.get(name, ()))) for name in ("phrases", "near", "alone"))
    for section in scope.sections:
        for sentence in section.prose.sentences:
            found = alone.search(sentence) or next((pair[0] for pair in near(sentence, said, beside, scope.whole("within_words"))), None)
            if found is None:
                found = next((one for one in said.finditer(sentence) if beside.search(one.group())), None)
            if found is not None:
                yield Hit(section, fingerprint(sentence), quote=sentence)


# ---------------------------------------------------------------- copied text, jargon


@kind("copied", needs=["from", "run_words"], takes=["shingle", "share"], says=["section", "date"], wants=["earlier"])
def copied(scope: Scope) -> Iterator[Hit]:
    """A long run of words that stands in an earlier note, or most of a section's short runs. Advice, never more.

    "previous_note_same_school" is read against the same school's last final note, "own_notes_other_schools" against the
    author's final notes of other schools.
    """
    for section in scope.sections:
        schools = {school.urn for school in scope.note.schools_of(section)}
        earlier = [
            text
            for text in scope.note.earlier
            if text.kind in scope.get("from") and (text.kind == "previous_note_same_school") == (text.school in schools)
        ]
        tokens = section.prose.tokens
        if not earlier or len(tokens) < min(scope.whole("run_words"), 12):
            continue
        hit = _copied_run(scope, section, tokens, earlier)
        if hit is None and scope.get("share"):
            for on in dict.fromkeys(text.on for text in earlier):
                texts = [text.source for text in earlier if text.on == on]
                if share_in_common(tokens, texts, scope.whole("shingle", 5)) >= float(scope.get("share")):
                    hit = Hit(section, says={"section": section.title, "date": _day(on)})
                    break
        if hit is not None:
            yield hit


def _copied_run(scope: Scope, section: SectionSnapshot, tokens: tuple[str, ...], earlier: list[EarlierText]) -> Hit | None:
    least = scope.whole("run_words")
    starts = windows(tokens, least, scope.note.earlier_joined)
    for text in earlier if starts else ():
        if run := common_run(tokens, text.source, least, starts):
            return Hit(section, says={"section": section.title, "date": _day(text.on)}, quote=" ".join(tokens[run[0] : run[1]]))
    return None


@kind("jargon", needs=["list"], takes=["match_case"], says=["term", "explanation"])
def jargon(scope: Scope) -> Iterator[Hit]:
    """A term of the jargon list that the section neither writes out nor explains in brackets."""
    terms = scope.rules.part.jargon
    finder = _jargon_finder(tuple(terms), bool(scope.get("match_case")))
    for section in scope.sections:
        prose = section.prose.plain
        done: set[str] = set()
        for found in finder.finditer(prose):
            term = next((term for term in terms if found.group(1) == term or found.group(1).lower() == term.lower()), found.group(1))
            if term in done:
                continue
            done.add(term)
            written_out = re.split(r"[:,(]", terms[term])[0].strip().lower()
            before, after = prose[: found.start()].rstrip(), prose[found.end() :].lstrip()
            if written_out in prose.lower() or before.endswith("(") or after.startswith("("):
                continue
            yield Hit(section, fingerprint(term), {"term": term, "explanation": terms[term]}, term)


@lru_cache(maxsize=16)
def _jargon_finder(terms: tuple[str, ...], match_case: bool) -> re.Pattern[str]:
    ordered = sorted(terms, key=len, reverse=True)
    return re.compile(rf"(?<!\w)({'|'.join(map(re.escape, ordered))})(?:s)?(?!\w)", 0 if match_case else re.IGNORECASE)
