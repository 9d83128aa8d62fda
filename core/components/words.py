"""Words that people write in Markdown, as HTML that can do nothing: CommonMark with tables, raw HTML shown as text, then cleaned.

Two locks: ``markdown-it-py`` makes no tag that was not asked for in Markdown, and ``nh3`` takes away whatever is not on
:data:`TAGS`, whatever made it. Images are left out: they would be fetched from elsewhere, and tell where they were read.
The source is kept and rendered at each reading, so that a stricter rule of tomorrow holds for the words of today.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = frozenset(
    "h2 h3 h4 h5 h6 p ul ol li strong em code pre blockquote hr br a table thead tbody tr th td".split()  # noqa: SIM905
)
ATTRIBUTES = {"a": {"href", "title", "class"}, "ol": {"start"}, "th": {"scope"}, "table": {"class"}}
SCHEMES = {"https", "http", "mailto", "tel"}
CLASSES = {"link_open": "govuk-link", "table_open": "portal-table"}
FRAME = '<div class="portal-scroll portal-tablebox" tabindex="0" role="group" aria-label="Table" data-module="portal-scroll">'
"""A wide table scrolls inside its frame, as every table of the portal."""
MOST = 200_000
"""Characters of one text; more are cut before they are read."""


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable("table").disable(["image", "html_block", "html_inline"])


def _dressed(tokens: list[Token], lift: int) -> None:
    """Our classes; headings ``lift`` levels down, so that they stand below the page's own."""
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + lift, 6)}"
        if token.type in CLASSES:
            token.attrSet("class", CLASSES[token.type])
        if token.type == "th_open":
            token.attrSet("scope", "col")
        if token.children:
            _dressed(token.children, lift)


def words(text: str, *, lift: int = 1) -> SafeString:
    """Markdown as HTML. ``lift``: how far its first heading stands below the page's, one for a page whose title is an h1."""
    reader = _reader()
    env: dict[str, object] = {}
    tokens = reader.parse(text[:MOST], env)
    _dressed(tokens, max(lift, 1))
    html = str(reader.renderer.render(tokens, reader.options, env))
    clean = nh3.clean(html, tags=set(TAGS), attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer")
    clean = clean.replace("<table", f"{FRAME}<table").replace("</table>", "</table></div>")
    return SafeString(f'<div class="portal-markdown">{clean}</div>')


def _said(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.children:
            yield "".join(_said(token.children))
        elif token.type in ("text", "code_inline"):
            yield token.content
        elif token.type in ("softbreak", "hardbreak"):
            yield " "
        elif token.type in ("fence", "code_block"):
            yield token.content.strip()


def plain(text: str) -> str:
    """The words alone, a paragraph, point or cell on each line: for the search index and for slides."""
    return "\n".join(line for line in _said(_reader().parse(text[:MOST])) if line.strip())


def points(text: str) -> list[str]:
    """The points of its lists, as plain words, in order; its paragraphs where it has no list: lines of a slide."""
    found: list[str] = []
    loose: list[str] = []
    depth = 0
    for token in _reader().parse(text[:MOST]):
        depth += token.nesting if token.type in ("list_item_open", "list_item_close") else 0
        if token.type == "inline" and token.children:
            (found if depth else loose).append("".join(_said(token.children)))
    return found or loose


_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-!|~&])")


def escaped(text: str) -> str:
    """Plain words as Markdown that shows them as they are, paragraph by paragraph."""
    parts = [re.sub(r"(?m)^(\s*\d+)([.)])", r"\1\\\2", _SPECIAL.sub(r"\\\1", part.strip())) for part in re.split(r"\n\s*\n", text)]
    return "\n\n".join(part for part in parts if part)
