from .briefing import AgendaItem, Briefing
from .deck import Deck, DeckSlide, IssuedDeck
from .library import (
    Practice,
    QuestionMark,
    QuestionOffer,
    Resource,
    ResourceAudience,
    ResourceDraft,
    ResourceOpening,
    ResourceVersion,
    Suggestion,
)

__all__ = [
    "AgendaItem",
    "Briefing",
    "Deck",
    "DeckSlide",
    "IssuedDeck",
    "Practice",
    "QuestionMark",
    "QuestionOffer",
    "Resource",
    "ResourceAudience",
    "ResourceDraft",
    "ResourceOpening",
    "ResourceVersion",
    "Suggestion",
]
