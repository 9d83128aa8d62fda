"""Forms of the builder: which briefing, a slide's words, a page of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from briefings.models import DeckSlide
from core.components.forms import PortalForm
from schools.slides import Slide

LINE = "line-"


class DeckBeginForm(PortalForm):
    phase = forms.ChoiceField(
        label="For the SIPs of", choices=[("primary", "Primary schools"), ("secondary", "Secondary schools and PRUs")]
    )
    term = forms.ChoiceField(label="Term", help_text="The last briefing of the term lends its agenda, unless you choose one.")
    briefing = forms.ChoiceField(label="Briefing", required=False)

    def __init__(self, *args: Any, terms: Sequence[tuple[str, str]], briefings: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["term"].choices = terms  # type: ignore[attr-defined]
        self.fields["briefing"].choices = [("", "The last of the term"), *briefings]  # type: ignore[attr-defined]


class SlideEditForm(PortalForm):
    """A field for each sentence; one that is emptied leaves the slide."""

    mark_optional = False
    title = forms.CharField(label="Title", max_length=160)

    def __init__(self, *args: Any, slide: DeckSlide, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.made = Slide.of_json(slide.made)
        changes = slide.edits.get("lines", {})
        self.fields["title"].initial = slide.edits.get("title") or self.made.title
        for place, line in enumerate(self.made.lines):
            change = changes.get(line.key, {})
            text = "" if change.get("out") else change.get("text", line.text)
            hint = f"The portal’s own words: {line.text}" if text != line.text else line.source.said
            self.fields[f"{LINE}{place}"] = forms.CharField(
                label=f"Sentence {place + 1}", required=False, initial=text, help_text=hint, widget=forms.Textarea({"rows": 2})
            )
        if self.made.table is not None:
            rows = self.made.table.rows
            self.fields["rows"] = forms.MultipleChoiceField(
                label="Rows to show",
                required=False,
                choices=[(row.key, ": ".join(cell for cell in row.cells[:2] if cell)) for row in rows],
                initial=[row.key for row in rows if not changes.get(row.key, {}).get("out")],
                widget=forms.CheckboxSelectMultiple,
            )
        self.fields["own"] = forms.CharField(
            label="Your own sentences",
            required=False,
            initial="\n".join(slide.edits.get("own", ())),
            help_text="One a line. The slide says that you typed them.",
            widget=forms.Textarea({"rows": 4}),
        )
        self.fields["notes"] = forms.CharField(
            label="Speaker’s notes", required=False, initial=slide.edits.get("notes", self.made.notes), widget=forms.Textarea({"rows": 4})
        )

    def words(self) -> dict[str, Any]:
        """As the service takes them."""
        data = self.cleaned_data
        return {
            "title": data["title"],
            "lines": {line.key: " ".join(data[f"{LINE}{place}"].split()) for place, line in enumerate(self.made.lines)},
            "rows": data.get("rows"),
            "own": data["own"].splitlines(),
            "notes": data["notes"],
        }


class PageAddForm(PortalForm):
    title = forms.CharField(label="Title", max_length=160)
    text = forms.CharField(label="Text", required=False, help_text="One sentence a line.", widget=forms.Textarea({"rows": 6}))


class DeckIssueForm(PortalForm):
    """Nothing to fill in: the page shows who will read what."""
