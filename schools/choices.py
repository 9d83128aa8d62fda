"""Fixed vocabularies of schools."""

from django.db import models

from people.roles import Hat


class Phase(models.TextChoices):
    """The phases that packs speak of."""

    NURSERY = "nursery", "nursery"
    INFANT = "infant", "infant"
    JUNIOR = "junior", "junior"
    FIRST = "first", "first"
    PRIMARY = "primary", "primary"
    MIDDLE = "middle", "middle"
    SECONDARY = "secondary", "secondary"
    ALL_THROUGH = "all-through", "all-through"
    SPECIAL = "special", "special"
    PRU = "pru", "pupil referral unit"
    SIXTEEN_PLUS = "16-plus", "16 plus"


class SchoolStatus(models.TextChoices):
    PROPOSED = "proposed", "proposed to open"
    OPEN = "open", "open"
    CLOSING = "closing", "open, proposed to close"
    CLOSED = "closed", "closed"


class GroupKind(models.TextChoices):
    FEDERATION = "federation", "federation"
    TRUST = "trust", "trust"
    PARTNERSHIP = "partnership", "partnership under one headteacher"


class ContactKind(models.TextChoices):
    """Dated roles at a school (domain.md §3), and who else is sent its final notes, where the pack names them."""

    HEAD = "head", "headteacher"
    ACTING_HEAD = "acting_head", "acting headteacher"
    EXECUTIVE_HEAD = "executive_head", "executive headteacher"
    CO_HEAD = "co_head", "co-headteacher"
    TEACHER_IN_CHARGE = "teacher_in_charge", "teacher in charge"
    CHAIR = "chair", "chair of governors"
    IEB_CHAIR = "ieb_chair", "chair of the interim executive board"
    COMMITTEE_CHAIR = "committee_chair", "chair of the management committee"
    CLERK = "clerk", "clerk to the governors"
    OFFICE = "office", "school office"
    STAFF = "staff", "member of staff"
    GOVERNOR = "governor", "governor"
    DIOCESE = "diocese", "diocesan authority"
    TRUST = "trust", "trust or foundation"


HEADS = (
    ContactKind.HEAD,
    ContactKind.ACTING_HEAD,
    ContactKind.EXECUTIVE_HEAD,
    ContactKind.CO_HEAD,
    ContactKind.TEACHER_IN_CHARGE,
)
CHAIRS = (ContactKind.CHAIR, ContactKind.IEB_CHAIR, ContactKind.COMMITTEE_CHAIR)

CONTACT_HATS: dict[str, Hat] = {
    **{kind.value: Hat.HEAD for kind in HEADS},
    **{kind.value: Hat.CHAIR for kind in CHAIRS},
    ContactKind.CLERK.value: Hat.CLERK,
    ContactKind.OFFICE.value: Hat.SCHOOL_OFFICE,
    ContactKind.DIOCESE.value: Hat.RECIPIENT,
    ContactKind.TRUST.value: Hat.RECIPIENT,
}
"""Staff and governors wear no hat in the portal; their rows raise the wall all the same."""


class ContactState(models.TextChoices):
    REPORTED = "reported", "reported, to be confirmed"
    CONFIRMED = "confirmed", "confirmed"
    REFUSED = "refused", "not so"


class InterestKind(models.TextChoices):
    GOVERNOR_IN_GROUP = "governor_in_group", "governor elsewhere in the school's group"
    RELATIVE = "relative", "close relative there"
    WORKED_THERE = "worked_there", "worked there"
    OTHER = "other", "another interest"


class AssignmentKind(models.TextChoices):
    SIP = "sip", "SIP"
    COVER = "cover", "cover"
    NC_ADVISER = "nc_adviser", "National Challenge adviser"


class DaysSource(models.TextChoices):
    """Where days come from; the ledger keeps them apart."""

    CORE = "core", "core"
    BOUGHT = "bought", "bought by the school or trust"
    PROGRAMME = "programme", "a programme"


class DaysKind(models.TextChoices):
    ALLOCATED = "allocated", "allocated"
    PREPARATION = "preparation", "preparation"
    IN_SCHOOL = "in_school", "in school"
    WRITING = "writing", "writing"
    CANCELLATION = "cancellation", "cancelled at short notice"
    CORRECTION = "correction", "correction"


class PlanState(models.TextChoices):
    DRAFT = "draft", "draft"
    PUBLISHED = "published", "published"


# ---------------------------------------------------------------- inspection

PHASE_FAMILIES: dict[str, tuple[str, ...]] = {
    "nursery": (Phase.NURSERY,),
    "primary": (Phase.INFANT, Phase.JUNIOR, Phase.FIRST, Phase.PRIMARY, Phase.MIDDLE),
    "secondary": (Phase.SECONDARY, Phase.ALL_THROUGH, Phase.SIXTEEN_PLUS),
    "special": (Phase.SPECIAL,),
    "pru": (Phase.PRU,),
}
"""Each phase in one family, for counts that must add up (P21: "primary schools")."""


def family_of(phase: str) -> str:
    return next((family for family, phases in PHASE_FAMILIES.items() if phase in phases), phase)


class InspectionKind(models.TextChoices):
    FULL = "full", "full inspection"
    SHORT = "short", "section 8 inspection"
    MONITORING = "monitoring", "monitoring visit"


class MonitoringProgress(models.TextChoices):
    INADEQUATE = "inadequate", "inadequate"
    SATISFACTORY = "satisfactory", "satisfactory"
    GOOD = "good", "good"


class ReadinessState(models.TextChoices):
    YES = "yes", "in place"
    PARTLY = "partly", "partly"
    NO = "no", "not yet"


# ---------------------------------------------------------------- finance


class ReturnState(models.TextChoices):
    """Why a return has figures, or none (a federation files one, under its lead school)."""

    SUPPLIED = "supplied", "supplied"
    NOT_SUPPLIED = "not_supplied", "not supplied"
    FEDERATED = "federated", "in the return of the federation's lead school"


class ChallengeState(models.TextChoices):
    OPENED = "opened", "opened"
    LETTER_SENT = "letter_sent", "letter sent"
    MET = "met", "met by the panel"
    DECIDED = "decided", "decided"
    CLOSED = "closed", "closed"
    WITHDRAWN = "withdrawn", "withdrawn"


CHALLENGE_TONES = {
    ChallengeState.OPENED: "due",
    ChallengeState.LETTER_SENT: "wait",
    ChallengeState.MET: "work",
    ChallengeState.DECIDED: "work",
    ChallengeState.CLOSED: "done",
    ChallengeState.WITHDRAWN: "rest",
}
