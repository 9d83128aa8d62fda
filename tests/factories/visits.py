"""Visits and notes, made through the services that users use, in any state that a test asks for."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import lru_cache
from typing import Any

from django.conf import settings

from core.packs import PackContent, read_pack
from people.models import Authority, Pack, User
from schools.models import School
from visits import documents, services
from visits.choices import NoteState, RecordKind
from visits.models import Alert, NoteOfVisit, NoteRecord, RedactedCopy, RequestItem, Visit
from visits.payload import RenderedRecord
from visits.services.requests import RequestWords, compose_copy
from visits.services.visits import VisitFacts, VisitPlan

from .people import NOW, make_pack

HELD_ON = dt.date(2008, 10, 9)


@lru_cache
def england_2008() -> PackContent:
    return read_pack(settings.BASE_DIR / "packs" / "england-2008")


def load_england_2008(authority: Authority) -> Pack:
    content = england_2008()
    return Pack.objects.filter(authority=authority).first() or make_pack(authority, content, digest=content.digest)


def facts(on: dt.date = HELD_ON, **values: Any) -> VisitFacts:
    return VisitFacts(
        on=on,
        starts_at=values.pop("starts_at", dt.time(9)),
        ends_at=values.pop("ends_at", dt.time(12, 30)),
        met=values.pop("met", ["Headteacher", "Assessment leader"]),
        preparation_quarters=2,
        in_school_quarters=4,
        writing_quarters=1,
        **values,
    )


def hold(lead: User, *schools: School, on: dt.date = HELD_ON, visit_type: str = "autumn", at: dt.datetime = NOW, **values: Any) -> Visit:
    plan = VisitPlan(visit_type=visit_type, schools=list(schools), lead=lead, **values)
    visit = services.log_visit(actor=lead, plan=plan, facts=facts(on), at=at)
    return Visit.objects.get(pk=visit.pk)


def start(lead: User, *schools: School, at: dt.datetime = NOW, **values: Any) -> NoteOfVisit:
    visit = hold(lead, *schools, at=at, **values)
    note = services.start_note(actor=lead, visit=visit, at=at)
    return fresh(note)


def fresh(note: NoteOfVisit) -> NoteOfVisit:
    """The note as the next request loads it."""
    return NoteOfVisit.objects.get(pk=note.pk)


GOOD_WORDS = (
    "Standards rose from 61% to 68% in two years, above similar schools at 64%, because tracking in Years 3 and 4 found pupils who were "
    "behind and each of them had a programme within a fortnight. Work in 24 books showed that pupils act on marking. "
)


def fill(author: User, note: NoteOfVisit, at: dt.datetime = NOW) -> NoteOfVisit:
    """Write every section so that no check blocks."""
    for section in note.sections.select_related("school").all():
        rows: dict[str, list[dict[str, Any]]] = {}
        if section.judgements.exists():
            rows["judgement"] = [
                {"area": j.area, "sip_grade": 2, "school_grade": 2, "evidence": "68% in 2008, from 61%; 24 books seen."}
                for j in section.judgements.all()
            ]
        if section.datasets.exists():
            rows["datasets"] = [{"code": d.code, "state": "studied", "version": "Issue 2, September 2008"} for d in section.datasets.all()]
        if section.reviews.exists():
            rows["actions_review"] = [
                {
                    "action": r.action.public_id,
                    "status": "partly",
                    "evidence": "Minutes of three meetings were seen.",
                    "impact": "39 of 58 pupils on course.",
                }
                for r in section.reviews.select_related("action")
            ]
        if section.code == "actions_new":
            rows["actions"] = [
                {
                    "text": "Hold pupil progress meetings each half-term in Years 3 to 6",
                    "owner": "head",
                    "due_on": "2008-12-12",
                    "success_measure": "20 of 28 pupils gain 1.5 points in writing",
                }
            ]
        if section.code == "differences":
            rows["differences"] = [{"declared_none": "on"}]
        if section.code == "category":
            rows["category"] = [{"category": first_category(note), "criteria": "57% in both, above the floor of 55%.", "head_told": "on"}]
        services.save_section(
            actor=author,
            note=note,
            key=section.key,
            base_revision=section.revision,
            body=f"{section.title}. {GOOD_WORDS * 4}",
            rows=rows,
            at=at,
        )
    return fresh(note)


def first_category(note: NoteOfVisit) -> str:
    from support.pack import support_of

    return support_of(england_2008()).categories_on(note.visit.on or HELD_ON)[1].code


def revisions(note: NoteOfVisit) -> dict[str, int]:
    return {section.key: section.revision for section in note.sections.select_related("school").all()}


def submit(author: User, note: NoteOfVisit, at: dt.datetime = NOW, **values: Any) -> NoteOfVisit:
    services.submit_note(actor=author, note=fresh(note), revisions=revisions(note), at=at, **values)
    return fresh(note)


def rendered(note: NoteOfVisit, kind: str, actor: User, at: dt.datetime = NOW, *, real: bool = False) -> list[RenderedRecord]:
    """Records ready to be written; unless ``real``, the renderer is replaced by a few bytes."""
    if real:
        return documents.render_records(note, kind=kind, at=at, actor=actor)
    made = documents.compose_records(note, kind=kind, at=at, actor=actor)
    return [item.with_pdf(b"%PDF-" + hashlib.sha256(item.text.encode()).hexdigest().encode()) for item in made]


def release(actor: User, note: NoteOfVisit, at: dt.datetime = NOW, *, deliver: bool = True, **values: Any) -> NoteOfVisit:
    note = fresh(note)
    services.release_note(actor=actor, note=note, rendered=rendered(note, RecordKind.RELEASE, actor, at), at=at, **values)
    if deliver:
        deliver_mail(at)
    return fresh(note)


def deliver_mail(at: dt.datetime = NOW) -> None:
    from core.outbox import send_due

    send_due(at)


def finalise(actor: User, note: NoteOfVisit, at: dt.datetime = NOW) -> NoteOfVisit:
    note = fresh(note)
    services.finalise_note(actor=actor, note=note, rendered=rendered(note, RecordKind.FINAL, actor, at), at=at)
    return fresh(note)


def alert(sip: User, school: School, at: dt.datetime = NOW, *, visit: Visit | None = None, **values: Any) -> Alert:
    words = services.AlertWords(
        **{"what": "The deputy has resigned and the chair with her.", "urgency": "today", "ask": "call_me", "head_told": "yes", **values}
    )
    return services.raise_alert(actor=sip, school=school, visit=visit, words=words, at=at)


def bring_to(state: str, *, author: User, school: School, manager: User, head: User | None = None, at: dt.datetime = NOW) -> NoteOfVisit:
    """A note in this state, by the shortest legal way."""
    note = start(author, school, at=at)
    if state == NoteState.DRAFT:
        return note
    if state == NoteState.ABANDONED:
        services.abandon_note(actor=author, note=note, reason="The visit was written up elsewhere.", at=at)
        return fresh(note)
    note = fill(author, note, at)
    if state in (NoteState.IN_REVIEW, NoteState.RETURNED):
        note = submit(author, note, at, asks_review=True)
        if state == NoteState.RETURNED:
            services.return_note(actor=manager, note=note, reason="Say what the reading project did for pupils.", at=at)
        return fresh(note)
    note = submit(author, note, at)
    if note.state == NoteState.IN_REVIEW:
        services.approve_note(actor=manager, note=note, at=at)
        note = fresh(note)
    if state == NoteState.READY:
        return note
    note = release(author, note, at)
    if state == NoteState.WITH_SCHOOL:
        return note
    if head is not None:
        services.answer_note(actor=head, note=note, school=school, accuracy="accurate", agreement="agree", at=at)
        when = at
    else:
        when = at + dt.timedelta(days=21)
    note = finalise(author, note, when)
    return note


PLACES = ("final_notes", "drafts", "comments", "alerts", "feedback", "quality", "concern", "audit", "files")
"""Where a request is searched, by the pack."""


def request_about(world: Any, record: NoteRecord, *, is_in_review: bool = False, at: dt.datetime = NOW) -> tuple[RequestItem, RedactedCopy]:
    """A request that is being decided: one record was found, and its copy leaves a name out. Then with the manager to read."""
    dpo = User.objects.get(pk=world.dpo.pk)
    words = RequestWords("foi", at.date(), "The Gazette", "All notes", schools=[record.school])
    request = services.open_request(actor=dpo, authority=record.authority, words=words, at=at)
    services.search_for_request(actor=dpo, request=request, at=at)
    for place in PLACES:
        take = [("record", record.public_id)] if place == "final_notes" else []
        services.note_place(actor=dpo, request=request, place=place, found="Listed.", take=take, at=at)
    services.decide_on_request(actor=dpo, request=request, at=at)
    item = RequestItem.objects.select_related("request__authority").get(request=request)
    services.mark_passages(actor=dpo, item=item, passages={}, names=[("Nobody Atall", "foi_personal")], revision=0, at=at)
    copied = services.keep_copy(actor=dpo, item=item, made=compose_copy(item, dpo, at).with_pdf(b"%PDF"), at=at)
    services.decide_item(actor=dpo, item=item, decision="redact", at=at)
    if is_in_review:
        services.submit_request(actor=dpo, request=item.request, reviewer=User.objects.get(pk=world.manager.pk), at=at)
    return item, copied
