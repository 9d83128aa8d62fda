"""Bulletins: the list, one of them (which notes that it was read), and writing one."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse

from briefings import services
from briefings.choices import BulletinState, ItemKind
from briefings.forms.bulletins import BulletinForm, BulletinItemForm
from briefings.models import Bulletin, BulletinDone, BulletinItem, BulletinReading
from briefings.pack import briefings_of
from briefings.selectors.audience import sips_of
from briefings.workflow import BULLETIN_WORKFLOW
from core import clock
from core.access import can, get_visible
from core.components.forms import PortalForm
from people.packs import require_pack
from people.roles import Permission as P
from people.views.base import Deed, FormPage, Page

from .base import Managed
from .briefings import OfYear


class BulletinListView(OfYear, Page):
    permission = P.BULLETIN_VIEW
    template_name = "briefings/bulletin_list.html"

    def context(self) -> dict[str, Any]:
        seen = Bulletin.objects.visible_to(self.user)
        mine = BulletinReading.objects.filter(bulletin=OuterRef("pk"), user=self.user)
        rows = seen.filter(academic_year=self.year).annotate(
            is_read=Exists(mine), readers=Count("readings", distinct=True), item_count=Count("items", distinct=True)
        )
        return {
            "rows": list(rows.order_by("state", "-number", "-created_at")),
            "year": self.year,
            "years": self.years_of(seen.order_by().values_list("academic_year", flat=True).distinct()),
            "may_write": can(self.user, P.BULLETIN_WRITE),
        }


class BulletinBeginView(Managed, FormPage):
    permission = P.BULLETIN_WRITE
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "Begin a bulletin", "over": self.managed.name, "back": reverse("briefings:bulletin-list"), "words": "Begin it"}

    def form(self, data: Any = None) -> PortalForm:
        return BulletinForm(data, part=self.part)

    def deed(self, form: Any) -> HttpResponse:
        row = services.begin_bulletin(actor=self.user, authority=self.managed, at=clock.now(), **form.cleaned_data)
        return self.go(row.get_absolute_url(), "Write its items; nobody else sees it before it is published.")


class OneBulletin:
    """A bulletin of the asker's scope; 404 for everybody else."""

    request: Any
    kwargs: dict[str, Any]
    object: Bulletin

    def get_object(self) -> Bulletin:
        rows = Bulletin.objects.select_related("authority", "published_by")
        return get_visible(rows, self.request.user, public_id=self.kwargs["bulletin"])

    def authority_id(self) -> int | None:
        return self.object.authority_id

    def back(self) -> str:
        return self.object.get_absolute_url()


class BulletinDetailView(OneBulletin, Page):
    """Its items; opening it notes that one has read it. Whoever writes sees who has read and done it."""

    permission = P.BULLETIN_VIEW
    template_name = "briefings/bulletin_detail.html"

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.object.state == BulletinState.PUBLISHED and self.user.hats.sips:
            services.note_bulletin_read(actor=self.user, bulletin=self.object, at=clock.now())
        return self.show()

    def context(self) -> dict[str, Any]:
        row = self.object
        items = list(row.items.annotate(done_by=Count("done")))
        done = set(BulletinDone.objects.filter(item__bulletin=row, user=self.user).values_list("item_id", flat=True))
        offers = BULLETIN_WORKFLOW.offers(self.user, row, self.today)
        readers: list[tuple[Any, Any]] = []
        if row.state == BulletinState.PUBLISHED and can(self.user, P.BULLETIN_WRITE, row):
            read = {reading.user_id: reading.at for reading in BulletinReading.objects.filter(bulletin=row)}
            readers = [(sip.user, read.get(sip.user_id)) for sip in sips_of(row, self.today)]
        return {
            "bulletin": row,
            "actions": [(item, item.pk in done) for item in items if item.kind == ItemKind.ACTION],
            "notes": [item for item in items if item.kind == ItemKind.INFORMATION],
            "offers": offers,
            "is_sip": bool(self.user.hats.sips),
            "readers": readers,
            "read_count": sum(1 for _, at in readers if at),
        }


class BulletinWriteView(OneBulletin, FormPage):
    permission = P.BULLETIN_WRITE
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "Change its head", "over": self.object.title, "back": self.back(), "words": "Keep it"}

    def form(self, data: Any = None) -> PortalForm:
        part = briefings_of(require_pack(self.object.authority, self.today).content)
        return BulletinForm(data, part=part, initial={name: getattr(self.object, name) for name in ("title", "audience", "opening")})

    def deed(self, form: Any) -> HttpResponse:
        services.write_bulletin(actor=self.user, bulletin=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(self.back(), "It is kept.")


class BulletinItemAddView(OneBulletin, FormPage):
    permission = P.BULLETIN_WRITE
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "Add an item", "over": self.object.title, "back": self.back(), "words": "Add it"}

    def form(self, data: Any = None) -> PortalForm:
        return BulletinItemForm(data)

    def deed(self, form: Any) -> HttpResponse:
        services.add_bulletin_item(actor=self.user, bulletin=self.object, facts=form.facts(), at=clock.now())
        return self.go(self.back(), "The item is added.")


class BulletinPublishView(OneBulletin, Deed):
    permission = P.BULLETIN_WRITE

    def deed(self) -> str:
        row = services.publish_bulletin(actor=self.request.user, bulletin=self.object, at=clock.now())
        return f"It is published as bulletin {row.reference}, and its readers are told by email."


class OneBulletinItem(OneBulletin):
    item: BulletinItem

    def get_object(self) -> Bulletin:
        rows = Bulletin.objects.select_related("authority").filter(items__public_id=self.kwargs["item"])
        found: Bulletin = get_visible(rows, self.request.user)
        self.item = BulletinItem.objects.get(public_id=self.kwargs["item"])
        self.item.bulletin = found
        return found


class BulletinItemChangeView(OneBulletinItem, FormPage):
    permission = P.BULLETIN_WRITE
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "Change an item", "over": self.object.title, "back": self.back(), "words": "Keep it"}

    def form(self, data: Any = None) -> PortalForm:
        names = ("kind", "complete_by", "title", "text", "contact", "link")
        return BulletinItemForm(data, initial={name: getattr(self.item, name) for name in names})

    def deed(self, form: Any) -> HttpResponse:
        services.change_bulletin_item(actor=self.user, item=self.item, facts=form.facts(), at=clock.now())
        return self.go(self.back(), "The item is changed.")


class BulletinItemRemoveView(OneBulletinItem, Deed):
    permission = P.BULLETIN_WRITE

    def deed(self) -> str:
        services.remove_bulletin_item(actor=self.request.user, item=self.item, at=clock.now())
        return "The item is taken out."


class BulletinItemDoneView(OneBulletinItem, Deed):
    permission = P.BULLETIN_VIEW

    def deed(self) -> str:
        services.mark_item_done(actor=self.request.user, item=self.item, at=clock.now())
        return f"“{self.item.title}” is done."
