"""What the pages about a note share: the note of the address in the asker's scope, and the words of its authority."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render

from core import clock
from core.access import PortalView, Refused, SignedInRequest
from core.components.formats import lower_first
from people.packs import AuthorityPack, keep_for_page
from people.roles import Permission as P
from people.views.base import capacity_of

from ..choices import NoteState
from ..drafts import NOTE_TONES, draft_of, due_words, pack_of
from ..models import NoteOfVisit
from ..pack import visits_of
from ..selectors import role_at
from ..workflow import NOTE_WORKFLOW


class NoteView(PortalView):
    """A page about one note: outside the scope it is not there (404), inside it the ``permission`` is asked (403)."""

    abstract = True
    object: NoteOfVisit

    def get_object(self) -> NoteOfVisit:
        try:
            return draft_of(self.request.user, self.kwargs["note"])
        except NoteOfVisit.DoesNotExist:
            raise Http404("Not found.") from None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """An old address of the draft leads to the note, where everybody reads the record that they may read."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except PermissionDenied:
            is_over = self.permission == P.NOTE_READ and self.object.state in (NoteState.FINAL, NoteState.WITHDRAWN)
            if is_over and request.method == "GET" and hasattr(self, "get"):
                return HttpResponseRedirect(self.object.get_absolute_url())
            raise

    @property
    def note(self) -> NoteOfVisit:
        return self.object

    @cached_property
    def pack(self) -> AuthorityPack:
        pack = pack_of(self.note)
        keep_for_page(self.request, pack, clock.today())
        return pack

    def bar(self, saved: str = "") -> dict[str, Any]:
        """The one bar of the editor: school, visit, state, due, saved."""
        note, visit = self.note, self.note.visit
        due_on, left = due_words(note, clock.today())
        names = ", ".join(school.name for school in note.covered)
        try:
            label = visits_of(self.pack.content).visit_type(visit.visit_type).short
        except KeyError:
            label = visit.visit_type_label
        what = lower_first(label)
        on = f", {visit.on.day} {visit.on:%B %Y}" if visit.on else ""
        return {
            "url": visit.get_absolute_url(),
            "school": names,
            "what": f"{what}{on}",
            "state": (note.get_state_display(), NOTE_TONES[note.state]),
            "due_on": due_on,
            "left": left,
            "saved": saved,
        }

    def base_context(self) -> dict[str, Any]:
        note = self.note
        labels = self.pack.labels(note.school.phase)
        is_author = note.author_id == self.request.user.pk
        return {
            "note": note,
            "visit": note.visit,
            "school": note.school,
            "authority": note.authority,
            "labels": labels,
            "capacity": labels.get("sip", "short")
            if is_author
            else role_at(self.request.user.hats, note.school) or capacity_of(self.request.user),
            "is_author": is_author,
        }

    def page(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        return render(self.request, template, {**self.base_context(), **context}, status=status)

    def done(self, message: str, url: str = "") -> HttpResponseRedirect:
        """Say what was done and go where the note now is. 303, so that going back asks nothing again."""
        messages.success(self.request, message)
        return HttpResponseRedirect(url or self.note.get_absolute_url(), status=303)


class StepView(NoteView):
    """A step with a page of its own: what will happen, perhaps a reason, one button. ``take`` calls the service.

    ``takes``: the actions of the table of notes that it takes; opened when none can be taken any more, it says so.
    """

    abstract = True
    takes: ClassVar[tuple[str, ...]] = ()
    template: ClassVar[str] = "visits/editor/step.html"
    form_class: ClassVar[Any] = None

    def get_form(self, data: Any = None) -> Any:
        return self.form_class(data) if self.form_class is not None else None

    def words(self) -> dict[str, Any]:
        """``title``, ``says`` (paragraphs), ``button``, and ``kind`` of the button."""
        raise NotImplementedError

    def take(self, data: dict[str, Any]) -> HttpResponse:
        raise NotImplementedError

    def show(self, form: Any = None, *, refused: str = "", status: int = 200) -> HttpResponse:
        form = form if form is not None else self.get_form()
        over = NOTE_WORKFLOW.refuses(self.note, clock.today(), *self.takes) if self.takes and not refused else ""
        return self.page(self.template, form=form, refused=refused, over=over, status=status, bar=self.bar(), **self.words())

    def get(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        return self.show()

    def post(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        form = self.get_form(request.POST)
        if form is not None and not form.is_valid():
            return self.show(form, status=422)
        try:
            return self.take(form.cleaned_data if form is not None else {})
        except Refused as refusal:
            self.__dict__.pop("pack", None)
            self.object = self.get_object()
            if form is not None and refusal.field in form.fields:
                form.refuse(refusal.field, refusal.message)
                return self.show(form, status=409)
            return self.show(form, refused=refusal.message, status=409)
