"""``targets:``, included at the root."""

from django.urls import URLPattern, path

from . import views

app_name = "targets"

urlpatterns: list[URLPattern] = [
    path("headlines/", views.HeadlinesView.as_view(), name="headlines"),
    path("results/", views.RollUpView.as_view(), name="results-roll-up"),
    path("results/export/<str:kind>/", views.RollUpExportView.as_view(), name="results-export"),
    path("results/schools/", views.RowsView.as_view(), name="results-rows"),
    path("results/schools/export/<str:kind>/", views.RowsExportView.as_view(), name="results-rows-export"),
    path(
        "schools/<str:authority>/<int:urn>/results/export/<str:kind>/",
        views.SchoolResultsExportView.as_view(),
        name="school-results-export",
    ),
    path("schools/<str:authority>/<int:urn>/results/summary-sheet/", views.SummarySheetView.as_view(), name="summary-sheet"),
    path("schools/<str:authority>/<int:urn>/results/summary-sheet/pdf/", views.SummarySheetPdfView.as_view(), name="summary-sheet-pdf"),
    path("schools/<str:authority>/<int:urn>/figures/<slug:stage>/", views.FiguresSpeakView.as_view(), name="figures-speak"),
    path("schools/<str:authority>/<int:urn>/figures/<slug:stage>/pdf/", views.FiguresSpeakPdfView.as_view(), name="figures-speak-pdf"),
    path("targets/", views.TargetListView.as_view(), name="target-list"),
    path("targets/export/<str:kind>/", views.TargetExportView.as_view(), name="target-export"),
    path("targets/indicative/", views.TargetIndicativeView.as_view(), name="target-indicative"),
    path("targets/return/", views.TargetReturnView.as_view(), name="target-return"),
    path("targets/return/export/<str:kind>/", views.TargetReturnExportView.as_view(), name="target-return-export"),
    path("targets/remind/", views.TargetRemindView.as_view(), name="target-remind"),
    path("targets/together/", views.TargetRollUpView.as_view(), name="target-roll-up"),
    path("targets/together/export/<str:kind>/", views.TargetRollUpExportView.as_view(), name="target-roll-up-export"),
    path("targets/ambition/", views.AmbitionView.as_view(), name="target-ambition"),
    path("targets/ambition/export/<str:kind>/", views.AmbitionExportView.as_view(), name="target-ambition-export"),
    path("targets/<str:authority>/<int:urn>/", views.TargetRoundView.as_view(), name="target-round"),
    path("targets/<str:authority>/<int:urn>/export/<str:kind>/", views.SchoolTargetsExportView.as_view(), name="school-targets-export"),
    path("targets/<str:authority>/<int:urn>/propose/", views.TargetProposeView.as_view(), name="target-propose"),
    path("targets/<str:authority>/<int:urn>/answer/", views.TargetAnswerView.as_view(), name="target-answer"),
    path("targets/<str:authority>/<int:urn>/decide/", views.TargetDecideView.as_view(), name="target-decide"),
    path("targets/<str:authority>/<int:urn>/revise/", views.TargetReviseView.as_view(), name="target-revise"),
    path("targets/<str:authority>/<int:urn>/settle/", views.TargetSettleView.as_view(), name="target-settle"),
    path("targets/<str:authority>/<int:urn>/sign/", views.TargetSignView.as_view(), name="target-sign"),
    path("targets/<str:authority>/<int:urn>/paper/", views.TargetPaperView.as_view(), name="target-paper"),
    path("targets/<str:authority>/<int:urn>/pupils/", views.PupilSheetView.as_view(), name="pupil-sheet"),
    path("targets/<str:authority>/<int:urn>/pupils/sums/", views.PupilSumsView.as_view(), name="pupil-sums"),
    path("targets/<str:authority>/<int:urn>/pupils/upload/", views.PupilUploadView.as_view(), name="pupil-upload"),
    path("targets/<str:authority>/<int:urn>/pupils/type/", views.PupilTypeView.as_view(), name="pupil-type"),
]
