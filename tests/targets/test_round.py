"""The target round through its services: each side's step, the flags that stop an agreement, signing, the return (domain.md §5)."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from core.access import Conflict, Refused
from core.audit import AuditEvent
from people.packs import require_pack
from targets.models import Target, TargetSignature, TargetStep
from targets.selectors.targets import return_rows, round_list, round_of
from targets.services import (
    answer_targets,
    decide_targets,
    issue_indicative,
    propose_targets,
    record_signature,
    revise_targets,
    settle_targets,
    sign_targets,
    submit_targets,
)
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World
from tests.factories.targets import make_estimate, make_result
from visits.payload import PayloadBuilder

pytestmark = pytest.mark.django_db

MAIN, ENGLISH, MATHS, ABSENCE = "ks2.l4_en_ma.2010", "ks2.prog2_en.2010", "ks2.prog2_ma.2010", "absence.total.2010"
WHY = " ".join(["word"] * 45)


@pytest.fixture
def round_world(world: World) -> World:
    make.load_england_2008(world.authority)
    make_result(world.oak, "ks2.l4_en_ma", numerator=15, cohort=29)  # 51.7%, below the floor of 55
    make_estimate(world.oak, value="63", year=2009, kind="B", cohort=30)
    make_estimate(world.oak, value="70", year=2009, kind="D", cohort=30)
    return world


def of(world: World, name: str) -> dict[str, Any]:
    return {"actor": world.fresh(name), "school": world.oak, "academic_year": 2008, "at": NOW}


def state(key: str) -> str:
    measure, _, summer = key.rpartition(".")
    return Target.objects.get(measure=measure, summer=int(summer)).state


def propose_all(world: World, **main: Any) -> None:
    rows = {
        MAIN: {"value": Decimal("72"), **main},
        ENGLISH: {"value": Decimal("87"), "rationale": WHY},
        MATHS: {"value": Decimal("80"), "rationale": WHY},
        ABSENCE: {"value": Decimal("5.6"), "rationale": WHY},
    }
    propose_targets(rows=rows, **of(world, "head"))


def test_from_indicative_to_the_return(round_world: World) -> None:
    world = round_world
    assert (
        issue_indicative(actor=world.fresh("manager"), authority=world.authority, academic_year=2008, at=NOW) == 1
    )  # FFT D is held of one
    assert Target.objects.get(measure="ks2.l4_en_ma").indicative == 70
    propose_all(world, value=Decimal("63"))
    answers: dict[str, Any] = {key: {"answer": "accept"} for key in (ENGLISH, MATHS, ABSENCE)}
    answers[MAIN] = {"answer": "challenge", "figure": Decimal("70"), "reason": "Others convert.", "evidence": "FFT D"}
    answer_targets(rows=answers, **of(world, "sip"))
    assert state(MAIN) == "challenged"
    with pytest.raises(Refused, match="signed once every statutory"):
        sign_targets(**of(world, "head"))

    decide_targets(
        rows={MAIN: {"decision": "agree"}, **{key: {"decision": "agree"} for key in (ENGLISH, MATHS, ABSENCE)}}, **of(world, "head")
    )
    main = Target.objects.get(measure="ks2.l4_en_ma")
    assert (main.state, main.value, main.proposed, main.challenge, main.cohort) == ("agreed", 70, 63, 70, 30)
    for name in ("head", "sip"):
        sign_targets(**of(world, name))
    with pytest.raises(Conflict):
        sign_targets(**of(world, "head"))
    paper = record_signature(role="chair", name="Anne Tolhurst", signed_on=TODAY, **of(world, "clerk"))
    assert paper.words.endswith(f"recorded by {world.clerk.name}")

    count = submit_targets(actor=world.fresh("manager"), authority=world.authority, academic_year=2008, at=NOW)
    assert count == 4 and main.steps.filter(action="submit").exists()
    found = round_of(world.fresh("officer"), world.oak, 2008, TODAY)
    assert found is not None and found.stage == "submitted" and len(found.signatures) == 3
    assert {line.target.was_agreed for line in found.statutory} == {True}

    make_result(world.oak, "ks2.l4_en_ma", numerator=20, cohort=30, year=2009)
    after = round_of(world.fresh("officer"), world.oak, 2008, TODAY)
    assert after is not None and next(line for line in after.lines if line.key == MAIN).outcome == "67%"


def test_set_without_agreement_keeps_both_sides_and_shows_everywhere(round_world: World) -> None:
    world = round_world
    propose_all(world, value=Decimal("64"), rationale=WHY)
    answer_targets(
        rows={MAIN: {"answer": "challenge", "figure": Decimal("70"), "reason": "Others convert.", "evidence": "FFT D"}}, **of(world, "sip")
    )
    with pytest.raises(Refused, match="why the governing body keeps its figure"):
        decide_targets(rows={MAIN: {"decision": "set"}}, **of(world, "chair"))
    decide_targets(rows={MAIN: {"decision": "set", "reason": "We know these pupils."}}, **of(world, "chair"))
    target = Target.objects.get(measure="ks2.l4_en_ma")
    assert (target.state, target.value, target.challenge) == ("not_agreed", 64, 70)
    found = round_of(world.fresh("officer"), world.oak, 2008, TODAY)
    assert found is not None
    line = next(line for line in found.lines if line.key == MAIN)
    assert (found.reason(line, "challenge"), found.reason(line, "set")) == ("Others convert.", "We know these pupils.")
    content = require_pack(world.authority, TODAY).content
    assert next(row for row in round_list(world.fresh("officer"), content, [world.oak], 2008, TODAY)).apart == 1
    _, rows = return_rows(world.fresh("manager"), content, [world.oak], 2008)
    assert [(row[4], row[7], row[9]) for row in rows] == [
        ("ks2.l4_en_ma", 64, "set without agreement"),
        ("ks2.prog2_en", None, "not set"),
        ("ks2.prog2_ma", None, "not set"),
        ("absence.total", None, "not set"),
    ]


def test_it_may_go_round_again_and_a_flag_stops_agreement_until_its_reason_is_long_enough(round_world: World) -> None:
    world = round_world
    main = lambda name, **rows: {"rows": {MAIN: rows}, **of(world, name)}  # noqa: E731
    propose_targets(**main("head", value=Decimal("60"), rationale="They are weak.", needs_support=True))
    assert set(Target.objects.get().flags) >= {"below-estimate-b"} and Target.objects.get().needs_support
    challenge = {"answer": "challenge", "figure": Decimal("70"), "reason": "Why", "evidence": "E"}
    answer_targets(**main("sip", **challenge))
    propose_targets(**main("head", value=Decimal("61")))
    answer_targets(**main("sip", answer="accept"))
    with pytest.raises(Refused, match=r"at least 25 words.*FFT B"):
        decide_targets(**main("head", decision="agree"))
    assert state(MAIN) == "accepted"  # nothing was kept of what was refused
    decide_targets(**main("head", decision="agree", rationale=WHY))
    assert [step.action for step in TargetStep.objects.order_by("pk")] == ["propose", "challenge", "propose", "accept", "agree"]

    sign = TargetSignature.objects.create(school=world.oak, academic_year=2008, role="sip", name="S", signed_on=TODAY, by=world.sip, at=NOW)
    with pytest.raises(Refused, match="why it is revised"):
        revise_targets(**main("head", value=Decimal("66")))
    revise_targets(**main("head", value=Decimal("66"), reason="Three have joined."))
    sign.refresh_from_db()
    assert state(MAIN) == "proposed" and sign.voided_at == NOW
    settle_targets(keys=[MAIN], action="close", reason="Closes in July.", **of(world, "manager"))
    assert state(MAIN) == "closing"
    with pytest.raises(Conflict):
        answer_targets(**main("sip", answer="accept"))
    settle_targets(keys=[MAIN], action="reopen", reason="Stays open.", **of(world, "manager"))
    assert state(MAIN) == "indicative"
    told = AuditEvent.objects.filter(event__startswith="target.").values_list("event", flat=True)
    assert {"target.proposed", "target.answered", "target.decided", "target.revised", "target.settled"} <= set(told)


def test_absence_is_flagged_where_it_is_higher(round_world: World) -> None:
    make_result(round_world.oak, "absence.total", value="5.4")
    propose_targets(rows={ABSENCE: {"value": Decimal("5.8")}}, **of(round_world, "head"))
    assert "absence-not-improving" in Target.objects.get().flags
    propose_targets(rows={ABSENCE: {"value": Decimal("5.1")}}, **of(round_world, "head"))
    assert "absence-not-improving" not in Target.objects.get().flags


def test_each_step_is_its_sides_alone(round_world: World) -> None:
    world = round_world
    propose_all(world)
    deeds: list[tuple[Any, set[str]]] = [
        (lambda who: propose_targets(rows={}, **of(world, who)), {"head", "manager"}),
        (lambda who: answer_targets(rows={}, **of(world, who)), {"sip"}),
        (lambda who: decide_targets(rows={}, **of(world, who)), {"head", "chair", "manager"}),
        (lambda who: revise_targets(rows={}, **of(world, who)), {"head", "manager"}),
    ]
    for deed, who in deeds:
        for name in ("head", "chair", "clerk", "sip", "manager", "officer", "consultant", "elm_head", "administrator", "former_sip"):
            if name in who:
                deed(name)
            else:
                with pytest.raises(PermissionDenied):
                    deed(name)


def test_a_note_shows_the_round_live_and_a_dispatch_freezes_it(round_world: World) -> None:
    """ADR 0016: what the note has not typed itself shows through until it is released."""
    world = round_world
    world.authority.settings = {"gate_lot_one_in": 0}
    world.authority.save()
    propose_all(world)
    note = make.fill(world.sip, make.start(world.sip, world.oak))

    def said() -> dict[str, Any]:
        payload = PayloadBuilder(make.fresh(note), kind="release", at=NOW, actor=world.sip).build(world.oak)
        rows = [row for part in payload["sections"] for block in part["blocks"] if block["kind"] == "targets" for row in block["rows"]]
        return next(row for row in rows if row["measure"] == "ks2.l4_en_ma")

    assert (said()["target"], said()["estimate"], said()["agreed"]) == (72, 70, None)
    answer_targets(rows={MAIN: {"answer": "accept"}}, **of(world, "sip"))
    decide_targets(rows={MAIN: {"decision": "agree", "rationale": WHY}}, **of(world, "head"))
    assert said()["agreed"] is True
    released = make.release(world.sip, make.submit(world.sip, note, NOW + dt.timedelta(hours=1)), NOW + dt.timedelta(hours=1))
    revise_targets(rows={MAIN: {"value": Decimal("75"), "reason": "Three have joined."}}, **of(world, "head"))
    record = released.records.get()
    rows = [
        row
        for part in json.loads(record.payload)["sections"]
        for block in part["blocks"]
        if block["kind"] == "targets"
        for row in block["rows"]
    ]
    assert next(row for row in rows if row["measure"] == "ks2.l4_en_ma")["target"] == 72
