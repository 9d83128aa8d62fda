from .alert import Alert, AlertRecipient
from .beside import HeadReviewVisit, SchoolCall
from .bundle import Bundle
from .commentary import Commentary, CommentaryAnswer, CommentaryRecord, CommentarySection
from .discussed import NoteIntervention, NoteTarget
from .dispatch import Delivery, Dispatch, Dispatched
from .incident import Incident, IncidentEntry, SealedRecord, Withdrawable
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
from .retention import DisposalList, LegalHold, RetentionPeriod
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
    "DisposalList",
    "GateReview",
    "HeadReviewVisit",
    "Incident",
    "IncidentEntry",
    "InformationRequest",
    "Judgement",
    "LegalHold",
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
    "RetentionPeriod",
    "Round",
    "RoundExemption",
    "SchoolCall",
    "SchoolComment",
    "SchoolResponse",
    "SealedRecord",
    "SectionBody",
    "StudiedDataset",
    "Visit",
    "VisitDate",
    "VisitSchool",
    "WarningAnswer",
    "Withdrawable",
]
