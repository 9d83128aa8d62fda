import datetime as dt

from core.audit import declare
from core.due import DUE_ITEMS
from core.facts import FACT_SOURCES
from core.jobs import SCHEDULES, Schedule
from core.packs import add_section
from core.spans import no_overlap
from core.triggers import insert_only
from people.navigation import NAVIGATION, NavPage
from people.roles import Permission as P
from schools.registries import FLAGS, SCHOOL_HEADER, SCHOOL_TABS, TIMELINE, SchoolTab
from targets.registries import HEADLINE_SOURCES

from . import (
    board,
    briefing,  # noqa: F401 - puts its slides into the registry
    brokering,
    concern_due,
    directory,
    due,
    effects,
    facts,
    finance_page,
    interventions,
    programmes,
    school_page,
    timeline,
)
from .models import (
    AdviserAllocation,
    BrokeringPolicy,
    Concern,
    ConcernContact,
    ConcernReview,
    ConcernSign,
    Dissent,
    Drawdown,
    DrawdownStep,
    Enrolment,
    FormalPower,
    ProgrammeReport,
    Representation,
    SchoolCategory,
    WarningNotice,
)
from .pack import SUPPORT
from .programme_pack import AREAS, PROGRAMMES
from .registries import LOOKS
from .services import publish_due_categories

no_overlap(SchoolCategory, keys=["school"])
no_overlap(Concern, keys=["school", "concern_class"])
no_overlap(WarningNotice, keys=["school"])
no_overlap(FormalPower, keys=["school", "power"])
no_overlap(Enrolment, keys=["programme", "school"])
no_overlap(AdviserAllocation, keys=["enrolment"])
insert_only(ConcernSign)
insert_only(ConcernReview)
insert_only(ConcernContact)
insert_only(Representation)
insert_only(Dissent)
insert_only(BrokeringPolicy)
insert_only(Drawdown)
insert_only(DrawdownStep)
insert_only(ProgrammeReport)

add_section(SUPPORT)
add_section(PROGRAMMES)
add_section(AREAS)
FACT_SOURCES.add("support", facts.support_facts)
FACT_SOURCES.add("interventions", facts.intervention_facts)
FACT_SOURCES.add("concern", facts.concern_facts)
FACT_SOURCES.add("programme", facts.programme_facts)

NAVIGATION.add(
    "support.concern",
    NavPage("support", "Causing concern", 5, "support:concern-board", P.CONCERN_LIST, also=("support:concern-",)),
)
NAVIGATION.add("support.warnings", NavPage("support", "Early warnings", 6, "support:warning-list", P.CONCERN_LIST))
NAVIGATION.add(
    "support.directory", NavPage("support", "Directory of services", 10, "support:service-list", P.SERVICE_VIEW, also=("support:policy-",))
)
NAVIGATION.add("support.requests", NavPage("support", "Requests", 15, "support:support-requests", P.INTERVENTION_VIEW))
NAVIGATION.add("support.spend", NavPage("support", "Spend and impact", 45, "support:spend-overview", P.SPEND_VIEW))
NAVIGATION.add(
    "support.programmes",
    NavPage(
        "support",
        "Programmes",
        20,
        "support:programme-list",
        P.PROGRAMMES_VIEW,
        also=("support:enrolment-", "support:fund-", "support:drawdown-"),
        is_shown=lambda user: bool(user.hats.authorities_where(P.PROGRAMMES_VIEW)),
    ),
)
NAVIGATION.add("support.panels", NavPage("support", "Panels", 30, "support:panel-list", P.CATEGORY_DECIDE, also=("support:case-",)))
NAVIGATION.add("support.counts", NavPage("support", "Levels of support", 40, "support:category-counts", P.CATEGORY_COUNTS))
NAVIGATION.add(
    "support.criteria",
    NavPage("support", "Criteria", 50, "support:scheme-list", P.SCHEME_COMPARE, also=("support:rule-", "support:consultation")),
)
NAVIGATION.add("support.facts", NavPage("support", "Facts", 60, "support:fact-list", P.FACT_LIST))
NAVIGATION.add("support.priorities", NavPage("inspection", "Priorities", 30, "support:priority-list", P.INSPECTION_OVERVIEW))
NAVIGATION.add("support.finance", NavPage("finance", "Overview", 10, "support:finance-overview", P.FINANCE_OVERVIEW))
NAVIGATION.add("support.thresholds", NavPage("finance", "Thresholds", 20, "support:threshold-try", P.FINANCE_OVERVIEW))

DUE_ITEMS.add("support.consultations", due.consultations_due)
DUE_ITEMS.add("support.cases", due.cases_due)
DUE_ITEMS.add("support.panels", due.panels_due)
DUE_ITEMS.add("support.warnings", concern_due.warnings_due)
DUE_ITEMS.add("support.concerns", concern_due.concerns_due)
SCHEDULES.add("support.publish_categories", Schedule(lambda at: publish_due_categories(at=at), daily_at=dt.time(5)))
LOOKS.add("support.register", board.own_looks)

SCHOOL_HEADER.add("support.marks", school_page.marks)
SCHOOL_TABS.add(
    "level", SchoolTab("level", "Level of support", 38, "support/tab_level.html", school_page.level_tab, school_page.may_see_support)
)
SCHOOL_TABS.add(
    "finance",
    SchoolTab("finance", "Finance", 60, "support/tab_finance.html", finance_page.finance_tab, finance_page.sees_finance),
)
SCHOOL_TABS.add(
    "support", SchoolTab("support", "Support", 40, "support/tab_support.html", interventions.support_tab, interventions.is_shown)
)
HEADLINE_SOURCES.add("support.programmes", effects.headline)
DUE_ITEMS.add("support.requests", brokering.requests_due)
DUE_ITEMS.add("support.programmes", programmes.programmes_due)
DUE_ITEMS.add("support.services", directory.services_due)
DUE_ITEMS.add("support.interventions", interventions.evaluations_due)
TIMELINE.add("support.events", timeline.events)
FLAGS.add("support.levels", school_page.flags)
FLAGS.add("support.finance", finance_page.flags_of_money)

declare(
    ("service.added", "added a service to the directory"),
    ("service.changed", "changed an entry of the directory"),
    ("service.reviewed", "reviewed an entry of the directory"),
    ("service.listed", "took a service off the directory, or put it back"),
    ("directory.exported", "exported the directory of services"),
    ("brokering.policy_written", "wrote the policy for brokering"),
    ("support.asked", "asked for support"),
    ("support.matched", "matched a need with a service"),
    ("support.agreed", "agreed to support for the school"),
    ("support.declined", "declined support for the school"),
    ("support.withdrawn", "withdrew a request for support"),
    ("support.begun", "recorded that support began"),
    ("support.delivered", "recorded that support was delivered"),
    ("support.exported", "exported spend and impact"),
    ("programme.opened", "opened a programme"),
    ("programme.enrolled", "enrolled a school in a programme"),
    ("programme.risk_decided", "decided on a school’s risk and days"),
    ("programme.adviser_allocated", "allocated an adviser to a school"),
    ("programme.days_logged", "logged days of a programme"),
    ("programme.reported", "logged a report to the department"),
    ("programme.left", "ended a school’s time in a programme"),
    ("programme.trained", "recorded training of a programme"),
    ("programme.exported", "exported programmes"),
    ("fund.opened", "opened a fund"),
    ("fund.changed", "changed the amount of a fund"),
    ("fund.drawn", "drew on a fund"),
    ("fund.given_back", "gave money back to a fund"),
    ("fund.stepped", "recorded how far a drawdown has come"),
    ("intervention.recorded", "recorded an intervention"),
    ("intervention.changed", "changed an intervention"),
    ("category.decided", "recorded a school's category"),
    ("concern.opened", "opened a concern"),
    ("concern.closed", "decided on the exit of a school from concern"),
    ("concern.changed", "changed a case of concern"),
    ("concern.identified", "added how a school was identified"),
    ("concern.planned", "changed an element of a single plan"),
    ("concern.criterion_agreed", "agreed an exit criterion"),
    ("concern.criterion_settled", "settled an exit criterion"),
    ("concern.reviewed", "reviewed a case of concern"),
    ("concern.contact_logged", "logged a contact about a case of concern"),
    ("concern.exit_asked", "asked for the exit of a school from concern"),
    ("concern.exit_refused", "kept a case of concern open"),
    ("concern.reopened", "opened a case of concern again"),
    ("concern.monitoring_ended", "ended the monitored time of a case"),
    ("concern.exported", "exported the register of concern"),
    ("warnings.watched", "asked the rules of all schools"),
    ("warning.answered", "answered an early warning"),
    ("power.used", "recorded a formal power"),
    ("power.ended", "recorded that a formal power ended"),
    ("notice.given", "recorded a warning notice"),
    ("notice.lifted", "recorded that a warning notice was lifted"),
    ("scheme.begun", "began a draft of the criteria"),
    ("scheme.changed", "changed a draft of the criteria"),
    ("scheme.consulted", "asked the SIPs about a draft of the criteria"),
    ("scheme.consultation_ended", "ended the consultation on a draft"),
    ("scheme.placed", "placed a school by hand"),
    ("scheme.commented", "commented on the draft's answer"),
    ("scheme.published", "published criteria"),
    ("scheme.discarded", "set a draft of the criteria aside"),
    ("scheme.exported", "exported the movers under a draft"),
    ("category.suggested", "asked the criteria of all schools"),
    ("category.proposed", "proposed a category in a note"),
    ("category.on_agenda", "put a school on the agenda of a panel"),
    ("category.represented", "answered for the school before the panel"),
    ("category.panel_decided", "recorded a panel's decision"),
    ("category.between_asked", "asked for a decision between panels"),
    ("category.between_decided", "decided between panels"),
    ("category.confirmed", "recorded that a panel confirmed a decision"),
    ("category.notified", "told a school of its category"),
    ("category.published", "published a school's category"),
    ("category.review_asked", "asked for a review of a category"),
    ("category.review_answered", "answered the review of a category"),
    ("panel.called", "called a panel"),
    ("panel.held", "recorded who came to a panel"),
    ("facts.exported", "exported a fact of schools"),
    ("priorities.exported", "exported the list of priorities"),
)
