"""Reminding head and chair of schools that are late. The page says who will get what before anything is sent."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property

from core import clock
from core.access import Refused, can
from core.calendar import AcademicYear
from core.components.formats import plural
from people.roles import Permission as P
from targets.selectors.reminders import recipients
from targets.services import Reminder, remind_of_targets

from .round import _Schools


class TargetRemindView(_Schools):
    """The late schools of the list, as it is filtered (``?cluster=``, ``?phase=``), each with its head and its chair."""

    permission = P.TARGET_REMIND
    template_name = "targets/remind.html"

    @cached_property
    def reminders(self) -> list[Reminder]:
        late = [line for line in self.filtered if line.is_late and can(self.user, P.TARGET_REMIND, line.school, on=self.today)]
        to = recipients([line.school.pk for line in late], self.today)
        return [Reminder(line.school, line.due_what, line.due_on, to.get(line.school.pk, [])) for line in late]

    def context(self) -> dict[str, Any]:
        return {
            "year": AcademicYear(self.year),
            "reminders": self.reminders,
            "count": sum(len(one.to) for one in self.reminders),
            "back": f"{reverse('targets:target-list')}?only=late",
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        back = f"{reverse('targets:target-list')}?only=late"
        if self.pack is None or not self.reminders:
            return self.go(back, "No school is late.")
        try:
            told = remind_of_targets(actor=self.user, authority=self.pack[0], reminders=self.reminders, at=clock.now())
        except Refused as refusal:
            return self.show(422, refused=refusal.message)
        return self.go(back, f"{plural(len(told), 'reminder')} sent.")
