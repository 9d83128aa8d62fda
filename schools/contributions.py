from core.audit import declare
from core.due import DUE_ITEMS
from core.packs import add_section, need_settings
from core.search import SEARCH_KINDS, SearchKind
from core.spans import no_overlap
from core.triggers import insert_only
from people.navigation import NAVIGATION, NavPage
from people.roles import Permission as P

from . import (
    briefing,  # noqa: F401
    challenge_due,
    facts,  # noqa: F401
    imports,  # noqa: F401
    inspection_tab,
    school_page,
)
from .indexing import (
    ADVISER,
    CHALLENGE,
    CONTACT,
    KIND,
    adviser_url,
    challenge_url,
    contact_url,
    inspection_url,
    school_url,
    visible_advisers,
    visible_challenges,
    visible_contacts,
    visible_inspections,
    visible_schools,
)
from .indexing import INSPECTION as INSPECTION_KIND
from .models import Assignment, DaysEntry
from .pack import FINANCE, INSPECTION, NEEDED_SETTINGS
from .registries import SCHOOL_HEADER, SCHOOL_TABS, TIMELINE, SchoolTab

no_overlap(Assignment, keys=["school", "kind"])
insert_only(DaysEntry)

for section in (INSPECTION, FINANCE):
    add_section(section)
need_settings(NEEDED_SETTINGS)

SEARCH_KINDS.add(KIND, SearchKind(KIND, label="School", plural="Schools", visible_ids=visible_schools, url=school_url))
SEARCH_KINDS.add(
    CONTACT, SearchKind(CONTACT, label="At a school", plural="People at schools", visible_ids=visible_contacts, url=contact_url)
)
SEARCH_KINDS.add(ADVISER, SearchKind(ADVISER, label="Adviser", plural="Advisers", visible_ids=visible_advisers, url=adviser_url))
SEARCH_KINDS.add(INSPECTION_KIND, SearchKind(INSPECTION_KIND, "Inspection", "Inspections", visible_inspections, inspection_url))
SEARCH_KINDS.add(CHALLENGE, SearchKind(CHALLENGE, "Finance challenge", "Finance challenges", visible_challenges, challenge_url))

declare(
    ("school.created", "added a school"),
    ("school.changed", "changed a school's facts"),
    ("register.imported", "imported the register"),
    ("contacts.imported", "imported contacts of schools"),
    ("assignments.imported", "imported assignments"),
    ("group.changed", "changed a group of schools"),
    ("contact.reported", "reported a contact"),
    ("contact.confirmed", "confirmed a contact"),
    ("contact.refused", "refused a reported contact"),
    ("contact.ended", "ended a contact"),
    ("interest.declared", "declared interests"),
    ("assignment.made", "assigned an adviser"),
    ("assignment.ended", "ended an assignment"),
    ("assignment.handed_over", "handed a school over"),
    ("days.allocated", "allocated days"),
    ("days.charged", "charged days"),
    ("plan.drafted", "drafted next year's plan"),
    ("plan.changed", "changed next year's plan"),
    ("plan.published", "published next year's plan"),
    ("inspections.imported", "imported inspections"),
    ("key_issues.imported", "imported key issues of inspections"),
    ("key_issue.coded", "coded key issues to themes"),
    ("readiness.recorded", "recorded what is in place for inspection"),
    ("finance.imported", "imported finance returns"),
    ("plans.imported", "imported budget plans"),
    ("rolls.imported", "imported January counts"),
    ("challenge.opened", "opened a finance challenge"),
    ("challenge.letter_sent", "recorded the letter of a finance challenge"),
    ("challenge.met", "recorded the panel of a finance challenge"),
    ("challenge.decided", "recorded the decision of a finance challenge"),
    ("challenge.closed", "closed a finance challenge"),
    ("challenge.withdrawn", "withdrew a finance challenge"),
    ("inspections.exported", "exported a list of inspections or key issues"),
    ("finance.exported", "exported schools' finance"),
    ("schools.exported", "exported a list of schools"),
)

SCHOOL_HEADER.add("schools.register", school_page.register_facts)
SCHOOL_HEADER.add("schools.cluster", school_page.cluster_facts)
SCHOOL_HEADER.add("schools.contacts", school_page.contact_facts)
SCHOOL_HEADER.add("schools.advisers", school_page.adviser_facts)
SCHOOL_HEADER.add("schools.inspection", inspection_tab.header)
SCHOOL_HEADER.add("schools.days", school_page.days_facts)

for tab in (
    SchoolTab("overview", "Overview", 10, "schools/tab_overview.html", school_page.overview),
    SchoolTab("inspection", "Inspection", 50, "schools/tab_inspection.html", inspection_tab.inspection_tab),
    SchoolTab("people", "People", 80, "schools/tab_people.html", school_page.people_tab),
    SchoolTab("timeline", "Timeline", 90, "schools/tab_timeline.html", school_page.timeline_tab),
):
    SCHOOL_TABS.add(tab.key, tab)

NAVIGATION.add(
    "schools.schools",
    NavPage(
        "schools",
        "All schools",
        10,
        "schools:school-list",
        P.SCHOOL_LIST,
        also=("schools:contact-report", "schools:readiness-record", "schools:key-issue-code", "schools:challenge-open"),
    ),
)
NAVIGATION.add(
    "schools.caseloads",
    NavPage(
        "schools",
        "Caseloads",
        20,
        "schools:caseload-list",
        P.CASELOADS_VIEW,
        also=("schools:caseload-", "schools:assignment-", "schools:adviser-", "schools:plan-"),
    ),
)
NAVIGATION.add("schools.contacts", NavPage("schools", "Contacts", 40, "schools:contact-list", P.CONTACT_CONFIRM))
NAVIGATION.add("schools.outcomes", NavPage("inspection", "Outcomes", 10, "schools:inspection-overview", P.INSPECTION_OVERVIEW))
NAVIGATION.add("schools.key_issues", NavPage("inspection", "Key issues", 20, "schools:key-issue-list", P.INSPECTION_OVERVIEW))
NAVIGATION.add("schools.readiness", NavPage("inspection", "Readiness", 40, "schools:readiness-list", P.INSPECTION_OVERVIEW))
NAVIGATION.add("schools.challenges", NavPage("finance", "Challenges", 30, "schools:challenge-list", P.FINANCE_OVERVIEW))
NAVIGATION.add("schools.finance_upload", NavPage("finance", "Upload", 40, "schools:finance-upload", P.FINANCE_IMPORT))

TIMELINE.add("schools.events", school_page.events)

DUE_ITEMS.add("schools.contacts", school_page.contacts_due)
DUE_ITEMS.add("schools.without_sip", school_page.without_sip_due)
DUE_ITEMS.add("schools.declaration", school_page.declaration_due)
DUE_ITEMS.add("schools.challenges", challenge_due.challenges_due)
