from .alert import Alert, AlertRecipient
from .beside import HeadReviewVisit, SchoolCall
from .bundle import Bundle
from .discussed import NoteIntervention, NoteTarget
from .dispatch import Delivery, Dispatch
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
    "CorrectionRequest",
    "Delivery",
    "DifferenceOfView",
    "Dispatch",
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
