"""Fixed vocabularies of visits and notes."""

from django.db import models


class VisitState(models.TextChoices):
    PROPOSED = "proposed", "Dates proposed"
    BOOKED = "booked", "Booked"
    HELD = "held", "Held"
    ABORTED = "aborted", "Not held"
    CANCELLED = "cancelled", "Cancelled"


class RoundState(models.TextChoices):
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"


class ExemptionReason(models.TextChoices):
    """Why a round expects no visit to a school (domain.md §4)."""

    CLOSING = "closing", "It is closing"
    OPENED = "opened", "It opened this term"
    INSPECTORS = "inspectors", "Inspectors monitor it"
    CHALLENGE = "challenge", "A National Challenge adviser serves it"
    AGREED = "agreed", "By agreement"


class Stage(models.TextChoices):
    """How far a school is in a round; each stage takes in those before it."""

    NONE = "none", "Not booked"
    PROPOSED = "proposed", "Days proposed"
    BOOKED = "booked", "Booked"
    HELD = "held", "Held"
    SUBMITTED = "submitted", "Note submitted"
    WITH_SCHOOL = "with_school", "With school"
    FINAL = "final", "Final"


class NoteState(models.TextChoices):
    DRAFT = "draft", "Draft"
    RETURNED = "returned", "Returned"
    IN_REVIEW = "in_review", "In review"
    READY = "ready", "Ready"
    WITH_SCHOOL = "with_school", "With school"
    FINAL = "final", "Final"
    WITHDRAWN = "withdrawn", "Withdrawn"
    ABANDONED = "abandoned", "Abandoned"


WRITABLE = (NoteState.DRAFT, NoteState.RETURNED)
SUBMITTED = (NoteState.IN_REVIEW, NoteState.READY, NoteState.WITH_SCHOOL)


class HeadReviewState(models.TextChoices):
    HELD = "held", "Held"
    POSTPONED = "postponed", "Postponed"


class CallKind(models.TextChoices):
    """What an adviser or officer had to do with a school beside the visits of the programme (S3)."""

    VISIT = "visit", "Visit"
    TELEPHONE = "telephone", "Telephone call"
    MEETING = "meeting", "Meeting elsewhere"
    EMAIL = "email", "Letter or email"


class ActionOwner(models.TextChoices):
    HEAD = "head", "Headteacher"
    DEPUTY = "deputy", "Deputy headteacher"
    SENIOR = "senior", "Senior leader"
    SUBJECT = "subject", "Subject leader"
    ASSESSMENT = "assessment", "Assessment leader"
    INCLUSION = "inclusion", "Inclusion leader"
    GOVERNORS = "governors", "Governors"
    SIP = "sip", "SIP"
    AUTHORITY = "authority", "Authority"
    OTHER = "other", "Another, named in the action"


def owner_choices(*, has_committee: bool) -> list[tuple[str, str]]:
    """The owners as this kind of school calls them: a pupil referral unit has a teacher in charge and a committee (S1)."""
    own = {"head": "Teacher in charge", "governors": "Management committee"} if has_committee else {}
    return [(code, own.get(code, label)) for code, label in ActionOwner.choices]


class ActionState(models.TextChoices):
    """*Proposed* until the note that agreed it is final."""

    PROPOSED = "proposed", "Proposed"
    OPEN = "open", "Open"
    MET = "met", "Met"
    NOT_MET = "not_met", "Not met"
    DROPPED = "dropped", "Dropped"


class ActionStatus(models.TextChoices):
    """How a note judges an earlier action (domain.md §4)."""

    MET = "met", "Met"
    PARTLY = "partly", "Partly met"
    NOT_MET = "not_met", "Not met"
    DROPPED = "dropped", "Dropped"
    NOT_DISCUSSED = "not_discussed", "Not discussed"


class DatasetState(models.TextChoices):
    STUDIED = "studied", "Studied"
    NOT_AVAILABLE = "not_available", "Not yet available"


class Accuracy(models.TextChoices):
    ACCURATE = "accurate", "The note is accurate"
    INACCURATE = "inaccurate", "The note is inaccurate where we say"


class Agreement(models.TextChoices):
    AGREE = "agree", "We agree with it"
    DIFFER = "differ", "We see it differently"
    UNSAID = "", "We do not say"


class CommentKind(models.TextChoices):
    COMMENT = "comment", "Comment"
    INACCURATE = "inaccurate", "Inaccurate"


class GateReason(models.TextChoices):
    """Why a note is reviewed before the school sees it (domain.md §4, The gate)."""

    CONCERN = "concern", "the school is causing concern"
    FIRST_YEAR = "first_year", "the SIP is in the first year"
    ASKED = "asked", "the author asked for it"
    ON_REVIEW = "on_review", "the manager reviews this SIP's notes"
    LOT = "lot", "chosen by lot"


class GateDecision(models.TextChoices):
    APPROVED = "approved", "Approved"
    RETURNED = "returned", "Returned"
    PASSED = "passed", "Passed unreviewed"
    TAKEN_BACK = "taken_back", "Taken back"


class RecordKind(models.TextChoices):
    RELEASE = "release", "draft for accuracy"
    FINAL = "final", "final"


class CommentaryState(models.TextChoices):
    """The annual commentary: written, with the head for accuracy, final, withdrawn (domain.md §4). Values as a note's own."""

    DRAFT = "draft", "Draft"
    WITH_SCHOOL = "with_school", "With the school"
    FINAL = "final", "Final"
    WITHDRAWN = "withdrawn", "Withdrawn"


class BundleForm(models.TextChoices):
    """One PDF to read through and print, made anew from the records; or the PDFs of record themselves."""

    PDF = "pdf", "One PDF"
    ZIP = "zip", "Zip of PDFs"


class DeliveryState(models.TextChoices):
    HELD = "held", "held: no confirmed address"
    QUEUED = "queued", "to be sent"
    DELIVERED = "delivered", "delivered"
    BOUNCED = "bounced", "came back"
    FAILED = "failed", "failed"


class WithdrawalState(models.TextChoices):
    ASKED = "asked", "asked; access has ended"
    CONFIRMED = "confirmed", "withdrawn"
    REFUSED = "refused", "refused; access restored"


class OfflineEnd(models.TextChoices):
    """Why a device's key was deleted: a sentence's end, after "can no longer be read: "."""

    SUBMITTED = "submitted", "the note was submitted"
    HANDED_ON = "handed_on", "the note went to another author"
    ABANDONED = "abandoned", "the note was abandoned"
    REVOKED = "revoked", "you may no longer write this note"
    DEACTIVATED = "deactivated", "the account was deactivated"
    EXPIRED = "expired", "it was kept for longer than the authority allows"


class CorrectionState(models.TextChoices):
    OPEN = "open", "open"
    DECLINED = "declined", "declined"
    TAKEN_UP = "taken_up", "taken up in a new version"


class AlertState(models.TextChoices):
    SENT = "sent", "Not acknowledged"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    CLOSED = "closed", "Outcome logged"


class RequestState(models.TextChoices):
    """Of a request for information (domain.md §10); the codes are the pack's."""

    RECEIVED = "received", "Received"
    CLARIFYING = "clarifying", "Waiting for the asker to say more"
    SEARCHING = "searching", "Searching"
    DECIDING = "deciding", "Deciding, passage by passage"
    IN_REVIEW = "in_review", "With the second reader"
    SENT = "sent", "Answered"
    WITHDRAWN = "withdrawn", "Taken back by the asker"


REQUEST_OPEN = (RequestState.RECEIVED, RequestState.CLARIFYING, RequestState.SEARCHING, RequestState.DECIDING, RequestState.IN_REVIEW)
"""While a request is in one of these the data protection officer reads what was found for it."""

REQUEST_TONES: dict[str, str] = {
    RequestState.RECEIVED.value: "due",
    RequestState.CLARIFYING.value: "wait",
    RequestState.SEARCHING.value: "work",
    RequestState.DECIDING.value: "work",
    RequestState.IN_REVIEW.value: "wait",
    RequestState.SENT.value: "done",
    RequestState.WITHDRAWN.value: "rest",
}


class DisposalState(models.TextChoices):
    """Of a list of what is to be destroyed (domain.md §10)."""

    PROPOSED = "proposed", "To be confirmed"
    DONE = "done", "Carried out"
    ASIDE = "aside", "Set aside"


DISPOSAL_TONES: dict[str, str] = {
    DisposalState.PROPOSED.value: "due",
    DisposalState.DONE.value: "done",
    DisposalState.ASIDE.value: "rest",
}


# The tone in which each state is shown, always beside its words (interface.md, "State is visible in words").
NOTE_TONES: dict[str, str] = {
    NoteState.DRAFT.value: "work",
    NoteState.RETURNED.value: "late",
    NoteState.IN_REVIEW.value: "wait",
    NoteState.READY.value: "work",
    NoteState.WITH_SCHOOL.value: "wait",
    NoteState.FINAL.value: "done",
    NoteState.WITHDRAWN.value: "late",
    NoteState.ABANDONED.value: "rest",
}
COMMENTARY_TONES: dict[str, str] = {
    CommentaryState.DRAFT.value: "work",
    CommentaryState.WITH_SCHOOL.value: "wait",
    CommentaryState.FINAL.value: "done",
    CommentaryState.WITHDRAWN.value: "late",
}
VISIT_TONES: dict[str, str] = {
    VisitState.PROPOSED.value: "wait",
    VisitState.BOOKED.value: "work",
    VisitState.HELD.value: "done",
    VisitState.ABORTED.value: "rest",
    VisitState.CANCELLED.value: "rest",
}
ALERT_TONES: dict[str, str] = {
    AlertState.SENT.value: "late",
    AlertState.ACKNOWLEDGED.value: "work",
    AlertState.CLOSED.value: "done",
}
