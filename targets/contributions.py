from core.audit import declare
from core.due import DUE_ITEMS
from core.facts import EVERY_OTHER, FACT_SOURCES
from core.packs import add_section
from people.navigation import NAVIGATION, NavPage
from people.roles import Permission as P
from schools.registries import OVERVIEW_PANELS, PREPARATION, SCHOOL_HEADER, SCHOOL_TABS, OverviewPanel, SchoolTab

from . import briefing, imports, kept, key_figures, policies, school_page, summary_sheet  # noqa: F401 - each registers itself
from .due import targets_due
from .facts import measure_facts
from .headline_pack import HEADLINES
from .pack import FACTS, MEASURES, TARGETS
from .preparation import aims_held, results_held

for section in (MEASURES, TARGETS, FACTS, HEADLINES):
    add_section(section)

NAVIGATION.add(
    "targets.round",
    NavPage("targets", "Target round", 20, "targets:target-list", P.TARGET_VIEW, also=("targets:target-", "targets:pupil-")),
)
NAVIGATION.add("targets.headlines", NavPage("targets", "Headlines", 30, "targets:headlines", P.RESULTS_VIEW))
NAVIGATION.add("targets.results", NavPage("targets", "Results", 40, "targets:results-roll-up", P.RESULTS_VIEW, also=("targets:results-",)))

FACT_SOURCES.add(EVERY_OTHER, measure_facts)
PREPARATION.add("targets.results", results_held)
PREPARATION.add("targets.aims", aims_held)

declare(
    ("target.set", "set a target"),
    ("target.indicated", "set indicative targets"),
    ("target.proposed", "proposed targets"),
    ("target.answered", "accepted or challenged targets"),
    ("target.decided", "agreed targets, or set them without agreement"),
    ("target.revised", "revised targets"),
    ("target.settled", "took targets out of the round, or back into it"),
    ("target.signed", "signed targets, or recorded a signature"),
    ("target.submitted", "submitted statutory targets"),
    ("target.exported", "exported targets"),
    ("pupils.replaced", "loaded a pupil-level sheet"),
    ("pupils.changed", "changed a pupil-level sheet"),
    ("pupils.closed", "closed pupil-level sheets to SIPs"),
    ("targets.imported", "imported targets of schools"),
    ("target.reminded", "reminded schools of their targets"),
    ("results.imported", "imported results, estimates or comparators"),
    ("results.exported", "exported results"),
)

SCHOOL_TABS.add("results", SchoolTab("results", "Targets and results", 30, "targets/tab_results.html", school_page.results_tab))
SCHOOL_HEADER.add("targets.sheet", summary_sheet.act)
OVERVIEW_PANELS.add("targets.key", OverviewPanel("targets.key", 10, "targets/key_figures.html", key_figures.overview_panel))
DUE_ITEMS.add("targets.round", targets_due)
