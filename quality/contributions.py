import datetime as dt

from core.agenda import AGENDA
from core.audit import AUDIT_EVENTS, EventKind, declare
from core.due import DUE_ITEMS
from core.jobs import SCHEDULES, Schedule
from core.packs import add_section, need_settings
from core.triggers import insert_only
from people.navigation import NAVIGATION, NavPage
from people.roles import Permission as P
from visits.registries import REVIEW_LINKS

from . import briefing, due, gate, kept  # noqa: F401 - briefing and kept put theirs into the registries
from .models import FeedbackRelease, MentoringEntry
from .pack import NEEDED_SETTINGS, QUALITY
from .services import release_due_feedback

add_section(QUALITY)
need_settings(NEEDED_SETTINGS)
insert_only(FeedbackRelease)
insert_only(MentoringEntry)

COCKPIT = ("quality:sample-", "quality:rows", "quality:moderation-settle", "quality:gate-")
NAVIGATION.add("quality.overview", NavPage("quality", "Overview", 5, "quality:overview", P.QUALITY_OVERVIEW, also=COCKPIT))
NAVIGATION.add("quality.shadowing", NavPage("quality", "Shadowing", 6, "quality:shadowing-list", P.SHADOWING_LIST))
NAVIGATION.add("quality.moderation", NavPage("quality", "Notes to rate", 7, "quality:moderation-list", P.MODERATION_LIST))
NAVIGATION.add("quality.feedback", NavPage("quality", "Feedback", 10, "quality:feedback-own", P.FEEDBACK_VIEW))
NAVIGATION.add("quality.feedback_forms", NavPage("quality", "Forms of feedback", 20, "quality:feedback-list", P.FEEDBACK_ASK))
NAVIGATION.add("quality.mentoring", NavPage("quality", "Mentoring", 30, "quality:mentoring-list", P.MENTORING_VIEW))
NAVIGATION.add("quality.sip_reviews", NavPage("quality", "{sip:Short} reviews", 40, "quality:sip-review-list", P.SIP_REVIEW_VIEW))
NAVIGATION.add(
    "quality.report",
    NavPage("quality", "Programme report", 50, "quality:report", P.PROGRAMME_REPORT, also=("quality:report-", "quality:evidence")),
)
NAVIGATION.add("quality.judgements", NavPage("quality", "Outside judgements", 60, "quality:judgement-list", P.JUDGEMENT_VIEW))

REVIEW_LINKS.add("quality.gate_rating", gate.rating_link)
AGENDA.add("quality.shadowings", due.shadowings_in)
DUE_ITEMS.add("quality.shadowings", due.shadowings_due)
DUE_ITEMS.add("quality.moderations", due.moderations_due)
DUE_ITEMS.add("quality.feedback", due.feedback_due)
DUE_ITEMS.add("quality.mentoring", due.mentors_due)
DUE_ITEMS.add("quality.sip_reviews", due.sip_reviews_due)
SCHEDULES.add("quality.feedback_release", Schedule(lambda at: release_due_feedback(at=at), daily_at=dt.time(6)))

declare(
    ("shadowing.planned", "planned a shadowing"),
    ("shadowing.moved", "moved a shadowing"),
    ("shadowing.cancelled", "cancelled a shadowing"),
    ("shadowing.told", "told the headteacher who will observe"),
    ("shadowing.other_date", "asked for another date for an observer"),
    ("shadowing.written", "wrote up a shadowing"),
    ("shadowing.answered", "answered a shadowing"),
    ("shadowing.closed", "closed a shadowing"),
    ("shadowing.exported", "exported shadowings"),
    ("gate.exported", "exported the queue of gate reviews"),
    ("sample.drawn", "drew a sample of final notes"),
    ("moderation.asked", "asked a moderator to rate a note"),
    ("moderation.taken_back", "took a rating back that was asked for"),
    ("moderation.rated", "rated a note"),
    ("moderation.settled", "settled two grades that differ"),
    ("gate.rated", "rated a note at the gate"),
    ("moderation.exported", "exported a sample with its ratings"),
    ("feedback.asked", "asked heads and chairs for feedback"),
    ("feedback.reminded", "reminded heads and chairs of feedback"),
    ("feedback.summarised", "wrote the summary of comments about a SIP"),
    ("feedback.read", "opened the answers about a SIP"),
    ("mentoring.logged", "added to the log of mentoring"),
    ("mentoring.signed_off", "signed off the first year of a SIP"),
    ("sip_review.begun", "began a SIP review"),
    ("sip_review.objective_set", "set an objective in a SIP review"),
    ("sip_review.agreed", "agreed the objectives of a SIP review"),
    ("sip_review.mid_year", "recorded the mid-year of a SIP review"),
    ("sip_review.account", "wrote their own account in a SIP review"),
    ("sip_review.need", "recorded a need for training in a SIP review"),
    ("sip_review.closed", "closed a SIP review"),
    ("report.written", "wrote under a heading of a report of the programme"),
    ("report.exported", "exported a report of the programme"),
    ("judgement.recorded", "recorded an outside judgement"),
    ("judgement.answered", "answered an outside judgement"),
    ("feedback.exported", "exported which forms of feedback have come, or what was released"),
    ("feedback.released", "released the feedback of the year"),
)
for _code, _sentence in (
    ("feedback.saved", "answers to a form of feedback were saved"),
    ("feedback.sent", "answers to a form of feedback were sent"),
    ("feedback.withdrawn", "answers to a form of feedback were withdrawn"),
):
    AUDIT_EVENTS.add(_code, EventKind(_code, _sentence, sealed=True))
