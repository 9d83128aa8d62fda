"""The addresses of the portal. Apps follow in the order of the house; each has its namespace."""

from __future__ import annotations

from allauth.account import views as account
from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path, register_converter
from django.views.generic import RedirectView

from core.admin import PortalModelAdmin
from core.ids import PublicIdConverter
from sip_portal import views
from sip_portal.gallery import GalleryView
from sip_portal.homes import HomeView
from sip_portal.pages import AccessibilityView, BrandView, PrivacyView
from sip_portal.search_page import SearchView

register_converter(PublicIdConverter, "pid")

# What the libraries register is not kept here: "only what domain.md §7 and the administrator need" (architecture.md rule 17).
for model, kept_by in list(admin.site._registry.items()):
    if not isinstance(kept_by, PortalModelAdmin):
        admin.site.unregister(model)

# The admin has no sign-in of its own: its limits and second factor are those of everybody.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler400 = "sip_portal.views.bad_request"
handler403 = "sip_portal.views.permission_denied"
handler404 = "sip_portal.views.page_not_found"
handler500 = "sip_portal.views.server_error"

# Of allauth only what is named here: sign-up, sign-in by code and self-service of addresses do not exist.
accounts: list[URLPattern | URLResolver] = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path("password/reset/key/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("2fa/", include("allauth.mfa.urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("accounts/", include(accounts)),
    path("", HomeView.as_view(), name="home"),
    path("search/", SearchView.as_view(), name="search"),
    path("accessibility/", AccessibilityView.as_view(), name="accessibility"),
    path("privacy/", PrivacyView.as_view(), name="privacy"),
    path("brand/<slug:code>.css", BrandView.as_view(), name="brand"),
    path("", include("people.urls")),
    path("", include("schools.urls")),
    path("", include("targets.urls")),
    path("", include("support.urls")),
    path("", include("visits.urls")),
    path("", include("quality.urls")),
    path("", include("briefings.urls")),
    path("gallery/", GalleryView.as_view(), name="gallery"),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/logout/", RedirectView.as_view(pattern_name="account_logout")),
    # Django's own would answer for any row of any model, in whoever's scope.
    path("admin/r/<path:row>", views.not_here, name="not-here"),
    path("admin/", admin.site.urls),
]
