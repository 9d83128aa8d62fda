"""The only door: who may do what, to which row.

``people.roles`` holds the permissions and the page that says who has them; each app's ``policies.py`` answers for the
permissions on its objects with pure functions of (hats, object, date), registered here. Nothing is allowed that no
policy allows. Outside a row scope the answer is 404; inside it, with the wrong role, 403.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist, PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.generic.base import View

from . import clock
from .registry import Registry

Policy = Callable[[Any, Any, dt.date], bool]

POLICIES: Registry[Policy] = Registry("policies")
M = TypeVar("M", bound=models.Model)


class Refused(ValueError):
    """A request that the rules of the portal refuse, with the sentence that the person reads.

    Unlike ``PermissionDenied`` it is something that the person can put right, or wait for.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Conflict(Refused):
    """Somebody else was first: the row is no longer in the state that the person saw."""


def policy(*permissions: str) -> Callable[[Policy], Policy]:
    """Register a pure function ``(hats, obj, on) -> bool`` as the answer for these permissions."""

    def register(function: Policy) -> Policy:
        for permission in permissions:
            POLICIES.add(str(permission), function)
        return function

    return register


def can(user: Any, permission: str, obj: Any = None, *, on: dt.date | None = None) -> bool:
    """Whether the user may do this to ``obj`` (``None``: at all, somewhere)."""
    if user is None or not user.is_authenticated or not user.is_active:
        return False
    return POLICIES[str(permission)](user.hats, obj, on or clock.today())


def require(user: Any, permission: str, obj: Any = None, *, on: dt.date | None = None) -> None:
    """Raise ``PermissionDenied`` (403) unless :func:`can`. Views ask it, and services ask it again."""
    if not can(user, permission, obj, on=on):
        raise PermissionDenied(f"Not allowed: {permission}.")


def get_visible(model_or_queryset: type[M] | models.QuerySet[M], user: Any, **lookup: Any) -> M:
    """One row of the user's scope, or 404: a row that is not theirs does not exist for them."""
    if isinstance(model_or_queryset, models.QuerySet):
        queryset = model_or_queryset
    else:
        queryset = model_or_queryset._default_manager.all()
    scoped: models.QuerySet[M] = queryset.visible_to(user)  # type: ignore[attr-defined]
    try:
        return scoped.get(**lookup)
    except ObjectDoesNotExist:
        raise Http404("Not found.") from None


class SignedInRequest(HttpRequest):
    """What a view of the portal answers: ``user`` is an account, never anonymous (``require`` has seen to that)."""

    user: Any


class PortalView(View):
    """The base of every view of the portal. A class without a ``permission`` cannot even be imported.

    ``get_object`` fetches the row through its scope (404), then the permission is asked of that row (403). Views that
    are the same for everybody who has signed in say so: ``permission = SIGNED_IN``.
    """

    permission: ClassVar[str | None] = None
    abstract: ClassVar[bool] = True
    object: Any
    request: SignedInRequest

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "abstract" not in cls.__dict__:
            cls.abstract = False
        if not cls.abstract and cls.permission is None:
            raise ImproperlyConfigured(f"{cls.__module__}.{cls.__qualname__} declares no permission.")

    def get_object(self) -> Any:
        return None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.object = self.get_object()
        assert self.permission is not None
        require(request.user, self.permission, self.object)
        return self.instead() or super().dispatch(request, *args, **kwargs)

    def instead(self) -> HttpResponseBase | None:
        """An answer in place of the page, once it is allowed: another address of it."""
        return None


SIGNED_IN = "signed_in"


@policy(SIGNED_IN)
def _signed_in(hats: Any, obj: Any, on: dt.date) -> bool:
    return True


class ScopedQuerySet(models.QuerySet[M]):
    """A queryset whose model says who sees which rows. Each model's scope is written in ``visible_to``."""

    def visible_to(self, user: Any) -> ScopedQuerySet[M]:
        raise NotImplementedError(f"{self.model.__name__} declares no row scope.")


def same_authority(*objects: Any) -> int:
    """The one authority of all these rows, by id; an authority is a tenant and no row crosses it."""
    found = {obj.pk if obj._meta.label == "people.Authority" else obj.authority_id for obj in objects if obj is not None}
    if len(found) != 1:
        raise Refused("These belong to different authorities.")
    return int(found.pop())
