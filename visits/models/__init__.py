from .alert import Alert, AlertRecipient
from .beside import HeadReviewVisit, SchoolCall
from .bundle import Bundle
from .commentary import Commentary, CommentaryAnswer, CommentaryRecord, CommentarySection
from .discussed import NoteIntervention, NoteTarget
from .dispatch import Delivery, Dispatch, Dispatched
from .note import (
    ActionProgress,
    ActionReview,
    AgreedAction,
    CategoryProposal,
    CohesionRow,
    DifferenceOfView,
    GateReview,
    Judgement,
    NoteDataset,
    NoteOfVisit,
    NoteReader,
    NoteSection,
    NoteShare,
    SectionBody,
    WarningAnswer,
)
from .offline import OfflineKey, OfflinePiece
from .preparation import ChosenQuestion, StudiedDataset
from .record import CorrectionRequest, NoteRecord, RecordWithdrawal, SchoolComment, SchoolResponse
from .request import InformationRequest, RedactedCopy, RequestItem, RequestSearch
from .round import Round, RoundExemption
from .visit import Visit, VisitDate, VisitSchool

__all__ = [
    "ActionProgress",
    "ActionReview",
    "AgreedAction",
    "Alert",
    "AlertRecipient",
    "Bundle",
    "CategoryProposal",
    "ChosenQuestion",
    "CohesionRow",
    "Commentary",
    "CommentaryAnswer",
    "CommentaryRecord",
    "CommentarySection",
    "CorrectionRequest",
    "Delivery",
    "DifferenceOfView",
    "Dispatch",
    "Dispatched",
    "GateReview",
    "HeadReviewVisit",
    "InformationRequest",
    "Judgement",
    "NoteDataset",
    "NoteIntervention",
    "NoteOfVisit",
    "NoteReader",
    "NoteRecord",
    "NoteSection",
    "NoteShare",
    "NoteTarget",
    "OfflineKey",
    "OfflinePiece",
    "RecordWithdrawal",
    "RedactedCopy",
    "RequestItem",
    "RequestSearch",
    "Round",
    "RoundExemption",
    "SchoolCall",
    "SchoolComment",
    "SchoolResponse",
    "SectionBody",
    "StudiedDataset",
    "Visit",
    "VisitDate",
    "VisitSchool",
    "WarningAnswer",
]
