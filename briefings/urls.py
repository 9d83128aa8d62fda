"""``briefings:``, included at the root."""

from django.urls import URLPattern, path

from .views import briefings, library, sharing

app_name = "briefings"

urlpatterns: list[URLPattern] = [
    path("briefings/", briefings.BriefingListView.as_view(), name="briefing-list"),
    path("briefings/add/", briefings.BriefingPlanView.as_view(), name="briefing-plan"),
    path("briefings/year/<int:year>/", briefings.YearPlanView.as_view(), name="briefing-year"),
    path("briefings/<pid:briefing>/", briefings.BriefingDetailView.as_view(), name="briefing-detail"),
    path("briefings/<pid:briefing>/change/", briefings.BriefingChangeView.as_view(), name="briefing-change"),
    path("briefings/<pid:briefing>/cancel/", briefings.BriefingCancelView.as_view(), name="briefing-cancel"),
    path("library/", library.ResourceListView.as_view(), name="resource-list"),
    path("library/add/", library.ResourceAddView.as_view(), name="resource-add"),
    path("library/samples/", library.SampleListView.as_view(), name="sample-list"),
    path("library/samples/<pid:copy>/", library.SampleOfferView.as_view(), name="sample-offer"),
    path("library/year/", library.VisitYearView.as_view(), name="visit-year"),
    path("library/categories/", library.CategoryListView.as_view(), name="category-list"),
    path("library/questions/", sharing.QuestionListView.as_view(), name="question-list"),
    path("library/questions/offer/", sharing.QuestionOfferView.as_view(), name="question-offer"),
    path("library/questions/<slug:code>/mark/", sharing.QuestionMarkView.as_view(), name="question-mark"),
    path("library/questions/<pid:offer>/decide/", sharing.QuestionDecideView.as_view(), name="question-decide"),
    path("library/practice/", sharing.PracticeListView.as_view(), name="practice-list"),
    path("library/practice/add/", sharing.PracticeAddView.as_view(), name="practice-add"),
    path("library/practice/<pid:practice>/change/", sharing.PracticeChangeView.as_view(), name="practice-change"),
    path("library/practice/<pid:practice>/withdraw/", sharing.PracticeWithdrawView.as_view(), name="practice-withdraw"),
    path("library/suggestions/", sharing.SuggestionListView.as_view(), name="suggestion-list"),
    path("library/suggestions/<pid:suggestion>/answer/", sharing.SuggestionAnswerView.as_view(), name="suggestion-answer"),
    path("library/<pid:resource>/", library.ResourceDetailView.as_view(), name="resource-detail"),
    path("library/<pid:resource>/versions/<int:number>/", library.ResourceVersionView.as_view(), name="resource-version"),
    path("library/<pid:resource>/versions/<int:number>/file/", library.ResourceFileView.as_view(), name="resource-file"),
    path("library/<pid:resource>/draft/file/", library.DraftFileView.as_view(), name="resource-draft-file"),
    path("library/<pid:resource>/write/", library.ResourceWriteView.as_view(), name="resource-write"),
    path("library/<pid:resource>/change/", library.ResourceChangeView.as_view(), name="resource-change"),
    path("library/<pid:resource>/publish/", library.ResourcePublishView.as_view(), name="resource-publish"),
    path("library/<pid:resource>/retire/", library.ResourceRetireView.as_view(), name="resource-retire"),
    path("library/<pid:resource>/restore/", library.ResourceRestoreView.as_view(), name="resource-restore"),
    path("library/<pid:resource>/discard/", library.ResourceDiscardView.as_view(), name="resource-discard"),
]
