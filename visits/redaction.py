"""Redaction: words that are taken out of a text for good (domain.md §10). Pure functions of plain JSON values.

A text held is a tree: a record's payload (``visits.record``), or ``{"title", "sections": [{"title", "text"}]}``. Every string
in it that a person could read has a path ("sections.2.blocks.0.text"), and a long one is parted in paragraphs ("…text#1").
What is removed is replaced where it stands, wherever the same words stand again, and before anything is rendered: nothing
that is made from the tree afterwards (page, PDF, its title, bookmarks and other metadata) has ever held it.
"""

from __future__ import annotations

import copy
import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TECHNICAL = frozenset(
    [
        "id",
        "code",
        "kind",
        "format",
        "state",
        "type",
        "brand",
        "area",
        "unit",
        "urn",
        "on",
        "at",
        "from",
        "to",
        "since",
        "agreed",
        "status",
        "accuracy",
        "agreement",
        "academic_year",
        "studied_on",
        "started_on",
        "due_on",
        "agreed_on",
        "panel_on",
        "roll_on",
        "written_on",
        "released_at",
        "finalised_at",
        "version",
    ]
)
"""Keys whose values are codes, days and colours: what a program reads, and no words of a person."""

HEADINGS = {
    "title": "Title",
    "note": "The note",
    "authority": "The authority",
    "words": "Words",
    "school": "The school",
    "visit": "The visit",
    "school_half_page": "From the school",
    "response": "The school’s response",
    "corrections": "Corrections asked for",
    "frozen": "As it stood",
    "distribution": "Who was sent it",
    "signatures": "Signatures",
}
HIDDEN = frozenset(("authority", "words"))
"""Not offered, paragraph by paragraph; a name is removed there as everywhere."""


@dataclass(frozen=True)
class Passage:
    """A paragraph that can be removed: where it is, under which heading it stands, and its words."""

    path: str
    heading: str
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Removal:
    """One thing that was removed, as the copy may say it: never the words."""

    where: str
    exemption: str
    words: int


@dataclass(frozen=True)
class Redacted:
    payload: Any
    removed: tuple[Removal, ...]


class PassageGone(ValueError):
    """The text was changed after the passage was marked."""


def _strings(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, str):
        if value.strip():
            yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in TECHNICAL or isinstance(inner, Mapping | list):
                yield from _strings(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _strings(inner, (*path, str(index)))


def parts_of(text: str) -> list[str]:
    """The paragraphs of a text, with what parts them: every second one is a separator, and joined they are the text."""
    return re.split(r"(\s*\n[ \t]*\n\s*)", text)


def heading_of(payload: Any, path: Sequence[str]) -> str:
    if path[0] == "sections" and len(path) > 1:
        section = payload["sections"][int(path[1])]
        number = f"{section['number']}. " if "number" in section else ""
        return f"{number}{section['title']}"
    return HEADINGS.get(path[0], path[0].replace("_", " ").capitalize())


def passages_of(payload: Any) -> list[Passage]:
    """Everything that can be marked, in the order of the page: sections first, then what stands around them."""
    found = []
    for path, text in _strings(payload):
        if path[0] in HIDDEN or (path[0] == "sections" and path[-1] == "title" and len(path) == 3):
            continue
        heading, where = heading_of(payload, path), ".".join(path)
        parts = parts_of(text)
        if len(parts) == 1:
            found.append(Passage(where, heading, text))
        else:
            found += [Passage(f"{where}#{number // 2}", heading, part) for number, part in enumerate(parts) if number % 2 == 0 and part]
    return sorted(found, key=lambda passage: not passage.path.startswith("sections."))


PEOPLE = frozenset(("name", "by", "observers"))


def people_in(payload: Any) -> list[str]:
    """The names of people that stand in their own places of the tree: what a reader is likely to want removed."""
    found = dict.fromkeys(
        text for path, text in _strings(payload) if path[0] not in HIDDEN and (set(path[-2:]) & PEOPLE) and path[:2] != ("school", "name")
    )
    return [name for name in found if 1 < len(name.split()) <= 4]


def _pattern(words: str) -> re.Pattern[str]:
    """The words wherever they stand: whatever space, hyphen or apostrophe is between them, in any case, not within a word."""
    parts = []
    for part in words.split():
        escaped = re.escape(part)
        escaped = re.sub(r"\\?['’‘]", "['’‘]", escaped)
        parts.append(re.sub(r"\\?[-‐‑–]", "[-‐‑–]", escaped))
    return re.compile(r"(?<!\w)" + r"\s+".join(parts) + r"(?!\w)", re.IGNORECASE)


def _replace(payload: Any, change: Any) -> Any:
    """The tree with every readable string changed; codes, days and numbers as they are."""
    if isinstance(payload, Mapping):
        return {
            key: inner if key in TECHNICAL and not isinstance(inner, Mapping | list) else _replace(inner, change)
            for key, inner in payload.items()
        }
    if isinstance(payload, list):
        return [_replace(inner, change) for inner in payload]
    return change(payload) if isinstance(payload, str) else payload


def redact(payload: Any, passages: Sequence[Mapping[str, str]], names: Sequence[Mapping[str, str]], short: Mapping[str, str]) -> Redacted:
    """``payload`` without them. ``short`` maps the code of an exemption to what is printed in place of what it removes.

    Raises :class:`PassageGone` where a marked passage no longer reads as it did.
    """
    payload = unicode_of(copy.deepcopy(payload))
    known = {passage.path: passage for passage in passages_of(payload)}
    removed: list[Removal] = []
    again: list[tuple[re.Pattern[str], str]] = []
    for mark in passages:
        passage = known.get(mark["path"])
        if passage is None or passage.digest != mark["digest"]:
            raise PassageGone(mark["path"])
        words = _mark(short, mark["exemption"])
        _put(payload, mark["path"], words)
        removed.append(Removal(passage.heading, short.get(mark["exemption"], mark["exemption"]), len(passage.text.split())))
        if len(passage.text.split()) > 2:
            again.append((_pattern(passage.text), words))
    for name in sorted(names, key=lambda name: -len(name["text"])):
        pattern, words = _pattern(unicode_of(name["text"])), _mark(short, name["exemption"])
        places = [heading_of(payload, path) for path, text in _strings(payload) for _ in pattern.findall(text)]
        again.append((pattern, words))
        for heading in dict.fromkeys(places):
            count = places.count(heading) * len(name["text"].split())
            removed.append(Removal(heading, short.get(name["exemption"], name["exemption"]), count))

    def change(text: str) -> str:
        for pattern, words in again:
            text = pattern.sub(lambda match, words=words: words, text)  # type: ignore[misc]
        return text

    return Redacted(_replace(payload, change), tuple(Removal(change(row.where), row.exemption, row.words) for row in removed))


def unicode_of(value: Any) -> Any:
    """Composed, so that the same letters are the same characters."""
    return (
        _replace(value, lambda text: unicodedata.normalize("NFC", text))
        if not isinstance(value, str)
        else unicodedata.normalize("NFC", value)
    )


def _mark(short: Mapping[str, str], code: str) -> str:
    return f"[removed: {short.get(code, code)}]"


def _put(payload: Any, where: str, words: str) -> None:
    path, _, number = where.partition("#")
    *steps, last = path.split(".")
    place = payload
    for step in steps:
        place = place[int(step)] if isinstance(place, list) else place[step]
    key: Any = int(last) if isinstance(place, list) else last
    if number:
        parts = parts_of(place[key])
        parts[int(number) * 2] = words
        place[key] = "".join(parts)
    else:
        place[key] = words


def remains(text: str, words: Sequence[str]) -> list[str]:
    """Those of ``words`` that still stand in ``text``: what the tests ask of a finished copy, and the service of its tree."""
    return [word for word in words if word.strip() and _pattern(word).search(text)]


def marked_words(payload: Any, passages: Sequence[Mapping[str, str]], names: Sequence[Mapping[str, str]]) -> list[str]:
    """The words that a copy must not hold."""
    known = {passage.path: passage.text for passage in passages_of(unicode_of(payload))}
    texts = [known[mark["path"]] for mark in passages if mark["path"] in known]
    return [text for text in texts if len(text.split()) > 1] + [name["text"] for name in names]


def all_words(payload: Any) -> str:
    """Every readable string of a tree, one a line."""
    return "\n".join(text for _, text in _strings(payload))
