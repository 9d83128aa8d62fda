"""Search over everything in the asker's scope: schools, people, notes, agreed actions; by kind, newest first, narrowed in the address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict

from core import search
from core.access import SIGNED_IN
from core.components.fields import DateBoxesField
from core.components.forms import PortalFilterForm
from core.search import SEARCH_KINDS, Narrow
from people.models import User
from people.packs import page_pack
from people.roles import Permission as P
from people.views.base import Page
from schools.models import School
from visits.models import Round, Visit
from visits.pack import visits_of
from visits.selectors import school_meant


class SearchFilterForm(PortalFilterForm):
    """What a search is narrowed by. What is said of a visit narrows to notes and their actions."""

    school = forms.CharField(label="School", required=False, max_length=100, help_text="Part of its name, its URN or its DfE number")
    sip = forms.ChoiceField(label="Visit led by", required=False)
    visit = forms.ChoiceField(label="Kind of visit", required=False)
    round = forms.ChoiceField(label="Round", required=False)
    section = forms.ChoiceField(label="Section of the note", required=False, help_text="Looks in that section of notes alone")
    since = DateBoxesField(label="From", required=False)
    until = DateBoxesField(label="To", required=False)

    def __init__(self, *args: Any, choices: Mapping[str, Iterable[tuple[str, str]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, all_ in (("sip", "Anybody"), ("visit", "Any kind"), ("round", "Any round"), ("section", "Any section")):
            self.fields[name].choices = [("", all_), *choices[name]]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        since, until = values.get("since"), values.get("until")
        if since and until and until < since:
            self.refuse("until", "To must be on or after the day in From")
        return values


class SearchView(Page):
    """``q`` the words, ``kind`` one kind of thing, ``after`` the cursor of the next page, and the filters.

    A filter is applied inside the asker's scope, before anything is counted: neither a count nor an extract tells of a
    row that they may not see, whatever stands in the address.
    """

    permission = SIGNED_IN
    http_method_names = ("get", "head")
    template_name = "search.html"
    keeps_filters = False  # the words are in the address too, and are another matter each time

    @cached_property
    def filter(self) -> SearchFilterForm | None:
        """None for whoever sees no visits: they search schools alone."""
        user, params = self.user, self.request.GET
        if not user.hats.may_somewhere(P.VISIT_LIST):
            return None
        visible = Visit.objects.visible_to(user)
        leads = User.objects.filter(pk__in=visible.values("lead_id")).order_by("name", "pk").values_list("public_id", "name")
        pack = page_pack(self.request, self.authority_id(), self.today)[1]
        policy = visits_of(pack.content) if pack else None
        kinds = [kind for kind in policy.visit_types if kind.has_note] if policy else []
        sections = {use.section.code: use.section.title for kind in kinds for use in kind.sections}
        rounds = Round.objects.visible_to(user).order_by("-starts_on", "pk").values_list("public_id", "name")
        choices = {"sip": leads, "visit": [(kind.code, kind.short) for kind in kinds], "round": rounds, "section": sections.items()}
        return SearchFilterForm(params if params else None, choices=choices)

    def narrow(self) -> Narrow:
        form = self.filter
        if form is None or not form.is_bound:
            return Narrow()
        form.is_valid()
        values = form.cleaned_data
        schools = None
        if asked := values.get("school"):
            schools = School.objects.visible_to(self.user).filter(school_meant(asked)).order_by().values("pk")
        extra = {name: values[key] for name, key in (("lead", "sip"), ("visit_type", "visit"), ("round", "round")) if values.get(key)}
        part = values.get("section") or ""
        return Narrow(school_ids=schools, since=values.get("since"), until=values.get("until"), extra=extra, part=part)

    def found(self, words: str, kinds: list[str] | None, narrow: Narrow) -> search.Page:
        """The page that the cursor asks for; the first for a cursor that is none (an old or mangled link)."""
        try:
            return search.search(self.user, words, kinds, narrow=narrow, limit=20, cursor=self.request.GET.get("after") or None)
        except ValueError:
            return search.search(self.user, words, kinds, narrow=narrow, limit=20)

    def context(self) -> dict[str, Any]:
        params = self.request.GET
        words = params.get("q", "").strip()[:200]
        kind = params.get("kind", "")
        kinds = [kind] if kind in SEARCH_KINDS else None
        narrow = self.narrow()
        counts: dict[str, int] = search.counts(self.user, words, narrow=narrow) if words else {}
        facets = [
            {"label": entry.plural, "count": counts[key], "current": key == kind, "url": self.url(kind=key)}
            for key, entry in SEARCH_KINDS.items()
            if counts.get(key)
        ]
        page = self.found(words, kinds, narrow) if words else None
        form = self.filter
        return {
            "words": words,
            "has_letters": bool(search.Query.parse(words)),
            "kind": kind,
            "filter": form,
            "is_narrowed": bool(form and form.is_bound and any(form.cleaned_data.values())),
            "page_": page,
            "facets": facets,
            "total": sum(counts.values()),
            "all_url": self.url(),
            "more_url": self.url(kind=kind, after=page.next_cursor) if page and page.next_cursor else "",
            "wide_url": f"?{self._query({'q': words})}",
            "kept": [(key, value) for key, values in params.lists() if key not in ("q", "after") for value in values if value],
        }

    def url(self, **changes: str) -> str:
        """This search with another kind or cursor; the filters stay."""
        params = self.request.GET.copy()
        for name in ("kind", "after"):
            params.pop(name, None)
        for name, value in changes.items():
            if value:
                params[name] = value
        return f"?{params.urlencode()}"

    @staticmethod
    def _query(values: dict[str, str]) -> str:
        params = QueryDict(mutable=True)
        params.update(values)
        return params.urlencode()
