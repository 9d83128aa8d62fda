"""The annual commentary to governors: begun, edited by section, sent to the head, made final, read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from core import clock, files
from core.access import Conflict, PortalView, Refused, can, get_visible
from core.audit import AuditEvent
from core.calendar import AcademicYear
from core.components.diffs import word_diff
from core.components.formats import day, moment
from core.components.forms import PortalForm
from core.components.tables import keyset_page
from core.documents import DocumentFailed
from people.models import User
from people.packs import AuthorityPack
from people.roles import Permission as P
from people.views.base import Deed, FormPage
from schools.models import School
from visits import services
from visits.choices import COMMENTARY_TONES, Accuracy, CommentaryState, DeliveryState, RecordKind
from visits.commentary import TITLE, parts_of, references_in, render_commentary
from visits.forms.commentary import CommentaryAnswerForm, CommentaryFilterForm, CommentaryFinaliseForm, CommentaryYearForm
from visits.forms.steps import HandOnForm
from visits.issued import Issued, issued_of, to_withdraw
from visits.models import Commentary, CommentaryRecord, CommentarySection, Delivery, Incident, NoteRecord
from visits.recipients import recipients_of, why_chair
from visits.record import Meta
from visits.selectors import advisers_at, changed_texts, deliveries_of, openings_of, readers_of, role_at, school_meant
from visits.services.commentary import why_not_final, why_not_sent
from visits.workflow import COMMENTARY_WORKFLOW

from .notes import recipient_rows
from .pages import AboutSchools, ReasonStep, StepForm, WithPack

STEPS: dict[str, tuple[str, str]] = {
    "release": ("Send the draft to the school", "commentary-release"),
    "finalise": ("Make it final", "commentary-finalise"),
    "recall": ("Recall the draft from the school", "commentary-recall"),
    "amend": ("Amend the commentary", "commentary-amend"),
    "abandon_amendment": ("Give the amendment up", "commentary-amend-abandon"),
    "abandon_amendment_of_withdrawn": ("Give the amendment up", "commentary-amend-abandon"),
    "hand_on": ("Give it to another author", "commentary-hand-on"),
}
"""What the table offers: words and address."""

NOT_ARRIVED = (DeliveryState.BOUNCED, DeliveryState.FAILED)
HISTORY = tuple(f"commentary.{step}" for step in ("released", "recalled", "finalised", "amended", "amendment_abandoned"))
"""The steps that everybody who may read it may know."""
WITHDRAWAL = tuple(f"commentary.{step}" for step in ("withdrawal_asked", "withdrawn", "withdrawal_refused"))


class CommentaryListView(WithPack):
    """Every commentary of the asker's scope, the latest year first; what the schools still lack is on their own pages."""

    permission = P.RECORD_READ
    template_name = "visits/commentary/list.html"

    @cached_property
    def filter(self) -> CommentaryFilterForm:
        params = self.request.GET
        years = Commentary.objects.visible_to(self.user).order_by("-academic_year").values_list("academic_year", flat=True).distinct()
        return CommentaryFilterForm(params if params else None, years=[(year, AcademicYear(year).label) for year in years])

    def context(self) -> dict[str, Any]:
        form, rows = self.filter, Commentary.objects.visible_to(self.user).select_related("school", "author")
        values = form.cleaned_data if form.is_bound and form.is_valid() else {}
        if asked := values.get("school"):
            rows = rows.filter(school__in=School.objects.filter(school_meant(asked)).values("pk"))
        if year := values.get("year"):
            rows = rows.filter(academic_year=int(year))
        if state := values.get("state"):
            rows = rows.filter(state=state)
        page = keyset_page(rows, ("-academic_year", "school__name"), self.request.GET.get("cursor"))
        return {
            "filter": form,
            "total": rows.count(),
            "page": page,
            "rows": [(row, (row.get_state_display(), COMMENTARY_TONES[row.state])) for row in page.rows],
        }


class CommentaryStartView(StepForm, AboutSchools):
    """Open the commentary of a school: the years that have a final note and no commentary yet."""

    permission = P.COMMENTARY_START
    template_name = "visits/commentary/start.html"
    title = "Begin an annual commentary"
    submit = "Assemble it"

    def get_object(self) -> School:
        rows = School.objects.select_related("authority", "cluster")
        return get_visible(rows, self.request.user, authority__code=self.kwargs["authority"], urn=self.kwargs["urn"])

    @property
    def schools(self) -> list[School]:
        return [self.object]

    @cached_property
    def years(self) -> list[tuple[int, str]]:
        finals = NoteRecord.objects.visible_to(self.user).filter(school=self.object, kind=RecordKind.FINAL)
        begun = Commentary.objects.filter(school=self.object).values("academic_year")
        found = finals.exclude(note__visit__academic_year__in=begun).order_by().values_list("note__visit__academic_year", flat=True)
        return [(year, AcademicYear(year).label) for year in sorted(set(found), reverse=True)]

    def frame(self) -> dict[str, Any]:
        return {**super().frame(), "back": self.object.get_absolute_url(), "years": self.years}

    def form(self, data: Any = None) -> CommentaryYearForm:
        initial = {"year": self.years[0][0]} if len(self.years) == 1 else {}
        return CommentaryYearForm(data, years=self.years, initial=initial)

    def deed(self, form: Any) -> HttpResponse:
        made = services.start_commentary(actor=self.user, school=self.object, academic_year=form.cleaned_data["year"], at=self.at)
        return self.go(made.get_absolute_url(), "It is assembled from the year’s final notes. Edit it section by section.")


class AboutCommentary(AboutSchools):
    """A page about one commentary of the asker's scope, in the words of the pack that it is written under."""

    abstract = True

    def get_object(self) -> Commentary:
        rows = Commentary.objects.select_related("authority", "author", "pack", "school__authority", "school__cluster")
        return get_visible(rows, self.request.user, public_id=self.kwargs["commentary"])

    @property
    def commentary(self) -> Commentary:
        found: Commentary = self.object
        return found

    @property
    def schools(self) -> list[School]:
        return [self.commentary.school]

    @cached_property
    def policy_in_force(self) -> AuthorityPack | None:
        return AuthorityPack(self.commentary.authority, self.commentary.pack)

    def frame(self) -> dict[str, Any]:
        commentary = self.commentary
        return {
            **super().frame(),
            "commentary": commentary,
            "name": f"{TITLE}, {commentary.year_label}",
            "visit_words": f"{TITLE}, {commentary.year_label}",
            "state_tag": (commentary.get_state_display(), COMMENTARY_TONES[commentary.state]),
            "back": commentary.get_absolute_url(),
        }

    def links(self, texts: Any) -> dict[str, str]:
        """Where each reference leads: to the record of that note, for whoever may read it."""
        rows = NoteRecord.objects.visible_to(self.user).filter(
            kind=RecordKind.FINAL, school=self.commentary.school, note__reference__in=references_in(texts)
        )
        found = rows.order_by("version").values_list("note__reference", "public_id")
        return {reference: reverse("visits:record-detail", args=[public_id]) for reference, public_id in found}


# ---------------------------------------------------------------- read


class CommentaryDetailView(AboutCommentary):
    """To the author of a draft its text; to everybody else the latest record that they may read, or the facts alone."""

    permission = P.RECORD_READ
    http_method_names = ("get", "head")
    template_name = "visits/commentary/detail.html"

    @cached_property
    def records(self) -> list[Any]:
        found = CommentaryRecord.objects.visible_to(self.user).with_standing().filter(commentary=self.commentary)
        rows = list(found.annotate(pdf_size=F("pdf__size")).order_by("-version", "kind"))  # a final one before its release
        for row in rows:
            row.commentary, row.school = self.commentary, self.commentary.school
        return rows

    def chosen(self) -> Any:
        asked = self.request.GET.get("record", "")
        if asked:
            found = next((row for row in self.records if row.public_id == asked), None)
            if found is None:
                raise Http404("Not found.")
            return found
        return self.records[0] if self.records else None

    def context(self) -> dict[str, Any]:
        commentary, user = self.commentary, self.user
        offers = set(COMMENTARY_WORKFLOW.offers(user, commentary, self.today))
        writes = can(user, P.COMMENTARY_WRITE, commentary)
        record = None if writes and "record" not in self.request.GET else self.chosen()
        sends = can(user, P.COMMENTARY_RELEASE, commentary)
        context: dict[str, Any] = {
            "offers": offers,
            "is_author": commentary.author_id == user.pk,
            "byline": f"By {commentary.author.name}",
            "state_words": f"Version {record.version}, {day(record.at)}" if record else f"Version {commentary.version}",
            "steps": [
                (words, reverse(f"visits:{name}", args=[commentary.public_id])) for act, (words, name) in STEPS.items() if act in offers
            ],
            "records": self.records,
            "record": record,
            "withdrawn": self.withdrawn(record),
            "withdrawals": to_withdraw(commentary) if can(user, P.RECORD_WITHDRAW, commentary) else [],
            "why_not": why_not_sent(commentary) if writes else None,
            "history": self.history(),
            "privacy": self.privacy(),
        }
        if record is not None:
            context |= self.shown(record, sends)
        elif writes:
            sections = list(CommentarySection.objects.filter(commentary=commentary))
            context |= {"working": True, "sections": sections, "links": self.links(row.body for row in sections)}
        return context

    @cached_property
    def issued(self) -> list[Issued]:
        return issued_of(self.commentary)

    def withdrawn(self, record: Any) -> dict[str, Any] | None:
        """That the version which is read here, or would be, is withdrawn: when and why, for everybody who may have had it."""
        withdrawn = {row.record.version: row for row in self.issued if row.withdrawal is not None}
        found = (withdrawn.get(record.version) if record is not None else None) or withdrawn.get(self.commentary.final_version or 0)
        if found is None:
            return None
        incident = Incident.objects.visible_to(self.user).filter(withdrawal=found.withdrawal).first()
        return {"record": found.record, "withdrawal": found.withdrawal, "incident": incident}

    def shown(self, record: Any, sends: bool) -> dict[str, Any]:
        payload = json.loads(record.payload)
        openings = [*openings_of(self.records)]
        self._note_down(record, openings)
        deliveries = self.deliveries()
        other = next((row for row in self.records if row.version < record.version and not row.is_sealed), None)
        return {
            "payload": payload,
            "links": self.links(section["text"] for section in payload["sections"]),
            "source_rows": self.sources(payload),
            "meta": Meta(record.digest, record.pdf_digest, by=record.by_name, verify_url=reverse("visits:record-verify")),
            "readers": readers_of(deliveries, [e for e in openings if e.subject_id == record.public_id], record.version),
            "returned": [row for row in deliveries if row.state in NOT_ARRIVED] if sends else [],
            "pdf_url": reverse("visits:commentary-pdf", args=[record.public_id]) if record.pdf_id else "",
            "pdf_words": f"Download PDF ({filesizeformat(record.pdf_size or 0)})",
            "compared": other,
            "changed": [
                (title, word_diff(before, after))
                for title, before, after in (changed_texts(_texts(other), _texts(record)) if other is not None else [])
            ],
        }

    def sources(self, payload: dict[str, Any]) -> list[dict[str, Any]]:
        """The notes that a record names, each with its page for whoever may read it."""
        rows = NoteRecord.objects.visible_to(self.user).filter(digest__in=[row["digest"] for row in payload["sources"]])
        urls = {digest: reverse("visits:record-detail", args=[key]) for digest, key in rows.values_list("digest", "public_id")}
        return [{**row, "url": urls.get(row["digest"], "")} for row in payload["sources"]]

    def deliveries(self) -> list[Delivery]:
        return deliveries_of(self.commentary, [self.commentary.school_id])

    def _note_down(self, record: Any, openings: Sequence[AuditEvent]) -> None:
        user = self.user
        if record.is_sealed:
            return  # nobody reads it here
        seen = any(
            e.event == "record.opened"
            and e.actor_id == user.public_id
            and e.subject_id == record.public_id
            and e.occurred_at.date() >= self.today
            for e in openings
        )
        if not seen:
            services.note_record_opened(actor=user, record=record, role=role_at(user.hats, record.school) or self.role, at=self.at)

    def history(self) -> list[AuditEvent]:
        found = AuditEvent.objects.about("commentary", self.commentary.public_id).filter(event__in=HISTORY)
        withdrawn = AuditEvent.objects.filter(
            subject_kind="commentaryrecord", subject_id__in=[row.record.public_id for row in self.issued], event__in=WITHDRAWAL
        )
        return list((found | withdrawn).order_by("-id"))

    def privacy(self) -> str:
        commentary = self.commentary
        why = f"Held by {commentary.authority.name} to tell the governors what the year’s visits found."
        readers = {
            CommentaryState.DRAFT: "its author alone reads a draft",
            CommentaryState.WITH_SCHOOL: "its author, the SIP manager and the headteacher",
            CommentaryState.WITHDRAWN: "nobody; the data protection officer, from under the seal",
        }.get(CommentaryState(commentary.state), "the headteacher, the chair, the clerk, the school’s officers and its advisers")
        return f"{why} Who can read it: {readers}."


def _texts(record: Any) -> list[tuple[str, str]]:
    return [(section["title"], section["text"]) for section in json.loads(record.payload)["sections"]]


class CommentaryPdfView(PortalView):
    """The PDF of record: those same bytes, for everybody and for ever."""

    permission = P.RECORD_READ
    http_method_names = ("get", "head")

    def get_object(self) -> CommentaryRecord:
        rows = CommentaryRecord.objects.select_related("school__authority", "commentary", "pdf")
        return get_visible(rows, self.request.user, public_id=self.kwargs["record"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        record: CommentaryRecord = self.object
        if record.pdf is None:
            raise Http404("No PDF of record.")
        assert isinstance(request.user, User)
        role = role_at(request.user.hats, record.school)
        services.note_record_opened(actor=request.user, record=record, role=role, at=clock.now(), downloaded=True)
        draft = "" if record.kind == RecordKind.FINAL else "-draft"
        year = record.commentary.year_label.replace("/", "-")
        name = f"annual-commentary-{year}-{slugify(record.school.name)[:60]}-version-{record.version}{draft}.pdf"
        return files.download_response(record.pdf, name)


# ---------------------------------------------------------------- written


class CommentaryEditView(AboutCommentary, FormPage):
    """One section, with the rule of the note's editor: it saves itself, and the later of two saves is shown what changed. It is
    a whole form without JavaScript. Nothing of it is kept on the device: a commentary is written at a desk, from notes."""

    permission = P.COMMENTARY_WRITE
    template_name = "visits/commentary/edit.html"

    @cached_property
    def sections(self) -> list[CommentarySection]:
        return list(CommentarySection.objects.filter(commentary=self.commentary).select_related("saved_by"))

    @property
    def section(self) -> CommentarySection:
        found = next((row for row in self.sections if row.code == self.kwargs["key"]), None)
        if found is None:
            raise Http404("Not found.")
        return found

    def context(self) -> dict[str, Any]:
        section = self.section
        index = self.sections.index(section)
        parts = {part.code: part for part in parts_of(self.policy_in_force)} if self.policy_in_force else {}
        return {
            "section": section,
            "sections": self.sections,
            "guidance": parts[section.code].guidance if section.code in parts else "",
            "before": self.sections[index - 1] if index else None,
            "next": self.sections[index + 1] if index + 1 < len(self.sections) else None,
            "body": section.body,
            "base": section.revision,
            "saved": f"Saved {moment(section.saved_at)}" if section.saved_at else "",
        }

    @property
    def saves_itself(self) -> bool:
        """That the page's own script asks, as in a note's editor, and not the form that is sent."""
        return self.request.headers.get("Accept", "") == "application/json"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.show()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        data, section = request.POST, self.section
        body = str(data.get("body", ""))
        resolve = str(data.get("resolve") or "")
        if resolve == "theirs":
            return HttpResponseRedirect(request.path)
        if resolve == "both" and section.body.strip() not in body:
            body = f"{section.body}\n\n{body}"
        base = str(data.get("base", ""))
        try:
            saved = services.save_commentary_section(
                actor=self.user,
                commentary=self.commentary,
                code=section.code,
                base_revision=int(base) if base.isdigit() else -1,
                body=body,
                at=self.at,
            )
        except services.SectionConflict as conflict:
            stands = conflict.section
            both: dict[str, Any] = {
                "by": stands.saved_by.name if stands.saved_by else "",
                "at": moment(stands.saved_at) if stands.saved_at else "",
                "text_differs": conflict.current != conflict.yours,
                "current": conflict.current,
                "yours": conflict.yours,
                "tables": [],
            }
            if self.saves_itself:
                html = render_to_string("visits/editor/_conflict.html", {"conflict": both}, request=request)
                return JsonResponse({"status": "conflict", "revision": conflict.revision, "html": html}, status=409)
            return self.show(status=409, conflict=both, body=body, base=conflict.revision)
        except Refused as refusal:
            if self.saves_itself:
                closed = isinstance(refusal, Conflict)
                answer = {"status": "closed" if closed else "refused", "message": refusal.message}
                return JsonResponse(answer, status=409 if closed else 422)
            return self.show(status=409, refused=refusal.message, body=body)
        if self.saves_itself:
            at = timezone.localtime(saved.at)
            return JsonResponse({"status": "saved", "revision": saved.revision, "at": f"{at:%H:%M}", "words": saved.words})
        follows = self.context()["next"] if data.get("go") == "next" else None
        url = reverse("visits:commentary-edit", args=[self.commentary.public_id, follows.code]) if follows else ""
        return self.go(url or self.commentary.get_absolute_url(), f"“{section.title}” is saved.")


class OfCommentary(Deed):
    abstract = True

    def get_object(self) -> Commentary:
        rows = Commentary.objects.select_related("authority", "author", "pack", "school__authority", "school__cluster")
        return get_visible(rows, self.request.user, public_id=self.kwargs["commentary"])

    def back(self) -> str:
        url: str = self.object.get_absolute_url()
        return url


class CommentaryGatherView(OfCommentary):
    """Assemble again from the final notes as they are now."""

    permission = P.COMMENTARY_WRITE

    def deed(self) -> str:
        changed = services.gather_commentary(actor=self.request.user, commentary=self.object, at=clock.now())
        return f"Gathered again: {changed} section{'' if changed == 1 else 's'} changed. What you had edited is kept."


class CommentaryHandOnView(StepForm, AboutCommentary):
    permission = P.COMMENTARY_HAND_ON
    template_name = "visits/commentary/step.html"
    title = "Give it to another author"
    submit = "Hand it on"

    def form(self, data: Any = None) -> HandOnForm:
        commentary = self.commentary
        people = [user for user in advisers_at([commentary.school], self.today) if user.pk != commentary.author_id]
        form = HandOnForm(data, people=people, label="Who writes it from now on?")
        form.fields["reason"].label = "Why it goes to another author"
        return form

    def deed(self, form: Any) -> HttpResponse:
        services.hand_on_commentary(
            actor=self.user, commentary=self.commentary, author=form.chosen, reason=form.cleaned_data["reason"], at=self.at
        )
        return self.go(self.commentary.get_absolute_url(), f"{form.chosen.name} writes it from now on.")


# ---------------------------------------------------------------- the two dispatches


class CommentaryDispatch(StepForm, AboutCommentary):
    """Something leaves the building: who gets what is shown before; the PDF is made before, and outside, the transaction."""

    abstract = True
    template_name = "visits/commentary/dispatch.html"
    record_kind: str

    @cached_property
    def why_not(self) -> str | None:
        raise NotImplementedError

    def form(self, data: Any = None) -> Any:
        return PortalForm(data)

    def context(self) -> dict[str, Any]:
        commentary = self.commentary
        pack = self.policy_in_force
        assert pack is not None
        reasons = why_chair(commentary, pack, self.today) if self.record_kind == RecordKind.RELEASE else []
        commentary.goes_to_chair = bool(reasons)
        rows = recipient_rows(recipients_of(commentary, commentary.school, self.record_kind, self.today))
        return {
            "why_not": self.why_not,
            "recipients": rows,
            "any_held": any(row["state"] for row in rows),
            "reasons": reasons,
            "window": pack.whole("school_window_school_days"),
            "answer": commentary.answers.filter(version=commentary.version).first(),
            "is_final": self.record_kind == RecordKind.FINAL,
        }

    def render(self, at: Any, reply: str = "") -> Any:
        try:
            return render_commentary(self.commentary, kind=self.record_kind, at=at, actor=self.user, reply=reply)
        except DocumentFailed as failed:
            raise Refused(
                f"The PDF could not be made, so nothing was sent and nothing has changed. {failed} Try again; if it fails again, tell the administrator."
            ) from failed


class CommentaryReleaseView(CommentaryDispatch):
    """The first dispatch: the draft to the head for accuracy."""

    permission = P.COMMENTARY_RELEASE
    record_kind = RecordKind.RELEASE
    title = "Send the draft to the school"
    submit = "Send it for accuracy"

    @cached_property
    def why_not(self) -> str | None:
        if not COMMENTARY_WORKFLOW.allows(self.commentary.state, "release"):
            return COMMENTARY_WORKFLOW.refusals["release"]
        return why_not_sent(self.commentary)

    def deed(self, form: Any) -> HttpResponse:
        at = self.at
        COMMENTARY_WORKFLOW.check(self.user, self.commentary, "release", self.today)
        if self.why_not:
            raise Refused(self.why_not)
        services.release_commentary(actor=self.user, commentary=self.commentary, rendered=self.render(at), at=at)
        return self.go(self.commentary.get_absolute_url(), "The draft is on its way to the school.")


class CommentaryFinaliseView(CommentaryDispatch):
    """The second dispatch: the final commentary to head, chair, clerk and the authority."""

    permission = P.COMMENTARY_FINALISE
    record_kind = RecordKind.FINAL
    title = "Make the commentary final"
    submit = "Make it final and send it"

    @cached_property
    def why_not(self) -> str | None:
        if not COMMENTARY_WORKFLOW.allows(self.commentary.state, "finalise"):
            return COMMENTARY_WORKFLOW.refusals["finalise"]
        return why_not_final(self.commentary, self.today)

    def form(self, data: Any = None) -> CommentaryFinaliseForm:
        wrong = self.commentary.answers.filter(version=self.commentary.version, accuracy=Accuracy.INACCURATE)
        return CommentaryFinaliseForm(data, asks=wrong.exists())

    def deed(self, form: Any) -> HttpResponse:
        at, reply = self.at, form.cleaned_data.get("reply", "")
        COMMENTARY_WORKFLOW.check(self.user, self.commentary, "finalise", self.today)
        if self.why_not:
            raise Refused(self.why_not)
        services.finalise_commentary(actor=self.user, commentary=self.commentary, rendered=self.render(at, reply), at=at, reply=reply)
        return self.go(self.commentary.get_absolute_url(), "The commentary is final. Everybody on the list gets a link to it.")


class CommentaryResendView(OfCommentary):
    """Send once more what has not arrived."""

    permission = P.COMMENTARY_RELEASE

    def deed(self) -> str:
        found = Delivery.objects.select_related("dispatch", "contact__user", "school").filter(dispatch__commentary=self.object)
        delivery: Delivery = get_object_or_404(found, public_id=self.kwargs["delivery"])
        delivery.dispatch.commentary = self.object
        services.resend_delivery(actor=self.request.user, delivery=delivery, at=clock.now())
        return f"It is on its way to {delivery.name} again."


class CommentaryAnswerView(StepForm, AboutCommentary):
    """The head says whether the draft is accurate, with the draft before them."""

    permission = P.COMMENTARY_ANSWER
    template_name = "visits/commentary/answer.html"
    title = "Answer on accuracy"
    submit = "Send the answer"

    def form(self, data: Any = None) -> CommentaryAnswerForm:
        given = self.commentary.answers.filter(version=self.commentary.version).first()
        return CommentaryAnswerForm(data, initial={"accuracy": given.accuracy, "words": given.words} if given else {})

    def context(self) -> dict[str, Any]:
        rows = CommentaryRecord.objects.visible_to(self.user).filter(
            commentary=self.commentary, kind=RecordKind.RELEASE, version=self.commentary.version
        )
        record = rows.first()
        payload = json.loads(record.payload) if record else {"sections": []}
        links = self.links(section["text"] for section in payload["sections"])
        return {"payload": payload, "links": links, "due": self.commentary.school_due_on}

    def deed(self, form: Any) -> HttpResponse:
        services.answer_commentary(actor=self.user, commentary=self.commentary, at=self.at, **form.cleaned_data)
        return self.go(self.commentary.get_absolute_url(), f"{self.commentary.author.name} has your answer.")


# ---------------------------------------------------------------- back, and again


class CommentaryRecallView(ReasonStep, AboutCommentary):
    permission = P.COMMENTARY_RELEASE
    template_name = "visits/commentary/step.html"
    title = "Recall the draft from the school"
    submit = "Recall it"
    label = "Why is the draft recalled?"
    says = "Enter why the draft is recalled"
    hint = "The school’s access ends at once; its answer is kept."

    def deed(self, form: Any) -> HttpResponse:
        services.recall_commentary(actor=self.user, commentary=self.commentary, reason=form.cleaned_data["reason"], at=self.at)
        return self.go(self.commentary.get_absolute_url(), "The draft is recalled. The next version can be written.")


class CommentaryAmendView(ReasonStep, AboutCommentary):
    permission = P.COMMENTARY_AMEND
    template_name = "visits/commentary/step.html"
    title = "Amend the commentary"
    submit = "Begin the amendment"
    label = "Why is it amended?"
    says = "Enter why the commentary is amended"
    hint = "The final version, if it is not withdrawn, stands until the new one is final."

    def deed(self, form: Any) -> HttpResponse:
        services.amend_commentary(actor=self.user, commentary=self.commentary, reason=form.cleaned_data["reason"], at=self.at)
        return self.go(self.commentary.get_absolute_url(), f"Version {self.commentary.version} can be written.")


class CommentaryAmendAbandonView(ReasonStep, AboutCommentary):
    permission = P.COMMENTARY_AMEND
    template_name = "visits/commentary/step.html"
    title = "Give the amendment up"
    submit = "Give it up"
    label = "Why is the amendment given up?"
    says = "Enter why the amendment is given up"
    hint = "Its text becomes that of the final version again."

    def deed(self, form: Any) -> HttpResponse:
        services.abandon_commentary_amendment(actor=self.user, commentary=self.commentary, reason=form.cleaned_data["reason"], at=self.at)
        said = "It stays withdrawn." if self.commentary.is_final_withdrawn else "The final version stands as it was."
        return self.go(self.commentary.get_absolute_url(), said)
