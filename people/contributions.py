from core.audit import declare
from core.packs import add_section, need_settings
from core.spans import no_overlap

from .models import Sip
from .navigation import NAVIGATION, NavPage
from .pack import CALENDAR, NEEDED_SETTINGS
from .roles import Permission

no_overlap(Sip, keys=["user", "authority"])

add_section(CALENDAR)
need_settings(NEEDED_SETTINGS)

NAVIGATION.add("people.people", NavPage("schools", "People", 30, "people:person-list", Permission.SIP_LIST))

declare(
    ("authority.created", "made the authority"),
    ("authority.changed", "changed the authority's details or settings"),
    ("cluster.created", "made a cluster"),
    ("cluster.renamed", "renamed a cluster"),
    ("pack.loaded", "loaded a pack"),
    ("account.created", "made an account"),
    ("account.changed", "changed an account"),
    ("account.deactivated", "deactivated an account"),
    ("account.reactivated", "reactivated an account"),
    ("account.invited", "sent an invitation"),
    ("invitation.accepted", "accepted the invitation"),
    ("role.granted", "granted a role"),
    ("role.ended", "ended a role"),
    ("sip.created", "made a SIP profile"),
    ("sip.changed", "changed a SIP profile"),
    ("mentor.assigned", "assigned a mentor"),
    ("mentor.ended", "ended a mentorship"),
    ("calendar.linked", "made a calendar link"),
    ("calendar.revoked", "ended the calendar link"),
    ("session.signed_in", "signed in"),
    ("session.failed", "failed to sign in"),
    ("session.signed_out", "signed out"),
    ("password.changed", "changed the password"),
)
