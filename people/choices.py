"""Fixed vocabularies of people. Words that an authority may change live in packs, not here."""

from django.db import models


class AuthorityKind(models.TextChoices):
    LA = "la", "local authority"
    TRUST = "trust", "academy trust"
    CONSORTIUM = "consortium", "consortium member"


class SipKind(models.TextChoices):
    """P28 tells advisers (line manager) from all others (an assigned person)."""

    ADVISER = "adviser", "adviser of the authority"
    SERVING_HEAD = "serving_head", "serving headteacher"
    RECENT_HEAD = "recent_head", "recently serving headteacher"
    CONSULTANT = "consultant", "consultant"
