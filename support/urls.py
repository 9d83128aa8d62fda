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
    path("facts/", views.FactListView.as_view(), name="fact-list"),
    path("facts/<str:code>/export/<str:kind>/", views.FactExportView.as_view(), name="fact-export"),
    path("schools/<str:authority>/<int:urn>/interventions/add/", views.InterventionAddView.as_view(), name="intervention-add"),
    path("interventions/<pid:intervention>/", views.InterventionDetailView.as_view(), name="intervention-detail"),
    path("interventions/<pid:intervention>/revise/", views.InterventionReviseView.as_view(), name="intervention-revise"),
    path("interventions/<pid:intervention>/evaluate/", views.InterventionEvaluateView.as_view(), name="intervention-evaluate"),
]
