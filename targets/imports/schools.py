"""Which school of the authority a row is about: by URN, then DfE number, then the school that succeeded it (FORMATS.md §2).

A row never makes a school. One that leads to none, or to two, is held for a person; so is a second row that leads to the same
school, unless it is the one with the school's own URN.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from core.tabular.columns import Row
from core.tabular.imports import Held
from schools.imports.links import older_and_newer
from schools.models import School, SchoolLink

OWN = "URN"


@dataclass(frozen=True, slots=True)
class Place:
    """A school as rows are matched with it."""

    pk: int
    urn: int
    name: str
    phase: str
    number: int | None
    is_open: bool


@dataclass
class Register:
    """The schools of one authority, and all that they descend from."""

    code: str
    by_urn: dict[int, Place] = field(default_factory=dict)
    by_number: dict[int, list[Place]] = field(default_factory=lambda: defaultdict(list))
    newer: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def load(cls, code: str) -> Register:
        found = cls(code)
        for row in School.objects.filter(authority__code=code).only("pk", "urn", "name", "phase", "establishment_number", "status"):
            place = Place(row.pk, row.urn, row.name, row.phase, row.establishment_number, row.is_open)
            found.by_urn[row.urn] = place
            if place.number is not None:
                found.by_number[place.number].append(place)
        for link in SchoolLink.objects.filter(authority__code=code).values_list("urn", "linked_urn", "kind"):
            if pair := older_and_newer(*link):
                found.newer[pair[0]].add(pair[1])
        return found

    @property
    def urns(self) -> set[int]:
        """Every URN that may stand in a file for one of the schools."""
        return set(self.by_urn) | set(self.newer)

    def find(self, urn: int | None, la: str, number: int | None) -> tuple[Place | None, str]:
        """The school and how it was found; or None and why not."""
        if urn is not None and urn in self.by_urn:
            return self.by_urn[urn], OWN
        if number is not None and la == self.code and (places := self.by_number.get(number)):
            current = [place for place in places if place.is_open] or places
            if len(current) == 1:
                return current[0], "DfE number"
            return None, f"The DfE number {la}/{number:04d} is that of {len(current)} schools here. Give the URN."
        heirs = self._heirs(urn) if urn is not None else set()
        if len(heirs) == 1:
            return self.by_urn[heirs.pop()], "successor"
        if heirs:
            named = ", ".join(sorted(self.by_urn[heir].name for heir in heirs))
            return None, f"It was succeeded by {len(heirs)} schools that are here: {named}. Decide whose figures these are."
        return None, "No school here has this URN or DfE number, and no link leads from it to one. Import the register or the links first."

    def _heirs(self, urn: int) -> set[int]:
        """The held schools that a URN leads to; the way ends at the first one held."""
        seen, ends, new = {urn}, set(), {urn}
        while new:
            new = {after for before in new for after in self.newer.get(before, ())} - seen
            seen |= new
            ends |= {after for after in new if after in self.by_urn}
            new -= set(self.by_urn)
        return ends


@dataclass(frozen=True, slots=True)
class Matched:
    row: Row
    place: Place
    how: str


def match(register: Register, rows: Iterable[tuple[Row, int | None, str, int | None, str]]) -> tuple[list[Matched], list[Held]]:
    """Rows (each with URN, LA, establishment number and a label) with their schools; and those held, each with why."""
    found: dict[int, list[tuple[Matched, str]]] = defaultdict(list)
    held: list[Held] = []
    for row, urn, la, number, label in rows:
        place, how = register.find(urn, la, number)
        if place is None:
            held.append(Held(row.number, label, how, row.table.name, _shown(urn, la, number)))
        else:
            found[place.pk].append((Matched(row, place, how), label))
    good: list[Matched] = []
    for several in found.values():
        own = [one for one, _ in several if one.how == OWN]
        if len(several) == 1 or len(own) == 1:
            good.append(own[0] if own else several[0][0])
        for one, label in several:
            if len(several) > 1 and (one.how != OWN or len(own) > 1):
                why = f"{len(several)} rows lead to {one.place.name}; this one by its {one.how}. It was left out. Decide whether its figures are the school's."
                held.append(Held(one.row.number, label, why, one.row.table.name, {}))
    good.sort(key=lambda one: one.row.number)
    held.sort(key=lambda one: one.row)
    return good, held


def _shown(urn: int | None, la: str, number: int | None) -> dict[str, Any]:
    return {"URN": str(urn or ""), "DfE number": f"{la}/{number:04d}" if number is not None else ""}
