"""Who gets what from every address of the portal: typed once from domain.md §3, §4 and §7, not derived from the code.

Three kinds of answer: *ok* (the page, a form with errors, a redirect to what was done), *403* (inside the row scope with
the wrong role), *404* (outside it). A person who has not signed in is sent to sign in, wherever they are not on
:data:`ANONYMOUS`. Change this file only with the page in hand.
"""

from __future__ import annotations

# ---------------------------------------------------------------- who they are

ACTORS: dict[str, set[str]] = {
    # to the note of Oakfield that sip wrote; what they are elsewhere gives them nothing here
    "sip": {"author", "adviser"},
    "second": {"second adviser", "adviser"},
    "cover_adviser": {"adviser"},
    "former_sip": {"former adviser"},
    "consultant": {"reviewer"},
    "mentor_with": {"mentor", "mentor with a share"},
    "mentor_without": {"mentor"},
    "manager": {"manager"},
    "manager_sip": {"manager"},
    "head_of_improvement": {"head of improvement"},
    "officer": {"officer"},
    "officer_chair": {"officer"},  # chairs Elmwood, where the wall is: test_wall.py
    "officer_south": set(),
    "finance_officer": {"finance officer"},
    "dpo": {"dpo"},
    "administrator": {"administrator"},
    "regional_coordinator": set(),
    "member": set(),
    "nc_adviser": set(),
    "new_sip": set(),
    "sip_head": set(),
    "moderator": {"moderator"},
    "head": {"head"},
    "chair": {"chair"},
    "clerk": {"clerk"},
    "office": {"office"},
    "diocese": {"recipient"},  # receives the final notes of Oakfield, and is no part of the school
    "elm_head": set(),
    "former_head": set(),
    "other_manager": set(),
    "other_administrator": set(),
    "other_sip": set(),
    "other_head": set(),
    "outsider": set(),
}

AUTHORITY = {"manager", "head of improvement", "officer"}
SCHOOL = {"head", "chair", "clerk"}

# ---------------------------------------------------------------- notes, by state (domain.md §4, "Who reads what, by state")

STATES = ("draft", "returned", "in_review", "ready", "with_school", "final", "asked", "withdrawn", "amending", "abandoned")
"""*asked*: a withdrawal of the final version is asked for. *amending*: version 2 is a draft, version 1 is final."""

FACTS = {"author", "second adviser", "mentor with a share", "dpo"} | AUTHORITY
FINAL = FACTS | SCHOOL | {"adviser", "moderator", "recipient"}

NOTE_SEEN: dict[str, set[str]] = {
    "draft": FACTS,
    "returned": FACTS,
    "in_review": FACTS | {"reviewer"},
    "ready": FACTS,
    "with_school": FACTS | {"head"},
    "final": FINAL,
    "asked": FINAL,  # that it is there, and that access has ended; nothing of it
    "withdrawn": {"author", "second adviser", "manager", "dpo"},
    "amending": FINAL,
    "abandoned": FACTS,
}
WRITERS = {"author", "second adviser", "mentor with a share"}
TEXT: dict[str, set[str]] = {
    "draft": WRITERS,
    "returned": WRITERS,
    "in_review": WRITERS | {"reviewer", "manager"},
    "ready": WRITERS | {"manager"},
    "with_school": WRITERS | {"manager"},
    "final": set(),  # everybody reads the record, whose withdrawal ends access
    "asked": set(),
    "withdrawn": set(),
    "amending": WRITERS,
    "abandoned": WRITERS,
}
RECORD: dict[str, set[str]] = {
    "with_school": WRITERS | {"manager", "head"},
    "final": WRITERS | AUTHORITY | SCHOOL | {"adviser", "moderator", "recipient"},
    "asked": {"manager", "dpo"},
    "withdrawn": {"manager", "dpo"},
    "amending": WRITERS | AUTHORITY | SCHOOL | {"adviser", "moderator", "recipient"},
}
ACTION: dict[str, set[str]] = {  # the words of a final note: whoever reads the school's final notes
    "final": AUTHORITY | SCHOOL | {"adviser"},
    "asked": set(),
    "withdrawn": set(),
    "amending": AUTHORITY | SCHOOL | {"adviser"},
}

OVER = ("final", "asked", "withdrawn")
DRAFT_PAGES: dict[str, set[str]] = TEXT | {state: NOTE_SEEN[state] for state in OVER}
"""Pages of the working text: once that is over, their addresses lead to the note's own page."""

WRITABLE = ("draft", "returned", "amending")


def only(states: tuple[str, ...], who: set[str]) -> dict[str, set[str]]:
    return {state: who if state in states else set() for state in STATES}


AUTHOR = {"author"}
AUTHOR_OR_MANAGER = {"author", "manager"}
TAKE_BACK: dict[str, set[str]] = {state: {"manager"} for state in STATES} | {"in_review": AUTHOR}  # the review is not opened yet
Who = set[str] | dict[str, set[str]]

# name: (who may read the page, who may send it or None where there is nothing to send)
# "self" of the scope: what makes the row visible at all; 404 outside it.
NOTE_PAGES: dict[str, tuple[Who, Who | None]] = {
    "visits:note-detail": (NOTE_SEEN, None),
    "visits:note-compare": (NOTE_SEEN, None),
    "visits:note-distribution": (NOTE_SEEN, None),
    "visits:delivery-resend": ({"nobody"}, AUTHOR_OR_MANAGER),
    "visits:note-write": (DRAFT_PAGES, None),
    "visits:note-edit": (DRAFT_PAGES, only(WRITABLE, {"author", "second adviser"})),
    "visits:note-section-save": ({"nobody"}, only(WRITABLE, {"author", "second adviser"})),
    "visits:note-offline-key": ({"nobody"}, only(WRITABLE, {"author", "second adviser"})),
    "visits:note-offline-piece": (DRAFT_PAGES, TEXT),  # no sealed piece of one's own, no text
    "visits:note-paste": (only(WRITABLE, {"author", "second adviser"}), only(WRITABLE, {"author", "second adviser"})),
    "visits:note-check": (DRAFT_PAGES, TEXT),
    "visits:note-preview": (DRAFT_PAGES, None),
    "visits:note-submit": (AUTHOR, AUTHOR),
    "visits:note-share": (AUTHOR, AUTHOR),
    "visits:note-take-back": (TAKE_BACK, TAKE_BACK),
    "visits:note-reopen": (AUTHOR, AUTHOR),
    "visits:note-hand-on": ({"manager"}, {"manager"}),
    "visits:note-abandon": (AUTHOR_OR_MANAGER, AUTHOR_OR_MANAGER),
    "visits:note-restore": (AUTHOR_OR_MANAGER, AUTHOR_OR_MANAGER),
    "visits:note-release": (AUTHOR_OR_MANAGER, AUTHOR_OR_MANAGER),
    "visits:note-recall": (AUTHOR_OR_MANAGER, AUTHOR_OR_MANAGER),
    "visits:note-finalise": (AUTHOR_OR_MANAGER, AUTHOR_OR_MANAGER),
    "visits:note-extend": ({"manager"}, {"manager"}),
    "visits:note-amend": (AUTHOR_OR_MANAGER, AUTHOR_OR_MANAGER),
    "visits:note-amend-abandon": (AUTHOR_OR_MANAGER, AUTHOR_OR_MANAGER),
    "visits:note-answer": ({"head"}, {"head"}),
    "visits:note-comment": ({"head"}, {"head"}),
    "visits:note-comment-remove": ({"head"}, {"head"}),
    "visits:note-difference": ({"head"}, {"head"}),
    "visits:note-reply": (AUTHOR, AUTHOR),
    "visits:review-detail": (DRAFT_PAGES, None),
    "visits:review-open": (only(("in_review",), {"reviewer"}), only(("in_review",), {"reviewer"})),
    "visits:review-return": (only(("in_review",), {"reviewer"}), only(("in_review",), {"reviewer"})),
    "visits:review-approve": (only(("in_review",), {"reviewer"}), only(("in_review",), {"reviewer"})),
    "quality:gate-rate": (only(("in_review",), {"reviewer"}), only(("in_review",), {"reviewer"})),
    "visits:review-reassign": ({"manager"}, {"manager"}),
    "visits:review-pass": ({"manager"}, {"manager"}),
    "visits:correction-decline": (AUTHOR_OR_MANAGER, AUTHOR_OR_MANAGER),
    "visits:withdrawal-ask": ({"manager", "dpo"}, {"manager", "dpo"}),
    "visits:withdrawal-decide": ({"manager", "dpo"}, {"manager", "dpo"}),
}
LIVE: dict[str, tuple[str, ...]] = {
    # where the deed can be done: there, who may is answered with the page; elsewhere with anything but a fault
    "visits:note-write": WRITABLE,
    "visits:note-edit": WRITABLE,
    "visits:note-section-save": WRITABLE,
    "visits:note-offline-key": WRITABLE,
    "visits:note-paste": WRITABLE,
    "visits:note-submit": WRITABLE,
    "visits:note-take-back": ("in_review",),
    "visits:note-reopen": ("ready",),
    "visits:note-hand-on": WRITABLE,
    "visits:note-abandon": ("draft", "returned"),
    "visits:note-restore": ("abandoned",),
    "visits:note-release": ("ready",),
    "visits:note-recall": ("with_school",),
    "visits:note-finalise": ("with_school",),
    "visits:note-extend": ("with_school",),
    "visits:note-amend": ("final", "withdrawn"),
    "visits:note-amend-abandon": ("amending",),
    "visits:note-answer": ("with_school",),
    "visits:note-comment": ("with_school",),
    "visits:note-comment-remove": ("with_school",),
    "visits:note-difference": ("with_school",),
    "visits:note-reply": ("with_school",),
    "visits:commentary-gather": ("draft", "amending"),
    "visits:commentary-hand-on": ("draft", "amending"),
    "visits:commentary-release": ("draft", "amending"),
    "visits:commentary-recall": ("with_school",),
    "visits:commentary-finalise": ("with_school",),
    "visits:commentary-answer": ("with_school",),
    "visits:commentary-amend": ("final", "withdrawn"),
    "visits:commentary-amend-abandon": ("amending",),
    "visits:commentary-resend": (),
    "visits:review-open": ("in_review",),
    "visits:review-return": ("in_review",),
    "visits:review-approve": ("in_review",),
    "quality:gate-rate": ("in_review",),
    "visits:review-reassign": ("in_review",),
    "visits:review-pass": ("in_review",),
    "visits:withdrawal-ask": ("final", "amending"),
    "visits:withdrawal-decide": ("asked",),
}
RECORD_PAGES: dict[str, tuple[Who, Who | None]] = {
    "visits:record-detail": (RECORD, None),
    "visits:record-pdf": (RECORD, None),
    "visits:correction-ask": ({"head", "chair"}, {"head", "chair"}),
}
ACTION_PAGES: dict[str, tuple[Who, Who | None]] = {"visits:action-detail": (ACTION, {"adviser", "head", "chair"})}

# ---------------------------------------------------------------- alerts (domain.md §4: named officers, manager, the SIP who raised it)

ALERT_STATES = ("sent", "acknowledged", "closed")
ALERT_SEEN = {"author", "manager", "officer"}  # sip raised it
ALERT_PAGES: dict[str, tuple[Who, Who | None]] = {
    "visits:alert-detail": (ALERT_SEEN, None),
    "visits:alert-acknowledge": ({"nobody"}, {"manager", "officer"}),
    "visits:alert-close": ({"manager", "officer"}, {"manager", "officer"}),
}

# ---------------------------------------------------------------- requests for information (domain.md §10)

# The data protection officer's alone; the second reader (the manager) reads answer and copies, never what was found.
REQUEST_STATES = ("deciding", "in_review")
REQUEST_SEEN: dict[str, set[str]] = {"deciding": {"dpo"}, "in_review": {"dpo", "manager"}}
REQUEST_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "visits:request-detail": ({"dpo", "manager"}, None),
    "visits:request-step": ({"dpo"}, {"dpo"}),  # that the asker took it back
    "visits:request-search": ({"dpo"}, {"dpo"}),
    "visits:request-item": ({"dpo"}, {"dpo"}),
    "visits:request-file": ({"dpo"}, None),
    "visits:request-decide": ({"nobody"}, {"dpo"}),
    "visits:request-copy": ({"nobody"}, {"dpo"}),
    "visits:copy-pdf": ({"dpo", "manager"}, None),
}

# A hold, and a list of what is to be destroyed: the data protection officer's; nobody else knows of them.
HOLD_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "visits:hold-lift": ({"dpo"}, {"dpo"}),
    "visits:disposal-detail": ({"dpo"}, {"dpo"}),
    "visits:disposal-set-aside": ({"dpo"}, {"dpo"}),
}

# An incident: of the two who withdraw a note; what is under seal, the data protection officer's alone.
INCIDENT_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "visits:incident-detail": ({"manager", "manager_sip", "dpo"}, {"manager", "manager_sip", "dpo"}),
    "visits:incident-text": ({"dpo"}, None),
    "visits:incident-close": ({"dpo"}, {"dpo"}),
    "visits:incident-destroy": ({"dpo"}, {"dpo"}),
}

# ---------------------------------------------------------------- visits

VISIT_STATES = ("proposed", "booked", "held", "aborted", "cancelled")
VISIT_SEEN = {"adviser", "mentor", "dpo", "office"} | AUTHORITY | SCHOOL
EITHER_SIDE = {"author", "manager", "head"}  # the author of the note is the lead of the visit
VISIT_PAGES: dict[str, tuple[Who, Who | None]] = {
    "visits:visit-detail": (VISIT_SEEN, None),
    "visits:visit-choose": ({"author", "head", "office"}, {"author", "head", "office"}),
    "visits:visit-ask-others": ({"author", "head", "office"}, {"author", "head", "office"}),
    "visits:visit-move": (EITHER_SIDE, EITHER_SIDE),
    "visits:visit-cancel": (EITHER_SIDE, EITHER_SIDE),
    "visits:visit-hold": (AUTHOR, AUTHOR),
    "visits:visit-abort": (AUTHOR, AUTHOR),
    "visits:visit-correct": (AUTHOR, AUTHOR),
    "visits:visit-waive": ({"manager"}, {"manager"}),
    "visits:visit-half-page": ({"head"}, {"head"}),
    "visits:visit-prepare": (AUTHOR, AUTHOR),  # and its second adviser: the head sees the page of the visit
    "visits:visit-prepare-pdf": (AUTHOR, None),
    "visits:note-start": (AUTHOR, AUTHOR),
}

# ---------------------------------------------------------------- a school, its contacts, its adviser

SCHOOL_SEEN = AUTHORITY | SCHOOL | {"adviser", "former adviser", "mentor", "finance officer", "dpo", "administrator", "office"}
REPORTS = {"manager", "officer", "administrator", "adviser", "head", "chair", "clerk", "office"}
SCHOOL_PAGES: dict[str, tuple[Who, Who | None]] = {
    "schools:school-detail": (SCHOOL_SEEN, None),
    "schools:school-tab": (SCHOOL_SEEN, None),
    "targets:school-results-export": (SCHOOL_SEEN, None),
    "targets:figures-speak": (SCHOOL_SEEN, None),
    "targets:figures-speak-pdf": (SCHOOL_SEEN, None),
    "targets:summary-sheet": (SCHOOL_SEEN, None),
    "targets:summary-sheet-pdf": (SCHOOL_SEEN, None),
    "schools:inspection-show": (SCHOOL_SEEN, None),
    "schools:contact-report": (REPORTS, REPORTS),
    "schools:readiness-record": ({"adviser", "head"}, {"adviser", "head"}),  # P25: by the school or its SIP
    "schools:key-issue-code": ({"manager", "officer"}, {"manager", "officer"}),
    "schools:challenge-open": ({"finance officer"}, {"finance officer"}),
    "support:concern-open": ({"manager", "officer"}, {"manager", "officer"}),
    "support:intervention-add": ({"manager", "adviser", "head"}, {"manager", "adviser", "head"}),
    "support:support-ask": ({"manager", "officer", "adviser", "head", "chair"}, {"manager", "officer", "adviser", "head", "chair"}),
    "schools:contact-confirm": ({"nobody"}, {"administrator"}),
    "schools:contact-refuse": ({"administrator"}, {"administrator"}),
    "schools:contact-end": ({"administrator"}, {"administrator"}),
    "visits:call-log": (AUTHORITY | {"adviser"}, AUTHORITY | {"adviser"}),
    "visits:commentary-start": ({"adviser"}, {"adviser"}),
}
TARGET_SEEN = AUTHORITY | SCHOOL | {"adviser"}
TARGET_PAGES: dict[str, tuple[Who, Who | None]] = {  # domain.md §5: each step is its side's alone
    "targets:target-round": (TARGET_SEEN, None),
    "targets:school-targets-export": (TARGET_SEEN, None),
    "targets:target-propose": ({"head", "manager"}, {"head", "manager"}),
    "targets:target-answer": ({"adviser"}, {"adviser"}),
    "targets:target-decide": ({"head", "chair", "manager"}, {"head", "chair", "manager"}),
    "targets:target-revise": ({"head", "manager"}, {"head", "manager"}),
    "targets:target-settle": ({"manager"}, {"manager"}),
    "targets:target-sign": ({"nobody"}, {"head", "chair", "adviser"}),
    "targets:target-paper": ({"manager", "officer", "adviser", "clerk"}, {"manager", "officer", "adviser", "clerk"}),
    # pupils: the school, and its SIP while the round is open; to the authority sums alone
    "targets:pupil-sheet": ({"head", "adviser"}, None),
    "targets:pupil-sums": (AUTHORITY, None),
    "targets:pupil-upload": ({"head"}, {"head"}),
    "targets:pupil-type": ({"head"}, {"head"}),
}
FINANCE_SEEN = AUTHORITY | {"head", "chair", "adviser", "finance officer"}
"""A school's money: its own head and chair, its advisers, its officers, the manager and the finance officer; nobody else."""
CHALLENGE_PAGES: dict[str, tuple[Who, Who | None]] = {
    "schools:challenge-detail": (FINANCE_SEEN, None),
    "schools:challenge-letter": (FINANCE_SEEN, None),
    "schools:challenge-step": ({"finance officer"}, {"finance officer"}),
}
INTERVENTION_READERS = AUTHORITY | {"adviser", "head", "chair"}
INTERVENTION_PAGES: dict[str, tuple[Who, Who | None]] = {
    "support:intervention-detail": (INTERVENTION_READERS, None),
    "support:intervention-revise": ({"manager", "adviser", "head"}, {"manager", "adviser", "head"}),
    "support:intervention-evaluate": ({"manager", "adviser", "head"}, {"manager", "adviser", "head"}),
    # S12: the SIP, an officer or the manager brokers; the school decides, or its word is recorded by SIP or manager
    "support:support-match": ({"manager", "officer", "adviser"}, {"manager", "officer", "adviser"}),
    "support:support-agree": ({"manager", "adviser", "head", "chair"}, {"manager", "adviser", "head", "chair"}),
    "support:support-decline": ({"manager", "adviser", "head", "chair"}, {"manager", "adviser", "head", "chair"}),
    "support:support-withdraw": ({"manager", "officer", "adviser", "head", "chair"}, {"manager", "officer", "adviser", "head", "chair"}),
    "support:support-begin": ({"manager", "adviser", "head"}, {"manager", "adviser", "head"}),
    "support:support-deliver": ({"manager", "adviser", "head"}, {"manager", "adviser", "head"}),
}
ADVISER_SEEN = {"author", "mentor", "administrator"} | AUTHORITY  # of sip
ADVISER_PAGES: dict[str, tuple[Who, Who | None]] = {
    "schools:adviser-detail": (ADVISER_SEEN, None),
    "schools:assignment-hand-over": ({"manager"}, {"manager"}),
    "schools:assignment-cover": ({"manager"}, {"manager"}),
    "schools:assignment-end": ({"manager"}, {"manager"}),
}
EXTRA_ADVISER_SEEN = {"officer_south"}
"""An officer lists the SIPs of the whole authority, not of the cluster alone."""

# ---------------------------------------------------------------- pages without a row, by name of the person

EVERYBODY = set(ACTORS)
MANAGERS = {"manager", "manager_sip", "other_manager"}
OFFICERS = {"officer", "officer_chair", "officer_south"}
ADMINISTRATORS = {"administrator", "other_administrator"}
PROGRAMME = MANAGERS | OFFICERS | {"head_of_improvement"}
SIPS = {"sip", "second", "cover_adviser", "consultant", "new_sip", "sip_head", "manager_sip", "other_sip"}
ADVISERS = SIPS | {"nc_adviser"}
MENTORS = {"mentor_with", "mentor_without"}
AT_SCHOOLS = {"head", "chair", "clerk", "elm_head", "other_head", "sip_head", "officer_chair"}
BRIEFED = PROGRAMME | SIPS | {"finance_officer"}
VISITING = PROGRAMME | ADVISERS | MENTORS | AT_SCHOOLS | {"former_sip", "dpo", "office"}
DIRECTORY = PROGRAMME | ADVISERS | ADMINISTRATORS | {"finance_officer", "head", "chair", "elm_head", "other_head"}
ADVISERS_WITH_SCHOOLS = {"sip", "second", "cover_adviser", "consultant", "new_sip", "sip_head", "manager_sip", "other_sip", "nc_adviser"}
LEADERS = {"head", "chair", "elm_head", "other_head", "sip_head", "officer_chair"}

LIBRARY = PROGRAMME | ADVISERS | MENTORS | AT_SCHOOLS | ADMINISTRATORS | {"finance_officer", "dpo", "regional_coordinator"}
ASKING = PROGRAMME | ADVISERS | MENTORS
READING_RECORDS = PROGRAMME | ADVISERS | AT_SCHOOLS | {"former_sip", "dpo", "diocese"}
SUGGESTING = LIBRARY - {"regional_coordinator", "clerk"}
BRINGING = PROGRAMME | ADVISERS

PLAIN_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "home": (EVERYBODY, None),
    "search": (EVERYBODY, None),
    "accessibility": (EVERYBODY, None),
    "privacy": (EVERYBODY, None),
    "gallery": (EVERYBODY, None),
    "people:account": (EVERYBODY, EVERYBODY),
    "people:calendar-link": (EVERYBODY, EVERYBODY),
    "people:person-list": (PROGRAMME | ADMINISTRATORS, None),
    "people:person-suggest": (PROGRAMME | ADMINISTRATORS, None),
    "schools:school-list": (VISITING | ADMINISTRATORS | {"finance_officer"}, None),
    "schools:school-export": (VISITING | ADMINISTRATORS | {"finance_officer"}, None),
    "schools:school-suggest": (VISITING | ADMINISTRATORS | {"finance_officer"}, None),
    "schools:inspection-overview": (PROGRAMME | ADVISERS, None),
    "schools:key-issue-list": (PROGRAMME | ADVISERS, None),
    "schools:readiness-list": (PROGRAMME | ADVISERS, None),
    "schools:inspection-export": (PROGRAMME | ADVISERS, None),
    "support:priority-list": (PROGRAMME | ADVISERS, None),
    "support:priority-export": (PROGRAMME | ADVISERS, None),
    "support:finance-overview": (PROGRAMME | {"finance_officer"}, None),
    "support:finance-export": (PROGRAMME | {"finance_officer"}, None),
    "support:threshold-try": (PROGRAMME | {"finance_officer"}, None),
    "schools:challenge-list": (PROGRAMME | ADVISERS | (AT_SCHOOLS - {"clerk"}) | {"finance_officer"}, None),
    "schools:finance-upload": (ADMINISTRATORS | {"finance_officer"}, ADMINISTRATORS | {"finance_officer"}),
    "schools:contact-list": (ADMINISTRATORS, None),
    "schools:interest-declare": (PROGRAMME | SIPS | {"nc_adviser"}, PROGRAMME | SIPS | {"nc_adviser"}),
    "schools:caseload-list": (PROGRAMME, None),
    "schools:caseload-gaps": (MANAGERS, None),
    "schools:assignment-assign": (MANAGERS, MANAGERS),
    # the facts of the schools that one answers for: never a school's own people, never by a right to look back
    "support:panel-list": (MANAGERS | OFFICERS, MANAGERS | OFFICERS),
    "support:concern-board": (PROGRAMME, None),
    "support:concern-export": (PROGRAMME, None),
    "support:concern-register": (PROGRAMME, None),
    "support:concern-add": (MANAGERS | OFFICERS, MANAGERS | OFFICERS),
    "support:warning-list": (PROGRAMME, None),
    "support:panel-call": (MANAGERS, MANAGERS),
    # domain.md §6: elected members see counts, and nothing else of the authority's
    "support:category-counts": (PROGRAMME | {"regional_coordinator", "member"}, None),
    "support:scheme-list": (PROGRAMME, None),
    "support:scheme-begin": (PROGRAMME - {"head_of_improvement"}, PROGRAMME - {"head_of_improvement"}),
    # S12: whoever works with schools, and heads and chairs; kept by the manager and the administrator
    "support:service-list": (DIRECTORY, None),
    "support:service-export": (DIRECTORY, None),
    "support:policy-write": (MANAGERS | ADMINISTRATORS, MANAGERS | ADMINISTRATORS),
    "support:service-add": (MANAGERS | ADMINISTRATORS, MANAGERS | ADMINISTRATORS),
    "support:support-requests": (PROGRAMME | ADVISERS_WITH_SCHOOLS | LEADERS, None),
    "support:spend-overview": (PROGRAMME | {"finance_officer"}, None),
    "support:spend-export": (PROGRAMME | {"finance_officer"}, None),
    "support:spend-commissions": (PROGRAMME | {"finance_officer"}, None),
    "support:spend-commissions-export": (PROGRAMME | {"finance_officer"}, None),
    # S6, P31: the authority's programmes, and of their caseload whoever serves a school
    "support:programme-list": (PROGRAMME | ADVISERS_WITH_SCHOOLS | {"finance_officer"}, None),
    "support:programme-open": ({"nobody"}, MANAGERS),
    "support:programme-effects": (PROGRAMME, None),
    "support:programme-effects-export": (PROGRAMME, None),
    "support:fund-open": (MANAGERS | {"finance_officer"}, MANAGERS | {"finance_officer"}),
    "support:fact-list": (PROGRAMME | ADVISERS, None),
    "support:fact-export": (PROGRAMME | ADVISERS, None),
    # domain.md §5: standards of the authority's schools, to its officers and managers, each of the schools that they see
    "targets:target-list": (PROGRAMME | ADVISERS | AT_SCHOOLS, None),
    "targets:target-export": (PROGRAMME | ADVISERS | AT_SCHOOLS, None),
    "targets:target-indicative": (MANAGERS, MANAGERS),
    "targets:target-return": (MANAGERS, MANAGERS),
    "targets:target-return-export": (MANAGERS, None),
    "targets:target-remind": (MANAGERS | OFFICERS, MANAGERS | OFFICERS),
    "targets:target-roll-up": (PROGRAMME, None),
    "targets:target-roll-up-export": (PROGRAMME, None),
    "targets:target-ambition": (PROGRAMME, None),
    "targets:target-ambition-export": (PROGRAMME, None),
    "targets:headlines": (PROGRAMME, None),
    "targets:results-roll-up": (PROGRAMME, None),
    "targets:results-export": (PROGRAMME, None),
    "targets:results-rows": (PROGRAMME, None),
    "targets:results-rows-export": (PROGRAMME, None),
    "visits:visit-list": (VISITING, None),
    "visits:action-list": (VISITING, None),
    "visits:action-export": (VISITING, None),
    "visits:alert-list": (MANAGERS | OFFICERS | ADVISERS | {"former_sip"}, None),
    "visits:alert-raise": (ADVISERS, ADVISERS),
    "visits:calendar": (VISITING, None),
    "visits:incident-list": ({"dpo"} | MANAGERS, None),
    "visits:retention-list": ({"dpo"} | ADMINISTRATORS, {"dpo"}),
    "visits:retention-set": ({"dpo"} | ADMINISTRATORS, {"dpo"} | ADMINISTRATORS),
    "visits:hold-place": ({"dpo"}, {"dpo"}),
    "visits:reading-list": ({"dpo"} | ADMINISTRATORS, None),
    "visits:reading-export": ({"dpo"} | ADMINISTRATORS, None),
    "visits:request-list": ({"dpo"}, None),
    "visits:request-new": ({"dpo"}, {"dpo"}),
    "visits:round-list": (PROGRAMME | ADVISERS, None),
    "visits:round-open": (MANAGERS, MANAGERS),
    "visits:head-review-list": (MANAGERS | ADVISERS | (AT_SCHOOLS - {"clerk"}), None),  # the manager: held or not held
    "visits:head-review-log": (ADVISERS, ADVISERS),
    "visits:visit-book": (MANAGERS | ADVISERS, MANAGERS | ADVISERS),
    "visits:visit-log": (ADVISERS, ADVISERS),
    "visits:record-verify": (READING_RECORDS, READING_RECORDS),
    "visits:commentary-list": (READING_RECORDS, None),  # of a diocese an empty one: a commentary is for the governors
    "visits:bundle-list": (READING_RECORDS, READING_RECORDS),
    "visits:review-list": (MANAGERS, None),
    # domain.md §7: who asks; those about whom, or by whom as the reviewer, it is read
    "quality:feedback-list": (MANAGERS, MANAGERS),
    "quality:feedback-ask": (MANAGERS, MANAGERS),
    "quality:feedback-own": (MANAGERS | SIPS | MENTORS | {"head_of_improvement"}, None),
    "quality:mentoring-list": (MANAGERS | SIPS | MENTORS, None),
    "quality:sip-review-list": (MANAGERS | SIPS | MENTORS | {"head_of_improvement"}, MANAGERS | SIPS | MENTORS | {"head_of_improvement"}),
    "quality:judgement-list": (MANAGERS | {"head_of_improvement", "regional_coordinator"}, None),
    "quality:report": (MANAGERS | {"head_of_improvement", "regional_coordinator"}, None),
    "quality:evidence": (MANAGERS | {"head_of_improvement", "regional_coordinator"}, None),
    "quality:report-write": (MANAGERS | {"head_of_improvement"}, MANAGERS | {"head_of_improvement"}),
    "quality:report-file": (MANAGERS | {"head_of_improvement", "regional_coordinator"}, None),
    "quality:judgement-record": (MANAGERS | {"head_of_improvement"}, MANAGERS | {"head_of_improvement"}),
    # domain.md §7: the manager and the head of school improvement; each SIP, observer and mentor what is theirs
    "quality:overview": (MANAGERS | {"head_of_improvement"}, None),
    "quality:rows": (MANAGERS | {"head_of_improvement"}, None),
    "quality:sample-draw": (MANAGERS, MANAGERS),
    "quality:shadowing-list": (PROGRAMME | SIPS | MENTORS, None),
    "quality:shadowing-export": (PROGRAMME | SIPS | MENTORS, None),
    "quality:moderation-list": (PROGRAMME | SIPS, None),
    # domain.md §8: those who work with the SIPs, and each SIP what is for a phase that they serve; never a school's own people
    "briefings:briefing-list": (BRIEFED, None),
    "briefings:briefing-plan": (MANAGERS, MANAGERS),
    "briefings:briefing-year": ({"nobody"}, MANAGERS),
    "briefings:deck-list": (MANAGERS | {"head_of_improvement"}, None),
    "briefings:deck-begin": (MANAGERS | {"head_of_improvement"}, MANAGERS | {"head_of_improvement"}),
    # domain.md §8, the library: by audience; questions and practice to those who ask schools and lead the programme
    "briefings:resource-list": (LIBRARY, None),
    "briefings:resource-add": (MANAGERS, MANAGERS),
    "briefings:sample-list": ({"dpo"}, None),
    "briefings:visit-year": (VISITING - {"former_sip", "office"}, None),
    "briefings:category-list": (PROGRAMME | ADVISERS, None),
    "briefings:question-list": (ASKING, None),
    "briefings:question-offer": (MANAGERS | ADVISERS, MANAGERS | ADVISERS),
    "briefings:question-mark": ({"nobody"}, MANAGERS | ADVISERS),
    "briefings:practice-list": (BRINGING, None),
    "briefings:practice-add": (BRINGING, BRINGING),
    "briefings:suggestion-list": (SUGGESTING, SUGGESTING),
    "briefings:development-days": (MANAGERS, None),
    "briefings:bulletin-list": (BRIEFED, None),
    "briefings:bulletin-begin": (MANAGERS, MANAGERS),
    "briefings:workshop-list": (BRIEFED, None),
    "briefings:workshop-offer": (MANAGERS, MANAGERS),
    "briefings:need-list": (MANAGERS | {"head_of_improvement"}, None),
    "briefings:need-own": (SIPS, SIPS),
    "briefings:evaluation-list": (MANAGERS | {"head_of_improvement"}, None),
}
ARGUMENTS: dict[str, list[str]] = {
    "briefings:briefing-year": ["2008"],
    "briefings:question-mark": ["std-floor-ks2"],
    "quality:report-write": ["evidence", "self-judgement"],
    "quality:report-file": ["evidence", "xlsx"],
    "quality:rows": ["notes"],
    "visits:retention-set": ["note"],
    "visits:reading-export": ["csv"],
    "schools:school-export": ["csv"],
    "schools:inspection-export": ["outcomes", "csv"],
    "support:fact-export": ["support.category", "csv"],
    "support:finance-export": ["csv"],
    "support:priority-export": ["xlsx"],
    "support:concern-export": ["csv"],
    "support:service-export": ["csv"],
    "support:spend-export": ["csv"],
    "support:spend-commissions-export": ["csv"],
    "support:programme-open": ["improving-schools"],
    "support:programme-effects-export": ["csv"],
    "visits:action-export": ["csv"],
    "targets:target-export": ["csv"],
    "targets:target-roll-up-export": ["csv"],
    "targets:target-ambition-export": ["csv"],
    "targets:target-return-export": ["csv"],
    "quality:shadowing-export": ["csv"],
    "targets:results-export": ["csv"],
    "targets:results-rows-export": ["csv"],
}
"""Of those among them whose address has parts."""
# a file of notes and the job that makes it: of whoever asked, and of nobody else
OWN_FILES: dict[str, tuple[str, str]] = {  # what the asker is answered to GET and to POST
    "visits:bundle-detail": ("ok", "405"),
    "visits:bundle-download": ("ok", "405"),
    "visits:bundle-drop": ("405", "ok"),
    "visits:bundle-remake": ("405", "ok"),  # it is still kept, and says so
    "people:job-progress": ("ok", "405"),
}
# of Wealdshire's own; who has the permission in another authority only is told that it is not there
OURS = {"manager", "manager_sip"}
PLAN_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "schools:plan-detail": (OURS, OURS),
    "schools:plan-publish": (OURS, OURS),
    "schools:plan-row": (OURS, OURS),
}
# ---------------------------------------------------------------- criteria written in the portal (domain.md §6, "Workbench")

SCHEME_STATES = ("draft", "consulting")
WEIGH = PROGRAMME - {"other_manager"}  # of Wealdshire
DRAFTERS = WEIGH - {"head_of_improvement"}
OUR_ADVISERS = ADVISERS - {"other_sip"}
SCHEME_SEEN: dict[str, set[str]] = {"draft": WEIGH, "consulting": WEIGH | OUR_ADVISERS}
SCHEME_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "support:scheme-detail": (WEIGH, WEIGH),
    "support:scheme-export": (WEIGH, None),
    "support:rule-add": (DRAFTERS, DRAFTERS),
    "support:rule-remove": ({"nobody"}, DRAFTERS),
    "support:scheme-text": (DRAFTERS, DRAFTERS),
    "support:scheme-consult": (DRAFTERS, DRAFTERS),
    "support:scheme-end": ({"nobody"}, DRAFTERS),
    "support:scheme-consultation": (WEIGH, None),
    "support:scheme-publish": (OURS, OURS),
    "support:scheme-discard": ({"nobody"}, DRAFTERS),
}
PLACE_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    # while it is with the SIPs: each their own schools; the placing of Oakfield by whoever serves it
    "support:consultation": (OUR_ADVISERS, None),
    "support:placement": ({"sip", "second", "cover_adviser"}, {"sip", "second", "cover_adviser"}),
}

# a round of Wealdshire's: its programme, and whoever serves a school there; the rest is told that it is not there
ROUND_SEEN = OURS | OFFICERS | {"head_of_improvement", "sip", "second", "cover_adviser", "consultant", "new_sip", "sip_head", "nc_adviser"}
BOOKS = ROUND_SEEN - OFFICERS - {"head_of_improvement"}
ROUND_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "visits:round-detail": (ROUND_SEEN, None),
    "visits:round-schools": (ROUND_SEEN, None),
    "visits:round-export": (ROUND_SEEN, None),
    "visits:round-book": (BOOKS, BOOKS),
    "visits:round-change": (OURS, OURS),
    "visits:round-exempt": (OURS, OURS),
    "visits:round-remind": (OURS, OURS),
    "visits:round-close": ({"nobody"}, OURS),  # buttons
    "visits:round-reopen": ({"nobody"}, OURS),
    "visits:round-lift": ({"nobody"}, OURS),
}
# ---------------------------------------------------------------- briefings (domain.md §8)

# one of Wealdshire's, for primary SIPs
OUR_BRIEFED = BRIEFED - {"other_manager", "other_sip"}
BRIEFING_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "briefings:briefing-detail": (OUR_BRIEFED, None),
    "briefings:briefing-change": (OURS, OURS),
    "briefings:briefing-cancel": (OURS, OURS),
    "briefings:briefing-calendar": (OUR_BRIEFED, None),
    "briefings:briefing-invite": (OURS, None),
    "briefings:briefing-call": ({"nobody"}, OURS),
    "briefings:briefing-reply": ({"nobody"}, OUR_BRIEFED),
    "briefings:briefing-attend": (OURS, OURS),
    "briefings:briefing-outcomes": (OURS, OURS),
    "briefings:item-add": (OURS, OURS),
    "briefings:item-draw": ({"nobody"}, OURS),
    # of an item of it
    "briefings:item-change": (OURS, OURS),
    "briefings:item-move": ({"nobody"}, OURS),
    "briefings:item-remove": ({"nobody"}, OURS),
    "briefings:question-ask": (OUR_BRIEFED, OUR_BRIEFED),
    "briefings:briefing-evaluate": ({"nobody"}, OURS),
    # its documents
    "briefings:document-add": (OURS, OURS),
    "briefings:document-file": (OUR_BRIEFED, None),
    "briefings:document-remove": ({"nobody"}, OURS),
}
# one that is published, for everybody; one of its items is for action
BULLETIN_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "briefings:bulletin-detail": (OUR_BRIEFED, None),
    "briefings:bulletin-write": (OURS, OURS),
    "briefings:bulletin-add": (OURS, OURS),
    "briefings:bulletin-publish": ({"nobody"}, OURS),
    "briefings:bulletin-item": (OURS, OURS),
    "briefings:bulletin-item-remove": ({"nobody"}, OURS),
    "briefings:bulletin-item-done": ({"nobody"}, OUR_BRIEFED),
}
OUR_SIPS = SIPS - {"other_sip"}
WORKSHOP_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "briefings:workshop-detail": (OUR_BRIEFED, None),
    "briefings:workshop-calendar": (OUR_BRIEFED, None),
    "briefings:workshop-change": (OURS, OURS),
    "briefings:workshop-cancel": (OURS, OURS),
    "briefings:workshop-attend": (OURS, OURS),
    "briefings:workshop-book": ({"nobody"}, OUR_SIPS),
    "briefings:workshop-evaluate": ({"nobody"}, OURS),
}
# the booking of sip: theirs, and the managers'
BOOKING_PAGES: dict[str, tuple[set[str], set[str] | None]] = {"briefings:booking-cancel": ({"nobody"}, OURS | {"sip"})}
# a need of sip; every SIP has the page of their own, and is told there that another's is not among them
NEED_PAGES: dict[str, tuple[set[str], set[str] | None]] = {"briefings:need-remove": ({"nobody"}, {"sip"})}
# those who came may answer; managers and the head of school improvement read the summary
CAME = {"sip", "consultant", "new_sip", "sip_head", "second"}
EVALUATION_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "briefings:evaluation-detail": (OURS | CAME | {"head_of_improvement"}, CAME),
}
# the slides of it: whoever builds for the authority; what was published, its audience as a PDF
BUILDERS = OURS | {"head_of_improvement"}
DECK_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "briefings:deck-detail": (BUILDERS, None),
    "briefings:deck-refresh": ({"nobody"}, BUILDERS),
    "briefings:deck-issue": (BUILDERS, BUILDERS),
    "briefings:deck-export": (BUILDERS, None),
    "briefings:page-add": (BUILDERS, BUILDERS),
    "briefings:slide-edit": (BUILDERS, BUILDERS),
    "briefings:slide-restore": ({"nobody"}, BUILDERS),
    "briefings:slide-leave-out": ({"nobody"}, BUILDERS),
    "briefings:slide-move": ({"nobody"}, BUILDERS),
}
ISSUED_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "briefings:issued-detail": (OUR_BRIEFED, None),
    "briefings:issued-file": (OUR_BRIEFED, None),
}
# a resource of Wealdshire's for SIPs, and the next version of it; one for headteachers is seen by them and the managers alone
RESOURCE_SEEN = (SIPS | OURS) - {"other_sip"}
RESOURCE_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "briefings:resource-detail": (RESOURCE_SEEN, None),
    "briefings:resource-version": (RESOURCE_SEEN, None),
    "briefings:resource-file": (RESOURCE_SEEN, None),
    "briefings:resource-draft-file": (OURS, None),
    "briefings:resource-write": (OURS, OURS),
    "briefings:resource-change": (OURS, OURS),
    "briefings:resource-publish": (OURS, OURS),
    "briefings:resource-retire": (OURS, OURS),
    "briefings:resource-restore": ({"nobody"}, OURS),
    "briefings:resource-discard": ({"nobody"}, OURS),
}
# a redacted copy: in the scope of who answers requests, and offered by them
SAMPLE_OFFER_PAGES: dict[str, tuple[set[str], set[str] | None]] = {"briefings:sample-offer": ({"dpo"}, {"dpo"})}
# what sip offered and suggested: seen by sip and the managers, decided by these; practice by whoever may record it
OFFER_PAGES: dict[str, tuple[set[str], set[str] | None]] = {"briefings:question-decide": (OURS, OURS)}
SUGGESTION_PAGES: dict[str, tuple[set[str], set[str] | None]] = {"briefings:suggestion-answer": (OURS, OURS)}
PRACTICE_SEEN = BRINGING - {"other_manager", "other_sip"}
PRACTICE_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "briefings:practice-change": (PRACTICE_SEEN, PRACTICE_SEEN),
    "briefings:practice-withdraw": ({"nobody"}, PRACTICE_SEEN),
}
# ---------------------------------------------------------------- quality assurance (domain.md §7)

# of sip at Oakfield, observed by officer_south, the headteacher told; its form is never the school's to read
SHADOWING_SEEN = OURS | {"head_of_improvement", "sip", "officer_south", "head"}
SHADOWING_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "quality:shadowing-detail": (SHADOWING_SEEN, None),
    "quality:shadowing-tell": ({"nobody"}, OURS),
    "quality:shadowing-move": (OURS, OURS),
    "quality:shadowing-cancel": (OURS, OURS),
    "quality:shadowing-ask": ({"head"}, {"head"}),
    "quality:shadowing-write": ({"officer_south"}, {"officer_south"}),
    "quality:shadowing-respond": ({"sip"}, {"sip"}),
    "quality:shadowing-close": ({"nobody"}, OURS | {"officer_south"}),
}
# the rating of a final note of Oakfield by new_sip: theirs, the managers' and the head of improvement's; never the author's
MODERATION_SEEN = OURS | {"head_of_improvement", "new_sip"}
MODERATION_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "quality:moderation-detail": (MODERATION_SEEN, None),
    "quality:moderation-rate": ({"new_sip"}, {"new_sip"}),
}
# two ratings of another final note that differ, by two others; a rating at the gate of the first
SETTLE_PAGES: dict[str, tuple[set[str], set[str] | None]] = {"quality:moderation-settle": (OURS, OURS)}
GATE_RATING_PAGES: dict[str, tuple[set[str], set[str] | None]] = {"quality:gate-rating": (OURS | {"head_of_improvement"}, None)}
SAMPLE_PAGES: dict[str, tuple[set[str], set[str] | None]] = {"quality:sample-detail": (OURS | {"head_of_improvement"}, None)}

# ---------------------------------------------------------------- from suggestion to publication (domain.md §6, "Category")

PANEL_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "support:panel-detail": (DRAFTERS, DRAFTERS),  # manager and officers decide
    "support:panel-agenda": (DRAFTERS, None),
}
# the case of Oakfield: its head and chair, who serves it, officers of its cluster, the manager; nobody else
MANAGE_OAK = OURS
DECIDE_OAK = OURS | {"officer", "officer_chair"}
FOR_OAK = {"head", "chair"}
CASE_SEEN = DECIDE_OAK | FOR_OAK | {"head_of_improvement", "sip", "second", "cover_adviser"}
CASE_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "support:case-detail": (CASE_SEEN, None),
    "support:case-letter": (CASE_SEEN, None),
    "support:case-represent": (FOR_OAK, FOR_OAK),
    "support:case-decide": (MANAGE_OAK, MANAGE_OAK),
    "support:case-between": (DECIDE_OAK, DECIDE_OAK),
    "support:case-agree": ({"nobody"}, DECIDE_OAK),
    "support:case-confirm": ({"nobody"}, MANAGE_OAK),
    "support:case-notify": (MANAGE_OAK, MANAGE_OAK),
    "support:case-publish": ({"nobody"}, MANAGE_OAK),
    "support:case-review": (FOR_OAK, FOR_OAK),
    "support:case-review-answer": (MANAGE_OAK, MANAGE_OAK),
}

# ---------------------------------------------------------------- feedback (domain.md §7): about sip, from the head of Oakfield

FEEDBACK_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "quality:feedback-answer": ({"head"}, {"head"}),
    "quality:feedback-read": ({"manager"}, {"manager"}),  # the line manager, whom the form names
}

# ---------------------------------------------------------------- the register of concern (domain.md §6, "Concern register")
# the case of Oakfield: as a category; kept by the manager and the officers of its cluster; its plan by its SIPs too
CONCERN_KEPT = DECIDE_OAK
CONCERN_PLANNED = CONCERN_KEPT | {"sip", "second", "cover_adviser"}
CONCERN_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "support:concern-detail": (CASE_SEEN, None),
    "support:concern-revise": (CONCERN_KEPT, CONCERN_KEPT),
    "support:concern-milestone": (CONCERN_PLANNED, CONCERN_PLANNED),
    "support:concern-criterion-add": (CONCERN_KEPT, CONCERN_KEPT),
    "support:concern-criterion-settle": (CONCERN_KEPT, CONCERN_KEPT),
    "support:concern-sign-add": (CONCERN_KEPT, CONCERN_KEPT),
    "support:concern-review": (CONCERN_KEPT, CONCERN_KEPT),
    "support:concern-log-add": (CONCERN_KEPT, CONCERN_KEPT),
    "support:concern-notice": (MANAGE_OAK, MANAGE_OAK),
    "support:concern-notice-lift": (MANAGE_OAK, MANAGE_OAK),
    "support:concern-power": (MANAGE_OAK, MANAGE_OAK),
    "support:concern-power-end": (MANAGE_OAK, MANAGE_OAK),
    "support:concern-exit": (CONCERN_KEPT, CONCERN_KEPT),
    "support:concern-exit-agree": (DECIDE_OAK, DECIDE_OAK),
    "support:concern-exit-refuse": (DECIDE_OAK, DECIDE_OAK),
    "support:concern-reopen": (CONCERN_KEPT, CONCERN_KEPT),
    "support:concern-end": ({"nobody"}, CONCERN_KEPT),
}
# an entry of Wealdshire's directory, which the officer of the north keeps
SERVICE_SEEN = DIRECTORY - {"other_manager", "other_administrator", "other_sip", "other_head"}
SERVICE_KEPT = {"manager", "manager_sip", "administrator", "officer"}
SERVICE_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "support:service-detail": (SERVICE_SEEN, None),
    "support:service-change": (SERVICE_KEPT, SERVICE_KEPT),
    "support:service-review": ({"nobody"}, SERVICE_KEPT),
    "support:service-off": ({"nobody"}, SERVICE_KEPT),
    "support:service-on": ({"nobody"}, SERVICE_KEPT),
}
# the Improving Schools Programme, in which Oakfield is: its own head and chair see its enrolment, and not the programme
PROGRAMME_SEEN = (PROGRAMME | {"finance_officer", "sip", "second", "cover_adviser"}) - {"other_manager"} | FOR_OAK
FOLLOWS = PROGRAMME_SEEN - FOR_OAK
PROGRAMME_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "support:programme-detail": (FOLLOWS, None),
    "support:programme-export": (FOLLOWS, None),
    "support:programme-enrol": (OURS, OURS),
    "support:programme-training": (OURS, OURS),
}
ENROLMENT_SEEN = DECIDE_OAK | FOR_OAK | {"head_of_improvement", "finance_officer", "sip", "second", "cover_adviser"}
LOGS = OURS | {"sip", "second", "cover_adviser"}
ENROLMENT_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "support:enrolment-detail": (ENROLMENT_SEEN, None),
    "support:enrolment-risk": (OURS, OURS),
    "support:enrolment-adviser": (OURS, OURS),
    "support:enrolment-days": (LOGS, LOGS),
    "support:enrolment-report": (LOGS, LOGS),
    "support:enrolment-package": (LOGS, LOGS),
    "support:enrolment-leave": (OURS, OURS),
}
# its fund: managers and Finance keep it, the head of improvement reads it
FUND_SEEN = OURS | {"finance_officer", "head_of_improvement"}
FUND_KEPT = OURS | {"finance_officer"}
FUND_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "support:fund-detail": (FUND_SEEN, None),
    "support:fund-export": (FUND_SEEN, None),
    "support:fund-change": (FUND_KEPT, FUND_KEPT),
    "support:fund-draw": (FUND_KEPT, FUND_KEPT),
    "support:drawdown-step": (FUND_KEPT, FUND_KEPT),
    "support:drawdown-back": (FUND_KEPT, FUND_KEPT),
}
# a warning about Oakfield: nothing is decided, so neither the school nor its SIP knows of it
WARNING_SEEN = DECIDE_OAK | {"head_of_improvement"}
WARNING_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "support:warning-watch": (CONCERN_KEPT, CONCERN_KEPT),
    "support:warning-dismiss": (CONCERN_KEPT, CONCERN_KEPT),
}
# the SIP review of manager_sip, whose line manager is manager: a manager who is also a SIP is here a SIP and no more
THREE = {"manager_sip", "manager", "head_of_improvement"}
SIP_REVIEW_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "quality:sip-review-detail": (THREE, None),
    "quality:sip-review-agree": ({"nobody"}, {"manager"}),
    "quality:sip-review-account": ({"manager_sip"}, {"manager_sip"}),
    "quality:sip-review-write": ({"manager"}, {"manager"}),
}
# the mentoring of sip: mentored by two, whom the line manager reviews; a manager sees it, and writes nothing in it
MENTORING_SEEN = {"sip"} | MENTORS | OURS
MENTORING_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "quality:mentoring-detail": (MENTORING_SEEN, None),
    "quality:mentoring-log": ({"sip"} | MENTORS, {"sip"} | MENTORS),
    "quality:mentoring-sign-off": (MENTORS, MENTORS),
}
JUDGES = OURS | {"head_of_improvement"}
JUDGEMENT_PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "quality:judgement-detail": (JUDGES | {"regional_coordinator"}, None),
    "quality:judgement-answer": (JUDGES, JUDGES),
}

BRAND_SEEN = (
    EVERYBODY - {"other_manager", "other_administrator", "other_sip", "other_head", "outsider", "former_head", "moderator"} - MENTORS
)

# ---------------------------------------------------------------- before sign-in, and one's own account

ANONYMOUS: dict[str, str] = {
    "healthz": "/healthz",
    "readyz": "/readyz",
    "account_login": "/accounts/login/",
    "account_logout": "/accounts/logout/",
    "account_inactive": "/accounts/inactive/",
    "account_reset_password": "/accounts/password/reset/",
    "account_reset_password_done": "/accounts/password/reset/done/",
    "account_reset_password_from_key_done": "/accounts/password/reset/key/done/",
    "account_reset_password_from_key": "/accounts/password/reset/key/1-none/",
    "mfa_authenticate": "/accounts/2fa/authenticate/",
    "people:invitation-accept": "/invitation/none/",
    "quality:feedback-form": "/feedback/form/none/",
    "visits:offline-shell": "/offline/",
    "visits:offline-worker": "/worker.js",
    "people:calendar-feed": "/calendar/none.ics",
}
"""The whole anonymous surface."""

OWN_ACCOUNT = (
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
)
"""About the asker alone: whoever has signed in, and nobody else."""

# ---------------------------------------------------------------- the admin site: whoever is not staff is sent to sign in

STAFF = MANAGERS | ADMINISTRATORS
ADMIN_MODELS: dict[str, set[str]] = {
    "people_user": ADMINISTRATORS,
    "people_roleassignment": ADMINISTRATORS,
    "people_authority": ADMINISTRATORS,
    "people_cluster": ADMINISTRATORS,
    "people_pack": ADMINISTRATORS,
    "core_auditevent": ADMINISTRATORS,
    "schools_school": ADMINISTRATORS,
    "schools_group": ADMINISTRATORS,
    "schools_contact": ADMINISTRATORS,
    "core_importbatch": STAFF,  # each the kinds of file that they may import: the register, contacts; assignments
    "people_sip": MANAGERS,
    "people_mentorship": MANAGERS,
    # the queues of quality assurance (domain.md §7)
    "quality_gatequeue": MANAGERS,
    "quality_roundtosample": MANAGERS,
    "quality_samplednote": MANAGERS,
    "quality_moderation": MANAGERS,
    "quality_siptoshadow": MANAGERS,
    "quality_siptomentor": MANAGERS,
    "quality_siptoaskabout": MANAGERS,
    "quality_sipreviewdue": MANAGERS,
    "quality_feedbackrequest": MANAGERS,
    "quality_feedbackrelease": MANAGERS,
    "quality_shadowing": MANAGERS,
}
ADMIN_QUEUES = {
    "quality_gatequeue", "quality_roundtosample", "quality_siptoshadow", "quality_siptomentor", "quality_siptoaskabout", "quality_sipreviewdue",
    "quality_feedbackrequest", "quality_feedbackrelease",
}  # fmt: skip
"""What has been done, or is not to do yet, is not in the queue: then its row is not found."""
ADMIN_ADDS = {
    "people_user", "people_roleassignment", "people_cluster", "people_pack", "core_importbatch", "people_sip", "people_mentorship",
}  # fmt: skip
ADMIN_VIEWS = ("changelist", "add", "history", "delete", "change")
ADMIN_PAGES: dict[str, set[str]] = {
    "index": STAFF,
    "password_change_done": STAFF,
    "jsi18n": STAFF,
}
ADMIN_ELSEWHERE = ("login", "logout", "password_change")
"""Redirects to the portal's own pages."""
ADMIN_CLOSED = ("autocomplete", "view_on_site", "app_list")
"""Nothing of another authority, or of a model that is not kept here, is told: test_admin below."""

# ---------------------------------------------------------------- the annual commentary of Oakfield, which sip writes (domain.md §4)

COMMENTARY_STATES = ("draft", "with_school", "final", "amending", "asked", "withdrawn")
"""*asked*: its withdrawal is asked for. Who had it is told that, when and why it is withdrawn, and reads nothing of it."""
COMMENTARY_READERS = {"author", "adviser"} | AUTHORITY | SCHOOL
"""Of a final one: the readers of a final note. Whoever looks back reads what they wrote, and did not write this."""
COMMENTARY_SEEN: dict[str, set[str]] = {
    "draft": AUTHOR_OR_MANAGER,
    "with_school": AUTHOR_OR_MANAGER | {"head"},
    "final": COMMENTARY_READERS | {"dpo"},  # who may withdraw it, and reads nothing of it
    "amending": COMMENTARY_READERS | {"dpo"},
    "asked": COMMENTARY_READERS | {"dpo"},
    "withdrawn": COMMENTARY_READERS | {"dpo"},
}
DRAFTED = {"draft": AUTHOR, "amending": AUTHOR}
COMMENTARY_PAGES: dict[str, tuple[Who, Who | None]] = {
    "visits:commentary-detail": (COMMENTARY_SEEN, None),
    "visits:commentary-edit": (DRAFTED, DRAFTED),
    "visits:commentary-gather": ({"nobody"}, DRAFTED),
    "visits:commentary-hand-on": ({"manager"}, {"manager"}),
    "visits:commentary-release": (AUTHOR_OR_MANAGER, AUTHOR_OR_MANAGER),
    "visits:commentary-recall": (AUTHOR_OR_MANAGER, AUTHOR_OR_MANAGER),
    "visits:commentary-finalise": (AUTHOR_OR_MANAGER, AUTHOR_OR_MANAGER),
    "visits:commentary-resend": ({"nobody"}, AUTHOR_OR_MANAGER),
    "visits:commentary-amend": (AUTHOR_OR_MANAGER, AUTHOR_OR_MANAGER),
    "visits:commentary-amend-abandon": (AUTHOR_OR_MANAGER, AUTHOR_OR_MANAGER),
    "visits:commentary-answer": ({"head"}, {"head"}),
    "visits:withdrawal-ask": ({"manager", "dpo"}, {"manager", "dpo"}),
    "visits:withdrawal-decide": ({"manager", "dpo"}, {"manager", "dpo"}),
}
COMMENTARY_WITHDRAWN = ("visits:commentary-detail", "visits:commentary-edit", "visits:commentary-amend", "visits:withdrawal-decide")
"""Of them, what is asked again once a withdrawal stands: the others are as in *final*."""
COMMENTARY_RECORD: dict[str, set[str]] = {
    "with_school": AUTHOR_OR_MANAGER | {"head"},
    "final": COMMENTARY_READERS,
    "sealed": {"manager", "dpo"},  # the withdrawal of a note that it quotes is asked for
    "asked": {"manager", "dpo"},  # or its own
    "withdrawn": {"manager", "dpo"},  # under seal: there is no PDF for anybody
}
COMMENTARY_RECORD_PAGES: dict[str, tuple[Who, Who | None]] = {"visits:commentary-pdf": (COMMENTARY_RECORD, None)}

# ---------------------------------------------------------------- the headteacher's review at Oakfield, which sip logged

HEAD_REVIEW_SEEN = {"author", "head", "chair"}
"""domain.md §4: that SIP, that head, the chair."""
HEAD_REVIEW_PAGES: dict[str, tuple[Who, Who | None]] = {"visits:head-review-correct": (AUTHOR, AUTHOR)}
