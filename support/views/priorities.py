"""Schools that may be a priority this year, with the rule and the figure for each (P24)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from core import audit, clock
from core.access import PortalView
from core.calendar import AcademicYear
from core.documents import DocumentFailed
from core.tabular.writing import export_response
from people.models import Authority, User
from people.packs import require_pack
from people.roles import Permission as P
from people.views.base import Page, chosen_authority
from schools.models import School
from support import documents
from support.priorities import PriorityList, priority_list

from .cases import pdf_response

EXPORTS = ("csv", "xlsx", "pdf")


class _Asked:
    request: Any
    object: Authority

    def get_object(self) -> Authority:
        return chosen_authority(self.request, P.INSPECTION_OVERVIEW)

    @cached_property
    def found(self) -> PriorityList:
        on = clock.today()
        mine: QuerySet[School] = School.objects.granting(self.request.user, P.INSPECTION_OVERVIEW).filter(authority=self.object).open_on(on)
        return priority_list(mine, require_pack(self.object, on), on)

    @property
    def chosen(self) -> str:
        code = str(self.request.GET.get("rule") or "")
        return code if any(count.priority.code == code for count in self.found.counts) else ""


class PriorityListView(_Asked, Page):
    """The pack's rules with how many schools each takes in and of how many it is unknown; the schools with their reasons."""

    permission = P.INSPECTION_OVERVIEW
    template_name = "support/priority_list.html"

    def authority_id(self) -> int | None:
        return self.object.pk

    def context(self) -> dict[str, Any]:
        chosen = self.chosen
        return {
            "found": self.found,
            "lines": self.found.only(chosen),
            "chosen": next((count.priority for count in self.found.counts if count.priority.code == chosen), None),
            "year": AcademicYear.from_date(self.today),
            "query": self.request.GET.urlencode(),
        }


class PriorityExportView(_Asked, PortalView):
    """The list as shown: one row a school and reason, or the page as a document."""

    permission = P.INSPECTION_OVERVIEW
    COLUMNS = ("School", "URN", "Phase", "Cluster", "Rule", "Figures", "Why")

    def get(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        assert isinstance(request.user, User)
        if kind not in EXPORTS:
            raise Http404("Not found.")
        rows = [
            (
                line.school.name,
                line.school.urn,
                line.school.get_phase_display(),
                line.school.cluster.name if line.school.cluster else "",
                reason.label,
                "; ".join(reason.figures),
                "; ".join(reason.because),
            )
            for line in self.found.only(self.chosen)
            for reason in line.reasons
            if not self.chosen or reason.code == self.chosen
        ]
        changes = {"rows": len(rows), "kind": kind, "rule": self.chosen}
        audit.record(
            "priorities.exported", actor=request.user, at=clock.now(), subject=request.user, authority=self.object, changes=changes
        )
        if kind != "pdf":
            return export_response("priorities", self.COLUMNS, rows, kind)
        try:
            body = documents.priorities(self.object, self.found, self.chosen, at=clock.now())
        except DocumentFailed as failure:
            messages.error(request, str(failure))
            return HttpResponseRedirect(reverse("support:priority-list"))
        return pdf_response(body, f"priorities-{clock.today():%Y-%m-%d}.pdf")
