from core.audit import declare
from core.packs import add_section
from people.navigation import NAVIGATION, NavPage
from people.roles import Permission as P

from .pack import BRIEFINGS

add_section(BRIEFINGS)

NAVIGATION.add("briefings.briefings", NavPage("briefings", "Briefings", 5, "briefings:briefing-list", P.BRIEFING_VIEW))

declare(
    ("briefing.planned", "set the date of a briefing"),
    ("briefing.changed", "changed a briefing"),
    ("briefing.cancelled", "called a briefing off"),
)
