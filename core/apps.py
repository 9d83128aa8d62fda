from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Imports and audit"
    default = True

    def ready(self) -> None:
        from . import contributions, triggers  # noqa: F401

        post_migrate.connect(triggers.install, sender=self, dispatch_uid="core.triggers")


class PortalAdminConfig(admin.AdminConfig):
    """Django's admin with the portal's own site: ``core.admin.PortalAdminSite``."""

    default = False
    default_site = "core.admin.PortalAdminSite"
