"""Forms of requests for information: recorded as they came; a place searched; the passages and names of one copy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict

from core.components.fields import Checkboxes, DateBoxesField, ProseField, Radios
from core.components.forms import PortalFilterForm, PortalForm
from people.models import User
from schools.models import School
from visits.choices import RequestState
from visits.held import Found
from visits.models import RequestItem
from visits.redaction import Passage
from visits.request_pack import Exemption, RequestsPart
from visits.selectors import school_meant
from visits.services.requests import RequestWords

from .visits import lines


class RequestForm(PortalForm):
    """A request as it came. The reader's words stay theirs; what is looked for is entered beside them."""

    required_messages: ClassVar[dict[str, str]] = {"kind": "Select what is asked for", "asks": "Copy what is asked"}

    kind = forms.ChoiceField(label="What is asked for?", widget=Radios())
    received_on = DateBoxesField(label="Day on which it came")
    asked_by = forms.CharField(label="Who asks", max_length=200)
    asks = ProseField(label="What is asked, in the asker’s words", rows=5, max_length=5000)
    schools = ProseField(
        label="Schools", required=False, rows=3, help_text="One a line: name, URN or DfE number. None means every school of the authority."
    )
    person = forms.CharField(label="Person whom it is about", required=False, max_length=200)
    words = ProseField(
        label="Words to look for",
        required=False,
        rows=3,
        help_text="One word or phrase a line. A text that holds none of them is not covered.",
    )
    since = DateBoxesField(label="From", required=False)
    until = DateBoxesField(label="To", required=False)

    def __init__(self, *args: Any, part: RequestsPart, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["kind"].choices = [(kind.code, kind.label) for kind in part.kinds]  # type: ignore[attr-defined]

    def clean_schools(self) -> list[School]:
        found = []
        for line in lines(self.cleaned_data["schools"]):
            meant = list(School.objects.visible_to(self.user).filter(school_meant(line)).select_related("authority")[:2])
            if len(meant) != 1:
                raise forms.ValidationError(
                    f"{'No school' if not meant else 'More than one school'} of yours matches “{line}”. Enter its URN"
                )
            found.append(meant[0])
        return found

    def request_words(self) -> RequestWords:
        values = self.cleaned_data
        return RequestWords(
            kind=values["kind"],
            received_on=values["received_on"],
            asked_by=values["asked_by"],
            asks=values["asks"],
            schools=values["schools"],
            person=values["person"],
            words=lines(values["words"]),
            since=values["since"],
            until=values["until"],
        )


class RequestFilterForm(PortalFilterForm):
    state = forms.ChoiceField(label="Shown", required=False, choices=[("", "Open"), *RequestState.choices, ("all", "All")])


class StepWordsForm(PortalForm):
    """A step that may need words."""

    words = ProseField(label="Why?", rows=4, max_length=2000)

    def __init__(self, *args: Any, label: str, hint: str = "", required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].label, self.fields["words"].help_text, self.fields["words"].required = label, hint, required


class ReviewerForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {"reviewer": "Select who reads it a second time"}
    reviewer = forms.ChoiceField(label="Who reads it a second time?", widget=Radios())

    def __init__(self, *args: Any, readers: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reviewer"].choices = [(user.public_id, user.name) for user in readers]  # type: ignore[attr-defined]


class PlaceForm(PortalForm):
    """One place: which of what is covered is taken, and what was found in words."""

    required_messages: ClassVar[dict[str, str]] = {"found": "Say what was found, or that nothing was"}
    take = forms.MultipleChoiceField(label="Take into the request", required=False, widget=Checkboxes())
    found = ProseField(
        label="What was found", rows=3, max_length=2000, help_text="What the answer says of this place. Where nothing was found, say so."
    )

    def __init__(self, *args: Any, rows: Iterable[Found], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (f"{row.kind}:{row.subject_id}", f"{row.label} ({row.unsearched}: not searched)" if row.unsearched else row.label)
            for row in rows
        ]
        self.fields["take"].choices = choices  # type: ignore[attr-defined]
        if not choices:
            del self.fields["take"]

    def taken(self) -> list[tuple[str, str]]:
        pairs = [value.split(":", 1) for value in self.cleaned_data.get("take", [])]
        return [(kind, subject) for kind, subject in pairs]


class DecisionForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {"decision": "Select what is done with it"}
    decision = forms.ChoiceField(label="What is done with it?", widget=Radios())
    exemption = forms.ChoiceField(label="Where it is withheld whole: under which exemption?", required=False)
    reason = ProseField(label="Why, for the file", required=False, rows=2, max_length=1000)

    def __init__(self, *args: Any, part: RequestsPart, exemptions: Sequence[Exemption], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decision"].choices = [(one.code, one.label) for one in part.decisions]  # type: ignore[attr-defined]
        self.fields["exemption"].choices = [("", "None"), *exemption_choices(exemptions)]  # type: ignore[attr-defined]


def exemption_choices(exemptions: Sequence[Exemption]) -> list[tuple[str, str]]:
    return [(one.code, f"{one.short}: {one.label[0].lower()}{one.label[1:]}") for one in exemptions]


NAME_ROWS = 4
"""So many empty rows for names and words stand below those that are entered."""


class Marks:
    """What the page of one copy shows and what it was sent: a select beside every passage, a row for every name.

    Written by hand, not as a form of a hundred fields: its names are ``p:PATH``, ``n:0`` and ``x:0``.
    """

    def __init__(
        self, item: RequestItem, passages: Sequence[Passage], exemptions: Sequence[Exemption], data: QueryDict | None = None
    ) -> None:
        self.choices = exemption_choices(exemptions)
        marked: Mapping[str, str] = {mark["path"]: mark["exemption"] for mark in item.passages}
        names = [(name["text"], name["exemption"]) for name in item.names]
        if data is not None:
            marked = {passage.path: data.get(f"p:{passage.path}", "") for passage in passages}
            numbers = sorted({int(key[2:]) for key in data if key.startswith("n:") and key[2:].isdigit()})
            names = [(data.get(f"n:{n}", "").strip(), data.get(f"x:{n}", "")) for n in numbers]
        self.passages = {path: code for path, code in marked.items() if code}
        self.names = [(text, code) for text, code in names if text]
        self.groups: list[tuple[str, list[tuple[Passage, str]]]] = []
        for passage in passages:
            if not self.groups or self.groups[-1][0] != passage.heading:
                self.groups.append((passage.heading, []))
            self.groups[-1][1].append((passage, self.passages.get(passage.path, "")))

    @property
    def name_rows(self) -> list[tuple[int, str, str]]:
        rows = [*self.names, *([("", "")] * NAME_ROWS)]
        return [(number, text, code) for number, (text, code) in enumerate(rows)]
