"""Crispy layout objects of the portal.

Use these rather than crispy's own ``Fieldset``, which compiles its legend as a template and so must never be given text
that a person wrote.
"""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Div, Layout, LayoutObject
from crispy_forms.utils import TEMPLATE_PACK, render_field
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

__all__ = ["Group", "Layout", "Reveal", "Side"]


class Group(LayoutObject):
    """Fields under a legend, with a line of explanation if wanted."""

    def __init__(self, legend: str, *fields: Any, hint: str = "") -> None:
        self.legend, self.hint, self.fields = legend, hint, list(fields)

    def render(self, form: Any, context: Any, template_pack: Any = TEMPLATE_PACK, **kwargs: Any) -> SafeString:
        fields = self.get_rendered_fields(form, context, template_pack, **kwargs)
        return render_to_string("govuk/layout/group.html", {"legend": self.legend, "hint": self.hint, "fields": fields})


class Side(Div):
    """Fields side by side where there is room: ``Side("starts_at", "ends_at")``."""

    template = "%s/layout/row.html"


class Reveal(LayoutObject):
    """Radios that show further fields when a choice is made; without JavaScript all of them show.

    ``Reveal("reason", other=["words"])`` shows the field ``words`` under the choice whose value is ``other``; a value
    that is no Python name goes into ``choices={"2": ["words"]}``. That a shown field must be filled in is for the form's
    ``clean`` to say.
    """

    def __init__(self, field: str, *, choices: dict[str, list[str]] | None = None, **more: list[str]) -> None:
        self.field = field
        self.reveals = {**(choices or {}), **more}
        self.fields = [field, *(name for names in self.reveals.values() for name in names)]

    def render(self, form: Any, context: Any, template_pack: Any = TEMPLATE_PACK, **kwargs: Any) -> SafeString:
        reveals = {
            value: SafeString("".join(render_field(name, form, context, template_pack=template_pack) for name in names))
            for value, names in self.reveals.items()
        }
        html: SafeString = render_field(self.field, form, context, template_pack=template_pack, extra_context={"reveals": reveals})
        return html
