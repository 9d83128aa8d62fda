"""What a SIP of the demonstration writes: text and rows of each section, from the passages and figures of the school."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from schools.models import School
from support.pack import CategoryOption
from visits.models import AgreedAction, NoteSection

from . import material
from .figures import Figure, quoted

PASSAGE_FOR = {
    "actions_review": "impact",
    "self_evaluation": "self_evaluation",
    "tracking": "tracking",
    "progress_to_targets": "progress_2009",
    "targets_next": "targets_2010",
    "interventions": "interventions",
    "leadership": "leadership",
    "cohesion": "cohesion",
    "summary": "summary",
}
"""Section of the pack → name of the passages in ``texts.toml``; other sections are in ``own.toml``."""

STATUSES = ("met", "partly", "met", "not_met")
DUE_ON = (dt.date(2008, 12, 12), dt.date(2009, 2, 6), dt.date(2009, 3, 27))
"""By when new actions are due: school days."""

VALUES = {"outstanding": "good", "good": "good", "satisfactory": "adequate", "inadequate": "poor", "poor": "poor"}
ROWS = ("reviews__action", "judgements", "note_targets__target", "datasets", "cohesion")
"""What :meth:`Writer.section` reads of a section: to be prefetched."""

GRADES = {"Light touch": 2, "Standard": 2, "Additional support": 3, "Intensive": 3}


@dataclass
class Writer:
    """One note's words. ``turn`` tells the schools of one SIP apart, so that no two have the same passage where there are two."""

    school: School
    family: str
    figures: dict[str, Figure]
    visited_on: dt.date
    turn: int
    proposed: CategoryOption
    agreed: list[str] = field(default_factory=list)
    """Texts of actions that the school agreed earlier: none is agreed a second time."""

    def section(self, section: NoteSection) -> tuple[str, dict[str, list[dict[str, Any]]]]:
        """The body of a section and the rows of its tables."""
        rows: dict[str, list[dict[str, Any]]] = {}
        reviews = list(section.reviews.all())
        if reviews:
            rows["actions_review"] = [self._review(place, review.action) for place, review in enumerate(reviews)]
            statuses = [row["status"] for row in rows["actions_review"]]
            self.figures |= {
                "actions_total": len(statuses),
                "actions_met": statuses.count("met"),
                "actions_partly": statuses.count("partly"),
            }
        judgements = list(section.judgements.all())
        if judgements:
            rows["judgement"] = [self._judgement(judgement.area) for judgement in judgements]
        if targets := list(section.note_targets.all()):
            rows["targets"] = [row for row in map(self._target, targets) if row]
        if datasets := list(section.datasets.all()):
            rows["datasets"] = [self._dataset(dataset.code) for dataset in datasets]
        if dimensions := list(section.cohesion.all()):
            rows["cohesion"] = [{"dimension": row.dimension, "text": self._own("cohesion", row.dimension)} for row in dimensions]
        if section.code == "interventions":
            rows["interventions"] = self._interventions()
        elif section.code == "category":
            rows["category"] = [self._category()]
        elif section.code == "actions_new":
            rows["actions"] = self._actions()
        elif section.code == "differences":
            rows["differences"] = self._differences()
        return self._body(section.code), rows

    def _body(self, code: str) -> str:
        if code in PASSAGE_FOR:
            found = material.passages(self.family, PASSAGE_FOR[code], self.school.phase, self.figures)
            if found:
                return found[self.turn % len(found)].text
        return self._own("sections", code)

    def _own(self, part: str, name: str) -> str:
        """A passage that every school may have; where its figures are lacking, the plain fact that there is nothing to say."""
        texts = material.toml("own")[part].get(name, [])
        filled = [text for text in (quoted(text, self.figures) for text in texts) if text]
        if filled:
            return filled[self.turn % len(filled)]
        return "Discussed, with nothing that changes what was written in the summer." if texts else ""

    def _grade(self, area: str) -> int:
        """As the passages of the situation have it: leadership ahead of results where a school is low and rising."""
        if self.family == "outstanding_sharing":
            return 2 if area in ("cohesion", "early_years") else 1
        grade = GRADES[str(self.figures["category"])]
        return grade - 1 if area in ("leadership", "capacity", "cohesion", "early_years") and grade == 3 else grade

    def _judgement(self, area: str) -> dict[str, Any]:
        """The school sees its tracking a grade better where a difference of view is recorded."""
        grade = self._grade(area)
        school = grade - 1 if area == "tracking" and self._differs else grade
        evidence = quoted(material.toml("own")["evidence"].get(area, ""), self.figures) or "Seen in work, lessons and records on the day."
        return {"area": area, "sip_grade": grade, "school_grade": school, "evidence": evidence}

    def _review(self, place: int, action: AgreedAction) -> dict[str, Any]:
        status = STATUSES[place % len(STATUSES)]
        known = next((entry for entry in material.toml("actions")["action"] if entry["text"] == action.text), None)
        found = known[status] if known else "Minutes of two meetings were read; pupils are named in them, and what changed for each."
        return {
            "action": action.public_id,
            "status": status,
            "evidence": "Records, books and talk with pupils on the day of the visit.",
            "impact": found,
        }

    def _target(self, discussed: Any) -> dict[str, Any] | None:
        names = material.toml("own")["targets"].get(discussed.target.measure)
        if names is None:
            return None
        value, previous, estimate = (self.figures.get(name) for name in names)
        if value is None:
            return None
        below = estimate is not None and Decimal(value) < Decimal(estimate)
        return {
            "id": discussed.pk,
            "value": value,
            "previous": previous,
            "estimate": estimate,
            "agreed": "yes",
            "rationale": material.toml("own")["rationale"]["below_estimate"] if below else "",
        }

    def _dataset(self, code: str) -> dict[str, Any]:
        version = material.toml("own")["datasets"].get(code)
        if version is None:
            return {"code": code, "state": "not_available"}
        return {"code": code, "state": "studied", "version": version, "studied_on": self.visited_on - dt.timedelta(days=1)}

    def _interventions(self) -> list[dict[str, Any]]:
        phase = "secondary" if self.school.phase in ("secondary", "pru") else "primary"
        services = [row for row in material.rows("services") if row["phase"] in (phase, "all", "any", "")]
        chosen = [services[(self.turn + step) % len(services)] for step in (0, 3)] if services else []
        return [
            {
                "name": row["name"],
                "origin": "brokered" if place == 0 else "school",
                "provider": row["provider"],
                "starts_on": dt.date(2007, 10, 1) + dt.timedelta(weeks=self.turn % 12),
                "quarters": str(int(row["days"]) * 4),
                "cost_pence": str(int(row["days"]) * int(row["day_rate"]) * 100),
                "impact": row["impact"],
                "value_for_money": VALUES[row["value"]],
                "value_reason": "Judged by pupils' work before and after, at this cost.",
            }
            for place, row in enumerate(chosen)
        ]

    def _category(self) -> dict[str, Any]:
        main = self.figures.get("main_2008")
        criteria = (
            f"{main}% in 2008 against a floor of {self.figures['floor']}%; value added {self.figures['cva_2008']}."
            if main is not None
            else ("Attendance, lasting returns and progress in small steps were read against the scheme's criteria.")
        )
        return {"category": self.proposed.code, "criteria": criteria, "head_told": "on"}

    def _actions(self) -> list[dict[str, Any]]:
        fresh = [action for action in material.actions_for(self.family) if action["text"] not in self.agreed][:3]
        return [
            {
                "text": action["text"],
                "owner": action["owner"],
                "owner_detail": action["owner_detail"],
                "due_on": DUE_ON[place],
                "success_measure": action["success"],
            }
            for place, action in enumerate(fresh)
        ]

    @property
    def _differs(self) -> bool:
        return self.turn % 3 == 0 and self._grade("tracking") == 3

    def _differences(self) -> list[dict[str, Any]]:
        """Recorded at some schools, declared none at the others."""
        if not self._differs:
            return [{"declared_none": "on"}]
        row: Mapping[str, str] = material.toml("own")["differences"]
        return [{name: quoted(text, self.figures) or "" for name, text in row.items()}]


def option_of(options: list[CategoryOption], label: str) -> CategoryOption:
    return next(option for option in options if option.label == label)
