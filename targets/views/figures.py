"""Making Figures Speak and the summary sheet, at the school: page and PDF, for whoever sees the school."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from core import clock
from core.documents import DocumentFailed, make
from schools.views.school import SchoolPage
from targets.documents import figures_document
from targets.selectors.school import SchoolFigures
from targets.speaking import BY_CODE, Speaking, address, applies, stages_for
from targets.summary_sheet import summary_sheet


class _FiguresPage(SchoolPage):
    """``body`` is shown inside the school's frame, and alone in the PDF."""

    abstract = True
    tab = "results"
    body: ClassVar[str]

    def title(self) -> str:
        raise NotImplementedError

    def figures(self) -> dict[str, Any]:
        """What ``body`` needs."""
        raise NotImplementedError

    def pdf_url(self) -> str:
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        found = self.figures()  # before the title, which may say which stage it is
        return {
            **found,
            "tab_template": "targets/figures_page.html",
            "tab_label": self.title(),
            "body": self.body,
            "pdf_url": self.pdf_url(),
        }


class _FiguresPdf(_FiguresPage):
    abstract = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        at, frame = clock.now(), self.frame()
        context = {"labels": frame["labels"], "facts": frame["facts"], "marks": frame["marks"], **self.figures()}
        context["fact_pairs"] = list(zip_longest(frame["facts"][::2], frame["facts"][1::2]))
        document = figures_document(
            school=self.object,
            title=self.title(),
            body=self.body,
            context=context,
            prepared_for=self.user.name,
            at=timezone.localtime(at),
        )
        try:
            made = make(document)
        except DocumentFailed as failure:
            return HttpResponse(str(failure), status=503, content_type="text/plain; charset=utf-8")
        name = f"{self.title().lower().replace(':', '').replace(' ', '-')}-{self.object.urn}.pdf"
        return HttpResponse(
            made.pdf,
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"},
        )


class FiguresSpeakView(_FiguresPage):
    """404 for a stage that pupils of this kind of school are not assessed at."""

    body = "targets/figures_speak.html"

    def title(self) -> str:
        return f"Making Figures Speak: {BY_CODE[self.kwargs['stage']].label}"

    def pdf_url(self) -> str:
        return address(self.object, BY_CODE[self.kwargs["stage"]], pdf=True)

    def figures(self) -> dict[str, Any]:
        stage = BY_CODE.get(self.kwargs["stage"])
        figures = SchoolFigures(self.user, self.object, self.today)
        if stage is None or not (applies(figures, stage) or stage in stages_for(figures)):
            raise Http404("Not found.")
        return {
            "it": Speaking(figures, stage),
            "sources": figures.sources,
            "stages": [{"label": one.label, "url": address(self.object, one), "current": one is stage} for one in stages_for(figures)],
        }


class FiguresSpeakPdfView(_FiguresPdf, FiguresSpeakView):
    pass


class SummarySheetView(_FiguresPage):
    body = "targets/summary_sheet.html"

    def title(self) -> str:
        return "Summary sheet"

    def pdf_url(self) -> str:
        return reverse("targets:summary-sheet-pdf", args=[self.object.authority.code, self.object.urn])

    def figures(self) -> dict[str, Any]:
        return dict(summary_sheet(self.user, self.object, self.today))


class SummarySheetPdfView(_FiguresPdf, SummarySheetView):
    pass
