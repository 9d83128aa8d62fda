"""What administrators, managers and finance officers load: kinds of ``core.tabular.IMPORTS``."""

from core.tabular.imports import IMPORTS

from .assignments import ASSIGNMENTS
from .contacts import CONTACTS
from .finance import CFR, PLANS, RETURNS, ROLLS
from .gias import GIAS
from .inspections import HISTORY, MI, OWN
from .key_issues import KEY_ISSUES
from .links import LINKS

for _kind in (GIAS, LINKS, CONTACTS, ASSIGNMENTS, MI, HISTORY, OWN, KEY_ISSUES, RETURNS, CFR, PLANS, ROLLS):
    IMPORTS.add(_kind.key, _kind)
