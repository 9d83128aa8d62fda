"""The slides of a briefing, on its own page: what was published, and to whoever builds, the deck."""

from __future__ import annotations

from typing import Any

from briefings.models import Briefing, Deck, IssuedDeck
from core.access import can
from people.models import User
from people.roles import Permission as P


def packs_of(user: User, briefing: Briefing) -> dict[str, Any]:
    """Published packs, the latest first; the deck where the person builds for the authority. Two queries."""
    may_build = can(user, P.BRIEFING_BUILD, briefing)
    return {
        "issued": list(IssuedDeck.objects.visible_to(user).filter(briefing=briefing)),
        "may_build": may_build,
        "deck": Deck.objects.visible_to(user).filter(briefing=briefing).first() if may_build else None,
    }
