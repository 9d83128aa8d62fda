from core.audit import declare
from core.packs import add_section

from . import imports, policies  # noqa: F401 - each registers itself
from .pack import FACTS, MEASURES, TARGETS

for section in (MEASURES, TARGETS, FACTS):
    add_section(section)

declare(("target.set", "set a target"), ("results.imported", "imported results, estimates or comparators"))
