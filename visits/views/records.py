"""Records: the page, the PDF byte for byte, verification, corrections, withdrawal; and agreed actions."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.text import slugify

from core import clock, files
from core.access import PortalView, Refused, can, get_visible
from core.audit import AuditEvent
from core.components.formats import moment
from people.models import User
from people.packs import AuthorityPack
from people.roles import Permission as P
from people.views.base import FormPage
from schools.models import School
from visits import services
from visits.choices import WithdrawalState
from visits.forms.notes import CorrectionForm, VerifyForm
from visits.models import (
    Commentary,
    CommentaryRecord,
    CorrectionRequest,
    Dispatched,
    Incident,
    NoteOfVisit,
    NoteRecord,
    RecordWithdrawal,
    Withdrawable,
)
from visits.selectors import OPENINGS, notes_with_visits, role_at, who_can_see
from visits.workflow import NOTE_WORKFLOW

from .notes import ReadsRecords
from .pages import AboutNote, AboutSchools, ReasonStep, StepForm, WithPack, visit_words


def standing_records() -> Any:
    return NoteRecord.objects.with_standing().select_related("school__authority", "note__authority", "note__pack")


# ---------------------------------------------------------------- one record


class RecordDetailView(ReadsRecords):
    """One version of one note for one school, as it was released or made final."""

    permission = P.RECORD_READ
    template_name = "visits/record_detail.html"

    def get_object(self) -> NoteRecord:
        return get_visible(standing_records(), self.request.user, public_id=self.kwargs["record"])

    @cached_property
    def note(self) -> NoteOfVisit:
        return notes_with_visits(NoteOfVisit.objects.prefetch_related("responses", "comments")).get(pk=self.object.note_id)

    @property
    def schools(self) -> list[School]:
        return [self.object.school]

    @cached_property
    def policy_in_force(self) -> AuthorityPack | None:
        return AuthorityPack(self.note.authority, self.note.pack)

    def context(self) -> dict[str, Any]:
        record = next(row for row in self.records if row.pk == self.object.pk)
        if record.is_sealed:
            incident = Incident.objects.visible_to(self.user).filter(withdrawal__record__note=record.note_id).first()
        else:
            incident = None
        offers = NOTE_WORKFLOW.offers(self.user, self.note, self.today)
        may_withdraw = record.kind == "final" and not record.is_withdrawn and can(self.user, P.RECORD_WITHDRAW, self.note)
        return {
            **self.shown(record),
            "note": self.note,
            "title": visit_words(self.note.visit),
            "byline": f"Reference {self.note.reference}, by {self.note.author.name}",
            "state_words": f"Version {record.version}, {moment(record.at)}",
            "next": "",
            "may_ask_correction": record.kind == "final" and not record.is_superseded and "ask_correction" in offers,
            "may_withdraw": may_withdraw,
            "incident": incident,
            "privacy": who_can_see(self.note),
        }


class RecordPdfView(PortalView):
    """The PDF of record: those same bytes, for everybody and for ever."""

    permission = P.RECORD_READ
    http_method_names = ("get", "head")

    def get_object(self) -> NoteRecord:
        return get_visible(
            NoteRecord.objects.select_related("school__authority", "note"), self.request.user, public_id=self.kwargs["record"]
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        record: NoteRecord = self.object
        if record.pdf is None:
            raise Http404("No PDF of record.")
        assert isinstance(request.user, User)
        services.note_record_opened(
            actor=request.user, record=record, role=role_at(request.user.hats, record.school), at=clock.now(), downloaded=True
        )
        return files.download_response(record.pdf, pdf_name(record))


def pdf_name(record: NoteRecord) -> str:
    """ "2008-0417-oakfield-primary-school-version-2.pdf": a name that says which it is in a folder of them."""
    kind = "" if record.kind == "final" else "-draft"
    return f"{record.note.reference.replace('/', '-')}-{slugify(record.school.name)[:60]}-version-{record.version}{kind}.pdf"


class RecordVerifyView(WithPack, FormPage):
    """Whether a PDF is one of the records: its own digest first, else the one that its footer prints."""

    permission = P.RECORD_READ
    template_name = "visits/record_verify.html"

    def form(self, data: Any = None) -> VerifyForm:
        return VerifyForm(data, self.request.FILES if data is not None else None)

    def context(self) -> dict[str, Any]:
        asked = self.request.GET.get("record", "")
        return {
            "about": NoteRecord.objects.visible_to(self.user).filter(public_id=asked).select_related("note", "school").first()
            if asked
            else None
        }

    def deed(self, form: Any) -> HttpResponse:
        upload, printed = form.cleaned_data.get("file"), form.cleaned_data.get("digest")
        visible = NoteRecord.objects.visible_to(self.user).with_standing().select_related("note", "school")
        commentaries = CommentaryRecord.objects.visible_to(self.user).with_standing().select_related("commentary", "school")
        found: Any = None
        digest, by = "", ""
        if upload is not None:
            sha = hashlib.sha256()
            for chunk in upload.chunks():
                sha.update(chunk)
            digest = sha.hexdigest()
            found, by = visible.filter(pdf_digest=digest).first() or commentaries.filter(pdf_digest=digest).first(), "file"
        if found is None and printed:
            named = {"digest__startswith": printed}
            found = visible.filter(**named).order_by("-version").first() or commentaries.filter(**named).first()
            by = "printed"
        return self.show(form=self.form(), found=found, by=by, file_digest=digest, printed=printed, answered=True)


# ---------------------------------------------------------------- corrections


class AboutRecord(AboutNote):
    """A step about a final record, from the page of its note: the asker's scope of notes decides."""

    abstract = True

    def get_object(self) -> NoteOfVisit:
        self.record = self.get_record()
        note = get_visible(notes_with_visits(NoteOfVisit.objects.all()), self.request.user, pk=self.record.note_id)
        self.record.note = note
        return note

    def get_record(self) -> NoteRecord:
        raise NotImplementedError

    def frame(self) -> dict[str, Any]:
        return {**super().frame(), "record": self.record, "school": self.record.school}


class CorrectionAskView(StepForm, AboutRecord):
    """Head or chair asks for a correction of a final note, saying where and why."""

    permission = P.NOTE_ASK_CORRECTION
    template_name = "visits/correction_ask.html"
    title = "Ask for a correction"
    submit = "Ask for the correction"

    def get_record(self) -> NoteRecord:
        return get_visible(standing_records().filter(kind="final"), self.request.user, public_id=self.kwargs["record"])

    def form(self, data: Any = None) -> CorrectionForm:
        return CorrectionForm(data)

    def context(self) -> dict[str, Any]:
        pack = self.policy_in_force
        return {"due": pack.office_days.add(self.today, pack.whole("correction_office_days")) if pack else None}

    def deed(self, form: Any) -> HttpResponse:
        values = form.cleaned_data
        request = services.ask_correction(actor=self.user, record=self.record, place=values["place"], why=values["why"], at=self.at)
        return self.go(
            self.note.get_absolute_url(),
            f"The correction is asked for. You will have an answer by {request.due_on.day} {request.due_on:%B %Y}.",
        )


class CorrectionDeclineView(ReasonStep, AboutRecord):
    """Decline, with the reason; request and answer stay with the note."""

    permission = P.NOTE_DECLINE_CORRECTION
    template_name = "visits/correction_decline.html"
    title = "Decline the correction"
    submit = "Decline the correction"
    label = "Why is the note not changed?"
    says = "Enter why the note is not changed"
    hint = "The school reads it, and it is kept with the note."

    def get_record(self) -> NoteRecord:
        request = CorrectionRequest.objects.select_related("record__school__authority").filter(public_id=self.kwargs["correction"]).first()
        if request is None:
            raise Http404("Not found.")
        self.correction = request
        return request.record

    def context(self) -> dict[str, Any]:
        return {"correction": self.correction}

    def deed(self, form: Any) -> HttpResponse:
        self.correction.record = self.record
        services.decline_correction(actor=self.user, request=self.correction, reason=form.cleaned_data["reason"], at=self.at)
        return self.go(self.note.get_absolute_url(), f"{self.correction.by_name} has your answer.")


# ---------------------------------------------------------------- withdrawal


class OfIssued(AboutSchools):
    """A step about what was issued, a final record of a note or of an annual commentary. Manager and data protection officer
    withdraw what they need not be able to read: the scope of the note, or of the commentary, decides."""

    abstract = True

    def get_object(self) -> Dispatched:
        named = {"kind": "final", "public_id": self.kwargs["record"]}
        record: Any = NoteRecord.objects.select_related("school__authority").filter(**named).first()
        if record is not None:
            record.note = get_visible(notes_with_visits(NoteOfVisit.objects.all()), self.request.user, pk=record.note_id)
        else:
            record = get_object_or_404(CommentaryRecord.objects.select_related("school__authority"), **named)
            record.commentary = get_visible(
                Commentary.objects.select_related("authority", "author", "pack", "school__authority", "school__cluster"),
                self.request.user,
                pk=record.commentary_id,
            )
        self.record: Withdrawable = record
        return self.record.about

    @property
    def schools(self) -> list[School]:
        found: list[School] = self.object.covered
        return found

    @cached_property
    def policy_in_force(self) -> AuthorityPack | None:
        return AuthorityPack(self.object.authority, self.object.pack)

    def frame(self) -> dict[str, Any]:
        record = self.record
        return {
            **super().frame(),
            "record": record,
            "visit_words": visit_words(record.note.visit) if isinstance(record, NoteRecord) else record.named.capitalize(),
            "back": self.object.get_absolute_url(),
        }


class WithdrawalAskView(ReasonStep, OfIssued):
    """One asks, which ends access at once. The page lists who has opened or downloaded it."""

    permission = P.RECORD_WITHDRAW
    template_name = "visits/withdrawal_ask.html"
    title = "Withdraw this version"
    submit = "End access and ask for withdrawal"
    kind = "warning"
    label = "Why must it be withdrawn?"
    says = "Enter why it must be withdrawn"
    hint = "Do not repeat what identifies a person: whoever had it may be told the reason."

    def context(self) -> dict[str, Any]:
        kind = str(self.record._meta.model_name)
        opened = AuditEvent.objects.about(kind, self.record.public_id).filter(event__in=OPENINGS).order_by("id")
        return {"opened": list(opened)}

    def deed(self, form: Any) -> HttpResponse:
        services.ask_withdrawal(actor=self.user, record=self.record, reason=form.cleaned_data["reason"], at=self.at)
        return self.go(
            self.object.get_absolute_url(), "Access has ended, and an incident is open. The other of the two confirms or refuses."
        )


class WithdrawalDecideView(OfIssued, FormPage):
    """The other confirms, or refuses, which restores access."""

    permission = P.RECORD_WITHDRAW
    template_name = "visits/withdrawal_decide.html"

    @cached_property
    def withdrawal(self) -> RecordWithdrawal:
        found = self.record.withdrawals.filter(state=WithdrawalState.ASKED).select_related("asked_by").first()
        if found is None:
            raise Http404("Not found.")
        setattr(found, self.record.held_as, self.record)
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.show()

    def context(self) -> dict[str, Any]:
        return {"withdrawal": self.withdrawal}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        decision = request.POST.get("decision", "")
        act = {"confirm": services.confirm_withdrawal, "refuse": services.refuse_withdrawal}.get(decision)
        if act is None:
            return self.show(refused="Choose whether to confirm or to refuse.", status=422)
        try:
            act(actor=self.user, withdrawal=self.withdrawal, at=self.at)
        except Refused as refusal:
            return self.show(refused=refusal.message, status=422)
        said = "The version is withdrawn." if decision == "confirm" else "The withdrawal is refused. Everybody who could read it can again."
        return self.go(self.object.get_absolute_url(), said)
