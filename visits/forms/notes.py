"""Forms about notes and records: release, the school's answers, final, corrections, withdrawal, verification."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms

from core.components.fields import DateBoxesField, ProseField, Radios
from core.components.formats import day
from core.components.forms import PortalFilterForm, PortalForm
from core.components.layout import Layout
from people.models import User
from visits.choices import ActionState, CommentKind
from visits.pack import Guided

MOST = 4000
"""Characters of a comment, an answer, a reason."""


class ReleaseForm(PortalForm):
    """What is still to be decided when a draft is released; often nothing."""

    opens_on = forms.ChoiceField(label="When does the school’s time to answer begin?", widget=Radios())
    to_chair_reason = ProseField(
        label="Send the draft to the chair as well, because",
        required=False,
        rows=3,
        max_length=500,
        help_text="Only where the note is about the leadership of the school’s own head. Leave empty otherwise.",
    )

    def __init__(self, *args: Any, next_term: dt.date | None, may_decide_chair: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if next_term is None:
            del self.fields["opens_on"]
        else:
            self.fields["opens_on"].choices = [  # type: ignore[attr-defined]
                (next_term.isoformat(), f"In the first week of next term, on {day(next_term)}"),
                ("now", "As soon as the draft is delivered"),
            ]
        if not may_decide_chair:
            del self.fields["to_chair_reason"]

    @property
    def window_opens_on(self) -> dt.date | None:
        chosen = self.cleaned_data.get("opens_on")
        return None if chosen in (None, "", "now") else dt.date.fromisoformat(chosen)


class CommentForm(PortalForm):
    """The school's word on one section. The label of the section is said, since a page has one form for each."""

    required_messages: ClassVar[dict[str, str]] = {}

    kind = forms.ChoiceField(
        label="What is it?",
        choices=[(CommentKind.INACCURATE, "Something here is inaccurate"), (CommentKind.COMMENT, "A comment")],
        widget=Radios(hints={CommentKind.INACCURATE: "You will have an answer before the note is final."}),
    )
    text = ProseField(label="Your words", rows=4, max_length=MOST, help_text="Kept and printed as you write them.")

    def __init__(self, *args: Any, section: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].error_messages["required"] = f"{section}: select whether it is inaccurate or a comment"
        self.fields["text"].error_messages["required"] = f"{section}: enter what is inaccurate, or your comment"


class AnswerForm(PortalForm):
    """Two answers, apart from each other: is it accurate, and does the school agree."""

    required_messages: ClassVar[dict[str, str]] = {"accuracy": "Select whether the note is accurate"}

    accuracy = forms.ChoiceField(label="Is the note accurate?", widget=Radios())
    agreement = forms.ChoiceField(label="Do you agree with its judgements?", required=False, widget=Radios())
    words = ProseField(
        label="The school’s view, in its own words",
        required=False,
        rows=6,
        max_length=MOST,
        help_text="Printed in the final note, unedited.",
    )

    def __init__(self, *args: Any, response: Guided, accuracy: dict[str, str], agreement: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["accuracy"].choices = [  # type: ignore[attr-defined]
            ("accurate", accuracy.get("accurate", "Accurate")),
            ("inaccurate", accuracy.get("inaccurate", "Inaccurate here")),
        ]
        self.fields["accuracy"].widget.hints = {"inaccurate": "Say where, at the sections above, before you send this."}
        self.fields["agreement"].choices = [  # type: ignore[attr-defined]
            ("agree", agreement.get("agree", "We agree")),
            ("differ", agreement.get("differ", "We see it differently")),
            ("", agreement.get("none", "We do not say")),
        ]
        self.fields["words"].widget.high = response.most_words


class DifferenceForm(PortalForm):
    """The school's side of a difference of view, or a new one."""

    topic = forms.CharField(label="What do you see differently?", max_length=200, help_text="As a question, in a line.")
    view = ProseField(label="The school’s view", rows=4, max_length=MOST)
    evidence = ProseField(label="The school’s evidence", required=False, rows=3, max_length=MOST)

    required_messages: ClassVar[dict[str, str]] = {
        "topic": "Enter what you see differently, in a line",
        "view": "Enter how the school sees it",
    }

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            del self.fields["topic"]


class ReplyForm(PortalForm):
    text = ProseField(label="Your answer", rows=5, max_length=MOST, help_text="The school reads it, and it is printed in the final note.")

    required_messages: ClassVar[dict[str, str]] = {"text": "Enter your answer"}


class ExtendForm(PortalForm):
    until = DateBoxesField(label="The school has until")
    reason = ProseField(label="Why does the school have more time?", rows=3, max_length=2000)

    required_messages: ClassVar[dict[str, str]] = {
        "until": "Enter the day until which the school has time",
        "reason": "Enter why the school has more time",
    }


class AmendForm(PortalForm):
    reason = ProseField(label="Why is the note amended?", rows=4, max_length=2000, help_text="Printed with the new version.")
    author = forms.ChoiceField(label="Who writes the amendment")

    required_messages: ClassVar[dict[str, str]] = {"reason": "Enter why the note is amended", "author": "Select who writes the amendment"}

    def __init__(self, *args: Any, advisers: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.advisers = {person.public_id: person for person in advisers}
        if advisers:
            self.fields["author"].choices = [("", "Choose"), *((key, person.name) for key, person in self.advisers.items())]  # type: ignore[attr-defined]
        else:
            del self.fields["author"]

    def layout(self) -> Layout:
        return Layout(*(["author"] if "author" in self.fields else []), "reason")


class CorrectionForm(PortalForm):
    place = forms.CharField(
        label="Where in the note?", max_length=200, help_text="Section, paragraph or table: “3 Standards, second paragraph”."
    )
    why = ProseField(label="What is wrong, and how do you know?", rows=5, max_length=MOST)

    required_messages: ClassVar[dict[str, str]] = {"place": "Enter where in the note it is", "why": "Enter what is wrong, and how you know"}


MOST_BYTES = 32 * 1024 * 1024


class VerifyForm(PortalForm):
    """A PDF to be compared with the records, or the digest that its footer prints."""

    file = forms.FileField(label="The PDF", required=False, help_text="It is compared and not kept. Up to 32 MB.")
    digest = forms.CharField(
        label="Or the record’s digest, as printed in the footer",
        required=False,
        max_length=100,
        help_text="Twelve characters or more: 81e5 08fe 8063",
    )

    def clean_digest(self) -> str:
        text = re.sub(r"\s", "", self.cleaned_data["digest"]).lower()
        if text and not re.fullmatch(r"[0-9a-f]{12,64}", text):
            raise forms.ValidationError("Enter at least 12 characters of the digest: figures, and letters from a to f")
        return text

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload is not None and upload.size > MOST_BYTES:
            raise forms.ValidationError("Choose a file of at most 32 MB")
        return upload

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("file") and not values.get("digest") and not self.errors:
            self.refuse("file", "Choose the PDF, or enter the digest from its footer")
        return values


# ---------------------------------------------------------------- actions


class ActionFilterForm(PortalFilterForm):
    school = forms.CharField(label="School", required=False, max_length=100, help_text="Part of its name, its URN or its DfE number")
    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[
            ("", "Open"),
            ("overdue", "Overdue"),
            ("silent", "Overdue, and nothing reported"),
            ("carried", "Carried from visit to visit"),
            *((s.value, s.label) for s in (ActionState.MET, ActionState.NOT_MET, ActionState.DROPPED)),
            ("all", "All"),
        ],
    )
    owner = forms.CharField(label="Owner", required=False, max_length=60, help_text="Headteacher, for example")
    sip = forms.ChoiceField(label="Schools of", required=False)

    def __init__(self, *args: Any, sips: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = list(sips)
        if named:
            self.fields["sip"].choices = [("", "Anybody"), *named]  # type: ignore[attr-defined]
        else:
            del self.fields["sip"]


class ProgressForm(PortalForm):
    text = ProseField(label="What has been done?", rows=4, max_length=MOST)
    evidence = ProseField(
        label="Evidence", required=False, rows=2, max_length=MOST, help_text="What shows it: minutes, books, figures. No pupil’s name."
    )

    required_messages: ClassVar[dict[str, str]] = {"text": "Enter what has been done"}
