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
]
