"""``people:``, included at the root."""

from django.urls import path

from . import views

app_name = "people"

urlpatterns = [
    path("people/", views.PersonListView.as_view(), name="person-list"),
    path("people/suggest/", views.PersonSuggestView.as_view(), name="person-suggest"),
    path("account/", views.AccountView.as_view(), name="account"),
    path("invitation/<str:token>/", views.InvitationAcceptView.as_view(), name="invitation-accept"),
]
