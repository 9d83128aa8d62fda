"""The year's briefings; one of them; setting a date, moving it, calling it off; inviting, replying, recording who came."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.http import Http404, HttpResponse, HttpResponseBase
from django.urls import reverse

from briefings import services
from briefings.choices import BriefingState, Reply
from briefings.forms.briefings import AttendanceForm, BriefingCancelForm, BriefingChangeForm, BriefingPlanForm, DocumentForm, ReplyForm
from briefings.models import Attendance, Briefing, Evaluation
from briefings.pack import briefings_of
from briefings.selectors.audience import people_of
from briefings.selectors.briefings import agenda_of, development_days, documents_of, replies_of, to_come_back_to
from briefings.selectors.decks import packs_of
from briefings.workflow import BRIEFING_WORKFLOW
from core import clock
from core.access import can
from core.calendar import AcademicYear
from core.components.forms import PortalForm
from people.models import Authority
from people.packs import packs_for, require_pack
from people.roles import Permission as P
from people.views.base import Deed, FormPage, Page, chosen_authority

from .base import Managed, OneBriefing, calendar_file


class OfYear:
    """A page over one academic year, from the address; this one's without."""

    request: Any
    today: Any

    @cached_property
    def year(self) -> AcademicYear:
        try:
            return AcademicYear.of(self.request.GET.get("year", ""))
        except (TypeError, ValueError):
            return AcademicYear.from_date(self.today)

    def years_of(self, found: Any) -> list[dict[str, Any]]:
        """The years that hold something, for the switch; this one's always."""
        years = sorted({*found, self.year, AcademicYear.from_date(self.today)}, reverse=True, key=lambda year: year.first)
        return [{"label": year.label, "url": f"?year={year.first}", "current": year == self.year} for year in years]


class BriefingListView(OfYear, Page):
    """What is to come, then what was, by academic year (S16); and one's own development days."""

    permission = P.BRIEFING_VIEW
    template_name = "briefings/briefing_list.html"

    def context(self) -> dict[str, Any]:
        seen = Briefing.objects.visible_to(self.user)
        mine = Attendance.objects.filter(briefing=OuterRef("pk"), user=self.user)
        rows = list(
            seen.filter(academic_year=self.year)
            .annotate(
                my_reply=Subquery(mine.values("reply")[:1]),
                invited=Count("attendances"),
                coming=Count("attendances", filter=Q(attendances__reply=Reply.COMING)),
                came=Count("attendances", filter=Q(attendances__came=True)),
            )
            .order_by("on", "audience")
        )
        return {
            "year": self.year,
            "coming": [row for row in rows if row.on >= self.today and row.state not in (BriefingState.CANCELLED, BriefingState.HELD)],
            "past": [row for row in reversed(rows) if row.on < self.today or row.state in (BriefingState.CANCELLED, BriefingState.HELD)],
            "years": self.years_of(seen.order_by().values_list("academic_year", flat=True).distinct()),
            "may_manage": can(self.user, P.BRIEFING_MANAGE),
            "days": self.own_days(),
        }

    def own_days(self) -> Any:
        sip = next(iter(self.user.hats.sips), None)
        pack = packs_for(self.user, self.today).get(sip.authority_id) if sip else None
        if pack is None:
            return None
        days = briefings_of(pack.content).meeting.entitlement_days
        return next(iter(development_days(pack.authority, self.year, days, self.today, user=self.user)), None)


class DevelopmentDaysView(OfYear, Managed, Page):
    """Every SIP's development days of a year against the entitlement."""

    permission = P.BRIEFING_MANAGE
    template_name = "briefings/development_days.html"

    def context(self) -> dict[str, Any]:
        rows = development_days(self.managed, self.year, self.part.meeting.entitlement_days, self.today)
        return {
            "year": self.year,
            "rows": rows,
            "entitlement": self.part.meeting.entitlement_days * 4,
            "years": self.years_of([AcademicYear(AcademicYear.from_date(self.today).first - 1)]),
        }


class BriefingPlanView(Managed, FormPage):
    permission = P.BRIEFING_MANAGE
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "Add a briefing", "over": self.managed.name, "back": reverse("briefings:briefing-list"), "words": "Add it"}

    def form(self, data: Any = None) -> PortalForm:
        meeting = self.part.meeting
        initial = {"starts_at": meeting.starts_at, "ends_at": meeting.ends_at, "quarters": meeting.quarters}
        return BriefingPlanForm(data, part=self.part, initial=initial)

    def deed(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        row = services.plan_briefing(
            actor=self.user,
            authority=self.managed,
            audience=data["audience"],
            facts=form.facts(),
            name=data["name"],
            template=data["template"],
            at=clock.now(),
        )
        return self.go(row.get_absolute_url(), "The date is set.")


class YearPlanView(Deed):
    """The dates of the pack for a year, taken over in one press."""

    permission = P.BRIEFING_MANAGE

    def deed(self) -> str:
        if not 1990 <= self.kwargs["year"] <= 2100:
            raise Http404("Not found.")
        year = AcademicYear(self.kwargs["year"])
        authority: Authority = chosen_authority(self.request, P.BRIEFING_MANAGE)
        rows = services.plan_year(actor=self.request.user, authority=authority, year=year, at=clock.now())
        return f"{len(rows)} dates are set, each with the agenda of the pack."

    def back(self) -> str:
        return f"{reverse('briefings:briefing-list')}?year={self.kwargs['year']}"


class BriefingDetailView(OneBriefing, Page):
    """The agenda with what was asked and what came of it, who comes, and what the reader may do."""

    permission = P.BRIEFING_VIEW
    template_name = "briefings/briefing_detail.html"

    def context(self) -> dict[str, Any]:
        row = self.object
        offers = BRIEFING_WORKFLOW.offers(self.user, row, self.today)
        replies = replies_of(row)
        mine = next((a for a in (*replies.coming, *replies.not_coming, *replies.silent) if a.user_id == self.user.pk), None)
        agenda = agenda_of(row)
        lines = [line for line in (("coming", replies.coming), ("not coming", replies.not_coming), ("no reply", replies.silent)) if line[1]]
        return {
            **packs_of(self.user, row),
            "briefing": row,
            "agenda": agenda,
            "minutes": sum(item.minutes or 0 for item, _ in agenda),
            "asked": sum(len(questions) for _, questions in agenda),
            "carried": to_come_back_to(row) if "arrange" in offers else [],
            "documents": documents_of(row),
            "document_form": DocumentForm() if "document" in offers else None,
            "offers": offers,
            "replies": replies,
            "lines": lines,
            "mine": mine,
            "evaluation": Evaluation.objects.visible_to(self.user).filter(briefing=row).first()
            if row.state == BriefingState.HELD
            else None,
            "evaluates": mine is not None and bool(mine.came),
            "may_evaluate": row.state == BriefingState.HELD and can(self.user, P.EVALUATION_OPEN, row),
            "reply_form": ReplyForm(initial={"reply": mine.reply}) if mine is not None and "reply" in offers else None,
        }


class BriefingCalendarView(OneBriefing, Page):
    """The date as a file for one's calendar."""

    permission = P.BRIEFING_VIEW
    template_name = ""
    http_method_names = ("get", "head")

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return calendar_file(self.object)


class BriefingChangeView(OneBriefing, FormPage):
    permission = P.BRIEFING_MANAGE
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {
            "title": "Change date or place",
            "over": self.object.title,
            "back": self.object.get_absolute_url(),
            "words": "Keep the change",
        }

    def form(self, data: Any = None) -> PortalForm:
        names = ("on", "starts_at", "ends_at", "venue", "quarters")
        return BriefingChangeForm(data, initial={name: getattr(self.object, name) for name in names})

    def deed(self, form: Any) -> HttpResponse:
        services.change_briefing(actor=self.user, briefing=self.object, facts=form.facts(), at=clock.now())
        return self.go(self.object.get_absolute_url(), "The change is kept.")


class BriefingCancelView(OneBriefing, FormPage):
    permission = P.BRIEFING_MANAGE
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "Call the briefing off", "over": self.object.title, "back": self.object.get_absolute_url(), "words": "Call it off"}

    def form(self, data: Any = None) -> PortalForm:
        return BriefingCancelForm(data)

    def deed(self, form: Any) -> HttpResponse:
        services.cancel_briefing(actor=self.user, briefing=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(self.object.get_absolute_url(), "It is called off.")


class BriefingDeed(OneBriefing, Deed):
    """A button on a briefing's page."""

    abstract = True

    def back(self) -> str:
        return self.object.get_absolute_url()


class BriefingCallView(BriefingDeed):
    """The confirm page lists who gets it; pressed again, those who have come to belong to it since."""

    permission = P.BRIEFING_MANAGE

    def deed(self) -> str:
        if self.object.state == BriefingState.CALLED:
            return f"{services.invite_others(actor=self.request.user, briefing=self.object, at=clock.now())} more are invited."
        services.call_briefing(actor=self.request.user, briefing=self.object, at=clock.now())
        return "The invitations are on their way."


class BriefingInviteView(OneBriefing, Page):
    """Who will get an invitation, before it is sent."""

    permission = P.BRIEFING_MANAGE
    template_name = "briefings/briefing_invite.html"
    http_method_names = ("get", "head")

    def context(self) -> dict[str, Any]:
        there = set(Attendance.objects.filter(briefing=self.object).values_list("user_id", flat=True))
        people = [user for user in people_of(self.object) if user.pk not in there]
        labels = require_pack(self.object.authority, self.today).labels()
        sips = set(self.object.authority.sips.filter(user__in=people).values_list("user_id", flat=True))
        return {
            "briefing": self.object,
            "people": [
                {"name": user.name, "role": labels.get("sip", "short") if user.pk in sips else "leads an item", "organisation": user.email}
                for user in people
            ],
        }


class BriefingReplyView(BriefingDeed):
    permission = P.BRIEFING_TAKE_PART

    def deed(self) -> str:
        reply = str(self.request.POST.get("reply", ""))
        services.reply_to_briefing(actor=self.request.user, briefing=self.object, reply=reply, at=clock.now())
        return "You said that you come." if reply == Reply.COMING else "You said that you cannot come."


class BriefingAttendView(OneBriefing, FormPage):
    """Who came, ticked from the list of those who belong to it."""

    permission = P.BRIEFING_MANAGE
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "Record who came", "over": self.object.title, "back": self.object.get_absolute_url(), "words": "Keep the list"}

    def form(self, data: Any = None) -> PortalForm:
        replies = {row.user_id: row for row in Attendance.objects.filter(briefing=self.object).select_related("user")}
        people = {user.pk: user for user in people_of(self.object)} | {row.user_id: row.user for row in replies.values()}
        recorded = [row.user.public_id for row in replies.values() if row.came]
        said = [row.user.public_id for row in replies.values() if row.reply == Reply.COMING]
        initial = {"came": recorded if self.object.state == BriefingState.HELD else said}
        return AttendanceForm(data, people=sorted(people.values(), key=lambda user: user.name), replies=replies, initial=initial)

    def deed(self, form: Any) -> HttpResponse:
        services.record_attendance(actor=self.user, briefing=self.object, came=form.who_came(), at=clock.now())
        return self.go(self.object.get_absolute_url(), "Who came is recorded, and charged to their development days.")
