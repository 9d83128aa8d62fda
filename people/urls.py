"""``people:``, included at the root."""

from django.urls import path

from core.job_page import JobProgressView

from . import views

app_name = "people"

urlpatterns = [
    path("jobs/<pid:job>/", JobProgressView.as_view(), name="job-progress"),
    path("people/", views.PersonListView.as_view(), name="person-list"),
    path("people/suggest/", views.PersonSuggestView.as_view(), name="person-suggest"),
    path("account/", views.AccountView.as_view(), name="account"),
    path("account/calendar/", views.CalendarLinkView.as_view(), name="calendar-link"),
    path("calendar/<str:token>.ics", views.CalendarFeedView.as_view(), name="calendar-feed"),
    path("invitation/<str:token>/", views.InvitationAcceptView.as_view(), name="invitation-accept"),
]
