"""``support:``, included at the root."""

from django.urls import URLPattern, path

from . import views

app_name = "support"

urlpatterns: list[URLPattern] = [
    path("workbench/", views.SchemeListView.as_view(), name="scheme-list"),
    path("workbench/begin/", views.SchemeBeginView.as_view(), name="scheme-begin"),
    path("workbench/<pid:draft>/", views.SchemeDetailView.as_view(), name="scheme-detail"),
    path("workbench/<pid:draft>/movers/<str:kind>/", views.SchemeExportView.as_view(), name="scheme-export"),
    path("workbench/<pid:draft>/rules/add/", views.RuleAddView.as_view(), name="rule-add"),
    path("workbench/<pid:draft>/rules/<slug:code>/remove/", views.RuleRemoveView.as_view(), name="rule-remove"),
    path("workbench/<pid:draft>/text/", views.SchemeTextView.as_view(), name="scheme-text"),
    path("workbench/<pid:draft>/consult/", views.SchemeConsultView.as_view(), name="scheme-consult"),
    path("workbench/<pid:draft>/consult/end/", views.SchemeEndView.as_view(), name="scheme-end"),
    path("workbench/<pid:draft>/consultation/", views.ConsultationResultView.as_view(), name="scheme-consultation"),
    path("workbench/<pid:draft>/publish/", views.SchemePublishView.as_view(), name="scheme-publish"),
    path("workbench/<pid:draft>/discard/", views.SchemeDiscardView.as_view(), name="scheme-discard"),
    path("consultations/<pid:draft>/", views.ConsultationView.as_view(), name="consultation"),
    path("consultations/<pid:draft>/<int:urn>/", views.PlacementView.as_view(), name="placement"),
    path("finance/", views.FinanceOverviewView.as_view(), name="finance-overview"),
    path("finance/export/<str:kind>/", views.FinanceExportView.as_view(), name="finance-export"),
    path("finance/thresholds/", views.ThresholdTryView.as_view(), name="threshold-try"),
    path("inspection/priorities/", views.PriorityListView.as_view(), name="priority-list"),
    path("inspection/priorities/export/<str:kind>/", views.PriorityExportView.as_view(), name="priority-export"),
    path("panels/", views.PanelListView.as_view(), name="panel-list"),
    path("panels/call/", views.PanelCallView.as_view(), name="panel-call"),
    path("panels/<pid:panel>/", views.PanelDetailView.as_view(), name="panel-detail"),
    path("panels/<pid:panel>/agenda/", views.PanelAgendaView.as_view(), name="panel-agenda"),
    path("categories/", views.CategoryCountsView.as_view(), name="category-counts"),
    path("categories/<pid:case>/", views.CaseDetailView.as_view(), name="case-detail"),
    path("categories/<pid:case>/answer/", views.CaseRepresentView.as_view(), name="case-represent"),
    path("categories/<pid:case>/decide/", views.CaseDecideView.as_view(), name="case-decide"),
    path("categories/<pid:case>/between/", views.CaseBetweenView.as_view(), name="case-between"),
    path("categories/<pid:case>/agree/", views.CaseAgreeView.as_view(), name="case-agree"),
    path("categories/<pid:case>/confirm/", views.CaseConfirmView.as_view(), name="case-confirm"),
    path("categories/<pid:case>/tell/", views.CaseNotifyView.as_view(), name="case-notify"),
    path("categories/<pid:case>/letter/", views.CaseLetterView.as_view(), name="case-letter"),
    path("categories/<pid:case>/publish/", views.CasePublishView.as_view(), name="case-publish"),
    path("categories/<pid:case>/review/", views.CaseReviewView.as_view(), name="case-review"),
    path("categories/<pid:case>/review/answer/", views.CaseReviewAnswerView.as_view(), name="case-review-answer"),
    path("facts/", views.FactListView.as_view(), name="fact-list"),
    path("facts/<str:code>/export/<str:kind>/", views.FactExportView.as_view(), name="fact-export"),
    path("schools/<str:authority>/<int:urn>/interventions/add/", views.InterventionAddView.as_view(), name="intervention-add"),
    path("interventions/<pid:intervention>/", views.InterventionDetailView.as_view(), name="intervention-detail"),
    path("interventions/<pid:intervention>/revise/", views.InterventionReviseView.as_view(), name="intervention-revise"),
    path("interventions/<pid:intervention>/evaluate/", views.InterventionEvaluateView.as_view(), name="intervention-evaluate"),
]
