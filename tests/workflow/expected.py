"""The two tables of domain.md §4, typed once from the page, not derived from the code.

``By`` are relations of a person to the row, as the page words them; the tests say of each actor which of them hold.
"""

from __future__ import annotations

VISIT_STATES = ("proposed", "booked", "held", "aborted", "cancelled")

EITHER_SIDE = {"lead", "manager", "head"}

# (state, action): (to, by)
VISITS: dict[tuple[str, str], tuple[str, set[str]]] = {
    ("proposed", "choose"): ("booked", {"lead", "head", "office"}),  # school, or SIP on its word
    ("proposed", "ask_others"): ("proposed", {"lead", "head", "office"}),
    ("proposed", "move"): ("booked", EITHER_SIDE),
    ("booked", "move"): ("booked", EITHER_SIDE),
    ("proposed", "cancel"): ("cancelled", EITHER_SIDE),
    ("booked", "cancel"): ("cancelled", EITHER_SIDE),
    ("booked", "hold"): ("held", {"lead", "lead in grace"}),
    ("booked", "abort"): ("aborted", {"lead", "lead in grace"}),
    ("held", "correct"): ("held", {"lead", "lead in grace"}),  # until the note is final
    ("held", "waive"): ("held", {"manager"}),  # with reason; never of a visit that they led: nobody decides on themselves
}

ROUND_STATES = ("open", "closed")

# "A round opens a window of dates": the manager's alone, and one that is closed is only opened again.
ROUNDS: dict[tuple[str, str], tuple[str, set[str]]] = {
    ("open", "change"): ("open", {"manager"}),
    ("open", "exempt"): ("open", {"manager"}),
    ("open", "lift"): ("open", {"manager"}),
    ("open", "remind"): ("open", {"manager"}),
    ("open", "close"): ("closed", {"manager"}),
    ("closed", "reopen"): ("open", {"manager"}),
}

NOTE_STATES = ("draft", "returned", "in_review", "ready", "with_school", "final", "withdrawn", "abandoned")

AUTHOR, MANAGER = {"author"}, {"manager"}
AUTHOR_OR_MANAGER = AUTHOR | MANAGER
SCHOOL = {"head", "chair with the draft"}

NOTES: dict[tuple[str, str], tuple[str, set[str]]] = {
    # submit: in review if the gate applies, else ready
    ("draft", "submit"): ("in_review", AUTHOR),
    ("returned", "submit"): ("in_review", AUTHOR),
    ("draft", "submit_ungated"): ("ready", AUTHOR),
    ("returned", "submit_ungated"): ("ready", AUTHOR),
    ("draft", "hand_on"): ("draft", {"manager", "manager of their own"}),
    ("returned", "hand_on"): ("returned", {"manager", "manager of their own"}),
    ("draft", "abandon"): ("abandoned", AUTHOR_OR_MANAGER),
    ("returned", "abandon"): ("abandoned", AUTHOR_OR_MANAGER),
    ("abandoned", "restore"): ("draft", AUTHOR_OR_MANAGER),  # restorable 30 days
    ("in_review", "take_back"): ("draft", {"author before it is opened", "manager after it is opened"}),
    ("in_review", "reassign"): ("in_review", MANAGER),
    ("in_review", "pass_unreviewed"): ("ready", MANAGER),
    ("in_review", "return"): ("returned", {"reviewer"}),
    ("in_review", "approve"): ("ready", {"reviewer"}),
    ("ready", "reopen"): ("draft", AUTHOR),
    ("ready", "release"): ("with_school", AUTHOR_OR_MANAGER),
    ("with_school", "answer"): ("with_school", SCHOOL),
    ("with_school", "comment"): ("with_school", SCHOOL),
    ("with_school", "differ"): ("with_school", SCHOOL),
    ("with_school", "reply"): ("with_school", AUTHOR),
    ("with_school", "extend"): ("with_school", {"manager", "manager of their own"}),
    ("with_school", "recall"): ("draft", AUTHOR_OR_MANAGER),
    ("with_school", "finalise"): ("final", AUTHOR_OR_MANAGER),
    ("final", "ask_correction"): ("final", {"head", "chair"}),
    ("final", "decline_correction"): ("final", AUTHOR_OR_MANAGER),
    ("final", "amend"): ("draft", AUTHOR_OR_MANAGER),
    ("withdrawn", "amend"): ("draft", AUTHOR_OR_MANAGER),
    ("draft", "abandon_amendment"): ("final", AUTHOR_OR_MANAGER),  # final or withdrawn, as version n was
    ("returned", "abandon_amendment"): ("final", AUTHOR_OR_MANAGER),
    ("draft", "abandon_amendment_of_withdrawn"): ("withdrawn", AUTHOR_OR_MANAGER),
    ("returned", "abandon_amendment_of_withdrawn"): ("withdrawn", AUTHOR_OR_MANAGER),
    ("final", "withdraw"): ("withdrawn", {"manager", "dpo"}),  # one asks, the other confirms
}

# Alerts: an officer whose school it is, or the manager; never whoever raised it.
ALERT_STATES = ("sent", "acknowledged", "closed")
ALERTS: dict[tuple[str, str], tuple[str, set[str]]] = {
    ("sent", "acknowledge"): ("acknowledged", {"officer", "manager"}),
    ("acknowledged", "close"): ("closed", {"officer", "manager"}),
}

# Requests (domain.md §10): the data protection officer; the second reader, who is asked by name, approves or returns.
REQUEST_STATES = ("received", "clarifying", "searching", "deciding", "in_review", "sent", "withdrawn")
DPO, SECOND = {"dpo"}, {"second reader"}
REQUESTS: dict[tuple[str, str], tuple[str, set[str]]] = {
    ("received", "clarify"): ("clarifying", DPO),
    ("clarifying", "resume"): ("searching", DPO),
    ("received", "search"): ("searching", DPO),
    ("deciding", "search"): ("searching", DPO),
    ("searching", "note_place"): ("searching", DPO),
    ("searching", "decide"): ("deciding", DPO),
    ("deciding", "mark"): ("deciding", DPO),
    ("deciding", "submit"): ("in_review", DPO),
    ("in_review", "approve"): ("in_review", SECOND),
    ("in_review", "return"): ("deciding", SECOND),
    ("in_review", "send"): ("sent", DPO),  # once it is approved
    ("received", "take_back"): ("withdrawn", DPO),
    ("clarifying", "take_back"): ("withdrawn", DPO),
    ("searching", "take_back"): ("withdrawn", DPO),
    ("deciding", "take_back"): ("withdrawn", DPO),
    ("in_review", "take_back"): ("withdrawn", DPO),
}

TARGET_STATES = (
    "indicative",
    "proposed",
    "challenged",
    "accepted",
    "agreed",
    "not_agreed",
    "submitted",
    "withdrawn",
    "does_not_apply",
    "closing",
)
SCHOOLS_OWN = {"head", "manager"}  # the manager enters what came on paper
GOVERNORS = {"head", "chair", "manager"}
BY_A_NOTE = {"adviser", "manager", "adviser in grace"}  # a note that becomes final (ADR 0016)
_UNDECIDED = ("indicative", "proposed", "challenged", "accepted")
_DECIDED = ("agreed", "not_agreed")

# domain.md §5: indicative → proposed → accepted or challenged, perhaps again → agreed, or set without agreement → submitted
TARGETS: dict[tuple[str, str], tuple[str, set[str]]] = {
    ("indicative", "indicate"): ("indicative", {"manager"}),
    ("proposed", "indicate"): ("proposed", {"manager"}),
    ("indicative", "propose"): ("proposed", SCHOOLS_OWN),
    ("proposed", "propose"): ("proposed", SCHOOLS_OWN),
    ("challenged", "propose"): ("proposed", SCHOOLS_OWN),
    ("proposed", "accept"): ("accepted", {"adviser"}),
    ("challenged", "accept"): ("accepted", {"adviser"}),
    ("proposed", "challenge"): ("challenged", {"adviser"}),
    ("accepted", "challenge"): ("challenged", {"adviser"}),
    ("accepted", "agree"): ("agreed", GOVERNORS),
    ("challenged", "agree"): ("agreed", GOVERNORS),
    ("challenged", "set"): ("not_agreed", GOVERNORS),
    ("agreed", "submit"): ("submitted", {"manager"}),
    ("not_agreed", "submit"): ("submitted", {"manager"}),
    ("agreed", "revise"): ("proposed", SCHOOLS_OWN),
    ("not_agreed", "revise"): ("proposed", SCHOOLS_OWN),
    ("submitted", "revise"): ("proposed", SCHOOLS_OWN),
    **{(state, "withdraw"): ("withdrawn", {"manager"}) for state in (*_UNDECIDED, *_DECIDED)},
    **{(state, "exempt"): ("does_not_apply", {"manager"}) for state in (*_UNDECIDED, *_DECIDED)},
    **{(state, "close"): ("closing", {"manager"}) for state in (*_UNDECIDED, *_DECIDED)},
    **{(state, "reopen"): ("indicative", {"manager"}) for state in ("withdrawn", "does_not_apply", "closing")},
    **{(state, "note_proposes"): ("proposed", BY_A_NOTE) for state in (*_UNDECIDED, *_DECIDED)},
    **{(state, "note_agrees"): ("agreed", BY_A_NOTE) for state in (*_UNDECIDED, *_DECIDED)},
    **{(state, "note_sets"): ("not_agreed", BY_A_NOTE) for state in (*_UNDECIDED, *_DECIDED)},
}

# Annual commentaries: draft → with the head for accuracy → final; released, amended and withdrawn the same way as a note.
COMMENTARY_STATES = ("draft", "with_school", "final", "withdrawn")
COMMENTARIES: dict[tuple[str, str], tuple[str, set[str]]] = {
    ("draft", "gather"): ("draft", AUTHOR),
    ("draft", "hand_on"): ("draft", {"manager"}),
    ("draft", "release"): ("with_school", AUTHOR_OR_MANAGER),
    ("draft", "abandon_amendment"): ("final", AUTHOR_OR_MANAGER),
    ("with_school", "answer"): ("with_school", SCHOOL),
    ("with_school", "recall"): ("draft", AUTHOR_OR_MANAGER),
    ("with_school", "finalise"): ("final", AUTHOR_OR_MANAGER),
    ("final", "amend"): ("draft", AUTHOR_OR_MANAGER),
    ("final", "withdraw"): ("withdrawn", {"manager", "dpo"}),
    ("withdrawn", "amend"): ("draft", AUTHOR_OR_MANAGER),
    ("draft", "abandon_amendment_of_withdrawn"): ("withdrawn", AUTHOR_OR_MANAGER),
}

# Shadowing (domain.md §7): the manager plans and the head is told; the observer writes, the SIP answers, never closes.
SHADOWING_STATES = ("planned", "told", "done", "responded", "closed", "cancelled")
SHADOWINGS: dict[tuple[str, str], tuple[str, set[str]]] = {
    ("planned", "move"): ("planned", {"manager"}),
    ("told", "move"): ("planned", {"manager"}),
    ("planned", "tell"): ("told", {"manager"}),
    ("told", "ask_other"): ("planned", {"head"}),
    ("planned", "cancel"): ("cancelled", {"manager"}),
    ("told", "cancel"): ("cancelled", {"manager"}),
    ("told", "write"): ("done", {"observer"}),
    ("done", "write"): ("done", {"observer"}),
    ("done", "respond"): ("responded", {"sip"}),
    ("responded", "close"): ("closed", {"observer", "manager"}),
    ("done", "close"): ("closed", {"observer", "manager"}),
}
# A rating: given by its moderator alone, taken back by the manager, never over a note of their own.
MODERATION_STATES = ("asked", "rated", "withdrawn")
MODERATIONS: dict[tuple[str, str], tuple[str, set[str]]] = {
    ("asked", "rate"): ("rated", {"moderator"}),
    ("asked", "take_back"): ("withdrawn", {"manager"}),
}

# Which of the ways to abandon stands open, by what the note is: its first version, an amendment of a final, of a withdrawn.
ABANDONS = {"first": "abandon", "amendment": "abandon_amendment", "amendment of a withdrawn": "abandon_amendment_of_withdrawn"}

# Who reads the working text, by state ("Who reads what, by state"). The school and everybody after it read records.
WRITERS = {"author", "author who left", "second adviser", "second adviser who left", "mentor with a share"}
TEXT: dict[str, set[str]] = {
    "draft": WRITERS,
    "returned": WRITERS,
    "in_review": WRITERS | {"reviewer", "manager"},
    "ready": WRITERS | {"manager"},  # the review is over: nobody has it any more
    "with_school": WRITERS | {"manager"},
    "final": set(),  # everybody reads the record, whose withdrawal ends access
    "withdrawn": set(),
    "abandoned": WRITERS,
}
WRITABLE = {"draft": {"author", "second adviser"}, "returned": {"author", "second adviser"}}

# Who reads records: the draft for accuracy while it is with the school, the final afterwards.
RELEASE_READERS = {"author", "author who left", "second adviser", "second adviser who left", "reviewer", "manager"}
FINAL_READERS = {"head", "chair", "clerk", "officer", "head of improvement", "assignment"}
WITHDRAWN_READERS = {"manager", "dpo"}

FEEDBACK_STATES = ("asked", "sent", "withdrawn")

# domain.md §7: sent once, and withdrawn until the release (which the service asks); by the head or chair whom it was sent to
FEEDBACK: dict[tuple[str, str], tuple[str, set[str]]] = {
    ("asked", "save"): ("asked", {"answerer"}),
    ("asked", "send"): ("sent", {"answerer"}),
    ("asked", "withdraw"): ("withdrawn", {"answerer"}),
    ("sent", "withdraw"): ("withdrawn", {"answerer"}),
    ("asked", "remind"): ("asked", {"manager"}),
}

SIP_REVIEW_STATES = ("setting", "agreed", "mid_year", "closed")

# domain.md §7: objectives, mid-year, review, outcome; closing a year locks it
SIP_REVIEWS: dict[tuple[str, str], tuple[str, set[str]]] = {
    ("setting", "set_objective"): ("setting", {"reviewer"}),
    ("setting", "agree"): ("agreed", {"reviewer"}),
    ("agreed", "mid_year"): ("mid_year", {"reviewer"}),
    ("setting", "account"): ("setting", {"sip"}),
    ("agreed", "account"): ("agreed", {"sip"}),
    ("mid_year", "account"): ("mid_year", {"sip"}),
    ("setting", "need"): ("setting", {"reviewer"}),
    ("agreed", "need"): ("agreed", {"reviewer"}),
    ("mid_year", "need"): ("mid_year", {"reviewer"}),
    ("agreed", "close"): ("closed", {"reviewer"}),
    ("mid_year", "close"): ("closed", {"reviewer"}),
}

# domain.md §8: built, called, held; whoever takes part asks and replies; the day of the table's test is before the briefing
BRIEFING_STATES = ("planned", "called", "held", "cancelled")
TAKES_PART = {"manager", "takes part"}
BRIEFINGS: dict[tuple[str, str], tuple[str, set[str]]] = {
    **{(state, action): (state, {"manager"}) for state in ("planned", "called") for action in ("change", "arrange")},
    **{(state, "ask"): (state, TAKES_PART) for state in ("planned", "called")},
    **{(state, "document"): (state, {"manager"}) for state in ("planned", "called", "held")},
    ("planned", "call"): ("called", {"manager"}),
    ("called", "invite"): ("called", {"manager"}),
    ("called", "reply"): ("called", TAKES_PART),
    **{(state, "attend"): ("held", {"manager"}) for state in ("planned", "called", "held")},
    ("held", "outcome"): ("held", {"manager"}),
    ("planned", "cancel"): ("cancelled", {"manager"}),
    ("called", "cancel"): ("cancelled", {"manager"}),
}

# domain.md §8, the library: versions are prepared and published, retired and brought back, by the manager
RESOURCE_STATES = ("draft", "published", "retired")
RESOURCES: dict[tuple[str, str], tuple[str, set[str]]] = {
    ("draft", "write"): ("draft", {"manager"}),
    ("draft", "change"): ("draft", {"manager"}),
    ("draft", "publish"): ("published", {"manager"}),
    ("draft", "retire"): ("retired", {"manager"}),
    ("published", "write"): ("published", {"manager"}),
    ("published", "change"): ("published", {"manager"}),
    ("published", "discard"): ("published", {"manager"}),
    ("published", "publish"): ("published", {"manager"}),
    ("published", "retire"): ("retired", {"manager"}),
    ("retired", "restore"): ("published", {"manager"}),
}
OFFER_STATES = ("offered", "accepted", "declined")
OFFERS: dict[tuple[str, str], tuple[str, set[str]]] = {
    ("offered", "accept"): ("accepted", {"manager"}),
    ("offered", "decline"): ("declined", {"manager"}),
    ("accepted", "decline"): ("declined", {"manager"}),
}
SUGGESTION_STATES = ("made", "answered")
SUGGESTIONS: dict[tuple[str, str], tuple[str, set[str]]] = {("made", "answer"): ("answered", {"manager"})}
# A bulletin is written until it is published, then read; a workshop takes bookings until it is held or called off.
BULLETIN_STATES = ("draft", "published")
BULLETINS: dict[tuple[str, str], tuple[str, set[str]]] = {
    ("draft", "write"): ("draft", {"manager"}),
    ("draft", "publish"): ("published", {"manager"}),
    ("published", "read"): ("published", TAKES_PART),
    ("published", "done"): ("published", TAKES_PART),
}
WORKSHOP_STATES = ("open", "held", "cancelled")
WORKSHOPS: dict[tuple[str, str], tuple[str, set[str]]] = {
    ("open", "change"): ("open", {"manager"}),
    ("open", "book"): ("open", {"SIP"}),
    ("open", "attend"): ("held", {"manager"}),
    ("held", "attend"): ("held", {"manager"}),
    ("open", "cancel"): ("cancelled", {"manager"}),
}
BOOKING_STATES = ("booked", "waiting", "cancelled")
BOOKINGS: dict[tuple[str, str], tuple[str, set[str]]] = {
    ("booked", "cancel"): ("cancelled", {"holder", "manager"}),
    ("waiting", "cancel"): ("cancelled", {"holder", "manager"}),
    ("waiting", "move_up"): ("booked", {"holder", "manager"}),  # by the portal, when a place becomes free
}

# ---------------------------------------------------------------- brokering (domain.md §6; S12): of Oakfield

SUPPORT_STATES = ("recorded", "requested", "matched", "agreed", "delivering", "delivered", "evaluated", "declined", "withdrawn")
BROKERS = {"manager", "officer", "adviser"}
DECIDES = {"head", "chair", "adviser", "manager"}  # SIP and manager record the school's word
ASKS = BROKERS | {"head", "chair"}
RECORDS = {"manager", "adviser", "head"}
SUPPORT: dict[tuple[str, str], tuple[str, set[str]]] = {
    ("requested", "match"): ("matched", BROKERS),
    ("matched", "match"): ("matched", BROKERS),
    ("declined", "match"): ("matched", BROKERS),
    ("matched", "agree"): ("agreed", DECIDES),
    ("matched", "decline"): ("declined", DECIDES),
    ("requested", "withdraw"): ("withdrawn", ASKS),
    ("matched", "withdraw"): ("withdrawn", ASKS),
    ("declined", "withdraw"): ("withdrawn", ASKS),
    ("agreed", "cancel"): ("withdrawn", DECIDES),
    ("agreed", "begin"): ("delivering", RECORDS),
    ("delivering", "deliver"): ("delivered", RECORDS),
    ("delivered", "evaluate"): ("evaluated", RECORDS),
    ("evaluated", "evaluate"): ("evaluated", RECORDS),
}
