"""Schools, the people at them and their advisers in the search index: whoever writes them puts them in, in the same
transaction (architecture.md rule 22)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from core import clock, search
from core.components.formats import day
from core.search import Entry, SearchDocument
from people.models import Sip, User

from .choices import ContactState
from .models import Contact, FinanceChallenge, Inspection, School
from .pack import Frameworks

KIND, INSPECTION, CHALLENGE = "school", "inspection", "challenge"


def index_schools(schools: Iterable[School]) -> int:
    """Put schools in, or what they now are. They are found by name, town, postcode, URN and DfE number. Select their authority."""
    return search.put_many(
        Entry(
            kind=KIND,
            subject=school.public_id,
            title=school.name,
            body=", ".join(filter(None, (school.town, school.postcode, f"URN {school.urn}", school.get_phase_display(), _state(school)))),
            keywords=filter(None, (school.dfe_number, school.dfe_number.replace("/", ""), school.postcode.replace(" ", ""))),
            authority_id=school.authority_id,
            school_id=school.pk,
        )
        for school in schools
    )


def _state(school: School) -> str:
    return "" if school.is_open else school.get_status_display()


def visible_schools(user: Any) -> QuerySet[School, Any]:
    """The public ids of the schools in a person's scope: what ``core.search`` asks before it counts or shows."""
    subject = Concat("authority__code", Value("-"), Cast("urn", CharField()))
    return School.objects.visible_to(user).order_by().annotate(subject=subject).values_list("subject", flat=True)


def school_url(document: SearchDocument) -> str:
    authority, _, urn = document.subject.rpartition("-")
    return reverse("schools:school-detail", args=[authority, urn])


# ---------------------------------------------------------------- people

CONTACT = "contact"
ADVISER = "adviser"


def index_contacts(contacts: Iterable[Contact]) -> int:
    """Put confirmed contacts in: found by name, and by the role at the school. Select their school."""
    return search.put_many(
        Entry(
            kind=CONTACT,
            subject=contact.public_id,
            title=contact.name,
            body=f"{contact.get_kind_display().capitalize()}, {contact.school.name}",
            authority_id=contact.school.authority_id,
            school_id=contact.school_id,
            extra={"page": [contact.school.authority.code, contact.school.urn]},
        )
        for contact in contacts
    )


def visible_contacts(user: Any) -> QuerySet[Contact, Any]:
    """Of the schools that one sees, who is in post today or shall be."""
    in_post = Contact.objects.visible_to(user).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=clock.today()))
    return in_post.filter(state=ContactState.CONFIRMED).order_by().values_list("public_id", flat=True)


def contact_url(document: SearchDocument) -> str:
    return reverse("schools:school-tab", args=[*document.extra["page"], "people"])


def index_adviser(user: User) -> None:
    """Put a SIP in, by name: one entry, in however many authorities they serve."""
    search.put(ADVISER, user.public_id, title=user.name)


def visible_advisers(user: Any) -> QuerySet[User, Any]:
    """Those whose page one may open: oneself, one's mentees, those of the authorities that one lists SIPs of."""
    return User.objects.filter(pk__in=Sip.objects.visible_to(user).values("user_id")).order_by().values_list("public_id", flat=True)


def adviser_url(document: SearchDocument) -> str:
    return reverse("schools:adviser-detail", args=[document.subject])


# ---------------------------------------------------------------- inspections, with their key issues


def index_inspections(inspections: QuerySet[Inspection], frameworks: Frameworks) -> int:
    """Put inspections in, or what they now are: found by school, grade in the framework's words, category and key issues. Two queries."""
    return search.put_many(
        Entry(
            kind=INSPECTION,
            subject=row.public_id,
            title=f"{row.get_kind_display().capitalize()}, {row.school.name}, {day(row.starts_on)}",
            body=". ".join(
                filter(
                    None,
                    (
                        (framework := frameworks.of(row.framework, row.starts_on)).label,
                        f"{framework.overall}: {framework.grade(row.overall)}" if row.overall is not None else "",
                        framework.categories.get(row.category, ""),
                        row.outcome,
                        *(issue.text for issue in row.key_issues.all()),
                    ),
                )
            ),
            authority_id=row.authority_id,
            school_id=row.school_id,
            occurred_on=row.starts_on,
        )
        for row in inspections.select_related("school").prefetch_related("key_issues")
    )


def visible_inspections(user: Any) -> QuerySet[Inspection, Any]:
    return Inspection.objects.visible_to(user).order_by().values_list("public_id", flat=True)


def inspection_url(document: SearchDocument) -> str:
    return reverse("schools:inspection-show", args=[document.subject])


# ---------------------------------------------------------------- finance challenges


def index_challenge(row: FinanceChallenge) -> None:
    """Put a challenge in, or what it now is, with what was asked, explained and decided: it is read by whoever reads the school's money."""
    texts = (row.why, row.came, row.explanation, row.decision, row.outcome)
    entry = Entry(
        kind=CHALLENGE,
        subject=row.public_id,
        title=f"{row.label}: {row.school.name}",
        body="\n".join(filter(None, texts)),
        authority_id=row.authority_id,
        school_id=row.school_id,
        occurred_on=row.opened_on,
    )
    search.put_many([entry])


def visible_challenges(user: Any) -> QuerySet[FinanceChallenge, Any]:
    return FinanceChallenge.objects.visible_to(user).order_by().values_list("public_id", flat=True)


def challenge_url(document: SearchDocument) -> str:
    return reverse("schools:challenge-detail", args=[document.subject])
