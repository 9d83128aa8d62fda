from django.db import models


class TargetState(models.TextChoices):
    """The cycle of domain.md §5. A note sets *proposed* and *agreed*; the target round uses them all."""

    INDICATIVE = "indicative", "indicative"
    PROPOSED = "proposed", "proposed"
    CHALLENGED = "challenged", "challenged"
    AGREED = "agreed", "agreed"
    NOT_AGREED = "not_agreed", "set without agreement"
    WITHDRAWN = "withdrawn", "withdrawn"


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
