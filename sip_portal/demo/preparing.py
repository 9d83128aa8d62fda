"""What stands before the visits: tomorrow's is prepared, with what was studied and the questions that will be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from people.packs import require_pack
from visits import services as visits
from visits.models import Visit
from visits.pack import visits_of
from visits.preparation import packs_for
from visits.services import Asked

from . import material

if TYPE_CHECKING:
    from .seed import Seed


def prepare(seed: Seed) -> None:
    """The printed SIP's visits that are booked: what to study is studied as far as it is out, and questions are chosen."""
    from .seed import TODAY, moment

    for entry in material.toml("preparing")["visit"]:
        place = seed.places[entry["school"]]
        visit = Visit.objects.select_related("authority", "lead").get(visit_schools__school=place.school, on=entry["on"], state="booked")
        actor, at = seed.users[entry["by"]], moment(entry["prepared"], 19)
        pack = require_pack(visit.authority, entry["on"])
        (found,) = packs_for(actor, visit, pack, TODAY)
        lines = {line.code: line for line in found.lines}
        must = visits_of(pack.content).visit_type(visit.visit_type).must_study
        studied = {code: lines[code].version for code in must if code in lines and lines[code].held}
        studied |= {code: version for code, version in entry["studied"].items() if code in lines}
        asked = [Asked(line.text, line.code, line.figure, line.why) for line in found.called[: entry["called"]]]
        bank = {line.code: line for line in found.questions}
        asked += [Asked(bank[code].text, code) for code in entry["asks"] if code in bank and not bank[code].why]
        asked += [Asked(text) for text in entry["own"]]
        visits.prepare_visit(actor=actor, visit=visit, school=place.school, studied=studied, questions=asked, at=at)


def beside(seed: Seed) -> None:
    """Headteachers' reviews that were held or put off, and contacts with schools by other advisers and officers."""
    from .seed import moment

    story = material.toml("preparing")
    for entry in story["head_review"]:
        visits.log_head_review(
            actor=seed.users[entry["by"]],
            school=seed.places[entry["school"]].school,
            state=entry["state"],
            on=entry["on"],
            governors=entry.get("governors", 0),
            quarters=entry.get("quarters", 0),
            next_due_on=entry.get("next"),
            at=moment(entry["logged"], 17),
        )
    for entry in story["call"]:
        visits.log_call(
            actor=seed.users[entry["by"]],
            school=seed.places[entry["school"]].school,
            on=entry["on"],
            kind=entry["kind"],
            who=entry["who"],
            about=entry["about"],
            at=moment(entry["entered"], 12),
        )
