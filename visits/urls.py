"""Addresses of rounds, visits, notes, reviews and records."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import actions, alerts, bundles, calendar, distribution, editor, notes, offline, preparation, records, review, rounds, visits
from .views.beside import CallLogView, HeadReviewCorrectView, HeadReviewListView, HeadReviewLogView

app_name = "visits"

writing: list[URLPattern] = [
    path("visits/<pid:visit>/note/", editor.NoteStartView.as_view(), name="note-start"),
    path("notes/<pid:note>/write/", editor.NoteWriteView.as_view(), name="note-write"),
    path("notes/<pid:note>/write/<str:key>/", editor.NoteEditView.as_view(), name="note-edit"),
    path("notes/<pid:note>/write/<str:key>/save/", editor.NoteSectionSaveView.as_view(), name="note-section-save"),
    path("notes/<pid:note>/offline/", offline.NoteOfflineKeyView.as_view(), name="note-offline-key"),
    path("notes/<pid:note>/offline/piece/", offline.NoteOfflinePieceView.as_view(), name="note-offline-piece"),
    path("offline/", offline.OfflineShellView.as_view(), name="offline-shell"),
    path("worker.js", offline.OfflineWorkerView.as_view(), name="offline-worker"),
    path("notes/<pid:note>/paste/", editor.NotePasteView.as_view(), name="note-paste"),
    path("notes/<pid:note>/check/", editor.NoteCheckView.as_view(), name="note-check"),
    path("notes/<pid:note>/submit/", editor.NoteSubmitView.as_view(), name="note-submit"),
    path("notes/<pid:note>/preview/", editor.NotePreviewView.as_view(), name="note-preview"),
    path("notes/<pid:note>/share/", editor.NoteShareView.as_view(), name="note-share"),
    path("notes/<pid:note>/take-back/", editor.NoteTakeBackView.as_view(), name="note-take-back"),
    path("notes/<pid:note>/reopen/", editor.NoteReopenView.as_view(), name="note-reopen"),
    path("notes/<pid:note>/hand-on/", editor.NoteHandOnView.as_view(), name="note-hand-on"),
    path("notes/<pid:note>/abandon/", editor.NoteAbandonView.as_view(), name="note-abandon"),
    path("notes/<pid:note>/restore/", editor.NoteRestoreView.as_view(), name="note-restore"),
    # the gate
    path("reviews/", review.ReviewListView.as_view(), name="review-list"),
    path("reviews/<pid:review>/", review.ReviewDetailView.as_view(), name="review-detail"),
    path("reviews/<pid:review>/open/", review.ReviewOpenView.as_view(), name="review-open"),
    path("reviews/<pid:review>/return/", review.ReviewReturnView.as_view(), name="review-return"),
    path("reviews/<pid:review>/approve/", review.ReviewApproveView.as_view(), name="review-approve"),
    path("reviews/<pid:review>/reassign/", review.ReviewReassignView.as_view(), name="review-reassign"),
    path("reviews/<pid:review>/pass/", review.ReviewPassView.as_view(), name="review-pass"),
]

of_rounds: list[URLPattern] = [
    path("rounds/", rounds.RoundListView.as_view(), name="round-list"),
    path("rounds/open/", rounds.RoundOpenView.as_view(), name="round-open"),
    path("rounds/<pid:round>/", rounds.RoundDetailView.as_view(), name="round-detail"),
    path("rounds/<pid:round>/schools/", rounds.RoundSchoolsView.as_view(), name="round-schools"),
    path("rounds/<pid:round>/export/<str:kind>/", rounds.RoundExportView.as_view(), name="round-export"),
    path("rounds/<pid:round>/change/", rounds.RoundChangeView.as_view(), name="round-change"),
    path("rounds/<pid:round>/close/", rounds.RoundCloseView.as_view(), name="round-close"),
    path("rounds/<pid:round>/reopen/", rounds.RoundReopenView.as_view(), name="round-reopen"),
    path("rounds/<pid:round>/exempt/", rounds.RoundExemptView.as_view(), name="round-exempt"),
    path("rounds/<pid:round>/exempt/<int:urn>/lift/", rounds.RoundLiftView.as_view(), name="round-lift"),
    path("rounds/<pid:round>/book/", rounds.RoundBookView.as_view(), name="round-book"),
    path("rounds/<pid:round>/remind/", rounds.RoundRemindView.as_view(), name="round-remind"),
]

reading: list[URLPattern] = [
    path("calendar/", calendar.CalendarView.as_view(), name="calendar"),
    path("visits/", visits.VisitListView.as_view(), name="visit-list"),
    path("visits/book/", visits.VisitBookView.as_view(), name="visit-book"),
    path("visits/log/", visits.VisitLogView.as_view(), name="visit-log"),
    path("visits/<pid:visit>/", visits.VisitDetailView.as_view(), name="visit-detail"),
    path("visits/<pid:visit>/choose/", visits.VisitChooseView.as_view(), name="visit-choose"),
    path("visits/<pid:visit>/ask-others/", visits.VisitAskOthersView.as_view(), name="visit-ask-others"),
    path("visits/<pid:visit>/move/", visits.VisitMoveView.as_view(), name="visit-move"),
    path("visits/<pid:visit>/cancel/", visits.VisitCancelView.as_view(), name="visit-cancel"),
    path("visits/<pid:visit>/hold/", visits.VisitHoldView.as_view(), name="visit-hold"),
    path("visits/<pid:visit>/abort/", visits.VisitAbortView.as_view(), name="visit-abort"),
    path("visits/<pid:visit>/correct/", visits.VisitCorrectView.as_view(), name="visit-correct"),
    path("visits/<pid:visit>/waive/", visits.VisitWaiveView.as_view(), name="visit-waive"),
    path("visits/<pid:visit>/prepare/", preparation.VisitPrepareView.as_view(), name="visit-prepare"),
    path("visits/<pid:visit>/prepare/pdf/", preparation.VisitPreparePdfView.as_view(), name="visit-prepare-pdf"),
    path("visits/<pid:visit>/half-page/", visits.VisitHalfPageView.as_view(), name="visit-half-page"),
    path("head-reviews/", HeadReviewListView.as_view(), name="head-review-list"),
    path("head-reviews/log/", HeadReviewLogView.as_view(), name="head-review-log"),
    path("head-reviews/<pid:review>/correct/", HeadReviewCorrectView.as_view(), name="head-review-correct"),
    path("contacts/with/<str:authority>/<int:urn>/", CallLogView.as_view(), name="call-log"),
    path("notes/<pid:note>/", notes.NoteDetailView.as_view(), name="note-detail"),
    path("notes/<pid:note>/distribution/", distribution.NoteDistributionView.as_view(), name="note-distribution"),
    path("notes/<pid:note>/distribution/<pid:delivery>/", distribution.DeliveryResendView.as_view(), name="delivery-resend"),
    path("notes/<pid:note>/compare/", notes.NoteCompareView.as_view(), name="note-compare"),
    path("notes/<pid:note>/release/", notes.NoteReleaseView.as_view(), name="note-release"),
    path("notes/<pid:note>/answer/", notes.NoteAnswerView.as_view(), name="note-answer"),
    path("notes/<pid:note>/comment/", notes.NoteCommentView.as_view(), name="note-comment"),
    path("notes/<pid:note>/comments/<pid:comment>/remove/", notes.NoteCommentRemoveView.as_view(), name="note-comment-remove"),
    path("notes/<pid:note>/comments/<pid:comment>/reply/", notes.NoteReplyView.as_view(), name="note-reply"),
    path("notes/<pid:note>/difference/", notes.NoteDifferenceView.as_view(), name="note-difference"),
    path("notes/<pid:note>/extend/", notes.NoteExtendView.as_view(), name="note-extend"),
    path("notes/<pid:note>/recall/", notes.NoteRecallView.as_view(), name="note-recall"),
    path("notes/<pid:note>/finalise/", notes.NoteFinaliseView.as_view(), name="note-finalise"),
    path("notes/<pid:note>/amend/", notes.NoteAmendView.as_view(), name="note-amend"),
    path("notes/<pid:note>/amend/abandon/", notes.NoteAmendAbandonView.as_view(), name="note-amend-abandon"),
    path("records/verify/", records.RecordVerifyView.as_view(), name="record-verify"),
    path("records/<pid:record>/", records.RecordDetailView.as_view(), name="record-detail"),
    path("records/<pid:record>/pdf/", records.RecordPdfView.as_view(), name="record-pdf"),
    path("records/<pid:record>/correction/", records.CorrectionAskView.as_view(), name="correction-ask"),
    path("records/corrections/<pid:correction>/decline/", records.CorrectionDeclineView.as_view(), name="correction-decline"),
    path("records/<pid:record>/withdraw/", records.WithdrawalAskView.as_view(), name="withdrawal-ask"),
    path("records/<pid:record>/withdraw/decide/", records.WithdrawalDecideView.as_view(), name="withdrawal-decide"),
    path("bundles/", bundles.BundleListView.as_view(), name="bundle-list"),
    path("bundles/<pid:bundle>/", bundles.BundleDetailView.as_view(), name="bundle-detail"),
    path("bundles/<pid:bundle>/download/", bundles.BundleDownloadView.as_view(), name="bundle-download"),
    path("bundles/<pid:bundle>/delete/", bundles.BundleDropView.as_view(), name="bundle-drop"),
    path("alerts/", alerts.AlertListView.as_view(), name="alert-list"),
    path("alerts/raise/", alerts.AlertRaiseView.as_view(), name="alert-raise"),
    path("alerts/<pid:alert>/", alerts.AlertDetailView.as_view(), name="alert-detail"),
    path("alerts/<pid:alert>/acknowledge/", alerts.AlertAcknowledgeView.as_view(), name="alert-acknowledge"),
    path("alerts/<pid:alert>/close/", alerts.AlertCloseView.as_view(), name="alert-close"),
    path("actions/", actions.ActionListView.as_view(), name="action-list"),
    path("actions/export/<str:kind>/", actions.ActionExportView.as_view(), name="action-export"),
    path("actions/<pid:action>/", actions.ActionDetailView.as_view(), name="action-detail"),
]

urlpatterns: list[URLPattern] = [*of_rounds, *reading, *writing]
