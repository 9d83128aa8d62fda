from django.urls import reverse

from core.agenda import AGENDA
from core.audit import AUDIT_EVENTS, EventKind, declare
from core.due import DUE_ITEMS
from core.packs import add_section, need_settings
from core.search import SEARCH_KINDS, SearchKind
from core.triggers import insert_only
from people.navigation import NAVIGATION, NavPage
from people.roles import Permission as P
from visits.questions import OFFERED_QUESTIONS

from . import agenda, due, kept  # noqa: F401 - kept puts its files before requests for information
from .builder import contributions as builder  # noqa: F401 - what the builder of slides contributes
from .indexing import PRACTICE, RESOURCE, visible_practice, visible_resources
from .models import ResourceVersion
from .pack import BRIEFINGS, NEEDED_SETTINGS
from .selectors.bank import offered_questions

add_section(BRIEFINGS)
need_settings(NEEDED_SETTINGS)
insert_only(ResourceVersion)
OFFERED_QUESTIONS.add("briefings.offers", offered_questions)

NAVIGATION.add(
    "briefings.briefings",
    NavPage(
        "briefings",
        "Briefings",
        5,
        "briefings:briefing-list",
        P.BRIEFING_VIEW,
        also=("briefings:item-", "briefings:document-", "briefings:question-ask", "briefings:development-"),
    ),
)

NAVIGATION.add("briefings.bulletins", NavPage("briefings", "Bulletins", 10, "briefings:bulletin-list", P.BULLETIN_VIEW))
NAVIGATION.add(
    "briefings.workshops",
    NavPage("briefings", "Workshops", 15, "briefings:workshop-list", P.WORKSHOP_VIEW, also=("briefings:workshop-", "briefings:booking-")),
)
NAVIGATION.add("briefings.needs", NavPage("briefings", "Training needs", 20, "briefings:need-list", P.NEED_READ))
NAVIGATION.add("briefings.evaluations", NavPage("briefings", "Evaluation", 25, "briefings:evaluation-list", P.EVALUATION_READ))

AGENDA.add("briefings.briefings", agenda.briefings_in)
AGENDA.add("briefings.workshops", agenda.workshops_in)
DUE_ITEMS.add("briefings.briefings", due.briefings_due)
DUE_ITEMS.add("briefings.bulletins", due.bulletins_due)
DUE_ITEMS.add("briefings.evaluations", due.evaluations_due)
NAVIGATION.add(
    "briefings.library",
    NavPage(
        "library",
        "Library",
        5,
        "briefings:resource-list",
        P.RESOURCE_LIST,
        also=("briefings:sample-", "briefings:visit-year", "briefings:category-"),
    ),
)
NAVIGATION.add("briefings.questions", NavPage("library", "Questions", 10, "briefings:question-list", P.QUESTION_VIEW))
NAVIGATION.add("briefings.practice", NavPage("library", "Practice elsewhere", 20, "briefings:practice-list", P.PRACTICE_VIEW))
NAVIGATION.add("briefings.suggestions", NavPage("library", "Suggestions", 30, "briefings:suggestion-list", P.SUGGESTION_MAKE))

SEARCH_KINDS.add(
    RESOURCE,
    SearchKind(
        key=RESOURCE,
        label="Library",
        plural="In the library",
        visible_ids=visible_resources,
        url=lambda document: reverse("briefings:resource-detail", args=[document.subject]),
    ),
)
SEARCH_KINDS.add(
    PRACTICE,
    SearchKind(
        key=PRACTICE,
        label="Practice elsewhere",
        plural="Practice elsewhere",
        visible_ids=visible_practice,
        url=lambda document: f"{reverse('briefings:practice-list')}#practice-{document.subject}",
    ),
)

declare(
    ("briefing.planned", "set the date of a briefing"),
    ("briefing.changed", "changed a briefing"),
    ("briefing.cancelled", "called a briefing off"),
    ("briefing.called", "invited people to a briefing"),
    ("briefing.replied", "answered an invitation to a briefing"),
    ("briefing.attended", "recorded who came to a briefing"),
    ("briefing.outcomes", "recorded what came of a briefing"),
    ("briefing.documents", "changed the documents of a briefing"),
    ("agenda.changed", "changed an agenda"),
    ("agenda.asked", "asked something of an agenda beforehand"),
    ("bulletin.begun", "began a bulletin"),
    ("bulletin.written", "wrote at a bulletin"),
    ("bulletin.published", "published a bulletin"),
    ("bulletin.read", "read a bulletin"),
    ("bulletin.done", "did what a bulletin asks"),
    ("workshop.offered", "offered a workshop"),
    ("workshop.changed", "changed a workshop"),
    ("workshop.cancelled", "called a workshop off"),
    ("workshop.booked", "booked a workshop"),
    ("workshop.booking_cancelled", "cancelled a booking of a workshop"),
    ("workshop.attended", "recorded who came to a workshop"),
    ("need.recorded", "said what they would like to learn"),
    ("need.removed", "took back what they would like to learn"),
    ("evaluation.opened", "opened the evaluation of a briefing or a workshop"),
    ("resource.added", "began a resource of the library"),
    ("resource.written", "wrote the next version of a resource"),
    ("resource.discarded", "gave up the next version of a resource"),
    ("resource.changed", "changed a resource's title or readers"),
    ("resource.published", "published a version of a resource"),
    ("resource.retired", "retired a resource"),
    ("resource.restored", "brought a retired resource back"),
    ("resource.opened", "opened a version of a resource"),
    ("resource.sample_offered", "offered a redacted copy as a sample note"),
    ("question.offered", "offered a question to the bank"),
    ("question.decided", "decided on a question that was offered"),
    ("question.marked", "said that a question worked"),
    ("question.unmarked", "took back that a question worked"),
    ("practice.recorded", "recorded practice elsewhere"),
    ("practice.changed", "corrected practice elsewhere"),
    ("practice.withdrawn", "took practice elsewhere off the list"),
    ("suggestion.made", "suggested something for the library"),
    ("suggestion.answered", "answered a suggestion"),
)
AUDIT_EVENTS.add("evaluation.answered", EventKind("evaluation.answered", "an answer to an evaluation was given", sealed=True))
