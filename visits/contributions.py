import datetime as dt

from django.urls import reverse

from core.agenda import AGENDA
from core.audit import declare
from core.due import DUE_ITEMS
from core.facts import FACT_SOURCES
from core.jobs import SCHEDULES, Schedule
from core.packs import add_section, need_settings
from core.search import SEARCH_KINDS, SearchKind
from core.triggers import insert_only
from people.navigation import NAVIGATION, NavPage
from people.roles import Hat
from people.roles import Permission as P
from schools.registries import PREPARATION, SCHOOL_HEADER, SCHOOL_TABS, TIMELINE, SchoolTab
from support.registries import LOOKS, RAISED

from . import agenda, briefing, concern, due, facts, kept, preparation, school_page, seals  # noqa: F401 - kept and seals add what visits keeps
from .indexing import ACTION, COMMENTARY, KIND, place_of, visible_actions, visible_commentaries, visible_records
from .models import CommentaryRecord, IncidentEntry, NoteRecord, RedactedCopy
from .pack import ALERTS, CHECKS, COHESION, NEEDED_SETTINGS, VISITS
from .questions import QUESTIONS
from .request_pack import REQUESTS
from .services import end_unused_offline_keys, escalate_alerts, expire_bundles, propose_every_disposal, send_reminders

insert_only(NoteRecord)
insert_only(RedactedCopy)
insert_only(IncidentEntry)
insert_only(CommentaryRecord)
insert_only(CommentaryRecord.sources.through)

LOOKS.add("visits.visits", concern.visit_looks)
RAISED.add("visits.alerts", concern.alerts_raised)

SEARCH_KINDS.add(
    KIND,
    SearchKind(
        key=KIND,
        label="Note of Visit",
        plural="Notes of Visit",
        visible_ids=visible_records,
        url=place_of,
    ),
)

SEARCH_KINDS.add(
    COMMENTARY,
    SearchKind(
        key=COMMENTARY,
        label="Annual commentary",
        plural="Annual commentaries",
        visible_ids=visible_commentaries,
        url=lambda document: reverse("visits:commentary-detail", args=[document.extra["commentary"]]),
    ),
)

SEARCH_KINDS.add(
    ACTION,
    SearchKind(
        key=ACTION,
        label="Agreed action",
        plural="Agreed actions",
        visible_ids=visible_actions,
        url=lambda document: reverse("visits:action-detail", args=[document.subject]),
    ),
)

for section in (VISITS, CHECKS, COHESION, ALERTS, QUESTIONS, REQUESTS):
    add_section(section)
need_settings(NEEDED_SETTINGS)

declare(
    ("round.opened", "opened a round"),
    ("round.changed", "changed a round"),
    ("round.closed", "closed a round"),
    ("round.reopened", "reopened a round"),
    ("round.exempted", "exempted a school from a round"),
    ("round.expected", "expects a visit to the school again"),
    ("round.reminded", "reminded of a round"),
    ("round.exported", "exported the coverage of a round"),
    ("visit.proposed", "proposed dates for a visit"),
    ("visit.booked", "booked a visit"),
    ("visit.dates_asked", "asked for other dates"),
    ("visit.moved", "moved a visit"),
    ("visit.cancelled", "cancelled a visit"),
    ("visit.held", "logged a visit as held"),
    ("visit.aborted", "logged that a visit could not be held"),
    ("visit.corrected", "corrected the facts of a visit"),
    ("visit.note_waived", "decided that no note is due"),
    ("visit.prepared", "prepared a visit"),
    ("visit.half_page", "wrote the school's half page"),
    ("visit.observer", "said who observes a visit"),
    ("note.opened_to", "opened a final note to a reader"),
    ("note.closed_to", "closed a final note to a reader"),
    ("head_review.logged", "logged a headteacher's review"),
    ("head_review.corrected", "corrected the facts of a headteacher's review"),
    ("call.logged", "entered a contact with a school"),
    ("note.started", "began a note"),
    ("note.written", "wrote in a note"),
    ("note.offline_ready", "made a device ready to write a note without a network"),
    ("note.offline_set_aside", "set aside what was written without a network"),
    ("note.offline_ended", "lost the key to what devices keep of a note"),
    ("note.shared", "shared a draft with a mentor"),
    ("note.submitted", "submitted a note"),
    ("note.handed_on", "gave a note to another author"),
    ("note.abandoned", "abandoned a note"),
    ("note.restored", "restored an abandoned note"),
    ("note.taken_back", "took a note back from review"),
    ("note.reassigned", "gave a review to another reviewer"),
    ("note.passed", "passed a note unreviewed"),
    ("note.opened_for_review", "opened a note to review it"),
    ("note.returned", "returned a note with reasons"),
    ("note.approved", "approved a note"),
    ("note.reopened", "reopened a note"),
    ("note.released", "released a note to the school"),
    ("note.answered", "answered on accuracy"),
    ("note.commented", "commented on a note"),
    ("note.comment_removed", "took back a comment"),
    ("note.difference", "recorded a difference of view"),
    ("note.replied", "answered a comment"),
    ("note.extended", "gave the school more time"),
    ("note.recalled", "recalled a note"),
    ("note.finalised", "made a note final"),
    ("note.correction_asked", "asked for a correction"),
    ("note.correction_declined", "declined a correction"),
    ("note.amended", "began an amendment"),
    ("note.amendment_abandoned", "abandoned an amendment"),
    ("note.withdrawal_asked", "asked to withdraw a note; access has ended"),
    ("note.withdrawn", "confirmed the withdrawal of a note"),
    ("note.withdrawal_refused", "refused the withdrawal of a note"),
    ("commentary.started", "began an annual commentary"),
    ("commentary.gathered", "gathered the year's notes into an annual commentary"),
    ("commentary.written", "wrote in an annual commentary"),
    ("commentary.handed_on", "gave an annual commentary to another author"),
    ("commentary.released", "sent an annual commentary to the school for accuracy"),
    ("commentary.answered", "answered on the accuracy of an annual commentary"),
    ("commentary.recalled", "recalled an annual commentary"),
    ("commentary.finalised", "made an annual commentary final"),
    ("commentary.amended", "began an amendment of an annual commentary"),
    ("commentary.amendment_abandoned", "gave up an amendment of an annual commentary"),
    ("commentary.withdrawal_asked", "asked to withdraw an annual commentary; access has ended"),
    ("commentary.withdrawn", "confirmed the withdrawal of an annual commentary"),
    ("commentary.withdrawal_refused", "refused the withdrawal of an annual commentary"),
    ("record.opened", "opened the note"),
    ("record.downloaded", "downloaded the PDF"),
    ("bundle.asked", "asked for final notes as one file"),
    ("bundle.made", "was given a file of final notes"),
    ("bundle.taken", "downloaded a file of final notes"),
    ("bundle.dropped", "deleted a file of final notes"),
    ("bundle.withdrawn", "deleted a file of final notes: one of them was withdrawn"),
    ("bundle.expired", "deleted a file of final notes whose days were over"),
    ("bundle.forgotten", "forgot that a file of final notes was made"),
    ("delivery.delivered", "was sent the note"),
    ("delivery.resent", "sent the note once more"),
    ("delivery.bounced", "could not be reached: the email came back"),
    ("actions.exported", "exported a list of actions"),
    ("action.progress", "reported progress on an action"),
    ("note.imported", "imported an earlier note"),
    ("alert.raised", "raised an alert to the authority"),
    ("alert.escalated", "sent an alert on that nobody had acknowledged"),
    ("alert.acknowledged", "acknowledged an alert"),
    ("alert.closed", "logged the outcome of an alert"),
    ("request.received", "recorded a request for information"),
    ("request.clarified", "asked the asker of a request to say more"),
    ("request.resumed", "took a request up again"),
    ("request.searching", "began to search for a request"),
    ("request.searched", "searched a place for a request"),
    ("request.deciding", "closed the search for a request"),
    ("request.item_read", "read what was found for a request"),
    ("request.file_taken", "downloaded a file that was found for a request"),
    ("request.marked", "marked what a copy leaves out"),
    ("request.item_decided", "decided on what was found for a request"),
    ("request.copy_made", "made a redacted copy"),
    ("request.copy_taken", "downloaded a redacted copy"),
    ("request.submitted", "gave an answer to a second reader"),
    ("request.approved", "approved an answer to a request"),
    ("request.returned", "returned an answer to a request"),
    ("request.sent", "answered a request"),
    ("retention.set", "set how long a kind of record is kept"),
    ("hold.placed", "placed a legal hold"),
    ("hold.lifted", "lifted a legal hold"),
    ("disposal.proposed", "proposed what is to be destroyed"),
    ("disposal.done", "destroyed what its list named"),
    ("incident.entered", "entered what was done about a withdrawal"),
    ("incident.read", "read under seal what was withdrawn"),
    ("incident.destroyed", "destroyed on order what was withdrawn"),
    ("incident.closed", "closed an incident"),
    ("disposal.set_aside", "set a list of what was to be destroyed aside"),
    ("readings.exported", "exported who read what"),
    ("request.taken_back", "closed a request that the asker took back"),
)

SCHEDULES.add("visits.offline_keys", Schedule(lambda at: end_unused_offline_keys(actor=None, at=at), every=dt.timedelta(minutes=10)))

SCHOOL_HEADER.add("visits.header", school_page.header)
SCHOOL_TABS.add(
    "visits",
    SchoolTab("visits", "Visits and {note:short_plural}", 20, "visits/tab_visits.html", school_page.visits_tab, school_page.is_shown),
)
TIMELINE.add("visits.events", school_page.events)
PREPARATION.add("visits.notes", preparation.previous_notes)

NAVIGATION.add(
    "visits.visits",
    NavPage(
        "visits",
        "Visits",
        10,
        "visits:visit-list",
        P.VISIT_LIST,
        also=("visits:note-", "visits:record-", "visits:withdrawal-", "visits:correction-", "visits:delivery-", "visits:call-"),
    ),
)
NAVIGATION.add("visits.calendar", NavPage("visits", "Calendar", 20, "visits:calendar", P.VISIT_LIST))
NAVIGATION.add("visits.rounds", NavPage("visits", "Rounds", 30, "visits:round-list", P.ROUND_VIEW))
NAVIGATION.add("visits.reviews", NavPage("visits", "Reviews", 40, "visits:review-list", P.REVIEW_QUEUE))
NAVIGATION.add(
    "visits.actions",
    NavPage(
        "visits",
        "{action:Plural}",
        50,
        "visits:action-list",
        P.VISIT_LIST,
        is_shown=lambda user: user.hats.worn != {Hat.DATA_PROTECTION_OFFICER},
    ),
)
NAVIGATION.add("visits.head_reviews", NavPage("visits", "Headteachers’ reviews", 60, "visits:head-review-list", P.HEAD_REVIEW_LIST))
NAVIGATION.add(
    "visits.commentaries",
    NavPage(
        "visits",
        "Annual commentaries",
        65,
        "visits:commentary-list",
        P.RECORD_READ,
        also=("visits:commentary-",),
        is_shown=lambda user: user.hats.worn != {Hat.RECIPIENT},
    ),
)
NAVIGATION.add("visits.bundles", NavPage("visits", "Final notes as one file", 70, "visits:bundle-list", P.RECORD_READ))
NAVIGATION.add("visits.alerts", NavPage("support", "{alert:Short_plural}", 10, "visits:alert-list", P.ALERT_READ))

NAVIGATION.add("visits.requests", NavPage("records", "Requests", 10, "visits:request-list", P.REQUEST_HANDLE, also=("visits:copy-",)))
NAVIGATION.add("visits.readings", NavPage("records", "Who read what", 20, "visits:reading-list", P.AUDIT_READ))
NAVIGATION.add(
    "visits.retention",
    NavPage("records", "Retention", 30, "visits:retention-list", P.RETENTION_VIEW, also=("visits:hold-", "visits:disposal-")),
)

NAVIGATION.add(
    "visits.incidents", NavPage("records", "Incidents", 40, "visits:incident-list", P.RECORD_WITHDRAW, also=("visits:incident-",))
)

AGENDA.add("visits.visits", agenda.visits_in)
AGENDA.add("visits.proposed", agenda.proposed_in)
AGENDA.add("visits.deadlines", agenda.deadlines_in)
AGENDA.add("visits.reviews", agenda.reviews_in)

FACT_SOURCES.add("note", facts.note_facts)
FACT_SOURCES.add("actions", facts.action_facts)

DUE_ITEMS.add("visits.alerts", due.alerts_due)
DUE_ITEMS.add("visits.visits", due.visits_due)
DUE_ITEMS.add("visits.rounds", due.rounds_due)
DUE_ITEMS.add("visits.notes", due.notes_due)
DUE_ITEMS.add("visits.shared", due.shared_due)
DUE_ITEMS.add("visits.reviews", due.reviews_due)
DUE_ITEMS.add("visits.commentaries", due.commentaries_due)
DUE_ITEMS.add("visits.corrections", due.corrections_due)
DUE_ITEMS.add("visits.withdrawals", due.withdrawals_due)
DUE_ITEMS.add("visits.actions", due.actions_due)
DUE_ITEMS.add("visits.overdue_actions", due.overdue_actions_due)
DUE_ITEMS.add("visits.bundles", due.bundles_due)
DUE_ITEMS.add("visits.requests", due.requests_due)
DUE_ITEMS.add("visits.disposals", due.disposals_due)
SCHEDULES.add("visits.disposals", Schedule(lambda at: propose_every_disposal(actor=None, at=at), daily_at=dt.time(4)))

SCHEDULES.add("visits.bundles_expire", Schedule(lambda at: expire_bundles(actor=None, at=at), every=dt.timedelta(hours=1)))
SCHEDULES.add("visits.escalate_alerts", Schedule(lambda at: escalate_alerts(at=at), every=dt.timedelta(minutes=5)))
SCHEDULES.add("visits.reminders", Schedule(lambda at: send_reminders(at=at), daily_at=dt.time(7)))
