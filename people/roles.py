"""The one page of permissions: what can be done, and which hat may do it. Whatever is not on this page is denied.

A *hat* is what a person is by a dated row: a role in an authority, an assignment at a school, a contact of a school.
Grants are a union over a person's hats. The wall and the separations (nobody decides on themselves) are asked of the
person in the policies, and always win. ``docs/permissions.md`` is generated from here.
"""

from __future__ import annotations

from enum import StrEnum


class Hat(StrEnum):
    """What a person can be. The first group are roles in an authority (``RoleAssignment``)."""

    SIP_MANAGER = "sip_manager"
    HEAD_OF_IMPROVEMENT = "head_of_improvement"
    OFFICER = "officer"
    FINANCE_OFFICER = "finance_officer"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    REGIONAL_COORDINATOR = "regional_coordinator"
    ELECTED_MEMBER = "elected_member"
    ADMINISTRATOR = "administrator"
    NC_ADVISER = "nc_adviser"
    # by a SIP profile, an assignment at the school, a mentorship
    SIP = "sip"
    ADVISER = "adviser"
    FORMER_ADVISER = "former_adviser"
    MENTOR = "mentor"
    # by a contact row of a school with this person's account
    HEAD = "head"
    CHAIR = "chair"
    CLERK = "clerk"
    SCHOOL_OFFICE = "school_office"
    RECIPIENT = "recipient"


ROLE_HATS = (
    Hat.SIP_MANAGER,
    Hat.HEAD_OF_IMPROVEMENT,
    Hat.OFFICER,
    Hat.FINANCE_OFFICER,
    Hat.DATA_PROTECTION_OFFICER,
    Hat.REGIONAL_COORDINATOR,
    Hat.ELECTED_MEMBER,
    Hat.ADMINISTRATOR,
    Hat.NC_ADVISER,
)
SCHOOL_HATS = (Hat.HEAD, Hat.CHAIR, Hat.CLERK, Hat.SCHOOL_OFFICE)
STAFF_HATS = (Hat.SIP_MANAGER, Hat.ADMINISTRATOR)
"""Who may enter the admin site, and so needs a second factor."""

HAT_NAMES: dict[Hat, str] = {
    Hat.SIP_MANAGER: "SIP manager",
    Hat.HEAD_OF_IMPROVEMENT: "Head of school improvement",
    Hat.OFFICER: "Officer",
    Hat.FINANCE_OFFICER: "Finance officer",
    Hat.DATA_PROTECTION_OFFICER: "Data protection officer",
    Hat.REGIONAL_COORDINATOR: "Regional coordinator",
    Hat.ELECTED_MEMBER: "Elected member",
    Hat.ADMINISTRATOR: "Administrator",
    Hat.NC_ADVISER: "National Challenge adviser",
    Hat.SIP: "SIP",
    Hat.ADVISER: "Adviser of the school",
    Hat.FORMER_ADVISER: "Former adviser of the school",
    Hat.MENTOR: "Mentor",
    Hat.HEAD: "Headteacher",
    Hat.CHAIR: "Chair of governors",
    Hat.CLERK: "Clerk to the governors",
    Hat.SCHOOL_OFFICE: "School office",
    Hat.RECIPIENT: "Recipient of final notes",
}


class Permission(StrEnum):
    """Every permission of the portal. The comment beside a group says what its objects are."""

    # people: an authority, a person, a SIP
    ADMIN_ENTER = "admin.enter"
    ACCOUNT_MANAGE = "account.manage"
    ROLE_GRANT = "role.grant"
    AUTHORITY_EDIT = "authority.edit"
    PACK_LOAD = "pack.load"
    SIP_MANAGE = "sip.manage"
    SIP_LIST = "sip.list"
    AUDIT_READ = "audit.read"
    # schools: a school, a contact, an assignment, a plan
    SCHOOL_LIST = "school.list"
    SCHOOL_VIEW = "school.view"
    REGISTER_IMPORT = "register.import"
    CONTACT_REPORT = "contact.report"
    CONTACT_CONFIRM = "contact.confirm"
    INTEREST_DECLARE = "interest.declare"
    INTEREST_REVIEW = "interest.review"
    ASSIGNMENT_MANAGE = "assignment.manage"
    CASELOADS_VIEW = "caseloads.view"
    DAYS_VIEW = "days.view"
    PLAN_MANAGE = "plan.manage"
    INSPECTION_OVERVIEW = "inspection.overview"
    INSPECTION_IMPORT = "inspection.import"
    KEY_ISSUE_CODE = "key_issue.code"
    READINESS_VIEW = "readiness.view"
    READINESS_RECORD = "readiness.record"
    FINANCE_VIEW = "finance.view"
    FINANCE_OVERVIEW = "finance.overview"
    FINANCE_IMPORT = "finance.import"
    FINANCE_CHALLENGE = "finance.challenge"
    # support: an authority, a school, a case of a category
    FACT_LIST = "fact.list"
    CATEGORY_VIEW = "category.view"
    CATEGORY_COUNTS = "category.counts"
    CATEGORY_DECIDE = "category.decide"
    CATEGORY_MANAGE = "category.manage"
    CATEGORY_REPRESENT = "category.represent"
    # support: an authority, a school, a case of the register
    CONCERN_LIST = "concern.list"
    CONCERN_VIEW = "concern.view"
    CONCERN_MANAGE = "concern.manage"
    CONCERN_DECIDE = "concern.decide"
    CONCERN_PLAN = "concern.plan"
    CONCERN_LOG = "concern.log"
    CONCERN_INTELLIGENCE = "concern.intelligence"
    SCHEME_COMPARE = "scheme.compare"
    SCHEME_EDIT = "scheme.edit"
    SCHEME_PUBLISH = "scheme.publish"
    SCHEME_PLACE = "scheme.place"
    # targets and support: a school
    TARGET_SET = "target.set"
    TARGET_APPLY = "target.apply"
    TARGET_VIEW = "target.view"
    TARGET_INDICATE = "target.indicate"
    TARGET_PROPOSE = "target.propose"
    TARGET_CHALLENGE = "target.challenge"
    TARGET_DECIDE = "target.decide"
    TARGET_SIGN = "target.sign"
    TARGET_RECORD_SIGNATURE = "target.record_signature"
    TARGET_SETTLE = "target.settle"
    TARGET_SUBMIT = "target.submit"
    TARGET_REMIND = "target.remind"
    PUPIL_READ = "pupil.read"
    PUPIL_WRITE = "pupil.write"
    PUPIL_SUMS = "pupil.sums"
    INTERVENTION_VIEW = "intervention.view"
    INTERVENTION_RECORD = "intervention.record"
    INTERVENTION_APPLY = "intervention.apply"
    # the directory of services: an authority, a service
    SERVICE_VIEW = "service.view"
    SERVICE_MANAGE = "service.manage"
    # brokering and programmes: a school, and what belongs to one; an authority, a programme, a fund
    SUPPORT_ASK = "support.ask"
    SUPPORT_MATCH = "support.match"
    SUPPORT_AGREE = "support.agree"
    SPEND_VIEW = "spend.view"
    PROGRAMMES_VIEW = "programmes.view"
    PROGRAMMES_MANAGE = "programmes.manage"
    PROGRAMMES_LOG = "programmes.log"
    FUND_VIEW = "fund.view"
    FUND_MANAGE = "fund.manage"
    # targets: an authority, a school
    RESULT_IMPORT = "result.import"
    RESULTS_VIEW = "results.view"
    # rounds: a round, or the authority for which one is opened
    ROUND_VIEW = "round.view"
    ROUND_MANAGE = "round.manage"
    # visits: a visit
    VISIT_LIST = "visit.list"
    VISIT_VIEW = "visit.view"
    VISIT_BOOK = "visit.book"
    VISIT_CHOOSE = "visit.choose"
    VISIT_MOVE = "visit.move"
    VISIT_PREPARE = "visit.prepare"
    VISIT_HOLD = "visit.hold"
    VISIT_WAIVE = "visit.waive"
    HALF_PAGE_WRITE = "half_page.write"
    # beside visits: a school; a headteacher's review
    HEAD_REVIEW_LIST = "head_review.list"
    HEAD_REVIEW_LOG = "head_review.log"
    CALL_LOG = "call.log"
    # notes: a working note
    NOTE_START = "note.start"
    NOTE_OPEN = "note.open"
    NOTE_READ = "note.read"
    NOTE_WRITE = "note.write"
    NOTE_SHARE = "note.share"
    NOTE_SUBMIT = "note.submit"
    NOTE_HAND_ON = "note.hand_on"
    NOTE_ABANDON = "note.abandon"
    NOTE_TAKE_BACK = "note.take_back"
    NOTE_REASSIGN = "note.reassign"
    NOTE_REVIEW = "note.review"
    NOTE_RELEASE = "note.release"
    NOTE_ANSWER = "note.answer"
    NOTE_REPLY = "note.reply"
    NOTE_EXTEND = "note.extend"
    NOTE_FINALISE = "note.finalise"
    NOTE_ASK_CORRECTION = "note.ask_correction"
    NOTE_DECLINE_CORRECTION = "note.decline_correction"
    NOTE_AMEND = "note.amend"
    RECORD_WITHDRAW = "record.withdraw"
    NOTE_OPEN_TO = "note.open_to"
    RECORD_READ = "record.read"
    # annual commentaries: a school to begin one, then the commentary
    COMMENTARY_START = "commentary.start"
    COMMENTARY_WRITE = "commentary.write"
    COMMENTARY_HAND_ON = "commentary.hand_on"
    COMMENTARY_RELEASE = "commentary.release"
    COMMENTARY_ANSWER = "commentary.answer"
    COMMENTARY_FINALISE = "commentary.finalise"
    COMMENTARY_AMEND = "commentary.amend"
    REVIEW_QUEUE = "review.queue"
    ACTION_REPORT = "action.report"
    # alerts: a school to raise one, then the alert
    ALERT_RAISE = "alert.raise"
    ALERT_READ = "alert.read"
    ALERT_ACKNOWLEDGE = "alert.acknowledge"
    # requests for information: a request, or the authority that received one
    REQUEST_READ = "request.read"
    REQUEST_HANDLE = "request.handle"
    REQUEST_REVIEW = "request.review"
    # quality: an authority, a form of feedback
    FEEDBACK_ASK = "feedback.ask"
    FEEDBACK_READ = "feedback.read"
    FEEDBACK_VIEW = "feedback.view"
    FEEDBACK_ANSWER = "feedback.answer"
    PROGRAMME_REPORT = "programme.report"
    REPORT_WRITE = "report.write"
    # quality: a SIP, a SIP review, an outside judgement
    MENTORING_VIEW = "mentoring.view"
    MENTORING_LOG = "mentoring.log"
    MENTORING_SIGN_OFF = "mentoring.sign_off"
    SIP_REVIEW_VIEW = "sip_review.view"
    SIP_REVIEW_WRITE = "sip_review.write"
    SIP_REVIEW_ACCOUNT = "sip_review.account"
    JUDGEMENT_VIEW = "judgement.view"
    JUDGEMENT_RECORD = "judgement.record"
    # quality assurance: an authority; a shadowing, or the SIP for whom one is planned
    QUALITY_OVERVIEW = "quality.overview"
    SHADOWING_LIST = "shadowing.list"
    SHADOWING_VIEW = "shadowing.view"
    SHADOWING_READ = "shadowing.read"
    SHADOWING_PLAN = "shadowing.plan"
    SHADOWING_OBSERVE = "shadowing.observe"
    SHADOWING_RESPOND = "shadowing.respond"
    SHADOWING_CLOSE = "shadowing.close"
    SHADOWING_ASK = "shadowing.ask"
    # moderation: a rating; to manage, also a round or a note of a sample
    MODERATION_LIST = "moderation.list"
    MODERATION_VIEW = "moderation.view"
    MODERATION_MANAGE = "moderation.manage"
    MODERATION_RATE = "moderation.rate"
    # briefings: an authority, a briefing, a bulletin, a workshop, a booking, a SIP, one's own place among who may evaluate
    BRIEFING_VIEW = "briefing.view"
    BRIEFING_MANAGE = "briefing.manage"
    # the library: an authority, a resource, a question offered, practice elsewhere, a suggestion
    RESOURCE_LIST = "resource.list"
    RESOURCE_PUBLISH = "resource.publish"
    SAMPLE_OFFER = "sample.offer"
    QUESTION_VIEW = "question.view"
    QUESTION_OFFER = "question.offer"
    QUESTION_DECIDE = "question.decide"
    PRACTICE_VIEW = "practice.view"
    PRACTICE_RECORD = "practice.record"
    SUGGESTION_MAKE = "suggestion.make"
    SUGGESTION_ANSWER = "suggestion.answer"
    BRIEFING_BUILD = "briefing.build"
    BRIEFING_TAKE_PART = "briefing.take_part"
    BULLETIN_VIEW = "bulletin.view"
    BULLETIN_WRITE = "bulletin.write"
    WORKSHOP_VIEW = "workshop.view"
    WORKSHOP_MANAGE = "workshop.manage"
    WORKSHOP_BOOK = "workshop.book"
    NEED_READ = "need.read"
    NEED_RECORD = "need.record"
    EVALUATION_OPEN = "evaluation.open"
    EVALUATION_READ = "evaluation.read"
    EVALUATION_ANSWER = "evaluation.answer"
    # retention: an authority, a hold, a list of what is to be destroyed
    RETENTION_VIEW = "retention.view"
    RETENTION_SET = "retention.set"
    RETENTION_DECIDE = "retention.decide"


P = Permission

GRANTS: dict[Hat, dict[Permission, str]] = {
    Hat.SIP_MANAGER: {
        P.SERVICE_VIEW: "brokers support",
        P.SERVICE_MANAGE: "keeps the directory and the policy for brokering",
        P.SUPPORT_ASK: "asks for a school that cannot",
        P.SUPPORT_MATCH: "brokers support",
        P.SUPPORT_AGREE: "records the school’s word, by name",
        P.SPEND_VIEW: "answers for what support costs and does",
        P.PROGRAMMES_VIEW: "runs the programmes",
        P.PROGRAMMES_MANAGE: "enrols schools, decides on risk and days, allocates advisers",
        P.PROGRAMMES_LOG: "enters what an adviser has sent",
        P.FUND_VIEW: "commissions from the programmes’ funds",
        P.FUND_MANAGE: "draws on the programmes’ funds",
        P.TARGET_VIEW: "follows the target round",
        P.TARGET_INDICATE: "sets the authority’s indicative figures",
        P.TARGET_PROPOSE: "enters what a school has sent on paper",
        P.TARGET_DECIDE: "enters what a governing body has decided on paper",
        P.TARGET_RECORD_SIGNATURE: "records a signature on paper",
        P.TARGET_SETTLE: "says that a target does not apply, or is withdrawn",
        P.TARGET_SUBMIT: "makes the authority’s return",
        P.TARGET_REMIND: "reminds head and chair of what is due",
        P.PUPIL_SUMS: "sums of pupils’ targets, small numbers hidden",
        P.ADMIN_ENTER: "drives quality assurance from the admin site",
        P.SIP_MANAGE: "keeps the SIPs' profiles, line managers and mentors",
        P.SIP_LIST: "allocates and supports the SIPs",
        P.SCHOOL_LIST: "plans the programme over all schools",
        P.SCHOOL_VIEW: "plans the programme over all schools",
        P.CONTACT_REPORT: "hears of a change of head or chair",
        P.INTEREST_DECLARE: "declares their own",
        P.INTEREST_REVIEW: "sees who has not declared this year",
        P.ASSIGNMENT_MANAGE: "allocates schools to SIPs",
        P.CASELOADS_VIEW: "allocates schools to SIPs",
        P.DAYS_VIEW: "accounts for the days of the programme",
        P.PLAN_MANAGE: "plans and publishes next year's allocations",
        P.INSPECTION_OVERVIEW: "prepares briefings on inspection, decides priorities",
        P.INSPECTION_IMPORT: "loads key issues and grades",
        P.KEY_ISSUE_CODE: "codes key issues to themes",
        P.READINESS_VIEW: "sees who is ready for inspection",
        P.FINANCE_VIEW: "sees money beside standards",
        P.FINANCE_OVERVIEW: "briefs SIPs on finance",
        P.RESULTS_VIEW: "tells SIPs and schools how the authority did",
        P.FACT_LIST: "judges figures before decisions rest on them",
        P.CATEGORY_VIEW: "answers for every school's level of support",
        P.CATEGORY_COUNTS: "answers for every school's level of support",
        P.CATEGORY_DECIDE: "records what the panel decided; between panels with one officer",
        P.CATEGORY_MANAGE: "calls the panel, tells the schools, publishes, answers a review",
        P.CONCERN_LIST: "answers for the schools causing concern",
        P.CONCERN_VIEW: "answers for the schools causing concern",
        P.CONCERN_MANAGE: "opens cases, keeps them, reviews them",
        P.CONCERN_DECIDE: "one of the two who decide on an exit",
        P.CONCERN_PLAN: "keeps the plan up to date",
        P.CONCERN_LOG: "keeps the log of contacts",
        P.SCHEME_COMPARE: "weighs a draft of the criteria",
        P.SCHEME_EDIT: "drafts the criteria",
        P.SCHEME_PUBLISH: "publishes the criteria on a date",
        P.TARGET_SET: "sets what the note of an absent author says",
        P.INTERVENTION_VIEW: "keeps account of the support that schools have",
        P.INTERVENTION_RECORD: "keeps account of the support that schools have",
        P.ROUND_VIEW: "sees how far each round has come",
        P.ROUND_MANAGE: "opens rounds, says which schools are exempt, closes them",
        P.VISIT_LIST: "sees who has not visited",
        P.VISIT_VIEW: "sees who has not visited",
        P.VISIT_BOOK: "books for a SIP who cannot",
        P.VISIT_MOVE: "moves or cancels for a SIP who cannot",
        P.VISIT_WAIVE: "decides that no note is due",
        P.HEAD_REVIEW_LIST: "sees whether each was held, and nothing else",
        P.CALL_LOG: "tells others of a contact with a school",
        P.NOTE_OPEN: "keeps notes moving: sees their state, never a draft's text",
        P.NOTE_READ: "reads what has been submitted",
        P.NOTE_HAND_ON: "gives a note to another adviser of the school",
        P.NOTE_ABANDON: "ends a note that will not be written",
        P.NOTE_TAKE_BACK: "returns an opened review to the author",
        P.NOTE_REASSIGN: "keeps reviews moving when a reviewer is away",
        P.NOTE_REVIEW: "reviews, or assigns who does",
        P.NOTE_RELEASE: "releases when the author is away",
        P.NOTE_EXTEND: "gives a school more time",
        P.NOTE_FINALISE: "finalises when the author is away",
        P.NOTE_DECLINE_CORRECTION: "answers a request when the author is away",
        P.NOTE_AMEND: "names who amends",
        P.RECORD_WITHDRAW: "one of the two who withdraw a final note or commentary",
        P.RECORD_READ: "reads the records of the programme",
        P.COMMENTARY_HAND_ON: "gives a commentary to another adviser of the school",
        P.COMMENTARY_RELEASE: "releases when the author is away",
        P.COMMENTARY_FINALISE: "finalises when the author is away",
        P.COMMENTARY_AMEND: "has a final one amended when the author is away",
        P.REVIEW_QUEUE: "keeps the queue of reviews",
        P.ALERT_READ: "hears of what is urgent at any school",
        P.ALERT_ACKNOWLEDGE: "answers where no officer does",
        P.FEEDBACK_ASK: "asks heads and chairs about their SIPs, and sees who has answered, never what",
        P.PROGRAMME_REPORT: "reports on the programme",
        P.REPORT_WRITE: "reports on the programme",
        P.FEEDBACK_VIEW: "reads what is said about those whose SIP reviewer they are",
        P.MENTORING_VIEW: "sees that every new SIP has a mentor",
        P.SIP_REVIEW_VIEW: "the reviews of those whose SIP reviewer they are, and no others",
        P.JUDGEMENT_VIEW: "reports on the programme",
        P.JUDGEMENT_RECORD: "answers what others say of the programme",
        P.NOTE_OPEN_TO: "opens a final note to its moderator, and no longer than the rating is open",
        P.QUALITY_OVERVIEW: "answers for the quality of the SIPs' work",
        P.SHADOWING_LIST: "sees that every SIP is shadowed (P28)",
        P.SHADOWING_VIEW: "sees that every SIP is shadowed (P28)",
        P.SHADOWING_PLAN: "plans who shadows whom, and tells the headteacher",
        P.MODERATION_LIST: "keeps the moderation of notes",
        P.MODERATION_MANAGE: "draws the sample and names the moderators",
        P.BRIEFING_VIEW: "briefs the SIPs",
        P.BRIEFING_MANAGE: "sets the dates and the agenda, and records who came and what came of it",
        P.RESOURCE_LIST: "keeps the library",
        P.RESOURCE_PUBLISH: "publishes, replaces and retires what the SIPs work by",
        P.QUESTION_VIEW: "keeps the bank of questions",
        P.QUESTION_OFFER: "offers questions, and marks those that worked",
        P.QUESTION_DECIDE: "decides what goes into the bank",
        P.PRACTICE_VIEW: "learns from other authorities",
        P.PRACTICE_RECORD: "records what other authorities do well",
        P.SUGGESTION_MAKE: "suggests what they would like to see",
        P.SUGGESTION_ANSWER: "answers what SIPs and schools would like to see (P32)",
        P.BRIEFING_BUILD: "builds the slides of a briefing, and publishes them",
        P.BRIEFING_TAKE_PART: "asks beforehand like everybody",
        P.BULLETIN_VIEW: "writes to the SIPs",
        P.BULLETIN_WRITE: "writes to the SIPs",
        P.WORKSHOP_VIEW: "plans the workshops",
        P.WORKSHOP_MANAGE: "plans the workshops, and sees who comes",
        P.NEED_READ: "plans the workshops by what SIPs need",
        P.EVALUATION_OPEN: "asks what a briefing or a workshop was worth",
        P.EVALUATION_READ: "reads the summary, once enough have answered",
    },
    Hat.HEAD_OF_IMPROVEMENT: {
        P.SERVICE_VIEW: "sees what is offered, and what it does",
        P.SPEND_VIEW: "answers for what support costs and does",
        P.PROGRAMMES_VIEW: "answers for the programmes",
        P.FUND_VIEW: "answers for the programmes",
        P.TARGET_VIEW: "answers for the target round",
        P.PUPIL_SUMS: "sums of pupils’ targets, small numbers hidden",
        P.RESULTS_VIEW: "answers for the standards of the authority's schools",
        P.SIP_LIST: "answers for the programme",
        P.SCHOOL_LIST: "answers for the programme",
        P.SCHOOL_VIEW: "answers for the programme",
        P.INTERVENTION_VIEW: "answers for the programme",
        P.CASELOADS_VIEW: "answers for the programme",
        P.INSPECTION_OVERVIEW: "answers for the schools' inspections",
        P.READINESS_VIEW: "answers for the schools' readiness",
        P.FINANCE_VIEW: "sees money beside standards",
        P.FINANCE_OVERVIEW: "sees money beside standards",
        P.INTEREST_DECLARE: "declares their own",
        P.FACT_LIST: "judges figures before decisions rest on them",
        P.CATEGORY_VIEW: "answers for the programme",
        P.CATEGORY_COUNTS: "answers for the programme",
        P.CONCERN_LIST: "answers for the programme",
        P.CONCERN_VIEW: "answers for the programme",
        P.CONCERN_LOG: "answers for the programme",
        P.SCHEME_COMPARE: "weighs a draft of the criteria",
        P.ROUND_VIEW: "answers for the programme",
        P.VISIT_LIST: "sees facts, never a draft's text",
        P.VISIT_VIEW: "sees facts, never a draft's text",
        P.CALL_LOG: "tells others of a contact with a school",
        P.NOTE_OPEN: "sees a note's state, and its text once it is final",
        P.RECORD_READ: "reads final notes",
        P.PROGRAMME_REPORT: "answers for the programme",
        P.REPORT_WRITE: "answers for the programme",
        P.FEEDBACK_VIEW: "reads what is said about those whose SIP reviewer they are",
        P.SIP_REVIEW_VIEW: "one of the three who see a SIP review",
        P.JUDGEMENT_VIEW: "answers for the programme",
        P.JUDGEMENT_RECORD: "answers what others say of the programme",
        P.QUALITY_OVERVIEW: "answers for the programme",
        P.SHADOWING_LIST: "answers for the programme; shadows, as a line manager",
        P.SHADOWING_VIEW: "answers for the programme",
        P.MODERATION_LIST: "answers for the programme",
        P.BRIEFING_VIEW: "answers for the programme",
        P.RESOURCE_LIST: "what is for them",
        P.QUESTION_VIEW: "answers for the programme",
        P.PRACTICE_VIEW: "learns from other authorities",
        P.PRACTICE_RECORD: "records what other authorities do well",
        P.SUGGESTION_MAKE: "suggests what they would like to see",
        P.BRIEFING_BUILD: "answers for what SIPs are told",
        P.BRIEFING_TAKE_PART: "is invited where they lead an item",
        P.BULLETIN_VIEW: "answers for the programme",
        P.WORKSHOP_VIEW: "answers for the programme",
        P.NEED_READ: "answers for the programme",
        P.EVALUATION_READ: "answers for the programme",
    },
    Hat.OFFICER: {
        P.BRIEFING_VIEW: "works with the SIPs, and may lead an item of the agenda",
        P.SERVICE_VIEW: "tells schools what is offered",
        P.SUPPORT_ASK: "names a need of a school of the cluster",
        P.SUPPORT_MATCH: "brokers support for the cluster",
        P.SPEND_VIEW: "the schools of the cluster",
        P.PROGRAMMES_VIEW: "the schools of the cluster",
        P.BRIEFING_TAKE_PART: "is invited where they lead an item",
        P.BULLETIN_VIEW: "knows what the SIPs are told",
        P.WORKSHOP_VIEW: "knows what is on offer, and may lead one",
        P.TARGET_VIEW: "follows the targets of the cluster",
        P.TARGET_REMIND: "reminds head and chair of what is due",
        P.TARGET_RECORD_SIGNATURE: "records a signature on paper",
        P.PUPIL_SUMS: "sums of pupils’ targets, small numbers hidden",
        P.SHADOWING_LIST: "those that they observe, as a line manager",
        P.MODERATION_LIST: "the notes that they were asked to rate",
        P.RESULTS_VIEW: "compares the schools of the cluster",
        P.SIP_LIST: "knows who works with the schools of the cluster",
        P.SCHOOL_LIST: "watches the schools of the cluster",
        P.SCHOOL_VIEW: "watches the schools of the cluster",
        P.INTERVENTION_VIEW: "follows the support of the schools of the cluster",
        P.CONTACT_REPORT: "hears of a change of head or chair",
        P.INTEREST_DECLARE: "declares their own",
        P.CASELOADS_VIEW: "knows who works with the schools of the cluster",
        P.INSPECTION_OVERVIEW: "watches the schools of the cluster",
        P.KEY_ISSUE_CODE: "codes key issues of the cluster's schools",
        P.READINESS_VIEW: "watches the schools of the cluster",
        P.FINANCE_VIEW: "sees money beside standards in the cluster",
        P.FINANCE_OVERVIEW: "sees money beside standards in the cluster",
        P.FACT_LIST: "judges figures before decisions rest on them",
        P.CATEGORY_VIEW: "watches the schools of the cluster",
        P.CATEGORY_COUNTS: "watches the schools of the cluster",
        P.CATEGORY_DECIDE: "between panels, with the manager",
        P.CONCERN_LIST: "watches the schools of the cluster",
        P.CONCERN_VIEW: "watches the schools of the cluster",
        P.CONCERN_MANAGE: "opens cases in the cluster, keeps them, reviews them",
        P.CONCERN_DECIDE: "one of the two who decide on an exit",
        P.CONCERN_PLAN: "keeps the plan up to date",
        P.CONCERN_LOG: "keeps the log of contacts",
        P.CONCERN_INTELLIGENCE: "the cases whose named officer they are",
        P.SCHEME_COMPARE: "weighs a draft of the criteria",
        P.SCHEME_EDIT: "drafts the criteria",
        P.ROUND_VIEW: "sees how far the schools of the cluster have come",
        P.VISIT_LIST: "sees a visit's facts",
        P.VISIT_VIEW: "sees a visit's facts",
        P.CALL_LOG: "tells others of a contact with a school",
        P.NOTE_OPEN: "sees a note's state; its text once final, or with a concern school",
        P.RECORD_READ: "reads final notes of the cluster",
        P.ALERT_READ: "the alerts of the schools whose named officer they are",
        P.ALERT_ACKNOWLEDGE: "takes an alert up, and logs what came of it",
        P.RESOURCE_LIST: "what is for them",
        P.QUESTION_VIEW: "works with the SIPs",
        P.PRACTICE_VIEW: "learns from other authorities",
        P.PRACTICE_RECORD: "records what other authorities do well",
        P.SUGGESTION_MAKE: "suggests what they would like to see",
    },
    Hat.FINANCE_OFFICER: {
        P.BRIEFING_VIEW: "briefs SIPs on finance (S8)",
        P.SERVICE_VIEW: "keeps the entries of the finance team",
        P.SPEND_VIEW: "answers for what was spent",
        P.PROGRAMMES_VIEW: "pays out what is drawn",
        P.FUND_VIEW: "keeps the funds",
        P.FUND_MANAGE: "opens the funds, and follows claims and payments",
        P.BRIEFING_TAKE_PART: "is invited where they lead an item",
        P.BULLETIN_VIEW: "knows what the SIPs are told",
        P.WORKSHOP_VIEW: "leads those on finance (S14)",
        P.SCHOOL_LIST: "answers for the finance of all schools",
        P.SCHOOL_VIEW: "answers for the finance of all schools",
        P.FINANCE_VIEW: "answers for the finance of all schools",
        P.FINANCE_OVERVIEW: "answers for the finance of all schools",
        P.FINANCE_IMPORT: "keeps returns, plans and January counts",
        P.FINANCE_CHALLENGE: "challenges balances, keeps the log",
        P.RESOURCE_LIST: "what is for them",
        P.SUGGESTION_MAKE: "suggests what they would like to see",
    },
    Hat.DATA_PROTECTION_OFFICER: {
        P.AUDIT_READ: "answers who read what",
        P.SCHOOL_LIST: "finds the school that a request is about",
        P.SCHOOL_VIEW: "finds the school that a request is about",
        P.VISIT_LIST: "sees that a visit and a note exist, not their text",
        P.VISIT_VIEW: "sees that a visit and a note exist, not their text",
        P.NOTE_OPEN: "sees a note's facts, and the text of a withdrawn one",
        P.RECORD_WITHDRAW: "one of the two who withdraw a final note or commentary",
        P.REQUEST_READ: "answers requests for information, and for access to a person's own data",
        P.RETENTION_VIEW: "sees how long each kind of record is kept",
        P.RETENTION_SET: "enters the periods of the authority's schedule",
        P.RETENTION_DECIDE: "holds what may not be destroyed; confirms what is",
        P.REQUEST_HANDLE: "searches, decides passage by passage, sends; reads what was found while the request is open",
        P.RESOURCE_LIST: "what is for them",
        P.SAMPLE_OFFER: "offers an approved redacted copy as a sample note, which a manager publishes (P19)",
        P.SUGGESTION_MAKE: "suggests what they would like to see",
    },
    Hat.REGIONAL_COORDINATOR: {
        P.CATEGORY_COUNTS: "sees counts, never a school",
        P.PROGRAMME_REPORT: "sees figures of the programme, never a school or a person",
        P.JUDGEMENT_VIEW: "sees what became of their last note",
        P.RESOURCE_LIST: "what is for them",
    },
    Hat.ELECTED_MEMBER: {
        P.CATEGORY_COUNTS: "sees counts, none under the authority's smallest, and never a school",
    },
    Hat.ADMINISTRATOR: {
        P.SERVICE_VIEW: "keeps the directory",
        P.SERVICE_MANAGE: "keeps the directory",
        P.ADMIN_ENTER: "loads data and keeps accounts",
        P.ACCOUNT_MANAGE: "keeps accounts",
        P.ROLE_GRANT: "grants roles, never to themselves",
        P.AUTHORITY_EDIT: "keeps the authority's name, colours and settings",
        P.PACK_LOAD: "loads the authority's policy",
        P.SIP_LIST: "keeps the accounts of SIPs",
        P.AUDIT_READ: "answers for the accounts and the data",
        P.RETENTION_VIEW: "is told of every kind of record without a period",
        P.RETENTION_SET: "enters the periods of the authority's schedule",
        P.SCHOOL_LIST: "keeps the register",
        P.SCHOOL_VIEW: "keeps the register",
        P.REGISTER_IMPORT: "keeps the register",
        P.INSPECTION_IMPORT: "loads published inspections",
        P.FINANCE_IMPORT: "loads returns for the finance officer; reads none of them",
        P.RESULT_IMPORT: "loads results, estimates and comparators",
        P.CONTACT_REPORT: "keeps contacts",
        P.CONTACT_CONFIRM: "confirms who is head or chair",
        P.RESOURCE_LIST: "what is for them",
        P.SUGGESTION_MAKE: "suggests what they would like to see",
    },
    Hat.NC_ADVISER: {
        P.SERVICE_VIEW: "puts packages of support together",
        P.INTEREST_DECLARE: "declares their own",
        P.VISIT_LIST: "works with allocated schools",
        P.RESOURCE_LIST: "what is for them",
        P.QUESTION_VIEW: "asks schools",
        P.QUESTION_OFFER: "offers questions, and marks those that worked (P18)",
        P.PRACTICE_VIEW: "learns from other authorities",
        P.PRACTICE_RECORD: "records what other authorities do well",
        P.SUGGESTION_MAKE: "suggests what they would like to see",
    },
    Hat.SIP: {
        P.BRIEFING_VIEW: "those for a phase that they serve",
        P.SERVICE_VIEW: "recommends and brokers support",
        P.BRIEFING_TAKE_PART: "says whether they come, and asks beforehand",
        P.BULLETIN_VIEW: "those for a phase that they serve",
        P.WORKSHOP_VIEW: "those for a phase that they serve",
        P.WORKSHOP_BOOK: "books and cancels their own place",
        P.NEED_RECORD: "says what they would like to learn",
        P.TARGET_VIEW: "their caseload",
        P.SHADOWING_LIST: "their own, and those that they observe",
        P.MODERATION_LIST: "the notes that they were asked to rate",
        P.INTEREST_DECLARE: "declares their own",
        P.SCHOOL_LIST: "their caseload",
        P.ROUND_VIEW: "the schools of their caseload in it",
        P.VISIT_LIST: "their caseload",
        P.INSPECTION_OVERVIEW: "their caseload",
        P.DAYS_VIEW: "their own days",
        P.FEEDBACK_VIEW: "reads what was released about them",
        P.MENTORING_VIEW: "their own",
        P.SIP_REVIEW_VIEW: "their own",
        P.RESOURCE_LIST: "the handbook, guidance and whatever is for SIPs (P32)",
        P.QUESTION_VIEW: "asks schools",
        P.QUESTION_OFFER: "offers questions, and marks those that worked (P18)",
        P.PRACTICE_VIEW: "learns from other authorities (S2)",
        P.PRACTICE_RECORD: "records what other authorities do well (S2)",
        P.SUGGESTION_MAKE: "suggests what they would like to see (P32)",
    },
    Hat.ADVISER: {
        P.SERVICE_VIEW: "recommends and brokers support",
        P.SUPPORT_ASK: "names a need with the school",
        P.SUPPORT_MATCH: "matches a need with a service",
        P.SUPPORT_AGREE: "records the school’s word, by name",
        P.PROGRAMMES_VIEW: "their caseload",
        P.PROGRAMMES_LOG: "logs days and reports to the department",
        P.TARGET_VIEW: "their caseload",
        P.TARGET_CHALLENGE: "accepts or challenges what the school proposes",
        P.TARGET_SIGN: "signs with head and chair",
        P.TARGET_RECORD_SIGNATURE: "records a signature on paper",
        P.PUPIL_READ: "challenges targets pupil by pupil, while the round is open",
        P.SCHOOL_LIST: "their caseload",
        P.SCHOOL_VIEW: "their caseload",
        P.CONTACT_REPORT: "hears of a change of head or chair",
        P.DAYS_VIEW: "their own days",
        P.INSPECTION_OVERVIEW: "their caseload",
        P.READINESS_VIEW: "prepares the school for inspection",
        P.READINESS_RECORD: "records what they have seen in place",
        P.FINANCE_VIEW: "asks what money has to do with standards",
        P.FACT_LIST: "the facts of their caseload",
        P.CATEGORY_VIEW: "proposes it, and works by it",
        P.CONCERN_VIEW: "works by the case, and follows its progress",
        P.CONCERN_PLAN: "sees what is in place, and says so",
        P.SCHEME_PLACE: "is asked about a draft of the criteria, on their own schools",
        P.TARGET_SET: "agrees targets with the school",
        P.INTERVENTION_VIEW: "their caseload",
        P.INTERVENTION_RECORD: "reviews what support did for pupils",
        P.ROUND_VIEW: "the schools of their caseload in it",
        P.VISIT_LIST: "their caseload",
        P.VISIT_VIEW: "their caseload",
        P.VISIT_BOOK: "books their visits",
        P.VISIT_CHOOSE: "records the school's word",
        P.VISIT_MOVE: "moves or cancels their visits",
        P.VISIT_PREPARE: "prepares the visits they lead or join",
        P.VISIT_HOLD: "logs what they led",
        P.HEAD_REVIEW_LIST: "those that they advised on",
        P.HEAD_REVIEW_LOG: "logs that it was held, and its days",
        P.CALL_LOG: "tells others of a contact with a school",
        P.NOTE_START: "writes the note of a visit they led",
        P.NOTE_OPEN: "their own notes, and the final notes of the school",
        P.RECORD_READ: "reads the school's final notes from before their time",
        P.COMMENTARY_START: "writes the year's commentary to the governors",
        P.ACTION_REPORT: "notes progress on actions between visits",
        P.ALERT_RAISE: "tells the authority what cannot wait for the note",
        P.ALERT_READ: "those that they raised",
    },
    Hat.FORMER_ADVISER: {
        P.SCHOOL_LIST: "for 90 days, to what they wrote",
        P.SCHOOL_VIEW: "for 90 days, to what they wrote",
        P.VISIT_LIST: "for 90 days, to what they wrote",
        P.VISIT_VIEW: "for 90 days, to what they wrote",
        P.NOTE_OPEN: "for 90 days, to what they wrote",
        P.RECORD_READ: "for 90 days, to what they wrote",
        P.ALERT_READ: "for 90 days, those that they raised",
    },
    Hat.MENTOR: {
        P.SHADOWING_LIST: "those that they observe; their mentees', where the pack says so",
        P.SCHOOL_LIST: "their mentees' caseloads",
        P.SCHOOL_VIEW: "their mentees' caseloads",
        P.VISIT_LIST: "their mentees' caseloads",
        P.VISIT_VIEW: "their mentees' caseloads",
        P.NOTE_OPEN: "drafts shared with them",
        P.FEEDBACK_VIEW: "reads what is said about those whose SIP reviewer they are",
        P.MENTORING_VIEW: "those whom they mentor",
        P.SIP_REVIEW_VIEW: "the reviews of those whose SIP reviewer they are, and no others",
        P.RESOURCE_LIST: "what is for mentors",
        P.QUESTION_VIEW: "helps new SIPs to ask",
        P.SUGGESTION_MAKE: "suggests what they would like to see",
    },
    Hat.HEAD: {
        P.SERVICE_VIEW: "looks for support, and asks for it",
        P.SUPPORT_ASK: "asks for the school",
        P.SUPPORT_AGREE: "decides: the school agrees, or declines",
        P.PROGRAMMES_VIEW: "their own school",
        P.TARGET_VIEW: "their own school",
        P.TARGET_PROPOSE: "proposes the school’s targets",
        P.TARGET_DECIDE: "enters what the governing body has decided",
        P.TARGET_SIGN: "signs with chair and SIP",
        P.PUPIL_READ: "their own pupils",
        P.PUPIL_WRITE: "their own pupils",
        P.SHADOWING_ASK: "is told who will observe, and may ask for another date",
        P.SCHOOL_LIST: "their own school",
        P.SCHOOL_VIEW: "their own school",
        P.CONTACT_REPORT: "knows who is chair and clerk",
        P.READINESS_VIEW: "their own school",
        P.READINESS_RECORD: "says what is in place",
        P.FINANCE_VIEW: "their own school",
        P.CATEGORY_VIEW: "their own school, with the rule and the figures",
        P.CATEGORY_REPRESENT: "answers for the school before the panel, and may ask once for a review",
        P.CONCERN_VIEW: "their own school: the class, the plan, the criteria, reviews, notices",
        P.INTERVENTION_VIEW: "their own school",
        P.INTERVENTION_RECORD: "knows what support the school has",
        P.VISIT_LIST: "visits to their school",
        P.VISIT_VIEW: "visits to their school",
        P.VISIT_CHOOSE: "chooses among the dates proposed",
        P.VISIT_MOVE: "asks for another day, or cancels",
        P.HALF_PAGE_WRITE: "writes the school's half page",
        P.HEAD_REVIEW_LIST: "their own",
        P.NOTE_OPEN: "the draft once it is released, and every final note",
        P.NOTE_ANSWER: "answers on accuracy, agrees or differs, comments",
        P.COMMENTARY_ANSWER: "says whether it is accurate before the governors have it",
        P.NOTE_ASK_CORRECTION: "asks for a correction of a final note",
        P.RECORD_READ: "reads the notes of their school",
        P.ACTION_REPORT: "ticks progress on actions",
        P.FEEDBACK_ANSWER: "says in confidence what the SIP is worth to the school",
        P.RESOURCE_LIST: "what is for headteachers",
        P.SUGGESTION_MAKE: "suggests what they would like to see",
    },
    Hat.CHAIR: {
        P.SERVICE_VIEW: "sees what is offered to the school",
        P.SUPPORT_ASK: "asks for the school",
        P.SUPPORT_AGREE: "decides: the school agrees, or declines",
        P.PROGRAMMES_VIEW: "their own school",
        P.TARGET_VIEW: "their own school",
        P.TARGET_DECIDE: "says what the governing body has decided",
        P.TARGET_SIGN: "signs with head and SIP",
        P.SCHOOL_LIST: "their own school",
        P.SCHOOL_VIEW: "their own school",
        P.INTERVENTION_VIEW: "their own school",
        P.CONTACT_REPORT: "knows who is head and clerk",
        P.READINESS_VIEW: "their own school",
        P.FINANCE_VIEW: "their own school",
        P.CATEGORY_VIEW: "their own school, with the rule and the figures",
        P.CATEGORY_REPRESENT: "answers for the school before the panel, and may ask once for a review",
        P.CONCERN_VIEW: "their own school: the class, the plan, the criteria, reviews, notices",
        P.VISIT_LIST: "visits to their school",
        P.VISIT_VIEW: "visits to their school",
        P.HEAD_REVIEW_LIST: "those of the headteacher in post",
        P.NOTE_OPEN: "every final note; the draft where it goes to the chair",
        P.NOTE_ANSWER: "where the draft goes to the chair",
        P.COMMENTARY_ANSWER: "where the draft goes to the chair",
        P.NOTE_ASK_CORRECTION: "asks for a correction of a final note",
        P.RECORD_READ: "reads the final notes of their school",
        P.ACTION_REPORT: "ticks progress on actions",
        P.FEEDBACK_ANSWER: "says in confidence what the SIP is worth to governors",
        P.RESOURCE_LIST: "what is for chairs",
        P.SUGGESTION_MAKE: "suggests what they would like to see",
    },
    Hat.CLERK: {
        P.TARGET_VIEW: "their own school",
        P.TARGET_RECORD_SIGNATURE: "records a signature on paper",
        P.SCHOOL_LIST: "their own school",
        P.SCHOOL_VIEW: "their own school",
        P.CONTACT_REPORT: "keeps the governors' names",
        P.VISIT_LIST: "visits to their school",
        P.VISIT_VIEW: "visits to their school",
        P.NOTE_OPEN: "every final note",
        P.RECORD_READ: "reads the final notes of their school",
        P.RESOURCE_LIST: "what is for clerks",
    },
    Hat.RECIPIENT: {  # a diocese or a trust that the pack names, at a school that has one; no part of the school
        P.NOTE_OPEN: "every final note of the schools for which they receive them",
        P.RECORD_READ: "reads the final notes of those schools",
    },
    Hat.SCHOOL_OFFICE: {
        P.SCHOOL_LIST: "their own school",
        P.SCHOOL_VIEW: "their own school",
        P.CONTACT_REPORT: "reports a change of head or chair",
        P.VISIT_LIST: "the diary of visits",
        P.VISIT_VIEW: "the diary of visits",
        P.VISIT_CHOOSE: "chooses among the dates proposed",
    },
}

BY_RELATION: dict[Permission, str] = {
    P.EVALUATION_ANSWER: "who came to the briefing or the workshop, once",
    P.WORKSHOP_BOOK: "whoever holds the booking, to cancel it; the manager of workshops likewise",
    P.MENTORING_LOG: "the SIP, and whoever mentors the SIP today",
    P.MENTORING_SIGN_OFF: "whoever mentors the SIP today",
    P.SIP_REVIEW_WRITE: "the SIP reviewer of today, never of oneself",
    P.SIP_REVIEW_ACCOUNT: "the SIP, of the own account",
    P.REQUEST_READ: "the second reader of that request, while it is with them",
    P.REQUEST_REVIEW: "the second reader of that request: a data protection officer or SIP manager who decided nothing of it",
    P.FEEDBACK_READ: "the SIP's reviewer, whom the first screen of the form names; never the SIP, never of a school they are walled from",
    P.VISIT_PREPARE: "the lead of the visit, and its second adviser",
    P.TARGET_APPLY: "whoever makes a note final, of what the note says of it; so a former SIP in the days of grace",
    P.SERVICE_MANAGE: "whoever owns the entry, of that entry",
    P.INTERVENTION_APPLY: "whoever makes a note final, of what the note says of it; so a former SIP in the days of grace",
    P.ACTION_REPORT: "an officer of the school, of an action that the authority owns",
    P.SHADOWING_VIEW: "the SIP, the observer; the reviewer and the mentor where the pack says so; the headteacher, its facts, once told",
    P.SHADOWING_READ: "the SIP, the observer, the manager, the head of school improvement; the reviewer and the mentor by the pack",
    P.SHADOWING_OBSERVE: "the observer, never of themselves or over the wall",
    P.SHADOWING_RESPOND: "the SIP who was shadowed",
    P.SHADOWING_CLOSE: "the observer, or the manager; never the SIP",
    P.MODERATION_VIEW: "the moderator, of their own ratings; managers and the head of school improvement, never of their own notes",
    P.MODERATION_RATE: "the moderator of that rating; never the author, the author's mentor or a person walled from the school",
    P.NOTE_WRITE: "the author; the second adviser in the sections named for them; a former SIP in the days of grace",
    P.NOTE_READ: "by the table of domain.md §4: author, second adviser, mentor with whom it was shared, reviewer, manager, school",
    P.NOTE_SHARE: "the author",
    P.NOTE_SUBMIT: "the author",
    P.NOTE_ABANDON: "the author, or the manager",
    P.NOTE_TAKE_BACK: "the author until it is opened, then the manager",
    P.NOTE_REVIEW: "the reviewer of that note; never the author, the author's mentor or a person walled from the school",
    P.NOTE_RELEASE: "the author, or the manager",
    P.NOTE_REPLY: "the author",
    P.NOTE_FINALISE: "the author, or the manager",
    P.NOTE_DECLINE_CORRECTION: "the author, or the manager",
    P.NOTE_AMEND: "the author, or the adviser whom the manager names",
    P.COMMENTARY_WRITE: "the author, while they serve the school or have the days of grace",
    P.COMMENTARY_RELEASE: "the author, or the manager",
    P.COMMENTARY_FINALISE: "the author, or the manager",
    P.COMMENTARY_AMEND: "the author, or the manager",
}
"""Permissions that a relation to the row gives, beside (or instead of) a hat: the policies of ``visits`` say how."""


def grants(hat: Hat, permission: Permission) -> bool:
    return permission in GRANTS[hat]


def hats_with(permission: Permission) -> frozenset[Hat]:
    return frozenset(hat for hat in Hat if permission in GRANTS[hat])
