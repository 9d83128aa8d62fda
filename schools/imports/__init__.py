"""What administrators and managers load into the register and the caseloads: four kinds of ``core.tabular.IMPORTS``."""

from core.tabular.imports import IMPORTS

from .assignments import ASSIGNMENTS
from .contacts import CONTACTS
from .gias import GIAS
from .links import LINKS

for _kind in (GIAS, LINKS, CONTACTS, ASSIGNMENTS):
    IMPORTS.add(_kind.key, _kind)
