"""Writes of people. Keyword-only, atomic, permission asked inside, one audit event a deed."""

from .accounts import (
    accept_invitation,
    create_account,
    deactivate,
    end_sessions,
    invite,
    keep_filters,
    open_invitation,
    people_with,
    reactivate,
    update_account,
)
from .authorities import create_authority, create_cluster, load_pack, rename_cluster, store_pack, update_authority
from .calendars import make_calendar_link, revoke_calendar_link
from .roles import end_role, grant_role
from .sips import SipFacts, assign_mentor, create_sip, end_mentor, facts_of, update_sip

__all__ = [
    "SipFacts",
    "accept_invitation",
    "assign_mentor",
    "create_account",
    "create_authority",
    "create_cluster",
    "create_sip",
    "deactivate",
    "end_mentor",
    "end_role",
    "end_sessions",
    "facts_of",
    "grant_role",
    "invite",
    "keep_filters",
    "load_pack",
    "make_calendar_link",
    "open_invitation",
    "people_with",
    "reactivate",
    "rename_cluster",
    "revoke_calendar_link",
    "store_pack",
    "update_account",
    "update_authority",
    "update_sip",
]
