from core.audit import declare
from core.due import DUE_ITEMS
from core.facts import FACT_SOURCES
from core.packs import add_section
from core.spans import no_overlap
from schools.registries import INSPECTION_VIEWS, PREPARATION, SCHOOL_HEADER, SCHOOL_TABS, TIMELINE, InspectionView, SchoolTab

from . import due, facts, finance_page, interventions, school_page
from .models import Concern, SchoolCategory, WarningNotice
from .pack import SUPPORT

no_overlap(SchoolCategory, keys=["school"])
no_overlap(Concern, keys=["school", "concern_class"])
no_overlap(WarningNotice, keys=["school"])

add_section(SUPPORT)
FACT_SOURCES.add("support", facts.support_facts)
FACT_SOURCES.add("interventions", facts.intervention_facts)
FACT_SOURCES.add("concern", facts.concern_facts)
FACT_SOURCES.add("programme", facts.programme_facts)

DUE_ITEMS.add("support.consultations", due.consultations_due)

SCHOOL_HEADER.add("support.marks", school_page.marks)
INSPECTION_VIEWS.add("priorities", InspectionView("priorities", "Priorities", 30, "support:priority-list"))
SCHOOL_TABS.add(
    "finance",
    SchoolTab("finance", "Finance", 60, "support/tab_finance.html", finance_page.finance_tab, finance_page.sees_finance),
)
SCHOOL_TABS.add(
    "support", SchoolTab("support", "Support", 40, "support/tab_support.html", interventions.support_tab, interventions.is_shown)
)
DUE_ITEMS.add("support.interventions", interventions.evaluations_due)
TIMELINE.add("support.events", school_page.events)
PREPARATION.add("support.flags", school_page.preparation)

declare(
    ("intervention.recorded", "recorded an intervention"),
    ("intervention.changed", "changed an intervention"),
    ("category.decided", "recorded a school's category"),
    ("concern.opened", "opened a concern"),
    ("concern.closed", "closed a concern"),
    ("notice.given", "recorded a warning notice"),
    ("notice.lifted", "recorded that a warning notice was lifted"),
    ("scheme.begun", "began a draft of the criteria"),
    ("scheme.changed", "changed a draft of the criteria"),
    ("scheme.consulted", "asked the SIPs about a draft of the criteria"),
    ("scheme.consultation_ended", "ended the consultation on a draft"),
    ("scheme.placed", "placed a school by hand"),
    ("scheme.commented", "commented on the draft's answer"),
    ("scheme.published", "published criteria"),
    ("scheme.discarded", "set a draft of the criteria aside"),
    ("scheme.exported", "exported the movers under a draft"),
    ("facts.exported", "exported a fact of schools"),
    ("priorities.exported", "exported the list of priorities"),
)
