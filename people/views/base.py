"""The frame of a page: whose authority it is, in which words, and as what the person sees it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse

from core import clock
from core.access import PortalView, Refused
from core.components.filters import KEEP, settled
from core.components.forms import PortalForm
from people.models import Authority, User
from people.pack import PLAIN_LABELS
from people.packs import page_pack
from people.roles import HAT_NAMES, Hat, Permission
from people.services import keep_filters


def capacity_of(user: Any, hats: frozenset[Hat] | None = None) -> str:
    """As what a person sees a page: "SIP manager and SIP"; every page says so (domain.md §3)."""
    names = user.hats.names if hats is None else [HAT_NAMES[hat] for hat in Hat if hat in hats]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


class Page(PortalView):
    """A page with a template. ``authority`` says whose colours, words and footer it has; ``None`` for nobody's."""

    abstract = True
    http_method_names: Sequence[str] = ("get", "head", "post")
    template_name: ClassVar[str]
    keeps_filters: ClassVar[bool] = True

    @property
    def user(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user

    @property
    def today(self) -> dt.date:
        return clock.today()

    def authority_id(self) -> int | None:
        """Whose page it is; by default the home, or the only authority, of the person who asks."""
        ids = self.user.hats.authority_ids
        home = self.user.home_authority_id
        return home if home is not None and (not ids or home in ids) else min(ids, default=None)

    def kind_of_school(self) -> str:
        """The phase whose own words the page uses ("teacher in charge"), where it is about one school."""
        return ""

    def capacity(self) -> str:
        return capacity_of(self.user)

    def frame(self) -> dict[str, Any]:
        """Whose page it is, over what ``sip_portal.context_processors`` says of the person; it costs no query of its own."""
        authority, pack = page_pack(self.request, self.authority_id(), self.today)
        return {
            "authority": authority,
            "labels": pack.labels(self.kind_of_school()) if pack else PLAIN_LABELS,
            "pack_name": f"{pack.row.code}, version {pack.row.version}" if pack else "",
            "capacity": self.capacity(),
        }

    def context(self) -> dict[str, Any]:
        return {}

    def show(self, status: int = 200, **extra: Any) -> TemplateResponse:
        context = {**self.frame(), **self.context(), **extra}
        return TemplateResponse(self.request, self.template_name, context, status=status)

    def instead(self) -> HttpResponseBase | None:
        """The list with the filters that its reader set last, where the address names none (``core.components.filters``)."""
        path, params = self.request.path, self.request.GET
        if self.request.method != "GET":
            return None
        if KEEP in params:
            kept, rest = settled(params)
            if self.keeps_filters and self.request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none"):
                keep_filters(actor=self.user, path=path, query=kept, at=clock.now())
            return HttpResponseRedirect(f"{path}?{rest}" if rest else path)
        last = self.user.filters.get(path, "") if not params and self.keeps_filters else ""
        return HttpResponseRedirect(f"{path}?{last}") if last else None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.show()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.http_method_not_allowed(request, *args, **kwargs)

    def go(self, url: str, message: str = "") -> HttpResponse:
        """Redirect after a deed, with what was done in words."""
        if message:
            messages.success(self.request, message)
        return HttpResponseRedirect(url)


class FormPage(Page):
    """A page with one form whose data a service takes. The service's refusal is shown at its field, with nothing lost."""

    abstract = True

    def form(self, data: Any = None) -> PortalForm:
        raise NotImplementedError

    def deed(self, form: Any) -> HttpResponse:
        """Call the service with ``form.cleaned_data`` and answer where to go. May raise ``Refused``."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.show(form=self.form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.form(request.POST)
        if form.is_valid():
            try:
                return self.deed(form)
            except Refused as refusal:
                form.refuse(refusal.field if refusal.field in form.fields else None, refusal.message)
        return self.show(form=form, status=422)


class Deed(PortalView):
    """A button: POST only, one service, back with a sentence either way."""

    abstract = True
    http_method_names: Sequence[str] = ("post",)

    def deed(self) -> str:
        """Call the service; answer what was done, in words."""
        raise NotImplementedError

    def back(self) -> str:
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            messages.success(request, self.deed())
        except Refused as refusal:
            messages.error(request, refusal.message)
        return HttpResponseRedirect(self.back())


def chosen_authority(request: HttpRequest, permission: Permission, code: str = "") -> Authority:
    """The authority that a page over schools is about: by its code in the address, else the only one (or the home).

    404 where the code is none of theirs; 403 where they have none at all.
    """
    user = request.user
    assert isinstance(user, User)
    ids = user.hats.authorities_where(permission)
    if not ids:
        raise PermissionDenied(f"Not allowed: {permission}.")
    code = code or str(request.GET.get("authority") or request.POST.get("authority") or "")
    mine = Authority.objects.filter(pk__in=ids)
    if code:
        found = mine.filter(code=code).first()
        if found is None:
            raise Http404("Not found.")
        return found
    home = user.home_authority
    if home is not None and home.pk in ids:
        return home
    return mine.order_by("name")[0]


__all__ = ["Deed", "FormPage", "Page", "capacity_of", "chosen_authority"]
