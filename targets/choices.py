from django.db import models


class TargetState(models.TextChoices):
    """The cycle of domain.md §5. A note sets *proposed* and *agreed*; the target round uses them all."""

    INDICATIVE = "indicative", "indicative"
    PROPOSED = "proposed", "proposed"
    CHALLENGED = "challenged", "challenged"
    AGREED = "agreed", "agreed"
    NOT_AGREED = "not_agreed", "set without agreement"
    WITHDRAWN = "withdrawn", "withdrawn"
