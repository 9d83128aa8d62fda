"""Forms of shadowing: the filters of the list, another visit or observer, the observer's form, the SIP's answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms

from core.components.fields import DateBoxesField, PickerField, ProseField
from core.components.formats import day
from core.components.forms import PortalFilterForm, PortalForm
from core.components.layout import Group, Layout
from people.models import User
from people.selectors import describe_person, find_people
from visits.models import Visit

from ..choices import FindingKind, ShadowingState
from ..criteria import ObservationPart
from ..models import Shadowing
from ..services import Finding

LONGEST = 1500
"""Characters of one piece of evidence."""


class ShadowingFilterForm(PortalFilterForm):
    state = forms.ChoiceField(
        label="Shown", required=False, choices=[("", "All but cancelled"), *ShadowingState.choices, ("all", "All, with those cancelled")]
    )
    mine = forms.ChoiceField(
        label="Whose",
        required=False,
        choices=[("", "All that you may see"), ("observed", "Observed by you"), ("own", "Of your own visits")],
    )


class MoveForm(PortalForm):
    """Another visit of the SIP, or another observer; the reason is kept."""

    required_messages: ClassVar[dict[str, str]] = {"reason": "Say why it is moved"}

    visit = forms.ChoiceField(label="Which visit?", required=False)
    observer = PickerField(label="Who observes?", thing="person", required=False)
    reason = ProseField(label="Why?", rows=2, max_length=500)

    def __init__(self, *args: Any, visits: Iterable[Visit], row: Shadowing, user: User, url: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.visits = {visit.public_id: visit for visit in visits}
        choices = [("", "None yet: choose later")]
        for visit in self.visits.values():
            choices.append((visit.public_id, f"{day(visit.on)}, {', '.join(school.name for school in visit.covered)}"))
        field = self.fields["visit"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        if row.visit is not None and row.visit.public_id in self.visits:
            field.initial = row.visit.public_id
        picker = self.fields["observer"]
        assert isinstance(picker, PickerField)
        picker.widget.url = url
        picker.serve(find=lambda id_, words: find_people(user, id_, words), describe=describe_person)
        picker.initial = row.observer

    def chosen(self) -> Visit | None:
        return self.visits.get(self.cleaned_data["visit"])


class WriteForm(PortalForm):
    """The observer's form: what was seen of each code, left empty where it was not; the codes are the pack's (P29, P30)."""

    required_messages: ClassVar[dict[str, str]] = {"next_step": "Enter the next step that you agreed with the SIP"}

    next_step = ProseField(label="What next step did you agree?", rows=3, max_length=LONGEST)
    next_step_on = DateBoxesField(label="By when?", required=False)

    def __init__(self, *args: Any, part: ObservationPart, row: Shadowing, **kwargs: Any) -> None:
        held = {f"{finding.kind}_{finding.code}": finding.evidence for finding in row.findings.all()}
        initial = {**held, "next_step": row.next_step, "next_step_on": row.next_step_on}
        super().__init__(*args, initial=initial, **kwargs)
        self.groups: list[tuple[str, list[str]]] = []
        made: dict[str, forms.Field] = {}
        for kind, title, options in (
            (FindingKind.STRENGTH, "Strengths", part.strengths),
            (FindingKind.DEVELOPMENT, "Areas for development", part.developments),
        ):
            names = []
            for option in options:
                name = f"{kind}_{option.code}"
                made[name] = ProseField(
                    label=option.label, help_text=f"Look for: {option.look_for}.", required=False, rows=2, max_length=LONGEST
                )
                names.append(name)
            self.groups.append((title, names))
        self.fields = {**made, **self.fields}

    def layout(self) -> Layout:
        groups = [Group(title, *names) for title, names in self.groups]
        return Layout(*groups, Group("Next step", "next_step", "next_step_on"))

    def findings(self) -> list[Finding]:
        found = []
        for kind in FindingKind.values:
            for name, text in self.cleaned_data.items():
                if name.startswith(f"{kind}_") and text.strip():
                    found.append(Finding(kind, name.removeprefix(f"{kind}_"), text))
        return found


class RespondForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {"response": "Write your answer"}

    response = ProseField(
        label="Your answer", rows=5, max_length=3000, help_text="Read by whoever reads the form. It stands as you send it."
    )
