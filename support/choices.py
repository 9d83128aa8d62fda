from django.db import models


class InterventionOrigin(models.TextChoices):
    """Where support came from (P30 asks for all of them): an intervention is the row, whatever its origin."""

    BROKERED = "brokered", "brokered by the authority"
    STRATEGY = "strategy", "national strategy"
    PROGRAMME = "programme", "a programme"
    SCHOOL = "school", "the school's own"


class SupportState(models.TextChoices):
    """The way of support from a need to its evaluation (domain.md §6, "Brokering"). *Recorded*: it went no way of the portal's."""

    RECORDED = "recorded", "Recorded"
    REQUESTED = "requested", "Asked for"
    MATCHED = "matched", "With the school"
    AGREED = "agreed", "Agreed"
    DELIVERING = "delivering", "Under way"
    DELIVERED = "delivered", "Delivered"
    EVALUATED = "evaluated", "Evaluated"
    DECLINED = "declined", "Declined by the school"
    WITHDRAWN = "withdrawn", "Withdrawn"


class NeedFrom(models.TextChoices):
    """Where a need was seen (P10, P17, S12)."""

    SCHOOL = "school", "the school"
    NOTE = "note", "a Note of Visit"
    TARGET = "target", "a target"
    AUTHORITY = "authority", "the authority"


class Commissioner(models.TextChoices):
    """Who commissions support, and so pays for it (P31)."""

    SCHOOL = "school", "the school"
    AUTHORITY = "authority", "the authority"
    PROGRAMME = "programme", "a programme"


class ProviderKind(models.TextChoices):
    AUTHORITY = "authority", "the authority’s own"
    SCHOOL = "school", "a school or a cluster of schools"
    STRATEGY = "strategy", "a national strategy"
    OTHER = "other", "outside the authority"


class DrawdownStage(models.TextChoices):
    """After it is agreed, which the entry itself says."""

    COMMITTED = "committed", "Committed"
    CLAIMED = "claimed", "Claimed"
    PAID = "paid", "Paid"


class ValueForMoney(models.TextChoices):
    GOOD = "good", "good"
    ADEQUATE = "adequate", "adequate"
    POOR = "poor", "poor"
    TOO_EARLY = "too_early", "too early to say"


class DraftState(models.TextChoices):
    """A scheme written in the portal (domain.md §6, "Workbench")."""

    DRAFT = "draft", "Draft"
    CONSULTING = "consulting", "With the SIPs"
    PUBLISHED = "published", "Published"
    DISCARDED = "discarded", "Set aside"


class CaseState(models.TextChoices):
    """The way of a category (domain.md §6). Before the panel it is suggested by the rules, or proposed by the SIP."""

    SUGGESTED = "suggested", "Suggested"
    PROPOSED = "proposed", "Proposed"
    DECIDED = "decided", "Decided"
    NOTIFIED = "notified", "School told"
    PUBLISHED = "published", "Published"


class ConcernState(models.TextChoices):
    """A case of the register (domain.md §6, "Concern register")."""

    OPEN = "open", "Open"
    ASKED = "asked", "Exit asked for"
    MONITORED = "monitored", "Monitored"
    CLOSED = "closed", "Closed"


class SignSource(models.TextChoices):
    """How a school comes to be identified (P13)."""

    DATA = "data", "analysis of data"
    SIP = "sip", "the SIP"
    INTELLIGENCE = "intelligence", "additional intelligence of the authority"
    INSPECTION = "inspection", "external inspection"


class MilestoneState(models.TextChoices):
    NOT_STARTED = "none", "Not started"
    BEGUN = "begun", "Begun"
    IN_PLACE = "in_place", "In place"
    MAKING = "making", "Making a difference"


class WarningState(models.TextChoices):
    """An early warning. *Known*: the rule fired already when the watch began, or the case that it speaks of is open."""

    WAITING = "waiting", "Waits for a person"
    WATCHED = "watched", "Watched"
    DISMISSED = "dismissed", "Dismissed"
    ACCEPTED = "accepted", "Case opened"
    KNOWN = "known", "Known"
