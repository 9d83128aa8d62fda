"""What the queues of quality assurance have in common."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from core import clock
from core.components.forms import PortalForm
from core.spans import on_day
from people.models import RoleAssignment, Sip, User
from people.roles import Permission


class PersonField(forms.ModelChoiceField):
    """One of those who work for the authorities where the asker holds a permission; the service says of each row who may not."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(User.objects.none(), to_field_name="public_id", **kwargs)

    def serve(self, user: User, permission: Permission) -> None:
        ids, today = user.hats.authorities_granting(permission), clock.today()
        roles = RoleAssignment.objects.filter(on_day(today), authority_id__in=ids).values("user_id")
        sips = Sip.objects.filter(on_day(today), authority_id__in=ids).values("user_id")
        self.queryset = User.objects.filter(Q(pk__in=roles) | Q(pk__in=sips), is_active=True).order_by("name", "email")

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.email})"


class PeopleForm(PortalForm):
    """A form with people to choose from; its options are those of :func:`asked_by`."""

    def __init__(self, *args: Any, user: User, permission: Permission, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, PersonField):
                field.serve(user, permission)


def asked_by(permission: Permission) -> Any:
    """The options of a form with people to choose from, by who asks."""
    return lambda user: {"user": user, "permission": permission}


def places(row: Any) -> str:
    return ", ".join(school.name for school in row.covered)
