"""Forms of the target round: several targets on one page, each with its own fields; and of pupils' rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from core.components.fields import Checkboxes, DateBoxesField, ProseField, Radios
from core.components.forms import PortalFilterForm, PortalForm
from core.components.layout import Group, Layout, Side
from targets.choices import Signer
from targets.pack import Progression
from targets.pupils import SUBJECTS
from targets.selectors.targets import STAGES, Line
from targets.sheets import reference


class FigureField(forms.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=8, decimal_places=2, min_value=0, required=False, **kwargs)
        self.widget.attrs |= {"class": "govuk-input--width-5", "inputmode": "decimal"}


class LinesForm(PortalForm):
    """A group of fields for each target. ``rows`` is what a service takes: by the target's key, what was entered."""

    lines: Sequence[Line]

    def __init__(self, data: Any = None, *, lines: Sequence[Line]) -> None:
        self.lines = lines
        super().__init__(data)
        self.fields.update({self.name(line, name): field for line in lines for name, field in self.made(line).items()})

    @staticmethod
    def name(line: Line, name: str) -> str:
        return f"{line.key.replace('.', '-')}-{name}"

    def made(self, line: Line) -> dict[str, forms.Field]:
        raise NotImplementedError

    def layout(self) -> Layout:
        return Layout(*(Group(line.label, *self.placed(line), hint=beside(line)) for line in self.lines))

    def placed(self, line: Line) -> list[Any]:
        return [self.name(line, name) for name in self.made(line)]

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        return {line.key: {name: self.cleaned_data.get(self.name(line, name)) for name in self.made(line)} for line in self.lines}


def beside(line: Line) -> str:
    """What a figure is set against, in one line."""
    parts = [
        (f"Result {line.result_summer}", line.result),
        ("authority", line.la),
        ("FFT B", line.fft_b),
        ("FFT D", line.fft_d),
        ("indicative", line.indicative),
        ("proposed", line.proposed),
        ("challenge", line.challenge),
        ("sum of the pupils", line.own_sum),
        ("similar schools", line.similar),
    ]
    said = "; ".join(f"{label} {figure}" for label, figure in parts if figure)
    flags = " ".join(flag.message for flag in line.flags if flag.needs_rationale)
    return f"{said}. {flags}".strip() if said else flags


class ProposeForm(LinesForm):
    def made(self, line: Line) -> dict[str, forms.Field]:
        target = line.target
        unit = ", %" if line.measure.unit == "%" else ""
        return {
            "value": FigureField(label=f"Target for {target.summer}{unit}", initial=target.proposed),
            "rationale": ProseField(
                label="Reason, where it is below estimate, last result, floor or the indicative figure",
                rows=2,
                required=False,
                initial=target.rationale,
            ),
            "needs_support": forms.BooleanField(
                label="The school asks for support to reach it", required=False, initial=target.needs_support
            ),
        }


class AnswerForm(LinesForm):
    def made(self, line: Line) -> dict[str, forms.Field]:
        return {
            "answer": forms.ChoiceField(
                label="Your answer",
                required=False,
                choices=[("", "Later"), ("accept", "Accept"), ("challenge", "Challenge")],
                widget=Radios(inline=True),
            ),
            "figure": FigureField(label="If challenged: the figure you ask for", initial=line.target.challenge),
            "reason": ProseField(label="Why", rows=2, required=False),
            "evidence": ProseField(label="Evidence", rows=2, required=False),
        }

    def clean(self) -> Any:
        data = super().clean() or self.cleaned_data
        for line in self.lines:
            if data.get(self.name(line, "answer")) == "challenge":
                for name, message in (
                    ("figure", "Enter the figure that you ask for"),
                    ("reason", "Enter why you challenge it"),
                    ("evidence", "Enter the evidence"),
                ):
                    if data.get(self.name(line, name)) in (None, "") and self.name(line, name) not in self.errors:
                        self.add_error(self.name(line, name), f"{line.label}: {message[0].lower()}{message[1:]}")
        return data


class DecideForm(LinesForm):
    def made(self, line: Line) -> dict[str, forms.Field]:
        challenged = line.target.state == "challenged"
        choices = [("", "Later"), ("agree", f"Agree {line.challenge if challenged else line.value}")]
        if challenged:
            choices.append(("set", f"Set {line.value} without agreement"))
        found: dict[str, forms.Field] = {
            "decision": forms.ChoiceField(
                label="The governing body’s decision", required=False, choices=choices, widget=Radios(inline=True)
            )
        }
        if challenged:
            found["reason"] = ProseField(label="If set without agreement: why", rows=2, required=False)
        found["rationale"] = ProseField(label="Reason for what is flagged", rows=2, required=False, initial=line.target.rationale)
        return found

    def clean(self) -> Any:
        data = super().clean() or self.cleaned_data
        for line in self.lines:
            if data.get(self.name(line, "decision")) == "set" and not data.get(self.name(line, "reason")):
                self.add_error(self.name(line, "reason"), f"{line.label}: enter why the governing body keeps its figure")
        return data


class ReviseForm(LinesForm):
    def made(self, line: Line) -> dict[str, forms.Field]:
        return {"value": FigureField(label="New figure"), "reason": ProseField(label="Why it is revised", rows=2, required=False)}


class SettleForm(PortalForm):
    keys = forms.MultipleChoiceField(label="Targets", widget=Checkboxes())
    action = forms.ChoiceField(
        label="What is done",
        choices=[
            ("exempt", "They do not apply to this school"),
            ("close", "The school is closing"),
            ("withdraw", "The measure is abolished"),
            ("reopen", "Take them into the round again"),
        ],
        widget=Radios(),
    )
    reason = ProseField(label="Why", rows=3)

    def __init__(self, data: Any = None, *, lines: Sequence[Line]) -> None:
        super().__init__(data)
        self.fields["keys"].choices = [(line.key, f"{line.label}, {line.target.summer}: {line.tag[0]}") for line in lines]  # type: ignore[attr-defined]


class PaperForm(PortalForm):
    role = forms.ChoiceField(
        label="Who signed", choices=[(role, label[:1].upper() + label[1:]) for role, label in Signer.choices], widget=Radios()
    )
    name = forms.CharField(label="Name", max_length=200)
    signed_on = DateBoxesField(label="Signed on")


class RoundFilterForm(PortalFilterForm):
    stage = forms.ChoiceField(label="How far", required=False)
    cluster = forms.ChoiceField(label="Cluster", required=False)
    phase = forms.ChoiceField(label="Phase", required=False)
    only = forms.ChoiceField(
        label="Only",
        required=False,
        choices=[
            ("", "All"),
            ("late", "Late"),
            ("challenged", "With a challenge that stands"),
            ("apart", "Set without agreement"),
            ("flags", "With a flag"),
            ("support", "Asking for support"),
        ],
    )

    def __init__(self, data: Any, *, clusters: Sequence[tuple[str, str]], phases: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        for name, choices in (("stage", list(STAGES.items())), ("cluster", clusters), ("phase", phases)):
            self.fields[name].choices = [("", "All"), *choices]  # type: ignore[attr-defined]


class IndicativeForm(PortalForm):
    source = forms.ChoiceField(
        label="Where the figures come from",
        choices=[("fft_d", "FFT D: every school’s estimate, as imported"), ("file", "A file")],
        initial="fft_d",
        widget=Radios(),
    )
    file = forms.FileField(label="File", required=False, help_text="Columns URN, Measure, Summer and Indicative.")

    def clean(self) -> Any:
        data = super().clean() or self.cleaned_data
        if data.get("source") == "file" and not data.get("file") and "file" not in self.errors:
            self.add_error("file", "Choose the file, or take the figures from FFT D")
        return data


class SheetForm(PortalForm):
    file = forms.FileField(
        label="Sheet",
        help_text="CSV or Excel, one row a pupil. A sheet with names, dates of birth or columns of the National Pupil Database is refused unread.",
    )


def _yes_no(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        required=False,
        choices=[("", "Not known"), ("yes", "Yes"), ("no", "No")],
        coerce={"yes": True, "no": False}.get,
        empty_value=None,
    )


class PupilForm(PortalForm):
    """One pupil, typed."""

    reference = forms.CharField(
        label="Reference", max_length=16, help_text="The school’s own, such as M5-04, or the UPN, which is hashed. Never a name."
    )
    year_group = forms.IntegerField(label="Year group", min_value=1, max_value=13)

    def __init__(self, data: Any = None, *, matrices: dict[str, Progression], with_grades: bool = False, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for subject, label in SUBJECTS.items():
            matrix = matrices[subject]
            low = label.lower() if subject == "ma" else label
            self.fields[f"prior_{subject}"] = _levels(f"Prior level, {low}", matrix.rows)
            self.fields[f"target_{subject}"] = _levels(f"Teacher’s target, {low}", matrix.columns)
            for kind in "ABD":
                field = FigureField(label=f"FFT {kind}, {low}, %", max_value=100)
                self.fields[f"estimate_{kind.lower()}_{subject}"] = field
        if with_grades:
            self.fields["target_five"] = _yes_no("Five or more grades at A* to C are the target")
        for name, label in (
            ("is_girl", "Girl"),
            ("is_fsm", "Free school meals"),
            ("is_sen", "Special educational needs"),
            ("is_eal", "English as an additional language"),
        ):
            self.fields[name] = _yes_no(label)

    def clean_reference(self) -> str:
        try:
            return reference(str(self.cleaned_data["reference"]).strip())
        except ValueError as fault:
            kept = self.initial.get("reference", "")
            if kept and self.cleaned_data["reference"] == kept:  # a hashed UPN, as it stands
                return str(kept)
            raise forms.ValidationError(str(fault)) from None

    def layout(self) -> Layout:
        sides = [Side(f"{name}_en", f"{name}_ma") for name in ("prior", "target", "estimate_a", "estimate_b", "estimate_d")]
        five = ["target_five"] if "target_five" in self.fields else []
        return Layout(Side("reference", "year_group"), *sides, *five, Side("is_girl", "is_fsm"), Side("is_sen", "is_eal"))


def _levels(label: str, levels: Sequence[str]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", "None"), *((level, level) for level in levels)])
