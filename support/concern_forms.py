"""Forms of the register of concern: opening a case, keeping it, its formal steps and its exit; answers to early warnings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.text import capfirst

from core.components.fields import DateBoxesField, ProseField, Radios
from core.components.forms import PortalFilterForm, PortalForm
from core.components.layout import Group, Layout
from people.packs import AuthorityPack

from .choices import MilestoneState, SignSource
from .models import ConcernCriterion
from .pack import support_of

CRITERIA = 5


class BoardFilterForm(PortalFilterForm):
    cluster = forms.ChoiceField(label="Cluster", required=False)
    concern_class = forms.ChoiceField(label="Class", required=False)

    def __init__(self, *args: Any, clusters: Sequence[tuple[str, str]], pack: AuthorityPack, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        classes = [(row.code, row.label) for row in support_of(pack.content).concern_classes]
        self.fields["cluster"].choices = [("", "All clusters"), *clusters]  # type: ignore[attr-defined]
        self.fields["concern_class"].choices = [("", "All classes"), *classes]  # type: ignore[attr-defined]


class SchoolChoiceForm(PortalForm):
    school = forms.ChoiceField(label="School", help_text="Open schools in your scope.")

    def __init__(self, *args: Any, schools: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school"].choices = schools  # type: ignore[attr-defined]


def _classes(pack: AuthorityPack) -> list[tuple[str, str]]:
    return [(row.code, row.label) for row in support_of(pack.content).concern_classes]


class CaseForm(PortalForm):
    """The case as it is revised."""

    concern_class = forms.ChoiceField(label="Class", widget=Radios)
    issue = ProseField(label="The issue", rows=4, help_text="What causes concern, in figures and in what people see.")
    position = ProseField(label="Where the school stands", rows=4, required=False)
    aim = ProseField(label="The aim", rows=3)
    next_steps = ProseField(label="Next steps", rows=3, required=False)
    contact = forms.ChoiceField(label="The authority’s contact", help_text="An officer; the case’s own contact reads its intelligence.")

    def __init__(self, *args: Any, pack: AuthorityPack, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["concern_class"].choices = _classes(pack)  # type: ignore[attr-defined]
        self.fields["contact"].choices = people  # type: ignore[attr-defined]


class OpeningForm(CaseForm):
    """What a case is opened with (support.toml, "opened_needs")."""

    required_messages: ClassVar[dict[str, str]] = {
        "on": "Enter the day on which it was decided",
        "decided_by": "Enter who decided",
        "told_head_on": "Enter the day on which the headteacher was told",
        "source": "Select how the school was identified",
        "contact": "Select the authority’s contact",
        "concern_class": "Select the class",
    }

    on = DateBoxesField(label="Decided on")
    decided_by = forms.CharField(label="Decided by", max_length=300, help_text="The panel, or the persons who decided.")
    told_head_on = DateBoxesField(label="The headteacher was told on")
    source = forms.ChoiceField(
        label="Identified by", widget=Radios, choices=[(code, capfirst(str(label))) for code, label in SignSource.choices]
    )
    sign = ProseField(label="What identified the school", rows=3, help_text="You can add other entries to the case later.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pairs = []
        for number in range(1, CRITERIA + 1):
            self.fields[f"criterion_{number}"] = forms.CharField(
                label=f"Criterion {number}",
                max_length=400,
                required=number == 1,
                error_messages={"required": "Enter at least one exit criterion, as agreed with the school"},
            )
            self.fields[f"shown_{number}"] = forms.CharField(label="What will show it", max_length=400, required=False)
            pairs += [f"criterion_{number}", f"shown_{number}"]
        self.helper.layout = Layout(
            "concern_class",
            Group(
                "Decision",
                "on",
                "decided_by",
                "told_head_on",
                "contact",
                hint="A case is open once a person has decided and the headteacher has been told.",
            ),
            Group("How the school was identified", "source", "sign"),
            Group("The case", "issue", "position", "aim", "next_steps"),
            Group(
                "Exit criteria, agreed with the school",
                *pairs,
                hint="Each with what will show it. They change only by agreement, with a date.",
            ),
        )

    @property
    def criteria(self) -> list[tuple[str, str]]:
        data = self.cleaned_data
        found = [(data.get(f"criterion_{n}", ""), data.get(f"shown_{n}", "")) for n in range(1, CRITERIA + 1)]
        return [(text, shown) for text, shown in found if text.strip()]


class MilestoneForm(PortalForm):
    state = forms.ChoiceField(label="How far has it come?", widget=Radios, choices=MilestoneState.choices)
    evidence = ProseField(label="Evidence", rows=4, required=False, help_text="Needed once it is in place.")


class CriterionForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {
        "on": "Enter the day on which it was agreed with the school",
    }

    text = forms.CharField(label="Criterion", max_length=400)
    shown_by = forms.CharField(label="What will show it", max_length=400, required=False)
    on = DateBoxesField(label="Agreed with the school on")


class SettleForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {
        "outcome": "Select whether it is met or set aside",
        "evidence": "Enter the evidence, or why it is set aside",
    }

    criterion = forms.ChoiceField(label="Criterion", widget=Radios)
    outcome = forms.ChoiceField(label="What of it", widget=Radios, choices=[("met", "Met"), ("aside", "Set aside")])
    evidence = ProseField(label="Evidence, or why it is set aside", rows=4)

    def __init__(self, *args: Any, criteria: Sequence[ConcernCriterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["criterion"].choices = [(str(row.pk), row.text) for row in criteria]  # type: ignore[attr-defined]


class SignForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {
        "source": "Select how the school was identified",
        "on": "Enter the day",
        "text": "Enter what was found or heard",
    }

    source = forms.ChoiceField(label="Identified by", widget=Radios)
    on = DateBoxesField(label="On")
    text = ProseField(label="What was found or heard", rows=5)

    def __init__(self, *args: Any, may_keep_intelligence: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = [row for row in SignSource if may_keep_intelligence or row != SignSource.INTELLIGENCE]
        self.fields["source"].choices = [(row.value, capfirst(str(row.label))) for row in kept]  # type: ignore[attr-defined]


class ReviewForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {
        "on": "Enter the day of the review",
        "text": "Enter the progress, and what follows",
        "next_on": "Enter the day by which it is reviewed again",
    }

    on = DateBoxesField(label="Reviewed on")
    text = ProseField(label="Progress, and what follows", rows=6)
    next_on = DateBoxesField(label="Next review by")


class LogForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {
        "on": "Enter the day",
        "who": "Enter whom it was with",
        "text": "Enter what was said or agreed",
    }

    on = DateBoxesField(label="On")
    who = forms.CharField(label="With whom", max_length=200)
    text = ProseField(label="What was said or agreed", rows=5)


class NoticeForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {
        "on": "Enter the day on which it was given",
    }

    on = DateBoxesField(label="Given on")
    grounds = ProseField(label="Grounds, in the authority’s words", rows=5)
    action = ProseField(label="What the governing body must do", rows=4, required=False)


class PowerForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {
        "on": "Enter the day from which it is in force",
    }

    power = forms.ChoiceField(label="Power", widget=Radios)
    on = DateBoxesField(label="In force from")
    text = ProseField(label="What was done, in the authority’s words", rows=5)

    def __init__(self, *args: Any, pack: AuthorityPack, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["power"].choices = [(row.code, f"{row.label} ({row.law})") for row in support_of(pack.content).powers]  # type: ignore[attr-defined]


class EndForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {
        "on": "Enter the last day in force",
    }

    on = DateBoxesField(label="Last day in force")


class ExitForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {
        "keeps": "Enter what will keep it so",
    }

    keeps = ProseField(label="What will keep it so", rows=4)
    support = ProseField(label="Support that continues", rows=3, required=False)


class ExitDecisionForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {
        "told_on": "Enter the day on which the headteacher was told",
    }

    told_on = DateBoxesField(label="The headteacher was told on")
    decided_by = forms.CharField(
        label="Decided by", max_length=300, required=False, help_text="The panel, if it decided; else the two of you."
    )


class WatchForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {
        "reason": "Say why it is watched",
        "look_again_on": "Enter the day on which to look again",
    }

    reason = ProseField(label="Why is it watched?", rows=4)
    look_again_on = DateBoxesField(label="Look again on")


class ReasonForm(PortalForm):
    reason = ProseField(label="Reason", rows=4)
