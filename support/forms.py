"""Forms of support: drafts of criteria, the consultation on them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from core.components.fields import DateBoxesField, ProseField, Radios
from core.components.forms import PortalForm
from people.packs import AuthorityPack
from targets.pack import facts_of, measures_of
from targets.wording import IN_WORDS, FactWords

from .pack import CategoryOption, Scheme
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
