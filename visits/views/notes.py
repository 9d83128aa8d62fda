"""The note as each person may see it, its release, the school's answers, and final."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from core.access import Refused, can, get_visible
from core.components.diffs import word_diff
from core.components.formats import day
from core.documents import DocumentFailed
from people.models import User
from people.pack import PLAIN_LABELS
from people.roles import Hat
from people.roles import Permission as P
from people.views.base import FormPage
from schools.models import School
from visits import services
from visits.choices import CommentKind, NoteState, RecordKind
from visits.clocks import clock_days
from visits.documents import render_records
from visits.forms.notes import AmendForm, AnswerForm, CommentForm, DifferenceForm, ExtendForm, ReleaseForm, ReplyForm
from visits.issued import Issued, to_withdraw
from visits.models import CorrectionRequest, Delivery, DifferenceOfView, NoteOfVisit, NoteRecord, SchoolComment
from visits.payload import PayloadBuilder
from visits.policies import is_author
from visits.recipients import Recipient, recipients_of, why_chair
from visits.record import Meta
from visits.selectors import (
    advisers_at,
    changed_sections,
    deliveries_of,
    history_of,
    is_ready_to_finalise,
    is_school_side,
    next_step,
    notes_with_visits,
    openings_of,
    readers_of,
    records_for,
    role_at,
    shown_payload,
    who_can_see,
)
from visits.services.release import why_not_final
from visits.workflow import NOTE_WORKFLOW

from .pages import AboutNote, AboutSchools, ReasonStep, StepForm, school_words

STEPS: dict[str, tuple[str, str]] = {
    "take_back": ("Take it back from review", "note-take-back"),
    "reopen": ("Open it again for writing", "note-reopen"),
    "hand_on": ("Hand it on to another author", "note-hand-on"),
    "finalise": ("Make it final", "note-finalise"),
    "extend": ("Give the school more time", "note-extend"),
    "recall": ("Recall the draft from the school", "note-recall"),
    "amend": ("Amend the note", "note-amend"),
    "abandon_amendment": ("Give the amendment up", "note-amend-abandon"),
    "abandon_amendment_of_withdrawn": ("Give the amendment up", "note-amend-abandon"),
    "abandon": ("Abandon the note", "note-abandon"),
    "restore": ("Restore the note", "note-restore"),
}
"""What the table of domain.md §4 offers beside the next step itself, in the order shown: words and address."""


# ---------------------------------------------------------------- a record as it is read


class ReadsRecords(AboutSchools):
    """What a page that shows a record of a note brings together; also who opened it, which it notes down itself."""

    abstract = True

    @property
    def note(self) -> NoteOfVisit:
        raise NotImplementedError

    @cached_property
    def records(self) -> list[Any]:
        """Every record of the note that the asker may read, the latest first."""
        if self.note.released_at is None and self.note.version == 1:
            return []  # nothing has gone to the school yet
        found = records_for(self.user, self.note).annotate(pdf_size=F("pdf__size"))
        rows = list(found)
        for row in rows:
            row.note = self.note
        return rows

    @cached_property
    def deliveries(self) -> list[Delivery]:
        if self.note.released_at is None and self.note.version == 1:
            return []
        visible = {record.school_id for record in self.records}
        return deliveries_of(self.note, visible or [school.pk for school in self.schools])

    @cached_property
    def corrections(self) -> list[CorrectionRequest]:
        ids = [record.pk for record in self.records if record.kind == RecordKind.FINAL]
        return list(CorrectionRequest.objects.filter(record__in=ids)) if ids else []

    @property
    def open_correction(self) -> CorrectionRequest | None:
        return next((request for request in self.corrections if request.state == "open"), None)

    def shown(self, record: NoteRecord) -> dict[str, Any]:
        """Everything about one record: its payload with what came after, its digests, its readers, its history."""
        note = self.note
        openings = openings_of(self.records)
        self._note_down(record, openings)
        same_school = [other for other in self.records if other.school_id == record.school_id]
        earlier = [other for other in same_school if other.version < record.version]
        asked = self.request.GET.get("compare", "")
        other = next((row for row in same_school if row.public_id == asked and row.pk != record.pk), earlier[0] if earlier else None)
        comparison = []
        if other is not None:
            before, after = sorted((other, record), key=lambda row: (row.version, row.at))
            comparison = changed_sections(json.loads(before.payload), json.loads(after.payload))
        responses = [r for r in note.responses.all() if r.school_id == record.school_id and r.version == record.version]
        payload = shown_payload(
            record,
            comments=note.comments.all() if record.kind == RecordKind.RELEASE else (),
            response=responses[0] if responses else None,
            corrections=self.corrections,
        )
        return {
            "record": record,
            "payload": payload,
            "meta": Meta(
                record.digest,
                record.pdf_digest,
                by=record.by_name,
                verify_url=f"{reverse('visits:record-verify')}?record={record.public_id}",
            ),
            "readers": readers_of(self.deliveries, [e for e in openings if e.subject_id == record.public_id], record.version),
            "history_template": "visits/_history.html",
            "history": history_of(note),
            "versions": same_school,
            "compared": other,
            "comparison": comparison,
            "pdf_url": reverse("visits:record-pdf", args=[record.public_id]) if record.pdf_id else "",
            "pdf_words": f"Download PDF ({filesizeformat(record.pdf_size or 0)})",  # type: ignore[attr-defined]
            "standing_tag": standing_tag(record),
        }

    def _note_down(self, record: NoteRecord, openings: Sequence[Any]) -> None:
        """That it was opened, once a day: whoever may read it sees by whom. What is under seal nobody reads here."""
        if record.is_sealed:
            return
        today = self.today
        user = self.user
        if any(
            e.event == "record.opened"
            and e.actor_id == user.public_id
            and e.subject_id == record.public_id
            and e.occurred_at.date() >= today
            for e in openings
        ):
            return
        services.note_record_opened(actor=user, record=record, role=role_at(user.hats, record.school) or self.role, at=self.at)


def standing_tag(record: Any) -> tuple[str, str]:
    """What a record now is, in words: the current version, superseded, withdrawn, a draft."""
    if record.is_withdrawn:
        return ("Withdrawn", "plain")
    if record.kind == RecordKind.RELEASE:
        return ("Draft for accuracy", "wait")
    return ("Superseded", "rest") if record.is_superseded else ("Final", "done")


class NoteCompareView(AboutNote, ReadsRecords):
    """Any two records of a note that the asker may read, section by section and word by word, with what was said of why."""

    permission = P.NOTE_OPEN
    template_name = "visits/note_compare.html"

    def get_object(self) -> NoteOfVisit:
        return get_visible(notes_with_visits(NoteOfVisit.objects.all()), self.request.user, public_id=self.kwargs["note"])

    def context(self) -> dict[str, Any]:
        records = sorted(self.records, key=lambda row: (row.school.name, row.version, row.at))
        by_id = {row.public_id: row for row in records}
        asked = self.request.GET
        later = by_id.get(asked.get("to", "")) or (records[-1] if records else None)
        same_school = [row for row in records if later is not None and row.school_id == later.school_id and row.pk != later.pk]
        # unless asked otherwise, with the version before: a final one sooner than the draft of it
        before_it = [row for row in same_school if later is not None and row.version < later.version]
        finals = [row for row in before_it if row.kind == RecordKind.FINAL]
        earlier = by_id.get(asked.get("from", "")) or next((rows[-1] for rows in (finals, before_it, same_school) if rows), None)
        if later is not None and earlier is not None:
            earlier, later = sorted((earlier, later), key=lambda row: (row.version, row.at))
        context: dict[str, Any] = {
            "choices": [(row.public_id, self.record_words(row)) for row in records],
            "earlier": earlier,
            "later": later,
            "history": [],
        }
        if later is None or earlier is None or earlier.pk == later.pk:
            return context
        before, after = json.loads(earlier.payload), json.loads(later.payload)
        changed = [(title, word_diff(old, new)) for title, old, new in changed_sections(before, after)]
        for record in {earlier.public_id: earlier, later.public_id: later}.values():
            self._note_down(record, openings_of([record]))
        return context | {
            "changed": changed,
            "removed": sum(diff.removed for _, diff in changed),
            "added": sum(diff.added for _, diff in changed),
            "sections": len(after["sections"]),
            "earlier_words": self.record_words(earlier),
            "later_words": self.record_words(later),
            "is_other_school": earlier.school_id != later.school_id,
            "history": [turn for turn in history_of(self.note) if earlier.version <= turn.version <= later.version and turn.reason],
        }

    def record_words(self, record: NoteRecord) -> str:
        """ "Version 2, final, 7 October 2008"; of a group with the school."""
        school = f"{record.school.name}: " if len({row.school_id for row in self.records}) > 1 else ""
        words = f"version {record.version}, {record.get_kind_display()}, {day(record.at)}"
        return f"{school}{words}" if school else words[:1].upper() + words[1:]


# ---------------------------------------------------------------- the note's own page


class NoteDetailView(AboutNote, ReadsRecords):
    """Decides by the policies what this person sees: the working text, the latest record they may read, or the facts alone."""

    permission = P.NOTE_OPEN
    template_name = "visits/note_detail.html"

    def get_object(self) -> NoteOfVisit:
        notes = notes_with_visits(NoteOfVisit.objects.prefetch_related("responses", "comments"))
        return get_visible(notes, self.request.user, public_id=self.kwargs["note"])

    def context(self) -> dict[str, Any]:
        note, user = self.note, self.user
        hats = user.hats
        offers = set(NOTE_WORKFLOW.offers(user, note, self.today))
        ready = "finalise" in offers and is_ready_to_finalise(note, self.today)
        review = note.open_review
        context: dict[str, Any] = {
            "offers": offers,
            "ready_to_finalise": ready,
            "may_answer": "answer" in offers,
            "is_author": is_author(hats, note),
            "is_school_side": is_school_side(hats, note),
            "edit_url": reverse("visits:note-write", args=[note.public_id]) if can(user, P.NOTE_WRITE, note) else "",
            "review_url": reverse("visits:review-detail", args=[review.public_id]) if review and can(user, P.NOTE_REVIEW, note) else "",
            "reason_given": self.reason_given(),
            "privacy": who_can_see(note),
            "may_reply": "reply" in offers,
            "title": f"{note.visit.visit_type_label}, {day(note.visit.on)}",
            "byline": f"{self.words('note')} by {note.author.name}, {self.words('sip')}",
        }
        reads_text = can(user, P.NOTE_READ, note) and note.state in (
            NoteState.DRAFT,
            NoteState.RETURNED,
            NoteState.IN_REVIEW,
            NoteState.READY,
        )
        writes = bool(context["edit_url"]) and context["is_author"]
        record = None if reads_text and not note.is_amendment else self.chosen_record()
        if reads_text and not writes:
            context |= self.text()
        elif record is not None:
            context |= self.shown(record)
            context["switch"] = self.switch(record)
            if context["may_reply"]:
                context["to_reply"] = [c for c in note.comments.all() if c.version == note.version and c.answered_at is None]
        else:
            context["history"] = history_of(note)
            context["other_records"] = self.records
        context["deliveries"] = self.deliveries
        step = next_step(
            note,
            hats,
            self.today,
            deliveries=[d for d in self.deliveries if d.dispatch.version == note.version],
            correction=self.open_correction,
        )
        context |= {"step": step, "next": step.whole, "corrections_open": self.open_corrections(offers)}
        context["withdrawals"] = self.withdrawals()
        context["state_words"] = self.state_words(record) if "record" in context else f"Version {note.version}"
        context["steps"] = self.steps(offers, ready, record)
        return context

    def reason_given(self) -> str:
        """Why there is no note, to all of the authority; what a reviewer or a manager said of the text, to those alone who keep it moving."""
        note, user = self.note, self.user
        if is_school_side(user.hats, note):
            return ""
        return note.state_reason if note.state == NoteState.ABANDONED or can(user, P.NOTE_HAND_ON, note) else ""

    def words(self, name: str) -> str:
        labels = self.policy_in_force.labels(self.note.school.phase) if self.policy_in_force else PLAIN_LABELS
        return labels.get(name)

    def state_words(self, record: NoteRecord | None) -> str:
        """What stands beside the state: which version is read here, and since when."""
        if record is None:
            return ""
        read = f"Version {record.version}, {day(record.at)}"
        if self.note.version != record.version:
            return f"You are reading version {record.version}, {day(record.at)}; version {self.note.version} is not released."
        return f"{read}." if not record.silence else f"{read}. {record.silence}"

    def steps(self, offers: set[str], ready: bool, record: NoteRecord | None) -> list[tuple[str, str]]:
        found = [
            (words, reverse(f"visits:{name}", args=[self.note.public_id]))
            for action, (words, name) in STEPS.items()
            if action in offers and not (action == "finalise" and ready)
        ]
        final = next(
            (
                r
                for r in self.records
                if r.kind == RecordKind.FINAL and not r.is_superseded and (record is None or r.school_id == record.school_id)
            ),
            None,
        )
        if "ask_correction" in offers and final is not None:
            found.append(("Ask for a correction", reverse("visits:correction-ask", args=[final.public_id])))
        return found

    def chosen_record(self) -> NoteRecord | None:
        """The latest record that the asker may read; of a group, of the school asked for."""
        asked = self.request.GET.get("school", "")
        mine = [r for r in self.records if r.school.public_id == asked] or self.records
        current = [r for r in mine if r.version == self.note.version and self.note.state == NoteState.WITH_SCHOOL]
        finals = [r for r in mine if r.kind == RecordKind.FINAL]
        return next(iter(current or finals or mine), None)

    def switch(self, record: NoteRecord) -> list[dict[str, Any]]:
        """The records of the other schools of a group, where the asker reads several."""
        schools = {r.school_id: r.school for r in self.records}
        if len(schools) < 2:
            return []
        return [{"label": s.name, "url": f"?school={s.public_id}", "current": s.pk == record.school_id} for s in schools.values()]

    def text(self) -> dict[str, Any]:
        """The working text, for those who read it before the school does. Made as a record would be, and kept nowhere."""
        builder = PayloadBuilder(self.note, kind=RecordKind.RELEASE, at=self.at, actor=self.user, afresh=False)
        asked = self.request.GET.get("school", "")
        school = next((s for s in builder.schools if s.public_id == asked), builder.schools[0])
        switch = [{"label": s.name, "url": f"?school={s.public_id}", "current": s.pk == school.pk} for s in builder.schools]
        return {"working": True, "payload": builder.build(school), "switch": switch if len(switch) > 1 else []}

    def open_corrections(self, offers: set[str]) -> list[dict[str, Any]]:
        may = "decline_correction" in offers
        return [
            {"request": request, "decline_url": reverse("visits:correction-decline", args=[request.public_id]) if may else ""}
            for request in self.corrections
            if request.state == "open"
        ]

    def withdrawals(self) -> list[Issued]:
        """For the two who withdraw: each final record with what is asked about it. Their scope may not hold its text."""
        return to_withdraw(self.note) if can(self.user, P.RECORD_WITHDRAW, self.note) else []


# ---------------------------------------------------------------- release and final


def recipient_rows(people: Sequence[Recipient]) -> list[dict[str, str]]:
    """Recipients by name, role and school; one that is held says why."""
    rows = []
    for person in people:
        state = ""
        if person.is_held:
            confirmed = person.contact is None or person.contact.state == "confirmed"
            state = "Held: no email address" if confirmed else "Held: not yet confirmed"
        rows.append({"name": person.name, "role": person.role, "organisation": person.organisation, "state": state})
    return rows


class DispatchPage(AboutNote, FormPage):
    """Something leaves the building: who gets what is shown before; the PDFs are made before, and outside, the transaction."""

    abstract = True
    record_kind: str

    def render(self, **values: Any) -> Any:
        try:
            return render_records(self.note, kind=self.record_kind, at=self.moment, actor=self.user, **values)
        except DocumentFailed as failed:
            raise Refused(
                f"The PDF could not be made, so nothing was sent and nothing has changed. {failed} Try again; if it fails again, tell the administrator."
            ) from failed

    @cached_property
    def moment(self) -> Any:
        return self.at


class NoteReleaseView(DispatchPage):
    """The first dispatch: the draft to the head for accuracy (P17)."""

    permission = P.NOTE_RELEASE
    template_name = "visits/note_release.html"
    record_kind = RecordKind.RELEASE

    @cached_property
    def next_term(self) -> Any:
        """The first day of next term, where the window would open in the last days of this one."""
        pack = self.policy_in_force
        assert pack is not None
        if not pack.school_days.is_in_last_days(self.today, pack.whole("end_of_term_school_days")):
            return None
        try:
            return next(iter(pack.school_days.first_days_of_next_term(self.today, 1)), None)
        except ValueError:
            return None

    @property
    def may_decide_chair(self) -> bool:
        return self.note.author_id != self.user.pk

    def form(self, data: Any = None) -> ReleaseForm:
        next_term = self.next_term
        return ReleaseForm(
            data,
            next_term=next_term,
            may_decide_chair=self.may_decide_chair,
            initial={"opens_on": next_term.isoformat() if next_term else ""},
        )

    def people(self, manager_says: str = "") -> tuple[list[Recipient], list[str]]:
        pack = self.policy_in_force
        assert pack is not None
        note = self.note
        reasons = why_chair(note, pack, self.today, manager_says)
        before, note.goes_to_chair = note.goes_to_chair, bool(reasons)
        found = [person for school in note.covered for person in recipients_of(note, school, RecordKind.RELEASE, self.today)]
        note.goes_to_chair = before
        return found, reasons

    def context(self) -> dict[str, Any]:
        pack = self.policy_in_force
        assert pack is not None
        found, reasons = self.people()
        rows = recipient_rows(found)
        opens = self.next_term
        window = clock_days(self.note.visit, pack, "school_window_school_days")
        due: dt.date | None
        due_next: dt.date | None
        try:
            due = pack.school_days.add(self.today, window)
            due_next = pack.school_days.add(opens, window) if opens else None
        except ValueError:
            due, due_next = None, None
        return {
            "recipients": rows,
            "any_held": any(row["state"] for row in rows),
            "reasons": reasons,
            "due": due,
            "due_next": due_next,
            "next_term": opens,
            "window": window,
            "is_open": NOTE_WORKFLOW.allows(self.note.state, "release"),
            "preview_url": reverse("visits:note-preview", args=[self.note.public_id]),
            "may_decide_chair": self.may_decide_chair,
        }

    def deed(self, form: Any) -> HttpResponse:
        says = form.cleaned_data.get("to_chair_reason") or ""
        NOTE_WORKFLOW.check(self.user, self.note, "release", self.today)
        found, reasons = self.people(says)
        if not found:
            assert self.policy_in_force is not None
            head = self.policy_in_force.labels(self.note.school.phase).get("head")
            raise Refused(f"Nobody at the school can receive the draft: no {head} and no chair is known. Report one first.")
        rendered = self.render(goes_to_chair=bool(reasons))
        services.release_note(
            actor=self.user, note=self.note, rendered=rendered, at=self.moment, opens_on=form.window_opens_on, to_chair_reason=says
        )
        names = "; ".join(f"{p.name}, {p.role.lower()}" + (" (held)" if p.is_held else "") for p in found)
        return self.go(self.note.get_absolute_url(), f"Released. On its way to: {names}.")


class NoteFinaliseView(DispatchPage):
    """The second dispatch: the final note to head, chair, clerk and the authority (P17)."""

    permission = P.NOTE_FINALISE
    template_name = "visits/note_finalise.html"
    record_kind = RecordKind.FINAL

    def form(self, data: Any = None) -> Any:
        from core.components.forms import PortalForm

        return PortalForm(data)

    @cached_property
    def why_not(self) -> str | None:
        if not NOTE_WORKFLOW.allows(self.note.state, "finalise"):
            return NOTE_WORKFLOW.refusals["finalise"]
        return why_not_final(self.note, self.today)

    def context(self) -> dict[str, Any]:
        note = self.note
        found = [person for school in note.covered for person in recipients_of(note, school, RecordKind.FINAL, self.today)]
        rows = recipient_rows(found)
        answered = {r.school_id: r for r in note.responses.filter(version=note.version)}
        return {
            "why_not": self.why_not,
            "unanswered": note.comments.filter(version=note.version, answered_at__isnull=True).count(),
            "recipients": rows,
            "any_held": any(row["state"] for row in rows),
            "answers": [{"school": school, "response": answered.get(school.pk)} for school in note.covered],
        }

    def deed(self, form: Any) -> HttpResponse:
        NOTE_WORKFLOW.check(self.user, self.note, "finalise", self.today)
        if self.why_not:
            raise Refused(self.why_not)
        services.finalise_note(actor=self.user, note=self.note, rendered=self.render(), at=self.moment)
        return self.go(self.note.get_absolute_url(), "The note is final. Everybody on the list gets a link to it.")


# ---------------------------------------------------------------- the school's answers


class AnswerPage(AboutNote, FormPage):
    """The draft as the school reads it, with a form under each section and its answers at the end.

    The three forms of the page (comment, answer, difference) have a view each; what is wrong is shown on this same page.
    """

    abstract = True
    permission = P.NOTE_ANSWER
    template_name = "visits/note_answer.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Once the note is no longer with the school, the school's old address of its answer leads to the note."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except PermissionDenied:
            is_over = self.note.state != NoteState.WITH_SCHOOL and is_school_side(request.user.hats, self.note)  # type: ignore[union-attr]
            if is_over and request.method == "GET" and hasattr(self, "get"):
                return HttpResponseRedirect(self.note.get_absolute_url())
            raise

    def get_object(self) -> NoteOfVisit:
        notes = notes_with_visits(NoteOfVisit.objects.prefetch_related("responses", "comments", "differences"))
        return get_visible(notes, self.request.user, public_id=self.kwargs["note"])

    @cached_property
    def own_schools(self) -> list[School]:
        """The schools of the note for which the asker answers."""
        hats = self.user.hats
        wanted = {Hat.HEAD, Hat.CHAIR} if self.note.goes_to_chair else {Hat.HEAD}
        return [school for school in self.note.covered if hats.contact_hats(school.pk) & wanted]

    @cached_property
    def school(self) -> School:
        asked = self.request.POST.get("school") or self.request.GET.get("school") or ""
        found = [school for school in self.own_schools if school.public_id == asked] or self.own_schools
        if not found:
            raise Http404("Not found.")
        return found[0]

    @cached_property
    def record(self) -> NoteRecord:
        rows = NoteRecord.objects.visible_to(self.user).filter(
            note=self.note, school=self.school, kind=RecordKind.RELEASE, version=self.note.version
        )
        record = rows.select_related("school__authority").first()
        if record is None:
            raise Http404("Not found.")
        record.note = self.note
        return record

    @property
    def response(self) -> Any:
        return next((r for r in self.note.responses.all() if r.school_id == self.school.pk and r.version == self.note.version), None)

    def url(self, anchor: str = "") -> str:
        query = f"?school={self.school.public_id}" if len(self.own_schools) > 1 else ""
        return f"{reverse('visits:note-answer', args=[self.note.public_id])}{query}{anchor}"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.note.state != NoteState.WITH_SCHOOL:
            return HttpResponseRedirect(self.note.get_absolute_url())
        return self.show(form=None)

    def comment_form(self, code: str, title: str, data: Any = None) -> CommentForm:
        return CommentForm(data, section=title, prefix=f"c-{code}")

    def answer_form(self, data: Any = None) -> AnswerForm:
        part = self.part
        assert part is not None
        response = self.response
        initial = (
            {"accuracy": response.accuracy, "agreement": response.agreement, "words": response.words} if response else {"agreement": ""}
        )
        return AnswerForm(
            data, response=part.response, accuracy=dict(part.accuracy), agreement=dict(part.agreement), initial=initial, prefix="a"
        )

    def difference_form(self, difference: DifferenceOfView | None, data: Any = None) -> DifferenceForm:
        initial = {"view": difference.school_view, "evidence": difference.school_evidence} if difference else None
        return DifferenceForm(data, is_new=difference is None, initial=initial, prefix=f"d-{difference.pk}" if difference else "d-new")

    def context(self) -> dict[str, Any]:
        note, record = self.note, self.record
        comments = [c for c in note.comments.all() if c.school_id == self.school.pk and c.version == note.version]
        payload = shown_payload(record, comments=comments, response=None)
        codes = {section["code"] for section in payload["sections"]}
        part = self.part
        return {
            "record": record,
            "payload": payload,
            "school": self.school,
            "sections": [
                {
                    "section": section,
                    "form": self.comment_form(section["code"], section["title"]),
                    "own": [c for c in comments if c.section_code == section["code"] and c.answered_at is None],
                    "others": [c for c in comments if c.section_code not in codes] if index == 0 else [],
                }
                for index, section in enumerate(payload["sections"])
            ],
            "answer_form": self.answer_form(),
            "differences": [(row, self.difference_form(row)) for row in note.differences.all() if row.school_id == self.school.pk],
            "new_difference": self.difference_form(None),
            "response": self.response,
            "guide": part.response if part else None,
            "step": next_step(note, self.user.hats, self.today),
            "privacy": who_can_see(note),
            "inaccuracies": sum(1 for c in comments if c.kind == CommentKind.INACCURATE),
            "switch": [{"label": s.name, "url": f"?school={s.public_id}", "current": s.pk == self.school.pk} for s in self.own_schools]
            if len(self.own_schools) > 1
            else [],
            "pdf_url": reverse("visits:record-pdf", args=[record.public_id]),
            "answer_url": self.url(),
        }


class NoteAnswerView(AnswerPage):
    """The two answers: accuracy and, apart from it, agreement. They can be changed until the note is final."""

    permission = P.NOTE_ANSWER

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.note.state == NoteState.WITH_SCHOOL:
            record = self.record
            services.note_record_opened(actor=self.user, record=record, role=role_at(self.user.hats, record.school), at=self.at)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.answer_form(request.POST)
        if form.is_valid():
            values = form.cleaned_data
            try:
                services.answer_note(
                    actor=self.user,
                    note=self.note,
                    school=self.school,
                    accuracy=values["accuracy"],
                    agreement=values["agreement"],
                    words=values["words"],
                    at=self.at,
                )
            except Refused as refusal:
                form.refuse(refusal.field if refusal.field in form.fields else None, refusal.message)
            else:
                return self.go(self.url(), f"Your answer for {self.school.name} is sent. You can change it until the note is final.")
        return self.show(form=form, answer_form=form, status=422)


class NoteCommentView(AnswerPage):
    """One comment on one section."""

    permission = P.NOTE_ANSWER

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        code = request.POST.get("section", "")
        context = self.context()
        row = next((row for row in context["sections"] if row["section"]["code"] == code), None)
        if row is None:
            raise Http404("Not found.")
        form = self.comment_form(code, row["section"]["title"], request.POST)
        if form.is_valid():
            try:
                services.comment_on_note(
                    actor=self.user,
                    note=self.note,
                    school=self.school,
                    section_code=code,
                    kind=form.cleaned_data["kind"],
                    text=form.cleaned_data["text"],
                    at=self.at,
                )
            except Refused as refusal:
                form.refuse(refusal.field if refusal.field in form.fields else None, refusal.message)
            else:
                return HttpResponseRedirect(self.url(f"#n{row['section']['number']}"))
        row["form"] = form
        return self.show(form=form, sections=context["sections"], status=422)


class NoteCommentRemoveView(AnswerPage):
    """Take a comment back that nobody has answered yet."""

    permission = P.NOTE_ANSWER

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        comment = next(
            (
                c
                for c in self.note.comments.all()
                if c.public_id == self.kwargs["comment"] and c.school_id in {s.pk for s in self.own_schools}
            ),
            None,
        )
        if comment is None:
            raise Http404("Not found.")
        comment.note = self.note
        try:
            services.remove_comment(actor=self.user, comment=comment, at=self.at)
        except Refused as refusal:
            return self.show(form=None, refused=refusal.message, status=409)
        return self.go(self.url(), "The comment is taken back.")


class NoteDifferenceView(AnswerPage):
    """The school's side of a difference of view, or a new one."""

    permission = P.NOTE_ANSWER

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked = request.POST.get("difference", "")
        difference = next((d for d in self.note.differences.all() if str(d.pk) == asked and d.school_id == self.school.pk), None)
        if asked and difference is None:
            raise Http404("Not found.")
        form = self.difference_form(difference, request.POST)
        if form.is_valid():
            values = form.cleaned_data
            try:
                services.record_school_view(
                    actor=self.user,
                    note=self.note,
                    school=self.school,
                    difference=difference,
                    topic=values.get("topic", ""),
                    view=values["view"],
                    evidence=values["evidence"],
                    at=self.at,
                )
            except Refused as refusal:
                form.refuse(refusal.field if refusal.field in form.fields else None, refusal.message)
            else:
                return self.go(self.url("#views"), "The school’s view is recorded. It is printed in the final note.")
        extra: dict[str, Any] = {"new_difference": form} if difference is None else {}
        if difference is not None:
            extra["differences"] = [
                (row, form if row.pk == difference.pk else self.difference_form(row))
                for row in self.note.differences.all()
                if row.school_id == self.school.pk
            ]
        return self.show(form=form, status=422, **extra)


class NoteReplyView(StepForm, AboutNote):
    """The author answers a comment of the school."""

    permission = P.NOTE_REPLY
    template_name = "visits/note_reply.html"
    title = "Answer the school’s comment"
    submit = "Send the answer"

    @cached_property
    def comment(self) -> SchoolComment:
        comment = SchoolComment.objects.filter(note=self.note, public_id=self.kwargs["comment"]).select_related("school").first()
        if comment is None:
            raise Http404("Not found.")
        comment.note = self.note
        return comment

    def form(self, data: Any = None) -> ReplyForm:
        return ReplyForm(data, initial={"text": self.comment.answer})

    def context(self) -> dict[str, Any]:
        section = self.note.sections.filter(code=self.comment.section_code).first()
        return {"comment": self.comment, "section": section}

    def deed(self, form: Any) -> HttpResponse:
        services.reply_to_comment(actor=self.user, comment=self.comment, text=form.cleaned_data["text"], at=self.at)
        return self.go(self.note.get_absolute_url(), f"{self.comment.by_name} has your answer.")


# ---------------------------------------------------------------- time, recall, amendment


class NoteExtendView(StepForm, AboutNote):
    """The manager gives the school until another day."""

    permission = P.NOTE_EXTEND
    takes = ("extend",)
    template_name = "visits/note_extend.html"
    title = "Give the school more time"
    submit = "Give more time"

    def form(self, data: Any = None) -> ExtendForm:
        return ExtendForm(data)

    def deed(self, form: Any) -> HttpResponse:
        values = form.cleaned_data
        services.extend_window(actor=self.user, note=self.note, until=values["until"], reason=values["reason"], at=self.at)
        return self.go(self.note.get_absolute_url(), f"{school_words(self.schools)} has until {day(values['until'])}.")


class NoteRecallView(ReasonStep, AboutNote):
    """The draft comes back from the school: its access ends at once, its answers are kept."""

    permission = P.NOTE_RELEASE
    takes = ("recall",)
    template_name = "visits/note_recall.html"
    title = "Recall the draft"
    submit = "Recall the draft"
    kind = "warning"
    label = "Why is the draft recalled?"
    says = "Enter why the draft is recalled"
    hint = "The school sees the reason with the next version."

    def context(self) -> dict[str, Any]:
        return {"next_version": self.note.version + 1}

    def deed(self, form: Any) -> HttpResponse:
        services.recall_note(actor=self.user, note=self.note, reason=form.cleaned_data["reason"], at=self.at)
        return self.go(self.note.get_absolute_url(), f"The draft is recalled. Version {self.note.version} can be written.")


class NoteAmendView(StepForm, AboutNote):
    """Begin the next version. The final one stands until the new one is final."""

    permission = P.NOTE_AMEND
    takes = ("amend",)
    template_name = "visits/note_amend.html"
    title = "Amend the note"
    submit = "Begin the amendment"

    @cached_property
    def advisers(self) -> list[User]:
        """The manager names who amends; the author amends their own."""
        return [] if is_author(self.user.hats, self.note) else [p for p in advisers_at(self.schools, self.today) if p.pk != self.user.pk]

    def form(self, data: Any = None) -> AmendForm:
        return AmendForm(data, advisers=self.advisers)

    def context(self) -> dict[str, Any]:
        open_ones = CorrectionRequest.objects.filter(record__note=self.note, state="open")
        return {"corrections": list(open_ones), "names_adviser": not is_author(self.user.hats, self.note), "advisers": self.advisers}

    def deed(self, form: Any) -> HttpResponse:
        chosen = form.advisers.get(form.cleaned_data.get("author") or "")
        services.amend_note(actor=self.user, note=self.note, reason=form.cleaned_data["reason"], author=chosen, at=self.at)
        return self.go(self.note.get_absolute_url(), f"Version {self.note.version} is begun.")


class NoteAmendAbandonView(ReasonStep, AboutNote):
    """Give the amendment up: the note is again what its final version was."""

    permission = P.NOTE_ABANDON
    takes = (
        "abandon_amendment",
        "abandon_amendment_of_withdrawn",
    )
    template_name = "visits/note_amend_abandon.html"
    title = "Give the amendment up"
    submit = "Give the amendment up"
    kind = "warning"
    label = "Why is the amendment given up?"
    says = "Enter why the amendment is given up"

    def deed(self, form: Any) -> HttpResponse:
        services.abandon_amendment(actor=self.user, note=self.note, reason=form.cleaned_data["reason"], at=self.at)
        return self.go(self.note.get_absolute_url(), f"The amendment is given up. Version {self.note.final_version} stands.")
