"""``support:``, included at the root."""

from django.urls import URLPattern, path

from . import views

app_name = "support"

urlpatterns: list[URLPattern] = [
    path("facts/", views.FactListView.as_view(), name="fact-list"),
    path("facts/<str:code>/export/<str:kind>/", views.FactExportView.as_view(), name="fact-export"),
]
