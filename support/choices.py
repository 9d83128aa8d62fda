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
