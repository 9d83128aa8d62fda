"""What every page knows. For a person who has signed in it costs one small query, the authority with its pack, and only
where a template asks."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from core import clock
from core.access import can
from core.calendar import AcademicYear
from core.components import brand
from people.models import Authority, User
from people.pack import PLAIN_LABELS
from people.packs import AuthorityPack, page_pack
from people.roles import SCHOOL_HATS, Hat
from people.roles import Permission as P


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

    @property
    def nav(self) -> list[dict[str, Any]]:
        """The service navigation of this person's hats; nothing in it leads to a refusal."""
        if not self.user.is_authenticated:
            return []
        hats, labels = self.user.hats, self.labels
        own_school = hats.worn and not hats.worn - set(SCHOOL_HATS)
        items = [("Home", reverse("home"))]
        if can(self.user, P.SCHOOL_LIST):
            items.append(("Our school" if own_school and len(hats.contacts) == 1 else "Schools", reverse("schools:school-list")))
        if can(self.user, P.VISIT_LIST):
            notes = labels.get("note", "short_plural")
            items.append((f"Visits and {notes}", reverse("visits:visit-list")))
        if can(self.user, P.ROUND_VIEW):
            items.append(("Rounds", reverse("visits:round-list")))
        if hats.may_somewhere(P.VISIT_LIST) and not {Hat.DATA_PROTECTION_OFFICER} >= hats.worn:
            items.append((labels.get("action", "plural").capitalize(), reverse("visits:action-list")))
        if can(self.user, P.ALERT_ACKNOWLEDGE):
            items.append((labels.get("alert", "short_plural").capitalize(), reverse("visits:alert-list")))
        if can(self.user, P.REVIEW_QUEUE):
            items.append(("Reviews", reverse("visits:review-list")))
        if can(self.user, P.FEEDBACK_VIEW):
            items.append(("Feedback", reverse("quality:feedback-own")))
        if can(self.user, P.INSPECTION_OVERVIEW):
            items.append(("Inspection", reverse("schools:inspection-overview")))
        if can(self.user, P.FINANCE_OVERVIEW):
            items.append(("Finance", reverse("support:finance-overview")))
        if can(self.user, P.RESULTS_VIEW):
            items.append(("Results", reverse("targets:headlines")))
        if can(self.user, P.CASELOADS_VIEW):
            items.append(("Caseloads", reverse("schools:caseload-list")))
        if can(self.user, P.SIP_LIST):
            items.append(("People", reverse("people:person-list")))
        if can(self.user, P.CATEGORY_DECIDE):
            items.append(("Panels", reverse("support:panel-list")))
        elif can(self.user, P.CATEGORY_COUNTS):
            items.append(("Levels of support", reverse("support:category-counts")))
        if can(self.user, P.SCHEME_COMPARE):
            items.append(("Criteria", reverse("support:scheme-list")))
        if can(self.user, P.FACT_LIST):
            items.append(("Facts", reverse("support:fact-list")))
        if self.user.is_staff:
            items.append(("Admin site", reverse("admin:index")))
        path = self.request.path
        best = max((url for _, url in items if path == url or (url != "/" and path.startswith(url))), key=len, default="")
        return [{"label": label, "url": url, "current": url == best} for label, url in items]

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
        "nav": SimpleLazyObject(lambda: frame.nav),
        "brand_url": SimpleLazyObject(lambda: frame.brand_url),
        "account_url": reverse("people:account"),
        "search_url": reverse("search"),
        "search_words": "schools, notes, actions",
        "academic_year": AcademicYear.from_date(clock.today()).label,
        "pack_name": SimpleLazyObject(lambda: str(frame.pack.row.code) if frame.pack else ""),
        "footer_links": [{"label": "Accessibility", "url": reverse("accessibility")}, {"label": "Privacy", "url": reverse("privacy")}],
    }
