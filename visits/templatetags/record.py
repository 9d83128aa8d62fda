"""What the templates of a record need beyond the components' own filters: its plain text, its digests, its remarks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from core.components import formats
from visits import record
from visits.commentary import REFERENCE

register = template.Library()


@register.filter
def short_date(value: str | None) -> str:
    """ "9 Oct 2008", for narrow columns of a document: always with its year."""
    on = formats.as_moment(value)
    return f"{on.day} {formats.MONTHS[on.month - 1][:3]} {on.year}" if on else ""


@register.filter
def paragraphs(value: str) -> list[list[str]]:
    return record.paragraphs(value)


@register.filter
def linked(text: str, links: Mapping[str, str]) -> list[tuple[str, str]]:
    """The text in pieces, each with the address that it leads to: the references of notes that ``links`` knows."""
    pieces = []
    at = 0
    for found in REFERENCE.finditer(text):
        if url := links.get(found[0]):
            pieces += [(text[at : found.start()], ""), (found[0], url)]
            at = found.end()
    return [*pieces, (text[at:], "")]


@register.filter
def run_on(items: list[str]) -> str:
    """Purposes as one sentence: "To review …; to agree …"."""
    return "; ".join(item if not index or not item.startswith("To ") else f"t{item[1:]}" for index, item in enumerate(items))


@register.filter
def total_days(days: dict[str, int]) -> str:
    """ "1¾ days": preparation, in school and writing together."""
    return formats.days_words(sum(days.values()))


@register.filter
def in_unit(value: int | str | None, unit: str = "") -> str:
    """A figure with its unit: "70%", "28.4". Words ("Unknown: not yet published") stay as they are."""
    if value is None or value == "":
        return ""
    text = str(value)
    is_number = text.replace(".", "", 1).replace("-", "", 1).replace("−", "", 1).isdigit()
    return f"{text}%" if is_number and unit == "%" else text


@register.filter
def judgements_of(section: dict[str, Any]) -> list[record.Judgement]:
    return record.judgements_of(section)


@register.filter
def remark(section: dict[str, Any]) -> str:
    """What the school said of a section, in a few words: "1 inaccuracy, answered", "2 comments", "1 difference recorded"."""
    wrong = [comment for comment in section["comments"] if comment["kind"] == "inaccurate"]
    words = []
    if wrong:
        state = "answered" if all(comment["answer"] for comment in wrong) else "not yet answered"
        words.append(f"{len(wrong)} {'inaccuracy' if len(wrong) == 1 else 'inaccuracies'}, {state}")
    if other := len(section["comments"]) - len(wrong):
        words.append(f"{other} comment{'' if other == 1 else 's'}")
    if views := sum(len(block["rows"]) for block in section["blocks"] if block["kind"] == "differences"):
        words.append(f"{views} difference{'' if views == 1 else 's'} recorded")
    return "; ".join(words)


@register.filter
def seal(value: str) -> str:
    return record.seal(value)


@register.filter
def grouped(value: str) -> str:
    """A digest in eights, so that two can be compared by eye."""
    return " ".join(value[start : start + 8] for start in range(0, len(value), 8))
