"""From a snapshot and the rules to findings, worst first. Pure: no query, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, Final

from core.packs import Problems

from ..pack import SEVERITIES, Check, ChecksPart
from . import kinds as _kinds  # noqa: F401  (fills KINDS)
from .rules import KINDS, Hit, Rules, Scope, covers
from .snapshot import NoteSnapshot

BLOCKS: Final = "blocks"
WHOLE_NOTE: Final = "note"
"""The place of a finding on the note as a whole; its section key is empty."""
PLACE_LENGTH: Final = 80


@dataclass(frozen=True)
class Finding:
    """One thing to put right. ``place`` is stable while what it is about stands: the section's key and the row within it.

    ``answered`` is the reason given, for a warning that the writer answered; ``quote`` the words it is about.
    """

    code: str
    severity: str
    section_key: str
    section_title: str
    place: str
    title: str
    message: str
    answered: str | None = None
    quote: str = ""
    is_answerable: bool = False

    @property
    def is_open(self) -> bool:
        return self.answered is None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return dict(vars(self))


@dataclass(frozen=True)
class Counts:
    """How many of each severity stand open; ``answered`` are warnings that have a reason."""

    blocks: int = 0
    warns: int = 0
    advises: int = 0
    answered: int = 0

    @property
    def open(self) -> int:
        return self.blocks + self.warns + self.advises

    @property
    def worst(self) -> str:
        """The worst severity that stands open; empty for none."""
        return next((severity for severity in SEVERITIES if getattr(self, severity)), "")


@dataclass(frozen=True)
class Summary:
    """Counts over the note and by section key; what is on the whole note counts under the empty key."""

    total: Counts
    by_section: Mapping[str, Counts] = field(default_factory=dict)

    def of(self, key: str) -> Counts:
        return self.by_section.get(key, Counts())


def check_texts(note: NoteSnapshot, rules: Rules, *, severities: Iterable[str] = SEVERITIES, section: str | None = None) -> list[Finding]:
    """Run the checks in force over a snapshot: worst first, then in the order of the note.

    ``section`` is the key of the one section that is asked about, for live checks; the note as a whole is then left out.
    """
    wanted = set(severities)
    order = {found.key: at for at, found in enumerate(note.sections)}
    found: list[tuple[tuple[int, int, int], Finding]] = []
    for rank, check in enumerate(rules.checks):
        if check.severity not in wanted and not _may_differ(check, wanted):
            continue
        only = section if not KINDS[check.kind].is_across else None
        covered = tuple(one for one in note.sections if only in (None, one.key) and covers(check, one))
        if not covered:
            continue
        for hit in KINDS[check.kind].run(Scope(check, note, rules, covered)):
            severity = hit.severity or check.severity
            key = hit.section.key if hit.section else ""
            if severity in wanted and (section is None or key == section):
                place_of_section = order.get(key, len(order))
                found.append(((SEVERITIES.index(severity), place_of_section, rank), _finding(check, hit, severity, note)))
    found.sort(key=lambda entry: entry[0])
    seen: set[tuple[str, str]] = set()
    result = []
    for _, one in found:
        if (one.code, one.place) not in seen:
            seen.add((one.code, one.place))
            result.append(one)
    return result


def _may_differ(check: Check, wanted: set[str]) -> bool:
    """Whether a check may find something of another severity than its own: only ever as advice, or as the pack says."""
    return ("advises" in wanted and "advise_if_lacks_list" in check.test) or check.test.get("severity_for_note") in wanted


def _finding(check: Check, hit: Hit, severity: str, note: NoteSnapshot) -> Finding:
    key = hit.section.key if hit.section else ""
    place = f"{key or WHOLE_NOTE}:{hit.row}" if hit.row else key or WHOLE_NOTE
    place = place[:PLACE_LENGTH]
    return Finding(
        code=check.code,
        severity=severity,
        section_key=key,
        section_title=_title(hit, note),
        place=place,
        title=check.title,
        message=(hit.message or check.message).format_map(_Said(hit.says)),
        answered=note.answers.get((check.code, place)) if check.is_answerable else None,
        quote=hit.quote,
        is_answerable=check.is_answerable and severity == check.severity,
    )


def _title(hit: Hit, note: NoteSnapshot) -> str:
    if hit.section is None:
        return "The whole note"
    if hit.section.school is None or not note.is_group:
        return hit.section.title
    return f"{hit.section.title}, {note.schools_of(hit.section)[0].name}"


class _Said(dict[str, Any]):
    """A word that a message asks for and the test does not give stands as dots, never as an error in a writer's face."""

    def __init__(self, says: Mapping[str, object]) -> None:
        super().__init__(says)

    def __missing__(self, key: str) -> str:
        return "…"


def summary(findings: Iterable[Finding]) -> Summary:
    """Counts by severity, over the note and by section: what the editor's list of sections shows."""
    tally: dict[str, dict[str, int]] = {}
    total: dict[str, int] = {}
    for finding in findings:
        name = finding.severity if finding.is_open else "answered"
        total[name] = total.get(name, 0) + 1
        section = tally.setdefault(finding.section_key, {})
        section[name] = section.get(name, 0) + 1
    return Summary(Counts(**total), {key: Counts(**counts) for key, counts in tally.items()})


# ---------------------------------------------------------------- what a pack may say


def validate_tests(part: ChecksPart, problems: Problems) -> None:
    """Every test of a known kind, with the parameters that it needs and no other; every message with words that it gives."""
    for check in part.checks:
        entry = f"check {check.code!r}, 'test'"
        found = KINDS.get(check.kind) if isinstance(check.test.get("kind"), str) else None
        if found is None:
            if isinstance(check.test.get("kind"), str):
                problems.add(entry, f"is of the kind {check.kind!r}, which the portal does not know. Known: {', '.join(sorted(KINDS))}.")
            continue
        given = set(check.test) - {"kind"}
        for name in sorted(found.needs - given):
            problems.add(entry, f"lacks {name!r}, which the kind {check.kind!r} needs. Add it.")
        for name in sorted(given - found.takes):
            problems.add(entry, f"gives {name!r}, which the kind {check.kind!r} does not take. Take it out, or correct it.")
        for key in ("message", "note_message", "sentence_message"):
            message = check.message if key == "message" else str(check.test.get(key, ""))
            for word in sorted(_asked(message) - found.says):
                problems.add(
                    f"check {check.code!r}, {key!r}",
                    f"asks for {{{word}}}, which the kind {check.kind!r} does not give. It gives: {', '.join(sorted(found.says)) or 'nothing'}.",
                )


def _asked(message: str) -> set[str]:
    try:
        return {name for _, name, _, _ in Formatter().parse(message) if name is not None}
    except ValueError:
        return {"}"}
