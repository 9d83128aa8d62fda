"""Closed lists of quality assurance."""

from django.db import models


class FeedbackRole(models.TextChoices):
    HEAD = "head", "headteacher"
    CHAIR = "chair", "chair of governors"


class FeedbackState(models.TextChoices):
    ASKED = "asked", "asked"
    SENT = "sent", "answers sent"
    WITHDRAWN = "withdrawn", "withdrawn"


FEEDBACK_TONES = {FeedbackState.ASKED: "wait", FeedbackState.SENT: "done", FeedbackState.WITHDRAWN: "rest"}


class MentoringDecision(models.TextChoices):
    ENDS = "ends", "mentoring ends"
    GOES_ON = "goes_on", "mentoring goes on"


class SipReviewState(models.TextChoices):
    SETTING = "setting", "objectives being set"
    AGREED = "agreed", "objectives agreed"
    MID_YEAR = "mid_year", "mid-year review held"
    CLOSED = "closed", "closed"


REVIEW_TONES = {
    SipReviewState.SETTING: "due",
    SipReviewState.AGREED: "work",
    SipReviewState.MID_YEAR: "work",
    SipReviewState.CLOSED: "done",
}


class JudgingBody(models.TextChoices):
    REGIONAL = "regional", "regional coordinator"
    JOINT_AREA = "joint_area", "joint area review"
    PEER = "peer", "peer review"
    OTHER = "other", "another body"


class ShadowingState(models.TextChoices):
    """How far a shadowing is (domain.md §7)."""

    PLANNED = "planned", "Planned"
    TOLD = "told", "Headteacher told"
    DONE = "done", "Written up"
    RESPONDED = "responded", "SIP has answered"
    CLOSED = "closed", "Closed"
    CANCELLED = "cancelled", "Cancelled"


DONE = (ShadowingState.DONE, ShadowingState.RESPONDED, ShadowingState.CLOSED)
"""The SIP has been shadowed, and the form is written: what coverage counts."""

TO_COME = (ShadowingState.PLANNED, ShadowingState.TOLD)

SHADOWING_TONES: dict[str, str] = {
    ShadowingState.PLANNED: "rest",
    ShadowingState.TOLD: "work",
    ShadowingState.DONE: "work",
    ShadowingState.RESPONDED: "work",
    ShadowingState.CLOSED: "done",
    ShadowingState.CANCELLED: "rest",
}


class FindingKind(models.TextChoices):
    STRENGTH = "strength", "Strength"
    DEVELOPMENT = "development", "Area for development"


class ModerationState(models.TextChoices):
    """A rating: asked of a moderator, given, or taken back before it was given."""

    ASKED = "asked", "To be rated"
    RATED = "rated", "Rated"
    WITHDRAWN = "withdrawn", "Taken back"


MODERATION_TONES: dict[str, str] = {
    ModerationState.ASKED: "work",
    ModerationState.RATED: "done",
    ModerationState.WITHDRAWN: "rest",
}
