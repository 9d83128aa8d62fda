from core.audit import declare
from core.packs import add_section

from .pack import FACTS, MEASURES, TARGETS

for section in (MEASURES, TARGETS, FACTS):
    add_section(section)

declare(("target.set", "set a target"))
