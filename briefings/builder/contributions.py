"""What the builder contributes: its part of the pack, its slides, its page, its events."""

from core.audit import declare
from core.packs import add_section
from core.triggers import insert_only
from people.navigation import NAVIGATION, NavPage
from people.roles import Permission as P

from ..models import IssuedDeck
from . import own  # noqa: F401 - puts its slides into the registry
from .pack import SLIDES_PART

add_section(SLIDES_PART)
insert_only(IssuedDeck)
NAVIGATION.add("briefings.decks", NavPage("briefings", "Slides", 50, "briefings:deck-list", P.BRIEFING_BUILD, also=("briefings:slide-",)))

declare(
    ("deck.begun", "began the slides of a briefing"),
    ("deck.refreshed", "asked for the figures of slides again"),
    ("deck.slide_edited", "edited a slide"),
    ("deck.slide_restored", "put the generated text of a slide back"),
    ("deck.slide_left_out", "left a slide out, or took it in again"),
    ("deck.slide_moved", "moved a slide"),
    ("deck.page_added", "added a page to slides"),
    ("deck.issued", "published the slides of a briefing"),
    ("deck.exported", "exported the slides of a briefing"),
)
