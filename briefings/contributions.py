from django.urls import reverse

from core.audit import declare
from core.packs import add_section, need_settings
from core.search import SEARCH_KINDS, SearchKind
from core.triggers import insert_only
from people.navigation import NAVIGATION, NavPage
from people.roles import Permission as P

from .builder import contributions as builder  # noqa: F401 - what the builder of slides contributes
from .indexing import PRACTICE, RESOURCE, visible_practice, visible_resources
from .models import ResourceVersion
from .pack import BRIEFINGS, NEEDED_SETTINGS

add_section(BRIEFINGS)
need_settings(NEEDED_SETTINGS)
insert_only(ResourceVersion)

NAVIGATION.add("briefings.briefings", NavPage("briefings", "Briefings", 5, "briefings:briefing-list", P.BRIEFING_VIEW))
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
