"""Forms of schools: filters of the list, contacts, interests, assignments, the plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import django_filters  # type: ignore[import-untyped]
from django import forms
from django.db.models import QuerySet
from django.forms import BaseFormSet, formset_factory
from django.urls import reverse_lazy

from core.components.fields import Checkboxes, DateBoxesField, PickerField, ProseField, QuartersField, Radios
from core.components.forms import PortalFilterForm, PortalForm
from core.spans import on_day
from people.models import Sip, User
from people.roles import Permission
from people.selectors import describe_person, find_people
from schools.choices import PHASE_FAMILIES, AssignmentKind, ContactKind, DaysSource, InterestKind, Phase, ReadinessState, SchoolStatus
from schools.models import Assignment, KeyIssue, School
from schools.pack import FinanceFlag, InspectionPart, ReadinessItem
from schools.selectors import describe_school, find_schools, matching

PEOPLE = reverse_lazy("people:person-suggest")
NOBODY = "none"


# ---------------------------------------------------------------- filters


class SchoolFilter(django_filters.FilterSet):
    """Filters of the list of schools. Without a word about it the list is of open schools."""

    q = django_filters.CharFilter(label="Name, URN, DfE number or place", method="by_text")
    phase = django_filters.ChoiceFilter(label="Phase", choices=Phase.choices, empty_label="Any phase")
    cluster = django_filters.ChoiceFilter(label="Cluster", field_name="cluster_id", empty_label="Any cluster")
    sip = django_filters.ChoiceFilter(label="SIP", method="by_sip", empty_label="Any, or none")
    status = django_filters.ChoiceFilter(
        label="Status",
        method="by_status",
        choices=[("closed", "Closed"), ("proposed", "Proposed to open"), ("all", "All")],
        empty_label="Open",
    )

    class Meta:
        model = School
        fields: list[str] = []
        form = PortalFilterForm

    def __init__(self, data: Any, *, queryset: QuerySet[School], request: Any) -> None:
        super().__init__(data, queryset=queryset, request=request)
        hats = request.user.hats
        listed = hats.authorities_granting(Permission.SIP_LIST)
        if not listed:  # a SIP or a school has a short list, and no cluster or SIP to choose
            del self.filters["cluster"], self.filters["sip"]
            return
        clusters = queryset.exclude(cluster=None).order_by("cluster__name").values_list("cluster_id", "cluster__name").distinct()
        self.filters["cluster"].extra["choices"] = [(str(pk), name) for pk, name in clusters]
        sips = (
            Sip.objects.visible_to(request.user).filter(on_day(hats.on)).order_by("user__name").values_list("user__public_id", "user__name")
        )
        self.filters["sip"].extra["choices"] = [(NOBODY, "No SIP"), *sips]

    def by_text(self, queryset: QuerySet[School], name: str, value: str) -> QuerySet[School]:
        return queryset.filter(matching(value))

    def by_sip(self, queryset: QuerySet[School], name: str, value: str) -> QuerySet[School]:
        served = Assignment.objects.on(self.request.user.hats.on).filter(kind=AssignmentKind.SIP)
        if value == NOBODY:
            return queryset.exclude(pk__in=served.values("school_id"))
        return queryset.filter(pk__in=served.filter(adviser__public_id=value).values("school_id"))

    def by_status(self, queryset: QuerySet[School], name: str, value: str) -> QuerySet[School]:
        if value == "all":
            return queryset
        return queryset.filter(status=SchoolStatus.CLOSED if value == "closed" else SchoolStatus.PROPOSED)

    def filter_queryset(self, queryset: QuerySet[School]) -> QuerySet[School]:
        if not self.form.cleaned_data.get("status"):
            queryset = queryset.filter(status__in=[SchoolStatus.OPEN, SchoolStatus.CLOSING])
        filtered: QuerySet[School] = super().filter_queryset(queryset)
        return filtered


# ---------------------------------------------------------------- contacts


class ContactReportForm(PortalForm):
    kind = forms.ChoiceField(label="Role at the school", choices=[("", "Choose a role"), *ContactKind.choices])
    name = forms.CharField(label="Name", max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = forms.EmailField(
        label="Email address", required=False, help_text="Notes reach this person by it, once the change is confirmed."
    )
    telephone = forms.CharField(label="Telephone", max_length=40, required=False)
    starts_on = DateBoxesField(label="First day", help_text="Their predecessor's access ends the day before.")
    required_messages = {"kind": "Select the role at the school", "name": "Enter the person's name", "starts_on": "Enter the first day"}


class ReasonForm(PortalForm):
    """One reason, in words."""

    reason = forms.CharField(label="Reason", max_length=500, widget=forms.Textarea(attrs={"rows": "3"}))
    required_messages = {"reason": "Enter the reason"}


class ContactEndForm(PortalForm):
    ends_on = DateBoxesField(label="Last day", help_text="Access through this role ends with that day.")
    reason = forms.CharField(label="Reason", max_length=500, required=False)
    required_messages = {"ends_on": "Enter the last day"}


# ---------------------------------------------------------------- interests


class InterestForm(PortalForm):
    """One interest; a row left empty says nothing."""

    kind = forms.ChoiceField(label="What kind of interest", choices=[("", "Choose"), *InterestKind.choices], required=False)
    school = PickerField(label="School", url=reverse_lazy("schools:school-suggest", query={"for": "interest"}), required=False)
    note = forms.CharField(label="In a few words", max_length=200, required=False)
    worked_until = DateBoxesField(label="If you worked there: your last day", required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["school"]
        assert isinstance(field, PickerField)
        field.serve(find=lambda id_, words: find_schools(user, id_, words, whole_authority=True), describe=describe_school)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        kind, school = data.get("kind"), data.get("school")
        if school and not kind:
            self.refuse("kind", "Select what kind of interest it is")
        if kind and not school and not self.errors.get("school"):
            self.refuse("school", "Enter the school in which you have it")
        return data

    @property
    def is_given(self) -> bool:
        return bool(self.cleaned_data.get("kind") and self.cleaned_data.get("school"))


class _Interests(BaseFormSet):
    item_name = "Interest"


InterestFormSet = formset_factory(InterestForm, formset=_Interests, extra=2, max_num=20, absolute_max=30)


class DeclarationForm(PortalForm):
    answer = forms.ChoiceField(
        label="Have you an interest in any school?",
        choices=[("none", "No, in none"), ("some", "Yes, in those below")],
        widget=Radios(),
    )
    required_messages = {"answer": "Select whether you have an interest in any school"}


# ---------------------------------------------------------------- assignments


def serve_people(form: forms.Form, user: User, *names: str) -> None:
    """Let these pickers find the people of the asker's scope."""
    for name in names:
        field = form.fields[name]
        assert isinstance(field, PickerField)
        field.serve(find=lambda id_, words: find_people(user, id_, words), describe=describe_person)


class AssignmentAssignForm(PortalForm):
    schools = forms.MultipleChoiceField(label="Schools", widget=Checkboxes())
    adviser = PickerField(label="Adviser", thing="person", url=PEOPLE)
    kind = forms.ChoiceField(
        label="As what",
        choices=[(AssignmentKind.SIP.value, "SIP"), (AssignmentKind.NC_ADVISER.value, "National Challenge adviser")],
        initial=AssignmentKind.SIP.value,
        widget=Radios(),
    )
    starts_on = DateBoxesField(label="First day")
    ends_on = DateBoxesField(label="Last day", required=False)
    quarters = QuartersField(label="Days for each school this year", required=False)
    source = forms.ChoiceField(label="The days come from", choices=DaysSource.choices, initial=DaysSource.CORE.value, required=False)
    reason = ProseField(label="Reason", required=False, rows=3, help_text="Needed where a rule warns; kept with the assignment.")
    required_messages = {"schools": "Select at least one school", "adviser": "Enter the adviser's name", "starts_on": "Enter the first day"}

    def __init__(self, *args: Any, user: User, schools: Iterable[School], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_urn = {str(school.urn): school for school in schools}
        field = self.fields["schools"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(urn, f"{school.name}, {school.get_phase_display()}") for urn, school in self.by_urn.items()]
        serve_people(self, user, "adviser")

    def clean_schools(self) -> list[School]:
        return [self.by_urn[urn] for urn in self.cleaned_data["schools"]]


class _CaseloadForm(PortalForm):
    """Some of one adviser's assignments."""

    assignments = forms.MultipleChoiceField(label="Schools", widget=Checkboxes())

    def __init__(self, *args: Any, user: User, rows: Sequence[Assignment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_id = {row.public_id: row for row in rows}
        field = self.fields["assignments"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(pid, _line(row)) for pid, row in self.by_id.items()]

    def clean_assignments(self) -> list[Assignment]:
        return [self.by_id[pid] for pid in self.cleaned_data["assignments"]]


def _line(row: Assignment) -> str:
    return row.school.name if row.kind == AssignmentKind.SIP else f"{row.school.name} ({row.get_kind_display()})"


class AssignmentHandOverForm(_CaseloadForm):
    adviser = PickerField(label="To whom", thing="person", url=PEOPLE)
    on = DateBoxesField(label="First day of the new adviser", help_text="The old assignments end the day before.")
    reason = ProseField(label="Reason", rows=3)
    required_messages = {
        "assignments": "Select at least one school",
        "adviser": "Enter the name of the new adviser",
        "on": "Enter the first day of the new adviser",
        "reason": "Enter the reason",
    }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        serve_people(self, user, "adviser")


class AssignmentEndForm(_CaseloadForm):
    ends_on = DateBoxesField(label="Last day")
    is_removal = forms.BooleanField(
        label="This is a removal: notes that were begun cannot be finished",
        required=False,
        help_text="Otherwise the days of grace are left for them.",
    )
    reason = ProseField(label="Reason", rows=3)
    required_messages = {"assignments": "Select at least one school", "ends_on": "Enter the last day", "reason": "Enter the reason"}


class AssignmentCoverForm(PortalForm):
    assignment = forms.ChoiceField(label="School", widget=Radios())
    adviser = PickerField(label="Who covers", thing="person", url=PEOPLE)
    starts_on = DateBoxesField(label="First day")
    ends_on = DateBoxesField(label="Last day")
    reason = ProseField(label="Reason", rows=3, required=False, help_text="Needed where a rule warns.")
    required_messages = {
        "assignment": "Select the school",
        "adviser": "Enter the name of who covers",
        "starts_on": "Enter the first day",
        "ends_on": "Enter the last day",
    }

    def __init__(self, *args: Any, user: User, rows: Sequence[Assignment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_id = {row.public_id: row for row in rows if row.kind == AssignmentKind.SIP}
        field = self.fields["assignment"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(pid, row.school.name) for pid, row in self.by_id.items()]
        serve_people(self, user, "adviser")

    def clean_assignment(self) -> Assignment:
        return self.by_id[self.cleaned_data["assignment"]]


# ---------------------------------------------------------------- the plan


class PlanRowForm(PortalForm):
    adviser = PickerField(label="SIP", thing="person", url=PEOPLE, required=False, help_text="Leave empty for a school without a SIP.")
    quarters = QuartersField(label="Days")
    reason = ProseField(label="Reason", rows=3, required=False, help_text="Answers what the rules warn of.")
    lock_version = forms.IntegerField(widget=forms.HiddenInput)
    required_messages = {"quarters": "Enter the days"}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        serve_people(self, user, "adviser")


# ---------------------------------------------------------------- inspection


def _family(family: str) -> str:
    return "Pupil referral units" if family == "pru" else family.capitalize()


class PeriodFilter(PortalFilterForm):
    """A period and a family of phases, in the address."""

    first = DateBoxesField(label="From", required=False)
    last = DateBoxesField(label="To", required=False)
    phase = forms.ChoiceField(
        label="Phase", required=False, choices=[("", "Any phase"), *((family, _family(family)) for family in PHASE_FAMILIES)]
    )


class ReadinessForm(PortalForm):
    """One radio group and one line of evidence for each item of the pack that the school is asked."""

    mark_optional = False

    def __init__(self, *args: Any, items: Sequence[ReadinessItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = items
        for item in items:
            self.fields[item.code] = forms.ChoiceField(
                label=item.text, help_text=item.evidence, choices=ReadinessState.choices, widget=Radios(inline=True), required=False
            )
            self.fields[f"{item.code}-evidence"] = forms.CharField(label=f"Evidence: {item.text}", max_length=300, required=False)

    @property
    def answers(self) -> dict[str, tuple[str, str]]:
        return {item.code: (self.cleaned_data[item.code], self.cleaned_data[f"{item.code}-evidence"]) for item in self.items}


class KeyIssueCodeForm(PortalForm):
    """A theme for each key issue; those whose words fit are offered, and a person decides."""

    mark_optional = False

    def __init__(self, *args: Any, issues: Sequence[KeyIssue], part: InspectionPart, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.issues = issues
        choices = [("", "Not coded yet"), *((theme.code, theme.label) for theme in part.themes)]
        for issue in issues:
            offered = issue.theme or part.suggest(issue.text)
            hint = "" if issue.theme or not offered else "Offered by its words; check it."
            self.fields[issue.public_id] = forms.ChoiceField(
                label=issue.text, choices=choices, initial=offered, required=False, help_text=hint
            )

    @property
    def themes(self) -> dict[str, str]:
        return {issue.public_id: self.cleaned_data[issue.public_id] for issue in self.issues}


# ---------------------------------------------------------------- finance


class ChallengeOpenForm(PortalForm):
    flag = forms.ChoiceField(label="What is challenged", widget=Radios())
    why = ProseField(label="What is the school asked?", rows=4, help_text="The school reads it.")

    def __init__(self, *args: Any, flags: Sequence[FinanceFlag], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["flag"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(flag.code, flag.label) for flag in flags]


class ChallengeLetterForm(PortalForm):
    letter_on = DateBoxesField(label="Date of the letter")


class ChallengeMeetForm(PortalForm):
    panel_on = DateBoxesField(label="Date of the panel")
    came = forms.CharField(label="Who came from the school", max_length=300)
    explanation = ProseField(label="How the school explained it", rows=5)


class ChallengeDecideForm(PortalForm):
    decided_on = DateBoxesField(label="Date of the decision")
    decision = ProseField(label="Decision", rows=4)
    review_on = DateBoxesField(label="Date of the review")


class ChallengeCloseForm(PortalForm):
    outcome = ProseField(label="What the review found", rows=4)


class ChallengeWithdrawForm(PortalForm):
    outcome = ProseField(label="Why it is withdrawn", rows=3)


class FinanceUploadForm(PortalForm):
    """A file that the finance officer keeps. What is wrong in it is shown row by row."""

    kind = forms.ChoiceField(label="What the file holds", widget=Radios())
    year = forms.IntegerField(
        label="First calendar year of a CFR workbook",
        required=False,
        min_value=1990,
        max_value=2199,
        help_text="2007 for 2007/08; the other files say it themselves.",
    )
    file = forms.FileField(label="File", help_text="CSV or an Excel workbook, at most 8 MB.")

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(kinds)
