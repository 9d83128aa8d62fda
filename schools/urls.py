"""``schools:``, included at the root. A school's address is its authority's code and its URN."""

from django.urls import URLPattern, path

from . import views

app_name = "schools"

urlpatterns: list[URLPattern] = [
    path("schools/", views.SchoolListView.as_view(), name="school-list"),
    path("schools/export/<str:kind>/", views.SchoolExportView.as_view(), name="school-export"),
    path("schools/suggest/", views.SchoolSuggestView.as_view(), name="school-suggest"),
    path("schools/<str:authority>/<int:urn>/", views.SchoolTabView.as_view(), name="school-detail"),
    path("schools/<str:authority>/<int:urn>/contacts/report/", views.ContactReportView.as_view(), name="contact-report"),
    path("schools/<str:authority>/<int:urn>/challenges/open/", views.ChallengeOpenView.as_view(), name="challenge-open"),
    path("schools/<str:authority>/<int:urn>/readiness/record/", views.ReadinessRecordView.as_view(), name="readiness-record"),
    path("schools/<str:authority>/<int:urn>/key-issues/code/", views.KeyIssueCodeView.as_view(), name="key-issue-code"),
    path("schools/<str:authority>/<int:urn>/<slug:tab>/", views.SchoolTabView.as_view(), name="school-tab"),
    path("finance/challenges/", views.ChallengeListView.as_view(), name="challenge-list"),
    path("finance/challenges/<pid:pid>/", views.ChallengeDetailView.as_view(), name="challenge-detail"),
    path("finance/challenges/<pid:pid>/letter.pdf", views.ChallengeLetterView.as_view(), name="challenge-letter"),
    path("finance/challenges/<pid:pid>/<slug:action>/", views.ChallengeStepView.as_view(), name="challenge-step"),
    path("finance/upload/", views.FinanceUploadView.as_view(), name="finance-upload"),
    path("inspection/", views.InspectionOverviewView.as_view(), name="inspection-overview"),
    path("inspection/<pid:pid>/", views.InspectionShowView.as_view(), name="inspection-show"),
    path("inspection/key-issues/", views.KeyIssueListView.as_view(), name="key-issue-list"),
    path("inspection/readiness/", views.ReadinessListView.as_view(), name="readiness-list"),
    path("inspection/export/<slug:what>/<str:kind>/", views.InspectionExportView.as_view(), name="inspection-export"),
    path("contacts/", views.ContactListView.as_view(), name="contact-list"),
    path("contacts/<pid:pid>/confirm/", views.ContactConfirmView.as_view(), name="contact-confirm"),
    path("contacts/<pid:pid>/refuse/", views.ContactRefuseView.as_view(), name="contact-refuse"),
    path("contacts/<pid:pid>/end/", views.ContactEndView.as_view(), name="contact-end"),
    path("interests/", views.InterestDeclareView.as_view(), name="interest-declare"),
    path("caseloads/", views.CaseloadListView.as_view(), name="caseload-list"),
    path("caseloads/gaps/", views.CaseloadGapsView.as_view(), name="caseload-gaps"),
    path("caseloads/assign/", views.AssignmentAssignView.as_view(), name="assignment-assign"),
    path("advisers/<pid:pid>/", views.AdviserDetailView.as_view(), name="adviser-detail"),
    path("advisers/<pid:pid>/hand-over/", views.AssignmentHandOverView.as_view(), name="assignment-hand-over"),
    path("advisers/<pid:pid>/cover/", views.AssignmentCoverView.as_view(), name="assignment-cover"),
    path("advisers/<pid:pid>/end/", views.AssignmentEndView.as_view(), name="assignment-end"),
    path("plans/<str:authority>/<int:year>/", views.PlanDetailView.as_view(), name="plan-detail"),
    path("plans/<str:authority>/<int:year>/publish/", views.PlanPublishView.as_view(), name="plan-publish"),
    path("plans/<str:authority>/<int:year>/<int:urn>/", views.PlanRowView.as_view(), name="plan-row"),
]
