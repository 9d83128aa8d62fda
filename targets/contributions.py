from core.audit import declare
from core.facts import EVERY_OTHER, FACT_SOURCES
from core.packs import add_section
from people.navigation import NAVIGATION, NavPage
from people.roles import Permission as P
from schools.registries import OVERVIEW_PANELS, PREPARATION, SCHOOL_HEADER, SCHOOL_TABS, OverviewPanel, SchoolTab

from . import imports, key_figures, policies, school_page, summary_sheet  # noqa: F401 - each registers itself
from .facts import measure_facts
from .headline_pack import HEADLINES
from .pack import FACTS, MEASURES, TARGETS
from .preparation import estimates_held, results_held, targets_held

for section in (MEASURES, TARGETS, FACTS, HEADLINES):
    add_section(section)

NAVIGATION.add("targets.headlines", NavPage("targets", "Headlines", 30, "targets:headlines", P.RESULTS_VIEW))
NAVIGATION.add("targets.results", NavPage("targets", "Results", 40, "targets:results-roll-up", P.RESULTS_VIEW, also=("targets:results-",)))

FACT_SOURCES.add(EVERY_OTHER, measure_facts)
PREPARATION.add("targets.results", results_held)
PREPARATION.add("targets.estimates", estimates_held)
PREPARATION.add("targets.indicative", targets_held)

declare(
    ("target.set", "set a target"),
    ("results.imported", "imported results, estimates or comparators"),
    ("results.exported", "exported results"),
)

SCHOOL_TABS.add("results", SchoolTab("results", "Targets and results", 30, "targets/tab_results.html", school_page.results_tab))
SCHOOL_HEADER.add("targets.sheet", summary_sheet.act)
OVERVIEW_PANELS.add("targets.key", OverviewPanel("targets.key", 10, "targets/key_figures.html", key_figures.overview_panel))
