"""The shell: loaded last, so that every app has made its contributions when the registries freeze."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "sip_portal"
    label = "sip_portal"
    verbose_name = "SIP Portal"

    def ready(self) -> None:
        from core import registry
        from sip_portal import receivers  # noqa: F401  (connects the receivers)

        registry.freeze_all()
