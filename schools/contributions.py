from core.audit import declare
from core.spans import no_overlap
from core.triggers import insert_only

from . import imports  # noqa: F401
from .models import Assignment, DaysEntry

no_overlap(Assignment, keys=["school", "kind"])
insert_only(DaysEntry)

declare(
    ("school.created", "added a school"),
    ("school.changed", "changed a school's facts"),
    ("register.imported", "imported the register"),
    ("contacts.imported", "imported contacts of schools"),
    ("assignments.imported", "imported assignments"),
    ("group.changed", "changed a group of schools"),
    ("contact.reported", "reported a contact"),
    ("contact.confirmed", "confirmed a contact"),
    ("contact.refused", "refused a reported contact"),
    ("contact.ended", "ended a contact"),
    ("interest.declared", "declared interests"),
    ("assignment.made", "assigned an adviser"),
    ("assignment.ended", "ended an assignment"),
    ("assignment.handed_over", "handed a school over"),
    ("days.allocated", "allocated days"),
    ("days.charged", "charged days"),
    ("plan.drafted", "drafted next year's plan"),
    ("plan.changed", "changed next year's plan"),
    ("plan.published", "published next year's plan"),
)
