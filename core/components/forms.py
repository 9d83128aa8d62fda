"""The base of every form: GOV.UK markup through crispy, and messages that say what to enter.

A form is written as any Django form; the page says ``{% crispy form %}`` inside its own ``<form>``. A required field
without a message of its own says "Enter the visit date" or "Select a cluster", made from its label; give another with
``required_messages = {"on": "Enter the date on which the school was told"}``.
"""

from __future__ import annotations

from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, MaxLengthValidator, MaxValueValidator, MinValueValidator

from core.components.fields import DateBoxes
from core.components.formats import lower_first

# A label that begins so stands in a sentence as it is; any other takes "the".
# fmt: off
_COMPLETE = frozenset((
    "a", "an", "the", "your", "their", "our", "any", "each", "which", "what", "how", "when", "where", "who", "why", "whether",
    "is", "are", "does", "do", "did", "was", "were", "has", "have", "on", "by", "one",
))
# fmt: on


def _with_article(words: str) -> str:
    return words if words.split(" ", 1)[0].lower() in _COMPLETE else f"the {words}"


def required_message(field: forms.Field, label: str) -> str:
    """What to say where the field was left empty."""
    words = lower_first(label.strip().rstrip("?:"))
    if isinstance(field, forms.BooleanField):
        return f"Tick the box to say: {words}"
    choosing = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
    if label.strip().endswith("?"):
        return f"{'Select' if choosing else 'Enter'} an answer to “{label.strip()}”"
    if isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField):
        return f"Select at least one of: {words}"
    words = _with_article(words)
    if isinstance(field, forms.FileField):
        return f"Choose {words}"
    return f"{'Select' if choosing else 'Enter'} {words}"


def first_input_id(bound: forms.BoundField) -> str:
    """The id that a link to the field must name: of radios and checkboxes the first, of a date the box that is wrong."""
    widget = bound.field.widget
    base = widget.attrs.get("id") or bound.auto_id or bound.html_name
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return f"{base}_0"
    if isinstance(widget, DateBoxes):
        return f"{base}_{(wrong_boxes(bound) or ('day',))[0]}"
    if isinstance(widget, forms.MultiWidget):
        return f"{base}_0"
    return str(base)


def wrong_boxes(bound: forms.BoundField) -> tuple[str, ...]:
    """The boxes of a date that its error is about; empty when it is about the date as a whole, or there is none."""
    errors = bound.form.errors.get(bound.name)
    for error in errors.as_data() if errors else ():
        if error.params and error.params.get("boxes"):
            return tuple(error.params["boxes"])
    return ()


def _speak(field: forms.Field, label: str) -> None:
    """Django's other messages, with the field's name in them; what the field's author wrote stays."""

    def say(code: str, message: str) -> None:
        found = (vars(cls).get("default_error_messages", {}) for cls in type(field).__mro__)
        own = next((messages[code] for messages in found if code in messages), None)
        if own is not None and field.error_messages.get(code) == own:
            field.error_messages[code] = message

    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        say("invalid_choice", f"Select {_with_article(lower_first(label.strip().rstrip('?:')))} from the list")
    elif isinstance(field, forms.IntegerField):
        say(
            "invalid",
            f"{label} must be a number" if isinstance(field, forms.DecimalField | forms.FloatField) else f"{label} must be a whole number",
        )
    elif isinstance(field, forms.FileField):
        say("empty", "The file is empty. Choose another")
        say("invalid", "The file did not arrive. Choose it again")
    if isinstance(field.widget, forms.Textarea):
        field.widget.attrs.pop("maxlength", None)  # too long is said after typing; a browser would cut off what is pasted, silently
    # Validators are shared by every form of a class, some by every form there is: they are replaced, never changed.
    field.validators = [_worded(validator, label) for validator in field.validators]


def _worded(validator: Any, label: str) -> Any:
    if type(validator) is EmailValidator:
        return EmailValidator("Enter an email address in the correct format, like name@example.com")
    if type(validator) is MaxLengthValidator:
        return MaxLengthValidator(validator.limit_value, f"{label} must be %(limit_value)d characters or fewer; you entered %(show_value)d")
    if type(validator) is MinValueValidator:
        return MinValueValidator(validator.limit_value, f"{label} must be %(limit_value)s or more")
    if type(validator) is MaxValueValidator:
        return MaxValueValidator(validator.limit_value, f"{label} must be %(limit_value)s or less")
    return validator


class PortalMixin:
    """What the bases below share; also for forms of other packages, put before the class that they bring."""

    required_messages: ClassVar[dict[str, str]] = {}
    mark_optional: ClassVar[bool] = True
    use_required_attribute = False
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            label = str(field.label or name.replace("_", " ").capitalize())
            field.label = label
            if name in self.required_messages:
                field.error_messages["required"] = self.required_messages[name]
            elif field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = required_message(field, label)
            _speak(field, label)

    @property
    def helper(self) -> FormHelper:
        """Crispy's helper: fields only, in the order of :meth:`layout` or, without one, of the form."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.include_media = False
        helper.form_show_errors = True
        helper.mark_optional = self.mark_optional
        helper.layout = self.layout()
        return helper

    def layout(self) -> Any:
        """A crispy ``Layout``, where the order of the form is not enough."""
        return None

    def refuse(self, field: str | None, message: str) -> None:
        """Put a sentence of a service's refusal at a field (``None``: above all), for the page to show again."""
        self.add_error(field, ValidationError(message))  # type: ignore[attr-defined]


class PortalForm(PortalMixin, forms.Form):
    """A form that is not tied to one model."""


class PortalModelForm(PortalMixin, forms.ModelForm):  # type: ignore[type-arg]
    """A form for a model. ``save`` is not for views: they hand ``cleaned_data`` to a service (rule 5)."""


class PortalFilterForm(PortalForm):
    """The form of a filter (``FilterSet.Meta.form``): every field may be left, so none is marked as optional."""

    mark_optional = False
