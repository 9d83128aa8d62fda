"""The school's pages: a header, tabs and a time line, all built from what the apps contribute."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse

from core.access import get_visible
from core.packs import Labels
from people.roles import Permission
from people.views.base import Page, capacity_of
from schools.models import School
from schools.registries import SCHOOL_TABS, Act, Fact, HeaderPart, Mark, SchoolTab, header_of, tabs_for

OVERVIEW = "overview"


class SchoolPage(Page):
    """Any page inside a school's frame. ``tab`` is the tab that it stands under. Four queries for the frame's header."""

    abstract = True
    permission = Permission.SCHOOL_VIEW
    template_name = "schools/school.html"
    object: School
    tab = ""

    def get_object(self) -> School:
        schools = School.objects.select_related("authority", "cluster")
        return get_visible(schools, self.request.user, authority__code=self.kwargs["authority"], urn=self.kwargs["urn"])

    def authority_id(self) -> int | None:
        return self.object.authority_id

    def kind_of_school(self) -> str:
        return self.object.phase

    def capacity(self) -> str:
        worn = self.user.hats.at(self.object)
        return capacity_of(self.user, worn) if worn else capacity_of(self.user)

    def frame(self) -> dict[str, Any]:
        frame = super().frame()
        school = self.object
        parts: list[HeaderPart] = header_of(self.user, [school], self.today)[school.pk]
        labels: Labels = frame["labels"]
        return {
            **frame,
            "school": school,
            "facts": [_said(part, labels) for part in parts if isinstance(part, Fact)],
            "marks": [part for part in parts if isinstance(part, Mark)],
            "acts": [part for part in parts if isinstance(part, Act)],
            "tabs": [
                {"label": labels.fill(tab.label), "url": tab_url(school, tab), "current": tab.key == self.tab}
                for tab in tabs_for(self.user, school)
            ],
        }


class SchoolTabView(SchoolPage):
    """One tab: its contribution's context inside its contribution's template."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.tab = kwargs.get("tab", OVERVIEW)
        if self.tab not in SCHOOL_TABS or not SCHOOL_TABS[self.tab].is_shown(self.user, self.object):
            raise Http404("Not found.")
        tab = SCHOOL_TABS[self.tab]
        frame = self.frame()
        context = {**frame, **tab.context(self.user, self.object, self.today)}
        context |= {"tab_template": tab.template, "tab_label": frame["labels"].fill(tab.label)}
        return TemplateResponse(request, self.template_name, context)


def tab_url(school: School, tab: SchoolTab) -> str:
    if tab.key == OVERVIEW:
        return reverse("schools:school-detail", args=[school.authority.code, school.urn])
    return reverse("schools:school-tab", args=[school.authority.code, school.urn, tab.key])


def _said(fact: Fact, labels: Labels) -> Fact:
    return Fact(labels.get(fact.label, "Singular"), fact.value, fact.sub, fact.url) if fact.is_word else fact
