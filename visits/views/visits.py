"""The list of visits and notes, and everything about a visit but its note."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse

from core import clock
from core.access import Refused, can
from core.audit import AuditEvent
from core.components.fields import PickerField
from core.components.formats import clock as clock_time
from core.components.formats import weekday
from core.components.tables import keyset_page
from core.spans import on_day
from people.models import User
from people.packs import require_pack
from people.roles import Hat
from people.roles import Permission as P
from people.views.base import FormPage, Page
from schools.models import GroupMembership, School
from visits import services
from visits.choices import NoteState, VisitState
from visits.forms.visits import (
    FIELDS_OF_FACTS,
    BookForm,
    ChooseForm,
    FactsForm,
    HalfPageForm,
    LogForm,
    MoveForm,
    SchoolChooseForm,
    VisitFilterForm,
    lines,
)
from visits.models import AgreedAction, NoteOfVisit, Visit, VisitSchool
from visits.pack import VisitType, visits_of
from visits.preparation import data_used
from visits.selectors import (
    VisitRow,
    advisers_at,
    colleagues,
    group_of,
    next_step,
    note_tag,
    school_meant,
    visits_for,
)
from visits.services.preparation import why_not_prepared
from visits.services.visits import VisitPlan
from visits.workflow import VISIT_WORKFLOW

from .pages import AboutSchools, AboutVisit, ReasonStep, StepForm, WithPack

# ---------------------------------------------------------------- the list


def late_notes(today: dt.date) -> Q:
    """Notes past the day of their next step."""
    return (
        Q(note__state__in=(NoteState.DRAFT, NoteState.RETURNED), note__draft_due_on__lt=today)
        | Q(note__state=NoteState.IN_REVIEW, note__review_due_on__lt=today)
        | Q(note__state=NoteState.WITH_SCHOOL, note__final_due_on__lt=today)
    )


def _with(params: QueryDict, **values: str) -> str:
    """The query of this list with one more filter."""
    changed = params.copy()
    changed.pop("cursor", None)
    for name, value in values.items():
        changed[name] = value
    return changed.urlencode()


class VisitListView(WithPack):
    """Visits and notes of the asker's scope, latest first; every filter stands in the address."""

    permission = P.VISIT_LIST
    template_name = "visits/visit_list.html"

    def context(self) -> dict[str, Any]:
        user, params = self.user, self.request.GET
        visible = visits_for(user)
        leads = (
            User.objects.filter(pk__in=Visit.objects.visible_to(user).values("lead_id"))
            .order_by("name", "pk")
            .values_list("public_id", "name")
        )
        kinds = [kind for kind in self.part.visit_types if kind.has_note] if self.part else []
        form = VisitFilterForm(params if params else None, kinds=kinds, leads=leads)
        found = self._narrowed(visible, form) if form.is_bound else visible
        page = keyset_page(found, ("-on", "-pk"), params.get("cursor"))
        counts = found.aggregate(total=Count("pk"), proposed=Count("pk", filter=Q(state=VisitState.PROPOSED)))
        hats = user.hats
        return {
            "filter": form,
            "rows": [VisitRow(visit, self.today) for visit in page],
            "page": page,
            "total": counts["total"],
            "proposed": counts["proposed"] if params.get("state") != VisitState.PROPOSED else 0,
            "may_book": hats.may_somewhere(P.VISIT_BOOK),
            "may_log": hats.may_somewhere(P.VISIT_HOLD),
            "may_bundle": hats.may_somewhere(P.RECORD_READ),
            "proposed_query": _with(params, state=VisitState.PROPOSED),
        }

    def _narrowed(self, visits: QuerySet[Any], form: VisitFilterForm) -> QuerySet[Any]:
        form.is_valid()
        values = form.cleaned_data
        if school := values.get("school"):
            at = VisitSchool.objects.filter(school__in=School.objects.visible_to(self.user).filter(school_meant(school)))
            visits = visits.filter(pk__in=at.values("visit_id"))
        if state := values.get("state"):
            visits = visits.filter(state=state)
        if kind := values.get("kind"):
            visits = visits.filter(visit_type=kind)
        if sip := values.get("sip"):
            visits = visits.filter(lead__public_id=sip)
        if since := values.get("since"):
            visits = visits.filter(on__gte=since)
        if until := values.get("until"):
            visits = visits.filter(on__lte=until)
        note = values.get("note")
        if note == "none":
            visits = visits.filter(state=VisitState.HELD, sees_note=False, note_waived_at__isnull=True)
        elif note == "late":
            visits = visits.filter(late_notes(self.today), sees_note=True)
        elif note:
            visits = visits.filter(sees_note=True, note__state=note)
        return visits


# ---------------------------------------------------------------- booking


def bookable(user: User) -> QuerySet[School]:
    """The schools to which a person may book a visit: their own as adviser, the authority's as manager."""
    hats = user.hats
    managing = [role.authority_id for role in hats.roles if role.hat == Hat.SIP_MANAGER]
    assigned = [a.school_id for a in hats.assignments if a.current]
    return (
        School.objects.visible_to(user)
        .filter(Q(pk__in=assigned) | Q(authority_id__in=managing))
        .exclude(pk__in=hats.walled)
        .exclude(status__in=("closed", "proposed"))
        .select_related("authority", "cluster")
        .order_by("name", "urn")
    )


def caseload(user: User) -> list[School]:
    """The schools at which the asker is an adviser now."""
    return list(bookable(user).filter(pk__in=[a.school_id for a in user.hats.assignments if a.current]))


def types_for(part: Any, schools: Sequence[School], today: dt.date) -> list[VisitType]:
    """The kinds of visit with a note that every one of the schools may have; those of this time of year first."""
    kinds = [kind for kind in part.visit_types if kind.has_note and all(not kind.phases or s.phase in kind.phases for s in schools)]
    season = "autumn" if today.month >= 9 else "spring" if today.month <= 3 else "summer"
    return sorted(kinds, key=lambda kind: kind.code != season)


class VisitBookView(AboutSchools, FormPage):
    """Book a visit, or propose days for one. Without a school in the address the page asks which."""

    permission = P.VISIT_BOOK
    template_name = "visits/visit_book.html"

    def get_object(self) -> School | None:
        asked = self.request.GET.get("school") or ""
        if not asked:
            return None
        found = list(bookable(self.request.user).filter(school_meant(asked))[:2]) if "-" in asked else []
        if len(found) != 1:
            raise Http404("Not found.")
        return found[0]

    @property
    def schools(self) -> list[School]:
        return [self.object] if self.object else []

    def authority_id(self) -> int | None:
        return self.object.authority_id if self.object else Page.authority_id(self)

    def frame(self) -> dict[str, Any]:
        return super().frame() if self.object else Page.frame(self)

    def kind_of_school(self) -> str:
        return self.object.phase if self.object else ""

    @cached_property
    def others(self) -> list[School]:
        hats = self.user.hats
        return [
            school for school in group_of(self.object, self.today) if can(self.user, P.VISIT_BOOK, school) and school.pk not in hats.walled
        ]

    @cached_property
    def may_book_for_others(self) -> bool:
        return Hat.SIP_MANAGER in self.user.hats.at(self.object)

    @cached_property
    def leads(self) -> list[User]:
        return advisers_at([self.object], self.today) if self.may_book_for_others else []

    def form(self, data: Any = None) -> Any:
        if self.object is None:
            return self.choose_form(data)
        part = self.part or visits_of(require_pack(self.object.authority, self.today).content)
        cancelled = (
            Visit.objects.visible_to(self.user)
            .filter(schools=self.object, state=VisitState.CANCELLED, replaced_by__isnull=True)
            .order_by("-on", "-pk")[:10]
        )
        types = types_for(part, [self.object], self.today)
        return BookForm(
            data,
            types=types,
            others=self.others,
            leads=self.leads,
            seconds=list(colleagues(self.object.authority, self.today)),
            cancelled=list(cancelled),
            initial={"visit_type": self._kind_asked(types), "when": "agreed", "second": "no"},
        )

    def _kind_asked(self, types: Sequence[VisitType]) -> str:
        """The kind that a link asks for (``?kind=``, as a round does), else that of the season."""
        asked = self.request.GET.get("kind", "")
        return asked if any(kind.code == asked for kind in types) else types[0].code if types else ""

    def choose_form(self, data: Any) -> SchoolChooseForm:
        form = SchoolChooseForm(data)
        field = form.fields["school"]
        assert isinstance(field, PickerField)
        field.serve(
            find=lambda id_, words: list(bookable(self.user).filter(school_meant(id_ or words))[:5]),
            describe=lambda school: (school.public_id, school.name),
        )
        return form

    def context(self) -> dict[str, Any]:
        if self.object is None:
            return {"choices": caseload(self.user), "is_manager": any(r.hat == Hat.SIP_MANAGER for r in self.user.hats.roles)}
        lead = self.leads[0] if len(self.leads) == 1 else None
        words = f"Led by {lead.name}" if lead is not None and lead.pk != self.user.pk else ""
        return {"no_leads": self.may_book_for_others and not self.leads, "lead_words": words}

    def deed(self, form: Any) -> HttpResponse:
        if self.object is None:
            return HttpResponseRedirect(f"{reverse('visits:visit-book')}?school={form.cleaned_data['school'].public_id}")
        values = form.cleaned_data
        covers = [form.others[key] for key in values.get("covers") or []]
        second = form.seconds.get(values.get("second_adviser")) if values.get("second") == "yes" else None
        lead = form.leads.get(values.get("lead")) or (self.leads[0] if len(self.leads) == 1 else self.user)
        plan = VisitPlan(
            visit_type=values["visit_type"],
            schools=[self.object, *covers],
            lead=lead,
            second_adviser=second,
            second_sections=values.get("second_sections") or [] if second else [],
            observers=lines(values.get("observers") or ""),
            days_source=values["days_source"],
            place_of=form.cancelled.get(values.get("place_of") or ""),
            dates=BookForm.proposals(values) if values["when"] == "propose" else (),
        )
        at = self.at
        if values["when"] == "propose":
            visit = services.propose_dates(actor=self.user, plan=plan, at=at)
            return self.go(visit.get_absolute_url(), "The days are proposed. The school chooses one, or asks for others.")
        visit = services.book_visit(
            actor=self.user, plan=plan, on=values["on"], starts_at=values.get("starts_at"), ends_at=values.get("ends_at"), at=at
        )
        return self.go(visit.get_absolute_url(), f"The visit is booked for {weekday(values['on'])}.")


# ---------------------------------------------------------------- logging


class VisitLogView(WithPack, FormPage):
    """Log a visit that was held and never booked: one short form, in under a minute on a phone."""

    permission = P.VISIT_HOLD
    template_name = "visits/visit_log.html"

    @cached_property
    def mine(self) -> list[School]:
        return caseload(self.user)

    @cached_property
    def asked(self) -> School | None:
        wanted = self.request.GET.get("school", "")
        return next((school for school in self.mine if school.public_id == wanted), None)

    def authority_id(self) -> int | None:
        schools = [self.asked] if self.asked else self.mine
        return schools[0].authority_id if schools else super().authority_id()

    @cached_property
    def groups(self) -> dict[str, list[School]]:
        """Groups of which the asker advises more than one school: one visit may have covered them."""
        own = {school.pk: school for school in self.mine}
        found: dict[str, tuple[str, list[School]]] = {}
        rows = (
            GroupMembership.objects.filter(on_day(self.today), school__in=own)
            .select_related("group")
            .order_by("group__name", "school__name")
        )
        for row in rows:
            found.setdefault(row.group.public_id, (row.group.name, []))[1].append(own[row.school_id])
        self.group_names = {key: name for key, (name, schools) in found.items() if len(schools) > 1}
        return {key: schools for key, (_, schools) in found.items() if len(schools) > 1}

    def form(self, data: Any = None) -> LogForm:
        part = self.part
        phases = {school.phase for school in ([self.asked] if self.asked else self.mine)}
        met = [option.label for option in part.met if any(option.is_for(phase) for phase in phases)] if part else []
        types = [kind for kind in types_for(part, [], self.today) if not kind.phases or phases & set(kind.phases)] if part else []
        places = [(school.public_id, school.name) for school in self.mine]
        places += [(key, f"{self.group_names[key]}: {', '.join(s.name for s in schools)}") for key, schools in self.groups.items()]
        days = types[0].days if types else None
        return LogForm(
            data,
            places=places,
            types=types,
            met=met,
            today=self.today,
            standing=[q for kind in types for q in (kind.days.preparation, kind.days.in_school, kind.days.writing)],
            initial={
                "school": self.asked.public_id if self.asked else places[0][0] if len(places) == 1 else "",
                "visit_type": types[0].code if types else "",
                "on": self.today,
                "met": met[:1],
                "preparation": days.preparation if days else 0,
                "in_school": days.in_school if days else 0,
                "writing": days.writing if days else 0,
            },
        )

    def context(self) -> dict[str, Any]:
        booked = (
            visits_for(self.user).filter(lead=self.user, state=VisitState.BOOKED, on__lte=self.today).order_by("-on", "-pk")[:5]
            if self.mine
            else []
        )
        return {"booked": list(booked), "mine": self.mine}

    def deed(self, form: Any) -> HttpResponse:
        values = form.cleaned_data
        place = values["school"]
        schools = self.groups.get(place) or [school for school in self.mine if school.public_id == place]
        facts = form.facts()
        plan = VisitPlan(visit_type=values["visit_type"], schools=schools, lead=self.user, days_source=facts.days_source)
        visit = services.log_visit(actor=self.user, plan=plan, facts=facts, at=clock.now())
        return self.go(visit.get_absolute_url(), "The visit is logged as held. Its note can be begun.")


# ---------------------------------------------------------------- one visit


class VisitDetailView(AboutVisit):
    """The visit: its facts and people; before it, the page that the school reads; after it, its note."""

    permission = P.VISIT_VIEW
    template_name = "visits/visit_detail.html"

    def context(self) -> dict[str, Any]:
        visit, user = self.visit, self.user
        hats = user.hats
        note = (
            NoteOfVisit.objects.visible_to(user)
            .filter(visit=visit)
            .select_related("author", "visit")
            .prefetch_related("gate_reviews__reviewer", "responses", "comments")
            .first()
        )
        if note is not None:
            note.visit = visit
        kind = self.visit_type
        part = self.part
        phase = visit.school.phase
        datasets = list(part.datasets_for(kind, phase)) if part and kind else []
        actions = list(
            AgreedAction.objects.visible_to(user)
            .filter(school__in=visit.covered)
            .unfinished()
            .select_related("school")
            .prefetch_related("progress")
        )
        offers = set(VISIT_WORKFLOW.offers(user, visit, self.today))
        is_to_come = visit.state in (VisitState.PROPOSED, VisitState.BOOKED)
        may_start = (
            visit.state == VisitState.HELD and not visit.has_note and visit.note_waived_at is None and can(user, P.NOTE_START, visit)
        )
        contact_hats = frozenset().union(*(hats.contact_hats(school.pk) for school in visit.covered))
        events = AuditEvent.objects.about("visit", visit.public_id).order_by("-id")[:20]
        return {
            "kind": kind,
            "is_to_come": is_to_come,
            "is_closed": is_to_come and self.is_closed,
            "to_have_ready": [d for d in datasets if d.comes_from == "school"],
            "data_used": data_used(user, visit, kind, part, self.today) if is_to_come and part and kind else [],
            "actions": actions,
            "day_words": self.day_words(),
            "offers": offers,
            "dates": list(visit.dates.all()) if visit.state == VisitState.PROPOSED else [],
            "half_pages": self.half_pages(),
            "may_prepare": why_not_prepared(visit) is None and can(user, P.VISIT_PREPARE, visit),
            "half_page": part.half_page if part else None,
            "may_start": may_start,
            "to_alert": [school for school in self.schools if can(self.user, P.ALERT_RAISE, school)],
            "may_waive": "waive" in offers and visit.note_waived_at is None,
            "note": note,
            "note_tag": note_tag(note) if note else None,
            "next": next_step(note, hats, self.today) if note else None,
            "is_school_side": bool(contact_hats),
            "events": list(events),
            "role": self.role,
            "replaced_by": getattr(visit, "replaced_by", None) if visit.state == VisitState.CANCELLED else None,
        }

    @property
    def is_closed(self) -> bool:
        """Whether schools are closed on the day that is booked, by the authority's calendar; False where it holds no dates."""
        visit, pack = self.visit, self.policy_in_force
        if visit.on is None or pack is None or pack.terms.missing_on(visit.on) is not None:
            return False
        return not pack.school_days.is_day(visit.on)

    def half_pages(self) -> list[tuple[VisitSchool, bool]]:
        """Each half page that is written or may be, and whether the asker may write it. A school sees its own alone."""
        visit, hats = self.visit, self.user.hats
        is_open = self._half_page_is_open(visit)
        found = []
        for row in sorted(visit.visit_schools.all(), key=lambda row: (row.position, row.school.name)):
            is_shown = bool(hats.contact_hats(row.school_id)) or not any(hats.contact_hats(each.pk) for each in visit.covered)
            may_write = is_open and can(self.user, P.HALF_PAGE_WRITE, row.school)
            if is_shown and (row.half_page or may_write):
                found.append((row, may_write))
        return found

    def day_words(self) -> str:
        visit = self.visit
        if visit.on is None:
            return "No day is chosen yet"
        start = f", {clock_time(visit.starts_at)}" if visit.starts_at else ""
        return f"{weekday(visit.on)}{start}"

    @staticmethod
    def _half_page_is_open(visit: Visit) -> bool:
        if visit.state not in (VisitState.PROPOSED, VisitState.BOOKED, VisitState.HELD):
            return False
        return not visit.has_note or visit.note.submitted_at is None


class VisitChooseView(StepForm, AboutVisit):
    """The school, or the SIP on its word, takes one of the days proposed."""

    permission = P.VISIT_CHOOSE
    takes = ("choose",)
    template_name = "visits/visit_choose.html"
    title = "Choose a day"
    submit = "Book this day"

    def form(self, data: Any = None) -> ChooseForm:
        words = [
            (date, weekday(date.on) + (f", {clock_time(date.starts_at)}" if date.starts_at else "")) for date in self.visit.dates.all()
        ]
        return ChooseForm(data, dates=words)

    def deed(self, form: Any) -> HttpResponse:
        date = form.dates[form.cleaned_data["date"]]
        visit = services.choose_date(actor=self.user, visit=self.visit, date=date, at=self.at)
        return self.go(visit.get_absolute_url(), f"The visit is booked for {weekday(date.on)}.")


class VisitAskOthersView(ReasonStep, AboutVisit):
    """None of the days suits the school."""

    permission = P.VISIT_CHOOSE
    takes = ("ask_others",)
    template_name = "visits/visit_ask_others.html"
    title = "Ask for other days"
    submit = "Ask for other days"
    label = "Which days would suit, and why do these not?"
    says = "Enter which days would suit the school"

    def deed(self, form: Any) -> HttpResponse:
        services.ask_other_dates(actor=self.user, visit=self.visit, reason=form.cleaned_data["reason"], at=self.at)
        return self.go(self.visit.get_absolute_url(), f"{self.visit.lead.name} is asked for other days.")


class VisitMoveView(StepForm, AboutVisit):
    """Another day, by either side, with who asked and why."""

    permission = P.VISIT_MOVE
    takes = ("move",)
    template_name = "visits/visit_move.html"
    title = "Move the visit"
    submit = "Move the visit"

    def form(self, data: Any = None) -> MoveForm:
        return MoveForm(data, initial={"starts_at": self.visit.starts_at, "ends_at": self.visit.ends_at})

    def deed(self, form: Any) -> HttpResponse:
        values = form.cleaned_data
        services.move_visit(
            actor=self.user,
            visit=self.visit,
            on=values["on"],
            starts_at=values.get("starts_at"),
            ends_at=values.get("ends_at"),
            reason=values["reason"],
            at=self.at,
        )
        return self.go(self.visit.get_absolute_url(), f"The visit is moved to {weekday(values['on'])}.")


class VisitCancelView(ReasonStep, AboutVisit):
    """By either side, with the reason; late notice is charged as the pack says."""

    permission = P.VISIT_MOVE
    takes = ("cancel",)
    template_name = "visits/visit_cancel.html"
    title = "Cancel the visit"
    submit = "Cancel the visit"
    kind = "warning"
    label = "Why is the visit cancelled?"
    says = "Enter why the visit is cancelled"

    def context(self) -> dict[str, Any]:
        pack = self.policy_in_force
        if pack is None or self.visit.on is None:
            return {}
        notice = pack.whole("cancel_notice_office_days")
        given = pack.office_days.between(self.today, self.visit.on)
        return {"notice": notice, "given": given, "is_late": given < notice, "charged": pack.whole("cancel_late_days")}

    def deed(self, form: Any) -> HttpResponse:
        services.cancel_visit(actor=self.user, visit=self.visit, reason=form.cleaned_data["reason"], at=self.at)
        return self.go(self.visit.get_absolute_url(), "The visit is cancelled.")


class FactsStep(StepForm, AboutVisit):
    """The facts of a visit: asked when it is logged as held, and when they are corrected."""

    abstract = True
    permission = P.VISIT_HOLD

    def form(self, data: Any = None) -> FactsForm:
        visit = self.visit
        part = self.part
        met = [option.label for option in part.met_for(visit.school.phase)] if part else []
        return FactsForm(
            data,
            met=[*met, *visit.met],
            today=self.today,
            has_second=visit.second_adviser_id is not None,
            standing=[visit.preparation_quarters, visit.in_school_quarters, visit.writing_quarters, visit.second_quarters],
            initial={
                "on": visit.on,
                "starts_at": visit.starts_at,
                "ends_at": visit.ends_at,
                "met": visit.met or met[:1],
                "preparation": visit.preparation_quarters,
                "in_school": visit.in_school_quarters,
                "writing": visit.writing_quarters,
                "second_days": visit.second_quarters,
                "observers": "\n".join(str(name) for name in visit.observers),
                "next_visit": visit.next_visit,
                "days_source": visit.days_source,
            },
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.form(request.POST)
        if form.is_valid():
            try:
                return self.deed(form)
            except Refused as refusal:
                field = FIELDS_OF_FACTS.get(refusal.field or "")
                form.refuse(field if field in form.fields else None, refusal.message)
        return self.show(form=form, status=422)


class VisitHoldView(FactsStep):
    """Log a booked visit as held."""

    permission = P.VISIT_HOLD
    takes = ("hold",)
    template_name = "visits/visit_hold.html"
    title = "Log the visit as held"
    submit = "Log the visit"

    def deed(self, form: Any) -> HttpResponse:
        services.hold_visit(actor=self.user, visit=self.visit, facts=form.facts(), at=self.at)
        return self.go(self.visit.get_absolute_url(), "The visit is logged as held. Its note can be begun.")


class VisitCorrectView(FactsStep):
    """Correct the facts until the note is final; the ledger gets the difference."""

    permission = P.VISIT_HOLD
    takes = ("correct",)
    template_name = "visits/visit_correct.html"
    title = "Correct the facts of the visit"
    submit = "Save the facts"

    def deed(self, form: Any) -> HttpResponse:
        services.correct_facts(actor=self.user, visit=self.visit, facts=form.facts(), at=self.at)
        return self.go(self.visit.get_absolute_url(), "The facts of the visit are corrected.")


class VisitAbortView(ReasonStep, AboutVisit):
    """The SIP came and the visit could not be held."""

    permission = P.VISIT_HOLD
    takes = ("abort",)
    template_name = "visits/visit_abort.html"
    title = "The visit could not be held"
    submit = "Log it as not held"
    kind = "warning"
    label = "Why could it not be held?"
    says = "Enter why the visit could not be held"

    def deed(self, form: Any) -> HttpResponse:
        services.abort_visit(actor=self.user, visit=self.visit, reason=form.cleaned_data["reason"], at=self.at)
        return self.go(self.visit.get_absolute_url(), "The visit is logged as not held.")


class VisitWaiveView(ReasonStep, AboutVisit):
    """The manager decides that no note is due, and says why."""

    permission = P.VISIT_WAIVE
    takes = ("waive",)
    template_name = "visits/visit_waive.html"
    title = "No note is due"
    submit = "Decide that no note is due"
    kind = "warning"
    label = "Why is no note due?"
    says = "Enter why no note is due"

    def deed(self, form: Any) -> HttpResponse:
        services.waive_note(actor=self.user, visit=self.visit, reason=form.cleaned_data["reason"], at=self.at)
        return self.go(self.visit.get_absolute_url(), "No note is due for this visit.")


class VisitHalfPageView(StepForm, AboutVisit):
    """The school's own half page: it opens beside the SIP's editor and is printed in the note as the school's."""

    permission = P.HALF_PAGE_WRITE
    template_name = "visits/visit_half_page.html"
    title = "From the school"
    submit = "Save the half page"

    @cached_property
    def row(self) -> VisitSchool:
        """Of the schools of the visit the one in the address, or the first for which the asker may write."""
        rows = sorted(self.visit.visit_schools.all(), key=lambda row: row.position)
        asked = self.request.GET.get("school")
        mine = [row for row in rows if can(self.user, P.HALF_PAGE_WRITE, row.school) and asked in (None, row.school.public_id)]
        if not mine:
            raise Http404("Not found.")
        return mine[0]

    @property
    def schools(self) -> list[School]:
        return [self.row.school] if self.visit.is_group else self.visit.covered

    def form(self, data: Any = None) -> HalfPageForm:
        guide = self.part.half_page if self.part else None
        words = (guide.guide_words, guide.most_words) if guide else (0, 0)
        return HalfPageForm(data, words=words, prompts=guide.prompts if guide else (), initial={"text": self.row.half_page})

    def context(self) -> dict[str, Any]:
        return {"guide": self.part.half_page if self.part else None}

    def deed(self, form: Any) -> HttpResponse:
        services.write_half_page(actor=self.user, visit=self.visit, school=self.row.school, text=form.cleaned_data["text"], at=self.at)
        return self.go(self.visit.get_absolute_url(), "The half page is saved. The SIP sees it beside the note.")
