"""Search over everything in the asker's scope: schools, people, notes; by kind, newest first."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from core import search
from core.access import SIGNED_IN, PortalView, SignedInRequest
from core.search import SEARCH_KINDS


class SearchView(PortalView):
    """``q`` the words, ``kind`` one kind of thing, ``after`` the cursor of the next page."""

    permission = SIGNED_IN

    @staticmethod
    def page(request: SignedInRequest, words: str, kinds: list[str] | None) -> search.Page:
        """The page that the cursor asks for; the first for a cursor that is none (an old or mangled link)."""
        try:
            return search.search(request.user, words, kinds, limit=20, cursor=request.GET.get("after") or None)
        except ValueError:
            return search.search(request.user, words, kinds, limit=20)

    def get(self, request: SignedInRequest) -> HttpResponse:
        words = request.GET.get("q", "").strip()[:200]
        kind = request.GET.get("kind", "")
        kinds = [kind] if kind in SEARCH_KINDS else None
        page = self.page(request, words, kinds) if words else None
        found: dict[str, Any] = search.counts(request.user, words) if words else {}
        facets = [
            {"key": key, "label": entry.plural, "count": found.get(key, 0), "current": key == kind}
            for key, entry in SEARCH_KINDS.items()
            if found.get(key)
        ]
        return render(request, "search.html", {"words": words, "kind": kind, "page_": page, "facets": facets, "total": sum(found.values())})
