"""Workshops: what is offered, booking and cancelling, and what the manager keeps; what SIPs need to learn."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpResponse, HttpResponseBase
from django.urls import reverse

from briefings import services
from briefings.choices import BookingState, WorkshopState
from briefings.forms.briefings import BriefingCancelForm
from briefings.forms.workshops import NeedForm, WorkshopAttendanceForm, WorkshopForm, WorkshopOfferForm
from briefings.models import Booking, Evaluation, TrainingNeed, Workshop
from briefings.pack import briefings_of
from briefings.selectors.audience import leads_of
from briefings.selectors.needs import needs_of
from briefings.workflow import WORKSHOP_WORKFLOW
from core import clock
from core.access import can, get_visible
from core.components.forms import PortalForm
from people.models import Sip
from people.packs import require_pack
from people.roles import Permission as P
from people.views.base import Deed, FormPage, Page

from .base import Managed, calendar_file
from .briefings import OfYear


class WorkshopListView(OfYear, Page):
    """What is offered, by date, with the places left and one's own booking; then what was."""

    permission = P.WORKSHOP_VIEW
    template_name = "briefings/workshop_list.html"

    def context(self) -> dict[str, Any]:
        seen = Workshop.objects.visible_to(self.user)
        mine = Booking.objects.filter(workshop=OuterRef("pk"), user=self.user).exclude(state=BookingState.CANCELLED)
        rows = list(
            seen.filter(academic_year=self.year).select_related("lead").annotate(my_state=Subquery(mine.values("state")[:1])).order_by("on")
        )
        is_ahead = [row.on >= self.today and row.state == WorkshopState.OPEN for row in rows]
        return {
            "year": self.year,
            "coming": [row for row, ahead in zip(rows, is_ahead, strict=True) if ahead],
            "past": [row for row, ahead in zip(reversed(rows), reversed(is_ahead), strict=True) if not ahead],
            "years": self.years_of(seen.order_by().values_list("academic_year", flat=True).distinct()),
            "may_manage": can(self.user, P.WORKSHOP_MANAGE),
            "may_need": can(self.user, P.NEED_RECORD),
        }


class WorkshopOfferView(Managed, FormPage):
    permission = P.WORKSHOP_MANAGE
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "Offer a workshop", "over": self.managed.name, "back": reverse("briefings:workshop-list"), "words": "Offer it"}

    def form(self, data: Any = None) -> PortalForm:
        usual = self.part.workshop_defaults
        initial: dict[str, Any] = {
            "starts_at": usual.starts_at,
            "ends_at": usual.ends_at,
            "quarters": usual.quarters,
            "places": usual.places,
        }
        if (topic := self.part.workshop(self.request.GET.get("topic", ""))) is not None:
            initial |= {"topic": topic.code, "title": topic.title, "suits": topic.suits}
        return WorkshopOfferForm(data, part=self.part, leads=leads_of(self.managed, self.today), initial=initial)

    def deed(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        row = services.offer_workshop(
            actor=self.user,
            authority=self.managed,
            facts=form.facts(),
            audience=data["audience"],
            topic=data["topic"],
            at=clock.now(),
        )
        return self.go(row.get_absolute_url(), "It is offered.")


class OneWorkshop:
    """A workshop of the asker's scope; 404 for everybody else."""

    request: Any
    kwargs: dict[str, Any]
    object: Workshop

    def get_object(self) -> Workshop:
        return get_visible(Workshop.objects.select_related("authority", "lead"), self.request.user, public_id=self.kwargs["workshop"])

    def authority_id(self) -> int | None:
        return self.object.authority_id


class WorkshopDetailView(OneWorkshop, Page):
    """One date: book it, wait for it, cancel; its other dates; to the manager who comes and who waits."""

    permission = P.WORKSHOP_VIEW
    template_name = "briefings/workshop_detail.html"

    def context(self) -> dict[str, Any]:
        row = self.object
        offers = WORKSHOP_WORKFLOW.offers(self.user, row, self.today)
        bookings = [b for b in Booking.objects.filter(workshop=row).select_related("user") if b.state != BookingState.CANCELLED]
        mine = next((b for b in bookings if b.user_id == self.user.pk), None)
        waiting = [b for b in bookings if b.state == BookingState.WAITING]
        others = Workshop.objects.visible_to(self.user).filter(topic=row.topic, state=WorkshopState.OPEN, on__gte=self.today)
        may_manage = can(self.user, P.WORKSHOP_MANAGE, row)
        return {
            "workshop": row,
            "offers": offers,
            "mine": mine,
            "turn": waiting.index(mine) + 1 if mine in waiting else 0,
            "may_cancel": mine is not None and row.on >= self.today and row.state == WorkshopState.OPEN,
            "others": list(others.exclude(pk=row.pk).order_by("on")) if row.topic else [],
            "booked": [b for b in bookings if b.state == BookingState.BOOKED] if may_manage else [],
            "waiting": waiting if may_manage else [],
            "may_manage": may_manage,
            "evaluation": Evaluation.objects.visible_to(self.user).filter(workshop=row).first()
            if row.state == WorkshopState.HELD
            else None,
            "may_evaluate": may_manage and row.state == WorkshopState.HELD,
        }


class WorkshopCalendarView(OneWorkshop, Page):
    permission = P.WORKSHOP_VIEW
    template_name = ""
    http_method_names = ("get", "head")

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return calendar_file(self.object)


class WorkshopChangeView(OneWorkshop, FormPage):
    permission = P.WORKSHOP_MANAGE
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "Change a workshop", "over": self.object.title, "back": self.object.get_absolute_url(), "words": "Keep the change"}

    def form(self, data: Any = None) -> PortalForm:
        row = self.object
        names = ("title", "about", "suits", "on", "starts_at", "ends_at", "venue", "places", "lead_name", "quarters")
        initial = {name: getattr(row, name) for name in names} | {"lead": row.lead.public_id if row.lead is not None else ""}
        leads = leads_of(row.authority, self.today)
        if row.lead is not None and row.lead not in leads:
            leads.append(row.lead)
        return WorkshopForm(data, leads=leads, initial=initial)

    def deed(self, form: Any) -> HttpResponse:
        services.change_workshop(actor=self.user, workshop=self.object, facts=form.facts(), at=clock.now())
        return self.go(self.object.get_absolute_url(), "The change is kept.")


class WorkshopCancelView(OneWorkshop, FormPage):
    permission = P.WORKSHOP_MANAGE
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "Call the workshop off", "over": self.object.title, "back": self.object.get_absolute_url(), "words": "Call it off"}

    def form(self, data: Any = None) -> PortalForm:
        return BriefingCancelForm(data)

    def deed(self, form: Any) -> HttpResponse:
        services.cancel_workshop(actor=self.user, workshop=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(self.object.get_absolute_url(), "It is called off, and everybody with a place is told.")


class WorkshopAttendView(OneWorkshop, FormPage):
    permission = P.WORKSHOP_MANAGE
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "Record who came", "over": self.object.title, "back": self.object.get_absolute_url(), "words": "Keep the list"}

    def form(self, data: Any = None) -> PortalForm:
        rows = list(Booking.objects.filter(workshop=self.object, state=BookingState.BOOKED).select_related("user").order_by("user__name"))
        is_held = self.object.state == WorkshopState.HELD
        return WorkshopAttendanceForm(data, bookings=rows, initial={"came": [b.user.public_id for b in rows if b.came or not is_held]})

    def deed(self, form: Any) -> HttpResponse:
        services.record_workshop_attendance(actor=self.user, workshop=self.object, came=form.who_came(), at=clock.now())
        return self.go(self.object.get_absolute_url(), "Who came is recorded, and charged to their development days.")


class WorkshopBookView(OneWorkshop, Deed):
    permission = P.WORKSHOP_BOOK

    def deed(self) -> str:
        wants = "wait" in self.request.POST
        row = services.book_workshop(actor=self.request.user, workshop=self.object, is_waiting=wants, at=clock.now())
        if row.state == BookingState.WAITING:
            return "You are on the waiting list. A place that becomes free goes to whoever waits longest, with an email."
        return "You have a place. A confirmation is on its way; the file for your calendar is on this page."

    def back(self) -> str:
        return self.object.get_absolute_url()


class BookingCancelView(Deed):
    """One's own, or another's by the manager."""

    permission = P.WORKSHOP_BOOK

    def get_object(self) -> Booking:
        rows = Booking.objects.select_related("workshop__authority", "user")
        self.booking: Booking = get_visible(rows, self.request.user, public_id=self.kwargs["booking"])
        return self.booking

    def deed(self) -> str:
        was = self.booking.state
        services.cancel_booking(actor=self.request.user, booking=self.booking, at=clock.now())
        return "The booking is cancelled." if was == BookingState.BOOKED else "The turn on the waiting list is given up."

    def back(self) -> str:
        return self.booking.workshop.get_absolute_url()


# ---------------------------------------------------------------- what SIPs need to learn


class NeedListView(OfYear, Managed, Page):
    """Gathered from shadowing, SIP reviews, the SIPs and evaluation forms, beside what is offered."""

    permission = P.NEED_READ
    template_name = "briefings/need_list.html"

    def context(self) -> dict[str, Any]:
        pack = require_pack(self.managed, self.today)
        return {
            "needs": needs_of(pack, self.year, self.today),
            "year": self.year,
            "may_offer": can(self.user, P.WORKSHOP_MANAGE, self.managed),
        }


class OfOwnSip:
    """The asker's own profile as a SIP; 404 for one who is none."""

    request: Any

    def get_object(self) -> Sip:
        own = next(iter(self.request.user.hats.sips), None)
        if own is None:
            return None  # type: ignore[return-value]  # the permission, asked without a row, refuses
        return Sip.objects.select_related("user", "authority").get(pk=own.sip_id)


class OwnNeedsView(OfOwnSip, FormPage):
    """What one would like to learn this year."""

    permission = P.NEED_RECORD
    template_name = "briefings/own_needs.html"
    object: Sip

    def context(self) -> dict[str, Any]:
        topics = {topic.code: topic.title for topic in self.topics}
        own = TrainingNeed.objects.visible_to(self.user).filter(sip=self.object)
        return {"needs": [(need, topics.get(need.topic, "")) for need in own.order_by("-at", "-pk")]}

    @property
    def topics(self) -> Any:
        return briefings_of(require_pack(self.object.authority, self.today).content).workshops

    def form(self, data: Any = None) -> PortalForm:
        return NeedForm(data, topics=self.topics)

    def deed(self, form: Any) -> HttpResponse:
        services.record_need(actor=self.user, sip=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(reverse("briefings:need-own"), "It is with those who plan the workshops.")


class NeedRemoveView(OfOwnSip, Deed):
    permission = P.NEED_RECORD

    def deed(self) -> str:
        need = TrainingNeed.objects.select_related("sip__authority").filter(public_id=self.kwargs["need"], sip=self.object).first()
        if need is None:
            raise Http404("Not found.")
        services.remove_need(actor=self.request.user, need=need, at=clock.now())
        return "It is taken back."

    def back(self) -> str:
        return reverse("briefings:need-own")
