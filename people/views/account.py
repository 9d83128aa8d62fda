"""One's own account, and the page behind an invitation."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic.base import View

from core import clock
from core.access import SIGNED_IN, Refused
from core.audit import AuditEvent
from core.spans import on_day
from people.forms import AccountForm, InvitationAcceptForm
from people.models import User
from people.services import accept_invitation, open_invitation, update_account

from .base import FormPage


class AccountView(FormPage):
    """Own data, roles with their dates, ways to sign in, the last sign-ins. The same for everybody who has signed in."""

    permission = SIGNED_IN
    template_name = "people/account.html"

    def form(self, data: Any = None) -> AccountForm:
        return AccountForm(
            data, initial={"name": self.user.name, "telephone": self.user.telephone, "has_reminders": self.user.has_reminders}
        )

    def deed(self, form: AccountForm) -> HttpResponse:
        update_account(actor=self.user, user=self.user, at=clock.now(), **form.cleaned_data)
        return self.go(reverse("people:account"), "Your details are saved.")

    def context(self) -> dict[str, Any]:
        mine = AuditEvent.objects.filter(actor_id=self.user.public_id, event="session.signed_in").order_by("-id")[:5]
        return {
            "roles": self.user.roles.filter(on_day(self.today)).select_related("authority"),
            "profiles": self.user.sip_profiles.filter(on_day(self.today)).select_related("authority", "line_manager", "assigned_person"),
            "sign_ins": list(mine),
        }


@method_decorator([login_not_required, never_cache, sensitive_post_parameters("password", "again")], name="dispatch")
class InvitationAcceptView(View):
    """Anonymous: whoever holds the token sets the account's first password. A token that does not open says no more."""

    http_method_names = ("get", "head", "post")

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        return self._show(request, token, InvitationAcceptForm())

    def post(self, request: HttpRequest, token: str) -> HttpResponseBase:
        form = InvitationAcceptForm(request.POST)
        if form.is_valid():
            try:
                accept_invitation(token=token, password=form.cleaned_data["password"], at=clock.now())
            except Refused as refusal:
                form.refuse(refusal.field, refusal.message)
            else:
                return HttpResponseRedirect(reverse("account_login"))
        return self._show(request, token, form, status=422)

    @staticmethod
    def _show(request: HttpRequest, token: str, form: InvitationAcceptForm, status: int = 200) -> HttpResponse:
        invitation = open_invitation(token, clock.now())
        user: User | None = invitation.user if invitation else None
        context = {"form": form if user else None, "invited": user, "authority": invitation.authority if invitation else None}
        return render(request, "people/invitation_accept.html", context, status=status if user else 404)
