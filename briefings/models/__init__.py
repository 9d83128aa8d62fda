from .briefing import AgendaItem, Briefing
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
