"""Reading English well enough for the checks: sentences, words, phrases of a list, runs of words in common.

Pure functions on text. A sentence ends at . ? ! or a line break; a full stop inside a number or after a usual
abbreviation ends none. Phrases are matched whole and without regard to case; space and hyphen are one. What is compiled
from a list of the pack is kept for the process: packs are few and their lists do not change.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

WORD: Final = re.compile(r"[^\W_]+(?:['\-][^\W_]+)*")
_LONG: Final = 300
_END: Final = re.compile(r"\n+|(?<=[.?!])[\"')\]”’]*\s+")
_ABBREVIATED: Final = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|Mr|Mrs|Ms|Dr|St|No|nos?|para|p|pp|Fr|Sr|Yr)|\b[A-Z])\.$")
_ABBREVIATION: Final = 12
_QUOTED: Final = re.compile(r"“[^”\n]{1,300}”|\"[^\"\n]{1,300}\"")


def plain(text: str) -> str:
    """With straight apostrophes and quotation marks, so that a list need give one form only. Of the same length."""
    return text.replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"').replace("‑", "-").replace("\u00a0", " ")


def count_words(text: str) -> int:
    """As the editor counts them: whatever stands between spaces."""
    return len(text.split())


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, in order, without the empty ones."""
    found: list[str] = []
    start = 0
    parts: list[str] = []
    for end in [*_END.finditer(text), None]:
        part = text[start : end.start() if end else len(text)].strip()
        start = end.end() if end else len(text)
        if part:
            parts.append(part)
        # Only the end is looked at: an abbreviation is short, and a text of nothing else must cost no more than another.
        if end is not None and "\n" not in end.group() and parts and _ABBREVIATED.search(part[-_ABBREVIATION:]):
            continue
        if parts:
            found.append(" ".join(parts))
        parts = []
    return tuple(found)


def without_quotations(text: str) -> str:
    """The writer's own words: what stands in double quotation marks is somebody else's."""
    return _QUOTED.sub(" ", text) if '"' in text or "“" in text else text


@lru_cache(maxsize=512)
def phrases(terms: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern that finds any of these terms, whole, whatever their case."""
    if not terms:
        return re.compile(r"(?!)")
    ordered = sorted({plain(term).strip().lower() for term in terms}, key=len, reverse=True)
    parts = [re.sub(r"(?:\\ |\\-|\s|-)+", r"[\\s-]+", re.escape(term)) for term in ordered]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)


@lru_cache(maxsize=256)
def pattern(written: str) -> re.Pattern[str]:
    """A pattern that the pack writes: case counts in it."""
    return re.compile(written)


def first(terms: Sequence[str], text: str) -> str:
    """The first term that stands in the text, as the text writes it; empty for none."""
    found = phrases(tuple(terms)).search(text)
    return found.group() if found else ""


def fingerprint(text: str) -> str:
    """Eight characters that stay the same while these words do: the place of a finding that quotes them."""
    words = " ".join(WORD.findall(plain(text).lower()))
    return hashlib.blake2b(words.encode(), digest_size=4).hexdigest()


def shortened(text: str, most: int = 60) -> str:
    """The beginning of a text, cut at a word: for a message."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text.rstrip(".")
    return f"{text[:most].rsplit(' ', 1)[0].rstrip(',;:.')} …"


@dataclass(frozen=True)
class Passage:
    """A text that is read by several checks: what is worked out of it is worked out once."""

    text: str

    @cached_property
    def plain(self) -> str:
        return plain(self.text)

    @cached_property
    def own(self) -> str:
        """Without what stands in quotation marks."""
        return without_quotations(self.plain)

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        return sentences(self.own)

    @cached_property
    def words(self) -> int:
        return count_words(self.text)

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The words in small letters."""
        return tuple(WORD.findall(self.plain.lower()))

    def has(self, terms: Sequence[str]) -> bool:
        return phrases(tuple(terms)).search(self.own) is not None

    def count(self, terms: Sequence[str]) -> int:
        return sum(1 for _ in phrases(tuple(terms)).finditer(self.own))


def near(text: str, one: re.Pattern[str], other: re.Pattern[str], within: int) -> Iterator[tuple[re.Match[str], re.Match[str]]]:
    """Pairs of matches with at most ``within`` words between them, either first."""
    others = list(other.finditer(text))
    for found in one.finditer(text):
        for beside in others:
            if beside.start() < found.end() and found.start() < beside.end():
                continue
            low, high = (found.end(), beside.start()) if found.start() < beside.start() else (beside.end(), found.start())
            if high - low < _LONG and len(WORD.findall(text[low:high])) <= within:
                yield found, beside


# ---------------------------------------------------------------- runs of words in common


@dataclass(frozen=True)
class Source:
    """A text that may have been copied, ready to be searched: its words between single spaces."""

    text: str

    @cached_property
    def joined(self) -> str:
        return f" {' '.join(WORD.findall(plain(self.text).lower()))} "

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(self.joined.split())


def windows(tokens: Sequence[str], run: int, joined: str) -> tuple[int, ...]:
    """Where a run of ``run`` words may stand that ``joined`` (several sources, one after another) has too: usually nowhere."""
    width = (run + 1) // 2
    starts = range(0, len(tokens) - width + 1, width)
    return tuple(start for start in starts if f" {' '.join(tokens[start : start + width])} " in joined)


def common_run(tokens: Sequence[str], source: Source, run: int, starts: Iterable[int] | None = None) -> tuple[int, int] | None:
    """Where the first run of at least ``run`` words stands that the source has too: first and last-but-one index.

    Any run of 2w-1 words holds a window of w words that begins at a multiple of w, so only those are looked up: all of
    them, or those of ``starts``.
    """
    width = (run + 1) // 2
    for start in starts if starts is not None else range(0, len(tokens) - width + 1, width):
        window = f" {' '.join(tokens[start : start + width])} "
        at = source.joined.find(window)
        while at >= 0:
            index = source.joined.count(" ", 0, at + 1) - 1
            low, high = start, start + width
            before, after = index - 1, index + width
            while low > 0 and before >= 0 and tokens[low - 1] == source.words[before]:
                low, before = low - 1, before - 1
            while high < len(tokens) and after < len(source.words) and tokens[high] == source.words[after]:
                high, after = high + 1, after + 1
            if high - low >= run:
                return low, high
            at = source.joined.find(window, at + 1)
    return None


def share_in_common(tokens: Sequence[str], sources: Iterable[Source], size: int) -> float:
    """The share of the text's runs of ``size`` words that some source has too; nought for a text shorter than that."""
    shingles = {f" {' '.join(tokens[i : i + size])} " for i in range(len(tokens) - size + 1)}
    if not shingles:
        return 0.0
    joined = [source.joined for source in sources]
    return sum(any(shingle in text for text in joined) for shingle in shingles) / len(shingles)
