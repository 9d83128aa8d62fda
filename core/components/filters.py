"""What a filter form is set to, as chips that can each be taken off. State lives in the URL.

A list opened without any filter shows the last one that its reader set there. What the panel and its chips lead to
carries :data:`KEEP`, the names of the filters: ``people.views.base.Page`` keeps those, and leads on to an address without
it. A link from elsewhere carries none, and so changes nothing of what is kept.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from core.components.fields import BOXES, DateBoxes, Picker
from core.components.formats import day

# Left behind when the list is narrowed or its order changed: a cursor belongs to one list in one order.
CURSOR = "cursor"
KEEP = "keep"
MOST_KEPT = 30  # lists a person; the one that was set longest ago goes first
MOST_LENGTH = 400


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in force: "Cluster: Marlbridge", and the address of the list without it."""

    label: str
    value: str
    url: str


def _keys(form: forms.BaseForm, name: str) -> list[str]:
    key = form.add_prefix(name)
    widget = form.fields[name].widget
    if isinstance(widget, DateBoxes):
        return [key, *(f"{key}_{box}" for box, _, _ in BOXES)]
    if isinstance(widget, Picker):
        return [key, f"{key}_id"]
    return [key]


def _labels(field: forms.Field) -> dict[str, str]:
    labels: dict[str, str] = {}
    for value, label in getattr(field, "choices", ()):
        if isinstance(label, list | tuple):
            labels.update((str(v), str(text)) for v, text in label)
        else:
            labels[str(value)] = str(label)
    return labels


def names(form: forms.BaseForm) -> str:
    """The keys of a form's filters, as :data:`KEEP` carries them."""
    return ".".join(key for name in form.fields for key in _keys(form, name))


def _url(form: forms.BaseForm, params: QueryDict) -> str:
    params.pop(CURSOR, None)
    params[KEEP] = names(form)
    return f"?{params.urlencode()}"


def settled(params: QueryDict) -> tuple[str, str]:
    """Of an address with :data:`KEEP`: the filters to keep, and the address to lead on to, both as query strings."""
    own = set(str(params[KEEP]).split("."))
    rest = params.copy()
    del rest[KEEP]
    for key, values in list(rest.lists()):
        if filled := [value for value in values if value]:
            rest.setlist(key, filled)
        else:
            del rest[key]
    filters = rest.copy()
    for key in list(filters):
        if key not in own:
            del filters[key]
    query = filters.urlencode()
    return (query if len(query) <= MOST_LENGTH else ""), rest.urlencode()


def chips(form: forms.BaseForm, params: QueryDict) -> list[Chip]:
    """The filters in force in ``params``, in the form's order. A value that the form refuses is not in force."""
    if not form.is_bound:
        return []
    form.errors  # noqa: B018 (runs the validation that fills cleaned_data)
    found: list[Chip] = []
    for name, field in form.fields.items():
        cleaned: Any = form.cleaned_data.get(name)
        keys = _keys(form, name)
        if cleaned is None or cleaned == "" or (hasattr(cleaned, "__len__") and not len(cleaned)):
            continue
        if cleaned is False and not isinstance(field, forms.NullBooleanField):
            continue
        if not any(params.get(key) for key in keys):
            continue  # an initial value that the URL does not name
        label = str(field.label or name.replace("_", " ").capitalize())
        labels = _labels(field) if isinstance(field, forms.ChoiceField) else {}
        if len(values := params.getlist(keys[0])) > 1:
            for value in values:
                rest = params.copy()
                rest.setlist(keys[0], [v for v in values if v != value])
                found.append(Chip(label, labels.get(value, value), _url(form, rest)))
            continue
        rest = params.copy()
        for key in keys:
            rest.pop(key, None)
        if isinstance(cleaned, dt.date):
            shown = day(cleaned)
        elif isinstance(cleaned, bool):
            shown = "yes" if cleaned else "no"
        else:
            shown = labels.get(values[0] if values else "", "") or str(cleaned)
        found.append(Chip(label, shown, _url(form, rest)))
    return found


def kept(form: forms.BaseForm, params: QueryDict) -> list[tuple[str, str]]:
    """Parameters that are not the form's (the sort order, the view): sent along when the filters are applied."""
    own = {key for name in form.fields for key in _keys(form, name)} | {CURSOR, KEEP}
    return [(key, value) for key, values in params.lists() if key not in own for value in values]


def cleared(form: forms.BaseForm, params: QueryDict) -> str:
    """The address of the list without any filter of the form."""
    rest = params.copy()
    for name in form.fields:
        for key in _keys(form, name):
            rest.pop(key, None)
    return _url(form, rest)
