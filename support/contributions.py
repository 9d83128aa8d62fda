from core.audit import declare
from core.packs import add_section
from core.spans import no_overlap
from schools.registries import SCHOOL_HEADER, TIMELINE

from . import school_page
from .models import Concern, SchoolCategory
from .pack import SUPPORT

no_overlap(SchoolCategory, keys=["school"])
no_overlap(Concern, keys=["school", "concern_class"])

add_section(SUPPORT)
SCHOOL_HEADER.add("support.marks", school_page.marks)
TIMELINE.add("support.events", school_page.events)

declare(
    ("intervention.recorded", "recorded an intervention"),
    ("intervention.changed", "changed an intervention"),
    ("category.decided", "recorded a school's category"),
    ("concern.opened", "opened a concern"),
    ("concern.closed", "closed a concern"),
)
