"""The briefing builder: the slides of a briefing, edited, exported and published; and what was published, for its audience."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.http import content_disposition_header

from briefings import services
from briefings.builder.deck import edited
from briefings.builder.issue import render, shown_of
from briefings.builder.pdf import bars_of, chart_of, write_pdf
from briefings.builder.pptx import MEDIA_TYPE, said_of, write_pptx
from briefings.forms import DeckBeginForm, DeckIssueForm, PageAddForm, SlideEditForm
from briefings.models import Briefing, Deck, DeckSlide, IssuedDeck
from core import clock, files
from core.access import PortalView, can, get_visible
from core.components.forms import PortalForm
from core.documents import DocumentFailed
from core.tabular.writing import file_name
from people.models import Authority
from people.packs import require_pack
from people.roles import Permission as P
from people.views.base import Deed, FormPage, Page, chosen_authority
from schools.slides import Slide

KINDS = ("pdf", "pptx")


class _Building:
    request: Any

    @cached_property
    def managed(self) -> Authority:
        return chosen_authority(self.request, P.BRIEFING_BUILD)

    def authority_id(self) -> int | None:
        return self.managed.pk


class DeckListView(_Building, Page):
    permission = P.BRIEFING_BUILD
    template_name = "briefings/builder_list.html"

    def context(self) -> dict[str, Any]:
        rows = Deck.objects.visible_to(self.user).select_related("briefing", "made_by")
        return {"rows": list(rows.annotate(issued=Count("issues", distinct=True), last_issue=Max("issues__issued_at")))}


class DeckBeginView(_Building, FormPage):
    """Authority, phase, term; from a briefing's page all three are chosen."""

    permission = P.BRIEFING_BUILD
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "Build the slides", "over": self.managed.name, "back": reverse("briefings:deck-list"), "words": "Build them"}

    def form(self, data: Any = None) -> PortalForm:
        pack = require_pack(self.managed, self.today)
        terms = [(f"{term.season.value}-{term.starts_on.year}", term.label.capitalize()) for term in pack.terms]
        now = next((term for term in pack.terms if term.ends_on >= self.today), None)
        rows = {
            row.public_id: row
            for row in Briefing.objects.visible_to(self.user).filter(authority=self.managed).exclude(state="cancelled").order_by("-on")
        }
        asked = rows.get(self.request.GET.get("briefing", ""))
        initial = {"term": f"{now.season.value}-{now.starts_on.year}"} if now else {}
        if asked is not None:
            year = asked.academic_year.first + (asked.term != "autumn")
            initial = {"term": f"{asked.term}-{year}", "phase": asked.audience.split("-")[0], "briefing": asked.public_id}
        self.rows = rows
        return DeckBeginForm(data, terms=terms, briefings=[(key, row.title) for key, row in rows.items()], initial=initial)

    def deed(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        deck = services.begin_deck(
            actor=self.user,
            authority=self.managed,
            phase=data["phase"],
            term=data["term"],
            briefing=self.rows.get(data["briefing"]),
            at=clock.now(),
        )
        return self.go(deck.get_absolute_url(), "The slides are filled.")


class OneDeck:
    request: Any
    kwargs: dict[str, Any]
    object: Deck

    def get_object(self) -> Deck:
        rows = Deck.objects.select_related("authority", "briefing", "made_by")
        return get_visible(rows, self.request.user, public_id=self.kwargs["deck"])

    def authority_id(self) -> int | None:
        return self.object.authority_id


def _preview(row: DeckSlide, authority: str, number: int | None) -> dict[str, Any]:
    """A slide as the page draws it, with what is to be said beside it."""
    shown = edited(row.code, Slide.of_json(row.made), row.edits, by=row.edited_by_name, is_out=row.is_out)
    slide = shown.slide
    named = [(line.text, line.source) for line in slide.lines]
    named += [(each.cells[0], each.source) for each in slide.table.rows] if slide.table else []
    named += [(curve.heading, curve.source) for curve in slide.curves]
    ranked = slide.table is not None and slide.table.is_ranked
    return {
        "row": row,
        "shown": shown,
        "slide": slide,
        "number": number,
        "bars": bars_of(slide.table.rows) if slide.table is not None and ranked else (),
        "charts": [chart_of(curve, authority, f"c{row.pk}-{place}") for place, curve in enumerate(slide.curves)],
        "sources": [(text, said_of(source), source.url) for text, source in named],
    }


class DeckDetailView(OneDeck, Page):
    """The outline with where each slide comes from, the slides themselves, and what is to be known of the chosen one."""

    permission = P.BRIEFING_BUILD
    template_name = "briefings/builder_detail.html"

    def context(self) -> dict[str, Any]:
        deck = self.object
        found: list[dict[str, Any]] = []
        number = 0
        for row in deck.slides.order_by("position", "pk"):
            number += not row.is_out
            found.append(_preview(row, deck.authority.name, None if row.is_out else number))
        asked = self.request.GET.get("slide", "")
        chosen = next((each for each in found if each["row"].public_id == asked), found[0] if found else None)
        needs = [each for each in found if each["shown"].needs]
        return {
            "deck": deck,
            "slides": found,
            "count": number,
            "from_data": sum(1 for each in found if not each["row"].is_out and any(url for _, _, url in each["sources"])),
            "chosen": chosen,
            "needs": needs,
            "moved": [each for each in found if each["shown"].moved],
            "issues": list(deck.issues.all()),
        }


class DeckExportView(OneDeck, PortalView):
    """The working slides as a file."""

    permission = P.BRIEFING_BUILD

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        deck, kind, at = self.object, self.kwargs["kind"], clock.now()
        if kind not in KINDS:
            raise Http404("Not found.")
        if kind == "pdf":
            try:
                body, media = write_pdf(deck.authority, deck.title, deck.about, shown_of(deck), at=at), "application/pdf"
            except DocumentFailed as failure:
                return HttpResponse(str(failure), status=503, content_type="text/plain")
        else:
            body, media = write_pptx(deck.authority, deck.title, deck.about, shown_of(deck), at=at), MEDIA_TYPE
        services.note_deck_exported(actor=self.request.user, deck=deck, kind=kind, at=at)
        response = HttpResponse(body, content_type=media)
        response["Content-Disposition"] = content_disposition_header(True, file_name(deck.title, kind)) or "attachment"
        response["Cache-Control"] = "no-store, private"
        return response


class DeckRefreshView(OneDeck, Deed):
    permission = P.BRIEFING_BUILD

    def deed(self) -> str:
        changed = services.refresh_deck(actor=self.request.user, deck=self.object, at=clock.now())
        return f"The figures are fresh. Changed: {', '.join(changed)}." if changed else "The figures are fresh; no slide changed."

    def back(self) -> str:
        return self.object.get_absolute_url()


class DeckIssueView(OneDeck, FormPage):
    """Who will read it, and what still needs somebody, before it is published."""

    permission = P.BRIEFING_BUILD
    template_name = "briefings/builder_issue.html"

    def form(self, data: Any = None) -> PortalForm:
        return DeckIssueForm(data)

    def context(self) -> dict[str, Any]:
        shown = shown_of(self.object)
        return {
            "deck": self.object,
            "needs": [each for each in shown if each.needs],
            "count": sum(1 for each in shown if not each.is_out),
            "back": self.object.get_absolute_url(),
        }

    def deed(self, form: Any) -> HttpResponse:
        deck, at = self.object, clock.now()
        number = (deck.issues.aggregate(last=Max("number"))["last"] or 0) + 1
        try:
            rendered = render(deck, number=number, by=self.user.name, at=at)
        except DocumentFailed as failure:
            form.refuse(None, str(failure))
            return self.show(form=form, status=503)
        row = services.issue_deck(actor=self.user, deck=deck, rendered=rendered, at=at)
        return self.go(row.get_absolute_url(), "The pack is published.")


class PageAddView(OneDeck, FormPage):
    permission = P.BRIEFING_BUILD
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "Add a page", "over": self.object.title, "back": self.object.get_absolute_url(), "words": "Add it"}

    def form(self, data: Any = None) -> PortalForm:
        return PageAddForm(data)

    def deed(self, form: Any) -> HttpResponse:
        row = services.add_page(actor=self.user, deck=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(_at(row), "The page is added at the end.")


# ---------------------------------------------------------------- a slide


def _at(row: DeckSlide) -> str:
    return f"{row.deck.get_absolute_url()}?slide={row.public_id}#slide-{row.public_id}"


class OneSlide:
    request: Any
    kwargs: dict[str, Any]
    object: DeckSlide

    def get_object(self) -> DeckSlide:
        rows = DeckSlide.objects.select_related("deck__authority")
        return get_visible(rows, self.request.user, public_id=self.kwargs["slide"])

    def authority_id(self) -> int | None:
        return self.object.authority_id

    def back(self) -> str:
        return _at(self.object)


class SlideEditView(OneSlide, FormPage):
    permission = P.BRIEFING_BUILD
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {
            "title": f"Edit “{self.object}”",
            "over": self.object.deck.title,
            "lede": "Empty a sentence to leave it out; the portal’s own words can be put back.",
            "back": self.back(),
            "words": "Keep it",
        }

    def form(self, data: Any = None) -> PortalForm:
        return SlideEditForm(data, slide=self.object)

    def deed(self, form: Any) -> HttpResponse:
        services.edit_slide(actor=self.user, slide=self.object, at=clock.now(), **form.words())
        return self.go(self.back(), "The slide is kept. Fresh figures will not change your words.")


class SlideRestoreView(OneSlide, Deed):
    permission = P.BRIEFING_BUILD

    def deed(self) -> str:
        services.restore_slide(actor=self.request.user, slide=self.object, at=clock.now())
        return "The portal’s own text is back."


class SlideLeaveOutView(OneSlide, Deed):
    """Leaves it out, or takes it in again."""

    permission = P.BRIEFING_BUILD

    def deed(self) -> str:
        row = services.leave_out_slide(actor=self.request.user, slide=self.object, is_out=not self.object.is_out, at=clock.now())
        return f"“{row}” is {'left out' if row.is_out else 'in again'}."


class SlideMoveView(OneSlide, Deed):
    permission = P.BRIEFING_BUILD

    def deed(self) -> str:
        by = {"up": -1, "down": 1}.get(self.kwargs["way"])
        if by is None:
            raise Http404("Not found.")
        row = services.move_slide(actor=self.request.user, slide=self.object, by=by, at=clock.now())
        return f"“{row}” stands {'earlier' if by < 0 else 'later'}."


# ---------------------------------------------------------------- what was published


class OneIssue:
    request: Any
    kwargs: dict[str, Any]
    object: IssuedDeck

    def get_object(self) -> IssuedDeck:
        rows = IssuedDeck.objects.select_related("authority", "briefing", "pdf", "pptx", "deck")
        return get_visible(rows, self.request.user, public_id=self.kwargs["issued"])

    def authority_id(self) -> int | None:
        return self.object.authority_id


class IssuedDetailView(OneIssue, Page):
    permission = P.BRIEFING_VIEW
    template_name = "briefings/builder_issued.html"

    def context(self) -> dict[str, Any]:
        latest = self.object.briefing.issued_decks.order_by("-issued_at").first()
        return {
            "issued": self.object,
            "latest": latest if latest is not None and latest.pk != self.object.pk else None,
            "may_build": can(self.user, P.BRIEFING_BUILD, self.object, on=self.today),
        }


class IssuedFileView(OneIssue, PortalView):
    """The PDF, to whoever sees it; the presentation, to those who build."""

    permission = P.BRIEFING_VIEW

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        row, kind = self.object, self.kwargs["kind"]
        if kind not in KINDS or (kind == "pptx" and not can(request.user, P.BRIEFING_BUILD, row, on=clock.today())):
            raise Http404("Not found.")
        return files.download_response(row.pdf if kind == "pdf" else row.pptx, file_name(str(row), kind))
