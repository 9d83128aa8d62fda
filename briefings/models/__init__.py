from .attendance import AgendaQuestion, Attendance
from .briefing import AgendaItem, Briefing
from .bulletin import Bulletin, BulletinDone, BulletinItem, BulletinReading
from .deck import Deck, DeckSlide, IssuedDeck
from .document import BriefingDocument
from .evaluation import Evaluation, EvaluationBox, Evaluator
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
from .need import TrainingNeed
from .workshop import Booking, Workshop

__all__ = [
    "AgendaItem",
    "AgendaQuestion",
    "Attendance",
    "Booking",
    "Briefing",
    "BriefingDocument",
    "Bulletin",
    "BulletinDone",
    "BulletinItem",
    "BulletinReading",
    "Deck",
    "DeckSlide",
    "Evaluation",
    "EvaluationBox",
    "Evaluator",
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
    "TrainingNeed",
    "Workshop",
]
