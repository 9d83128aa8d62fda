"""Forms of the library."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from core.components.fields import Checkboxes, ProseField, Radios
from core.components.forms import PortalFilterForm, PortalForm
from people.roles import HAT_NAMES

from ..services.library import READERS
from ..uploads import KINDS

Choices = Iterable[tuple[str, str]]
MARKDOWN = "Markdown: # before a heading, - before a point, **bold**, [words](https://address). Nothing else is kept."


class _Details(PortalForm):
    """What a resource is: shared by adding and changing."""

    title = forms.CharField(label="Title", max_length=160)
    kind = forms.ChoiceField(label="What is it?")
    summary = forms.CharField(
        label="Summary",
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One or two sentences, shown in the list.",
    )
    audience = forms.MultipleChoiceField(
        label="Who may read it?",
        choices=[(hat.value, f"{HAT_NAMES[hat]}") for hat in READERS],
        widget=Checkboxes(),
        required=False,
        help_text="All versions of it. Whoever publishes reads everything. Nobody else finds it, by search or otherwise.",
    )

    def __init__(self, *args: Any, kinds: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "Choose"), *kinds]  # type: ignore[attr-defined]

    @property
    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("title", "kind", "summary", "audience")}


class _Words(PortalForm):
    """What a version holds: words, a file, or both."""

    text = ProseField(label="Words", required=False, rows=16, help_text=MARKDOWN)
    file = forms.FileField(label="File", required=False, help_text=KINDS + ".")
    changes = forms.CharField(
        label="What is new", max_length=400, required=False, help_text="A sentence for those who know the version before."
    )


class ResourceAddForm(_Details, _Words):
    field_order = ("title", "kind", "summary", "text", "file", "audience")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["changes"]


class ResourceChangeForm(_Details):
    field_order = ("title", "kind", "summary", "audience")


class ResourceWriteForm(_Words):
    keeps_file = forms.BooleanField(label="Keep the file of before", required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    field_order = ("text", "keeps_file", "file", "changes", "revision")

    def __init__(self, *args: Any, file_name: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if file_name:
            self.fields["keeps_file"].label = f"Keep the file {file_name}"
            self.fields["file"].label = "Another file"
        else:
            del self.fields["keeps_file"]


class ResourceRetireForm(PortalForm):
    why = forms.CharField(
        label="Why it is retired", max_length=300, help_text="Its readers see this, such as “Replaced by the handbook of 2009”."
    )


class SampleOfferForm(PortalForm):
    title = forms.CharField(
        label="Title", max_length=160, help_text="What it shows, such as “A note that follows up earlier actions”. No school."
    )
    summary = forms.CharField(
        label="Summary", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="What to look for in it."
    )


# ---------------------------------------------------------------- questions, practice, suggestions


class QuestionFilterForm(PortalFilterForm):
    theme = forms.ChoiceField(label="About", required=False)
    group = forms.ChoiceField(label="For schools of", required=False)
    marked = forms.BooleanField(label="Only those that worked for somebody", required=False)

    def __init__(self, *args: Any, themes: Choices, groups: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["theme"].choices = [("", "Anything"), *themes]  # type: ignore[attr-defined]
        self.fields["group"].choices = [("", "Any phase"), *groups]  # type: ignore[attr-defined]


class QuestionOfferForm(PortalForm):
    text = forms.CharField(
        label="The question", max_length=400, widget=forms.Textarea(attrs={"rows": 3}), help_text="As you ask it. No school, no name."
    )
    follow_up = forms.CharField(
        label="The second question", max_length=400, required=False, help_text="For when the first is answered too easily."
    )
    theme = forms.ChoiceField(label="What is it about?")
    phase_groups = forms.MultipleChoiceField(
        label="For which schools?", widget=Checkboxes(), required=False, help_text="None ticked: for every school."
    )
    why = ProseField(label="When it works", required=False, rows=3)

    def __init__(self, *args: Any, themes: Choices, groups: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["theme"].choices = [("", "Choose"), *themes]  # type: ignore[attr-defined]
        self.fields["phase_groups"].choices = list(groups)  # type: ignore[attr-defined]


class QuestionDecideForm(PortalForm):
    accept = forms.TypedChoiceField(
        label="Does it go into the bank?",
        choices=[("yes", "Yes"), ("no", "No")],
        coerce=lambda value: value == "yes",
        widget=Radios(inline=True),
    )
    answer = forms.CharField(
        label="Answer", required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="To whoever offered it. Needed for a no."
    )


class PracticeForm(PortalForm):
    place = forms.CharField(label="Authority", max_length=120, help_text="Where it is done.")
    title = forms.CharField(label="What it is, in a line", max_length=160)
    what = ProseField(label="What they do", rows=6, help_text=MARKDOWN)
    source = forms.CharField(
        label="Source", max_length=300, help_text="Where you have it from: a visit, a report with its date, an address."
    )
    contact = forms.CharField(label="Whom to ask", max_length=200, required=False)


class SuggestionForm(PortalForm):
    text = ProseField(label="What would you like to see here?", rows=4)


class SuggestionAnswerForm(PortalForm):
    answer = ProseField(label="Your answer", rows=4)
