"""Checks on a note (domain.md §4): one list, worst first; each blocks, warns or advises, says what to do, and is the pack's.

They run on the server alone. ``run_checks`` is what the editor and the submission page show, ``blocking`` what the
submission asks inside its transaction; both read the database in a fixed number of queries. Beneath them ``check_texts``
is pure: a frozen snapshot and the rules in, findings out.
"""

from __future__ import annotations

from ..models import NoteOfVisit
from .engine import BLOCKS, WHOLE_NOTE, Counts, Finding, Summary, check_texts, summary, validate_tests
from .load import Loaded, load
from .rules import KINDS, Rules
from .snapshot import NoteSnapshot, SectionSnapshot

__all__ = [
    "BLOCKS",
    "KINDS",
    "WHOLE_NOTE",
    "Counts",
    "Finding",
    "Loaded",
    "NoteSnapshot",
    "Rules",
    "SectionSnapshot",
    "Summary",
    "blocking",
    "check_texts",
    "load",
    "run_checks",
    "summary",
    "validate_tests",
]


def run_checks(note: NoteOfVisit, *, section: str | None = None) -> list[Finding]:
    """Every finding on a note as it stands, worst first; with ``section`` (a section's key) those of that section alone."""
    loaded = load(note)
    return check_texts(loaded.snapshot, loaded.rules, section=section)


def blocking(note: NoteOfVisit) -> list[Finding]:
    """What stands in the way of submission, and nothing else: fewer queries, and no reading of prose."""
    loaded = load(note, severities=[BLOCKS])
    return check_texts(loaded.snapshot, loaded.rules, severities=[BLOCKS])
