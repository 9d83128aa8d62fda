"""The programme report and the regional evidence pack: as a page, PDF and XLSX, from one and the same report."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header

from core import clock
from core.access import can
from core.components.formats import moment
from core.components.forms import PortalForm
from core.documents import DocumentFailed
from core.tabular.writing import Sheet, file_name, file_response, write_workbook
from people.models import Authority
from people.packs import AuthorityPack, require_pack
from people.roles import Permission as P
from people.views.base import FormPage, Page, chosen_authority
from quality import documents, services
from quality.forms.reports import ReportTextForm
from quality.models import ReportText
from quality.pack import Heading
from quality.report import REPORTS, Made, Period, make_report, of_pack, periods, sheets_of


class OfReport(Page):
    """One of the two reports, of a period that exists."""

    abstract = True
    permission = P.PROGRAMME_REPORT

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

    @property
    def which(self) -> str:
        if self.kwargs["which"] not in REPORTS:
            raise Http404("Not found.")
        return str(self.kwargs["which"])

    def written(self) -> list[Heading]:
        """The headings under which a person writes."""
        return [heading for heading in of_pack(self.pack, self.which).headings if heading.is_written]


class ReportView(OfReport):
    """A period's report; the regional coordinator sees this, the other, and outside judgements."""

    template_name = "quality/report.html"

    def report(self) -> Made:
        return make_report(self.managed, self.pack, self.which, self.period, self.today)

    def context(self) -> dict[str, Any]:
        return {
            "managed": self.managed,
            "report": self.report(),
            "which": self.kwargs["which"],
            "periods": periods(self.pack, self.today),
            "period": self.period,
            "to_write": self.written() if can(self.user, P.REPORT_WRITE, self.managed, on=self.today) else [],
        }


class ReportWriteView(OfReport, FormPage):
    """The words under one heading of a period's report."""

    permission = P.REPORT_WRITE
    template_name = "quality/report_write.html"

    @cached_property
    def heading(self) -> Heading:
        found = next((heading for heading in self.written() if heading.code == self.kwargs["heading"]), None)
        if found is None:
            raise Http404("Not found.")
        return found

    @cached_property
    def stands(self) -> ReportText | None:
        rows = ReportText.objects.visible_to(self.user).filter(authority=self.managed, period=self.period.key, heading=self.heading.code)
        return rows.first()

    @property
    def back(self) -> str:
        return f"{reverse('quality:report' if self.which == 'programme' else 'quality:evidence')}?period={self.period.key}"

    def context(self) -> dict[str, Any]:
        return {
            "title": self.heading.text,
            "over": f"{self.managed.name}, {self.period.label}",
            "back": self.back,
            "words": "Save",
            "base": self.stands.revision if self.stands else 0,
        }

    def form(self, data: Any = None) -> PortalForm:
        return ReportTextForm(data, initial={"text": self.stands.text if self.stands else ""})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.POST.get("resolve") == "theirs":
            return HttpResponseRedirect(request.get_full_path())
        return super().post(request, *args, **kwargs)

    def deed(self, form: Any) -> HttpResponse:
        text, base = form.cleaned_data["text"], self.request.POST.get("base", "")
        if self.request.POST.get("resolve") == "both" and self.stands and self.stands.text not in text:
            text = f"{self.stands.text}\n\n{text}"
        try:
            services.write_report_text(
                actor=self.user,
                authority=self.managed,
                period=self.period.key,
                heading=self.heading.code,
                text=text,
                base_revision=int(base) if base.isdecimal() and len(base) < 10 else 0,
                at=clock.now(),
            )
        except services.ReportConflict as conflict:
            return self.show(form=form, conflict=self.both(conflict), base=conflict.stands.revision, status=409)
        return self.go(self.back, "It is saved, and stands in the report.")

    @staticmethod
    def both(conflict: services.ReportConflict) -> dict[str, Any]:
        """For ``visits/editor/_conflict.html``: what stands and what was sent."""
        stands = conflict.stands
        return {
            "by": stands.by.name,
            "at": moment(stands.at),
            "text_differs": stands.text != conflict.yours,
            "current": stands.text,
            "yours": conflict.yours,
            "is_kept_nowhere": True,
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
