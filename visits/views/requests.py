"""Requests for information: the list, one request, its search, what was found passage by passage, the redacted copies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from core import clock
from core.access import PortalView, Refused, can, get_visible, require
from core.components.forms import PortalForm
from core.components.tables import keyset_page
from core.documents import DocumentFailed, make
from people.models import Authority, User
from people.packs import AuthorityPack, page_pack, require_pack
from people.roles import Permission as P
from people.views.base import Deed, FormPage
from visits import services
from visits.choices import REQUEST_OPEN, REQUEST_TONES, RequestState
from visits.documents import CopyFacts, copy_document
from visits.forms.requests import DecisionForm, Marks, PlaceForm, RequestFilterForm, RequestForm, ReviewerForm, StepWordsForm
from visits.forms.visits import lines
from visits.held import HELD, in_place, kinds_at
from visits.models import InformationRequest, RedactedCopy, RequestItem
from visits.redaction import passages_of, people_in
from visits.request_pack import RequestsPart, requests_of
from visits.services.requests import compose_copy, second_readers
from visits.workflow import REQUEST_WORKFLOW

from .pages import WithPack

WHY = (
    "Held to answer requests under the Freedom of Information Act and the Data Protection Act. Seen by the data protection officer, "
    "and by the second reader while a request is with them; every reading is noted."
)


def tag_of(request: InformationRequest) -> tuple[str, str]:
    return request.get_state_display(), REQUEST_TONES[request.state]


class RequestListView(WithPack):
    """What is open, the earliest due first."""

    permission = P.REQUEST_HANDLE
    template_name = "visits/request_list.html"

    def context(self) -> dict[str, Any]:
        params = self.request.GET
        form = RequestFilterForm(params if params else None)
        state = form.cleaned_data.get("state", "") if form.is_bound and form.is_valid() else ""
        found = InformationRequest.objects.visible_to(self.user).prefetch_related("schools")
        if state in dict(form.fields["state"].choices) and state not in ("", "all"):  # type: ignore[attr-defined]
            found = found.filter(state=state)
        elif state != "all":
            found = found.filter(state__in=REQUEST_OPEN)
        page = keyset_page(found, ("due_on", "pk"), params.get("cursor"))
        rows = [(row, tag_of(row), row.is_open and row.due_on < self.today) for row in page]
        return {"filter": form, "page": page, "rows": rows, "total": found.count(), "privacy": WHY}


class RequestNewView(WithPack, FormPage):
    """Record a request as it came."""

    permission = P.REQUEST_HANDLE
    template_name = "visits/request_new.html"

    def authority_id(self) -> int | None:
        ids = self.user.hats.authorities_granting(P.REQUEST_HANDLE)
        home = self.user.home_authority_id
        return home if home in ids else min(ids)

    @cached_property
    def requests_part(self) -> RequestsPart:
        authority = page_pack(self.request, self.authority_id(), self.today)[0]
        assert authority is not None
        return requests_of((self.policy_in_force or require_pack(authority, self.today)).content)

    def form(self, data: Any = None) -> RequestForm:
        return RequestForm(data, part=self.requests_part, user=self.user, initial={"received_on": self.today})

    def context(self) -> dict[str, Any]:
        return {"part": self.requests_part, "privacy": WHY}

    def deed(self, form: Any) -> HttpResponse:
        authority: Authority = self.frame()["authority"]
        made = services.open_request(actor=self.user, authority=authority, words=form.request_words(), at=clock.now())
        return self.go(made.get_absolute_url(), f"The request is recorded as {made.reference}.")


# ---------------------------------------------------------------- one request


class AboutRequest(WithPack):
    """A page about one request of the asker's scope, in the words of the pack of the day on which it came."""

    abstract = True

    def get_object(self) -> Any:
        rows = InformationRequest.objects.select_related("authority", "reviewer").prefetch_related("schools")
        return get_visible(rows, self.request.user, public_id=self.kwargs["asked"])

    @property
    def asked(self) -> InformationRequest:
        asked: InformationRequest = self.object
        return asked

    @property
    def at(self) -> dt.datetime:
        return clock.now()

    def authority_id(self) -> int | None:
        return self.asked.authority_id

    @cached_property
    def requests_part(self) -> RequestsPart:
        pack: AuthorityPack = self.policy_in_force or require_pack(self.asked.authority, self.asked.received_on)
        return requests_of(pack.content)

    def frame(self) -> dict[str, Any]:
        asked = self.asked
        return {
            **super().frame(),
            "asked": asked,
            "tag": tag_of(asked),
            "is_late": asked.is_open and asked.due_on < self.today,
            "back": asked.get_absolute_url(),
            "may_handle": can(self.user, P.REQUEST_HANDLE, asked),
            "privacy": WHY,
        }


class RequestDetailView(AboutRequest):
    """How far it is: what is asked, where was searched, what was found and decided, and what comes next."""

    permission = P.REQUEST_READ
    template_name = "visits/request_detail.html"

    def context(self) -> dict[str, Any]:
        part, asked = self.requests_part, self.asked
        searched = {row.place: row for row in asked.searches.all()}
        items = list(asked.items.prefetch_related(Prefetch("copies", RedactedCopy.objects.defer("payload"))))
        offers = REQUEST_WORKFLOW.offers(self.user, asked, self.today)
        if asked.approved_at is not None:
            offers = [offer for offer in offers if offer != "approve"]
        return {
            "places": [(place, searched.get(place.code), bool(kinds_at(place.code))) for place in part.places],
            "searched": len([place for place in part.places if place.code in searched]),
            "items": [
                {
                    "item": item,
                    "kind": HELD[item.kind].label if item.kind in HELD else item.kind,
                    "decision": part.label_of(item.decision) if item.decision else "",
                    "exemption": part.short(item.exemption) if item.exemption else "",
                    "copy": next((copy for copy in item.copies.all() if copy.revision == item.revision), None),
                }
                for item in items
            ],
            "may_search": "note_place" in offers,
            "may_mark": "mark" in offers,
            "steps": [(action, STEPS[action]) for action in self.in_turn() if action in offers],
            "may_read": asked.is_open and can(self.user, P.REQUEST_HANDLE, asked),
        }

    def in_turn(self) -> list[str]:
        """The way forward first: once the search is closed, to search again is not."""
        again = ["search"] if self.asked.state == RequestState.DECIDING else []
        return [*(action for action in STEPS if action not in again), *again]


@dataclass(frozen=True)
class Step:
    """One step of a request: its page's words, what it asks, and the service that takes it."""

    title: str
    says: str
    done: str
    act: Callable[..., InformationRequest]
    permission: P = P.REQUEST_HANDLE
    label: str = ""
    hint: str = ""
    takes: str = ""


STEPS: dict[str, Step] = {
    "search": Step("Search", "Every place of the list is searched, and what was found there is noted.", "The search is open.", services.search_for_request),
    "clarify": Step("Ask the asker to say more", "Until the asker answers no time runs.", "The request waits for the asker.", services.clarify_request),
    "resume": Step(
        "The asker has answered", "The clock runs again from today.", "The search is open.", services.resume_request,
        label="Words to look for as well", hint="One word or phrase a line; leave it empty if nothing is to be added.", takes="words",
    ),
    "decide": Step("Close the search", "Then each thing found is decided on.", "The search is closed. Decide on what was found.", services.decide_on_request),
    "submit": Step("Give it to a second reader", "Somebody who decided nothing of it reads what is sent and what is kept back.", "The second reader has it.", services.submit_request, takes="reviewer"),
    "approve": Step("Approve", "You agree with what is sent and what is kept back.", "The answer is approved and can be sent.", services.approve_request, P.REQUEST_REVIEW),
    "return": Step(
        "Return it", "The decisions are open again.", "The answer is returned.", services.return_request, P.REQUEST_REVIEW,
        label="What is to be looked at again?", takes="reason",
    ),
    "send": Step("Answered", "The answer has gone to the asker. The request is closed, and what was found for it can no longer be read here.", "The request is answered and closed.", services.send_request),
    "take_back": Step(
        "The asker took it back", "The request is closed without an answer.", "The request is closed.", services.take_back_request,
        label="How did the asker take it back?", takes="reason",
    ),
}  # fmt: skip


class RequestStepView(AboutRequest, FormPage):
    """One step of the request's table, on a page of its own."""

    permission = P.REQUEST_READ
    template_name = "visits/request_step.html"

    @cached_property
    def step(self) -> Step:
        step = STEPS.get(self.kwargs["action"])
        if step is None:
            raise Http404("Not found.")
        return step

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.object = self.get_object()
        require(request.user, self.step.permission, self.object)
        return super().dispatch(request, *args, **kwargs)

    def form(self, data: Any = None) -> PortalForm:
        step = self.step
        if step.takes == "reviewer":
            return ReviewerForm(data, readers=second_readers(self.asked, self.user))
        if step.takes:
            return StepWordsForm(data, label=step.label, hint=step.hint, required=step.takes == "reason")
        return PortalForm(data)

    def context(self) -> dict[str, Any]:
        return {"step": self.step, "kind": "warning" if self.kwargs["action"] == "take_back" else "primary"}

    def deed(self, form: Any) -> HttpResponse:
        step, values = self.step, form.cleaned_data
        more: dict[str, Any] = {}
        if step.takes == "reviewer":
            more = {"reviewer": User.objects.filter(public_id=values["reviewer"]).first()}
        elif step.takes == "words":
            more = {"words": lines(values["words"])}
        elif step.takes:
            more = {"reason": values["words"]}
        step.act(actor=self.user, request=self.asked, at=self.at, **more)
        return self.go(self.asked.get_absolute_url(), step.done)


class RequestSearchView(AboutRequest, FormPage):
    """One place: what the request covers there, by what it is and nothing of its text; what is taken; what was found."""

    permission = P.REQUEST_HANDLE
    template_name = "visits/request_search.html"

    @cached_property
    def place(self) -> Any:
        place = next((place for place in self.requests_part.places if place.code == self.kwargs["place"]), None)
        if place is None:
            raise Http404("Not found.")
        return place

    @cached_property
    def rows(self) -> list[Any]:
        return in_place(self.asked, self.place.code, self.user.hats.walled)

    def form(self, data: Any = None) -> PlaceForm:
        taken = [f"{kind}:{subject}" for kind, subject in self.asked.items.values_list("kind", "subject_id")]
        noted = self.asked.searches.filter(place=self.place.code).first()
        return PlaceForm(data, rows=self.rows, initial={"take": taken, "found": noted.found if noted else ""})

    def context(self) -> dict[str, Any]:
        unsearched = sum(1 for row in self.rows if row.unsearched)
        searched = len(self.rows) - unsearched
        return {"place": self.place, "is_kept": bool(kinds_at(self.place.code)), "searched": searched, "unsearched": unsearched}

    def deed(self, form: Any) -> HttpResponse:
        made = services.note_place(
            actor=self.user, request=self.asked, place=self.place.code, found=form.cleaned_data["found"], take=form.taken(), at=self.at
        )
        more = f" {len(made)} taken into the request." if made else ""
        return self.go(self.asked.get_absolute_url(), f"{self.place.label}: noted.{more}")


# ---------------------------------------------------------------- what was found


class AboutItem(AboutRequest):
    """A page about one thing that was found for a request."""

    abstract = True

    def get_object(self) -> Any:
        rows = RequestItem.objects.select_related("request__authority", "request__reviewer", "school__authority")
        self.item = get_visible(rows, self.request.user, public_id=self.kwargs["item"])
        return self.item.request

    @property
    def exemptions(self) -> Any:
        return self.requests_part.exemptions_for(self.asked.kind)


class RequestItemView(AboutItem):
    """The text, passage by passage, with what its copy leaves out; every day's reading is noted."""

    permission = P.REQUEST_HANDLE
    template_name = "visits/request_item.html"

    def context(self) -> dict[str, Any]:
        if not self.asked.is_open:
            return {"item": self.item, "closed": True}
        text = services.read_request_item(actor=self.user, item=self.item, at=self.at)
        data = self.request.POST if self.request.method == "POST" else None
        marks = Marks(self.item, passages_of(text), self.exemptions, data)
        suggested = people_in(text)
        taken = {name.casefold() for name, _ in marks.names}
        copies = list(self.item.copies.select_related("pdf").defer("payload"))
        initial = {"decision": self.item.decision, "exemption": self.item.exemption, "reason": self.item.reason}
        return {
            "item": self.item,
            "kind": HELD[self.item.kind].label,
            "has_file": HELD[self.item.kind].file is not None,
            "marks": marks,
            "suggested": [name for name in suggested if name.casefold() not in taken],
            "copies": copies,
            "current": next((copy for copy in copies if copy.revision == self.item.revision), None),
            "decision_form": DecisionForm(part=self.requests_part, exemptions=self.exemptions, initial=initial),
            "may_mark": REQUEST_WORKFLOW.allows(self.asked.state, "mark"),
            "part": self.requests_part,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        item = self.item
        revision = request.POST.get("revision", "")
        try:
            text = services.read_request_item(actor=self.user, item=item, at=self.at)
            marks = Marks(item, passages_of(text), self.exemptions, request.POST)
            services.mark_passages(
                actor=self.user,
                item=item,
                passages=marks.passages,
                names=marks.names,
                revision=int(revision) if revision.isdigit() else -1,
                at=self.at,
            )
        except Refused as refusal:
            return self.show(refused=refusal.message, status=422)
        return self.go(item.get_absolute_url(), "The marks are saved. Make the redacted copy when they are complete.")


class RequestFileView(AboutItem):
    """The file itself, where what was found is one; noted down as a reading."""

    permission = P.REQUEST_HANDLE
    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if HELD[self.item.kind].file is None:
            raise Http404("Not found.")
        try:
            found = services.take_request_file(actor=self.user, item=self.item, at=self.at)
        except Refused as refusal:
            return self.go(self.item.get_absolute_url(), refusal.message)
        response = HttpResponse(found.content, content_type=found.media_type)
        response["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
        response["Cache-Control"] = "no-store, private"
        response["X-Content-Type-Options"] = "nosniff"
        return response


class OfItem(Deed, AboutItem):
    abstract = True

    def back(self) -> str:
        return self.item.get_absolute_url()


class RequestDecideView(OfItem):
    """Release, release with passages removed, or withhold."""

    permission = P.REQUEST_HANDLE

    def deed(self) -> str:
        form = DecisionForm(self.request.POST, part=self.requests_part, exemptions=self.exemptions)
        if not form.is_valid():
            raise Refused("Select what is done with it.")
        services.decide_item(actor=self.user, item=self.item, at=self.at, **form.cleaned_data)
        return "The decision is noted."


class RequestCopyView(OfItem):
    """Make the redacted copy: composed and rendered before the transaction that keeps it."""

    permission = P.REQUEST_HANDLE

    def deed(self) -> str:
        item, at = self.item, self.at
        if not REQUEST_WORKFLOW.allows(self.asked.state, "mark"):
            raise Refused(REQUEST_WORKFLOW.refusals["mark"])
        composed = compose_copy(item, self.user, at)
        facts = CopyFacts(self.asked.reference, at.date(), composed.redacted.removed)
        try:
            made = make(copy_document(composed.redacted.payload, composed.digest, facts, self.asked.authority))
        except DocumentFailed as failure:
            raise Refused(f"The copy could not be made: {failure}") from None
        services.keep_copy(actor=self.user, item=item, made=composed.with_pdf(made.pdf), at=at)
        return "The redacted copy is made. Read it before you decide."


class CopyPdfView(PortalView):
    """The PDF of a redacted copy: to the data protection officer, and to the second reader while the answer is with them."""

    permission = P.REQUEST_READ
    http_method_names = ("get", "head")

    def get_object(self) -> InformationRequest:
        rows = RedactedCopy.objects.select_related("item__request__authority", "item__school__authority", "pdf")
        self.copy = get_visible(rows, self.request.user, public_id=self.kwargs["copy"])
        return self.copy.item.request

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        assert isinstance(request.user, User)
        content = services.take_copy(actor=request.user, copy=self.copy, at=clock.now())
        response = HttpResponse(content, content_type="application/pdf")
        name = f"{slugify(self.copy.item.request.reference.replace('/', '-'))}-redacted-{self.copy.public_id[:6]}.pdf"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "no-store, private"
        response["X-Content-Type-Options"] = "nosniff"
        return response


__all__ = [
    "CopyPdfView",
    "RequestCopyView",
    "RequestDecideView",
    "RequestDetailView",
    "RequestFileView",
    "RequestItemView",
    "RequestListView",
    "RequestNewView",
    "RequestSearchView",
    "RequestStepView",
]
