from django.db import models


class InterventionOrigin(models.TextChoices):
    """Where support came from (P30 asks for all of them): an intervention is the row, whatever its origin."""

    BROKERED = "brokered", "brokered by the authority"
    STRATEGY = "strategy", "national strategy"
    PROGRAMME = "programme", "a programme"
    SCHOOL = "school", "the school's own"


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
