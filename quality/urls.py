"""``quality:``, included at the root."""

from django.urls import URLPattern, path

from .views import feedback

app_name = "quality"

urlpatterns: list[URLPattern] = [
    path("feedback/", feedback.FeedbackOwnView.as_view(), name="feedback-own"),
    path("feedback/forms/", feedback.FeedbackListView.as_view(), name="feedback-list"),
    path("feedback/ask/", feedback.FeedbackAskView.as_view(), name="feedback-ask"),
    path("feedback/form/<str:token>/", feedback.FeedbackFormView.as_view(), name="feedback-form"),
    path("feedback/answer/<pid:form>/", feedback.FeedbackAnswerView.as_view(), name="feedback-answer"),
    path("feedback/about/<pid:sip>/<int:year>/", feedback.FeedbackReadView.as_view(), name="feedback-read"),
]
