"""Forms of bulletins."""

from __future__ import annotations

from typing import Any

from django import forms

from briefings.choices import ItemKind
from briefings.pack import BriefingsPart
from briefings.services import BulletinItemFacts
from core.components.fields import DateBoxesField, ProseField, Radios
from core.components.forms import PortalForm
from core.components.layout import Layout, Reveal


class BulletinForm(PortalForm):
    """The head of a bulletin."""

    title = forms.CharField(label="Title", max_length=160)
    audience = forms.ChoiceField(label="For whom")
    opening = ProseField(label="Opening words", required=False, rows=4, help_text="Markdown: **bold**, lists, links.")

    def __init__(self, *args: Any, part: BriefingsPart, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["audience"].choices = [("all", "Everybody"), *((row.code, row.label) for row in part.audiences)]  # type: ignore[attr-defined]


class BulletinItemForm(PortalForm):
    """One item: for action, with its day, or for information."""

    kind = forms.ChoiceField(label="What it wants of the reader", choices=ItemKind.choices, widget=Radios)
    complete_by = DateBoxesField(label="To be done by", required=False)
    title = forms.CharField(label="Title", max_length=200)
    text = ProseField(label="Text", required=False, rows=6, help_text="Markdown: **bold**, lists, links.")
    contact = forms.CharField(label="Whom to ask", max_length=160, required=False)
    link = forms.URLField(label="Link", required=False, assume_scheme="https")

    def layout(self) -> Any:
        return Layout(Reveal("kind", action=["complete_by"]), "title", "text", "contact", "link")

    def facts(self) -> BulletinItemFacts:
        return BulletinItemFacts(**self.cleaned_data)
