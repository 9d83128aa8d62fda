from django.db import models


class TargetState(models.TextChoices):
    """The cycle of domain.md §5: ``targets.workflow`` says how one becomes another."""

    INDICATIVE = "indicative", "not yet proposed"
    PROPOSED = "proposed", "proposed"
    CHALLENGED = "challenged", "challenged"
    ACCEPTED = "accepted", "accepted"
    AGREED = "agreed", "agreed"
    NOT_AGREED = "not_agreed", "set without agreement"
    SUBMITTED = "submitted", "submitted"
    WITHDRAWN = "withdrawn", "withdrawn"
    DOES_NOT_APPLY = "does_not_apply", "does not apply"
    CLOSING = "closing", "school closing"


OPEN = (TargetState.INDICATIVE, TargetState.PROPOSED, TargetState.CHALLENGED, TargetState.ACCEPTED)
"""Still being talked about."""
DECIDED = (TargetState.AGREED, TargetState.NOT_AGREED)
STANDING = (*DECIDED, TargetState.SUBMITTED)
"""A figure to which the school is held."""
ASIDE = (TargetState.WITHDRAWN, TargetState.DOES_NOT_APPLY, TargetState.CLOSING)


class Signer(models.TextChoices):
    """Who signs a school's targets, as the pack names the roles."""

    HEAD = "headteacher", "headteacher"
    CHAIR = "chair", "chair of governors"
    SIP = "sip", "SIP"


class Release(models.TextChoices):
    """How finished a figure is. A later release takes an earlier one's place; the earlier one is kept."""

    PROVISIONAL = "provisional", "provisional"
    REVISED = "revised", "revised"
    FINAL = "final", "final"


RELEASE_ORDER = {Release.PROVISIONAL.value: 1, Release.REVISED.value: 2, Release.FINAL.value: 3}


class EstimateKind(models.TextChoices):
    """FFT: A prior attainment; B the same, and what is usual in schools like this; D the progress of the top quarter."""

    A = "A", "FFT A"
    B = "B", "FFT B"
    D = "D", "FFT D"


class Level(models.TextChoices):
    """Whom a comparator speaks for."""

    NATIONAL = "national", "England"
    AUTHORITY = "authority", "authority"
    CLUSTER = "cluster", "cluster"
    SIMILAR = "similar", "similar schools"
    TARGET = "target", "authority\N{RIGHT SINGLE QUOTATION MARK}s target"
