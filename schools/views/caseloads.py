"""Caseloads: who serves which school; assign, hand over, cover and end, one school or many."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.urls import reverse

from core import clock
from core.access import SIGNED_IN, can
from core.calendar import AcademicYear
from core.spans import on_day
from people.models import Authority, Sip, User
from people.roles import Permission
from people.selectors import sips_without_mentor, sips_without_reviewer
from people.views.base import FormPage, Page, chosen_authority
from schools.choices import AssignmentKind
from schools.forms import AssignmentAssignForm, AssignmentCoverForm, AssignmentEndForm, AssignmentHandOverForm
from schools.models import Assignment, School
from schools.selectors import NO_DAYS, caseload, days_of_adviser_at, days_of_advisers, schools_without_sip, sip_lines, undeclared
from schools.services import assign, cover, end_assignments, hand_over


class _AuthorityPage(Page):
    """A page about one of the asker's authorities, named in the address (``?authority=``) where they have several."""

    abstract = True
    object: Authority

    def get_object(self) -> Authority:
        assert self.permission is not None
        return chosen_authority(self.request, Permission(self.permission))

    def authority_id(self) -> int | None:
        return self.object.pk


class CaseloadListView(_AuthorityPage):
    """Every SIP with schools and days; schools without a SIP stand at the top."""

    permission = Permission.CASELOADS_VIEW
    template_name = "schools/caseload_list.html"

    def context(self) -> dict[str, Any]:
        year = AcademicYear.from_date(self.today)
        return {
            "lines": sip_lines(self.user, self.object, self.today),
            "without": list(schools_without_sip(self.user, self.today).filter(authority=self.object)),
            "may_manage": can(self.user, Permission.ASSIGNMENT_MANAGE, self.object),
            "year": year,
            "plan_url": reverse("schools:plan-detail", args=[self.object.code, year.next.first])
            if self.object.pk in self.user.hats.authorities_granting(Permission.PLAN_MANAGE)
            else "",
        }


class CaseloadGapsView(_AuthorityPage):
    """What the manager has to see to: who has not declared, SIPs without mentor or reviewer (P28)."""

    permission = Permission.INTEREST_REVIEW
    template_name = "schools/caseload_gaps.html"

    def context(self) -> dict[str, Any]:
        year = AcademicYear.from_date(self.today)
        return {
            "year": year,
            "undeclared": list(undeclared(self.object, year.first, self.today)),
            "without_mentor": list(sips_without_mentor(self.user, self.today).filter(authority=self.object)),
            "without_reviewer": list(sips_without_reviewer(self.user, self.today).filter(authority=self.object)),
        }


# ---------------------------------------------------------------- one adviser


class AdviserPage(Page):
    """A SIP or adviser in the asker's scope: oneself, one's mentees, those of the authorities that one lists SIPs of."""

    abstract = True
    object: User

    def get_object(self) -> User:
        asker = self.user
        person = User.objects.filter(public_id=self.kwargs["pid"]).select_related("home_authority").first()
        if person is None or not (
            person.pk == asker.pk or person.pk in asker.hats.mentees or User.objects.visible_to(asker).filter(pk=person.pk).exists()
        ):
            raise Http404("Not found.")
        return person

    @cached_property
    def rows(self) -> list[Assignment]:
        """The adviser's assignments of today at schools that the asker sees."""
        return list(
            Assignment.objects.visible_to(self.user)
            .filter(pk__in=caseload(self.object, self.today).values("pk"))
            .select_related("school__authority", "school__cluster", "adviser", "authority")
            .order_by("school__name", "school__urn")
        )

    def authority_id(self) -> int | None:
        return self.rows[0].authority_id if self.rows else super().authority_id()


class AdviserDetailView(AdviserPage):
    """Profile, caseload, days and mentor of one adviser."""

    permission = SIGNED_IN
    template_name = "schools/adviser_detail.html"

    def context(self) -> dict[str, Any]:
        year = AcademicYear.from_date(self.today)
        profiles = (
            Sip.objects.visible_to(self.user)
            .filter(on_day(self.today), user=self.object)
            .select_related("authority", "line_manager", "assigned_person")
            .prefetch_related("mentorships__mentor")
        )
        shows_days = self.object.pk == self.user.pk or can(self.user, Permission.DAYS_VIEW, self.object)
        days = days_of_adviser_at(self.object, [row.school_id for row in self.rows], year.first) if shows_days else {}
        authority_id = self.authority_id()
        total = (
            days_of_advisers([self.object.pk], year.first, authority_id).get(self.object.pk, NO_DAYS)
            if shows_days and authority_id
            else None
        )
        return {
            "adviser": self.object,
            "profiles": list(profiles),
            "rows": [(row, days.get(row.school_id)) for row in self.rows],
            "total": total,
            "year": year,
            "shows_days": shows_days,
            "may_manage": self.object.pk != self.user.pk
            and any(row.authority_id in self.user.hats.authorities_granting(Permission.ASSIGNMENT_MANAGE) for row in self.rows),
        }


class _CaseloadForm(FormPage, AdviserPage):
    """A deed on some of one adviser's assignments, by a manager who is not that adviser."""

    abstract = True
    permission = Permission.ASSIGNMENT_MANAGE

    @cached_property
    def mine(self) -> Sequence[Assignment]:
        managed = self.user.hats.authorities_granting(Permission.ASSIGNMENT_MANAGE)
        return [row for row in self.rows if row.authority_id in managed]

    def context(self) -> dict[str, Any]:
        return {"adviser": self.object, "back_url": self.back()}

    def back(self) -> str:
        return reverse("schools:adviser-detail", args=[self.object.public_id])

    def chosen(self) -> dict[str, Any]:
        return {"assignments": self.request.GET.getlist("assignment")}


class AssignmentHandOverView(_CaseloadForm):
    template_name = "schools/assignment_hand_over.html"

    def form(self, data: Any = None) -> AssignmentHandOverForm:
        return AssignmentHandOverForm(data, user=self.user, rows=self.mine, initial=self.chosen())

    def deed(self, form: AssignmentHandOverForm) -> HttpResponse:
        data = form.cleaned_data
        rows = hand_over(actor=self.user, at=clock.now(), **data)
        return self.go(self.back(), f"{_schools(rows)} handed over to {data['adviser'].name}.")


class AssignmentEndView(_CaseloadForm):
    template_name = "schools/assignment_end.html"

    def form(self, data: Any = None) -> AssignmentEndForm:
        return AssignmentEndForm(data, user=self.user, rows=self.mine, initial=self.chosen())

    def deed(self, form: AssignmentEndForm) -> HttpResponse:
        rows = end_assignments(actor=self.user, at=clock.now(), **form.cleaned_data)
        return self.go(self.back(), f"{_schools(rows)} ended.")


class AssignmentCoverView(_CaseloadForm):
    template_name = "schools/assignment_cover.html"

    def form(self, data: Any = None) -> AssignmentCoverForm:
        return AssignmentCoverForm(data, user=self.user, rows=self.mine, initial={"assignment": self.request.GET.get("assignment")})

    def deed(self, form: AssignmentCoverForm) -> HttpResponse:
        row = cover(actor=self.user, at=clock.now(), **form.cleaned_data)
        return self.go(self.back(), f"{row.adviser.name} covers {row.school.name}.")


class AssignmentAssignView(FormPage, _AuthorityPage):
    """Give schools to an adviser: those without a SIP are offered, and those that the address names (``?school=URN``)."""

    permission = Permission.ASSIGNMENT_MANAGE
    template_name = "schools/assignment_assign.html"

    @cached_property
    def offered(self) -> list[School]:
        asked = [
            urn for urn in self.request.GET.getlist("school") + self.request.POST.getlist("schools") if urn.isdecimal() and len(urn) < 10
        ]
        without = schools_without_sip(self.user, self.today).values("pk")
        mine = School.objects.visible_to(self.user).filter(authority=self.object).select_related("authority")
        return list(mine.filter(Q(pk__in=without) | Q(urn__in=asked)).order_by("name", "urn"))

    def form(self, data: Any = None) -> AssignmentAssignForm:
        initial = {"schools": self.request.GET.getlist("school"), "kind": AssignmentKind.SIP.value, "source": "core"}
        return AssignmentAssignForm(data, user=self.user, schools=self.offered, initial=initial)

    def deed(self, form: AssignmentAssignForm) -> HttpResponse:
        data = dict(form.cleaned_data)
        data["quarters"] = data["quarters"] or 0
        data["source"] = data["source"] or "core"
        rows = assign(actor=self.user, at=clock.now(), **data)
        return self.go(reverse("schools:caseload-list"), f"{_schools(rows)} assigned to {data['adviser'].name}.")


def _schools(rows: Sequence[Assignment]) -> str:
    return rows[0].school.name if len(rows) == 1 else f"{len(rows)} schools"
