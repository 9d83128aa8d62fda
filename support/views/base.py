"""What the pages of support share: whose policy they work by, and the row as its reader saw it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from core.access import Refused
from core.workflow import Workflow
from people.models import Authority, User
from people.roles import GRANTS, Hat, Permission


def as_seen(request: HttpRequest, row: Any) -> Any:
    """The row at the version that the page showed (its hidden ``lock_version``): what somebody else changed since is then told
    by the service, and not overwritten or agreed to unseen."""
    seen = str(request.POST.get("lock_version", "")) if request.method == "POST" else ""
    if seen.isdecimal() and len(seen) < 10:
        row.lock_version = int(seen)
    return row


class Timely:
    """A form about one step, put before ``FormPage``: opened when the step is over, or not to be taken yet, it says so on the page
    of the row and asks nothing."""

    action: ClassVar[str] = ""
    workflow: ClassVar[Workflow[Any]]
    user: Any
    today: Any

    def subject(self) -> Any:
        return self.object  # type: ignore[attr-defined]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.action:
            try:
                self.workflow.check(self.user, self.subject(), self.action, self.today)
            except Refused as refusal:
                messages.error(request, refusal.message)
                return HttpResponseRedirect(self.subject().get_absolute_url())
        answer: HttpResponseBase = super().get(request, *args, **kwargs)  # type: ignore[misc]
        return answer


def authority_of(request: HttpRequest, permission: Permission) -> Authority:
    """The authority that the page is about: the home where the person has the permission there, else the first where they
    have it, by a role or by a caseload. Kept for the request; 403 where there is none."""
    kept: dict[str, Authority] = request.__dict__.setdefault("_support_authorities", {})
    if permission in kept:
        return kept[permission]
    user = request.user
    assert isinstance(user, User)
    ids = set(user.hats.authorities_granting(permission))
    if permission in GRANTS[Hat.ADVISER]:
        ids |= {assignment.authority_id for assignment in user.hats.assignments if assignment.current}
    if not ids:
        raise PermissionDenied(f"Not allowed: {permission}.")
    mine = Authority.objects.filter(pk__in=ids)
    chosen = str(request.GET.get("authority") or "")
    found = (mine.filter(code=chosen).first() if chosen else None) or (
        mine.filter(pk=user.home_authority_id).first() if user.home_authority_id in ids else mine.order_by("name").first()
    )
    assert found is not None
    return kept.setdefault(permission, found)
