"""``quality:``, included at the root."""

from django.urls import URLPattern, path

from .views import feedback, judgements, mentoring, reports, sip_review

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
    path("reports/<slug:which>/<str:kind>/", reports.ReportFileView.as_view(), name="report-file"),
]
