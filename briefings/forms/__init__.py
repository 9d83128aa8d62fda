from .decks import DeckBeginForm, DeckIssueForm, PageAddForm, SlideEditForm

__all__ = ["DeckBeginForm", "DeckIssueForm", "PageAddForm", "SlideEditForm"]
