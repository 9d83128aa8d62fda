from core.audit import declare
from core.packs import add_section
from people.navigation import NAVIGATION, NavPage
from people.roles import Permission as P

from .builder import own  # noqa: F401 - puts its slides into the registry
from .builder.pack import SLIDES_PART
from .pack import BRIEFINGS

add_section(BRIEFINGS)
add_section(SLIDES_PART)

NAVIGATION.add("briefings.briefings", NavPage("briefings", "Briefings", 5, "briefings:briefing-list", P.BRIEFING_VIEW))

declare(
    ("briefing.planned", "set the date of a briefing"),
    ("briefing.changed", "changed a briefing"),
    ("briefing.cancelled", "called a briefing off"),
)
