"""What can be asked of a page's HTML without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser


class Markup(HTMLParser):
    """The elements of a piece of HTML, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def with_attribute(self, name: str) -> Iterator[str]:
        return (attrs[name] for _, attrs in self.elements if name in attrs)


def check_references(html: str) -> Markup:
    """No id twice; every ``for``, ``aria-*`` reference and reveal names an id that is there."""
    page = Markup(html)
    ids = list(page.with_attribute("id"))
    assert len(ids) == len(set(ids)), {each for each in ids if ids.count(each) > 1}
    wanted = set(page.with_attribute("for")) | set(page.with_attribute("data-reveals"))
    for name in ("aria-describedby", "aria-labelledby", "aria-controls"):
        wanted |= {each for value in page.with_attribute(name) for each in value.split()}
    assert wanted <= set(ids), wanted - set(ids)
    return page


def check_page(html: str) -> None:
    """One language, title, main and ``h1``; links inside the page land; nothing inline that the policy would refuse;
    no ARIA role on parts of a table, which HTML calls an error."""
    page = check_references(html)
    tags = [tag for tag, _ in page.elements]
    assert html.lstrip().lower().startswith("<!doctype html>")
    assert 'lang="en-GB"' in html
    assert re.search(r"<title>\s*\S", html)
    assert tags.count("main") == 1
    assert tags.count("h1") <= 1
    assert not list(page.with_attribute("style"))
    assert "style" not in tags
    for tag, attrs in page.elements:
        assert not [name for name in attrs if name.startswith("on")], attrs
        assert tag != "script" or "src" in attrs
        assert tag not in ("table", "thead", "tbody", "tr", "th", "td") or "role" not in attrs
        assert tag != "img" or "alt" in attrs
    ids = set(page.with_attribute("id"))
    inside = {href[1:] for href in page.with_attribute("href") if re.fullmatch(r"#[\w-]+", href)}
    assert inside <= ids, inside - ids
