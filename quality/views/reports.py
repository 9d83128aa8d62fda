"""The programme report and the regional evidence pack: as a page, PDF and XLSX, from one and the same report."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header

from core import clock
from core.documents import DocumentFailed
from core.tabular.writing import Sheet, file_name, file_response, write_workbook
from people.models import Authority
from people.packs import AuthorityPack, require_pack
from people.roles import Permission as P
from people.views.base import Page, chosen_authority
from quality import documents, services
from quality.report import REPORTS, Made, Period, make_report, periods, sheets_of


class ReportView(Page):
    """A period's report; the regional coordinator sees this, the other, and outside judgements."""

    permission = P.PROGRAMME_REPORT
    template_name = "quality/report.html"

    @cached_property
    def managed(self) -> Authority:
        return chosen_authority(self.request, P.PROGRAMME_REPORT)

    def authority_id(self) -> int | None:
        return self.managed.pk

    @cached_property
    def pack(self) -> AuthorityPack:
        return require_pack(self.managed, self.today)

    @cached_property
    def period(self) -> Period:
        key = self.request.GET.get("period", "")
        choices = periods(self.pack, self.today)
        found = next((period for period in choices if period.key == key), None) if key else choices[0]
        if found is None:
            raise Http404("Not found.")
        return found

    def report(self) -> Made:
        if self.kwargs["which"] not in REPORTS:
            raise Http404("Not found.")
        return make_report(self.managed, self.pack, self.kwargs["which"], self.period, self.today)

    def context(self) -> dict[str, Any]:
        return {
            "managed": self.managed,
            "report": self.report(),
            "which": self.kwargs["which"],
            "periods": periods(self.pack, self.today),
            "period": self.period,
        }


class ReportFileView(ReportView):
    """The same as a file. Audited with what it is."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        kind, report = self.kwargs["kind"], self.report()
        if kind == "xlsx":
            body = write_workbook([Sheet(name, columns, rows) for name, columns, rows in sheets_of(report)])
            response = file_response(file_name(report.title, kind), body, kind)
        elif kind == "pdf":
            try:
                pdf = documents.report_pdf(self.managed, report, at=clock.now())
            except DocumentFailed as failure:
                return self.show(refused=str(failure), status=503)
            response = HttpResponse(pdf, content_type="application/pdf")
            response["Content-Disposition"] = content_disposition_header(True, file_name(report.title, "pdf")) or "attachment"
        else:
            raise Http404("Not found.")
        services.note_report_exported(
            actor=self.user, authority=self.managed, which=self.kwargs["which"], period=self.period.label, kind=kind, at=clock.now()
        )
        return response
