from core.audit import declare
from core.spans import no_overlap

from .models import Concern, SchoolCategory

no_overlap(SchoolCategory, keys=["school"])
no_overlap(Concern, keys=["school", "concern_class"])

declare(
    ("intervention.recorded", "recorded an intervention"),
    ("intervention.changed", "changed an intervention"),
    ("category.decided", "recorded a school's category"),
    ("concern.opened", "opened a concern"),
    ("concern.closed", "closed a concern"),
)
