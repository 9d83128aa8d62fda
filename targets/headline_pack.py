"""The part of a pack that says which sentences the headlines page may write (P5 to P7)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, cast

from core.packs import PackContent, PackSection, Problems, Table

from .pack import measures_of

KINDS: Final = ("running", "target", "narrowed", "best", "standing", "closing", "floor", "below")


@dataclass(frozen=True)
class SentenceRule:
    """One sentence: its kind, the measures that it speaks of, what each is called in it, and the words around the figures."""

    code: str
    kind: str
    key_stage: str
    measures: tuple[str, ...]
    names: tuple[str, ...]
    also: tuple[str, ...]
    also_name: str
    words: str
    floor_summer: int | None
    source: str


@dataclass(frozen=True)
class HeadlinesPart:
    """``at_within`` points of England's figure count as at it."""

    sentences: tuple[SentenceRule, ...]
    at_within: Decimal


def headlines_of(content: PackContent) -> HeadlinesPart:
    return cast(HeadlinesPart, content.section("headlines"))


def parse_headlines(table: Table) -> HeadlinesPart:
    sentences = tuple(
        SentenceRule(
            code=entry.text("code"),
            kind=entry.choice("kind", KINDS),
            key_stage=entry.text("key_stage"),
            measures=entry.texts("measures"),
            names=entry.texts("names"),
            also=entry.texts("also", ()),
            also_name=entry.text("also_name", ""),
            words=entry.text("words"),
            floor_summer=entry.optional_whole("floor_summer"),
            source=entry.text("source"),
        )
        for entry in table.tables("sentence", least=1)
    )
    return HeadlinesPart(sentences, table.decimal("at_within"))


def validate_headlines(part: HeadlinesPart, content: PackContent, problems: Problems) -> None:
    codes = [measure.code for measure in measures_of(content).measures]
    for rule in part.sentences:
        problems.need((*rule.measures, *rule.also), codes, f"sentence {rule.code!r}", "measure")
        if rule.kind == "below" and rule.floor_summer is None:
            problems.add(f"sentence {rule.code!r}", "counts schools below a floor and names no summer. Give 'floor_summer'.")


HEADLINES: Final = PackSection("headlines", parse_headlines, validate_headlines)
