"""The agenda: items, questions beforehand, outcomes afterwards, and what the next one draws on."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from briefings import services
from briefings.forms.briefings import ItemForm, OutcomesForm, QuestionForm
from briefings.models import AgendaItem, Briefing
from briefings.selectors.audience import leads_of
from briefings.selectors.briefings import agenda_of
from core import clock
from core.access import get_visible
from core.components.forms import PortalForm
from people.roles import Permission as P
from people.views.base import FormPage

from .base import OneBriefing
from .briefings import BriefingDeed


class ItemAddView(OneBriefing, FormPage):
    permission = P.BRIEFING_MANAGE
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "Add an item", "over": self.object.title, "back": self.object.get_absolute_url(), "words": "Add it"}

    def form(self, data: Any = None) -> PortalForm:
        return ItemForm(data, leads=leads_of(self.object.authority, self.today))

    def deed(self, form: Any) -> HttpResponse:
        services.add_item(actor=self.user, briefing=self.object, facts=form.facts(), at=clock.now())
        return self.go(self.object.get_absolute_url(), "It is on the agenda.")


class OneItem:
    """An item of a briefing in the asker's scope; the permission is asked of the briefing."""

    request: Any
    kwargs: dict[str, Any]
    object: Briefing
    item: AgendaItem

    def get_object(self) -> Briefing:
        briefings = Briefing.objects.select_related("authority").filter(items__public_id=self.kwargs["item"])
        found: Briefing = get_visible(briefings, self.request.user)
        self.item = AgendaItem.objects.select_related("lead").get(public_id=self.kwargs["item"])
        self.item.briefing = found
        return found

    def authority_id(self) -> int | None:
        return self.object.authority_id


class ItemChangeView(OneItem, FormPage):
    permission = P.BRIEFING_MANAGE
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "Change an item", "over": self.object.title, "back": self.object.get_absolute_url(), "words": "Keep it"}

    def form(self, data: Any = None) -> PortalForm:
        item = self.item
        initial = {name: getattr(item, name) for name in ("title", "about", "lead_name", "minutes", "is_activity")}
        initial["lead"] = item.lead.public_id if item.lead is not None else ""
        leads = leads_of(self.object.authority, self.today)
        if item.lead is not None and item.lead not in leads:
            leads.append(item.lead)
        return ItemForm(data, leads=leads, initial=initial)

    def deed(self, form: Any) -> HttpResponse:
        services.change_item(actor=self.user, item=self.item, facts=form.facts(), at=clock.now())
        return self.go(self.object.get_absolute_url(), "The item is changed.")


class ItemMoveView(OneItem, BriefingDeed):
    permission = P.BRIEFING_MANAGE

    def deed(self) -> str:
        services.move_item(actor=self.request.user, item=self.item, is_up="up" in self.request.POST, at=clock.now())
        return f"“{self.item.title}” is moved."

    def back(self) -> str:
        return f"{self.object.get_absolute_url()}#agenda-h"


class ItemRemoveView(OneItem, BriefingDeed):
    permission = P.BRIEFING_MANAGE

    def deed(self) -> str:
        title = self.item.title
        services.remove_item(actor=self.request.user, item=self.item, at=clock.now())
        return f"“{title}” is taken off."


class ItemDrawView(BriefingDeed):
    """Put an item of an earlier agenda on this one."""

    permission = P.BRIEFING_MANAGE

    def deed(self) -> str:
        seen = Briefing.objects.visible_to(self.request.user)
        rows = AgendaItem.objects.filter(briefing__in=seen.values("pk")).select_related("briefing", "lead")
        earlier = rows.filter(public_id=self.kwargs["item"]).first()
        if earlier is None:
            return "That item is not there any more."
        services.draw_on(actor=self.request.user, briefing=self.object, earlier=earlier, at=clock.now())
        return f"“{earlier.title}” is on the agenda, with what came of it."


class QuestionAskView(OneItem, FormPage):
    permission = P.BRIEFING_TAKE_PART
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "Ask something beforehand", "over": self.item.title, "back": self.object.get_absolute_url(), "words": "Ask it"}

    def form(self, data: Any = None) -> PortalForm:
        return QuestionForm(data)

    def deed(self, form: Any) -> HttpResponse:
        services.ask_question(actor=self.user, item=self.item, at=clock.now(), **form.cleaned_data)
        return self.go(f"{self.object.get_absolute_url()}#agenda-h", "Your question stands with the item.")


class OutcomesView(OneBriefing, FormPage):
    permission = P.BRIEFING_MANAGE
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "What came of it", "over": self.object.title, "back": self.object.get_absolute_url(), "words": "Keep the outcomes"}

    def form(self, data: Any = None) -> PortalForm:
        return OutcomesForm(data, agenda=agenda_of(self.object))

    def deed(self, form: Any) -> HttpResponse:
        services.record_outcomes(actor=self.user, briefing=self.object, outcomes=form.outcomes(), at=clock.now())
        return self.go(self.object.get_absolute_url(), "The outcomes are kept. The next agenda offers those to come back to.")
