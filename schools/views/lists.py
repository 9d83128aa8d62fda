"""The list of schools, its export, and the type-ahead."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse

from core import audit, clock
from core.access import PortalView, require
from core.components.tables import Sort, keyset_page
from core.tabular.writing import export_response
from people.models import User
from people.roles import Permission
from people.views.base import Page
from schools.choices import AssignmentKind
from schools.forms import SchoolFilter
from schools.models import School
from schools.selectors import advisers_of, chair_of, contacts_on, head_of, suggest_schools

SORTS = {
    "name": ("name", "urn"),
    "urn": ("urn",),
    "phase": ("phase", "name", "urn"),
    "cluster": ("cluster__name", "name", "urn"),
    "roll": ("-roll", "name", "urn"),
}
EXPORTS = ("csv", "xlsx")


def _schools(user: User) -> QuerySet[School]:
    return School.objects.visible_to(user).select_related("authority", "cluster")


class SchoolListView(Page):
    """The schools of one's scope, with filters in the address and pages by key."""

    permission = Permission.SCHOOL_LIST
    template_name = "schools/school_list.html"

    def context(self) -> dict[str, Any]:
        filters = SchoolFilter(self.request.GET, queryset=_schools(self.user), request=self.request)
        sort = Sort.read(self.request.GET, SORTS, default="name")
        page = keyset_page(filters.qs, sort.order, self.request.GET.get("cursor"))
        advisers = advisers_of([school.pk for school in page], self.today)
        rows = []
        for school in page:
            serving = advisers.get(school.pk, [])
            rows.append((school, next((row for row in serving if row.kind == AssignmentKind.SIP), None), serving))
        query = self.request.GET.copy()
        query.pop("cursor", None)
        return {"filter": filters, "page": page, "rows": rows, "sort": sort, "total": filters.qs.count(), "query": query.urlencode()}


class SchoolExportView(PortalView):
    """Exactly the schools that the list shows under the same filters and order, as CSV or a workbook."""

    permission = Permission.SCHOOL_LIST
    COLUMNS = ("Name", "URN", "DfE number", "Phase", "Type", "Status", "Cluster", "Roll", "Head", "Chair", "SIP", "Town", "Postcode")

    def get(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        assert isinstance(request.user, User)
        if kind not in EXPORTS:
            raise Http404("Not found.")
        require(request.user, Permission.SCHOOL_LIST)
        on = clock.today()
        sort = Sort.read(request.GET, SORTS, default="name")
        schools = list(SchoolFilter(request.GET, queryset=_schools(request.user), request=request).qs.order_by(*sort.order, "pk"))
        ids = [school.pk for school in schools]
        contacts, advisers = contacts_on(ids, on), advisers_of(ids, on)
        rows = []
        for school in schools:
            head, chair = head_of(contacts.get(school.pk, [])), chair_of(contacts.get(school.pk, []))
            sip = next((row for row in advisers.get(school.pk, []) if row.kind == AssignmentKind.SIP), None)
            rows.append(
                (
                    school.name,
                    school.urn,
                    school.dfe_number,
                    school.get_phase_display(),
                    school.type,
                    school.get_status_display(),
                    school.cluster.name if school.cluster else "",
                    school.roll,
                    head.name if head else "",
                    chair.name if chair else "",
                    sip.adviser.name if sip else "",
                    school.town,
                    school.postcode,
                )
            )
        audit.record(
            "schools.exported", actor=request.user, at=clock.now(), subject=request.user, changes={"rows": len(rows), "kind": kind}
        )
        return export_response("schools", self.COLUMNS, rows, kind)


class SchoolSuggestView(PortalView):
    """Type-ahead over the asker's schools; ``?for=interest`` over the names of every open school of their authorities."""

    permission = Permission.SCHOOL_LIST

    def get(self, request: HttpRequest) -> HttpResponseBase:
        assert isinstance(request.user, User)
        is_interest = request.GET.get("for") == "interest"
        if is_interest:
            require(request.user, Permission.INTEREST_DECLARE)
        return JsonResponse({"results": suggest_schools(request.user, str(request.GET.get("q", "")), whole_authority=is_interest)})
