"""The part of a pack on requests: kinds with their clocks, places to search, decisions, exemptions (domain.md §10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.packs import PackContent, PackSection, Problems, Table


@dataclass(frozen=True)
class RequestKind:
    """``setting`` says how long there is: statutory working days, or months of the calendar."""

    code: str
    label: str
    setting: str
    clock: str


@dataclass(frozen=True)
class Word:
    code: str
    label: str


@dataclass(frozen=True)
class Decision(Word):
    needs_exemption: bool = False


@dataclass(frozen=True)
class Exemption(Word):
    """``short`` is what is printed in place of what was removed; ``kinds`` are the requests under which it may be used."""

    short: str = ""
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class RequestsPart:
    title: str
    opening: str
    redaction: str
    kinds: tuple[RequestKind, ...]
    places: tuple[Word, ...]
    decisions: tuple[Decision, ...]
    exemptions: tuple[Exemption, ...]

    def kind(self, code: str) -> RequestKind:
        return next(kind for kind in self.kinds if kind.code == code)

    def exemptions_for(self, kind: str) -> list[Exemption]:
        return [exemption for exemption in self.exemptions if kind in exemption.kinds]

    def short(self, code: str) -> str:
        """ "FOIA 2000 s.40"; of a code that the pack no longer has, the code."""
        return next((exemption.short for exemption in self.exemptions if exemption.code == code), code)

    def label_of(self, code: str) -> str:
        words: tuple[Word, ...] = (*self.places, *self.decisions, *self.exemptions)
        return next((word.label for word in words if word.code == code), code)


CLOCKS: Final = ("statutory", "calendar")


def parse_requests(table: Table) -> RequestsPart:
    record = table.table("record")
    record.ignore("fields")
    table.ignore("state", "withdrawal_reason")
    kinds = []
    for entry in table.tables("kind", least=1):
        due = entry.table("due")
        kinds.append(RequestKind(entry.text("code"), entry.text("label"), due.text("setting"), due.text("clock")))
    return RequestsPart(
        title=record.text("title"),
        opening=record.text("opening"),
        redaction=record.text("redaction"),
        kinds=tuple(kinds),
        places=tuple(Word(entry.text("code"), entry.text("label")) for entry in table.tables("searched", least=1)),
        decisions=tuple(
            Decision(entry.text("code"), entry.text("label"), entry.flag("needs_exemption", False))
            for entry in table.tables("decision", least=1)
        ),
        exemptions=tuple(
            Exemption(entry.text("code"), entry.text("label"), entry.text("short"), tuple(entry.texts("kinds")))
            for entry in table.tables("exemption", least=1)
        ),
    )


def validate_requests(part: RequestsPart, content: PackContent, problems: Problems) -> None:
    known = {kind.code for kind in part.kinds}
    for kind in part.kinds:
        if kind.clock not in CLOCKS:
            problems.add(f"kind {kind.code}", f"the clock {kind.clock!r} is none of {', '.join(CLOCKS)}")
    for exemption in part.exemptions:
        for code in exemption.kinds:
            if code not in known:
                problems.add(f"exemption {exemption.code}", f"there is no kind of request {code!r}")


REQUESTS: Final = PackSection("requests", parse_requests, validate_requests)


def requests_of(content: PackContent) -> RequestsPart:
    part: RequestsPart = content.section("requests")
    return part
