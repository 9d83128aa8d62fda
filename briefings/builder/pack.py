"""The part of a pack that says which slides stand behind a page of an agenda, and holds the slides that are words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from core.packs import PackContent, PackSection, Problems, Table
from schools.slides import SLIDES

FREE: Final = "free-text"
"""The block of a page that a person writes."""


@dataclass(frozen=True)
class WordSlide:
    """Words alone; with ``adds_to`` they stand under a slide that the portal fills. ``source`` is the slide that they answer."""

    code: str
    title: str
    lines: tuple[str, ...]
    needs: str
    adds_to: str
    source: str


@dataclass(frozen=True)
class SlidesPart:
    """``first`` and ``last`` open and close every deck; ``blocks`` by the name that pages of an agenda use."""

    first: tuple[str, ...]
    last: tuple[str, ...]
    blocks: Mapping[str, tuple[str, ...]]
    words: Mapping[str, WordSlide]

    def under(self, code: str) -> tuple[WordSlide, ...]:
        return tuple(word for word in self.words.values() if word.adds_to == code)


def slides_of(content: PackContent) -> SlidesPart:
    return cast(SlidesPart, content.section("slides"))


def parse_slides(table: Table) -> SlidesPart:
    words = [
        WordSlide(
            entry.text("code"),
            entry.text("title", ""),
            entry.texts("lines"),
            entry.text("needs", ""),
            entry.text("adds_to", ""),
            entry.text("source"),
        )
        for entry in table.tables("slide")
    ]
    return SlidesPart(
        table.texts("first"),
        table.texts("last"),
        {entry.text("code"): entry.texts("slides") for entry in table.tables("block", least=1)},
        {word.code: word for word in words},
    )


def validate_slides(part: SlidesPart, content: PackContent, problems: Problems) -> None:
    filled = {key for key, _ in SLIDES.items()}
    shown = {code for code, word in part.words.items() if not word.adds_to}
    for block, codes in part.blocks.items():
        problems.need(codes, filled | shown, f"block {block!r}", "slide")
    problems.need((*part.first, *part.last), filled | shown, "", "slide")
    for word in part.words.values():
        if word.adds_to:
            problems.need([word.adds_to], filled | shown, f"slide {word.code!r}", "slide")
        elif not word.title:
            problems.add(f"slide {word.code!r}", "has no title. Give 'title', or 'adds_to' the slide under which it stands.")


SLIDES_PART: Final = PackSection("slides", parse_slides, validate_slides)
