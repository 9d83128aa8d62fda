"""``england-2008``: whole, exact where the two briefings are exact (P n, S n), and refused when something is taken from it."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from core.calendar import AcademicYear, BankHolidays, OfficeDays, SchoolDays, TermDates
from core.packs import NEEDED_SETTINGS, PackContent, PackInvalid, read_pack
from people.pack import PLAIN_LABELS, calendar_of, labels_of
from support.pack import support_of
from targets.pack import facts_of, measures_of, targets_of
from visits.choices import ActionStatus, GateReason, NoteState
from visits.pack import INPUTS, SEVERITIES, alerts_of, checks_of, cohesion_of, visits_of

FOLDER = settings.BASE_DIR / "packs" / "england-2008"
MAINSTREAM = {"nursery", "primary", "infant", "junior", "first", "middle", "secondary", "all-through"}


@pytest.fixture(scope="module")
def pack() -> PackContent:
    return read_pack(FOLDER)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER, tmp_path / "england-2008")
    return tmp_path / "england-2008"


def replaced(folder: Path, name: str, old: str, new: str) -> None:
    file = folder / f"{name}.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text, old
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_it_loads_without_a_problem_and_twice_the_same(pack: PackContent) -> None:
    assert pack.code == "england-2008"
    assert (pack.first_academic_year, pack.last_academic_year) == (2006, 2009)
    assert read_pack(FOLDER).digest == pack.digest
    assert PackContent.from_json(pack.to_json()) == pack


def test_every_file_is_a_part_and_every_part_a_file(pack: PackContent) -> None:
    assert {file.stem for file in FOLDER.glob("*.toml")} == {"pack", *pack.parts["pack"]["parts"]}


# ---------------------------------------------------------------- visit types (P4, P9)


def test_the_visit_types(pack: PackContent) -> None:
    visits = visits_of(pack)
    assert [found.code for found in visits.visit_types] == [
        "familiarisation",
        "autumn",
        "htpm",
        "spring",
        "summer",
        "additional-concern",
        "additional-nc",
        "additional-inspection",
    ]
    judges = {found.code: found.judges_actions for found in visits.visit_types}
    assert {code for code, rule in judges.items() if rule == "all"} == {"autumn", "spring", "summer"}
    assert {code for code, rule in judges.items() if rule == "none"} == {"htpm"}


def test_the_autumn_visit_has_the_five_purposes_of_p9(pack: PackContent) -> None:
    purposes = visits_of(pack).visit_type("autumn").purposes
    assert len(purposes) == 5
    for purpose, word in zip(
        purposes, ("actions agreed earlier", "self-evaluation", "2009 targets", "targets for 2010", "level of support"), strict=True
    ):
        assert word in purpose


def test_the_autumn_visit_has_p4s_seven_data_sets_and_raiseonline(pack: PackContent) -> None:
    visits = visits_of(pack)
    autumn = visits.visit_type("autumn")
    assert autumn.must_study == ("sip-summary", "fsp-mfs", "ks1-mfs", "ks2-mfs", "fft-pupil-y456", "fft-school-y456", "indicative-2010")
    assert autumn.may_look_at == ("raise-ks1", "raise-ks2", "raise-ks4")
    primary = [found.code for found in visits.datasets_for(autumn, "primary")]
    assert primary[:7] == list(autumn.must_study)
    assert "raise-ks4" not in primary
    secondary = [found.code for found in visits.datasets_for(autumn, "secondary")]
    assert secondary[:2] == ["sip-summary", "indicative-2010"]
    assert "ks4" in secondary
    assert "fsp-mfs" not in secondary


def test_the_days_of_a_visit_are_in_quarters(pack: PackContent) -> None:
    days = visits_of(pack).visit_type("autumn").days
    assert (days.preparation, days.in_school, days.writing, days.total) == (2, 4, 1, 7)


def test_the_heads_review_keeps_facts_and_no_content(pack: PackContent) -> None:
    visits = visits_of(pack)
    review = visits.visit_type("htpm")
    assert review.record == "facts"
    assert not review.has_note
    assert review.sections == ()
    assert review.datasets == ()
    assert not [section.code for section in visits.sections if section.code.startswith("pm_")]
    assert "objectives" not in visits.inputs
    assert set(visits.inputs) == set(INPUTS)
    assert not [dataset.code for dataset in visits.datasets if "hpm" in dataset.code]


# ---------------------------------------------------------------- sections


def codes_of(pack: PackContent, visit_type: str, phase: str) -> list[str]:
    return [use.section.code for use in visits_of(pack).visit_type(visit_type).sections_for(phase)]


def test_the_autumn_note_of_a_primary_school(pack: PackContent) -> None:
    assert codes_of(pack, "autumn", "primary") == [
        "datasets",
        "actions_review",
        "standards",
        "early_years",
        "groups",
        "lldd",
        "tracking",
        "self_evaluation",
        "progress_to_targets",
        "targets_next",
        "attendance",
        "leadership",
        "interventions",
        "cohesion",
        "category",
        "support",
        "differences",
        "actions_new",
        "summary",
    ]
    assert "early_years" not in codes_of(pack, "autumn", "secondary")


SPECIAL = {"curriculum_hours", "reintegration", "attendance_exclusions", "dual_registration", "qualifications", "partner_schools"}


@pytest.mark.parametrize("phase", ["special", "pru"])
def test_special_schools_and_prus_have_sections_of_their_own(pack: PackContent, phase: str) -> None:
    """S1; domain.md §2."""
    codes = set(codes_of(pack, "autumn", phase))
    assert codes >= SPECIAL
    assert "attendance" not in codes


@pytest.mark.parametrize("phase", sorted(MAINSTREAM))
def test_other_schools_have_none_of_them(pack: PackContent, phase: str) -> None:
    assert not SPECIAL & set(codes_of(pack, "autumn", phase))
    assert "attendance" in codes_of(pack, "autumn", phase)


@pytest.mark.parametrize("phase", sorted(MAINSTREAM | {"special", "pru"}))
def test_every_phase_has_a_required_section_and_checks_on_learning_difficulties_and_disabilities(pack: PackContent, phase: str) -> None:
    """S3: a sharp focus on provision for those with learning difficulties and disabilities."""
    use = visits_of(pack).visit_type("autumn").use("lldd")
    assert use.is_for(phase)
    assert use.is_required
    assert [area.code for area in use.areas] == ["lldd"]
    checks = checks_of(pack).in_force("autumn", phase)
    assert {"lldd-without-progress", "lldd-not-covered"} <= {check.code for check in checks}


def test_a_note_has_the_sections_that_the_briefings_ask_for(pack: PackContent) -> None:
    """P9, P16, P25, P27, P30: whatever the visit, its note looks back, looks ahead, and says where views differ."""
    for found in visits_of(pack).visit_types:
        if found.has_note:
            inputs = {name for use in found.sections for name in use.section.inputs}
            assert {"actions_review", "actions", "differences", "datasets", "text"} <= inputs, found.code


def test_judgements_are_rows_with_the_schedules_words(pack: PackContent) -> None:
    visits = visits_of(pack)
    assert visits.grades == {1: "Outstanding", 2: "Good", 3: "Satisfactory", 4: "Inadequate"}
    for area in visits.areas:
        assert all(area.words), area.code
        assert len({*area.words}) == 4, area.code
    assert visits.area("capacity").words_for(1) != visits.area("capacity").words_for(4)
    assert [area.code for area in visits.section("leadership").areas] == ["leadership", "capacity"]
    asked = {area.code for section in visits.sections for area in section.areas}
    assert asked == {area.code for area in visits.areas}
    assert {area.fact for area in visits.areas if area.fact} == {
        "note.capacity",
        "note.leadership",
        "note.lldd",
        "note.self_evaluation",
        "note.teaching",
        "note.tracking",
    }


def test_areas_compare_with_judgements_of_inspection(pack: PackContent) -> None:
    known = {j["code"] for framework in pack.parts["inspection"]["framework"] for j in framework.get("judgements", ())}
    for area in visits_of(pack).areas:
        assert not area.inspection or area.inspection in known, area.code


def test_a_groups_note_keeps_a_schools_own_sections_apart(pack: PackContent) -> None:
    """domain.md §4: figures, targets, actions and category are each school's own; the rest is shared."""
    own = {"targets", "actions", "actions_review", "category", "differences"}
    for section in visits_of(pack).sections:
        if own & set(section.inputs):
            assert section.is_per_school, section.code
    assert not visits_of(pack).section("summary").is_per_school


def test_how_actions_are_judged_and_who_was_met(pack: PackContent) -> None:
    visits = visits_of(pack)
    assert {found.code for found in visits.action_judgements} == set(ActionStatus.values) - {ActionStatus.NOT_DISCUSSED}
    assert [found.code for found in visits.action_judgements if found.is_closed] == ["met", "dropped"]
    assert "head" in {option.code for option in visits.met_for("primary")}
    pru = {option.code for option in visits.met_for("pru")}
    assert {"teacher_in_charge", "committee_chair"} <= pru
    assert not {"head", "chair"} & pru


def test_every_state_of_a_note_says_who_reads_it(pack: PackContent) -> None:
    visits = visits_of(pack)
    for state in NoteState.values:
        assert (visits.reading(state) is None) == (state == NoteState.ABANDONED)
    final = visits.reading("final")
    assert final is not None
    assert {"chair", "clerk"} <= set(final.readers)
    assert [(found.code, found.to) for found in visits.dispatches] == [
        ("accuracy", ("head",)),
        ("final", ("head", "chair", "clerk", "authority")),
    ]


# ---------------------------------------------------------------- checks


def test_at_most_three_checks_block(pack: PackContent) -> None:
    blocking = {check.code for check in checks_of(pack).checks if check.severity == "blocks"}
    assert blocking == {"section-missing", "action-not-followed-up", "action-incomplete"}


def test_checks_cover_what_the_design_lists(pack: PackContent) -> None:
    """domain.md §4, Checks."""
    assert {
        "judgement-without-evidence",
        "intervention-without-impact",
        "intervention-without-value",
        "support-and-challenge-unbalanced",
        "target-below-estimate-no-rationale",
        "category-without-criteria",
        "dataset-without-version",
        "difference-undeclared",
        "capacity-not-judged",
        "cohesion-dimensions",
        "lldd-not-covered",
        "sef-section-3",
        "likely-personal-name",
        "activity-without-impact",
    } <= {check.code for check in checks_of(pack).checks}


def test_length_jargon_and_copied_text_are_advice_and_off_until_tuned(pack: PackContent) -> None:
    checks = checks_of(pack)
    off = {check.code for check in checks.checks if not check.is_on}
    assert off == {"too-long", "jargon-unexplained", "copied-from-last-note", "copied-from-another-school"}
    assert {checks.check(code).severity for code in off} == {"advises"}
    switched = checks.in_force("autumn", "primary", on=["too-long"], off=["no-actions"])
    assert "too-long" in {check.code for check in switched}
    assert "no-actions" not in {check.code for check in switched}
    assert [check.severity for check in switched] == sorted((check.severity for check in switched), key=SEVERITIES.index)


def test_checks_on_special_schools_are_theirs_alone(pack: PackContent) -> None:
    checks = checks_of(pack)
    own = {"hours-not-given", "return-without-staying", "dual-register-unclear", "small-steps-not-attached"}
    assert own <= {check.code for check in checks.in_force("autumn", "pru")}
    assert not own & {check.code for check in checks.in_force("autumn", "secondary")}
    assert "targets-missing" not in {check.code for check in checks.in_force("autumn", "pru")}


def test_shadowings_areas_for_development_point_at_checks(pack: PackContent) -> None:
    """P30."""
    codes = {check.code for check in checks_of(pack).checks}
    for entry in pack.parts["quality"]["development"]:
        assert entry.get("check", "no-actions") in codes


# ---------------------------------------------------------------- cohesion (P26, P27), alert (P16)


def test_cohesion_has_p26s_four_statements_and_p27s_four_dimensions(pack: PackContent) -> None:
    cohesion = cohesion_of(pack)
    assert len(cohesion.aims) == 4
    assert [dimension.code for dimension in cohesion.dimensions] == ["school", "local", "national", "global"]
    assert sorted(cohesion.descriptors) == [1, 2, 3, 4]
    assert "cohesion" in visits_of(pack).section("cohesion").inputs


def test_the_alert_asks_how_urgent_and_whether_the_head_knows(pack: PackContent) -> None:
    alerts = alerts_of(pack)
    assert [choice.code for choice in alerts.urgencies] == ["today", "this_week", "next_panel"]
    assert {choice.code for choice in alerts.head_told} == {"yes", "will", "no"}
    assert "child" in alerts.not_for
    assert "disclosed" in alerts.disclosable


# ---------------------------------------------------------------- measures and targets (P5 to P8, P11)


def test_floors_have_their_years(pack: PackContent) -> None:
    measures = measures_of(pack)
    for code in ("ks2.l4_en", "ks2.l4_ma"):
        assert {floor.summer: floor.value for floor in measures.measure(code).floors} == {2007: 65, 2008: 65}
    both = measures.measure("ks2.l4_en_ma")
    assert {floor.summer: floor.value for floor in both.floors} == {2008: 55, 2009: 55, 2010: 55}
    floor = measures.measure("ks4.ac5_en_ma").floor(2008)
    assert floor is not None
    assert floor.value == 30
    assert set(measures.floors_do_not_apply_to) == {"special", "pru"}


def test_the_foundation_stage_has_thirteen_aspects(pack: PackContent) -> None:
    """P5."""
    codes = [measure.code for measure in measures_of(pack).measures]
    assert len([code for code in codes if code.startswith("fsp.") and code.endswith("6")]) == 13
    assert {"fsp.gld", "fsp.gap20"} <= set(codes)


def test_measures_of_p6_p8_and_p11_are_there(pack: PackContent) -> None:
    codes = {measure.code for measure in measures_of(pack).measures}
    assert {f"ks1.{level}_{subject}" for level in ("l2", "l2b", "l3") for subject in ("re", "wr", "ma", "sc")} <= codes
    assert {f"ks2.{level}_{subject}" for level in ("l4", "l5") for subject in ("en", "ma", "sc")} <= codes
    assert {"ks2.l4_en_ma", "ks2.prog2_en", "ks2.prog2_ma", "ks2.cva", "ks2.cva_3y", "ks4.ac5", "ks4.ac5_en_ma", "ks4.prog3_en"} <= codes
    assert {"ks4.prog3_ma", "ks4.cva", "absence.total", "absence.persistent"} <= codes
    assert measures_of(pack).measure("ks2.cva").unit == "points"
    assert measures_of(pack).measure("absence.total").unit == "%"
    assert measures_of(pack).measure("absence.total").national[-1].value == Decimal("6.29")


@pytest.mark.parametrize("phase", ["special", "pru"])
def test_value_added_does_not_apply_to_special_schools_and_prus(pack: PackContent, phase: str) -> None:
    assert not [measure.code for measure in measures_of(pack).for_phase(phase) if ".cva" in measure.code]
    programme = next(p for p in pack.parts["programmes"]["programme"] if p["code"] == "national-challenge")
    assert phase not in programme["phases"]


def test_a_school_has_the_measures_that_its_pupils_are_old_enough_for(pack: PackContent) -> None:
    stages = {
        phase: {m.key_stage for m in measures_of(pack).for_phase(phase)} - {"all"} for phase in ("nursery", "infant", "junior", "middle")
    }
    assert stages == {"nursery": {"FS"}, "infant": {"FS", "KS1"}, "junior": {"KS2"}, "middle": {"KS2", "KS3"}}


def test_statutory_targets_for_2010(pack: PackContent) -> None:
    """P11."""
    targets = targets_of(pack)
    assert targets.set("ks2-2010-statutory").measures == ("ks2.l4_en_ma", "ks2.prog2_en", "ks2.prog2_ma")
    assert targets.set("absence-2010-statutory").measures == ("absence.total",)
    assert targets.set("ks4-2010-statutory").measures == ("ks4.ac5_en_ma",)
    assert targets.set("ks2-2010-non-statutory").measures == ("ks2.l4_en", "ks2.l4_ma", "ks2.l4_sc")
    assert targets.set("ks1-2009-non-statutory").measures == ("ks1.l2_re", "ks1.l2_wr", "ks1.l2_ma", "ks1.l2_sc")
    for found in targets.sets:
        assert not found.is_statutory or found.deadline_on in {dt.date(2007, 12, 31), dt.date(2008, 12, 31)}
    assert [signature.role for signature in targets.signatures] == ["headteacher", "chair", "sip"]


def test_the_sets_of_a_school_and_the_withdrawn_one(pack: PackContent) -> None:
    targets = targets_of(pack)
    assert [found.code for found in targets.sets_for("primary", 2008)] == [
        "ks2-2010-statutory",
        "absence-2010-statutory",
        "ks2-2010-non-statutory",
        "ks1-2009-non-statutory",
        "ks1-2009-stretch",
    ]
    before = {found.code for found in targets.sets_for("secondary", 2008, on=dt.date(2008, 10, 13))}
    after = {found.code for found in targets.sets_for("secondary", 2008, on=dt.date(2008, 10, 14))}
    assert before - after == {"ks3-2010-withdrawn"}
    assert targets.set("ks3-2010-withdrawn").withdrawn_on == dt.date(2008, 10, 14)
    for code, phase, count in (("special-2010", "special", 3), ("pru-2010", "pru", 0)):  # the performance scales (S1)
        found = targets.set(code)
        assert found.phases == (phase,) and len(found.measures) == count
        assert found.is_zero_rated and found.needs_attachment


def test_facts_of_notes_are_called_so(pack: PackContent) -> None:
    facts, measures = facts_of(pack), measures_of(pack)
    assert not [code for code in facts.school if code.startswith("quality.")]
    for code in (
        "note.capacity",
        "ks2.l4_en_ma.change_3y",
        "ks2.l4_en.gap.girls_boys",
        "ks2.l4_en.girls",
        "absence.total.similar",
        "target.value",
    ):
        assert facts.knows(code, measures), code
    for code in ("quality.capacity_judgement", "ks2.l4_en_ma.change_9y", "ks2.l4_en.martians", "ks9.all"):
        assert not facts.knows(code, measures), code


# ---------------------------------------------------------------- support (P13, P14, P15, P24; S6)


def test_both_schemes_have_four_levels(pack: PackContent) -> None:
    support = support_of(pack)
    assert [(scheme.code, scheme.status) for scheme in support.schemes] == [("current", "published"), ("draft-july-2008", "draft")]
    for scheme in support.schemes:
        assert [level.label for level in scheme.levels] == ["Intensive", "Additional support", "Standard", "Light touch"]
    assert [level.rank for level in support.categories_on(dt.date(2008, 10, 14))] == [1, 2, 3, 4]
    assert support.scheme_on(dt.date(2008, 10, 14)).code == "current"
    assert support.scheme("current").level("standard").days == 20


def test_concern_classes_priorities_and_core_elements(pack: PackContent) -> None:
    support = support_of(pack)
    assert [found.code for found in support.concern_classes] == [
        "low-attaining",
        "underperforming",
        "low-attaining-underperforming",
        "inadequate",
        "other-vulnerable",
    ]
    assert [priority.order for priority in support.priorities] == [1, 2, 3, 4, 5, 6]
    assert [priority.code for priority in support.priorities] == [
        "not-inspected",
        "early-inspection",
        "satisfactory-capacity",
        "was-in-category",
        "low-or-declining",
        "below-floor-and",
    ]
    assert len([m for m in support.milestones if m.group == "core"]) == 6
    assert len([m for m in support.milestones if m.group == "tracking"]) == 6
    assert len(support.duties) == 7


def test_exit_criteria_are_agreed_when_a_concern_opens(pack: PackContent) -> None:
    concern = support_of(pack).concern
    assert any("exit criteria" in need for need in concern["opened_needs"])
    assert concern["review"] == "termly"


# ---------------------------------------------------------------- the parts that no app reads yet


def test_themes_counts_and_frameworks_of_inspection(pack: PackContent) -> None:
    """P22, P23."""
    themes = pack.parts["inspection"]["theme"]
    assert [theme["kent_2008"] for theme in themes if theme["code"] != "other"] == [136, 126, 98, 87, 67, 64, 64, 55, 55, 51]
    areas = {area["code"] for area in pack.parts["areas-of-need"]["area"]}
    assert {theme["area"] for theme in themes if "area" in theme} <= areas
    codes = {theme["code"] for theme in themes}
    assert {theme for area in pack.parts["areas-of-need"]["area"] for theme in area["themes"]} <= codes


def test_shadowing_has_p29s_strengths_and_p30s_areas(pack: PackContent) -> None:
    quality = pack.parts["quality"]
    assert len([s for s in quality["strength"] if s["origin"] == "P29"]) == 5
    assert len([d for d in quality["development"] if d["origin"] == "P30"]) == 3
    assert quality["settings"]["shadow_observer"] == {"adviser": "line manager", "others": "assigned person"}


def test_gate_and_moderation_are_two_things_with_one_form(pack: PackContent) -> None:
    quality = pack.parts["quality"]
    assert quality["gate"]["form"] == quality["moderation"]["form"] == "criterion"
    assert {reason["code"] for reason in quality["gate_reason"]} == set(GateReason.values)
    assert "criterion" in quality


def test_questions_for_special_schools_prus_and_every_phase(pack: PackContent) -> None:
    questions = pack.parts["questions"]["question"]
    groups = {*pack.parts["measures"]["phase_groups"], "any"}
    assert all(set(question["phase_groups"]) <= groups for question in questions)
    assert len([q for q in questions if q["theme"] == "learning difficulties and disabilities" and q["phase_groups"] == ["any"]]) >= 3
    assert len([q for q in questions if set(q["phase_groups"]) <= {"special", "pru"}]) >= 8


def test_finance_and_programmes(pack: PackContent) -> None:
    """S6, S8 to S10."""
    finance = pack.parts["finance"]
    assert {threshold["percent_of_income"] for threshold in finance["threshold"]} == {5.0, 8.0}
    assert (finance["settings"]["large_balance_pounds"], finance["settings"]["minimum_excess_pounds"]) == (200_000, 10_000)
    challenge = pack.parts["programmes"]["programme"][0]
    assert (challenge["days"], challenge["allocated_on"], challenge["entry"]["value"]) == ({"least": 5, "most": 20}, "2008-11-01", 30.0)


def test_briefings_of_s16_and_workshops_of_s14(pack: PackContent) -> None:
    briefings = pack.parts["briefings"]
    assert [briefing["date"] for briefing in briefings["briefing"]] == ["2008-09-22", "2009-01-12", "2009-05-11", "2009-07-06"]
    assert len(briefings["workshop"]) == 15


def test_every_source_is_kept(pack: PackContent) -> None:
    for check in checks_of(pack).checks:
        assert check.source
    for setting in pack.settings:
        assert setting.source
        assert setting.meaning
    for found in visits_of(pack).visit_types:
        assert found.source
    for question in pack.parts["questions"]["question"]:
        assert question["source"]


# ---------------------------------------------------------------- settings, labels, calendar


def test_the_defaults_of_the_design(pack: PackContent) -> None:
    """domain.md §4, §6, §7."""
    expected = {
        "draft_office_days": 5,
        "review_office_days": 3,
        "review_concern_office_days": 1,
        "school_window_school_days": 5,
        "final_office_days": 5,
        "correction_office_days": 10,
        "gate_lot_one_in": 10,
        "chair_reads_draft": False,
        "officers_read_concern_draft": True,
        "alert_hours": 4,
        "finish_notes_office_days": 15,
        "read_own_notes_days": 90,
        "earlier_notes_years": 3,
        "interest_worked_there_years": 3,
        "years_with_school_warning": 4,
        "representation_school_days": 10,
        "concern_monitored_terms": 2,
        "small_cohort": 11,
        "static_roll_percent": Decimal(1),
        "priority_recent_days": 730,
        "feedback_schools": 4,
        "feedback_comment_schools": 8,
        "moderation_per_sip_per_term": 1,
        "shadow_all_by": dt.date(2009, 4, 3),
        "abandoned_restore_days": 30,
        "request_statutory_days": 20,
    }
    assert {name: pack.setting(name) for name in expected} == expected
    assert pack.setting_int("draft_office_days", {"draft_office_days": 3}) == 3
    assert len(NEEDED_SETTINGS) >= 20


def test_the_words_of_the_design_and_of_a_pru(pack: PackContent) -> None:
    labels = labels_of(pack)
    assert labels.get("note", "Article") == "A Note of Visit"
    assert labels.get("sip", "short_plural") == "SIPs"
    assert labels.get("concern", "plural") == "schools causing concern"
    pru = labels_of(pack, "pru")
    assert pru.get("head") == "teacher in charge"
    assert pru.get("chair") == "chair of the management committee"
    assert pru.get("note") == labels.get("note")
    assert set(PLAIN_LABELS.codes()) <= set(labels.codes())
    assert labels_of(None).get("note", "plural") == "notes of visit"


def test_three_clocks_and_their_deadlines(pack: PackContent) -> None:
    calendar = calendar_of(pack)
    assert [(clock.code, clock.label) for clock in calendar.clocks] == [
        ("office", "office days"),
        ("school", "school days"),
        ("statutory", "working days"),
    ]
    assert {deadline.code: deadline.clock for deadline in calendar.deadlines} == {
        "draft": "office",
        "review": "office",
        "school": "school",
        "final": "office",
        "correction": "office",
        "request": "statutory",
    }
    assert calendar.deadline("review").setting_on_concern == "review_concern_office_days"


def test_terms_of_195_days_and_bank_holidays(pack: PackContent) -> None:
    calendar = calendar_of(pack)
    holidays = BankHolidays.from_rows(calendar.bank_holiday_rows())
    terms = TermDates.from_rows(calendar.term_rows())
    school = SchoolDays(terms, holidays)
    for first in (2007, 2008, 2009):
        year = AcademicYear(first)
        assert sum(school.is_day(year.starts_on + dt.timedelta(days=n)) for n in range(365)) == 195, year
    assert not OfficeDays(holidays).is_day(dt.date(2008, 12, 25))


# ---------------------------------------------------------------- taken apart

BROKEN: list[tuple[str, Callable[[Path], None], str, str]] = [
    (
        "section",
        lambda f: replaced(f, "visits", '{ use = "context"', '{ use = "contexts"'),
        "visits.toml, visit_type 'familiarisation', sections 'contexts', 'use'",
        "no such section",
    ),
    (
        "section unused",
        lambda f: replaced(f, "visits", '  { use = "context", required = true },\n', ""),
        "visits.toml, section 'context'",
        "in no visit type",
    ),
    (
        "data set",
        lambda f: replaced(f, "visits", 'datasets = ["sip-summary", "sef"', 'datasets = ["sip-sumary", "sef"'),
        "visits.toml, visit_type 'familiarisation', 'datasets'",
        "'sip-sumary'",
    ),
    (
        "must study",
        lambda f: replaced(f, "visits", 'must_study = ["sip-summary"', 'must_study = ["budget"'),
        "visits.toml, visit_type 'autumn', 'must_study'",
        "'budget'",
    ),
    (
        "area",
        lambda f: replaced(f, "visits", 'areas = ["tracking"]', 'areas = ["traking"]'),
        "visits.toml, section 'tracking', 'areas'",
        "'traking'",
    ),
    (
        "judgement without area",
        lambda f: replaced(f, "visits", 'areas = ["tracking"]\n', ""),
        "visits.toml, section 'tracking', 'inputs'",
        "names what is judged",
    ),
    (
        "input",
        lambda f: replaced(f, "visits", 'inputs = ["datasets"]', 'inputs = ["data"]'),
        "visits.toml, section 'datasets', 'inputs'",
        "'data'",
    ),
    (
        "facts with sections",
        lambda f: replaced(
            f,
            "visits",
            'judges_actions = "none"\nsections = []',
            'judges_actions = "none"\nsections = [{ use = "context", required = true }]',
        ),
        "visits.toml, visit_type 'htpm', 'sections'",
        "keeps facts only",
    ),
    (
        "days",
        lambda f: replaced(f, "visits", "preparation = 0.5", "preparation = 0.4"),
        "visits.toml, visit_type 'autumn', 'days', 'preparation'",
        "in quarters",
    ),
    (
        "words",
        lambda f: replaced(f, "visits", "words = { guide = 150, most = 300 }", "words = { guide = 400, most = 300 }"),
        "visits.toml, 'half_page', 'words', 'most'",
        "fewer than the guide",
    ),
    (
        "phase",
        lambda f: replaced(f, "visits", 'phases = ["pru"]', 'phases = ["prus"]'),
        "visits.toml, met 'teacher_in_charge', 'phases'",
        "phase 'prus'",
    ),
    (
        "fact of an area",
        lambda f: replaced(f, "visits", 'fact = "note.tracking"', 'fact = "quality.tracking"'),
        "visits.toml, area 'tracking', 'fact'",
        "'quality.tracking'",
    ),
    (
        "grade words",
        lambda f: replaced(f, "visits", '[[grade]]\ngrade = 4\nlabel = "Inadequate"\n', ""),
        "visits.toml, 'grade'",
        "Give all four",
    ),
    ("fourth block", lambda f: replaced(f, "checks", 'severity = "warns"', 'severity = "blocks"'), "checks.toml, 'check'", "At most 3 may"),
    (
        "check on no section",
        lambda f: replaced(f, "checks", 'sections = ["datasets"]', 'sections = ["data"]'),
        "checks.toml, check 'dataset-without-version', 'sections'",
        "section 'data'",
    ),
    (
        "check on no visit type",
        lambda f: replaced(f, "checks", 'visit_types = ["autumn"]', 'visit_types = ["winter"]'),
        "checks.toml, check 'dataset-expected-missing', 'visit_types'",
        "'winter'",
    ),
    (
        "word list",
        lambda f: replaced(f, "checks", 'any_list = "impact"', 'any_list = "effect"'),
        "checks.toml, check 'action-closed-without-impact', 'test'",
        "word list 'effect'",
    ),
    (
        "dimension",
        lambda f: replaced(f, "checks", "{ school = ", "{ scool = "),
        "checks.toml, check 'cohesion-dimensions', 'test'",
        "dimension 'scool'",
    ),
    (
        "measure of a set",
        lambda f: replaced(f, "targets", 'measures = ["absence.total"]\nsource', 'measures = ["absence.all"]\nsource'),
        "targets.toml, set 'absence-2010-statutory', 'measures'",
        "'absence.all'",
    ),
    (
        "deadline outside its year",
        lambda f: replaced(f, "targets", "deadline = 2007-12-31", "deadline = 2008-12-31"),
        "targets.toml, set 'ks2-2009-statutory', 'deadline'",
        "outside the academic year",
    ),
    (
        "phase of a measure",
        lambda f: replaced(f, "measures", 'phases = ["nursery", "primary"', 'phases = ["crèche", "primary"'),
        "measures.toml, measure 'fsp.da6', 'phases'",
        "phase 'crèche'",
    ),
    (
        "data set of a measure",
        lambda f: replaced(f, "measures", 'dataset = "fsp"', 'dataset = "profile"'),
        "measures.toml, measure 'fsp.da6', 'dataset'",
        "'profile'",
    ),
    (
        "two floors",
        lambda f: replaced(f, "measures", "  { summer = 2009, value = 55", "  { summer = 2008, value = 55"),
        "measures.toml, measure 'ks2.l4_en_ma', 'floor'",
        "two floors",
    ),
    (
        "rule on no fact",
        lambda f: replaced(f, "support", 'fact = "note.leadership"', 'fact = "note.leader"'),
        "support.toml, scheme 'current', rule 'leadership-weak'",
        "'note.leader'",
    ),
    (
        "rule of no scheme",
        lambda f: replaced(f, "support", '{ rule = "warned" }', '{ rule = "warmed" }'),
        "support.toml, scheme 'current', level 'intensive'",
        "rule 'warmed'",
    ),
    (
        "comparison",
        lambda f: replaced(f, "support", 'fact = "inspection.overall", op = "=="', 'fact = "inspection.overall", op = "="'),
        "support.toml, scheme 'current', rule 'satisfactory'",
        "compares with '='",
    ),
    (
        "setting in a rule",
        lambda f: replaced(f, "finance", 'setting = "static_roll_percent"', 'setting = "roll_percent"'),
        "finance.toml, flag 'falling-roll'",
        "setting 'roll_percent'",
    ),
    (
        "more than there are",
        lambda f: replaced(f, "support", "at_least = 2, of", "at_least = 9, of"),
        "support.toml, scheme 'draft-july-2008', level 'intensive'",
        "cannot give as many",
    ),
    (
        "no published scheme",
        lambda f: replaced(f, "support", 'status = "published"', 'status = "draft"'),
        "support.toml, 'scheme'",
        "no published scheme",
    ),
    (
        "terms out of order",
        lambda f: replaced(f, "calendar", "starts = 2008-11-03", "starts = 2008-10-20"),
        "calendar.toml, term autumn 2008, half 2",
        "before the half-term before it has ended",
    ),
    (
        "bank holiday in another year",
        lambda f: replaced(f, "calendar", "date = 2007-12-25", "date = 2009-12-25"),
        "calendar.toml, bank_holiday 2009-12-25, 'academic_year'",
        "lies in 2009",
    ),
    (
        "year without terms",
        lambda f: replaced(f, "pack", "last_academic_year = 2009", "last_academic_year = 2010"),
        "calendar.toml, term",
        "academic year 2010",
    ),
    (
        "setting of a deadline",
        lambda f: replaced(f, "calendar", 'setting = "final_office_days"', 'setting = "final_days"'),
        "calendar.toml, deadline 'final'",
        "setting 'final_days'",
    ),
    (
        "needed setting",
        lambda f: replaced(f, "settings", 'name = "abort_days"', 'name = "abort"'),
        "settings.toml, setting 'abort_days'",
        "the portal reads it",
    ),
    (
        "needed setting of another kind",
        lambda f: replaced(
            f,
            "settings",
            'name = "chair_reads_draft"\nkind = "yes_no"\nvalue = false',
            'name = "chair_reads_draft"\nkind = "whole"\nvalue = 0',
        ),
        "settings.toml, setting 'chair_reads_draft'",
        "Correct 'kind'",
    ),
    (
        "unknown key",
        lambda f: replaced(f, "visits", 'why = "One page', 'because = "x"\nwhy = "One page'),
        "visits.toml, dataset 'sip-summary', 'because'",
        "not a key known here",
    ),
    (
        "cohesion grade",
        lambda f: replaced(f, "cohesion", "[[descriptor]]\ngrade = 4", "[[descriptor]]\ngrade = 3"),
        "cohesion.toml, descriptor",
        "Give all four",
    ),
]


@pytest.mark.parametrize(("broken", "place", "message"), [entry[1:] for entry in BROKEN], ids=[entry[0] for entry in BROKEN])
def test_a_mistake_in_it_is_refused_by_file_and_entry(copy: Path, broken: Callable[[Path], None], place: str, message: str) -> None:
    broken(copy)
    with pytest.raises(PackInvalid) as refusal:
        read_pack(copy)
    found = [str(problem) for problem in refusal.value.problems]
    assert any(line.startswith(f"{place}: ") and message in line for line in found), found
