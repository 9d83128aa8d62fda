"""Pages that are the same for everybody who has signed in, and each authority's two colours."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render

from core.access import SIGNED_IN, PortalView, SignedInRequest
from core.components import brand
from people.models import Authority


class AccessibilityView(PortalView):
    permission = SIGNED_IN

    def get(self, request: SignedInRequest) -> HttpResponse:
        return render(request, "pages/accessibility.html")


class PrivacyView(PortalView):
    permission = SIGNED_IN

    def get(self, request: SignedInRequest) -> HttpResponse:
        return render(request, "pages/privacy.html")


class BrandView(PortalView):
    """The authority's colours as a style sheet, to the people of that authority."""

    permission = SIGNED_IN

    def get(self, request: SignedInRequest, code: str) -> HttpResponse:
        authority = Authority.objects.visible_to(request.user).filter(code=code).first()
        if authority is None:
            raise Http404
        return HttpResponse(brand.style_sheet(authority.brand_colour, authority.link_colour), content_type="text/css; charset=utf-8")
