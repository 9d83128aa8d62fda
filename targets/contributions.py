from core.audit import declare
from core.facts import EVERY_OTHER, FACT_SOURCES
from core.packs import add_section
from schools.registries import PREPARATION, SCHOOL_TABS, SchoolTab

from . import imports, policies, school_page  # noqa: F401 - each registers itself
from .facts import measure_facts
from .headline_pack import HEADLINES
from .pack import FACTS, MEASURES, TARGETS
from .preparation import results_held

for section in (MEASURES, TARGETS, FACTS, HEADLINES):
    add_section(section)

FACT_SOURCES.add(EVERY_OTHER, measure_facts)
PREPARATION.add("targets.results", results_held)

declare(
    ("target.set", "set a target"),
    ("results.imported", "imported results, estimates or comparators"),
    ("results.exported", "exported results"),
)

SCHOOL_TABS.add("results", SchoolTab("results", "Targets and results", 30, "targets/tab_results.html", school_page.results_tab))
