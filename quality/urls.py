"""``quality:``, included at the root."""

from django.urls import URLPattern, path

from .views import feedback, judgements, mentoring, moderation, overview, reports, rows, shadowing, sip_review

app_name = "quality"

urlpatterns: list[URLPattern] = [
    path("feedback/", feedback.FeedbackOwnView.as_view(), name="feedback-own"),
    path("feedback/forms/", feedback.FeedbackListView.as_view(), name="feedback-list"),
    path("feedback/ask/", feedback.FeedbackAskView.as_view(), name="feedback-ask"),
    path("feedback/form/<str:token>/", feedback.FeedbackFormView.as_view(), name="feedback-form"),
    path("feedback/answer/<pid:form>/", feedback.FeedbackAnswerView.as_view(), name="feedback-answer"),
    path("feedback/about/<pid:sip>/<int:year>/", feedback.FeedbackReadView.as_view(), name="feedback-read"),
    path("mentoring/", mentoring.MentoringListView.as_view(), name="mentoring-list"),
    path("mentoring/<pid:sip>/", mentoring.MentoringDetailView.as_view(), name="mentoring-detail"),
    path("mentoring/<pid:sip>/log/", mentoring.MentoringLogView.as_view(), name="mentoring-log"),
    path("mentoring/<pid:sip>/sign-off/", mentoring.MentoringSignOffView.as_view(), name="mentoring-sign-off"),
    path("sip-reviews/", sip_review.SipReviewListView.as_view(), name="sip-review-list"),
    path("sip-reviews/<pid:review>/", sip_review.SipReviewDetailView.as_view(), name="sip-review-detail"),
    path("sip-reviews/<pid:review>/agree/", sip_review.SipReviewAgreeView.as_view(), name="sip-review-agree"),
    path("sip-reviews/<pid:review>/account/", sip_review.SipReviewAccountView.as_view(), name="sip-review-account"),
    path("sip-reviews/<pid:review>/write/<slug:step>/", sip_review.SipReviewWriteView.as_view(), name="sip-review-write"),
    path("judgements/", judgements.JudgementListView.as_view(), name="judgement-list"),
    path("judgements/record/", judgements.JudgementRecordView.as_view(), name="judgement-record"),
    path("judgements/<pid:judgement>/", judgements.JudgementDetailView.as_view(), name="judgement-detail"),
    path("judgements/<pid:judgement>/answer/", judgements.JudgementAnswerView.as_view(), name="judgement-answer"),
    path("reports/programme/", reports.ReportView.as_view(), {"which": "programme"}, name="report"),
    path("reports/evidence/", reports.ReportView.as_view(), {"which": "evidence"}, name="evidence"),
    path("reports/<slug:which>/write/<slug:heading>/", reports.ReportWriteView.as_view(), name="report-write"),
    path("reports/<slug:which>/<str:kind>/", reports.ReportFileView.as_view(), name="report-file"),
    path("quality/", overview.OverviewView.as_view(), name="overview"),
    path("quality/rows/<slug:what>/", rows.RowsView.as_view(), name="rows"),
    path("quality/shadowing/", shadowing.ShadowingListView.as_view(), name="shadowing-list"),
    path("quality/shadowing/export/<str:kind>/", shadowing.ShadowingExportView.as_view(), name="shadowing-export"),
    path("quality/shadowing/<pid:shadowing>/", shadowing.ShadowingDetailView.as_view(), name="shadowing-detail"),
    path("quality/shadowing/<pid:shadowing>/tell/", shadowing.ShadowingTellView.as_view(), name="shadowing-tell"),
    path("quality/shadowing/<pid:shadowing>/move/", shadowing.ShadowingMoveView.as_view(), name="shadowing-move"),
    path("quality/shadowing/<pid:shadowing>/cancel/", shadowing.ShadowingCancelView.as_view(), name="shadowing-cancel"),
    path("quality/shadowing/<pid:shadowing>/ask/", shadowing.ShadowingAskView.as_view(), name="shadowing-ask"),
    path("quality/shadowing/<pid:shadowing>/write/", shadowing.ShadowingWriteView.as_view(), name="shadowing-write"),
    path("quality/shadowing/<pid:shadowing>/respond/", shadowing.ShadowingRespondView.as_view(), name="shadowing-respond"),
    path("quality/shadowing/<pid:shadowing>/close/", shadowing.ShadowingCloseView.as_view(), name="shadowing-close"),
    path("quality/moderation/", moderation.ModerationListView.as_view(), name="moderation-list"),
    path("quality/moderation/<pid:moderation>/", moderation.ModerationDetailView.as_view(), name="moderation-detail"),
    path("quality/moderation/<pid:moderation>/rate/", moderation.ModerationRateView.as_view(), name="moderation-rate"),
    path("quality/samples/draw/", moderation.SampleDrawView.as_view(), name="sample-draw"),
    path("quality/samples/notes/<pid:sampled>/settle/", moderation.ModerationSettleView.as_view(), name="moderation-settle"),
    path("quality/gate/<pid:review>/rate/", moderation.GateRateView.as_view(), name="gate-rate"),
    path("quality/gate/<pid:review>/", moderation.GateRatingView.as_view(), name="gate-rating"),
    path("quality/samples/<pid:sample>/", moderation.SampleDetailView.as_view(), name="sample-detail"),
]
