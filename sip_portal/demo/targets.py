"""The target round of autumn 2008 in the demonstration: indicative figures in September, then each school as far as its turn says."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from people.models import User
from people.packs import require_pack
from schools.models import School
from targets import services as targets
from targets.choices import TargetState
from targets.flags import sets_of_round
from targets.models import Target
from targets.sheets import PUPIL_SHEET

if TYPE_CHECKING:
    from .figures import Figure
    from .seed import Seed

Moment = Callable[[dt.date, int], dt.datetime]

YEAR: Final = 2008
FIGURES: Final = {
    "ks2.l4_en_ma": "target_2010",
    "ks2.prog2_en": "progress_target_en_2010",
    "ks2.prog2_ma": "progress_target_ma_2010",
    "ks4.ac5_en_ma": "target_2010",
    "absence.total": "absence_target_2010",
}
PUPILS: Final = Path(__file__).parent / "data" / "pupils.csv"
WITH_PUPILS: Final = 990015
SCALES: Final = (("en", 83), ("ma", 78), ("sc", 72))
WHY: Final = (
    "Six of the pupils joined us after the Key Stage 1 assessments, and two more have been out of school for most of a term. We have worked "
    "the figure up pupil by pupil, know which five decide it, and have a teacher in place for them from January; with her we reach it, and "
    "the plan for the year names each of the steps and who takes them."
)
CHALLENGE: Final = "Schools whose pupils start where yours do reach the higher figure, and this year group is no harder than the last."
EVIDENCE: Final = "FFT D, and the progress of the same pupils from Year 3 to Year 4 in your own tracking."
KEPT: Final = "The governing body has been through the list of pupils twice and will not promise what it cannot see how to reach."


def issue(seed: Seed, moment: Moment) -> None:
    """22 September: the authority's indicative figures, from FFT D."""
    at = moment(dt.date(2008, 9, 22), 10)
    targets.issue_indicative(actor=seed.users["manager"], authority=seed.authority, academic_year=YEAR, at=at)


def go_round(seed: Seed, moment: Moment) -> None:
    """Schools whose note has not settled their targets: by turn not yet proposed, proposed, challenged, agreed, signed or apart."""
    head = seed.users["head"]
    _send_pupils(seed.places[WITH_PUPILS].school, head, moment(dt.date(2008, 10, 3), 16))
    content = require_pack(seed.authority, dt.date(2008, 10, 14)).content
    on_the_scales(seed, moment)
    for place, one in enumerate(seed.places.values()):
        school = one.school
        keys = [f"{code}.{a_set.summer}" for a_set in sets_of_round(content, school, YEAR) if a_set.is_statutory for code in a_set.measures]
        settled = {row.key for row in Target.objects.filter(school=school).exclude(state=TargetState.INDICATIVE)}
        figures = {key: value for key in keys if key not in settled and (value := _figure(one.figures, key)) is not None}
        is_first = school.urn == WITH_PUPILS
        if figures and (is_first or place % 4):
            _school(seed, school, one.sip, figures, 3 if is_first else place % 7, moment)


def on_the_scales(seed: Seed, moment: Moment) -> None:
    """Special schools: what they propose on the performance scales, from their own assessments; accepted and agreed at one of them."""
    for place, one in enumerate([one for one in seed.places.values() if one.school.phase == "special"]):
        said: dict[str, Any] = {"school": one.school, "academic_year": YEAR}
        rows = {f"pscale.prog_{subject}.2010": {"value": Decimal(value - 4 * place)} for subject, value in SCALES}
        targets.propose_targets(actor=seed.users["manager"], rows=rows, at=moment(dt.date(2008, 9, 30), 14), **said)
        if place == 0:
            answers = {key: {"answer": "accept"} for key in rows}
            targets.answer_targets(actor=one.sip, rows=answers, at=moment(dt.date(2008, 10, 7), 15), **said)


def _figure(figures: dict[str, Figure], key: str) -> Decimal | None:
    found = figures.get(FIGURES.get(key.rpartition(".")[0], ""))
    return None if found is None else Decimal(str(found))


def _school(seed: Seed, school: School, sip: User, figures: dict[str, Decimal], turn: int, moment: Moment) -> None:
    head = seed.users["head"] if school.urn == WITH_PUPILS else seed.users["manager"]
    day = dt.date(2008, 9, 29)
    said: dict[str, Any] = {"school": school, "academic_year": YEAR}
    main = next(iter(figures))
    low = {main: figures[main] - 5} if turn in (2, 3, 6) and not main.startswith("absence") else {}
    rows = {
        key: {"value": low.get(key, value), "rationale": WHY, "needs_support": key == main and turn in (3, 6)}
        for key, value in figures.items()
    }
    targets.propose_targets(actor=head, rows=rows, at=moment(day, 11), **said)
    if turn < 2:
        return
    answers = {
        key: {"answer": "challenge", "figure": figures[key], "reason": CHALLENGE, "evidence": EVIDENCE}
        if key in low
        else {"answer": "accept"}
        for key in figures
    }
    targets.answer_targets(actor=sip, rows=answers, at=moment(day + dt.timedelta(days=8), 15), **said)
    if turn == 2:
        return
    decisions = {key: {"decision": "set", "reason": KEPT} if turn == 6 and key in low else {"decision": "agree"} for key in figures}
    targets.decide_targets(actor=head, rows=decisions, at=moment(day + dt.timedelta(days=11), 18), **said)
    open_ = Target.objects.filter(school=school, summer=2010, state__in=["indicative", "proposed", "challenged"]).exists()
    if turn in (3, 4) and not open_:
        targets.sign_targets(actor=sip, at=moment(day + dt.timedelta(days=14), 9), **said)
        if school.urn == WITH_PUPILS:
            targets.sign_targets(actor=head, at=moment(day + dt.timedelta(days=14), 10), **said)


def _send_pupils(school: School, head: User, at: dt.datetime) -> None:
    """The sheet of thirty of the year group whose targets are being set."""
    with tempfile.TemporaryFile() as file:
        file.write(PUPILS.read_bytes())
        file.flush()
        reading = PUPIL_SHEET.read(file, name=PUPILS.name)
    targets.replace_pupils(actor=head, school=school, academic_year=YEAR, rows=[row.values for row in reading.rows], at=at)


__all__ = ["go_round", "issue"]
