from .briefings import BriefingCancelForm, BriefingChangeForm, BriefingPlanForm
from .decks import DeckBeginForm, DeckIssueForm, PageAddForm, SlideEditForm

__all__ = ["BriefingCancelForm", "BriefingChangeForm", "BriefingPlanForm", "DeckBeginForm", "DeckIssueForm", "PageAddForm", "SlideEditForm"]
