"""The calendar link of one's account, and the feed behind it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.generic.base import View

from core import clock
from core.access import SIGNED_IN
from core.agenda import Entry, agenda
from core.ids import token_digest
from people.models import CalendarLink
from people.services import make_calendar_link, revoke_calendar_link

from .base import Page

BACK, AHEAD = dt.timedelta(days=60), dt.timedelta(days=400)
"""So far the feed reaches."""


class CalendarLinkView(Page):
    """Make the link, or a new one in its place; or end it. The address is on the page that answers, once, and nowhere afterwards."""

    permission = SIGNED_IN
    template_name = "people/calendar_link.html"

    def context(self) -> dict[str, Any]:
        return {"link": CalendarLink.objects.filter(user=self.user, revoked_at__isnull=True).first()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "end" in request.POST:
            revoke_calendar_link(actor=self.user, at=clock.now())
            return self.go(reverse("people:calendar-link"), "The calendar link is ended: whoever has its address gets nothing any more.")
        _, token = make_calendar_link(actor=self.user, at=clock.now())
        return self.show(feed_url=settings.PORTAL_URL + reverse("people:calendar-feed", args=[token]))


@method_decorator(login_not_required, name="dispatch")
class CalendarFeedView(View):
    """Anonymous: the diary of whoever holds the token, as iCalendar. A token that is none, is revoked, or whose person is
    deactivated, is not found."""

    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        row = CalendarLink.objects.filter(token_digest=token_digest(token), revoked_at__isnull=True, user__is_active=True)
        link = row.select_related("user").first()
        if link is None:
            raise Http404("Not found.")
        today = clock.today()
        body = feed(agenda(link.user, today - BACK, today + AHEAD))
        response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="sip-portal.ics"'
        response["X-Robots-Tag"] = "noindex"
        return response


def feed(entries: list[Entry]) -> bytes:
    """RFC 5545: one event an entry, with a link into the portal; what has no hour is the whole day's, and takes nobody's time."""
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//SIP Portal//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "SIP Portal")
    zone = timezone.get_default_timezone()
    for entry in entries:
        event = Event()
        event.add("uid", f"{entry.key}@sip-portal")
        event.add("dtstamp", clock.machine_now().astimezone(dt.UTC))
        event.add("summary", entry.title)
        if entry.starts_at is None:
            event.add("dtstart", entry.on)
            event.add("dtend", entry.on + dt.timedelta(days=1))
            event.add("transp", "TRANSPARENT")
        else:
            starts = dt.datetime.combine(entry.on, entry.starts_at, zone)
            ends = dt.datetime.combine(entry.on, entry.ends_at, zone) if entry.ends_at else starts + dt.timedelta(hours=3)
            event.add("dtstart", starts.astimezone(dt.UTC))
            event.add("dtend", ends.astimezone(dt.UTC))
        event.add("status", "TENTATIVE" if entry.is_tentative else "CONFIRMED")
        event.add("url", settings.PORTAL_URL + entry.url)
        calendar.add_component(event)
    return bytes(calendar.to_ical())
