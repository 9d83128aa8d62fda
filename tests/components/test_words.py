"""Words written in Markdown: what they show, and what they can never do."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from core.components.words import escaped, plain, points, words


def test_markdown_is_shown_below_the_title_of_its_page() -> None:
    html = words("# Before the visit\n\nRead **all** of it.\n\n- one\n- two\n\n| When | What |\n|---|---|\n| May | targets |")
    assert "<h2>Before the visit</h2>" in html
    assert "<strong>all</strong>" in html
    assert "<li>one</li>" in html
    assert '<table class="portal-table">' in html
    assert '<th scope="col">When</th>' in html
    assert "<h4>Deep</h4>" in words("# Deep", lift=3)
    assert "<h6>" in words("###### No lower", lift=3)


@pytest.mark.parametrize(
    "sly",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://elsewhere.example/seen.png)",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<svg onload=alert(1)>",
        '<a href="https://a.example" onclick="x()" style="position:fixed">x</a>',
        "<iframe src=https://elsewhere.example></iframe>",
        '[x](https://a.example "\\" onmouseover=\\"x")',
    ],
)
def test_what_could_do_something_is_shown_as_text_or_left_out(sly: str) -> None:
    html = words(f"Before\n\n{sly}\n\nafter")
    live = Live()
    live.feed(html)
    assert live.tags <= {"div", "p", "a"}
    assert live.attributes <= {"class", "href", "rel", "title"}
    assert not [link for link in live.links if not link.startswith("https://")]
    assert "after" in html


class Live(HTMLParser):
    """What a browser would make of it: tags, attributes, where links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


def test_a_link_leads_out_without_telling_from_where() -> None:
    assert 'href="https://www.example.gov.uk/" class="govuk-link" rel="noopener noreferrer"' in words(
        "[guide](https://www.example.gov.uk/)"
    )


def test_plain_words_for_the_index_and_points_for_a_slide() -> None:
    text = "# Heading\n\nOne *two*\nthree.\n\n- first [link](https://a.example)\n- second"
    assert plain(text) == "Heading\nOne two three.\nfirst link\nsecond"
    assert points(text) == ["first link", "second"]
    assert points("Only words.\n\nAnd more.") == ["Only words.", "And more."]


@pytest.mark.parametrize("text", ["1. not a list", "# no heading", "* a * b_c_ [x](y) <b> &amp; ~~z~~", "- no point", "a|b\n-|-", "2) x"])
def test_escaped_words_are_shown_as_they_stand(text: str) -> None:
    assert plain(escaped(text)).split() == text.split()
    assert words(escaped(text)).count("<li") == 0
