"""The tables of a note's section: what stands in them, how they are typed, and what is handed to ``save_section``.

A table is saved whole with its section. A cell that cannot be read (a date half typed when the page saved itself) keeps
the value that was saved before and is named; everything else is saved, so that nothing typed waits for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.db.models import Prefetch
from django.forms import BaseFormSet, formset_factory
from django.urls import reverse

from core.components.formats import day, money_pence
from people.packs import AuthorityPack
from support.choices import InterventionOrigin, ValueForMoney
from support.models import Intervention, SchoolCategory
from support.pack import support_of

from ..choices import ActionOwner, DatasetState, owner_choices
from ..models import AgreedAction, NoteOfVisit, NoteSection
from ..pack import GRADES, Section, VisitsPart, cohesion_of, visits_of
from .entries import CostField, DayField, DaysField, FigureField, LineField, WordsField, box, select

Row = dict[str, Any]
FREE = frozenset({"actions", "interventions", "differences"})
"""Tables whose rows the writer adds and removes; an empty one is always offered."""

ORDER = ("actions_review", "targets", "judgement", "datasets", "interventions", "cohesion", "category", "differences", "actions")


@dataclass(frozen=True)
class Place:
    """Where a table stands: its note, its section, the pack that the note is written under."""

    note: NoteOfVisit
    section: NoteSection
    pack: AuthorityPack

    @cached_property
    def part(self) -> VisitsPart:
        return visits_of(self.pack.content)

    @cached_property
    def spec(self) -> Section | None:
        """The section as the pack has it; None where the pack no longer does."""
        try:
            return self.part.section(self.section.code)
        except KeyError:
            return None

    @property
    def asks_school(self) -> bool:
        """Whether a row must say which school of the group it is about."""
        return self.section.school_id is None and self.note.visit.is_group


# ---------------------------------------------------------------- rows


class RowForm(forms.Form):
    """One row. Fields bear the names that ``save_section`` knows; ``key`` is the one that says which row it is."""

    use_required_attribute = False
    key: ClassVar[str] = "id"
    said_of: ClassVar[str] = "Row"

    def __init__(self, *args: Any, place: Place, **kwargs: Any) -> None:
        self.place = place
        super().__init__(*args, **kwargs)
        self.prepare()

    def prepare(self) -> None:
        """Choices and labels that depend on the pack."""

    def full_clean(self) -> None:
        super().full_clean()
        for name in self.errors:
            if name in self.fields:
                attrs = self.fields[name].widget.attrs
                attrs["class"] = f"{attrs.get('class', '')} portal-input--error"

    @property
    def row_key(self) -> str:
        return str(self[self.key].value() or "")

    @property
    def is_wrong(self) -> bool:
        return self.is_bound and bool(self.errors)

    def read(self, saved: Mapping[str, Any]) -> Row:
        """The row as typed; a cell that cannot be read as it was ``saved``."""
        self.is_valid()
        found = {}
        for name in self.fields:
            found[name] = self.cleaned_data[name] if name in self.cleaned_data else saved.get(name, "")
        return found

    def describe(self, row: Mapping[str, Any]) -> str:
        """The row in words: what the page of a conflict sets side by side."""
        said = []
        for name, one in self.fields.items():
            value = row.get(name)
            if name in (self.key, "remove") or value in (None, "", False):
                continue
            said.append(f"{one.label}: {_said(one, value)}")
        return "; ".join(said)


def _said(one: forms.Field, value: Any) -> str:
    if isinstance(one, forms.ChoiceField):
        return str(dict(one.choices).get(str(value), value))  # type: ignore[arg-type]
    if isinstance(value, dt.date):
        return day(value)
    if isinstance(one, CostField):
        return money_pence(value)
    if isinstance(value, bool):
        return "yes"
    return str(one.prepare_value(value)).replace("\n", " ")


def _hidden() -> forms.CharField:
    return forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)


def _choice(label: str, choices: Sequence[tuple[Any, str]], *, none: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", none), *choices], widget=select())


class JudgementForm(RowForm):
    key = "area"
    area = _hidden()
    school_grade = forms.ChoiceField(label="School’s grade", required=False, widget=forms.RadioSelect)
    sip_grade = forms.ChoiceField(label="SIP’s grade", required=False, widget=forms.RadioSelect)
    evidence = WordsField(label="Evidence", required=False, widget=box(3))

    def prepare(self) -> None:
        choices = [("", "Not graded"), *((str(grade), f"{grade} {self.place.part.grades[grade]}") for grade in GRADES)]
        sip = self.place.pack.labels(self.place.note.school.phase).get("sip", "short")
        for name in ("school_grade", "sip_grade"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields["sip_grade"].label = f"{sip}’s grade"

    @property
    def label(self) -> str:
        return str(self.initial.get("label", "Judgement"))

    @property
    def grid(self) -> list[dict[str, Any]]:
        """Each grade with the schedule's words for it, and whether the school and the SIP give it."""
        try:
            words = self.place.part.area(self.row_key).words
        except KeyError:
            words = ("", "", "", "")
        school, sip = (str(self[name].value() or "") for name in ("school_grade", "sip_grade"))
        rows = [
            {
                "grade": str(grade),
                "label": self.place.part.grades[grade],
                "words": words[grade - 1],
                "school": school == str(grade),
                "sip": sip == str(grade),
            }
            for grade in GRADES
        ]
        return [*rows, {"grade": "", "label": "Not graded", "words": "", "school": not school, "sip": not sip}]

    @property
    def differs(self) -> bool:
        school, sip = (str(self[name].value() or "") for name in ("school_grade", "sip_grade"))
        return bool(school and sip and school != sip)


class CohesionForm(RowForm):
    key = "dimension"
    dimension = _hidden()
    text = WordsField(label="What was found", required=False, widget=box(3))

    @property
    def label(self) -> str:
        return str(self.initial.get("label", ""))

    @property
    def looks_for(self) -> str:
        found = (d.looks_for for d in cohesion_of(self.place.pack.content).dimensions if d.code == self.row_key)
        return next(found, "")


class DatasetForm(RowForm):
    key = "code"
    code = _hidden()
    state = _choice("State", DatasetState.choices, none="Not said")
    version = LineField(label="Version or release", most=120, required=False)
    studied_on = DayField(label="Studied on", required=False)

    @property
    def label(self) -> str:
        return str(self.initial.get("label", ""))


class ActionReviewForm(RowForm):
    key = "action"
    action = _hidden()
    status = _choice("How it stands", [], none="Not yet judged")
    evidence = WordsField(label="Evidence", required=False)
    impact = WordsField(label="Impact on pupils", required=False)
    reason = WordsField(label="Why it was dropped", required=False)

    def prepare(self) -> None:
        known = [(judgement.code, judgement.label) for judgement in self.place.part.action_judgements]
        if self.place.part.visit_type(self.place.note.visit.visit_type).judges_actions == "discussed":
            known.append(("not_discussed", "Not discussed"))
        self.fields["status"].choices = [("", "Not yet judged"), *known]  # type: ignore[attr-defined]

    @property
    def earlier_age(self) -> int:
        """How many visits ago it was agreed, this one counted."""
        return int(self.initial.get("age") or 0)

    @property
    def earlier(self) -> Any:
        """The action itself, with what has been reported since."""
        return self.initial.get("earlier")


class ActionForm(RowForm):
    said_of = "Action"
    id = _hidden()
    text = WordsField(label="Action", required=False)
    owner = _choice("Owner", ActionOwner.choices, none="Choose")
    owner_detail = LineField(label="Owner in words", most=120, required=False)
    due_on = DayField(label="Due", required=False)
    success_measure = WordsField(label="Success measure, in terms of pupils", required=False)
    school = _choice("School", [])
    remove = forms.BooleanField(label="Remove", required=False)

    def prepare(self) -> None:
        _ask_school(self)
        owners = owner_choices(has_committee=self.place.note.school.has_committee)
        self.fields["owner"].choices = [("", "Choose"), *owners]  # type: ignore[attr-defined]


class TargetForm(RowForm):
    id = _hidden()
    previous = FigureField(label="Last result", required=False)
    estimate = FigureField(label="Estimate", required=False)
    value = FigureField(label="Target", required=False)
    agreed = _choice("Agreed?", [("yes", "Agreed"), ("no", "Set without agreement")], none="Still open")
    rationale = WordsField(label="Rationale", required=False)

    @property
    def label(self) -> str:
        return str(self.initial.get("label", ""))

    @property
    def unit(self) -> str:
        return str(self.initial.get("unit", ""))

    def clean(self) -> Any:
        data = super().clean() or self.cleaned_data
        if data.get("agreed") and data.get("value") is None and "value" not in self.errors:
            self.add_error("value", "Enter the target that is agreed, or leave the agreement open")
            self.cleaned_data["agreed"] = ""
        return data


class InterventionForm(RowForm):
    said_of = "Intervention"
    id = _hidden()
    name = LineField(label="Intervention", required=False)
    origin = _choice("Where it came from", [(code, str(label).capitalize()) for code, label in InterventionOrigin.choices], none="Choose")
    provider = LineField(label="Provider", required=False)
    starts_on = DayField(label="Started", required=False)
    quarters = DaysField(label="Days", required=False, max_value=40_000)
    cost_pence = CostField(label="Cost", required=False)
    impact = WordsField(label="Impact on pupils", required=False)
    value_for_money = _choice("Value for money", [(code, str(label).capitalize()) for code, label in ValueForMoney.choices], none="Choose")
    value_reason = WordsField(label="Why", required=False)
    known_on = DayField(label="When it will be known", required=False)
    remove = forms.BooleanField(label="Leave it out of this note", required=False)

    def read(self, saved: Mapping[str, Any]) -> Row:
        row = super().read(saved)
        if row["name"] == "":
            row["name"] = saved.get("name") or (
                "Not yet named" if any(row.get(name) for name in ("provider", "impact", "value_reason")) else ""
            )
        return row


class CategoryForm(RowForm):
    key = "proposal"
    category = _choice("Proposed level", [], none="No proposal yet")
    criteria = WordsField(label="Criteria met, with figures", required=False, widget=box(3))
    reasons = WordsField(label="What the criteria cannot see", required=False, widget=box(3))
    head_told = forms.BooleanField(label="The headteacher has been told", required=False)

    def prepare(self) -> None:
        labels = self.place.pack.labels(self.place.note.school.phase)
        self.fields["category"].choices = [("", "No proposal yet"), *((level.code, level.label) for level in self.levels)]  # type: ignore[attr-defined]
        self.fields["head_told"].label = f"The {labels.get('head')} has been told"

    @property
    def levels(self) -> Sequence[Any]:
        on = self.place.note.visit.on
        assert on is not None
        return support_of(self.place.pack.content).categories_on(on)

    @property
    def row_key(self) -> str:
        return "proposal"


class DifferenceForm(RowForm):
    said_of = "Difference"
    id = _hidden()
    topic = LineField(label="What it is about", required=False)
    sip_view = WordsField(label="SIP’s view", required=False)
    sip_evidence = WordsField(label="SIP’s evidence", required=False)
    school_view = WordsField(label="School’s view", required=False)
    school_evidence = WordsField(label="School’s evidence", required=False)
    settle = WordsField(label="What would settle it", required=False)
    school = _choice("School", [])
    remove = forms.BooleanField(label="Remove", required=False)

    def prepare(self) -> None:
        sip = self.place.pack.labels(self.place.note.school.phase).get("sip", "short")
        self.fields["sip_view"].label, self.fields["sip_evidence"].label = f"{sip}’s view", f"{sip}’s evidence"
        if self.by_school:
            for name in ("school_view", "school_evidence", "remove"):
                del self.fields[name]
        _ask_school(self)

    @property
    def by_school(self) -> str:
        """Who wrote the school's side, where the school wrote it itself: it is then not the SIP's to change."""
        return str(self.initial.get("by_school", ""))

    def read(self, saved: Mapping[str, Any]) -> Row:
        row = super().read(saved)
        if row["topic"] == "" and any(row.get(name) for name in ("sip_view", "sip_evidence", "school_view", "school_evidence", "settle")):
            row["topic"] = saved.get("topic") or "Topic not yet named"
        return row


def _ask_school(form: RowForm) -> None:
    if form.place.asks_school:
        form.fields["school"].choices = [(str(school.urn), school.name) for school in form.place.note.covered]  # type: ignore[attr-defined]
    else:
        del form.fields["school"]


# ---------------------------------------------------------------- what is saved


def _grade(value: int | None) -> str:
    return "" if value is None else str(value)


def _judgements(place: Place) -> list[Row]:
    return [
        {"area": j.area, "label": j.label, "school_grade": _grade(j.school_grade), "sip_grade": _grade(j.sip_grade), "evidence": j.evidence}
        for j in place.section.judgements.all()
    ]


def _cohesion(place: Place) -> list[Row]:
    return [{"dimension": row.dimension, "label": row.label, "text": row.text} for row in place.section.cohesion.all()]


def _datasets(place: Place) -> list[Row]:
    return [
        {
            "code": row.code,
            "label": row.label,
            "state": row.state,
            "version": row.version,
            "studied_on": row.studied_on,
            "expected": row.expected,
        }
        for row in place.section.datasets.all()
    ]


def _reviews(place: Place) -> list[Row]:
    actions: Any = AgreedAction.objects.all()
    reviews: Any = place.section.reviews.prefetch_related(Prefetch("action", actions.with_age()), "action__progress").order_by(
        "action__due_on", "action_id"
    )
    return [
        {
            "action": r.action.public_id,
            "status": r.status,
            "evidence": r.evidence,
            "impact": r.impact,
            "reason": r.reason,
            "earlier": r.action,
            "age": r.action.age,
        }
        for r in reviews
    ]


def _actions(place: Place) -> list[Row]:
    return [
        {
            "id": row.public_id,
            "text": row.text,
            "owner": row.owner,
            "owner_detail": row.owner_detail,
            "due_on": row.due_on,
            "success_measure": row.success_measure,
            **({"school": str(row.school.urn)} if place.asks_school else {}),
        }
        for row in place.section.actions.select_related("school").order_by("position", "pk")
    ]


AGREED = {True: "yes", False: "no", None: ""}


def _targets(place: Place) -> list[Row]:
    return [
        {
            "id": str(row.pk),
            "label": f"{row.label}, {row.target.summer}",
            "unit": row.unit,
            "previous": target.previous,
            "estimate": target.estimate,
            "value": target.value,
            "agreed": AGREED[target.agreed],
            "rationale": row.rationale,
        }
        for row, target in ((row, row.shown) for row in place.section.note_targets.select_related("target").order_by("position", "pk"))
    ]


def _interventions(place: Place) -> list[Row]:
    rows = place.section.interventions.select_related("intervention").order_by("position", "pk")
    return [{**_intervention(row.shown), "id": str(row.pk), "public_id": row.intervention and row.intervention.public_id} for row in rows]


def _intervention(one: Intervention) -> Row:
    return {
        "id": one.public_id,
        "name": one.name,
        "origin": one.origin,
        "provider": one.provider,
        "starts_on": one.starts_on,
        "quarters": one.quarters,
        "cost_pence": one.cost_pence,
        "impact": one.impact,
        "value_for_money": one.value_for_money,
        "value_reason": one.value_reason,
        "known_on": one.known_on,
    }


def _category(place: Place) -> list[Row]:
    proposal = getattr(place.section, "proposal", None)
    if proposal is None:
        return [{}]
    return [{"category": proposal.category, "criteria": proposal.criteria, "reasons": proposal.reasons, "head_told": proposal.head_told}]


def _differences(place: Place) -> list[Row]:
    rows = place.note.differences.select_related("school").order_by("position", "pk")
    return [
        {
            "id": str(row.pk),
            "topic": row.topic,
            "sip_view": row.sip_view,
            "sip_evidence": row.sip_evidence,
            "school_view": row.school_view,
            "school_evidence": row.school_evidence,
            "settle": row.settle,
            "by_school": row.school_by if row.school_at else "",
            **({"school": str(row.school.urn)} if place.asks_school else {}),
        }
        for row in rows
        if place.section.school_id in (None, row.school_id)
    ]


@dataclass(frozen=True)
class Kind:
    """One of the inputs of a section that is a table. ``lead`` are the cells without which a free row is empty."""

    form: type[RowForm]
    saved: Callable[[Place], list[Row]]
    title: str
    lead: tuple[str, ...] = ()


KINDS: dict[str, Kind] = {
    "judgement": Kind(JudgementForm, _judgements, "Judgements"),
    "actions_review": Kind(ActionReviewForm, _reviews, "Actions agreed earlier"),
    "targets": Kind(TargetForm, _targets, "Targets"),
    "datasets": Kind(DatasetForm, _datasets, "Data considered"),
    "interventions": Kind(InterventionForm, _interventions, "Interventions reviewed", ("name", "provider", "impact", "value_reason")),
    "cohesion": Kind(CohesionForm, _cohesion, "The four dimensions"),
    "category": Kind(CategoryForm, _category, "Proposed level of support"),
    "differences": Kind(
        DifferenceForm,
        _differences,
        "Differences of view",
        ("topic", "sip_view", "school_view", "sip_evidence", "school_evidence", "settle"),
    ),
    "actions": Kind(ActionForm, _actions, "Agreed actions", ("text", "success_measure", "due_on", "owner", "owner_detail")),
}


# ---------------------------------------------------------------- a table


class _RowSet(BaseFormSet):
    item_name = "Row"

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return dict(super().get_form_kwargs(index))


@dataclass
class Table:
    """One table of a section, as saved or as typed."""

    name: str
    place: Place
    data: Mapping[str, Any] | None = None
    errors: dict[str, str] = field(default_factory=dict)
    """Input's name → what is wrong with what was typed there; such a cell was not saved."""
    sources: list[str] = field(default_factory=list)
    """Of the rows that were read, in their order, the names of the inputs that hold their ids."""

    def __post_init__(self) -> None:
        self.kind = KINDS[self.name]
        self.saved = self.kind.saved(self.place)
        is_free = self.name in FREE
        most = self.place.spec.most_rows if self.place.spec else None
        extra = 1 if is_free and (most is None or len(self.saved) < most) else 0
        factory = formset_factory(self.kind.form, formset=_RowSet, extra=extra, max_num=200, absolute_max=200)
        self.formset: Any = factory(
            self.data if self.is_sent else None, prefix=self.name, initial=self._initial(), form_kwargs={"place": self.place}
        )

    def _initial(self) -> list[Row]:
        """Where the sent rows stand in another order than the saved (one was removed elsewhere), each finds its own."""
        if not self.is_sent:
            return self.saved
        assert self.data is not None
        key = self.kind.form.key
        by_key = {str(row.get(key, "")): row for row in self.saved}
        try:
            count = min(int(self.data[f"{self.name}-TOTAL_FORMS"]), 200)
        except (TypeError, ValueError):
            return self.saved
        if key not in self.kind.form.base_fields:
            return self.saved
        return [by_key.get(str(self.data.get(f"{self.name}-{i}-{key}", "")), {}) for i in range(count)]

    @property
    def is_sent(self) -> bool:
        return self.data is not None and f"{self.name}-TOTAL_FORMS" in self.data

    @property
    def template(self) -> str:
        return f"visits/editor/_table_{self.name}.html"

    @property
    def title(self) -> str:
        return self.kind.title

    @property
    def is_free(self) -> bool:
        return self.name in FREE

    @property
    def said(self) -> list[str]:
        """What is saved, in words, for whoever reads the section and does not write it."""
        return self.lines(self.saved)

    @property
    def declared_error(self) -> str:
        return self.errors.get("differences-declared_none", "")

    @cached_property
    def differences_url(self) -> str:
        """The section of the note that takes differences of view: this school's own, in a note on a group."""
        note, school = self.place.note, self.place.section.school
        if self.name != "judgement":
            return ""
        codes = [section.code for section in self.place.part.sections if "differences" in section.inputs]
        use = next((use for use in self.place.part.visit_type(note.visit.visit_type).sections if use.section.code in codes), None)
        if use is None:
            return ""
        key = f"{use.section.code}.{(school or note.school).urn}" if note.visit.is_group and use.section.is_per_school else use.section.code
        return reverse("visits:note-edit", args=[note.public_id, key])

    @property
    def forms(self) -> list[RowForm]:
        """Those that are filled; the empty one is ``new``."""
        return [form for form in self.formset.forms if not self._is_new(form)]

    @cached_property
    def new(self) -> RowForm | None:
        """The empty row at the end, where there may be one more."""
        found = next((form for form in self.formset.forms if self._is_new(form)), None)
        most = self.place.spec.most_rows if self.place.spec else None
        if found is None and self.is_free and (most is None or len(self.formset.forms) < most):
            found = self.kind.form(prefix=f"{self.name}-{len(self.formset.forms)}", place=self.place)
        return found

    @property
    def total(self) -> int:
        """How many rows the page holds, the empty one with them."""
        return len(self.forms) + (1 if self.new else 0)

    def _is_new(self, form: RowForm) -> bool:
        if not self.is_free or form.row_key:
            return False
        return not form.is_bound or not any(str(form[name].value() or "").strip() for name in self.kind.lead if name in form.fields)

    @property
    def blank(self) -> RowForm:
        """The row that the page copies when another is added; its index is ``__prefix__``."""
        found: RowForm = self.formset.empty_form
        return found

    @property
    def declared_none(self) -> bool:
        if self.is_sent and self.data is not None:
            return bool(self.data.get("differences-declared_none"))
        return self.place.section.declares_none

    @cached_property
    def levels(self) -> Sequence[Any]:
        return self.formset.forms[0].levels if self.name == "category" else ()

    @cached_property
    def current_category(self) -> SchoolCategory | None:
        from core.spans import on_day

        on = self.place.note.visit.on
        assert on is not None
        return SchoolCategory.objects.filter(on_day(on), school=self.place.section.school_id or self.place.note.school.pk).first()

    @cached_property
    def others(self) -> list[Intervention]:
        """Interventions that the school is known to have and this note does not speak of yet."""
        known = {row["public_id"] for row in self.saved}
        school = self.place.section.school_id or self.place.note.school.pk
        return [one for one in Intervention.objects.had().filter(school_id=school) if one.public_id not in known][:30]

    def rows(self, *, with_saved: bool = False) -> list[Row]:
        """What ``save_section`` is to save. ``with_saved`` joins two windows' rows: what the other saved stays unless written over."""
        key = self.kind.form.key
        by_key = {str(row.get(key, "")): row for row in self.saved}
        if self.name == "category":
            by_key = {"proposal": self.saved[0]}
        rows: list[Row] = []
        sent: set[str] = set()
        self.sources = []
        for form in self.formset.forms:
            saved = by_key.get(form.row_key, {})
            row = form.read(saved)
            self.errors.update({form.add_prefix(name): str(messages[0]) for name, messages in form.errors.items() if name in form.fields})
            sent.add(form.row_key)
            if row.pop("remove", False) or (self.is_free and not any(row.get(name) not in (None, "", False) for name in self.kind.lead)):
                continue
            if with_saved and saved:
                row = {name: (saved.get(name) if value in (None, "") else value) for name, value in row.items()}
            rows.append(row)
            self.sources.append(form.add_prefix(key))
        if self.name == "interventions":
            rows += [_intervention(one) for one in self._brought({str(row["public_id"]) for row in self.saved})]
        if with_saved and self.is_free:
            rows += [self._as_typed(row) for key_, row in by_key.items() if key_ not in sent]
        if self.name == "differences" and self.declared_none:
            if any(row.get("topic") for row in rows) or any(row.get("by_school") for row in self.saved):
                self.errors["differences-declared_none"] = "A difference is recorded, so it cannot be declared that there is none"
            else:
                rows.append({"declared_none": "on"})
        return rows

    def _brought(self, known: set[str]) -> list[Intervention]:
        """The school's own interventions that were ticked to come into the note."""
        ticked = set(self.data.getlist("bring")) if hasattr(self.data, "getlist") else set()  # type: ignore[union-attr]
        if not ticked - known:
            return []
        school = self.place.section.school_id or self.place.note.school.pk
        return list(Intervention.objects.filter(school_id=school, public_id__in=ticked - known))

    def _as_typed(self, saved: Row) -> Row:
        names = self.kind.form.base_fields
        return {name: saved.get(name, "") for name in names if name != "remove" and (name in saved or name == self.kind.form.key)}

    def same_as_saved(self, rows: Sequence[Row]) -> bool:
        """Whether these rows are already what is saved: the answer to an earlier save may have been lost on its way."""
        key = self.kind.form.key
        mine = [self._plain(row, key if row.get(key) else "") for row in rows]
        theirs = [
            self._plain(row, key if sent.get(key) else "")
            for row, sent in zip(self.saved, [*rows, *({} for _ in self.saved)], strict=False)
        ]
        declared = {"declared_none": "on"} in rows
        if self.name == "differences" and declared != self.place.section.declares_none:
            return False
        return [row for row in mine if row] == [row for row in theirs if row]

    def _plain(self, row: Mapping[str, Any], key: str) -> dict[str, str]:
        found = {}
        for name, value in row.items():
            if (
                name in self.kind.form.base_fields
                and (name != self.kind.form.key or key)
                and name != "remove"
                and value not in (None, "", False)
            ):
                found[name] = str(value.normalize()) if isinstance(value, Decimal) else str(value)
        return found

    def lines(self, rows: Sequence[Mapping[str, Any]]) -> list[str]:
        """Rows in words, one line each, for two windows side by side."""
        form = self.blank if self.is_free else (self.formset.forms[0] if self.formset.forms else None)
        if form is None:
            return []
        labels = {str(row.get(form.key, "")): str(row.get("label", "")) for row in self.saved}
        said = []
        for row in rows:
            if "declared_none" in row:
                said.append("No difference of view: declared")
                continue
            words = form.describe(row)
            label = labels.get(str(row.get(form.key, "")), "")
            if words:
                said.append(f"{label}. {words}" if label else words)
        return said

    def ids(self) -> dict[str, str]:
        """After a save: the name of each sent row's hidden input → the row's own id, so that the next save knows it."""
        if not self.is_free:
            return {}
        return {name: str(row["id"]) for name, row in zip(self.sources, self.kind.saved(self.place), strict=False)}


def tables_of(place: Place, data: Mapping[str, Any] | None = None) -> list[Table]:
    """The tables of a section in the order of the page; bound to what was sent, where something was."""
    inputs = place.spec.inputs if place.spec else ()
    return [Table(name, place, data) for name in ORDER if name in inputs]


def takes_text(place: Place) -> bool:
    return place.spec is None or "text" in place.spec.inputs or bool(place.section.body.strip())


def every_error(tables: Sequence[Table]) -> Iterator[tuple[str, str]]:
    """(id of the input, what is wrong) over all the tables."""
    for table in tables:
        for name, message in table.errors.items():
            yield f"id_{name}", message


__all__ = ["FREE", "KINDS", "Place", "Row", "RowForm", "Table", "every_error", "tables_of", "takes_text"]
