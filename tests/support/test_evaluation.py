"""One evaluation for all schools, held against a second implementation that was written from the pack's text alone."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from core.facts import Answer, FactTable, FactValue, Standing, does_not_apply, figure, suppressed, unknown
from core.rules import ORDER, Truth
from people.models import Authority, Pack
from people.packs import AuthorityPack
from schools.models import School
from support.evaluation import Evaluation, Way, compile_scheme
from support.pack import support_of
from support.wording import in_a_line, reasons, why_person
from targets.wording import FactWords
from tests.factories.visits import england_2008
from tests.support import plain

TODAY = dt.date(2008, 10, 14)
PHASES = ("primary", "primary", "junior", "infant", "secondary", "special", "pru", "nursery", "all-through")
TAUGHT = {"primary": ("ks2",), "junior": ("ks2",), "secondary": ("ks4",), "all-through": ("ks2", "ks4")}
CODES = ("current", "draft-july-2008")


def a_pack() -> AuthorityPack:
    pack = AuthorityPack(Authority(code="999", name="Wealdshire"), Pack(code="england-2008", version=1))
    pack.__dict__["content"] = england_2008()
    return pack


PACK = a_pack()
WORDS = FactWords(PACK.content)


def compiled(code: str) -> Any:
    return compile_scheme(support_of(PACK.content).scheme(code), PACK)


def drawn(random: random.Random, code: str) -> Any:
    """A value of the kind that the fact has, close to where rules part."""
    suffix = code.rpartition(".")[2]
    if code in ("inspection.category",):
        return random.choice(["none", "none", "none", "special-measures", "notice-to-improve"])
    if code == "leadership.head_status":
        return random.choice(["substantive"] * 7 + ["vacant"])
    if code.startswith(("concern.", "finance.deficit_now")):
        return random.random() < 0.06
    if code.startswith(("inspection.", "note.")):
        return Decimal(random.choice([1, 2, 2, 2, 2, 3, 3, 4]))
    if suffix == "floor":
        return Decimal(30 if code.startswith("ks4") else 55)
    if code in ("leadership.head_days",):
        return Decimal(random.randint(300, 4000))
    if suffix in ("falls_running", "heads_3y", "senior_vacancies", "overdue", "deficit_first_year"):
        return Decimal(random.choice([0, 0, 0, 1, 1, 2, 3]))
    if suffix == "upper":
        return Decimal(random.randint(985, 1015)) / (1 if code.startswith("ks4") else 10)
    if suffix in ("change_3y", "nonfsm_fsm"):
        return Decimal(random.randint(-6, 33))
    if code.startswith(("absence", "roll", "finance")):
        return Decimal(random.randint(-110, 90)) / 10
    return Decimal(random.randint(45, 98))


def varied(seed: int, number: int, asked: set[str], *, missing: float) -> tuple[list[School], dict[int, dict[str, tuple[Any, ...]]]]:
    """Schools of every phase with facts of every standing; what a school does not teach does not apply to it."""
    source = random.Random(seed)
    schools = [School(pk=place + 1, urn=900000 + place, name=f"School {place}", phase=source.choice(PHASES)) for place in range(number)]
    held: dict[int, dict[str, tuple[Any, ...]]] = {}
    for school in schools:
        facts = held[school.pk] = {}
        for code in sorted(asked):
            stage = code.partition(".")[0]
            if stage in ("ks2", "ks4") and stage not in TAUGHT.get(school.phase, ()):
                facts[code] = ("n/a",)
            elif source.random() < missing:
                facts[code] = (source.choice(["unknown", "suppressed", "unknown"]),)
            else:
                facts[code] = ("figure", drawn(source, code))
    return schools, held


def value(said: tuple[Any, ...]) -> FactValue:
    match said:
        case ("figure", found):
            return figure(found, source="a file", on=TODAY)
        case ("n/a",):
            return does_not_apply("not taught here")
        case ("suppressed",):
            return suppressed("fewer than six pupils")
        case _:
            return unknown("not published yet")


def table(held: Mapping[int, Mapping[str, tuple[Any, ...]]], codes: set[str]) -> FactTable:
    return FactTable({code: Answer({pk: value(facts[code]) for pk, facts in held.items()}) for code in codes}, lambda: list(held))


def phases_of(schools: list[School]) -> list[str]:
    return [school.phase for school in schools]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("missing", [0.0, 0.08, 0.6])
def test_both_implementations_agree_for_every_school(code: str, missing: float) -> None:
    scheme = compiled(code)
    schools, held = varied(2008 + int(missing * 100), 160, set(scheme.codes), missing=missing)
    evaluation = Evaluation(scheme, table(held, set(scheme.codes)), phases_of(schools))
    written = plain.scheme_called(code)
    seen: Counter[str] = Counter()
    for school in schools:
        category, fired = plain.judge(written, held[school.pk], school.phase)
        told = evaluation.explain(school.pk)
        assert told.verdict.key == category, (school.pk, school.phase)
        assert {found.rule.code for found in told.fired} == (set() if category == "outside" else fired), school.pk
        seen[category] += 1
    assert evaluation.counts == seen
    assert len(seen) >= 4 if missing < 0.5 else seen["person"] > 60, seen


@pytest.mark.parametrize("code", CODES)
def test_the_quick_answer_for_all_is_the_slow_answer_for_each(code: str) -> None:
    scheme = compiled(code)
    schools, held = varied(7, 200, set(scheme.codes), missing=0.1)
    evaluation = Evaluation(scheme, table(held, set(scheme.codes)), phases_of(schools))
    for name, rule in scheme.rules.items():
        column = rule.column(evaluation.table)
        truths = [rule.truth(evaluation.table.of(school.pk)) for school in schools]
        assert [ORDER[byte] for byte in column] == truths, name
        assert evaluation.fired_at(name) == {s.pk for s, t in zip(schools, truths, strict=True) if t is Truth.TRUE}


def one(code: str, phase: str, facts: Mapping[str, Any]) -> Any:
    """The explanation for one school of that phase: these figures; what it does not teach does not apply; the rest unknown."""
    scheme = compiled(code)
    held: dict[str, tuple[Any, ...]] = {}
    for asked in scheme.codes:
        stage = asked.partition(".")[0]
        if asked in facts:
            held[asked] = ("figure", facts[asked])
        elif stage in ("ks2", "ks4"):
            held[asked] = ("unknown",) if stage in TAUGHT.get(phase, ()) else ("n/a",)
        else:
            held[asked] = ("unknown",)
    return Evaluation(scheme, table({1: held}, set(scheme.codes)), [phase]).explain(1)


SOUND = {
    "inspection.category": "none",
    "inspection.overall": Decimal(2),
    "inspection.capacity": Decimal(2),
    "inspection.leadership": Decimal(2),
    "note.leadership": Decimal(2),
    "note.capacity": Decimal(2),
    "note.self_evaluation": Decimal(2),
    "concern.warning_notice": False,
    "concern.open": False,
    "leadership.head_status": "substantive",
    "leadership.head_days": Decimal(900),
    "leadership.heads_3y": Decimal(1),
    "leadership.senior_vacancies": Decimal(0),
    "finance.deficit_now": False,
    "finance.deficit_first_year": Decimal(0),
    "finance.reserve_pct": Decimal(3),
    "absence.total": Decimal(5),
    "absence.total.similar": Decimal(5),
    "absence.persistent": Decimal(2),
    "absence.persistent.similar": Decimal(2),
    "roll.change_3y": Decimal(0),
    "actions.overdue": Decimal(0),
}


@pytest.mark.parametrize("phase", ["infant", "pru", "special"])
@pytest.mark.parametrize("code", CODES)
def test_a_school_without_key_stages_gets_a_category_for_reasons_and_no_flag_for_what_it_cannot_have(code: str, phase: str) -> None:
    told = one(code, phase, SOUND)
    assert told.verdict.way == Way.SUGGESTED
    named = {compared.leaf.fact for fired in told.fired for compared in fired.finding.because}
    assert not {fact for fact in named if fact.startswith(("ks2", "ks4"))}
    assert any(fact.startswith(("ks2", "ks4")) for fact in told.left_out)
    assert all(value.standing is Standing.DOES_NOT_APPLY for value in told.left_out.values())
    assert in_a_line(WORDS, told)

    sunk = one(code, phase, {**SOUND, "inspection.category": "special-measures"})
    assert sunk.verdict.key == "intensive"
    assert next(reason.rule for reason in reasons(WORDS, sunk)) == "In an Ofsted category"
    assert "special-measures" in reasons(WORDS, sunk)[0].source


def test_a_person_decides_where_a_heavier_level_is_unknown_and_the_facts_are_named() -> None:
    facts = {**SOUND}
    del facts["inspection.category"]
    told = one("current", "infant", facts)
    assert told.verdict.way == Way.PERSON
    assert [level.code for level in told.heavier] == ["intensive"]
    assert "inspection.category" in told.missing
    said = why_person(WORDS, told, 3)
    assert said.startswith("Whether it is Intensive cannot be told") and WORDS.label("inspection.category") in said


def test_a_person_decides_below_the_schemes_minimum_of_facts() -> None:
    told = one("draft-july-2008", "pru", {"inspection.category": "none", "concern.warning_notice": False, "concern.open": False})
    assert told.verdict.way == Way.PERSON and told.verdict.why == "few facts" and told.verdict.known == 2
    assert "it needs 5" in why_person(WORDS, told, 5)


def test_a_school_that_the_scheme_is_not_for_is_outside_it() -> None:
    told = one("current", "nursery", {**SOUND, "inspection.category": "special-measures"})
    assert told.verdict.label == "Outside the scheme" and not told.fired


def test_no_lighter_level_while_a_concern_is_open() -> None:
    sound, barred = one("draft-july-2008", "infant", SOUND), one("draft-july-2008", "infant", {**SOUND, "concern.open": True})
    assert sound.verdict.level.rank < barred.verdict.level.rank
    assert barred.verdict.key == "additional" and barred.verdict.is_barred
    assert "a concern is open" in in_a_line(WORDS, barred)
