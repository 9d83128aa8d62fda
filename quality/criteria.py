"""Of the pack's part on quality: shadowing's codes, and the form by which notes are moderated (P28 to P30)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.packs import Problems, Table

READERS: Final = ("sip", "observer", "reviewer", "mentor", "manager")
ANY: Final = "*"


@dataclass(frozen=True)
class Coded:
    """A strength or an area for development: what the observer looks for, and whether a slide names it."""

    code: str
    label: str
    look_for: str


@dataclass(frozen=True)
class Criterion:
    """One line of the moderator's form, with what each grade looks like."""

    code: str
    label: str
    descriptors: tuple[str, str, str, str]


@dataclass(frozen=True)
class Cap:
    """The best overall grade once any of these criteria (``*``: any at all) has this grade or a worse one."""

    criteria: tuple[str, ...]
    grade: int
    best: int


@dataclass(frozen=True)
class ObservationPart:
    grades: tuple[tuple[int, str], ...]
    observer_does: str
    response_office_days: int
    readers: tuple[str, ...]
    strengths: tuple[Coded, ...]
    developments: tuple[Coded, ...]
    overall_says: str
    caps: tuple[Cap, ...]
    criteria: tuple[Criterion, ...]

    def best_overall(self, ratings: Mapping[str, int]) -> int:
        """The best overall grade that these ratings leave open (1 is best)."""
        best = 1
        for cap in self.caps:
            if any(grade >= cap.grade for code, grade in ratings.items() if code in cap.criteria or ANY in cap.criteria):
                best = max(best, cap.best)
        return best


def _coded(table: Table, key: str) -> tuple[Coded, ...]:
    found = []
    for entry in table.tables(key, least=1):
        entry.ignore("check", "origin")
        found.append(Coded(entry.text("code"), entry.text("label"), entry.text("look_for")))
    return tuple(found)


def _criterion(entry: Table) -> Criterion:
    described = (entry.text("d1"), entry.text("d2"), entry.text("d3"), entry.text("d4"))
    return Criterion(entry.text("code"), entry.text("label"), described)


def parse_observation(table: Table) -> ObservationPart:
    scale, shadowing, moderation = (table.raw.get(name, {}) for name in ("scale", "shadowing", "moderation"))
    looked = Table({"shadowing": shadowing, "moderation": moderation, "scale": scale}, table.where, table.problems)
    form, moderated = looked.table("shadowing"), looked.table("moderation")
    caps = tuple(
        Cap(entry.texts("criteria"), entry.whole("grade", least=2, most=4), entry.whole("best", least=2, most=4))
        for entry in moderated.tables("cap", name=None)
    )
    grades = tuple(
        (entry.whole("grade", least=1, most=4), entry.text("label")) for entry in looked.table("scale").tables("grades", name=None)
    )
    return ObservationPart(
        grades=grades,
        observer_does=form.text("observer_does"),
        response_office_days=form.whole("sip_response_office_days", least=1),
        readers=form.texts("visible_to"),
        strengths=_coded(table, "strength"),
        developments=_coded(table, "development"),
        overall_says=moderated.text("overall"),
        caps=caps,
        criteria=tuple(_criterion(entry) for entry in table.tables("criterion", least=1)),
    )


def check_observation(part: ObservationPart, problems: Problems) -> None:
    found = problems.of("quality")
    found.need(
        [code for cap in part.caps for code in cap.criteria if code != ANY], [c.code for c in part.criteria], "moderation", "criterion"
    )
    found.need(part.readers, READERS, "shadowing", "reader")
