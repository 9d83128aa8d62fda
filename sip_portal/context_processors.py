"""What every page knows. For a person who has signed in it costs one small query, the authority with its pack, and only
where a template asks."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject, cached_property

from core import clock
from core.calendar import AcademicYear
from core.components import brand
from people.models import Authority, User
from people.navigation import Item, navigation_of
from people.pack import PLAIN_LABELS
from people.packs import AuthorityPack, page_pack


class Frame:
    """The frame of one request's pages, worked out once and only as far as it is asked for."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user: User = request.user  # type: ignore[assignment]
        self._authority: Authority | None = None
        self._pack: AuthorityPack | None = None
        self._loaded = False

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        if not self.user.is_authenticated:
            return
        ids = self.user.hats.authority_ids
        home = self.user.home_authority_id
        chosen = home if home in ids else min(ids, default=home)
        self._authority, self._pack = page_pack(self.request, chosen, clock.today())

    @property
    def authority(self) -> Authority | None:
        self._load()
        return self._authority

    @property
    def pack(self) -> AuthorityPack | None:
        self._load()
        return self._pack

    @property
    def labels(self) -> Any:
        if self.pack is None:
            return PLAIN_LABELS
        hats = self.user.hats
        only_pru = (
            hats.contacts and not hats.roles and all(contact.kind in ("teacher_in_charge", "committee_chair") for contact in hats.contacts)
        )
        return self.pack.labels("pru" if only_pru else "")

    @property
    def capacity(self) -> str:
        return " and ".join(self.user.hats.names)

    @cached_property
    def navigation(self) -> tuple[list[Item], list[Item], str]:
        """Its sections, the pages of this one, and its name; those who may enter the admin site find it last."""
        match = self.request.resolver_match
        items, below, name = navigation_of(self.user, self.labels, match.view_name if match is not None else "")
        if self.user.is_staff:
            items.append({"label": "Admin site", "url": reverse("admin:index"), "current": match is not None and match.app_name == "admin"})
        return items, below, name

    @property
    def brand_url(self) -> str:
        authority = self.authority
        if authority is None or (authority.brand_colour, authority.link_colour) == (brand.BRAND, brand.LINK):
            return ""
        return reverse("brand", args=[authority.code])


def portal(request: HttpRequest) -> dict[str, Any]:
    """``is_demo`` shows the demonstration's banner; ``today`` is the portal's day, which the demonstration pins."""
    always = {"is_demo": settings.IS_DEMO, "today": clock.today(), "is_day_pinned": settings.SIP_TODAY is not None}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return always
    frame = Frame(request)
    return {
        **always,
        "authority": SimpleLazyObject(lambda: frame.authority),
        "labels": SimpleLazyObject(lambda: frame.labels),
        "capacity": SimpleLazyObject(lambda: frame.capacity),
        "nav": SimpleLazyObject(lambda: frame.navigation[0]),
        "subnav": SimpleLazyObject(lambda: frame.navigation[1]),
        "section_name": SimpleLazyObject(lambda: frame.navigation[2]),
        "brand_url": SimpleLazyObject(lambda: frame.brand_url),
        "account_url": reverse("people:account"),
        "search_url": reverse("search"),
        "search_words": "schools, notes, actions",
        "academic_year": AcademicYear.from_date(clock.today()).label,
        "pack_name": SimpleLazyObject(lambda: str(frame.pack.row.code) if frame.pack else ""),
        "footer_links": [{"label": "Accessibility", "url": reverse("accessibility")}, {"label": "Privacy", "url": reverse("privacy")}],
    }
