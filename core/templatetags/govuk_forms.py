"""Tags of the crispy pack ``govuk`` (``core/templates/govuk``). Only the pack's own templates load this."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms, template
from django.forms import BoundField
from django.utils.safestring import SafeString

from core.components.fields import Affixed, Checkboxes, DateBoxes, Picker, Prose, Radios
from core.components.forms import wrong_boxes

register = template.Library()


@dataclass(slots=True)
class FieldParts:
    """What the template of one field needs, worked out once."""

    bound: BoundField
    kind: str
    id: str
    label: str
    label_for: str
    hint: str
    hint_id: str
    errors: list[str]
    error_id: str
    describedby: str
    is_optional: bool
    css: str = ""
    prefix: str = ""
    suffix: str = ""
    low: int = 0
    high: int = 0
    hints: dict[str, str] = field(default_factory=dict)
    inline: bool = False

    @property
    def template(self) -> str:
        return f"govuk/fields/{self.kind}.html"

    @property
    def info_id(self) -> str:
        return f"{self.id}_info"


def _kind(widget: forms.Widget) -> str:
    if isinstance(widget, DateBoxes):
        return "boxes"
    if isinstance(widget, forms.CheckboxSelectMultiple):  # which Django makes a kind of RadioSelect: so it is asked first
        return "checkboxes"
    if isinstance(widget, forms.RadioSelect):
        return "radios"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.PasswordInput):
        return "password"
    if isinstance(widget, forms.FileInput):
        return "file"
    if isinstance(widget, Picker):
        return "picker"
    if isinstance(widget, forms.MultiWidget):
        raise TypeError(f"{type(widget).__name__} has several inputs and no look: use a field of core.components.fields.")
    return "input"


def _css(widget: forms.Widget) -> str:
    if isinstance(widget, forms.Textarea):
        return "govuk-textarea"
    if isinstance(widget, forms.Select):
        return "govuk-select"
    if isinstance(widget, forms.FileInput):
        return "govuk-file-upload"
    if isinstance(widget, forms.PasswordInput):
        return "govuk-input govuk-password-input__input govuk-js-password-input-input"
    return "govuk-input"


@register.simple_tag
def field_parts(bound: BoundField, show_errors: bool = True, mark_optional: bool | str = True) -> FieldParts:
    """Everything about a bound field. Ids are Django's own (``_helptext``, ``_error``), so that nothing needs translating."""
    widget = bound.field.widget
    id_ = str(widget.attrs.get("id") or bound.auto_id or bound.html_name)
    errors = [str(error) for error in bound.errors] if show_errors is not False else []
    parts = FieldParts(
        bound=bound,
        kind=_kind(widget),
        id=id_,
        label=str(bound.label),
        label_for=bound.id_for_label or id_,
        hint=str(bound.help_text or ""),
        hint_id=f"{id_}_helptext",
        errors=errors,
        error_id=f"{id_}_error",
        describedby="",
        # crispy hands on "" for what a helper does not say
        is_optional=not bound.field.required and mark_optional is not False and not isinstance(widget, forms.CheckboxInput),
        css=_css(widget),
    )
    if isinstance(widget, Affixed):
        parts.prefix, parts.suffix = widget.prefix, widget.suffix
    if isinstance(widget, Prose):
        parts.low, parts.high = widget.low, widget.high
    if isinstance(widget, Radios | Checkboxes):
        parts.hints = widget.hints
    parts.inline = isinstance(widget, Radios) and widget.inline
    ids = [parts.hint_id if parts.hint else "", parts.error_id if errors else "", parts.info_id if parts.high else ""]
    parts.describedby = " ".join(filter(None, ids))
    return parts


@register.simple_tag
def field_widget(parts: FieldParts) -> SafeString:
    """The input itself, with the classes of GOV.UK and the ids of hint and error."""
    widget = parts.bound.field.widget
    attrs: dict[str, Any] = {"class": f"{parts.css} {widget.attrs.get('class', '')}".strip()}
    if parts.errors:
        attrs["class"] += f" {parts.css.split()[0]}--error"
    if parts.kind == "boxes":
        attrs = {"data-wrong": " ".join(wrong_boxes(parts.bound))} if parts.errors else {}
    elif parts.describedby:
        attrs["aria-describedby"] = parts.describedby
    if parts.kind == "password":
        attrs |= {"spellcheck": "false", "autocapitalize": "none"}
    return parts.bound.as_widget(attrs=attrs)


@dataclass(slots=True)
class Choice:
    id: str
    name: str
    value: str
    label: str
    hint: str
    is_chosen: bool
    is_disabled: bool
    reveals: str = ""

    @property
    def hint_id(self) -> str:
        return f"{self.id}_hint"


@register.simple_tag
def field_choices(parts: FieldParts, reveals: dict[str, str] | None = None) -> list[tuple[str, list[Choice]]]:
    """The choices of radios or checkboxes, in their groups: ``[(group or "", [choice, …])]``.

    ``reveals`` maps a choice's value to the HTML shown when it is chosen (see ``core.components.layout``).
    """
    widget = parts.bound.field.widget
    value = parts.bound.value()
    attrs = parts.bound.build_widget_attrs({"id": parts.id})
    groups: list[tuple[str, list[Choice]]] = []
    for group, options, _ in widget.optgroups(parts.bound.html_name, widget.format_value(value), attrs):
        choices = []
        for option in options:
            key = str(option["value"])
            choices.append(
                Choice(
                    id=option["attrs"].get("id", ""),
                    name=option["name"],
                    value=key,
                    label=str(option["label"]),
                    hint=parts.hints.get(key, ""),
                    is_chosen=bool(option["selected"]),
                    is_disabled=bool(option["attrs"].get("disabled")),
                    reveals=(reveals or {}).get(key, ""),
                )
            )
        if groups and not group and not groups[-1][0]:
            groups[-1][1].extend(choices)
        else:
            groups.append((str(group or ""), choices))
    return groups
