"""What the pages of visits, notes and records have in common: whose they are, in which words, and the way back."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any, ClassVar

from django.urls import reverse

from core import clock
from core.access import get_visible
from core.calendar import AcademicYear
from core.components.formats import day
from core.components.forms import PortalForm
from core.workflow import Workflow
from people.pack import PLAIN_LABELS
from people.packs import AuthorityPack, pack_for, page_pack
from people.views.base import FormPage, Page, capacity_of
from schools.models import School
from visits.forms.visits import ReasonForm
from visits.models import NoteOfVisit, Visit
from visits.pack import VisitsPart, VisitType, visits_of
from visits.selectors import note_tag, notes_with_visits, role_at, visit_tag, with_schools
from visits.workflow import NOTE_WORKFLOW, VISIT_WORKFLOW


def school_words(schools: list[School]) -> str:
    """ "Oakfield Primary School and Ashdown Primary School"."""
    names = [school.name for school in schools]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def visit_words(visit: Visit) -> str:
    """ "Autumn visit: pupil review, 9 October 2008"."""
    return f"{visit.visit_type_label}, {day(visit.on)}" if visit.on else visit.visit_type_label


class WithPack(Page):
    """A page that rests on the policy of its authority."""

    abstract = True

    @cached_property
    def policy_in_force(self) -> AuthorityPack | None:
        """The policy that the page is written under: today's, unless its row knows another."""
        return page_pack(self.request, self.authority_id(), self.today)[1]

    @property
    def part(self) -> VisitsPart | None:
        return visits_of(self.policy_in_force.content) if self.policy_in_force else None


class AboutSchools(WithPack):
    """A page about a row of one or several schools: their authority's words, and what the asker is there."""

    abstract = True

    @property
    def schools(self) -> list[School]:
        raise NotImplementedError

    @property
    def at(self) -> dt.datetime:
        return clock.now()

    @property
    def role(self) -> str:
        """What the asker is at the first of the schools where they are anything: "Headteacher"."""
        return next((role for school in self.schools if (role := role_at(self.user.hats, school))), "")

    def capacity(self) -> str:
        return self.role or capacity_of(self.user)

    def authority_id(self) -> int | None:
        return self.schools[0].authority_id

    def kind_of_school(self) -> str:
        return self.schools[0].phase

    def frame(self) -> dict[str, Any]:
        school = self.schools[0]
        pack = self.policy_in_force
        return {
            **super().frame(),
            "labels": pack.labels(school.phase) if pack else PLAIN_LABELS,
            "school": school,
            "school_words": school_words(self.schools),
            "visits_url": f"{reverse('visits:visit-list')}?school={school.public_id}",
        }


class AboutVisit(AboutSchools):
    """A page about one visit of the asker's scope."""

    abstract = True
    workflow = VISIT_WORKFLOW

    def get_object(self) -> Visit:
        return get_visible(with_schools(Visit.objects.all()), self.request.user, public_id=self.kwargs["visit"])

    @property
    def visit(self) -> Visit:
        visit: Visit = self.object
        return visit

    @property
    def schools(self) -> list[School]:
        return self.visit.covered

    @cached_property
    def policy_in_force(self) -> AuthorityPack | None:
        on = self.visit.on or self.today
        if AcademicYear.from_date(on) == AcademicYear.from_date(self.today):
            return super().policy_in_force
        return pack_for(self.visit.authority, on)

    @property
    def visit_type(self) -> VisitType | None:
        """The pack's kind of the visit; None where the pack in force no longer has it."""
        part = self.part
        return next((kind for kind in part.visit_types if kind.code == self.visit.visit_type), None) if part else None

    def frame(self) -> dict[str, Any]:
        return {
            **super().frame(),
            "visit": self.visit,
            "visit_tag": visit_tag(self.visit),
            "visit_words": visit_words(self.visit),
            "back": self.visit.get_absolute_url(),
        }


class AboutNote(AboutSchools):
    """A page about one note of the asker's scope, in the words of the pack that it is written under."""

    abstract = True
    workflow = NOTE_WORKFLOW

    def get_object(self) -> NoteOfVisit:
        return get_visible(notes_with_visits(NoteOfVisit.objects.all()), self.request.user, public_id=self.kwargs["note"])

    @property
    def note(self) -> NoteOfVisit:
        note: NoteOfVisit = self.object
        return note

    @property
    def schools(self) -> list[School]:
        return self.note.covered

    @cached_property
    def policy_in_force(self) -> AuthorityPack | None:
        return AuthorityPack(self.note.authority, self.note.pack)

    def frame(self) -> dict[str, Any]:
        return {
            **super().frame(),
            "note": self.note,
            "visit": self.note.visit,
            "note_tag": note_tag(self.note),
            "visit_words": visit_words(self.note.visit),
            "back": self.note.get_absolute_url(),
        }


class StepForm(FormPage):
    """One step of a visit or a note, on a page of its own: what it does, what it asks, and the way back unchanged.

    ``takes``: the actions of the ``workflow`` that it takes. Opened when none of them can be taken any more (an old tab, the
    back button), it says so and asks nothing.
    """

    abstract = True
    takes: ClassVar[tuple[str, ...]] = ()
    workflow: Workflow[Any]
    title: ClassVar[str]
    submit: ClassVar[str] = "Save"
    kind: ClassVar[str] = "primary"

    def frame(self) -> dict[str, Any]:
        over = self.workflow.refuses(self.object, self.today, *self.takes) if self.takes else ""
        return {**super().frame(), "title": self.title, "submit": self.submit, "kind": self.kind, "over": over}


class ReasonStep(StepForm):
    """A step that asks for its reason and nothing else."""

    abstract = True
    label: ClassVar[str]
    says: ClassVar[str]
    hint: ClassVar[str] = ""

    def form(self, data: Any = None) -> PortalForm:
        return ReasonForm(data, label=self.label, says=self.says, hint=self.hint)
