from .account import AccountView, InvitationAcceptView
from .people import PersonListView, PersonSuggestView

__all__ = ["AccountView", "InvitationAcceptView", "PersonListView", "PersonSuggestView"]
