"""Which school a row means, in files that people keep: by URN, else by DfE number. Nothing is guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from core.tabular.columns import CellError, Column, Kind, Row
from core.tabular.imports import Held
from schools.choices import SchoolStatus
from schools.models import School, SchoolLink


def parse_dfe_number(text: str) -> str:
    """``999/2147``, ``999-2147`` or ``9992147``: the LA's code and the establishment number, as seven figures."""
    digits = re.sub(r"[/ -]", "", text)
    if not re.fullmatch(r"\d{7}", digits, re.ASCII):
        raise CellError("Enter the DfE number as 999/2147.")
    return digits


COLUMNS = (
    Column("urn", "URN", Kind.INTEGER, minimum=1, maximum=9_999_999, help="The school. Fill in this or the DfE number.", example="999123"),
    Column(
        "dfe_number",
        "DfE number",
        aliases=("LAESTAB", "DfE no"),
        parser=parse_dfe_number,
        help="LA code and establishment number.",
        example="999/2147",
    ),
    Column("school", "School", max_length=300, help="For you to know the row by; it is not read."),
)


@dataclass(slots=True)
class Places:
    """The authority's schools, found by what a row says."""

    code: str
    by_urn: dict[int, School] = field(default_factory=dict)
    by_number: dict[str, list[School]] = field(default_factory=dict)
    successors: dict[int, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, code: str) -> Places:
        places = cls(code)
        for school in School.objects.filter(authority__code=code).select_related("authority", "cluster"):
            places.by_urn[school.urn] = school
            if school.establishment_number is not None:
                places.by_number.setdefault(f"{code}{school.establishment_number:04d}", []).append(school)
        for link in SchoolLink.objects.filter(authority__code=code):
            older, newer = (link.urn, link.linked_urn) if link.is_successor else (link.linked_urn, link.urn)
            if newer in places.by_urn and (link.is_successor or link.kind.lower().startswith("predecessor")):
                places.successors.setdefault(older, []).append(newer)
        return places

    def find(self, row: Row) -> School | Held:
        """The open school that the row means, or the row held with why."""
        urn, number = row.get("urn"), row.get("dfe_number")
        school = self.by_urn.get(urn) if urn is not None else None
        if school is None and urn is None and number is not None:
            found = [school for school in self.by_number.get(number, []) if school.status != SchoolStatus.CLOSED]
            school = found[0] if len(found) == 1 else None
        if school is not None and school.status != SchoolStatus.CLOSED:
            return school
        label = f"row {row.number}: {urn or number or 'no school'}"
        return Held(row.number, label, self._why(urn, number, school), row.table.name)

    def _why(self, urn: int | None, number: str | None, school: School | None) -> str:
        if urn is None and number is None:
            return "The row names no school. Fill in its URN or its DfE number."
        followed = {
            self.by_urn[newer].name for newer in self.successors.get(urn or 0, []) if self.by_urn[newer].status != SchoolStatus.CLOSED
        }
        hint = f" It was followed by {' and '.join(sorted(followed))}: use that school's URN if the row is about it." if followed else ""
        if school is not None:
            return f"{school.name} is closed.{hint}"
        return f"No open school of the authority {self.code} has the {'URN' if urn is not None else 'DfE number'} {urn or number}.{hint}"
