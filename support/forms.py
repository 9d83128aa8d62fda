"""Forms of support: drafts of criteria, the consultation on them; interventions and what came of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms

from core.components.fields import Checkboxes, DateBoxesField, MoneyField, ProseField, QuartersField, Radios
from core.components.forms import PortalForm
from core.components.layout import Group, Layout, Reveal, Side
from people.packs import AuthorityPack
from support.choices import InterventionOrigin, ValueForMoney
from support.models import Intervention
from targets.pack import facts_of, measures_of
from targets.wording import IN_WORDS, FactWords

from .pack import CategoryOption, Scheme
from .values import TERMS
from .wording import read_number


class DraftBeginForm(PortalForm):
    frm = forms.ChoiceField(label="Begin from")
    label = forms.CharField(label="Name of the draft", max_length=160)
    required_messages = {"label": "Enter a name for the draft, such as “Criteria for 2009/10”"}

    def __init__(self, *args: Any, schemes: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["frm"].choices = schemes  # type: ignore[attr-defined]


HOW = [("enough", "It is enough by itself"), ("counted", "It counts with the others of the level")]


class RuleForm(PortalForm):
    """One more rule: a fact held against a number, a word, or another fact."""

    label = forms.CharField(
        label="The rule in words", max_length=160, help_text="As a school will read it: “Fewer than half of pupils are on track”."
    )
    fact = forms.ChoiceField(
        label="Fact", help_text="Facts of a school, and measures for all pupils. Groups and suffixes are written in the text of the draft."
    )
    op = forms.ChoiceField(label="How it is held", choices=[(op, IN_WORDS[op]) for op in ("<", "<=", ">", ">=", "==", "!=")])
    value = forms.CharField(label="Against", max_length=60, help_text="A number, a word of the fact, or yes or no.")
    level = forms.ChoiceField(label="It leads to the level")
    how = forms.ChoiceField(label="How it counts", choices=HOW, widget=Radios, initial="enough")

    def __init__(self, *args: Any, pack: AuthorityPack, scheme: Scheme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words, part = FactWords(pack.content), facts_of(pack.content)
        self.kinds = {entry.code: entry.type for entry in part.school.values() if entry.type not in ("date", "set")}
        measured = [(measure.code, words.label(measure.code)) for measure in measures_of(pack.content).measures]
        own = [(code, part.school[code].definition) for code in self.kinds]
        self.fields["fact"].choices = [("Facts of a school", own), ("Measures", measured)]  # type: ignore[attr-defined]
        self.fields["level"].choices = [(level.code, level.label) for level in scheme.levels if level.code in scheme.level_rules]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "fact" not in data or "value" not in data:
            return data
        kind, text = self.kinds.get(data["fact"], "number"), data["value"].strip()
        value: Any = text
        if kind in ("number", "percent", "pounds"):
            try:
                number = read_number(text)
            except ValueError as error:
                self.add_error("value", str(error))
                return data
            value = int(number) if number == number.to_integral_value() else float(number)
        elif kind == "boolean":
            if text.lower() not in ("yes", "no"):
                self.add_error("value", "This fact is yes or no. Write one of the two")
                return data
            value = text.lower() == "yes"
        data["rule"] = {"fact": data["fact"], "op": data["op"], "value": value}
        return data


class TextForm(PortalForm):
    definition = forms.CharField(
        label="Rules and levels", widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false", "class": "portal-code"})
    )

    def clean_definition(self) -> Any:
        try:
            return json.loads(self.cleaned_data["definition"])
        except json.JSONDecodeError as error:
            raise forms.ValidationError(f"Line {error.lineno}, character {error.colno}: the text cannot be read. {error.msg}.") from None


class ConsultForm(PortalForm):
    closes_on = DateBoxesField(label="Last day for answers")


class PublishSchemeForm(PortalForm):
    starts_on = DateBoxesField(label="In force from")


class PlaceForm(PortalForm):
    category = forms.ChoiceField(label="Where would you place this school?", widget=Radios)

    def __init__(self, *args: Any, levels: Sequence[CategoryOption], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [(level.code, level.label) for level in sorted(levels, key=lambda level: level.rank)]  # type: ignore[attr-defined]


class PlacementCommentForm(PortalForm):
    text = ProseField(label="Your comment", help_text="Does the draft see this school as it is? What does it miss?")


def numbers_in(data: Any) -> tuple[dict[str, Decimal], list[str]]:
    """The numbers that a page of criteria sent, by path, and sentences on those that are none."""
    found, faults = {}, []
    for name in data:
        if name.startswith("n."):
            try:
                found[name[2:]] = read_number(str(data[name]))
            except ValueError as error:
                faults.append(str(error))
    return found, faults


# ---------------------------------------------------------------- interventions


class InterventionForm(PortalForm):
    """What it is, from whom, when, and what it costs. With ``is_agreed`` it asks for nothing that the school has agreed to."""

    required_messages: ClassVar[dict[str, str]] = {"name": "Enter the name of the intervention", "origin": "Select where it came from"}

    name = forms.CharField(label="Intervention", max_length=200, help_text="For example, Every Child a Reader")
    origin = forms.ChoiceField(
        label="Where did it come from?",
        choices=[(code, str(label).capitalize()) for code, label in InterventionOrigin.choices],
        widget=Radios(),
    )
    provider = forms.CharField(label="Provider", required=False, max_length=200)
    purpose = ProseField(label="What is it for?", required=False, rows=3, max_length=2000, help_text="In terms of pupils. Name none.")
    starts_on = DateBoxesField(label="Start", required=False)
    ends_on = DateBoxesField(label="End", required=False)
    quarters = QuartersField(label="Days", required=False, max_value=40_000)
    cost_pence = MoneyField(label="Cost", required=False)
    fund = forms.CharField(label="Paid from", required=False, max_length=120)
    known_on = DateBoxesField(label="When will its impact be known?", required=False, help_text="Its end, where this is left empty")

    NAMES: ClassVar = ("name", "origin", "provider", "purpose", "starts_on", "ends_on", "quarters", "cost_pence", "fund", "known_on")

    def __init__(self, *args: Any, is_agreed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_agreed = is_agreed
        if is_agreed:
            for name in TERMS:
                self.fields.pop(name, None)

    def layout(self) -> Layout:
        dates = Side("starts_on", "ends_on")
        if self.is_agreed:
            return Layout("purpose", dates, "known_on")
        money = Group("Days and cost", Side("quarters", "cost_pence"), "fund")
        return Layout("name", "origin", "provider", "purpose", dates, money, "known_on")

    @classmethod
    def initial_of(cls, row: Intervention) -> dict[str, Any]:
        return {name: getattr(row, name) for name in cls.NAMES}


class EvaluationForm(PortalForm):
    """Impact on pupils and value for money (P30), or that it is too early to say and when it will be known."""

    required_messages: ClassVar[dict[str, str]] = {"value_for_money": "Select the value for money"}

    impact = ProseField(
        label="What did it do for pupils?",
        required=False,
        rows=5,
        max_length=4000,
        help_text="Who gained, how much, and how the school knows. If nothing changed, say so. Name no pupil.",
    )
    impact_grade = forms.TypedChoiceField(
        label="How strong was the effect on pupils?", required=False, coerce=int, empty_value=None, widget=Radios()
    )
    value_for_money = forms.ChoiceField(
        label="Value for money", choices=[(code, str(label).capitalize()) for code, label in ValueForMoney.choices], widget=Radios()
    )
    known_on = DateBoxesField(label="When will it be known?", required=False)
    value_reason = ProseField(label="Why?", required=False, rows=3, max_length=2000, help_text="Set the gain against days and cost.")
    would_buy_again = forms.ChoiceField(
        label="Would the school buy it again?", required=False, choices=[("yes", "Yes"), ("no", "No"), ("", "Not said")], widget=Radios()
    )

    def __init__(self, *args: Any, marks: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = [(str(mark), f"{mark}: {label}") for mark, label in enumerate(marks or ("none", "a little", "clear", "strong"), start=1)]
        self.fields["impact_grade"].choices = [*reversed(words), ("", "Not said")]  # type: ignore[attr-defined]

    def layout(self) -> Layout:
        return Layout(
            "impact",
            "impact_grade",
            Reveal("value_for_money", choices={ValueForMoney.TOO_EARLY.value: ["known_on"]}),
            "value_reason",
            "would_buy_again",
        )


# ---------------------------------------------------------------- categories


class PanelForm(PortalForm):
    required_messages = {"members": "Select the members of the panel"}

    on = DateBoxesField(label="Date of the panel")
    place = forms.CharField(label="Place", required=False, max_length=200)
    members = forms.MultipleChoiceField(
        label="Members",
        widget=Checkboxes,
        help_text="At least two. A member who is walled from a school withdraws for it and sees nothing of it.",
    )

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["members"].choices = people  # type: ignore[attr-defined]


class PresentForm(PortalForm):
    required_messages = {"present": "Select who came"}

    present = forms.MultipleChoiceField(label="Who came", widget=Checkboxes)

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["present"].choices = people  # type: ignore[attr-defined]


class DecisionForm(PortalForm):
    category = forms.ChoiceField(label="Level", widget=Radios)
    reason = ProseField(label="Reason", required=False, help_text="Needed where the decision differs from what was suggested and proposed.")

    def __init__(self, *args: Any, levels: Sequence[CategoryOption], people: Sequence[tuple[int, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [(level.code, level.label) for level in sorted(levels, key=lambda level: -level.rank)]  # type: ignore[attr-defined]
        for pk, name in people:
            self.fields[f"dissent_{pk}"] = ProseField(label=f"Dissent of {name}", required=False, rows=2)

    @property
    def dissents(self) -> dict[int, str]:
        return {int(name.partition("_")[2]): text for name, text in self.cleaned_data.items() if name.startswith("dissent_")}


class BetweenForm(DecisionForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True
        self.fields["reason"].help_text = "Why it cannot wait. The other of the two, manager or officer, agrees before it stands."


class WordsForm(PortalForm):
    """One text: a school's answer, a review, its answer."""

    text = ProseField(label="Words", rows=8)

    def __init__(self, *args: Any, label: str, help_text: str = "", required: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if required:
            self.fields["text"].error_messages["required"] = required
        self.fields["text"].label = label
        self.fields["text"].help_text = help_text


class NotifyForm(PortalForm):
    publishes_on = DateBoxesField(
        label="Published from",
        help_text="On this day it is published by itself: the level stands, and the school’s days are those of the level.",
    )
    required_messages = {"publishes_on": "Enter the day from which the level is published"}
