"""A person at a real browser, and what axe finds on the page that they look at: one list of rules for every test."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client
from django.urls import resolve

from people.models import User

AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_FOUND = """async rules => (await axe.run(document, {runOnly: rules, resultTypes: ["violations"], preload: false}))
    .violations.flatMap(each => each.nodes.slice(0, 3).map(node => `${each.id}: ${node.html.slice(0, 200)}`))"""


def violations(page: Any) -> list[str]:
    """What axe finds on the page as it stands: rule and element, at most three elements a rule."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    return list(page.evaluate(_FOUND, RULES))


def sign_in(context: Any, root: str, user: User) -> None:
    """The browser is this person's from the next page on."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": root}])


def look(page: Any, *widths: int) -> None:
    """The page as it stands, at these widths: no violation, and nothing wider than it."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, width)
        assert violations(page) == [], (page.url, width)


class Person:
    """Somebody at the browser, signed in; who is ``careful`` looks at each kind of page once, on a phone and at a desk."""

    def __init__(self, page: Any, live_server: Any, user: User, *, careful: bool = False) -> None:
        sign_in(page.context, live_server.url, user)
        self.page, self.root, self.careful = page, live_server.url, careful
        self.looked_at: set[str] = set()

    def opens(self, url: str) -> str:
        """The page's words."""
        response = self.page.goto(f"{self.root}{url}")
        assert response.status == 200, (url, response.status)
        self.looks()
        return str(self.page.locator("main").inner_text())

    def looks(self) -> None:
        kind = resolve(urlsplit(self.page.url).path).view_name
        if self.careful and kind not in self.looked_at:
            self.looked_at.add(kind)
            look(self.page, 375, 1280)

    def sends(self, button: str, **fields: str) -> None:
        """Fill these fields, press the button; nothing may be refused."""
        for field, value in fields.items():
            self.page.fill(f"main [name={field}]", value)
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button).last.click()
        assert not self.page.locator(".govuk-error-summary").count(), self.page.locator(".govuk-error-summary").inner_text()

    def goes(self, what: Any) -> None:
        """By the first link or button of this name, and look."""
        main = self.page.locator("main")
        with self.page.expect_navigation():
            main.get_by_role("link", name=what).or_(main.get_by_role("button", name=what)).first.click()
        assert not self.page.locator(".govuk-error-summary").count(), self.page.locator(".govuk-error-summary").inner_text()
        self.looks()
