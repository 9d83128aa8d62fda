"""``briefings:``, included at the root."""

from django.urls import URLPattern, path

from .views import briefings

app_name = "briefings"

urlpatterns: list[URLPattern] = [
    path("briefings/", briefings.BriefingListView.as_view(), name="briefing-list"),
    path("briefings/add/", briefings.BriefingPlanView.as_view(), name="briefing-plan"),
    path("briefings/year/<int:year>/", briefings.YearPlanView.as_view(), name="briefing-year"),
    path("briefings/<pid:briefing>/", briefings.BriefingDetailView.as_view(), name="briefing-detail"),
    path("briefings/<pid:briefing>/change/", briefings.BriefingChangeView.as_view(), name="briefing-change"),
    path("briefings/<pid:briefing>/cancel/", briefings.BriefingCancelView.as_view(), name="briefing-cancel"),
]
