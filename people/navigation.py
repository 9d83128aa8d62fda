"""The service navigation: the sections of the portal, and the pages that each app puts into them.

A page takes one line in its app's ``contributions.py``::

    NAVIGATION.add("visits.rounds", NavPage("visits", "Rounds", 30, "visits:round-list", P.ROUND_VIEW))

A person sees the pages that their hats allow, so nothing here leads to a refusal, and the sections that hold one. Beneath
the sections stand the pages of the section, on each of these pages and on no page below them: those have their trail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from core.access import can
from core.packs import Labels
from core.registry import Registry
from people.models import User
from people.roles import SCHOOL_HATS


@dataclass(frozen=True)
class NavSection:
    """A word of the service navigation, which may hold words of the pack. ``own_label`` is what the people of one school read."""

    key: str
    label: str
    own_label: str = ""


SECTIONS = (
    NavSection("schools", "Schools", own_label="Our school"),
    NavSection("visits", "Visits and {note:short_plural}"),
    NavSection("targets", "Targets"),
    NavSection("support", "Support"),
    NavSection("inspection", "Inspection"),
    NavSection("finance", "Finance"),
    NavSection("quality", "Quality"),
    NavSection("briefings", "Briefings"),
    NavSection("library", "Library"),
    NavSection("records", "Records"),
)
"""In the order in which they stand after Home."""


@dataclass(frozen=True)
class NavPage:
    """A page that the navigation leads to. ``permission`` is asked of the hats, without an object; ``is_shown`` narrows it.

    ``also`` are beginnings of names of addresses that belong to the page besides those that share its stem:
    "visits:round-list" has "visits:round-".
    """

    section: str
    label: str
    place: int
    url_name: str
    permission: str
    also: tuple[str, ...] = ()
    is_shown: Callable[[User], bool] = lambda user: True

    def holds(self, view_name: str) -> int:
        """How much of the name of an address this page answers for, in letters; none is 0."""
        if view_name == self.url_name:
            return len(view_name) + 1
        return max((len(stem) for stem in (self.url_name.rpartition("-")[0] + "-", *self.also) if view_name.startswith(stem)), default=0)


NAVIGATION: Registry[NavPage] = Registry("navigation")

Item = dict[str, Any]
"""``label``, ``url`` and whether it is ``current``, as the frame and the component ``tabs`` take it."""


def navigation_of(user: User, labels: Labels, view_name: str) -> tuple[list[Item], list[Item], str]:
    """The sections, the pages of the section that this address is a page of, and the name of that section."""
    pages = sorted((page for page in NAVIGATION if can(user, page.permission) and page.is_shown(user)), key=lambda page: page.place)
    current = max(pages, key=lambda page: page.holds(view_name), default=None)
    if current is not None and not current.holds(view_name):
        current = None
    hats = user.hats
    is_own = len(hats.contacts) == 1 and not hats.worn - set(SCHOOL_HATS)
    items, below, name = [{"label": "Home", "url": reverse("home"), "current": view_name == "home"}], [], ""
    for section in SECTIONS:
        held = [page for page in pages if page.section == section.key]
        if not held:
            continue
        label = labels.fill(section.own_label if is_own and section.own_label else section.label)
        is_here = current is not None and current.section == section.key
        items.append({"label": label, "url": reverse(held[0].url_name), "current": is_here})
        if is_here and len(held) > 1 and any(page.url_name == view_name for page in held):
            name = label
            below = [
                {"label": labels.fill(page.label), "url": reverse(page.url_name), "current": page.url_name == view_name} for page in held
            ]
    return items, below, name
