"""Contacts: report one at a school, confirm or refuse, end."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from core import clock
from core.access import get_visible
from people.roles import Permission
from people.views.base import Deed, FormPage, Page
from schools.forms import ContactEndForm, ContactReportForm, ReasonForm
from schools.models import Contact
from schools.selectors import predecessors, reported_contacts
from schools.services import account_for, confirm_contact, end_contact, refuse_contact, report_contact

from .school import SchoolPage


def _people_url(contact_or_school: Any) -> str:
    school = getattr(contact_or_school, "school", contact_or_school)
    return reverse("schools:school-tab", args=[school.authority.code, school.urn, "people"])


class ContactReportView(FormPage, SchoolPage):
    """Report who is, or will be, in a role at the school."""

    permission = Permission.CONTACT_REPORT
    template_name = "schools/contact_report.html"
    tab = "people"

    def form(self, data: Any = None) -> ContactReportForm:
        return ContactReportForm(data)

    def deed(self, form: ContactReportForm) -> HttpResponse:
        row = report_contact(actor=self.user, school=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(_people_url(self.object), f"Reported: {row.name}. It counts once the administrator has confirmed it.")


def _contact(user: Any, pid: str) -> Contact:
    return get_visible(Contact.objects.select_related("school__authority", "reported_by", "user"), user, public_id=pid)


class ContactListView(Page):
    """Reported changes that wait, oldest first: each with whose row it ends and which account it joins."""

    permission = Permission.CONTACT_CONFIRM
    template_name = "schools/contact_list.html"

    def context(self) -> dict[str, Any]:
        return {"contacts": list(reported_contacts(self.user)[:200])}


class ContactConfirmView(Deed):
    permission = Permission.CONTACT_CONFIRM

    def get_object(self) -> Contact:
        return _contact(self.request.user, self.kwargs["pid"])

    def deed(self) -> str:
        confirm_contact(actor=self.request.user, contact=self.object, at=clock.now())
        return f"{self.object.name} is confirmed as {self.object.get_kind_display()} of {self.object.school.name}."

    def back(self) -> str:
        return reverse("schools:contact-list")


class _OneContact(FormPage):
    abstract = True
    permission = Permission.CONTACT_CONFIRM
    object: Contact

    def get_object(self) -> Contact:
        return _contact(self.request.user, self.kwargs["pid"])

    def authority_id(self) -> int | None:
        return self.object.school.authority_id

    def context(self) -> dict[str, Any]:
        return {"contact": self.object, "people_url": _people_url(self.object)}


class ContactRefuseView(_OneContact):
    template_name = "schools/contact_refuse.html"

    def form(self, data: Any = None) -> ReasonForm:
        return ReasonForm(data)

    def context(self) -> dict[str, Any]:
        return {**super().context(), "account": account_for(self.object), "ends": list(predecessors(self.object))}

    def deed(self, form: ReasonForm) -> HttpResponse:
        refuse_contact(actor=self.user, contact=self.object, reason=form.cleaned_data["reason"], at=clock.now())
        return self.go(reverse("schools:contact-list"), "The report is refused.")


class ContactEndView(_OneContact):
    template_name = "schools/contact_end.html"

    def form(self, data: Any = None) -> ContactEndForm:
        return ContactEndForm(data)

    def deed(self, form: ContactEndForm) -> HttpResponse:
        end_contact(actor=self.user, contact=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(_people_url(self.object), f"{self.object.name}'s role has its last day.")
