from .account import AccountView, InvitationAcceptView
from .calendars import CalendarFeedView, CalendarLinkView
from .people import PersonListView, PersonSuggestView

__all__ = [
    "AccountView",
    "CalendarFeedView",
    "CalendarLinkView",
    "InvitationAcceptView",
    "PersonListView",
    "PersonSuggestView",
]
