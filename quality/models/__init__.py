from .feedback import FeedbackRelease, FeedbackRequest, FeedbackSummary
from .judgement import JudgementAction, OutsideJudgement
from .mentoring import MentoringEntry, MentoringSignOff
from .moderation import CriterionRating, GateRating, Moderation, ModerationSample, SampledNote
from .queues import GateQueue, RoundToSample, SipReviewDue, SipToAskAbout, SipToMentor, SipToShadow
from .report_text import ReportText
from .shadowing import Shadowing, ShadowingFinding
from .sip_review import CpdNeed, ReviewObjective, SipReview

__all__ = [
    "CpdNeed",
    "CriterionRating",
    "FeedbackRelease",
    "FeedbackRequest",
    "FeedbackSummary",
    "GateQueue",
    "GateRating",
    "JudgementAction",
    "MentoringEntry",
    "MentoringSignOff",
    "Moderation",
    "ModerationSample",
    "OutsideJudgement",
    "ReportText",
    "ReviewObjective",
    "RoundToSample",
    "SampledNote",
    "Shadowing",
    "ShadowingFinding",
    "SipReview",
    "SipReviewDue",
    "SipToAskAbout",
    "SipToMentor",
    "SipToShadow",
]
