"""Writing a note: section by section, its checks, its submission, and the steps of a draft."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from core import canonical, clock
from core.access import Conflict, PortalView, Refused, SignedInRequest, can, get_visible
from core.components.formats import plural
from core.tabular.reading import Unreadable, WordText, read_word
from people.packs import require_pack
from people.roles import Permission as P

from .. import services
from ..choices import WRITABLE, NoteState, RecordKind
from ..drafts import (
    Draft,
    advisers_of,
    after_submit,
    draft_around,
    last_note,
    measures_for,
    mentors_of,
    saved_words,
    school_data,
)
from ..forms.paste import Heading, split_lines, split_note
from ..forms.steps import AnswerForm, HandOnForm, PersonForm, ReasonForm, SubmitForm
from ..forms.tables import Place, every_error, tables_of, takes_text
from ..models import ChosenQuestion, NoteOfVisit, NoteSection, SectionBody, Visit
from ..payload import PayloadBuilder
from ..policies import writes_section
from ..questions import questions_of
from ..selectors import with_schools
from ..services.notes import find_section
from .base import NoteView, StepView

# ---------------------------------------------------------------- begin


class NoteStartView(PortalView):
    """Begin the note of a held visit; where it has been begun, go on with it."""

    permission = P.NOTE_START
    object: Visit

    def get_object(self) -> Visit:
        return get_visible(with_schools(Visit.objects.all()), self.request.user, public_id=self.kwargs["visit"])

    def get(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        return self.show()

    def show(self, refused: str = "", status: int = 200) -> HttpResponse:
        visit = self.object
        if visit.has_note and visit.note.state in WRITABLE:
            return HttpResponseRedirect(reverse("visits:note-write", args=[visit.note.public_id]))
        pack = require_pack(visit.authority, visit.on or clock.today())
        labels = pack.labels(visit.school.phase)
        context = {"visit": visit, "school": visit.school, "authority": visit.authority, "labels": labels, "refused": refused}
        return render(self.request, "visits/editor/start.html", context, status=status)

    def post(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        try:
            note = services.start_note(actor=request.user, visit=self.object, at=clock.now())
        except Refused as refusal:
            return self.show(refusal.message, status=409)
        return HttpResponseRedirect(reverse("visits:note-write", args=[note.public_id]), status=303)


class NoteWriteView(NoteView):
    """Where writing goes on: the first section that is not yet done and that this person writes."""

    permission = P.NOTE_READ

    def get(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        if self.note.state not in WRITABLE:
            return HttpResponseRedirect(self.note.get_absolute_url())
        draft = draft_around(self.note, request.user)
        own = [section for section in draft.sections if section.may_write] or list(draft.sections)
        if not own:
            raise Http404("The note has no section.")
        return HttpResponseRedirect(next((section.url for section in own if not section.is_done), own[0].url))


# ---------------------------------------------------------------- one section


class Sent:
    """What a page sent of one section: its text, its tables, the revision it was written upon."""

    def __init__(self, note: NoteOfVisit, section: NoteSection, place: Place, data: Any) -> None:
        self.place = place
        self.data = data
        self.tables = tables_of(place, data)
        self.resolve = str(data.get("resolve") or "")
        self.body: str | None = str(data["body"]) if "body" in data else None
        self.piece = services.SentPiece.named(str(data.get("piece") or ""))
        if self.resolve == "both" and self.body is not None and section.body.strip() not in self.body:
            self.body = f"{section.body}\n\n{self.body}"
        try:
            self.base = int(data.get("base", ""))
        except ValueError:
            raise Refused("This page is older than the note’s. Open the section again; what you typed is still here.") from None

    @property
    def rows(self) -> dict[str, list[dict[str, Any]]]:
        joined = self.resolve == "both"
        return {table.name: table.rows(with_saved=joined) for table in self.tables if table.is_sent}

    def is_saved_already(self, current: NoteSection) -> bool:
        """Whether everything sent is what stands: the answer to the save that put it there was lost on its way."""
        body = (self.body or "").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").rstrip()
        if self.body is not None and body != current.body:
            return False
        place = Place(self.place.note, current, self.place.pack)
        return all(table.same_as_saved(table.rows()) for table in tables_of(place, self.data) if table.is_sent)


def save(view: NoteView, section: NoteSection, data: Any) -> tuple[services.Saved, Sent]:
    """Save what was sent of a section. Raises what ``save_section`` raises.

    With the text goes the name of the sealed piece that the device keeps of it, which is then taken in.
    """
    note = view.note
    section.note = note
    sent = Sent(note, section, Place(note, section, view.pack), data)
    at = clock.now()
    try:
        saved = services.save_section(
            actor=view.request.user,
            note=note,
            key=section.key,
            base_revision=sent.base,
            at=at,
            body=sent.body,
            rows=sent.rows,
            keep_earlier=bool(sent.resolve),
            piece=sent.piece,
        )
    except services.SectionConflict as conflict:
        conflict.section.note = note
        if not sent.is_saved_already(conflict.section):
            raise
        saved = services.Saved(section.key, conflict.revision, conflict.section.saved_at or at, conflict.section.words)
    return saved, sent


def ids_of(sent: Sent) -> dict[str, str]:
    """After a save: the inputs that hold the ids of the rows sent → those ids, new ones with them."""
    return {name: value for table in sent.tables if table.is_sent for name, value in table.ids().items()}


class NoteEditView(NoteView):
    """One section of a note as a plain form: it saves and goes on without a script, and with one saves itself."""

    permission = P.NOTE_READ

    def get(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        if self.note.state not in WRITABLE:
            return HttpResponseRedirect(self.note.get_absolute_url())
        return self.show()

    def draft(self) -> Draft:
        draft = draft_around(self.note, self.request.user, self.kwargs["key"])
        if draft.section is None:
            raise Http404("Not found.")
        return draft

    def show(
        self,
        *,
        draft: Draft | None = None,
        sent: Sent | None = None,
        conflict: services.SectionConflict | None = None,
        errors: list[tuple[str, str]] | None = None,
        refused: str = "",
        status: int = 200,
    ) -> HttpResponse:
        draft = draft or self.draft()
        section = draft.section
        assert section is not None and draft.current is not None
        place = sent.place if sent else Place(self.note, section, self.pack)
        tables = sent.tables if sent else tables_of(place)
        body = section.body if sent is None or sent.body is None else sent.body
        context = {
            **frame(self, draft),
            "section": section,
            "spec": place.spec,
            "tables": tables,
            "takes_text": takes_text(place),
            "body": body,
            "base": conflict.revision if conflict else section.revision,
            "may_write": draft.current.may_write,
            "bar": self.bar("Not saved" if sent is not None else saved_words(section, clock.today())),
            "data": school_data(self.request.user, self.note, section, measures_for(self.pack, place.spec)),
            "last": last_note(self.request.user, self.note, section),
            "half_pages": self.note.visit.half_pages([section.school_id] if section.school_id else None),
            **self.asked(draft, section),
            "conflict": conflict_of(place, conflict, sent) if conflict and sent else None,
            "wordings": self.wordings(section),
            "refused": [*(errors or []), *([refused] if refused else [])],
            "in_words": plural(len(draft.sections), "section"),
            "piece": f"{sent.piece.key}:{sent.piece.name}" if sent and sent.piece else "",
            "writes_offline": draft.current.may_write and self.pack.flag("offline_writing"),
            "save_url": reverse("visits:note-section-save", args=[self.note.public_id, section.key]),
            "editor_of": f"section {draft.current.number}",
        }
        return self.page("visits/editor/section.html", status=status, **context)

    def asked(self, draft: Draft, section: NoteSection) -> dict[str, list[ChosenQuestion]]:
        """The questions chosen for the visit, for those who write: those of this section, and those that wait beside others."""
        bank, codes = questions_of(self.pack.content), [one.key.partition(".")[0] for one in draft.sections]
        here: list[ChosenQuestion] = []
        elsewhere: list[ChosenQuestion] = []
        if not can(self.request.user, P.NOTE_WRITE, self.note):
            return {"asked_here": here, "asked_elsewhere": elsewhere}
        for question in self.note.visit.questions.all():
            if section.school_id not in (None, question.school_id):
                continue
            (here if bank.section_for(question.theme, codes) == section.code else elsewhere).append(question)
        return {"asked_here": here, "asked_elsewhere": elsewhere}

    def wordings(self, section: NoteSection) -> list[SectionBody] | None:
        """The earlier wordings, when they are asked for."""
        if "earlier" not in self.request.GET:
            return None
        return list(section.bodies.select_related("saved_by")[:20])

    def post(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        try:
            section = find_section(self.note, self.kwargs["key"])
        except Refused:
            raise Http404("Not found.") from None
        sent: Sent | None = None
        data = request.POST
        if data.get("resolve") == "theirs":
            if piece := services.SentPiece.named(data.get("piece", "")):
                with contextlib.suppress(services.AlreadyTaken):
                    services.set_offline_piece_aside(actor=request.user, note=self.note, piece=piece, at=clock.now())
            return self.go(section, "stay")
        try:
            data = self.with_brought(section, data)
            try:
                saved, sent = save(self, section, data)
            except services.AlreadyTaken:  # a save by itself was under way with an older text of this page: two windows
                data = data.copy()
                data["piece"] = ""
                saved, sent = save(self, section, data)
        except services.SectionConflict as conflict:
            place = Place(self.note, conflict.section, self.pack)
            sent = Sent(self.note, conflict.section, place, data)
            _ = sent.rows
            return self.show(sent=sent, conflict=conflict, status=409)
        except Conflict as conflict:
            return closed(self, section, data, conflict.message)
        except Refused as refusal:
            place = Place(self.note, section, self.pack)
            sent = Sent(self.note, section, place, {**data.dict(), "base": data.get("base") or section.revision})
            return self.show(sent=sent, refused=refusal.message, status=422)
        errors = [(f"#{id_}", f"{message}. What was there before was kept") for id_, message in every_error(sent.tables)]
        if errors:
            fresh = find_section(self.note, section.key)
            again = Sent(self.note, fresh, Place(self.note, fresh, self.pack), {**_flat(data), **ids_of(sent), "base": saved.revision})
            _ = again.rows
            return self.show(sent=again, errors=errors, status=422)
        return self.go(section, str(data.get("go") or "stay"))

    def with_brought(self, section: NoteSection, data: Any) -> Any:
        """ "Bring this text into the section": what the last note says, a question chosen for the visit, or an earlier wording, put after what is typed."""
        which = data.get("bring_text")
        if not which:
            return data
        text = ""
        if which == "last":
            earlier = last_note(self.request.user, self.note, section)
            text = earlier.text if earlier else ""
        elif which.startswith("question-"):
            asked = self.note.visit.questions.filter(pk=which.removeprefix("question-")) if which[9:].isdecimal() else []
            text = "\n".join(question.text for question in asked)
        elif which.isdecimal():
            text = section.bodies.filter(revision=int(which)).values_list("body", flat=True).first() or ""
        data = data.copy()
        data["body"] = f"{data.get('body', '').rstrip()}\n\n{text}".strip()
        return data

    def go(self, section: NoteSection, where: str) -> HttpResponse:
        if where == "check":
            return HttpResponseRedirect(reverse("visits:note-check", args=[self.note.public_id]), status=303)
        key = section.key
        if where in ("before", "next"):
            keys = [one.key for one in self.note.sections.select_related("school").order_by("position", "school_id")]
            at = keys.index(key) + (1 if where == "next" else -1)
            key = keys[at] if 0 <= at < len(keys) else key
        url = reverse("visits:note-edit", args=[self.note.public_id, key])
        return HttpResponseRedirect(url, status=303)


def _flat(data: Any) -> Any:
    return data.dict() if hasattr(data, "dict") else dict(data)


def frame(view: NoteView, draft: Draft) -> dict[str, Any]:
    """What stands around every section."""
    return {"draft": draft, "bar": view.bar(), "after": None}


def conflict_of(place: Place, conflict: services.SectionConflict, sent: Sent) -> dict[str, Any]:
    """Both texts, and both windows' tables in words, side by side."""
    tables = []
    for table in sent.tables:
        if not table.is_sent:
            continue
        mine, theirs = table.lines(table.rows()), table.lines(table.saved)
        if mine != theirs:
            tables.append({"title": table.title, "mine": mine, "theirs": theirs})
    section = conflict.section
    at = timezone.localtime(section.saved_at) if section.saved_at else None
    by = section.saved_by.name if section.saved_by and section.saved_by_id != place.note.author_id else ""
    return {
        "current": conflict.current,
        "yours": conflict.yours,
        "text_differs": conflict.current != conflict.yours,
        "tables": tables,
        "at": f"{at:%H:%M}" if at else "",
        "by": by,
        "revision": conflict.revision,
    }


def closed(view: NoteView, section: NoteSection, data: Any, message: str) -> HttpResponse:
    """The note was submitted meanwhile: nothing was saved, and everything typed is on the page, to be copied."""
    place = Place(view.note, section, view.pack)
    sent = Sent(view.note, section, place, {**_flat(data), "base": section.revision})
    typed = [{"title": table.title, "lines": table.lines(table.rows())} for table in sent.tables if table.is_sent]
    return view.page(
        "visits/editor/closed.html",
        status=409,
        section=section,
        body=sent.body or "",
        typed=[t for t in typed if t["lines"]],
        message=message,
        bar=view.bar("Not saved"),
    )


class NoteSectionSaveView(NoteView):
    """Where the page saves itself: a form in, JSON out. Every answer says what became of the text."""

    permission = P.NOTE_READ

    def post(self, request: SignedInRequest, **kwargs: Any) -> JsonResponse:
        try:
            section = find_section(self.note, self.kwargs["key"])
            saved, sent = save(self, section, request.POST)
        except services.AlreadyTaken:
            return self.again(section)
        except services.SectionConflict as conflict:
            place = Place(self.note, conflict.section, self.pack)
            sent = Sent(self.note, conflict.section, place, request.POST)
            both = conflict_of(place, conflict, sent)
            html = render_to_string("visits/editor/_conflict.html", {"conflict": both, "section": conflict.section}, request=request)
            answer = {"status": "conflict", "message": conflict.message, "current": conflict.current, "yours": conflict.yours}
            return JsonResponse({**answer, "revision": conflict.revision, "html": html}, status=409)
        except Conflict as conflict:
            return JsonResponse({"status": "closed", "message": conflict.message}, status=409)
        except Refused as refusal:
            return JsonResponse({"status": "refused", "message": refusal.message}, status=422)
        return self.saved(saved, sent)

    def again(self, section: NoteSection) -> JsonResponse:
        """Another tab brought in the sealed copy of this very text before this one could send it."""
        saved = services.Saved(section.key, section.revision, section.saved_at or clock.now(), section.words)
        return self.saved(saved, Sent(self.note, section, Place(self.note, section, self.pack), self.request.POST))

    def saved(self, saved: services.Saved, sent: Sent) -> JsonResponse:
        ids = {f"id_{name}": value for name, value in ids_of(sent).items()}
        errors = dict(every_error(sent.tables))
        at = timezone.localtime(saved.at)
        return JsonResponse(
            {"status": "saved", "revision": saved.revision, "at": f"{at:%H:%M}", "words": saved.words, "errors": errors, "ids": ids}
        )


# ---------------------------------------------------------------- checks and submission


class NoteCheckView(NoteView):
    """Everything that the checks found, worst first; what blocks stops, warnings are answered; and the submission."""

    permission = P.NOTE_READ

    def get(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        if self.note.state not in WRITABLE:
            return HttpResponseRedirect(self.note.get_absolute_url())
        if request.headers.get("Accept") == "application/json":
            return self.parts()
        return self.show()

    def parts(self) -> JsonResponse:
        """The parts of the editor's page that follow from the checks, for the page to put in place of its own."""
        draft = draft_around(self.note, self.request.user, str(self.request.GET.get("section", "")))
        context = {**self.base_context(), **frame(self, draft)}
        names = ("sections", "checks", "here", "standing")
        html = {name: render_to_string(f"visits/editor/_{name}.html", context, request=self.request) for name in names}
        here = len(draft.checks_here)
        words = {"here_words": f"{here} to clear" if here else "clear", "here_count": plural(here, "check")}
        return JsonResponse({**html, **words, "dock": draft.dock})

    def show(
        self, *, refused: str = "", answer: AnswerForm | None = None, form: SubmitForm | None = None, status: int = 200
    ) -> HttpResponse:
        draft = draft_around(self.note, self.request.user)
        note = self.note
        form = form or SubmitForm(initial={"asks_review": note.asks_review})
        context = {
            **frame(self, draft),
            "after": after_submit(note, clock.today()),
            "submit_form": form,
            "answer": answer,
            "may_submit": can(self.request.user, P.NOTE_SUBMIT, note),
            "may_write": can(self.request.user, P.NOTE_WRITE, note),
            "refused": refused,
        }
        return self.page("visits/editor/check.html", status=status, **context)

    def post(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        """Answer a warning with a reason."""
        form = AnswerForm(request.POST)
        if not form.is_valid():
            return self.show(answer=form, refused="; ".join(str(e[0]) for e in form.errors.values()), status=422)
        data = form.cleaned_data
        try:
            services.answer_warning(
                actor=request.user, note=self.note, check=data["check"], place=data["place"], reason=data["reason"], at=clock.now()
            )
        except Refused as refusal:
            return self.show(refused=refusal.message, status=409)
        return HttpResponseRedirect(reverse("visits:note-check", args=[self.note.public_id]), status=303)


class NoteSubmitView(NoteCheckView):
    """Submit what the author saw: the form holds the revision of every section."""

    permission = P.NOTE_SUBMIT

    def get(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(reverse("visits:note-check", args=[self.note.public_id]))

    def post(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        form = SubmitForm(request.POST)
        form.is_valid()
        try:
            services.submit_note(
                actor=request.user,
                note=self.note,
                revisions=revisions_of(request.POST),
                at=clock.now(),
                asks_review=form.cleaned_data["asks_review"],
            )
        except Refused as refusal:
            self.object = self.get_object()
            if self.note.state not in WRITABLE:
                return self.done(refusal.message)
            return self.show(refused=refusal.message, form=form, status=409)
        if self.note.state == NoteState.READY:
            return self.done("Submitted. Nobody reviews it first: it is ready to be released to the school.")
        return self.done("Submitted. It is reviewed before the school sees it; you will hear what the reviewer decides.")


def revisions_of(data: Mapping[str, Any]) -> dict[str, int]:
    """``rev-standards=3`` of the form → the revision that the author saw of each section."""
    found = {}
    for name in data:
        if name.startswith("rev-") and str(data[name]).isdecimal() and len(str(data[name])) < 10:
            found[name.removeprefix("rev-")] = int(data[name])
    return found


class NotePreviewView(NoteView):
    """The note as it will read, from the working rows: marked as no record. Once it is final, records are what is read."""

    permission = P.NOTE_READ

    def get(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        builder = PayloadBuilder(self.note, kind=RecordKind.RELEASE, at=clock.now(), actor=request.user, afresh=False)
        schools = builder.schools
        asked = request.GET.get("school", "")
        school = next((one for one in schools if str(one.urn) == asked), schools[0])
        payload = json.loads(canonical.canonical_json(builder.build(school)))
        switch = (
            [{"label": one.name, "url": f"?school={one.urn}", "current": one.pk == school.pk} for one in schools]
            if len(schools) > 1
            else []
        )
        is_open = self.note.state in WRITABLE and can(request.user, P.NOTE_WRITE, self.note)
        return self.page("visits/editor/preview.html", payload=payload, shown_school=school, switch=switch, bar=self.bar(), is_open=is_open)


# ---------------------------------------------------------------- paste a whole note


class NotePasteView(NoteView):
    """A whole note pasted in one box, split at its headings, looked over, then saved section by section."""

    permission = P.NOTE_WRITE

    def sections(self) -> list[NoteSection]:
        """Those that take text and that this person writes."""
        found = []
        for section in self.note.sections.select_related("school").order_by("position", "school_id"):
            section.note = self.note
            if takes_text(Place(self.note, section, self.pack)) and writes_section(self.request.user.hats, self.note, section.code):
                found.append(section)
        return found

    def titled(self, section: NoteSection) -> str:
        return f"{section.title}, {section.school.name}" if section.school else section.title

    def get(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        return self.page("visits/editor/paste.html", bar=self.bar(), sections=[self.titled(section) for section in self.sections()])

    def post(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        sections = self.sections()
        if "save" in request.POST:
            return self.save_all(sections)
        text, file = request.POST.get("text", ""), request.FILES.get("file")
        if not text.strip() and file is None:
            return self.ask_again(sections, "#text", "Paste the text of the note, or choose a Word document")
        counted: dict[str, int] = {}
        for section in sections:
            counted[section.title] = counted.get(section.title, 0) + 1
        headings = [Heading(s.key, (self.titled(s), *((s.title,) if counted[s.title] == 1 else ()))) for s in sections]
        if file is None:
            split = split_note(text, headings)
            return self.split_page(sections, split.found, split.rest)
        try:
            word = self.read(file)
        except Unreadable as why:
            return self.ask_again(sections, "#file", f"{file.name} was not taken in. {why}", text=text)
        pasted = [(line, False) for line in text.splitlines()]
        split = split_lines([*word.lines, ("", True), *pasted], headings)
        return self.split_page(sections, split.found, "\n".join([split.rest, *word.beside]).strip())

    @staticmethod
    def read(file: UploadedFile) -> WordText:
        """The process that opens it gets a file of the operating system, gone when it is read. Nothing of it is stored."""
        with tempfile.TemporaryFile() as copy:
            for chunk in file.chunks():
                copy.write(chunk)
            copy.flush()
            return read_word(copy, name=file.name or "")

    def ask_again(self, sections: list[NoteSection], field: str, message: str, *, text: str = "") -> HttpResponse:
        titles = [self.titled(section) for section in sections]
        context = {"bar": self.bar(), "sections": titles, "refused": [(field, message)], "text": text}
        return self.page("visits/editor/paste.html", status=422, **context)

    def split_page(
        self, sections: list[NoteSection], found: Mapping[str, str], rest: str, *, refused: Any = "", status: int = 200
    ) -> HttpResponse:
        rows = [
            {"key": s.key, "title": self.titled(s), "base": s.revision, "there": s.body, "text": found[s.key]}
            for s in sections
            if found.get(s.key)
        ]
        others = [{"key": s.key, "title": self.titled(s), "base": s.revision, "there": s.body} for s in sections]
        return self.page(
            "visits/editor/paste_split.html", bar=self.bar(), rows=rows, others=others, rest=rest, refused=refused, status=status
        )

    def save_all(self, sections: list[NoteSection]) -> HttpResponse:
        data = self.request.POST
        by_key = {section.key: section for section in sections}
        rest, into = data.get("rest", "").strip(), data.get("rest-into", "")
        texts: dict[str, str] = {}
        for key, section in by_key.items():
            text = data.get(f"text-{key}", "").strip()
            if text:
                texts[key] = text if data.get(f"how-{key}") == "instead" or not section.body.strip() else f"{section.body}\n\n{text}"
        if rest and into in by_key:
            texts[into] = f"{texts.get(into) or by_key[into].body}\n\n{rest}".strip()
        saved, clashes = 0, {}
        for key, text in texts.items():
            try:
                base = int(data.get(f"base-{key}", by_key[key].revision))
                services.save_section(actor=self.request.user, note=self.note, key=key, base_revision=base, body=text, at=clock.now())
                saved += 1
            except services.SectionConflict:
                clashes[key] = data.get(f"text-{key}", "").strip() or rest
            except Conflict as conflict:
                return closed(self, by_key[key], {"body": "\n\n".join(texts.values())}, conflict.message)
            except Refused as refusal:
                return self.split_page(sections, texts, "" if into in texts else rest, refused=refusal.message, status=422)
        if clashes:
            said = f"{plural(saved, 'section')} saved. The others were changed in another window meanwhile: look at them, then save again."
            return self.split_page(
                self.sections(), clashes, "" if into in texts and into not in clashes else rest, refused=said, status=409
            )
        return self.done(f"{plural(saved, 'section')} saved.", reverse("visits:note-write", args=[self.note.public_id]))


# ---------------------------------------------------------------- the steps of a draft


class NoteShareView(StepView):
    permission = P.NOTE_SHARE

    def get_form(self, data: Any = None) -> PersonForm:
        return PersonForm(data, people=mentors_of(self.note, clock.today()), label="Your mentor", missing="Select your mentor")

    def words(self) -> dict[str, Any]:
        return {
            "title": "Share the draft with a mentor",
            "says": ["The mentor reads the draft as it stands while you write it, and changes nothing in it."],
            "button": "Share the draft",
            "nobody": "You have no mentor. The manager names one.",
        }

    def take(self, data: dict[str, Any]) -> HttpResponse:
        form = self.get_form(self.request.POST)
        form.is_valid()
        services.share_note(actor=self.request.user, note=self.note, mentor=form.chosen, at=clock.now())
        return self.done(f"Shared with {form.chosen.name}.", reverse("visits:note-write", args=[self.note.public_id]))


class NoteTakeBackView(StepView):
    permission = P.NOTE_TAKE_BACK
    takes = ("take_back",)

    def words(self) -> dict[str, Any]:
        return {
            "title": "Take the note back from review",
            "says": [
                "It becomes a draft again and leaves the queue of reviews. Submit it again when it is ready; every check is made again."
            ],
            "button": "Take it back",
        }

    def take(self, data: dict[str, Any]) -> HttpResponse:
        services.take_back_note(actor=self.request.user, note=self.note, at=clock.now())
        return self.done("Taken back. The note is a draft again.")


class NoteReopenView(StepView):
    permission = P.NOTE_SUBMIT
    takes = ("reopen",)

    def words(self) -> dict[str, Any]:
        return {
            "title": "Open the note again",
            "says": ["It becomes a draft. Before the school sees it, it is submitted again and goes through the same gate."],
            "button": "Open it again",
        }

    def take(self, data: dict[str, Any]) -> HttpResponse:
        services.reopen_note(actor=self.request.user, note=self.note, at=clock.now())
        return self.done("The note is a draft again.", reverse("visits:note-write", args=[self.note.public_id]))


class NoteHandOnView(StepView):
    permission = P.NOTE_HAND_ON
    takes = ("hand_on",)

    def get_form(self, data: Any = None) -> HandOnForm:
        people = advisers_of(self.note, clock.today())
        return HandOnForm(data, people=people, label="New author", missing="Select the new author")

    def words(self) -> dict[str, Any]:
        return {
            "title": "Hand the note on to another author",
            "says": [
                f"{self.note.author.name} no longer writes it; what they wrote stays, and each earlier wording keeps its writer.",
                "Only advisers assigned to the school are offered.",
            ],
            "button": "Hand the note on",
            "nobody": "No other adviser is assigned to the school. Assign one first.",
        }

    def take(self, data: dict[str, Any]) -> HttpResponse:
        form = self.get_form(self.request.POST)
        form.is_valid()
        services.hand_on_note(actor=self.request.user, note=self.note, author=form.chosen, reason=data["reason"], at=clock.now())
        return self.done(f"{form.chosen.name} is now the author.")


class NoteAbandonView(StepView):
    permission = P.NOTE_ABANDON
    takes = ("abandon",)

    def get_form(self, data: Any = None) -> ReasonForm:
        return ReasonForm(data, label="Why there will be no note", missing="Say why there will be no note")

    def words(self) -> dict[str, Any]:
        return {
            "title": "Abandon the note",
            "says": ["The visit will say “no note”, with your reason. The draft can be restored for 30 days; after that it is gone."],
            "button": "Abandon the note",
            "kind": "warning",
        }

    def take(self, data: dict[str, Any]) -> HttpResponse:
        services.abandon_note(actor=self.request.user, note=self.note, reason=data["reason"], at=clock.now())
        return self.done("Abandoned. It can be restored for 30 days.")


class NoteRestoreView(StepView):
    permission = P.NOTE_ABANDON
    takes = ("restore",)

    def words(self) -> dict[str, Any]:
        return {
            "title": "Restore the note",
            "says": [
                "It becomes a draft again, as it was.",
                f"It was abandoned because: {self.note.state_reason}" if self.note.state_reason else "",
            ],
            "button": "Restore it",
        }

    def take(self, data: dict[str, Any]) -> HttpResponse:
        services.restore_note(actor=self.request.user, note=self.note, at=clock.now())
        return self.done("Restored. The note is a draft again.")
